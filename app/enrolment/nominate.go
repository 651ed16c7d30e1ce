package enrolment

import (
	"cmp"
	"context"
	"slices"

	"gorm.io/gorm"

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
// ("nomination_closed", "enrolment_closed", "enrolment_cancelled"), days after the deadline ("nomination_deadline_passed"), people whose
// main posting on the roster's day is not within the actor's reach, or who have none ("nomination_elsewhere"), more than a quota has
// left ("nomination_quota_full"), "nobody_chosen" and "too_many_chosen".
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
		r, err := nominate(tx, actor, c, ids)
		return r.ref(), err
	})
	return resultOf(ref), err
}

func nominate(tx *store.Tx, actor access.Actor, c models.Course, cadreIDs []uint64) (Result, error) {
	var r Result
	have, err := standing(tx, c.ID, cadreIDs)
	if err != nil {
		return r, err
	}
	day := rosterDay(c, tx.Today)
	office, err := offices(tx, cadreIDs, day, func(q *gorm.DB) *gorm.DB {
		return q.Joins("JOIN organisations ON organisations.id = postings.organisation_id").Scopes(access.Postings(actor, access.Nominate))
	})
	if err != nil {
		return r, err
	}
	if err := refuseElsewhere(tx, cadreIDs, have, office, day); err != nil {
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

// refuseElsewhere refuses newcomers without an office of the actor's on the day with "nomination_elsewhere", which names the first: the
// quota under which they would come is another's, or nobody's.
func refuseElsewhere(tx *store.Tx, cadreIDs []uint64, have map[uint64]models.Enrolment, office map[uint64]*uint64, day models.Day) error {
	var who []uint64
	for _, id := range cadreIDs {
		if office[id] == nil && !has(have[id].State) {
			who = append(who, id)
		}
	}
	if len(who) == 0 {
		return nil
	}
	var first models.Cadre
	if err := tx.Select("full_name").Take(&first, who[0]).Error; err != nil {
		return err
	}
	return errs.Conflict("nomination_elsewhere", errs.Params{"n": len(who), "name": first.FullName, "day": day})
}

// Approve gives nominated cadres places: seats first, then the waiting list, those first who were nominated first. The enrolments may
// be of several courses; all are approved or none. What somebody has decided in the meantime stays as it was decided.
//
// It refuses enrolments out of scope (not_found), "nobody_chosen", "too_many_chosen", "enrolment_closed" and "enrolment_cancelled", and,
// without DespiteClash, people who are in another course at the same time ("schedule_clash", and nobody is approved).
func (s *Service) Approve(ctx context.Context, actor access.Actor, enrolmentIDs []uint64, how ...Option) (Result, error) {
	ids, err := people(enrolmentIDs)
	return s.approve(ctx, actor, ids, err, how)
}

// ApproveFound approves everybody whom the filter finds, whatever the page. It refuses as Approve does, and an empty find with
// "nobody_found".
func (s *Service) ApproveFound(ctx context.Context, actor access.Actor, f NominationFilter, how ...Option) (Result, error) {
	ids, err := s.nominationIDs(ctx, actor, f)
	return s.approve(ctx, actor, ids, err, how)
}

func (s *Service) approve(ctx context.Context, actor access.Actor, ids []uint64, refusal error, how []Option) (Result, error) {
	return s.eachCourse(ctx, actor, access.EnrolmentWrite, ids, refusal, func(tx *store.Tx, c models.Course, ids []uint64) (Result, error) {
		if err := takesPart(c, tx.Today); err != nil {
			return Result{}, err
		}
		rows, err := inState(tx, c.ID, ids, models.EnrolmentNominated)
		if err != nil || len(rows) == 0 {
			return Result{Already: len(ids)}, err
		}
		slices.SortFunc(rows, func(a, b models.Enrolment) int {
			return cmp.Or(a.UpdatedAt.Compare(b.UpdatedAt), cmp.Compare(a.ID, b.ID))
		})
		cadres := cadresOf(rows)
		r, err := place(tx, c, cadres, "enrolment.approve", how)
		r.Already += len(ids) - len(cadres)
		return r, err
	})
}

// Refuse turns nominations down, with a reason that the nominating head reads. What somebody has decided in the meantime stays as it
// was decided. It refuses enrolments out of scope (not_found), "reason_missing", "too_long", "nobody_chosen" and "too_many_chosen".
func (s *Service) Refuse(ctx context.Context, actor access.Actor, enrolmentIDs []uint64, reason string) (Result, error) {
	ids, err := people(enrolmentIDs)
	return s.refuse(ctx, actor, ids, err, reason)
}

// RefuseFound turns everybody down whom the filter finds, whatever the page. It refuses as Refuse does, and an empty find with
// "nobody_found".
func (s *Service) RefuseFound(ctx context.Context, actor access.Actor, f NominationFilter, reason string) (Result, error) {
	ids, err := s.nominationIDs(ctx, actor, f)
	return s.refuse(ctx, actor, ids, err, reason)
}

func (s *Service) refuse(ctx context.Context, actor access.Actor, ids []uint64, refusal error, reason string) (Result, error) {
	reason, err := reasonOf(reason)
	if err != nil {
		return Result{}, err
	}
	return s.eachCourse(ctx, actor, access.EnrolmentWrite, ids, refusal, func(tx *store.Tx, c models.Course, ids []uint64) (Result, error) {
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
	ids, err := people(enrolmentIDs)
	return s.withdraw(ctx, actor, ids, err, reason)
}

// WithdrawFound takes back everybody whom the filter of nominations finds and who may be taken back, whatever the page. It refuses as
// WithdrawAll does, and an empty find with "nobody_found".
func (s *Service) WithdrawFound(ctx context.Context, actor access.Actor, f NominationFilter, reason string) (Result, error) {
	ids, err := s.nominationIDs(ctx, actor, f)
	return s.withdraw(ctx, actor, ids, err, reason)
}

func (s *Service) withdraw(ctx context.Context, actor access.Actor, ids []uint64, refusal error, reason string) (Result, error) {
	reason, err := reasonOf(reason)
	if err != nil {
		return Result{}, err
	}
	p, allowed := access.EnrolmentWrite, takesPart
	if !actor.May(p) {
		p, allowed = access.Nominate, nominates
	}
	return s.eachCourse(ctx, actor, p, ids, refusal, func(tx *store.Tx, c models.Course, ids []uint64) (Result, error) {
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
	rows, err := inState(tx, c.ID, ids, from...)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	cadres := cadresOf(rows)
	set := map[string]any{"state": to, "waiting_since": nil, "reason": reason, "decided_at": tx.Now, "decided_by_id": nil, "updated_at": tx.Now}
	if tx.By.AccountID != 0 {
		set["decided_by_id"] = tx.By.AccountID
	}
	for part := range slices.Chunk(cadres, batch) {
		if err := tx.Model(&models.Enrolment{}).Where("course_id = ? AND cadre_id IN ?", c.ID, part).Updates(set).Error; err != nil {
			return 0, err
		}
	}
	return len(cadres), tx.Audit(action, "course", c.ID, map[string]any{"cadres": cadres, "reason": reason})
}

// inState gives those of a course's enrolments that stand in one of the states, in the order of their ids.
func inState(tx *store.Tx, courseID uint64, ids []uint64, states ...models.EnrolmentState) (out []models.Enrolment, err error) {
	for part := range slices.Chunk(slices.Sorted(slices.Values(ids)), batch) {
		var some []models.Enrolment
		err := tx.Select("id", "cadre_id", "updated_at").Where("course_id = ? AND id IN ? AND state IN ?", courseID, part, states).Order("id").Find(&some).Error
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}

func cadresOf(rows []models.Enrolment) []uint64 {
	out := make([]uint64, len(rows))
	for i, e := range rows {
		out[i] = e.CadreID
	}
	return out
}

// eachCourse runs do for each course of the enrolments in one transaction, with the course's row locked, and adds up the results. It
// refuses with the error, if any, where the request does not repeat an earlier one.
// Cadres are locked first and then courses, each in the order of their ids, so that two such requests never wait for each other.
func (s *Service) eachCourse(ctx context.Context, actor access.Actor, p access.Permission, ids []uint64, refusal error,
	do func(tx *store.Tx, c models.Course, ids []uint64) (Result, error)) (Result, error) {
	ref, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		if refusal != nil {
			return 0, refusal
		}
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
		if err := LockCadres(tx, cadresOf(rows)...); err != nil {
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
