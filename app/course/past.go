package course

import (
	"fmt"
	"regexp"

	"taphuan/app/errs"
	"taphuan/app/i18n"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
)

// Past is a course that was held before it was entered.
type Past struct {
	Input
	Code     string // with the course's own year, such as 2024-014; "": the next of that year
	Sessions []SessionInput
}

// Rule is what the course asked for.
func (x *Past) Rule() Rule {
	r := Rule{Percent: x.RulePercent, MinScoreTenths: x.MinScoreTenths}
	for _, s := range x.Sessions {
		r.TotalMinutes += s.EndMinute - s.StartMinute
	}
	return r
}

// FirstDay is that of the first session, none without sessions.
func (x *Past) FirstDay() models.Day {
	var first models.Day
	for _, s := range x.Sessions {
		if first == 0 || s.Day < first {
			first = s.Day
		}
	}
	return first
}

// LastDay is that of the last session, none without sessions.
func (x *Past) LastDay() models.Day {
	var last models.Day
	for _, s := range x.Sessions {
		last = max(last, s.Day)
	}
	return last
}

// ofCourse says that a fault is none of a session's.
const ofCourse = -1

var codeForm = regexp.MustCompile(`^\d{4}-\d{3,6}$`)

// Check gives the first thing that is wrong, with the session that it is about, -1 for the course itself; nil: nothing is. Beside what
// Create and AddSession refuse it refuses a course without sessions ("course_no_session"), days outside the plan ("day_outside_plan"),
// days that are not past ("course_day_not_past"), and a code that is not the course's year and a number ("course_code_year").
func (x *Past) Check(p *plan.Plan, today models.Day) (session int, wrong *errs.Field) {
	x.tidy()
	var f errs.Fields
	x.check(&f, p)
	switch {
	case len(f) > 0:
	case len(x.Sessions) == 0:
		f.Add("day", "course_no_session")
	case len(x.Sessions) > maxSessions:
		f.Add("day", "session_too_many", errs.Params{"n": maxSessions})
	}
	if len(f) > 0 {
		return ofCourse, &f[0]
	}
	for i := range x.Sessions {
		s := &x.Sessions[i]
		s.check(&f)
		switch {
		case len(f) > 0:
		case !p.Covers(s.Day):
			f.Add("day", "day_outside_plan", errs.Params{"day": s.Day, "from": p.FromDay, "to": p.ToDay.AddDays(-1)})
		case s.Day >= today:
			f.Add("day", "course_day_not_past")
		}
		for _, o := range x.Sessions[:i] {
			if len(f) == 0 && o.Day == s.Day && o.StartMinute < s.EndMinute && s.StartMinute < o.EndMinute {
				f.Add("start", "session_overlap", errs.Params{"from": i18n.Clock(o.StartMinute), "to": i18n.Clock(o.EndMinute)})
			}
		}
		if len(f) > 0 {
			return i, &f[0]
		}
	}
	if year := x.FirstDay().Year(); x.Code != "" && (!codeForm.MatchString(x.Code) || x.Code[:4] != fmt.Sprint(year)) {
		f.Add("code", "course_code_year", errs.Params{"year": year})
		return ofCourse, &f[0]
	}
	return ofCourse, nil
}

// Create makes the course with its sessions, still running: who was there follows, and Finish closes it. Check has found nothing
// wrong, and the plan's row is locked.
func (x *Past) Create(tx *store.Tx, planID uint64) (models.Course, []models.Session, error) {
	c := models.Course{PlanID: planID, Code: x.Code, State: models.CourseRunning, Version: 1, FirstDay: x.FirstDay(), LastDay: x.LastDay()}
	x.onto(&c)
	if tx.By.AccountID != 0 {
		c.CreatedByID = &tx.By.AccountID
	}
	if c.Code == "" {
		var err error
		if c.Code, err = nextCode(tx, planID, c.FirstDay.Year()); err != nil {
			return c, nil, err
		}
	}
	if err := tx.Create(&c).Error; err != nil {
		return c, nil, err
	}
	if err := aim(tx, c.ID, x.Input); err != nil {
		return c, nil, err
	}
	sessions := make([]models.Session, len(x.Sessions))
	for i := range x.Sessions {
		sessions[i].CourseID = c.ID
		x.Sessions[i].onto(&sessions[i])
	}
	return c, sessions, tx.CreateInBatches(&sessions, batch).Error
}

// Finish decides every enrolment of such a course as Close does and closes it. minutes are what is known of enrolments without marks.
func Finish(tx *store.Tx, c models.Course, sessions []models.Session, minutes map[uint64]int) (*Closing, error) {
	out, err := decide(tx.DB, c, TimetableOf(sessions))
	if err != nil {
		return nil, err
	}
	for i := range out.Decisions {
		d := &out.Decisions[i]
		if n, ok := minutes[d.EnrolmentID]; ok {
			d.Attended = n
			d.Outcome, d.Reason = Decide(out.Rule, d.State, d.Attended, d.ScoreTenths)
		}
	}
	if err := record(tx, out); err != nil {
		return nil, err
	}
	set := map[string]any{"state": models.CourseClosed, "closed_at": tx.Now, "updated_at": tx.Now}
	if tx.By.AccountID != 0 {
		set["closed_by_id"] = tx.By.AccountID
	}
	return out, tx.Model(&models.Course{}).Where("id = ?", c.ID).Updates(set).Error
}
