package siting

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// small makes an instance that can be worked out by trying everything.
func small(r *rand.Rand) (*Problem, int) {
	areas, sites, groups := 1+r.IntN(4), 1+r.IntN(3), 1+r.IntN(3)
	p := &Problem{Least: 1 + r.IntN(3)}
	for range areas {
		row := make([]int, sites)
		for s := range row {
			row[s] = r.IntN(60) * r.IntN(2)
		}
		p.Km = append(p.Km, row)
	}
	for range sites {
		p.Seats = append(p.Seats, 2+r.IntN(5))
	}
	for range 2 + r.IntN(4) {
		p.Cells = append(p.Cells, Cell{r.IntN(areas), 1 + r.Uint64N(1<<groups-1), 1 + r.IntN(4)})
	}
	p.Need = make([]int, groups)
	for g, n := range p.Available() {
		p.Need[g] = r.IntN(n + 1)
	}
	return p, 1 + r.IntN(4)
}

// everything is the least travel of at most so many classes, and the fewest classes that will do, by trying all classes and everybody.
func everything(p *Problem, most int) (km, fewest int, ok bool) {
	k := make([]int, len(p.Seats))
	var classes func(s, left int)
	classes = func(s, left int) {
		if s < len(k) {
			for k[s] = 0; k[s] <= left; k[s]++ {
				classes(s+1, left-k[s])
			}
			k[s] = 0
			return
		}
		if x, can := everybody(p, k); can {
			held := sum(k)
			if !ok || x < km {
				km = x
			}
			if !ok || held < fewest {
				fewest = held
			}
			ok = true
		}
	}
	classes(0, most)
	return km, fewest, ok
}

// everybody sends people to given classes in every way that makes a difference: cell by cell, the least for each load of the sites and groups.
func everybody(p *Problem, k []int) (int, bool) {
	states := map[string]struct {
		at, come []int
		km       int
	}{"": {make([]int, len(k)), make([]int, len(p.Need)), 0}}
	for _, c := range p.Cells {
		next := map[string]struct {
			at, come []int
			km       int
		}{}
		for _, s := range states {
			var send func(site, left, km int, at []int)
			send = func(site, left, km int, at []int) {
				if site == len(k) {
					come := append([]int(nil), s.come...)
					for g := range come {
						come[g] = min(come[g]+(c.People-left)*int(c.Groups>>g&1), p.Need[g])
					}
					key := fmt.Sprint(at, come)
					if old, ok := next[key]; !ok || km < old.km {
						next[key] = struct {
							at, come []int
							km       int
						}{append([]int(nil), at...), come, km}
					}
					return
				}
				for n := 0; n <= left && at[site]+n <= p.Seats[site]*k[site]; n++ {
					at[site] += n
					send(site+1, left-n, km+n*p.Km[c.Area][site], at)
					at[site] -= n
				}
			}
			send(0, c.People, s.km, append([]int(nil), s.at...))
		}
		states = next
	}
	best, ok := 0, false
	for _, s := range states {
		good := true
		for g, n := range s.come {
			good = good && n >= p.Need[g]
		}
		for site, n := range s.at {
			good = good && n >= p.Least*k[site]
		}
		if good && (!ok || s.km < best) {
			best, ok = s.km, true
		}
	}
	return best, ok
}

// holds checks that an answer is one.
func holds(t *testing.T, p *Problem, most int, a Answer) {
	t.Helper()
	km, come, at := 0, make([]int, len(p.Need)), make([]int, len(p.Seats))
	for i, c := range p.Cells {
		if sum(a.Send[i]) > c.People {
			t.Errorf("cell %d sends %v of %d", i, a.Send[i], c.People)
		}
		for s, n := range a.Send[i] {
			if n < 0 {
				t.Errorf("cell %d sends %d", i, n)
			}
			km += n * p.Km[c.Area][s]
			at[s] += n
			for g := range come {
				come[g] += n * int(c.Groups>>g&1)
			}
		}
	}
	for g, n := range come {
		if n < p.Need[g] {
			t.Errorf("group %d: %d come of %d", g, n, p.Need[g])
		}
	}
	for s, n := range at {
		if n > p.Seats[s]*a.Classes[s] || n < p.Least*a.Classes[s] {
			t.Errorf("site %d: %d people in %d classes of %d to %d", s, n, a.Classes[s], p.Least, p.Seats[s])
		}
	}
	if km != a.Km || a.Held() > most {
		t.Errorf("says %d km with %d classes; it is %d km, at most %d", a.Km, a.Held(), km, most)
	}
}

func TestAnAnswerIsNeverBetterThanTheBestNorTheBoundAboveIt(t *testing.T) {
	t.Parallel()
	found, best, fewestBest, lost := 0, 0, 0, 0
	for seed := range uint64(700) {
		p, most := small(rand.New(rand.NewPCG(seed, 5)))
		km, fewest, can := everything(p, most)
		a, ok := p.Travel(most)
		if ok && !can {
			t.Fatalf("seed %d: an answer where there is none: %+v", seed, a)
		}
		k, bound, enough := p.Fewest(most)
		if enough && (!can || k < fewest || bound > fewest) {
			t.Fatalf("seed %d: %d classes, at least %d; the fewest are %d (%v)", seed, k, bound, fewest, can)
		}
		if !can {
			continue
		}
		if !ok {
			lost++
			continue
		}
		holds(t, p, most, a)
		if a.Km < km || a.Bound > km {
			t.Errorf("seed %d: %d km, bound %d; the best is %d", seed, a.Km, a.Bound, km)
		}
		if t.Failed() {
			t.Fatalf("seed %d: %+v", seed, p)
		}
		found++
		if a.Km == km {
			best++
		}
		if enough && k == fewest {
			fewestBest++
		}
	}
	t.Logf("%d answers, %d of them the best, %d with the fewest classes; %d not found", found, best, fewestBest, lost)
	if found < 400 || best*100 < found*90 || fewestBest*100 < found*85 || lost*100 > found*5 {
		t.Errorf("of %d answers %d are the best, %d have the fewest classes, %d were not found", found, best, fewestBest, lost)
	}
}
