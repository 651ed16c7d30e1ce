package handlers

import (
	"net/http"

	"taphuan/app/coverage"
	"taphuan/models"
)

type apiCoverageQuery struct {
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

type apiSeriesQuery struct {
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
	over, err := s.coverage.Series(c.Ctx(), c.Actor, coverage.SeriesQuery{Org: q.Org, Groups: q.Group, From: q.From, To: q.To, StepMonths: q.Step, Alone: true})
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
