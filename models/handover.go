package models

import "time"

// CertificateHandover says to whom a certificate on paper was handed over.
type CertificateHandover struct {
	CertificateID uint64 `gorm:"primaryKey;autoIncrement:false"`
	ReceivedBy    string
	ReceivedDay   Day
	GivenBy       string
	AccountID     *uint64 // who recorded it
	CreatedAt     time.Time
}

// CertificateScan is evidence of a certificate on paper: the signed paper itself, or the signed list of receipts, which stands for many.
type CertificateScan struct {
	ID            uint64
	CertificateID uint64
	FileID        uint64
	AccountID     *uint64
	CreatedAt     time.Time
}
