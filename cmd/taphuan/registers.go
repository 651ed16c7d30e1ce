package main

import (
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"taphuan/app/access"
	"taphuan/app/certificate"
)

type registersCmd struct{}

// Run lists the registers of certificates and takes the hashes of those that were signed off again. One whose hash is another
// makes it fail.
func (c *registersCmd) Run(p *program) error {
	db, err := p.ready()
	if err != nil {
		return err
	}
	s := certificate.Service{DB: db}
	rows, err := s.Registers(p.ctx, access.System())
	if err != nil {
		return err
	}
	t := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "year\tsymbol\tcertificates\tvalid\treplaced\trevoked\tsigned_off\tstands\tsha256")
	changed := 0
	for _, r := range rows {
		closed, stands, hash := "-", "-", "-"
		if r.ClosedAt != nil {
			ok, err := s.RegisterStands(p.ctx, r.Register)
			if err != nil {
				return err
			}
			closed, stands, hash = r.ClosedAt.UTC().Format(time.RFC3339), "yes", r.ClosedSHA256
			if !ok {
				stands = "NO"
				changed++
			}
		}
		fmt.Fprintf(t, "%d\t%s\t%d\t%d\t%d\t%d\t%s\t%s\t%s\n", r.Year, r.Symbol, r.Used(), r.Standing(), r.Replaced, r.Revoked, closed, stands, hash)
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if changed > 0 {
		return fmt.Errorf("%d registers are not what they were when they were signed off", changed)
	}
	return db.Close()
}
