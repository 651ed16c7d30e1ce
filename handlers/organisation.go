package handlers

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/i18n"
	"taphuan/app/page"
	"taphuan/app/plan"
	"taphuan/app/roster"
	"taphuan/app/workbook"
	"taphuan/models"
	"taphuan/models/viet"
	"taphuan/views"
)

// dayFilter reads a day of an address or a form; none is today, and what is no day is refused.
func (c *Ctx) dayFilter(name string) (models.Day, error) {
	var d models.Day
	if err := d.UnmarshalText([]byte(cmp.Or(c.Query(name), c.PostForm(name)))); err != nil || d == models.Forever {
		return 0, errs.OnField(name, "day")
	}
	return cmp.Or(d, c.Today()), nil
}

// pageNumber reads which page of a list an address asks for; none is 0.
func (c *Ctx) pageNumber() (int, error) {
	var f struct {
		Page int `form:"page" binding:"min=0,max=1000000"`
	}
	err := c.bindQuery(&f)
	return f.Page, err
}

// groups reads the plan's target groups.
func (s *Server) groups(c *Ctx) ([]models.TargetGroup, error) {
	p, err := plan.Current(c.Ctx(), s.DB.Read(c.Ctx()), c.Today())
	if err != nil {
		return nil, err
	}
	return p.Groups, nil
}

// groupNames gives the short names of target groups by their codes.
func (s *Server) groupNames(c *Ctx) (map[string]string, error) {
	gs, err := s.groups(c)
	out := make(map[string]string, len(gs))
	for _, g := range gs {
		out[g.Code] = g.Short(c.Lang)
	}
	return out, err
}

type organisationFilter struct {
	Text  string `form:"q" binding:"max=200"`
	Ended bool   `form:"ended"`
	Sort  string `form:"sort"` // "name" or "-name"; else as the tree stands
}

type organisationListData struct {
	Rows   []roster.OrganisationRow
	Filter organisationFilter
	Day    models.Day
	Today  models.Day
	Flat   bool // a search: rows stand without their tree
	May    bool // make organisations
}

// organisationList is the tree of organisations on a day.
func (s *Server) organisationList(c *Ctx) error {
	f, day, rows, err := s.organisationRows(c)
	if err != nil {
		return err
	}
	return c.Page("organisation/list", organisationListData{rows, f, day, c.Today(), strings.TrimSpace(f.Text) != "" || f.byName(), c.Actor.May(access.OrganisationWrite)})
}

// Total is how many rows there are.
func (d organisationListData) Total() page.Total { return page.Total{N: int64(len(d.Rows))} }

// byName says whether the list stands by name and not as a tree.
func (f organisationFilter) byName() bool { return strings.TrimPrefix(f.Sort, "-") == "name" }

func (s *Server) organisationRows(c *Ctx) (f organisationFilter, day models.Day, rows []roster.OrganisationRow, err error) {
	if err := c.BindForm(&f); err != nil {
		return f, 0, nil, err
	}
	if day, err = c.dayFilter("day"); err != nil {
		return f, 0, nil, err
	}
	rows, err = s.roster.Tree(c.Ctx(), c.Actor, roster.OrganisationFilter{Text: f.Text, Day: day, Ended: f.Ended})
	if f.byName() {
		slices.SortStableFunc(rows, func(a, b roster.OrganisationRow) int { return cmp.Compare(wordOrder(a.Name), wordOrder(b.Name)) })
		if f.Sort[0] == '-' {
			slices.Reverse(rows)
		}
	}
	return f, day, rows, err
}

// wordOrder is a key by which names of things stand in the order of the alphabet: that of a person's name, which begins with its last word.
func wordOrder(name string) string {
	first, rest, _ := strings.Cut(name, " ")
	return viet.SortKey(rest + " " + first)
}

// organisationSheet gives the list of organisations as a workbook.
func (s *Server) organisationSheet(c *Ctx) error {
	_, day, rows, err := s.organisationRows(c)
	if err != nil {
		return err
	}
	sheet := workbook.Sheet{Name: c.T("roster.organisations"), Title: c.T("roster.organisations_on", "day", i18n.Day(c.Lang, day)), Columns: []workbook.Column{{Head: c.T("roster.code"), Kind: workbook.Code}, {Head: c.T("roster.organisation"), Width: 50},
		{Head: c.T("roster.above"), Width: 40}, {Head: c.T("roster.kind"), Width: 24}, {Head: c.T("roster.level"), Width: 10}, {Head: c.T("roster.here"), Kind: workbook.Number}, {Head: c.T("roster.below"), Kind: workbook.Number},
		{Head: c.T("roster.from_day"), Kind: workbook.Day}, {Head: c.T("roster.to_day"), Kind: workbook.Day}}}
	return c.Sheet("co-quan-"+day.String(), sheet, func(row workbook.Row) error {
		for _, r := range rows {
			if err := row(r.Code, r.Name, r.Parent, c.T("roster.kind_of."+string(r.Kind)), c.T("roster.level_of."+string(r.Level)), r.Here, r.Below, r.FromDay, r.ToDay.AddDays(-1)); err != nil {
				return err
			}
		}
		return nil
	})
}

type headcountForm struct {
	Group     string `form:"group" binding:"required,max=40"`
	Effective string `form:"effective" binding:"max=40"`
	Declared  string `form:"declared" binding:"max=20"`
	Covered   string `form:"covered" binding:"max=20"`
}

type organisationData struct {
	*roster.OrganisationDetail
	Form        headcountForm
	Options     []views.Option // groups to declare
	GroupNames  map[string]string
	MayCoverage bool
	MayWrite    bool
	EndedHere   bool  // its end was entered here
	Undecided   int64 // people whose postings ended here or below, and of whom nobody has said where they went
	MayHire     bool
	Today       models.Day
	Reaches     map[uint64]bool // organisations above and beside that the actor may open
	Ended       bool
	Lasting     bool

	LatitudeText, LongitudeText string // of an area
}

func (s *Server) organisationData(c *Ctx) (*organisationData, error) {
	o, err := s.roster.Organisation(c.Ctx(), c.Actor, c.Param("code"))
	if err != nil {
		return nil, err
	}
	d := &organisationData{OrganisationDetail: o, Today: c.Today(), MayCoverage: c.Actor.May(access.CoverageRead), MayWrite: c.Actor.May(access.OrganisationWrite), Reaches: map[uint64]bool{}, Lasting: o.ToDay == models.Forever,
		Ended: o.ToDay <= c.Today(), LatitudeText: degrees(c, o.Latitude), LongitudeText: degrees(c, o.Longitude), Form: headcountForm{Effective: c.Today().String()}}
	d.MayHire = !o.Kind.IsTotal() && !o.CountsOnly && !d.Ended && c.Actor.ReachesPath(access.RosterWrite, o.Path)
	for _, list := range [][]models.Organisation{o.Above, o.Successors, o.Predecessors} {
		for _, x := range list {
			d.Reaches[x.ID] = c.Actor.ReachesPath(access.RosterRead, x.Path)
		}
	}
	if d.MayWrite && !d.Lasting {
		if d.EndedHere, err = s.roster.EndedHere(c.Ctx(), o.ID); err != nil {
			return nil, err
		}
		_, r, err := s.roster.Reorganisation(c.Ctx(), c.Actor, o.Code)
		if err != nil {
			return nil, err
		}
		d.Undecided = r.Undecided
	}
	gs, err := s.groups(c)
	if err != nil {
		return nil, err
	}
	d.GroupNames = make(map[string]string, len(gs))
	for _, g := range gs {
		d.GroupNames[g.Code] = g.Short(c.Lang)
		d.Options = append(d.Options, views.Option{Value: g.Code, Label: g.Name(c.Lang)})
	}
	return d, nil
}

// organisationShow shows an organisation: where it stands, its people, what it declares.
func (s *Server) organisationShow(c *Ctx) error {
	d, err := s.organisationData(c)
	if err != nil {
		return err
	}
	return c.Page("organisation/show", d)
}

// input reads the form: a figure, or the word or an empty figure with which a declaration is withdrawn.
func (f headcountForm) input(code string) (roster.HeadcountInput, error) {
	in := roster.HeadcountInput{Organisation: code, Group: f.Group}
	var bad errs.Fields
	if err := in.Effective.UnmarshalText([]byte(f.Effective)); err != nil {
		bad.Add("effective", "day")
	} else if in.Effective == 0 {
		bad.Add("effective", "required")
	}
	number := func(field, text string) *int {
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			bad.Add(field, "number")
			return nil
		}
		return &n
	}
	switch text := strings.ToLower(strings.TrimSpace(f.Declared)); text {
	case "":
		bad.Add("declared", "headcount_missing")
	case "rút", "withdraw":
	default:
		in.Declared = number("declared", text)
		if strings.TrimSpace(f.Covered) != "" {
			in.Covered = number("covered", f.Covered)
		}
	}
	return in, bad.Err()
}

// headcountDeclare records how many cadres of a group the organisation has itself, or withdraws it.
func (s *Server) headcountDeclare(c *Ctx) error {
	var f headcountForm
	err := c.BindForm(&f)
	if err == nil {
		var in roster.HeadcountInput
		if in, err = f.input(c.Param("code")); err == nil {
			err = s.roster.DeclareHeadcount(c.Ctx(), c.Actor, in)
		}
	}
	if err != nil {
		if errs.As(err).Kind == errs.KindNotFound {
			return err
		}
		d, again := s.organisationData(c)
		if again != nil {
			return again
		}
		d.Form = f
		return c.Invalid("organisation/show", d, err)
	}
	return c.Done("/organisations/"+c.Param("code"), "roster.headcount_saved")
}
