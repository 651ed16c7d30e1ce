package attendance

import (
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"taphuan/app/errs"
	"taphuan/models"
	"taphuan/models/viet"
)

// Batch is what a device sends: people who came without being on the list, and changes of marks, of any sessions.
type Batch struct {
	DeviceID string // a UUID that the browser keeps; "" unknown
	WalkIns  []WalkInInput
	Marks    []MarkInput
}

// Parts gives what is more than one batch may carry as several, walk-ins first.
func (b Batch) Parts() []Batch {
	var out []Batch
	for part := range slices.Chunk(b.WalkIns, MaxWalkIns) {
		out = append(out, Batch{DeviceID: b.DeviceID, WalkIns: part})
	}
	for part := range slices.Chunk(b.Marks, MaxMarks) {
		out = append(out, Batch{DeviceID: b.DeviceID, Marks: part})
	}
	return out
}

// MarkInput is one change of a mark, as a client sends it.
type MarkInput struct {
	UID         string // a UUID of the client's own (version 7, so that they sort by time); "": one is made here
	SessionID   uint64
	EnrolmentID uint64           // who it is about, or
	WalkInUID   string           // the walk-in with this id
	Mark        models.MarkValue // MarkNone takes the mark back
	Note        string           // at most MaxNote letters
	MarkedAt    time.Time        // by the client's clock; zero: now, after all that is known of the person
	Offset      *time.Duration   // the server's clock minus the client's, as the client measured it; nil: MarkedAt stands as it is
	SeenAt      time.Time        // of the mark that the client showed when it marked, by the server's clock; zero: none
	Source      string           // SourceList where it is ""
	All         bool             // part of "all present": fills a blank only
	Refusal     *errs.Error      // why the mark could not be read; nil: it could
}

// Fate says what became of one mark or walk-in that was sent.
type Fate struct {
	UID     string
	Status  Status
	Refusal *errs.Error // why it was refused
}

// Why gives the code and the parameters of the refusal, of a refused field those of the field; "" where nothing was refused.
func (f Fate) Why() (string, errs.Params) {
	switch {
	case f.Refusal == nil:
		return "", nil
	case len(f.Refusal.Fields) > 0:
		return f.Refusal.Fields[0].Code, f.Refusal.Fields[0].Params
	}
	return f.Refusal.Code, f.Refusal.Params
}

// Status is what became of what was sent.
type Status string

// The statuses. Only what is refused stays with the client.
const (
	Stored   Status = "stored"
	Repeated Status = "repeated" // was known already, and changed nothing
	Held     Status = "held"     // came after the course had closed: kept for a coordinator, not applied
	Refused  Status = "refused"
)

// Outcome says what became of a batch.
type Outcome struct {
	Now      time.Time // the server's time, by which clients measure theirs
	WalkIns  []Fate    // as they were sent
	Marks    []Fate    // as they were sent
	Sessions []State   // what holds now in the sessions that the batch names and reaches
}

// State is what holds in a session.
type State struct {
	SessionID uint64
	Attended  int       // of Total, how many have been marked present or late
	Unmarked  int       // of Total, how many have no mark
	Total     int       // persons enrolled in the course
	Marks     []Current // of the persons that the batch is about, by enrolment
}

// Current is the mark that holds for a person.
type Current struct {
	EnrolmentID uint64
	Mark        models.MarkValue // MarkNone: none
	Note        string
	MarkedAt    *time.Time // when it was marked or taken back; nil: never
	Disputed    bool       // another source says otherwise, see models.MarkDispute
}

// century are the times that a mark may bear; a clock that is further off says nothing.
var century = [2]time.Time{time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)}

// toEvent checks a mark by itself.
func toEvent(m MarkInput) (models.MarkEvent, error) {
	e := models.MarkEvent{UID: strings.ToLower(m.UID), Mark: m.Mark, Source: m.Source, State: models.EventApplied}
	if m.EnrolmentID != 0 {
		e.EnrolmentID = &m.EnrolmentID
	}
	switch {
	case m.All:
		e.Source = SourceAll
	case e.Source == "":
		e.Source = SourceList
	}
	if !m.MarkedAt.IsZero() {
		e.MarkedAt = m.MarkedAt
		if m.Offset != nil {
			e.DeviceAt, e.OffsetMS = utc(m.MarkedAt), new(m.Offset.Milliseconds())
			e.MarkedAt = m.MarkedAt.Add(time.Duration(*e.OffsetMS) * time.Millisecond)
		}
		e.MarkedAt = *utc(e.MarkedAt)
		if e.MarkedAt.Before(century[0]) || !e.MarkedAt.Before(century[1]) || e.DeviceAt != nil && (e.DeviceAt.Before(century[0]) || !e.DeviceAt.Before(century[1])) {
			return e, errs.Invalid("mark_time")
		}
	}
	if !m.SeenAt.IsZero() && m.SeenAt.After(century[0]) && m.SeenAt.Before(century[1]) {
		e.SeenAt = utc(m.SeenAt)
	}
	if e.UID == "" {
		e.UID = newUID()
	} else if !isUID(e.UID) {
		e.UID = m.UID
		return e, errs.Invalid("mark_uid")
	}
	if !utf8.ValidString(m.Note) {
		return e, errs.Invalid("mark_utf8")
	}
	e.Note = viet.NFC(m.Note)
	switch {
	case m.Mark != models.MarkNone && !slices.Contains(Marks, m.Mark), m.All && m.Mark != models.MarkPresent:
		return e, errs.Invalid("mark_unknown")
	case len([]rune(e.Note)) > MaxNote:
		return e, errs.OnField("note", "mark_note", errs.Params{"n": MaxNote})
	case m.EnrolmentID == 0 && m.WalkInUID == "":
		return e, errs.Invalid("mark_not_enrolled")
	case m.EnrolmentID != 0 && m.WalkInUID != "":
		return e, errs.Invalid("walk_in_unknown")
	}
	return e, nil
}

func utc(t time.Time) *time.Time { return new(t.UTC().Truncate(time.Microsecond)) }

// newUID makes the id of an event.
func newUID() string { return uuid.Must(uuid.NewV7()).String() }

func isUID(s string) bool { return len(s) == 36 && uuid.Validate(s) == nil }
