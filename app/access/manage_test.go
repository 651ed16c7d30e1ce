package access_test

import (
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/alexedwards/scs/v2"

	"taphuan/app/access"
	"taphuan/app/page"
	"taphuan/internal/testdb"
	"taphuan/models"
)

func TestTheLastAdministratorStays(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		yes := true
		one := w.account("mot", models.RoleAdministrator, 0)
		refused(t, w.Update(ctx, access.System(), one.AccountID, access.AccountChange{Disabled: &yes}), "last_administrator")
		row, err := w.Get(ctx, access.System(), one.AccountID)
		must(t, err)
		refused(t, w.Revoke(ctx, access.System(), one.AccountID, row.Grants[0].ID), "last_administrator")
		two := w.account("hai", models.RoleAdministrator, 0)
		refused(t, w.Update(ctx, two, two.AccountID, access.AccountChange{Disabled: &yes}), "not_oneself")
		must(t, w.Update(ctx, two, one.AccountID, access.AccountChange{Disabled: &yes}))
		row, err = w.Get(ctx, access.System(), two.AccountID)
		must(t, err)
		refused(t, w.Revoke(ctx, access.System(), two.AccountID, row.Grants[0].ID), "last_administrator")
	})
}

func TestGrantsNeedWhatTheirRoleNeeds(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		a := w.account("an", "", 0)
		give := func(role models.Role, org uint64) error { return w.Grant(ctx, access.System(), a.AccountID, role, org) }
		refused(t, give("king", 0), "role_unknown")
		refused(t, give(models.RoleHead, 0), "organisation_required")
		refused(t, give(models.RoleHead, 999999), "organisation_unknown")
		refused(t, give(models.RoleCadre, 0), "cadre_required")
		refused(t, w.Grant(ctx, access.System(), 999999, models.RoleTrainer, 0), "not_found")
		for range 2 { // the second time changes nothing
			must(t, give(models.RoleTrainer, 0))
			must(t, give(models.RoleHead, w.a.ID))
			must(t, give(models.RoleHead, w.b.ID))
		}
		got, err := w.Load(ctx, a.AccountID, 0)
		must(t, err)
		if len(got.Grants) != 3 {
			t.Errorf("grants %+v", got.Grants)
		}
	})
}

func TestCreateRefusesWhatIsTaken(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		c := w.cadre("Bế Thị Ngọc", "", w.a)
		id, err := w.Create(ctx, access.System(), access.NewAccount{CadreID: c.ID})
		must(t, err)
		d, err := w.Get(ctx, access.System(), id)
		must(t, err)
		if d.Name != "Bế Thị Ngọc" || d.SignInNames[0].Name != "ngoc.bt" || d.Posting != "Chuyên viên, Cơ quan A" {
			t.Errorf("%+v", d)
		}
		_, err = w.Create(ctx, access.System(), access.NewAccount{CadreID: c.ID})
		refused(t, err, "cadre_has_account")
		_, err = w.Create(ctx, access.System(), access.NewAccount{CadreID: 424242})
		refused(t, err, "cadre_unknown")
		_, err = w.Create(ctx, access.System(), access.NewAccount{Name: "X", SignInNames: []string{"Ngọc.BT"}})
		refused(t, err, "sign_in_name_taken")
		_, err = w.Create(ctx, access.System(), access.NewAccount{Name: "X", SignInNames: []string{"12345"}})
		refused(t, err, "sign_in_name_invalid")
		_, err = w.Create(ctx, access.System(), access.NewAccount{})
		refused(t, err, "required")
		must(t, w.Update(ctx, access.System(), id, access.AccountChange{SignInNames: &[]string{"ngoc", "0987654321"}}))
		_, err = w.Find(ctx, "ngoc.bt")
		refused(t, err, "not_found")
		a, err := w.Find(ctx, "+84987654321")
		if err != nil || a.ID != id {
			t.Error(a.ID, err)
		}
	})
}

func TestTheListShowsAHeadOnlyAccountsInScope(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		head := w.account("truong", models.RoleHead, w.a.ID)
		coordinator := w.account("dieuphoi", models.RoleCoordinator, 0)
		for _, c := range []models.Cadre{w.cadre("Nguyễn Thị Hoa", "", w.below), w.cadre("Đàm Văn Đức", "", w.b)} {
			_, err := w.Create(ctx, access.System(), access.NewAccount{CadreID: c.ID})
			must(t, err)
		}
		names := func(a access.Actor, f access.AccountFilter) string {
			var l *page.Page[access.AccountRow]
			n := testdb.CountQueries(w.DB, func() {
				var err error
				l, err = w.List(ctx, a, f, page.Ask{})
				must(t, err)
			})
			if n > 4 || int(l.Total.N) != len(l.Rows) {
				t.Errorf("%d queries, %d of %d", n, len(l.Rows), l.Total.N)
			}
			var out []string
			for _, r := range l.Rows {
				out = append(out, r.Name)
			}
			return strings.Join(out, ", ")
		}
		for _, x := range []struct {
			who    access.Actor
			filter access.AccountFilter
			want   string
		}{
			{head, access.AccountFilter{}, "Nguyễn Thị Hoa, truong"},
			{coordinator, access.AccountFilter{}, "dieuphoi, Đàm Văn Đức, Nguyễn Thị Hoa, truong"},
			{coordinator, access.AccountFilter{Text: "nguyen"}, "Nguyễn Thị Hoa"},
			{coordinator, access.AccountFilter{Text: "duc.dv"}, "Đàm Văn Đức"},
			{coordinator, access.AccountFilter{Text: "%"}, ""},
			{coordinator, access.AccountFilter{Role: models.RoleHead}, "truong"},
			{coordinator, access.AccountFilter{State: "no_password"}, "Đàm Văn Đức, Nguyễn Thị Hoa"},
		} {
			if got := names(x.who, x.filter); got != x.want {
				t.Errorf("%+v: %s; want %s", x.filter, got, x.want)
			}
		}
	})
}

func TestATokenWorksUntilItEnds(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		w.account("admin", models.RoleAdministrator, 0)
		a := w.account("an", models.RoleCoordinator, 0)
		plain, err := w.CreateToken(ctx, a, access.NewToken{Name: "Báo cáo", LastDay: models.MustDay("2026-11-25")})
		must(t, err)
		if !strings.HasPrefix(plain, access.TokenPrefix) || len(plain) < 36 {
			t.Errorf("token %q", plain)
		}
		if n := testdb.CountQueries(w.DB, func() {
			got, err := w.ByToken(ctx, plain)
			if err != nil || got.AccountID != a.AccountID || !got.Has(models.RoleCoordinator) {
				t.Errorf("%+v, %v", got, err)
			}
		}); n > 3 {
			t.Errorf("%d statements the first time", n)
		}
		if n := testdb.CountQueries(w.DB, func() { _, err = w.ByToken(ctx, plain) }); n != 2 || err != nil {
			t.Errorf("%d statements later, %v", n, err)
		}
		for _, wrong := range []string{"", "tph_", plain[:len(plain)-1], plain + "a", strings.TrimPrefix(plain, "tph_")} {
			_, err := w.ByToken(ctx, wrong)
			refused(t, err, "token_wrong")
		}
		w.clock.forward(40 * time.Hour) // 2026-11-26 in Cao Bằng
		_, err = w.ByToken(ctx, plain)
		refused(t, err, "token_wrong")

		forever, err := w.CreateToken(ctx, a, access.NewToken{Name: "Đồng bộ"})
		must(t, err)
		ts, err := w.Tokens(ctx, a)
		must(t, err)
		if len(ts) != 1 || ts[0].Name != "Đồng bộ" {
			t.Errorf("tokens %+v", ts)
		}
		stranger := w.account("binh", models.RoleCoordinator, 0)
		refused(t, w.RevokeToken(ctx, stranger, ts[0].ID), "not_found")
		must(t, w.RevokeToken(ctx, a, ts[0].ID))
		_, err = w.ByToken(ctx, forever)
		refused(t, err, "token_wrong")
		_, err = w.CreateToken(ctx, a, access.NewToken{Name: "x", LastDay: models.MustDay("2026-11-01")})
		refused(t, err, "day_is_past")
	})
}

func TestATokenIsShownOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		a := w.account("an", models.RoleCoordinator, 0)
		a.Key, a.Action = "6d1c9c2e-1", "POST /account/tokens"
		_, err := w.CreateToken(ctx, a, access.NewToken{Name: "x"})
		must(t, err)
		_, err = w.CreateToken(ctx, a, access.NewToken{Name: "x"})
		refused(t, err, "token_shown_once")
	})
}

func TestSessionsAreFoundUntilTheyExpireAndThenRemoved(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		s := access.NewSessionStore(w.DB)
		now := time.Now() // scs knows no other clock
		must(t, s.CommitCtx(ctx, "a", []byte("one"), now.Add(time.Hour)))
		must(t, s.CommitCtx(ctx, "a", []byte("two"), now.Add(time.Hour)))
		must(t, s.CommitCtx(ctx, "b", []byte("three"), now.Add(48*time.Hour)))
		data, found, err := s.FindCtx(ctx, "a")
		if string(data) != "two" || !found || err != nil {
			t.Error(string(data), found, err)
		}
		w.clock.forward(2 * time.Hour)
		if _, found, err := s.FindCtx(ctx, "a"); found || err != nil {
			t.Error("an expired session was found", err)
		}
		must(t, s.CommitCtx(ctx, "b", []byte("four"), now.Add(48*time.Hour)))
		var n int64
		must(t, w.DB.Read(ctx).Model(&models.SignIn{}).Count(&n).Error)
		if n != 1 {
			t.Errorf("%d rows are left", n)
		}
		must(t, s.DeleteCtx(ctx, "b"))
		must(t, s.DeleteCtx(ctx, "b"))
		if _, found, err := s.FindCtx(ctx, "b"); found || err != nil {
			t.Error("a session that was ended was found", err)
		}
	})
}

func TestASessionIsFoundWithItsAccount(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		a, other := w.account("an", models.RoleCoordinator, 0), w.account("ba", models.RoleCoordinator, 0)
		s := access.NewSessionStore(w.DB)
		session := func(id uint64) []byte {
			data, err := scs.GobCodec{}.Encode(time.Now().Add(time.Hour), map[string]any{access.SessionAccount: strconv.FormatUint(id, 10)})
			must(t, err)
			return data
		}
		must(t, s.CommitCtx(ctx, "mine", session(a.AccountID), time.Now().Add(time.Hour)))
		must(t, s.CommitCtx(ctx, "nobody's", []byte("no session"), time.Now().Add(time.Hour)))
		// load finds a session, and asks for an account twice; it gives how many statements each took.
		load := func(token string, id uint64, epoch int) (n [3]int, got access.Account, err error) {
			ctx := access.WithAccounts(ctx)
			n[0] = testdb.CountQueries(w.DB, func() { _, _, err = s.FindCtx(ctx, token) })
			must(t, err)
			n[1] = testdb.CountQueries(w.DB, func() { got, err = w.Load(ctx, id, epoch) })
			var again error
			n[2] = testdb.CountQueries(w.DB, func() { _, again = w.Load(ctx, id, epoch) })
			if !reflect.DeepEqual(again, err) {
				t.Errorf("loaded again: %v, at first %v", again, err)
			}
			return n, got, err
		}
		whole, err := w.Load(ctx, a.AccountID, 0)
		must(t, err)
		n, got, err := load("mine", a.AccountID, 0)
		if must(t, err); n != [3]int{1, 0, 1} || !reflect.DeepEqual(got, whole) {
			t.Errorf("%v statements; %+v, want %+v", n, got, whole)
		}
		if n, got, err := load("mine", other.AccountID, 0); err != nil || n != [3]int{1, 1, 1} || got.AccountID != other.AccountID {
			t.Errorf("of another account: %v statements, %+v, %v", n, got, err)
		}
		if n, _, err := load("nobody's", a.AccountID, 0); err != nil || n != [3]int{1, 1, 1} {
			t.Errorf("of a session that names nobody: %v statements, %v", n, err)
		}
		_, _, err = load("mine", a.AccountID, 1)
		refused(t, err, "signed_out")
		yes := true
		must(t, w.Update(ctx, access.System(), a.AccountID, access.AccountChange{Disabled: &yes}))
		_, _, err = load("mine", a.AccountID, 0)
		refused(t, err, "signed_out")
	})
}

func TestWhatIsRememberedOfRequestsAndFailuresIsForgottenInTime(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		a := w.account("an", models.RoleCoordinator, 0)
		left := func() (n [2]int64) {
			must(t, w.DB.Read(ctx).Model(&models.RequestKey{}).Count(&n[0]).Error)
			must(t, w.DB.Read(ctx).Model(&models.SignInFailure{}).Count(&n[1]).Error)
			return n
		}
		once := func(key string) {
			a.Key, a.Action = key, "POST /account/language"
			must(t, w.SetLanguage(ctx, a, "en"))
			_, err := w.SignIn(ctx, "nobody."+key, "xxx")
			refused(t, err, "sign_in_wrong")
		}
		once("a")
		w.clock.forward(31 * 24 * time.Hour)
		once("b")
		if n := left(); n != [2]int64{2, 2} {
			t.Fatal(n)
		}
		must(t, access.NewSessionStore(w.DB).CommitCtx(ctx, "a", []byte("one"), time.Now().Add(time.Hour)))
		if n := left(); n != [2]int64{1, 1} {
			t.Errorf("%v are left", n)
		}
	})
}

func TestASharedComputerSignsOutAfterFiveMinutes(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 24, 8, 0, 0, 0, time.UTC)
	for _, x := range []struct {
		gone         time.Duration
		shared       bool
		ended, touch bool
	}{
		{10 * time.Second, true, false, false},
		{time.Minute, true, false, true},
		{5 * time.Minute, true, false, true},
		{5*time.Minute + time.Second, true, true, true},
		{time.Hour, false, false, false},
		{2 * time.Hour, false, false, true},
		{12*time.Hour + time.Second, false, true, true},
	} {
		if ended, touch := access.IdleStep(at, at.Add(x.gone), x.shared); ended != x.ended || touch != x.touch {
			t.Errorf("%v, shared %v: ended %v, touch %v", x.gone, x.shared, ended, touch)
		}
	}
}
