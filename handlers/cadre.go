package handlers

import (
	"cmp"
	"strconv"
	"strings"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/i18n"
	"taphuan/app/page"
	"taphuan/app/roster"
	"taphuan/app/workbook"
	"taphuan/models"
	"taphuan/views"
)

type cadreFilter struct {
	Text  string `form:"q" binding:"max=200"`
	Org   string `form:"org" binding:"max=40"`
	Group string `form:"group" binding:"max=40"`
	State string `form:"state" binding:"omitempty,oneof=unplaced"`
	page.Ask
}

func (f cadreFilter) filter(day models.Day) roster.CadreFilter {
	return roster.CadreFilter{Text: f.Text, Organisation: f.Org, Group: f.Group, Day: day, Unplaced: f.State == "unplaced"}
}

type cadreListData struct {
	*page.Page[roster.CadreRow]
	Filter     cadreFilter
	Day        models.Day
	Today      models.Day
	Orgs       []views.Option
	Groups     []views.Option
	GroupNames map[string]string
	MayImport  bool
	Filtered   bool
}

// cadreList lists who is on the roster on a day.
func (s *Server) cadreList(c *Ctx) error {
	var f cadreFilter
	if err := c.BindForm(&f); err != nil {
		return err
	}
	d := cadreListData{Filter: f, Day: c.dayFilter("day"), Today: c.Today(), GroupNames: map[string]string{}, MayImport: c.Actor.May(access.RosterImport)}
	d.Filtered = f.Text != "" || f.Org != "" || f.Group != "" || f.State != "" || d.Day != d.Today
	var err error
	if d.Page, err = s.roster.Cadres(c.Ctx(), c.Actor, f.filter(d.Day), f.Ask); err != nil {
		return err
	}
	orgs, err := s.roster.Organisations(c.Ctx(), c.Actor, access.RosterRead, d.Day)
	if err != nil {
		return err
	}
	least := 0
	for i, o := range orgs {
		if i == 0 || o.Depth < least {
			least = o.Depth
		}
	}
	for _, o := range orgs {
		d.Orgs = append(d.Orgs, views.Option{Value: o.Code, Label: o.Name, Depth: o.Depth - least})
	}
	groups, err := s.groups(c)
	if err != nil {
		return err
	}
	for _, g := range groups {
		d.GroupNames[g.Code] = g.Short(c.Lang)
		d.Groups = append(d.Groups, views.Option{Value: g.Code, Label: g.Short(c.Lang)})
	}
	return c.Page("cadre/list", d)
}

// cadreSheet gives the list of cadres as a workbook: everybody whom the filter finds, or the ticked ones.
func (s *Server) cadreSheet(c *Ctx) error {
	var f struct {
		cadreFilter
		selection
	}
	if err := c.BindForm(&f); err != nil {
		return err
	}
	day := c.dayFilter("day")
	filter := f.filter(day)
	if !f.All && len(f.IDs) > 0 {
		var err error
		if filter.IDs, err = f.ids(); err != nil {
			return err
		}
	}
	names, err := s.groupNames(c)
	if err != nil {
		return err
	}
	sheet := workbook.Sheet{Name: c.T("roster.cadres"), Title: c.T("roster.cadres_on", "day", i18n.Day(c.Lang, day)), Columns: []workbook.Column{
		{Head: c.T("roster.name")}, {Head: c.T("roster.born"), Kind: workbook.Code, Width: 10}, {Head: c.T("roster.sex"), Width: 9}, {Head: c.T("roster.title")},
		{Head: c.T("roster.organisation"), Width: 44}, {Head: c.T("roster.code"), Kind: workbook.Code}, {Head: c.T("roster.groups")}, {Head: c.T("roster.phone"), Kind: workbook.Code}}}
	return c.Sheet("can-bo-"+day.String(), sheet, func(row workbook.Row) error {
		return s.roster.EachCadre(c.Ctx(), c.Actor, filter, f.Sort, func(rows []roster.CadreRow) error {
			for _, r := range rows {
				var born *int
				if r.BirthYear != 0 {
					born = &r.BirthYear
				}
				sex := ""
				if r.Sex != models.SexUnknown {
					sex = c.T("roster.sex_of." + string(r.Sex))
				}
				groups := make([]string, len(r.Groups))
				for i, g := range r.Groups {
					groups[i] = cmp.Or(names[g], g)
				}
				if err := row(r.FullName, born, sex, r.Title, r.Organisation, r.OrgCode, strings.Join(groups, ", "), r.Phone); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

type cadreData struct {
	*roster.CadreDetail
	Timeline     []views.Event
	Now          *roster.PostingRow // main posting today
	GroupNames   map[string]string
	Certificates []certificate.Row
	MayAccount   bool
	MayCourse    bool
	MayOrg       bool // the present organisation may be opened
	MayEdit      bool

	MayLook bool              // at the national id in full
	Look    lookForm          // why somebody looks
	Looks   []roster.Look     // who looked
	Numbers *roster.IDNumbers // in full, on the answer to a look alone
}

// cadreShow shows a cadre: who it is, postings, what was completed and certified.
func (s *Server) cadreShow(c *Ctx) error {
	d, err := s.cadreData(c)
	if err != nil {
		return err
	}
	return c.Page("cadre/show", d)
}

func (s *Server) cadreData(c *Ctx) (d cadreData, err error) {
	id, err := c.ID("id")
	if err != nil {
		return d, err
	}
	d = cadreData{MayAccount: c.Actor.May(access.AccountRead), MayCourse: c.Actor.May(access.CourseRead), MayEdit: c.Actor.May(access.RosterWrite),
		MayLook: c.Actor.May(access.NationalIDRead)}
	if d.CadreDetail, err = s.roster.Cadre(c.Ctx(), c.Actor, access.RosterRead, id); err != nil {
		return d, err
	}
	if d.GroupNames, err = s.groupNames(c); err != nil {
		return d, err
	}
	if c.Actor.May(access.CertificateRead) {
		l, err := s.certificate.List(c.Ctx(), c.Actor, access.CertificateRead, certificate.Filter{CadreID: id})
		if err != nil {
			return d, err
		}
		d.Certificates = l.Rows
	}
	if d.MayLook {
		if d.Looks, err = s.roster.Looks(c.Ctx(), id); err != nil {
			return d, err
		}
	}
	today := c.Today()
	for i, p := range d.Postings {
		if p.Main && p.CountsOn(today) {
			d.Now = &d.Postings[i]
			d.MayOrg = c.Actor.ReachesPath(access.RosterRead, p.OrgPath)
		}
		d.Timeline = append(d.Timeline, postingEvent(c, p, d.GroupNames))
	}
	return d, nil
}

func postingEvent(c *Ctx, p roster.PostingRow, groups map[string]string) views.Event {
	today := c.Today()
	e := views.Event{When: c.T("roster.since", "day", i18n.Day(c.Lang, p.FromDay)), Title: p.Organisation, Body: p.Title}
	if p.ToDay != models.Forever {
		e.When = c.T("roster.from_to", "from", i18n.Day(c.Lang, p.FromDay), "to", i18n.Day(c.Lang, p.ToDay.AddDays(-1)))
	}
	var notes []string
	for _, g := range p.Groups {
		if name := groups[g]; name != "" {
			g = name
		}
		notes = append(notes, g)
	}
	if !p.Main {
		notes = append(notes, c.T("roster.concurrent"))
	}
	if p.Line != "" {
		notes = append(notes, c.T("roster.line", "name", p.Line))
	}
	if p.ToDay <= today && p.ToDay == p.OrgTo {
		notes = append(notes, c.T("roster.ended_with_organisation"))
	}
	for i, n := range notes {
		if i > 0 {
			e.Who += " · "
		}
		e.Who += n
	}
	if p.CountsOn(today) {
		e.Kind = "good"
	}
	if c.Actor.ReachesPath(access.RosterRead, p.OrgPath) {
		e.Href = "/organisations/" + p.OrgCode
	}
	return e
}

// BornText is the birth day, or the year where only that is known.
func (d cadreData) BornText(lang string) string { return bornText(lang, d.Cadre) }

func bornText(lang string, c models.Cadre) string {
	if c.BirthDay != 0 {
		return i18n.Day(lang, c.BirthDay)
	}
	if c.BirthYear != 0 {
		return strconv.Itoa(c.BirthYear)
	}
	return ""
}
