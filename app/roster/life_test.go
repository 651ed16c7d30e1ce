package roster_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

// The naive model keeps main postings as a list of spells and looks at every day of a short window, one by one, to see whether there
// is room. It knows nothing of the engine.
type naive struct {
	spells []*spell
	orgs   []models.Organisation
}

type spell struct {
	org      int
	from, to models.Day
	title    string
	reason   models.EndReason
}

const windowDays = 80

var windowFrom = day("2026-01-01")

// end is the day from which nothing in the window differs.
var windowTo = windowFrom + windowDays

func (n *naive) on(d models.Day, but ...*spell) *spell {
	for _, x := range n.spells {
		if x.from <= d && d < x.to && !slices.Contains(but, x) {
			return x
		}
	}
	return nil
}

// free gives the first day from d on that somebody else's spell takes, Forever where there is none.
func (n *naive) free(d models.Day, but ...*spell) models.Day {
	for ; d <= windowTo; d++ {
		if n.on(d, but...) != nil {
			return d
		}
	}
	return models.Forever
}

// fits says whether each spell has days, lies in its organisation's lifetime, and shares no day with another.
func (n *naive) fits() bool {
	for _, x := range n.spells {
		if x.from >= x.to || x.from < n.orgs[x.org].FromDay || x.to > n.orgs[x.org].ToDay {
			return false
		}
		for d := x.from; d < min(x.to, windowTo+1); d++ {
			if n.on(d, x) != nil {
				return false
			}
		}
	}
	return true
}

// clip ends a spell with its organisation.
func (n *naive) clip(x *spell) {
	if end := n.orgs[x.org].ToDay; x.from < end && x.to > end {
		x.to, x.reason = end, models.EndOrganisation
	}
}

func (n *naive) hire(org int, from, to models.Day, title string) bool {
	x := &spell{org, from, to, title, ""}
	if to == 0 {
		x.to = n.free(from)
	}
	n.clip(x)
	n.spells = append(n.spells, x)
	return n.fits()
}

// split lets another spell take over from the day on.
func (n *naive) split(x *spell, d models.Day) *spell {
	rest := *x
	rest.from = d
	x.to, x.reason = d, ""
	n.spells = append(n.spells, &rest)
	return &rest
}

func (n *naive) transfer(org int, d models.Day, title string) bool {
	x := n.on(d)
	if x == nil || x.org == org || x.from == d {
		return false
	}
	rest := n.split(x, d)
	x.reason = models.EndTransferred
	if rest.reason == models.EndOrganisation { // the old one's end is none of the new one
		rest.to, rest.reason = n.free(d, rest), ""
	}
	rest.org, rest.title = org, title
	n.clip(rest)
	return n.fits()
}

func (n *naive) change(x *spell, d models.Day, title string) bool {
	if d <= x.from || d >= x.to {
		return false
	}
	n.split(x, d).title = title
	return n.fits()
}

func (n *naive) end(x *spell, d models.Day, concurrentFollows bool) bool {
	for _, y := range n.spells {
		if y != x && y.from >= d {
			return false
		}
	}
	x.to, x.reason = d, models.EndRetired
	return !concurrentFollows && n.fits()
}

func (n *naive) correct(x *spell, org int, from, to models.Day, title string, reason models.EndReason) bool {
	for _, y := range n.spells {
		if y == x {
			continue
		}
		if y.to == x.from {
			y.to = from
		}
		if y.from == x.to && to != models.Forever {
			y.from = to
		}
	}
	x.org, x.from, x.to, x.title, x.reason = org, from, to, title, reason
	if to == models.Forever {
		x.reason = ""
		n.clip(x)
	}
	return n.fits()
}

func (n *naive) remove(x *spell) bool {
	n.spells = slices.DeleteFunc(n.spells, func(y *spell) bool { return y == x })
	for _, y := range n.spells {
		if y.to == x.from && (y.reason == "" || y.reason == models.EndTransferred) {
			y.to, y.reason = x.to, x.reason
			n.clip(y)
		}
	}
	return n.fits()
}

func (n *naive) imported(org int, d models.Day, title string) bool {
	x := n.on(d)
	switch {
	case x == nil:
		return n.hire(org, d, 0, title)
	case x.org == org && x.title == title:
		return true
	case x.org == org && x.from == d:
		x.title = title
		return true
	case x.org == org:
		return n.change(x, d, title)
	case x.from == d:
		return false // asked about
	}
	x.to, x.reason = d, models.EndTransferred
	return n.hire(org, d, 0, title)
}

// copied is a model to try something on.
func (n *naive) copied() *naive {
	c := &naive{orgs: n.orgs}
	for _, x := range n.spells {
		y := *x
		c.spells = append(c.spells, &y)
	}
	return c
}

func (n *naive) String() string {
	slices.SortFunc(n.spells, func(a, b *spell) int { return int(a.from - b.from) })
	s := ""
	for _, x := range n.spells {
		s += fmt.Sprintf("%s %s %s%s %s; ", n.orgs[x.org].Code, x.title, x.from, span(x.to, x.to), x.reason)
	}
	return s
}

// life is a province of a few offices in which people come and go at random.
type life struct {
	t      *testing.T
	db     *store.DB
	s      *roster.Service
	orgs   []models.Organisation
	cadres []uint64
	models map[uint64]*naive
	people map[uint64]roster.Person
}

func newLife(t *testing.T, db *store.DB, rnd *rand.Rand, people int) *life {
	l := &life{t: t, db: db, s: &roster.Service{DB: db, Keys: testKeys(t)}, models: map[uint64]*naive{}, people: map[uint64]roster.Person{}}
	_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
		l.orgs, l.cadres = nil, nil
		var top models.Organisation
		if err := tx.Take(&top, "code = ?", "CB-QLNN").Error; err != nil {
			return 0, err
		}
		for i := range 5 {
			o := models.Organisation{Code: fmt.Sprintf("O%d-%d", i, rnd.IntN(1e9)), Name: fmt.Sprintf("Cơ quan %d", i), Kind: models.KindStateAgency, Level: models.LevelProvince, FromDay: windowFrom - 100, ToDay: models.Forever}
			if i > 1 && rnd.IntN(2) == 0 {
				o.FromDay = windowFrom + models.Day(rnd.IntN(windowDays/2))
			}
			if i > 1 && rnd.IntN(2) == 0 {
				o.ToDay = windowFrom + windowDays/2 + models.Day(rnd.IntN(windowDays/2))
			}
			if err := roster.AddOrganisation(tx, &o, &top); err != nil {
				return 0, err
			}
			l.orgs = append(l.orgs, o)
		}
		for i := range people {
			number := fmt.Sprintf("004080%06d", rnd.IntN(1e6))
			c := models.Cadre{FullName: fmt.Sprintf("Nông Văn %c", 'A'+rune(i)), BirthYear: 1980, NationalIDHash: l.s.Keys.HashPtr("national_id", number), NationalIDSealed: []byte("x")}
			if err := tx.Create(&c).Error; err != nil {
				return 0, err
			}
			p := models.Posting{CadreID: c.ID, OrganisationID: l.orgs[0].ID, Title: "A", FromDay: windowFrom - 50, ToDay: windowFrom - 40, Main: true, EndReason: models.EndOther}
			if err := tx.Create(&p).Error; err != nil {
				return 0, err
			}
			l.cadres = append(l.cadres, c.ID)
			l.people[c.ID] = roster.Person{Name: c.FullName, Born: "1980", NationalID: number}
			l.models[c.ID] = &naive{orgs: l.orgs, spells: []*spell{{0, p.FromDay, p.ToDay, p.Title, p.EndReason}}}
		}
		return 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// deed is one thing that is done to somebody, to the database and to the model.
type deed struct {
	says  string
	real  func() error
	model func(n *naive) bool
}

// random makes up a deed from what the database says of the cadre.
func (l *life) random(rnd *rand.Rand, cadre uint64) deed {
	ctx := context.Background()
	var c models.Cadre
	var ps []models.Posting
	var ls []models.Leave
	db := l.db.Read(ctx)
	for _, q := range []error{
		db.Take(&c, cadre).Error,
		db.Where("cadre_id = ?", cadre).Order("from_day, id").Find(&ps).Error,
		db.Joins("JOIN postings p ON p.id = leaves.posting_id AND p.cadre_id = ?", cadre).Find(&ls).Error,
	} {
		if q != nil {
			l.t.Error(q)
			return deed{real: func() error { return q }}
		}
	}
	org := rnd.IntN(len(l.orgs))
	d := windowFrom + models.Day(rnd.IntN(windowDays))
	to := d + models.Day(rnd.IntN(20)-2)
	title := string(rune('A' + rnd.IntN(3)))
	in := roster.ChangeInput{Version: c.HistoryVersion, Organisation: l.orgs[org].Code, Title: title, From: d, Note: "vì"}
	p := ps[rnd.IntN(len(ps))]
	find := func(n *naive) *spell {
		for _, x := range n.spells {
			if p.Main && x.from == p.FromDay {
				return x
			}
		}
		return nil
	}
	stays := func(*naive) bool { return true }
	var model func(n *naive) bool
	switch kind := rnd.IntN(10); kind {
	case 0:
		in.Kind, in.To = roster.ChangeHire, 0
		if rnd.IntN(2) == 0 && to > 0 {
			in.To = to
		}
		model = func(n *naive) bool { return n.hire(org, d, in.To, title) }
	case 1, 2:
		in.Kind = roster.ChangeTransfer
		model = func(n *naive) bool { return n.transfer(org, d, title) }
	case 3:
		in.Kind, in.PostingID = roster.ChangeDuty, p.ID
		model = func(n *naive) bool { return n.change(find(n), d, title) }
	case 4:
		in.Kind, in.PostingID, in.To, in.Reason = roster.ChangeEnd, p.ID, d, models.EndRetired
		follows := slices.ContainsFunc(ps, func(x models.Posting) bool { return !x.Main && x.FromDay >= d })
		model = func(n *naive) bool { return d > p.FromDay && n.end(find(n), d, follows) }
	case 5:
		in.Kind = roster.ChangeConcurrent
		model = stays
	case 6:
		in.Kind, in.PostingID, in.To = roster.ChangeCorrect, p.ID, to
		if rnd.IntN(3) == 0 {
			in.To = 0
		}
		last := in.To
		if last == 0 {
			last = models.Forever
		}
		model = func(n *naive) bool { return n.correct(find(n), org, d, last, title, "") }
	case 7:
		in.Kind, in.PostingID = roster.ChangeRemove, p.ID
		model = func(n *naive) bool { return len(ps) > 1 && n.remove(find(n)) }
		if len(ps) == 1 {
			return l.random(rnd, cadre)
		}
	case 8:
		in.Kind, in.PostingID, in.Leave, in.To = roster.ChangeLeave, p.ID, roster.LeaveKinds[rnd.IntN(4)], to
		if len(ls) > 0 && rnd.IntN(3) == 0 {
			in.Kind, in.PostingID, in.LeaveID = roster.ChangeRemoveLeave, 0, ls[0].ID
		}
		model = stays
	default:
		return deed{fmt.Sprintf("import of %s at %s as %s", d, l.orgs[org].Code, title), func() error {
			e := roster.Entry{Person: l.people[cadre], OrganisationID: l.orgs[org].ID, Title: title}
			_, out, err := l.s.Write(ctx, store.By{}, []roster.Entry{e}, d, nil)
			if err == nil && out[0].Refused != "" {
				err = errs.Invalid(out[0].Refused)
			}
			if err == nil && out[0].New {
				err = fmt.Errorf("%s was not known", l.people[cadre].Name)
			}
			return err
		}, func(n *naive) bool { return l.orgs[org].ExistsOn(d) && n.imported(org, d, title) }}
	}
	// Only main postings are in the model; what is done to a concurrent one leaves it, whether it is refused or not.
	if in.PostingID != 0 && !p.Main {
		model = stays
	}
	return deed{fmt.Sprintf("%+v", in), func() error { return l.s.Change(ctx, access.System(), cadre, in) }, model}
}

// TestRandomLivesAreKeptAsADayByDayModelSays does random things to random people and asks after each whether the database refused what
// the model refuses, and holds what the model holds; in the end, whether each day's roster is the model's.
func TestRandomLivesAreKeptAsADayByDayModelSays(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		did, refused := 0, 0
		for seed := range uint64(3) {
			rnd := rand.New(rand.NewPCG(seed, 11))
			l := newLife(t, db, rnd, 4)
			for range 120 {
				cadre := l.cadres[rnd.IntN(len(l.cadres))]
				d := l.random(rnd, cadre)
				tried := l.models[cadre].copied()
				may := d.model(tried)
				err := d.real()
				stays := tried.String() == l.models[cadre].String() // of concurrent postings and leaves the model says nothing
				away := errs.Is(err, "leave_outside_posting")
				if may != (err == nil) && !stays && !away {
					t.Fatalf("seed %d: %s\nbefore: %s\nthe model says %v, the database %v", seed, d.says, l.models[cadre], may, err)
				}
				if e := errs.As(err); e != nil && (e.Kind == errs.KindInternal || e.Kind == errs.KindNotFound) {
					t.Fatalf("seed %d: %s: %v", seed, d.says, err)
				}
				if err == nil {
					l.models[cadre] = tried
					did++
				} else {
					refused++
				}
				if got, want := l.stored(cadre), l.models[cadre].String(); got != want {
					t.Fatalf("seed %d: %s (%v)\n got %s\nwant %s", seed, d.says, err, got, want)
				}
			}
			l.invariants()
			for d := windowFrom - 60; d <= windowTo; d++ {
				l.roster(d)
			}
		}
		if did < 100 || refused < 50 {
			t.Errorf("%d things were done and %d refused: the test says little", did, refused)
		}
	}, based)
}

// TestRandomLivesHoldWhenEverythingHappensAtOnce lets forms and imports change the same few people at once.
func TestRandomLivesHoldWhenEverythingHappensAtOnce(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		l := newLife(t, db, rand.New(rand.NewPCG(5, 5)), 3)
		var wg sync.WaitGroup
		for w := range uint64(8) {
			wg.Add(1)
			go func() {
				defer wg.Done()
				rnd := rand.New(rand.NewPCG(w, 13))
				for range 15 {
					d := l.random(rnd, l.cadres[rnd.IntN(len(l.cadres))])
					// What somebody else has changed meanwhile, a posting that is gone too, is refused with a code.
					if e := errs.As(d.real()); e != nil && e.Kind == errs.KindInternal {
						t.Errorf("%s: %v", d.says, e)
					}
				}
			}()
		}
		wg.Wait()
		l.invariants()
	}, based)
}

// stored writes a cadre's main postings as the model does.
func (l *life) stored(cadre uint64) string {
	l.t.Helper()
	var ps []models.Posting
	if err := l.db.Read(context.Background()).Where("cadre_id = ? AND main = ?", cadre, true).Order("from_day").Find(&ps).Error; err != nil {
		l.t.Fatal(err)
	}
	n := naive{orgs: l.orgs}
	for _, p := range ps {
		i := slices.IndexFunc(l.orgs, func(o models.Organisation) bool { return o.ID == p.OrganisationID })
		n.spells = append(n.spells, &spell{i, p.FromDay, p.ToDay, p.Title, p.EndReason})
	}
	return n.String()
}

// roster compares the roster of a day with where the models have people.
func (l *life) roster(d models.Day) {
	l.t.Helper()
	var rows []models.Posting
	err := l.db.Read(context.Background()).Where("main = ? AND from_day <= ? AND to_day > ? AND cadre_id IN ?", true, d, d, l.cadres).Find(&rows).Error
	if err != nil {
		l.t.Fatal(err)
	}
	got, want := map[uint64]uint64{}, map[uint64]uint64{}
	for _, r := range rows {
		if got[r.CadreID] != 0 {
			l.t.Errorf("on %s cadre %d has two main postings", d, r.CadreID)
		}
		got[r.CadreID] = r.OrganisationID
	}
	for id, n := range l.models {
		if x := n.on(d); x != nil {
			want[id] = l.orgs[x.org].ID
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		l.t.Errorf("the roster of %s is %v, not %v", d, got, want)
	}
}

// invariants asks the whole database for what may never be.
func (l *life) invariants() {
	l.t.Helper()
	for says, sql := range map[string]string{
		"two main postings on a day":             "SELECT COUNT(*) FROM postings a JOIN postings b ON b.cadre_id = a.cadre_id AND b.id > a.id AND a.main AND b.main AND a.from_day < b.to_day AND b.from_day < a.to_day",
		"postings outside their organisation":    "SELECT COUNT(*) FROM postings p JOIN organisations o ON o.id = p.organisation_id WHERE p.from_day < o.from_day OR p.to_day > o.to_day",
		"leaves outside their posting":           "SELECT COUNT(*) FROM leaves l JOIN postings p ON p.id = l.posting_id WHERE l.from_day < p.from_day OR l.to_day > p.to_day",
		"cadres without a posting (all had one)": "SELECT COUNT(*) FROM cadres c WHERE NOT EXISTS (SELECT 1 FROM postings p WHERE p.cadre_id = c.id)",
	} {
		var n int
		if err := l.db.Read(context.Background()).Raw(sql).Scan(&n).Error; err != nil || n != 0 {
			l.t.Errorf("%s: %d, %v", says, n, err)
		}
	}
	var people int64
	if err := l.db.Read(context.Background()).Model(&models.Cadre{}).Where("id IN ?", l.cadres).Count(&people).Error; err != nil || int(people) != len(l.cadres) {
		l.t.Errorf("%d of %d people are left (%v)", people, len(l.cadres), err)
	}
}
