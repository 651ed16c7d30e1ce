package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"taphuan/app/access"
	"taphuan/app/plan"
	"taphuan/app/planning"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// expires lets the training of the base plan last so many months, and builds the ledger for it.
func expires(t *testing.T, site *testweb.Site, months int) {
	t.Helper()
	p := current(t, site.DB)
	in := planning.Input{Version: p.Version, Expires: map[models.Component]*int{models.ComponentTraining: &months}}
	if err := planningOf(site).Save(t.Context(), access.System(), p.Code, in); err != nil {
		t.Fatal(err)
	}
	work(t, site)
}

func TestAHeadSeesWhoExpiresWhenAndWhatBringsThemBack(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		invCourse(t, db, models.Course{Code: "TH-27-01", Title: "Tập huấn lại năm 2027", State: models.CourseOpen, Venue: "Trùng Khánh"}, "conference", "QCN", "2027-03-10", "2027-03-11")
		site := testweb.Serve(t, db)
		admin := as(t, site, testweb.Account{Name: "Quản trị", SignIn: "qt", Role: models.RoleAdministrator})
		for _, path := range []string{"/", "/coverage"} {
			if got := admin.get(path); strings.Contains(got.body, "/coverage/expiring") {
				t.Errorf("%s speaks of expiry where nothing expires", path)
			}
		}
		has(t, admin.get("/coverage/expiring").body, "không có yêu cầu nào hết hạn")
		expires(t, site, 24)
		b := site.As(t, models.RoleCoordinator, "")
		b.Click("Tỷ lệ bao phủ")
		b.Click("Sắp hết hạn")
		b.Sees("Theo tháng", "Tham gia lại", "Hội nghị tập huấn", "Tập huấn lại năm 2027")
		look(b, "expiring")
		b.ClickAt(".matrix td a")
		b.Sees("Đến hết ngày", "Tập huấn kiến thức, kỹ năng")
		look(b, "expiring-month")
		if !strings.Contains(b.Path(), "month=20") || !strings.Contains(b.Path(), "group=") {
			t.Error("a month's number leads to", b.Path())
		}
		b.Go("/coverage/people?group=QCN&part=covered")
		b.Sees("đến hết")
		look(b, "covered-until")
		for _, path := range []string{"/coverage/expiring.xlsx", "/coverage/expiring.csv?group=QCN"} {
			if got := admin.get(path); got.status != http.StatusOK {
				t.Errorf("%s: %d", path, got.status)
			}
		}
		if title := sheetOf(t, admin, "/coverage/expiring.xlsx")[0]; len(title) == 0 || !strings.HasPrefix(title[0], "Sắp hết hạn: Tỉnh Cao Bằng (Nguồn: taphuan, tính đến hết ngày ") {
			t.Errorf("the workbook does not say of what and when it is: %q", title)
		}
		has(t, admin.get("/coverage/expiring.csv").body, "Đến hết ngày", "Tập huấn kiến thức, kỹ năng")
	}, province(300))
}

func TestAHeadsFirstPageSaysThatSomebodyExpiresSoon(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		var last struct {
			Code string
			Day  models.Day
		}
		err := db.Read(t.Context()).Raw("SELECT o.code, MAX(co.effective_day) AS day FROM completions co" +
			" JOIN postings p ON p.cadre_id = co.cadre_id AND p.main = TRUE AND p.to_day > '2027-12-31' JOIN posting_groups pg ON pg.posting_id = p.id JOIN organisations o ON o.id = p.organisation_id AND o.parent_id IS NOT NULL" +
			" WHERE co.voided_at IS NULL AND co.components & 2 <> 0 AND EXISTS (SELECT 1 FROM completions c2 WHERE c2.cadre_id = co.cadre_id AND c2.components & 1 <> 0)" +
			" AND NOT EXISTS (SELECT 1 FROM completions c3 WHERE c3.cadre_id = co.cadre_id AND c3.effective_day > co.effective_day) GROUP BY o.code ORDER BY day, o.code LIMIT 1").Scan(&last).Error
		if err != nil || last.Code == "" {
			t.Fatal("nobody is covered", err)
		}
		months := 1 // so many that it expires a month or two from today
		for plan.Expiry(last.Day, &months) <= models.DayOf(db.Time())+30 {
			months++
		}
		expires(t, site, months)
		head := as(t, site, testweb.Account{Name: "Thủ trưởng", SignIn: "tt", Role: models.RoleHead, Organisation: last.Code})
		got := head.get("/")
		if got.status != http.StatusOK {
			t.Fatal(got.status)
		}
		has(t, got.body, "người sẽ hết hạn trong 90 ngày tới", "/coverage/expiring?org="+last.Code)
		month := plan.Expiry(last.Day, &months).String()[:7]
		has(t, head.get("/coverage/expiring?org="+last.Code+"&month="+month).body, "Đến hết ngày")
		if got := head.get("/coverage/expiring?org=" + last.Code); strings.Contains(got.body, "Đến hết ngày") || !strings.Contains(got.body, "month="+month) {
			t.Error("names before a month was opened, or no month to open", got.status)
		}
	}, province(300))
}
