package handlers_test

import (
	"bytes"
	"encoding/base64"
	"html"
	"net/http"
	"net/url"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"taphuan/app/badge"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// now lets the site's clock run from noon, so that no day ends meanwhile, and the hall's first session last all of it. It gives by how much that clock is
// ahead of the browser's.
func (h *hall) now(t *testing.T) (ahead time.Duration) {
	t.Helper()
	began := time.Now()
	y, m, d := began.In(models.Zone).Date()
	ahead = time.Date(y, m, d, 12, 0, 0, 0, models.Zone).Sub(began)
	h.site.DB.Now = func() time.Time { return time.Now().Add(ahead) }
	_, err := h.site.DB.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
		return 0, tx.Model(&models.Session{}).Where("id = ?", h.sessions[0].ID).Updates(map[string]any{"day": tx.Today, "start_minute": 0, "end_minute": 1440}).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	return ahead
}

// ownAccount gives a person of the hall an account, and the name under which it signs in.
func (h *hall) ownAccount(t *testing.T, person int) string {
	t.Helper()
	var e models.Enrolment
	if err := h.site.DB.Read(t.Context()).Take(&e, h.people[person]).Error; err != nil {
		t.Fatal(err)
	}
	name := "canbo" + strconv.Itoa(person)
	h.site.Account(t, testweb.Account{Name: hallNames[person], SignIn: name, Role: models.RoleCadre, CadreID: e.CadreID})
	return name
}

func (h *hall) session(rest string) string {
	return "/sessions/" + strconv.FormatUint(h.sessions[0].ID, 10) + "/" + rest
}

// scanned reads the QR code of a picture, as a phone's camera does.
func scanned(t *testing.T, png []byte) string {
	t.Helper()
	cmd := exec.Command("zbarimg", "-q", "--raw", "png:-")
	cmd.Stdin = bytes.NewReader(png)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal("no code in the picture: ", err)
	}
	return strings.TrimSpace(string(out))
}

// local is the path of an address of the site.
func local(t *testing.T, site *testweb.Site, address string) string {
	t.Helper()
	path, ok := strings.CutPrefix(address, site.URL)
	if !ok {
		t.Fatalf("%s is not of %s", address, site.URL)
	}
	return path
}

func TestAHallChecksInByTheScreensCode(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		h := newHall(t, db, site, 12)
		ahead := h.now(t)
		screen := h.staff(t, "giang")
		screen.Clock(ahead)
		screen.Go(h.path(0))
		screen.Click("Mã trên màn hình")
		screen.Sees("Quét mã để điểm danh", "0 / 12", "khớp với máy chủ")
		screen.Look("screen")
		screen.Dark(true)
		screen.Look("screen-dark")
		screen.Dark(false)
		first := local(t, site, scanned(t, screen.Picture(false)))

		// The clock of the screen's device is set wrong on a slow line, and then its network goes: codes are right all the same.
		testweb.Eval[bool](screen, "(() => { const ask = window.fetch; window.fetch = (...a) => new Promise((r) => setTimeout(r, 2000)).then(() => ask(...a)); const real = Date.now; Date.now = () => real() + 62000; return true })()")
		when(screen, `Math.abs(62 - /chạy nhanh (\d+) giây, đã bù/.exec(document.body.innerText)?.[1]) <= 5`) // an answer takes 8 seconds at most
		before := testweb.Eval[string](screen, "document.querySelector('[data-screen]').dataset.shown")
		screen.Offline(true)
		testweb.Eval[bool](screen, "new Promise(done => { const look = () => document.querySelector('[data-screen]').dataset.shown !== "+strconv.Quote(before)+" ? done(true) : setTimeout(look, 100); look() })")
		code := func() string { return local(t, site, scanned(t, screen.Picture(false))) } // it lasts less than a minute

		// Signed in and enrolled: one look at the code is all.
		own := testweb.Browse(t, site.URL)
		site.SignIn(own, h.ownAccount(t, 4))
		own.Phone()
		own.Go(code())
		own.Sees("Lý A Páo", "Đã ghi có mặt")
		if own.Path() != "/check-in" {
			t.Errorf("the code stays in the address: %s", own.Path())
		}
		own.Look("checkin-done")

		// Nobody signed in: the personal code of the invitation.
		guest := testweb.Browse(t, site.URL)
		guest.Phone()
		guest.Go(code())
		guest.Sees("Hoặc không cần đăng nhập")
		guest.Look("checkin-ask")
		guest.Phone()
		guest.Fill("Mã dự lớp", "1-000000")
		guest.Click("Xác nhận có mặt")
		guest.Sees("Mã dự lớp không đúng")
		guest.Fill("Mã dự lớp", strings.ToLower(badge.Code(site.Server.Keys, h.people[9])))
		guest.Click("Xác nhận có mặt")
		guest.Sees("Lương Thế Vinh", "Đã ghi có mặt")
		guest.Click("Điểm danh cho người khác trên máy này")
		guest.Fill("Mã dự lớp", badge.Code(site.Server.Keys, h.people[11]))
		guest.Click("Xác nhận có mặt")
		guest.Sees("Vi Văn Sơn", "Đã ghi có mặt")
		if got := h.marks(t, 0); len(got) != 3 || got["Lý A Páo"] != "present" || got["Lương Thế Vinh"] != "present" || got["Vi Văn Sơn"] != "present" {
			t.Errorf("%v", got)
		}

		// Signing in takes its time and comes back; a strange account is told to see the clerk.
		strange := testweb.Browse(t, site.URL)
		strange.Go(code())
		strange.Click("Đăng nhập")
		site.Account(t, testweb.Account{Name: "Người ngoài", SignIn: "ngoai", Role: models.RoleCoordinator})
		strange.Fill("Tên đăng nhập", "ngoai")
		strange.Fill("Mật khẩu", testweb.Password)
		strange.Click("Đăng nhập")
		strange.Sees("không có tên trong danh sách của lớp", "gặp thư ký lớp")

		screen.Offline(false)
		screen.Sees("3 / 12")
		screen.Click("Đổi khóa mã")
		screen.Sees("Quét mã để điểm danh", "3 / 12")
		late := testweb.Browse(t, site.URL)
		late.Go(first)
		late.Sees("Đây không phải mã điểm danh đang dùng", "Hãy hướng máy ảnh vào mã đang hiện")
		late.Look("checkin-refused")
		screen.Click("Về danh sách")
		screen.Click("Tự điểm danh cần xem lại")
		screen.Sees("Một máy điểm danh cho nhiều người", "Vi Văn Sơn, Lương Thế Vinh")
		screen.Look("checkin-odd")
	}, testseed.Base)
}

func TestNothingButTheFormMarksAndNeitherKeysNorCodesAreKept(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		h := newHall(t, db, site, 3)
		h.now(t)
		h.account(t, "giang")
		trainer := askerFor(t, site, "giang")
		page := trainer.get(h.session("screen")).body
		code := h.code(t, page)
		own := askerFor(t, site, h.ownAccount(t, 1))
		for range 2 {
			if got := own.get(code); got.status != http.StatusSeeOther || got.location != "/check-in" {
				t.Fatalf("%+v", got)
			}
			if got := own.get("/check-in"); got.status != http.StatusOK || !strings.Contains(got.body, "data-arrive") {
				t.Fatalf("%+v", got)
			}
		}
		if got := h.marks(t, 0); len(got) != 0 {
			t.Errorf("opening addresses marked %v", got)
		}
		// A copied ticket needs the browser that it was made for.
		thief := nobody(t, site)
		thief.jar["ticket"] = own.jar["ticket"]
		if got := thief.get("/check-in"); !strings.Contains(got.body, "Chưa điểm danh được") {
			t.Errorf("a copied ticket: %d", got.status)
		}
		if got := thief.post("/check-in", url.Values{"code": {badge.Code(site.Server.Keys, h.people[0])}}); got.status != http.StatusConflict {
			t.Errorf("a copied ticket: %d", got.status)
		}
		for range 2 {
			if got := own.post("/check-in", url.Values{}); got.status != http.StatusSeeOther {
				t.Fatalf("%+v", got)
			}
		}
		if got := own.get("/check-in"); !strings.Contains(got.body, "Đã ghi có mặt") || strings.Contains(got.body, "data-arrive") {
			t.Error(got.body)
		}
		if got := h.marks(t, 0); len(got) != 1 {
			t.Errorf("%v", got)
		}
		for _, bad := range []string{"/c/x", "/c/1.2.3", code[:len(code)-1], "/c/%FF"} {
			if got := nobody(t, site).get(bad); got.status != http.StatusNotFound || !strings.Contains(got.body, "Đây không phải mã điểm danh") {
				t.Errorf("%s: %d", bad, got.status)
			}
		}
		for _, form := range []url.Values{{"by": {"code"}}, {"code": {strings.Repeat("9", 101)}}, {"code": {"\xff\xfe"}}, {"by": {"x"}}} {
			guest := nobody(t, site)
			guest.get(code)
			if got := guest.post("/check-in", form); got.status != http.StatusUnprocessableEntity {
				t.Errorf("%v: %d", form, got.status)
			}
		}
		badgePage := nobody(t, site).get("/b/" + badge.Token(site.Server.Keys, h.people[0]))
		if badgePage.status != http.StatusOK || strings.Contains(badgePage.body, hallNames[0]) || !strings.Contains(badgePage.body, "thư ký lớp") {
			t.Errorf("%+v", badgePage)
		}
	}, testseed.Base)
}

// askerFor asks as the account that signs in under a name.
func askerFor(t *testing.T, site *testweb.Site, name string) *asker {
	t.Helper()
	a := nobody(t, site)
	if got := a.post("/sign-in", url.Values{"name": {name}, "password": {testweb.Password}}); got.status != http.StatusSeeOther {
		t.Fatalf("%+v", got)
	}
	return a
}

// code gives the path of the code that the screen's page shows without its script.
func (h *hall) code(t *testing.T, page string) string {
	t.Helper()
	return local(t, &testweb.Site{URL: "http://example.com"}, scanned(t, pngOf(t, between(page, `<img src="data:image/png;base64,`, `"`))))
}

func pngOf(t *testing.T, encoded string) []byte {
	t.Helper()
	b, err := base64.StdEncoding.DecodeString(html.UnescapeString(encoded))
	if err != nil {
		t.Fatal(err)
	}
	return b
}
