package siting

import (
	"math"
	"math/rand/v2"
	"testing"
)

// province makes people in areas of whom most belong to one group and some to two, and sites in some of the areas.
func province(seed uint64, areas, sites, people int) *Problem {
	r := rand.New(rand.NewPCG(seed, 9))
	p := &Problem{Least: 25, Need: make([]int, 4)}
	type place struct{ x, y float64 }
	at := make([]place, areas)
	for i := range at {
		at[i] = place{r.Float64() * 120, r.Float64() * 70}
	}
	for i := range at {
		row := make([]int, sites)
		for s := range row {
			row[s] = int(2 * 1.5 * math.Hypot(at[i].x-at[s].x, at[i].y-at[s].y))
		}
		p.Km = append(p.Km, row)
	}
	for range sites {
		p.Seats = append(p.Seats, 40+10*r.IntN(17))
	}
	type key struct {
		area   int
		groups uint64
	}
	cells := map[key]int{}
	for range people {
		g := uint64(1) << r.IntN(4)
		if r.IntN(10) == 0 {
			g |= 1 << r.IntN(4)
		}
		cells[key{min(r.IntN(areas), r.IntN(areas)), g}]++
	}
	for area := range areas {
		for g := range uint64(16) {
			if n := cells[key{area, g}]; n > 0 {
				p.Cells = append(p.Cells, Cell{area, g, n})
			}
		}
	}
	for g, n := range p.Available() {
		p.Need[g] = n * (70 + 10*(g%4)) / 100
	}
	return p
}

func TestOfAProvinceTheAnswersAreNearTheBound(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		p := province(seed, 10, 10-int(seed), 5000)
		fewest, bound, ok := p.Fewest(500)
		if !ok || fewest != bound {
			t.Fatalf("seed %d: %d classes, at least %d", seed, fewest, bound)
		}
		var known []Answer
		for _, more := range []int{0, 4, 12, 40} {
			a, ok := p.Travel(fewest+more, known...)
			if !ok {
				t.Fatalf("seed %d: nothing with %d classes", seed, fewest+more)
			}
			holds(t, p, fewest+more, a)
			above, said := a.Above()
			t.Logf("seed %d, size %d: %d classes (of %d): %d km, bound %d: %d %%", seed, p.Size(), a.Held(), fewest+more, a.Km, a.Bound, above)
			if said && above > 20 || !said && a.Km > 500 {
				t.Errorf("seed %d: %d km with %d classes, bound %d", seed, a.Km, a.Held(), a.Bound)
			}
			if len(known) > 0 && a.Km > known[len(known)-1].Km {
				t.Errorf("seed %d: more classes travel more: %d km after %d", seed, a.Km, known[len(known)-1].Km)
			}
			again, _ := p.Travel(fewest+more, known...)
			known = append(known, a)
			if again.Km != a.Km || again.Bound != a.Bound {
				t.Error("asked again, it answers otherwise")
			}
		}
	}
}
