package store_test

import (
	"context"
	"database/sql"
	"sync"
	"sync/atomic"
	"testing"

	sqldriver "github.com/go-sql-driver/mysql"
	"gorm.io/gorm"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

// counters makes two rows whose values tests change under locks.
func counters(t *testing.T, db *store.DB) {
	t.Helper()
	_, err := db.Write(context.Background(), store.By{}, func(tx *store.Tx) (uint64, error) {
		return 0, tx.Create([]models.Setting{{Name: "a", UpdatedAt: tx.Now}, {Name: "b", UpdatedAt: tx.Now}}).Error
	})
	if err != nil {
		t.Fatal(err)
	}
}

// add writes a mark behind a row's value, under the row's lock.
func add(tx *store.Tx, name, mark string) error {
	var s models.Setting
	if err := tx.Lock().Where("name = ?", name).Take(&s).Error; err != nil {
		return err
	}
	return tx.Model(&models.Setting{}).Where("name = ?", name).Update("value", s.Value+mark).Error
}

func value(t *testing.T, db *store.DB, name string) string {
	t.Helper()
	var s models.Setting
	if err := db.Read(context.Background()).Where("name = ?", name).Take(&s).Error; err != nil {
		t.Fatal(err)
	}
	return s.Value
}

func TestBothSidesOfADeadlockCommitInTheEnd(t *testing.T) {
	t.Parallel()
	db := testdb.Only(t, store.MySQL)
	counters(t, db)
	// Each takes one row and, at its first try, waits until the other has taken the other row: a sure deadlock.
	var met sync.WaitGroup
	met.Add(2)
	var tries atomic.Int32
	var wg sync.WaitGroup
	for _, order := range [][2]string{{"a", "b"}, {"b", "a"}} {
		wg.Go(func() {
			first := true
			_, err := db.Write(context.Background(), store.By{Key: order[0]}, func(tx *store.Tx) (uint64, error) {
				tries.Add(1)
				if err := add(tx, order[0], "x"); err != nil {
					return 0, err
				}
				if first {
					first = false
					met.Done()
					met.Wait()
				}
				return 1, add(tx, order[1], "x")
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if tries.Load() < 3 {
		t.Errorf("%d tries: there was no deadlock to speak of", tries.Load())
	}
	for _, name := range []string{"a", "b"} {
		if got := value(t, db, name); got != "xx" {
			t.Errorf("%s holds %q: a try that was rolled back left something, or a write was lost", name, got)
		}
	}
}

// refusing is a pool whose first commits fail as those of a cluster of servers do (certification failure), rolled back.
type refusing struct {
	*sql.DB
	left atomic.Int32
}

func (p *refusing) BeginTx(ctx context.Context, opts *sql.TxOptions) (gorm.ConnPool, error) {
	tx, err := p.DB.BeginTx(ctx, opts)
	if err != nil {
		return nil, err
	}
	return &refusingTx{Tx: tx, pool: p}, nil
}

type refusingTx struct {
	*sql.Tx
	pool *refusing
}

func (t *refusingTx) Commit() error {
	if t.pool.left.Add(-1) < 0 {
		return t.Tx.Commit()
	}
	if err := t.Tx.Rollback(); err != nil {
		return err
	}
	return &sqldriver.MySQLError{Number: 1213, Message: "Deadlock found when trying to get lock; try restarting transaction"}
}

func TestACommitThatTheClusterRefusesIsRepeatedAsAWhole(t *testing.T) {
	t.Parallel()
	db := testdb.Only(t, store.MySQL)
	counters(t, db)
	g := db.Pools()[0]
	plain, err := g.DB()
	if err != nil {
		t.Fatal(err)
	}
	pool := &refusing{DB: plain}
	was := g.ConnPool
	g.ConnPool, g.Statement.ConnPool = pool, pool
	defer func() { g.ConnPool, g.Statement.ConnPool = was, was }()
	pool.left.Store(3)
	tries, after := 0, 0
	by := store.By{Key: "k", Action: "POST /x"}
	for range 2 { // the second time the same request arrives again
		ref, err := db.Write(context.Background(), by, func(tx *store.Tx) (uint64, error) {
			tries++
			tx.After(func() { after++ })
			return 7, add(tx, "a", "x")
		})
		if err != nil || ref != 7 {
			t.Fatal(ref, err)
		}
	}
	if got := value(t, db, "a"); tries != 4 || after != 1 || got != "x" {
		t.Errorf("%d tries, %d times afterwards, value %q", tries, after, got)
	}
}

func TestARequestThatArrivesManyTimesAtOnceAtSeveralServersHappensOnce(t *testing.T) {
	t.Parallel()
	testdb.EachURL(t, func(t *testing.T, url string) {
		servers := []*store.DB{testdb.Open(t, url), testdb.Open(t, url)}
		counters(t, servers[0])
		var wg sync.WaitGroup
		for i := range 24 {
			wg.Go(func() {
				ref, err := servers[i%2].Write(context.Background(), store.By{Key: "k", Action: "POST /x"}, func(tx *store.Tx) (uint64, error) {
					return 853, add(tx, "a", "x")
				})
				if err != nil || ref != 853 {
					t.Errorf("reference %d, %v", ref, err)
				}
			})
		}
		wg.Wait()
		if got := value(t, servers[0], "a"); got != "x" {
			t.Errorf("happened %d times", len(got))
		}
	})
}
