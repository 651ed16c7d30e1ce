package models

import "time"

// MailState is where a mail stands.
type MailState string

// The states of a mail.
const (
	MailWaiting MailState = "waiting" // for its turn, or for another try
	MailSending MailState = "sending" // claimed by a process until LeaseUntil
	MailSent    MailState = "sent"    // taken by the mail server
	MailFailed  MailState = "failed"  // refused for good; Error says why
	MailDropped MailState = "dropped" // not needed any more when its turn came
)

// Mail is one e-mail in the outbox, written in the transaction of its cause. What it says is made when it is sent.
type Mail struct {
	ID          uint64
	Kind        string
	UniqueKey   string // of the cause: nothing goes twice
	UID         string `gorm:"column:uid"` // of the Message-ID, the same at each try
	EnrolmentID *uint64
	ToAddress   string
	ToName      string
	Subject     string
	State       MailState
	Attempts    int
	NextAt      time.Time // not tried before
	LeaseUntil  *time.Time
	LeasedBy    string
	Error       string // what the mail server said last
	SentAt      *time.Time
	CreatedAt   time.Time
	UpdatedAt   time.Time
}
