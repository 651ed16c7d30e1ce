package siting

import (
	"fmt"
	"math"
	"slices"
)

// tries is how many sets of classes are worked out for a small problem; large ones get fewer, so that the time is bounded.
const tries = 400

// search keeps the best answer for so many classes at most.
type search struct {
	p      *Problem
	most   int
	masks  []uint64 // groups of each kind
	of     []int    // kind of each cell
	have   []int    // people by kind
	frugal []int    // few people who meet the need, by kind; nil where nobody can
	left   int      // tries
	known  map[string]bool
	best   Answer
	kinds  []int // of the best answer
	ok     bool
}

func newSearch(p *Problem, classes int) *search {
	s := &search{p: p, most: classes, known: map[string]bool{}, left: min(max(tries*600/max(p.Size(), 1), 40), tries)}
	s.masks, s.of = p.kinds()
	s.have = make([]int, len(s.masks))
	for i, c := range p.Cells {
		s.have[s.of[i]] += c.People
	}
	s.frugal = p.cover(s.masks, s.have, make([]int, len(s.masks)))
	return s
}

// Travel gives an answer of at most so many classes that travels little, and no more than those that are known already. ok is false where
// none was found.
func (p *Problem) Travel(classes int, known ...Answer) (Answer, bool) {
	s := newSearch(p, classes)
	if s.frugal == nil || len(p.Seats) == 0 {
		return Answer{}, false
	}
	for site := range p.Seats {
		k := make([]int, len(p.Seats))
		k[site] = (sum(s.frugal) + p.Seats[site] - 1) / p.Seats[site]
		s.try(k, s.frugal)
	}
	for _, a := range known {
		kinds := make([]int, len(s.masks))
		for i, row := range a.Send {
			kinds[s.of[i]] += sum(row)
		}
		s.try(a.Classes, kinds)
	}
	upper := func() float64 {
		if !s.ok {
			return math.Inf(1)
		}
		return float64(s.best.Km)
	}
	bound := p.price(classes, upper, s.seen)
	if !s.ok {
		return Answer{}, false
	}
	s.improve()
	s.best.Bound = min(max(int(math.Ceil(bound-1e-6)), 0), s.best.Km)
	return s.best, true
}

// seen tries the classes that the sites wish for, with those kinds of people for whom they wish and with few.
func (s *search) seen(classes []int, sent []float64) {
	wish := make([]float64, len(s.masks))
	for i, n := range sent {
		wish[s.of[i]] += n
	}
	whole := make([]int, len(wish))
	for i, n := range wish {
		whole[i] = int(math.Round(n))
	}
	if z := s.p.cover(s.masks, s.have, whole); z != nil {
		s.try(s.enough(classes, sum(z)), z)
	}
	s.try(s.enough(classes, sum(s.frugal)), s.frugal)
}

// enough adds classes, where the most seats are, until so many people have seats.
func (s *search) enough(classes []int, people int) []int {
	k := slices.Clone(classes)
	held, seats := 0, 0
	for i, n := range k {
		held, seats = held+n, seats+n*s.p.Seats[i]
	}
	largest := slices.Index(s.p.Seats, slices.Max(s.p.Seats))
	for ; held < s.most && seats < people; held++ {
		k[largest]++
		seats += s.p.Seats[largest]
	}
	return k
}

// try works out who goes where for given classes and kinds of people, and keeps what is better: less travel, then fewer classes. It says
// whether it was.
func (s *search) try(classes, kinds []int) bool {
	seats := 0
	for i, n := range classes {
		if n > 0 && s.p.Seats[i] < s.p.Least {
			return false
		}
		seats += n * s.p.Seats[i]
	}
	key := fmt.Sprint(classes, kinds)
	if sum(classes) > s.most || seats < sum(kinds) || s.known[key] || s.left == 0 {
		return false
	}
	s.known[key] = true
	s.left--
	f := newFlow(s.p, classes, len(s.masks), s.of)
	if !f.run(kinds) {
		return false
	}
	a := Answer{Classes: make([]int, len(classes)), Send: f.send, Km: f.km()}
	for i, n := range f.at {
		a.Classes[i] = (n + s.p.Seats[i] - 1) / s.p.Seats[i]
	}
	if s.ok && (a.Km > s.best.Km || a.Km == s.best.Km && a.Held() >= s.best.Held()) {
		return false
	}
	s.best, s.kinds, s.ok = a, slices.Clone(kinds), true
	return true
}

// improve moves one class, adds one, or exchanges people of several groups for others, as long as that helps and tries are left.
func (s *search) improve() {
	for better := true; better && s.left > 0; {
		better = s.moveClass()
		better = s.exchange() || better
	}
}

func (s *search) moveClass() (better bool) {
	for from := -1; from < len(s.p.Seats); from++ {
		for to := range s.p.Seats {
			if from == to || from >= 0 && s.best.Classes[from] == 0 {
				continue
			}
			k := slices.Clone(s.best.Classes)
			if k[to]++; from >= 0 {
				k[from]--
			}
			better = s.try(k, s.kinds) || better
		}
	}
	return better
}

// exchange takes more or fewer of one kind, and of the others as many as are then needed.
func (s *search) exchange() (better bool) {
	if len(s.masks) == len(s.p.Need) { // nobody has several groups, as a rule
		return false
	}
	for i := range s.masks {
		for step := max(s.have[i]/2, 1); step > 0; step /= 2 {
			for _, by := range []int{step, -step} {
				wish := make([]int, len(s.masks))
				if wish[i] = s.kinds[i] + by; wish[i] < 0 || wish[i] > s.have[i] {
					continue
				}
				have := slices.Clone(s.have)
				if by < 0 {
					have[i] = wish[i]
				}
				if z := s.p.cover(s.masks, have, wish); z != nil {
					better = s.try(s.enough(s.best.Classes, sum(z)), z) || better
				}
			}
		}
	}
	return better
}
