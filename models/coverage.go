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

// CoverageLedger says for which rules of a plan the changes of coverage are kept.
type CoverageLedger struct {
	PlanID      uint64 `gorm:"primaryKey;autoIncrement:false"`
	Fingerprint string // of the plan's rules; "": not built
	BuiltAt     time.Time
}
