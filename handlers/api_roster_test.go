package handlers_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// multipartBody makes a multipart body of fields and one file.
func multipartBody(t *testing.T, fields map[string]string, name string, file []byte) (contentType, body string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for k, v := range fields {
		if err := w.WriteField(k, v); err != nil {
			t.Fatal(err)
		}
	}
	if file != nil {
		part, err := w.CreateFormFile("file", name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(file); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return w.FormDataContentType(), b.String()
}

func (a *asker) upload(path string, fields map[string]string, name string, file []byte) answer {
	a.t.Helper()
	contentType, body := multipartBody(a.t, fields, name, file)
	return a.ask(http.MethodPost, path, contentType, body)
}

func decode[T any](t *testing.T, got answer, status int) (v T) {
	t.Helper()
	if got.status != status {
		t.Fatalf("%d, want %d\n%s", got.status, status, got.body)
	}
	if err := json.Unmarshal([]byte(got.body), &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// imported is what the API says of an import.
type imported struct {
	ID                       uint64
	State, Refusal           string
	Accepted, Refused, Asked int
}

// settled asks until an import is neither read nor written.
func (a *asker) settled(id uint64) imported {
	a.t.Helper()
	var im imported
	until(a.t, "an import is read or written", func() bool {
		im = decode[imported](a.t, a.get(fmt.Sprintf("/api/v1/imports/%d", id)), http.StatusOK)
		return im.State != string(models.ImportReading) && im.State != string(models.ImportWriting)
	})
	return im
}

func TestARosterIsUploadedAndFollowedThroughTheAPI(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		a := newWorld(t, site).as(models.RoleCoordinator)
		file := readFile(t, rosterFile(t, "2026-so-vhttdl.xlsx"))
		im := decode[imported](t, a.upload("/api/v1/imports", map[string]string{"effective": "2026-01-01"}, "a.xlsx", file), http.StatusCreated)
		if got := a.settled(im.ID); got.State != "read" || got.Accepted != 32 || got.Refused != 9 {
			t.Errorf("%+v", got)
		}
		im = decode[imported](t, a.upload("/api/v1/imports", map[string]string{"effective": "2026-01-01"}, "a.csv", []byte("a,b")), http.StatusCreated)
		if got := a.settled(im.ID); got.State != "refused" || got.Refusal != "not_a_spreadsheet" {
			t.Errorf("%+v", got)
		}
		for _, x := range []struct {
			day  string
			file []byte
			code string
		}{{"2026-01-01", nil, "file_missing"}, {"2026-01-01", []byte{}, "file_missing"}, {"", file, "required"}, {"mai", file, "day"}, {"2026-01-01", make([]byte, 12<<20+1), "file_too_large"},
			{"2026-01-01", make([]byte, 50<<20), "too_large"}} {
			got := a.upload("/api/v1/imports", map[string]string{"effective": x.day}, "a.xlsx", x.file)
			if got.status < 400 || got.status >= 500 || !strings.Contains(got.body, `"`+x.code+`"`) {
				t.Errorf("%d bytes from %q: %d %.300s, want %s", len(x.file), x.day, got.status, got.body, x.code)
			}
		}
	}, testseed.Base)
}

func TestAFormOfAnImportIsRefusedWhereItStandsAndOnlyOnceWritten(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		a, other := w.as(models.RoleCoordinator), w.as(models.RoleCoordinator)
		file := readFile(t, rosterFile(t, "2026-bao-chi.xlsx"))
		var at string
		for range 2 { // the same request arrives twice
			got := a.upload("/imports", map[string]string{"effective": "01/01/2026", "request_key": "once"}, "bao-chi.xlsx", file)
			if got.status != http.StatusSeeOther || at != "" && got.location != at {
				t.Fatalf("%d %s", got.status, got.location)
			}
			at = got.location
		}
		var id uint64
		if _, err := fmt.Sscanf(at, "/imports/%d", &id); err != nil {
			t.Fatal(err)
		}
		a.settled(id)
		if got := a.post(at+"/moves", nil); got.status != http.StatusNotFound {
			t.Errorf("choices without a page: %d", got.status)
		}
		if got := a.post(at+"/confirm", nil); got.status != http.StatusSeeOther {
			t.Errorf("confirming: %d", got.status)
		}
		got := other.post(at+"/confirm", nil)
		if got.status != http.StatusConflict || !strings.Contains(got.body, "không còn chờ xác nhận") {
			t.Errorf("confirming in another tab: %d", got.status)
		}
		if got := other.post(at+"/cancel", nil); got.status != http.StatusConflict {
			t.Errorf("dropping in another tab: %d", got.status)
		}
		if got := a.settled(id); got.State != "written" || got.Accepted != 46 {
			t.Errorf("%+v", got)
		}
		if got := a.get(at + "?page=99999&part=nonsense"); got.status != http.StatusOK {
			t.Errorf("a page that is not there: %d", got.status)
		}
		for day, says := range map[string]string{"": "Hãy điền mục này.", "hôm qua": "Hãy nhập ngày"} {
			got := a.upload("/imports", map[string]string{"effective": day}, "bao-chi.xlsx", file)
			if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, says) {
				t.Errorf("from %q: %d", day, got.status)
			}
		}
		if got := a.upload("/imports", map[string]string{"effective": "2026-01-01"}, "x.xlsx", make([]byte, 50<<20)); got.status != http.StatusRequestEntityTooLarge || !strings.Contains(got.body, "quá lớn") {
			t.Errorf("50 MiB: %d", got.status)
		}
		if got := a.upload("/imports", map[string]string{"effective": "2026-01-01"}, "x.xlsx", make([]byte, 12<<20)); got.status != http.StatusSeeOther {
			t.Errorf("12 MiB of nothing, which fits: %d", got.status)
		}
	}, testseed.Base)
}

func TestTheAPIListsOrganisationsAndCadresAndTakesHeadcounts(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		w.post("Đàm Văn Đức", homeOffice, "2026-01-01", "")
		head := w.as(models.RoleHead)
		orgs := decode[struct {
			Organisations []struct {
				Code          string
				Depth, Cadres int
			}
		}](t, head.get("/api/v1/organisations"), http.StatusOK)
		if len(orgs.Organisations) != 1 || orgs.Organisations[0].Code != homeOffice || orgs.Organisations[0].Depth != 0 || orgs.Organisations[0].Cadres != 1 {
			t.Errorf("%+v", orgs)
		}
		cadres := decode[struct {
			Total  int
			Cadres []struct{ Name, Organisation string }
		}](t, head.get("/api/v1/cadres?q=duc&day=2026-02-01"), http.StatusOK)
		if cadres.Total != 1 || cadres.Cadres[0].Name != "Đàm Văn Đức" || cadres.Cadres[0].Organisation != homeOffice {
			t.Errorf("%+v", cadres)
		}
		send := func(code, body string) answer {
			return head.ask(http.MethodPost, "/api/v1/organisations/"+code+"/headcounts", "application/json", body)
		}
		if got := send(homeOffice, `{"group":"QCN","declared":0}`); got.status != http.StatusCreated || !strings.Contains(got.body, `"effective":"2026-11-24"`) {
			t.Errorf("%d %s", got.status, got.body)
		}
		if got := send(homeOffice, `{"group":"QCN","declared":null,"effective":"2026-11-24"}`); got.status != http.StatusCreated {
			t.Errorf("%d %s", got.status, got.body)
		}
		if got := send(homeOffice, `{"group":"XX","declared":1}`); got.status != 422 || !strings.Contains(got.body, "unknown_target_group") {
			t.Errorf("%d %s", got.status, got.body)
		}
		if got := send(otherOffice, `{"group":"QCN","declared":1}`); got.status != http.StatusNotFound {
			t.Errorf("%d %s", got.status, got.body)
		}
		if got := head.get("/api/v1/cadres?day=hôm"); got.status != 422 {
			t.Errorf("%d", got.status)
		}
	}, testseed.Base)
}
