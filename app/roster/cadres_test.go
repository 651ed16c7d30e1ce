package roster_test

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/page"
	"taphuan/app/roster"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
	"taphuan/models/viet"
)

// crowd is a province of so many people with postings at random, as the tests know it.
type crowd struct {
	db       *store.DB
	s        *roster.Service
	orgs     map[uint64]models.Organisation
	cadres   []models.Cadre
	postings map[uint64][]models.Posting
	groups   map[uint64]uint64 // of postings
}

func newCrowd(t *testing.T, db *store.DB, people int) *crowd {
	t.Helper()
	keys, err := secret.New(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	c := &crowd{db: db, s: &roster.Service{DB: db, Keys: keys}, orgs: map[uint64]models.Organisation{}, postings: map[uint64][]models.Posting{}, groups: map[uint64]uint64{}}
	var orgs []models.Organisation
	if err := db.Read(context.Background()).Where("kind NOT IN ?", models.Totals).Order("path").Find(&orgs).Error; err != nil {
		t.Fatal(err)
	}
	for _, o := range orgs {
		c.orgs[o.ID] = o
	}
	r := rand.New(rand.NewPCG(uint64(people), 3))
	for range people {
		c.cadres = append(c.cadres, models.Cadre{FullName: strings.Join([]string{pick(r, "Nguyễn", "Hoàng", "Nông", "Lý"), pick(r, "Văn", "Thị", "Minh"), pick(r, "An", "Ánh", "Bình", "Đạt", "Yến", "Y")}, " "), BirthYear: 1980 + r.IntN(5)})
	}
	day := models.MustDay
	_, err = db.Write(context.Background(), store.By{}, func(tx *store.Tx) (uint64, error) {
		if err := tx.CreateInBatches(&c.cadres, 500).Error; err != nil {
			return 0, err
		}
		var all []models.Posting
		for _, k := range c.cadres {
			at := func(from, to models.Day, main bool) {
				all = append(all, models.Posting{CadreID: k.ID, OrganisationID: orgs[r.IntN(len(orgs))].ID, Title: "Chuyên viên", FromDay: from, ToDay: to, Main: main})
			}
			switch r.IntN(6) {
			case 0:
				at(day("2024-01-01"), day("2026-01-01"), true) // left
			case 1:
				at(day("2024-01-01"), models.Forever, true)
				at(day("2024-01-01"), models.Forever, false)
				at(day("2025-01-01"), models.Forever, false)
			case 2:
				at(day("2024-01-01"), day("2026-06-01"), true)
				at(day("2026-06-01"), models.Forever, true)
			default:
				at(day("2024-01-01"), models.Forever, true)
			}
		}
		if err := tx.CreateInBatches(&all, 500).Error; err != nil {
			return 0, err
		}
		var groups []models.PostingGroup
		for _, p := range all {
			c.postings[p.CadreID] = append(c.postings[p.CadreID], p)
			c.groups[p.ID] = 1 + uint64(r.IntN(2))
			groups = append(groups, models.PostingGroup{PostingID: p.ID, GroupID: c.groups[p.ID]})
		}
		return 0, tx.CreateInBatches(&groups, 500).Error
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func pick(r *rand.Rand, from ...string) string { return from[r.IntN(len(from))] }

// want finds the list the plain way: postings as "cadre:posting", sorted.
func (c *crowd) want(f roster.CadreFilter, under string, group uint64, sort string) []string {
	type row struct {
		k models.Cadre
		p models.Posting
	}
	var rows []row
	for _, k := range c.cadres {
		words := true
		for _, w := range strings.Fields(viet.Fold(f.Text)) {
			words = words && strings.Contains(" "+k.Search, " "+w)
		}
		var best *models.Posting
		for i, p := range c.postings[k.ID] {
			if !words || !p.CountsOn(f.Day) || group != 0 && c.groups[p.ID] != group || under == "" && !p.Main || !strings.HasPrefix(c.orgs[p.OrganisationID].Path, under) {
				continue
			}
			if best == nil || p.Main && !best.Main || p.Main == best.Main && p.ID < best.ID {
				best = &c.postings[k.ID][i]
			}
		}
		if best != nil {
			rows = append(rows, row{k, *best})
		}
	}
	slices.SortFunc(rows, func(a, b row) int {
		first := 0
		switch strings.TrimPrefix(sort, "-") {
		case "born":
			first = cmp.Compare(a.k.BirthYear, b.k.BirthYear)
		case "organisation":
			first = cmp.Compare(c.orgs[a.p.OrganisationID].Path, c.orgs[b.p.OrganisationID].Path)
		}
		by := cmp.Or(first, cmp.Compare(a.k.SortKey, b.k.SortKey), cmp.Compare(a.k.ID, b.k.ID))
		if strings.HasPrefix(sort, "-") {
			return -by
		}
		return by
	})
	var out []string
	for _, r := range rows {
		out = append(out, fmt.Sprintf("%d:%d", r.k.ID, r.p.ID))
	}
	return out
}

func said(rows []roster.CadreRow) (out []string) {
	for _, r := range rows {
		out = append(out, fmt.Sprintf("%d:%d", r.ID, r.PostingID))
	}
	return out
}

// Whatever the filter, the order and the way in which the list is read, its pages forward and back, and the whole of it, are the same
// people once each.
func TestPagesOfCadresAreTheListThatThePlainWayFinds(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		for _, people := range []int{120, 1200} { // few are sorted, many are walked
			c := newCrowd(t, db, people)
			if people > 120 { // those from before belong to the list as well
				var all []models.Cadre
				if err := db.Read(context.Background()).Find(&all).Error; err != nil {
					t.Fatal(err)
				}
				c.join(t, all)
			}
			c.compare(t)
		}
	}, testseed.Base)
}

// join makes the crowd know whoever is in the database.
func (c *crowd) join(t *testing.T, all []models.Cadre) {
	t.Helper()
	c.cadres = all
	c.postings = map[uint64][]models.Posting{}
	var ps []models.Posting
	if err := c.db.Read(context.Background()).Order("id").Find(&ps).Error; err != nil {
		t.Fatal(err)
	}
	for _, p := range ps {
		c.postings[p.CadreID] = append(c.postings[p.CadreID], p)
	}
	var gs []models.PostingGroup
	if err := c.db.Read(context.Background()).Find(&gs).Error; err != nil {
		t.Fatal(err)
	}
	for _, g := range gs {
		c.groups[g.PostingID] = g.GroupID
	}
}

func (c *crowd) compare(t *testing.T) {
	t.Helper()
	var group models.TargetGroup
	var root, office models.Organisation
	db := c.db.Read(context.Background())
	for _, err := range []error{db.Where("id = 1").Take(&group).Error, db.Where("parent_id IS NULL").Take(&root).Error, db.Where("code = ?", "SO-YT").Take(&office).Error} {
		if err != nil {
			t.Fatal(err)
		}
	}
	today := models.DayOf(c.db.Time())
	sorts := [][]string{{"name", "-born", "organisation"}, {"-name", "born", "-organisation"}}
	for i, f := range []roster.CadreFilter{{Day: today}, {Day: models.MustDay("2025-06-01")}, {Day: today, Text: "yen"}, {Day: today, Text: "an NGUYỄN"}, {Day: today, Text: "an ng", Group: group.Code}, {Day: today, Text: "khong ai"}, {Day: today, Text: "n"},
		{Day: today, Group: group.Code}, {Day: today, Organisation: root.Code}, {Day: today, Organisation: root.Code, Text: "y", Group: group.Code}, {Day: today, Organisation: office.Code}} {
		for j, sort := range sorts[i%2] {
			under, g := "", uint64(0)
			if f.Organisation != "" {
				under = map[string]string{root.Code: root.Path, office.Code: office.Path}[f.Organisation]
			}
			if f.Group != "" {
				g = group.ID
			}
			want := c.want(f, under, g, sort)
			for _, ask := range []page.Ask{{Sort: sort}, {Sort: sort, Before: page.Last}}[min(j, 1):] {
				got, total := c.walk(t, f, ask)
				if over := len(got) - len(want); ask.Before != "" && over > 0 { // the first page is a whole one, and its last rows are on the second too
					got = slices.Delete(got, roster.PageSize, min(roster.PageSize+over, len(got)))
				}
				if !slices.Equal(got, want) || total != (page.Total{N: int64(len(want))}) {
					t.Errorf("%+v %+v: %d of %d in order, total %v", f, ask, same(got, want), len(want), total)
				}
			}
			var whole []string
			if err := c.s.EachCadre(context.Background(), access.System(), f, sort, func(rows []roster.CadreRow) error { whole = append(whole, said(rows)...); return nil }); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(whole, want) {
				t.Errorf("%+v %s: the whole has %d, want %d", f, sort, len(whole), len(want))
			}
		}
	}
}

func same(a, b []string) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

func (c *crowd) walk(t *testing.T, f roster.CadreFilter, ask page.Ask) (seen []string, total page.Total) {
	t.Helper()
	back := ask.Before != ""
	for range 1000 {
		p, err := c.s.Cadres(context.Background(), access.System(), f, ask)
		if err != nil {
			t.Fatal(err)
		}
		total = p.Total
		if back {
			seen = append(said(p.Rows), seen...)
		} else {
			seen = append(seen, said(p.Rows)...)
		}
		switch {
		case back && p.Before != "":
			ask.Before = p.Before
		case !back && p.After != "":
			ask.After = p.After
		default:
			return seen, total
		}
	}
	t.Fatal("the walk has no end")
	return nil, total
}

func TestAllThatWereFoundAreBoundedForWhatActsOnThem(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		c := newCrowd(t, db, 150)
		today := models.DayOf(db.Time())
		want := c.want(roster.CadreFilter{Day: today}, "", 0, "name")
		ids, err := c.s.CadreIDs(context.Background(), access.System(), roster.CadreFilter{}, 150)
		if err != nil || len(ids) != len(want) {
			t.Error(len(ids), len(want), err)
		}
		if _, err := c.s.CadreIDs(context.Background(), access.System(), roster.CadreFilter{}, 20); !errs.Is(err, "selection_too_large") {
			t.Error(err)
		}
		p, err := c.s.Cadres(context.Background(), access.System(), roster.CadreFilter{IDs: ids[:3]}, page.Ask{})
		if err != nil || len(p.Rows) != 3 || p.Total.N != 3 {
			t.Error(p, err)
		}
	}, testseed.Base)
}
