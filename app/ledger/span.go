package ledger

import (
	"cmp"
	"slices"

	"taphuan/models"
)

// span is the days [from, to).
type span struct{ from, to models.Day }

// spans are days in order; none touches the next.
type spans []span

// joined puts spans in order and makes those one that touch. It uses the room of what it is given.
func joined(all []span) spans {
	all = slices.DeleteFunc(all, func(s span) bool { return s.from >= s.to })
	slices.SortFunc(all, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	out := all[:0]
	for _, s := range all {
		if n := len(out); n > 0 && s.from <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, s.to)
		} else {
			out = append(out, s)
		}
	}
	return out
}

// hold says whether a day is one of them.
func (a spans) hold(d models.Day) bool {
	return slices.ContainsFunc(a, func(s span) bool { return s.from <= d && d < s.to })
}

// and gives the days that lie in both.
func (a spans) and(b spans) (out spans) {
	for i, j := 0, 0; i < len(a) && j < len(b); {
		if from, to := max(a[i].from, b[j].from), min(a[i].to, b[j].to); from < to {
			out = append(out, span{from, to})
		}
		if a[i].to < b[j].to {
			i++
		} else {
			j++
		}
	}
	return out
}
