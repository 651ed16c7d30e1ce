package handlers_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// events are those that the database has of a session.
func (h *hall) events(t *testing.T, session int) []models.MarkEvent {
	t.Helper()
	var list []models.MarkEvent
	if err := h.site.DB.Read(context.Background()).Where("session_id = ?", h.sessions[session].ID).Order("id").Find(&list).Error; err != nil {
		t.Fatal(err)
	}
	return list
}

func TestAHallWithoutReceptionIsMarkedThroughAnEmptyBatteryAndALostAnswer(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		h := newHall(t, db, site, 12)
		wire := site.Wire(t)
		h.account(t, "giang")
		phone := testweb.NewPhone(t)
		b := phone.Browse(wire.URL)
		site.SignIn(b, "giang")
		b.Sees("Chưa sẵn sàng dùng khi mất mạng", "Danh sách của buổi chưa được lưu trên máy này")
		b.Click("Chuẩn bị dùng khi mất mạng")
		b.Sees("Sẵn sàng dùng khi mất mạng")
		b.Lacks("Danh sách của buổi chưa được lưu")
		b.Sees("Trình duyệt có thể xóa dữ liệu khi máy đầy")
		b.Go(h.path(2)) // tomorrow's list, which is not to be marked yet
		b.Sees("Chưa đến ngày", "Sẵn sàng dùng khi mất mạng")
		b.Go(h.path(0))
		b.Sees("Sẵn sàng dùng khi mất mạng")
		h.tap(b, "Lý A Páo")
		b.Sees("Đã lưu", "1 / 12")

		wire.Cut(true)
		b.Go(h.path(0))
		b.Sees("Trang này được lưu trên máy lúc", "1 / 12")
		h.tap(b, "Vi Văn Sơn")
		b.Sees("2 / 12", "1 chưa gửi")
		b.ClickIn("Mã Thị Ngọc", "Khác")
		b.Fill("Ghi chú", "xe hỏng ở đèo")
		b.Click("Đi muộn")
		b.Sees("Mã Thị Ngọc: Đi muộn", "xe hỏng ở đèo", "3 / 12")
		// Somebody who is on the list already, then a stranger in place of somebody.
		b.Fill("Họ và tên", "nong thi anh")
		b.Fill("Cơ quan, đơn vị", "Xã Cần Yên")
		b.Click("Thêm và ghi có mặt")
		b.Sees("Đã có người cùng tên trong danh sách: Nông Thị Ánh")
		b.Fill("Họ và tên", "Hứa Văn Lạ")
		b.Fill("Năm sinh", "1985")
		b.Fill("Đi thay cho", "Bế Văn Đức")
		b.Click("Thêm và ghi có mặt")
		b.Sees("Hứa Văn Lạ: Có mặt", "đi thay Bế Văn Đức", "3 / 12", "1 phát sinh")
		b.Look("offline-list")
		b.Dark(true)
		b.Look("offline-list-dark")
		b.Dark(false)
		b.Phone()
		b.Go("/") // the first page is at hand, too, and says what waits
		b.Sees("Mất kết nối · 4 chưa gửi", "Tập huấn kiến thức")
		b.Go("/certificates")
		b.Sees("Dữ liệu trên máy này", "4 mục của bạn", "Tập huấn kiến thức, kỹ năng truyền thông về quyền con người năm 2026, buổi sáng 24/11")
		b.Look("offline-page")

		phone.Kill()
		b = phone.Browse(wire.URL)
		b.Go(h.path(0))
		b.Sees("3 / 12", "Mất kết nối · 4 chưa gửi", "Hứa Văn Lạ", "xe hỏng ở đèo")
		h.tap(b, "Bế Văn Đức")
		b.Sees("4 / 12", "5 chưa gửi")

		// The battery took the sign-in with it, or not; the queue goes once somebody has signed in. The first answer is lost.
		wire.Lose("/marks")
		wire.Cut(false)
		site.SignIn(b, "giang")
		b.Sees("5 chưa gửi")
		wire.Lose("")
		b.Go(h.path(0))
		b.Sees("Đã lưu", "4 / 12", "1 phát sinh", "Hứa Văn Lạ")
		b.Lacks("chưa gửi")
		if e := h.events(t, 0); len(e) != 5 {
			t.Errorf("%d events: %+v", len(e), e)
		}
		if m := h.marks(t, 0); len(m) != 4 || m["Mã Thị Ngọc"] != "late" || m["Bế Văn Đức"] != "present" {
			t.Errorf("%v", m)
		}
		var w models.WalkIn
		if err := db.Read(context.Background()).Take(&w).Error; err != nil || w.Name != "Hứa Văn Lạ" || w.BirthYear != 1985 || w.ReplacesID == nil || *w.ReplacesID != h.people[2] {
			t.Errorf("%+v, %v", w, err)
		}
		b.Look("offline-back")
	}, testseed.Base)
}

func TestTwoPhonesDisagreeAndOneHasAWrongClock(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		h := newHall(t, db, site, 6)
		one, two := h.staff(t, "giang"), h.staff(t, "thuky")
		one.Clock(10 * time.Minute)
		one.Go(h.path(0))
		two.Go(h.path(0))
		began := time.Now()
		h.tap(one, "Lý A Páo")
		one.Sees("Đã lưu", "1 / 6")
		testweb.Eval[bool](two, `(() => { const now = Date.now; Date.now = () => now() + 60000; return true; })()`) // a minute passes
		two.ClickIn("Lý A Páo", "Khác")
		two.Click("Vắng không phép")
		two.Sees("Đã lưu", "Hai nguồn ghi khác nhau")
		events := h.events(t, 0)
		// The wrong clock is on record as it was, and did not decide.
		if len(events) != 2 || events[0].DeviceAt == nil || events[0].DeviceAt.Sub(began) < 9*time.Minute || events[0].MarkedAt.Sub(db.Time()).Abs() > 5*time.Minute ||
			events[0].Flag != "" || events[0].DeviceID == events[1].DeviceID {
			t.Errorf("%+v", events)
		}
		if m := h.marks(t, 0); m["Lý A Páo"] != "absent" {
			t.Errorf("%v", m)
		}
		two.Look("attendance-odd")
		two.Click("Hai nguồn ghi khác nhau")
		two.Sees("Vắng không phép – đang có hiệu lực", "Có mặt – ghi khác", "Đồng hồ của máy ghi là", "Ghi từ danh sách")
		two.Look("attendance-odd-history")
		two.Check("Có mặt")
		two.Fill("Ghi chú", "đã hỏi lại")
		two.Click("Lưu điểm danh")
		two.Lacks("Hai nguồn ghi khác nhau")
		// Who sees a mark and changes it is later, whatever the clocks say.
		one.Go(h.path(0))
		one.Sees("Sẵn sàng dùng khi mất mạng", "Đã lưu", "đã hỏi lại") // the page may have been kept, and learn that in a moment
		one.ClickIn("Lý A Páo", "Khác")
		one.Click("Đi muộn")
		one.Sees("Đã lưu", "Lý A Páo: Đi muộn")
		one.Lacks("Hai nguồn ghi khác nhau")
		if m := h.marks(t, 0); m["Lý A Páo"] != "late" {
			t.Errorf("%v", m)
		}
	}, testseed.Base)
}

// kept gives the pages that the browser keeps.
func kept(b *testweb.Tab) map[string]string {
	return testweb.Eval[map[string]string](b, `(async () => { const out = {}; for (const n of await caches.keys()) if (n.startsWith("pages-")) { const c = await caches.open(n); for (const r of await c.keys()) out[new URL(r.url).pathname] = await (await c.match(r)).text(); } return out; })()`)
}

func TestAMarkThatIsNotWrittenYetWhenThePageGoesAwayIsCarriedOver(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		h := newHall(t, db, site, 6)
		wire := site.Wire(t)
		h.account(t, "giang")
		b := testweb.Browse(t, wire.URL)
		b.CutOff()
		b.Phone()
		site.SignIn(b, "giang")
		b.Go(h.path(0))
		b.Sees("Sẵn sàng dùng khi mất mạng", "Đã lưu")
		wire.Cut(true)
		// The store takes a request and never gets to it.
		testweb.Eval[bool](b, `(() => { IDBObjectStore.prototype.put = function () { return this.get("never"); }; IDBTransaction.prototype.addEventListener = () => {}; Object.defineProperty(IDBTransaction.prototype, "oncomplete", { set() {} }); return true; })()`)
		h.tap(b, "Lý A Páo")
		b.Go(h.path(0))
		b.Sees("1 chưa gửi")
		wire.Cut(false)
		b.Sees("Đã lưu")
		if m := h.marks(t, 0); len(m) != 1 {
			t.Errorf("the server has %v", m)
		}
	}, testseed.Base)
}

func TestAPhoneThatIsHandedOnShowsNoListsAndKeepsItsMarks(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		h := newHall(t, db, site, 6)
		wire := site.Wire(t)
		h.account(t, "giang")
		b := testweb.Browse(t, wire.URL)
		b.CutOff()
		b.Phone()
		site.SignIn(b, "giang")
		b.Go(h.path(0))
		b.Sees("Sẵn sàng dùng khi mất mạng")
		pages := kept(b)
		if pages[h.path(0)] == "" {
			t.Fatalf("nothing is kept: %v", pages)
		}
		secret := regexp.MustCompile(`name="request_key" value="[^"]|09\d{8}|\b\d{12}\b|\d\d/\d\d/19\d\d`)
		for path, page := range pages {
			if found := secret.FindString(page); found != "" || !strings.Contains(page, "data-saved=") {
				t.Errorf("%s is kept with %q", path, found)
			}
		}
		// Marks that wait on a phone of before are carried over. The page that is open could still be looking for such, and would send it.
		wire.Cut(true)
		testweb.Eval[bool](b, fmt.Sprintf(`(() => { const uid = "0197a000-0000-7000-8000-000000000001"; localStorage.setItem("taphuan.mark." + document.querySelector("meta[name=marks]").content + "." + uid, JSON.stringify({ uid, session: "%d", enrolment: "%d", mark: "late", all: false, at: Date.now(), name: "Hoàng Văn An", was: "" })); return true; })()`,
			h.sessions[0].ID, h.people[1]))
		b.Go(h.path(0))
		h.tap(b, "Lý A Páo")
		b.Sees("2 chưa gửi")
		// The sign-in ends while there is no connection. With one again the page says so and keeps what it has.
		if _, err := db.Write(context.Background(), store.By{}, func(tx *store.Tx) (uint64, error) {
			return 0, tx.Model(&models.Account{}).Where("name = ?", "Lý Thị Thử").UpdateColumn("epoch", 7).Error
		}); err != nil {
			t.Fatal(err)
		}
		wire.Cut(false)
		h.tap(b, "Nông Thị Ánh")
		b.Sees("Đã đăng xuất · 3 chưa gửi")
		wire.Cut(true)
		b.Go("/offline")
		b.Sees("3 mục của bạn", "buổi sáng 24/11")
		file := testweb.Eval[string](b, `new Promise((done) => { const make = URL.createObjectURL; URL.createObjectURL = (x) => { void x.text().then(done); return make(x); }; HTMLAnchorElement.prototype.click = () => {}; document.querySelector("[data-phone-queues] button").click(); })`)
		// Signing out without connection wipes the lists all the same, and says what it could not do.
		testweb.Eval[bool](b, `(() => { const f = document.createElement("form"); f.method = "post"; f.action = "/sign-out"; document.body.append(f); f.submit(); return true; })()`)
		b.Sees("Danh sách trên máy đã được xóa", "Chưa có danh sách nào được lưu", "3 mục")
		if pages := kept(b); len(pages) != 0 {
			t.Errorf("after signing out these are kept: %v", pages)
		}
		wire.Cut(false)
		b.Go("/sign-in")
		b.Sees("3 mục của Lý Thị Thử đang chờ gửi")
		b.Look("offline-sign-in")
		b.Phone()
		id := site.Account(t, testweb.Account{Name: "Bế Thị Khác", SignIn: "khac", Role: models.RoleCoordinator})
		site.SignIn(b, "khac")
		b.Go("/offline")
		b.Sees("3 mục của Lý Thị Thử. Đăng nhập bằng tài khoản đó")
		if e := h.events(t, 0); len(e) != 0 {
			t.Errorf("marks of one account came from another, %d: %+v", id, e)
		}
		// A coordinator takes the file; the phone sends later, and everything counts once.
		path := filepath.Join(t.TempDir(), "diem-danh.json")
		if err := os.WriteFile(path, []byte(strings.Replace(file, `"mark": "present"`, `"mark": "asleep"`, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		b.Go("/marks/file")
		b.Upload("Tệp điểm danh (.json)", path)
		b.Click("Nạp tệp")
		b.Sees("Đã lưu 2", "Cần xem lại 1", "Giá trị điểm danh không hợp lệ")
		b.Look("offline-file")
		b.Phone()
		if e := h.events(t, 0); len(e) != 2 || e[0].AccountID != id {
			t.Errorf("%+v", e)
		}
		// A new version of the app takes over, and the queue is still there.
		wire.Alter(func(path string, body []byte) []byte {
			if path == "/sw.js" {
				return append(body, []byte("\n// another version")...)
			}
			return body
		})
		site.SignIn(b, "giang")
		b.Go(h.path(0))
		testweb.Eval[bool](b, `navigator.serviceWorker.getRegistration("/").then((r) => r.update()).then(() => true)`)
		b.Sees("3 / 6", "Đã lưu")
		if e := h.events(t, 0); len(e) != 3 {
			t.Errorf("%+v", e)
		}
	}, testseed.Base)
}
