package models

import "time"

// SignedSheet is a photograph or scan of a sign-in sheet that people have signed, kept as evidence of a session.
type SignedSheet struct {
	ID        uint64
	SessionID uint64
	FileID    uint64
	AccountID uint64 // who handed it in
	CreatedAt time.Time
}
