package attendance

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm/clause"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// MarkInput is one change of a mark, as a client sends it.
type MarkInput struct {
	UID         string // a UUID of the client's own (version 7, so that they sort by time); "": one is made here
	EnrolmentID uint64
	Mark        models.MarkValue // MarkNone takes the mark back
	Note        string           // at most MaxNote letters
	MarkedAt    time.Time        // by the client's clock, corrected to the server's; zero: now, after all that is known of the person
	All         bool             // part of "all present": fills a blank only
}

// Result says what became of the marks that were sent.
type Result struct {
	Stored   int       // events that are new
	Repeated int       // events that were known already and changed nothing
	Now      time.Time // the server's time, by which clients correct theirs
	Attended int       // of Total, how many have been marked present or late
	Unmarked int       // of Total, how many have no mark
	Total    int       // persons enrolled in the course
	Marks    []Current // what holds now for the persons that the request named, by enrolment
}

// Current is the mark that holds for a person.
type Current struct {
	EnrolmentID uint64
	Mark        models.MarkValue // MarkNone: none
	Note        string
}

// Save stores changes of marks of one session in one transaction, in a number of statements that does not grow with theirs. All
// are stored or none. An event whose UID was seen before changes nothing; what holds afterwards depends on which events there
// are and not on the order in which they came (see current). Times ahead of the server's clock by more than five minutes become
// now; times before the session's day become its beginning. The first mark makes an open course a running one.
//
// It refuses: more than MaxMarks ("marks_too_many"), an id that is no UUID ("mark_uid"), a mark that is none ("mark_unknown"), a
// long note ("mark_note"), a session out of scope (not_found), a course that is not held ("attendance_course_draft", "…_closed",
// "…_cancelled"), a cancelled session ("session_cancelled"), a day that has not come ("session_not_yet"), a person who is not
// enrolled in the course ("mark_not_enrolled").
func (s *Service) Save(ctx context.Context, actor access.Actor, sessionID uint64, marks []MarkInput) (Result, error) {
	if len(marks) > MaxMarks {
		return Result{}, errs.TooLarge("marks_too_many", errs.Params{"n": MaxMarks})
	}
	events, err := toEvents(marks)
	if err != nil {
		return Result{}, err
	}
	var out Result
	by := actor.By
	by.Key = "" // events carry ids of their own
	_, err = s.DB.Write(ctx, by, func(tx *store.Tx) (uint64, error) {
		out = Result{Now: tx.Now}
		c, own, err := lock(tx, actor, sessionID)
		if err != nil {
			return 0, err
		}
		if err := refusal(c, own, tx.Today); err != nil {
			return 0, err
		}
		batch := make([]models.MarkEvent, len(events))
		who := map[uint64]bool{}
		for i, e := range events {
			e.SessionID, e.AccountID, e.ReceivedAt, e.MarkedAt = own.ID, actor.AccountID, tx.Now, plausible(e.MarkedAt, own, tx.Now)
			batch[i] = e
			who[e.EnrolmentID] = true
		}
		if err := enrolled(tx, c.ID, who); err != nil {
			return 0, err
		}
		if err := write(tx, &c, batch, who, &out); err != nil {
			return 0, err
		}
		return own.ID, count(tx, c.ID, own.ID, &out)
	})
	return out, err
}

// AllPresent marks everybody present who has no mark; it refuses as Save does. A request key that was used before does nothing
// again.
func (s *Service) AllPresent(ctx context.Context, actor access.Actor, sessionID uint64) (Result, error) {
	var out Result
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		out = Result{Now: tx.Now}
		c, own, err := lock(tx, actor, sessionID)
		if err != nil {
			return 0, err
		}
		if err := refusal(c, own, tx.Today); err != nil {
			return 0, err
		}
		var ids []uint64
		err = tx.Model(&models.Enrolment{}).Where("course_id = ? AND state = ?", c.ID, models.EnrolmentEnrolled).
			Where("NOT EXISTS (SELECT 1 FROM marks m WHERE m.session_id = ? AND m.enrolment_id = enrolments.id)", own.ID).Order("id").Pluck("id", &ids).Error
		if err != nil {
			return 0, err
		}
		for part := range slices.Chunk(ids, MaxMarks) {
			batch := make([]models.MarkEvent, len(part))
			who := map[uint64]bool{}
			for i, id := range part {
				batch[i] = models.MarkEvent{UID: newUID(), SessionID: own.ID, EnrolmentID: id, Mark: models.MarkPresent, ReceivedAt: tx.Now,
					AccountID: actor.AccountID, Source: SourceAll}
				who[id] = true
			}
			if err := write(tx, &c, batch, who, &out); err != nil {
				return 0, err
			}
		}
		return own.ID, count(tx, c.ID, own.ID, &out)
	})
	return out, err
}

// toEvents checks what can be checked without the database.
func toEvents(marks []MarkInput) ([]models.MarkEvent, error) {
	out := make([]models.MarkEvent, len(marks))
	for i, m := range marks {
		e := models.MarkEvent{UID: strings.ToLower(m.UID), EnrolmentID: m.EnrolmentID, Mark: m.Mark, Note: viet.NFC(m.Note), MarkedAt: m.MarkedAt, Source: SourceList}
		if m.All {
			e.Source = SourceAll
		}
		if e.UID == "" {
			e.UID = newUID()
		} else if len(e.UID) != 36 || uuid.Validate(e.UID) != nil {
			return nil, errs.Invalid("mark_uid")
		}
		if m.Mark != models.MarkNone && !slices.Contains(Marks, m.Mark) {
			return nil, errs.Invalid("mark_unknown")
		}
		if m.All && m.Mark != models.MarkPresent {
			return nil, errs.Invalid("mark_unknown")
		}
		if len([]rune(e.Note)) > MaxNote {
			return nil, errs.OnField("note", "mark_note", errs.Params{"n": MaxNote})
		}
		out[i] = e
	}
	return out, nil
}

// newUID makes the id of an event.
func newUID() string { return uuid.Must(uuid.NewV7()).String() }

// plausible keeps the time of a mark, if it has one, between the beginning of the session's day and now.
func plausible(t time.Time, s models.Session, now time.Time) time.Time {
	if t.IsZero() {
		return t // see last
	}
	t = t.UTC().Truncate(time.Microsecond)
	if first := s.Day.At(0).UTC(); t.Before(first) {
		return first
	}
	if t.After(now.Add(ahead)) {
		return now
	}
	return t
}

// enrolled refuses persons who are not enrolled in the course.
func enrolled(tx *store.Tx, courseID uint64, who map[uint64]bool) error {
	if len(who) == 0 {
		return nil
	}
	var n int64
	err := tx.Model(&models.Enrolment{}).Where("course_id = ? AND state = ? AND id IN ?", courseID, models.EnrolmentEnrolled, sorted(who)).Count(&n).Error
	if err == nil && int(n) != len(who) {
		err = errs.Invalid("mark_not_enrolled")
	}
	return err
}

// write adds events of one session and derives the current marks of the persons that they are about. The course is locked.
func write(tx *store.Tx, c *models.Course, batch []models.MarkEvent, who map[uint64]bool, out *Result) error {
	if len(batch) == 0 {
		return nil
	}
	if err := course.Begin(tx, c); err != nil {
		return err
	}
	fresh, err := unknown(tx, batch)
	if err != nil {
		return err
	}
	out.Stored += len(fresh)
	out.Repeated += len(batch) - len(fresh)
	if len(fresh) > 0 {
		if err := last(tx, fresh); err != nil {
			return err
		}
		// Nobody else writes marks of this course now; an id that another course uses at this moment does nothing.
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&fresh).Error; err != nil {
			return err
		}
	}
	return derive(tx, batch[0].SessionID, sorted(who), out)
}

// unknown gives those of the events whose ids were never seen, each once.
func unknown(tx *store.Tx, batch []models.MarkEvent) ([]models.MarkEvent, error) {
	uids := make([]string, len(batch))
	for i, e := range batch {
		uids[i] = e.UID
	}
	var known []string
	if err := tx.Model(&models.MarkEvent{}).Where("uid IN ?", uids).Pluck("uid", &known).Error; err != nil {
		return nil, err
	}
	seen := make(map[string]bool, len(batch))
	for _, u := range known {
		seen[u] = true
	}
	fresh := make([]models.MarkEvent, 0, len(batch))
	for _, e := range batch {
		if !seen[e.UID] {
			seen[e.UID] = true
			fresh = append(fresh, e)
		}
	}
	return fresh, nil
}

// last gives events without a time of their own the present one, or one just after all that is known of the person, where a
// phone's clock is ahead: who marks on the server's own pages sees what holds and means to change it.
func last(tx *store.Tx, fresh []models.MarkEvent) error {
	latest := map[uint64]time.Time{}
	for _, e := range fresh {
		if e.MarkedAt.IsZero() {
			latest[e.EnrolmentID] = tx.Now.Add(-time.Microsecond)
		}
	}
	if len(latest) == 0 {
		return nil
	}
	var known []models.MarkEvent
	err := tx.Select("enrolment_id", "marked_at").Where("session_id = ? AND enrolment_id IN ?", fresh[0].SessionID, slices.Sorted(maps.Keys(latest))).Find(&known).Error
	if err != nil {
		return err
	}
	for _, e := range known {
		if e.MarkedAt.After(latest[e.EnrolmentID]) {
			latest[e.EnrolmentID] = e.MarkedAt
		}
	}
	for i := range fresh {
		if e := &fresh[i]; e.MarkedAt.IsZero() {
			e.MarkedAt = latest[e.EnrolmentID].Add(time.Microsecond)
			latest[e.EnrolmentID] = e.MarkedAt
		}
	}
	return nil
}

// derive works out the current marks of persons from their events.
func derive(tx *store.Tx, sessionID uint64, ids []uint64, out *Result) error {
	var events []models.MarkEvent
	err := tx.Where("session_id = ? AND enrolment_id IN ?", sessionID, ids).Order("enrolment_id").Find(&events).Error
	if err != nil {
		return err
	}
	held := make(map[uint64]models.Mark, len(ids))
	var cleared []uint64
	for from := 0; from < len(events); {
		to := from + 1
		for to < len(events) && events[to].EnrolmentID == events[from].EnrolmentID {
			to++
		}
		e := events[from+current(events[from:to])]
		from = to
		if e.Mark == models.MarkNone {
			cleared = append(cleared, e.EnrolmentID)
			continue
		}
		held[e.EnrolmentID] = models.Mark{SessionID: e.SessionID, EnrolmentID: e.EnrolmentID, Mark: e.Mark, Note: e.Note, MarkedAt: e.MarkedAt, EventID: e.ID, AccountID: e.AccountID}
	}
	rows := make([]models.Mark, 0, len(held))
	for _, id := range ids {
		m, ok := held[id]
		if ok {
			rows = append(rows, m)
		}
		out.Marks = append(out.Marks, Current{EnrolmentID: id, Mark: m.Mark, Note: m.Note})
	}
	if len(rows) > 0 {
		err := tx.Clauses(clause.OnConflict{
			Columns:   []clause.Column{{Name: "session_id"}, {Name: "enrolment_id"}},
			DoUpdates: clause.AssignmentColumns([]string{"mark", "note", "marked_at", "event_id", "account_id"}),
		}).Create(&rows).Error
		if err != nil {
			return err
		}
	}
	if len(cleared) == 0 {
		return nil
	}
	return tx.Where("session_id = ? AND enrolment_id IN ?", sessionID, cleared).Delete(&models.Mark{}).Error
}

// count fills in how many of the course have which mark.
func count(tx *store.Tx, courseID, sessionID uint64, out *Result) error {
	var n struct{ Total, Marked, Attended int }
	err := tx.Table("enrolments e").Joins("LEFT JOIN marks m ON m.enrolment_id = e.id AND m.session_id = ?", sessionID).
		Where("e.course_id = ? AND e.state = ?", courseID, models.EnrolmentEnrolled).
		Select("COUNT(*) AS total, COUNT(m.enrolment_id) AS marked, COALESCE(SUM(CASE WHEN m.mark IN ('present', 'late') THEN 1 ELSE 0 END), 0) AS attended").Scan(&n).Error
	out.Total, out.Attended, out.Unmarked = n.Total, n.Attended, n.Total-n.Marked
	return err
}

func sorted(ids map[uint64]bool) []uint64 { return slices.Sorted(maps.Keys(ids)) }
