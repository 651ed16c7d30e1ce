package models

import "time"

// AuditEntry says who did what to which thing and when.
type AuditEntry struct {
	ID        uint64
	At        time.Time
	AccountID *uint64 // nil: the command line or the system itself
	Action    string  // "course.create"
	Noun      string
	NounID    uint64
	RequestID string
	Detail    string // JSON; never secrets, no national ids
}

// RequestKey remembers a request that was carried out, so that repeating it is harmless.
type RequestKey struct {
	AccountID  uint64 `gorm:"primaryKey;autoIncrement:false"`
	RequestKey string `gorm:"primaryKey"`
	Action     string
	Ref        uint64 // what the first run made or changed
	CreatedAt  time.Time
}

// Setting is one named setting that administrators may change.
type Setting struct {
	Name      string `gorm:"primaryKey"`
	Value     string
	UpdatedAt time.Time
}

// JobState is where a job stands.
type JobState string

// The states of a job.
const (
	JobWaiting JobState = "waiting"
	JobRunning JobState = "running"
	JobDone    JobState = "done"
	JobFailed  JobState = "failed"
)

// Job is long work, claimed by a process with a lease.
type Job struct {
	ID         uint64
	Kind       string
	State      JobState
	Payload    string // JSON
	Done       int
	Total      int
	Result     string // JSON
	ErrorCode  string
	Attempts   int
	LeaseUntil *time.Time
	LeasedBy   string
	AccountID  *uint64
	PlanID     *uint64 // in which it was asked for; nil: the day decides
	CreatedAt  time.Time
	FinishedAt *time.Time
}
