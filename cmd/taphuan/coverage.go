package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/forecast"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
)

// figures is what commands that tell figures of coverage are asked.
type figures struct {
	AsOf   string `name:"as-of" placeholder:"YYYY-MM-DD" help:"The day; today when left out."`
	Org    string `name:"org" placeholder:"CODE" help:"The organisation, with everything below it; the plan's root when left out."`
	Plan   string `name:"plan" placeholder:"CODE" help:"The plan; the one in force that day when left out."`
	Format string `enum:"table,json,csv" default:"table" help:"table, json or csv."`
}

// told is an answer: rows for JSON, and how they are written otherwise.
type told struct {
	rows       any
	csv, table func(w io.Writer) error
}

// print opens the database, asks and prints the answer. Days outside the plan or the organisation and unknown organisations are refused.
func (c *figures) print(p *program, ask func(ctx context.Context, db *store.DB, q coverage.Query) (told, error)) error {
	var day models.Day
	if err := day.UnmarshalText([]byte(c.AsOf)); err != nil {
		return errs.OnField("as-of", "day_iso")
	}
	db, err := p.ready()
	if err != nil {
		return err
	}
	ctx, err := plan.ByCode(p.ctx, db.Read(p.ctx), c.Plan)
	if err != nil {
		return err
	}
	t, err := ask(ctx, db, coverage.Query{Org: c.Org, Day: day})
	if err != nil {
		return err
	}
	switch c.Format {
	case "json":
		e := json.NewEncoder(os.Stdout)
		e.SetIndent("", "  ")
		err = e.Encode(t.rows)
	case "csv":
		err = t.csv(os.Stdout)
	default:
		err = t.table(os.Stdout)
	}
	if err != nil {
		return err
	}
	return db.Close()
}

type coverageCmd struct{ figures }

// Run prints the rows of coverage.
func (c *coverageCmd) Run(p *program) error {
	return c.print(p, func(ctx context.Context, db *store.DB, q coverage.Query) (told, error) {
		r, err := (&coverage.Service{DB: db}).Report(ctx, access.System(), q)
		if err != nil {
			return told{}, err
		}
		rows := r.Rows()
		return told{rows, func(w io.Writer) error { return coverage.WriteCSV(w, rows) }, func(w io.Writer) error { return coverageTable(w, r) }}, nil
	})
}

type forecastCmd struct{ figures }

// Run prints where each group is heading. Days to come are refused, too.
func (c *forecastCmd) Run(p *program) error {
	return c.print(p, func(ctx context.Context, db *store.DB, q coverage.Query) (told, error) {
		f, err := (&forecast.Service{DB: db}).Ask(ctx, access.System(), forecast.Query{Query: q})
		if err != nil {
			return told{}, err
		}
		rows := f.Rows()
		table := func(w io.Writer) error {
			cells := make([][]string, len(rows))
			for i, r := range rows {
				cells[i] = r.Cells()
			}
			return writeTable(w, forecast.Columns, cells)
		}
		return told{rows, func(w io.Writer) error { return forecast.WriteCSV(w, rows) }, table}, nil
	})
}

// coverageTable lays the rows out for reading: organisations indented as in the tree, each with its groups.
func coverageTable(w io.Writer, r *coverage.Report) error {
	var rows [][]string
	for i, row := range r.Rows() {
		n := r.Nodes[i/len(r.Plan.Groups)]
		cells := row.Cells()
		cells[0] = strings.Repeat("  ", n.Depth-r.Top().Depth) + cells[0]
		rows = append(rows, cells)
	}
	return writeTable(w, coverage.Columns, rows)
}

// writeTable lays rows out in columns below their names; "-" stands for what is empty.
func writeTable(w io.Writer, columns []string, rows [][]string) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, cells := range append([][]string{columns}, rows...) {
		for i, c := range cells {
			if c == "" {
				cells[i] = "-"
			}
		}
		if _, err := fmt.Fprintf(t, "%s\n", strings.Join(cells, "\t")); err != nil {
			return err
		}
	}
	return t.Flush()
}
