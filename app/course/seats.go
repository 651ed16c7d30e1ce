package course

import (
	"slices"

	"taphuan/app/store"
	"taphuan/models"
)

// FreeSeats counts the seats of a course that nobody holds. The course's row must be locked for the answer to last.
func FreeSeats(tx *store.Tx, c models.Course) (int, error) {
	var taken int64
	err := tx.Model(&models.Enrolment{}).Where("course_id = ? AND state = ?", c.ID, models.EnrolmentEnrolled).Count(&taken).Error
	return max(c.Capacity-int(taken), 0), err
}

// FillSeats gives free seats to the waiting list, first come first served, and gives the enrolments that moved up, whose seat was
// decided by nobody. The course's row must be locked.
func FillSeats(tx *store.Tx, c models.Course) ([]uint64, error) {
	free, err := FreeSeats(tx, c)
	if err != nil || free == 0 {
		return nil, err
	}
	var ids []uint64
	err = tx.Model(&models.Enrolment{}).Where("course_id = ? AND state = ?", c.ID, models.EnrolmentWaiting).
		Order("waiting_since, id").Limit(free).Pluck("id", &ids).Error
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	for part := range slices.Chunk(ids, batch) {
		err = tx.Model(&models.Enrolment{}).Where("id IN ?", part).
			Updates(map[string]any{"state": models.EnrolmentEnrolled, "waiting_since": nil, "decided_at": tx.Now, "decided_by_id": nil, "updated_at": tx.Now}).Error
		if err != nil {
			return nil, err
		}
	}
	return ids, tx.Audit("enrolment.move_up", "course", c.ID, map[string]any{"enrolments": ids})
}
