package ledger

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/store"
	"taphuan/models"
)

// many is how many ids one statement names.
const many = 500

// row is a row of the table.
type row struct {
	entry
	tier int
	Sum
}

func compareRows(a, b row) int {
	return cmp.Or(comparePlaces(a.place, b.place), cmp.Compare(a.tier, b.tier), cmp.Compare(a.day, b.day))
}

func comparePlaces(a, b place) int {
	return cmp.Or(cmp.Compare(a.organisation, b.organisation), cmp.Compare(a.group, b.group))
}

func mysql(db *gorm.DB) bool { return db.Dialector.Name() == "mysql" }

// dayNumber is a DATE as models.Day counts it: as a number it is read many times faster.
func dayNumber(db *gorm.DB, column string) string {
	if mysql(db) {
		return "TO_DAYS(" + column + ") - 365"
	}
	return "CAST(julianday(" + column + ") - 1721424.5 AS INTEGER)"
}

// writeRows adds sums to the rows of the table, in the table's order, so that two who add to the same rows wait and never block each other.
func writeRows(db *gorm.DB, rows []row) error {
	for part := range slices.Chunk(rows, 2*many) {
		sql, touched := insert(part)
		if err := db.Exec(sql + adding(db, "coverage_changes", "organisation_id, group_id, tier, day", touched)).Error; err != nil {
			return err
		}
	}
	return nil
}

// adding ends a statement that inserts into a table: what stands at the key already is added to, in those columns in which anything is not nothing.
func adding(db *gorm.DB, table, key string, touched touched) string {
	var w strings.Builder
	w.WriteString(" ON CONFLICT (" + key + ") DO UPDATE SET ")
	value := "excluded.%s"
	if mysql(db) {
		w.Reset()
		w.WriteString(" ON DUPLICATE KEY UPDATE ")
		value = "VALUES(%s)"
	}
	for i, c := range touched.columns() {
		if i > 0 {
			w.WriteString(", ")
		}
		fmt.Fprintf(&w, "%s = %s + "+value, c, table+"."+c, c)
	}
	return w.String()
}

// insert writes a statement for rows, and says which columns they touch. They are numbers and days alone, so that they stand in its text: as parameters
// they would take ten times as long.
func insert(rows []row) (string, touched) {
	var touched touched
	for _, r := range rows {
		touched.by(r.Sum)
	}
	b := make([]byte, 0, 64+40*len(rows))
	b = append(b, "INSERT INTO coverage_changes (organisation_id, group_id, tier, day, "+strings.Join(touched.columns(), ", ")+") VALUES "...)
	for i, r := range rows {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, '(')
		b = strconv.AppendUint(b, r.organisation, 10)
		b = append(b, ',')
		b = strconv.AppendUint(b, r.group, 10)
		b = append(b, ',')
		b = strconv.AppendInt(b, int64(r.tier), 10)
		b = append(b, ",'"...)
		b = append(b, r.day.String()...)
		b = append(touched.appendTo(append(b, '\''), r.Sum), ')')
	}
	return string(b), touched
}

// values are the fields in the order of the columns that are written.
func (s Sum) values() [8]int {
	return [...]int{s.Roster, s.Covered, s.Recognised, s.Denominator, s.Declared, s.Declaring, s.Unreported, s.Lapsed}
}

// touched says in which of the columns that are written some sums are not nothing. In the others 0 stands by itself: to read so many of them would
// take a database longer than all else that it does with a row.
type touched [8]bool

func (t *touched) by(s Sum) {
	for i, n := range s.values() {
		t[i] = t[i] || n != 0
	}
}

// columns are those that are touched; of rows that hold nothing, which are locked all the same, the first.
func (t touched) columns() (names []string) {
	for i, c := range strings.Split(written, ", ") {
		if t[i] || i == 0 && t == (touched{}) {
			names = append(names, c)
		}
	}
	return names
}

// appendTo writes a sum in the order of the columns, each value behind a comma.
func (t touched) appendTo(b []byte, s Sum) []byte {
	for i, n := range s.values() {
		if t[i] || i == 0 && t == (touched{}) {
			b = strconv.AppendInt(append(b, ','), int64(n), 10)
		}
	}
	return b
}

// parted gives the organisations of places part by part, each with all groups asked for.
func parted(places []place, do func(organisations, groups []uint64) error) error {
	var groups []uint64
	for _, x := range places {
		groups = append(groups, x.group)
	}
	slices.Sort(groups)
	groups = slices.Compact(groups)
	var organisations []uint64
	for _, x := range places {
		organisations = append(organisations, x.organisation)
	}
	slices.Sort(organisations)
	for part := range slices.Chunk(slices.Compact(organisations), many) {
		if err := do(part, groups); err != nil {
			return err
		}
	}
	return nil
}

// ownRows reads what stands of organisations themselves.
func ownRows(db *gorm.DB, places []place) (map[place]map[models.Day]Sum, error) {
	out := map[place]map[models.Day]Sum{}
	err := parted(places, func(organisations, groups []uint64) error {
		var x place
		var d int32
		var s Sum
		sql := "SELECT organisation_id, group_id, " + dayNumber(db, "day") + ", " + written + " FROM coverage_changes WHERE organisation_id IN ? AND group_id IN ? AND tier = ?"
		return store.Each(db.Raw(sql, organisations, groups, tierOwn), func() {
			if s == (Sum{}) {
				return
			}
			if out[x] == nil {
				out[x] = map[models.Day]Sum{}
			}
			out[x][models.Day(d)] = s
		}, append([]any{&x.organisation, &x.group, &d}, s.all()...)...)
	})
	return out, err
}

// headcounts reads what organisations declared, in the order of declaring.
func headcounts(db *gorm.DB, places []place) (map[place][]models.Headcount, error) {
	out := map[place][]models.Headcount{}
	err := parted(places, func(organisations, groups []uint64) error {
		var all []models.Headcount
		err := db.Where("organisation_id IN ? AND group_id IN ?", organisations, groups).Order("created_at, id").Find(&all).Error
		for _, h := range all {
			x := place{h.OrganisationID, h.GroupID}
			out[x] = append(out[x], h)
		}
		return err
	})
	return out, err
}

// readOffices reads the organisations that the book knows by their ids alone.
func (b *book) readOffices() error {
	var ids []uint64
	for id, o := range b.known {
		if o.ID == 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	for part := range slices.Chunk(ids, many) {
		var o models.Organisation
		q := b.tx.Raw("SELECT id, kind, level, path, "+dayNumber(b.tx.DB, "from_day")+", "+dayNumber(b.tx.DB, "to_day")+", counts_only FROM organisations WHERE id IN ?", part)
		if err := store.Each(q, func() { *b.known[o.ID] = office{o, o.Above()} }, &o.ID, &o.Kind, &o.Level, &o.Path, (*int32)(&o.FromDay), (*int32)(&o.ToDay), &o.CountsOnly); err != nil {
			return err
		}
	}
	return nil
}
