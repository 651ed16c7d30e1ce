package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

func TestMarksThatNoPhoneWouldSendAreRefusedAndDoNoHarm(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		h := newHall(t, db, site, 4)
		a := as(t, site, testweb.Account{Name: "Lý Thị Thử", SignIn: "dieuphoi", Role: models.RoleCoordinator})
		const marks, kind = "/api/v1/marks", "application/json"
		type reply struct {
			Code  string
			Marks []struct{ UID, Status, Code string }
		}
		mark := func(rest string) string {
			return fmt.Sprintf(`{"session_id":%d,"enrolment_id":%d,"mark":"present"%s}`, h.sessions[0].ID, h.people[0], rest)
		}
		for rest, code := range map[string]string{
			`,"marked_at":"2026-11-24T08:00:00+07:00","offset_ms":9223372036854775807`:  "mark_time",
			`,"marked_at":"2026-11-24T08:00:00+07:00","offset_ms":-9223372036854775808`: "mark_time",
			`,"marked_at":"2026-11-24T08:00:00+07:00","offset_ms":18446744073710`:       "mark_time", // once around in nanoseconds
			`,"marked_at":"2026-11-24T08:00:00+07:00","offset_ms":1e30`:                 "mark_unreadable",
			`,"marked_at":"9999-12-31T23:59:59Z"`:                                       "mark_time",
			`,"marked_at":"1970-01-01T00:00:00Z"`:                                       "mark_time",
			`,"note":"` + strings.Repeat("x", 1_000_000) + `"`:                          "mark_note",
			`,"uid":"` + strings.Repeat("0", 100_000) + `"`:                             "mark_uid",
			`,"walk_in_uid":"` + strings.Repeat("'", 100_000) + `"`:                     "walk_in_unknown",
			`,"source":"import"`: "mark_source",
			`,"note":` + strings.Repeat("[", 5000) + strings.Repeat("]", 5000): "mark_unreadable",
		} {
			good := fmt.Sprintf(`{"session_id":%d,"enrolment_id":%d,"mark":"late"}`, h.sessions[1].ID, h.people[1])
			got := a.ask("POST", marks, kind, `{"device_id":"`+strings.Repeat("z", 1000)+`","marks":[`+mark(rest)+`,`+good+`]}`)
			if r := decode[reply](t, got, 200); len(r.Marks) != 2 || r.Marks[0].Code != code || r.Marks[1].Status != "stored" {
				t.Errorf("%.60s: %.300s", rest, got.body)
			}
		}
		if m := h.marks(t, 0); len(m) != 0 {
			t.Errorf("%v", m)
		}
		// One id is one event, whatever letters it is written in: what comes first counts, and no other thing takes its place.
		id := uuid.NewString()
		for rest, want := range map[string]string{`,"uid":"` + strings.ToUpper(id) + `"`: "repeated", `,"uid":"` + id + `","note":"khác"`: "mark_uid_taken", `,"uid":"` + id + `","marked_at":"2026-11-24T07:00:00+07:00"`: "repeated"} {
			first := a.ask("POST", marks, kind, `{"marks":[`+mark(`,"uid":"`+id+`"`)+`]}`)
			if first.status != 200 {
				t.Fatalf("%+v", first)
			}
			got := a.ask("POST", marks, kind, `{"marks":[`+mark(rest)+`]}`)
			if r := decode[reply](t, got, 200); r.Marks[0].Code != want && r.Marks[0].Status != want {
				t.Errorf("%s: %s", rest, got.body)
			}
		}
		if e := h.events(t, 0); len(e) != 1 || e[0].UID != id || e[0].Note != "" {
			t.Errorf("%+v", e)
		}
		for _, x := range []struct{ kind, body, code string }{
			{"text/plain", `{"marks":[]}`, "json_wanted"}, {"", `{"marks":[]}`, "json_wanted"}, {"application/x-www-form-urlencoded", "marks=1", "json_wanted"},
			{kind, `{"marks":[]} {}`, "unreadable_input"}, {kind, `{"marks":` + strings.Repeat("[", 20000), "unreadable_input"}, {kind, "\x00", "unreadable_input"}, {kind, "", "unreadable_input"},
			{kind, `{"marks":{}}`, "invalid_input"}, {kind, `{"marks":[],"more":1}`, "unreadable_input"},
		} {
			if got := a.ask("POST", marks, x.kind, x.body); got.status != 422 || decode[reply](t, got, 422).Code != x.code {
				t.Errorf("%s %.40q: %d %.200s", x.kind, x.body, got.status, got.body)
			}
		}
		// Another site's page has the cookies sent along, and is refused by where it comes from; a page of another account by its name.
		for header, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://xau.example", "Taphuan-Account": "4711"} {
			for _, path := range []string{marks, "/marks"} {
				req := httptest.NewRequest("POST", path, strings.NewReader(`{"marks":[`+mark("")+`]}`))
				req.Header.Set("Content-Type", kind)
				req.Header.Set(header, value)
				for name, value := range a.jar {
					req.AddCookie(&http.Cookie{Name: name, Value: value})
				}
				w := httptest.NewRecorder()
				site.Server.ServeHTTP(w, req)
				if want := map[bool]int{true: 401, false: 403}[header == "Taphuan-Account"]; w.Code != want {
					t.Errorf("%s with %s: %d", path, header, w.Code)
				}
			}
		}
		if got := nobody(t, site).ask("POST", marks, kind, `{"marks":[`+mark("")+`]}`); got.status != 401 {
			t.Errorf("nobody: %d", got.status)
		}
		if e := h.events(t, 0); len(e) != 1 {
			t.Errorf("%+v", e)
		}
	}, testseed.Base)
}

func TestAFileOfMoreThanABatchIsTakenWhole(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		h := newHall(t, db, site, 4)
		a := as(t, site, testweb.Account{Name: "Lý Thị Thử", SignIn: "dieuphoi", Role: models.RoleCoordinator})
		var list []map[string]any
		for i := range 1100 {
			list = append(list, map[string]any{"uid": uuid.NewString(), "session_id": h.sessions[0].ID, "enrolment_id": h.people[i%4], "mark": "late", "marked_at": db.Time()})
		}
		var guests []map[string]any
		for i := range 210 {
			guests = append(guests, map[string]any{"uid": uuid.NewString(), "session_id": h.sessions[0].ID, "name": fmt.Sprint("Hứa Văn Lạ ", i), "office": "Xã Cần Yên"})
		}
		list = append(list, map[string]any{"uid": uuid.NewString(), "session_id": h.sessions[0].ID, "walk_in_uid": guests[209]["uid"], "mark": "present", "marked_at": db.Time()})
		file, err := json.Marshal(map[string]any{"format": "taphuan-marks", "version": 1, "account_name": "Giang", "marks": list, "walk_ins": guests})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // a file that is read twice counts once
			got := a.upload("/marks/file", map[string]string{"request_key": uuid.NewString()}, "diem-danh.json", file)
			if got.status != 200 {
				t.Fatalf("%d %.500s", got.status, got.body)
			}
			has(t, got.body, ">1.311<")
			if strings.Contains(got.body, "Cần xem lại") {
				t.Error("something was not taken")
			}
		}
		if e := h.events(t, 0); len(e) != 1101 {
			t.Errorf("%d events", len(e))
		}
	}, testseed.Base)
}
