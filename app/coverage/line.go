package coverage

import (
	"context"
	"slices"

	"taphuan/app/access"
	"taphuan/models"
)

// Line is the coverage of a professional line on a day: of the cadres with a posting, main or concurrent, whose line is the organisation
// or one below it, wherever they are posted. It is no part of the organisation's own figures: each of these people is counted there where
// the main posting is.
type Line struct {
	People  int      // each once, whatever the groups
	Figures []Figure // a group of the plan each; nothing is declared for a line, so that all are listed
}

// Line works out the line of an organisation from the facts. It refuses as On does.
func (f Facts) Line(organisationID uint64, day models.Day) (*Line, error) {
	top, err := f.top(organisationID, day)
	if err != nil {
		return nil, err
	}
	below := map[uint64]bool{}
	for _, o := range f.Organisations {
		below[o.ID] = isAtOrBelow(o.Path, top.Path)
	}
	people, groups := map[uint64]bool{}, map[uint64]map[uint64]bool{}
	for _, p := range f.counting(day) {
		if below[p.LineID] {
			people[p.CadreID] = true
		}
		if groups[p.CadreID] == nil {
			groups[p.CadreID] = map[uint64]bool{}
		}
		for _, g := range p.Groups {
			groups[p.CadreID][g] = true
		}
	}
	completions := f.completed()
	l := &Line{People: len(people), Figures: make([]Figure, len(f.Plan.Groups))}
	for cadre := range people {
		covered := len(Lacks(f.Plan, completions[cadre], day)) == 0
		for i, g := range f.Plan.Groups {
			if groups[cadre][g.ID] {
				l.Figures[i].inLine(1, covered)
			}
		}
	}
	return l, nil
}

// inLine adds people of a line, all of them covered or none.
func (f *Figure) inLine(n int, covered bool) {
	f.Roster, f.Denominator = f.Roster+n, f.Denominator+n
	if covered {
		f.Covered += n
	}
}

// Line asks the database for the line of an organisation: three statements beyond those that find it, whatever the size. It refuses as
// Rows does.
func (s *Service) Line(ctx context.Context, actor access.Actor, q Query) (*Line, error) {
	a, err := s.ask(ctx, actor, q)
	if err != nil {
		return nil, err
	}
	return a.lineFigures()
}

func (a *asked) lineFigures() (*Line, error) {
	l := &Line{Figures: make([]Figure, len(a.plan.Groups))}
	if err := a.readLines(); err != nil || len(a.lines) == 0 {
		return l, err
	}
	var w sqlWriter
	w.add("SELECT COUNT(DISTINCT p.cadre_id) FROM ")
	a.linePostings(&w)
	if err := a.db.Raw(w.sql.String(), w.args...).Scan(&l.People).Error; err != nil || l.People == 0 {
		return l, err
	}
	w = sqlWriter{}
	w.add("SELECT e.group_id, e.covered, COUNT(*) FROM (SELECT r.group_id, ")
	a.covered(&w, "r.cadre_id", false, anyTraining)
	w.add(" AS covered FROM (SELECT DISTINCT p.cadre_id, xg.group_id FROM ")
	a.linePostings(&w)
	w.add(" JOIN postings x ON x.cadre_id = p.cadre_id AND x.from_day <= ? AND x.to_day > ?", a.day, a.day)
	w.add(" JOIN organisations xo ON xo.id = x.organisation_id AND xo.to_day > ? JOIN posting_groups xg ON xg.posting_id = x.id) r) e GROUP BY e.group_id, e.covered", a.day)
	var group uint64
	var covered bool
	var n int
	return l, a.each(&w, func() {
		if i := slices.IndexFunc(a.plan.Groups, func(g models.TargetGroup) bool { return g.ID == group }); i >= 0 {
			l.Figures[i].inLine(n, covered)
		}
	}, &group, &covered, &n)
}

// readLines finds at or below the organisation asked for those that are the line of somebody, ever. Of the many postings few name a line, and
// MariaDB takes those that name none for one frequent line: asked for all at once it would read every posting.
func (a *asked) readLines() error {
	below, args := access.Subtree("l.path", a.top.Path)
	q := "SELECT l.id FROM (SELECT DISTINCT line_id FROM postings WHERE line_id IS NOT NULL) used CROSS JOIN organisations l ON l.id = used.line_id WHERE " + below
	return a.db.Raw(q, args...).Scan(&a.lines).Error
}

// linePostings writes the tables of the postings p that count on the day and whose line is at or below the organisation asked for.
func (a *asked) linePostings(w *sqlWriter) {
	w.add("postings p JOIN organisations po ON po.id = p.organisation_id AND po.to_day > ?", a.day)
	w.add(" AND p.line_id IN ? AND p.from_day <= ? AND p.to_day > ?", a.lines, a.day, a.day)
}

// inLine writes who is in the line and has the group on the day, as onRoster writes who is listed: by the main posting where that is in
// the line, else by a concurrent one.
func (a *asked) inLine(w *sqlWriter, group uint64) {
	a.rosterColumns(w)
	w.add("(SELECT p.cadre_id, COALESCE(MIN(CASE WHEN p.main = TRUE THEN p.id END), MIN(p.id)) AS id FROM ")
	a.linePostings(w)
	w.add(" GROUP BY p.cadre_id) one JOIN postings p ON p.id = one.id")
	w.add(" WHERE EXISTS (SELECT 1 FROM postings x JOIN organisations xo ON xo.id = x.organisation_id JOIN posting_groups xg ON xg.posting_id = x.id")
	w.add(" WHERE x.cadre_id = p.cadre_id AND x.from_day <= ? AND x.to_day > ? AND xo.to_day > ? AND xg.group_id = ?)", a.day, a.day, a.day, group)
}
