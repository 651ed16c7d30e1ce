package enrolment

import (
	"context"
	"slices"
	"time"

	"gorm.io/gorm/clause"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

// batch is how many rows one INSERT carries, and how many ids one condition: MariaDB reads whole tables for a thousand and more.
const batch = 500

// Enrol gives cadres places in a course, in the order given: seats first, then the waiting list. Who was nominated is thereby
// approved, who had withdrawn or was refused comes back, who has a place or waits already stays as is. A request (by its key)
// happens once; repeated, it answers as the first time. Invited, those who get a seat are sent invitations in the same transaction.
//
// It refuses courses out of scope and cadres that do not exist (not_found, and nobody is enrolled), "nobody_chosen",
// "too_many_chosen" (more than MaxPeople), "enrolment_draft", "enrolment_closed" and "enrolment_cancelled", and, without DespiteClash,
// people who are in another course at the same time ("schedule_clash").
func (s *Service) Enrol(ctx context.Context, actor access.Actor, courseID uint64, cadreIDs []uint64, how ...Option) (Result, error) {
	ids, err := people(cadreIDs)
	return s.enrol(ctx, actor, courseID, ids, err, how)
}

// EnrolFound enrols the first n whom the filter finds in the order in which they should come, whatever the page; 0 is all of them. It
// leaves out people on leave, people who are in another course at the same time and people who have withdrawn or been refused before:
// those are enrolled by name only. It refuses as Enrol does, and an empty find with "nobody_found".
func (s *Service) EnrolFound(ctx context.Context, actor access.Actor, courseID uint64, f Filter, n int, how ...Option) (Result, error) {
	ids, err := s.firstFound(ctx, actor, access.EnrolmentWrite, courseID, f, n)
	return s.enrol(ctx, actor, courseID, ids, err, how)
}

// enrol refuses with the error, if any, where the request does not repeat an earlier one: what was asked for may have been found then.
func (s *Service) enrol(ctx context.Context, actor access.Actor, courseID uint64, ids []uint64, refusal error, how []Option) (Result, error) {
	ref, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		if err := LockCadres(tx, ids...); err != nil {
			return 0, err
		}
		c, err := course.Lock(tx, actor, access.EnrolmentWrite, courseID)
		if err != nil {
			return 0, err
		}
		if err := takesPart(c, tx.Today); err != nil {
			return 0, err
		}
		if refusal != nil {
			return 0, refusal
		}
		if err := known(tx, actor, access.EnrolmentWrite, ids); err != nil {
			return 0, err
		}
		r, err := place(tx, c, ids, "enrolment.enrol", how)
		return r.ref(), err
	})
	return resultOf(ref), err
}

// LockCadres locks the rows of cadres in the order of their ids until the end of the transaction. Who is about to give somebody a place
// does so before course.Lock: of two courses at the same time, the second is seen to clash.
func LockCadres(tx *store.Tx, ids ...uint64) error {
	for part := range slices.Chunk(slices.Sorted(slices.Values(ids)), batch) {
		var locked []uint64
		if err := tx.Lock().Model(&models.Cadre{}).Where("id IN ?", part).Order("id").Pluck("id", &locked).Error; err != nil {
			return err
		}
	}
	return nil
}

// known refuses (not_found) unless the permission reaches every one of the cadres.
func known(tx *store.Tx, actor access.Actor, p access.Permission, ids []uint64) error {
	sum := 0
	for part := range slices.Chunk(ids, batch) {
		var n int64
		if err := tx.Model(&models.Cadre{}).Scopes(access.Cadres(actor, p, tx.Today)).Where("cadres.id IN ?", part).Count(&n).Error; err != nil {
			return err
		}
		sum += int(n)
	}
	if sum != len(ids) {
		return errs.NotFound("cadre")
	}
	return nil
}

// standing gives the enrolments that cadres have in a course, by cadre.
func standing(tx *store.Tx, courseID uint64, cadreIDs []uint64) (map[uint64]models.Enrolment, error) {
	out := make(map[uint64]models.Enrolment, len(cadreIDs))
	for part := range slices.Chunk(cadreIDs, batch) {
		var rows []models.Enrolment
		if err := tx.Where("course_id = ? AND cadre_id IN ?", courseID, part).Find(&rows).Error; err != nil {
			return nil, err
		}
		for _, e := range rows {
			out[e.CadreID] = e
		}
	}
	return out, nil
}

// offices gives the organisation of each cadre's main posting on a day, of postings within the scopes.
func offices(tx *store.Tx, cadreIDs []uint64, day models.Day, scopes ...access.Scope) (map[uint64]*uint64, error) {
	out := make(map[uint64]*uint64, len(cadreIDs))
	for part := range slices.Chunk(cadreIDs, batch) {
		var rows []models.Posting
		err := tx.Select("postings.cadre_id", "postings.organisation_id").Scopes(scopes...).
			Where("postings.cadre_id IN ? AND postings.main = ? AND postings.from_day <= ? AND postings.to_day > ?", part, true, day, day).Find(&rows).Error
		if err != nil {
			return nil, err
		}
		for _, p := range rows {
			out[p.CadreID] = &p.OrganisationID
		}
	}
	return out, nil
}

// Option says how people are to be given places.
type Option func(*placing)

type placing struct {
	despiteClash bool
	invite       Inviter
}

// Inviter invites enrolments of a course that have got seats, in the caller's transaction, and says how many of them by mail and how many on
// paper.
type Inviter func(tx *store.Tx, c models.Course, enrolmentIDs []uint64) (mailed, paper int, err error)

// Invited has those invited who get a seat.
func Invited(by Inviter) Option { return func(p *placing) { p.invite = by } }

// place gives the cadres, in order, seats and then places on the waiting list. The rows of the cadres and the course are locked. It
// refuses "schedule_clash" without DespiteClash, and what the inviter refuses.
func place(tx *store.Tx, c models.Course, cadreIDs []uint64, action string, how []Option) (Result, error) {
	var r Result
	var p placing
	for _, set := range how {
		set(&p)
	}
	// Seats that have come free belong to those who wait already.
	if _, err := course.FillSeats(tx, c); err != nil {
		return r, err
	}
	free, err := course.FreeSeats(tx, c)
	if err != nil {
		return r, err
	}
	have, err := standing(tx, c.ID, cadreIDs)
	if err != nil {
		return r, err
	}
	if !p.despiteClash {
		newcomers := slices.DeleteFunc(slices.Clone(cadreIDs), func(id uint64) bool { return slices.Contains(holding, have[id].State) })
		if err := refuseClash(tx, c, newcomers); err != nil {
			return r, err
		}
	}
	office, err := offices(tx, cadreIDs, rosterDay(c, tx.Today))
	if err != nil {
		return r, err
	}
	since, err := endOfQueue(tx, c.ID)
	if err != nil {
		return r, err
	}
	var rows []models.Enrolment
	var enrolled, waiting []uint64
	for _, id := range cadreIDs {
		e, ok := have[id]
		if ok && slices.Contains(holding, e.State) {
			r.Already++
			continue
		}
		row := models.Enrolment{CourseID: c.ID, CadreID: id, OrganisationID: office[id], State: models.EnrolmentEnrolled, Source: SourceCoordinator,
			DecidedAt: &tx.Now, CreatedAt: tx.Now, UpdatedAt: tx.Now}
		if tx.By.AccountID != 0 {
			row.DecidedByID = &tx.By.AccountID
		}
		if row.NominatedByID = e.NominatedByID; e.State == models.EnrolmentNominated {
			row.Source = e.Source
		}
		if free > 0 {
			free--
			enrolled = append(enrolled, id)
		} else {
			at := since.Add(time.Duration(len(waiting)) * time.Microsecond)
			row.State, row.WaitingSince = models.EnrolmentWaiting, &at
			waiting = append(waiting, id)
		}
		rows = append(rows, row)
	}
	r.Enrolled, r.Waiting = len(enrolled), len(waiting)
	if len(rows) == 0 {
		return r, nil
	}
	if err := put(tx, rows); err != nil {
		return r, err
	}
	if err := tx.Audit(action, "course", c.ID, map[string]any{"enrolled": enrolled, "waiting": waiting}); err != nil || p.invite == nil || len(enrolled) == 0 {
		return r, err
	}
	have, err = standing(tx, c.ID, enrolled)
	if err != nil {
		return r, err
	}
	seats := make([]uint64, len(enrolled))
	for i, id := range enrolled {
		seats[i] = have[id].ID
	}
	r.Mailed, r.Paper, err = p.invite(tx, c, seats)
	return r, err
}

// The sources of an enrolment.
const (
	SourceCoordinator = "coordinator"
	SourceNomination  = "nomination"
)

// put writes enrolments, new ones and those of cadres who have one in the course already, in one statement a batch.
func put(tx *store.Tx, rows []models.Enrolment) error {
	return tx.Clauses(clause.OnConflict{
		Columns: []clause.Column{{Name: "course_id"}, {Name: "cadre_id"}},
		DoUpdates: clause.AssignmentColumns([]string{"organisation_id", "state", "source", "waiting_since", "nominated_by_id", "decided_by_id", "decided_at",
			"reason", "updated_at"}),
	}).CreateInBatches(rows, batch).Error
}

// endOfQueue gives the instant that stands behind everybody on the waiting list: now, or a little later where somebody's place was
// taken in the same microsecond or by a request that began later. Nobody is ever overtaken.
func endOfQueue(tx *store.Tx, courseID uint64) (time.Time, error) {
	var last []models.Enrolment
	err := tx.Select("waiting_since").Where("course_id = ? AND state = ? AND waiting_since IS NOT NULL", courseID, models.EnrolmentWaiting).
		Order("waiting_since DESC").Limit(1).Find(&last).Error
	if err != nil || len(last) == 0 || last[0].WaitingSince.Before(tx.Now) {
		return tx.Now, err
	}
	return last[0].WaitingSince.Add(time.Microsecond), nil
}
