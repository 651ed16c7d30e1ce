package ledger

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
)

// A list of all organisations of a country cannot add up each one's changes. What each has by itself on some days therefore stands in a table of
// its own, in tree order (docs/decisions/ledger.md): a list of such a day reads a row each, and one of another day what changed between as well.

// standDays are the days of the plan's period of which there are standings: a day, the same day of the year before, and the first days of the years
// until then, so that no day of the past lies further than half a year from one.
func standDays(p *plan.Plan, on models.Day) []models.Day {
	if on == 0 {
		return nil
	}
	on = min(max(on, p.FromDay), p.ToDay-1)
	days := []models.Day{on}
	if before := on.YearBefore(); before >= p.FromDay {
		days = append(days, before)
	}
	for y := p.FromDay.Year() + 1; y <= on.Year(); y++ {
		days = append(days, models.NewDay(y, 1, 1))
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// which says of which organisations, by a condition that stands for their path as PATH.
type which struct {
	sql  string
	args []any
}

func below(path string) which { return which{"PATH >= ? AND PATH < ?", []any{path, path + "~"}} }

func (w which) of(column string) string { return strings.ReplaceAll(w.sql, "PATH", column) }

// own gives what organisations have of groups by themselves on a day of the plan's period, as a table with group_id, path, organisation_id, the
// columns of a sum, and gap: whether somebody is declared and not listed, or nothing is said. Who has nothing may be left out.
func own(db *gorm.DB, p *plan.Plan, day models.Day, groups []uint64, at which) (clause.Expr, error) {
	var on models.Day
	var entered bool
	err := store.Each(db.Raw("SELECT stands_on, EXISTS (SELECT 1 FROM coverage_entries) FROM coverage_ledgers WHERE plan_id = ?", p.ID), func() {}, &on, &entered)
	return ownSince(standDays(p, on), p, day, groups, at, entered), err
}

// standsOn gives the day that a plan's latest standings are of.
func standsOn(db *gorm.DB, p *plan.Plan) (models.Day, error) {
	var l models.CoverageLedger
	err := db.Select("stands_on").Where("plan_id = ?", p.ID).Limit(1).Find(&l).Error
	return l.StandsOn, err
}

// ownSince is own with the days of which there are standings. It reads those of the nearest and adds what changed from it to the day, or takes away
// what changed since; and what has been entered, where there is any.
func ownSince(kept []models.Day, p *plan.Plan, day models.Day, groups []uint64, at which, entered bool) clause.Expr {
	base, sign := p.FromDay-1, ""
	for _, d := range kept {
		if max(d-day, day-d) < max(base-day, day-base) {
			base = d
		}
	}
	if base > day {
		sign = "-"
	}
	standing := " FROM coverage_standings WHERE group_id IN ? AND day = ? AND " + at.of("path")
	args := append([]any{groups, base}, at.args...)
	if base == day && !entered {
		return gorm.Expr("SELECT group_id, path, organisation_id, "+columns+", gap"+standing, args...)
	}
	standing = "SELECT group_id, path, organisation_id, " + columns + standing + " UNION ALL "
	if base < p.FromDay {
		standing, args = "", nil
	}
	var changed, sums strings.Builder
	for _, c := range strings.Split(columns, ", ") {
		changed.WriteString(", SUM(" + sign + "c." + c + ") AS " + c)
		sums.WriteString(", SUM(y." + c + ") AS " + c)
	}
	args = append(append(args, at.args...), groups, tierOwn, min(base, day), max(base, day))
	entries := ""
	if entered {
		entries = " UNION ALL SELECT e.group_id, o.path, o.id, 0, e.covered, e.recognised, 0, 0, 0, 0 FROM coverage_entries e JOIN organisations o ON o.id = e.organisation_id WHERE e.group_id IN ? AND e.day <= ? AND " + at.of("o.path")
		args = append(append(args, groups, day), at.args...)
	}
	return gorm.Expr("SELECT y.group_id, y.path, y.organisation_id"+sums.String()+", SUM(y.unreported) > 0 OR SUM(y.denominator) > SUM(y.roster) AS gap FROM ("+standing+
		"SELECT c.group_id, o.path, o.id AS organisation_id"+changed.String()+" FROM organisations o CROSS JOIN coverage_changes c ON c.organisation_id = o.id"+
		" WHERE "+at.of("o.path")+" AND c.group_id IN ? AND c.tier = ? AND c.day > ? AND c.day <= ? GROUP BY c.group_id, o.path, o.id"+entries+") y GROUP BY y.group_id, y.path, y.organisation_id", args...)
}

// Stand brings the standings of the ledgers that are kept to the present day.
func Stand(ctx context.Context, db *store.DB) error {
	today := models.DayOf(db.Time())
	var ledgers []models.CoverageLedger
	if err := db.Read(ctx).Find(&ledgers).Error; err != nil || !slices.ContainsFunc(ledgers, func(l models.CoverageLedger) bool { return l.Fingerprint != "" && l.StandsOn != today }) {
		return err
	}
	_, err := db.Write(ctx, store.By{Action: "ledger"}, func(tx *store.Tx) (uint64, error) {
		ledgers = nil
		if err := tx.Lock().Find(&ledgers).Error; err != nil { // nobody adds to them meanwhile
			return 0, err
		}
		plans, err := plan.All(ctx, tx.DB)
		if err != nil {
			return 0, err
		}
		for _, l := range ledgers {
			i := slices.IndexFunc(plans, func(p *plan.Plan) bool { return p.ID == l.PlanID })
			if i < 0 || l.Fingerprint != Fingerprint(plans[i]) || l.StandsOn == tx.Today {
				continue
			}
			if err := stand(tx.DB, plans[i], l.StandsOn, tx.Today); err != nil {
				return 0, err
			}
			if err := tx.Model(&models.CoverageLedger{}).Where("plan_id = ?", l.PlanID).Update("stands_on", tx.Today).Error; err != nil {
				return 0, err
			}
		}
		return 0, nil
	})
	return err
}

// stand writes the standings of a plan as of a day, from those as of another one. Those stay until the next time, for who is reading them.
func stand(db *gorm.DB, p *plan.Plan, was, on models.Day) error {
	groups, _ := groupsOf(p)
	kept := standDays(p, was)
	for _, d := range standDays(p, on) {
		if slices.Contains(kept, d) {
			continue
		}
		if err := db.Exec("DELETE FROM coverage_standings WHERE group_id IN ? AND day = ?", groups, d).Error; err != nil {
			return err
		}
		if err := db.Exec("INSERT INTO coverage_standings (group_id, day, path, organisation_id, "+columns+") SELECT x.group_id, ?, x.path, x.organisation_id, x."+
			strings.ReplaceAll(columns, ", ", ", x.")+" FROM (?) x", d, ownSince(kept, p, d, groups, which{sql: "1 = 1"}, false)).Error; err != nil {
			return err
		}
		kept = append(kept, d)
	}
	return db.Exec("DELETE FROM coverage_standings WHERE group_id IN ? AND day NOT IN ?", groups, kept).Error
}

// stood is where a standing stands.
type stood struct {
	group uint64
	day   models.Day
	path  string
}

// writeStandings adds the organisations' own changes to their standings, in the order of the table.
func (b *book) writeStandings() error {
	days := map[uint64][]models.Day{} // by group
	for _, p := range b.plans {
		kept := standDays(p, b.standsOn[p.ID])
		for _, g := range p.Groups {
			days[g.ID] = kept
		}
	}
	sums, offices := map[stood]Sum{}, map[string]uint64{}
	for e, s := range b.changes {
		path := b.known[e.organisation].Path
		offices[path] = e.organisation
		for _, d := range days[e.group] {
			if e.day <= d {
				k := stood{e.group, d, path}
				x := sums[k]
				x.add(s)
				sums[k] = x
			}
		}
	}
	keys := make([]stood, 0, len(sums))
	for k, s := range sums {
		if s.Lapsed = 0; s != (Sum{}) {
			keys, sums[k] = append(keys, k), s
		}
	}
	slices.SortFunc(keys, func(a, b stood) int {
		return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.day, b.day), cmp.Compare(a.path, b.path))
	})
	for part := range slices.Chunk(keys, 2*many) {
		var touched touched
		for _, k := range part {
			touched.by(sums[k])
		}
		w := []byte("INSERT INTO coverage_standings (group_id, day, path, organisation_id, " + strings.Join(touched.columns(), ", ") + ") VALUES ")
		for i, k := range part { // numbers, days and paths, which are ours
			if i > 0 {
				w = append(w, ',')
			}
			w = append(w, '(')
			w = strconv.AppendUint(w, k.group, 10)
			w = append(w, ",'"+k.day.String()+"','"+k.path+"',"...)
			w = strconv.AppendUint(w, offices[k.path], 10)
			w = append(touched.appendTo(w, sums[k]), ')')
		}
		if err := b.tx.Exec(string(w) + adding(b.tx.DB, "coverage_standings", "group_id, day, path", touched)).Error; err != nil {
			return err
		}
	}
	return nil
}
