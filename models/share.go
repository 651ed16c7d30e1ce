package models

import "time"

// CertificateShare is a link by which anyone who has it sees a certificate, until its holder ends it. A link that has ended never
// leads anywhere again.
type CertificateShare struct {
	ID                uint64
	CertificateID     uint64
	LiveCertificateID *uint64 // CertificateID while the link works: at most one a certificate
	Token             string  // 128 random bits
	AccountID         *uint64 // who switched it on
	CreatedAt         time.Time
	EndedAt           *time.Time
}
