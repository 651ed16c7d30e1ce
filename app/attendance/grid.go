package attendance

import (
	"context"
	"fmt"
	"slices"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

// Grid is the table of a course in which marks of many sessions are typed.
type Grid struct {
	*Report
	Closed   []*errs.Error // for each session, why its marks cannot be changed now; nil: they can
	Disputed map[Place]bool
	Refusal  *errs.Error // why neither marks nor scores can be changed now; nil: they can
}

// Place is a person in a session.
type Place struct{ EnrolmentID, SessionID uint64 }

// Field is the name of the place in forms and in refusals.
func (p Place) Field() string { return fmt.Sprintf("m_%d_%d", p.EnrolmentID, p.SessionID) }

// GridChange is a mark that was typed in the table.
type GridChange struct {
	Place
	Mark models.MarkValue // MarkNone: taken back
	Was  models.MarkValue // what the table showed
}

// Grid reads the table of a course: five queries, however long it is. Out of scope is not found.
func (s *Service) Grid(ctx context.Context, actor access.Actor, courseID uint64) (*Grid, error) {
	r, err := s.Report(ctx, actor, courseID)
	if err != nil {
		return nil, err
	}
	today := models.DayOf(s.DB.Time())
	out := &Grid{Report: r, Disputed: map[Place]bool{}, Refusal: errs.As(refusal(r.Course, models.Session{}, 0))}
	for _, x := range r.Sessions {
		out.Closed = append(out.Closed, errs.As(refusal(r.Course, x, today)))
	}
	var places []Place
	err = s.DB.Read(ctx).Table("mark_disputes d").Joins("JOIN course_sessions s ON s.id = d.session_id").Where("s.course_id = ?", courseID).Select("d.enrolment_id, d.session_id").Scan(&places).Error
	for _, p := range places {
		out.Disputed[p] = true
	}
	return out, err
}

// SaveGrid stores what was typed in the table of a course, marks and scores (in tenths of a point by enrolment), all or nothing, and
// gives how many changed. A request key that was used before does nothing again.
//
// It refuses, on the field of the place: a mark that is another by now than the table showed ("grid_moved"); and the whole as Save and
// SaveScores do, with a session of another course as out of scope (not_found).
func (s *Service) SaveGrid(ctx context.Context, actor access.Actor, courseID uint64, source string, changes []GridChange, scores map[uint64]*int) (int, error) {
	if err := checkScores(scores); err != nil {
		return 0, err
	}
	n, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		c, err := course.Lock(tx, actor, access.AttendanceWrite, courseID)
		if err != nil {
			return 0, err
		}
		var sessions []uint64
		if err := tx.Model(&models.Session{}).Where("course_id = ?", c.ID).Pluck("id", &sessions).Error; err != nil {
			return 0, err
		}
		var there []models.Mark
		if err := tx.Table("marks").Joins("JOIN enrolments e ON e.id = marks.enrolment_id").Where("e.course_id = ?", c.ID).Select("marks.*").Scan(&there).Error; err != nil {
			return 0, err
		}
		now := make(map[Place]models.MarkValue, len(there))
		for _, m := range there {
			now[Place{m.EnrolmentID, m.SessionID}] = m.Mark
		}
		var wrong errs.Fields
		var marks []MarkInput
		for _, x := range changes {
			switch is := now[x.Place]; {
			case !slices.Contains(sessions, x.SessionID):
				return 0, errs.NotFound("session")
			case is == x.Mark:
			case is != x.Was:
				wrong.Add(x.Field(), "grid_moved")
			default:
				marks = append(marks, MarkInput{SessionID: x.SessionID, EnrolmentID: x.EnrolmentID, Mark: x.Mark, Source: source})
			}
		}
		if err := wrong.Err(); err != nil {
			return 0, err
		}
		var parts []*sending
		for part := range slices.Chunk(marks, MaxMarks) {
			parts = append(parts, &sending{actor: actor, batch: Batch{Marks: part}})
		}
		if len(parts) > 0 {
			if err := recordIn(tx, parts, true); err != nil {
				return 0, err
			}
		}
		scored := 0
		if len(scores) > 0 {
			if scored, err = writeScores(tx, c, scores); err != nil {
				return 0, err
			}
		}
		return uint64(len(marks) + scored), nil
	})
	return int(n), err
}
