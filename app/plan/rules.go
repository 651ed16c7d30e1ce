package plan

import (
	"slices"
	"time"

	"taphuan/models"
)

// Expiry is the first day on which a completion of that day does not count any more, for a component that expires after so many months;
// nil never. A month without that day of the month ends on its last one: 31 January and one month make 28 or 29 February.
func Expiry(day models.Day, months *int) models.Day {
	if months == nil {
		return models.Forever
	}
	y, m, d := day.Date()
	last := models.NewDay(y, m+1+time.Month(*months), 1).AddDays(-1)
	_, _, n := last.Date()
	return last.AddDays(min(d, n) - n)
}

// Expires says whether something that the plan requires expires.
func (p *Plan) Expires() bool {
	return slices.ContainsFunc(p.Components, func(c models.PlanComponent) bool { return c.ExpiresMonths != nil })
}

// ValidFrom is the first day of which a completion still counts on the day: the inverse of Expiry, within the plan's period.
func (p *Plan) ValidFrom(months *int, day models.Day) models.Day {
	if months == nil {
		return p.FromDay
	}
	y, m, _ := day.Date()
	from := models.NewDay(y, m-time.Month(*months), 1)
	for Expiry(from, months) <= day {
		from++
	}
	return max(from, p.FromDay)
}

// Expects says whether the plan asks an organisation for cadres of the group on the day.
func (p *Plan) Expects(o models.Organisation, group uint64, day models.Day) bool {
	for _, e := range p.Expected {
		if e.GroupID == group && e.Kind == o.Kind && e.Level == o.Level && e.FromDay <= day && day < e.ToDay {
			return true
		}
	}
	return false
}
