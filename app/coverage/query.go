package coverage

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/ledger"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
)

// Service answers questions of coverage from the database.
type Service struct {
	DB         *store.DB
	ManyPeople int // how many people of a group are looked at one by one at most; zero: manyPeople
}

// Query asks for an organisation and a day.
type Query struct {
	Org string     // code; "" is the actor's own organisation, or the plan's root for those who see the whole plan
	Day models.Day // zero is today, or the nearest day on which there are figures
}

// Rows gives the organisation and every one below it that exists on the day, in tree order, each with every group in plan order.
// It refuses days with day_outside_plan and day_outside_organisation, and organisations out of scope with not_found.
func (s *Service) Rows(ctx context.Context, actor access.Actor, q Query) ([]Row, error) {
	r, err := s.Report(ctx, actor, q)
	if err != nil {
		return nil, err
	}
	return r.Rows(), nil
}

// Report is Rows with the organisations and the way to them. It takes the same number of statements whatever the size.
func (s *Service) Report(ctx context.Context, actor access.Actor, q Query) (*Report, error) {
	a, err := s.ask(ctx, actor, q)
	if err != nil {
		return nil, err
	}
	return a.report()
}

// asked is a question whose organisation, plan and day have been found and may be seen.
type asked struct {
	db     *gorm.DB
	sqls   dialect
	plan   *plan.Plan
	top    models.Organisation
	trail  []models.Organisation
	day    models.Day
	line   bool     // people are those of the organisation's professional line
	lines  []uint64 // what readLines found
	cadres []uint64 // facts are read of these alone; nil: of everybody here
	kept   bool     // the ledger is kept for the plan: figures need not be counted

	tree   []models.Organisation // an organisation and those below it, of all days, once they have been read
	treeOf uint64

	before models.Day // an earlier day that will be asked for too: what the ledger says of both is read at once; 0: none

	known map[models.Day]map[uint64][]Figure // of organisations with everything below them, as far as the ledger has been asked
}

func (s *Service) ask(ctx context.Context, actor access.Actor, q Query) (*asked, error) {
	p, err := plan.Current(ctx, s.DB.Read(ctx), cmp.Or(q.Day, models.DayOf(s.DB.Time())))
	if err != nil {
		return nil, err
	}
	return s.askOf(ctx, p, actor, q)
}

// askOf is ask in a plan.
func (s *Service) askOf(ctx context.Context, p *plan.Plan, actor access.Actor, q Query) (*asked, error) {
	db := s.DB.Read(ctx)
	kept := store.Aside(func() (bool, error) { return ledger.Kept(db, p) })
	a := &asked{db: db, sqls: dialect(s.DB.Dialect), plan: p, day: q.Day}
	refusal := a.about(actor, q, models.DayOf(s.DB.Time()))
	var err error
	if a.kept, err = kept(); cmp.Or(refusal, err) != nil {
		return nil, cmp.Or(refusal, err)
	}
	return a, nil
}

// about finds the organisation and the day that are asked about, within the plan.
func (a *asked) about(actor access.Actor, q Query, today models.Day) error {
	if err := a.find(actor, q.Org); err != nil {
		return err
	}
	if q.Day == 0 {
		a.day = nearest(a.plan, a.top, today)
	}
	return checkDay(a.plan, a.top, a.day)
}

// Homes are the organisations of the plan that a head answers for, in tree order; none for those who see the whole plan.
func (s *Service) Homes(ctx context.Context, actor access.Actor) ([]models.Organisation, error) {
	if len(actor.HomeOrganisations()) == 0 || actor.Whole(access.CoverageRead) {
		return nil, nil
	}
	db := s.DB.Read(ctx)
	root, err := plan.Root(ctx, db, models.DayOf(s.DB.Time()))
	if err != nil {
		return nil, err
	}
	return homes(db, root, actor)
}

// homes are a head's organisations in the tree of a plan's root, in tree order. Whoever heads one above it has the root.
func homes(db *gorm.DB, root models.Organisation, actor access.Actor) ([]models.Organisation, error) {
	var all []models.Organisation
	if err := db.Where("id IN ?", actor.HomeOrganisations()).Order("path").Find(&all).Error; err != nil {
		return nil, err
	}
	if slices.ContainsFunc(all, func(o models.Organisation) bool { return isAtOrBelow(root.Path, o.Path) }) {
		return []models.Organisation{root}, nil
	}
	return slices.DeleteFunc(all, func(o models.Organisation) bool { return !isAtOrBelow(o.Path, root.Path) }), nil
}

// find reads the organisation and those above it that the actor may see.
func (a *asked) find(actor access.Actor, code string) error {
	switch {
	case code != "":
		err := a.db.Scopes(store.Code("code", code)).Take(&a.top).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return errs.NotFound("organisation")
		}
		if err != nil {
			return err
		}
	case len(actor.HomeOrganisations()) > 0 && !actor.Whole(access.CoverageRead):
		all, err := homes(a.db, a.plan.Root, actor)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return errs.NotFound("organisation")
		}
		a.top = all[0]
		if first := slices.IndexFunc(all, func(o models.Organisation) bool { return o.ID == actor.HomeOrganisations()[0] }); first > 0 {
			a.top = all[first]
		}
	default:
		a.top = a.plan.Root
	}
	if !isAtOrBelow(a.top.Path, a.plan.Root.Path) || !actor.ReachesPath(access.CoverageRead, a.top.Path) {
		return errs.NotFound("organisation")
	}
	var paths []string
	for p := a.top.Path; p != a.plan.Root.Path; {
		p = p[:strings.LastIndexByte(p, '/')]
		if actor.ReachesPath(access.CoverageRead, p) {
			paths = append(paths, p)
		}
	}
	if len(paths) == 0 {
		return nil
	}
	return a.db.Where("path IN ?", paths).Order("path").Find(&a.trail).Error
}

// nearest is today where there are figures today, else the nearest day on which there are.
func nearest(p *plan.Plan, o models.Organisation, today models.Day) models.Day {
	return min(max(today, p.FromDay, o.FromDay), p.ToDay-1, o.ToDay-1)
}

// manyPeople are more than a province has, and take a second or two.
const manyPeople = 50_000

// lookAt refuses to look one by one at more people of a group than that, where the ledger knows how many there are.
func (s *Service) lookAt(a *asked, group int) error {
	if !a.kept {
		return nil
	}
	figures, err := a.over([]models.Day{a.day})
	if most := cmp.Or(s.ManyPeople, manyPeople); err == nil && figures[0][group].Roster > most {
		return errs.Invalid("too_many_people", errs.Params{"n": most})
	}
	return err
}

// whole says whether the question is of everybody: of a plan's root above which there is nothing. One below it is asked as an office is.
func (a *asked) whole() bool { return a.top.ID == a.plan.RootID && a.top.ParentID == nil }

// shown are the columns of the organisations that stand beside figures: many at once, of which nobody asks for notes or when they were written.
const shown = "id, code, name, short_name, kind, level, parent_id, area_id, path, depth, from_day, to_day, counts_only"

// empty gives the report of the organisations asked for before anything is counted.
func (a *asked) empty() (*Report, error) {
	if a.tree == nil || a.treeOf != a.top.ID {
		a.tree, a.treeOf = nil, a.top.ID
		sql, args := access.Subtree("path", a.top.Path)
		if err := a.db.Select(shown).Where(sql, args...).Order("path").Find(&a.tree).Error; err != nil {
			return nil, err
		}
	}
	existing := make([]models.Organisation, 0, len(a.tree))
	for _, o := range a.tree {
		if o.ExistsOn(a.day) {
			existing = append(existing, o)
		}
	}
	return newReport(a.plan, a.day, existing), nil
}

func (a *asked) report() (*Report, error) {
	r, err := a.empty()
	if err != nil {
		return nil, err
	}
	r.Trail, r.kept = a.trail, a.kept
	if a.kept {
		return r, a.readLedger(r)
	}
	if err := a.readRosters(r); err != nil {
		return nil, err
	}
	if err := a.readRecognised(r); err != nil {
		return nil, err
	}
	if err := a.readDeclared(r); err != nil {
		return nil, err
	}
	r.fold()
	return r, nil
}

// readRosters counts, for each organisation and group, who is listed and who of them is covered: first by main postings, then by
// concurrent ones, which give their groups to the cadre, who is counted once, at the main one.
func (a *asked) readRosters(r *Report) error {
	var w sqlWriter
	w.add("SELECT p.organisation_id, pg.group_id, COUNT(*), SUM(")
	a.covered(&w, "p.cadre_id", a.whole(), anyTraining)
	w.add(") FROM ")
	a.mainPostings(&w)
	w.add(" JOIN posting_groups pg ON pg.posting_id = p.id GROUP BY p.organisation_id, pg.group_id")
	if err := a.readListed(r, &w); err != nil {
		return err
	}
	w = sqlWriter{}
	w.add("SELECT e.organisation_id, e.group_id, COUNT(*), SUM(")
	a.covered(&w, "e.cadre_id", false, anyTraining)
	w.add(") FROM (SELECT DISTINCT p.organisation_id, p.cadre_id, xg.group_id FROM ")
	a.concurrentPostings(&w)
	w.add(" WHERE NOT EXISTS (SELECT 1 FROM posting_groups mg WHERE mg.posting_id = p.id AND mg.group_id = xg.group_id)) e")
	w.add(" GROUP BY e.organisation_id, e.group_id")
	return a.readListed(r, &w)
}

// mainPostings writes the tables of the main postings p that count on the day. CROSS JOIN makes SQLite take the tables in this
// order: from the few organisations of an office, or from the postings of the whole plan.
func (a *asked) mainPostings(w *sqlWriter) {
	if a.whole() {
		w.add("(SELECT * FROM postings WHERE main = TRUE AND "+a.sqls.day("from_day")+" <= ? AND "+a.sqls.day("to_day")+" > ?) p", a.day, a.day)
		return
	}
	below, args := access.Subtree("path", a.top.Path)
	w.add("(SELECT id FROM organisations WHERE "+below+") below CROSS JOIN postings p", args...)
	w.add(" ON p.organisation_id = below.id AND p.main = TRUE AND p.from_day <= ? AND p.to_day > ?", a.day, a.day)
}

// concurrentPostings writes the tables of the groups xg that concurrent postings x give to the cadres of main postings p.
func (a *asked) concurrentPostings(w *sqlWriter) {
	if a.whole() {
		w.add("(SELECT * FROM postings WHERE main = FALSE AND from_day <= ? AND to_day > ?) x CROSS JOIN postings p", a.day, a.day)
		w.add(" ON p.cadre_id = x.cadre_id AND p.main = TRUE AND p.from_day <= ? AND p.to_day > ?", a.day, a.day)
	} else {
		a.mainPostings(w)
		w.add(" CROSS JOIN postings x ON x.cadre_id = p.cadre_id AND x.main = FALSE AND x.from_day <= ? AND x.to_day > ?", a.day, a.day)
	}
	w.add(" JOIN organisations xo ON xo.id = x.organisation_id AND xo.to_day > ? JOIN posting_groups xg ON xg.posting_id = x.id", a.day)
}

func (a *asked) readListed(r *Report, w *sqlWriter) error {
	var organisation, group uint64
	var roster, covered int
	return a.each(w, func() { r.listed(organisation, group, roster, covered) }, &organisation, &group, &roster, &covered)
}

// readRecognised counts who is covered and would not be without recognised training. It starts from those who have any: they are few.
func (a *asked) readRecognised(r *Report) error {
	var w sqlWriter
	w.add("SELECT e.organisation_id, e.group_id, COUNT(*) FROM (SELECT DISTINCT p.organisation_id, p.cadre_id, g.group_id FROM")
	w.add(" (SELECT DISTINCT cadre_id FROM completions WHERE recognition_id IS NOT NULL AND voided_at IS NULL AND effective_day BETWEEN ? AND ?) rc", a.plan.FromDay, a.day)
	w.add(" JOIN postings p ON p.cadre_id = rc.cadre_id AND p.main = TRUE AND p.from_day <= ? AND p.to_day > ?", a.day, a.day)
	below, args := access.Subtree("po.path", a.top.Path)
	w.add(" JOIN organisations po ON po.id = p.organisation_id AND "+below, args...)
	w.add(" JOIN postings x ON x.cadre_id = p.cadre_id AND (x.id = p.id OR x.main = FALSE) AND x.from_day <= ? AND x.to_day > ?", a.day, a.day)
	w.add(" JOIN organisations xo ON xo.id = x.organisation_id AND xo.to_day > ? JOIN posting_groups g ON g.posting_id = x.id WHERE ", a.day)
	a.covered(&w, "p.cadre_id", false, anyTraining)
	w.add(" AND NOT (")
	a.covered(&w, "p.cadre_id", false, ownTraining)
	w.add(")) e GROUP BY e.organisation_id, e.group_id")
	var organisation, group uint64
	var n int
	return a.each(&w, func() { r.recognised(organisation, group, n) }, &organisation, &group, &n)
}

// Which completions are asked for: all, or those of courses of our own.
const (
	anyTraining = ""
	ownTraining = "co.recognition_id IS NULL AND "
)

// covered writes the condition that a cadre is covered: has each component that the plan requires.
func (a *asked) covered(w *sqlWriter, cadre string, sets bool, which string) {
	for i, c := range a.plan.Components {
		if i > 0 {
			w.add(" AND ")
		}
		a.has(w, cadre, c, sets, which)
	}
	if len(a.plan.Components) == 0 {
		w.add("TRUE")
	}
}

// has writes the condition that a cadre has a component: a completion that is not voided, lies in the plan's period and on or
// before the day, and has not expired. With sets, the set of those who have it is made once; else each cadre is looked up, so that
// an office does not pay for the province.
func (a *asked) has(w *sqlWriter, cadre string, c models.PlanComponent, sets bool, which string) {
	if sets {
		w.add(cadre + " IN (SELECT co.cadre_id FROM completions co WHERE ")
	} else {
		w.add("EXISTS (SELECT 1 FROM completions co WHERE co.cadre_id = " + cadre + " AND ")
	}
	w.add(which+"co.voided_at IS NULL AND co.effective_day BETWEEN ? AND ? AND co.components & ? <> 0)", a.plan.ValidFrom(c.ExpiresMonths, a.day), a.day, c.Component.Set())
}

// readDeclared reads the declaration in force of each organisation and group.
func (a *asked) readDeclared(r *Report) error {
	var w sqlWriter
	w.add("SELECT organisation_id, group_id, declared, covered FROM (SELECT h.organisation_id, h.group_id, h.declared, h.covered,")
	w.add(" ROW_NUMBER() OVER (PARTITION BY h.organisation_id, h.group_id ORDER BY h.effective_day DESC, h.created_at DESC, h.id DESC) AS n FROM headcounts h")
	w.add(" WHERE h.effective_day <= ?", a.day)
	if !a.whole() {
		below, args := access.Subtree("path", a.top.Path)
		w.add(" AND h.organisation_id IN (SELECT id FROM organisations WHERE "+below+")", args...)
	}
	w.add(") x WHERE n = 1 AND declared IS NOT NULL")
	var found []models.Headcount
	if err := a.db.Raw(w.sql.String(), w.args...).Scan(&found).Error; err != nil {
		return err
	}
	for _, h := range found {
		r.declared(h)
	}
	return nil
}

// each is store.Each of a statement.
func (a *asked) each(w *sqlWriter, do func(), into ...any) error {
	return store.Each(a.db.Raw(w.sql.String(), w.args...), do, into...)
}

// sqlWriter puts a statement and its values together, side by side.
type sqlWriter struct {
	sql  strings.Builder
	args []any
}

func (w *sqlWriter) add(sql string, args ...any) {
	w.sql.WriteString(sql)
	w.args = append(w.args, args...)
}

// dialect writes what the two databases say differently.
type dialect store.Dialect

// dayNumber is a DATE as models.Day counts it: as a number it is read many times faster.
func (d dialect) dayNumber(column string) string {
	if store.Dialect(d) == store.MySQL {
		return "TO_DAYS(" + column + ") - 365"
	}
	return "CAST(julianday(" + column + ") - 1721424.5 AS INTEGER)"
}

// day is a DATE in a condition on many rows that no index answers: by its column's type a date is a number to SQLite, which would try to read the
// day that it is compared with as one for each row.
func (d dialect) day(column string) string {
	if store.Dialect(d) == store.MySQL {
		return column
	}
	return "+" + column
}

// plain is a column that is not to be looked up by an index.
func (d dialect) plain(column string) string { return d.day(column) }

// groupOrFirst is groupIndex with the plan's first group for "". It refuses a plan that has none ("plan_without_groups").
func groupOrFirst(p *plan.Plan, code string) (int, error) {
	if code != "" {
		return groupIndex(p, code)
	}
	if len(p.Groups) == 0 {
		return 0, errs.Invalid("plan_without_groups")
	}
	return 0, nil
}

// groupIndex finds a group of the plan by its code; it refuses others with not_found.
func groupIndex(p *plan.Plan, code string) (int, error) {
	i := slices.IndexFunc(p.Groups, func(g models.TargetGroup) bool { return g.Code == code })
	if i < 0 {
		return 0, errs.NotFound("group")
	}
	return i, nil
}
