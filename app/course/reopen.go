package course

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// Touched is what stands on the closing of a course, and what opening it again may therefore change.
type Touched struct {
	Course       models.Course
	Completions  int          // that are not voided
	Certificates []Registered // valid ones, in the order of their numbers
	Held         int          // marks that came after closing
	Blocked      *errs.Error  // why it cannot be opened again
}

// Registered is a certificate as its register knows it.
type Registered struct {
	ID     uint64
	Serial string
	Name   string
}

// Touched says which completions and certificates stand on the closing of a course: four queries. Out of scope is not found.
func (s *Service) Touched(ctx context.Context, actor access.Actor, id uint64) (*Touched, error) {
	db := s.DB.Read(ctx)
	out := &Touched{}
	err := db.Scopes(access.Courses(actor, access.CourseWrite, s.DB.Time())).Take(&out.Course, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errs.NotFound("course")
	}
	if err != nil {
		return nil, err
	}
	var live, held int64
	for _, q := range []*gorm.DB{
		db.Model(&models.Completion{}).Where("course_id = ? AND voided_at IS NULL", id).Count(&live),
		db.Model(&models.MarkEvent{}).Joins("JOIN course_sessions s ON s.id = mark_events.session_id").Where("s.course_id = ? AND mark_events.state = ?", id, models.EventHeld).Count(&held),
		db.Table("certificates f").Joins("JOIN completions k ON k.id = f.live_completion_id").Joins("JOIN cadres c ON c.id = k.cadre_id").Where("k.course_id = ?", id).
			Select("f.id, f.serial, c.full_name AS name").Order("f.register_id, f.number").Scan(&out.Certificates),
	} {
		if q.Error != nil {
			return nil, q.Error
		}
	}
	out.Completions, out.Held = int(live), int(held)
	out.Blocked = errs.As(mayReopen(db, out.Course))
	return out, nil
}

// mayReopen refuses as Reopen does.
func mayReopen(db *gorm.DB, c models.Course) error {
	if err := May(c.State, StepReopen, Timetable{}, c.UpdatedAt); err != nil {
		return err
	}
	var n int64
	err := db.Model(&models.Enrolment{}).Where("course_id = ? AND source = ?", c.ID, SourceImport).Limit(1).Count(&n).Error
	if err == nil && n > 0 {
		err = errs.Conflict("course_was_imported")
	}
	return err
}

// SourceImport is that of enrolments that came in with a course of the past.
const SourceImport = "import"

// Reopen lets marks, scores and enrolments of a closed course be changed once more, for a reason that its page shows until it is closed
// again. Until then its completions and certificates stand as they are; closing it again decides anew (see Close). It refuses an
// empty reason ("reason_missing"), a course that is not closed ("course_step"), and one that came in from a workbook, whose
// attendance nobody recorded session by session ("course_was_imported").
func (s *Service) Reopen(ctx context.Context, actor access.Actor, id uint64, reason string) error {
	reason = viet.NFC(reason)
	return s.step(ctx, actor, id, StepReopen, func(tx *store.Tx, c *models.Course, _ Timetable) (any, error) {
		if err := mayReopen(tx.DB, *c); err != nil {
			return nil, err
		}
		if reason == "" {
			return nil, errs.OnField("reason", "reason_missing")
		}
		if len([]rune(reason)) > maxReason {
			return nil, errs.OnField("reason", "too_long", errs.Params{"n": maxReason})
		}
		c.State, c.ClosedAt, c.ClosedByID, c.ReopenReason = models.CourseRunning, nil, nil, reason
		err := tx.Model(&models.Enrolment{}).Where("course_id = ?", id).
			Updates(map[string]any{"outcome": models.OutcomeNone, "outcome_reason": "", "attended_minutes": nil, "total_minutes": nil, "updated_at": tx.Now}).Error
		return map[string]any{"reason": reason}, err
	})
}

// settle brings the completions of a course that is closed again in line with what was decided: those who completed it before keep their
// completion, those who do not any more lose it from its own date, and who lost it by an earlier closing gets it back. What a person
// voided by hand stays void. It gives the decisions that need a completion of their own.
func settle(tx *store.Tx, x *Closing) (fresh []Decision, err error) {
	var have []models.Completion
	if err := tx.Lock().Where("course_id = ?", x.Course.ID).Order("id").Find(&have).Error; err != nil {
		return nil, err
	}
	of := make(map[uint64]models.Completion, len(have))
	for _, k := range have {
		if k.EnrolmentID != nil {
			of[*k.EnrolmentID] = k
		}
	}
	for _, d := range x.Decisions {
		k, ok := of[d.EnrolmentID]
		done := d.Outcome == models.OutcomeCompleted
		byHand := ok && k.VoidedAt != nil && !k.VoidedByClose
		switch {
		case !ok && done:
			fresh = append(fresh, d)
			continue
		case !ok, byHand, !done && k.VoidedAt != nil:
			continue
		}
		set := map[string]any{"attended_minutes": d.Attended, "total_minutes": x.Rule.TotalMinutes, "effective_day": x.Course.LastDay}
		action := ""
		switch {
		case done && k.VoidedAt != nil:
			action = "completion.restore"
			set["voided_at"], set["voided_by_id"], set["void_reason"], set["voided_by_close"] = nil, nil, "", false
		case !done:
			action = "completion.void"
			set["voided_at"], set["void_reason"], set["voided_by_close"] = tx.Now, x.Course.ReopenReason, true
			if tx.By.AccountID != 0 {
				set["voided_by_id"] = tx.By.AccountID
			}
		case k.AttendedMinutes == d.Attended && k.TotalMinutes == x.Rule.TotalMinutes && k.EffectiveDay == x.Course.LastDay:
			continue
		}
		if err := tx.Model(&models.Completion{}).Where("id = ?", k.ID).Updates(set).Error; err != nil {
			return nil, err
		}
		if action != "" {
			detail := map[string]any{"cadre": k.CadreID, "course": x.Course.ID, "effective": k.EffectiveDay, "reason": x.Course.ReopenReason}
			if err := tx.Audit(action, "completion", k.ID, detail); err != nil {
				return nil, err
			}
		}
	}
	return fresh, nil
}
