package models

import "time"

// Issuer is how an organisation that issues certificates stands on them.
type Issuer struct {
	OrganisationID uint64 `gorm:"primaryKey"`
	Superior       string // the agency above, first line of the heading; "" for none
	Name           string // second line of the heading
	Place          string // "Cao Bằng", before the date
	Symbol         string // of new registers: "GCN-QCN"
	UpdatedAt      time.Time
}

// Signatory (người ký) signs certificates of an organisation.
type Signatory struct {
	ID             uint64
	OrganisationID uint64
	Name           string
	Title          string // the signatory's own title
	Form           string // "", "KT.", "TM.", "TL.", "TUQ."
	FormTitle      string // whom the signatory signs for, printed behind the form
	FromDay        Day
	ToDay          Day
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// Register (sổ cấp giấy chứng nhận) is one issuer and one year of issue with its own symbol.
type Register struct {
	ID         uint64
	IssuerID   uint64
	Year       int // local year of the day of issue
	Symbol     string
	NextNumber int // the number that the next certificate takes; changed only under the row's lock
	CreatedAt  time.Time
}

// CertificateState says whether a certificate stands.
type CertificateState string

// The states of a certificate.
const (
	CertificateValid    CertificateState = "valid"
	CertificateRevoked  CertificateState = "revoked"
	CertificateReplaced CertificateState = "replaced"
)

// Certificate (giấy chứng nhận) states what was true when it was issued.
type Certificate struct {
	ID               uint64
	RegisterID       uint64
	Number           int
	Serial           string // "0042/2026/GCN-QCN"
	Code             string // random, opens the public page
	CompletionID     uint64
	LiveCompletionID *uint64 // CompletionID while valid: at most one valid certificate a completion
	CadreID          uint64
	CourseID         *uint64
	State            CertificateState
	Snapshot         string // JSON of what the certificate says
	PDFSha256        string `gorm:"column:pdf_sha256"`
	IssuedDay        Day
	IssuedAt         time.Time
	IssuedByID       *uint64
	EndedAt          *time.Time // revoked or replaced
	EndedByID        *uint64
	EndReason        string
	ReplacesID       *uint64
}

// CertificateFile is the exact document that was issued.
type CertificateFile struct {
	CertificateID uint64 `gorm:"primaryKey"`
	PDF           []byte `gorm:"column:pdf"`
}
