package handlers

import (
	"fmt"
	"html/template"
	"math"

	"taphuan/app/coverage"
	"taphuan/app/forecast"
	"taphuan/app/i18n"
	"taphuan/app/workbook"
	"taphuan/models"
	"taphuan/views/plot"
)

type forecastFilter struct {
	Org   string     `form:"org" binding:"max=40"`
	Group string     `form:"group" binding:"max=40"` // code; the first of which something can be told when left out
	On    models.Day `form:"on"`
}

// forecastData is the page of where an organisation's coverage is heading. Forecast is nil where the question was refused.
type forecastData struct {
	*forecast.Forecast
	Filter forecastFilter
	Homes  []models.Organisation
	Rows   []forecastRow // every group
	Row    forecastRow   // the one that is told in full
	Plot   template.HTML
	Query  string // of the files of the drawing
	line   plot.Line
	today  models.Day
}

// forecastRow is a group in words.
type forecastRow struct {
	forecast.Group
	Short, Name string
	Href        string
	Answer      string // when the target will be met, in a sentence or two
	When        string // the same in a word or two
	Pace        string // what pace it takes, in a sentence
	Words       endWords
	Chance      string // of meeting the target in time
	Drafts      string // that they are not counted, and what they would change; "" where there are none
	Names       string // who is counted
}

// endWords is what is expected at the end.
type endWords struct{ Middle, Range string }

// coverageForecast says where the coverage of an organisation is heading.
func (s *Server) coverageForecast(c *Ctx) error {
	d := forecastData{today: c.Today()}
	if err := c.BindForm(&d.Filter); err != nil {
		return c.Invalid("forecast/show", d, err)
	}
	var err error
	if d.Homes, err = s.severalHomes(c); err != nil {
		return err
	}
	f, err := s.forecast.Ask(c.Ctx(), c.Actor, forecast.Query{Query: coverage.Query{Org: d.Filter.Org, Day: d.Filter.On}, Group: d.Filter.Group})
	if err != nil {
		return c.Invalid("forecast/show", d, err)
	}
	d.fill(c, f)
	if d.Row.Told() {
		d.Plot = d.line.SVG()
	}
	return c.Page("forecast/show", d)
}

func (d *forecastData) fill(c *Ctx, f *forecast.Forecast) {
	d.Forecast, d.Filter.On, d.Filter.Org = f, f.Daily.Day, f.Top().Code
	for _, g := range f.Groups {
		d.Rows = append(d.Rows, newForecastRow(c, f, g))
	}
	d.Row = d.Rows[f.Chosen]
	d.Filter.Group = d.Row.Code
	d.line = d.way(c, f.Chosen)
	d.Query = coverageHref("", "org", d.Filter.Org, "group", d.Row.Code, "on", d.Filter.On.String())
}

// coverageForecastFile gives the way so far and the range ahead of a group as a workbook, as comma-separated text, as a drawing or as a picture,
// by the end of the address. Where nothing can be told there is no range.
func (s *Server) coverageForecastFile(c *Ctx) error {
	d := forecastData{today: c.Today()}
	if err := c.BindForm(&d.Filter); err != nil {
		return err
	}
	f, err := s.forecast.Ask(c.Ctx(), c.Actor, forecast.Query{Query: coverage.Query{Org: d.Filter.Org, Day: d.Filter.On}, Group: d.Filter.Group})
	if err != nil {
		return err
	}
	d.fill(c, f)
	name, source := "du-bao-"+d.Row.Code+"-"+f.Top().Code+"-"+f.Daily.Day.String(), c.T("coverage.source", "day", i18n.Day(c.Lang, f.Daily.Day))
	if drawn, err := lineFile(c, d.line, name, c.T("coverage.axis")+", "+f.Top().Name, source); drawn {
		return err
	}
	percent := func(key string) workbook.Column { return workbook.Column{Head: c.T(key), Kind: workbook.Percent} }
	number := func(key string) workbook.Column { return workbook.Column{Head: c.T(key), Kind: workbook.Number} }
	sheet := workbook.Sheet{Name: d.Row.Short, Title: c.T("forecast.title") + ": " + d.Row.Name + ", " + f.Top().Name + " (" + source + ")", Columns: []workbook.Column{
		{Head: c.T("coverage.day"), Kind: workbook.Day, Width: 14}, number("coverage.column.covered"), number("coverage.column.denominator"), percent("coverage.column.percent"),
		percent("forecast.low"), percent("forecast.middle"), percent("forecast.high"), percent("coverage.column.target_percent"), {Head: c.T("coverage.planned"), Width: 60}}}
	return c.Sheet(name, sheet, d.sheetRows)
}

// sheetRows writes the way so far, behind it what is expected at the end of each quarter, and the courses to come.
func (d *forecastData) sheetRows(put workbook.Row) error {
	target := float64(d.Row.TargetPercent)
	for _, p := range d.past(d.Chosen) {
		var pct any
		if p.People > 0 {
			pct = p.Percent().Float()
		}
		if err := put(p.day, p.Covered, p.People, pct, nil, nil, nil, target, nil); err != nil {
			return err
		}
	}
	if d.Row.Told() {
		for _, m := range d.Row.Outlook.Marks[1:] { // the first is the day itself
			if err := put(m.Day, nil, nil, nil, m.Low.Percent().Float(), m.Mid.Percent().Float(), m.High.Percent().Float(), target, nil); err != nil {
				return err
			}
		}
	}
	for _, x := range d.line.Planned {
		if err := put(x.Day, nil, nil, nil, nil, nil, nil, target, x.Label); err != nil {
			return err
		}
	}
	return nil
}

func newForecastRow(c *Ctx, f *forecast.Forecast, g forecast.Group) forecastRow {
	r := forecastRow{Group: g, Short: g.Short(c.Lang), Name: g.Name(c.Lang), Names: coverageHref("/coverage/people", "org", f.Top().Code, "group", g.Code, "on", f.Daily.Day.String()),
		Href: coverageHref("/coverage/forecast", "org", f.Top().Code, "group", g.Code, "on", f.Daily.Day.String())}
	r.When = c.T("forecast.when." + string(g.Kind))
	r.Answer = r.answer(c, f)
	if n := len(g.Drafts); n > 0 {
		r.Drafts = c.T("forecast.drafts", "n", n)
		if o := g.Opened; len(o.Marks) > 0 {
			e := r.end(c, o)
			r.Drafts += " " + c.T("forecast.drafts_opened", "end", i18n.Day(c.Lang, f.End), "middle", e.Middle, "range", e.Range)
		}
	}
	if !g.Told() {
		return r
	}
	r.Words = r.end(c, g.Outlook)
	r.Chance = chanceWords(c, g.Outlook.Reach)
	if g.Kind == forecast.Day && !g.Small() {
		r.When = c.T("forecast.about", "month", month(g.Outlook.Middle))
	}
	r.Pace = r.pace(c, f)
	return r
}

// answer says when the target will be met.
func (r forecastRow) answer(c *Ctx, f *forecast.Forecast) string {
	o, target := r.Outlook, i18n.Target(c.Lang, float64(r.TargetPercent))
	switch r.Kind {
	case forecast.Day:
		if r.Small() {
			return c.T("forecast.answer.day_small", "target", target, "n", r.Figure.Denominator, "end", i18n.Day(c.Lang, f.End))
		}
		words := c.T("forecast.answer.day", "target", target, "month", month(o.Middle))
		if o.Late == 0 {
			return words + " " + c.T("forecast.answer.day_open", "early", month(o.Early), "end", i18n.Day(c.Lang, f.End))
		}
		return words + " " + c.T("forecast.answer.day_range", "early", month(o.Early), "late", month(o.Late)) + r.again(c)
	case forecast.Not:
		e := r.end(c, r.Outlook)
		words := c.T("forecast.answer.not", "target", target, "end", i18n.Day(c.Lang, f.End), "middle", e.Middle, "range", e.Range)
		if o.Early != 0 && !r.Small() {
			words += " " + c.T("forecast.answer.not_early", "early", month(o.Early))
		}
		return words
	case forecast.Met:
		return c.T("forecast.answer.met", "target", target) + r.again(c)
	default:
		return c.T("forecast.answer."+string(r.Kind), "n", int(f.Daily.Day-f.Points[0].Day)+1, "end", i18n.Day(c.Lang, f.End))
	}
}

// again says whether the group is likely to fall below its target once it has met it.
func (r forecastRow) again(c *Ctx) string {
	word := "seldom"
	switch p := r.Outlook.Relapse; {
	case p >= 0.5:
		word = "likely"
	case p >= 0.2:
		word = "maybe"
	}
	return " " + c.T("forecast.again."+word)
}

// end says what is expected at the end: of a small group in people, since a percentage would claim more than there is.
func (r forecastRow) end(c *Ctx, o forecast.Outlook) endWords {
	e := o.End()
	if r.Small() {
		return endWords{c.T("forecast.people_of", "n", e.Mid.Covered, "all", e.Mid.People), c.T("forecast.people_range", "low", e.Low.Covered, "high", e.High.Covered)}
	}
	pct := func(f float64) string { return i18n.Pct(c.Lang, int(f)) }
	return endWords{pct(math.Floor(e.Mid.Share())), c.T("forecast.range", "low", pct(math.Floor(e.Low.Share())), "high", pct(math.Ceil(e.High.Share())))}
}

// pace says how the pace that is needed compares with that of the last four quarters.
func (r forecastRow) pace(c *Ctx, f *forecast.Forecast) string {
	n := r.Need
	if n.More == 0 {
		return c.T("forecast.pace.none")
	}
	words := c.T("forecast.pace.need", "end", i18n.Day(c.Lang, f.End), "more", n.More, "pace", n.PerQuarter) + " " + c.T("forecast.pace.had", "pace", n.LastYear)
	switch times := n.PerQuarter / max(n.LastYear, 0.01); {
	case n.LastYear == 0:
		return words
	case times <= 1 && r.Kind == forecast.Not:
		return words + " " + c.T("forecast.pace.enough_not")
	case times <= 1:
		return words + " " + c.T("forecast.pace.enough")
	default:
		return words + " " + c.T("forecast.pace.faster", "times", times)
	}
}

// chanceWords rounds a probability to what can be known of it.
func chanceWords(c *Ctx, p float64) string {
	switch n := int(math.Round(20*p)) * 5; {
	case n < 5:
		return c.T("forecast.under", "pct", i18n.Pct(c.Lang, 5))
	case n > 95:
		return c.T("forecast.over", "pct", i18n.Pct(c.Lang, 95))
	default:
		return c.T("forecast.nearly", "pct", i18n.Pct(c.Lang, n))
	}
}

// month writes the month of a day, which is as much as a forecast can say of it.
func month(d models.Day) string {
	y, m, _ := d.Date()
	return fmt.Sprintf("%02d/%d", int(m), y)
}

// wayPoint is how a group stood on a day.
type wayPoint struct {
	day models.Day
	forecast.Level
}

// past gives the way of a group so far: each day on which its percentage became another, as far as the days are known one by one (coverage.Daily), the
// last of each month, the first day that is known and the last.
func (d *forecastData) past(g int) (out []wayPoint) {
	var before forecast.Level
	for i, p := range d.Points {
		now := forecast.Level{Covered: p.Sums[g].Covered, People: p.Sums[g].Denominator}
		_, _, next := (p.Day + 1).Date()
		if next == 1 || i == 0 || i == len(d.Points)-1 || now.Percent() != before.Percent() || (now.People == 0) != (before.People == 0) {
			out = append(out, wayPoint{p.Day, now})
		}
		before = now
	}
	return out
}

// way draws the way so far, and the range ahead where something can be told.
func (d *forecastData) way(c *Ctx, g int) plot.Line {
	r := d.Row
	l := plot.Line{Lang: c.Lang, Title: r.Name, From: d.Plan.FromDay, To: d.Plan.ToDay.AddDays(-1), Today: d.Daily.Day, Target: float64(r.TargetPercent),
		TargetLabel: c.T("coverage.target"), PlannedLabel: c.T("coverage.planned"), BandLabel: c.T("forecast.band")}
	for _, p := range d.past(g) {
		pct := math.NaN()
		if p.People > 0 {
			pct = p.Percent().Float()
		}
		l.Points = append(l.Points, plot.Point{Day: p.day, Pct: pct})
	}
	for _, m := range r.Outlook.Marks {
		if !r.Told() {
			break
		}
		l.Band = append(l.Band, plot.Range{Day: m.Day, Low: m.Low.Share(), High: m.High.Share()})
	}
	for _, x := range r.Planned {
		if d.Plan.Covers(x.Day) && x.Day >= d.Daily.Day {
			l.Planned = append(l.Planned, plot.Planned{Day: x.Day, Label: x.Title})
		}
	}
	return l
}

// Last is the last day from which a forecast can be made.
func (d forecastData) Last() models.Day { return min(d.Plan.ToDay-1, d.today) }

// Trials is how often the future is tried.
func (d forecastData) Trials() int { return forecast.Trials }

// Tested is how the method did on histories of which the outcome is known.
func (d forecastData) Tested() forecast.Record { return forecast.Tested }

// Held is how many ranges of 100 held the outcome then.
func (d forecastData) Held() int { return int(math.Round(forecast.Tested.Held)) }

// Target is the group's target.
func (r forecastRow) Target() float64 { return float64(r.TargetPercent) }

// LeavingPercent and DriftPercent are the history's, in percent a quarter.
func (r forecastRow) LeavingPercent() float64 { return 100 * r.Outlook.History.Leaving }

// DriftPercent is by how much the number of people changes in a quarter.
func (r forecastRow) DriftPercent() float64 { return 100 * r.Outlook.History.Drift }

// Filling, Attendance and New are what is usual, of a hundred.
func (r forecastRow) Filling() int { return hundredth(r.Usual.Filling) }

// Attendance is how many of a hundred complete.
func (r forecastRow) Attendance() int { return hundredth(r.Usual.Attendance) }

// New is how many of a hundred who complete are newly covered.
func (r forecastRow) New() int { return hundredth(r.Usual.New) }

func hundredth(part float64) int { return int(math.Round(100 * part)) }
