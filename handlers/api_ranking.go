package handlers

import (
	"cmp"
	"net/http"

	"taphuan/app/coverage"
	"taphuan/models"
)

type apiRankingQuery struct {
	Org   string     `form:"org" binding:"max=40"`
	AsOf  models.Day `form:"as_of"`
	Group string     `form:"group" binding:"max=40"` // the plan's first when left out
	Kind  string     `form:"kind" binding:"max=40"`
	Level string     `form:"level" binding:"max=40"`
	All   bool       `form:"all"` // with organisations that miss nobody
	// Sort is -missing when left out.
	Sort string `form:"sort" binding:"omitempty,oneof=missing -missing percent -percent denominator -denominator change -change tree -tree" enum:"missing,-missing,percent,-percent,denominator,-denominator,change,-change,tree,-tree"`
	Page int    `form:"page" binding:"min=0,max=100000"`
	Size int    `form:"size" binding:"min=0,max=500"` // 50 when left out
}

// apiRanking is one page of a ranking.
type apiRanking struct {
	AsOf   models.Day  `json:"as_of"`
	Before models.Day  `json:"before"` // the day of a year before that changes are counted from
	Total  int         `json:"total"`
	Page   int         `json:"page"`
	Rows   []apiRanked `json:"rows"` // none behind the last page
}

// apiRanked is what an organisation brings itself to the figure of a group, without those below it.
type apiRanked struct {
	Organisation string            `json:"organisation"`
	Name         string            `json:"name"`
	Group        string            `json:"group"`
	Missing      int               `json:"missing"`
	Denominator  int               `json:"denominator"`
	Covered      int               `json:"covered"`
	Percent      *coverage.Percent `json:"percent"`
	Change       *int              `json:"change"`     // how many more are missing than a year before; null where nothing was known then
	Unreported   int               `json:"unreported"` // 1 where the organisation should have cadres of the group and says nothing
}

// apiRanking answers with one page of organisations by how many of their own people are missing.
func (s *Server) apiRanking(c *Ctx) error {
	var q apiRankingQuery
	if err := c.BindForm(&q); err != nil {
		return err
	}
	f := rankingFilter{Org: q.Org, On: q.AsOf, Group: q.Group, Kind: q.Kind, Level: q.Level, Sort: q.Sort, Page: max(q.Page, 1)}
	if q.All {
		f.Show = "all"
	}
	r, err := s.ranking(c, f, cmp.Or(q.Size, rankingPage))
	if err != nil {
		return err
	}
	out := apiRanking{AsOf: r.Report.Day, Before: r.Before, Total: r.Total, Page: f.Page, Rows: []apiRanked{}}
	if r.Page != f.Page {
		return c.OK(http.StatusOK, out)
	}
	for _, x := range r.Ranked {
		f := x.Figures[r.Group]
		row := apiRanked{Organisation: x.Code, Name: x.Name, Group: r.Plan.Groups[r.Group].Code, Missing: f.Missing(), Denominator: f.Denominator, Covered: f.Covered, Percent: f.Percent(), Unreported: f.Unreported}
		if n, ok := x.Change(r.Group); ok {
			row.Change = &n
		}
		out.Rows = append(out.Rows, row)
	}
	return c.OK(http.StatusOK, out)
}
