// Package page reads long lists a page at a time by keyset: a page begins after the last row of the one before it, found through an
// index, and never by counting rows off. So the last page costs as much as the first, and rows that are added or taken away in
// between neither repeat nor hide others.
package page

import (
	"errors"
	"slices"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"taphuan/app/errs"
)

// Key is a column of an order. Texts in it are ASCII sort keys, codes or paths, which both engines compare by bytes; it is never NULL.
type Key[R any] struct {
	Column string      // as SQL
	Of     func(R) any // what a row has there: a string, a whole number, a bool, a models.Day or a time.Time; of the zero row too
	Down   bool        // it runs the other way than the rest of its order; no index carries that
}

// Order is a way of sorting: its columns together are unique, so the last is an id. Sorted the other way round, all of them turn.
type Order[R any] []Key[R]

// List says how a list can be sorted.
type List[R any] struct {
	Orders  map[string]Order[R]
	Default string // a name of Orders, with "-" before it for the other way round
	Size    int    // rows a page

	// Narrow, where no index carries the order, keeps to the rows nearest to where a page begins, more of them with each step, until
	// whole; beyond is nil at the beginning.
	Narrow func(q *gorm.DB, beyond []any, turned bool, step int) (narrowed *gorm.DB, whole bool, err error)
}

// Ask is which page of a list is wanted, as an address holds it. What cannot be read in it is passed over: an unknown order is the
// default, an unreadable cursor the first page.
type Ask struct {
	Sort   string `form:"sort"`   // "name", or "-name"
	After  string `form:"after"`  // a cursor: the page that begins after it
	Before string `form:"before"` // a cursor: the page that ends before it; or Last
}

// Last in Ask.Before asks for the last page.
const Last = "last"

// Place says where a page is in its list, and how to go on from it.
type Place struct {
	From, To      int    // numbers of the first and the last row, from 1; 0 when they are not known
	After, Before string // cursors of the pages that follow and precede; "" when there is none
	Total         Total
}

// Page is one page of a list.
type Page[R any] struct {
	Place
	Rows []R
}

// Sorted gives the name of the order that is asked for and whether it is turned round.
func (l List[R]) Sorted(sort string) (name string, down bool) {
	if name, down = strings.CutPrefix(sort, "-"); l.Orders[name] == nil {
		name, down = strings.CutPrefix(l.Default, "-")
	}
	return name, down
}

// Read reads a page of q, which selects from its tables without order and limit. total is how many rows there are in all, as Count
// gives it; the zero Total leaves that open, and is made up for where the page is the whole list.
func (l List[R]) Read(q *gorm.DB, ask Ask, total Total) (Page[R], error) {
	name, down := l.Sorted(ask.Sort)
	order := l.Orders[name]
	back := ask.Before != ""
	var at cursor
	known := false
	switch {
	case back && ask.Before != Last:
		at, known = order.read(ask.Before, name)
		back = known
	case !back && ask.After != "":
		at, known = order.read(ask.After, name)
	}
	rows, err := l.nearest(q, order, at.values, down != back)
	if err != nil {
		return Page[R]{}, err
	}
	more := len(rows) > l.Size
	if more {
		rows = rows[:l.Size]
	}
	switch {
	case back:
		slices.Reverse(rows)
		if !more { // the beginning: a whole page from there
			return l.Read(q, Ask{Sort: ask.Sort}, total)
		}
	case known && len(rows) == 0: // the rows after it have gone
		return l.Read(q, Ask{Sort: ask.Sort, Before: Last}, total)
	}
	p := Page[R]{Rows: rows}
	if p.Total = total; total == (Total{}) && !known && !back && !more {
		p.Total.N = int64(len(rows))
	}
	p.number(at.row, known, back, more, len(rows))
	if len(rows) == 0 {
		return p, nil
	}
	if more && !back || known && back {
		p.After, err = order.write(name, p.To, rows[len(rows)-1])
	}
	if err == nil && (known || back) {
		p.Before, err = order.write(name, p.From, rows[0])
	}
	return p, err
}

// number says which rows of the list these are, as far as that is known.
func (p *Place) number(row int, known, back, more bool, n int) {
	switch {
	case n == 0:
		return
	case !known && !back:
		p.From = 1
	case !known && p.Total.More: // the last page of a list that nobody has counted to its end
		return
	case !known || !back && !more && !p.Total.More && p.Total.N > 0: // the last page
		p.From = max(int(p.Total.N)-n+1, 1)
	case row == 0:
		return
	case back:
		p.From = max(row-n, 1)
	default:
		p.From = row + 1
	}
	p.To = p.From + n - 1
}

// nearest reads as many rows as a page shows, and one more, from the values on.
func (l List[R]) nearest(q *gorm.DB, order Order[R], beyond []any, turned bool) (rows []R, err error) {
	for step := 0; ; step++ {
		some, whole := q, true
		if l.Narrow != nil {
			if some, whole, err = l.Narrow(q, beyond, turned, step); err != nil {
				return nil, err
			}
		}
		some = some.Session(&gorm.Session{})
		if beyond != nil {
			some = some.Where(order.beyond(q.Name(), beyond, turned))
		}
		rows = nil
		if err = some.Order(order.by(turned)).Limit(l.Size + 1).Scan(&rows).Error; err != nil || whole || len(rows) > l.Size {
			return rows, err
		}
	}
}

func (o Order[R]) by(turned bool) string {
	by := make([]string, len(o))
	for i, k := range o {
		by[i] = k.Column
		if turned != k.Down {
			by[i] += " DESC"
		}
	}
	return strings.Join(by, ", ")
}

// Each gives all rows of q in the order asked for to f, some hundreds at a time and read as they come.
func (l List[R]) Each(q *gorm.DB, sort string, f func(rows []R) error) (err error) {
	const many = 500 // as many as one condition may name: f reads what belongs to them
	name, down := l.Sorted(sort)
	q = q.Session(&gorm.Session{})
	found, err := q.Order(l.Orders[name].by(down)).Rows()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, found.Close()) }()
	var rows []R
	for found.Next() {
		var row R
		if err := q.ScanRows(found, &row); err != nil {
			return err
		}
		if rows = append(rows, row); len(rows) == many {
			if err := f(rows); err != nil {
				return err
			}
			rows = nil
		}
	}
	if err := found.Err(); err != nil || len(rows) == 0 {
		return err
	}
	return f(rows)
}

// beyond is the condition that a row comes after the values. SQLite finds rows of values in an index; MariaDB does not, and finds
// the ranges that the same comes to when it is written out, as must be what does not run one way.
func (o Order[R]) beyond(dialect string, values []any, turned bool) clause.Expr {
	sign := map[bool]string{false: " > ", true: " < "}
	columns := make([]string, len(o))
	for i, k := range o {
		columns[i] = k.Column
	}
	if dialect == "sqlite" && !slices.ContainsFunc(o, func(k Key[R]) bool { return k.Down }) {
		marks := strings.Repeat(", ?", len(o))[2:]
		return clause.Expr{SQL: "(" + strings.Join(columns, ", ") + ")" + sign[turned] + "(" + marks + ")", Vars: values}
	}
	var ways []string
	var vars []any
	for i, k := range o {
		way := ""
		for j, same := range columns[:i] {
			way += same + " = ? AND "
			vars = append(vars, values[j])
		}
		ways = append(ways, "("+way+k.Column+sign[turned != k.Down]+"?)")
		vars = append(vars, values[i])
	}
	return clause.Expr{SQL: "(" + strings.Join(ways, " OR ") + ")", Vars: vars}
}

// Total is how many rows a list has; More says that there are more than N, and that nobody counted on.
type Total struct {
	N    int64
	More bool
}

// MostCounted is up to where Count counts.
const MostCounted = 10_000

// Count counts the rows of q, which has its tables and conditions, and stops where a reader needs no exact figure any more.
func Count(q *gorm.DB) (Total, error) { return CountTo(q, MostCounted) }

// CountTo counts as Count does, and stops at a figure of its own.
func CountTo(q *gorm.DB, most int) (Total, error) {
	var t Total
	some := q.Session(&gorm.Session{}).Select("1").Limit(most + 1)
	err := q.Session(&gorm.Session{NewDB: true}).Table("(?) counted", some).Count(&t.N).Error
	if t.N > int64(most) {
		t = Total{N: int64(most), More: true}
	}
	return t, err
}

// AtMost refuses to act on more rows than one request may, with "selection_too_large" or, where nobody counted, "selection_uncounted".
func (t Total) AtMost(most int64) error {
	switch {
	case t.More && most <= t.N:
		return errs.Invalid("selection_uncounted", errs.Params{"n": t.N, "most": most})
	case t.N > most:
		return errs.Invalid("selection_too_large", errs.Params{"n": t.N, "most": most})
	}
	return nil
}
