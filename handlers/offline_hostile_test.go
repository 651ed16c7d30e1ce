package handlers_test

import (
	"fmt"
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

// impose has the page's requests for /marks answered so, without the server being asked.
func impose(b *testweb.Tab, status int, kind, body string) {
	testweb.Eval[bool](b, fmt.Sprintf(`(() => { window.real ??= window.fetch; window.fetch = (to, ...a) => (to === "/marks" ? Promise.resolve(new Response(%q, { status: %d, headers: { "Content-Type": %q } })) : window.real(to, ...a)); return true; })()`, body, status, kind))
}

func TestWhoeverAnswersInPlaceOfTheServerTakesNoMarks(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite, testseed.Base))
	h := newHall(t, site.DB, site, 6)
	b := h.staff(t, "giang")
	b.Phone()
	b.Go(h.path(0))
	h.tap(b, "Lý A Páo")
	b.Sees("Đã lưu", "1 / 6")
	n := 1
	for _, x := range []struct {
		status     int
		kind, says string
	}{
		{200, "text/html", "Mất kết nối · 1 chưa gửi"}, // the sign-in of a public network
		{403, "text/html", "Mất kết nối · 1 chưa gửi"},
		{401, "application/problem+json", "Đã đăng xuất · 1 chưa gửi"},
		{429, "application/problem+json", "Máy chủ chưa nhận · 1 chưa gửi"},
		{503, "text/html", "Máy chủ chưa nhận · 1 chưa gửi"},
	} {
		impose(b, x.status, x.kind, "{}")
		h.tap(b, hallNames[[]int{0, 1, 2, 3, 5}[n-1]])
		b.Sees(x.says)
		testweb.Eval[bool](b, `(() => { window.fetch = window.real; window.dispatchEvent(new Event("online")); return true; })()`)
		n++
		b.Sees("Đã lưu", fmt.Sprintf("%d / 6", n))
	}
	if m := h.marks(t, 0); len(m) != 6 {
		t.Errorf("%v", m)
	}
	// Too large a request is sent in parts; what is forbidden stays with the reason.
	b.Go(h.path(1))
	testweb.Eval[bool](b, `(() => { const real = window.fetch; window.fetch = (to, o, ...a) => (to === "/marks" && JSON.parse(o.body).marks.length > 2 ? Promise.resolve(new Response("", { status: 413 })) : real(to, o, ...a)); return true; })()`)
	b.Click("Tất cả có mặt")
	b.Sees("Đã lưu", "6 / 6")
	impose(b, 403, "application/problem+json", `{"detail":"Không còn quyền ghi."}`)
	b.ClickIn("Lý A Páo", "Khác")
	b.Click("Đi muộn")
	b.Sees("Có mục hệ thống không nhận", "Không còn quyền ghi.")
	if e := h.events(t, 1); len(e) != 6 {
		t.Errorf("%d events", len(e))
	}
}

func TestABrowserThatKeepsNothingHasTheFormAndSaysSo(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite, testseed.Base))
	h := newHall(t, site.DB, site, 6)
	b := h.staff(t, "giang")
	b.Phone()
	b.Go(h.path(0))
	b.Sees("Đã lưu")
	// The device is full: what was tapped is in the page, which says so and asks before it goes away.
	testweb.Eval[bool](b, `(() => { window.real = window.fetch; window.fetch = () => Promise.reject(new TypeError("cut")); IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError"); }; return true; })()`)
	h.tap(b, "Lý A Páo")
	b.Sees("Máy đã hết chỗ lưu: 1 mục", "Mất kết nối · 1 chưa gửi")
	if stays := testweb.Eval[bool](b, `!window.dispatchEvent(new Event("beforeunload", { cancelable: true }))`); !stays {
		t.Error("the page goes away with a mark that is nowhere else")
	}
	b.Look("attendance-full")
	b.Phone()
	testweb.Eval[bool](b, `(() => { window.fetch = window.real; window.dispatchEvent(new Event("online")); return true; })()`)
	b.Sees("Đã lưu", "1 / 6")
	b.Lacks("Máy đã hết chỗ lưu")
	// A window without storage.
	b.Before(`IDBFactory.prototype.open = () => { throw new DOMException("no", "InvalidStateError"); };`)
	b.Go(h.path(0))
	b.Sees("Trình duyệt này không lưu được dữ liệu", "1 / 6")
	h.tap(b, "Hoàng Văn An")
	b.Sees("2 / 6", "Trình duyệt này không lưu được dữ liệu")
	if e := h.events(t, 0); len(e) != 2 {
		t.Errorf("%+v", e)
	}
}

// A page that went away before the device has let go of a mark would find it again, and say that it waits.
func TestAMarkIsSavedWhenTheServerHasItAndTheDeviceHasLetGoOfIt(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite, testseed.Base))
	h := newHall(t, site.DB, site, 6)
	b := h.staff(t, "giang")
	b.Phone()
	b.Go(h.path(0))
	b.Sees("Đã lưu")
	// The device takes its time over what is learnt from the answer.
	testweb.Eval[bool](b, `(() => {
		const real = IDBObjectStore.prototype.put;
		IDBObjectStore.prototype.put = function (...a) {
			const busy = () => { if (!window.free) this.count().onsuccess = busy; };
			if (this.name === "sheets") busy();
			return real.apply(this, a);
		};
		return true;
	})()`)
	h.tap(b, "Lý A Páo")
	when(b, "window.marks.box.count() === 0")
	b.Sees("Đang gửi · 1 chưa gửi")
	b.Lacks("Đã lưu")
	if e := h.events(t, 0); len(e) != 1 {
		t.Errorf("%d events", len(e))
	}
	testweb.Eval[bool](b, `window.free = true`)
	b.Sees("Đã lưu", "1 / 6")
	b.Go(h.path(0))
	b.Sees("Đã lưu", "1 / 6")
	if e := h.events(t, 0); len(e) != 1 {
		t.Errorf("%d events, sent again", len(e))
	}
}

func TestTwoPagesOfOnePhoneSendAQueueOnce(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite, testseed.Base))
	h := newHall(t, site.DB, site, 6)
	wire := site.Wire(t)
	h.account(t, "giang")
	phone := testweb.NewPhone(t)
	one := phone.Browse(wire.URL)
	site.SignIn(one, "giang")
	one.Go(h.path(0))
	one.Sees("Sẵn sàng dùng khi mất mạng")
	two := phone.Browse(wire.URL)
	two.Go(h.path(0))
	two.Sees("Sẵn sàng dùng khi mất mạng")
	wire.Cut(true)
	h.tap(one, "Lý A Páo")
	h.tap(two, "Hoàng Văn An")
	one.Sees("2 chưa gửi")
	two.Sees("2 chưa gửi")
	// The server has it, the answer is lost, and the battery is empty.
	wire.Lose("/marks")
	wire.Cut(false)
	h.reach(t, map[string]string{"Lý A Páo": "present", "Hoàng Văn An": "present"})
	phone.Kill()
	wire.Lose("")
	b := phone.Browse(wire.URL)
	site.SignIn(b, "giang")
	b.Go(h.path(0))
	b.Sees("Đã lưu", "2 / 6")
	b.Lacks("chưa gửi")
	if e := h.events(t, 0); len(e) != 2 {
		t.Errorf("%+v", e)
	}
}

func TestMarksThatComeAfterClosingAreSaidToBeKept(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite, testseed.Base))
	h := newHall(t, site.DB, site, 6)
	b := h.staff(t, "giang")
	b.Phone()
	b.Go(h.path(0))
	b.Sees("Đã lưu")
	h.set(t, map[string]any{"state": models.CourseClosed, "closed_at": site.DB.Time()})
	h.tap(b, "Lý A Páo")
	b.Sees("Lý A Páo: Có mặt. ", "0 / 6", "điều phối")
	b.Look("attendance-held")
	if e := h.events(t, 0); len(e) != 1 || len(h.marks(t, 0)) != 0 {
		t.Errorf("%+v", e)
	}
}

func TestAListOfTomorrowOpensByItselfWithoutConnection(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite, testseed.Base))
	h := newHall(t, site.DB, site, 6)
	wire := site.Wire(t)
	h.account(t, "giang")
	b := testweb.Browse(t, wire.URL)
	b.CutOff()
	b.Phone()
	site.SignIn(b, "giang")
	b.Go(h.path(2))
	b.Sees("Chưa đến ngày", "Sẵn sàng dùng khi mất mạng")
	wire.Cut(true)
	b.Clock(24 * time.Hour)
	b.Go(h.path(2))
	b.Lacks("Chưa đến ngày")
	h.tap(b, "Lý A Páo")
	b.Sees("1 / 6", "1 chưa gửi")
}

// Whoever marks where answers take seconds has a clock, too: it is wrong only if even the slowest way does not explain it.
func TestASlowAnswerCorrectsAClockThatIsOffByMoreThanItTook(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite, testseed.Base))
	h := newHall(t, site.DB, site, 2)
	b := h.staff(t, "giang")
	b.Go(h.path(0))
	for _, x := range []struct {
		known        string // of the offset
		server, took int    // when the answer came, its clock was so far ahead
		want         string
	}{
		{"null", 600_000, 3000, "601500"}, {"null", -2000, 3000, "null"}, {"null", 600_000, 100, "600050"},
		{"601000", 600_000, 3000, "601000"}, {"5000", 600_000, 3000, "601500"}, {"600060", 600_000, 100, "600060"}, {"5000", 600_000, -3000, "5000"},
	} {
		if got := testweb.Eval[string](b, fmt.Sprintf(`(() => { const c = window.marks.clock; c.offset = %s; c.measure(1e12 + %d, 1e12 - (%d), 1e12); return String(c.offset); })()`, x.known, x.server, x.took)); got != x.want {
			t.Errorf("%+v: %s", x, got)
		}
	}
}

func TestWithoutTLSThePageSaysWhatWillNotWorkAndMarksWaitAllTheSame(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite, testseed.Base))
	h := newHall(t, site.DB, site, 6)
	h.account(t, "giang")
	at := "http://hoitruong.test:" + site.URL[strings.LastIndexByte(site.URL, ':')+1:]
	b := testweb.BrowseTrusting(t, at, "", "hoitruong.test", "")
	b.CutOff()
	b.Phone()
	site.SignIn(b, "giang")
	b.Go(h.path(0))
	b.Sees("Kết nối chưa bảo mật nên trình duyệt không lưu được trang")
	b.Look("offline-insecure")
	b.Phone()
	testweb.Eval[bool](b, `(() => { window.fetch = () => Promise.reject(new TypeError("cut")); return true; })()`)
	h.tap(b, "Lý A Páo")
	b.Sees("Mất kết nối · 1 chưa gửi")
	b.Go("/") // another page sends what the closed one could not
	h.reach(t, map[string]string{"Lý A Páo": "present"})
}

func TestTheTableLosesNothingWithTheConnection(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite, testseed.Base))
	h := newHall(t, site.DB, site, 12)
	b := h.staff(t, "giang")
	b.Go("/courses/" + strconv.FormatUint(h.course.ID, 10) + "/grid")
	b.Sees("Đã lưu")
	testweb.Eval[bool](b, `(() => { window.fetch = () => Promise.reject(new TypeError("cut")); return true; })()`)
	b.ClickAt("tbody tr:first-child td input")
	b.Press("xmk")
	b.Sees("Mất kết nối · 3 chưa gửi")
	b.Look("grid-lost")
	b.Go("/account") // any page sends what waits
	b.Go("/courses/" + strconv.FormatUint(h.course.ID, 10) + "/grid")
	b.Sees("Đã lưu")
	until(t, "three marks", func() bool { return len(h.events(t, 0)) >= 3 }) // the page that was left may have been sending still
	if e := h.events(t, 0); len(e) != 3 || e[0].Source != "grid" {
		t.Errorf("%+v", e)
	}
}

func TestBadgesAreScannedOneAfterTheOtherWithoutConnectionEver(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite, testseed.Base))
	h := newHall(t, site.DB, site, 12)
	wire := site.Wire(t)
	h.account(t, "giang")
	var film []string
	want := map[string]string{}
	for _, person := range []int{1, 2, 3, 4, 9, 10, 11} {
		film = append(film, site.URL+"/b/"+badge.Token(site.Server.Keys, h.people[person]))
		want[hallNames[person]] = "present"
	}
	b := testweb.BrowseWatching(t, wire.URL, film...)
	b.CutOff()
	site.SignIn(b, "giang")
	b.Go(h.path(0)) // the list alone was opened with signal
	b.Sees("Sẵn sàng dùng khi mất mạng")
	wire.Cut(true)
	b.Go(h.session("scan"))
	b.Sees("7 / 12 có mặt", "7 chưa gửi")
	b.Go(h.session("scan"))
	b.Sees("7 / 12 có mặt", "7 chưa gửi")
	wire.Cut(false)
	h.reach(t, want)
	if e := h.events(t, 0); len(e) != 7 {
		t.Errorf("%d events of 7 badges", len(e))
	}
}

// set changes the course behind everybody's back.
func (h *hall) set(t *testing.T, columns map[string]any) {
	t.Helper()
	if _, err := h.site.DB.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
		return 0, tx.Model(&h.course).UpdateColumns(columns).Error
	}); err != nil {
		t.Fatal(err)
	}
}
