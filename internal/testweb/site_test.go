package testweb_test

import (
	"testing"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

func TestTheApplicationIsServedOnBothDatabases(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		b := site.As(t, models.RoleHead, "CB")
		if path := b.Path(); path != "/" {
			t.Errorf("after signing in, one is at %s", path)
		}
		b.Sees("Lý Thị Thử")
		b.Go("/no-such-page")
		b.Look("not-found")
	}, testseed.Base)
}
