package models

import "time"

// SigningKey is a key with which the system signs certificates of an issuer.
type SigningKey struct {
	ID             uint64
	OrganisationID *uint64 // the issuer; nil: the demonstration key, for issuers that never had one of their own
	SignatoryID    *uint64 // signs only what this person signs; nil: whatever the issuer issues
	Subject        string  // who signs, as its certificate says
	IssuerName     string  // who vouches for that
	Kind           KeyKind
	NotBefore      time.Time
	NotAfter       time.Time
	Fingerprint    string // SHA-256 of the certificate
	Demo           bool
	Sealed         []byte // the key with its certificates, sealed with the key file
	AccountID      *uint64
	CreatedAt      time.Time
	RetiredAt      *time.Time
}

// KeyKind is the kind of a key.
type KeyKind string

// The kinds of keys.
const (
	KeyRSA   KeyKind = "rsa"
	KeyECDSA KeyKind = "ecdsa"
)
