package enrolment

import (
	"taphuan/app/course"
	"taphuan/app/store"
	"taphuan/models"
)

// SourceSubstitute marks a nomination that somebody proposed who cannot come.
const SourceSubstitute = "substitute"

// Leave withdraws one enrolment with a reason, in the caller's transaction under the course's lock; the seat goes to the waiting list.
// It says whether the enrolment was in the course at all.
func Leave(tx *store.Tx, c models.Course, enrolmentID uint64, reason string) (bool, error) {
	n, err := end(tx, c, []uint64{enrolmentID}, inCourse, models.EnrolmentWithdrawn, reason, "enrolment.withdraw")
	if err != nil || n == 0 {
		return false, err
	}
	_, err = course.FillSeats(tx, c)
	return true, err
}

// Propose nominates a cadre in the place of somebody who cannot come, in the caller's transaction under the course's lock. Who has a
// place, waits or is nominated already stays as is.
func Propose(tx *store.Tx, c models.Course, cadreID uint64) error {
	have, err := standing(tx, c.ID, []uint64{cadreID})
	if err != nil || has(have[cadreID].State) {
		return err
	}
	office, err := offices(tx, []uint64{cadreID}, rosterDay(c, tx.Today))
	if err != nil {
		return err
	}
	row := models.Enrolment{CourseID: c.ID, CadreID: cadreID, OrganisationID: office[cadreID], State: models.EnrolmentNominated, Source: SourceSubstitute, CreatedAt: tx.Now, UpdatedAt: tx.Now}
	if tx.By.AccountID != 0 {
		row.NominatedByID = &tx.By.AccountID
	}
	if err := put(tx, []models.Enrolment{row}); err != nil {
		return err
	}
	return tx.Audit("enrolment.nominate", "course", c.ID, map[string]any{"nominated": []uint64{cadreID}, "substitute": true})
}
