package access_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

func TestASlipMakesAnAccountAndOpensItOnce(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		head := w.account("truong", models.RoleHead, w.a.ID)
		c := w.cadre("Nông Văn Hùng", "", w.below)
		slips, err := w.MakeSlips(ctx, head, w.below.ID, []uint64{c.ID})
		must(t, err)
		s := slips[0]
		if s.SignInName != "hung.nv" || s.Name != "Nông Văn Hùng" || s.Organisation != w.below.Name {
			t.Errorf("%+v", s)
		}
		if !regexp.MustCompile(`^[2-9A-Z]{5}-[2-9A-Z]{5}$`).MatchString(s.Code) {
			t.Errorf("code %q", s.Code)
		}
		_, err = w.UseSlip(ctx, store.By{}, s.Code, "ngắn")
		refused(t, err, "password_short") // and the code stays good
		a, err := w.UseSlip(ctx, store.By{}, " "+strings.ToLower(strings.ReplaceAll(s.Code, "-", " ")), "suối Lê-nin trong xanh")
		must(t, err)
		got, err := w.Load(ctx, a.ID, a.Epoch)
		must(t, err)
		if !got.Has(models.RoleCadre) || got.CadreID != c.ID || got.MustChange {
			t.Errorf("%+v", got)
		}
		_, err = w.UseSlip(ctx, store.By{}, s.Code, "một mật khẩu khác hẳn")
		refused(t, err, "slip_wrong")
		again, err := w.UseSlip(ctx, store.By{}, s.Code, "suối Lê-nin trong xanh") // the form was sent twice
		must(t, err)
		if again.ID != a.ID || again.Epoch != a.Epoch {
			t.Errorf("%+v", again)
		}
		_, err = w.SignIn(ctx, "Hùng.NV", "suối Lê-nin trong xanh")
		must(t, err)
	})
}

func TestSignInNamesOfSlipsAreMobileNumbersWhereFreeAndUniqueOtherwise(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		coordinator := w.account("dieuphoi", models.RoleCoordinator, 0)
		w.account("hung.nv", "", 0)
		var ids []uint64
		for _, p := range [][2]string{{"Nông Văn Hùng", "0912 345 678"}, {"Nguyễn Việt Hưng", "912345678"}, {"Ngô Văn Hùng", ""}, {"Hùng", "02063852222"}} {
			ids = append(ids, w.cadre(p[0], p[1], w.a).ID)
		}
		slips, err := w.MakeSlips(ctx, coordinator, w.a.ID, ids)
		must(t, err)
		got := map[string]string{}
		for _, s := range slips {
			got[s.Name] = s.SignInName
		}
		mobile := 0
		for _, n := range []string{"Nông Văn Hùng", "Nguyễn Việt Hưng"} {
			if got[n] == "0912345678" {
				mobile++
			}
		}
		if mobile != 1 || got["Hùng"] != "hung" || !strings.HasPrefix(got["Ngô Văn Hùng"], "hung.nv") || got["Ngô Văn Hùng"] == "hung.nv" {
			t.Errorf("sign-in names %v", got)
		}
		seen := map[string]bool{}
		for _, n := range got {
			if seen[n] {
				t.Errorf("%s twice", n)
			}
			seen[n] = true
		}
	})
}

func TestANewSlipVoidsTheOlderAndAllEndAfterThirtyDays(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		head := w.account("truong", models.RoleHead, w.a.ID)
		c := w.cadre("Hà Thị Lan", "", w.a)
		first, err := w.MakeSlips(ctx, head, w.a.ID, []uint64{c.ID})
		must(t, err)
		second, err := w.MakeSlips(ctx, head, w.a.ID, []uint64{c.ID})
		must(t, err)
		if first[0].AccountID != second[0].AccountID || first[0].Code == second[0].Code {
			t.Error("the second slip should be for the same account with another code")
		}
		_, err = w.UseSlip(ctx, store.By{}, first[0].Code, goodPassword)
		refused(t, err, "slip_wrong")
		w.clock.forward(access.SlipLifetime)
		_, err = w.UseSlip(ctx, store.By{}, second[0].Code, goodPassword)
		refused(t, err, "slip_wrong")
	})
}

func TestNobodyMakesASlipForAnAccountThatMayMore(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		head := w.account("truong", models.RoleHead, w.a.ID)
		coordinator := w.account("dieuphoi", models.RoleCoordinator, 0)
		give := func(name string, role models.Role, org uint64) models.Cadre {
			c := w.cadre(name, "", w.a)
			id, err := w.Create(ctx, access.System(), access.NewAccount{CadreID: c.ID, Password: goodPassword})
			must(t, err)
			must(t, w.Grant(ctx, access.System(), id, role, org))
			return c
		}
		admin, coord := give("Quản Trị", models.RoleAdministrator, 0), give("Điều Phối", models.RoleCoordinator, 0)
		above, own := give("Trên Cao", models.RoleHead, w.root.ID), give("Dưới Quyền", models.RoleHead, w.below.ID)
		for _, x := range []struct {
			who   access.Actor
			cadre models.Cadre
			ok    bool
		}{{head, admin, false}, {head, coord, false}, {head, above, false}, {head, own, true}, {coordinator, admin, false}, {coordinator, coord, true}, {coordinator, above, true}} {
			_, err := w.MakeSlips(ctx, x.who, w.a.ID, []uint64{x.cadre.ID})
			if x.ok {
				must(t, err)
			} else {
				refused(t, err, "slip_beyond_rights")
			}
		}
	})
}

func TestSlipsStayWithinTheOfficesInScope(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		head := w.account("truong", models.RoleHead, w.a.ID)
		there := w.cadre("Lý Văn Páo", "", w.b)
		_, err := w.MakeSlips(ctx, head, w.b.ID, []uint64{there.ID})
		refused(t, err, "not_found")
		_, err = w.MakeSlips(ctx, head, w.a.ID, []uint64{there.ID})
		refused(t, err, "not_found")
		_, _, err = w.SlipRows(ctx, head, w.b.ID)
		refused(t, err, "not_found")
		var n int64
		must(t, w.DB.Read(ctx).Model(&models.Account{}).Where("cadre_id IS NOT NULL").Count(&n).Error)
		if n != 0 {
			t.Error("an account was made all the same")
		}
	})
}

func TestWrongCodesAreSlowedByTheirFirstGroup(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		head := w.account("truong", models.RoleHead, w.a.ID)
		c, d := w.cadre("Hà Thị Lan", "", w.a), w.cadre("Hà Thị Liên", "", w.a)
		slips, err := w.MakeSlips(ctx, head, w.a.ID, []uint64{c.ID, d.ID})
		must(t, err)
		group := slips[0].Code[:5]
		for i := range 5 {
			_, err = w.UseSlip(ctx, store.By{}, group+"-"+strings.Repeat(string("ACDEF"[i]), 5), goodPassword)
		}
		refused(t, err, "sign_in_wait")
		_, err = w.UseSlip(ctx, store.By{}, slips[0].Code, goodPassword)
		refused(t, err, "sign_in_wait")
		_, err = w.UseSlip(ctx, store.By{}, slips[1].Code, goodPassword)
		must(t, err)
		w.clock.forward(time.Minute)
		_, err = w.UseSlip(ctx, store.By{}, slips[0].Code, goodPassword)
		must(t, err)
	})
}

func TestTheOfficeListSaysWhoNeedsASlipInBoundedQueries(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		head := w.account("truong", models.RoleHead, w.a.ID)
		var ids []uint64
		for i := range 30 {
			ids = append(ids, w.cadre(fmt.Sprintf("Nông Thị %c%c", 'A'+i/10, 'A'+i%10), "", w.a).ID)
		}
		slips, err := w.MakeSlips(ctx, head, w.a.ID, ids[:20])
		must(t, err)
		for _, s := range slips[:2] {
			_, err := w.UseSlip(ctx, store.By{}, s.Code, goodPassword)
			must(t, err)
		}
		w.cadre("Người Cơ Quan Khác", "", w.b)
		var rows []access.SlipRow
		n := testdb.CountQueries(w.DB, func() {
			_, rows, err = w.SlipRows(ctx, head, w.a.ID)
			must(t, err)
		})
		count := map[access.SlipState]int{}
		for _, r := range rows {
			count[r.State]++
		}
		if n > 6 || count[access.SlipNoAccount] != 10 || count[access.SlipWaiting] != 18 || count[access.SlipHas] != 2 {
			t.Errorf("%d queries, %v", n, count)
		}
	})
}

func TestASlipPrintedBeforeAnAccountGotAGreaterRoleOpensItNoMore(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		head := w.account("truong", models.RoleHead, w.a.ID)
		admin := w.account("quantri", models.RoleAdministrator, 0)
		c := w.cadre("Nông Văn Hùng", "", w.below)
		slips, err := w.MakeSlips(ctx, head, w.below.ID, []uint64{c.ID})
		must(t, err)
		must(t, w.Grant(ctx, admin, slips[0].AccountID, models.RoleCoordinator, 0))
		_, err = w.UseSlip(ctx, store.By{}, slips[0].Code, "suối Lê-nin trong xanh")
		refused(t, err, "slip_wrong")
	})
}

func TestSlipsForOnePersonMadeAtOnceFindOneAccount(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, w *world) {
		coordinator := w.account("dieuphoi", models.RoleCoordinator, 0)
		ids := []uint64{w.cadre("Nông Văn Hùng", "", w.a).ID, w.cadre("Đàm Thị Lan", "", w.a).ID}
		const clerks = 4
		ended := make(chan error, 2*clerks)
		for i := range clerks {
			mixed := []uint64{ids[i%2], ids[1-i%2]} // whatever the order in which they are ticked
			go func() {
				_, err := w.MakeSlips(ctx, coordinator, w.a.ID, mixed)
				ended <- err
			}()
			go func() {
				_, err := w.Create(ctx, access.System(), access.NewAccount{CadreID: ids[i%2]})
				if errs.Is(err, "cadre_has_account") {
					err = nil
				}
				ended <- err
			}()
		}
		for range 2 * clerks {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		var n int64
		must(t, w.DB.Read(ctx).Model(&models.Account{}).Where("cadre_id IN ?", ids).Count(&n).Error)
		if n != 2 {
			t.Errorf("%d accounts of two people", n)
		}
	})
}
