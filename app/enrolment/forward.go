package enrolment

import (
	"slices"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

// Refused is somebody who could not be put forward, and why.
type Refused struct {
	CadreID uint64 `json:"cadre"`
	Code    string `json:"code"` // of the refusal
}

// PutForward puts cadres forward for a draft, which a coordinator then opens and decides on: they are nominated and hold no seat. The rows of
// the cadres are locked (LockCadres). Who cannot come is left out and told, and the others are nominated: people who are nobody's any more
// ("not_found"), have no main posting on the course's first day ("nomination_unplaced") or are on leave ("nomination_away"), have a seat
// in another course at the same time or wait for one ("nomination_clash"), and who would be more than the course holds
// ("nomination_full").
//
// It refuses courses that are no drafts ("course_step") or out of scope (not_found).
func PutForward(tx *store.Tx, actor access.Actor, courseID uint64, cadreIDs []uint64) (refused []Refused, err error) {
	c, err := course.Lock(tx, actor, access.EnrolmentWrite, courseID)
	if err != nil {
		return nil, err
	}
	if c.State != models.CourseDraft {
		return nil, errs.Conflict("course_step")
	}
	day := rosterDay(c, tx.Today)
	known, err := reached(tx, actor, cadreIDs)
	if err != nil {
		return nil, err
	}
	office, err := offices(tx, cadreIDs, day)
	if err != nil {
		return nil, err
	}
	away, err := onLeave(tx, cadreIDs, day)
	if err != nil {
		return nil, err
	}
	busy, err := clashes(tx.DB, []uint64{c.ID}, cadreIDs)
	if err != nil {
		return nil, err
	}
	have, err := standing(tx, c.ID, cadreIDs)
	if err != nil {
		return nil, err
	}
	var rows []models.Enrolment
	var nominated []uint64
	for _, id := range cadreIDs {
		code := ""
		switch {
		case !known[id]:
			code = "not_found"
		case office[id] == nil:
			code = "nomination_unplaced"
		case away[id]:
			code = "nomination_away"
		case len(busy[seatOf{c.ID, id}]) > 0:
			code = "nomination_clash"
		case len(rows) == c.Capacity:
			code = "nomination_full"
		case has(have[id].State):
			continue
		}
		if code != "" {
			refused = append(refused, Refused{id, code})
			continue
		}
		row := models.Enrolment{CourseID: c.ID, CadreID: id, OrganisationID: office[id], State: models.EnrolmentNominated, Source: SourceCoordinator, CreatedAt: tx.Now, UpdatedAt: tx.Now}
		if tx.By.AccountID != 0 {
			row.NominatedByID = &tx.By.AccountID
		}
		rows, nominated = append(rows, row), append(nominated, id)
	}
	if len(rows) == 0 {
		return refused, nil
	}
	if err := put(tx, rows); err != nil {
		return nil, err
	}
	return refused, tx.Audit("enrolment.nominate", "course", c.ID, map[string]any{"nominated": nominated})
}

// reached says which of the cadres the actor may enrol.
func reached(tx *store.Tx, actor access.Actor, ids []uint64) (map[uint64]bool, error) {
	out := make(map[uint64]bool, len(ids))
	for part := range slices.Chunk(ids, batch) {
		var found []uint64
		if err := tx.Model(&models.Cadre{}).Scopes(access.Cadres(actor, access.EnrolmentWrite, tx.Today)).Where("cadres.id IN ?", part).Pluck("cadres.id", &found).Error; err != nil {
			return nil, err
		}
		for _, id := range found {
			out[id] = true
		}
	}
	return out, nil
}

// onLeave says which of the cadres are away on the day.
func onLeave(tx *store.Tx, ids []uint64, day models.Day) (map[uint64]bool, error) {
	out := map[uint64]bool{}
	for part := range slices.Chunk(ids, batch) {
		var found []uint64
		err := tx.Table("leaves l").Joins("JOIN postings p ON p.id = l.posting_id").Where("p.cadre_id IN ? AND p.main = ? AND l.from_day <= ? AND l.to_day > ?", part, true, day, day).Pluck("p.cadre_id", &found).Error
		if err != nil {
			return nil, err
		}
		for _, id := range found {
			out[id] = true
		}
	}
	return out, nil
}
