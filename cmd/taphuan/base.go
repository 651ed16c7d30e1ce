package main

import (
	"fmt"

	"taphuan/seeds"
)

type migrateCmd struct{}

func (migrateCmd) Run(p *program) error {
	db, err := p.open()
	if err != nil {
		return err
	}
	fmt.Println("the schema is up to date")
	return db.Close()
}

type seedCmd struct {
	Country bool `help:"Put the country above the province, with the other 33 provinces and cities beside it, so that a plan can cover all of them."`
}

func (c seedCmd) Run(p *program) error {
	db, err := p.open()
	if err != nil {
		return err
	}
	n, err := seeds.Base(p.ctx, db)
	if err != nil {
		return err
	}
	if c.Country {
		more, err := seeds.Country(p.ctx, db)
		if err != nil {
			return err
		}
		n += more
	}
	if n == 0 {
		fmt.Println("the base data is already there; nothing changed")
	} else {
		fmt.Printf("added %d records of base data\n", n)
	}
	return db.Close()
}
