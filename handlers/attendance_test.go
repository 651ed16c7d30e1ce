package handlers_test

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// hall is a course with three sessions, the first two today, and people of several offices.
type hall struct {
	site     *testweb.Site
	course   models.Course
	sessions []models.Session
	people   []uint64 // enrolments
}

var hallNames = []string{"Nông Thị Ánh", "Hoàng Văn An", "Bế Văn Đức", "Đàm Thị Bích Hạnh", "Lý A Páo", "Nông Văn An", "Triệu Thị Mỷ", "Nông Văn An",
	"Nguyễn Phước Tôn Nữ Hạnh Dung Quỳnh Anh", "Lương Thế Vinh", "Mã Thị Ngọc", "Vi Văn Sơn"}

func newHall(t *testing.T, db *store.DB, site *testweb.Site, n int) *hall {
	t.Helper()
	ctx := context.Background()
	h := &hall{site: site}
	var orgs []models.Organisation
	var typ models.CourseType
	var pl models.Plan
	for _, err := range []error{
		db.Read(ctx).Where("kind IN ?", []models.Kind{models.KindStateAgency, models.KindSocioPolitical}).Order("id").Limit(40).Find(&orgs).Error,
		db.Read(ctx).Where("code = ?", "conference").Take(&typ).Error, db.Read(ctx).Take(&pl).Error,
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		least := 50
		h.sessions, h.people = nil, nil
		h.course = models.Course{PlanID: pl.ID, Code: "TH-2026-07", Title: "Tập huấn kiến thức, kỹ năng truyền thông về quyền con người năm 2026", CourseTypeID: typ.ID, State: models.CourseOpen,
			HostID: orgs[0].ID, Capacity: 300, RulePercent: 80, MinScoreTenths: &least, FirstDay: tx.Today, LastDay: tx.Today.AddDays(1)}
		if err := tx.Create(&h.course).Error; err != nil {
			return 0, err
		}
		for i, at := range []struct{ day, from, to int }{{0, 450, 690}, {0, 810, 1050}, {1, 450, 690}} {
			s := models.Session{CourseID: h.course.ID, Day: tx.Today.AddDays(at.day), StartMinute: at.from, EndMinute: at.to, Room: "Hội trường Ủy ban nhân dân tỉnh", Title: []string{"Khai mạc", "", ""}[i]}
			if err := tx.Create(&s).Error; err != nil {
				return 0, err
			}
			h.sessions = append(h.sessions, s)
		}
		for i := range n {
			c := models.Cadre{FullName: hallNames[i%len(hallNames)], BirthYear: 1975 + i}
			if i >= len(hallNames) {
				c.FullName += " " + strconv.Itoa(i)
			}
			if err := tx.Create(&c).Error; err != nil {
				return 0, err
			}
			e := models.Enrolment{CourseID: h.course.ID, CadreID: c.ID, OrganisationID: &orgs[i*7%len(orgs)].ID, State: models.EnrolmentEnrolled, Source: "coordinator"}
			if err := tx.Create(&e).Error; err != nil {
				return 0, err
			}
			h.people = append(h.people, e.ID)
		}
		return 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// staff makes an account that teaches the course, and signs it in.
func (h *hall) staff(t *testing.T, name string) *testweb.Tab {
	t.Helper()
	h.account(t, name)
	b := testweb.Browse(t, h.site.URL)
	h.site.SignIn(b, name)
	return b
}

func (h *hall) account(t *testing.T, name string) uint64 {
	t.Helper()
	id := h.site.Account(t, testweb.Account{Name: "Lý Thị Thử", SignIn: name, Role: models.RoleTrainer})
	_, err := h.site.DB.Write(context.Background(), store.By{}, func(tx *store.Tx) (uint64, error) {
		return 0, tx.Create(&models.CourseStaff{CourseID: h.course.ID, AccountID: id, Role: models.StaffTrainer}).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func (h *hall) path(session int) string {
	return "/sessions/" + strconv.FormatUint(h.sessions[session].ID, 10) + "/attendance"
}

// marks gives what the database holds of a session, by the name of the person.
func (h *hall) marks(t *testing.T, session int) map[string]string {
	t.Helper()
	var rows []struct{ FullName, Mark string }
	err := h.site.DB.Read(context.Background()).Table("marks m").Joins("JOIN enrolments e ON e.id = m.enrolment_id").Joins("JOIN cadres c ON c.id = e.cadre_id").
		Where("m.session_id = ?", h.sessions[session].ID).Select("c.full_name, m.mark").Scan(&rows).Error
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, r := range rows {
		out[r.FullName] = r.Mark
	}
	return out
}

// tap presses the row of a person.
func (h *hall) tap(b *testweb.Tab, name string) {
	b.ClickAt(fmt.Sprintf("#r%d .att-main", h.people[slices.Index(hallNames, name)]))
}

// leftOut says that the list does not show a person; the name may stand among those in whose place somebody comes.
func (h *hall) leftOut(t *testing.T, b *testweb.Tab, name string) {
	t.Helper()
	if testweb.Eval[bool](b, fmt.Sprintf(`visible(document.querySelector("#r%d"))`, h.people[slices.Index(hallNames, name)])) {
		t.Errorf("the list shows %s", name)
	}
}

func TestATrainerMarksOnAPhone(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		h := newHall(t, db, site, 12)
		b := h.staff(t, "giang")
		b.Phone()
		b.Go(h.path(0))
		b.Sees("Điểm danh: buổi sáng 24/11", "0 / 12", "sinh năm 1980")
		b.Look("attendance-empty")
		b.Phone()
		h.tap(b, "Lý A Páo")
		b.Sees("1 / 12", "Lý A Páo: Có mặt", "Đã lưu")
		b.ClickIn("Vi Văn Sơn", "Khác")
		b.Look("attendance-more")
		b.Phone()
		b.Click("Vắng có phép")
		b.Sees("Vi Văn Sơn: Vắng có phép", "1 / 12", "Đã lưu")
		b.Click("Tất cả có mặt")
		b.Sees("11 / 12", "Có mặt: 10 người", "Đã lưu")
		b.ClickIn("Lương Thế Vinh", "Khác")
		b.Click("Vắng không phép")
		b.Sees("10 / 12", "Đã lưu")
		b.ClickIn("Lý A Páo", "Khác")
		b.Click("Đi muộn")
		b.Sees("Lý A Páo: Đi muộn", "10 / 12", "Đã lưu")
		if n := testweb.Eval[float64](b, `Math.min(...[...document.querySelectorAll(".att-row")].map((r) => r.getBoundingClientRect().height))`); n < 48 {
			t.Errorf("a row is only %v px high", n)
		}
		b.Look("attendance-marked")
		b.Dark(true)
		b.Look("attendance-dark")
		b.Dark(false)
		b.Phone()
		if m := h.marks(t, 0); len(m) != 11 || m["Vi Văn Sơn"] != "excused" || m["Lương Thế Vinh"] != "absent" || m["Lý A Páo"] != "late" || m["Bế Văn Đức"] != "present" {
			t.Errorf("%v", m)
		}
		// What is done by mistake is undone.
		h.tap(b, "Bế Văn Đức")
		b.ClickIn("Bế Văn Đức", "Khác")
		b.Click("Bỏ ghi")
		b.Sees("9 / 12")
		b.Click("Hoàn tác")
		b.Sees("10 / 12", "Đã lưu")
		// The search is under the thumb and needs no tones.
		b.Fill("Tìm tên hoặc đơn vị", "be duc")
		h.leftOut(t, b, "Lý A Páo")
		b.Sees("Bế Văn Đức")
		b.Go(h.path(0))
		b.Sees("10 / 12", "Bế Văn Đức")
		if m := h.marks(t, 0); m["Bế Văn Đức"] != "present" {
			t.Errorf("%v", m)
		}
		var c models.Course
		if err := db.Read(context.Background()).Take(&c, h.course.ID).Error; err != nil || c.State != models.CourseRunning {
			t.Errorf("the course is %s, %v", c.State, err)
		}
	}, testseed.Base)
}

// A phone learns how its clock goes from each answer, within a second or so: a correction between two taps puts the later before the
// earlier, unless the page sees to it.
func TestTheLaterTapHoldsWhateverTheClockLearnsInBetween(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		h := newHall(t, db, site, 2)
		b := h.staff(t, "giang")
		b.Phone()
		b.Go(h.path(0))
		h.tap(b, "Hoàng Văn An")
		b.Sees("1 / 2", "Đã lưu")
		b.ClickIn("Hoàng Văn An", "Khác")
		b.Click("Bỏ ghi")
		b.Sees("0 / 2", "Đã lưu")
		if m := h.marks(t, 0); len(m) != 0 {
			t.Fatalf("%v", m)
		}
		testweb.Eval[bool](b, `(() => { window.marks.clock.offset -= 60000; return true; })()`)
		b.Click("Hoàn tác")
		b.Sees("1 / 2", "Đã lưu")
		if m := h.marks(t, 0); m["Hoàng Văn An"] != "present" {
			t.Errorf("%v", m)
		}
		b.Sees("1 / 2")
	}, testseed.Base)
}

func TestAMarkIsLaterThanATakingBackThatTheListCameWith(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		h := newHall(t, db, site, 2)
		b := h.staff(t, "giang")
		b.Phone()
		b.Go(h.path(0))
		h.tap(b, "Hoàng Văn An")
		b.Sees("1 / 2", "Đã lưu")
		b.ClickIn("Hoàng Văn An", "Khác")
		b.Click("Bỏ ghi")
		b.Sees("0 / 2", "Đã lưu")
		b.Go(h.path(0))
		// The clock is a minute behind what this device takes it for.
		testweb.Eval[bool](b, `new Promise((done) => (function live() { if ("live" in document.querySelector("[data-attendance]").dataset) { window.marks.clock.offset -= 60000; done(true); } else setTimeout(live, 10); })())`)
		h.tap(b, "Hoàng Văn An")
		b.Sees("1 / 2", "Đã lưu")
		if m := h.marks(t, 0); m["Hoàng Văn An"] != "present" {
			t.Errorf("%v", m)
		}
		b.Sees("1 / 2")
	}, testseed.Base)
}

func TestNothingIsLostWithoutConnection(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		h := newHall(t, db, site, 12)
		b := h.staff(t, "giang")
		b.Phone()
		b.Go(h.path(0))
		h.tap(b, "Lý A Páo")
		b.Sees("Đã lưu", "1 / 12")
		// The first answer is lost although the server has stored the mark, the next requests do not get through.
		testweb.Eval[bool](b, `(() => { window.real = window.fetch; let n = 0; window.fetch = async (...a) => { if (n++ === 0) await window.real(...a); throw new TypeError("cut"); }; return true; })()`)
		h.tap(b, "Vi Văn Sơn")
		b.Sees("Mất kết nối · 1 chưa gửi", "2 / 12")
		b.ClickIn("Mã Thị Ngọc", "Khác")
		b.Click("Đi muộn")
		h.tap(b, "Bế Văn Đức")
		b.Sees("Mất kết nối · 3 chưa gửi", "4 / 12")
		b.Look("attendance-lost")
		b.Phone()
		if m := h.marks(t, 0); len(m) != 2 {
			t.Errorf("the server has %v", m)
		}
		if asked := testweb.Eval[bool](b, `!window.dispatchEvent(new Event("beforeunload", { cancelable: true }))`); asked {
			t.Error("the page asks to stay although the device has kept everything")
		}
		testweb.Eval[bool](b, `(() => { window.fetch = window.real; window.dispatchEvent(new Event("online")); return true; })()`)
		b.Sees("Đã lưu", "4 / 12")
		if m := h.marks(t, 0); len(m) != 4 || m["Mã Thị Ngọc"] != "late" || m["Vi Văn Sơn"] != "present" {
			t.Errorf("%v", m)
		}
		var n int64
		if err := db.Read(context.Background()).Model(&models.MarkEvent{}).Count(&n).Error; err != nil || n != 4 {
			t.Errorf("%d events, %v", n, err)
		}
	}, testseed.Base)
}

func TestMarksSurviveAReloadAndASignOut(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		h := newHall(t, db, site, 6)
		b := h.staff(t, "giang")
		b.Phone()
		b.Go(h.path(0))
		// Signed out meanwhile, as a shared computer does after five minutes.
		testweb.Eval[bool](b, `fetch("/sign-out", { method: "POST" }).then(() => true)`)
		row := fmt.Sprintf("document.querySelector('#r%d')", h.people[slices.Index(hallNames, "Hoàng Văn An")])
		top := func() float64 { return testweb.Eval[float64](b, row+".getBoundingClientRect().top") }
		// Not every browser anchors by itself what is shown.
		testweb.Eval[bool](b, "(() => { document.documentElement.style.overflowAnchor = 'none'; "+row+".scrollIntoView({ block: 'center', behavior: 'instant' }); return true; })()")
		was := top()
		h.tap(b, "Hoàng Văn An")
		b.Sees("Đã đăng xuất · 1 chưa gửi", "Bạn đã bị đăng xuất")
		if now := top(); math.Abs(now-was) > 4 {
			t.Errorf("what came above the list has moved its rows from %v to %v", was, now)
		}
		h.tap(b, "Lý A Páo")
		b.Sees("2 chưa gửi")
		b.Look("attendance-signed-out")
		b.Phone()
		// The page goes away with what it knew; only the device's storage stays.
		b.ClickIn("Bạn đã bị đăng xuất", "Đăng nhập")
		b.Sees("Tên đăng nhập")
		if m := h.marks(t, 0); len(m) != 0 {
			t.Errorf("%v", m)
		}
		// Another account on the same device does not send them.
		h.account(t, "khac")
		site.SignIn(b, "khac")
		b.Go(h.path(0))
		b.Sees("0 / 6", "Đã lưu")
		testweb.Eval[bool](b, `fetch("/sign-out", { method: "POST" }).then(() => true)`)
		site.SignIn(b, "giang")
		// Any list sends what waits for any other.
		b.Go(h.path(1))
		b.Sees("0 / 6", "Đã lưu")
		b.Go(h.path(0))
		b.Sees("2 / 6")
		if m := h.marks(t, 0); len(m) != 2 || m["Lý A Páo"] != "present" {
			t.Errorf("%v", m)
		}
	}, testseed.Base)
}

func TestWhatTheServerRefusesStaysOnThePhoneWithTheReason(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		h := newHall(t, db, site, 6)
		b := h.staff(t, "giang")
		b.Phone()
		b.Go(h.path(0))
		// Lý A Páo withdrew after the page was opened: the others of the same batch are kept all the same.
		_, err := db.Write(context.Background(), store.By{}, func(tx *store.Tx) (uint64, error) {
			return 0, tx.Model(&models.Enrolment{}).Where("id = ?", h.people[4]).Update("state", models.EnrolmentWithdrawn).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		b.Click("Tất cả có mặt")
		b.Sees("Có mục hệ thống không nhận", "Lý A Páo: Có mặt. Có người không nằm trong danh sách", "Đã lưu")
		b.Look("attendance-refused")
		b.Phone()
		if m := h.marks(t, 0); len(m) == 0 || m["Lý A Páo"] != "" {
			t.Errorf("%v", m)
		}
		b.Click("Bỏ các mục này")
		b.Lacks("Có mục hệ thống không nhận")
	}, testseed.Base)
}

func TestTwoPhonesSeeEachOther(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		h := newHall(t, db, site, 6)
		one, two := h.staff(t, "giang"), h.staff(t, "thuky")
		one.Go(h.path(0))
		two.Go(h.path(0))
		h.tap(one, "Lý A Páo")
		one.Sees("1 / 6", "Đã lưu")
		h.tap(two, "Hoàng Văn An")
		two.Sees("2 / 6", "Đã lưu")
		// Its own answer told it that there is more than it knows, and it asks.
		testweb.Eval[bool](two, fmt.Sprintf(`new Promise((r) => { const look = () => (document.querySelector("#r%d").dataset.mark === "present" ? r(true) : setTimeout(look, 20)); look(); })`, h.people[4]))
	}, testseed.Base)
}

func TestAttendanceWorksWithoutScript(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		h := newHall(t, db, site, 12)
		b := h.staff(t, "giang")
		b.Phone()
		b.NoScript()
		b.Go(h.path(0))
		h.tap(b, "Vi Văn Sơn")
		b.Sees("1 / 12", "11 người chưa ghi")
		if y := testweb.Eval[float64](b, "scrollY"); y < 100 {
			t.Errorf("the page went back to its beginning: %v", y)
		}
		b.ClickIn("Lý A Páo", "Khác")
		b.Click("Vắng không phép")
		b.Sees("1 / 12", "10 người chưa ghi")
		b.Click("Tất cả có mặt")
		b.Sees("11 / 12", "Đã ghi có mặt cho những người chưa được ghi")
		b.Go(h.path(0) + "?q=son")
		b.Sees("Vi Văn Sơn")
		h.leftOut(t, b, "Lý A Páo")
		b.ClickIn("Vi Văn Sơn", "Khác")
		b.Click("Đi muộn")
		b.Sees("Đi muộn")
		h.leftOut(t, b, "Lý A Páo")
		if m := h.marks(t, 0); len(m) != 11 || m["Vi Văn Sơn"] != "late" || m["Lý A Páo"] != "absent" {
			t.Errorf("%v", m)
		}
		b.Go(h.path(0))
		b.Fill("Họ và tên", "Hứa Văn Lạ")
		b.Fill("Cơ quan, đơn vị", "Xã Cần Yên")
		b.Click("Thêm và ghi có mặt")
		b.Sees("Đã thêm Hứa Văn Lạ", "1 phát sinh")
		b.ClickIn("Hứa Văn Lạ", "Khác")
		b.Click("Đi muộn")
		b.Sees("Đi muộn", "1 phát sinh")
		e := h.events(t, 0)
		if n := len(e); n < 2 || e[n-2].WalkInID == nil || e[n-1].Mark != models.MarkLate || !e[n-1].MarkedAt.After(e[n-2].MarkedAt) {
			t.Errorf("the later of two marks of a walk-in is not later: %+v", e[max(0, n-2):])
		}
	}, testseed.Base)
}

func TestTheOtherPagesOfAttendance(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		h := newHall(t, db, site, 12)
		b := h.staff(t, "giang")
		b.Go(h.path(0))
		b.Click("Tất cả có mặt")
		b.Sees("Đã lưu", "12 / 12")
		b.Phone()
		b.ClickIn("Lý A Páo", "Khác")
		b.Click("Ghi chú, các lần ghi")
		b.Check("Đi muộn")
		b.Fill("Ghi chú", "đến lúc 8 giờ 30")
		b.Click("Lưu điểm danh")
		b.Sees("Đã lưu điểm danh của Lý A Páo", "đến lúc 8 giờ 30")
		b.Go(h.path(0) + "/" + strconv.FormatUint(h.people[4], 10))
		b.Sees("Các lần ghi", "Đi muộn – đang có hiệu lực", "ghi chung cho cả lớp", "Lý Thị Thử")
		b.Look("attendance-history")

		course := "/courses/" + strconv.FormatUint(h.course.ID, 10)
		b.Go(course + "/scores")
		b.Fill("Lý A Páo", "8,5")
		b.Fill("Vi Văn Sơn", "11")
		b.Click("Lưu điểm")
		b.Sees("Có điều cần sửa", "Điểm là số từ 0 đến 10")
		b.Look("attendance-scores-wrong")
		if v := b.Value("Lý A Páo"); v != "8,5" {
			t.Errorf("what was typed is gone: %q", v)
		}
		b.Fill("Vi Văn Sơn", "4")
		b.Click("Lưu điểm")
		b.Sees("Đã lưu điểm, 2 người có thay đổi")
		b.Look("attendance-scores")
		b.Go(course + "/attendance")
		b.Sees("Bảng điểm danh", "33,3", "8,5", "Chưa đủ thời lượng")
		b.Look("attendance-report")

		b.Go(h.path(2))
		b.Sees("Chưa đến ngày của buổi này. Điểm danh được từ đầu ngày 25/11/2026")
		b.Look("attendance-not-yet")
		if testweb.Eval[bool](b, `document.querySelector("[name=tap]:enabled") !== null`) {
			t.Error("a page that takes no marks offers them")
		}

		// A trainer of another course finds nothing of this.
		site.Account(t, testweb.Account{Name: "Lý Thị Lạ", SignIn: "la", Role: models.RoleTrainer})
		other := testweb.Browse(t, site.URL)
		site.SignIn(other, "la")
		for _, path := range []string{h.path(0), h.path(0) + "/" + strconv.FormatUint(h.people[0], 10), course + "/attendance", course + "/scores"} {
			other.Go(path)
			other.Sees("Không tìm thấy")
		}
		if status := testweb.Eval[int](other, fmt.Sprintf(`fetch(%q, { method: "POST", headers: { "Content-Type": "application/json" }, body: '{"marks":[]}' }).then((r) => r.status)`,
			strings.TrimSuffix(h.path(0), "attendance")+"marks")); status != 404 {
			t.Errorf("status %d", status)
		}
	}, testseed.Base)
}
