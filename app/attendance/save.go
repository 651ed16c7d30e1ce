package attendance

import (
	"context"
	"slices"
	"time"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

// Result says what became of marks of one session.
type Result struct {
	State
	Stored   int       // events that are new
	Repeated int       // events that were known already and changed nothing
	Now      time.Time // the server's time
}

// Save stores changes of marks of one session as Record does, all or none: it refuses the whole with the first refusal, a session out
// of scope (not_found) and marks after closing ("attendance_course_closed") too.
func (s *Service) Save(ctx context.Context, actor access.Actor, sessionID uint64, marks []MarkInput) (Result, error) {
	if len(marks) > MaxMarks {
		return Result{}, errs.TooLarge("marks_too_many", errs.Params{"n": MaxMarks})
	}
	if len(marks) == 0 {
		c, _, _, err := s.place(ctx, actor, sessionID)
		if err != nil {
			return Result{}, err
		}
		r := Result{Now: s.DB.Time(), State: State{SessionID: sessionID}}
		return r, count(s.DB.Read(ctx), c.ID, &r.State)
	}
	list := slices.Clone(marks)
	for i := range list {
		list[i].SessionID = sessionID
	}
	sent := &sending{actor: actor, batch: Batch{Marks: list}}
	if err := s.record(ctx, []*sending{sent}, true); err != nil {
		return Result{}, err
	}
	r := Result{Now: sent.out.Now, State: sent.out.Sessions[0]}
	for _, f := range sent.out.Marks {
		if f.Status == Stored {
			r.Stored++
		} else {
			r.Repeated++
		}
	}
	return r, nil
}

// AllPresent marks everybody present who has no mark; it refuses as Save does. A request key that was used before does nothing
// again.
func (s *Service) AllPresent(ctx context.Context, actor access.Actor, sessionID uint64) (Result, error) {
	out := Result{State: State{SessionID: sessionID}}
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		out = Result{State: State{SessionID: sessionID}, Now: tx.Now}
		c, own, err := lock(tx, actor, sessionID)
		if err != nil {
			return 0, err
		}
		if err := refusal(c, own, tx.Today); err != nil {
			return 0, err
		}
		var ids []uint64
		err = tx.Model(&models.Enrolment{}).Where("course_id = ? AND state = ?", c.ID, models.EnrolmentEnrolled).
			Where("NOT EXISTS (SELECT 1 FROM marks m WHERE m.session_id = ? AND m.enrolment_id = enrolments.id)", own.ID).Order("id").Pluck("id", &ids).Error
		if err != nil {
			return 0, err
		}
		fresh := make([]models.MarkEvent, len(ids))
		for i, id := range ids {
			fresh[i] = models.MarkEvent{UID: newUID(), SessionID: own.ID, EnrolmentID: &id, Mark: models.MarkPresent, ReceivedAt: tx.Now,
				AccountID: actor.AccountID, Source: SourceAll, State: models.EventApplied}
		}
		out.Stored = len(fresh)
		if err := write(tx, &c, own, fresh, ids, &out.State); err != nil {
			return 0, err
		}
		return own.ID, count(tx.DB, c.ID, &out.State)
	})
	return out, err
}
