package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/store"
	"taphuan/models"
)

// coveragePage asks for the province's page as the lead department does, at the HTTP handler and on SQLite: each group's figures, the matrix of the
// organisations below and the way there since the plan began, for so many cadres. The yardstick is one plain SQL statement a group
// for the figures of that one day alone (no organisations below, no series, no page), as somebody would write it first, and
// a bare template around the four numbers.
func coveragePage(ctx context.Context, e *env, size int) (pair, error) {
	return provincePage(ctx, size, address("/coverage"))
}

// coverageMissing asks for the first page of those who are missing in the whole province; the yardstick is the same.
func coverageMissing(ctx context.Context, e *env, size int) (pair, error) {
	return provincePage(ctx, size, address("/coverage/missing?group=QCN"))
}

// coverageForecast asks where the province is heading, each group of it; the yardstick is the same.
func coverageForecast(ctx context.Context, e *env, size int) (pair, error) {
	return provincePage(ctx, size, address("/coverage/forecast?group=QCN"))
}

// coveragePages are the pages of coverage, each of the whole province.
var coveragePages = []string{"/coverage", "/coverage?below=all", "/coverage/people?group=QCN&part=missing", "/coverage/people?group=QCN&part=covered", "/coverage/people?group=QCN&part=short",
	"/coverage/people?group=QCN&part=silent", "/coverage/series", "/coverage/ranking", "/coverage/content", "/coverage/gaps", "/coverage/expiring", "/coverage/forecast?group=QCN"}

// coverageSlowest asks for the slowest of all pages of coverage, and says what each takes; the yardstick is the same.
func coverageSlowest(ctx context.Context, e *env, size int) (pair, error) {
	return provincePage(ctx, size, func(ask func(href string) error) (string, error) {
		var slowest string
		var most time.Duration
		for _, href := range coveragePages {
			took := make([]time.Duration, 11)
			for i := range took {
				from := time.Now()
				if err := ask(href); err != nil {
					return "", fmt.Errorf("%s: %w", href, err)
				}
				took[i] = time.Since(from)
			}
			slices.Sort(took)
			median := took[len(took)/2]
			fmt.Fprintf(os.Stderr, "  %s of %d: %s, at least %s\n", href, size, duration(median), duration(took[0]))
			if median > most {
				slowest, most = href, median
			}
		}
		return slowest, nil
	})
}

// address is that address.
func address(href string) func(func(string) error) (string, error) {
	return func(func(string) error) (string, error) { return href, nil }
}

// provincePage measures the page that choose gives, which may try some first.
func provincePage(ctx context.Context, size int, choose func(ask func(href string) error) (string, error)) (p pair, err error) {
	db, end, err := embedded(ctx)
	if err != nil {
		return p, err
	}
	ends := []func() error{end}
	p.close = func() (err error) {
		for i := len(ends) - 1; i >= 0; i-- {
			err = errors.Join(err, ends[i]())
		}
		return err
	}
	prov, err := newProvince(ctx, db, size)
	if err != nil {
		return p, err
	}
	app, err := application(db)
	if err != nil {
		return p, err
	}
	ends = append(ends, app.close)
	if _, err := app.signIn(ctx, db, models.RoleCoordinator, 0); err != nil {
		return p, err
	}
	plain, err := serve(&plainCoverage{db: db, prov: prov})
	if err != nil {
		return p, err
	}
	ends = append(ends, plain.close)
	if err := sameFigures(ctx, db, prov, app, plain); err != nil {
		return p, err
	}
	href, err := choose(func(href string) error { return app.ask(ctx, href) })
	if err != nil {
		return p, err
	}
	p.ours.run, p.yardstick.run = func() error { return app.ask(ctx, href) }, func() error { return plain.ask(ctx, href) }
	return p, nil
}

// sameFigures sees to it that both sides answer the same question: the words of each group stand on both pages.
func sameFigures(ctx context.Context, db *store.DB, prov *province, sites ...*site) error {
	s := coverage.Service{DB: db}
	r, err := s.Report(ctx, access.System(), coverage.Query{})
	if err != nil {
		return err
	}
	for _, at := range sites {
		page, err := at.text(ctx, "/coverage")
		if err != nil {
			return err
		}
		page = strings.ReplaceAll(page, ".", "") // thousands
		for i, f := range r.Top().Figures {
			if want := fmt.Sprintf("%d trên %d", f.Covered, f.Denominator); f.Denominator > 0 && !strings.Contains(page, want) {
				return fmt.Errorf("%s: the page lacks %q for %s", at.url, want, prov.plan.Groups[i].Code)
			}
		}
	}
	return nil
}

// plainCoverage is the yardstick: a statement a group.
type plainCoverage struct {
	db   *store.DB
	prov *province
}

const plainSQL = `SELECT COUNT(*), COALESCE(SUM(
  EXISTS (SELECT 1 FROM completions co WHERE co.cadre_id = p.cadre_id AND co.voided_at IS NULL AND co.effective_day BETWEEN ? AND ? AND co.components & 1 <> 0)
  AND EXISTS (SELECT 1 FROM completions co WHERE co.cadre_id = p.cadre_id AND co.voided_at IS NULL AND co.effective_day BETWEEN ? AND ? AND co.components & 2 <> 0)), 0)
FROM postings p JOIN organisations o ON o.id = p.organisation_id JOIN posting_groups pg ON pg.posting_id = p.id
WHERE p.main AND pg.group_id = ? AND p.from_day <= ? AND p.to_day > ? AND o.from_day <= ? AND o.to_day > ?`

var plainPage = template.Must(template.New("").Parse(`<!doctype html><title>Tỷ lệ bao phủ</title><ul>{{range .}}<li>{{.Name}}: {{.Covered}} trên {{.All}}</li>{{end}}</ul>`))

type plainRow struct {
	Name         string
	Covered, All int
}

func (y *plainCoverage) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	today := models.DayOf(now)
	from := y.prov.plan.FromDay
	var rows []plainRow
	for _, g := range y.prov.plan.Groups {
		x := plainRow{Name: g.NameVi}
		err := y.db.Read(r.Context()).Raw(plainSQL, from, today, from, today, g.ID, today, today, today, today).Row().Scan(&x.All, &x.Covered)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		rows = append(rows, x)
	}
	answer(w, plainPage, rows)
}

// answer writes a template's page.
func answer(w http.ResponseWriter, t *template.Template, data any) {
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if _, err := w.Write(b.Bytes()); err != nil {
		return // the client went away
	}
}
