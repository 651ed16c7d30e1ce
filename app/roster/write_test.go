package roster_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"testing"

	"taphuan/app/plan"
	"taphuan/app/roster"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
	"taphuan/seeds"
)

// truth is one row of a roster as it is meant; Person says who it is across files.
type truth struct {
	Person, Name, Born string
	NationalID         string `json:"national_id"`
	Female             *bool
	Title              string
	Organisation       string
	Groups             []string
	Phone, Email       string
}

func readTruth(t *testing.T, name string) []truth {
	t.Helper()
	b, err := os.ReadFile("sheet/testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var f struct{ Accepted []truth }
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	return f.Accepted
}

func entries(t *testing.T, db *store.DB, rows []truth, day models.Day) []roster.Entry {
	t.Helper()
	p, err := plan.Current(context.Background(), db.Read(context.Background()), day)
	if err != nil {
		t.Fatal(err)
	}
	var orgs []models.Organisation
	if err := db.Read(context.Background()).Find(&orgs).Error; err != nil {
		t.Fatal(err)
	}
	code := map[string]uint64{}
	for _, o := range orgs {
		code[o.Code] = o.ID
	}
	var out []roster.Entry
	for _, r := range rows {
		e := roster.Entry{Person: roster.Person{Name: r.Name, Born: r.Born, NationalID: r.NationalID, Phone: r.Phone, Email: r.Email}, OrganisationID: code[r.Organisation], Title: r.Title}
		for _, g := range r.Groups {
			e.GroupIDs = append(e.GroupIDs, p.GroupByCode(g).ID)
		}
		out = append(out, e)
	}
	return out
}

func testKeys(t testing.TB) *secret.Keys {
	t.Helper()
	k, err := secret.New(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func load(t *testing.T, db *store.DB, list []roster.Entry, day models.Day) (roster.Written, []roster.Outcome) {
	t.Helper()
	s := roster.Service{DB: db, Keys: testKeys(t)}
	w, o, err := s.Write(context.Background(), store.By{}, list, day, nil)
	if err != nil {
		t.Fatal(err)
	}
	return w, o
}

var based = testdb.With("base", func(ctx context.Context, db *store.DB) error {
	_, err := seeds.Base(ctx, db)
	return err
})

func TestImportingTheSameListTwiceAddsNothing(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		day := models.MustDay("2026-01-01")
		list := entries(t, db, readTruth(t, "2026-xa-phuong"), day)
		w, _ := load(t, db, list, day)
		if w.Cadres.New != 509 || w.Postings.New != 509 {
			t.Errorf("first: %+v", w)
		}
		w, _ = load(t, db, list, day)
		if w != (roster.Written{Cadres: roster.Tally{Unchanged: 509}, Postings: roster.Tally{Unchanged: 509}}) {
			t.Errorf("second: %+v", w)
		}
	}, based)
}

func TestCadresOfTheEndedDistrictsAreFoundAgainInTheirCommunes(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		day := models.MustDay("2024-01-01")
		person := map[uint64]string{} // cadre -> who it is in truth
		old := append(readTruth(t, "2024-cap-huyen"), readTruth(t, "2024-ctxh-huyen")...)
		load(t, db, entries(t, db, old, day), day)
		s := roster.Service{DB: db, Keys: testKeys(t)}
		_, out, err := s.Plan(context.Background(), entries(t, db, old, day), day, nil)
		if err != nil {
			t.Fatal(err)
		}
		for i, o := range out {
			person[o.CadreID] = old[i].Person
		}
		if len(person) != len(old) {
			t.Errorf("%d cadres for %d people", len(person), len(old))
		}
		later := models.MustDay("2026-01-01")
		rows := readTruth(t, "2026-xa-phuong")
		_, out = load(t, db, entries(t, db, rows, later), later)
		known := map[string]bool{}
		for _, r := range old {
			known[r.Person] = true
		}
		again, missed, review := 0, 0, 0
		for i, o := range out {
			switch {
			case !known[rows[i].Person]:
				if !o.New {
					t.Errorf("%s is taken for %s", rows[i].Person, person[o.CadreID])
				}
			case !o.New && person[o.CadreID] == rows[i].Person:
				again++
			case !o.New:
				t.Errorf("%s is taken for %s", rows[i].Person, person[o.CadreID])
			case len(o.Candidates) > 0:
				review++
			default:
				missed++
				t.Logf("missed %+v", rows[i])
			}
		}
		if missed > 0 || again+review != 151 {
			t.Errorf("%d found again, %d to be reviewed, %d missed", again, review, missed)
		}
	}, based)
}
