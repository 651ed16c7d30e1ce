package handlers

import (
	"slices"
	"strings"

	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/i18n"
	"taphuan/app/ledger"
	"taphuan/app/page"
	"taphuan/app/roster"
	"taphuan/app/workbook"
	"taphuan/models"
	"taphuan/views"
)

type rankingFilter struct {
	Org   string     `form:"org" binding:"max=40"`
	On    models.Day `form:"on"`
	Group string     `form:"group" binding:"max=40"` // "": all groups side by side
	Kind  string     `form:"kind" binding:"max=40"`
	Level string     `form:"level" binding:"max=40"`
	Show  string     `form:"show" binding:"omitempty,oneof=all"` // with those that miss nobody
	Sort  string     `form:"sort" binding:"max=53"`              // a measure or, side by side, a group's code, or CODE.MEASURE; "-" before it: from the most
	Page  int        `form:"page" binding:"min=0,max=100000"`
}

// query asks for the order that the filter names. What it does not know is the most missing first.
func (f rankingFilter) query(size int) coverage.RankQuery {
	q := coverage.RankQuery{Query: coverage.Query{Org: f.Org, Day: f.On}, Group: f.Group, By: ledger.ByMissing, Down: true, All: f.Show != "",
		Kind: models.Kind(f.Kind), Level: models.Level(f.Level), Page: f.Page, Size: size}
	by, down := strings.CutPrefix(f.Sort, "-")
	switch {
	case slices.Contains(ledger.Measures, ledger.Measure(by)):
		q.By, q.Down = ledger.Measure(by), down
	case f.Group == "" && by != "":
		q.Group, q.Down = by, down
		if code, measure, ok := strings.Cut(by, "."); ok && slices.Contains(ledger.Measures, ledger.Measure(measure)) {
			q.Group, q.By = code, ledger.Measure(measure)
		}
	}
	return q
}

// rankingData is the page of a ranking. Ranking is nil where the question was refused.
type rankingData struct {
	*coverage.Ranking
	Filter        rankingFilter
	Options       []views.Option // groups
	Kinds, Levels []views.Option
	Groups        []coverageGroup // of those shown, the figure of the whole
	Rows          []rankingRow
	Size          int
	One           bool // a single group is shown
}

// Found is how many organisations there are in all.
func (d rankingData) Found() page.Total { return page.Total{N: int64(d.Total)} }

// rankingRow is an organisation in the ranking, with a cell for each group that is shown.
type rankingRow struct {
	Number, Name, Above string
	Href                string
	Cells               []rankingCell
}

// rankingCell is what an organisation brings itself to the figure of a group, in words, as coverageCell is.
type rankingCell struct {
	Class, Href          string
	Silent               bool // the organisation says nothing
	Missing, Of, Counted string
	Percent              string // "" where nobody is counted
	Known                bool   // something is known of the same day of the year before
	Change               string // how many more or fewer are missing than then; "" where as many
}

// rankingPage is how many organisations a page shows.
const rankingPage = 50

// coverageRanking ranks the organisations at or below one by how many of their own people are still missing.
func (s *Server) coverageRanking(c *Ctx) error {
	d := rankingData{Size: rankingPage}
	if err := c.BindForm(&d.Filter); err != nil {
		return c.Invalid("coverage/ranking", d, err)
	}
	r, err := s.ranking(c, d.Filter, rankingPage)
	if err != nil {
		return c.Invalid("coverage/ranking", d, err)
	}
	d.fill(c, r)
	return c.Page("coverage/ranking", d)
}

// ranking asks for a ranking; an unknown group in the order is the plan's first.
func (s *Server) ranking(c *Ctx, f rankingFilter, size int) (*coverage.Ranking, error) {
	if f.Kind != "" && !slices.Contains(roster.Kinds, models.Kind(f.Kind)) {
		return nil, errs.OnField("kind", "invalid")
	}
	if f.Level != "" && !slices.Contains(roster.Levels, models.Level(f.Level)) {
		return nil, errs.OnField("level", "invalid")
	}
	q := f.query(size)
	r, err := s.coverage.Ranking(c.Ctx(), c.Actor, q)
	if err != nil && f.Group == "" && q.Group != "" {
		f.Sort = ""
		r, err = s.coverage.Ranking(c.Ctx(), c.Actor, f.query(size))
	}
	return r, err
}

func (d *rankingData) fill(c *Ctx, r *coverage.Ranking) {
	d.Ranking, d.One = r, d.Filter.Group != ""
	d.Filter.Org, d.Filter.On = r.Top().Code, r.Day
	shown := []int{r.Group}
	all := coverageGroups(c.Lang, r.Report, r.Top())
	for i, g := range all {
		d.Options = append(d.Options, views.Option{Value: g.Code, Label: g.Short})
		if !d.One && i == 0 {
			shown = nil
		}
		if !d.One {
			shown = append(shown, i)
		}
	}
	for _, i := range shown {
		d.Groups = append(d.Groups, all[i])
	}
	for _, k := range roster.Kinds {
		if !k.IsTotal() {
			d.Kinds = append(d.Kinds, views.Option{Value: k, Label: c.T("roster.kind_of." + string(k))})
		}
	}
	for _, l := range roster.Levels {
		d.Levels = append(d.Levels, views.Option{Value: l, Label: c.T("roster.level_of." + string(l))})
	}
	for i, x := range r.Ranked {
		row := rankingRow{Number: i18n.Num(c.Lang, (r.Page-1)*rankingPage+i+1), Name: x.Name, Above: x.Above, Href: coverageHref("/coverage", "org", x.Code, "on", r.Day.String())}
		for _, g := range shown {
			row.Cells = append(row.Cells, newRankingCell(c, r, x, g))
		}
		d.Rows = append(d.Rows, row)
	}
}

func newRankingCell(c *Ctx, r *coverage.Ranking, x coverage.Ranked, g int) rankingCell {
	f := x.Figures[g]
	part := coverage.PartMissing
	if f.Unreported > 0 {
		part = coverage.PartSilent
	}
	of := newCoverageCell(c.Lang, f, coverageHref("/coverage/people", "org", x.Code, "group", r.Plan.Groups[g].Code, "on", r.Day.String(), "part", string(part)))
	cell := rankingCell{Class: of.Class, Href: of.Href, Silent: f.Unreported > 0, Missing: i18n.Num(c.Lang, f.Missing()), Of: of.Of, Counted: i18n.Num(c.Lang, f.Denominator), Percent: of.Percent}
	change, known := x.Change(g)
	if cell.Known = known; change > 0 {
		cell.Change = c.T("ranking.more", "n", change)
	} else if change < 0 {
		cell.Change = c.T("ranking.less", "n", -change)
	}
	return cell
}

// rankingSheet gives the whole ranking as a table: an organisation and group a row.
func (s *Server) rankingSheet(c *Ctx) error {
	var f rankingFilter
	if err := c.BindForm(&f); err != nil {
		return err
	}
	r, err := s.ranking(c, f, 0)
	if err != nil {
		return err
	}
	number := func(key string) workbook.Column {
		return workbook.Column{Head: c.T(key), Kind: workbook.Number, Width: 14}
	}
	sheet := workbook.Sheet{Name: c.T("ranking.tab"), Title: sheetTitle(c, c.T("ranking.title"), r.Report), Columns: []workbook.Column{
		{Head: c.T("coverage.column.organisation"), Kind: workbook.Code}, {Head: c.T("coverage.organisation"), Width: 44}, {Head: c.T("ranking.above"), Width: 34},
		{Head: c.T("roster.kind"), Width: 24}, {Head: c.T("roster.level"), Width: 10}, {Head: c.T("coverage.group"), Width: 24},
		number("coverage.missing"), number("coverage.column.denominator"), number("coverage.column.covered"), {Head: c.T("coverage.column.percent"), Kind: workbook.Percent, Width: 10},
		number("ranking.missing_before"), number("ranking.change"), {Head: c.T("coverage.gap_silent"), Width: 10}}}
	groups := []int{r.Group}
	if f.Group == "" {
		groups = groups[:0]
		for g := range r.Plan.Groups {
			groups = append(groups, g)
		}
	}
	return c.Sheet("con-thieu-"+r.Top().Code+"-"+r.Day.String(), sheet, func(row workbook.Row) error {
		for _, x := range r.Ranked {
			for _, g := range groups {
				if err := row(rankingCells(c, r, x, g)...); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func rankingCells(c *Ctx, r *coverage.Ranking, x coverage.Ranked, g int) []any {
	f := x.Figures[g]
	var percent, before, change, silent any
	if p := f.Percent(); p != nil {
		percent = p.Float()
	}
	if n, ok := x.Change(g); ok {
		before, change = f.Missing()-n, n
	}
	if f.Unreported > 0 {
		silent = c.T("ui.yes")
	}
	return []any{x.Code, x.Name, x.Above, c.T("roster.kind_of." + string(x.Kind)), c.T("roster.level_of." + string(x.Level)), r.Plan.Groups[g].Short(c.Lang),
		f.Missing(), f.Denominator, f.Covered, percent, before, change, silent}
}
