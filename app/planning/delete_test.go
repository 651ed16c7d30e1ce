package planning_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/app/planning"
	"taphuan/app/store"
	"taphuan/app/trainer"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

// copied makes a plan beside the base one.
func copied(t *testing.T, db *store.DB) (*planning.Service, *plan.Plan) {
	t.Helper()
	ctx := t.Context()
	s := &planning.Service{DB: db, Coverage: &coverage.Service{DB: db}, Wake: func() {}}
	base, err := plan.Current(ctx, db.Read(ctx), models.DayOf(db.Time()))
	if err != nil {
		t.Fatal(err)
	}
	id, err := s.Copy(ctx, access.System(), planning.CopyInput{From: base.Code, Code: "BAN-SAO", NameVi: "Bản sao", Root: base.Root.Code, First: base.FromDay, Last: base.ToDay - 1})
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.OfID(ctx, db.Read(ctx), id)
	if err != nil {
		t.Fatal(err)
	}
	return s, p
}

type firstKey struct{}

// between runs first, and just before the statement of it that at finds, second: to its end where the database lets two write side by side, else
// until it waits for the first.
func between(t *testing.T, db *store.DB, first func(ctx context.Context) error, at func(*gorm.DB) bool, second func() error) (firstErr, secondErr error) {
	t.Helper()
	done := make(chan error, 1)
	var begun atomic.Bool
	look := func(g *gorm.DB) {
		if g.Statement.Context.Value(firstKey{}) == nil || !at(g) || !begun.CompareAndSwap(false, true) {
			return
		}
		go func() { done <- second() }()
		if db.Dialect == store.MySQL {
			done <- <-done
		}
	}
	for _, pool := range db.Pools() {
		for _, err := range []error{pool.Callback().Query().Before("gorm:query").Register("test:between", look), pool.Callback().Raw().Before("gorm:raw").Register("test:between", look)} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	firstErr = first(context.WithValue(t.Context(), firstKey{}, true))
	if !begun.Load() {
		t.Fatal("the statement did not come:", firstErr)
	}
	return firstErr, <-done
}

func TestOfACourseThatIsMadeWhileItsPlanIsDeletedOneIsRefusedAndNothingIsHalfDone(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s, p := copied(t, db)
		ctx, read := t.Context(), db.Read(t.Context())
		create := func(ctx context.Context) error {
			_, err := (&course.Service{DB: db}).Create(plan.Choose(ctx, p.ID), access.System(), course.Input{Title: "Lớp", CourseTypeID: p.CourseTypes[0].ID, HostID: *p.LeadID, Capacity: 10, RulePercent: 80})
			return err
		}
		locks := func(g *gorm.DB) bool {
			_, plan := g.Statement.Dest.(*models.Plan)
			_, lock := g.Statement.Clauses["FOR"]
			return plan && lock
		}
		made, deleted := between(t, db, create, locks, func() error { return s.Delete(ctx, access.System(), p.Code, p.Version) })
		var courses, plans int64
		if err := read.Model(&models.Course{}).Count(&courses).Error; err != nil {
			t.Fatal(err)
		}
		if err := read.Model(&models.Plan{}).Where("id = ?", p.ID).Count(&plans).Error; err != nil {
			t.Fatal(err)
		}
		if db.Dialect == store.MySQL && (deleted != nil || !errs.Is(made, "not_found") || courses != 0 || plans != 0) {
			t.Errorf("deleted first: %v, the course: %v; %d courses, %d plans", deleted, made, courses, plans)
		}
		if db.Dialect == store.SQLite && (made != nil || !errs.Is(deleted, "plan_in_use") || courses != 1 || plans != 1) {
			t.Errorf("the course first: %v, deleted: %v; %d courses, %d plans", made, deleted, courses, plans)
		}
	}, testseed.Base)
}

func TestWhatComesToHangOnAPlanWhileItIsDeletedKeepsItOrIsRefused(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s, p := copied(t, db)
		who := models.Account{Name: "Giảng viên", SortKey: "a"}
		if _, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
			if err := tx.Create(&who).Error; err != nil {
				return 0, err
			}
			return 0, tx.Create(&models.Grant{AccountID: who.ID, Role: models.RoleTrainer}).Error
		}); err != nil {
			t.Fatal(err)
		}
		teach := func() error {
			return (&trainer.Service{DB: db}).Save(plan.Choose(t.Context(), p.ID), access.System(), who.ID, trainer.Input{TopicIDs: []uint64{p.Topics[0].ID}})
		}
		topics := func(g *gorm.DB) bool { return strings.HasPrefix(g.Statement.SQL.String(), "DELETE FROM topics") }
		deleted, taught := between(t, db, func(ctx context.Context) error { return s.Delete(ctx, access.System(), p.Code, p.Version) }, topics, teach)
		left, err := plan.OfID(t.Context(), db.Read(t.Context()), p.ID)
		if db.Dialect == store.MySQL && (taught != nil || !errs.Is(deleted, "plan_in_use") || err != nil || len(left.Groups) != len(p.Groups) || len(left.Topics) != len(p.Topics)) {
			t.Errorf("said of the trainer first: %v, deleted: %v; the plan: %v", taught, deleted, err)
		}
		if db.Dialect == store.SQLite && (deleted != nil || !errs.Is(taught, "not_found") || !errs.Is(err, "not_found")) {
			t.Errorf("deleted first: %v, said of the trainer: %v; the plan: %v", deleted, taught, err)
		}
	}, testseed.Base)
}
