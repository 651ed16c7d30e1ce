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
		if id := site.Account(t, testweb.Account{Name: "Nông Thị Hoa", SignIn: "hoa", Role: models.RoleHead, Organisation: "CB"}); id == 0 {
			t.Error("an account without an id")
		}
		b := testweb.Browse(t, site.URL)
		b.Go("/healthz")
		b.Go("/no-such-page")
		b.Look("not-found")
	}, testseed.Base)
}
