package models

import "time"

// StoredFile is a document that somebody handed in, such as the scan of a paper.
type StoredFile struct {
	ID          uint64
	Name        string
	ContentType string // told by the content, never by the name
	Sha256      string // of the document
	SizeBytes   int
	Body        []byte // sealed
	AccountID   *uint64
	CreatedAt   time.Time
}

// RecognitionState is where a recognition stands.
type RecognitionState string

// The states. Only an approved one has a completion.
const (
	RecognitionProposed  RecognitionState = "proposed"
	RecognitionApproved  RecognitionState = "approved"
	RecognitionRefused   RecognitionState = "refused"
	RecognitionWithdrawn RecognitionState = "withdrawn" // by who proposed it, before it was decided
)

// Recognition (công nhận) says that a cadre has been trained by another body, with the paper that shows it.
type Recognition struct {
	ID           uint64
	CadreID      uint64
	Title        string // of the training
	Body         string // who held it
	FirstDay     Day
	LastDay      Day // the completion dates from it
	PaperNumber  string
	PaperKey     string  // PaperNumber without regard to case and spaces
	LivePaperKey *string // PaperKey while proposed or approved: a cadre brings a paper once
	FileID       *uint64 // the scan
	State        RecognitionState
	ProposedByID *uint64
	DecidedByID  *uint64
	DecidedAt    *time.Time
	Reason       string // of a refusal
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// RecognitionComponent is a component that the training brings.
type RecognitionComponent struct {
	RecognitionID uint64    `gorm:"primaryKey"`
	Component     Component `gorm:"primaryKey"`
}

// HistoryKind is what a workbook of the past tells of.
type HistoryKind string

// The kinds.
const (
	HistoryRecognitions HistoryKind = "recognitions"
	HistoryCourses      HistoryKind = "courses" // held before they were entered
)

// HistoryImport is a workbook of the past that waits for a yes: one of each kind an account. It is gone once it is confirmed or dropped.
type HistoryImport struct {
	ID        uint64
	AccountID uint64
	Kind      HistoryKind
	FileName  string
	Sha256    string
	File      []byte // sealed
	CreatedAt time.Time
}
