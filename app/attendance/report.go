package attendance

import (
	"context"
	"errors"

	"taphuan/app/access"
	"taphuan/models"
)

// ReportRow is one person of a report.
type ReportRow struct {
	Row
	Marks    []models.MarkValue // one for each session of the report, MarkNone where there is none
	Minutes  int                // attended
	Tenths   int                // of a percent of the course's minutes, rounded down
	RuleMet  bool               // attended minutes reach the course's rule
	Score    *int               // tenths of a point; nil: none yet
	ScoreMet bool               // the score reaches the course's least score, or there is none to reach
}

// Percent is the share of the course's minutes that were attended, with one decimal, rounded down; nil when the course has none.
func (r *Report) Percent(row ReportRow) *float64 {
	if r.Minutes == 0 {
		return nil
	}
	p := float64(row.Tenths) / 10
	return &p
}

// Report is who attended what of a course, by today's marks.
type Report struct {
	Course   models.Course
	Sessions []models.Session // not cancelled, in the order of time
	Attended []int            // for each session, how many were present or late
	Minutes  int              // of all these sessions
	Rows     []ReportRow      // by given name, in the Vietnamese order
	Met      int              // how many reach the rule
}

// Report reads the attendance of a course: persons by sessions with minutes and percent against the rule. Four queries, however
// long it is. Out of scope is not found.
func (s *Service) Report(ctx context.Context, actor access.Actor, courseID uint64) (report *Report, err error) {
	c, err := s.readCourse(ctx, actor, byID(courseID))
	if err != nil {
		return nil, err
	}
	out := &Report{Course: c}
	all, err := s.sessions(ctx, courseID)
	if err != nil {
		return nil, err
	}
	column := map[uint64]int{}
	for _, x := range all {
		if !x.Cancelled {
			column[x.ID] = len(out.Sessions)
			out.Sessions = append(out.Sessions, x)
			out.Minutes += x.Minutes()
		}
	}
	out.Attended = make([]int, len(out.Sessions))
	people, err := s.people(ctx, courseID)
	if err != nil {
		return nil, err
	}
	at := make(map[uint64]int, len(people))
	cells := make([]models.MarkValue, len(people)*len(out.Sessions))
	for i, p := range people {
		n := len(out.Sessions)
		out.Rows = append(out.Rows, ReportRow{Row: p.Row, Score: p.Score, Marks: cells[i*n : (i+1)*n : (i+1)*n]})
		at[p.EnrolmentID] = i
	}
	rows, err := s.DB.Read(ctx).Table("marks m").Joins("JOIN enrolments e ON e.id = m.enrolment_id").
		Where("e.course_id = ? AND e.state = ?", courseID, models.EnrolmentEnrolled).Select("m.session_id, m.enrolment_id, m.mark").Rows()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var session, enrolment uint64
		var mark models.MarkValue
		if err := rows.Scan(&session, &enrolment, &mark); err != nil {
			return nil, err
		}
		j, held := column[session]
		i, there := at[enrolment]
		if !held || !there {
			continue
		}
		out.Rows[i].Marks[j] = mark
		if mark.Attended() {
			out.Attended[j]++
			out.Rows[i].Minutes += out.Sessions[j].Minutes()
		}
	}
	for i := range out.Rows {
		r := &out.Rows[i]
		if out.Minutes > 0 {
			r.Tenths = r.Minutes * 1000 / out.Minutes
			r.RuleMet = r.Minutes*100 >= c.RulePercent*out.Minutes
		}
		r.ScoreMet = c.MinScoreTenths == nil || r.Score != nil && *r.Score >= *c.MinScoreTenths
		if r.RuleMet {
			out.Met++
		}
	}
	return out, rows.Err()
}

// person is one enrolled in a course, with the score.
type person struct {
	Row
	Score *int
}

// people reads who is enrolled in a course, by given name, in one query.
func (s *Service) people(ctx context.Context, courseID uint64) (list []person, err error) {
	rows, err := s.DB.Read(ctx).Table("enrolments e").
		Joins("JOIN cadres c ON c.id = e.cadre_id").
		Joins("LEFT JOIN organisations o ON o.id = e.organisation_id").
		Where("e.course_id = ? AND e.state = ?", courseID, models.EnrolmentEnrolled).
		Select("e.id, e.cadre_id, c.full_name, c.search, c.birth_year, COALESCE(NULLIF(o.short_name, ''), o.name, ''), e.score_tenths").
		Order("c.sort_key, e.id").Rows()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var p person
		if err := rows.Scan(&p.EnrolmentID, &p.CadreID, &p.Name, &p.search, &p.BirthYear, &p.Office, &p.Score); err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	homonyms(len(list), func(i int) *Row { return &list[i].Row })
	return list, rows.Err()
}
