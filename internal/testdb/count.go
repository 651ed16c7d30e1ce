package testdb

import (
	"slices"
	"sync"

	"gorm.io/gorm"

	"taphuan/app/store"
)

// CountQueries says how many statements db ran while f did, those of other goroutines included. It counts what goes
// through GORM, a statement each; BEGIN and COMMIT are none.
func CountQueries(db *store.DB, f func()) int { return len(Queries(db, f)) }

// Queries gives the statements themselves, without their values, in order: a test that counts too many prints them.
func Queries(db *store.DB, f func()) []string {
	c, ok := db.Pools()[0].Plugins[counterName].(*counter)
	if !ok {
		panic("testdb counts the queries of databases that it opened itself")
	}
	from := c.watch()
	f()
	return c.since(from)
}

const counterName = "testdb:counter"

// counter is a GORM plug-in that notes each statement.
type counter struct {
	mu       sync.Mutex
	watchers int // nothing is noted while nobody counts
	ran      []string
}

func (c *counter) Name() string { return counterName }

func (c *counter) Initialize(g *gorm.DB) error {
	cb := g.Callback()
	for _, register := range []func(string, func(*gorm.DB)) error{
		cb.Query().After("gorm:query").Register,
		cb.Create().After("gorm:create").Register,
		cb.Update().After("gorm:update").Register,
		cb.Delete().After("gorm:delete").Register,
		cb.Row().After("gorm:row").Register,
		cb.Raw().After("gorm:raw").Register,
	} {
		if err := register(counterName, c.note); err != nil {
			return err
		}
	}
	return nil
}

func (c *counter) note(g *gorm.DB) {
	if g.DryRun || g.Statement.SQL.Len() == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.watchers > 0 {
		c.ran = append(c.ran, g.Statement.SQL.String())
	}
}

func (c *counter) watch() (from int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watchers++
	return len(c.ran)
}

func (c *counter) since(from int) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.watchers--
	return slices.Clone(c.ran[from:])
}
