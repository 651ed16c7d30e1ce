package handlers

import (
	"slices"
	"strings"

	"taphuan/app/page"
)

// shortList is a list that one page shows whole.
type shortList[R any] struct{ Rows []R }

// Total is how many rows there are.
func (l shortList[R]) Total() page.Total { return page.Total{N: int64(len(l.Rows))} }

// sorting is the order that a list's address asks for.
type sorting struct {
	Sort string `form:"sort" binding:"max=20"` // "name", "-name"; else as the list stands by itself
}

// columns are those by which a short list can be sorted.
type columns[R any] map[string]func(a, b R) int

// sort puts rows in the order that is asked for, and leaves them where it is not known.
func (by columns[R]) sort(rows []R, asked sorting) {
	name, down := strings.CutPrefix(asked.Sort, "-")
	compare := by[name]
	if compare == nil {
		return
	}
	slices.SortStableFunc(rows, func(a, b R) int {
		if down {
			a, b = b, a
		}
		return compare(a, b)
	})
}
