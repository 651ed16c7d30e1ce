package handlers

import (
	"net/http"

	"taphuan/app/forecast"
)

// apiForecasts answers with where each group of an organisation is heading.
func (s *Server) apiForecasts(c *Ctx) error {
	var q apiCoverageQuery
	if err := c.BindForm(&q); err != nil {
		return err
	}
	f, err := s.forecast.Ask(c.Ctx(), c.Actor, forecast.Query{Query: q.query()})
	if err != nil {
		return err
	}
	return c.OK(http.StatusOK, f.Rows())
}
