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

type seedCmd struct{}

func (seedCmd) Run(p *program) error {
	db, err := p.open()
	if err != nil {
		return err
	}
	n, err := seeds.Base(p.ctx, db)
	if err != nil {
		return err
	}
	if n == 0 {
		fmt.Println("the base data is already there; nothing changed")
	} else {
		fmt.Printf("added %d records of base data\n", n)
	}
	return db.Close()
}
