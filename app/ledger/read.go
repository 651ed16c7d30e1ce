package ledger

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
)

// At gives the figures of organisations with everything below them on days of the plan's period, which are in order: for each day one for each group of
// the plan. Whoever asks sees to it that the organisations exist on the days. One statement for every 500 organisations; what several days have in
// common is read once.
func At(db *gorm.DB, p *plan.Plan, days []models.Day, organisations ...uint64) (map[uint64][][]Sum, error) {
	groups, index := groupsOf(p)
	parts := partsOf(p, days)
	out := make(map[uint64][][]Sum, len(organisations))
	for some := range slices.Chunk(organisations, many) {
		all := make([]Sum, len(some)*len(days)*len(groups))
		for _, id := range some {
			out[id] = make([][]Sum, len(days))
			for k := range days {
				out[id][k], all = all[:len(groups):len(groups)], all[len(groups):]
			}
		}
		sql := ""
		var args []any
		for i, t := range parts {
			if i > 0 {
				sql += " UNION ALL "
			}
			sql += "SELECT " + strconv.Itoa(i) + ", organisation_id, group_id, " + summed(db) + " FROM coverage_changes WHERE organisation_id IN ? AND group_id IN ? AND tier = ? AND day BETWEEN ? AND ? GROUP BY organisation_id, group_id"
			args = append(args, some, groups, t.tier, t.from, t.to)
			if t.tier == tierOwn {
				sql += " UNION ALL SELECT " + strconv.Itoa(i) + ", t.id, e.group_id, " + enteredSums + entered
				args = append(args, some, groups, t.from, t.to)
			}
		}
		var part int
		var organisation, group uint64
		var s Sum
		if err := store.Each(db.Raw(sql, args...), func() {
			for k := parts[part].first; k <= parts[part].last; k++ {
				out[organisation][k][index[group]].add(s)
			}
		}, append([]any{&part, &organisation, &group}, s.fields()...)...); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// part are the rows of a tier of some days, both included, which bring something to the figures of some of those that are asked for.
type part struct {
	tier        int
	from, to    models.Day
	first, last int // indices of the days asked for
}

// partsOf cuts the rows that figures of days, which are in order, are the sums of.
func partsOf(p *plan.Plan, days []models.Day) (parts []part) {
	own, months := p.FromDay, monthOf(p.FromDay)
	for i, day := range days {
		parts = append(parts, part{tierOwn, own, day, i, len(days) - 1}, part{tierBelow, monthOf(day), day, i, i})
		if months < monthOf(day) {
			parts = append(parts, part{tierMonths, months, monthOf(day) - 1, i, len(days) - 1})
		}
		own, months = day+1, monthOf(day)
	}
	return parts
}

// Below gives the figures of each organisation at a path or below it, by itself, on a day of the plan's period: one for each group of the plan.
// Organisations without any are left out. Two statements.
func Below(db *gorm.DB, p *plan.Plan, day models.Day, path string) (map[uint64][]Sum, error) {
	groups, index := groupsOf(p)
	table, err := own(db, p, day, groups, below(path))
	if err != nil {
		return nil, err
	}
	out := map[uint64][]Sum{}
	var organisation, group uint64
	var s Sum
	err = store.Each(db.Raw("SELECT organisation_id, group_id, "+columns+" FROM (?) x", table), func() {
		if out[organisation] == nil {
			out[organisation] = make([]Sum, len(groups))
		}
		out[organisation][index[group]] = s
	}, append([]any{&organisation, &group}, s.fields()...)...)
	return out, err
}

// Told gives what the organisations at a path or below it that give counts only bring to the figures on a day of the plan's period: one sum for each
// group of the plan. One statement.
func Told(db *gorm.DB, p *plan.Plan, day models.Day, path string) ([]Sum, error) {
	groups, index := groupsOf(p)
	out := make([]Sum, len(groups))
	sql := "SELECT c.group_id, " + summed(db) + " FROM organisations o JOIN coverage_changes c ON c.organisation_id = o.id" +
		" WHERE o.path >= ? AND o.path < ? AND o.counts_only = TRUE AND c.group_id IN ? AND c.tier = ? AND c.day <= ? GROUP BY c.group_id"
	var group uint64
	var s Sum
	err := store.Each(db.Raw(sql, path, path+"~", groups, tierOwn, day), func() { out[index[group]] = s }, append([]any{&group}, s.fields()...)...)
	return out, err
}

// summed are the columns of a sum, added up. MariaDB adds whole numbers as decimals, which takes as long as all else that it does with a row; floating
// point holds them as exactly, up to 2^53.
func summed(db *gorm.DB) string {
	term := "SUM(%s)"
	if mysql(db) {
		term = "SUM(CAST(%s AS DOUBLE))"
	}
	var w []string
	for _, c := range strings.Split(columns, ", ") {
		w = append(w, fmt.Sprintf(term, c))
	}
	return strings.Join(w, ", ")
}

func groupsOf(p *plan.Plan) (ids []uint64, index map[uint64]int) {
	index = make(map[uint64]int, len(p.Groups))
	for i, g := range p.Groups {
		ids = append(ids, g.ID)
		index[g.ID] = i
	}
	return ids, index
}

// Over gives the figures of an organisation with everything below it on each of some days of the plan's period, which are in order: for each day
// one for each group of the plan. One statement, however many days. Of those below, the days of a month are read up to the last that is asked
// for, and the rest of it as one sum.
func Over(db *gorm.DB, p *plan.Plan, organisation uint64, days []models.Day) ([][]Sum, error) {
	type change struct {
		day   models.Day
		group int
		Sum
	}
	out := make([][]Sum, len(days))
	if len(days) == 0 {
		return out, nil
	}
	groups, index := groupsOf(p)
	end := days[len(days)-1]
	asked := map[models.Day]models.Day{} // last day asked for, by month
	for _, d := range days {
		asked[monthOf(d)] = d
	}
	part := "SELECT tier, group_id, " + dayNumber(db, "day") + ", " + columns + " FROM coverage_changes WHERE organisation_id = ? AND group_id IN ? AND tier = ?"
	sql := part + " AND day <= ? UNION ALL " + part + " AND day <= ?"
	args := []any{organisation, groups, tierOwn, end, organisation, groups, tierMonths, end}
	firsts, spans := daysBelow(asked)
	if len(firsts) > 0 {
		sql += " UNION ALL " + part + " AND day IN ?"
		args = append(args, organisation, groups, tierBelow, firsts)
	}
	for _, x := range spans {
		sql += " UNION ALL " + part + " AND day BETWEEN ? AND ?"
		args = append(args, organisation, groups, tierBelow, x.from, x.to)
	}
	sql += " UNION ALL SELECT " + strconv.Itoa(tierOwn) + ", e.group_id, " + dayNumber(db, "e.day") + ", " + enteredSums + entered
	args = append(args, []uint64{organisation}, groups, p.FromDay, end)
	var all []change
	rest := map[change]Sum{} // of months, behind the last day asked for
	var tier int
	var group uint64
	var d int32
	var s Sum
	if err := store.Each(db.Raw(sql, args...), func() {
		day, g := models.Day(d), index[group]
		month := monthOf(day)
		switch tier {
		case tierOwn:
			all = append(all, change{day, g, s})
		case tierBelow:
			all = append(all, change{day, g, s})
			k := change{day: month, group: g}
			rest[k] = rest[k].minus(s)
		default:
			k := change{day: month, group: g}
			x := rest[k]
			x.add(s)
			rest[k] = x
		}
	}, append([]any{&tier, &group, &d}, s.fields()...)...); err != nil {
		return nil, err
	}
	for k, x := range rest {
		if last, ok := asked[k.day]; ok {
			k.day = last + 1
		}
		all = append(all, change{k.day, k.group, x})
	}
	slices.SortFunc(all, func(a, b change) int { return cmp.Compare(a.day, b.day) })
	sums := make([]Sum, len(groups))
	next := 0
	for i, day := range days {
		for ; next < len(all) && all[next].day <= day; next++ {
			sums[all[next].group].add(all[next].Sum)
		}
		out[i] = slices.Clone(sums)
	}
	return out, nil
}

// daysBelow says which days are to be read, given the last one that is asked for of each month: months of which the first is, and other spans, both
// ends included. Many spans are read as one with what lies between, since neither database is quick with a choice of many.
func daysBelow(asked map[models.Day]models.Day) (firsts []models.Day, spans []span) {
	months := slices.Sorted(maps.Keys(asked))
	for _, month := range months {
		if last := asked[month]; last == month {
			firsts = append(firsts, month)
		} else {
			spans = append(spans, span{month, last})
		}
	}
	if len(spans) > 4 {
		return nil, []span{{months[0], asked[months[len(months)-1]]}}
	}
	return firsts, spans
}

// Daily gives the figures of organisations with everything below them on each day from one to another, both in the plan's period: for each
// day one for each group of the plan. One statement: the figures of the first day, and what changes after it.
func Daily(db *gorm.DB, p *plan.Plan, from, to models.Day, organisations ...uint64) (map[uint64][][]Sum, error) {
	groups, index := groupsOf(p)
	out := make(map[uint64][][]Sum, len(organisations))
	for _, id := range organisations {
		out[id] = make([][]Sum, to-from+1)
		all := make([]Sum, len(out[id])*len(groups))
		for i := range out[id] {
			out[id][i] = all[i*len(groups) : (i+1)*len(groups)]
		}
	}
	var w string
	var args []any
	for _, t := range partsOf(p, []models.Day{from}) {
		w += "SELECT organisation_id, group_id, 0, " + summed(db) + " FROM coverage_changes WHERE organisation_id IN ? AND group_id IN ? AND tier = ? AND day BETWEEN ? AND ? GROUP BY organisation_id, group_id UNION ALL "
		args = append(args, organisations, groups, t.tier, t.from, t.to)
	}
	w += "SELECT organisation_id, group_id, " + dayNumber(db, "day") + ", " + columns + " FROM coverage_changes WHERE organisation_id IN ? AND group_id IN ? AND tier IN ? AND day > ? AND day <= ?"
	w += " UNION ALL SELECT t.id, e.group_id, " + dayNumber(db, "e.day") + ", " + enteredSums + entered
	args = append(args, organisations, groups, []int{tierOwn, tierBelow}, from, to, organisations, groups, p.FromDay, to)
	var organisation, group uint64
	var d int32
	var s Sum
	err := store.Each(db.Raw(w, args...), func() { out[organisation][max(models.Day(d), from)-from][index[group]].add(s) }, append([]any{&organisation, &group, &d}, s.fields()...)...)
	for _, days := range out {
		for i := 1; i < len(days); i++ {
			for g := range days[i] {
				days[i][g].add(days[i-1][g])
			}
		}
	}
	return out, err
}

// Lapses gives, by the first day of the month, how many of each group of the plan stop being covered at or below an organisation from one day to
// another, both included, since something expires while they are listed. Months without any are left out. One statement.
func Lapses(db *gorm.DB, p *plan.Plan, organisation uint64, from, to models.Day) (map[models.Day][]int, error) {
	groups, index := groupsOf(p)
	out := map[models.Day][]int{}
	sql := "SELECT group_id, " + dayNumber(db, "day") + ", lapsed FROM coverage_changes WHERE organisation_id = ? AND group_id IN ? AND tier IN ? AND day BETWEEN ? AND ? AND lapsed <> 0" +
		" UNION ALL SELECT e.group_id, " + dayNumber(db, "e.day") + ", e.lapsed" + entered + " AND e.lapsed <> 0"
	var group uint64
	var d int32
	var n int
	err := store.Each(db.Raw(sql, organisation, groups, []int{tierOwn, tierBelow}, from, to, []uint64{organisation}, groups, from, to), func() {
		month := monthOf(models.Day(d))
		if out[month] == nil {
			out[month] = make([]int, len(groups))
		}
		out[month][index[group]] += n
	}, &group, &d, &n)
	return out, err
}
