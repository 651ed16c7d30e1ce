package main

import (
	"errors"
	"fmt"
	"os"
	"text/tabwriter"

	"taphuan/app/proof"
	"taphuan/app/store"
	"taphuan/models"
)

type proofKeyCmd struct {
	List   proofKeyListCmd   `cmd:"" help:"List the keys, the oldest first."`
	Rotate proofKeyRotateCmd `cmd:"" help:"Make a new key that signs from now on. Codes that were printed and badges that were downloaded stay good: public halves are published for ever."`
}

func (p *program) proofs() (*store.DB, *proof.Service, error) {
	db, err := p.ready()
	if err != nil {
		return nil, nil, err
	}
	keys, err := p.keys(db)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, &proof.Service{DB: db, Keys: keys}, nil
}

type proofKeyListCmd struct{}

func (c *proofKeyListCmd) Run(p *program) (err error) {
	db, proofs, err := p.proofs()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	all, err := proofs.All(p.ctx)
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KEY\tSIGNS\tMADE\tRETIRED")
	for _, k := range all {
		retired := "-"
		if k.RetiredAt != nil {
			retired = k.RetiredAt.Format("2006-01-02")
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", k.Kid, map[models.ProofKind]string{models.ProofEd25519: "QR codes", models.ProofES256: "badges"}[k.Kind], k.CreatedAt.Format("2006-01-02"), retired)
	}
	return w.Flush()
}

type proofKeyRotateCmd struct {
	Badges bool `help:"The key that signs digital badges, in place of the one for QR codes."`
}

func (c *proofKeyRotateCmd) Run(p *program) (err error) {
	db, proofs, err := p.proofs()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	kind := models.ProofEd25519
	if c.Badges {
		kind = models.ProofES256
	}
	kid, err := proofs.Rotate(p.ctx, store.By{}, kind)
	if err != nil {
		return err
	}
	fmt.Printf("%s signs from now on; the keys before it stay published\n", kid)
	return nil
}
