package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/models"
)

type coverageCmd struct {
	AsOf   string `name:"as-of" placeholder:"YYYY-MM-DD" help:"The day; today when left out."`
	Org    string `name:"org" placeholder:"CODE" help:"The organisation, with everything below it; the plan's root when left out."`
	Plan   string `name:"plan" placeholder:"CODE" help:"The plan; the one in force that day when left out."`
	Format string `enum:"table,json,csv" default:"table" help:"table, json or csv."`
}

// Run prints the rows of coverage. Days outside the plan or the organisation and unknown organisations are refused.
func (c *coverageCmd) Run(p *program) error {
	var day models.Day
	if err := day.UnmarshalText([]byte(c.AsOf)); err != nil {
		return errs.OnField("as-of", "day")
	}
	db, err := p.ready()
	if err != nil {
		return err
	}
	ctx, err := plan.ByCode(p.ctx, db.Read(p.ctx), c.Plan)
	if err != nil {
		return err
	}
	s := coverage.Service{DB: db}
	r, err := s.Report(ctx, access.System(), coverage.Query{Org: c.Org, Day: day})
	if err != nil {
		return err
	}
	switch c.Format {
	case "json":
		e := json.NewEncoder(os.Stdout)
		e.SetIndent("", "  ")
		err = e.Encode(r.Rows())
	case "csv":
		err = coverage.WriteCSV(os.Stdout, r.Rows())
	default:
		err = coverageTable(os.Stdout, r)
	}
	if err != nil {
		return err
	}
	return db.Close()
}

// coverageTable lays the rows out for reading: organisations indented as in the tree, each with its groups.
func coverageTable(w io.Writer, r *coverage.Report) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if _, err := fmt.Fprintf(t, "%s\n", strings.Join(coverage.Columns, "\t")); err != nil {
		return err
	}
	for i, row := range r.Rows() {
		n := r.Nodes[i/len(r.Plan.Groups)]
		cells := row.Cells()
		for j, c := range cells {
			if c == "" {
				cells[j] = "-"
			}
		}
		cells[0] = strings.Repeat("  ", n.Depth-r.Top().Depth) + cells[0]
		if _, err := fmt.Fprintf(t, "%s\n", strings.Join(cells, "\t")); err != nil {
			return err
		}
	}
	return t.Flush()
}
