package handlers

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"taphuan/app/coverage"
	"taphuan/app/workbook"
	"taphuan/models"
	"taphuan/views"
)

type contentFilter struct {
	Org   string     `form:"org" binding:"max=40"`
	On    models.Day `form:"on"`
	Group string     `form:"group" binding:"max=40"` // the plan's first when left out
	Sort  string     `form:"sort" binding:"max=49"`  // a component, or "all", by percentage; "-" before it: from the most
}

func (f contentFilter) query() coverage.ContentQuery {
	return coverage.ContentQuery{Query: coverage.Query{Org: f.Org, Day: f.On}, Group: f.Group}
}

// contentData is the page of components and topics. Content is nil where the question was refused.
type contentData struct {
	*coverage.Content
	Filter  contentFilter
	Options []views.Option // groups
	Figure  coverageGroup  // of the organisation asked for
	Top     contentRow
	Below   []contentRow
	Rows    []contentTopic
}

// contentRow is an organisation with a cell for each component, and one for both.
type contentRow struct {
	Code, Name string
	Href       string
	Cells      []coverageCell
	Some       int

	figures []coverage.Figure // of the cells
}

// contentTopic is a topic with how many of the figure were trained in it.
type contentTopic struct {
	coverage.TopicPart
	Label   string
	Percent string // "" where nobody is counted
}

// coverageContent says what the people of a group have been trained in.
func (s *Server) coverageContent(c *Ctx) error {
	var d contentData
	if err := c.BindForm(&d.Filter); err != nil {
		return c.Invalid("coverage/content", d, err)
	}
	content, err := s.coverage.Content(c.Ctx(), c.Actor, d.Filter.query())
	if err != nil {
		return c.Invalid("coverage/content", d, err)
	}
	d.fill(c, content)
	return c.Page("coverage/content", d)
}

func (d *contentData) fill(c *Ctx, content *coverage.Content) {
	d.Content = content
	g := content.Plan.Groups[content.Group]
	top := content.Nodes[0]
	d.Filter.Org, d.Filter.On, d.Filter.Group = top.Code, content.Day, g.Code
	for i, x := range coverageGroups(c.Lang, content.Report, top) {
		d.Options = append(d.Options, views.Option{Value: x.Code, Label: x.Short})
		if i == content.Group {
			d.Figure = x
		}
	}
	for i, n := range content.Nodes {
		day := content.Day.String()
		row := contentRow{Code: n.Code, Name: n.Name, Href: coverageHref("/coverage/content", "org", n.Code, "group", g.Code, "on", day), Some: content.Parts[i].Some}
		for k, x := range content.Plan.Components {
			f := content.Parts[i].Figure
			f.Covered = content.Parts[i].Each[k]
			row.add(c, f, coverageHref("/coverage/people", "org", n.Code, "group", g.Code, "on", day, "part", "missing", "lacking", string(x.Component)))
		}
		both := row.add(c, content.Parts[i].Figure, coverageHref("/coverage/people", "org", n.Code, "group", g.Code, "on", day))
		both.Met = both.Percent != "" && *content.Parts[i].Met(g.TargetPercent)
		if i == 0 {
			d.Top = row
		} else {
			d.Below = append(d.Below, row)
		}
	}
	d.sort()
	for _, t := range content.Topics {
		f := content.Parts[0].Figure
		f.Covered = t.People
		d.Rows = append(d.Rows, contentTopic{t, t.Code + ". " + t.Name(c.Lang), newCoverageCell(c.Lang, f, "").Percent})
	}
}

// sort puts the organisations below in the order asked for; those without a figure come last.
func (d *contentData) sort() {
	key, down := strings.CutPrefix(d.Filter.Sort, "-")
	at := slices.IndexFunc(d.Plan.Components, func(x models.PlanComponent) bool { return string(x.Component) == key })
	if key == "all" {
		at = len(d.Plan.Components)
	}
	if at < 0 {
		return
	}
	slices.SortStableFunc(d.Below, func(a, b contentRow) int {
		x, y := (*int)(a.figures[at].Percent()), (*int)(b.figures[at].Percent())
		switch {
		case x == nil || y == nil:
			return cmp.Compare(unknown(x), unknown(y))
		case down:
			return cmp.Compare(*y, *x)
		}
		return cmp.Compare(*x, *y)
	})
}

// add adds a cell of a figure.
func (r *contentRow) add(c *Ctx, f coverage.Figure, href string) *coverageCell {
	x := newCoverageCell(c.Lang, f, href)
	if x.Percent == "" && f.Unreported > 0 {
		x.Silent = c.T("coverage.silent_short", "n", 0)
	}
	r.Cells, r.figures = append(r.Cells, x), append(r.figures, f)
	return &r.Cells[len(r.Cells)-1]
}

// apiContentRow is how many of a figure have a component, or were trained in a topic.
type apiContentRow struct {
	Organisation string            `json:"organisation"`
	Component    models.Component  `json:"component"` // "" of a topic
	Topic        string            `json:"topic"`     // "" of a component
	Name         string            `json:"name"`
	People       int               `json:"people"`      // each once
	Attendances  int               `json:"attendances"` // of a topic: one a course
	Denominator  int               `json:"denominator"`
	Percent      *coverage.Percent `json:"percent"`
}

func contentRows(lang string, content *coverage.Content) (rows []apiContentRow) {
	for i, n := range content.Nodes {
		for k, x := range content.Plan.Components {
			h := content.Parts[i]
			rows = append(rows, apiContentRow{n.Code, x.Component, "", x.Name(lang), h.Each[k], 0, h.Denominator, h.Percent(k)})
		}
	}
	f := content.Parts[0].Figure
	for _, t := range content.Topics {
		f.Covered = t.People
		rows = append(rows, apiContentRow{content.Nodes[0].Code, "", t.Code, t.Name(lang), t.People, t.Attendances, f.Denominator, f.Percent()})
	}
	return rows
}

// contentSheet gives the same as a table.
func (s *Server) contentSheet(c *Ctx) error {
	var f contentFilter
	if err := c.BindForm(&f); err != nil {
		return err
	}
	content, err := s.coverage.Content(c.Ctx(), c.Actor, f.query())
	if err != nil {
		return err
	}
	names := map[string]string{}
	for _, n := range content.Nodes {
		names[n.Code] = n.Name
	}
	number := func(key string) workbook.Column {
		return workbook.Column{Head: c.T(key), Kind: workbook.Number, Width: 14}
	}
	g := content.Plan.Groups[content.Group]
	sheet := workbook.Sheet{Name: c.T("content.tab"), Title: sheetTitle(c, c.T("content.title"), content.Report), Columns: []workbook.Column{{Head: c.T("coverage.column.organisation"), Kind: workbook.Code}, {Head: c.T("coverage.organisation"), Width: 44},
		{Head: c.T("coverage.group"), Width: 24}, {Head: c.T("content.kind"), Width: 12}, {Head: c.T("content.name"), Width: 60}, number("content.people"), number("coverage.column.denominator"),
		{Head: c.T("coverage.column.percent"), Kind: workbook.Percent, Width: 10}, number("content.attendances")}}
	return c.Sheet("noi-dung-"+g.Code+"-"+content.Nodes[0].Code+"-"+content.Day.String(), sheet, func(row workbook.Row) error {
		for _, x := range contentRows(c.Lang, content) {
			kind, name := c.T("content.component"), x.Name
			var percent, attendances any
			if x.Topic != "" {
				kind, name, attendances = c.T("content.topic"), x.Topic+". "+x.Name, x.Attendances
			}
			if x.Percent != nil {
				percent = x.Percent.Float()
			}
			if err := row(x.Organisation, names[x.Organisation], g.Short(c.Lang), kind, name, x.People, x.Denominator, percent, attendances); err != nil {
				return err
			}
		}
		return nil
	})
}

type apiContentQuery struct {
	apiCoverageQuery
	Group string `form:"group" binding:"max=40"` // the plan's first when left out
}

// apiContent answers with the same.
func (s *Server) apiContent(c *Ctx) error {
	var q apiContentQuery
	if err := c.BindForm(&q); err != nil {
		return err
	}
	content, err := s.coverage.Content(c.Ctx(), c.Actor, coverage.ContentQuery{Query: q.query(), Group: q.Group})
	if err != nil {
		return err
	}
	return c.OK(http.StatusOK, contentRows(c.Lang, content))
}
