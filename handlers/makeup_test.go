package handlers_test

import (
	"strconv"
	"testing"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// A coordinator sees who missed a session, records what they attended elsewhere, and takes it back.
func TestACoordinatorRecordsAMakeUp(t *testing.T) {
	t.Parallel()
	db := testdb.Only(t, store.SQLite, testseed.Base)
	site := testweb.Serve(t, db)
	h := newHall(t, db, site, 4)
	teacher := h.account(t, "giang")
	_, err := db.Write(t.Context(), store.By{AccountID: teacher}, func(tx *store.Tx) (uint64, error) {
		if err := tx.Model(&h.sessions[0]).Updates(map[string]any{"start_minute": 180, "end_minute": 420}).Error; err != nil { // is over by eight
			return 0, err
		}
		var absent models.Enrolment
		if err := tx.Take(&absent, h.people[0]).Error; err != nil {
			return 0, err
		}
		other := h.course
		other.ID, other.Code, other.Title, other.Venue = 0, "TH-2026-08", "Tập huấn cho các xã phía đông", "Nhà văn hóa xã Trùng Khánh"
		if err := tx.Create(&other).Error; err != nil {
			return 0, err
		}
		held := models.Session{CourseID: other.ID, Day: tx.Today.AddDays(-2), StartMinute: 450, EndMinute: 690, Room: "Hội trường"}
		comes := models.Session{CourseID: other.ID, Day: tx.Today.AddDays(2), StartMinute: 450, EndMinute: 690, Room: "Hội trường"}
		seat := models.Enrolment{CourseID: other.ID, CadreID: absent.CadreID, OrganisationID: absent.OrganisationID, State: models.EnrolmentEnrolled, Source: "coordinator"}
		for _, row := range []any{&held, &comes, &seat} {
			if err := tx.Create(row).Error; err != nil {
				return 0, err
			}
		}
		e := models.MarkEvent{UID: "01930000-0000-7000-8000-000000000001", SessionID: held.ID, EnrolmentID: &seat.ID, Mark: models.MarkPresent, MarkedAt: tx.Now, ReceivedAt: tx.Now, AccountID: teacher,
			Source: "list", State: models.EventApplied}
		if err := tx.Create(&e).Error; err != nil {
			return 0, err
		}
		return 0, tx.Create(&models.Mark{SessionID: held.ID, EnrolmentID: seat.ID, Mark: models.MarkPresent, MarkedAt: tx.Now, EventID: e.ID, AccountID: teacher}).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	b := site.As(t, models.RoleCoordinator, "")
	b.Go("/courses/" + strconv.FormatUint(h.course.ID, 10) + "/attendance")
	b.Click("Học bù")
	b.Sees("4 người vắng hoặc chưa ghi", "1 người đã dự buổi tương đương", "TH-2026-08 · Tập huấn cho các xã phía đông", "Nhà văn hóa xã Trùng Khánh")
	b.Look("make-ups")
	b.Click("Ghi học bù")
	b.Sees("Đã ghi học bù.", "Đã học bù (1)", "3 người vắng hoặc chưa ghi")
	b.Look("make-ups-made")
	if got := h.marks(t, 0)["Nông Thị Ánh"]; got != "present" {
		t.Errorf("the missed session says %q", got)
	}
	b.Click("Nông Thị Ánh")
	b.Sees("Có mặt, học bù tại buổi sáng 22/11, TH-2026-08")
	b.Go("/courses/" + strconv.FormatUint(h.course.ID, 10) + "/make-ups")
	b.Click("Bỏ học bù")
	b.Sees("Đã bỏ học bù.", "4 người vắng hoặc chưa ghi")
	if got := h.marks(t, 0)["Nông Thị Ánh"]; got != "" {
		t.Errorf("taken back, the session says %q", got)
	}
}
