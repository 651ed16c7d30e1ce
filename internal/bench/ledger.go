package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/go-sql-driver/mysql"
	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/ledger"
	"taphuan/app/store"
	"taphuan/models"
)

// Coverage of a country, by the ledger and beside it by plain SQL over postings and completions, as somebody would write it first. Both sides
// are timed at their HTTP handlers; what they say is compared before.

// coveredSQL says that a cadre has completed both components on a day.
const coveredSQL = `(EXISTS (SELECT 1 FROM completions co WHERE co.cadre_id = p.cadre_id AND co.voided_at IS NULL AND co.effective_day BETWEEN @first AND @day AND co.components & 1 <> 0)
  AND EXISTS (SELECT 1 FROM completions co WHERE co.cadre_id = p.cadre_id AND co.voided_at IS NULL AND co.effective_day BETWEEN @first AND @day AND co.components & 2 <> 0))`

// rosterSQL counts, for every organisation and group at or below a path, the roster and the covered of a day; a cadre who has a group by
// another posting too is counted once.
const rosterSQL = `SELECT o.id, o.path, x.group_id, COUNT(*) AS roster, SUM(` + coveredSQL + `) AS covered
FROM organisations o JOIN postings p ON p.organisation_id = o.id AND p.main AND p.from_day <= @day AND p.to_day > @day
JOIN (SELECT DISTINCT q.cadre_id, pg.group_id FROM postings q JOIN posting_groups pg ON pg.posting_id = q.id
  WHERE q.from_day <= @day AND q.to_day > @day %s) x ON x.cadre_id = p.cadre_id
WHERE o.path >= @path AND o.path < CONCAT(@path, '~') GROUP BY o.id, o.path, x.group_id`

// declaredSQL is what each organisation at or below a path has declared of each group on a day.
const declaredSQL = `SELECT organisation_id, group_id, declared FROM (SELECT h.organisation_id, h.group_id, h.declared,
  ROW_NUMBER() OVER (PARTITION BY h.organisation_id, h.group_id ORDER BY h.effective_day DESC, h.created_at DESC, h.id DESC) AS n
  FROM headcounts h JOIN organisations o ON o.id = h.organisation_id WHERE h.effective_day <= @day AND o.path >= @path AND o.path < CONCAT(@path, '~')) d WHERE n = 1`

// bounded ends a statement that takes longer than a minute: whoever asked would have given up.
const bounded = "SET STATEMENT max_statement_time = 60 FOR "

// brokenOff says whether an error is that of a statement that was ended so. The time until then counts: the yardstick would have taken longer.
func brokenOff(err error) bool {
	var e *mysql.MySQLError
	if !errors.As(err, &e) || e.Number != 1969 {
		return false
	}
	fmt.Fprintln(os.Stderr, "  plain SQL was broken off after a minute")
	return true
}

// comparedUpTo is the largest country of which every figure is compared with plain SQL before it is timed.
const comparedUpTo = 200_000

// tally is the figure of one organisation, or of what lies below it.
type tally struct{ denominator, covered int }

// plainTally asks for the figures of organisations at or below a path on a day, added up by the prefix of their paths of a length.
func plainTally(db *gorm.DB, c *country, path string, length int, day models.Day, near string) (map[string]map[uint64]tally, error) {
	type key struct{ organisation, group uint64 }
	type figure struct {
		path            string
		roster, covered int
	}
	args := []any{sql.Named("first", c.plan.FromDay), sql.Named("day", day), sql.Named("path", path)}
	all := map[key]figure{}
	rows, err := db.Raw(bounded+fmt.Sprintf(rosterSQL, near), args...).Rows()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var k key
		var f figure
		if err := rows.Scan(&k.organisation, &f.path, &k.group, &f.roster, &f.covered); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		all[k] = f
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	paths := map[uint64]string{}
	var organisations []models.Organisation
	if err := db.Select("id, path").Where("path >= ? AND path < ?", path, path+"~").Find(&organisations).Error; err != nil {
		return nil, err
	}
	for _, o := range organisations {
		paths[o.ID] = o.Path
	}
	declared := map[key]int{}
	rows, err = db.Raw(declaredSQL, args[1:]...).Rows()
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var k key
		var n *int
		if err := rows.Scan(&k.organisation, &k.group, &n); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		if n != nil {
			declared[k] = *n
			if _, ok := all[k]; !ok {
				all[k] = figure{path: paths[k.organisation]}
			}
		}
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	out := map[string]map[uint64]tally{}
	for k, f := range all {
		at := f.path[:min(length, len(f.path))]
		if out[at] == nil {
			out[at] = map[uint64]tally{}
		}
		t := out[at][k.group]
		t.denominator += max(f.roster, declared[k])
		t.covered += f.covered
		out[at][k.group] = t
	}
	return out, nil
}

// countryPage asks for a page of coverage as the lead department or a head does; plain answers the same figures from SQL.
func countryPage(ctx context.Context, e *env, size int, ask func(c *country) (role models.Role, org models.Organisation, href string, plain http.Handler)) (p pair, err error) {
	c, err := e.country(ctx, size)
	if err != nil {
		return p, err
	}
	role, org, href, handler := ask(c)
	app, err := application(c.db)
	if err != nil {
		return p, err
	}
	plain, err := serve(handler)
	if err != nil {
		return p, errors.Join(err, app.close())
	}
	p.close = func() error { return errors.Join(app.close(), plain.close()) }
	at := org.ID
	if role != models.RoleHead {
		at = 0
	}
	if _, err := app.signIn(ctx, c.db, role, at); err != nil {
		return p, err
	}
	if c.size <= comparedUpTo {
		if err := saysWhatSQLSays(ctx, c, org); err != nil {
			return p, err
		}
	}
	p.ours.run = func() error { return app.ask(ctx, href) }
	p.yardstick.run = func() error { return plain.ask(ctx, "/") }
	return p, nil
}

// saysWhatSQLSays compares the figures of an organisation and those right below it.
func saysWhatSQLSays(ctx context.Context, c *country, org models.Organisation) error {
	r, err := (&coverage.Service{DB: c.db}).Overview(ctx, access.System(), coverage.Query{Org: org.Code, Day: models.DayOf(now)})
	if err != nil {
		return err
	}
	want, err := plainTally(c.db.Read(ctx), c, org.Path, len(org.Path)+8, r.Day, near(c, org))
	if err != nil {
		return err
	}
	for _, n := range append([]coverage.Node{}, r.Nodes...) {
		if n.ID == org.ID && len(r.Nodes) > 1 {
			continue
		}
		for i, g := range c.plan.Groups {
			if got := (tally{n.Figures[i].Denominator, n.Figures[i].Covered}); got != want[n.Path][g.ID] {
				return fmt.Errorf("%s, %s: the page says %+v, plain SQL %+v", n.Code, g.Code, got, want[n.Path][g.ID])
			}
		}
	}
	return nil
}

// near narrows the people of an office, so that SQL need not look at everybody.
func near(c *country, org models.Organisation) string {
	if org.ID != c.head.ID {
		return ""
	}
	return fmt.Sprintf("AND q.cadre_id IN (SELECT cadre_id FROM postings WHERE organisation_id = %d)", org.ID)
}

func plainFigures(c *country, org models.Organisation) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out, err := plainTally(c.db.Read(r.Context()), c, org.Path, len(org.Path)+8, models.DayOf(now), near(c, org))
		if err != nil && !brokenOff(err) {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		var rows []plainRow
		for path, groups := range out {
			for g, t := range groups {
				rows = append(rows, plainRow{Name: fmt.Sprint(path, " ", g), Covered: t.covered, All: t.denominator})
			}
		}
		answer(w, plainPage, rows)
	})
}

// coverageMatrix is the page of the whole country: each province by group.
func coverageMatrix(ctx context.Context, e *env, size int) (pair, error) {
	return countryPage(ctx, e, size, func(c *country) (models.Role, models.Organisation, string, http.Handler) {
		return models.RoleCoordinator, c.root, "/coverage", plainFigures(c, c.root)
	})
}

// coverageHead is the page of a head about the own office.
func coverageHead(ctx context.Context, e *env, size int) (pair, error) {
	return countryPage(ctx, e, size, func(c *country) (models.Role, models.Organisation, string, http.Handler) {
		return models.RoleHead, c.head, "/coverage", plainFigures(c, c.head)
	})
}

// seriesSQL gives the first day on which each cadre had both components, and lays it on the postings: how many began to count and began to be
// covered in each month, of everybody. It knows neither transfers of the covered nor expiry nor headcounts: what is left is the least that a
// series of six years asks of the two tables.
const seriesSQL = `SELECT DATE_FORMAT(GREATEST(p.from_day, x.day), '%Y-%m') AS month, COUNT(*) FROM postings p
JOIN posting_groups pg ON pg.posting_id = p.id
JOIN (SELECT cadre_id, GREATEST(MIN(CASE WHEN components & 1 <> 0 THEN effective_day END), MIN(CASE WHEN components & 2 <> 0 THEN effective_day END)) AS day
  FROM completions co WHERE co.voided_at IS NULL AND co.effective_day BETWEEN ? AND ? GROUP BY cadre_id) x ON x.cadre_id = p.cadre_id
WHERE p.main AND x.day IS NOT NULL AND x.day < p.to_day GROUP BY month, pg.group_id ORDER BY month`

// coverageSeries is six years by months of the whole country, as the API gives it.
func coverageSeries(ctx context.Context, e *env, size int) (pair, error) {
	return countryPage(ctx, e, size, func(c *country) (models.Role, models.Organisation, string, http.Handler) {
		to := c.plan.ToDay.AddDays(-1)
		plain := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var rows []struct {
				Month string
				N     int `gorm:"column:COUNT(*)"`
			}
			if err := c.db.Read(r.Context()).Raw(bounded+seriesSQL, c.plan.FromDay, to).Scan(&rows).Error; err != nil && !brokenOff(err) {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			var out []plainRow
			for _, x := range rows {
				out = append(out, plainRow{Name: x.Month, Covered: x.N})
			}
			answer(w, plainPage, out)
		})
		return models.RoleCoordinator, c.root, "/api/v1/coverage/series?from=" + c.plan.FromDay.String() + "&to=" + to.String(), plain
	})
}

// coverageRecord records the completions of a course of 200 people of one province; the yardstick writes the same rows without a ledger. What the
// ledger adds is the difference. Both are undone after each turn.
func coverageRecord(ctx context.Context, e *env, size int) (pair, error) {
	return recordPeople(ctx, e, size, ofProvince, false)
}

// coverageRecordPosted does so and posts what has been entered, which otherwise is done afterwards.
func coverageRecordPosted(ctx context.Context, e *env, size int) (pair, error) {
	return recordPeople(ctx, e, size, ofProvince, true)
}

func ofProvince(c *country) string { return c.head.Path[:2*models.PathSegment] }

// coverageRecordApart does so for people of all provinces, nearly each of another office, commune and province: no course is like that.
func coverageRecordApart(ctx context.Context, e *env, size int) (pair, error) {
	return recordPeople(ctx, e, size, func(c *country) string { return c.root.Path }, false)
}

// recordPeople records completions of 200 people who have none and are posted at a path or below it, as far from each other as there are.
func recordPeople(ctx context.Context, e *env, size int, where func(*country) string, posted bool) (p pair, err error) {
	const people = 200
	c, err := e.country(ctx, size)
	if err != nil {
		return p, err
	}
	var all, cadres []uint64
	path := where(c)
	err = c.db.Read(ctx).Raw("SELECT p.cadre_id FROM organisations o JOIN postings p ON p.organisation_id = o.id AND p.main AND p.to_day = '9999-12-31'"+
		" WHERE o.path >= ? AND o.path < CONCAT(?, '~') AND NOT EXISTS (SELECT 1 FROM completions co WHERE co.cadre_id = p.cadre_id) ORDER BY p.cadre_id", path, path).Scan(&all).Error
	if err != nil {
		return p, err
	}
	for i := range min(people, len(all)) {
		cadres = append(cadres, all[i*len(all)/min(people, len(all))])
	}
	if len(cadres) < people {
		fmt.Fprintf(os.Stderr, "  record of %d: of %d people only\n", size, len(cadres))
	}
	if len(cadres) == 0 {
		return p, errors.New("nobody is without completions")
	}
	write := func(tx *store.Tx) error {
		list := make([]models.Completion, len(cadres))
		for i, id := range cadres {
			list[i] = models.Completion{CadreID: id, EffectiveDay: tx.Today, Components: both, AttendedMinutes: 480, TotalMinutes: 480}
		}
		return tx.Create(&list).Error
	}
	told := false // whether the ledger knows of the completions that stand
	clear := func() error {
		_, err := c.db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
			if told {
				if err := ledger.Completions(tx, cadres...); err != nil {
					return 0, err
				}
			}
			return 0, tx.Exec("DELETE FROM completions WHERE cadre_id IN ?", cadres).Error
		})
		return errors.Join(err, ledger.Post(ctx, c.db))
	}
	side := func(with bool) side {
		return side{before: clear, run: func() error {
			_, err := c.db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
				if with {
					if err := ledger.Completions(tx, cadres...); err != nil {
						return 0, err
					}
				}
				return 0, write(tx)
			})
			told = with
			if with && posted {
				err = errors.Join(err, ledger.Post(ctx, c.db))
			}
			return err
		}}
	}
	p.ours, p.yardstick = side(true), side(false)
	p.close = clear
	return p, nil
}

// coverageRebuild builds the whole ledger anew; the yardstick is one plain SQL pass over the same postings and completions for one day.
func coverageRebuild(ctx context.Context, e *env, size int) (p pair, err error) {
	c, err := e.country(ctx, size)
	if err != nil {
		return p, err
	}
	p.ours.run = func() error { return ledger.Build(ctx, c.db) }
	p.yardstick.run = func() error {
		_, err := plainTally(c.db.Read(ctx), c, c.root.Path, len(c.root.Path)+8, models.DayOf(now), "")
		if brokenOff(err) {
			return nil
		}
		return err
	}
	return p, nil
}
