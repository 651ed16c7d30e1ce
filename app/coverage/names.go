package coverage

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/page"
	"taphuan/app/store"
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
	Until            models.Day         `gorm:"-"`           // the last day of that time where something expires; no day where it lasts to the end of the plan
	Recognised       bool               `gorm:"-"`           // covered, and would not be without recognised training
	Trainings        []Training         `gorm:"-"`           // by which somebody is covered that day, the oldest first
}

// By is the training that a covered person's list begins with: that on whose day the person became covered or, where it no longer counts, the first.
func (p Person) By() *Training {
	for i := range p.Trainings {
		if p.Trainings[i].Day == p.Since {
			return &p.Trainings[i]
		}
	}
	if len(p.Trainings) == 0 {
		return nil
	}
	return &p.Trainings[0]
}

// More are the person's other trainings that count.
func (p Person) More() (out []Training) {
	by := p.By()
	for i := range p.Trainings {
		if &p.Trainings[i] != by {
			out = append(out, p.Trainings[i])
		}
	}
	return out
}

// listed is a person as the list reads it.
type listed struct {
	Person    `gorm:"embedded"`
	SortKey   string
	OrgPath   string
	Lacking   int // bits of components, in the plan's order
	PostingID uint64
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
	Lacking map[models.Component]int // of those missing by name, how many lack each component; to be relied on beside a list of those missing only
	People  []Person
	Place   page.Place // of this page among those found
	Short   []Gap      // organisations that declare more than they list
	Silent  []Gap      // those that should have cadres of the group and say nothing
	Told    []Told     // those that give counts only

	few     []counted // everybody, where they are few and figures are known beforehand; else nil
	ordered bool      // people are looked at in the order of their names until a page is full
}

// Names gives what the figure of a group in an organisation and everything below it is the sum of, and the people of one part, each with
// the posting of the day, what they lack or by what they are covered. It refuses as Rows does, and groups or components that the plan
// does not know with not_found, and more people than are looked at one by one with "too_many_people". A part that is unknown, or is none of people, lists nobody.
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
	if !q.Line {
		if err := s.lookAt(a, g); err != nil {
			return nil, err
		}
	}
	n := &Names{Group: a.plan.Groups[g], Lacking: map[models.Component]int{}}
	var nameless []nameless
	if n.Report, nameless, err = a.nameless(q.Group); err != nil {
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
		n.withoutNames(nameless)
	}
	plain := a.kept && a.whole() && q.isPlainPage()
	count := a.countNames
	if plain && q.Part == PartCovered || a.kept && !q.Line && q.Part != "" && !q.Part.People() {
		count = a.countLeave
	}
	if err := count(n); err != nil {
		return nil, err
	}
	if n.Part = q.Part; q.Part == "" {
		n.Part = PartMissing
		if n.Parts.Missing == 0 {
			n.Part = PartCovered
		}
	}
	if plain && (n.few != nil || n.Part == PartCovered) {
		if n.ordered, err = a.walks(n, q.Size); err != nil {
			return nil, err
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

// isPlainPage says whether the question is for a page of all who are covered or missing, by name.
func (q NamesQuery) isPlainPage() bool {
	return (q.Part == PartCovered || q.Part == PartMissing) && q.Size > 0 && !q.Line && q.Lacking == "" && q.Search == "" && q.Cadres == nil && slices.Contains([]string{"", "name", "-name"}, q.Sort)
}

// walks says whether whoever looks at cadres in the order of their names finds a page of the part sooner than whoever takes up all who are listed, or
// all of the part where they are known, which takes twice as long for each. One statement.
func (a *asked) walks(n *Names, size int) (bool, error) {
	part, others := n.Parts.Of(n.Part), n.Figure.Roster
	if n.few != nil {
		others = 2 * part
	}
	var cadres int // no less than there are
	err := a.db.Raw("SELECT COALESCE(MAX(id), 0) FROM cadres").Row().Scan(&cadres)
	return part*others > (size+1)*cadres, err
}

// onRoster writes who is listed at or below the organisation asked for, or in its line, and has the group on the day, with a column
// lacking: the components that they lack, as bits in the plan's order.
func (a *asked) onRoster(w *sqlWriter, group uint64) {
	if a.line {
		a.inLine(w, group)
		return
	}
	a.rosterColumns(w)
	if a.whole() { // from who has the group; for an office from who is there
		w.add("(SELECT pg.posting_id AS id FROM posting_groups pg WHERE pg.group_id = ? UNION ALL SELECT DISTINCT m.id FROM "+concurrent, group, a.day, a.day, a.day)
		w.add(" JOIN postings m ON m.cadre_id = x.cadre_id AND m.main = TRUE AND m.from_day <= ? AND m.to_day > ? WHERE xg.group_id = ?", a.day, a.day, group)
		w.add(" AND NOT EXISTS (SELECT 1 FROM posting_groups mg WHERE mg.posting_id = m.id AND mg.group_id = ?)) has", group)
		w.add(" CROSS JOIN postings p ON p.id = has.id AND p.main = TRUE AND "+a.sqls.day("p.from_day")+" <= ? AND "+a.sqls.day("p.to_day")+" > ?", a.day, a.day)
		below, args := access.Subtree("o.path", a.top.Path) // a plan need not be of all organisations that there are
		w.add(" WHERE p.organisation_id IN (SELECT o.id FROM organisations o WHERE "+below+" AND ", args...)
		a.lists(w)
		w.add(")")
	} else {
		a.mainPostings(w)
		a.listing(w)
		a.having(w, group)
	}
}

// onLeave is onRoster of those who are on leave on the day, from whom it starts: few are.
func (a *asked) onLeave(w *sqlWriter, group uint64) {
	a.rosterColumns(w)
	w.add("(SELECT DISTINCT posting_id FROM leaves WHERE from_day <= ? AND to_day > ?) l CROSS JOIN postings p", a.day, a.day)
	w.add(" ON p.id = l.posting_id AND p.main = TRUE AND p.from_day <= ? AND p.to_day > ?", a.day, a.day)
	a.listing(w)
	below, args := access.Subtree("o.path", a.top.Path)
	w.add(" AND "+below, args...)
	a.having(w, group)
}

// concurrent are the tables of the groups xg that concurrent postings x give on a day, which it takes three times.
const concurrent = "posting_groups xg JOIN postings x ON x.id = xg.posting_id AND x.main = FALSE AND x.from_day <= ? AND x.to_day > ? JOIN organisations xo ON xo.id = x.organisation_id AND xo.to_day > ?"

// having keeps to main postings p of those who have the group on the day, by them or by concurrent ones.
func (a *asked) having(w *sqlWriter, group uint64) {
	w.add(" WHERE (EXISTS (SELECT 1 FROM posting_groups pg WHERE pg.posting_id = p.id AND pg.group_id = ?)", group)
	w.add(" OR EXISTS (SELECT 1 FROM "+concurrent+" WHERE x.cadre_id = p.cadre_id AND xg.group_id = ?))", a.day, a.day, a.day, group)
}

// listing keeps to postings p at organisations o that list names on the day.
func (a *asked) listing(w *sqlWriter) {
	w.add(" JOIN organisations o ON o.id = p.organisation_id AND ")
	a.lists(w)
}

// lists writes the condition that an organisation o lists names on the day.
func (a *asked) lists(w *sqlWriter) {
	w.add("o.counts_only = FALSE AND "+a.sqls.day("o.from_day")+" <= ? AND "+a.sqls.day("o.to_day")+" > ? AND o.kind NOT IN ?", a.day, a.day, totals)
}

// rosterColumns writes the columns of a posting p up to the tables.
func (a *asked) rosterColumns(w *sqlWriter) {
	w.add("SELECT p.id AS posting_id, p.cadre_id, p.organisation_id, p.title, ")
	a.lacking(w)
	w.add(" AS lacking FROM ")
}

// lacking writes what the cadre of a posting p lacks, as bits of components in the plan's order. The completions are looked up once, whatever the
// components.
func (a *asked) lacking(w *sqlWriter) {
	w.add("? - COALESCE((SELECT 0", 1<<len(a.plan.Components)-1)
	for i := range a.plan.Components {
		w.add(" + ")
		a.brought(w, i)
	}
	w.add(" FROM completions co WHERE co.cadre_id = p.cadre_id AND co.voided_at IS NULL")
	w.add(" AND "+a.sqls.day("co.effective_day")+" BETWEEN ? AND ?), 0)", a.plan.FromDay, a.day)
}

// brought writes the bit of a component that one of the completions co of the plan's period brings on the day, else 0.
func (a *asked) brought(w *sqlWriter, i int) {
	w.add("MAX(")
	a.brings(w, i)
	w.add(")")
}

// brings is brought by one completion.
func (a *asked) brings(w *sqlWriter, i int) {
	c := a.plan.Components[i]
	w.add("CASE WHEN co.components & ? <> 0", c.Component.Set())
	if from := a.plan.ValidFrom(c.ExpiresMonths, a.day); from > a.plan.FromDay {
		w.add(" AND co.effective_day >= ?", from)
	}
	w.add(" THEN ? ELSE 0 END", 1<<i)
}

// maxPage is how many people a page may show.
const maxPage = 500

// totals are the kinds of nodes at which nobody is posted.
var totals = models.Totals

// away writes the kind of leave on which whoever has a posting is on the day, NULL when on none.
func (a *asked) away(w *sqlWriter, posting string) {
	w.add("(SELECT MIN(l.kind) FROM leaves l WHERE l.posting_id = "+posting+" AND l.from_day <= ? AND l.to_day > ?)", a.day, a.day)
}

// isAway writes the condition that a row of onRoster is on leave on the day. Few are, so they are found first.
func (a *asked) isAway(w *sqlWriter) {
	w.add("r.posting_id IN (SELECT l.posting_id FROM leaves l WHERE l.from_day <= ? AND l.to_day > ?)", a.day, a.day)
}

// onlyRecognised writes the condition that a row of onRoster would not be covered without recognised training. Few have any, so they are
// found first.
func (a *asked) onlyRecognised(w *sqlWriter) {
	w.add("r.cadre_id IN (SELECT rc.cadre_id FROM completions rc WHERE rc.recognition_id IS NOT NULL AND rc.voided_at IS NULL AND rc.effective_day BETWEEN ? AND ?) AND NOT (", a.plan.FromDay, a.day)
	a.covered(w, "r.cadre_id", false, ownTraining)
	w.add(")")
}

// fewPeople is how many people a question may be about for who they are to be kept between its statements.
const fewPeople = 8000

// counted is somebody of a few.
type counted struct {
	posting          uint64
	lacking          int // bits of components, in the plan's order
	away, recognised bool
}

// of says whether the person belongs to the part.
func (c counted) of(p Part) bool {
	switch p {
	case PartMissing:
		return c.lacking != 0
	case PartLeave:
		return c.away
	case PartRecognised:
		return c.recognised
	}
	return c.lacking == 0
}

// countNames counts the people of each part, whatever page and filter, and keeps who they are where they are few.
func (a *asked) countNames(n *Names) error {
	var w sqlWriter
	few := (a.kept || a.line) && n.Figure.Roster <= fewPeople
	if few {
		n.few = []counted{}
		w.add("SELECT r.posting_id, r.lacking, 1, ")
	} else {
		w.add("SELECT 0, x.lacking, COUNT(*), SUM(x.away), SUM(x.recognised) FROM (SELECT r.lacking, ")
	}
	a.isAway(&w)
	w.add(" AS away, ")
	if a.line || n.Figure.Recognised > 0 { // a line's figure does not say
		a.onlyRecognised(&w)
	} else {
		w.add("0")
	}
	w.add(" AS recognised FROM (")
	a.onRoster(&w, n.Group.ID)
	w.add(") r")
	if !few {
		w.add(") x GROUP BY x.lacking")
	}
	var posting uint64
	var lacking, people, away, recognised int
	return a.each(&w, func() {
		if lacking != 0 {
			recognised = 0
		}
		if few {
			n.few = append(n.few, counted{posting, lacking, away > 0, recognised > 0})
		}
		n.Parts.name(lacking == 0, people, away, recognised)
		for i, c := range a.plan.Components {
			if lacking&(1<<i) != 0 {
				n.Lacking[c.Component] += people
			}
		}
	}, &posting, &lacking, &people, &away, &recognised)
}

// countLeave is countNames beside a list of organisations, or of those covered: how many are covered and missing by name the ledger knows, so that of
// those on leave alone it is asked.
func (a *asked) countLeave(n *Names) error {
	n.Parts.Covered, n.Parts.Recognised = n.Figure.Covered-n.Parts.ToldCovered, n.Figure.Recognised
	n.Parts.Missing = n.Figure.Roster - n.Parts.Covered
	var w sqlWriter
	w.add("SELECT r.lacking, COUNT(*) FROM (")
	a.onLeave(&w, n.Group.ID)
	w.add(") r GROUP BY r.lacking")
	var lacking, away int
	return a.each(&w, func() { n.Parts.name(lacking == 0, 0, away, 0) }, &lacking, &away)
}

// chosen writes the tables and conditions of the people that the question leaves. Of a few the postings are known, and not asked for what they lack.
func (a *asked) chosen(w *sqlWriter, n *Names, q NamesQuery) {
	if n.ordered {
		a.inOrder(w, n)
		return
	}
	lacked := 0
	for i, c := range a.plan.Components {
		if c.Component == q.Lacking {
			lacked = 1 << i
		}
	}
	w.add(" FROM (")
	if n.few == nil {
		a.onRoster(w, n.Group.ID)
	} else {
		w.add("SELECT p.id AS posting_id, p.cadre_id, p.organisation_id, p.title, 0 AS lacking FROM postings p WHERE p.id IN ?", n.postings(lacked))
	}
	w.add(") r JOIN cadres c ON c.id = r.cadre_id JOIN organisations o ON o.id = r.organisation_id WHERE ")
	switch {
	case n.few != nil:
		w.add("TRUE")
	case n.Part == PartMissing:
		w.add("r.lacking <> 0")
	case n.Part == PartLeave:
		a.isAway(w)
	default:
		w.add("r.lacking = 0")
		if n.Part == PartRecognised {
			w.add(" AND ")
			a.onlyRecognised(w)
		}
	}
	if n.few == nil && lacked != 0 {
		w.add(" AND (r.lacking & ?) <> 0", lacked)
	}
	if q.Cadres != nil {
		w.add(" AND r.cadre_id IN ?", q.Cadres)
	}
	if text := viet.Fold(q.Search); text != "" {
		w.add(" AND INSTR(c.search, ?) > 0", text)
	}
}

// postings gives the main postings of those few of the part who lack all of some components.
func (n *Names) postings(lacked int) (ids []uint64) {
	for _, x := range n.few {
		if x.of(n.Part) && x.lacking&lacked == lacked {
			ids = append(ids, x.posting)
		}
	}
	return ids
}

// inOrder is chosen for those who are covered, or for a few who are known, from cadres, whose index has the order of names, to their postings p: whoever
// reads them in that order looks at no more people than fill a page.
func (a *asked) inOrder(w *sqlWriter, n *Names) {
	in := " " + store.Dialect(a.sqls).InOrder() + " "
	w.add(" FROM cadres c " + store.Dialect(a.sqls).Index("ix_cadres_sort_key_id_search") + in + "postings p ON p.cadre_id = c.id AND ")
	if n.few != nil {
		w.add(a.sqls.plain("p.id")+" IN ?"+in+"organisations o ON o.id = p.organisation_id", n.postings(0))
		return
	}
	below, args := access.Subtree("o.path", a.top.Path)
	w.add("p.main = TRUE AND p.from_day <= ? AND "+a.sqls.day("p.to_day")+" > ?"+in+"organisations o ON o.id = p.organisation_id AND ", a.day, a.day)
	w.add(below+" AND ", args...)
	a.lists(w)
	a.having(w, n.Group.ID)
	w.add(" AND ")
	a.lacking(w)
	w.add(" = 0")
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
	posting, title, lacking := "r.posting_id", "r.title", "r.lacking"
	if n.ordered {
		posting, title, lacking = "p.id", "p.title", "0"
	}
	w.add("SELECT c.id AS cadre_id, c.full_name AS name, c.birth_year, c.sort_key, " + title + " AS title, o.code AS organisation_code, o.name AS organisation_name, o.path AS org_path, ")
	if n.Parts.Of(PartLeave) > 0 {
		w.add("COALESCE(")
		a.away(&w, posting)
		w.add(", '')")
	} else {
		w.add("''")
	}
	w.add(" AS away, " + lacking + " AS lacking, " + posting + " AS posting_id")
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
	lacks := make(map[uint64]int, len(n.few))
	for _, x := range n.few {
		lacks[x.posting] = x.lacking
	}
	for _, r := range p.Rows {
		if n.few != nil {
			r.Lacking = lacks[r.PostingID]
		}
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
	ids := make([]uint64, len(people))
	for i, p := range people {
		ids[i] = p.CadreID
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
	for i, p := range people { // somebody may stand there twice
		people[i].MayOpen = slices.Contains(open, p.CadreID)
	}
	return nil
}
