package handlers_test

import (
	"fmt"
	"testing"

	"taphuan/app/enrolment"
	"taphuan/app/mail"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testmail"
	"taphuan/internal/testweb"
	"taphuan/models"
)

func TestWhoIsMissingBecomesWhoIsInvitedInTwoClicks(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		course := invCourse(t, db, models.Course{Code: "TH-27-01", Title: "Tập huấn truyền thông về quyền con người, đợt 1 năm 2027", State: models.CourseOpen, Venue: "Trùng Khánh", Capacity: 6},
			"conference", "QCN", "2027-03-10", "2027-03-11")
		server := testmail.Start(t, testmail.Options{Security: "none"})
		site := testweb.Serve(t, db)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		must((&mail.Service{DB: db, Keys: site.Keys}).Configure(t.Context(), store.By{}, mail.Config{Host: "127.0.0.1", Port: server.Port, Security: mail.SecurityNone, From: "taphuan@caobang.example.vn"}, ""))
		found := candidates(t, db, course, enrolment.Filter{Group: "QCN", Lacking: true, Organisation: "CB-XA"})
		_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
			if err := tx.Model(&models.Cadre{}).Where("1 = 1").Update("email", "").Error; err != nil {
				return 0, err
			}
			for _, c := range found[:4] {
				if err := tx.Model(&models.Cadre{}).Where("id = ?", c.CadreID).Update("email", fmt.Sprintf("canbo%d@example.vn", c.CadreID)).Error; err != nil {
					return 0, err
				}
			}
			return 0, nil
		})
		must(err)
		b := site.As(t, models.RoleCoordinator, "")
		b.Go("/coverage/missing?org=CB-XA&group=QCN")
		b.ClickAt("#offers .btn") // the first click: the course that fits, with its seats filled from the top
		b.Sees("6 người đã chọn", "Gửi giấy mời ngay")
		look(b, "enrolment-invite")
		b.Click("Ghi danh người đã chọn") // and the second
		b.Sees("6 người có chỗ.", "4 người được mời qua thư điện tử.", "2 người nhận giấy mời in.", "6 trên 6")
		look(b, "enrolment-invited")
		var said int64
		must(db.Read(t.Context()).Model(&models.Invitation{}).Where("invited_at IS NOT NULL").Count(&said).Error)
		if said != 6 {
			t.Errorf("%d invitations", said)
		}
		until(t, "four mails", func() bool { // the loop that the request woke may have them
			_, err := site.Server.Post(t.Context())
			must(err)
			return len(server.Mails()) >= 4
		})
		if n := len(server.Mails()); n != 4 {
			t.Errorf("%d mails arrived", n)
		}
		// Without the tick nobody is invited; who waits is not in any case.
		other := invCourse(t, db, models.Course{Code: "TH-27-02", Title: "Tập huấn đợt 2", State: models.CourseOpen, Capacity: 2}, "conference", "QCN", "2027-04-10")
		b.Go(fmt.Sprintf("/courses/%d/enrolments/new", other.ID))
		b.Click("Gửi giấy mời ngay")
		b.Click("Ghi danh 2 người đầu")
		b.Sees("2 người có chỗ.")
		b.Lacks("nhận giấy mời in")
		must(db.Read(t.Context()).Model(&models.Invitation{}).Where("invited_at IS NOT NULL").Count(&said).Error)
		if said != 6 {
			t.Errorf("%d invitations", said)
		}
		// A course without sessions has no letter to send.
		bare := invCourse(t, db, models.Course{Code: "TH-27-03", Title: "Chưa có lịch", State: models.CourseOpen, Capacity: 2}, "conference", "QCN", "2027-05-10")
		_, err = db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
			if err := tx.Where("course_id = ?", bare.ID).Delete(&models.Session{}).Error; err != nil {
				return 0, err
			}
			return 0, tx.Model(&models.Course{}).Where("id = ?", bare.ID).Updates(map[string]any{"first_day": nil, "last_day": nil}).Error
		})
		must(err)
		b.Go(fmt.Sprintf("/courses/%d/enrolments/new", bare.ID))
		b.Sees("Ghi danh người đã chọn")
		b.Lacks("Gửi giấy mời ngay")
	}, province(300))
}
