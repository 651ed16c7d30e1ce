package page_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"gorm.io/gorm"

	"taphuan/app/page"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

var people = page.List[models.Cadre]{
	Default: "name", Size: 7,
	Orders: map[string]page.Order[models.Cadre]{
		"name": {{Column: "cadres.sort_key", Of: func(c models.Cadre) any { return c.SortKey }}, {Column: "cadres.id", Of: func(c models.Cadre) any { return c.ID }}},
		"born": {{Column: "cadres.birth_year", Of: func(c models.Cadre) any { return c.BirthYear }}, {Column: "cadres.sort_key", Of: func(c models.Cadre) any { return c.SortKey }},
			{Column: "cadres.id", Of: func(c models.Cadre) any { return c.ID }}},
		"old": {{Column: "cadres.birth_year", Of: func(c models.Cadre) any { return c.BirthYear }, Down: true}, {Column: "cadres.sort_key", Of: func(c models.Cadre) any { return c.SortKey }},
			{Column: "cadres.id", Of: func(c models.Cadre) any { return c.ID }}},
		"made": {{Column: "cadres.created_at", Of: func(c models.Cadre) any { return c.CreatedAt }}, {Column: "cadres.id", Of: func(c models.Cadre) any { return c.ID }}},
	},
}

var names = []string{"An", "Ánh", "Bình", "Đạt", "Yến"} // many the same: the id has to tell

func add(t *testing.T, db *store.DB, r *rand.Rand, n int) {
	t.Helper()
	var cs []models.Cadre
	for range n {
		cs = append(cs, models.Cadre{FullName: "Nông Văn " + names[r.IntN(len(names))], BirthYear: 1970 + r.IntN(4)})
	}
	if _, err := db.Write(context.Background(), store.By{}, func(tx *store.Tx) (uint64, error) { return 0, tx.Create(&cs).Error }); err != nil {
		t.Fatal(err)
	}
}

func table(db *store.DB) *gorm.DB { return db.Read(context.Background()).Table("cadres") }

func ids(rows []models.Cadre) []uint64 {
	var out []uint64
	for _, c := range rows {
		out = append(out, c.ID)
	}
	return out
}

// walk follows the cursors from a page to the end of the list and gives what it saw.
func walk(t *testing.T, db *store.DB, ask page.Ask, between func()) []uint64 {
	t.Helper()
	var seen []uint64
	for range 1000 {
		p, err := people.Read(table(db), ask, page.Total{})
		if err != nil {
			t.Fatal(err)
		}
		back := ask.Before != ""
		if back {
			seen = append(ids(p.Rows), seen...)
		} else {
			seen = append(seen, ids(p.Rows)...)
		}
		between()
		switch {
		case back && p.Before != "":
			ask.Before = p.Before
		case !back && p.After != "":
			ask.After = p.After
		default:
			return seen
		}
	}
	t.Fatal("the walk has no end")
	return nil
}

func TestAWalkSeesEachRowOnceUnderEverySort(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		r := rand.New(rand.NewPCG(1, 2))
		add(t, db, r, 70) // ten pages exactly
		for name := range people.Orders {
			for _, sort := range []string{name, "-" + name} {
				for range 2 {
					var whole []models.Cadre
					if err := people.Each(table(db), sort, func(rows []models.Cadre) error { whole = append(whole, rows...); return nil }); err != nil {
						t.Fatal(err)
					}
					want := ids(whole)
					if got := walk(t, db, page.Ask{Sort: sort}, func() {}); !slices.Equal(got, want) {
						t.Errorf("%s forward: %v, want %v", sort, got, want)
					}
					if got := walk(t, db, page.Ask{Sort: sort, Before: page.Last}, func() {}); !slices.Equal(got, want) && len(want)%people.Size == 0 {
						t.Errorf("%s back: %v, want %v", sort, got, want)
					}
				}
			}
		}
	})
}

func TestAWalkSeesEachOldRowOnceWhileOthersComeAndGo(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		r := rand.New(rand.NewPCG(3, 4))
		add(t, db, r, 60)
		for name := range people.Orders {
			for _, ask := range []page.Ask{{Sort: name}, {Sort: "-" + name}, {Sort: name, Before: page.Last}, {Sort: "-" + name, Before: page.Last}} {
				var old []uint64
				if err := table(db).Pluck("id", &old).Error; err != nil {
					t.Fatal(err)
				}
				gone := map[uint64]bool{}
				seen := walk(t, db, ask, func() {
					add(t, db, r, 2)
					one := old[r.IntN(len(old))]
					gone[one] = true
					if _, err := db.Write(context.Background(), store.By{}, func(tx *store.Tx) (uint64, error) { return 0, tx.Delete(&models.Cadre{}, one).Error }); err != nil {
						t.Fatal(err)
					}
				})
				times := map[uint64]int{}
				for _, id := range seen {
					times[id]++
				}
				for _, id := range old {
					if times[id] > 1 && ask.Before == "" || times[id] == 0 && !gone[id] {
						t.Errorf("%+v: row %d was seen %d times", ask, id, times[id])
					}
				}
			}
		}
	})
}

func TestThereIsAPageBackAndForthAndRowsAreNumbered(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		add(t, db, rand.New(rand.NewPCG(5, 6)), 17)
		total, err := page.Count(table(db).Where("birth_year > ?", 0))
		if err != nil || total != (page.Total{N: 17}) {
			t.Fatal(total, err)
		}
		read := func(a page.Ask) page.Page[models.Cadre] {
			t.Helper()
			p, err := people.Read(table(db), a, total)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		say := func(p page.Page[models.Cadre]) string {
			return fmt.Sprintf("%d-%d %t %t", p.From, p.To, p.Before != "", p.After != "")
		}
		first := read(page.Ask{})
		second := read(page.Ask{After: first.After})
		third := read(page.Ask{After: second.After})
		last := read(page.Ask{Before: page.Last})
		for i, c := range []struct{ got, want string }{
			{say(first), "1-7 false true"}, {say(second), "8-14 true true"}, {say(third), "15-17 true false"}, {say(last), "11-17 true false"},
			{say(read(page.Ask{Before: third.Before})), "8-14 true true"}, {say(read(page.Ask{Before: second.Before})), "1-7 false true"},
			{say(read(page.Ask{Before: last.Before})), "4-10 true true"},
		} {
			if c.got != c.want {
				t.Errorf("%d: %s, want %s", i, c.got, c.want)
			}
		}
	})
}

func TestWhatIsNoCursorIsTheFirstPage(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		add(t, db, rand.New(rand.NewPCG(7, 8)), 20)
		first, err := people.Read(table(db), page.Ask{}, page.Total{})
		if err != nil {
			t.Fatal(err)
		}
		enc := base64.RawURLEncoding.EncodeToString
		for _, text := range []string{"x", "%%%", "last", first.After + "A", first.After[1:], strings.Repeat("A", 1_000_000), enc([]byte(`["born",7,1970,"A",1]`)), enc([]byte(`["name",7]`)),
			enc([]byte(`["name",7,"Ế",1]`)), enc([]byte(`["name",7,"A\u0000",1]`)), enc([]byte(`["name",7,"A",-1]`)), enc([]byte(`["name",7,"A",1e400]`)), enc([]byte(`["name",7,"A",18446744073709551615]`)),
			enc([]byte(`["name",7,null,1]`)), enc([]byte(`["name",-7,"A",1]`)), enc([]byte(`["name",7,["A"],1]`)), enc([]byte(`{"name":7}`))} {
			for _, ask := range []page.Ask{{After: text}, {Before: text}, {Sort: "nothing", After: text}} {
				if ask.Before == page.Last {
					continue
				}
				p, err := people.Read(table(db), ask, page.Total{})
				if err != nil || !slices.Equal(ids(p.Rows), ids(first.Rows)) {
					t.Errorf("%.60s: %v %v", text, ids(p.Rows), err)
				}
			}
		}
		// A cursor of one order is none of another's.
		p, err := people.Read(table(db), page.Ask{Sort: "-born", After: first.After}, page.Total{})
		if err != nil || p.From != 1 {
			t.Error(p.Place, err)
		}
		// Beyond all rows is the last page.
		p, err = people.Read(table(db), page.Ask{After: enc([]byte(`["name",7,"~",1]`))}, page.Total{N: 20})
		if err != nil || p.To != 20 || p.After != "" {
			t.Error(p.Place, err)
		}
	})
}

func TestCountingStopsAtItsBound(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		add(t, db, rand.New(rand.NewPCG(9, 10)), 150)
		pairs := table(db).Joins("JOIN cadres other ON other.id > 0")
		total, err := page.Count(pairs)
		if err != nil || total != (page.Total{N: page.MostCounted, More: true}) {
			t.Error(total, err)
		}
	})
}

// The point of it all: the rows of a page are found in the index, wherever the page is.
func TestAPageIsFoundInTheIndex(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		r := rand.New(rand.NewPCG(11, 12))
		for range 10 {
			add(t, db, r, 300)
		}
		var middle models.Cadre
		if err := table(db).Order("sort_key, id").Offset(1500).Limit(1).Scan(&middle).Error; err != nil {
			t.Fatal(err)
		}
		order := people.Orders["name"]
		sql := db.Read(context.Background()).ToSQL(func(tx *gorm.DB) *gorm.DB {
			return tx.Table("cadres").Select("id, sort_key").Where(page.Beyond(order, db, []any{middle.SortKey, middle.ID})).Order("sort_key, id").Limit(8).Scan(&[]models.Cadre{})
		})
		if db.Dialect == store.SQLite {
			var plan []struct{ Detail string }
			if err := db.Read(context.Background()).Raw("EXPLAIN QUERY PLAN " + sql).Scan(&plan).Error; err != nil {
				t.Fatal(err)
			}
			if len(plan) != 1 || !strings.Contains(plan[0].Detail, "SEARCH cadres USING COVERING INDEX ix_cadres_sort_key") {
				t.Errorf("%v", plan)
			}
			return
		}
		var plan []struct {
			Type  string
			Key   string
			Extra string
		}
		if err := db.Read(context.Background()).Raw("EXPLAIN " + sql).Scan(&plan).Error; err != nil {
			t.Fatal(err)
		}
		if len(plan) != 1 || plan[0].Type != "range" || !strings.HasPrefix(plan[0].Key, "ix_cadres_sort_key") || strings.Contains(plan[0].Extra, "filesort") {
			t.Errorf("%v", plan)
		}
	})
}
