package handlers

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/ledger"
	"taphuan/app/page"
	"taphuan/app/roster"
	"taphuan/models"
	"taphuan/views"
)

type gapFilter struct {
	Org   string     `form:"org" binding:"max=40"`
	On    models.Day `form:"on"`
	Group string     `form:"group" binding:"max=40"`
	Kind  string     `form:"kind" binding:"omitempty,oneof=short silent"`
	Sort  string     `form:"sort" binding:"omitempty,oneof=tree -tree group -group listed -listed declared -declared more -more"`
	Page  int        `form:"page" binding:"min=0,max=1000000"`
}

// gapPage is how many organisations and groups a page names.
const gapPage = 50

// gapData is the page of gaps. GapPage is nil where the question was refused.
type gapData struct {
	*coverage.GapPage
	Filter     gapFilter
	Groups     []views.Option
	Size       int
	MayDeclare bool
}

// Found is how many rows there are in all.
func (d gapData) Found() page.Total { return page.Total{N: int64(d.Total)} }

// query asks for the page that the filter names.
func (f gapFilter) query() coverage.GapQuery {
	by, down := strings.CutPrefix(f.Sort, "-")
	return coverage.GapQuery{Query: coverage.Query{Org: f.Org, Day: f.On}, Group: f.Group, Kind: ledger.GapKind(f.Kind), By: ledger.GapOrder(by), Down: down, Page: f.Page, Size: gapPage}
}

// coverageGaps names the organisations that list fewer than they declare, and those that are silent.
func (s *Server) coverageGaps(c *Ctx) error {
	d := gapData{Size: gapPage, MayDeclare: c.Actor.May(access.RosterWrite)}
	if err := c.BindForm(&d.Filter); err != nil {
		return c.Invalid("coverage/gaps", d, err)
	}
	var err error
	if d.GapPage, err = s.coverage.Gaps(c.Ctx(), c.Actor, d.Filter.query()); err != nil {
		return c.Invalid("coverage/gaps", d, err)
	}
	d.Filter.Org, d.Filter.On = d.Top().Code, d.Day
	for _, g := range d.Plan.Groups {
		d.Groups = append(d.Groups, views.Option{Value: g.Code, Label: g.Short(c.Lang)})
	}
	return c.Page("coverage/gaps", d)
}

type headcountFormsData struct {
	*roster.HeadcountForms
	Day        models.Day
	Page, Size int
	Typed      map[string]string // by the input's name
}

// Value is what was typed for a group of an organisation.
func (d headcountFormsData) Value(name string) string { return d.Typed[name] }

// Pages says whether there are more organisations than one form asks.
func (d headcountFormsData) Pages() bool { return d.Total > int64(d.Size) }

// headcountForms asks for the headcounts of all groups of an organisation and of those below it, in one place.
func (s *Server) headcountForms(c *Ctx) error {
	day, err := c.dayFilter("on")
	if err != nil {
		return err
	}
	d, err := s.headcountData(c, c.Query("org"), day)
	if err != nil {
		return err
	}
	return c.Page("organisation/headcounts", d)
}

func (s *Server) headcountData(c *Ctx, org string, day models.Day) (d headcountFormsData, err error) {
	page, err := c.pageNumber()
	if err != nil {
		return d, err
	}
	d = headcountFormsData{Day: day, Page: page, Size: roster.MaxHeadcountOffices, Typed: map[string]string{}}
	d.HeadcountForms, err = s.roster.HeadcountForms(c.Ctx(), c.Actor, org, day, page)
	return d, err
}

// maxTyped is how long the code of an organisation or a group in the name of an input may be.
const maxTyped = 40

// coveredInput ends the name of the input of how many are covered.
const coveredInput = ".covered"

// headcountSave declares what was typed; an empty input declares nothing, and the word withdraws.
func (s *Server) headcountSave(c *Ctx) error {
	var day models.Day
	text := c.PostForm("effective")
	bad := day.UnmarshalText([]byte(text))
	if bad != nil || day == 0 {
		day = c.Today()
		bad = errs.OnField("effective", "day")
	}
	d, err := s.headcountData(c, c.PostForm("org"), day)
	if err != nil {
		return err
	}
	var all []roster.HeadcountInput
	var wrong errs.Fields
	read := func(org, group string) {
		in := roster.HeadcountInput{Organisation: org, Group: group}
		f := headcountForm{Group: group, Effective: day.String(), Declared: c.PostForm(in.Field()), Covered: c.PostForm(in.Field() + coveredInput)}
		d.Typed[in.Field()], d.Typed[in.Field()+coveredInput] = f.Declared, f.Covered
		if strings.TrimSpace(f.Declared+f.Covered) == "" {
			return
		}
		typed, err := f.input(org)
		if err == nil {
			all = append(all, typed)
			return
		}
		for _, x := range errs.As(err).Fields {
			wrong.Add(in.Field(), x.Code, x.Params)
		}
	}
	for _, o := range d.Rows {
		for _, cell := range o.Cells {
			read(o.Code, cell.Group.Code)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.Request.PostForm)) { // what the form asked when it was opened, and does not now, is refused and not passed over
		org, group, cell := strings.Cut(strings.TrimSuffix(name, coveredInput), ".")
		if _, asked := d.Typed[name]; cell && !asked && max(len(org), len(group)) <= maxTyped {
			read(org, group)
		}
	}
	if bad == nil {
		bad = wrong.Err()
	}
	if bad == nil {
		bad = s.roster.DeclareHeadcounts(c.Ctx(), c.Actor, all)
	}
	if bad != nil {
		return c.Invalid("organisation/headcounts", d, bad)
	}
	page := ""
	if d.Page > 1 {
		page = strconv.Itoa(d.Page)
	}
	return c.Done(coverageHref("/headcounts", "org", d.Top.Code, "on", day.String(), "page", page), "roster.headcounts_saved", "n", len(all))
}
