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
		site.Account(t, testweb.Account{Name: "Lý Thị Thử", SignIn: "thu", Role: models.RoleHead, Organisation: "CB"})
		b := testweb.Browse(t, site.URL)
		b.Go("/sign-in")
		b.Fill("Tên đăng nhập", "thu")
		b.Fill("Mật khẩu", testweb.Password)
		b.Click("Đăng nhập")
		if path := b.Path(); path != "/" {
			t.Errorf("after signing in, one is at %s", path)
		}
		b.Sees("Lý Thị Thử")
		b.Go("/no-such-page")
		b.Look("not-found")
		again := site.As(t, models.RoleHead, "CB")
		if path := again.Path(); path != "/" {
			t.Errorf("As leaves the window at %s", path)
		}
		again.Sees("Lý Thị Thử")
	}, testseed.Base)
}
