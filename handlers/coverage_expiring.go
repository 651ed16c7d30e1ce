package handlers

import (
	"slices"
	"strconv"
	"time"

	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/i18n"
	"taphuan/app/workbook"
	"taphuan/models"
	"taphuan/views"
)

type expiringFilter struct {
	Org   string     `form:"org" binding:"max=40"`
	On    models.Day `form:"on"`
	Group string     `form:"group" binding:"max=40"`
	Month string     `form:"month" binding:"max=20"` // 2027-03; "" is any of the months
	Page  int        `form:"page" binding:"min=0,max=1000000"`
}

// query refuses a month that is none at its field.
func (f expiringFilter) query(size int) (coverage.ExpiringQuery, error) {
	q := coverage.ExpiringQuery{Query: coverage.Query{Org: f.Org, Day: f.On}, Group: f.Group, Page: f.Page, Size: size}
	if f.Month != "" {
		at, err := time.Parse("2006-01", f.Month)
		if err != nil || at.Year() < 1 {
			return q, errs.OnField("month", "month")
		}
		q.Month = models.NewDay(at.Year(), at.Month(), 1)
	}
	return q, nil
}

// expiringData is the page of who stops being covered in the time to come. Expiring is nil where the question was refused.
type expiringData struct {
	*coverage.Expiring
	Filter   expiringFilter
	Rows     []expiringMonth
	Groups   []coverageGroup
	Words    []views.Option // groups
	Monthly  []views.Option
	Names    map[models.Component]string
	Brings   []string // course types that bring back what expires, in words
	Offers   []coverage.Offer
	PageSize int
}

// expiringMonth is a month with the ways to the names.
type expiringMonth struct {
	Name  string
	Cells []expiringCell
}

type expiringCell struct {
	N    int
	Href string
}

// MonthName is the month that is asked for, in words.
func (d expiringData) MonthName() string {
	for _, m := range d.Monthly {
		if m.Value == d.Filter.Month {
			return m.Label
		}
	}
	return d.Filter.Month
}

// What says what expires of a person, in words.
func (d expiringData) What(p coverage.ExpiringPerson) string {
	return joinComponents(p.Components, d.Names)
}

// coverageExpiring shows how many of each group stop being covered month by month since something expires, who they are in a month, and what
// brings them back.
func (s *Server) coverageExpiring(c *Ctx) error {
	d := expiringData{PageSize: namesPage}
	err := c.BindForm(&d.Filter)
	var q coverage.ExpiringQuery
	if err == nil {
		q, err = d.Filter.query(namesPage)
	}
	if err == nil {
		d.Expiring, err = s.coverage.Expiring(c.Ctx(), c.Actor, q)
	}
	if err != nil {
		d.Expiring = nil
		return c.Invalid("coverage/expiring", d, err)
	}
	d.fill(c)
	if d.Plan.Expires() {
		all, err := s.coverage.Offers(c.Ctx(), c.Actor, d.Plan)
		if err != nil {
			return err
		}
		var group uint64
		if d.Group != nil {
			group = d.Group.ID
		}
		offers := coverage.OffersFor(all, group, expiringComponents(d.Report))
		d.Offers = offers[:min(len(offers), missingOffers)]
	}
	return c.Page("coverage/expiring", d)
}

// expiringComponents are the components that expire.
func expiringComponents(r *coverage.Report) (out []models.Component) {
	for _, x := range r.Plan.Components {
		if x.ExpiresMonths != nil {
			out = append(out, x.Component)
		}
	}
	return out
}

func (d *expiringData) fill(c *Ctx) {
	d.Filter.Org, d.Filter.On = d.Top().Code, d.Day
	d.Names = componentNames(c, d.Report)
	d.Groups = coverageGroups(c.Lang, d.Report, d.Top())
	for _, g := range d.Groups {
		d.Words = append(d.Words, views.Option{Value: g.Code, Label: g.Short})
	}
	for _, m := range d.Months {
		month := m.First.String()[:7]
		row := expiringMonth{Name: i18n.Month(c.Lang, m.First)}
		for i, n := range m.N {
			row.Cells = append(row.Cells, expiringCell{n, coverageHref("/coverage/expiring", "org", d.Top().Code, "on", d.Day.String(), "group", d.Groups[i].Code, "month", month) + "#names"})
		}
		d.Rows = append(d.Rows, row)
		d.Monthly = append(d.Monthly, views.Option{Value: month, Label: row.Name})
	}
	expire := expiringComponents(d.Report)
	for _, t := range d.Plan.CourseTypes {
		if slices.ContainsFunc(d.Plan.TypeComponents[t.ID], func(x models.Component) bool { return slices.Contains(expire, x) }) {
			d.Brings = append(d.Brings, t.Name(c.Lang))
		}
	}
}

// expiringSheet gives everybody whom the question leaves as a table for Excel.
func (s *Server) expiringSheet(c *Ctx) error {
	var f expiringFilter
	if err := c.BindForm(&f); err != nil {
		return err
	}
	q, err := f.query(0)
	if err != nil {
		return err
	}
	e, err := s.coverage.Expiring(c.Ctx(), c.Actor, q)
	if err != nil {
		return err
	}
	if e.TooMany {
		return errs.Invalid("expiring_too_many")
	}
	names := componentNames(c, e.Report)
	sheet := workbook.Sheet{Name: c.T("expiring.title"), Title: sheetTitle(c, c.T("expiring.title"), e.Report), Columns: []workbook.Column{{Head: c.T("coverage.name")}, {Head: c.T("coverage.birth_year"), Kind: workbook.Code, Width: 10}, {Head: c.T("coverage.title_held")},
		{Head: c.T("coverage.organisation"), Width: 44}, {Head: c.T("expiring.groups"), Width: 30}, {Head: c.T("coverage.until_head"), Kind: workbook.Day}, {Head: c.T("expiring.what"), Width: 36}}}
	return c.Sheet("sap-het-han-"+e.Top().Code+"-"+e.Day.String(), sheet, func(row workbook.Row) error {
		for _, p := range e.People {
			groups := ""
			for _, g := range p.Groups {
				if groups != "" {
					groups += "; "
				}
				groups += e.Plan.Groups[g].Short(c.Lang)
			}
			year := ""
			if p.BirthYear != 0 {
				year = strconv.Itoa(p.BirthYear)
			}
			if err := row(p.Name, year, p.Title, p.OrganisationName, groups, p.Lapse.Day.AddDays(-1), joinComponents(p.Components, names)); err != nil {
				return err
			}
		}
		return nil
	})
}
