package coverage_test

import (
	"fmt"
	"slices"
	"testing"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

// inLine is who has, on the day, a posting whose line is the organisation or one below it.
func (n naive) inLine(top models.Organisation, d models.Day) map[uint64]bool {
	in := map[uint64]bool{}
	for _, p := range n.Postings {
		if p.LineID != 0 && n.counts(p, d) && n.parents(n.organisation(p.LineID))[top.ID] {
			in[p.CadreID] = true
		}
	}
	return in
}

// line is the line of an organisation, one group and one cadre after another, and who of each group is missing.
func (n naive) line(top models.Organisation, d models.Day) (line *coverage.Line, missing [][]uint64) {
	in := n.inLine(top, d)
	line = &coverage.Line{People: len(in)}
	for _, g := range n.Plan.Groups {
		f, lack := coverage.Figure{}, []uint64{}
		for cadre := range in {
			switch {
			case !n.hasGroup(cadre, g.ID, d):
				continue
			case n.covered(cadre, d):
				f.Covered++
			default:
				lack = append(lack, cadre)
			}
			f.Roster++
			f.Denominator++
		}
		slices.Sort(lack)
		line.Figures, missing = append(line.Figures, f), append(missing, lack)
	}
	return line, missing
}

func TestALineIsItsPeopleWhereverTheyArePosted(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := &coverage.Service{DB: db}
		elsewhere := 0
		for seed := range uint64(6) {
			w := newWorld(5000 + seed)
			w.store(t, db)
			n := naive{w.Facts}
			for range 3 {
				d := w.day()
				for _, top := range w.Organisations {
					if !exists(top, d) {
						continue
					}
					at := fmt.Sprintf("world %d, %s on %s", 5000+seed, top.Code, d)
					want, missing := n.line(top, d)
					defined, err := w.Line(top.ID, d)
					if err != nil || fmt.Sprint(defined) != fmt.Sprint(want) {
						t.Fatalf("%s: the definition says %v instead of %v (%v)", at, defined, want, err)
					}
					q := coverage.Query{Org: top.Code, Day: d}
					got, err := s.Line(t.Context(), head(top), q)
					if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
						t.Fatalf("%s: the database says %v instead of %v (%v)", at, got, want, err)
					}
					for i, g := range w.Plan.Groups {
						m, err := s.Names(t.Context(), head(top), coverage.NamesQuery{Query: q, Group: g.Code, Part: coverage.PartMissing, Line: true})
						if err != nil {
							t.Fatal(err)
						}
						ids := []uint64{}
						for _, p := range m.People {
							ids = append(ids, p.CadreID)
						}
						slices.Sort(ids)
						if !slices.Equal(ids, missing[i]) || m.Parts.Missing != len(ids) || m.Parts.Covered != m.Figure.Covered || m.Parts.Unnamed() != 0 || m.Figure != want.Figures[i] {
							t.Fatalf("%s: %s lacks %v instead of %v, %+v", at, g.Code, ids, missing[i], m.Figure)
						}
						elsewhere += len(ids)
					}
				}
			}
		}
		if elsewhere < 100 {
			t.Errorf("only %d people were missing in all worlds", elsewhere)
		}
	})
}

func TestALineIsAnsweredToThoseWhoMaySeeItsOrganisation(t *testing.T) {
	t.Parallel()
	db := testdb.Only(t, store.SQLite)
	w := example()
	w.Postings[0].LineID = 3 // An, at A, is of B's line
	w.store(t, db)
	s := &coverage.Service{DB: db}
	q := coverage.Query{Org: "B", Day: day("2024-06-01")}
	if l, err := s.Line(t.Context(), head(w.Organisations[2]), q); err != nil || l.People != 1 || l.Figures[0].Covered != 1 {
		t.Errorf("%+v, %v", l, err)
	}
	for who, a := range map[string]access.Actor{"the head of A": head(w.Organisations[1]), "nobody": {}} {
		if _, err := s.Line(t.Context(), a, q); !errs.Is(err, "not_found") {
			t.Errorf("%s: %v", who, err)
		}
		if _, err := s.Names(t.Context(), a, coverage.NamesQuery{Query: q, Group: "QCN", Line: true}); !errs.Is(err, "not_found") {
			t.Errorf("%s: %v", who, err)
		}
	}
	for code, d := range map[string]string{"day_outside_plan": "2022-01-01"} {
		q.Day = day(d)
		_, err := s.Line(t.Context(), access.System(), q)
		if _, defined := w.Line(3, q.Day); !errs.Is(err, code) || !errs.Is(defined, code) {
			t.Errorf("%v, %v, want %s", err, defined, code)
		}
	}
}
