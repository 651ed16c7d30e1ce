package handlers

import (
	"cmp"
	"html/template"
	"slices"
	"strings"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/i18n"
	"taphuan/app/workbook"
	"taphuan/models"
	"taphuan/views/plot"
)

type coverageFilter struct {
	Org   string     `form:"org" binding:"max=40"`
	On    models.Day `form:"on"`
	Below string     `form:"below" binding:"omitempty,oneof=all"` // all levels in place of the next one
	Gaps  string     `form:"gaps" binding:"omitempty,oneof=on"`   // only organisations where somebody is missing or nothing was said
	Sort  string     `form:"sort" binding:"max=49"`               // a group's code, by those missing, or CODE.percent, CODE.change; "-" before it: from the most
}

// coverageData is the page of an organisation's coverage on a day. Report is nil where the day was refused.
type coverageData struct {
	*coverage.Report
	Filter     coverageFilter
	Homes      []models.Organisation // of a head of several
	Groups     []coverageGroup
	Line       *coverage.Line  // people of its professional line, nil where there are none
	Lines      []coverageGroup // their figures
	Matrix     []coverageRow
	Totals     []coverageCell    // of the organisation itself
	Before     *coverage.Earlier // a year before; nil where there are no figures
	Ways       []coverageWay
	Whole      bool // the page is about the whole plan
	MayPropose bool // where and when to hold classes for those missing
}

// coverageGroup is a target group with the figure of the organisation that the page is about.
type coverageGroup struct {
	coverage.Figure
	models.TargetGroup
	Name, Short string
	Href        string          // of what the figure is the sum of
	Change      string          // since a year before, in words; "" where nothing can be compared
	Way         *groupWay       // what is being done about those missing; nil where it is not said
	Missed      *coverage.Parts // what those missing are the sum of; nil where it is not known
}

// Part leads to the names of one part.
func (g coverageGroup) Part(part coverage.Part) string { return g.Href + "&part=" + string(part) }

// More is how many more must be covered to meet a target below everybody; 0 where the target is everybody or met.
func (g coverageGroup) More() int {
	if g.TargetPercent >= 100 {
		return 0
	}
	return g.ToTarget(g.TargetPercent)
}

// coverageRow is an organisation in the matrix.
type coverageRow struct {
	Name   string
	Indent int
	Href   string // one level down
	Cells  []coverageCell
}

// coverageCell is a figure in the matrix, in words: there are hundreds on a page, and a template is slow at everything but fields.
type coverageCell struct {
	Class, Href string
	Percent     string // "" where nobody is counted
	Met         bool
	Of          string // how many of how many, and the change in points since a year before
	Silent      string // that organisations say nothing; "" where none does
}

// severalHomes are the organisations of a head of several, among which a page lets choose.
func (s *Server) severalHomes(c *Ctx) ([]models.Organisation, error) {
	if len(c.Actor.HomeOrganisations()) < 2 {
		return nil, nil
	}
	return s.coverage.Homes(c.Ctx(), c.Actor)
}

// coverageShow is an organisation's coverage on a day: each target group, the organisations below, and the way there over time.
func (s *Server) coverageShow(c *Ctx) error {
	d := coverageData{}
	if err := c.BindForm(&d.Filter); err != nil {
		return c.Invalid("coverage/show", d, err)
	}
	var err error
	if d.Homes, err = s.severalHomes(c); err != nil {
		return err
	}
	over, err := s.coverage.Series(c.Ctx(), c.Actor, coverage.SeriesQuery{Org: d.Filter.Org, To: d.Filter.On, All: d.Filter.Below == "all", Line: true, Year: true, Ways: true})
	if err != nil {
		return c.Invalid("coverage/show", d, err)
	}
	read := s.offers(c, over.Report.Plan)
	x, err := s.coming(c, over.Report, read)
	if err != nil {
		return err
	}
	d.fill(c, over, x)
	if err := officeWays(c, &d, over.Ways, read); err != nil {
		return err
	}
	missing, err := s.coverage.MissingParts(c.Ctx(), d.Report)
	if err != nil {
		return err
	}
	for i := range missing {
		d.Groups[i].Missed = &missing[i]
	}
	d.MayPropose = c.Actor.May(access.CourseWrite) && d.Day == c.Today()
	if line := over.Line; line != nil && line.People > 0 {
		d.Line = line
		for _, g := range lineGroups(c.Lang, d.Report, line) {
			if g.Denominator > 0 {
				d.Lines = append(d.Lines, g)
			}
		}
	}
	return c.Page("coverage/show", d)
}

func (d *coverageData) fill(c *Ctx, over *coverage.Series, x comingCourses) {
	d.Report, d.Before = over.Report, over.Before
	d.Filter.On = d.Day
	d.Whole = d.Top().ID == d.Plan.RootID
	d.Groups = coverageGroups(c.Lang, d.Report, d.Top())
	for i := range d.Groups {
		if x := d.Before.Change(d.Top(), i); x != nil {
			day := i18n.Day(c.Lang, d.Before.Day)
			d.Groups[i].Change = c.T("coverage.change", "points", i18n.Points(c.Lang, *x), "day", day)
			if *x == 0 {
				d.Groups[i].Change = c.T("coverage.same", "day", day)
			}
		}
	}
	d.Matrix = coverageMatrix(c, d.Report, d.Filter, d.Before)
	d.Totals = coverageCells(c, d.Report, d.Top(), d.Before)
	d.Ways = ways(c, over, d.Groups, x)
}

func coverageGroups(lang string, r *coverage.Report, n coverage.Node) []coverageGroup {
	out := make([]coverageGroup, len(r.Plan.Groups))
	for i, g := range r.Plan.Groups {
		out[i] = coverageGroup{Figure: n.Figures[i], TargetGroup: g, Name: g.Name(lang), Short: g.Short(lang),
			Href: coverageHref("/coverage/people", "org", n.Code, "group", g.Code, "on", r.Day.String())}
	}
	return out
}

// lineGroups gives the groups with the figures of the professional line of the organisation that the report is about.
func lineGroups(lang string, r *coverage.Report, line *coverage.Line) []coverageGroup {
	n := r.Top()
	n.Figures = line.Figures
	out := coverageGroups(lang, r, n)
	for i := range out {
		out[i].Href += "&line=true"
	}
	return out
}

// coverageHref is an address with pairs of a query; empty values are left out.
func coverageHref(path string, pairs ...string) string {
	q := "?"
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			continue
		}
		path += q + pairs[i] + "=" + template.URLQueryEscaper(pairs[i+1])
		q = "&"
	}
	return path
}

// coverageMatrix gives the organisations below as the filter wants them.
func coverageMatrix(c *Ctx, r *coverage.Report, f coverageFilter, before *coverage.Earlier) []coverageRow {
	nodes := r.Children()
	if f.Below == "all" {
		nodes = r.Nodes[1:]
	}
	if f.Gaps != "" {
		nodes = slices.DeleteFunc(slices.Clone(nodes), func(n coverage.Node) bool {
			return !slices.ContainsFunc(n.Figures, func(x coverage.Figure) bool { return x.Missing() > 0 || x.Unreported > 0 })
		})
	}
	nodes, sorted := sortNodes(r, nodes, f.Sort, before)
	day := r.Day.String()
	rows := make([]coverageRow, len(nodes))
	for i, n := range nodes {
		rows[i] = coverageRow{Name: n.Name, Href: coverageHref("/coverage", "org", n.Code, "on", day), Cells: coverageCells(c, r, n, before)}
		if !sorted {
			rows[i].Indent = min(n.Depth-r.Top().Depth-1, 3)
		}
	}
	return rows
}

// sortNodes puts organisations in the order asked for, if it is one: then they stand no longer below each other. Those of which nothing is known
// come last, whichever way.
func sortNodes(r *coverage.Report, nodes []coverage.Node, sort string, before *coverage.Earlier) ([]coverage.Node, bool) {
	key, down := strings.CutPrefix(sort, "-")
	code, measure, _ := strings.Cut(key, ".")
	g := slices.IndexFunc(r.Plan.Groups, func(g models.TargetGroup) bool { return g.Code == code })
	var of func(n coverage.Node) *int
	switch measure {
	case "":
		of = func(n coverage.Node) *int {
			f := n.Figures[g]
			x := f.Missing()<<16 + min(f.Unreported, 1<<16-1) // of those with as many missing, where most say nothing
			return &x
		}
	case "percent":
		of = func(n coverage.Node) *int { return (*int)(n.Figures[g].Percent()) }
	case "change":
		of = func(n coverage.Node) *int { return before.Change(n, g) }
	}
	if g < 0 || of == nil {
		return nodes, false
	}
	nodes = slices.Clone(nodes)
	slices.SortStableFunc(nodes, func(a, b coverage.Node) int {
		x, y := of(a), of(b)
		switch {
		case x == nil || y == nil:
			return cmp.Compare(unknown(x), unknown(y))
		case down:
			return cmp.Compare(*y, *x)
		}
		return cmp.Compare(*x, *y)
	})
	return nodes, true
}

func unknown(x *int) int {
	if x == nil {
		return 1
	}
	return 0
}

// coverageCells are the cells of an organisation, with what has changed since a year before, as far as that is known.
func coverageCells(c *Ctx, r *coverage.Report, n coverage.Node, before *coverage.Earlier) []coverageCell {
	cells := make([]coverageCell, len(n.Figures))
	day := r.Day.String()
	for i, f := range n.Figures {
		g := r.Plan.Groups[i]
		x := newCoverageCell(c.Lang, f, coverageHref("/coverage/people", "org", n.Code, "group", g.Code, "on", day))
		if f.Unreported > 0 {
			x.Silent = c.T("coverage.silent_short", "n", f.Unreported)
		}
		if x.Percent == "" {
			x.Href += "&part=" + string(coverage.PartSilent)
			if f.Unreported == 1 {
				x.Silent = c.T("ui.undeclared")
			}
		} else {
			x.Met = *f.Met(g.TargetPercent)
		}
		if change := before.Change(n, i); change != nil {
			x.Of += " · " + i18n.Points(c.Lang, *change)
		}
		cells[i] = x
	}
	return cells
}

// newCoverageCell is the cell of a figure, without what is to be met and who is silent.
func newCoverageCell(lang string, f coverage.Figure, href string) coverageCell {
	x := coverageCell{Href: href}
	if p := f.Percent(); p != nil {
		pct := p.Float()
		x.Class, x.Percent, x.Of = plot.Depth(&pct), i18n.Pct(lang, pct), ofAll(lang, f)
	}
	return x
}

// ofAll is how many are covered of how many.
func ofAll(lang string, f coverage.Figure) string {
	return i18n.Num(lang, f.Covered) + "/" + i18n.Num(lang, f.Denominator)
}

// Silent says whether some organisation has not said anything about some group.
func (d coverageData) Silent() bool {
	return slices.ContainsFunc(d.Top().Figures, func(f coverage.Figure) bool { return f.Unreported > 0 })
}

// coverageSheet gives the rows of the organisation and of everything below it as a table for Excel.
func (s *Server) coverageSheet(c *Ctx) error {
	var f coverageFilter
	if err := c.BindForm(&f); err != nil {
		return err
	}
	r, err := s.coverage.Report(c.Ctx(), c.Actor, coverage.Query{Org: f.Org, Day: f.On})
	if err != nil {
		return err
	}
	column := func(name string, kind workbook.Kind, width float64) workbook.Column {
		return workbook.Column{Head: c.T("coverage.column." + name), Kind: kind, Width: width}
	}
	number := func(name string) workbook.Column { return column(name, workbook.Number, 14) }
	sheet := workbook.Sheet{Name: c.T("nav.coverage"), Title: sheetTitle(c, c.T("nav.coverage"), r), Columns: []workbook.Column{
		column("organisation", workbook.Code, 16), column("organisation_name", workbook.Text, 44), column("group", workbook.Code, 10), column("group_name", workbook.Text, 44),
		number("target_percent"), number("roster"), number("declared"), number("denominator"), number("covered"), column("percent", workbook.Percent, 10),
		column("met", workbook.Text, 12), number("unreported"), number("recognised")}}
	return c.Sheet("bao-phu-"+r.Top().Code+"-"+r.Day.String(), sheet, func(row workbook.Row) error { return coverageRows(c, r, row) })
}

// sheetTitle says what a workbook of coverage is about: what it shows, of which organisation, up to which day.
func sheetTitle(c *Ctx, what string, r *coverage.Report) string {
	return what + ": " + r.Top().Name + " (" + c.T("coverage.source", "day", i18n.Day(c.Lang, r.Day)) + ")"
}

func coverageRows(c *Ctx, r *coverage.Report, put workbook.Row) error {
	for i, row := range r.Rows() {
		n, g := r.Nodes[i/len(r.Plan.Groups)], r.Plan.Groups[i%len(r.Plan.Groups)]
		var percent, met any
		if row.Percent != nil {
			percent, met = row.Percent.Float(), c.T("ui.no")
			if *row.Met {
				met = c.T("ui.yes")
			}
		}
		if err := put(row.Organisation, n.Name, row.Group, g.Name(c.Lang), row.TargetPercent, row.Roster, row.Declared, row.Denominator, row.Covered, percent, met,
			row.Unreported, n.Figures[i%len(r.Plan.Groups)].Recognised); err != nil {
			return err
		}
	}
	return nil
}
