package handlers_test

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// sheetOf reads the first sheet of a workbook that an address answers with.
func sheetOf(t *testing.T, a *asker, path string) [][]string {
	t.Helper()
	got := a.get(path)
	if got.status != http.StatusOK {
		t.Fatalf("%s: %d", path, got.status)
	}
	f, err := excelize.OpenReader(bytes.NewReader([]byte(got.body)))
	if err != nil {
		t.Fatal(path, err)
	}
	rows, err := f.GetRows(f.GetSheetName(0))
	if err != nil {
		t.Fatal(path, err)
	}
	return rows
}

func TestWorkbooksHoldWhatTheFilterFindsOrWhatIsTicked(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		first := w.post("Đàm Văn Đức", homeOffice, "2026-01-01", "")
		w.post("=HYPERLINK(\"x\") An", homeOffice, "2026-01-01", "")
		there := w.post("Hoàng Thị Xa", otherOffice, "2026-01-01", "")
		coordinator, head := w.as(models.RoleCoordinator), w.as(models.RoleHead)
		all := fmt.Sprint(sheetOf(t, coordinator, "/cadres.xlsx"))
		for _, s := range []string{"Đàm Văn Đức", "'=HYPERLINK", "Hoàng Thị Xa", "0912345678"} {
			if !strings.Contains(all, s) {
				t.Errorf("the workbook lacks %s: %s", s, all)
			}
		}
		ticked := fmt.Sprint(sheetOf(t, coordinator, fmt.Sprintf("/cadres.xlsx?id=%d&id=%d", first.ID, there.ID)))
		if !strings.Contains(ticked, "Đàm Văn Đức") || !strings.Contains(ticked, "Hoàng Thị Xa") || strings.Contains(ticked, "HYPERLINK") {
			t.Error(ticked)
		}
		own := fmt.Sprint(sheetOf(t, head, fmt.Sprintf("/cadres.xlsx?id=%d&id=%d", first.ID, there.ID)))
		if !strings.Contains(own, "Đàm Văn Đức") || strings.Contains(own, "Hoàng Thị Xa") {
			t.Error("a head's workbook holds others' people, or lacks own:", own)
		}
		w.post("Nông Thị Đã Đi", homeOffice, "2025-12-01", "2026-01-15") // of a past day a head sees the posting, and no telephone
		for who, phone := range map[*asker]bool{coordinator: true, head: false} {
			gone := fmt.Sprint(sheetOf(t, who, "/cadres.xlsx?day=2025-12-20"))
			if !strings.Contains(gone, "Nông Thị Đã Đi") || !strings.Contains(gone, "Phó trưởng phòng") || strings.Contains(gone, "0912345678") != phone {
				t.Error("who has left:", phone, gone)
			}
		}
		found := fmt.Sprint(sheetOf(t, coordinator, fmt.Sprintf("/cadres.xlsx?q=duc&all=true&id=%d", there.ID)))
		if !strings.Contains(found, "Đàm Văn Đức") || strings.Contains(found, "Hoàng Thị Xa") {
			t.Error("all that the filter finds:", found)
		}
		for path, sees := range map[string]string{"/organisations.xlsx?sort=name": otherOffice, "/accounts.xlsx": "@", "/audit.xlsx": "", "/courses.xlsx": "", "/certificates.xlsx": "",
			"/venues.xlsx?sort=-name": "", "/trainers.xlsx?sort=rating": "", "/slips.xlsx?sort=-without": "SO-", "/imports.xlsx?sort=file": "danh-sach.xlsx", "/reorganisation.xlsx?sort=left": "",
			"/nominations.xlsx?sort=-organisation": "", "/recognitions.xlsx?sort=-day": "", "/twins.xlsx": ""} {
			who := coordinator
			if path == "/audit.xlsx" {
				who = w.as(models.RoleAdministrator)
			}
			if rows := fmt.Sprint(sheetOf(t, who, path)); sees != "@" && !strings.Contains(rows, sees) {
				t.Errorf("%s lacks %s", path, sees)
			}
		}
	}, testseed.Base)
}

func TestPagesOfLongListsTakeTheSameQueriesWithAFewRowsAndWithMany(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		lists := map[string]*asker{"/courses": w.as(models.RoleCoordinator), "/courses?sort=enrolled": w.as(models.RoleCoordinator), "/certificates": w.as(models.RoleCoordinator),
			"/accounts": w.as(models.RoleCoordinator), "/audit": w.as(models.RoleAdministrator)}
		counts := func() map[string]int {
			out := map[string]int{}
			for path, a := range lists {
				a.get(path) // sessions are touched once
				out[path] = testdb.CountQueries(db, func() {
					if got := a.get(path); got.status != http.StatusOK {
						t.Errorf("%s: %d", path, got.status)
					}
				})
			}
			return out
		}
		w.create(&models.AuditEntry{Action: "cadre.update", Noun: "cadre", NounID: 1, At: db.Time()})
		few := counts()
		var held models.Course
		w.must(db.Read(t.Context()).Order("id").Take(&held).Error)
		var certified models.Certificate
		w.must(db.Read(t.Context()).Order("id").Take(&certified).Error)
		for i := range 60 {
			c := held
			c.ID, c.Code = 0, fmt.Sprintf("2026-9%02d", i)
			w.create(&c)
			person := models.Cadre{FullName: fmt.Sprintf("Nông Thị %c", 'A'+rune(i%26))}
			w.create(&person)
			x := certified
			ended := db.Time()
			x.ID, x.CadreID, x.Number, x.Serial, x.Code = 0, person.ID, 900+i, fmt.Sprintf("9%02d/GCN", i), fmt.Sprintf("CODE%06d", i)
			x.State, x.LiveCompletionID, x.EndedAt, x.EndReason = models.CertificateRevoked, nil, &ended, "Sai tên"
			w.create(&x)
			w.create(&models.Account{Name: person.FullName, CadreID: &person.ID, Language: "vi"})
			w.create(&models.AuditEntry{Action: "cadre.update", Noun: "cadre", NounID: person.ID, At: db.Time()})
		}
		if many := counts(); !maps.Equal(few, many) {
			t.Errorf("%v, then %v", few, many)
		}
	}, testseed.Base)
}

func TestListsStandAsTheirAddressSays(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		w.post("Đàm Văn Đức", homeOffice, "2026-01-01", "")
		w.post("Bế Thị An", otherOffice, "2026-01-01", "")
		w.post("Lò Văn Ba", otherOffice, "2026-01-01", "")
		course := fmt.Sprintf("/courses/%d/enrolments", w.draft.ID)
		coordinator := w.as(models.RoleCoordinator)
		for _, path := range []string{"/venues", "/trainers", "/slips", "/imports", "/reorganisation", "/nominations", "/recognitions", "/courses", course} {
			for _, sort := range []string{"name", "-name", "organisation", "-people", "nonsense; DROP"} {
				if got := coordinator.get(path + "?sort=" + url.QueryEscape(sort)); got.status != http.StatusOK {
					t.Errorf("%s by %s: %d", path, sort, got.status)
				}
			}
		}
		first := func(sort string) string {
			return fmt.Sprint(sheetOf(t, coordinator, "/slips.xlsx?sort="+sort)[3])
		}
		if most, least := first("-people"), first("people"); most == least {
			t.Errorf("sorted either way %s is the first", most)
		}
	}, testseed.Base)
}
