package handlers

import (
	"html/template"
	"math"
	"time"

	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/models"
	"taphuan/views/plot"
)

// What the public may ask at once, and how long a question waits for its turn: whoever works here is never left without the database.
const (
	openAtOnce = 4
	openWait   = 3 * time.Second
)

// openTurn waits for a turn and gives what ends it. It refuses with "open_busy" where too many ask.
func (s *Server) openTurn(c *Ctx) (done func(), err error) {
	select {
	case s.anyone <- struct{}{}:
		return func() { <-s.anyone }, nil
	case <-time.After(openWait):
		c.Header("Retry-After", "5")
		return nil, errs.TooMany("open_busy")
	case <-c.Ctx().Done():
		return nil, c.Ctx().Err()
	}
}

// openFigures gives what anyone may know, of one plan alone (plan.Open): figures of two plans over the same people could be told from each other.
// It refuses with not_found while nobody may know anything, and another plan; with "open_busy" where too many ask, and as
// coverage.Open does.
func (s *Server) openFigures(c *Ctx, plan string, day models.Day) (*coverage.Open, error) {
	done, err := s.openTurn(c)
	if err != nil {
		return nil, err
	}
	defer done()
	o, err := s.coverage.Open(c.Ctx(), day)
	if err == nil && plan != "" && plan != o.Plan.Code {
		return nil, errs.NotFound("plan")
	}
	return o, err
}

// opened refuses with not_found while nobody may know anything.
func (s *Server) opened(c *Ctx) error {
	on, err := s.settings.Open(c.Ctx())
	if err == nil && !on {
		err = errs.NotFound("page")
	}
	return err
}

type openFilter struct {
	Plan string     `form:"plan" binding:"max=40"`
	On   models.Day `form:"on"`
}

// openData is the public page. Open is nil where the day was refused.
type openData struct {
	*coverage.Open
	Filter openFilter
	Least  int
	Groups []openGroup
	Matrix []openRow
	Rest   []openCell // the withheld ones together; none where nothing is withheld
	Whole  []openCell
	Years  []coverage.OpenPoint
	Query  string // of the files of the day
}

// openGroup is a target group of the whole.
type openGroup struct {
	openCell
	models.TargetGroup
	Name, Short string
	Plot        template.HTML // of the way of the whole
	Query       string        // of its files
}

// openRow is an organisation in the matrix.
type openRow struct {
	models.Organisation
	Cells []openCell
}

// openCell is a figure as the matrix shows it.
type openCell struct {
	coverage.OpenFigure
	Pct   *float64
	Class string
	Met   bool
}

// open is the page of figures for anyone.
func (s *Server) open(c *Ctx) error {
	if err := s.opened(c); err != nil {
		return err
	}
	d := openData{Least: coverage.Least}
	if err := c.BindForm(&d.Filter); err != nil {
		return c.Invalid("open/show", d, err)
	}
	o, err := s.openFigures(c, d.Filter.Plan, d.Filter.On)
	if err != nil {
		return c.Invalid("open/show", d, err)
	}
	d.fill(c.Lang, c.T("coverage.target"), o)
	return c.Page("open/show", d)
}

func (d *openData) fill(lang, target string, o *coverage.Open) {
	d.Open, d.Filter.On = o, o.Day
	d.Whole, d.Query = openCells(o, o.Groups), coverageHref("", "on", o.Day.String())
	for i, g := range o.Plan.Groups {
		d.Groups = append(d.Groups, openGroup{openCell: d.Whole[i], TargetGroup: g, Name: g.Name(lang), Short: g.Short(lang)})
		d.Groups[i].Plot, d.Groups[i].Query = openLine(lang, target, o, i).SVG(), coverageHref("", "group", g.Code, "on", o.Day.String())
		if o.Together[i].Denominator > 0 {
			d.Rest = openCells(o, o.Together)
		}
	}
	for _, x := range o.Organisations {
		d.Matrix = append(d.Matrix, openRow{x.Organisation, openCells(o, x.Figures)})
	}
	for i, p := range o.Points {
		if last := i == len(o.Points)-1; last || o.Points[i+1].Day.Year() != p.Day.Year() && i > 0 {
			d.Years = append(d.Years, p)
		}
	}
}

func openCells(o *coverage.Open, figures []coverage.OpenFigure) []openCell {
	cells := make([]openCell, len(figures))
	for i, f := range figures {
		cells[i].OpenFigure = f
		if p := f.Percent(); p != nil {
			x := p.Float()
			cells[i].Pct, cells[i].Met, cells[i].Class = &x, *f.Met(o.Plan.Groups[i].TargetPercent), plot.Depth(&x)
		}
	}
	return cells
}

// openLine draws the way of a group of the whole; it breaks where nobody was there or figures are withheld.
func openLine(lang, target string, o *coverage.Open, i int) plot.Line {
	g := o.Plan.Groups[i]
	l := plot.Line{Lang: lang, Title: g.Short(lang), From: o.Plan.FromDay, To: o.Plan.ToDay.AddDays(-1), Today: o.Day, Small: true,
		Target: float64(g.TargetPercent), TargetLabel: target}
	for _, p := range o.Points {
		pct := math.NaN()
		if v := p.Figures[i].Percent(); v != nil {
			pct = v.Float()
		}
		l.Points = append(l.Points, plot.Point{Day: p.Day, Pct: pct})
	}
	return l
}
