package handlers_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// uploaded is the body of a form with a workbook.
func uploaded(t *testing.T, name string, file []byte) (contentType, body string) {
	t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(file); err != nil {
		t.Fatal(err)
	}
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	return m.FormDataContentType(), b.String()
}

func TestAHeadFillsTheTemplateInLooksAtTheRowsAndProposesThoseThatCanBeTaken(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		w.cadre("Nông Thị Ánh")
		h := w.as(models.RoleHead)
		if got := h.get("/recognitions/import"); got.status != http.StatusOK || !strings.Contains(got.body, "Tải mẫu Excel") {
			t.Fatalf("%d\n%.400s", got.status, got.body)
		}
		template := h.get("/recognitions/template.xlsx")
		f, err := excelize.OpenReader(strings.NewReader(template.body))
		w.must(err)
		w.must(f.SetSheetRow("Danh sách", "A2", &[]string{"1", "Nông Thị Ánh", "1990", "", w.home.Name, "Tập huấn của Bộ", "Bộ Tư pháp", "05/05/2025", "07/05/2025", "Cập nhật thông tin", "77/GCN"}))
		w.must(f.SetSheetRow("Danh sách", "A3", &[]string{"2", "Bế Thị Ngoài", "1985", "", w.other.Name, "Tập huấn của Bộ", "Bộ Tư pháp", "05/05/2025", "07/05/2025", "Cập nhật thông tin", "78/GCN"}))
		var file bytes.Buffer
		_, err = f.WriteTo(&file)
		w.must(err)
		kind, body := uploaded(t, "cong-nhan.xlsx", []byte("no workbook"))
		if got := h.ask(http.MethodPost, "/recognitions/import", kind, body); got.status != http.StatusUnprocessableEntity {
			t.Errorf("no workbook: %d", got.status)
		}
		kind, body = uploaded(t, "cong-nhan.xlsx", file.Bytes())
		if got := h.ask(http.MethodPost, "/recognitions/import", kind, body); got.status != http.StatusSeeOther {
			t.Fatalf("%d\n%.400s", got.status, got.body)
		}
		page := h.get("/recognitions/import")
		for _, want := range []string{"Nông Thị Ánh", "77/GCN", "Gửi đề nghị cho 1 dòng", "Không có ai như vậy"} {
			if !strings.Contains(page.body, want) {
				t.Errorf("the page lacks %q", want)
			}
		}
		id := regexp.MustCompile(`name="import" value="(\d+)"`).FindStringSubmatch(page.body)
		if id == nil {
			t.Fatalf("%d\n%.400s", page.status, page.body)
		}
		if got := h.post("/recognitions/import/confirm", url.Values{"import": {"987654321"}}); got.status != http.StatusConflict {
			t.Errorf("another workbook: %d", got.status)
		}
		if got := h.post("/recognitions/import/confirm", url.Values{"import": {id[1]}}); got.location != "/recognitions" {
			t.Errorf("%d %s", got.status, got.location)
		}
		if got := h.get("/recognitions"); !strings.Contains(got.body, "77/GCN") || strings.Contains(got.body, "78/GCN") {
			t.Errorf("the list is not what was confirmed")
		}
	}, testseed.Base)
}
