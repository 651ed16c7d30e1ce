package handlers_test

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"taphuan/app/access"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// both looks at a page in the light theme and in the dark one.
func both(b *testweb.Tab, name string) {
	b.Look(name)
	b.Dark(true)
	b.Look(name + "-dark")
	b.Dark(false)
}

// TestTheDoorsOfTheSiteLookRight walks through what people meet before they are in: signing in, slips, first passwords, the check
// of a certificate, what is not there.
func TestTheDoorsOfTheSiteLookRight(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite, testseed.Base))
	w := newWorld(t, site)
	b := testweb.Browse(t, site.URL)
	b.Go("/sign-in")
	both(b, "signin")
	b.Fill("Tên đăng nhập", "lan")
	b.Fill("Mật khẩu", "sai rồi")
	b.Click("Đăng nhập")
	both(b, "signin-wrong")
	b.Go("/slip")
	b.Look("slip-use")
	b.Fill("Mã một lần", "ABCDE-ABCDE")
	b.Fill("Mật khẩu mới", "ngắn")
	b.Fill("Nhập lại mật khẩu mới", "ngắn")
	b.Click("Đặt mật khẩu và đăng nhập")
	b.Look("slip-use-wrong")
	b.Go("/verify")
	both(b, "verify-form")
	b.Go("/v/" + w.code)
	both(b, "verify-valid")
	b.Go("/v/0000000000000000")
	both(b, "verify-unknown")
	b.Go("/khong-co")
	both(b, "error-not-found")
	once, err := (&access.Service{DB: site.DB, Keys: site.Keys}).ResetPassword(t.Context(), access.System(), site.Account(t, testweb.Account{Name: "Hà Thị Lan", SignIn: "lan", Role: models.RoleTrainer}), "")
	if err != nil {
		t.Fatal(err)
	}
	b.Go("/sign-in")
	b.Fill("Tên đăng nhập", "lan")
	b.Fill("Mật khẩu", once)
	b.Click("Đăng nhập")
	both(b, "password-first")
	b.Fill("Mật khẩu mới", newPassword)
	b.Fill("Nhập lại mật khẩu mới", newPassword)
	b.Click("Đổi mật khẩu")
	b.Go("/settings")
	both(b, "error-forbidden")
}

// TestThePagesOfAdministratorsLookRight walks through accounts, slips, settings, the audit and the register.
func TestThePagesOfAdministratorsLookRight(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite, testseed.Base))
	w := newWorld(t, site)
	for _, name := range []string{"Nông Văn Hùng", "Hà Thị Lan", "Công Tằng Tôn Nữ Nguyễn Phước Huyền Trân Ngọc Bảo Phương Quế"} {
		w.cadre(name)
	}
	b := site.As(t, models.RoleAdministrator, "")
	for _, x := range [][2]string{{"account-own", "/account"}, {"account-list", "/accounts"}, {"account-new", "/accounts/new"}, {"account-show", fmt.Sprintf("/accounts/%d", w.ids["accounts"])},
		{"slip-offices", "/slips"}, {"slip-office", fmt.Sprintf("/slips?org=%d", w.home.ID)}, {"settings", "/settings"}, {"audit", "/audit"}, {"certificates", "/certificates"},
		{"certificate", fmt.Sprintf("/certificates/%d", w.ids["certificates"])}, {"certificate-issue", fmt.Sprintf("/courses/%d/certificates", w.closed.ID)}, {"issuers", "/issuers"}, {"password", "/password"}} {
		b.Go(x[1])
		both(b, x[0])
	}
	b.Go("/accounts/new")
	b.Fill("Họ và tên", "Hà Thị Lan")
	b.Fill("Tên đăng nhập", "!!!")
	b.Click("Tạo tài khoản")
	b.Look("account-new-wrong")
	b.Go(fmt.Sprintf("/slips?org=%d", w.home.ID))
	b.Click("Lập và in phiếu")
	b.Look("slip-print")
	b.Go("/account")
	b.Fill("Dùng cho việc gì", "Báo cáo tự động của Sở")
	b.Click("Tạo mã")
	b.Look("account-own-token")
	b.Go("/account?lang=en")
	b.Look("account-own-en")
}

// TestACadresOwnPageLooksRight looks at what a cadre comes for, with a certificate and without.
func TestACadresOwnPageLooksRight(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite, testseed.Base))
	w := newWorld(t, site)
	site.Account(t, testweb.Account{Name: "Bế Thị Ngoài", SignIn: "be", Role: models.RoleCadre, CadreID: w.ids["cadres"]})
	b := testweb.Browse(t, site.URL)
	site.SignIn(b, "be")
	b.Go("/my")
	both(b, "my")
}

// TestTheKeyboardReachesEverything uses the sign-in page and the list of accounts without a mouse.
func TestTheKeyboardReachesEverything(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite, testseed.Base))
	b := site.As(t, models.RoleAdministrator, "")
	b.Go("/accounts")
	b.Press(kb.Tab)
	if got := testweb.Eval[string](b, "document.activeElement.getAttribute('href')"); got != "#main" {
		t.Errorf("the first stop is %q, not the link past the rail", got)
	}
	if !testweb.Eval[bool](b, "document.activeElement.getBoundingClientRect().top >= 0") {
		t.Error("the link past the rail cannot be seen while it has the focus")
	}
	b.Press(kb.Enter)
	b.Press(kb.Tab)
	if !testweb.Eval[bool](b, "document.querySelector('#main').contains(document.activeElement)") {
		t.Error("the link past the rail does not lead into the page")
	}
	// Whatever has the focus shows it.
	for range 12 {
		if testweb.Eval[bool](b, "document.activeElement === document.body") {
			break // past the end of the page
		}
		if !testweb.Eval[bool](b, "(s => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 || s.boxShadow !== 'none')(getComputedStyle(document.activeElement))") {
			t.Errorf("the focus is not to be seen on %s", testweb.Eval[string](b, "document.activeElement.outerHTML.slice(0, 200)"))
		}
		b.Press(kb.Tab)
	}
	// A refused form says so first: its summary takes the focus and leads to the field.
	b.Go("/accounts/new")
	b.Fill("Họ và tên", "Hà Thị Lan")
	b.Fill("Tên đăng nhập", "!!!")
	b.Click("Tạo tài khoản")
	if !testweb.Eval[bool](b, "!!document.activeElement.closest('.error-summary, [role=alert]')") {
		t.Errorf("the summary of what is wrong has not got the focus, but %s", testweb.Eval[string](b, "document.activeElement.outerHTML.slice(0, 200)"))
	}
	b.Go("/sign-in?next=" + url.QueryEscape("/accounts"))
	if b.Path() != "/accounts" {
		t.Errorf("who is signed in is at %s", b.Path())
	}
}
