package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

func TestSlipsAreMadeForTheTickedAndForAllThatWereFoundWhoCannotSignIn(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		first := w.post("Đàm Văn Đức", homeOffice, "2026-01-01", "")
		second := w.post("Đàm Thị Hoa", otherOffice, "2026-01-01", "")
		in := w.post("Đàm Văn Có", homeOffice, "2026-01-01", "")
		w.create(&models.Account{Name: in.FullName, CadreID: &in.ID, Language: "vi", PasswordHash: "x"})
		coordinator, head := w.as(models.RoleCoordinator), w.as(models.RoleHead)
		none := coordinator.post("/cadres/slips", url.Values{"q": {"dam"}, "back": {"/cadres?q=dam"}})
		if none.status != http.StatusUnprocessableEntity || !strings.Contains(none.body, "Hãy chọn ít nhất một dòng") || !strings.Contains(none.body, `value="dam"`) {
			t.Errorf("nobody ticked: %d", none.status)
		}
		far := head.post("/cadres/slips", url.Values{"id": {fmt.Sprint(second.ID)}})
		if far.status == http.StatusOK || strings.Contains(far.body, "Đàm Thị Hoa") {
			t.Errorf("a head makes a slip for somebody elsewhere: %d", far.status)
		}
		own := head.post("/cadres/slips", url.Values{"id": {fmt.Sprint(first.ID)}})
		if own.status != http.StatusOK || !strings.Contains(own.body, "Đàm Văn Đức") {
			t.Errorf("a head's own: %d", own.status)
		}
		all := coordinator.post("/cadres/slips", url.Values{"q": {"dam"}, "all": {"true"}})
		if all.status != http.StatusOK || !strings.Contains(all.body, "Đàm Thị Hoa") || strings.Contains(all.body, "Đàm Văn Đức") || strings.Contains(all.body, "Đàm Văn Có") {
			t.Errorf("all found are not those who lack a slip: %d", all.status)
		}
		again := coordinator.post("/cadres/slips", url.Values{"q": {"dam"}, "all": {"true"}, "back": {"/cadres?q=dam"}})
		if again.status != http.StatusConflict || !strings.Contains(again.body, "nên không lập phiếu mới") {
			t.Errorf("nobody needs one: %d", again.status)
		}
	}, testseed.Base)
}

func TestAccountsAreDisabledTogetherButNeverOnesOwn(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		administrator := w.as(models.RoleAdministrator)
		var made []string
		for _, name := range []string{"Lục Văn Ba", "Lục Thị Bốn"} {
			a := models.Account{Name: name, Language: "vi"}
			w.create(&a)
			made = append(made, fmt.Sprint(a.ID))
		}
		disabled := func() (n int64) {
			w.must(db.Read(t.Context()).Model(&models.Account{}).Where("disabled = ?", true).Count(&n).Error)
			return n
		}
		everybody := administrator.post("/accounts/disable", url.Values{"all": {"true"}, "back": {"/accounts"}})
		if everybody.status != http.StatusConflict || disabled() != 0 {
			t.Errorf("everybody: %d, %d disabled", everybody.status, disabled())
		}
		if got := administrator.post("/accounts/disable", url.Values{"id": made[:1]}); got.status != http.StatusSeeOther || disabled() != 1 {
			t.Errorf("one: %d, %d disabled", got.status, disabled())
		}
		if got := administrator.post("/accounts/disable", url.Values{"q": {"luc"}, "all": {"true"}}); got.status != http.StatusSeeOther || disabled() != 2 {
			t.Errorf("all found: %d, %d disabled", got.status, disabled())
		}
		if got := w.as(models.RoleCoordinator).post("/accounts/disable", url.Values{"id": made}); got.status != http.StatusForbidden {
			t.Errorf("a coordinator: %d", got.status)
		}
	}, testseed.Base)
}
