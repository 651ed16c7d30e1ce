package planning_test

import (
	"testing"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/plan"
	"taphuan/app/planning"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

func TestWhatHangsOnAPlanIsRememberedUntilThePlanChanges(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := &planning.Service{DB: db, Coverage: &coverage.Service{DB: db}, Wake: func() {}}
		var memory plan.Memory
		today := models.DayOf(db.Time())
		read := func() (p *plan.Plan, statements int) {
			statements = testdb.CountQueries(db, func() {
				all, err := plan.Briefs(t.Context(), db.Read(t.Context()))
				if err != nil {
					t.Fatal(err)
				}
				ctx := plan.Once(t.Context(), &memory, all)
				if p, err = plan.Current(ctx, db.Read(ctx), today); err != nil {
					t.Fatal(err)
				}
				if again, err := plan.Current(ctx, db.Read(ctx), today); err != nil || again != p {
					t.Fatalf("in one request the plan was read twice: %v", err)
				}
			})
			return p, statements
		}
		first, whole := read()
		second, brief := read()
		if whole < 8 || brief != 1 || len(second.Groups) != len(first.Groups) || second.Root.ID != first.Root.ID || len(second.TypeComponents) != len(first.TypeComponents) {
			t.Errorf("%d statements, then %d; %+v", whole, brief, second)
		}
		was := first.Groups[0].TargetPercent
		in := planning.Input{Version: first.Version, Expires: map[models.Component]*int{}, Targets: map[string]int{}}
		for _, c := range first.Components {
			in.Expires[c.Component] = c.ExpiresMonths
		}
		for _, g := range first.Groups {
			in.Targets[g.Code] = g.TargetPercent
		}
		in.Targets[first.Groups[0].Code] = was - 7
		if err := s.Save(t.Context(), access.System(), first.Code, in); err != nil {
			t.Fatal(err)
		}
		if third, _ := read(); third.Groups[0].TargetPercent != was-7 || third.Version != first.Version+1 || first.Groups[0].TargetPercent != was {
			t.Errorf("after a change: %d %%, version %d; who read before sees %d %%", third.Groups[0].TargetPercent, third.Version, first.Groups[0].TargetPercent)
		}
	}, testseed.Base)
}
