// Package testseed gives tests databases that hold the product's own seeds: testdb.Each(t, f, testseed.Base).
// It stands apart from testdb so that packages which the seeds are made with can be tested with testdb too.
package testseed

import (
	"context"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/seeds"
)

// Base is the data that every system starts with: the plan, its groups and topics, and the organisations.
var Base = testdb.With("base", func(ctx context.Context, db *store.DB) error {
	_, err := seeds.Base(ctx, db)
	return err
})
