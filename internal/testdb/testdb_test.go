package testdb_test

import (
	"context"
	"testing"
	"time"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
	"taphuan/seeds"
)

func TestEachTestHasADatabaseOfItsOwnWithTheFixedClock(t *testing.T) {
	t.Parallel()
	for range 2 {
		testdb.Each(t, func(t *testing.T, db *store.DB) {
			var n int64
			if err := db.Read(t.Context()).Model(&models.Account{}).Count(&n).Error; err != nil || n != 0 {
				t.Fatal(n, err)
			}
			id, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
				a := models.Account{Name: "An", Language: "vi"}
				return a.ID, tx.Create(&a).Error
			})
			if err != nil {
				t.Fatal(id, err)
			}
			if !db.Time().Equal(testdb.Now) {
				t.Error("the clock says", db.Time())
			}
		})
	}
}

func TestCopiesOfATemplateHoldWhatTheTemplateHolds(t *testing.T) {
	t.Parallel()
	count := func(t *testing.T, db *store.DB) (n int64) {
		if err := db.Read(t.Context()).Model(&models.Organisation{}).Count(&n).Error; err != nil {
			t.Fatal(err)
		}
		return n
	}
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		if n := count(t, db); n != 0 {
			t.Errorf("a bare database holds %d organisations", n)
		}
		if _, err := seeds.Base(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		copied := testdb.Only(t, db.Dialect, testseed.Base)
		if got, want := count(t, copied), count(t, db); got != want || got == 0 {
			t.Errorf("the copy has %d organisations, want %d", got, want)
		}
		if err := copied.Migrate(t.Context()); err != nil {
			t.Error("a copy is to be up to date:", err)
		}
		// Foreign keys hold in copies too.
		_, err := copied.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
			return 0, tx.Exec("UPDATE organisations SET parent_id = 999999 WHERE id = (SELECT id FROM (SELECT MAX(id) AS id FROM organisations) m)").Error
		})
		if err == nil {
			t.Error("a parent that does not exist was accepted")
		}
	})
}

func TestEmptyDatabasesHaveNoTablesAndSeveralProcessesMayMigrateOne(t *testing.T) {
	t.Parallel()
	testdb.EachURL(t, func(t *testing.T, url string) {
		if testdb.Open(t, url).Read(t.Context()).Migrator().HasTable(&models.Account{}) {
			t.Error("the database is not empty")
		}
		errs := make(chan error)
		for range 4 {
			db := testdb.Open(t, url)
			go func() { errs <- db.Migrate(context.Background()) }()
		}
		for range 4 {
			if err := <-errs; err != nil {
				t.Error(err)
			}
		}
	}, testdb.Empty())
}

func TestQueriesAreCounted(t *testing.T) {
	t.Parallel()
	later := testdb.Now.Add(time.Hour)
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		got := testdb.Queries(db, func() {
			var os []models.Organisation
			if err := db.Read(t.Context()).Limit(3).Find(&os).Error; err != nil {
				t.Error(err)
			}
			_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
				return 0, tx.Create([]models.Account{{Name: "An", Language: "vi"}, {Name: "Bình", Language: "vi"}}).Error
			})
			if err != nil {
				t.Error(err)
			}
			var n int
			if err := db.Read(t.Context()).Raw("SELECT COUNT(*) FROM accounts").Scan(&n).Error; err != nil || n != 2 {
				t.Error(n, err)
			}
		})
		if len(got) != 3 {
			t.Errorf("counted %d: %q", len(got), got)
		}
		if n := testdb.CountQueries(db, func() {}); n != 0 {
			t.Errorf("counted %d where nothing ran", n)
		}
		if !db.Time().Equal(later) {
			t.Error("the clock says", db.Time())
		}
	}, testdb.At(func() time.Time { return later }))
}
