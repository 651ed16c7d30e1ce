package coverage_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/page"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

func TestTheNamesAddUpToTheFigureAndAreThoseOfTheDefinition(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := &coverage.Service{DB: db}
		seen := map[coverage.Part]int{}
		for seed := range uint64(6) {
			w := newWorld(3000 + seed)
			w.train(seed)
			w.store(t, db)
			x := explained{naive{w.Facts}, w.leaves(t, db, seed), seen}
			if seed%3 > 0 {
				testdb.Ledger(t, db)
			}
			d := w.day()
			for _, top := range w.Organisations {
				if !exists(top, d) {
					continue
				}
				defined, err := w.On(top.ID, d)
				if err != nil {
					t.Fatal(err)
				}
				missing := x.missingParts(t, s, top, d)
				for i, g := range w.Plan.Groups {
					if missing != nil {
						x.splits(t, missing[i], top, g, d)
					}
					if top.ID == w.Plan.RootID || top.ID%3 == g.ID%3 {
						x.check(t, s, top, g, d, defined.Top().Figures[i])
					}
				}
			}
		}
		for _, p := range coverage.AllParts {
			if seen[p] < 5 {
				t.Errorf("%s was seen %d times in all worlds", p, seen[p])
			}
		}
	})
}

// train trains more people, some of them again and again.
func (w *world) train(seed uint64) {
	rnd := rand.New(rand.NewPCG(seed, 4))
	for cadre := range uint64(30) {
		for range rnd.IntN(6) {
			c := coverage.Completion{CadreID: cadre + 1, Day: w.day(), Recognised: rnd.IntN(3) > 0}
			for _, x := range w.Plan.Components {
				c.Components |= x.Component.Set()
			}
			w.Completions = append(w.Completions, c)
		}
	}
}

// leaves sends some people on leave, and says by posting from when to before when.
func (w *world) leaves(t *testing.T, db *store.DB, seed uint64) map[int]models.Leave {
	t.Helper()
	rnd := rand.New(rand.NewPCG(seed, 3))
	out := map[int]models.Leave{}
	var rows []models.Leave
	for i, p := range w.Postings {
		if p.Main && rnd.IntN(3) == 0 {
			from := p.From + models.Day(rnd.IntN(40))
			out[i] = models.Leave{PostingID: uint64(i + 1), Kind: models.LeaveStudy, FromDay: from, ToDay: from + 1 + models.Day(rnd.IntN(300))}
			rows = append(rows, out[i])
		}
	}
	_, err := db.Write(context.Background(), store.By{}, func(tx *store.Tx) (uint64, error) { return 0, tx.Create(&rows).Error })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// explained says, one organisation, cadre and day after another, who stands behind a figure.
type explained struct {
	naive
	away map[int]models.Leave // by index of the posting
	seen map[coverage.Part]int
}

// of keeps the completions of a cadre; without those recognised, if own.
func (x explained) of(cadre uint64, own bool) naive {
	n := x.naive
	n.Completions = slices.DeleteFunc(slices.Clone(n.Completions), func(c coverage.Completion) bool { return c.CadreID != cadre || own && c.Recognised })
	return n
}

// since goes back day by day.
func (x explained) since(cadre uint64, d models.Day) models.Day {
	n := x.of(cadre, false)
	for d > n.Plan.FromDay && n.covered(cadre, d-1) {
		d--
	}
	return d
}

func (x explained) onLeave(cadre uint64, d models.Day) bool {
	for i, l := range x.away {
		if p := x.Postings[i]; p.CadreID == cadre && x.counts(p, d) && l.FromDay <= d && d < l.ToDay {
			return true
		}
	}
	return false
}

// behind is who and what stands behind a figure.
type behind struct {
	people               map[coverage.Part]map[uint64]string // the office of each
	short, told, silent  []string
	missingShort, counts int
}

func (x explained) behind(top models.Organisation, g models.TargetGroup, d models.Day) behind {
	b := behind{people: map[coverage.Part]map[uint64]string{coverage.PartCovered: {}, coverage.PartRecognised: {}, coverage.PartMissing: {}, coverage.PartLeave: {}}}
	for _, o := range x.treeOrder(top.ID) {
		if !exists(o, d) {
			continue
		}
		roster := x.roster(o, g.ID, d)
		for cadre := range roster {
			part := coverage.PartMissing
			if x.of(cadre, false).covered(cadre, d) {
				part = coverage.PartCovered
				if !x.of(cadre, true).covered(cadre, d) {
					b.people[coverage.PartRecognised][cadre] = o.Code
				}
			}
			b.people[part][cadre] = o.Code
			if x.onLeave(cadre, d) {
				b.people[coverage.PartLeave][cadre] = o.Code
			}
		}
		h, said := x.headcount(o, g.ID, d)
		switch {
		case !said && len(roster) == 0 && x.should(o, g.ID, d):
			b.silent = append(b.silent, o.Code)
		case said && o.CountsOnly:
			covered := 0
			if h.Covered != nil {
				covered = min(*h.Covered, *h.Declared)
			}
			b.told = append(b.told, fmt.Sprint(o.Code, *h.Declared, covered))
			b.counts += *h.Declared
		case said && *h.Declared > len(roster):
			b.short = append(b.short, fmt.Sprint(o.Code, *h.Declared, len(roster)))
			b.missingShort += *h.Declared - len(roster)
		}
	}
	return b
}

func (x explained) check(t *testing.T, s *coverage.Service, top models.Organisation, g models.TargetGroup, d models.Day, figure coverage.Figure) {
	t.Helper()
	at := fmt.Sprintf("%s, %s, %s", top.Code, g.Code, d)
	want := x.behind(top, g, d)
	var parts coverage.Parts
	for part, people := range want.people {
		m, err := s.Names(t.Context(), access.System(), coverage.NamesQuery{Query: coverage.Query{Org: top.Code, Day: d}, Group: g.Code, Part: part})
		if err != nil {
			t.Fatal(err)
		}
		x.seen[part] += len(people)
		got := map[uint64]string{}
		for _, p := range m.People {
			got[p.CadreID] = p.OrganisationCode
			x.person(t, at, p, want, d)
		}
		if fmt.Sprint(got) != fmt.Sprint(people) || len(m.People) != len(people) || m.Found != len(people) || m.Parts.Of(part) != len(people) {
			t.Fatalf("%s, %s: %v instead of %v (found %d, counted %d)", at, part, got, people, m.Found, m.Parts.Of(part))
		}
		if part == coverage.PartMissing {
			x.lacking(t, at, m)
		}
		p := m.Parts
		parts = p
		if words(m.Figure) != words(figure) || p.Covered+p.Missing+p.Short+p.ToldCovered+p.ToldMissing != figure.Denominator || p.Covered+p.ToldCovered != figure.Covered ||
			p.Recognised != figure.Recognised || p.Silent != figure.Unreported || p.Missing+p.Unnamed() != figure.Missing() {
			t.Fatalf("%s: %+v are not the parts of %s, or of the definition's %s", at, p, words(m.Figure), words(figure))
		}
		if p.Short != want.missingShort || p.ToldCovered+p.ToldMissing != want.counts {
			t.Fatalf("%s: %+v instead of %+v", at, p, want)
		}
		var short, told, silent []string
		for _, o := range m.Short {
			short = append(short, fmt.Sprint(o.Code, o.Declared, o.Roster))
		}
		for _, o := range m.Told {
			told = append(told, fmt.Sprint(o.Code, o.Declared, o.Covered))
		}
		for _, o := range m.Silent {
			silent = append(silent, o.Code)
		}
		if !slices.Equal(short, want.short) || !slices.Equal(told, want.told) || !slices.Equal(silent, want.silent) {
			t.Fatalf("%s: short %v, told %v, silent %v instead of %+v", at, short, told, silent, want)
		}
	}
	for _, part := range []coverage.Part{coverage.PartShort, coverage.PartTold, coverage.PartSilent} {
		m, err := s.Names(t.Context(), access.System(), coverage.NamesQuery{Query: coverage.Query{Org: top.Code, Day: d}, Group: g.Code, Part: part})
		if err != nil || m.Parts != parts || m.People != nil {
			t.Fatalf("%s, %s: %+v, %v instead of %+v", at, part, m, err, parts)
		}
	}
	x.seen[coverage.PartShort] += len(want.short)
	x.seen[coverage.PartTold] += len(want.told)
	x.seen[coverage.PartSilent] += len(want.silent)
}

// missingParts asks for what those missing of each group are the sum of, as whoever shows only the figures does.
func (x explained) missingParts(t *testing.T, s *coverage.Service, top models.Organisation, d models.Day) []coverage.Parts {
	t.Helper()
	r, err := s.Overview(t.Context(), access.System(), coverage.Query{Org: top.Code, Day: d})
	if err != nil {
		t.Fatal(err)
	}
	parts, err := s.MissingParts(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return parts
}

// splits holds the parts of those missing to the definition.
func (x explained) splits(t *testing.T, p coverage.Parts, top models.Organisation, g models.TargetGroup, d models.Day) {
	t.Helper()
	want := x.behind(top, g, d)
	if n := len(want.people[coverage.PartMissing]); p.Missing != n || p.Short != want.missingShort || p.ToldCovered+p.ToldMissing != want.counts {
		t.Fatalf("%s, %s, %s: %+v instead of %d by name, %d not listed, %d of counts", top.Code, g.Code, d, p, n, want.missingShort, want.counts)
	}
}

// person holds what is said of one to the definition.
func (x explained) person(t *testing.T, at string, p coverage.Person, want behind, d models.Day) {
	t.Helper()
	own := x.of(p.CadreID, false).Completions
	lacks := coverage.Lacks(x.Plan, own, d)
	_, covered := want.people[coverage.PartCovered][p.CadreID]
	_, recognised := want.people[coverage.PartRecognised][p.CadreID]
	_, away := want.people[coverage.PartLeave][p.CadreID]
	if !slices.Equal(lacks, p.Lacks) || covered == (len(p.Lacks) > 0) || recognised != p.Recognised || away != (p.Leave != "") {
		t.Fatalf("%s: cadre %d lacks %v, covered %v, recognised %v, away %v: %+v", at, p.CadreID, lacks, covered, recognised, away, p)
	}
	if !covered {
		if p.Since != 0 || p.Trainings != nil {
			t.Fatalf("%s: cadre %d is not covered, yet since %s by %+v", at, p.CadreID, p.Since, p.Trainings)
		}
		return
	}
	if since := x.since(p.CadreID, d); p.Since != since {
		t.Fatalf("%s: cadre %d is covered since %s, not %s", at, p.CadreID, since, p.Since)
	}
	var by []coverage.Completion
	for _, y := range p.Trainings {
		if (y.RecognitionID != 0) != y.Recognised || y.Recognised && y.Body != "Bộ Tư pháp" {
			t.Fatalf("%s: %+v", at, y)
		}
		by = append(by, y.Completion)
	}
	if len(coverage.Lacks(x.Plan, by, d)) > 0 || !slices.IsSortedFunc(by, func(a, b coverage.Completion) int { return int(a.Day - b.Day) }) {
		t.Fatalf("%s: cadre %d is not covered by %+v", at, p.CadreID, by)
	}
	for _, c := range by {
		if !slices.ContainsFunc(x.Plan.Components, func(k models.PlanComponent) bool {
			return c.Components.Has(k.Component) && (k.ExpiresMonths == nil || d < monthsLater(c.Day, *k.ExpiresMonths))
		}) {
			t.Fatalf("%s: %+v brings nothing any more", at, c)
		}
	}
}

func (x explained) lacking(t *testing.T, at string, m *coverage.Names) {
	t.Helper()
	lacking := map[models.Component]int{}
	for _, p := range m.People {
		for _, c := range p.Lacks {
			lacking[c]++
		}
	}
	if fmt.Sprint(lacking) != fmt.Sprint(m.Lacking) {
		t.Fatalf("%s: %v lack components, not %v", at, lacking, m.Lacking)
	}
}

func TestWhereNobodyIsMissingByNameTheCoveredAreListed(t *testing.T) {
	t.Parallel()
	db := testdb.Only(t, store.SQLite)
	example().store(t, db)
	s := &coverage.Service{DB: db}
	for org, want := range map[string]coverage.Part{"A": coverage.PartMissing, "B": coverage.PartCovered} {
		m, err := s.Names(t.Context(), access.System(), coverage.NamesQuery{Query: coverage.Query{Org: org, Day: day("2024-06-01")}, Group: "QCN"})
		if err != nil || m.Part != want || len(m.People) != 1 {
			t.Errorf("%s: %+v, %v", org, m, err)
		}
	}
	if m, err := s.Names(t.Context(), access.System(), coverage.NamesQuery{Query: coverage.Query{Org: "P", Day: day("2024-06-01")}, Group: "QCN", Part: coverage.PartShort}); err != nil || m.People != nil || len(m.Short) != 1 || m.Parts.Short != 1 {
		t.Errorf("%+v, %v", m, err)
	}
}

// Pages are read from cadres in the order of their names where that is soon done, and from the people of the part else.
func TestPagesOfThoseCoveredAndMissingAreTheWholeListCutToPieces(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := &coverage.Service{DB: db}
		ways := map[bool]int{} // whether a page was read in the order of names
		for seed := range uint64(3) {
			w := newWorld(8000 + seed)
			w.train(seed)
			w.crowd()
			w.beside()
			w.store(t, db)
			w.leaves(t, db, seed)
			testdb.Ledger(t, db)
			for range 2 {
				q := coverage.NamesQuery{Query: coverage.Query{Day: w.day()}}
				for _, g := range w.Plan.Groups {
					for _, q.Part = range []coverage.Part{coverage.PartCovered, coverage.PartMissing} {
						for _, q.Sort = range []string{"", "-name"} {
							q.Group = g.Code
							cutToPieces(t, db, s, q, ways)
						}
					}
				}
			}
		}
		if ways[true] < 20 || ways[false] < 20 {
			t.Errorf("%d pages were read in the order of names, %d were not", ways[true], ways[false])
		}
	})
}

func cutToPieces(t *testing.T, db *store.DB, s *coverage.Service, q coverage.NamesQuery, ways map[bool]int) {
	t.Helper()
	whole, err := s.Names(t.Context(), access.System(), q)
	if err != nil {
		t.Fatal(err)
	}
	for _, q.Size = range []int{1, 4} {
		var all []coverage.Person
		for q.After, q.Before = "", ""; ; {
			var n *coverage.Names
			inOrder := slices.ContainsFunc(testdb.Queries(db, func() { n, err = s.Names(t.Context(), access.System(), q) }), func(sql string) bool { return strings.Contains(sql, "FROM cadres c ") })
			if err != nil {
				t.Fatal(err)
			}
			ways[inOrder]++
			if n.Found != whole.Found || n.Parts != whole.Parts || q.Part == coverage.PartMissing && !reflect.DeepEqual(n.Lacking, whole.Lacking) {
				t.Errorf("%+v: a page says %d of %+v, lacking %v; the list %d of %+v, lacking %v", q, n.Found, n.Parts, n.Lacking, whole.Found, whole.Parts, whole.Lacking)
			}
			all = append(all, n.People...)
			if q.After = n.Place.After; q.After == "" {
				break
			}
		}
		for i := range all { // a list of everybody does not say it
			all[i].MayOpen = false
			for k := range all[i].Trainings {
				all[i].Trainings[k].MayOpen = false
			}
		}
		if len(all) != len(whole.People) || len(all) > 0 && !reflect.DeepEqual(all, whole.People) {
			t.Errorf("%+v: pages hold\n%+v\nand the list\n%+v", q, all, whole.People)
		}
		q.Before = page.Last
		last, err := s.Names(t.Context(), access.System(), q)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(whole.People); n > 0 && (len(last.People) == 0 || last.People[len(last.People)-1].CadreID != whole.People[n-1].CadreID) {
			t.Errorf("%+v: the last page is %+v", q, last.People)
		}
	}
}

// crowd lists many more people of the first group, and every second of them of the second; two in three are covered.
func (w *world) crowd() {
	var offices []uint64
	for _, o := range w.Organisations {
		if !o.Kind.IsTotal() && !o.CountsOnly {
			offices = append(offices, o.ID)
		}
	}
	for i := range 60 {
		p := coverage.Posting{CadreID: uint64(31 + i), OrganisationID: offices[i%len(offices)], From: w.Plan.FromDay - models.Day(i), To: models.Forever, Main: true, Groups: []uint64{1, 2}[:1+i%2]}
		w.Postings = append(w.Postings, p)
		if i%3 > 0 {
			w.Completions = append(w.Completions, coverage.Completion{CadreID: p.CadreID, Day: w.Plan.FromDay + models.Day(i), Components: models.ComponentsOf(models.ComponentUpdate, models.ComponentTraining)})
		}
	}
}

// beside adds a tree that is none of the plan's, with people who would count in it.
func (w *world) beside() {
	id := uint64(len(w.Organisations) + 1)
	root := models.Organisation{ID: id, Code: "BESIDE", Name: "Bên cạnh", Kind: models.KindProvince, Level: models.LevelProvince, Path: models.PathPart(id), FromDay: day("1900-01-01"), ToDay: models.Forever}
	office := models.Organisation{ID: id + 1, Code: "BESIDE-1", Name: "Cơ quan bên cạnh", Kind: models.KindStateAgency, Level: models.LevelProvince, ParentID: &id, Depth: 1,
		Path: root.Path + models.PathPart(id+1), FromDay: root.FromDay, ToDay: root.ToDay}
	w.Organisations = append(w.Organisations, root, office)
	for cadre := uint64(91); cadre < 95; cadre++ {
		w.Postings = append(w.Postings, coverage.Posting{CadreID: cadre, OrganisationID: office.ID, From: w.Plan.FromDay, To: models.Forever, Main: true, Groups: []uint64{1, 2, 3}})
		w.Completions = append(w.Completions, coverage.Completion{CadreID: cadre, Day: w.Plan.FromDay, Components: models.ComponentsOf(models.ComponentUpdate, models.ComponentTraining)})
	}
}
