package models

import "time"

// Proposal (đề xuất mở lớp) is where and when classes might be held and who would come, for what somebody asked, as it was found then. It
// does not change any more, but for what was made of it.
type Proposal struct {
	ID             uint64
	PlanID         uint64
	OrganisationID uint64
	Ask            string     // JSON: what was asked
	Found          string     // JSON: what was found
	Made           string     // JSON: the drafts that were made of it; "" while there are none
	MadeAt         *time.Time // when
	CreatedByID    *uint64
	CreatedAt      time.Time
	UpdatedAt      time.Time
}
