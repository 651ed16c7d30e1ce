package handlers_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"taphuan/app/access"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// clock is a clock that a test moves.
type clock struct{ at atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.at.Store(testdb.Now.UnixMicro())
	return c
}

func (c *clock) now() time.Time          { return time.UnixMicro(c.at.Load()) }
func (c *clock) forward(d time.Duration) { c.at.Add(d.Microseconds()) }

// eachSite runs a test on both databases, with a clock that it may move.
func eachSite(t *testing.T, f func(t *testing.T, site *testweb.Site, c *clock)) {
	t.Helper()
	testdb.EachURL(t, func(t *testing.T, url string) {
		c := newClock()
		f(t, testweb.Serve(t, testdb.Open(t, url, testdb.At(c.now))), c)
	}, testseed.Base)
}

const newPassword = "suối Lê-nin trong xanh"

func (a *asker) wants(got answer, status int, location string) {
	a.t.Helper()
	if got.status != status || got.location != location {
		a.t.Fatalf("want %d %q, got %d %q\n%.600s", status, location, got.status, got.location, got.body)
	}
}

func (a *asker) isOut() bool { return strings.HasPrefix(a.get("/account").location, "/sign-in") }

func TestAWholeHallSignsInFromOneAddress(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		const people = 300
		site := testweb.Serve(t, db)
		first := site.Account(t, testweb.Account{Name: "Lý Thị Thử", SignIn: "nguoi0", Role: models.RoleTrainer})
		var a models.Account
		if err := db.Read(t.Context()).Take(&a, first).Error; err != nil {
			t.Fatal(err)
		}
		_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
			for i := range people - 1 {
				b := models.Account{Name: "Người", PasswordHash: a.PasswordHash, Language: "vi"}
				if err := tx.Create(&b).Error; err != nil {
					return 0, err
				}
				if err := tx.Create(&models.SignInName{Name: fmt.Sprint("nguoi", i+1), Kind: access.KindName, AccountID: b.ID}).Error; err != nil {
					return 0, err
				}
			}
			return 0, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for i := range people {
			wg.Go(func() {
				got := nobody(t, site).post("/sign-in", url.Values{"name": {fmt.Sprint("nguoi", i)}, "password": {testweb.Password}})
				if got.status != http.StatusSeeOther {
					t.Errorf("person %d: %d", i, got.status)
				}
			})
		}
		wg.Wait()
	})
}

func TestWhoeverAttacksANameDoesNotKeepItsOwnerOutOfTheOwnDevice(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, site *testweb.Site, c *clock) {
		owner := as(t, site, testweb.Account{Name: "Hà Thị Chủ", SignIn: "chu", Role: models.RoleTrainer})
		attacker, stranger := nobody(t, site), nobody(t, site)
		try := func(a *asker, password string) int {
			return a.post("/sign-in", url.Values{"name": {"chu"}, "password": {password}}).status
		}
		for range 30 {
			try(attacker, "đoán mò")
			c.forward(time.Minute)
		}
		owner.wants(owner.post("/sign-out", nil), http.StatusSeeOther, "/sign-in")
		if got := try(stranger, testweb.Password); got != http.StatusTooManyRequests {
			t.Errorf("from a strange device during the attack: %d", got)
		}
		if got := try(owner, testweb.Password); got != http.StatusSeeOther {
			t.Errorf("the owner, on a device of the owner's own: %d", got)
		}
		attacker.jar["known"] = owner.jar["known"][:strings.LastIndexByte(owner.jar["known"], '.')] + "." + strings.Repeat("0", 64)
		if got := try(attacker, testweb.Password); got != http.StatusTooManyRequests {
			t.Errorf("with a forged device: %d", got)
		}
		c.forward(15 * time.Minute)
		if got := try(stranger, testweb.Password); got != http.StatusSeeOther {
			t.Errorf("a quarter of an hour after the attack: %d", got)
		}
		// A known device has its own failures counted.
		for range 5 {
			try(owner, "đoán mò")
		}
		if got := try(owner, testweb.Password); got != http.StatusTooManyRequests {
			t.Errorf("after five failures on the owner's device: %d", got)
		}
	})
}

func TestASignInIsANewSessionWhoseTokenIsInNoTable(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, site *testweb.Site, _ *clock) {
		site.Account(t, testweb.Account{Name: "Hà Thị Lan", SignIn: "lan", Role: models.RoleTrainer})
		// The browser brings a token that somebody else put there, one that the server itself gave out.
		other := as(t, site, testweb.Account{Name: "Kẻ Xấu", SignIn: "xau", Role: models.RoleTrainer})
		planted := other.jar["taphuan"]
		victim := nobody(t, site)
		victim.jar["taphuan"] = planted
		victim.signIn("lan")
		if victim.jar["taphuan"] == planted {
			t.Error("the session that was there before the sign-in goes on")
		}
		if !strings.Contains(victim.get("/account").body, "Hà Thị Lan") {
			t.Error("not signed in")
		}
		other.jar["taphuan"] = planted
		if !other.isOut() {
			t.Error("the planted session still opens an account")
		}
		var rows []models.SignIn
		if err := site.DB.Read(t.Context()).Find(&rows).Error; err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			if r.TokenHash == victim.jar["taphuan"] || bytes.Contains(r.Data, []byte(victim.jar["taphuan"])) {
				t.Error("the table holds a token that a browser could present")
			}
		}
	})
}

func TestServersOfOneDatabaseShareSignIns(t *testing.T) {
	t.Parallel()
	testdb.EachURL(t, func(t *testing.T, dbURL string) {
		one, two := testweb.Serve(t, testdb.Open(t, dbURL)), testweb.Serve(t, testdb.Open(t, dbURL))
		a := as(t, one, testweb.Account{Name: "Hà Thị Lan", SignIn: "lan", Role: models.RoleTrainer})
		b := nobody(t, one)
		b.signIn("lan")
		a.server, b.server = two.Server, two.Server
		if a.isOut() || b.isOut() {
			t.Fatal("the second server does not know the sign-in")
		}
		got := a.post("/password", url.Values{"current": {testweb.Password}, "password": {newPassword}, "again": {newPassword}})
		a.wants(got, http.StatusSeeOther, "/account")
		a.server, b.server = one.Server, one.Server
		if a.isOut() {
			t.Error("who changed the password is signed out")
		}
		if !b.isOut() {
			t.Error("the change of the password left another sign-in alive on the first server")
		}
		was := a.jar["taphuan"]
		a.wants(a.post("/sign-out", nil), http.StatusSeeOther, "/sign-in")
		a.server, a.jar["taphuan"] = two.Server, was
		if !a.isOut() {
			t.Error("signed out on one server, still in on the other")
		}
	})
}

func TestADisabledAccountIsOutAtOnce(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, site *testweb.Site, _ *clock) {
		admin := as(t, site, testweb.Account{Name: "Quản Trị", SignIn: "admin", Role: models.RoleAdministrator})
		lan := testweb.Account{Name: "Hà Thị Lan", SignIn: "lan", Role: models.RoleTrainer}
		a := as(t, site, lan)
		var row models.SignInName
		if err := site.DB.Read(t.Context()).Where("name = ?", "lan").Take(&row).Error; err != nil {
			t.Fatal(err)
		}
		path := fmt.Sprintf("/accounts/%d", row.AccountID)
		admin.wants(admin.post(path+"/disable", nil), http.StatusSeeOther, path)
		if !a.isOut() {
			t.Error("still in")
		}
		if got := nobody(t, site).post("/sign-in", url.Values{"name": {"lan"}, "password": {testweb.Password}}); got.status != http.StatusUnprocessableEntity {
			t.Errorf("signs in again: %d", got.status)
		}
	})
}

func TestASharedComputerIsSignedOutAfterFiveMinutesWithoutARequest(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, site *testweb.Site, c *clock) {
		site.Account(t, testweb.Account{Name: "Hà Thị Lan", SignIn: "lan", Role: models.RoleTrainer})
		own, shared := nobody(t, site), nobody(t, site)
		form := url.Values{"name": {"lan"}, "password": {testweb.Password}}
		own.post("/sign-in", form)
		form.Set("shared", "true")
		shared.post("/sign-in", form)
		for range 10 {
			c.forward(access.IdleShared - 30*time.Second)
			if shared.isOut() {
				t.Fatal("out although somebody works there")
			}
		}
		c.forward(access.IdleShared + time.Second)
		if !shared.isOut() {
			t.Error("still in after five minutes")
		}
		if own.isOut() {
			t.Error("a computer of one's own is signed out")
		}
		if shared.jar["known"] != "" {
			t.Error("a shared computer came to be known")
		}
	})
}

func TestAFirstPasswordIsChangedBeforeAnythingElse(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, site *testweb.Site, _ *clock) {
		id := site.Account(t, testweb.Account{Name: "Hà Thị Lan", SignIn: "lan", Role: models.RoleCoordinator})
		service := &access.Service{DB: site.DB, Keys: site.Keys}
		once, err := service.ResetPassword(t.Context(), access.System(), id, "")
		if err != nil {
			t.Fatal(err)
		}
		a := nobody(t, site)
		a.wants(a.post("/sign-in", url.Values{"name": {"lan"}, "password": {once}, "next": {"/certificates"}}), http.StatusSeeOther, "/certificates")
		for _, path := range []string{"/certificates", "/account", "/"} {
			a.wants(a.get(path), http.StatusSeeOther, "/password")
		}
		a.wants(a.post("/account/tokens", url.Values{"name": {"x"}}), http.StatusSeeOther, "/password")
		if got := a.get("/api/v1/certificates"); got.status != http.StatusForbidden || !strings.Contains(got.body, "password_change_needed") {
			t.Errorf("the API: %d %s", got.status, got.body)
		}
		for _, weak := range []string{once, "123456789012", "lan", "Hà Thị Lan"} {
			if got := a.post("/password", url.Values{"password": {weak}, "again": {weak}}); got.status != http.StatusUnprocessableEntity {
				t.Errorf("%q: %d", weak, got.status)
			}
		}
		a.wants(a.post("/password", url.Values{"password": {newPassword}, "again": {newPassword}}), http.StatusSeeOther, "/")
		if got := a.get("/certificates"); got.status != http.StatusOK {
			t.Errorf("afterwards: %d", got.status)
		}
	})
}

func TestPagesOfOtherSitesChangeNothing(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, site *testweb.Site, _ *clock) {
		a := as(t, site, testweb.Account{Name: "Hà Thị Lan", SignIn: "lan", Role: models.RoleTrainer})
		send := func(header, value string) int {
			req := httptest.NewRequest(http.MethodPost, "http://taphuan.example.vn/account/language", strings.NewReader("language=en"))
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			req.Header.Set(header, value)
			for name, value := range a.jar {
				req.AddCookie(&http.Cookie{Name: name, Value: value})
			}
			w := httptest.NewRecorder()
			site.Server.ServeHTTP(w, req)
			return w.Code
		}
		for _, x := range []struct {
			header, value string
			want          int
		}{
			{"Sec-Fetch-Site", "cross-site", http.StatusForbidden}, {"Sec-Fetch-Site", "same-site", http.StatusForbidden}, {"Origin", "https://xau.example", http.StatusForbidden},
			{"Origin", "null", http.StatusForbidden}, {"Sec-Fetch-Site", "same-origin", http.StatusSeeOther}, {"Origin", "http://taphuan.example.vn", http.StatusSeeOther},
		} {
			if got := send(x.header, x.value); got != x.want {
				t.Errorf("%s: %s gives %d, not %d", x.header, x.value, got, x.want)
			}
		}
	})
}

func TestSigningInLeadsToNoOtherSite(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite))
	site.Account(t, testweb.Account{Name: "Hà Thị Lan", SignIn: "lan", Role: models.RoleTrainer})
	for _, next := range []string{"//xau.example", "https://xau.example", `/\xau.example`, `\\xau.example`, "/\t/xau.example", "/\r\nSet-Cookie: a=b", "javascript:alert(1)", " //xau.example", "xau.example", ""} {
		a := nobody(t, site)
		a.wants(a.post("/sign-in", url.Values{"name": {"lan"}, "password": {testweb.Password}, "next": {next}}), http.StatusSeeOther, "/")
		a.wants(a.get("/sign-in?next="+url.QueryEscape(next)), http.StatusSeeOther, "/")
		a.wants(a.post("/preferences", url.Values{"theme": {"dark"}, "back": {next}}), http.StatusSeeOther, "/")
	}
	a := nobody(t, site)
	a.wants(a.post("/sign-in", url.Values{"name": {"lan"}, "password": {testweb.Password}, "next": {"/account?x=1"}}), http.StatusSeeOther, "/account?x=1")
}

func TestCookiesAreOutOfReachOfScriptsAndStayOnTLS(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite))
	site.Account(t, testweb.Account{Name: "Hà Thị Lan", SignIn: "lan", Role: models.RoleTrainer})
	for from, tls := range map[string]bool{"192.0.2.1:1234": false, "127.0.0.1:1234": true} { // a stranger, and a proxy on this machine
		req := httptest.NewRequest(http.MethodPost, "/sign-in", strings.NewReader(url.Values{"name": {"lan"}, "password": {testweb.Password}}.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("X-Forwarded-Proto", "https")
		req.RemoteAddr = from
		w := httptest.NewRecorder()
		site.Server.ServeHTTP(w, req)
		cookies := w.Result().Cookies()
		if len(cookies) != 2 {
			t.Fatalf("cookies %v", cookies)
		}
		for _, c := range cookies {
			if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Secure != tls {
				t.Errorf("over TLS %v: %+v", tls, c)
			}
		}
	}
}

var codeOnPaper = regexp.MustCompile(`class="slip-code">([0-9A-Z]{5}-[0-9A-Z]{5})<`)

// TestAHeadPrintsSlipsForTheOwnOfficeAndTheyOpenAccountsOnce goes the way of three quarters of the people, who have no e-mail:
// a sheet of slips from the head, the code typed in with a password of one's own; and again when that is forgotten.
func TestAHeadPrintsSlipsForTheOwnOfficeAndTheyOpenAccountsOnce(t *testing.T) {
	t.Parallel()
	eachSite(t, func(t *testing.T, site *testweb.Site, c *clock) {
		w := newWorld(t, site)
		head := w.as(models.RoleHead)
		hung, lan := w.cadre("Nông Văn Hùng"), w.cadre("Hà Thị Lan")
		form := url.Values{"org": {fmt.Sprint(w.home.ID)}, "id": {fmt.Sprint(hung), fmt.Sprint(lan)}, "request_key": {"11111111-1111-4111-8111-111111111111"}}
		sheet := head.post("/slips", form)
		codes := codeOnPaper.FindAllStringSubmatch(sheet.body, -1)
		if sheet.status != http.StatusOK || len(codes) != 2 || !strings.Contains(sheet.body, "hung.nv") || strings.Count(sheet.body, "data:image/png;base64,") != 2 {
			t.Fatalf("%d %v", sheet.status, codes)
		}
		if got := head.post("/slips", form); got.status != http.StatusConflict || codeOnPaper.MatchString(got.body) {
			t.Errorf("a double click: %d", got.status)
		}
		form.Set("id", fmt.Sprint(w.ids["cadres"]))
		form.Set("request_key", "22222222-2222-4222-8222-222222222222")
		if got := head.post("/slips", form); got.status != http.StatusNotFound {
			t.Errorf("somebody of another office: %d", got.status)
		}
		use := func(code, password string) (answer, *asker) {
			a := nobody(t, site)
			return a.post("/slip", url.Values{"code": {code}, "password": {password}, "again": {password}}), a
		}
		if !strings.Contains(nobody(t, site).get("/slip?c="+codes[0][1]).body, codes[0][1]) {
			t.Error("the QR code's address does not bring the code along")
		}
		got, lanIn := use(strings.ToLower(strings.ReplaceAll(codes[1][1], "-", " ")), newPassword)
		lanIn.wants(got, http.StatusSeeOther, "/")
		if got, _ := use(codes[1][1], "một mật khẩu khác hẳn"); got.status != http.StatusUnprocessableEntity {
			t.Errorf("used twice: %d", got.status)
		}
		// Forgotten: a new slip, of which the first use ends the sign-ins from before.
		form.Set("id", fmt.Sprint(lan))
		form.Set("request_key", "33333333-3333-4333-8333-333333333333")
		again := codeOnPaper.FindStringSubmatch(head.post("/slips", form).body)
		if again == nil {
			t.Fatal("no slip for a forgotten password")
		}
		if lanIn.isOut() {
			t.Error("printing a slip signed its owner out")
		}
		got, a := use(again[1], "một mật khẩu khác hẳn")
		a.wants(got, http.StatusSeeOther, "/")
		if !lanIn.isOut() {
			t.Error("the forgotten password's sign-in goes on")
		}
		c.forward(access.SlipLifetime)
		if got, _ := use(codes[0][1], newPassword); got.status != http.StatusUnprocessableEntity {
			t.Errorf("after thirty days: %d", got.status)
		}
	})
}

// TestNoSecretReachesTheLog signs in, fails to, uses tokens and codes, and puts secrets where they do not belong; then it looks
// for them in all that the server logged.
func TestNoSecretReachesTheLog(t *testing.T) {
	t.Parallel()
	db := testdb.Only(t, store.SQLite, testseed.Base)
	var mu sync.Mutex
	var log bytes.Buffer
	h, err := testweb.Assemble(db, slog.New(slog.NewTextHandler(lockedWriter{&mu, &log}, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatal(err)
	}
	site := &testweb.Site{DB: db, Keys: h.Keys, Server: h}
	w := newWorld(t, site)
	a := w.as(models.RoleAdministrator)
	secrets := []string{testweb.Password, url.QueryEscape(testweb.Password), url.PathEscape(testweb.Password), a.jar["taphuan"], a.jar["known"], w.code, "mat-khau-sai-853"}
	a.post("/sign-in", url.Values{"name": {"lan"}, "password": {"mat-khau-sai-853"}})
	a.get("/sign-in?password=" + url.QueryEscape(testweb.Password))
	a.get("/sign-in?next=" + url.QueryEscape("/?password="+testweb.Password))
	a.get("/v/" + w.code)
	a.get("/api/v1/verify/" + w.code)
	page := a.post("/account/tokens", url.Values{"name": {"thử"}})
	token := regexp.MustCompile(`tph_[a-z2-7]+`).FindString(page.body)
	if token == "" {
		t.Fatalf("no token: %d", page.status)
	}
	sheet := a.post(fmt.Sprintf("/accounts/%d/slip", w.ids["accounts"]), nil)
	code := codeOnPaper.FindStringSubmatch(sheet.body)
	if code == nil {
		t.Fatalf("no slip: %d", sheet.status)
	}
	secrets = append(secrets, token, code[1])
	a.get("/slip?c=" + code[1])
	nobody(t, site).post("/slip", url.Values{"code": {code[1]}, "password": {newPassword}, "again": {newPassword}})
	for _, bearer := range []string{token, "tph_nothing"} {
		req := httptest.NewRequest(http.MethodGet, "/api/v1/certificates?token="+token, nil)
		req.Header.Set("Authorization", "Bearer "+bearer)
		h.ServeHTTP(httptest.NewRecorder(), req)
	}
	mu.Lock()
	defer mu.Unlock()
	if strings.Count(log.String(), "msg=request") < 10 {
		t.Fatal("nothing was logged")
	}
	for _, s := range secrets {
		if strings.Contains(log.String(), s) {
			t.Errorf("the log holds %q", s)
		}
	}
	var audit []models.AuditEntry
	if err := db.Read(t.Context()).Find(&audit).Error; err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(audit)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range secrets {
		if strings.Contains(string(b), s) {
			t.Errorf("the audit holds %q", s)
		}
	}
}

type lockedWriter struct {
	mu *sync.Mutex
	to *bytes.Buffer
}

func (w lockedWriter) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.to.Write(b)
}
