package models

import "time"

// ProofKind is a kind of key that vouches for certificates.
type ProofKind string

// The kinds of such keys.
const (
	ProofEd25519 ProofKind = "ed25519" // signs the statements of QR codes
	ProofES256   ProofKind = "es256"   // signs credentials
)

// ProofKey vouches for certificates that were issued. Its public half stays published for ever.
type ProofKey struct {
	ID        uint64
	Kind      ProofKind
	Kid       string // the beginning of the public key's SHA-256
	Public    []byte
	Sealed    []byte // the private key
	CreatedAt time.Time
	RetiredAt *time.Time // signs nothing new since
}
