package handlers

import (
	"bytes"
	"cmp"
	"html/template"
	"math"
	"path"
	"slices"
	"strconv"
	"strings"

	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/i18n"
	"taphuan/app/workbook"
	"taphuan/models"
	"taphuan/views"
	"taphuan/views/plot"
)

// coverageWay is the way of a group to its target: the drawing, and the figures of which it is made.
type coverageWay struct {
	Group coverageGroup
	Plot  template.HTML
	Rows  []wayRow
	Query string // of the addresses of its page and its files
}

// wayRow is a day of the way.
type wayRow struct {
	Day models.Day
	coverage.Figure
	Target float64
	Href   string // of what the figure is the sum of
}

// comingCourses are the courses that are drawn into ways: each group's are those aimed at it.
type comingCourses struct {
	offers []coverage.Offer
	theirs map[uint64]int // how many people of the organisation asked for take part; nil for the whole plan
}

// coming reads the courses to come. Of days past nothing is to come: what was planned then nobody kept.
func (s *Server) coming(c *Ctx, r *coverage.Report, read offers) (x comingCourses, err error) {
	if r.Day < c.Today() {
		return x, nil
	}
	if x.offers, err = read(); err == nil && r.Top().ID != r.Plan.RootID {
		x.theirs, err = s.coverage.Theirs(c.Ctx(), r.Top().Organisation, x.offers)
	}
	return x, err
}

// planned gives the courses to come for a group: for the whole plan all of them, for an organisation those in which its people have or
// await a seat, and those that still take people.
func (x comingCourses) planned(c *Ctx, group uint64) (out []plot.Planned) {
	for _, o := range x.offers {
		own := x.theirs[o.ID]
		if !slices.Contains(o.Groups, group) || x.theirs != nil && own == 0 && !o.TakesNominations(c.Today()) {
			continue
		}
		note := c.T("coverage.places", "n", o.Capacity)
		switch {
		case own > 0:
			note = c.T("coverage.theirs", "n", own, "capacity", o.Capacity)
		case x.theirs != nil:
			note = c.T("coverage.free", "free", o.Free(), "capacity", o.Capacity)
		}
		out = append(out, plot.Planned{Day: o.LastDay, Label: o.Title, Note: note, Href: "/courses/" + strconv.FormatUint(o.ID, 10)})
	}
	return out
}

// wayLine is the drawing of the i-th of the series' groups.
func wayLine(c *Ctx, over *coverage.Series, i int, g coverageGroup, x comingCourses) plot.Line {
	p := over.Report.Plan
	l := plot.Line{Lang: c.Lang, Title: g.Short, From: p.FromDay, To: p.ToDay.AddDays(-1), Today: over.Report.Day, Small: true,
		Target: float64(g.TargetPercent), TargetLabel: c.T("coverage.target"), PlannedLabel: c.T("coverage.planned"), Planned: x.planned(c, g.ID)}
	for _, x := range over.Points {
		pct := math.NaN()
		if v := x.Figures[i].Percent(); v != nil {
			pct = v.Float()
		}
		l.Points = append(l.Points, plot.Point{Day: x.Day, Pct: pct})
	}
	return l
}

// wayRows are the figures of the i-th of the series' groups on each of its days for which keep is true.
func wayRows(over *coverage.Series, i int, g coverageGroup, keep func(k int) bool) (rows []wayRow) {
	for k, p := range over.Points {
		if keep(k) {
			rows = append(rows, wayRow{p.Day, p.Figures[i], float64(g.TargetPercent), coverageHref("/coverage/people", "org", over.Report.Top().Code, "group", g.Code, "on", p.Day.String())})
		}
	}
	return rows
}

// Shown are the rows as the page's table has them.
func (w coverageWay) Shown() []views.WayRow {
	out := make([]views.WayRow, len(w.Rows))
	for i, r := range w.Rows {
		out[i] = views.WayRow{Day: r.Day, Href: r.Href, Covered: r.Covered, Denominator: r.Denominator, Target: r.Target}
		if p := r.Percent(); p != nil {
			pct := p.Float()
			out[i].Percent = &pct
		}
	}
	return out
}

// ways are the ways of the groups of which there has been any figure; beside each stand the first day of each year and the last day.
func ways(c *Ctx, over *coverage.Series, groups []coverageGroup, x comingCourses) (out []coverageWay) {
	for i, g := range groups {
		if !slices.ContainsFunc(over.Points, func(p coverage.Point) bool { return p.Figures[i].Denominator > 0 }) {
			continue
		}
		ends := func(k int) bool {
			return k == 0 || k == len(over.Points)-1 || over.Points[k-1].Day.Year() != over.Points[k].Day.Year()
		}
		out = append(out, coverageWay{g, wayLine(c, over, i, g, x).SVG(), wayRows(over, i, g, ends),
			coverageHref("", "org", over.Report.Top().Code, "group", g.Code, "on", over.Report.Day.String())})
	}
	return out
}

type wayFilter struct {
	Org   string     `form:"org" binding:"max=40"`
	Group string     `form:"group" binding:"max=40"`
	On    models.Day `form:"on"`
	From  models.Day `form:"from"`
	To    models.Day `form:"to"`
	Sort  string     `form:"sort" binding:"omitempty,oneof=day -day covered -covered denominator -denominator percent -percent"`
}

// wayData is the page of a group's way. Series is nil where the question was refused.
type wayData struct {
	*coverage.Series
	coverageWay
	Filter wayFilter
	Groups []views.Option
	line   plot.Line
}

// way reads what the page and its files show. Without a group it is the plan's first. It refuses as coverage.Series does, and a last day that
// is outside the plan or before the first.
func (s *Server) way(c *Ctx, d *wayData) error {
	f := &d.Filter
	q := coverage.SeriesQuery{Org: f.Org, To: f.On, From: f.From, Alone: true}
	if f.To != 0 && f.To < cmp.Or(f.On, c.Today()) {
		q.To = f.To
	}
	if f.Group != "" {
		q.Groups = []string{f.Group}
	}
	over, err := s.coverage.Series(c.Ctx(), c.Actor, q)
	if err != nil {
		return err
	}
	p := over.Report.Plan
	switch {
	case len(over.Groups) == 0:
		return errs.Invalid("plan_without_groups")
	case f.To != 0 && !p.Covers(f.To):
		return errs.Invalid("day_outside_plan", errs.Params{"day": f.To, "from": p.FromDay, "to": p.ToDay.AddDays(-1)})
	case f.To != 0 && f.To < f.From:
		return errs.Invalid("days_reversed", errs.Params{"from": f.From, "to": f.To})
	}
	x, err := s.coming(c, over.Report, s.offers(c, over.Report.Plan))
	if err != nil {
		return err
	}
	d.Series = over
	for _, g := range p.Groups {
		d.Groups = append(d.Groups, views.Option{Value: g.Code, Label: g.Short(c.Lang)})
	}
	d.Group = coverageGroups(c.Lang, over.Report, over.Report.Top())[over.Groups[0]]
	d.line = wayLine(c, over, 0, d.Group, x)
	d.line.Small, d.line.Title = false, d.Group.Name
	d.line.From, d.line.To = cmp.Or(f.From, d.line.From), cmp.Or(f.To, d.line.To)
	d.Rows = wayRows(over, 0, d.Group, func(int) bool { return true })
	d.Query = coverageHref("", "org", over.Report.Top().Code, "group", d.Group.Code, "on", over.Report.Day.String(), "from", dayText(f.From), "to", dayText(f.To))
	return nil
}

func dayText(d models.Day) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// sort puts the rows in the order asked for.
func (d *wayData) sort() {
	by, descending := strings.CutPrefix(d.Filter.Sort, "-")
	slices.SortStableFunc(d.Rows, func(a, b wayRow) int {
		n := 0
		switch by {
		case "covered":
			n = cmp.Compare(a.Covered, b.Covered)
		case "denominator":
			n = cmp.Compare(a.Denominator, b.Denominator)
		case "percent":
			n = cmp.Compare(a.tenths(), b.tenths())
		}
		if n = cmp.Or(n, cmp.Compare(a.Day, b.Day)); descending {
			return -n
		}
		return n
	})
}

// tenths puts days without a figure first.
func (r wayRow) tenths() int {
	if p := r.Percent(); p != nil {
		return int(*p)
	}
	return -1
}

// coverageWayPage shows the way of one group by month.
func (s *Server) coverageWayPage(c *Ctx) error {
	var d wayData
	if err := c.BindForm(&d.Filter); err != nil {
		return c.Invalid("coverage/series", d, err)
	}
	if err := s.way(c, &d); err != nil {
		return c.Invalid("coverage/series", d, err)
	}
	d.sort()
	d.line.Title = c.T("coverage.axis") // the group is the page's own title
	d.Plot = d.line.SVG()
	return c.Page("coverage/series", d)
}

// coverageWayFile gives the way as a workbook, as comma-separated text, as a drawing or as a picture, by the end of the address.
func (s *Server) coverageWayFile(c *Ctx) error {
	var d wayData
	if err := c.BindForm(&d.Filter); err != nil {
		return err
	}
	if err := s.way(c, &d); err != nil {
		return err
	}
	top := d.Report.Top()
	name := "bao-phu-" + d.Group.Code + "-" + top.Code + "-" + d.Report.Day.String()
	source := c.T("coverage.source", "day", i18n.Day(c.Lang, d.Report.Day))
	of := c.T("coverage.axis") + ", " + top.Name
	if drawn, err := lineFile(c, d.line, name, of, source); drawn {
		return err
	}
	return c.Sheet(name, waySheet(c, d, source), func(row workbook.Row) error { return waySheetRows(d, row) })
}

// lineFile answers with a line as a drawing or a picture where the end of the address asks for one.
func lineFile(c *Ctx, l plot.Line, name, of, source string) (drawn bool, err error) {
	switch kind := path.Ext(c.Request.URL.Path); kind {
	case ".svg":
		return true, c.Bytes("image/svg+xml", name+kind, []byte(l.File(of, source)))
	case ".png":
		var b bytes.Buffer
		if err := l.Picture(&b, of, source); err != nil {
			return true, err
		}
		return true, c.Bytes("image/png", name+kind, b.Bytes())
	}
	return false, nil
}

func waySheet(c *Ctx, d wayData, source string) workbook.Sheet {
	return workbook.Sheet{Name: d.Group.Short, Title: d.Group.Name + ", " + d.Report.Top().Name + " (" + source + ")", Columns: []workbook.Column{
		{Head: c.T("coverage.day"), Kind: workbook.Day, Width: 14}, {Head: c.T("coverage.column.covered"), Kind: workbook.Number, Width: 14}, {Head: c.T("coverage.column.denominator"), Kind: workbook.Number},
		{Head: c.T("coverage.column.percent"), Kind: workbook.Percent}, {Head: c.T("coverage.column.target_percent"), Kind: workbook.Percent}, {Head: c.T("coverage.planned"), Width: 60}}}
}

// waySheetRows writes the figures, and behind them the courses to come.
func waySheetRows(d wayData, put workbook.Row) error {
	for _, r := range d.Rows {
		var pct any
		if p := r.Percent(); p != nil {
			pct = p.Float()
		}
		if err := put(r.Day, r.Covered, r.Denominator, pct, r.Target, nil); err != nil {
			return err
		}
	}
	for _, x := range d.line.Coming() {
		if err := put(x.Day, nil, nil, nil, d.line.Target, x.Label+", "+x.Note); err != nil {
			return err
		}
	}
	return nil
}
