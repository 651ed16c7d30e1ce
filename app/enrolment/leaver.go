package enrolment

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/store"
	"taphuan/models"
)

// leftReason is what the list of a course says of somebody whom Release withdrew.
const leftReason = "Đã thôi làm việc, không còn trong danh sách cán bộ khi lớp bắt đầu"

// maxRelease is how many enrolments one run of Release looks at.
const maxRelease = 500

// left limits enrolments e of courses c to those who will have left the roster for good when a course begins that has not begun: retired,
// moved away, died, or gone for another reason. However somebody left (form, workbook, reorganisation), it follows from the postings. Whom
// somebody enrolled knowing that they had left stays.
func left(db *gorm.DB, today models.Day) *gorm.DB {
	day := "COALESCE(c.first_day, ?)"
	return db.Table("enrolments e").Joins("JOIN courses c ON c.id = e.course_id").
		Where("c.state = ? AND (c.first_day IS NULL OR c.first_day > ?) AND e.state IN ?", models.CourseOpen, today, inCourse).
		Where("EXISTS (SELECT 1 FROM postings p WHERE p.cadre_id = e.cadre_id AND p.main = ? AND p.end_reason IN ? AND p.to_day <= "+day+" AND (e.decided_by_id IS NULL OR e.decided_at <= p.updated_at))", true,
			[]models.EndReason{models.EndRetired, models.EndMovedAway, models.EndDied, models.EndOther}, today).
		Where("NOT EXISTS (SELECT 1 FROM postings q WHERE q.cadre_id = e.cadre_id AND q.main = ? AND q.to_day > "+day+")", true, today)
}

// Release withdraws those who leave the roster for good before their course begins; their seats go to the waiting list in the same
// transaction. It finds nobody the second time, however often and in however many processes it runs.
func (s *Service) Release(ctx context.Context) error {
	var rows []models.Enrolment
	err := left(s.DB.Read(ctx), models.DayOf(s.DB.Time())).Select("e.id, e.course_id, e.cadre_id").Order("e.course_id, e.id").Limit(maxRelease).Scan(&rows).Error
	var failures []error
	for err == nil && len(rows) > 0 {
		n := 1
		for n < len(rows) && rows[n].CourseID == rows[0].CourseID {
			n++
		}
		if e := s.release(ctx, rows[:n]); e != nil {
			failures = append(failures, fmt.Errorf("course %d: %w", rows[0].CourseID, e))
		}
		rows = rows[n:]
	}
	return errors.Join(append(failures, err)...)
}

// release withdraws those of one course who have still left once their rows and the course are locked.
func (s *Service) release(ctx context.Context, rows []models.Enrolment) error {
	_, err := s.DB.Write(ctx, store.By{Action: "release"}, func(tx *store.Tx) (uint64, error) {
		if err := LockCadres(tx, cadresOf(rows)...); err != nil {
			return 0, err
		}
		c, err := course.Lock(tx, access.System(), access.EnrolmentWrite, rows[0].CourseID)
		if err != nil {
			return 0, err
		}
		ids := make([]uint64, len(rows))
		for i, e := range rows {
			ids[i] = e.ID
		}
		var gone []uint64
		if err := left(tx.DB, tx.Today).Where("e.id IN ?", ids).Order("e.id").Pluck("e.id", &gone).Error; err != nil || len(gone) == 0 {
			return 0, err
		}
		if _, err := end(tx, c, gone, inCourse, models.EnrolmentWithdrawn, leftReason, "enrolment.withdraw"); err != nil {
			return 0, err
		}
		_, err = course.FillSeats(tx, c)
		return 0, err
	})
	return err
}
