package ledger

import (
	"cmp"
	"maps"
	"slices"

	"gorm.io/gorm"

	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
)

// At gives the figures of organisations with everything below them on a day of the plan's period: one for each group of the plan. Whoever
// asks sees to it that the organisations exist on the day. One statement for every 500 organisations.
func At(db *gorm.DB, p *plan.Plan, day models.Day, organisations ...uint64) (map[uint64][]Sum, error) {
	tiers := []tier{{tierOwn, p.FromDay, day}, {tierMonths, monthOf(p.FromDay), monthOf(day) - 1}, {tierBelow, monthOf(day), day}}
	groups, index := groupsOf(p)
	out := make(map[uint64][]Sum, len(organisations))
	for part := range slices.Chunk(organisations, many) {
		all := make([]Sum, len(part)*len(groups))
		some := make(map[uint64][]Sum, len(part))
		for i, id := range part {
			some[id] = all[i*len(groups) : (i+1)*len(groups) : (i+1)*len(groups)]
			out[id] = some[id]
		}
		sql := ""
		var args []any
		for i, t := range tiers {
			if i > 0 {
				sql += " UNION ALL "
			}
			sql += "SELECT organisation_id, group_id, tier, 0, " + summed + ", '' FROM coverage_changes WHERE organisation_id IN ? AND group_id IN ? AND tier = ? AND day BETWEEN ? AND ? GROUP BY organisation_id, group_id, tier"
			args = append(args, part, groups, t.n, t.from, t.to)
		}
		if err := eachRow(db, sql, args, groups, p.FromDay, day, func(id uint64, r row) {
			if sums := some[id]; sums != nil {
				sums[index[r.group]].add(r.Sum)
			}
		}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// eachRow reads the rows of a statement that ends as entered wants it, and what has been entered from one day to another, and says of each whose it is.
func eachRow(db *gorm.DB, sql string, args []any, groups []uint64, from, to models.Day, do func(organisation uint64, r row)) error {
	var r row
	var path string
	return store.Each(db.Raw(sql+entered(db), append(args, groups, from, to)...), func() {
		if path == "" {
			do(r.organisation, r)
			return
		}
		for _, id := range above(r.organisation, path) {
			do(id, r)
		}
	}, append(append([]any{&r.organisation, &r.group, &r.tier, (*int32)(&r.day)}, r.Sum.fields()...), &path)...)
}

// tier is a part of the rows: those of some days.
type tier struct {
	n        int
	from, to models.Day // both included
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
	sql := "SELECT c.group_id, " + summed + " FROM organisations o JOIN coverage_changes c ON c.organisation_id = o.id" +
		" WHERE o.path >= ? AND o.path < ? AND o.counts_only = TRUE AND c.group_id IN ? AND c.tier = ? AND c.day <= ? GROUP BY c.group_id"
	var group uint64
	var s Sum
	err := store.Each(db.Raw(sql, path, path+"~", groups, tierOwn, day), func() { out[index[group]] = s }, append([]any{&group}, s.fields()...)...)
	return out, err
}

// summed are the columns of a sum, added up.
const summed = "SUM(roster), SUM(covered), SUM(recognised), SUM(denominator), SUM(declared), SUM(declaring), SUM(unreported)"

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
	part := "SELECT organisation_id, group_id, tier, " + dayNumber(db, "day") + ", " + columns + ", '' FROM coverage_changes WHERE organisation_id = ? AND group_id IN ? AND tier = ?"
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
	var all []change
	rest := map[change]Sum{} // of months, behind the last day asked for
	if err := eachRow(db, sql, args, groups, p.FromDay, end, func(id uint64, r row) {
		if id != organisation { // entered there, which is of others too
			return
		}
		g := index[r.group]
		k := change{day: monthOf(r.day), group: g}
		switch r.tier {
		case tierOwn:
			all = append(all, change{r.day, g, r.Sum})
		case tierBelow:
			all = append(all, change{r.day, g, r.Sum})
			rest[k] = rest[k].minus(r.Sum)
		default:
			x := rest[k]
			x.add(r.Sum)
			rest[k] = x
		}
	}); err != nil {
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
	for _, t := range []tier{{tierOwn, p.FromDay, from}, {tierMonths, monthOf(p.FromDay), monthOf(from) - 1}, {tierBelow, monthOf(from), from}} {
		w += "SELECT organisation_id, group_id, tier, 0, " + summed + ", '' FROM coverage_changes WHERE organisation_id IN ? AND group_id IN ? AND tier = ? AND day BETWEEN ? AND ? GROUP BY organisation_id, group_id, tier UNION ALL "
		args = append(args, organisations, groups, t.n, t.from, t.to)
	}
	w += "SELECT organisation_id, group_id, tier, " + dayNumber(db, "day") + ", " + columns + ", '' FROM coverage_changes WHERE organisation_id IN ? AND group_id IN ? AND tier IN ? AND day > ? AND day <= ?"
	args = append(args, organisations, groups, []int{tierOwn, tierBelow}, from, to)
	err := eachRow(db, w, args, groups, p.FromDay, to, func(id uint64, r row) {
		if days := out[id]; days != nil {
			days[max(r.day, from)-from][index[r.group]].add(r.Sum)
		}
	})
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
	sql := "SELECT organisation_id, group_id, " + dayNumber(db, "day") + ", lapsed, '' FROM coverage_changes WHERE organisation_id = ? AND group_id IN ? AND tier IN ? AND day BETWEEN ? AND ? AND lapsed <> 0" +
		" UNION ALL SELECT e.organisation_id, e.group_id, " + dayNumber(db, "e.day") + ", e.lapsed, o.path FROM coverage_entries e JOIN organisations o ON o.id = e.organisation_id WHERE e.group_id IN ? AND e.day BETWEEN ? AND ? AND e.lapsed <> 0"
	var office, group uint64
	var d int32
	var n int
	var path string
	err := store.Each(db.Raw(sql, organisation, groups, []int{tierOwn, tierBelow}, from, to, groups, from, to), func() {
		if path != "" && !slices.Contains(above(office, path), organisation) {
			return
		}
		month := monthOf(models.Day(d))
		if out[month] == nil {
			out[month] = make([]int, len(groups))
		}
		if out[month][index[group]] += n; !slices.ContainsFunc(out[month], func(n int) bool { return n != 0 }) {
			delete(out, month)
		}
	}, &office, &group, &d, &n, &path)
	return out, err
}
