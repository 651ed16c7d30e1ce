package planning_test

import (
	"context"
	"testing"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/ledger"
	"taphuan/app/plan"
	"taphuan/app/planning"
	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

func TestOfAGroupThatIsTakenAwayAndAHeadcountOfItInTheSameInstantOneIsRefused(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		s := &planning.Service{DB: db, Coverage: &coverage.Service{DB: db}, Wake: func() {}}
		now := func() *plan.Plan {
			t.Helper()
			if _, err := ledger.Ensure(ctx, db); err != nil {
				t.Fatal(err)
			}
			p, err := plan.Current(ctx, db.Read(ctx), models.DayOf(db.Time()))
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		p := now()
		if err := s.Save(ctx, access.System(), p.Code, planning.Input{Version: p.Version, Parts: planning.Parts{
			Group: planning.NewGroup{Code: "BCV", NameVi: "Báo cáo viên", Short: "Báo cáo viên", Percent: "80", Like: "QCN"}}}); err != nil {
			t.Fatal(err)
		}
		p = now()
		drop := func(ctx context.Context) error {
			return s.Save(ctx, access.System(), p.Code, planning.Input{Version: p.Version, Parts: planning.Parts{DropGroup: "BCV"}})
		}
		loose := func(g *gorm.DB) bool { // it has been seen that nothing hangs on the group
			_, ok := g.Statement.Model.(*models.Proposal)
			return ok
		}
		n := 3
		dropped, declared := between(t, db, drop, loose, func() error {
			return (&roster.Service{DB: db}).DeclareHeadcount(ctx, access.System(), roster.HeadcountInput{Organisation: "SO-NV", Group: "BCV", Effective: models.DayOf(db.Time()), Declared: &n})
		})
		p = now()
		if kept := p.GroupByCode("BCV") != nil; db.Dialect == store.MySQL && (declared != nil || !errs.Is(dropped, "plan_part_in_use") || !kept) ||
			db.Dialect == store.SQLite && (dropped != nil || !errs.Is(declared, "unknown_target_group") || kept) {
			t.Errorf("taken away: %v, declared: %v, the group is there: %v", dropped, declared, kept)
		}
		if differences, rows, err := ledger.Check(ctx, db); err != nil || len(differences) > 0 || rows == 0 {
			t.Errorf("%d of %d rows of the ledger differ: %v", len(differences), rows, err)
		}
	}, testseed.Base)
}
