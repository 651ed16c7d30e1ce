package handlers_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"taphuan/app/plan"
	"taphuan/app/settings"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// TestAnAdministratorSaysWhichPlanIsShownFirstAndWhichIsOpen chooses a plan that the rule would not take: the one that began earlier.
func TestAnAdministratorSaysWhichPlanIsShownFirstAndWhichIsOpen(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		base := current(t, db)
		admin := as(t, site, testweb.Account{Name: "Quản trị", SignIn: "qt", Role: models.RoleAdministrator})
		if got := admin.get("/plans"); strings.Contains(got.body, "/first") || strings.Contains(got.body, "Hiện trước") {
			t.Error("one plan, and a choice between plans")
		}
		second := secondPlan(t, site, true)
		work(t, site)
		if err := (&settings.Service{DB: db}).SetOpen(t.Context(), store.By{}, true); err != nil {
			t.Fatal(err)
		}
		mark := func(want int, code, what, on string, version int) answer {
			t.Helper()
			got := admin.post("/plans/"+code+"/"+what, url.Values{"on": {on}, "version": {strconv.Itoa(version)}})
			if got.status != want {
				t.Fatalf("%s of %s: %d, want %d\n%.2000s", what, code, got.status, want, got.body)
			}
			return got
		}
		heads := 0
		shown := func(first, open *plan.Plan) {
			t.Helper()
			heads++
			if p := current(t, db); p.ID != first.ID {
				t.Errorf("%s is shown first, want %s", p.Code, first.Code)
			}
			var answer struct{ Plan string }
			if _, body := anyone(t, site, openAPIPath); json.Unmarshal([]byte(body), &answer) != nil || answer.Plan != open.Code {
				t.Errorf("%s is open, want %s: %.200s", answer.Plan, open.Code, body)
			}
			head := as(t, site, testweb.Account{Name: "Thủ trưởng", SignIn: "tt" + strconv.Itoa(heads), Role: models.RoleHead, Organisation: homeOffice})
			if got := head.get("/coverage"); got.status != http.StatusOK || !strings.Contains(got.body, `<option value="`+first.Code+`" selected`) {
				t.Errorf("a head does not see %s first: %d", first.Code, got.status)
			}
		}
		shown(base, base)
		has(t, admin.get("/plans").body, "Trong các kế hoạch đang có hiệu lực, kế hoạch này được lập trước nhất.")

		mark(http.StatusSeeOther, second.Code, "first", "true", 0)
		shown(second, base) // what is shown first says nothing of what is open
		mark(http.StatusSeeOther, second.Code, "open", "true", 1)
		shown(second, second)
		has(t, admin.get("/plans").body, "Do quản trị viên chọn.")
		has(t, mark(http.StatusConflict, second.Code, "first", "false", 1).body, "đã được người khác sửa") // the other tab
		mark(http.StatusUnprocessableEntity, second.Code, "first", "true", -1)
		mark(http.StatusNotFound, "KHONG-CO", "first", "true", 0)
		mark(http.StatusSeeOther, second.Code, "first", "true", 2) // again: nothing to do

		mark(http.StatusSeeOther, base.Code, "first", "true", 0) // the mark moves
		shown(base, second)
		mark(http.StatusConflict, second.Code, "open", "false", 2) // which changed the other plan
		mark(http.StatusSeeOther, second.Code, "open", "false", 3)
		mark(http.StatusSeeOther, base.Code, "first", "false", 1)
		shown(base, base)
		var actions []string
		if err := db.Read(t.Context()).Model(&models.AuditEntry{}).Where("noun = 'plan' AND action NOT IN ?", []string{"plan.create", "plan.change"}).Order("id").Pluck("action", &actions).Error; err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(actions, " "); got != "plan.first plan.open plan.first plan.not_open plan.not_first" {
			t.Error("the audit says", got)
		}

		// The database itself holds to one.
		set := func(id uint64, column string, to any) error {
			_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
				return 0, tx.Model(&models.Plan{}).Where("id = ?", id).Update(column, to).Error
			})
			return err
		}
		for _, column := range []string{"shown_first", "shown_open"} {
			if err := set(base.ID, column, true); err != nil {
				t.Fatal(err)
			}
			if err := set(second.ID, column, true); err == nil {
				t.Errorf("two plans have %s", column)
			}
			if err := set(second.ID, column, false); err == nil {
				t.Errorf("%s is false, and may be so of many", column)
			}
		}
		b := site.As(t, models.RoleAdministrator, "")
		b.Go("/plans")
		b.Sees("Hiện trước", "Số liệu công khai", "Do quản trị viên chọn.", "Cho hiện trước")
		look(b, "plans-side-by-side")
		b.Click("Cho hiện trước Kế hoạch thứ hai")
		b.Sees("Đã lưu lựa chọn")
	}, province(60))
}

func TestAPlanThatIsMadeLaterComesBeforeNoneAndOpensNothing(t *testing.T) {
	t.Parallel()
	day := models.MustDay
	of := func(id uint64, from, to string) plan.Brief {
		return plan.Brief{Plan: models.Plan{ID: id, FromDay: day(from), ToDay: day(to)}}
	}
	all := []plan.Brief{of(4, "2034-01-01", "2035-01-01"), of(5, "2033-01-01", "2036-01-01"), of(3, "2026-06-01", "2032-01-01"), of(1, "2026-01-01", "2029-01-01"), of(2, "2025-01-01", "2030-01-01")}
	for on, want := range map[string]uint64{
		"2024-06-01": 2, // none is in force: it begins first
		"2025-06-01": 2, "2026-07-01": 1, "2028-12-31": 1, "2029-01-01": 2, "2031-01-01": 3,
		"2032-12-31": 3, // none is in force: it ended last
		"2034-06-01": 4, "2035-06-01": 5, "2040-01-01": 5,
	} {
		if first, open := plan.InForce(all, day(on)).ID, plan.InOpen(all, day(on)).ID; first != want || open != want {
			t.Errorf("%s: %d is shown first and %d is open, want %d", on, first, open, want)
		}
	}
}

// TestAChoiceCountsWhileThePlanIsInForce asks on days before, in and after the period of the plan that was chosen.
func TestAChoiceCountsWhileThePlanIsInForce(t *testing.T) {
	t.Parallel()
	yes := new(true)
	day := models.MustDay
	of := func(code string, from, to string, first, open *bool) plan.Brief {
		return plan.Brief{Plan: models.Plan{Code: code, FromDay: day(from), ToDay: day(to), ShownFirst: first, ShownOpen: open}}
	}
	all := []plan.Brief{of("C", "2026-01-01", "2027-01-01", nil, nil), of("B", "2025-01-01", "2028-01-01", nil, yes), of("A", "2024-01-01", "2026-07-01", yes, nil)}
	for _, x := range []struct{ day, first, open string }{
		{"2023-01-01", "A", "A"}, {"2024-06-01", "A", "A"}, {"2025-06-01", "A", "B"}, {"2026-03-01", "A", "B"}, {"2026-08-01", "C", "B"}, {"2027-06-01", "B", "B"}, {"2028-01-01", "B", "B"},
	} {
		if got := plan.InForce(all, day(x.day)).Code; got != x.first {
			t.Errorf("%s: %s is shown first, want %s", x.day, got, x.first)
		}
		if got := plan.InOpen(all, day(x.day)).Code; got != x.open {
			t.Errorf("%s: %s is open, want %s", x.day, got, x.open)
		}
	}
}
