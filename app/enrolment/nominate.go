package enrolment

import (
	"cmp"
	"context"
	"slices"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

// Nominate puts own cadres forward for a course; a coordinator decides. Who has a place, waits or is nominated already stays as is;
// who had withdrawn or was refused is nominated again.
//
// It refuses courses and cadres out of scope (not_found, and nobody is nominated), courses that are not open or already run
// ("nomination_closed", "enrolment_closed", "enrolment_cancelled"), days after the deadline ("nomination_deadline_passed"), more than a
// quota has left ("nomination_quota_full"), "nobody_chosen" and "too_many_chosen".
func (s *Service) Nominate(ctx context.Context, actor access.Actor, courseID uint64, cadreIDs []uint64) (Result, error) {
	ids, err := people(cadreIDs)
	return s.nominate(ctx, actor, courseID, ids, err)
}

// NominateFound nominates the first n whom the filter finds among the actor's own cadres, 0 is all, with the exceptions of EnrolFound.
// It refuses as Nominate does, and an empty find with "nobody_found".
func (s *Service) NominateFound(ctx context.Context, actor access.Actor, courseID uint64, f Filter, n int) (Result, error) {
	ids, err := s.firstFound(ctx, actor, access.Nominate, courseID, f, n)
	return s.nominate(ctx, actor, courseID, ids, err)
}

// nominate refuses with the error, if any, where the request does not repeat an earlier one.
func (s *Service) nominate(ctx context.Context, actor access.Actor, courseID uint64, ids []uint64, refusal error) (Result, error) {
	ref, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		if err := LockCadres(tx, ids...); err != nil {
			return 0, err
		}
		c, err := course.Lock(tx, actor, access.Nominate, courseID)
		if err != nil {
			return 0, err
		}
		if err := takesNominations(c, tx.Today); err != nil {
			return 0, err
		}
		if refusal != nil {
			return 0, refusal
		}
		if err := known(tx, actor, access.Nominate, ids); err != nil {
			return 0, err
		}
		r, err := nominate(tx, c, ids)
		return r.ref(), err
	})
	return resultOf(ref), err
}

func nominate(tx *store.Tx, c models.Course, cadreIDs []uint64) (Result, error) {
	var r Result
	have, err := standing(tx, c.ID, cadreIDs)
	if err != nil {
		return r, err
	}
	office, err := offices(tx, cadreIDs, rosterDay(c, tx.Today))
	if err != nil {
		return r, err
	}
	var rows []models.Enrolment
	var nominated []uint64
	for _, id := range cadreIDs {
		if has(have[id].State) {
			r.Already++
			continue
		}
		row := models.Enrolment{CourseID: c.ID, CadreID: id, OrganisationID: office[id], State: models.EnrolmentNominated, Source: SourceNomination,
			CreatedAt: tx.Now, UpdatedAt: tx.Now}
		if tx.By.AccountID != 0 {
			row.NominatedByID = &tx.By.AccountID
		}
		rows = append(rows, row)
		nominated = append(nominated, id)
	}
	if r.Changed = len(rows); r.Changed == 0 {
		return r, nil
	}
	if err := withinQuotas(tx, c, rows); err != nil {
		return r, err
	}
	if err := put(tx, rows); err != nil {
		return r, err
	}
	return r, tx.Audit("enrolment.nominate", "course", c.ID, map[string]any{"nominated": nominated})
}

// Approve gives nominated cadres places: seats first, then the waiting list, those first who were nominated first. The enrolments may
// be of several courses; all are approved or none. What somebody has decided in the meantime stays as it was decided.
//
// It refuses enrolments out of scope (not_found), "nobody_chosen", "too_many_chosen", "enrolment_closed" and "enrolment_cancelled", and,
// without DespiteClash, people who are in another course at the same time ("schedule_clash", and nobody is approved).
func (s *Service) Approve(ctx context.Context, actor access.Actor, enrolmentIDs []uint64, how ...Option) (Result, error) {
	return s.eachCourse(ctx, actor, access.EnrolmentWrite, enrolmentIDs, func(tx *store.Tx, c models.Course, ids []uint64) (Result, error) {
		if err := takesPart(c, tx.Today); err != nil {
			return Result{}, err
		}
		var cadres []uint64
		err := tx.Model(&models.Enrolment{}).Where("course_id = ? AND id IN ? AND state = ?", c.ID, ids, models.EnrolmentNominated).Order("updated_at, id").Pluck("cadre_id", &cadres).Error
		if err != nil || len(cadres) == 0 {
			return Result{Already: len(ids)}, err
		}
		r, err := place(tx, c, cadres, "enrolment.approve", how)
		r.Already += len(ids) - len(cadres)
		return r, err
	})
}

// Refuse turns nominations down, with a reason that the nominating head reads. What somebody has decided in the meantime stays as it
// was decided. It refuses enrolments out of scope (not_found), "reason_missing", "too_long", "nobody_chosen" and "too_many_chosen".
func (s *Service) Refuse(ctx context.Context, actor access.Actor, enrolmentIDs []uint64, reason string) (Result, error) {
	reason, err := reasonOf(reason)
	if err != nil {
		return Result{}, err
	}
	return s.eachCourse(ctx, actor, access.EnrolmentWrite, enrolmentIDs, func(tx *store.Tx, c models.Course, ids []uint64) (Result, error) {
		n, err := end(tx, c, ids, []models.EnrolmentState{models.EnrolmentNominated}, models.EnrolmentRefused, reason, "enrolment.refuse")
		return Result{Changed: n, Already: len(ids) - n}, err
	})
}

// Withdraw takes one cadre out of a course; see WithdrawAll.
func (s *Service) Withdraw(ctx context.Context, actor access.Actor, enrolmentID uint64, reason string) (Result, error) {
	return s.WithdrawAll(ctx, actor, []uint64{enrolmentID}, reason)
}

// WithdrawAll takes cadres out of their courses, with a reason; seats that come free go to the waiting list in the same transaction
// (Result.Enrolled says to how many). Who is not in the course any more stays as is. Coordinators may withdraw anybody while the
// course is open or running, heads own cadres while it is open and has not begun.
//
// It refuses enrolments out of scope (not_found), "reason_missing", "too_long", "nobody_chosen", "too_many_chosen",
// "enrolment_closed", "enrolment_cancelled" and, for heads, "nomination_closed".
func (s *Service) WithdrawAll(ctx context.Context, actor access.Actor, enrolmentIDs []uint64, reason string) (Result, error) {
	reason, err := reasonOf(reason)
	if err != nil {
		return Result{}, err
	}
	p, allowed := access.EnrolmentWrite, takesPart
	if !actor.May(p) {
		p, allowed = access.Nominate, nominates
	}
	return s.eachCourse(ctx, actor, p, enrolmentIDs, func(tx *store.Tx, c models.Course, ids []uint64) (Result, error) {
		if err := allowed(c, tx.Today); err != nil {
			return Result{}, err
		}
		n, err := end(tx, c, ids, inCourse, models.EnrolmentWithdrawn, reason, "enrolment.withdraw")
		if err != nil {
			return Result{}, err
		}
		moved, err := course.FillSeats(tx, c)
		return Result{Changed: n, Already: len(ids) - n, Enrolled: len(moved)}, err
	})
}

// end puts those of the enrolments that stand in one of the states into an end state, and gives how many they were.
func end(tx *store.Tx, c models.Course, ids []uint64, from []models.EnrolmentState, to models.EnrolmentState, reason, action string) (int, error) {
	var cadres []uint64
	standing := tx.Model(&models.Enrolment{}).Where("course_id = ? AND id IN ? AND state IN ?", c.ID, ids, from)
	if err := standing.Order("id").Pluck("cadre_id", &cadres).Error; err != nil || len(cadres) == 0 {
		return 0, err
	}
	set := map[string]any{"state": to, "waiting_since": nil, "reason": reason, "decided_at": tx.Now, "decided_by_id": nil, "updated_at": tx.Now}
	if tx.By.AccountID != 0 {
		set["decided_by_id"] = tx.By.AccountID
	}
	if err := tx.Model(&models.Enrolment{}).Where("course_id = ? AND cadre_id IN ?", c.ID, cadres).Updates(set).Error; err != nil {
		return 0, err
	}
	return len(cadres), tx.Audit(action, "course", c.ID, map[string]any{"cadres": cadres, "reason": reason})
}

// eachCourse runs do for each course of the enrolments in one transaction, with the course's row locked, and adds up the results.
// Cadres are locked first and then courses, each in the order of their ids, so that two such requests never wait for each other.
func (s *Service) eachCourse(ctx context.Context, actor access.Actor, p access.Permission, enrolmentIDs []uint64,
	do func(tx *store.Tx, c models.Course, ids []uint64) (Result, error)) (Result, error) {
	ids, err := people(enrolmentIDs)
	if err != nil {
		return Result{}, err
	}
	ref, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		var rows []models.Enrolment
		for part := range slices.Chunk(ids, batch) {
			var some []models.Enrolment
			err := tx.Select("enrolments.id", "enrolments.course_id", "enrolments.cadre_id").Scopes(access.Enrolments(actor, p, tx.Now)).Where("enrolments.id IN ?", part).Find(&some).Error
			if err != nil {
				return 0, err
			}
			rows = append(rows, some...)
		}
		slices.SortFunc(rows, func(a, b models.Enrolment) int {
			return cmp.Or(cmp.Compare(a.CourseID, b.CourseID), cmp.Compare(a.ID, b.ID))
		})
		if len(rows) != len(ids) {
			return 0, errs.NotFound("enrolment")
		}
		cadres := make([]uint64, len(rows))
		for i, e := range rows {
			cadres[i] = e.CadreID
		}
		if err := LockCadres(tx, cadres...); err != nil {
			return 0, err
		}
		var sum Result
		for len(rows) > 0 {
			c, err := course.Lock(tx, actor, p, rows[0].CourseID)
			if err != nil {
				return 0, err
			}
			var here []uint64
			for len(rows) > 0 && rows[0].CourseID == c.ID {
				here, rows = append(here, rows[0].ID), rows[1:]
			}
			r, err := do(tx, c, here)
			if err != nil {
				return 0, err
			}
			sum = Result{sum.Enrolled + r.Enrolled, sum.Waiting + r.Waiting, sum.Already + r.Already, sum.Changed + r.Changed, sum.Mailed + r.Mailed, sum.Paper + r.Paper}
		}
		return sum.ref(), nil
	})
	return resultOf(ref), err
}
