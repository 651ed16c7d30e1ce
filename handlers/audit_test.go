package handlers_test

import (
	"fmt"
	"html"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"

	"taphuan/app/i18n"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

var audited = regexp.MustCompile(`\.Audit\((?:"([a-z_]+\.[a-z_]+)"|[^,]+), "([a-z_]+)"`)

// detailed are the details that are recorded, as far as they are written down in one place; facts are their names.
var (
	detailed = regexp.MustCompile(`(?s)\.Audit\([^{}\n]*map\[string\][a-z0-9]+\{(.*?)\}\)`)
	facts    = regexp.MustCompile(`"([a-z_0-9]+)":`)
)

// named are the actions that the code keeps in a name before it records them.
var named = regexp.MustCompile(`(?:act[A-Za-z]*|, set) :?= "([a-z_]+\.[a-z_]+)"`)

// TestTheAuditSaysInWordsWhatIsRecorded looks for each action that the code records by name, for each noun, and for what stands in details.
func TestTheAuditSaysInWordsWhatIsRecorded(t *testing.T) {
	t.Parallel()
	words, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	app := os.DirFS("../app")
	err = fs.WalkDir(app, ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := fs.ReadFile(app, path)
		if err != nil {
			return err
		}
		for _, m := range audited.FindAllStringSubmatch(string(b), -1) {
			found++
			if !words.Has("audit.noun." + m[2]) {
				t.Errorf("%s records something of %s, and no catalogue has audit.noun.%[2]s", path, m[2])
			}
			if m[1] != "" && !words.Has("audit.action."+m[1]) {
				t.Errorf("%s records %s, and no catalogue has audit.action.%[2]s", path, m[1])
			}
		}
		for _, m := range detailed.FindAllStringSubmatch(string(b), -1) {
			for _, fact := range facts.FindAllStringSubmatch(m[1], -1) {
				if !words.Has("audit.fact." + fact[1]) {
					t.Errorf("%s records %s, and no catalogue has audit.fact.%[2]s", path, fact[1])
				}
			}
		}
		for _, m := range named.FindAllStringSubmatch(string(b), -1) {
			if !words.Has("audit.action." + m[1]) {
				t.Errorf("%s records %s, and no catalogue has audit.action.%[2]s", path, m[1])
			}
		}
		return nil
	})
	if err != nil || found < 10 {
		t.Error(found, err)
	}
}

func TestTheAuditSaysWhatBecameOfPostingsAndDataAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, testweb.Serve(t, db))
		an := w.post("Nông Văn An", homeOffice, "2026-01-01", "")
		var p models.Posting
		w.must(db.Read(t.Context()).Where("cadre_id = ?", an.ID).Take(&p).Error)
		head, administrator := w.as(models.RoleHead), w.as(models.RoleAdministrator)
		body := fmt.Sprintf(`{"kind":"change","version":0,"posting_id":%d,"title":"Trưởng phòng","groups":["QCN"],"from":"2026-06-01","note":"Quyết định 12"}`, p.ID)
		if got := head.ask(http.MethodPost, fmt.Sprintf("/api/v1/cadres/%d/changes", an.ID), "application/json", body); got.status != http.StatusCreated {
			t.Fatal(got.status, got.body)
		}
		if got := head.post(fmt.Sprintf("/cadres/%d/edit", an.ID), w.ownData(an.ID, map[string]string{"born": "31/12/1980", "sex": "female", "national_id": "004080000011"})); got.status != http.StatusSeeOther {
			t.Fatal(got.status, got.body)
		}
		page := html.UnescapeString(administrator.get(fmt.Sprintf("/audit?noun=cadre&id=%d", an.ID)).body)
		sheet := fmt.Sprint(sheetOf(t, administrator, fmt.Sprintf("/audit.xlsx?noun=cadre&id=%d", an.ID)))
		for _, want := range []string{
			"Thêm: " + w.home.Name + " · Trưởng phòng · QCN · từ 01/06/2026",
			"Sửa: " + w.home.Name + " · Phó trưởng phòng · từ 01/01/2026 → từ 01/01/2026 đến hết 31/05/2026",
			"Ghi chú: Quyết định 12", "Sửa thông tin cán bộ", "Ngày sinh: 1980 → 31/12/1980", "Giới tính: – → Nữ", "– → 0011",
		} {
			if !strings.Contains(page, want) || !strings.Contains(sheet, want) {
				t.Errorf("no %q in %s or in %s", want, page[strings.Index(page, "<tbody>")+1:], sheet)
			}
		}
		if strings.Contains(page+sheet, "004080000011") || strings.Contains(page, `{"`) {
			t.Error("a whole national id, or raw JSON:", page)
		}
	}, testseed.Base)
}

func TestACadresPageTellsWhatWasChangedToWhoMayReadTheAudit(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		an := w.post("Nông Văn An", homeOffice, "2026-01-01", "")
		head, coordinator := w.as(models.RoleHead), w.as(models.RoleCoordinator)
		path := fmt.Sprintf("/cadres/%d", an.ID)
		w.must(saved(head.post(path+"/edit", w.ownData(an.ID, map[string]string{"born": "31/12/1980", "national_id": "004080000011"}))))
		head.post(path+"/national-id", url.Values{"reason": {"Đối chiếu số 004080000011 và 004 080 000 011"}})
		for i := range 6 {
			w.must(saved(head.post(path+"/edit", w.ownData(an.ID, map[string]string{"born": "31/12/1980", "phone": fmt.Sprintf("09123456%02d", i)}))))
		}
		if strings.Contains(head.get(path).body, "Các thay đổi") || strings.Contains(coordinator.get(path).body, "Các thay đổi") {
			t.Error("the audit stands on the page of somebody who may not read it")
		}
		b := site.As(t, models.RoleAdministrator, "")
		b.Go(path)
		b.Sees("Các thay đổi", "8 lần")
		b.Lacks("Đối chiếu số")
		b.Look("cadre-changes")
		b.Click("8 lần")
		b.Sees("Sửa thông tin cán bộ", "1980 → 31/12/1980", "Xem số căn cước đầy đủ", "Đối chiếu số …0011 và …0011", "0912345600 → 0912345601")
		b.Lacks("004080000011")
		b.Lacks("004 080 000 011")
		b.Look("cadre-changes-open")
	}, testseed.Base)
}

// saved says what went wrong where a form was not taken.
func saved(a answer) error {
	if a.status != http.StatusSeeOther {
		return fmt.Errorf("%d %s", a.status, a.body)
	}
	return nil
}
