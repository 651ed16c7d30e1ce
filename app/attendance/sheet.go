package attendance

import (
	"context"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/models"
	"taphuan/models/viet"
)

// Row is one person on the sheet of a session.
type Row struct {
	EnrolmentID uint64
	CadreID     uint64
	Name        string
	Office      string // short name where there is one; "" when unknown
	BirthYear   int    // where several on the sheet bear the name and it is known; else 0
	Mark        models.MarkValue
	Note        string
	MarkedAt    *time.Time // when it was marked or taken back; nil: never
	Disputed    bool       // two sources disagree, see models.MarkDispute

	search string // folded name
}

// Sheet is a session with everybody enrolled in its course and their current marks.
type Sheet struct {
	Course   models.Course
	Session  models.Session
	Sessions []models.Session // all of the course in the order of time
	Rows     []Row            // by given name, in the Vietnamese order
	Attended int              // how many are present or late
	Unmarked int
	WalkIns  []Present   // who came without being enrolled and is not matched to anybody, by given name
	Refusal  *errs.Error // why marks cannot be changed now; nil: they can
	Now      time.Time
}

// Sheet reads the sheet of a session: four queries, however long it is, one more where somebody has no mark, and one where there are walk-ins. Out of
// scope is not found.
func (s *Service) Sheet(ctx context.Context, actor access.Actor, sessionID uint64) (sheet *Sheet, err error) {
	c, own, all, err := s.place(ctx, actor, sessionID)
	if err != nil {
		return nil, err
	}
	out := &Sheet{Course: c, Session: own, Sessions: all, Now: s.DB.Time()}
	out.Refusal = errs.As(refusal(c, own, models.DayOf(out.Now)))
	rows, err := s.DB.Read(ctx).Table("enrolments e").
		Joins("JOIN cadres c ON c.id = e.cadre_id").
		Joins("LEFT JOIN organisations o ON o.id = e.organisation_id").
		Joins("LEFT JOIN marks m ON m.enrolment_id = e.id AND m.session_id = ?", sessionID).
		Joins("LEFT JOIN mark_disputes d ON d.enrolment_id = e.id AND d.session_id = ?", sessionID).
		Where("e.course_id = ? AND e.state = ?", c.ID, models.EnrolmentEnrolled).
		Select("e.id, e.cadre_id, c.full_name, c.search, c.birth_year, COALESCE(NULLIF(o.short_name, ''), o.name, ''), COALESCE(m.mark, ''), COALESCE(m.note, ''), m.marked_at, d.session_id IS NOT NULL").
		Order("c.sort_key, e.id").Rows()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var r Row
		if err := rows.Scan(&r.EnrolmentID, &r.CadreID, &r.Name, &r.search, &r.BirthYear, &r.Office, &r.Mark, &r.Note, &r.MarkedAt, &r.Disputed); err != nil {
			return nil, err
		}
		switch {
		case r.Mark == models.MarkNone:
			out.Unmarked++
		case r.Mark.Attended():
			out.Attended++
		}
		out.Rows = append(out.Rows, r)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	homonyms(len(out.Rows), func(i int) *Row { return &out.Rows[i] })
	if out.Unmarked > 0 {
		if err := s.takenBack(ctx, out); err != nil {
			return nil, err
		}
	}
	out.WalkIns, err = s.walkIns(ctx, c.ID, sessionID)
	return out, err
}

// takenBack says of those without a mark when their last one was taken back, so that whoever marks them next does so later.
func (s *Service) takenBack(ctx context.Context, sheet *Sheet) error {
	var list []struct {
		Of       uint64
		MarkedAt time.Time
	}
	err := s.DB.Read(ctx).Table("mark_events v").Joins("LEFT JOIN walk_ins w ON w.id = v.walk_in_id AND w.state = ?", models.WalkInMatched).
		Where("v.session_id = ? AND v.mark = ? AND v.state = ?", sheet.Session.ID, models.MarkNone, models.EventApplied).
		Select("COALESCE(v.enrolment_id, w.enrolment_id, 0) AS of, v.marked_at").Order("v.marked_at").Scan(&list).Error
	last := make(map[uint64]*time.Time, len(list))
	for i, x := range list {
		last[x.Of] = &list[i].MarkedAt
	}
	for i := range sheet.Rows {
		if r := &sheet.Rows[i]; r.Mark == models.MarkNone {
			r.MarkedAt = last[r.EnrolmentID]
		}
	}
	return err
}

// homonyms leaves the birth year where another row bears the same name (it is a neighbour), since it tells them apart, and takes
// it from all others.
func homonyms(n int, row func(int) *Row) {
	before := false
	for i := range n {
		next := i+1 < n && strings.EqualFold(row(i).Name, row(i+1).Name)
		if !before && !next {
			row(i).BirthYear = 0
		}
		before = next
	}
}

// Find gives the rows whose name or office holds all the words, in any order and without regard to tones.
func (s *Sheet) Find(text string) []Row {
	words := strings.Fields(viet.Fold(text))
	if len(words) == 0 {
		return s.Rows
	}
	var out []Row
next:
	for _, r := range s.Rows {
		in := r.search + " " + viet.Fold(r.Office)
		for _, w := range words {
			if !strings.Contains(in, w) {
				continue next
			}
		}
		out = append(out, r)
	}
	return out
}

// Change is one change of a person's mark.
type Change struct {
	Mark       models.MarkValue // MarkNone: taken back
	Note       string
	MarkedAt   time.Time // by the clock of who marked, corrected
	ReceivedAt time.Time
	Source     string
	Account    string // who marked; "" the person's own phone, by the personal code
	Holds      bool   // it makes the current mark
	Disputes   bool   // it says otherwise than the current mark, whose maker had not seen it
	DeviceAt   *time.Time
	OffsetMS   *int64 // by which the clock of the device was corrected, see models.MarkEvent
	Flag       string
	State      models.EventState
	Instead    *Elsewhere // of a make-up: the session that was attended
}

// History is a person in a session with every change of the mark.
type History struct {
	Course  models.Course
	Session models.Session
	Row     Row
	Changes []Change    // latest first
	Refusal *errs.Error // why the mark cannot be changed now; nil: it can
}

// History reads every change of a person's mark in a session, with who made it and when: five queries. Out of scope, or no
// enrolment of the course, is not found.
func (s *Service) History(ctx context.Context, actor access.Actor, sessionID, enrolmentID uint64) (*History, error) {
	c, own, _, err := s.place(ctx, actor, sessionID)
	if err != nil {
		return nil, err
	}
	out := &History{Course: c, Session: own, Refusal: errs.As(refusal(c, own, models.DayOf(s.DB.Time())))}
	db := s.DB.Read(ctx)
	var person struct {
		ID, CadreID uint64
		FullName    string
		BirthYear   int
		Office      string
		State       models.EnrolmentState
	}
	err = db.Table("enrolments e").Joins("JOIN cadres c ON c.id = e.cadre_id").Joins("LEFT JOIN organisations o ON o.id = e.organisation_id").
		Where("e.id = ? AND e.course_id = ?", enrolmentID, c.ID).
		Select("e.id, e.cadre_id, e.state, c.full_name, c.birth_year, COALESCE(o.name, '') AS office").Take(&person).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errs.NotFound("enrolment")
	}
	if err != nil {
		return nil, err
	}
	out.Row = Row{EnrolmentID: person.ID, CadreID: person.CadreID, Name: person.FullName, Office: person.Office, BirthYear: person.BirthYear}
	if out.Refusal == nil && person.State != models.EnrolmentEnrolled {
		out.Refusal = errs.Invalid("mark_not_enrolled")
	}
	var events []struct {
		models.MarkEvent
		Account string
	}
	err = db.Table("mark_events").Joins("LEFT JOIN accounts ON accounts.id = mark_events.account_id").
		Where("mark_events.session_id = ? AND (mark_events.enrolment_id = ? OR mark_events.walk_in_id IN (SELECT id FROM walk_ins WHERE enrolment_id = ?))", sessionID, enrolmentID, enrolmentID).
		Select("mark_events.*, COALESCE(accounts.name, '') AS account").Order("mark_events.marked_at DESC, mark_events.uid DESC").Scan(&events).Error
	if err != nil {
		return nil, err
	}
	refs, err := s.instead(ctx, sessionID, enrolmentID)
	if err != nil {
		return nil, err
	}
	plain := make([]models.MarkEvent, len(events))
	for i, e := range events {
		plain[i] = e.MarkEvent
	}
	holds := current(plain)
	other := disputed(plain, holds)
	for i, e := range events {
		out.Changes = append(out.Changes, Change{Mark: e.Mark, Note: e.Note, MarkedAt: e.MarkedAt, ReceivedAt: e.ReceivedAt, Source: e.Source, Account: e.Account, Holds: i == holds,
			Disputes: i == other, DeviceAt: e.DeviceAt, OffsetMS: e.OffsetMS, Flag: e.Flag, State: e.State})
		if e.RefSessionID != nil {
			out.Changes[i].Instead = refs[*e.RefSessionID]
		}
		if i == holds {
			out.Row.Mark, out.Row.Note, out.Row.MarkedAt = e.Mark, e.Note, &out.Changes[len(out.Changes)-1].MarkedAt
		}
	}
	return out, nil
}
