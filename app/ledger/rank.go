package ledger

import (
	"slices"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
)

// Measure is what organisations are ranked by.
type Measure string

// The measures. Where two organisations have the same, a silent one comes before one that has spoken, and then the tree's order counts.
const (
	ByMissing     Measure = "missing"
	ByPercent     Measure = "percent" // covered of the denominator, in tenths rounded down; below everything where nobody is counted
	ByDenominator Measure = "denominator"
	ByChange      Measure = "change" // how many more are missing than on the day before
	ByTree        Measure = "tree"
)

// Measures are all of them.
var Measures = []Measure{ByMissing, ByPercent, ByDenominator, ByChange, ByTree}

// RankQuery asks which organisations come first by what they bring themselves, without those below them, to the figures of a group.
type RankQuery struct {
	Path   string // at it and below
	Group  uint64
	Day    models.Day
	Before models.Day // that the change is counted from
	By     Measure
	Down   bool // from the most to the least
	All    bool // with those that miss nobody and are not silent, as long as they have anybody
	Kind   models.Kind
	Level  models.Level
	Offset int
	Limit  int // 0: all
}

// Rank gives organisations of a plan in order, and how many there are in all. The database ranks them by their standings.
func Rank(db *gorm.DB, p *plan.Plan, q RankQuery) (found []Place, total int, err error) {
	now, err := own(db, p, q.Day, []uint64{q.Group}, below(q.Path))
	if err != nil {
		return nil, 0, err
	}
	ranked := db.Table("(?) x", now)
	if q.Kind != "" || q.Level != "" {
		ranked = ranked.Joins("JOIN organisations o ON o.id = x.organisation_id")
	}
	if q.Kind != "" {
		ranked = ranked.Where("o.kind = ?", q.Kind)
	}
	if q.Level != "" {
		ranked = ranked.Where("o.level = ?", q.Level)
	}
	if q.All {
		ranked = ranked.Where("x.denominator > 0 OR x.unreported > 0")
	} else {
		ranked = ranked.Where("x.denominator > x.covered OR x.unreported > 0")
	}
	ranked = ranked.Session(&gorm.Session{})
	var n int64
	if err := ranked.Count(&n).Error; err != nil || n == 0 || q.Limit > 0 && q.Offset >= int(n) {
		return nil, int(n), err
	}
	by := ""
	switch q.By {
	case ByTree, "":
		by = "x.path"
	case ByMissing:
		by = "x.denominator - x.covered"
	case ByPercent:
		by = "CASE WHEN x.denominator = 0 THEN -1 ELSE x.covered * 1000 / x.denominator END"
		if mysql(db) {
			by = strings.Replace(by, "/", "DIV", 1)
		}
	case ByDenominator:
		by = "x.denominator"
	case ByChange:
		if q.Before != 0 {
			before, err := own(db, p, q.Before, []uint64{q.Group}, below(q.Path))
			if err != nil {
				return nil, 0, err
			}
			ranked = ranked.Joins("LEFT JOIN (?) b ON b.path = x.path", before)
			by = "x.denominator - x.covered - COALESCE(b.denominator - b.covered, 0)"
		}
	}
	err = limited(ranked, order(by, q.Down, "x.unreported DESC, x.path"), q.Offset, q.Limit).Select("x.organisation_id AS id, x.path, x.denominator - x.covered AS missing").Scan(&found).Error
	return found, int(n), err
}

// Place is an organisation by its id and its path, with how many of the group that ranks it are missing there.
type Place struct {
	ID      uint64
	Path    string
	Missing int
}

// order is by something, if anything, and then as it is said.
func order(by string, down bool, then string) string {
	switch {
	case by == "":
		return then
	case down:
		by += " DESC"
	}
	return by + ", " + then
}

func limited(q *gorm.DB, order string, offset, limit int) *gorm.DB {
	if q = q.Order(order); limit > 0 {
		q = q.Limit(limit).Offset(offset)
	}
	return q
}

// Own gives what organisations bring themselves, without those below them, to the figures of a day of the plan's period: one sum for each group
// of the plan. A statement for every 500 organisations, and one.
func Own(db *gorm.DB, p *plan.Plan, day models.Day, organisations ...Place) (map[uint64][]Sum, error) {
	groups, index := groupsOf(p)
	out := make(map[uint64][]Sum, len(organisations))
	for part := range slices.Chunk(organisations, many) {
		paths := make([]string, len(part))
		for i, o := range part {
			paths[i] = o.Path
			out[o.ID] = make([]Sum, len(groups))
		}
		table, err := own(db, p, day, groups, which{"PATH IN ?", []any{paths}})
		if err != nil {
			return nil, err
		}
		var organisation, group uint64
		var s Sum
		if err := store.Each(db.Raw("SELECT organisation_id, group_id, "+columns+" FROM (?) x", table), func() { out[organisation][index[group]] = s },
			append([]any{&organisation, &group}, s.fields()...)...); err != nil {
			return nil, err
		}
	}
	return out, nil
}
