package coverage_test

import (
	"testing"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/store"
	"taphuan/internal/testdb"
)

// What a figure is compared with is what the report of that day says, counted and from the ledger; what did not exist then has nothing.
func TestTheYearBeforeIsTheReportOfThatDay(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(410)
		w.store(t, db)
		s := &coverage.Service{DB: db}
		compared := 0
		for _, kept := range []bool{false, true} {
			if kept {
				testdb.Ledger(t, db)
			}
			for _, all := range []bool{false, true} {
				now, err := s.Series(t.Context(), access.System(), coverage.SeriesQuery{To: day("2024-11-20"), All: all, Year: true})
				if err != nil {
					t.Fatal(err)
				}
				then, err := w.On(now.Report.Top().ID, day("2023-11-20"))
				if err != nil || now.Before.Day != day("2023-11-20") {
					t.Fatal(now.Before, err)
				}
				for _, n := range now.Report.Nodes {
					for g := range n.Figures {
						var want *int
						for _, m := range then.Nodes {
							if a, b := n.Figures[g].Percent(), m.Figures[g].Percent(); m.ID == n.ID && a != nil && b != nil {
								d := int(*a - *b)
								want = &d
								compared++
							}
						}
						got := now.Before.Change(n, g)
						if (got == nil) != (want == nil) || got != nil && *got != *want {
							t.Errorf("kept %v, all %v, %s: %v, want %v", kept, all, n.Code, got, want)
						}
					}
				}
			}
		}
		if compared == 0 {
			t.Error("nothing was compared")
		}
		early, err := s.Series(t.Context(), access.System(), coverage.SeriesQuery{To: day("2023-11-20"), Year: true})
		if err != nil || early.Before != nil || early.Before.Change(early.Report.Top(), 0) != nil {
			t.Errorf("the plan had not begun: %+v %v", early.Before, err)
		}
	})
}
