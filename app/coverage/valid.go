package coverage

import (
	"taphuan/app/plan"
	"taphuan/models"
)

// ValidFrom gives the earliest day of a completion whose component still counts on the day: that of the plan's beginning, or a
// later one where the plan lets the component expire. It is for lists of who lacks something, so that they ask what coverage asks.
func ValidFrom(p models.Plan, c models.PlanComponent, day models.Day) models.Day {
	return validFrom(&plan.Plan{Plan: p}, c.ExpiresMonths, day)
}
