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
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
)

// Service answers questions of coverage from the database.
type Service struct {
	DB *store.DB
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
	db    *gorm.DB
	sqls  dialect
	plan  *plan.Plan
	top   models.Organisation
	trail []models.Organisation
	day   models.Day
}

func (s *Service) ask(ctx context.Context, actor access.Actor, q Query) (*asked, error) {
	db := s.DB.Read(ctx)
	today := models.DayOf(s.DB.Time())
	a := &asked{db: db, sqls: dialect(s.DB.Dialect), day: q.Day}
	var err error
	if a.plan, err = plan.Current(ctx, db, cmp.Or(q.Day, today)); err != nil {
		return nil, err
	}
	if err := a.find(actor, q.Org); err != nil {
		return nil, err
	}
	if q.Day == 0 {
		a.day = nearest(a.plan, a.top, today)
	}
	return a, checkDay(a.plan, a.top, a.day)
}

// find reads the organisation and those above it that the actor may see.
func (a *asked) find(actor access.Actor, code string) error {
	switch home := actor.HomeOrganisations(); {
	case code != "":
		err := a.db.Where("code = ?", code).Take(&a.top).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return errs.NotFound("organisation")
		}
		if err != nil {
			return err
		}
	case len(home) > 0 && !actor.Whole(access.CoverageRead):
		if err := a.db.Where("id = ?", home[0]).Take(&a.top).Error; err != nil {
			return err
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

func (a *asked) whole() bool { return a.top.ID == a.plan.RootID }

// below is the condition that an organisation's id lies at or below the one asked for; for the whole plan there is none.
func (a *asked) below(column string) (string, []any) {
	if a.whole() {
		return "", nil
	}
	sql, args := access.Subtree("below.path", a.top.Path)
	return " AND " + column + " IN (SELECT below.id FROM organisations below WHERE " + sql + ")", args
}

func (a *asked) report() (*Report, error) {
	var existing []models.Organisation
	sql, args := access.Subtree("path", a.top.Path)
	if err := a.db.Where(sql, args...).Where("from_day <= ? AND to_day > ?", a.day, a.day).Order("path").Find(&existing).Error; err != nil {
		return nil, err
	}
	r := newReport(a.plan, a.day, existing)
	r.Trail = a.trail
	if err := a.readRosters(r); err != nil {
		return nil, err
	}
	if err := a.readDeclared(r); err != nil {
		return nil, err
	}
	r.fold()
	return r, nil
}

// readRosters counts, for each organisation and group, who is listed and who of them is covered.
func (a *asked) readRosters(r *Report) error {
	cond, condArgs := a.below("p.organisation_id")
	var w sqlWriter
	covered := a.coveredCadres()
	w.add("SELECT r.organisation_id, r.group_id, COUNT(*), COUNT(c.cadre_id) FROM (")
	w.add("SELECT p.organisation_id, p.cadre_id, pg.group_id FROM postings p JOIN posting_groups pg ON pg.posting_id = p.id")
	w.add(" WHERE p.main = TRUE AND p.from_day <= ? AND p.to_day > ?", a.day, a.day)
	w.add(cond, condArgs...)
	// A concurrent posting gives its groups to the cadre, who is counted once, at the main one.
	w.add(" UNION ALL SELECT DISTINCT p.organisation_id, p.cadre_id, xg.group_id FROM postings x JOIN organisations xo ON xo.id = x.organisation_id")
	w.add(" JOIN posting_groups xg ON xg.posting_id = x.id JOIN postings p ON p.cadre_id = x.cadre_id")
	w.add(" WHERE x.main = FALSE AND x.from_day <= ? AND x.to_day > ? AND xo.to_day > ?", a.day, a.day, a.day)
	w.add(" AND p.main = TRUE AND p.from_day <= ? AND p.to_day > ?", a.day, a.day)
	w.add(cond, condArgs...)
	w.add(" AND NOT EXISTS (SELECT 1 FROM posting_groups mg WHERE mg.posting_id = p.id AND mg.group_id = xg.group_id)) r LEFT JOIN (")
	w.add(covered.sql.String(), covered.args...)
	w.add(") c ON c.cadre_id = r.cadre_id GROUP BY r.organisation_id, r.group_id")
	rows, err := a.db.Raw(w.sql.String(), w.args...).Rows()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var organisation, group uint64
		var roster, n int
		if err := rows.Scan(&organisation, &group, &roster, &n); err != nil {
			return err
		}
		r.listed(organisation, group, roster, n)
	}
	return rows.Err()
}

// coveredCadres selects the cadres who have every component that the plan requires.
func (a *asked) coveredCadres() *sqlWriter {
	var w sqlWriter
	if len(a.plan.Components) == 0 {
		w.add("SELECT id AS cadre_id FROM cadres")
		return &w
	}
	w.add("SELECT co.cadre_id FROM completions co JOIN completion_components cc ON cc.completion_id = co.id WHERE co.voided_at IS NULL AND co.effective_day <= ? AND (", a.day)
	for i, c := range a.plan.Components {
		if i > 0 {
			w.add(" OR ")
		}
		w.add("cc.component = ? AND co.effective_day >= ?", c.Component, validFrom(a.plan, c.ExpiresMonths, a.day))
	}
	w.add(")")
	if !a.whole() {
		cond, args := a.below("cp.organisation_id")
		w.add(" AND co.cadre_id IN (SELECT cp.cadre_id FROM postings cp WHERE cp.main = TRUE AND cp.from_day <= ? AND cp.to_day > ?", a.day, a.day)
		w.add(cond+")", args...)
	}
	w.add(" GROUP BY co.cadre_id HAVING COUNT(DISTINCT cc.component) = ?", len(a.plan.Components))
	return &w
}

// readDeclared reads the declaration in force of each organisation and group.
func (a *asked) readDeclared(r *Report) error {
	var w sqlWriter
	cond, args := a.below("h.organisation_id")
	w.add("SELECT organisation_id, group_id, declared, covered FROM (SELECT h.organisation_id, h.group_id, h.declared, h.covered,")
	w.add(" ROW_NUMBER() OVER (PARTITION BY h.organisation_id, h.group_id ORDER BY h.effective_day DESC, h.created_at DESC, h.id DESC) AS n")
	w.add(" FROM headcounts h WHERE h.effective_day <= ?", a.day)
	w.add(cond+") x WHERE n = 1 AND declared IS NOT NULL", args...)
	var found []models.Headcount
	if err := a.db.Raw(w.sql.String(), w.args...).Scan(&found).Error; err != nil {
		return err
	}
	for _, h := range found {
		r.declared(h)
	}
	return nil
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

// groupIndex finds a group of the plan by its code; it refuses others with not_found.
func groupIndex(p *plan.Plan, code string) (int, error) {
	i := slices.IndexFunc(p.Groups, func(g models.TargetGroup) bool { return g.Code == code })
	if i < 0 {
		return 0, errs.NotFound("group")
	}
	return i, nil
}
