package handlers_test

import (
	"fmt"
	"testing"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

func TestALongListIsSortedTurnedAndChosenFrom(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		for i := range 120 {
			w.post(fmt.Sprintf("Nông Thị %s %s", []string{"Bình", "Lan", "Thu"}[i%3], []string{"An", "Hà", "Mai", "Yến"}[i/30]), homeOffice, "2026-01-01", "")
		}
		b := site.As(t, models.RoleCoordinator, "")
		b.Go("/cadres")
		b.Sees("1–50 trên")
		b.Click("Trang sau")
		b.Sees("51–100 trên")
		b.Look("cadres-second-page")
		b.Click("Trang trước")
		b.Sees("1–50 trên")
		b.Click("Cuối")
		b.Sees("Yến")
		b.Go("/cadres?q=nong&sort=-name")
		b.Sees("Nông Thị Thu Yến")
		b.Look("cadres-sorted")
		b.Go("/organisations?sort=name")
		b.Look("organisations-by-name")
		b.Go("/courses?sort=code")
		b.Look("courses-list")
		b.Go("/slips?sort=-people")
		b.Look("slips-sorted")
		b.Go("/reorganisation")
		b.Go("/nominations")
		b.Go("/recognitions")
		b.Look("recognitions-list")
		b.Go("/twins")
		b.Look("twins-list")
		b.Go("/certificates")
		b.Look("certificates-list")
		b.Go("/accounts")
		b.Look("accounts-list")
	}, testseed.Base)
}
