package siting

import "slices"

// flow sends people of each kind to the sites of given classes so that they travel least: shortest paths one after the other, each of which
// may send others elsewhere or leave them at home for somebody of the same kind. What it holds is the least for the people sent so far.
type flow struct {
	p       *Problem
	classes []int // by site
	kinds   int
	of      []int   // kind of each cell
	send    [][]int // by cell and site
	used    []int   // by cell
	at      []int   // by site

	best [][]arc // between nodes: kinds, then sites
}

// arc is the cheapest way from one node to the next; cell is who moves.
type arc struct {
	km   int
	cell int // -1: there is no way
}

// full rewards each of the people without whom a class is not held: more than any way is long.
const full = 1 << 40

func newFlow(p *Problem, classes []int, kinds int, of []int) *flow {
	f := &flow{p: p, classes: classes, kinds: kinds, of: of, send: make([][]int, len(p.Cells)), used: make([]int, len(p.Cells)), at: make([]int, len(p.Seats))}
	all := make([]int, len(p.Cells)*len(p.Seats))
	for i := range f.send {
		f.send[i] = all[i*len(p.Seats) : (i+1)*len(p.Seats)]
	}
	n := kinds + len(p.Seats)
	f.best = make([][]arc, n)
	for i := range f.best {
		f.best[i] = make([]arc, n)
	}
	return f
}

// run sends so many of each kind, and more of whatever kind until every class is held. It says whether that is possible.
func (f *flow) run(of []int) bool {
	for kind, n := range of {
		for n > 0 {
			sent, _ := f.push([]int{kind}, n, false)
			if sent == 0 {
				return false
			}
			n -= sent
		}
	}
	any := make([]int, f.kinds)
	for i := range any {
		any[i] = i
	}
	for {
		if sent, _ := f.push(any, 1<<30, true); sent == 0 {
			break
		}
	}
	for s, n := range f.at {
		if n < f.p.Least*f.classes[s] {
			return false
		}
	}
	return true
}

// km is what all travel.
func (f *flow) km() (km int) {
	for i, c := range f.p.Cells {
		for s, n := range f.send[i] {
			km += n * f.p.Km[c.Area][s]
		}
	}
	return km
}

// arcs looks up the cheapest way between every two nodes.
func (f *flow) arcs() {
	for _, row := range f.best {
		for j := range row {
			row[j].cell = -1
		}
	}
	offer := func(from, to, km, cell int) {
		if a := &f.best[from][to]; a.cell < 0 || km < a.km {
			*a = arc{km, cell}
		}
	}
	for i, c := range f.p.Cells {
		way := f.p.Km[c.Area]
		for s, classes := range f.classes {
			if classes == 0 {
				continue
			}
			if f.used[i] < c.People {
				offer(f.of[i], f.kinds+s, way[s], i)
			}
			if f.send[i][s] == 0 {
				continue
			}
			offer(f.kinds+s, f.of[i], -way[s], i)
			for t, classes := range f.classes {
				if classes > 0 && t != s {
					offer(f.kinds+s, f.kinds+t, way[t]-way[s], i)
				}
			}
		}
	}
}

// room is what one more person at the site costs and for how many; none where it is full.
func (f *flow) room(s int) (cost, n int) {
	if least := f.p.Least * f.classes[s]; f.at[s] < least {
		return -full, least - f.at[s]
	}
	return 0, f.p.Seats[s]*f.classes[s] - f.at[s]
}

// push sends up to most people of one of the kinds along the cheapest way; with filling, only where a class lacks people.
func (f *flow) push(from []int, most int, filling bool) (sent, cost int) {
	f.arcs()
	const far = 1 << 60
	n := len(f.best)
	dist, prev := make([]int, n), make([]int, n)
	for i := range dist {
		dist[i], prev[i] = far, -1
	}
	for _, k := range from {
		dist[k] = 0
	}
	for changed, round := true, 0; changed && round <= n; round++ {
		changed = false
		for i := range n {
			if dist[i] == far {
				continue
			}
			for j, a := range f.best[i] {
				if a.cell >= 0 && dist[i]+a.km < dist[j] {
					dist[j], prev[j], changed = dist[i]+a.km, i, true
				}
			}
		}
	}
	end, amount := -1, 0
	for s := range f.classes {
		if c, room := f.room(s); room > 0 && dist[f.kinds+s] < far && (end < 0 || dist[f.kinds+s]+c < cost) {
			end, cost, amount = f.kinds+s, dist[f.kinds+s]+c, room
		}
	}
	if end < 0 || filling && cost >= 0 {
		return 0, 0
	}
	path := []int{end}
	for v := end; prev[v] >= 0 && len(path) <= n; v = prev[v] {
		path = append(path, prev[v])
	}
	slices.Reverse(path)
	sent = min(amount, most)
	for i := 1; i < len(path); i++ {
		u, v := path[i-1], path[i]
		c := f.best[u][v].cell
		if u < f.kinds {
			sent = min(sent, f.p.Cells[c].People-f.used[c])
		} else {
			sent = min(sent, f.send[c][u-f.kinds])
		}
	}
	for i := 1; i < len(path); i++ {
		f.move(path[i-1], path[i], sent)
	}
	f.at[end-f.kinds] += sent
	return sent, cost
}

// move sends people over one arc. The sites on the way keep as many as they had.
func (f *flow) move(u, v, n int) {
	c := f.best[u][v].cell
	if u < f.kinds {
		f.used[c] += n
	} else {
		f.send[c][u-f.kinds] -= n
	}
	if v < f.kinds {
		f.used[c] -= n
	} else {
		f.send[c][v-f.kinds] += n
	}
}
