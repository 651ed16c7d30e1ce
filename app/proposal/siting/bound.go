package siting

import (
	"cmp"
	"math"
	"slices"
)

// prices are what makes people stay where they are: of each cell, since nobody goes twice, and of each group, since enough have to come.
// For any prices that are not negative, what the sites would cost one by one, each with its own wishes, is no more than any answer costs.
type prices struct {
	cell  []float64
	group []float64
}

// relaxed is what the sites wish for at given prices.
type relaxed struct {
	value   float64   // no answer costs less
	classes []int     // by site
	sent    []float64 // by cell, over all sites: may be more than there are
}

// relax lets every site choose its people by itself: those who cost less than nothing, as its classes hold, and classes as long as one more
// costs less than nothing, the cheapest of all sites first.
func (p *Problem) relax(classes int, at prices) relaxed {
	r := relaxed{classes: make([]int, len(p.Seats)), sent: make([]float64, len(p.Cells))}
	worth := make([]float64, len(p.Cells))
	for i, c := range p.Cells {
		worth[i] = -at.cell[i]
		r.value -= at.cell[i] * float64(c.People)
		for g, v := range at.group {
			if c.Groups>>g&1 == 1 {
				worth[i] += v
			}
		}
	}
	for g, v := range at.group {
		r.value += v * float64(p.Need[g])
	}
	sites := make([]wishes, len(p.Seats))
	for s := range sites {
		sites[s] = p.wish(s, worth)
	}
	for range classes {
		best, least := -1, -1e-9
		for s := range sites {
			if next := sites[s].next; next < least {
				best, least = s, next
			}
		}
		if best < 0 {
			break
		}
		r.value += least
		r.classes[best]++
		sites[best].open(p, r.classes[best])
	}
	for s, n := range r.classes {
		left := sites[s].size(p, n)
		for _, i := range sites[s].order {
			take := min(left, p.Cells[i].People)
			r.sent[i] += float64(take)
			if left -= take; left == 0 {
				break
			}
		}
	}
	return r
}

// wishes are a site's people by what they cost.
type wishes struct {
	seats  int
	order  []int     // cells
	cost   []float64 // by cell
	gain   int       // how many cost less than nothing
	people int
	before float64 // cost of the classes so far
	next   float64 // what one more class costs; +Inf where there are too few people
}

func (p *Problem) wish(s int, worth []float64) wishes {
	w := wishes{seats: p.Seats[s], order: make([]int, len(p.Cells)), cost: make([]float64, len(p.Cells))}
	for i, c := range p.Cells {
		w.order[i], w.cost[i] = i, float64(p.Km[c.Area][s])-worth[i]
		w.people += c.People
		if w.cost[i] < 0 {
			w.gain += c.People
		}
	}
	slices.SortFunc(w.order, func(a, b int) int { return cmp.Or(cmp.Compare(w.cost[a], w.cost[b]), cmp.Compare(a, b)) })
	w.open(p, 0)
	return w
}

// size is how many people so many classes would take.
func (w *wishes) size(p *Problem, classes int) int {
	return min(max(w.gain, p.Least*classes), w.seats*classes)
}

// open works out what one more class than so many costs.
func (w *wishes) open(p *Problem, classes int) {
	if classes > 0 {
		w.before += w.next
	}
	w.next = math.Inf(1)
	if w.seats < p.Least || p.Least*(classes+1) > w.people {
		return
	}
	left, total := min(w.size(p, classes+1), w.people), 0.0
	for _, i := range w.order {
		take := min(left, p.Cells[i].People)
		total += float64(take) * w.cost[i]
		if left -= take; left == 0 {
			break
		}
	}
	w.next = total - w.before
}

// rounds is how often prices are mended: the time is bounded by it and not by a clock, so that the answer is the same everywhere.
const rounds = 400

// price raises the prices of who is wanted twice and of groups of whom too few come, and lowers the others, towards prices at which the
// sites' wishes are worth most. upper is what a known answer costs; each better one found on the way is told by seen, with the wishes of the
// kinds that it has become on average. It gives the largest value that no answer can go below.
func (p *Problem) price(classes int, upper func() float64, seen func(classes []int, sent []float64)) float64 {
	at := prices{make([]float64, len(p.Cells)), make([]float64, len(p.Need))}
	for g := range at.group {
		at.group[g] = p.meanKm()
	}
	best, bestAt := math.Inf(-1), at
	average := make([]float64, len(p.Cells))
	step, since := 1.2, 0
	for round := range rounds {
		r := p.relax(classes, at)
		for i, n := range r.sent {
			average[i] += (n - average[i]) * max(0.1, 1/float64(round+1))
		}
		if since++; r.value > best {
			if r.value > best+0.001*math.Abs(best) {
				since = 0
			}
			best, bestAt = r.value, prices{slices.Clone(at.cell), slices.Clone(at.group)}
			seen(r.classes, average)
		} else if round%20 == 19 {
			seen(r.classes, average)
		}
		if since > 15 {
			step, since = step/2, 0
			at = prices{slices.Clone(bestAt.cell), slices.Clone(bestAt.group)}
			continue
		}
		length := p.lead(at, r, 0)
		goal := upper()
		if math.IsInf(goal, 1) {
			goal = max(2*math.Abs(r.value), 1000)
		}
		if length == 0 || goal-best < 1e-6 {
			break
		}
		p.lead(at, r, step*max(goal-r.value, 1e-3)/length)
	}
	return best
}

// lead moves the prices by the step in the direction in which the wishes contradict, and gives how far they do, squared. Each is measured
// by how many people it is about, so that small offices are heard beside large groups.
func (p *Problem) lead(at prices, r relaxed, step float64) (length float64) {
	come := make([]float64, len(p.Need))
	for i, c := range p.Cells {
		n := float64(max(c.People, 1))
		d := r.sent[i] - n
		if d > 0 || at.cell[i] > 0 {
			length += d * d / n
			at.cell[i] = max(at.cell[i]+step*d/n, 0)
		}
		for g := range come {
			if c.Groups>>g&1 == 1 {
				come[g] += r.sent[i]
			}
		}
	}
	for g, n := range come {
		need := float64(max(p.Need[g], 1))
		d := float64(p.Need[g]) - n
		if d > 0 || at.group[g] > 0 {
			length += d * d / need
			at.group[g] = max(at.group[g]+step*d/need, 0)
		}
	}
	return length
}

func (p *Problem) meanKm() float64 {
	total, n := 0, 0
	for _, row := range p.Km {
		for _, km := range row {
			total, n = total+km, n+1
		}
	}
	return float64(total) / float64(max(n, 1))
}
