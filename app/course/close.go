package course

import (
	"context"
	"errors"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/ledger"
	"taphuan/app/store"
	"taphuan/models"
)

// Reasons why a cadre did not complete a course.
const (
	ReasonAttendanceShort = "attendance_short"
	ReasonScoreMissing    = "score_missing"
	ReasonScoreShort      = "score_short"
	ReasonNoPlace         = "no_place" // was nominated or waiting when the course closed, and is refused by that
	ReasonRefused         = "refused"
	ReasonWithdrawn       = "withdrawn"
)

// Reasons in the order in which pages show them.
var Reasons = []string{ReasonAttendanceShort, ReasonScoreMissing, ReasonScoreShort, ReasonNoPlace, ReasonRefused, ReasonWithdrawn}

// Rule is what a course asks for.
type Rule struct {
	Percent        int  // attended minutes of 100
	TotalMinutes   int  // of all sessions that were not cancelled
	MinScoreTenths *int // nil: no score
}

// RuleOf gives a course's rule over a timetable.
func RuleOf(c models.Course, t Timetable) Rule {
	return Rule{Percent: c.RulePercent, TotalMinutes: t.Minutes, MinScoreTenths: c.MinScoreTenths}
}

// Decide says whether an enrolment completes the course, and if not, why. Attended are the minutes of the sessions, not cancelled,
// in which the cadre was present or late.
func Decide(r Rule, state models.EnrolmentState, attended int, scoreTenths *int) (outcome models.Outcome, reason string) {
	switch {
	case state == models.EnrolmentNominated || state == models.EnrolmentWaiting:
		reason = ReasonNoPlace
	case state == models.EnrolmentRefused:
		reason = ReasonRefused
	case state == models.EnrolmentWithdrawn:
		reason = ReasonWithdrawn
	case r.TotalMinutes <= 0 || attended*100 < r.Percent*r.TotalMinutes:
		reason = ReasonAttendanceShort
	case r.MinScoreTenths != nil && scoreTenths == nil:
		reason = ReasonScoreMissing
	case r.MinScoreTenths != nil && *scoreTenths < *r.MinScoreTenths:
		reason = ReasonScoreShort
	default:
		return models.OutcomeCompleted, ""
	}
	return models.OutcomeNotCompleted, reason
}

// Decision is what closing decides of one enrolment.
type Decision struct {
	EnrolmentID  uint64
	CadreID      uint64
	Name         string
	BirthYear    int
	Organisation string
	State        models.EnrolmentState
	ScoreTenths  *int
	Attended     int    `gorm:"column:attended"` // minutes
	Held         bool   // has a completion of the course, from when it was closed before
	Certificate  string // serial of the valid certificate of that; "" none

	Outcome models.Outcome `gorm:"-"`
	Reason  string         `gorm:"-"`
}

// Closing is what closing a course decides, in the order of names, or would decide now.
type Closing struct {
	Course     models.Course
	Rule       Rule
	Components []models.Component // that completions will bring
	Decisions  []Decision
	Unmarked   int // enrolled cadres without a single mark
	Blocked    *errs.Error
}

// Completed counts who completes the course.
func (c *Closing) Completed() int { return c.count("") }

// Loses gives who has a completion from when the course was closed before and would not have it any more.
func (c *Closing) Loses() []Decision {
	var out []Decision
	for _, d := range c.Decisions {
		if d.Held && d.Outcome != models.OutcomeCompleted {
			out = append(out, d)
		}
	}
	return out
}

// Short counts who does not for the reason.
func (c *Closing) Short(reason string) int { return c.count(reason) }

func (c *Closing) count(reason string) int {
	n := 0
	for _, d := range c.Decisions {
		if d.Reason == reason {
			n++
		}
	}
	return n
}

// decide works out what closing decides. A bounded number of queries.
func decide(db *gorm.DB, c models.Course, t Timetable) (*Closing, error) {
	out := &Closing{Course: c, Rule: RuleOf(c, t)}
	// They are fixed when the course closes first.
	err := db.Model(&models.CourseComponent{}).Where("course_id = ?", c.ID).Order("component").Pluck("component", &out.Components).Error
	if err == nil && len(out.Components) == 0 {
		err = db.Model(&models.CourseTypeComponent{}).Where("course_type_id = ?", c.CourseTypeID).Order("component").Pluck("component", &out.Components).Error
	}
	if err != nil {
		return nil, err
	}
	attended := db.Table("marks").Joins("JOIN course_sessions ON course_sessions.id = marks.session_id").
		Where("course_sessions.course_id = ? AND course_sessions.cancelled = ?", c.ID, false).Group("marks.enrolment_id").
		Select("marks.enrolment_id, COUNT(*) AS marks, SUM(CASE WHEN marks.mark IN ? THEN course_sessions.end_minute - course_sessions.start_minute ELSE 0 END) AS minutes",
			[]models.MarkValue{models.MarkPresent, models.MarkLate})
	var rows []struct {
		Decision
		Marks int
	}
	err = db.Table("enrolments").Joins("JOIN cadres ON cadres.id = enrolments.cadre_id").
		Joins("LEFT JOIN organisations ON organisations.id = enrolments.organisation_id").
		Joins("LEFT JOIN (?) a ON a.enrolment_id = enrolments.id", attended).
		Joins("LEFT JOIN completions k ON k.enrolment_id = enrolments.id AND k.voided_at IS NULL").Joins("LEFT JOIN certificates f ON f.live_completion_id = k.id").
		Where("enrolments.course_id = ?", c.ID).
		Select("enrolments.id AS enrolment_id, enrolments.cadre_id, cadres.full_name AS name, cadres.birth_year, COALESCE(organisations.name, '') AS organisation, " +
			"enrolments.state, enrolments.score_tenths, k.id IS NOT NULL AS held, COALESCE(f.serial, '') AS certificate, COALESCE(a.minutes, 0) AS attended, COALESCE(a.marks, 0) AS marks").
		Order("cadres.sort_key, enrolments.id").Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		d := r.Decision
		d.Outcome, d.Reason = Decide(out.Rule, d.State, d.Attended, d.ScoreTenths)
		if d.State == models.EnrolmentEnrolled && r.Marks == 0 {
			out.Unmarked++
		}
		out.Decisions = append(out.Decisions, d)
	}
	return out, nil
}

// Preview says what closing a course would decide now, and in Blocked why it cannot be closed yet. Out of scope is not found.
func (s *Service) Preview(ctx context.Context, actor access.Actor, id uint64) (*Closing, error) {
	db := s.DB.Read(ctx)
	var c models.Course
	err := db.Scopes(access.Courses(actor, access.CourseWrite, s.DB.Time())).Take(&c, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errs.NotFound("course")
	}
	if err != nil {
		return nil, err
	}
	var sessions []models.Session
	if err := db.Where("course_id = ?", id).Find(&sessions).Error; err != nil {
		return nil, err
	}
	t := TimetableOf(sessions)
	out, err := decide(db, c, t)
	if err != nil {
		return nil, err
	}
	out.Blocked = errs.As(May(c.State, StepClose, t, s.DB.Time()))
	return out, nil
}

// Close decides every enrolment of a running course and closes it: outcomes with their reasons, the course's components (those of
// its type, fixed from now on), and a completion, dated from the course's last day, for each who completed. Whoever was still
// nominated or waiting is refused. A course that was opened again is decided anew: who completes it keeps or gets a completion, who does
// not any more loses it from its own date (a certificate of it stays valid until somebody revokes it), and its components stay those
// of the first time. It refuses as May does; of two who close at the same time one is refused with "course_step".
func (s *Service) Close(ctx context.Context, actor access.Actor, id uint64) error {
	return s.step(ctx, actor, id, StepClose, func(tx *store.Tx, c *models.Course, t Timetable) (any, error) {
		closing, err := decide(tx.DB, *c, t)
		if err != nil {
			return nil, err
		}
		if err := record(tx, closing); err != nil {
			return nil, err
		}
		reopened := c.ReopenReason
		c.State, c.ClosedAt, c.ReopenReason = models.CourseClosed, &tx.Now, ""
		if tx.By.AccountID != 0 {
			c.ClosedByID = &tx.By.AccountID
		}
		short := map[string]int{}
		for _, r := range Reasons {
			if n := closing.Short(r); n > 0 {
				short[r] = n
			}
		}
		detail := map[string]any{"completed": closing.Completed(), "not_completed": short, "components": closing.Components, "effective": c.LastDay}
		if reopened != "" {
			detail["reopened"], detail["lost"] = reopened, len(closing.Loses())
		}
		return detail, nil
	})
}

const batch = 400

// record writes what was decided: four statements and one more of each two kinds for every 400 enrolments.
func record(tx *store.Tx, x *Closing) error {
	c := x.Course
	components := make([]models.CourseComponent, len(x.Components))
	for i, k := range x.Components {
		components[i] = models.CourseComponent{CourseID: c.ID, Component: k}
	}
	if len(components) > 0 {
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&components).Error; err != nil {
			return err
		}
	}
	for part := range slices.Chunk(x.Decisions, batch) {
		if err := recordOutcomes(tx, part); err != nil {
			return err
		}
	}
	all := tx.Model(&models.Enrolment{}).Where("course_id = ?", c.ID).Updates(map[string]any{"total_minutes": x.Rule.TotalMinutes, "updated_at": tx.Now,
		"outcome": gorm.Expr("CASE WHEN outcome_reason = '' THEN ? ELSE ? END", models.OutcomeCompleted, models.OutcomeNotCompleted)})
	if all.Error != nil {
		return all.Error
	}
	refuse := map[string]any{"state": models.EnrolmentRefused, "waiting_since": nil, "decided_at": tx.Now}
	if tx.By.AccountID != 0 {
		refuse["decided_by_id"] = tx.By.AccountID
	}
	err := tx.Model(&models.Enrolment{}).Where("course_id = ? AND state IN ?", c.ID, []models.EnrolmentState{models.EnrolmentNominated, models.EnrolmentWaiting}).Updates(refuse).Error
	if err != nil {
		return err
	}
	cadres := make([]uint64, len(x.Decisions))
	for i, d := range x.Decisions {
		cadres[i] = d.CadreID
	}
	if err := ledger.Completions(tx, cadres...); err != nil {
		return err
	}
	fresh, err := settle(tx, x)
	if err != nil {
		return err
	}
	var completions []models.Completion
	for _, d := range fresh {
		completions = append(completions, models.Completion{CadreID: d.CadreID, CourseID: &c.ID, EnrolmentID: &d.EnrolmentID, EffectiveDay: c.LastDay,
			Components: models.ComponentsOf(x.Components...), AttendedMinutes: d.Attended, TotalMinutes: x.Rule.TotalMinutes})
	}
	if len(completions) == 0 {
		return nil
	}
	return tx.CreateInBatches(completions, batch).Error
}

// recordOutcomes writes minutes and reasons of many enrolments in one statement.
func recordOutcomes(tx *store.Tx, part []Decision) error {
	if len(part) == 0 {
		return nil
	}
	var minutes, reasons strings.Builder
	var m, r []any
	ids := make([]uint64, len(part))
	for i, d := range part {
		minutes.WriteString(" WHEN ? THEN ?")
		reasons.WriteString(" WHEN ? THEN ?")
		m, r, ids[i] = append(m, d.EnrolmentID, d.Attended), append(r, d.EnrolmentID, d.Reason), d.EnrolmentID
	}
	args := append(append(m, r...), ids)
	return tx.Exec("UPDATE enrolments SET attended_minutes = CASE id"+minutes.String()+" END, outcome_reason = CASE id"+reasons.String()+" END WHERE id IN ?", args...).Error
}

// Score is the score in points out of ten, nil where there is none.
func (d Decision) Score() *float64 {
	if d.ScoreTenths == nil {
		return nil
	}
	x := float64(*d.ScoreTenths) / 10
	return &x
}
