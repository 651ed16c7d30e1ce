package models

import "time"

// CoverageChange is what changes of a target group's figures on a day. Package ledger says what the tiers are.
type CoverageChange struct {
	OrganisationID uint64 `gorm:"primaryKey;autoIncrement:false"`
	GroupID        uint64 `gorm:"primaryKey;autoIncrement:false"`
	Tier           int    `gorm:"primaryKey;autoIncrement:false"`
	Day            Day    `gorm:"primaryKey"`
	Roster         int
	Covered        int
	Recognised     int
	Denominator    int
	Declared       int
	Declaring      int
	Unreported     int
	Lapsed         int
}

// CoverageEntry is a change of who is covered that has been entered, to be added to the changes. Package ledger says when.
type CoverageEntry struct {
	ID             uint64
	OrganisationID uint64
	GroupID        uint64
	Day            Day
	Covered        int
	Recognised     int
	Lapsed         int
}

// CoverageLedger says for which rules of a plan the changes of coverage are kept.
type CoverageLedger struct {
	PlanID      uint64 `gorm:"primaryKey;autoIncrement:false"`
	Fingerprint string // of the plan's rules; "": not built
	BuiltAt     time.Time
	StandsOn    Day // that the latest standings are of; 0: none
}

// CoverageStanding is what an organisation has of a target group by itself on a day: its own changes up to it, added up. Package ledger says of
// which days there are any.
type CoverageStanding struct {
	GroupID        uint64 `gorm:"primaryKey;autoIncrement:false"`
	Day            Day    `gorm:"primaryKey"`
	Path           string `gorm:"primaryKey"` // of the organisation, so that they lie in tree order
	OrganisationID uint64
	Roster         int
	Covered        int
	Recognised     int
	Denominator    int
	Declared       int
	Declaring      int
	Unreported     int
}
