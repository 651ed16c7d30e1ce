package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/ledger"
	"taphuan/models"
)

// Lists of all offices of a country, of which a page is shown: where rosters and headcounts do not agree, and where most people of a group are missing.

// gapsSQL gives a page of the offices that declare more of a group than they list, and how many rows there are in all.
const gapsSQL = `SELECT o.code AS name, d.declared - COALESCE(r.roster, 0) AS n, COUNT(*) OVER () AS total FROM (` + declaredSQL + `) d JOIN organisations o ON o.id = d.organisation_id
LEFT JOIN (SELECT p.organisation_id, x.group_id, COUNT(*) AS roster FROM postings p
  JOIN (SELECT DISTINCT q.cadre_id, pg.group_id FROM postings q JOIN posting_groups pg ON pg.posting_id = q.id WHERE q.from_day <= @day AND q.to_day > @day) x ON x.cadre_id = p.cadre_id
  WHERE p.main AND p.from_day <= @day AND p.to_day > @day GROUP BY p.organisation_id, x.group_id) r ON r.organisation_id = d.organisation_id AND r.group_id = d.group_id
WHERE d.declared > COALESCE(r.roster, 0) ORDER BY o.path, d.group_id LIMIT 50`

// rankingSQL gives the offices that miss most of the first group, and how many miss anybody. All of them have declared something.
var rankingSQL = `SELECT o.code AS name, GREATEST(d.declared, COALESCE(r.roster, 0)) - COALESCE(r.covered, 0) AS n, COUNT(*) OVER () AS total FROM (` + declaredSQL + `) d
JOIN organisations o ON o.id = d.organisation_id LEFT JOIN (` + fmt.Sprintf(rosterSQL, "") + `) r ON r.id = d.organisation_id AND r.group_id = d.group_id
WHERE d.group_id = @group AND GREATEST(d.declared, COALESCE(r.roster, 0)) > COALESCE(r.covered, 0) ORDER BY n DESC, o.path LIMIT 50`

// listed is a row of such a list.
type listed struct {
	Name     string
	N, Total int
}

func plainLists(db *gorm.DB, c *country, question string) (rows []listed, err error) {
	err = db.Raw(bounded+question, sql.Named("first", c.plan.FromDay), sql.Named("day", models.DayOf(now)), sql.Named("path", c.root.Path), sql.Named("group", c.plan.Groups[0].ID)).Scan(&rows).Error
	return rows, err
}

// countryList asks for the page of a list of the whole country, beside SQL; ours gives what the page shows, which is compared first.
func countryList(ctx context.Context, e *env, size int, href, question string, ours func(*coverage.Service) ([]listed, error)) (pair, error) {
	p, err := countryPage(ctx, e, size, func(c *country) (models.Role, models.Organisation, string, http.Handler) {
		return models.RoleCoordinator, c.root, href, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			list, err := plainLists(c.db.Read(r.Context()), c, question)
			if err != nil && !brokenOff(err) {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			var rows []plainRow
			for _, x := range list {
				rows = append(rows, plainRow{Name: x.Name, Covered: x.N, All: x.Total})
			}
			answer(w, plainPage, rows)
		})
	})
	c := e.countries[size]
	if err != nil || c.size > comparedUpTo {
		return p, err
	}
	got, err := ours(&coverage.Service{DB: c.db})
	if err != nil {
		return p, err
	}
	want, err := plainLists(c.db.Read(ctx), c, question)
	if err != nil {
		return p, err
	}
	if len(got) == 0 || fmt.Sprint(got) != fmt.Sprint(want) {
		return p, errors.New(fmt.Sprint("the page lists ", got, ", plain SQL ", want))
	}
	return p, nil
}

// coverageGaps is the page of all offices of the country whose rosters and headcounts do not agree.
func coverageGaps(ctx context.Context, e *env, size int) (pair, error) {
	return countryList(ctx, e, size, "/coverage/gaps", gapsSQL, func(s *coverage.Service) (out []listed, err error) {
		page, err := s.Gaps(ctx, access.System(), coverage.GapQuery{Query: coverage.Query{Day: models.DayOf(now)}, Kind: ledger.GapShort, Size: 50})
		if err != nil {
			return nil, err
		}
		for _, g := range page.Gaps {
			out = append(out, listed{g.Code, g.Declared - g.Roster, page.Total})
		}
		return out, nil
	})
}

// coverageRanking is the page of the offices of the country in which most people of a group are missing.
func coverageRanking(ctx context.Context, e *env, size int) (pair, error) {
	return countryList(ctx, e, size, "/coverage/ranking", rankingSQL, func(s *coverage.Service) (out []listed, err error) {
		page, err := s.Ranking(ctx, access.System(), coverage.RankQuery{Query: coverage.Query{Day: models.DayOf(now)}, By: ledger.ByMissing, Down: true, Size: 50})
		if err != nil {
			return nil, err
		}
		for _, x := range page.Ranked {
			out = append(out, listed{x.Code, x.Figures[page.Group].Missing(), page.Total})
		}
		return out, nil
	})
}
