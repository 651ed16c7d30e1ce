package ledger

import (
	"slices"

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

// Rank gives the ids of organisations in order, and how many there are in all. The database ranks them: one statement, and no row of theirs is
// read beyond those asked for.
func Rank(db *gorm.DB, q RankQuery) (ids []uint64, total int, err error) {
	share := "SUM(c.covered) * 1000 / SUM(c.denominator)"
	if mysql(db) {
		share = "SUM(c.covered) * 1000 DIV SUM(c.denominator)"
	}
	sums := db.Table("organisations o").
		Joins("CROSS JOIN coverage_changes c ON c.organisation_id = o.id AND c.group_id = ? AND c.tier = ? AND c.day <= ?", q.Group, tierOwn, q.Day).
		Where("o.path >= ? AND o.path < ?", q.Path, q.Path+"~").Group("o.id, o.path").
		Select("o.id, o.path, SUM(c.denominator - c.covered) AS missing, SUM(c.denominator) AS denominator, SUM(c.unreported) AS unreported,"+
			" CASE WHEN SUM(c.denominator) = 0 THEN -1 ELSE "+share+" END AS percent, SUM(CASE WHEN c.day > ? THEN c.denominator - c.covered ELSE 0 END) AS gained", q.Before)
	if q.Kind != "" {
		sums = sums.Where("o.kind = ?", q.Kind)
	}
	if q.Level != "" {
		sums = sums.Where("o.level = ?", q.Level)
	}
	some := "x.missing > 0 OR x.unreported > 0"
	if q.All {
		some = "x.denominator > 0 OR x.unreported > 0"
	}
	by, ok := map[Measure]string{ByMissing: "x.missing", ByPercent: "x.percent", ByDenominator: "x.denominator", ByChange: "x.gained"}[q.By]
	order := "x.path"
	switch {
	case ok && q.Down:
		order = by + " DESC, x.unreported DESC, x.path"
	case ok:
		order = by + ", x.unreported DESC, x.path"
	case q.Down:
		order += " DESC"
	}
	ranked := db.Table("(?) x", sums).Where(some).Select("x.id, COUNT(*) OVER () AS total").Order(order)
	if q.Limit > 0 {
		ranked = ranked.Limit(q.Limit).Offset(q.Offset)
	}
	var rows []struct {
		ID    uint64
		Total int
	}
	if err := ranked.Scan(&rows).Error; err != nil {
		return nil, 0, err
	}
	for _, r := range rows {
		ids, total = append(ids, r.ID), r.Total
	}
	return ids, total, nil
}

// Own gives what organisations bring themselves, without those below them, to the figures of a day of the plan's period: one sum for each group
// of the plan. One statement for every 500 organisations.
func Own(db *gorm.DB, p *plan.Plan, day models.Day, organisations ...uint64) (map[uint64][]Sum, error) {
	groups, index := groupsOf(p)
	out := make(map[uint64][]Sum, len(organisations))
	for part := range slices.Chunk(organisations, many) {
		for _, id := range part {
			out[id] = make([]Sum, len(groups))
		}
		var organisation, group uint64
		var s Sum
		sql := "SELECT organisation_id, group_id, " + summed + " FROM coverage_changes WHERE organisation_id IN ? AND group_id IN ? AND tier = ? AND day <= ? GROUP BY organisation_id, group_id"
		if err := store.Each(db.Raw(sql, part, groups, tierOwn, day), func() { out[organisation][index[group]] = s },
			append([]any{&organisation, &group}, s.fields()...)...); err != nil {
			return nil, err
		}
	}
	return out, nil
}
