package handlers

import (
	"taphuan/app/workbook"
	"taphuan/models"
)

// enrolmentSheet gives the people of one state as a file, as far as the filter leaves them.
func (s *Server) enrolmentSheet(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	var f enrolmentAction
	if err := c.BindForm(&f); err != nil {
		return err
	}
	filter := f.filter()
	filter.Everybody = true
	if filter.IDs, err = f.chosen(); err != nil {
		return err
	}
	l, err := s.enrolment.List(c.Ctx(), c.Actor, id, filter)
	if err != nil {
		return err
	}
	sheet := workbook.Sheet{Name: l.Course.Code, Title: l.Course.Title, Columns: []workbook.Column{{Head: c.T("enrolment.name")}, {Head: c.T("enrolment.birth_year"), Kind: workbook.Code, Width: 10}, {Head: c.T("enrolment.title_held")},
		{Head: c.T("enrolment.organisation"), Width: 44}, {Head: c.T("enrolment.state.head"), Width: 16}, {Head: c.T("enrolment.position"), Kind: workbook.Number}, {Head: c.T("enrolment.result_head"), Width: 16}, {Head: c.T("enrolment.reason")}}}
	return c.Sheet("nguoi-tham-du-"+l.Course.Code, sheet, func(row workbook.Row) error {
		for _, r := range l.Rows {
			var born, position *int
			outcome, reason := "", r.Reason
			if r.BirthYear != 0 {
				born = &r.BirthYear
			}
			if r.Position != 0 {
				position = &r.Position
			}
			if r.Outcome != models.OutcomeNone {
				outcome = c.T("enrolment.outcome." + string(r.Outcome))
			}
			if reason == "" && r.OutcomeReason != "" {
				reason = c.T("course.reason." + r.OutcomeReason)
			}
			if err := row(r.Name, born, r.Title, r.Organisation, c.T("enrolment.tab."+string(r.State)), position, outcome, reason); err != nil {
				return err
			}
		}
		return nil
	})
}

// nominationSheet gives the nominations that the filter finds as a workbook.
func (s *Server) nominationSheet(c *Ctx) error {
	var f struct {
		nominationFilter
		selection
	}
	if err := c.BindForm(&f); err != nil {
		return err
	}
	filter := f.filter()
	filter.Everybody = true
	var err error
	if filter.IDs, err = f.chosen(); err != nil {
		return err
	}
	l, err := s.enrolment.Nominations(c.Ctx(), c.Actor, filter)
	if err != nil {
		return err
	}
	sheet := workbook.Sheet{Name: c.T("nav.nominations"), Title: c.T("nav.nominations"), Columns: []workbook.Column{{Head: c.T("enrolment.name")}, {Head: c.T("enrolment.birth_year"), Kind: workbook.Code, Width: 10}, {Head: c.T("enrolment.title_held")},
		{Head: c.T("enrolment.organisation"), Width: 44}, {Head: c.T("enrolment.course"), Width: 50}, {Head: c.T("course.from_day"), Kind: workbook.Day}, {Head: c.T("enrolment.nominated_by")}, {Head: c.T("enrolment.state.head"), Width: 18}, {Head: c.T("enrolment.reason")}}}
	return c.Sheet("cu-tham-du", sheet, func(row workbook.Row) error {
		for _, r := range l.Rows {
			var born *int
			if r.BirthYear != 0 {
				born = &r.BirthYear
			}
			if err := row(r.Name, born, r.Title, r.Organisation, r.Course, r.FirstDay, r.NominatedBy, c.T("enrolment.tab."+string(r.State)), r.Reason); err != nil {
				return err
			}
		}
		return nil
	})
}
