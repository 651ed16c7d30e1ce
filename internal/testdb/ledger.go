package testdb

import (
	"context"
	"regexp"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"taphuan/app/ledger"
	"taphuan/app/store"
	"taphuan/models"
)

// Ledger builds the ledger of coverage anew from what a test wrote by itself. From here on whatever the product does is held to it: at the
// end of the test each row of the ledger must be what follows from its sources.
func Ledger(t testing.TB, db *store.DB) {
	t.Helper()
	if err := ledger.Build(context.Background(), db); err != nil {
		t.Fatal(err)
	}
	if p, ok := db.Pools()[0].Plugins[bypassName].(*bypass); ok {
		p.seen.Store(false)
	}
}

// sameLedger holds the ledger of coverage to its sources at the end of a test, unless the test itself wrote what coverage depends on.
func sameLedger(t testing.TB, db *store.DB) {
	p, ok := db.Pools()[0].Plugins[bypassName].(*bypass)
	read := db.Read(context.Background())
	if t.Failed() || !ok || p.seen.Load() || !read.Migrator().HasTable(&models.CoverageLedger{}) {
		return
	}
	var kept int64
	if err := read.Model(&models.CoverageLedger{}).Where("fingerprint <> ''").Count(&kept).Error; err != nil {
		t.Error(err)
		return
	}
	if kept == 0 {
		return
	}
	differences, rows, err := ledger.Check(context.Background(), db)
	if err != nil || len(differences) > 0 {
		t.Errorf("the ledger of coverage: %d of %d rows differ from their sources, the first: %+v %v", len(differences), rows, differences[:min(len(differences), 3)], err)
	}
}

const bypassName = "testdb:bypass"

// bypass is a GORM plug-in that sees when a test itself writes what coverage depends on: there is no ledger then, until the test calls Ledger.
type bypass struct{ seen atomic.Bool }

func (b *bypass) Name() string { return bypassName }

func (b *bypass) Initialize(g *gorm.DB) error {
	cb := g.Callback()
	for _, register := range []func(string, func(*gorm.DB)) error{
		cb.Create().After("gorm:create").Register, cb.Update().After("gorm:update").Register, cb.Delete().After("gorm:delete").Register, cb.Raw().After("gorm:raw").Register,
	} {
		if err := register(bypassName, b.look); err != nil {
			return err
		}
	}
	return nil
}

var sources = regexp.MustCompile("(?i)^\\s*(INSERT INTO|UPDATE|DELETE FROM)\\s+`?(postings|posting_groups|completions|headcounts|organisations|plan_components|target_groups|expected_groups|plans)\\b")

func (b *bypass) look(g *gorm.DB) {
	if g.Error != nil || !sources.MatchString(g.Statement.SQL.String()) {
		return
	}
	pcs := make([]uintptr, 40)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	for {
		f, more := frames.Next()
		if !strings.Contains(f.File, "gorm.io") && !strings.Contains(f.File, "/internal/testdb/ledger.go") {
			own := strings.HasSuffix(f.File, "ledger_test.go") && strings.Contains(f.File, "/app/coverage/") // tells the ledger by itself
			if !own && (strings.HasSuffix(f.File, "_test.go") || strings.Contains(f.File, "/internal/")) {
				b.seen.Store(true)
				g.AddError(g.Session(&gorm.Session{NewDB: true}).Exec("UPDATE coverage_ledgers SET fingerprint = ''").Error)
			}
			return
		}
		if !more {
			return
		}
	}
}
