package views

import (
	"slices"
	"strings"

	"taphuan/app/page"
)

// places are the parameters of an address that say where in a list the reader is, not what the list is.
var places = []string{"page", "after", "before"}

// Keyset is the way through a list that is read by keyset: back and forth, to its beginning and its end.
type Keyset struct {
	page.Place
	First, Previous, Next, Last string // addresses; "" where there is nothing to go to
}

func newKeyset(p *Page, at page.Place) *Keyset {
	k := &Keyset{Place: at}
	if at.Before != "" {
		k.First, k.Previous = p.With("after", ""), p.With("before", at.Before)
	}
	if at.After != "" {
		k.Next, k.Last = p.With("after", at.After), p.With("before", page.Last)
	}
	return k
}

// ListHead stands above a list: how many rows there are, on a phone by what they can be sorted, and the way to have them as a workbook.
type ListHead struct {
	Total  page.Total
	Export string // address of the workbook without a query; "" where there is none
	Sorts  []any  // the headings by which the list can be sorted
	Sorted *Heading
}

func newListHead(p *Page, total page.Total, pairs ...any) (*ListHead, error) {
	h := &ListHead{Total: total}
	if err := apply("list_head", h, pairs); err != nil {
		return nil, err
	}
	if h.Export != "" {
		h.Export = p.Same(h.Export)
	}
	for _, s := range h.Sorts {
		if x, ok := s.(*Heading); ok && x.Dir != "" {
			h.Sorted = x
		}
	}
	return h, nil
}

// Choice stands in the bar below a list with boxes: how many are ticked, and where there are more pages a box for all that were found.
type Choice struct {
	Total  page.Total
	Beyond bool // there is more than this page
	Chosen int
	All    bool // the box for all is ticked
}

func newChoice(at page.Place, rows any, pairs ...any) (*Choice, error) {
	c := &Choice{Total: at.Total, Beyond: at.Total.More || at.Total.N > int64(toInt(rows))}
	return c, apply("choice", c, pairs)
}

// Same is another address with the query of this page: the same list, filtered and sorted so, from its beginning.
func (p *Page) Same(path string) string { return (&Page{Path: path, Query: p.Query}).With("lang", "") }

// QueryField is a parameter of the page's address as a hidden field of a form.
type QueryField struct{ Name, Value string }

// QueryFields are the parameters that say what the list is, for forms that act on it: its filters and its order.
func (p *Page) QueryFields() []QueryField {
	var out []QueryField
	for name, values := range p.Query {
		if slices.Contains(places, name) || name == "lang" || name == "id" || name == "all" {
			continue
		}
		for _, v := range values {
			out = append(out, QueryField{name, v})
		}
	}
	slices.SortFunc(out, func(a, b QueryField) int { return strings.Compare(a.Name, b.Name) })
	return out
}
