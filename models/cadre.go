package models

import (
	"time"

	"gorm.io/gorm"

	"taphuan/models/viet"
)

// Sex as a roster says it; empty when it does not.
type Sex string

// The sexes that rosters name.
const (
	SexUnknown Sex = ""
	SexMale    Sex = "male"
	SexFemale  Sex = "female"
)

// Cadre (cán bộ) is a person.
type Cadre struct {
	ID               uint64
	FullName         string `validate:"required,max=200"`
	NameKey          string // viet.Key: tells whether two names are the same
	SortKey          string // viet.SortKey: given name first, Vietnamese order
	Search           string // viet.Fold
	Sex              Sex
	BirthYear        int     // 0 when unknown
	BirthDay         Day     // no day when only the year is known
	NationalIDSealed []byte  // CCCD, 12 digits, sealed with the key file
	NationalIDHash   *string // keyed hash for exact search
	OldIDSealed      []byte  // CMND, 9 digits
	OldIDHash        *string
	Phone            string
	Email            string
	HistoryVersion   int     // grows with each change of the postings
	MergedIntoID     *uint64 // of two records of one person this one was given up: it stands on no list, and leads to that one
	TwinsSought      bool    // since name, birth or ids last changed
	CreatedAt        time.Time
	UpdatedAt        time.Time
}

// BeforeSave derives the keys of the name, so that they never disagree with it.
func (c *Cadre) BeforeSave(*gorm.DB) error {
	c.FullName = viet.NFC(c.FullName)
	c.NameKey = viet.Key(c.FullName)
	c.SortKey = viet.SortKey(c.FullName)
	c.Search = viet.Fold(c.FullName)
	if c.BirthDay != 0 {
		c.BirthYear = c.BirthDay.Year()
	}
	return nil
}

// Posting (vị trí công tác) is a cadre at one organisation over [FromDay, ToDay).
type Posting struct {
	ID             uint64
	CadreID        uint64
	OrganisationID uint64
	Title          string
	FromDay        Day
	ToDay          Day  // first day no longer there; Forever when open
	Main           bool // false: concurrent (kiêm nhiệm)
	EndReason      EndReason
	LineID         *uint64
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// EndReason is why a posting ends; empty where it is open, or goes on with another title or other groups.
type EndReason string

// The reasons.
const (
	EndNone         EndReason = ""
	EndTransferred  EndReason = "transferred"
	EndRetired      EndReason = "retired"
	EndMovedAway    EndReason = "moved_away"
	EndDied         EndReason = "died"
	EndOrganisation EndReason = "organisation_ended"
	EndOther        EndReason = "other"
)

// LeavesRoster says whether a cadre whose main posting ends so leaves the roster for good.
func (r EndReason) LeavesRoster() bool {
	return r == EndRetired || r == EndMovedAway || r == EndDied || r == EndOther
}

// CountsOn says whether the posting counts on the day.
func (p Posting) CountsOn(d Day) bool { return p.FromDay <= d && d < p.ToDay }

// PostingGroup gives the posting a target group.
type PostingGroup struct {
	PostingID uint64 `gorm:"primaryKey"`
	GroupID   uint64 `gorm:"primaryKey"`
}

// LeaveKind is why a cadre is away within a posting.
type LeaveKind string

// The kinds of leave.
const (
	LeaveMaternity  LeaveKind = "maternity"
	LeaveSick       LeaveKind = "sick"
	LeaveSecondment LeaveKind = "secondment"
	LeaveStudy      LeaveKind = "study"
)

// Leave is a spell within a posting: the cadre stays on the roster and in the denominator.
type Leave struct {
	ID        uint64
	PostingID uint64
	Kind      LeaveKind
	FromDay   Day
	ToDay     Day
	CreatedAt time.Time
	UpdatedAt time.Time
}

// RosterImport is one workbook on its way into the roster: uploaded, read, looked at, confirmed, written.
type RosterImport struct {
	ID           uint64
	FileName     string
	Sha256       string
	File         []byte
	EffectiveDay Day
	FullList     bool // of the organisations in it: who is missing may have left
	State        ImportState
	Preview      []byte // sealed JSON: how the file was understood, with counts; the rows are in RosterImportPage
	Written      string // JSON: what confirming wrote
	ErrorCode    string // why the file as a whole was refused: a code, perhaps a colon and what of it
	JobID        *uint64
	AccountID    *uint64
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// ImportPart is one of the lists in which the rows of an import are shown.
type ImportPart string

// The parts of an import.
const (
	PartAccepted ImportPart = "accepted"
	PartRefused  ImportPart = "refused"
	PartAsked    ImportPart = "asked"   // taken once somebody says yes
	PartWarned   ImportPart = "warned"  // accepted, and odd
	PartLeavers  ImportPart = "leavers" // on the roster, and missing in a full list
)

// RosterImportPage is one page of the rows of an import, so that showing it costs the same however long the workbook is.
type RosterImportPage struct {
	ImportID uint64     `gorm:"primaryKey;autoIncrement:false"`
	Part     ImportPart `gorm:"primaryKey"`
	Number   int        `gorm:"primaryKey;autoIncrement:false"` // from 1
	Body     []byte     // sealed, gzipped JSON
}

// ImportState is where a roster import stands.
type ImportState string

// The states of an import.
const (
	ImportReading   ImportState = "reading"
	ImportRead      ImportState = "read"
	ImportRefused   ImportState = "refused"
	ImportWriting   ImportState = "writing"
	ImportWritten   ImportState = "written"
	ImportCancelled ImportState = "cancelled"
)
