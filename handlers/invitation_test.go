package handlers_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"taphuan/app/mail"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testmail"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// coming is a course of the home office in a week, with people who have seats; the last of them waits.
func (w *world) coming(names ...string) (models.Course, []models.Enrolment) {
	w.t.Helper()
	day := models.DayOf(w.site.DB.Time()).AddDays(7)
	c := w.draft
	c.ID, c.Code, c.Title, c.State, c.HostID = 0, "2026-031", "Kiến thức và kỹ năng truyền thông về quyền con người cho cán bộ cấp xã", models.CourseOpen, w.home.ID
	c.Venue, c.Capacity, c.FirstDay, c.LastDay = "Trung tâm Hội nghị tỉnh, phường Thục Phán", len(names)-1, day, day.AddDays(1)
	w.create(&c)
	for i, half := range [][2]int{{450, 675}, {810, 1005}, {450, 675}} {
		w.create(&models.Session{CourseID: c.ID, Day: day.AddDays(i / 2), StartMinute: half[0], EndMinute: half[1], Room: "Hội trường A", Title: []string{"Khai mạc; tổng quan", "Chính sách, pháp luật", "Thảo luận"}[i]})
	}
	at := w.site.DB.Time().Add(-time.Hour)
	var seats []models.Enrolment
	for i, name := range names {
		e := models.Enrolment{CourseID: c.ID, CadreID: w.cadre(name), OrganisationID: &w.home.ID, State: models.EnrolmentEnrolled, Source: "coordinator", DecidedAt: &at}
		if i == len(names)-1 {
			e.State, e.WaitingSince = models.EnrolmentWaiting, &at
		}
		w.create(&e)
		seats = append(seats, e)
	}
	return c, seats
}

func (w *world) email(cadreID uint64, address string) {
	w.t.Helper()
	_, err := w.site.DB.Write(w.t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
		return 0, tx.Model(&models.Cadre{}).Where("id = ?", cadreID).Update("email", address).Error
	})
	w.must(err)
}

// posted waits until nothing is left to be sent, and gives what arrived.
func (w *world) posted(server *testmail.Server, want int) []testmail.Delivered {
	w.t.Helper()
	until(w.t, fmt.Sprint(want, " mails"), func() bool { // the loop that a request woke may have them
		if _, err := w.site.Server.Post(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
		return len(server.Mails()) >= want
	})
	return server.Mails()
}

func TestACoordinatorInvitesACadreDeclinesAndTheNextOneIsInvited(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		server := testmail.Start(t, testmail.Options{Security: "none"})
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		w.must((&mail.Service{DB: db, Keys: site.Keys}).Configure(t.Context(), store.By{}, mail.Config{Host: "127.0.0.1", Port: server.Port, Security: mail.SecurityNone, From: "taphuan@caobang.example.vn"}, ""))
		c, seats := w.coming("Nông Thị Bé", "Hoàng Văn Cường", "Đàm Thị Én")
		w.email(seats[0].CadreID, "be@example.vn")
		w.email(seats[2].CadreID, "en@example.vn")
		w.cadre("Lý Văn Giang") // a colleague who is not in the course
		site.Account(t, testweb.Account{Name: "Nông Thị Bé", SignIn: "be", Role: models.RoleCadre, CadreID: seats[0].CadreID})

		b := site.As(t, models.RoleCoordinator, "")
		b.Go("/courses/" + decimal(c.ID) + "/enrolments")
		b.Click("Giấy mời và trả lời")
		b.Sees("Gửi giấy mời cho 2 người chưa được mời")
		b.Fill("Số, ký hiệu", "412/GM-SVHTTDL")
		b.Fill("Đầu mối liên hệ", "Bà Lục Thị Hà, 0206 3852 111")
		b.Click("Lưu")
		b.Sees("Đã lưu nội dung giấy mời.")
		b.Click("Gửi giấy mời cho 2 người chưa được mời")
		b.Sees("1 người nhận giấy mời qua thư điện tử.", "1 người không có địa chỉ thư nhận giấy in.")
		w.posted(server, 1)
		b.Go("/courses/" + decimal(c.ID) + "/invitations")
		b.Look("invitations")
		if pdf, kind := b.Download("In 1 giấy mời gửi trực tiếp"); kind != "application/pdf" || !strings.HasPrefix(string(pdf), "%PDF") {
			t.Errorf("the print-out is %s", kind)
		}

		own := testweb.Browse(t, site.URL)
		site.SignIn(own, "be")
		own.Go("/my/courses")
		own.Click("Xem giấy mời, trả lời")
		own.Look("invitation-own")
		own.Click("Tôi sẽ tham dự")
		own.Sees("Đã ghi nhận: sẽ tham dự.")
		if ics, kind := own.Download("Thêm vào lịch (.ics)"); !strings.HasPrefix(kind, "text/calendar") || strings.Count(string(ics), "BEGIN:VEVENT") != 3 {
			t.Errorf("the calendar is %s: %s", kind, ics)
		}
		own.Click("Không tham dự được")
		own.Fill("Giới thiệu đồng nghiệp dự thay", "Lý Văn Giang, Chuyên viên")
		own.Look("invitation-decline")
		own.Fill("Lý do", "Trùng lịch tiếp công dân")
		own.Click("Báo không tham dự")
		own.Sees("Đã ghi nhận: không tham dự.", "Trùng lịch tiếp công dân", "Lý Văn Giang")

		got := w.posted(server, 2)
		if got[0].To[0].Address != "be@example.vn" || got[1].To[0].Address != "en@example.vn" || !strings.HasPrefix(got[1].Subject, "Giấy mời: ") {
			t.Errorf("%v, then %v: %s", got[0].To, got[1].To, got[1].Subject)
		}
		b.Go("/courses/" + decimal(c.ID) + "/invitations?show=declined")
		b.Sees("Nông Thị Bé", "Trùng lịch tiếp công dân", "Người dự thay: Lý Văn Giang", "Chờ duyệt")
		b.Go("/courses/" + decimal(c.ID) + "/enrolments?state=nominated")
		b.Sees("Lý Văn Giang")

		other := testweb.Browse(t, site.URL)
		site.Account(t, testweb.Account{Name: "Đàm Thị Én", SignIn: "en", Role: models.RoleCadre, CadreID: seats[2].CadreID})
		site.SignIn(other, "en")
		other.Go("/my/enrolments/" + decimal(seats[2].ID))
		other.Click("Không tham dự được")
		other.Sees("Ban tổ chức liên hệ rồi mới ghi danh được.")
		other.Fill("Lý do", "Đi học")
		other.Fill("Hoặc ghi họ tên, chức vụ người dự thay", "Bà Lê Thị Mơ, văn thư")
		other.Click("Báo không tham dự")
		b.Go("/courses/" + decimal(c.ID) + "/invitations?show=declined")
		b.Sees("Người dự thay: Bà Lê Thị Mơ, văn thư", "Chưa được cử: đây là tên ghi tay.")
		b.Look("invitation-substitute")
		b.Click("Tìm và ghi danh")
		b.Sees("Ghi danh người đã chọn")

		head := site.As(t, models.RoleHead, homeOffice)
		head.Go("/courses/" + decimal(c.ID) + "/invitations")
		head.Sees("Nông Thị Bé", "Không tham dự")
		head.Lacks("Gửi giấy mời")
	}, testseed.Base)
}

func TestARefusedReplyKeepsWhatWasTyped(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, testweb.Serve(t, db))
		_, seats := w.coming("Nông Thị Bé", "Hoàng Văn Cường")
		w.site.Account(t, testweb.Account{Name: "Nông Thị Bé", SignIn: "be", Role: models.RoleCadre, CadreID: seats[0].CadreID})
		a := nobody(t, w.site)
		a.signIn("be")
		at := "/my/enrolments/" + decimal(seats[0].ID)
		got := a.post(at+"/decline", map[string][]string{"reason": {" "}, "substitute_name": {"Bà Lê Thị Mơ"}})
		if got.status != 422 || !strings.Contains(got.body, "Bà Lê Thị Mơ") {
			t.Errorf("%d %s", got.status, got.body)
		}
		if got := a.post(at+"/decline", map[string][]string{"reason": {"Ốm"}, "substitute": {"987654321"}}); got.status != 422 || !strings.Contains(got.body, "không cùng đơn vị") {
			t.Errorf("%d", got.status)
		}
		if got := a.post(at+"/decline", map[string][]string{"reason": {"Ốm"}}); got.status != 303 {
			t.Errorf("%d", got.status)
		}
		if got := a.post(at+"/confirm", nil); got.status != 409 || !strings.Contains(got.body, "Không còn chỗ") {
			t.Errorf("confirming afterwards: %d", got.status)
		}
	}, testseed.Base)
}

func decimal(id uint64) string { return strconv.FormatUint(id, 10) }
