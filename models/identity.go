package models

import "time"

// TwinReason is why two cadres may be one person.
type TwinReason string

// The reasons.
const (
	TwinSameName TwinReason = "same_name" // name and birth agree as far as both say
	TwinIDTypo   TwinReason = "id_typo"   // ids differ by one digit or two neighbours swapped, and name or birth agree
	TwinSameID   TwinReason = "same_id"   // somebody typed for the one the id of the other
	TwinImport   TwinReason = "import"    // a roster's row could have been several people
)

// TwinState is where a pair of likely twins stands.
type TwinState string

// The states of a pair.
const (
	TwinOpen     TwinState = "open"
	TwinMerged   TwinState = "merged"
	TwinDistinct TwinState = "distinct" // somebody said that they are two people
)

// TwinPair is two cadres who may be one person, the lower id first, once.
type TwinPair struct {
	ID          uint64
	CadreAID    uint64
	CadreBID    uint64
	Reason      TwinReason
	State       TwinState
	DecidedByID *uint64
	DecidedAt   *time.Time
	CreatedAt   time.Time
}

// CadreMerge says that two records of one person were made one, with what it takes to undo it.
type CadreMerge struct {
	ID         uint64
	TwinPairID uint64
	KeptID     uint64
	GoneID     uint64
	Record     []byte // sealed JSON: rows as they were, and as the merge left them
	MergedByID *uint64
	MergedAt   time.Time
	UndoneByID *uint64
	UndoneAt   *time.Time
}
