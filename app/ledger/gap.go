package ledger

import (
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
)

// GapKind is what is wrong between what an organisation lists and what it declares.
type GapKind string

// The kinds of gaps.
const (
	GapShort  GapKind = "short"  // lists fewer than it declares
	GapSilent GapKind = "silent" // says nothing although it should have cadres of the group
)

// GapOrder is what gaps are put in order by. Where two are the same, the tree's order counts, and of one organisation that of the plan's groups.
type GapOrder string

// The orders of gaps. What is silent lists nobody and declares nobody.
const (
	GapsByTree     GapOrder = "tree"
	GapsByGroup    GapOrder = "group"
	GapsByListed   GapOrder = "listed"
	GapsByDeclared GapOrder = "declared"
	GapsByMore     GapOrder = "more" // how many more are declared than listed
)

// GapQuery asks where rosters and declarations do not agree.
type GapQuery struct {
	Path   string   // at it and below
	Groups []uint64 // in the plan's order
	Day    models.Day
	Kind   GapKind // "": both
	By     GapOrder
	Down   bool
	Offset int
	Limit  int // 0: all
}

// GapCount is how many there are of a kind: as rows, one an organisation and group, and as organisations.
type GapCount struct{ Rows, Offices int }

// Nameless is what an organisation has of a group by itself where figures count people whom no list names, or should.
type Nameless struct {
	Organisation, Group uint64
	Sum
}

// Gaps gives, in order, where organisations of a plan list fewer of a group than they declare, or say nothing although they should have some, and how many
// there are of each kind, whatever kind is asked for. Organisations that give counts only list nobody, and are left out unless they are silent.
func Gaps(db *gorm.DB, p *plan.Plan, q GapQuery) (found []Nameless, counts map[GapKind]GapCount, err error) {
	table, err := own(db, p, q.Day, q.Groups, below(q.Path))
	if err != nil {
		return nil, nil, err
	}
	all := db.Table("(?) x", table)
	var counted int64
	at := below(q.Path)
	if err := db.Model(&models.Organisation{}).Where("counts_only = ?", true).Where(at.of("path"), at.args...).Limit(1).Count(&counted).Error; err != nil {
		return nil, nil, err
	}
	if counted > 0 {
		all = all.Where("x.unreported > 0 OR x.path NOT IN (SELECT path FROM organisations WHERE counts_only = ?)", true)
	}
	all = all.Session(&gorm.Session{})
	const gap = "x.unreported > 0 OR x.denominator > x.roster"
	gaps := all.Where("x.gap = 1").Session(&gorm.Session{})
	if mysql(db) { // in tree order
		counts, err = countGaps(db, gaps, "x.path")
	} else { // looks up each row of an index over what is computed
		counts, err = countGaps(db, all.Where(gap), "x.organisation_id")
	}
	if err != nil {
		return nil, nil, err
	}
	if q.By != GapsByTree && q.By != "" { // all are looked at: not by the index, from which each would be looked up
		gaps = all.Where(gap)
	}
	switch q.Kind {
	case GapShort:
		gaps = gaps.Where("x.unreported = 0")
	case GapSilent:
		gaps = gaps.Where("x.unreported > 0")
	}
	by := map[GapOrder]string{GapsByTree: "x.path", GapsByGroup: inOrder(q.Groups), GapsByListed: "x.roster", GapsByDeclared: "x.denominator", GapsByMore: "x.denominator - x.roster"}[q.By]
	page := limited(gaps, order(by, q.Down, "x.path, "+inOrder(q.Groups)), q.Offset, q.Limit).Select("x.organisation_id, x.group_id, " + columns)
	found, err = readNameless(page)
	return found, counts, err
}

// countGaps counts gaps, and organisations as something tells them apart.
func countGaps(db, gaps *gorm.DB, apart string) (map[GapKind]GapCount, error) {
	by := gaps.Select("SUM(CASE WHEN x.unreported > 0 THEN 1 ELSE 0 END) AS silent, SUM(CASE WHEN x.unreported > 0 THEN 0 ELSE 1 END) AS short").Group(apart)
	var silent, short GapCount
	err := db.Table("(?) y", by).Select("COALESCE(SUM(silent), 0), COUNT(CASE WHEN silent > 0 THEN 1 END), COALESCE(SUM(short), 0), COUNT(CASE WHEN short > 0 THEN 1 END)").
		Row().Scan(&silent.Rows, &silent.Offices, &short.Rows, &short.Offices)
	return map[GapKind]GapCount{GapSilent: silent, GapShort: short}, err
}

// inOrder orders by the group as groups are given; mostly that is the order of their ids.
func inOrder(groups []uint64) string {
	if slices.IsSorted(groups) {
		return "x.group_id"
	}
	var w strings.Builder
	w.WriteString("CASE x.group_id")
	for i, g := range groups {
		w.WriteString(" WHEN " + strconv.FormatUint(g, 10) + " THEN " + strconv.Itoa(i))
	}
	return w.String() + " END"
}

// WithoutNames gives the organisations at a path or below it that declare more of a group than they list, give counts only, or say nothing where
// they should, on a day of the plan's period, in tree order.
func WithoutNames(db *gorm.DB, p *plan.Plan, day models.Day, path string, group uint64) ([]Nameless, error) {
	table, err := own(db, p, day, []uint64{group}, below(path))
	if err != nil {
		return nil, err
	}
	return readNameless(db.Table("(?) x", table).Where("x.gap = 1 OR x.declaring > 0 AND x.roster = 0").Order("x.path").Select("x.organisation_id, x.group_id, " + columns))
}

func readNameless(q *gorm.DB) (out []Nameless, err error) {
	var x Nameless
	err = store.Each(q, func() { out = append(out, x) }, append([]any{&x.Organisation, &x.Group}, x.fields()...)...)
	return out, err
}
