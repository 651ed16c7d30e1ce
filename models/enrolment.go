package models

import "time"

// EnrolmentState is where a cadre's place in a course stands.
type EnrolmentState string

// The states. Only enrolled takes a seat.
const (
	EnrolmentNominated EnrolmentState = "nominated" // put forward by a head, waits for approval
	EnrolmentEnrolled  EnrolmentState = "enrolled"
	EnrolmentWaiting   EnrolmentState = "waiting" // on the waiting list, by WaitingSince then id
	EnrolmentRefused   EnrolmentState = "refused"
	EnrolmentWithdrawn EnrolmentState = "withdrawn"
)

// Enrolment (ghi danh) is a cadre's place in a course.
type Enrolment struct {
	ID              uint64
	CourseID        uint64
	CadreID         uint64
	OrganisationID  *uint64 // of the main posting when enrolled
	State           EnrolmentState
	Source          string // "coordinator", "nomination", "substitute", "import" or "walk_in"
	WaitingSince    *time.Time
	NominatedByID   *uint64
	DecidedByID     *uint64
	DecidedAt       *time.Time
	Reason          string
	ScoreTenths     *int    // tenths of a point out of 10
	Outcome         Outcome // decided by closing
	OutcomeReason   string  // code, where not completed
	AttendedMinutes *int
	TotalMinutes    *int
	CreatedAt       time.Time
	UpdatedAt       time.Time
}

// Outcome is what closing decided.
type Outcome string

// The outcomes; empty while the course is not closed.
const (
	OutcomeNone         Outcome = ""
	OutcomeCompleted    Outcome = "completed"
	OutcomeNotCompleted Outcome = "not_completed"
)

// Completion (hoàn thành) says that a cadre met the rules of a course, or that training held by another body was recognised. It dates
// from the last day of either.
type Completion struct {
	ID              uint64
	CadreID         uint64
	CourseID        *uint64
	EnrolmentID     *uint64
	RecognitionID   *uint64 // of training held by another body
	EffectiveDay    Day
	Components      Components // that it brings
	AttendedMinutes int
	TotalMinutes    int
	VoidedAt        *time.Time // voiding undoes it from its own date
	VoidedByID      *uint64
	VoidReason      string
	VoidedByClose   bool // the course was closed again, and did not bring it any more
	CreatedAt       time.Time
}
