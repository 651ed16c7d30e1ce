package attendance

import (
	"maps"
	"slices"
	"time"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"taphuan/app/course"
	"taphuan/app/store"
	"taphuan/models"
)

// write adds events of one session and derives the current marks of the enrolments. The course is locked.
func write(tx *store.Tx, c *models.Course, x models.Session, fresh []models.MarkEvent, who []uint64, out *State) error {
	if len(fresh) > 0 {
		if fresh[0].State == models.EventApplied {
			if err := course.Begin(tx, c); err != nil {
				return err
			}
		}
		if err := last(tx, fresh); err != nil {
			return err
		}
		if err := tx.CreateInBatches(&fresh, MaxMarks).Error; err != nil {
			return err
		}
	}
	return derive(tx, x, who, out)
}

// last gives events without a time of their own the present one, or one just after all that is known of the person, where a
// phone's clock is ahead: who marks on the server's own pages sees what holds and means to change it.
func last(tx *store.Tx, fresh []models.MarkEvent) error {
	for _, column := range []string{"enrolment_id", "walk_in_id"} {
		if err := lastOf(tx, fresh, column); err != nil {
			return err
		}
	}
	return nil
}

// lastOf does so for those whom the column is about.
func lastOf(tx *store.Tx, fresh []models.MarkEvent, column string) error {
	who := func(e models.MarkEvent) *uint64 {
		if column == "walk_in_id" {
			return e.WalkInID
		}
		return e.EnrolmentID
	}
	latest := map[uint64]time.Time{}
	for _, e := range fresh {
		if e.MarkedAt.IsZero() && who(e) != nil {
			latest[*who(e)] = time.Time{}
		}
	}
	for part := range slices.Chunk(slices.Sorted(maps.Keys(latest)), 500) {
		var known []models.MarkEvent
		err := tx.Select(column, "marked_at").Where("session_id = ?", fresh[0].SessionID).Where(column+" IN ?", part).Find(&known).Error
		if err != nil {
			return err
		}
		for _, e := range known {
			if e.MarkedAt.After(latest[*who(e)]) {
				latest[*who(e)] = e.MarkedAt
			}
		}
	}
	for i := range fresh {
		e := &fresh[i]
		if !e.MarkedAt.IsZero() || who(*e) == nil {
			continue
		}
		e.MarkedAt = tx.Now
		if seen := latest[*who(*e)]; !seen.IsZero() {
			if e.SeenAt == nil {
				e.SeenAt = &seen
			}
			if !e.MarkedAt.After(seen) {
				e.MarkedAt = seen.Add(time.Microsecond)
			}
		}
		latest[*who(*e)] = e.MarkedAt
	}
	return nil
}

// derive works out the current marks of enrolments in a session, and who is disputed, from their events and from those of the walk-ins
// that were matched to them.
func derive(tx *store.Tx, x models.Session, ids []uint64, out *State) error {
	events, err := eventsOf(tx, x, ids)
	if err != nil || len(ids) == 0 {
		return err
	}
	var rows []models.Mark
	var disputes []models.MarkDispute
	var cleared []uint64
	for _, id := range ids {
		list := events[id]
		i := current(list)
		now := Current{EnrolmentID: id}
		if i >= 0 {
			now.MarkedAt = &list[i].MarkedAt
		}
		if i >= 0 && list[i].Mark != models.MarkNone {
			e := list[i]
			now.Mark, now.Note = e.Mark, e.Note
			rows = append(rows, models.Mark{SessionID: x.ID, EnrolmentID: id, Mark: e.Mark, Note: e.Note, MarkedAt: e.MarkedAt, EventID: e.ID, AccountID: e.AccountID})
		} else {
			cleared = append(cleared, id)
		}
		if now.Disputed = disputed(list, i) >= 0; now.Disputed {
			disputes = append(disputes, models.MarkDispute{SessionID: x.ID, EnrolmentID: id})
		}
		out.Marks = append(out.Marks, now)
	}
	if len(rows) > 0 {
		err := tx.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "session_id"}, {Name: "enrolment_id"}},
			DoUpdates: clause.AssignmentColumns([]string{"mark", "note", "marked_at", "event_id", "account_id"}),
		}).CreateInBatches(&rows, MaxMarks).Error
		if err != nil {
			return err
		}
	}
	for part := range slices.Chunk(cleared, 500) {
		if err := tx.Where("session_id = ? AND enrolment_id IN ?", x.ID, part).Delete(&models.Mark{}).Error; err != nil {
			return err
		}
	}
	for part := range slices.Chunk(ids, 500) {
		if err := tx.Where("session_id = ? AND enrolment_id IN ?", x.ID, part).Delete(&models.MarkDispute{}).Error; err != nil {
			return err
		}
	}
	if len(disputes) == 0 {
		return nil
	}
	return tx.CreateInBatches(&disputes, MaxMarks).Error
}

// eventsOf reads the events of a session that are about the enrolments, those of matched walk-ins included, by enrolment.
func eventsOf(tx *store.Tx, x models.Session, ids []uint64) (map[uint64][]models.MarkEvent, error) {
	out := make(map[uint64][]models.MarkEvent, len(ids))
	for part := range slices.Chunk(ids, 500) {
		var list []models.MarkEvent
		if err := tx.Where("session_id = ? AND enrolment_id IN ?", x.ID, part).Find(&list).Error; err != nil {
			return nil, err
		}
		for _, e := range list {
			out[*e.EnrolmentID] = append(out[*e.EnrolmentID], e)
		}
	}
	if len(ids) == 0 {
		return out, nil
	}
	var matched []struct {
		models.MarkEvent
		Of uint64
	}
	err := tx.Table("walk_ins").Joins("JOIN mark_events ON mark_events.walk_in_id = walk_ins.id").
		Where("walk_ins.course_id = ? AND walk_ins.state = ? AND mark_events.session_id = ?", x.CourseID, models.WalkInMatched, x.ID).
		Select("mark_events.*, walk_ins.enrolment_id AS of").Scan(&matched).Error
	for _, m := range matched {
		if _, ok := slices.BinarySearch(ids, m.Of); ok {
			out[m.Of] = append(out[m.Of], m.MarkEvent)
		}
	}
	return out, err
}

// count fills in how many of the course have which mark.
func count(db *gorm.DB, courseID uint64, out *State) error {
	var n struct{ Total, Marked, Attended int }
	err := db.Table("enrolments e").Joins("LEFT JOIN marks m ON m.enrolment_id = e.id AND m.session_id = ?", out.SessionID).
		Where("e.course_id = ? AND e.state = ?", courseID, models.EnrolmentEnrolled).
		Select("COUNT(*) AS total, COUNT(m.enrolment_id) AS marked, COALESCE(SUM(CASE WHEN m.mark IN ('present', 'late') THEN 1 ELSE 0 END), 0) AS attended").Scan(&n).Error
	out.Total, out.Attended, out.Unmarked = n.Total, n.Attended, n.Total-n.Marked
	return err
}

func sorted(ids map[uint64]bool) []uint64 { return slices.Sorted(maps.Keys(ids)) }
