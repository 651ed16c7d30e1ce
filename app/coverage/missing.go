package coverage

import (
	"context"
	"slices"
	"strconv"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/page"
	"taphuan/models"
	"taphuan/models/viet"
)

// MissingQuery asks who of a group is not covered on a day.
type MissingQuery struct {
	Query
	Group    string           // code
	Lacking  models.Component // only those who lack this one; "" is any
	Line     bool             // of the organisation's professional line, wherever they are posted, in place of its own
	Search   string           // part of a name, with or without tones
	Cadres   []uint64         // only these; nil for whoever
	Size     int              // people a page, at most 500; 0 is everybody
	page.Ask                  // by "name", "born" or "organisation"
}

// Person is somebody who is not covered, with the posting of the day asked for.
type Person struct {
	CadreID          uint64
	Name             string
	BirthYear        int // 0 when unknown
	Title            string
	OrganisationCode string
	OrganisationName string
	Lacks            []models.Component `gorm:"-"`           // in the plan's order
	Leave            models.LeaveKind   `gorm:"column:away"` // on that day; "" when not
	MayOpen          bool               `gorm:"-"`           // the reader may open the cadre's page; not worked out for lists of everybody
}

// listed is a person as the list reads it.
type listed struct {
	Person  `gorm:"embedded"`
	SortKey string
	OrgPath string
	Lacking int // bits of components, in the plan's order
}

var (
	byName = page.Order[listed]{{Column: "x.sort_key", Of: func(r listed) any { return r.SortKey }}, {Column: "x.cadre_id", Of: func(r listed) any { return r.CadreID }}}
	// missingOrders are how those missing can be sorted.
	missingOrders = page.List[listed]{Default: "name", Orders: map[string]page.Order[listed]{
		"name":         byName,
		"born":         append(page.Order[listed]{{Column: "x.birth_year", Of: func(r listed) any { return r.BirthYear }}}, byName...),
		"organisation": append(page.Order[listed]{{Column: "x.org_path", Of: func(r listed) any { return r.OrgPath }}}, byName...),
	}}
)

// Unnamed is how many an organisation itself counts that are not covered and on no list.
type Unnamed struct {
	models.Organisation
	N int
}

// Missing is who is not covered in one group, and what else keeps the figure from the denominator.
type Missing struct {
	Report     *Report
	Line       *Line // where its people were asked for
	Group      models.TargetGroup
	Figure     Figure
	Total      int                      // people by name, whatever page and filter
	Found      int                      // of them, those that the filter and the search leave
	Lacking    map[models.Component]int // of Total, how many lack each component
	People     []Person
	Place      page.Place            // of this page among those found
	Unnamed    int                   // counted in the denominator, not covered and on no list: declared but not listed, or counts only
	UnnamedAt  []Unnamed             // where those are
	Unreported []models.Organisation // those that should have cadres of the group and say nothing
}

// Missing gives the people of a group in an organisation and everything below it who are not covered on the day, each with what
// they lack and with the posting of that day. It refuses as Rows does, and groups or components that the plan does not know with
// not_found.
func (s *Service) Missing(ctx context.Context, actor access.Actor, q MissingQuery) (*Missing, error) {
	a, err := s.ask(ctx, actor, q.Query)
	if err != nil {
		return nil, err
	}
	g, err := groupIndex(a.plan, q.Group)
	if err != nil {
		return nil, err
	}
	if q.Lacking != "" && !slices.ContainsFunc(a.plan.Components, func(c models.PlanComponent) bool { return c.Component == q.Lacking }) {
		return nil, errs.NotFound("component")
	}
	m := &Missing{Group: a.plan.Groups[g], Lacking: map[models.Component]int{}}
	if m.Report, err = a.report(); err != nil {
		return nil, err
	}
	m.Figure = m.Report.Top().Figures[g]
	if q.Line {
		a.line = true
		if m.Line, err = a.lineFigures(); err != nil {
			return nil, err
		}
		m.Figure = m.Line.Figures[g]
	} else {
		m.withoutNames(g)
	}
	if err := a.countMissing(m); err != nil {
		return nil, err
	}
	m.Unnamed = m.Figure.Missing() - m.Total
	if err := a.readMissing(m, q); err != nil {
		return nil, err
	}
	if q.Size == 0 {
		return m, nil
	}
	return m, s.mayOpen(a.db, actor, m.People)
}

// withoutNames says where people are counted, or should be, whom no list names.
func (m *Missing) withoutNames(g int) {
	for _, n := range m.Report.Nodes {
		if n.Silent[g] {
			m.Unreported = append(m.Unreported, n.Organisation)
		}
		if n.Unnamed[g] > 0 {
			m.UnnamedAt = append(m.UnnamedAt, Unnamed{n.Organisation, n.Unnamed[g]})
		}
	}
}

// onRoster writes who is listed at or below the organisation asked for, or in its line, and has the group on the day, with a column h0, h1, ...
// for each component that the plan requires.
func (a *asked) onRoster(w *sqlWriter, group uint64) {
	if a.line {
		a.inLine(w, group)
		return
	}
	a.rosterColumns(w)
	a.mainPostings(w)
	w.add(" JOIN organisations o ON o.id = p.organisation_id AND o.counts_only = FALSE AND o.from_day <= ? AND o.to_day > ? AND o.kind NOT IN ?", a.day, a.day, totals)
	const concurrent = "postings x JOIN organisations xo ON xo.id = x.organisation_id JOIN posting_groups xg ON xg.posting_id = x.id WHERE "
	main, other := "EXISTS (SELECT 1 FROM posting_groups pg WHERE pg.posting_id = p.id AND ", "EXISTS (SELECT 1 FROM "+concurrent+"x.cadre_id = p.cadre_id AND "
	if a.whole() { // sets that are made once; for an office each cadre is looked up
		main, other = "p.id IN (SELECT pg.posting_id FROM posting_groups pg WHERE ", "p.cadre_id IN (SELECT x.cadre_id FROM "+concurrent
	}
	w.add(" WHERE ("+main+"pg.group_id = ?)", group)
	w.add(" OR "+other+"x.main = FALSE AND x.from_day <= ? AND x.to_day > ? AND xo.to_day > ? AND xg.group_id = ?))", a.day, a.day, a.day, group)
}

// rosterColumns writes the columns of a posting p up to the tables.
func (a *asked) rosterColumns(w *sqlWriter) {
	w.add("SELECT p.id AS posting_id, p.cadre_id, p.organisation_id, p.title")
	for i, c := range a.plan.Components {
		w.add(", ")
		a.has(w, "p.cadre_id", c, a.whole(), anyTraining)
		w.add(" AS h" + strconv.Itoa(i))
	}
	w.add(" FROM ")
}

// maxPage is how many people a page may show.
const maxPage = 500

// totals are the kinds of nodes at which nobody is posted.
var totals = []models.Kind{models.KindProvince, models.KindBlock, models.KindDistrict}

// uncovered writes the condition that a row of onRoster lacks something.
func (a *asked) uncovered(w *sqlWriter) {
	w.add("NOT (TRUE")
	for i := range a.plan.Components {
		w.add(" AND h" + strconv.Itoa(i))
	}
	w.add(")")
}

func (a *asked) countMissing(m *Missing) error {
	var w sqlWriter
	w.add("SELECT COUNT(*)")
	for i := range a.plan.Components {
		w.add(", COALESCE(SUM(NOT h" + strconv.Itoa(i) + "), 0)")
	}
	w.add(" FROM (")
	a.onRoster(&w, m.Group.ID)
	w.add(") r WHERE ")
	a.uncovered(&w)
	counts := make([]int, 1+len(a.plan.Components))
	into := make([]any, len(counts))
	for i := range counts {
		into[i] = &counts[i]
	}
	if err := a.db.Raw(w.sql.String(), w.args...).Row().Scan(into...); err != nil {
		return err
	}
	m.Total = counts[0]
	for i, c := range a.plan.Components {
		m.Lacking[c.Component] = counts[1+i]
	}
	return nil
}

// chosen writes the tables and conditions of the people that the question leaves.
func (a *asked) chosen(w *sqlWriter, m *Missing, q MissingQuery) {
	w.add(" FROM (")
	a.onRoster(w, m.Group.ID)
	w.add(") r JOIN cadres c ON c.id = r.cadre_id JOIN organisations o ON o.id = r.organisation_id WHERE ")
	a.uncovered(w)
	for i, c := range a.plan.Components {
		if c.Component == q.Lacking {
			w.add(" AND NOT h" + strconv.Itoa(i))
		}
	}
	if q.Cadres != nil {
		w.add(" AND r.cadre_id IN ?", q.Cadres)
	}
	if text := viet.Fold(q.Search); text != "" {
		w.add(" AND INSTR(c.search, ?) > 0", text)
	}
}

func (a *asked) readMissing(m *Missing, q MissingQuery) error {
	m.Found = m.Total
	if q.Lacking != "" || q.Search != "" || q.Cadres != nil {
		var w sqlWriter
		w.add("SELECT COUNT(*)")
		a.chosen(&w, m, q)
		if err := a.db.Raw(w.sql.String(), w.args...).Scan(&m.Found).Error; err != nil {
			return err
		}
	}
	return a.readPeople(m, q)
}

// readPeople reads one page of those missing.
func (a *asked) readPeople(m *Missing, q MissingQuery) error {
	var w sqlWriter
	w.add("SELECT r.cadre_id, c.full_name AS name, c.birth_year, c.sort_key, r.title, o.code AS organisation_code, o.name AS organisation_name, o.path AS org_path,")
	w.add(" COALESCE((SELECT MIN(l.kind) FROM leaves l WHERE l.posting_id = r.posting_id AND l.from_day <= ? AND l.to_day > ?), '') AS away, 0", a.day, a.day)
	for i := range a.plan.Components {
		w.add(" + CASE WHEN h" + strconv.Itoa(i) + " THEN 0 ELSE " + strconv.Itoa(1<<i) + " END")
	}
	w.add(" AS lacking")
	a.chosen(&w, m, q)
	list := missingOrders
	if list.Size = min(q.Size, maxPage); q.Size == 0 {
		list.Size = maxEverybody
	}
	p, err := list.Read(a.db.Table("(?) x", gorm.Expr(w.sql.String(), w.args...)), q.Ask, page.Total{N: int64(m.Found)})
	if err != nil {
		return err
	}
	m.Place = p.Place
	for _, r := range p.Rows {
		for i, c := range a.plan.Components {
			if r.Lacking&(1<<i) != 0 {
				r.Lacks = append(r.Lacks, c.Component)
			}
		}
		m.People = append(m.People, r.Person)
	}
	return nil
}

// maxEverybody is how many people a list of everybody has at most: as many as a sheet has rows.
const maxEverybody = 1_000_000

// mayOpen marks the people whose page the reader may open: a list of a past day may name some who have left the reader's scope.
func (s *Service) mayOpen(db *gorm.DB, actor access.Actor, people []Person) error {
	if !actor.May(access.RosterRead) {
		return nil
	}
	at := make(map[uint64]int, len(people))
	ids := make([]uint64, len(people))
	for i, p := range people {
		at[p.CadreID], ids[i] = i, p.CadreID
		people[i].MayOpen = actor.Whole(access.RosterRead)
	}
	if actor.Whole(access.RosterRead) || len(people) == 0 {
		return nil
	}
	var open []uint64
	scope := access.Cadres(actor, access.RosterRead, models.DayOf(s.DB.Time()))
	if err := db.Model(&models.Cadre{}).Scopes(scope).Where("cadres.id IN ?", ids).Pluck("cadres.id", &open).Error; err != nil {
		return err
	}
	for _, id := range open {
		people[at[id]].MayOpen = true
	}
	return nil
}
