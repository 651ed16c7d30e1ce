package paper

import "math"

// The frame is woven like Tày brocade: cells on a grid, here the lozenge with a lozenge inside and small crosses between,
// between two fine rules. Each row of cells is one dashed line, so the frame costs a few dozen operations.

const (
	weaveHalf   = 5  // rows above and below the middle
	weavePeriod = 20 // cells after which the pattern repeats
)

// Inks of the weave: paler than those of the text, so that the frame stays quiet.
var (
	weaveIndigo = Colour{0x5c, 0x68, 0x94}
	weaveJade   = Colour{0x4f, 0x9a, 0x8e}
)

// indigoCell and jadeCell say which cells are dark, i cells along from the middle of a lozenge, j cells across.
func indigoCell(i, j int) bool {
	a, b := abs(i), abs(j)
	edge := weavePeriod/2 - a // distance from the middle between two lozenges
	switch {
	case a+b == 6, a+b == 5 && (a+b)%2 == 1 && b > 0 && a > 0 && b != a-1: // the outer lozenge, two cells strong at its sides
		return true
	case edge == 0 && b <= 1, edge == 1 && b == 0: // the cross between
		return true
	case edge == 0 && b == weaveHalf, edge == 1 && b == weaveHalf: // its echo at the rules
		return true
	}
	return false
}

func jadeCell(i, j int) bool {
	return abs(i)+abs(j) <= 2 && !(i == 0 && j == 0)
}

func abs(i int) int {
	if i < 0 {
		return -i
	}
	return i
}

// Frame draws the woven frame along the edges of the page, margin points from them. It gives how far inside the page it ends.
func (d *Doc) Frame(margin float64) float64 {
	const cell = 1.4
	band := cell * (2*weaveHalf + 1)
	corner := band + 2*cell
	for _, layer := range []struct {
		ink  Colour
		dark func(i, j int) bool
	}{{weaveIndigo, indigoCell}, {weaveJade, jadeCell}} {
		d.Ink(layer.ink)
		for _, side := range []struct{ length, across float64 }{{d.W - 2*margin - 2*corner, d.H}, {d.H - 2*margin - 2*corner, d.W}} {
			horizontal := side.across == d.H
			repeats := math.Round(side.length / (cell * weavePeriod))
			step := side.length / (repeats * weavePeriod)
			for j := range weaveHalf + 1 {
				runs, first := period(j, layer.dark)
				if runs == nil {
					continue
				}
				for k := range runs {
					runs[k] *= step
				}
				from, to := margin+corner+first*step, margin+corner+side.length
				if from >= to {
					continue
				}
				for _, mid := range mirrored(margin+band/2, float64(j)*cell) {
					for _, at := range []float64{mid, side.across - mid} {
						if horizontal {
							d.Dashed(from, at, to, at, cell*1.02, runs)
						} else {
							d.Dashed(at, from, at, to, cell*1.02, runs)
						}
					}
				}
			}
		}
		d.corners(margin, corner, cell, layer.ink == weaveJade)
	}
	d.Ink(Indigo)
	for _, at := range []struct{ inset, thick float64 }{{margin - 3.2, 0.9}, {margin + corner + 1.2, 0.45}} {
		in := at.inset
		d.Rule(in, in, d.W-in, in, at.thick)
		d.Rule(in, d.H-in, d.W-in, d.H-in, at.thick)
		d.Rule(in, in, in, d.H-in, at.thick)
		d.Rule(d.W-in, in, d.W-in, d.H-in, at.thick)
	}
	return margin + corner + 1.2
}

// mirrored gives the two places so far from the middle, one if that is nothing. The weave is the same on both sides, so that
// rows in the same dashes are drawn after each other.
func mirrored(middle, distance float64) []float64 {
	if distance == 0 {
		return []float64{middle}
	}
	return []float64{middle - distance, middle + distance}
}

// corners draws an eight-pointed star (the weavers' sun) in each corner.
func (d *Doc) corners(margin, corner, cell float64, centre bool) {
	const half = 6
	u := corner / (2*half + 1)
	row := make([]bool, 2*half+1)
	for j := range half + 1 {
		for i := -half; i <= half; i++ {
			a, b := abs(i), abs(j)
			if centre {
				row[i+half] = a+b <= 2
			} else {
				square, lozenge := max(a, b) == 4, a+b == 6
				row[i+half] = square || lozenge || max(a, b) == 5 && a == b
			}
		}
		for _, x := range []float64{margin, d.W - margin - corner} {
			for _, y := range []float64{margin, d.H - margin - corner} {
				for _, at := range mirrored(y+half*u, float64(j)*u) {
					d.Row(x, at, u, row)
				}
			}
		}
	}
}

// period gives one period of a row as runs of on and off cells, beginning with an on run, and the cell where that begins; the
// runs start at the middle between two lozenges.
func period(j int, dark func(i, j int) bool) (runs []float64, first float64) {
	cells := make([]bool, weavePeriod)
	any := false
	for k := range cells {
		cells[k] = dark(k-weavePeriod/2, j)
		any = any || cells[k]
	}
	if !any {
		return nil, 0
	}
	start := 0
	for !(cells[start] && !cells[(start+weavePeriod-1)%weavePeriod]) {
		start++
	}
	n, on := 0, true
	for k := range weavePeriod {
		if cells[(start+k)%weavePeriod] == on {
			n++
			continue
		}
		runs = append(runs, float64(n))
		n, on = 1, !on
	}
	runs = append(runs, float64(n))
	return runs, float64(start)
}
