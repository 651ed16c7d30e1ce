// Package siting decides where classes are held and who goes to which, so that enough people of each group come and travel little. It
// knows numbers only. Every answer says how far from the best it can be at most (docs/decisions/schedule.md has the model and the method).
package siting

import (
	"cmp"
	"math/bits"
	"slices"
)

// Cell is people who are alike: of one area and of the same groups.
type Cell struct {
	Area   int
	Groups uint64 // bits
	People int
}

// Problem is who might come, from where, and where classes may be held.
type Problem struct {
	Cells []Cell
	Km    [][]int // by area and site: what one person travels, whole km
	Seats []int   // by site: of the largest class there
	Need  []int   // by group: how many people who have it are to come
	Least int     // people without whom a class is not held, at least one
}

// Answer is what is proposed for so many classes at most.
type Answer struct {
	Classes []int   // by site
	Send    [][]int // by cell and site: how many people go there
	Km      int     // what all travel together
	Bound   int     // nobody can do with less: whatever as many classes
}

// Held is how many classes there are.
func (a Answer) Held() (n int) {
	for _, k := range a.Classes {
		n += k
	}
	return n
}

// Above is how many percent the answer is at most above the best possible, rounded up; ok is false where the bound is 0 and the answer is
// not, so that no percentage says it.
func (a Answer) Above() (percent int, ok bool) {
	switch {
	case a.Km == a.Bound:
		return 0, true
	case a.Bound == 0:
		return 0, false
	}
	return ((a.Km-a.Bound)*100 + a.Bound - 1) / a.Bound, true
}

// MaxSize is how many pairs of cells and sites are looked at: about a second.
const MaxSize = 6000

// Size is what the time of an answer grows with.
func (p *Problem) Size() int { return len(p.Cells) * len(p.Seats) }

// people is how many there are with the groups, all of them for 0.
func (p *Problem) people() (n int) {
	for _, c := range p.Cells {
		n += c.People
	}
	return n
}

// Available is, by group, how many people have it.
func (p *Problem) Available() []int {
	out := make([]int, len(p.Need))
	for _, c := range p.Cells {
		for g := range out {
			if c.Groups>>g&1 == 1 {
				out[g] += c.People
			}
		}
	}
	return out
}

// kinds puts the cells of the same groups together: the groups of each kind, and the kind of each cell.
func (p *Problem) kinds() (masks []uint64, of []int) {
	for _, c := range p.Cells {
		masks = append(masks, c.Groups)
	}
	slices.Sort(masks)
	masks = slices.Compact(masks)
	of = make([]int, len(p.Cells))
	for i, c := range p.Cells {
		of[i], _ = slices.BinarySearch(masks, c.Groups)
	}
	return masks, of
}

// Fewest gives with how many classes the need can be met, and with how many it cannot be met less; ok is false where it cannot be met at
// all, not even with most classes.
func (p *Problem) Fewest(most int) (classes, bound int, ok bool) {
	seats := 0
	for _, n := range p.Seats {
		seats = max(seats, n)
	}
	if seats < p.Least || p.Least < 1 {
		return 0, 0, false
	}
	s := newSearch(p, most)
	if s.frugal == nil {
		return 0, 0, false
	}
	up := func(n int) int { return (n + seats - 1) / seats }
	bound = up(p.fewestPeople())
	for n := up(sum(s.frugal)); n <= most; n++ {
		k := make([]int, len(p.Seats))
		k[slices.Index(p.Seats, seats)] = n
		if s.try(k, s.frugal); s.ok {
			return n, min(bound, n), true
		}
		if n*p.Least > p.people() {
			break
		}
	}
	return 0, bound, false
}

// fewestPeople is a number of people without whom the need cannot be met. For each weight of the groups (nothing, half, whole) the needs
// weigh as much as the people who meet them, and who weighs more than one counts as one as long as there are others.
func (p *Problem) fewestPeople() int {
	masks, of := p.kinds()
	have := make([]int, len(masks))
	for i, c := range p.Cells {
		have[of[i]] += c.People
	}
	least, weight := 0, make([]int, len(p.Need))
	steps := []int{0, 1, 2}
	if len(p.Need) > 7 {
		steps = []int{0, 2}
	}
	var go_ func(g int)
	go_ = func(g int) {
		if g < len(p.Need) {
			for _, weight[g] = range steps {
				go_(g + 1)
			}
			return
		}
		twice := 0
		for i, n := range p.Need {
			twice += weight[i] * n
		}
		for i, m := range masks {
			of := 0
			for g, w := range weight {
				of += w * int(m>>g&1)
			}
			twice -= have[i] * max(of-2, 0)
		}
		least = max(least, (twice+1)/2)
	}
	go_(0)
	return least
}

// cover makes of wishes how many of each kind come: as few more as there must be so that each group's need is met. nil where it cannot be.
func (p *Problem) cover(masks []uint64, have, wish []int) []int {
	z, left := make([]int, len(masks)), slices.Clone(p.Need)
	take := func(i, n int) {
		if n = min(n, have[i]-z[i]); n > 0 {
			z[i] += n
			for g := range left {
				left[g] -= n * int(masks[i]>>g&1)
			}
		}
	}
	for i := range masks {
		take(i, wish[i])
	}
	order := make([]int, len(masks))
	for i := range order {
		order[i] = i
	}
	for unmet(left) {
		open := func(i int) (n int) { // how many unmet groups one more of the kind helps
			for g, l := range left {
				if l > 0 {
					n += int(masks[i] >> g & 1)
				}
			}
			return n
		}
		// who helps most groups, and of them who belongs to the fewest others
		i := slices.MaxFunc(order, func(a, b int) int {
			free := func(i int) int { return min(have[i]-z[i], 1) }
			return cmp.Or(cmp.Compare(free(a)*open(a), free(b)*open(b)), cmp.Compare(bits.OnesCount64(masks[b]), bits.OnesCount64(masks[a])))
		})
		if z[i] == have[i] || open(i) == 0 {
			return nil
		}
		n := have[i]
		for g, l := range left {
			if l > 0 && masks[i]>>g&1 == 1 {
				n = min(n, l)
			}
		}
		take(i, n)
	}
	// Who came first may not be needed any more, those of one group before those of several.
	slices.SortStableFunc(order, func(a, b int) int { return bits.OnesCount64(masks[a]) - bits.OnesCount64(masks[b]) })
	for _, i := range order {
		n := z[i]
		for g, l := range left {
			if masks[i]>>g&1 == 1 {
				n = min(n, -l)
			}
		}
		if n > 0 {
			take(i, 0)
			z[i] -= n
			for g := range left {
				left[g] += n * int(masks[i]>>g&1)
			}
		}
	}
	return z
}

func unmet(left []int) bool { return slices.ContainsFunc(left, func(n int) bool { return n > 0 }) }

func sum(list []int) (n int) {
	for _, x := range list {
		n += x
	}
	return n
}
