package main

import (
	"errors"
	"fmt"
	"os"

	"taphuan/app/ledger"
)

type doctorCmd struct {
	Mend bool `help:"Build the ledger of coverage anew where it differs."`
}

// errSick is a finding that was not mended.
var errSick = errors.New("the ledger of coverage differs from its sources; taphuan doctor --mend builds it anew")

// shown is how many differences are printed.
const shown = 20

// Run computes every row of the ledger of coverage from its sources and compares. It prints what differs and ends with status 1, or mends it.
func (c *doctorCmd) Run(p *program) (err error) {
	db, err := p.ready()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	differences, rows, err := ledger.Check(p.ctx, db)
	if err != nil {
		return err
	}
	for _, d := range differences[:min(len(differences), shown)] {
		fmt.Printf("%s\n", describe(d))
	}
	switch {
	case len(differences) == 0:
		fmt.Printf("coverage: %d rows of the ledger agree with their sources\n", rows)
		return nil
	case !c.Mend:
		fmt.Fprintf(os.Stderr, "coverage: %d differences in %d rows\n", len(differences), rows)
		return errSick
	}
	if err := ledger.Build(p.ctx, db); err != nil {
		return err
	}
	fmt.Printf("coverage: %d differences; the ledger has been built anew\n", len(differences))
	return nil
}

func describe(d ledger.Difference) string {
	return fmt.Sprintf("coverage: organisation %d, group %d, tier %d, %s: %s in the ledger, %s from the sources", d.OrganisationID, d.GroupID, d.Tier, d.Day,
		sum(d.Is), sum(d.Should))
}

func sum(s ledger.Sum) string {
	return fmt.Sprintf("roster %+d, covered %+d, recognised %+d, denominator %+d, declared %+d by %+d, unreported %+d, lapsed %+d", s.Roster, s.Covered, s.Recognised, s.Denominator, s.Declared, s.Declaring, s.Unreported, s.Lapsed)
}
