package main

import (
	"encoding/json"
	"fmt"
	"os"

	"taphuan/app/errs"
	"taphuan/app/i18n"
	"taphuan/app/roster"
	"taphuan/app/roster/sheet"
	"taphuan/app/store"
	"taphuan/models"
)

type importCmd struct {
	Roster importRosterCmd `cmd:"" help:"Import a roster of cadres from an Excel workbook (.xlsx or .xls)."`
}

type importRosterCmd struct {
	File      string `arg:"" type:"existingfile" help:"The workbook."`
	Effective string `required:"" help:"The day from which the roster holds, YYYY-MM-DD."`
	DryRun    bool   `help:"Say what would be written and write nothing."`
	Format    string `enum:"text,json" default:"text" help:"text or json."`
}

// importReport is what --format json prints: rows have the shape of the reader's contract.
type importReport struct {
	File     string          `json:"file"`
	DryRun   bool            `json:"dry_run"`
	Accepted []sheet.Row     `json:"accepted"`
	Refused  []importRefusal `json:"refused"`
	Written  roster.Written  `json:"written"`
}

type importRefusal struct {
	Sheet  string `json:"sheet"`
	Row    int    `json:"row"`
	Reason string `json:"reason"`
}

func (c *importRosterCmd) Run(p *program) error {
	var day models.Day
	if err := day.UnmarshalText([]byte(c.Effective)); err != nil || day == 0 {
		return errs.OnField("effective", "day_iso")
	}
	info, err := os.Stat(c.File)
	if err != nil {
		return err
	}
	if info.Size() > 64<<20 {
		return errs.TooLarge("file_too_large")
	}
	file, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	db, err := p.ready()
	if err != nil {
		return err
	}
	keys, err := p.keys(db)
	if err != nil {
		return err
	}
	s := roster.Service{DB: db, Keys: keys}
	tell := p.progress("import")
	pv, err := s.ImportFile(p.ctx, store.By{Action: "import roster"}, file, day, c.DryRun, tell)
	tell(1, 1)
	if err != nil {
		return err
	}
	if c.Format == "json" {
		r := importReport{File: info.Name(), DryRun: c.DryRun, Accepted: []sheet.Row{}, Refused: []importRefusal{}, Written: pv.Written}
		for _, a := range pv.Accepted {
			r.Accepted = append(r.Accepted, a.Row)
		}
		for _, x := range pv.Refused {
			r.Refused = append(r.Refused, importRefusal{x.Sheet, x.Row, x.Reason})
		}
		e := json.NewEncoder(os.Stdout)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		if err := e.Encode(r); err != nil {
			return err
		}
		return db.Close()
	}
	words, err := i18n.New()
	if err != nil {
		return err
	}
	for _, x := range pv.Refused {
		fmt.Printf("%s %d%s: %s: %s\n", x.Sheet, x.Row, x.Column, x.Reason, words.Text(i18n.VI, "import.reason."+x.Reason, x.Params))
	}
	fmt.Printf("accepted %d, refused %d; cadres: %s; postings: %s\n", len(pv.Accepted), len(pv.Refused), tally(pv.Written.Cadres), tally(pv.Written.Postings))
	if c.DryRun {
		fmt.Println("dry run: nothing was written")
	}
	return db.Close()
}

func tally(t roster.Tally) string {
	return fmt.Sprintf("%d new, %d changed, %d unchanged", t.New, t.Changed, t.Unchanged)
}

// progress draws a bar on standard error when that is a terminal.
func (p *program) progress(what string) func(done, total int) {
	info, err := os.Stderr.Stat()
	if err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return func(int, int) {}
	}
	last := -1
	return func(done, total int) {
		if total <= 0 {
			return
		}
		percent := min(100, 100*done/total)
		if percent == last {
			return
		}
		last = percent
		fmt.Fprintf(os.Stderr, "\r%s [%-40s] %3d %%", what, "########################################"[:40*percent/100], percent)
		if percent == 100 {
			fmt.Fprintln(os.Stderr)
		}
	}
}
