package attendance

import (
	"slices"

	"taphuan/app/store"
	"taphuan/models"
)

// Keep stores the marks of a course that was held before it was entered: one event a person and session, made when the session ended,
// and the marks that follow from them. Nothing else knows of the course yet.
func Keep(tx *store.Tx, sessions []models.Session, marks []models.Mark) error {
	ended := make(map[uint64]models.Session, len(sessions))
	for _, s := range sessions {
		ended[s.ID] = s
	}
	for part := range slices.Chunk(marks, MaxMarks) {
		events := make([]models.MarkEvent, len(part))
		for i, m := range part {
			events[i] = models.MarkEvent{UID: newUID(), SessionID: m.SessionID, EnrolmentID: &m.EnrolmentID, Mark: m.Mark, State: models.EventApplied, MarkedAt: ended[m.SessionID].Ends().UTC(),
				ReceivedAt: tx.Now, AccountID: tx.By.AccountID, Source: SourceImport}
		}
		if err := tx.Create(&events).Error; err != nil {
			return err
		}
		for i, e := range events {
			part[i].MarkedAt, part[i].EventID, part[i].AccountID = e.MarkedAt, e.ID, e.AccountID
		}
		if err := tx.Create(&part).Error; err != nil {
			return err
		}
	}
	return nil
}
