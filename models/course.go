package models

import (
	"time"

	"gorm.io/gorm"

	"taphuan/models/viet"
)

// CourseState is where a course stands in its life.
type CourseState string

// The states. Draft -> open -> running -> closed; draft, open and running may be cancelled.
const (
	CourseDraft     CourseState = "draft"
	CourseOpen      CourseState = "open"
	CourseRunning   CourseState = "running"
	CourseClosed    CourseState = "closed"
	CourseCancelled CourseState = "cancelled"
)

// Course (lớp, hội nghị tập huấn) is a training event of a type, made of sessions.
type Course struct {
	ID                 uint64
	PlanID             uint64
	Code               string
	Title              string
	Search             string
	CourseTypeID       uint64
	State              CourseState
	HostID             uint64
	Venue              string // in words; of a chosen venue, what it was called
	VenueID            *uint64
	Link               string // for a course held online
	Capacity           int    // enrolled cadres at most
	RulePercent        int    // attended minutes of 100 that completion needs
	MinScoreTenths     *int   // least score in tenths of a point out of 10; nil: no score
	FirstDay           Day    // of the sessions that were not cancelled
	LastDay            Day
	Note               string
	NominationDeadline Day  // last day on which heads may nominate; none: until the first day
	NominationQuota    *int // how many each office without a quota of its own, or above it, may nominate; nil: any number
	CancelReason       string
	TemplateID         *uint64 // of its certificates; nil: the issuer's
	ReopenReason       string  // why a closed course was opened again; "" where it was not, or is closed again
	ClosedAt           *time.Time
	ClosedByID         *uint64
	CreatedByID        *uint64
	Version            int // grows with each change: a form of an older version is refused
	CreatedAt          time.Time
	UpdatedAt          time.Time
}

// BeforeSave derives the search text.
func (c *Course) BeforeSave(*gorm.DB) error {
	c.Title = viet.NFC(c.Title)
	c.Search = viet.Fold(c.Code + " " + c.Title + " " + c.Venue)
	if r := []rune(c.Search); len(r) > 400 {
		c.Search = string(r[:400])
	}
	return nil
}

// CourseTopic says that the course treats the topic.
type CourseTopic struct {
	CourseID uint64 `gorm:"primaryKey"`
	TopicID  uint64 `gorm:"primaryKey"`
}

// CourseGroup says that the course is aimed at the target group.
type CourseGroup struct {
	CourseID uint64 `gorm:"primaryKey"`
	GroupID  uint64 `gorm:"primaryKey"`
}

// CourseQuota says how many an organisation and all below may nominate for a course.
type CourseQuota struct {
	CourseID       uint64 `gorm:"primaryKey"`
	OrganisationID uint64 `gorm:"primaryKey"`
	Seats          int
}

// TableName says it, since what is made of the word would be no plural.
func (CourseQuota) TableName() string { return "course_quotas" }

// StaffRole is what somebody does in a course.
type StaffRole string

// The staff roles: a trainer teaches and may record attendance, a clerk records attendance.
const (
	StaffTrainer StaffRole = "trainer"
	StaffClerk   StaffRole = "clerk"
)

// CourseStaff puts an account to work in a course.
type CourseStaff struct {
	CourseID  uint64    `gorm:"primaryKey"`
	AccountID uint64    `gorm:"primaryKey"`
	Role      StaffRole `gorm:"primaryKey"`
}

// TableName is singular because staff is.
func (CourseStaff) TableName() string { return "course_staff" }

// CourseComponent is a component that the course brings, fixed when it closes.
type CourseComponent struct {
	CourseID  uint64    `gorm:"primaryKey"`
	Component Component `gorm:"primaryKey"`
}

// Session (buổi) is one half-day or so of a course.
type Session struct {
	ID          uint64
	CourseID    uint64
	Day         Day
	StartMinute int // minutes after local midnight
	EndMinute   int
	Room        string // in words; of a chosen room, what it was called
	RoomID      *uint64
	RoomKey     string // viet.Fold of the room, for clashes
	Title       string
	Cancelled   bool
	ScreenTurn  int // how often the key of the code on the hall's screen was renewed
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// TableName keeps the name apart from sign-in sessions.
func (Session) TableName() string { return "course_sessions" }

// BeforeSave derives the room's key.
func (s *Session) BeforeSave(*gorm.DB) error {
	s.Room = viet.NFC(s.Room)
	s.RoomKey = viet.Fold(s.Room)
	return nil
}

// Minutes is how long the session lasts.
func (s Session) Minutes() int { return s.EndMinute - s.StartMinute }

// Starts gives the instant at which the session starts.
func (s Session) Starts() time.Time { return s.Day.At(s.StartMinute) }

// Ends gives the instant at which the session ends.
func (s Session) Ends() time.Time { return s.Day.At(s.EndMinute) }
