package history

import (
	"context"
	"slices"

	"taphuan/app/access"
	"taphuan/app/attendance"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
)

// SourceImport is that of enrolments that came in with a course of the past.
const SourceImport = course.SourceImport

// ConfirmCourses makes the courses that the actor's workbook holds, closed, with their sessions, who was there, what came of it and the
// completions, dated from each course's last day; and drops the workbook. All in one transaction. Rows that cannot be taken are left
// out. id is the workbook that the page showed.
//
// It refuses a workbook that another has taken the place of or that is gone ("import_replaced"), and one without a course that can be
// taken ("nothing_to_import").
func (s *Service) ConfirmCourses(ctx context.Context, actor access.Actor, id uint64) (int, error) {
	current, err := plan.Current(ctx, s.DB.Read(ctx), models.DayOf(s.DB.Time()))
	if err != nil {
		return 0, err
	}
	n, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		im, err := takePending(tx, actor, models.HistoryCourses, id)
		if err != nil {
			return 0, err
		}
		// Whoever makes a course holds this lock: what is there already is read under it.
		if err := course.LockPlan(tx, current.ID); err != nil {
			return 0, err
		}
		v, p, err := s.understandCourses(ctx, tx.DB, actor, im)
		if err != nil {
			return 0, err
		}
		if len(v.Courses) == 0 {
			return 0, errs.Conflict("nothing_to_import")
		}
		var ids []uint64
		for _, c := range v.Courses {
			for _, x := range c.People {
				ids = append(ids, x.CadreID)
			}
		}
		if _, err := lockCadres(tx, actor, access.CompletionApprove, unique(ids)); err != nil {
			return 0, err
		}
		for _, c := range v.Courses {
			if err := c.make(tx, p, im); err != nil {
				return 0, err
			}
		}
		return uint64(len(v.Courses)), tx.Delete(&im).Error
	})
	return int(n), err
}

// make writes one course.
func (c *PastCourse) make(tx *store.Tx, p *plan.Plan, im models.HistoryImport) error {
	row, sessions, err := c.Create(tx, p.ID)
	if err != nil {
		return err
	}
	offices, err := c.offices(tx)
	if err != nil {
		return err
	}
	list := make([]models.Enrolment, len(c.People))
	for i, x := range c.People {
		list[i] = models.Enrolment{CourseID: row.ID, CadreID: x.CadreID, OrganisationID: offices[x.CadreID], State: models.EnrolmentEnrolled, Source: SourceImport,
			ScoreTenths: x.Tenths, DecidedByID: accountOf(tx), DecidedAt: &tx.Now}
	}
	if err := tx.CreateInBatches(&list, batch).Error; err != nil {
		return err
	}
	var marks []models.Mark
	minutes := map[uint64]int{}
	for i, x := range c.People {
		if x.Minutes != nil {
			minutes[list[i].ID] = *x.Minutes
		}
		for k, m := range x.Marks {
			if m != models.MarkNone {
				marks = append(marks, models.Mark{SessionID: sessions[k].ID, EnrolmentID: list[i].ID, Mark: m})
			}
		}
	}
	if err := attendance.Keep(tx, sessions, marks); err != nil {
		return err
	}
	done, err := course.Finish(tx, row, sessions, minutes)
	if err != nil {
		return err
	}
	return tx.Audit("course.import", "course", row.ID, map[string]any{"code": row.Code, "title": row.Title, "file": im.FileName, "sha256": im.Sha256,
		"people": len(list), "completed": done.Completed(), "effective": row.LastDay})
}

// offices gives where the people worked on the course's first day.
func (c *PastCourse) offices(tx *store.Tx) (map[uint64]*uint64, error) {
	ids := make([]uint64, len(c.People))
	for i, x := range c.People {
		ids[i] = x.CadreID
	}
	out := make(map[uint64]*uint64, len(ids))
	for part := range slices.Chunk(ids, batch) {
		var rows []models.Posting
		err := tx.Select("cadre_id", "organisation_id").Where("cadre_id IN ? AND main = ? AND from_day <= ? AND to_day > ?", part, true, c.FirstDay(), c.FirstDay()).Find(&rows).Error
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.CadreID] = &r.OrganisationID
		}
	}
	return out, nil
}
