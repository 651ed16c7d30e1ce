package store_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"gorm.io/gorm"

	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

func TestARequestThatArrivesTwiceHappensOnce(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		by := store.By{Key: "k1", Action: "POST /x"}
		runs := 0
		write := func(by store.By) (uint64, error) {
			return db.Write(context.Background(), by, func(tx *store.Tx) (uint64, error) {
				runs++
				a := models.Account{Name: "A", Language: "vi"}
				return 7, tx.Create(&a).Error
			})
		}
		for range 3 {
			ref, err := write(by)
			if err != nil || ref != 7 {
				t.Fatal(ref, err)
			}
		}
		if runs != 1 {
			t.Errorf("ran %d times", runs)
		}
		by.Action = "POST /y"
		if _, err := write(by); !errs.Is(err, "request_key_reused") {
			t.Errorf("another action under the same key: %v", err)
		}
		if _, err := db.Write(context.Background(), store.By{Key: "k2"}, func(tx *store.Tx) (uint64, error) { return 0, errors.New("no") }); err == nil {
			t.Error("a failing write succeeded")
		}
		if _, err := write(store.By{Key: "k2", Action: ""}); err != nil {
			t.Errorf("a key whose write failed is still free: %v", err)
		}
	})
}

func TestAWriteThatAForeignKeyRefusesRunsOnceMoreAndNothingOfTheFirstRunStays(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		runs, told := 0, 0
		write := func(key string, refused int) (uint64, error) {
			return db.Write(t.Context(), store.By{Key: key}, func(tx *store.Tx) (uint64, error) {
				runs++
				tx.After(func() { told++ })
				a := models.Account{Name: "A", Language: "vi"}
				if err := tx.Create(&a).Error; err != nil {
					return 0, err
				}
				if refused--; refused >= 0 {
					return 0, tx.Create(&models.Topic{PlanID: 999, Code: "1", NameVi: "Của kế hoạch không có"}).Error
				}
				return a.ID, nil
			})
		}
		first, err := write("k", 1)
		if err != nil || first == 0 || runs != 2 || told != 1 {
			t.Errorf("refused once: %d, %d runs, told %d times, %v", first, runs, told, err)
		}
		if again, err := write("k", 9); err != nil || again != first || runs != 2 || told != 1 {
			t.Errorf("sent again: %d, %d runs, told %d times, %v", again, runs, told, err)
		}
		if ref, err := write("l", 9); !errors.Is(err, gorm.ErrForeignKeyViolated) || ref != 0 || runs != 4 || told != 1 {
			t.Errorf("refused always: %d, %d runs, told %d times, %v", ref, runs, told, err)
		}
		if ref, err := write("l", 0); err != nil || ref == 0 || runs != 5 || told != 2 {
			t.Errorf("the key of what was refused is spent: %d, %d runs, told %d times, %v", ref, runs, told, err)
		}
		var accounts int64
		if err := db.Read(t.Context()).Model(&models.Account{}).Count(&accounts).Error; err != nil || accounts != 2 {
			t.Errorf("%d accounts, %v", accounts, err)
		}
	})
}

func TestASecondWriteOfOneRequestUnderItsKeyFailsAloud(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		write := func(ctx context.Context, by store.By, fail error) error {
			_, err := db.Write(ctx, by, func(tx *store.Tx) (uint64, error) { return 1, fail })
			return err
		}
		by, refused := store.By{AccountID: 7, Key: "k"}, errors.New("refused")
		ctx := store.OneRequest(context.Background())
		if err := write(ctx, by, refused); !errors.Is(err, refused) {
			t.Fatal(err)
		}
		if err := write(ctx, by, nil); err != nil {
			t.Errorf("after a write that was refused: %v", err)
		}
		if err := write(ctx, by, nil); !errors.Is(err, store.ErrSecondWrite) {
			t.Errorf("the second write: %v", err)
		}
		if err := write(ctx, store.By{AccountID: 7, Key: "l"}, nil); err != nil {
			t.Errorf("under another key: %v", err)
		}
		for range 2 {
			if err := write(ctx, store.By{AccountID: 7}, nil); err != nil {
				t.Errorf("without a key: %v", err)
			}
		}
		again := store.OneRequest(context.Background()) // the form is sent a second time
		if err := write(again, by, nil); err != nil {
			t.Errorf("the same request again: %v", err)
		}
		if err := write(again, by, nil); !errors.Is(err, store.ErrSecondWrite) {
			t.Errorf("the second write of what was sent again: %v", err)
		}
	})
}

func TestConcurrentWritersAllCommitAndDaysAndTimesComeBackAsWritten(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		var wg sync.WaitGroup
		for range 32 {
			wg.Go(func() {
				_, err := db.Write(context.Background(), store.By{}, func(tx *store.Tx) (uint64, error) {
					c := models.Cadre{FullName: "Nông Văn  Hùng", BirthDay: models.MustDay("1980-05-04")}
					return c.ID, tx.Create(&c).Error
				})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		var cs []models.Cadre
		if err := db.Read(context.Background()).Find(&cs).Error; err != nil {
			t.Fatal(err)
		}
		if len(cs) != 32 {
			t.Fatalf("%d of 32", len(cs))
		}
		if cs[0].BirthDay.String() != "1980-05-04" || cs[0].FullName != "Nông Văn Hùng" || cs[0].BirthYear != 1980 {
			t.Errorf("%+v", cs[0])
		}
		if !cs[0].CreatedAt.Equal(testdb.Now) {
			t.Errorf("time came back as %v", cs[0].CreatedAt)
		}
	})
}

func TestReadSessionsCannotWriteOnSQLiteAndDuplicatesAreNamed(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		if db.Dialect == store.SQLite && db.Read(context.Background()).Create(&models.Setting{Name: "x"}).Error == nil {
			t.Error("a read session wrote")
		}
		put := func() error {
			_, err := db.Write(context.Background(), store.By{}, func(tx *store.Tx) (uint64, error) {
				return 0, tx.Create(&models.Setting{Name: "x", UpdatedAt: tx.Now}).Error
			})
			return err
		}
		if err := put(); err != nil {
			t.Fatal(err)
		}
		if err := put(); !errors.Is(err, gorm.ErrDuplicatedKey) {
			t.Errorf("got %v", err)
		}
	})
}

// TestSQLiteKnowsHowManyRowsItsIndexesFind: and keeps no samples, for which it would plan a statement anew with each value.
func TestSQLiteKnowsHowManyRowsItsIndexesFind(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		for range 2 {
			if err := db.Analyse(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if db.Dialect != store.SQLite {
			return
		}
		var organisations, samples int
		if err := db.Read(t.Context()).Raw("SELECT COUNT(*) FROM sqlite_stat1 WHERE tbl = 'organisations'").Row().Scan(&organisations); err != nil || organisations == 0 {
			t.Errorf("nothing is known of organisations: %d, %v", organisations, err)
		}
		if err := db.Read(t.Context()).Raw("SELECT COUNT(*) FROM sqlite_stat4").Row().Scan(&samples); err != nil || samples != 0 {
			t.Errorf("%d samples, %v", samples, err)
		}
	}, testseed.Base)
}
