package enrolment

import (
	"taphuan/app/access"
	"taphuan/app/store"
	"taphuan/models"
)

// SourceWalkIn is that of somebody who came without being enrolled.
const SourceWalkIn = "walk_in"

// Arrive gives a cadre who was there an enrolment in a course, whatever its capacity: the one they have, which becomes a seat, or a new
// one. The rows of the cadre and of the course are locked. A cadre out of scope is not found.
func Arrive(tx *store.Tx, actor access.Actor, c models.Course, cadreID uint64) (models.Enrolment, error) {
	var e models.Enrolment
	if err := known(tx, actor, access.EnrolmentWrite, []uint64{cadreID}); err != nil {
		return e, err
	}
	have, err := standing(tx, c.ID, []uint64{cadreID})
	if err != nil {
		return e, err
	}
	e, ok := have[cadreID]
	if ok && e.State == models.EnrolmentEnrolled {
		return e, nil
	}
	office, err := offices(tx, []uint64{cadreID}, c.FirstDay)
	if err != nil {
		return e, err
	}
	row := models.Enrolment{CourseID: c.ID, CadreID: cadreID, OrganisationID: office[cadreID], State: models.EnrolmentEnrolled, Source: SourceWalkIn,
		DecidedAt: &tx.Now, NominatedByID: e.NominatedByID, CreatedAt: tx.Now, UpdatedAt: tx.Now}
	if ok && (e.State == models.EnrolmentNominated || e.State == models.EnrolmentWaiting) {
		row.Source = e.Source
	}
	if tx.By.AccountID != 0 {
		row.DecidedByID = &tx.By.AccountID
	}
	if err := put(tx, []models.Enrolment{row}); err != nil {
		return e, err
	}
	if have, err = standing(tx, c.ID, []uint64{cadreID}); err != nil {
		return e, err
	}
	return have[cadreID], tx.Audit("enrolment.arrive", "course", c.ID, map[string]any{"cadre": cadreID})
}
