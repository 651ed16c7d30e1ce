package handlers

import (
	"taphuan/app/certificate"
	"taphuan/app/page"
	"taphuan/app/workbook"
)

type peopleFilter struct {
	Text  string `form:"q" binding:"max=200"`
	State string `form:"state" binding:"omitempty,oneof=has missing"`
	page.Ask
}

func (f peopleFilter) filter() certificate.PersonFilter {
	return certificate.PersonFilter{Text: f.Text, State: f.State}
}

type peopleData struct {
	*page.Page[certificate.Person]
	Form peopleFilter
}

// certificatePeople lists who of the actor's offices completed a course, and who of them is without a certificate.
func (s *Server) certificatePeople(c *Ctx) error {
	var f peopleFilter
	if err := c.BindForm(&f); err != nil {
		return err
	}
	l, err := s.certificate.People(c.Ctx(), c.Actor, f.filter(), f.Ask)
	if err != nil {
		return err
	}
	return c.Page("certificate/people", peopleData{l, f})
}

// certificatePeopleSheet gives the same as a workbook.
func (s *Server) certificatePeopleSheet(c *Ctx) error {
	var f peopleFilter
	if err := c.BindForm(&f); err != nil {
		return err
	}
	sheet := workbook.Sheet{Name: c.T("certificate.title"), Title: c.T("people.title"), Columns: []workbook.Column{{Head: c.T("certificate.holder")}, {Head: c.T("people.office"), Width: 40},
		{Head: c.T("certificate.course"), Width: 44}, {Head: c.T("people.day"), Kind: workbook.Day}, {Head: c.T("certificate.serial"), Kind: workbook.Code, Width: 22}}}
	return c.Sheet("nguoi-hoan-thanh", sheet, func(row workbook.Row) error {
		return s.certificate.EachPerson(c.Ctx(), c.Actor, f.filter(), f.Sort, func(list []certificate.Person) error {
			for _, p := range list {
				if err := row(p.Name, p.Organisation, p.Course, p.Day, p.Serial); err != nil {
					return err
				}
			}
			return nil
		})
	})
}
