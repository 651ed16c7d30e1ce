package coverage_test

import "testing"

func TestGapsAddUpToWhatTheFiguresHoldBeyondTheRosters(t *testing.T) {
	t.Parallel()
	found := 0
	for seed := range uint64(60) {
		w := newWorld(seed)
		d := w.day()
		r, err := w.On(1, d)
		if err != nil {
			t.Fatal(err)
		}
		for i, g := range r.Plan.Groups {
			short, silent, counted := 0, 0, 0
			for _, x := range r.Gaps(g.Code) {
				switch {
				case x.Silent:
					silent++
				case x.Declared <= x.Roster || x.CountsOnly:
					t.Errorf("%+v is no gap", x)
				default:
					short += x.Declared - x.Roster
				}
				found++
			}
			for _, n := range r.Nodes {
				if n.CountsOnly && n.Parent >= 0 {
					counted += n.Figures[i].Denominator - n.Figures[i].Roster
				}
			}
			f := r.Top().Figures[i]
			if short+counted != f.Denominator-f.Roster {
				t.Errorf("seed %d group %s: %d short and %d counted, the figure holds %d beyond the rosters", seed, g.Code, short, counted, f.Denominator-f.Roster)
			}
			if silent != f.Unreported {
				t.Errorf("seed %d group %s: %d silent, the figure says %d", seed, g.Code, silent, f.Unreported)
			}
		}
	}
	if found < 50 {
		t.Errorf("only %d gaps in all worlds", found)
	}
}
