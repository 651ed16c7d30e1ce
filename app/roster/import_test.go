package roster_test

import (
	"encoding/json"
	"maps"
	"os"
	"reflect"
	"slices"
	"testing"

	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

// inOrder are the rosters by the day from which they hold.
var inOrder = []string{"2024-cap-huyen", "2024-ctxh-huyen", "2026-so-vhttdl", "2026-bao-chi", "2026-xa-phuong", "2026-ctxh-tinh", "2026-so-nganh"}

type rows []map[string]any

// plainRows makes rows comparable: without the truth's own field, without what is empty, in the order of the sheets.
func plainRows(t *testing.T, v any) rows {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out rows
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	for _, r := range out {
		maps.DeleteFunc(r, func(k string, v any) bool {
			list, isList := v.([]any)
			return k == "person" || v == nil || v == "" || isList && len(list) == 0
		})
	}
	slices.SortFunc(out, func(a, b map[string]any) int {
		if a["sheet"] != b["sheet"] {
			if a["sheet"].(string) < b["sheet"].(string) {
				return -1
			}
			return 1
		}
		return int(a["row"].(float64) - b["row"].(float64))
	})
	return out
}

func TestTheSharedRostersImportedInOrderGiveTheirTruthAndAddNothingTheSecondTime(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := roster.Service{DB: db, Keys: testKeys(t)}
		for round := range 2 {
			for _, name := range inOrder {
				file, err := os.ReadFile("sheet/testdata/" + name + ".xlsx")
				if err != nil {
					t.Fatal(err)
				}
				p, err := s.ImportFile(t.Context(), store.By{}, file, models.MustDay(name[:4]+"-01-01"), false, nil)
				if err != nil {
					t.Fatal(err)
				}
				b, err := os.ReadFile("sheet/testdata/" + name + ".json")
				if err != nil {
					t.Fatal(err)
				}
				var truth struct{ Accepted, Refused rows }
				if err := json.Unmarshal(b, &truth); err != nil {
					t.Fatal(err)
				}
				var got []any
				for _, a := range p.Accepted {
					got = append(got, a.Row)
				}
				if want, have := plainRows(t, truth.Accepted), plainRows(t, got); !reflect.DeepEqual(want, have) {
					t.Errorf("%s, round %d: accepted rows are not the truth", name, round)
				}
				got = nil
				for _, r := range p.Refused {
					got = append(got, map[string]any{"sheet": r.Sheet, "row": r.Row, "reason": r.Reason})
				}
				want, have := plainRows(t, truth.Refused), plainRows(t, got)
				for _, r := range want {
					maps.DeleteFunc(r, func(k string, _ any) bool { return k != "sheet" && k != "row" && k != "reason" })
				}
				if !reflect.DeepEqual(want, have) {
					t.Errorf("%s, round %d: refused %v, want %v", name, round, have, want)
				}
				if w := p.Written; round == 1 && (w.Cadres.New+w.Cadres.Changed+w.Postings.New+w.Postings.Changed != 0 || w.Postings.Unchanged != len(p.Accepted)) {
					t.Errorf("%s a second time: %+v", name, w)
				}
			}
		}
	}, based)
}

// TestOldRostersThatComeAfterNewOnesFindTheSamePeople imports the communes of 2026 before the districts of 2024 whose people went
// there: everybody is one cadre with two postings, the earlier ending with its organisation.
func TestOldRostersThatComeAfterNewOnesFindTheSamePeople(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := roster.Service{DB: db, Keys: testKeys(t)}
		who := map[uint64]string{} // cadre -> who it is in truth
		matched := 0
		for _, name := range []string{"2026-xa-phuong", "2024-cap-huyen"} {
			day := models.MustDay(name[:4] + "-01-01")
			truth := readTruth(t, name)
			if _, _, err := s.Write(t.Context(), store.By{}, entries(t, db, truth, day), day, nil); err != nil {
				t.Fatal(err)
			}
			_, out, err := s.Plan(t.Context(), entries(t, db, truth, day), day, nil)
			if err != nil {
				t.Fatal(err)
			}
			for i, o := range out {
				switch before, known := who[o.CadreID]; {
				case known && before != truth[i].Person:
					t.Errorf("%s is taken for %s", truth[i].Person, before)
				case known:
					matched++
				}
				who[o.CadreID] = truth[i].Person
			}
		}
		if matched != 151 {
			t.Errorf("%d of 151 people were found again", matched)
		}
		var overlapping int64
		err := db.Read(t.Context()).Raw(`SELECT COUNT(*) FROM postings a JOIN postings b ON b.cadre_id = a.cadre_id AND b.id <> a.id AND b.main AND a.main
			AND b.from_day < a.to_day AND a.from_day < b.to_day`).Scan(&overlapping).Error
		if err != nil || overlapping != 0 {
			t.Errorf("%d main postings overlap, %v", overlapping, err)
		}
	}, based)
}

func TestPeopleWhoCannotBeToldApartAreWrittenAsNewAndReported(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := roster.Service{DB: db, Keys: testKeys(t)}
		day := models.MustDay("2026-01-01")
		homonyms := entries(t, db, []truth{
			{Name: "Nông Thị Mai", Born: "1980-01-01", NationalID: "004180000001", Organisation: "SO-NV", Groups: []string{"QCN"}},
			{Name: "Nông Thị Mai", Born: "1980-02-02", NationalID: "004180000002", Organisation: "SO-NV", Groups: []string{"QCN"}},
		}, day)
		load(t, db, homonyms, day)
		later := models.MustDay("2026-06-01")
		_, out, err := s.Write(t.Context(), store.By{}, entries(t, db, []truth{{Name: "NÔNG THỊ MAI", Born: "1980", Organisation: "SO-NV", Groups: []string{"QCN"}}}, later), later, nil)
		if err != nil {
			t.Fatal(err)
		}
		if o := out[0]; !o.New || len(o.Candidates) != 2 || o.CadreID == 0 || slices.Contains(o.Candidates, o.CadreID) {
			t.Errorf("%+v", o)
		}
	}, based)
}
