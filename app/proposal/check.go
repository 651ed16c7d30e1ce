package proposal

import (
	"slices"

	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/models"
)

// Bounds of what may be asked.
const (
	maxDays     = 2000
	maxEach     = 10
	maxAtOnce   = 20
	maxRooms    = 500
	maxProposal = 400 // classes of an option
)

// check refuses what cannot be, at its field.
func (a Ask) check(p *plan.Plan, today models.Day) error {
	var f errs.Fields
	number := func(field string, n, least, most int) {
		if n < least {
			f.Add(field, "number_least", errs.Params{"n": least})
		} else if n > most {
			f.Add(field, "number_most", errs.Params{"n": most})
		}
	}
	if a.Organisation == "" {
		f.Add("organisation", "required")
	}
	if len(a.Groups) == 0 {
		f.Add("groups", "required")
	}
	for _, code := range a.Groups {
		if p.GroupByCode(code) == nil {
			f.Add("groups", "unknown_target_group", errs.Params{"group": code})
			break
		}
	}
	if t := courseType(p, a.Type); t == nil || len(p.TypeComponents[t.ID]) == 0 {
		f.Add("course_type", "choice")
	}
	if a.Host == "" {
		f.Add("host", "required")
	}
	switch last := p.ToDay.AddDays(-1); {
	case a.From == 0:
		f.Add("from", "day")
	case a.From <= today:
		f.Add("from", "proposal_from_past")
	case a.From > last:
		f.Add("from", "proposal_outside_plan", errs.Params{"day": last})
	case a.Until == 0:
		f.Add("until", "day")
	case a.Until < a.From:
		f.Add("until", "proposal_backwards")
	case a.Until > last:
		f.Add("until", "proposal_outside_plan", errs.Params{"day": last})
	}
	number("days", a.Days, 1, maxDays)
	number("each", a.Each, 1, maxEach)
	number("least", a.Least, 1, course.MaxCapacity)
	number("most", a.Most, 1, course.MaxCapacity)
	number("at_once", a.AtOnce, 1, maxAtOnce)
	number("attendance", a.Attendance, 1, 100)
	if err := f.Err(); err != nil {
		return err
	}
	switch {
	case a.Most < a.Least:
		f.Add("most", "proposal_most_least")
	case a.Days < a.Each:
		f.Add("days", "proposal_days_few", errs.Params{"n": a.Each})
	case a.runs() == 0:
		f.Add("until", "proposal_no_days", errs.Params{"n": a.Each})
	}
	if len(a.Rooms) == 0 || len(a.Rooms) > maxRooms {
		f.Add("rooms", "proposal_no_rooms")
	}
	return f.Err()
}

// classes is how many classes there may be.
func (a Ask) classes() int { return min(a.Days/a.Each, a.runs()*a.AtOnce, maxProposal) }

func courseType(p *plan.Plan, code string) *models.CourseType {
	i := slices.IndexFunc(p.CourseTypes, func(t models.CourseType) bool { return t.Code == code })
	if i < 0 {
		return nil
	}
	return &p.CourseTypes[i]
}
