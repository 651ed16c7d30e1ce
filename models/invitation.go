package models

import "time"

// InvitationLetter (giấy mời) is what the invitations of a course say beside the course itself, and what was told last.
type InvitationLetter struct {
	CourseID    uint64 `gorm:"primaryKey;autoIncrement:false"`
	Number      string // number and symbol, "" when it is written in by hand
	Documents   string // what to bring
	Contact     string
	SignatoryID *uint64
	Version     int        // grows with each change of the letter: a form of an older version is refused
	Sequence    int        // of the calendar file: grows each time the invited are told of a change
	Told        string     // JSON of what they were told last, "" while nobody is invited
	ToldAt      *time.Time // of the course's last change that was looked at
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Via is the way an invitation went.
type Via string

// The ways.
const (
	ViaNone  Via = ""
	ViaMail  Via = "mail"
	ViaPaper Via = "paper"
)

// Reply is what somebody who has a seat answered.
type Reply string

// The replies.
const (
	ReplyNone      Reply = ""
	ReplyConfirmed Reply = "confirmed"
	ReplyDeclined  Reply = "declined"
)

// Invitation is one person's invitation and the reply. It counts while it is not older than the seat: who comes back is invited
// again.
type Invitation struct {
	EnrolmentID       uint64     `gorm:"primaryKey;autoIncrement:false"`
	InvitedAt         *time.Time // nil: replied without having been invited
	Via               Via
	Reply             Reply
	RepliedAt         *time.Time
	ReplyReason       string
	SubstituteCadreID *uint64
	SubstituteName    string // where the substitute is not on the roster
	RemindedFor       Day    // first day of the course for which the last reminder went
	RemindedDays      int    // how many days before that reminder goes
	CreatedAt         time.Time
	UpdatedAt         time.Time
}

// NameCheckState is how the spelling of a name and title was checked before they are printed.
type NameCheckState string

// The states. Who has no row was asked when they got the seat and has not answered.
const (
	NameCheckNone      NameCheckState = ""
	NameCheckConfirmed NameCheckState = "confirmed"
	NameCheckOnPaper   NameCheckState = "on_paper"  // on the sign-in sheet
	NameCheckProposed  NameCheckState = "proposed"  // a correction waits for the head
	NameCheckCorrected NameCheckState = "corrected" // the head accepted it
	NameCheckRefused   NameCheckState = "refused"   // the head refused it, with a reason
)

// NameCheck is what somebody answered who was shown the own name and title as a certificate will print them.
type NameCheck struct {
	EnrolmentID  uint64 `gorm:"primaryKey;autoIncrement:false"`
	State        NameCheckState
	FullName     string // as confirmed or proposed
	Title        string
	Note         string
	AnsweredAt   time.Time
	AnsweredByID *uint64
	DecidedAt    *time.Time
	DecidedByID  *uint64
	Reason       string // of a refusal
	CreatedAt    time.Time
	UpdatedAt    time.Time
}
