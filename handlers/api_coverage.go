package handlers

import (
	"net/http"

	"taphuan/app/coverage"
	"taphuan/app/page"
	"taphuan/models"
)

// apiPlanQuery is how an address says which plan it means; choosePlan reads it.
type apiPlanQuery struct {
	Plan string `form:"plan" binding:"max=40"` // code; the plan in force when left out
}

type apiCoverageQuery struct {
	apiPlanQuery
	Org  string     `form:"org" binding:"max=40"` // code; the whole plan or the own organisation when left out
	AsOf models.Day `form:"as_of"`                // today when left out
}

func (q apiCoverageQuery) query() coverage.Query { return coverage.Query{Org: q.Org, Day: q.AsOf} }

// apiCoverage answers with the rows of the organisation and of everything below it.
func (s *Server) apiCoverage(c *Ctx) error {
	var q apiCoverageQuery
	if err := c.BindForm(&q); err != nil {
		return err
	}
	rows, err := s.coverage.Rows(c.Ctx(), c.Actor, q.query())
	if err != nil {
		return err
	}
	return c.OK(http.StatusOK, rows)
}

// apiRecognised answers with how many of the covered are so only thanks to recognised training.
func (s *Server) apiRecognised(c *Ctx) error {
	var q apiCoverageQuery
	if err := c.BindForm(&q); err != nil {
		return err
	}
	r, err := s.coverage.Report(c.Ctx(), c.Actor, q.query())
	if err != nil {
		return err
	}
	return c.OK(http.StatusOK, r.RecognisedRows())
}

type apiMissingQuery struct {
	apiPlanQuery
	Org     string           `form:"org" binding:"max=40"`
	AsOf    models.Day       `form:"as_of"`
	Group   string           `form:"group" binding:"required,max=40"`
	Lacking models.Component `form:"lacking" binding:"max=40"`
	Text    string           `form:"q" binding:"max=200"`
	After   string           `form:"after" binding:"max=2000"`     // next of the page before
	Size    int              `form:"size" binding:"min=0,max=500"` // 50 when left out
}

// apiMissing is who of a group is not covered on a day, and what else keeps the figure from the denominator.
type apiMissing struct {
	AsOf       models.Day               `json:"as_of"`
	Row        coverage.Row             `json:"row"`
	Total      int                      `json:"total"`   // people by name
	Found      int                      `json:"found"`   // of them, those that lacking and q leave
	Lacking    map[models.Component]int `json:"lacking"` // of total, how many lack each component
	Next       string                   `json:"next"`    // for after, "" on the last page
	People     []apiMissingPerson       `json:"people"`
	Unnamed    []apiUnnamed             `json:"unnamed"`    // counted but not covered and on no list
	Unreported []string                 `json:"unreported"` // codes
}

type apiMissingPerson struct {
	CadreID          uint64             `json:"cadre_id"`
	Name             string             `json:"name"`
	BirthYear        int                `json:"birth_year"` // 0 when unknown
	Title            string             `json:"title"`
	Organisation     string             `json:"organisation"`
	OrganisationName string             `json:"organisation_name"`
	Lacks            []models.Component `json:"lacks"`
	Leave            models.LeaveKind   `json:"leave"`
}

type apiUnnamed struct {
	Organisation string `json:"organisation"`
	People       int    `json:"people"`
}

// apiMissing answers with one page of those missing, by given name.
func (s *Server) apiMissing(c *Ctx) error {
	q := apiMissingQuery{}
	if err := c.BindForm(&q); err != nil {
		return err
	}
	if q.Size == 0 {
		q.Size = namesPage
	}
	m, err := s.coverage.Names(c.Ctx(), c.Actor, coverage.NamesQuery{Query: coverage.Query{Org: q.Org, Day: q.AsOf}, Group: q.Group, Part: coverage.PartMissing, Lacking: q.Lacking,
		Search: q.Text, Size: q.Size, Ask: page.Ask{After: q.After}})
	if err != nil {
		return err
	}
	out := apiMissing{AsOf: m.Report.Day, Total: m.Parts.Missing, Found: m.Found, Lacking: m.Lacking, Next: m.Place.After, People: []apiMissingPerson{}, Unnamed: []apiUnnamed{}, Unreported: []string{}}
	for _, r := range m.Report.Rows()[:len(m.Report.Plan.Groups)] {
		if r.Group == m.Group.Code {
			out.Row = r
		}
	}
	for _, p := range m.People {
		out.People = append(out.People, apiMissingPerson{CadreID: p.CadreID, Name: p.Name, BirthYear: p.BirthYear, Title: p.Title, Organisation: p.OrganisationCode,
			OrganisationName: p.OrganisationName, Lacks: p.Lacks, Leave: p.Leave})
	}
	for _, o := range m.Short {
		out.Unnamed = append(out.Unnamed, apiUnnamed{o.Code, o.Declared - o.Roster})
	}
	for _, o := range m.Told {
		if o.Declared > o.Covered {
			out.Unnamed = append(out.Unnamed, apiUnnamed{o.Code, o.Declared - o.Covered})
		}
	}
	for _, o := range m.Silent {
		out.Unreported = append(out.Unreported, o.Code)
	}
	return c.OK(http.StatusOK, out)
}

type apiSeriesQuery struct {
	apiPlanQuery
	Org   string     `form:"org" binding:"max=40"`
	Group []string   `form:"group" binding:"max=20,dive,max=40"` // all groups when left out
	From  models.Day `form:"from"`                               // the plan's first day when left out
	To    models.Day `form:"to"`                                 // today when left out
	Step  int        `form:"step" binding:"min=0,max=12"`        // months between points, 1 when left out
}

// apiSeriesRow is a row of one of the days of a series.
type apiSeriesRow struct {
	Day models.Day `json:"day"`
	coverage.Row
}

// apiSeries answers with a row for each day and group.
func (s *Server) apiSeries(c *Ctx) error {
	var q apiSeriesQuery
	if err := c.BindForm(&q); err != nil {
		return err
	}
	over, err := s.coverage.Series(c.Ctx(), c.Actor, coverage.SeriesQuery{Org: q.Org, Groups: q.Group, From: q.From, To: q.To, StepMonths: q.Step})
	if err != nil {
		return err
	}
	rows := []apiSeriesRow{}
	for _, p := range over.Points {
		for i, g := range over.Groups {
			rows = append(rows, apiSeriesRow{p.Day, p.Figures[i].Row(over.Report.Top().Code, over.Report.Plan.Groups[g])})
		}
	}
	return c.OK(http.StatusOK, rows)
}
