package models

import (
	"time"

	"gorm.io/gorm"

	"taphuan/models/viet"
)

// MarkValue is one attendance mark.
type MarkValue string

// The marks. MarkNone takes a mark back.
const (
	MarkNone    MarkValue = ""
	MarkPresent MarkValue = "present"
	MarkLate    MarkValue = "late"
	MarkExcused MarkValue = "excused"
	MarkAbsent  MarkValue = "absent"
)

// Attended says whether the mark counts as attended: present and late do, in full.
func (m MarkValue) Attended() bool { return m == MarkPresent || m == MarkLate }

// EventState says whether an event takes part in what holds.
type EventState string

// The states of an event.
const (
	EventApplied   EventState = "applied"
	EventHeld      EventState = "held"      // came after the course had closed, and waits for a coordinator
	EventDismissed EventState = "dismissed" // was held, and a coordinator decided that it does not count
)

// MarkEvent is one change of a mark; events are only ever added. It is about an enrolment or about a walk-in, never both.
type MarkEvent struct {
	ID           uint64
	UID          string // made by the client, UUIDv7: what arrives twice counts once
	SessionID    uint64
	EnrolmentID  *uint64
	WalkInID     *uint64
	Mark         MarkValue
	Note         string
	MarkedAt     time.Time  // when it was marked, by the client's clock corrected to the server's
	DeviceAt     *time.Time // when it was marked, by the client's own clock; nil: marked on a page of the server
	OffsetMS     *int64     // the server's clock minus the client's in milliseconds, as the client measured it; nil: it never did
	SeenAt       *time.Time // MarkedAt of what the client showed for the person when it marked; nil: nothing
	ReceivedAt   time.Time
	AccountID    uint64 `gorm:"default:null"` // 0: the person's own phone, by their personal code
	DeviceID     string // a UUID that the browser keeps; "" unknown
	Source       string // attendance.Source...
	Flag         string // why its time is implausible: attendance.Flag..., "" where it is not
	State        EventState
	RefSessionID *uint64 // of a make-up (học bù): the session that was attended instead
}

// Mark is the current mark of an enrolment in a session, derived from the events: the latest MarkedAt, then UID, wins.
type Mark struct {
	SessionID   uint64 `gorm:"primaryKey"`
	EnrolmentID uint64 `gorm:"primaryKey"`
	Mark        MarkValue
	Note        string
	MarkedAt    time.Time
	EventID     uint64
	AccountID   uint64 `gorm:"default:null"` // of the event
}

// MarkDispute says that two sources said different things of a person in a session, and that whoever spoke last had not seen the other.
type MarkDispute struct {
	SessionID   uint64 `gorm:"primaryKey"`
	EnrolmentID uint64 `gorm:"primaryKey"`
}

// WalkInState is what became of a walk-in.
type WalkInState string

// The states of a walk-in.
const (
	WalkInOpen    WalkInState = "open"    // nobody has decided yet
	WalkInMatched WalkInState = "matched" // is the cadre of the enrolment, and marks count there
	WalkInGuest   WalkInState = "guest"   // kept as a guest (khách): attendances, never coverage
	WalkInMistake WalkInState = "mistake" // was entered by mistake
)

// WalkIn (người tham dự phát sinh) is somebody present who was not enrolled.
type WalkIn struct {
	ID          uint64
	UID         string // made by the client, UUIDv7
	CourseID    uint64
	SessionID   uint64 // where they first came
	Name        string
	Office      string
	BirthYear   int     // 0: not known
	ReplacesID  *uint64 // the enrolment of the person in whose place they came (đi thay), who gets no mark
	EnrolmentID *uint64 // of the cadre whom they were matched to
	State       WalkInState
	SortKey     string // viet.SortKey of the name
	AccountID   uint64 // who entered them
	DecidedByID *uint64
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// BeforeSave derives the sort key.
func (w *WalkIn) BeforeSave(*gorm.DB) error {
	w.Name, w.Office = viet.NFC(w.Name), viet.NFC(w.Office)
	w.SortKey = viet.SortKey(w.Name)
	return nil
}
