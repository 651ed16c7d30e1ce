package models

import "time"

// Issuer is how an organisation that issues certificates stands on them.
type Issuer struct {
	OrganisationID uint64  `gorm:"primaryKey"`
	Superior       string  // the agency above, first line of the heading; "" for none
	Name           string  // second line of the heading
	Place          string  // "Cao Bằng", before the date
	Symbol         string  // of new registers: "GCN-QCN"
	Signing        Signing `gorm:"default:paper"`
	TemplateID     *uint64 // of certificates whose course chose none; nil: the standard one
	SignatureRoots string  // PEM: who vouches for certificates of tokens; "": signatures are taken whoever vouches for them
	UpdatedAt      time.Time
}

// Signing says how certificates are signed.
type Signing string

// The ways of signing.
const (
	SigningPaper    Signing = "paper"    // printed, signed and sealed by hand
	SigningExternal Signing = "external" // sent out to be signed with the official's own token
	SigningServer   Signing = "server"   // signed by the system with a key that it holds
)

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
	// Of the sign-off at the year's end (khóa sổ), all empty before it.
	ClosedAt     *time.Time
	ClosedByID   *uint64
	ClosedSHA256 string `gorm:"column:closed_sha256"` // of what stood in it, as certificate.Service.SignedOff writes it
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
	ID                uint64
	RegisterID        uint64
	Number            int
	Serial            string // "0042/2026/GCN-QCN"
	Code              string // random, opens the public page
	CompletionID      uint64
	LiveCompletionID  *uint64 // CompletionID while valid: at most one valid certificate a completion
	CadreID           uint64
	CourseID          *uint64
	State             CertificateState
	Signing           Signing `gorm:"default:paper"`
	TemplateVersionID *uint64 // nil: from before there were templates
	Snapshot          string  // JSON of what the certificate says
	PDFSha256         string  `gorm:"column:pdf_sha256"` // of the document as it was issued
	IssuedDay         Day
	IssuedAt          time.Time
	IssuedByID        *uint64
	EndedAt           *time.Time // revoked or replaced
	EndedByID         *uint64
	EndReason         string
	ReplacesID        *uint64
}

// DocumentKind says what a document of a certificate is.
type DocumentKind string

// The kinds of documents.
const (
	DocumentCopy   DocumentKind = "copy"    // to look up: bears no signature
	DocumentToSign DocumentKind = "to_sign" // what is sent out to be signed
	DocumentSigned DocumentKind = "signed"
)

// CertificateDocument is a document that was issued, to the byte. It is never changed.
type CertificateDocument struct {
	ID            uint64
	CertificateID uint64
	Kind          DocumentKind
	SHA256        string `gorm:"column:sha256"`
	SizeBytes     int64
	CRC32         *uint32 `gorm:"column:crc32"` // nil: not counted yet
	Body          []byte  // nil: in the bucket, under its SHA-256
	Signer        string  // whose certificate signed it, as that says; "": nobody's
	CreatedAt     time.Time
}
