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

// NamesQuery asks who and what stands behind the figure of a group on a day.
type NamesQuery struct {
	Query
	Group    string           // code
	Part     Part             // "" is those missing, or those covered where nobody is missing by name
	Lacking  models.Component // only those who lack this one; "" is any
	Line     bool             // of the organisation's professional line, wherever they are posted, in place of its own
	Search   string           // part of a name, with or without tones
	Cadres   []uint64         // only these; nil for whoever
	Size     int              // people a page, at most 500; 0 is everybody
	page.Ask                  // by "name", "born" or "organisation"
}

// Person is somebody whom a figure counts, with the posting of the day asked for.
type Person struct {
	CadreID          uint64
	Name             string
	BirthYear        int // 0 when unknown
	Title            string
	OrganisationCode string
	OrganisationName string
	Lacks            []models.Component `gorm:"-"`           // in the plan's order; none of who is covered
	Leave            models.LeaveKind   `gorm:"column:away"` // on that day; "" when not
	MayOpen          bool               `gorm:"-"`           // the reader may open the cadre's page; not worked out for lists of everybody
	Since            models.Day         `gorm:"-"`           // of who is covered: the first day of the time without a break that holds the day asked for
	Recognised       bool               `gorm:"-"`           // covered, and would not be without recognised training
	Trainings        []Training         `gorm:"-"`           // by which somebody is covered that day, the oldest first
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
	// nameOrders are how people can be sorted.
	nameOrders = page.List[listed]{Default: "name", Orders: map[string]page.Order[listed]{
		"name":         byName,
		"born":         append(page.Order[listed]{{Column: "x.birth_year", Of: func(r listed) any { return r.BirthYear }}}, byName...),
		"organisation": append(page.Order[listed]{{Column: "x.org_path", Of: func(r listed) any { return r.OrgPath }}}, byName...),
	}}
)

// Names is who and what a figure counts in one group.
type Names struct {
	Report  *Report
	Line    *Line // where its people were asked for
	Group   models.TargetGroup
	Figure  Figure
	Parts   Parts
	Part    Part                     // that is listed
	Found   int                      // people of the part whom the filter and the search leave
	Lacking map[models.Component]int // of those missing by name, how many lack each component
	People  []Person
	Place   page.Place // of this page among those found
	Short   []Gap      // organisations that declare more than they list
	Silent  []Gap      // those that should have cadres of the group and say nothing
	Told    []Told     // those that give counts only
}

// Names gives what the figure of a group in an organisation and everything below it is the sum of, and the people of one part, each with
// the posting of the day, what they lack or by what they are covered. It refuses as Rows does, and groups or components that the plan
// does not know with not_found. A part that is unknown, or is none of people, lists nobody.
func (s *Service) Names(ctx context.Context, actor access.Actor, q NamesQuery) (*Names, error) {
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
	n := &Names{Group: a.plan.Groups[g], Lacking: map[models.Component]int{}}
	if n.Report, err = a.report(); err != nil {
		return nil, err
	}
	n.Figure = n.Report.Top().Figures[g]
	if q.Line {
		a.line = true
		if n.Line, err = a.lineFigures(); err != nil {
			return nil, err
		}
		n.Figure = n.Line.Figures[g]
	} else {
		n.withoutNames(g)
	}
	if err := a.countNames(n); err != nil {
		return nil, err
	}
	if n.Part = q.Part; q.Part == "" {
		n.Part = PartMissing
		if n.Parts.Missing == 0 {
			n.Part = PartCovered
		}
	}
	if !n.Part.People() {
		return n, nil
	}
	if err := a.readNames(n, q); err != nil {
		return nil, err
	}
	if err := a.trainings(n.People); err != nil || q.Size == 0 {
		return n, err
	}
	if err := s.mayOpen(a.db, actor, n.People); err != nil {
		return nil, err
	}
	return n, s.mayOpenTrainings(a.db, actor, n.People)
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

// away writes that a row of onRoster is on leave on the day: the kind of leave, NULL when not.
func (a *asked) away(w *sqlWriter) {
	w.add("(SELECT MIN(l.kind) FROM leaves l WHERE l.posting_id = r.posting_id AND l.from_day <= ? AND l.to_day > ?)", a.day, a.day)
}

// lacking writes which components a row of onRoster lacks, as bits in the plan's order.
func (a *asked) lacking(w *sqlWriter) {
	w.add("0")
	for i := range a.plan.Components {
		w.add(" + CASE WHEN h" + strconv.Itoa(i) + " THEN 0 ELSE " + strconv.Itoa(1<<i) + " END")
	}
}

// onlyRecognised writes the condition that a row of onRoster would not be covered without recognised training. Few have any, so they are
// found first.
func (a *asked) onlyRecognised(w *sqlWriter) {
	w.add("r.cadre_id IN (SELECT rc.cadre_id FROM completions rc WHERE rc.recognition_id IS NOT NULL AND rc.voided_at IS NULL AND rc.effective_day BETWEEN ? AND ?) AND NOT (", a.plan.FromDay, a.day)
	a.covered(w, "r.cadre_id", false, ownTraining)
	w.add(")")
}

// countNames counts the people of each part, whatever page and filter.
func (a *asked) countNames(n *Names) error {
	var w sqlWriter
	w.add("SELECT x.lacking, x.away, x.recognised, COUNT(*) FROM (SELECT ")
	a.lacking(&w)
	w.add(" AS lacking, ")
	a.away(&w)
	w.add(" IS NOT NULL AS away, NOT (")
	a.uncovered(&w)
	w.add(") AND ")
	a.onlyRecognised(&w)
	w.add(" AS recognised FROM (")
	a.onRoster(&w, n.Group.ID)
	w.add(") r) x GROUP BY x.lacking, x.away, x.recognised")
	var lacking, people int
	var away, recognised bool
	return a.each(&w, func() {
		n.Parts.name(people, lacking == 0, recognised, away)
		for i, c := range a.plan.Components {
			if lacking&(1<<i) != 0 {
				n.Lacking[c.Component] += people
			}
		}
	}, &lacking, &away, &recognised, &people)
}

// chosen writes the tables and conditions of the people that the question leaves.
func (a *asked) chosen(w *sqlWriter, n *Names, q NamesQuery) {
	w.add(" FROM (")
	a.onRoster(w, n.Group.ID)
	w.add(") r JOIN cadres c ON c.id = r.cadre_id JOIN organisations o ON o.id = r.organisation_id WHERE ")
	switch n.Part {
	case PartMissing:
		a.uncovered(w)
	case PartLeave:
		a.away(w)
		w.add(" IS NOT NULL")
	default:
		w.add("NOT (")
		a.uncovered(w)
		w.add(")")
		if n.Part == PartRecognised {
			w.add(" AND ")
			a.onlyRecognised(w)
		}
	}
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

func (a *asked) readNames(n *Names, q NamesQuery) error {
	n.Found = n.Parts.Of(n.Part)
	if q.Lacking != "" || q.Search != "" || q.Cadres != nil {
		var w sqlWriter
		w.add("SELECT COUNT(*)")
		a.chosen(&w, n, q)
		if err := a.db.Raw(w.sql.String(), w.args...).Scan(&n.Found).Error; err != nil {
			return err
		}
	}
	return a.readPeople(n, q)
}

// readPeople reads one page of those of the part.
func (a *asked) readPeople(n *Names, q NamesQuery) error {
	var w sqlWriter
	w.add("SELECT r.cadre_id, c.full_name AS name, c.birth_year, c.sort_key, r.title, o.code AS organisation_code, o.name AS organisation_name, o.path AS org_path, COALESCE(")
	a.away(&w)
	w.add(", '') AS away, ")
	a.lacking(&w)
	w.add(" AS lacking")
	a.chosen(&w, n, q)
	list := nameOrders
	if list.Size = min(q.Size, maxPage); q.Size == 0 {
		list.Size = maxEverybody
	}
	p, err := list.Read(a.db.Table("(?) x", gorm.Expr(w.sql.String(), w.args...)), q.Ask, page.Total{N: int64(n.Found)})
	if err != nil {
		return err
	}
	n.Place = p.Place
	for _, r := range p.Rows {
		for i, c := range a.plan.Components {
			if r.Lacking&(1<<i) != 0 {
				r.Lacks = append(r.Lacks, c.Component)
			}
		}
		n.People = append(n.People, r.Person)
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
