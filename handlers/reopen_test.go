package handlers_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"

	"taphuan/app/access"
	"taphuan/app/attendance"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

func TestACoordinatorOpensACourseAgainDecidesOnLateMarksAndSaysWhoAWalkInWas(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		site := testweb.Serve(t, db)
		h := newHall(t, db, site, 6)
		account := site.Account(t, testweb.Account{Name: "Đinh Thị Phối", SignIn: "phoi", Role: models.RoleCoordinator})
		sys := access.System()
		sys.AccountID = account
		s := &attendance.Service{DB: db}
		_, err := db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
			if err := tx.Create(&models.Cadre{FullName: "Hà Thị Lan", BirthYear: 1985}).Error; err != nil {
				return 0, err
			}
			return 0, tx.Where("id = ?", h.sessions[2].ID).Delete(&models.Session{}).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		for x := range 2 {
			if _, err := s.AllPresent(ctx, sys, h.sessions[x].ID); err != nil {
				t.Fatal(err)
			}
		}
		lan := uuid.NewString()
		record := func(b attendance.Batch) {
			t.Helper()
			out, err := s.Record(ctx, sys, b)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range append(out.Marks, out.WalkIns...) {
				if f.Refusal != nil {
					t.Fatal(f.Refusal)
				}
			}
		}
		record(attendance.Batch{WalkIns: []attendance.WalkInInput{{UID: lan, SessionID: h.sessions[0].ID, Name: "Hà Thị Lan", Office: "Ủy ban nhân dân xã Trùng Khánh", BirthYear: 1985, ReplacesID: h.people[1]},
			{UID: uuid.NewString(), SessionID: h.sessions[0].ID, Name: "Trần Văn Khách", Office: "Báo Cao Bằng"}},
			Marks: []attendance.MarkInput{{SessionID: h.sessions[0].ID, WalkInUID: lan, Mark: models.MarkPresent}, {SessionID: h.sessions[1].ID, WalkInUID: lan, Mark: models.MarkLate}}})
		_, err = db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
			return 0, tx.Model(&models.Course{}).Where("id = ?", h.course.ID).Updates(map[string]any{"state": models.CourseClosed, "closed_at": tx.Now, "min_score_tenths": nil, "last_day": tx.Today}).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		record(attendance.Batch{DeviceID: uuid.NewString(), Marks: []attendance.MarkInput{{UID: uuid.NewString(), SessionID: h.sessions[0].ID, EnrolmentID: h.people[2], Mark: models.MarkAbsent, MarkedAt: db.Time().Add(time.Minute), Note: "về sớm"}}})

		b := testweb.Browse(t, site.URL)
		site.SignIn(b, "phoi")
		at := fmt.Sprint("/courses/", h.course.ID)
		b.Go(at)
		b.Sees("Người phát sinh (2)", "Điểm danh đến muộn (1)")
		b.Click("Điểm danh đến muộn (1)")
		b.Sees("Bế Văn Đức", "Vắng không phép", "Có mặt", "về sớm", "Đinh Thị Phối")
		b.Look("held-marks")
		b.Lacks("Tính các lần này")
		b.Click("Mở lại lớp")
		b.Sees("Kết quả hoàn thành", "Lần điểm danh đến sau khi kết thúc lớp")
		b.Look("course-reopen")
		b.Fill("Lý do mở lại", "Có điểm danh đến muộn cần xét")
		b.Click("Mở lại lớp")
		b.Sees("Đã mở lại lớp", "Tính các lần này")
		b.Check("Chọn Bế Văn Đức")
		b.Click("Tính các lần này")
		b.Sees("Đã tính 1 lần ghi", "Không có lần ghi nào đang chờ")
		if m := h.marks(t, 0); m["Bế Văn Đức"] != "absent" {
			t.Errorf("%v", m)
		}
		b.Go(at)
		b.Sees("Lớp đang được mở lại", "Có điểm danh đến muộn cần xét")
		b.Click("Người phát sinh (2)")
		b.Sees("Hà Thị Lan", "đi thay Hoàng Văn An", "trùng năm sinh", "Không có cán bộ nào trùng họ tên")
		b.Look("walk-ins")
		b.Click("Đúng người này")
		b.Sees("Đã gắn Hà Thị Lan với hồ sơ cán bộ", "Bỏ gắn")
		b.ClickIn("Báo Cao Bằng", "Giữ là khách")
		b.Sees("Đã giữ Trần Văn Khách là khách")
		if m := h.marks(t, 1); m["Hà Thị Lan"] != "late" {
			t.Errorf("%v", m)
		}
		var e models.Enrolment
		err = db.Read(ctx).Joins("JOIN cadres c ON c.id = enrolments.cadre_id").Where("c.full_name = ?", "Hà Thị Lan").Take(&e).Error
		if err != nil || e.Source != "walk_in" || e.State != models.EnrolmentEnrolled {
			t.Errorf("%+v %v", e, err)
		}
		b.Go(at + "/closing")
		b.Sees("Hà Thị Lan")
		b.Look("course-closing-again")
	}, testseed.Base)
}
