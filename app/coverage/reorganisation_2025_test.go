package coverage_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/roster"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

// act is 2025 as it is acted out: rosters of 2024, the ends, rosters of 2026.
type act struct {
	t      *testing.T
	db     *store.DB
	roster *roster.Service
	orgs   []map[string]string // the shared list of organisations
	person map[uint64]string   // cadre -> who it is in truth
	cadre  map[string]uint64   // and the other way round
}

func newAct(t *testing.T, db *store.DB) *act {
	t.Helper()
	keys, err := secret.New([]byte(strings.Repeat("k", 32)))
	if err != nil {
		t.Fatal(err)
	}
	a := &act{t: t, db: db, roster: &roster.Service{DB: db, Keys: keys}, person: map[uint64]string{}, cadre: map[string]uint64{}}
	f, err := os.Open("../roster/sheet/testdata/organisations.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows[1:] {
		o := map[string]string{}
		for i, name := range rows[0] {
			o[name] = r[i]
		}
		a.orgs = append(a.orgs, o)
	}
	return a
}

// load imports a roster and says who its rows are in truth.
func (a *act) load(name string) map[string]roster.AcceptedRow {
	a.t.Helper()
	file, err := os.ReadFile("../roster/sheet/testdata/" + name + ".xlsx")
	if err != nil {
		a.t.Fatal(err)
	}
	p, err := a.roster.ImportFile(a.t.Context(), store.By{}, file, day(name[:4]+"-01-01"), false, nil)
	if err != nil {
		a.t.Fatal(err)
	}
	b, err := os.ReadFile("../roster/sheet/testdata/" + name + ".json")
	if err != nil {
		a.t.Fatal(err)
	}
	var truth struct {
		Accepted []struct {
			Person, Sheet string
			Row           int
		}
	}
	if err := json.Unmarshal(b, &truth); err != nil {
		a.t.Fatal(err)
	}
	who := map[string]string{}
	for _, r := range truth.Accepted {
		who[fmt.Sprint(r.Sheet, r.Row)] = r.Person
	}
	out := map[string]roster.AcceptedRow{}
	for _, r := range p.Accepted {
		out[who[fmt.Sprint(r.Sheet, r.Row.Row)]] = r
	}
	if len(out) != len(truth.Accepted) {
		a.t.Errorf("%s: %d rows were accepted, in truth %d", name, len(out), len(truth.Accepted))
	}
	return out
}

// found adds the organisations that began in 2025.
func (a *act) found() {
	a.t.Helper()
	area := map[string]string{}
	for _, o := range a.orgs {
		for next := range strings.SplitSeq(o["successors"], "|") {
			if strings.HasPrefix(o["code"], "H-") {
				area[next] = o["code"]
			}
		}
	}
	for _, o := range a.orgs {
		if o["from"] < "2025" {
			continue
		}
		_, err := a.roster.CreateOrganisation(a.t.Context(), access.System(), roster.OrganisationInput{Code: o["code"], Name: o["name"], Kind: models.Kind(o["kind"]),
			Level: models.Level(o["level"]), Parent: o["parent"], Area: area[o["code"]], From: day(o["from"]), Note: o["note"]})
		if err != nil {
			a.t.Fatal(o["code"], err)
		}
	}
}

// end ends what ended in 2025: agencies by themselves, districts with their offices, and last the block of districts.
func (a *act) end() {
	a.t.Helper()
	ended := slices.DeleteFunc(slices.Clone(a.orgs), func(o map[string]string) bool { return o["to"] == "" || strings.HasPrefix(o["parent"], "H-") })
	slices.SortStableFunc(ended, func(x, y map[string]string) int {
		return strings.Compare(x["to"]+fmt.Sprint(x["kind"] == "block"), y["to"]+fmt.Sprint(y["kind"] == "block"))
	})
	for _, o := range ended {
		in := roster.EndInput{LastDay: day(o["to"]).AddDays(-1), Subtree: o["kind"] == "district"}
		if o["successors"] != "" {
			in.Successors = strings.Split(o["successors"], "|")
		}
		if err := a.roster.EndOrganisation(a.t.Context(), access.System(), o["code"], in); err != nil {
			a.t.Fatal(o["code"], err)
		}
	}
}

// train lets every third of the people complete a training in 2024, so that there is something to cover.
func (a *act) train() {
	a.t.Helper()
	_, err := a.db.Write(a.t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
		var ids []uint64
		if err := tx.Model(&models.Cadre{}).Where("id % 3 = 0").Order("id").Pluck("id", &ids).Error; err != nil {
			return 0, err
		}
		for _, id := range ids {
			c := models.Completion{CadreID: id, EffectiveDay: day("2024-05-10"), Components: models.ComponentsOf(models.ComponentUpdate, models.ComponentTraining)}
			if err := tx.Create(&c).Error; err != nil {
				return 0, err
			}
		}
		return 0, nil
	})
	if err != nil {
		a.t.Fatal(err)
	}
	testdb.Ledger(a.t, a.db)
}

// report is the coverage of the whole tree on the last day of 2024, as it goes out.
func (a *act) report() string {
	a.t.Helper()
	rows, err := (&coverage.Service{DB: a.db}).Rows(a.t.Context(), access.System(), coverage.Query{Day: day("2024-12-31")})
	if err != nil {
		a.t.Fatal(err)
	}
	b, err := json.Marshal(rows)
	if err != nil {
		a.t.Fatal(err)
	}
	return string(b)
}

// TestThe2025ReorganisationActedOutLeavesThePastAsItWasAndKnowsEverybodyAgain starts from the tree without the ends of 2025, loads
// the two rosters of 2024, ends what ended, and loads the rosters of 2026. Coverage at the end of 2024 stays byte for byte; each of
// the 151 district cadres who appears again is one person, or in the queue of likely twins.
func TestThe2025ReorganisationActedOutLeavesThePastAsItWasAndKnowsEverybodyAgain(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		a := newAct(t, db)
		for _, name := range []string{"2024-cap-huyen", "2024-ctxh-huyen"} {
			for person, r := range a.load(name) {
				a.cadre[person] = r.CadreID
				a.person[r.CadreID] = person
			}
		}
		districts := len(a.cadre)
		if len(a.person) != districts {
			t.Errorf("%d cadres for %d people of 2024", len(a.person), districts)
		}
		a.train()
		then := a.report()
		if !strings.Contains(then, `"percent":33.3`) {
			t.Error("nothing is covered in the report that is to stay")
		}
		same := func(after string) {
			t.Helper()
			if a.report() != then {
				t.Errorf("coverage at the end of 2024 changed %s", after)
			}
		}
		a.found()
		same("with the new organisations")
		a.end()
		same("with the ends of 2025")
		a.ended(districts)
		again, queued := 0, 0
		for _, name := range []string{"2026-so-vhttdl", "2026-bao-chi", "2026-xa-phuong", "2026-ctxh-tinh", "2026-so-nganh"} {
			for person, r := range a.load(name) {
				x, y := a.cameBack(person, r)
				again, queued = again+x, queued+y
			}
			same("with " + name)
		}
		if again+queued != 151 {
			t.Errorf("of 151 people %d were known again and %d are in the queue", again, queued)
		}
		if again < 140 {
			t.Errorf("only %d were known again by themselves", again)
		}
		a.histories(districts - again)
	}, testseed.Before2025)
}

// ended says that everybody's posting ended with the districts, and that nobody has a place yet.
func (a *act) ended(people int) {
	a.t.Helper()
	var n int64
	err := a.db.Read(a.t.Context()).Model(&models.Posting{}).Where("to_day = ? AND end_reason = ?", day("2025-07-01"), models.EndOrganisation).Count(&n).Error
	if err != nil || n != int64(people) {
		a.t.Errorf("%d of %d postings ended with the districts, %v", n, people, err)
	}
	r, err := a.roster.Reorganisations(a.t.Context(), access.System())
	if err != nil || r.Undecided != int64(people) || r.People != int64(people) {
		a.t.Errorf("%+v unplaced of %d, %v", r, people, err)
	}
	for _, o := range r.Offices {
		if !strings.HasPrefix(o.Unit.Code, "H-") || len(o.Heirs) == 0 {
			a.t.Errorf("%s follows %s with %d successors", o.Code, o.Unit.Code, len(o.Heirs))
		}
	}
}

// cameBack says whether somebody of a roster of 2026 who was there in 2024 is the same cadre, or may be as the queue says.
func (a *act) cameBack(person string, r roster.AcceptedRow) (again, queued int) {
	a.t.Helper()
	was, known := a.cadre[person]
	switch {
	case known && r.CadreID == was:
		return 1, 0
	case known && a.inQueue(r.CadreID, was):
		return 0, 1
	case known:
		a.t.Errorf("%s is two people: %d and %d", person, was, r.CadreID)
	case a.person[r.CadreID] != "":
		a.t.Errorf("%s is taken for %s", person, a.person[r.CadreID])
	}
	return 0, 0
}

// inQueue says whether two cadres wait in the queue of likely twins.
func (a *act) inQueue(x, y uint64) bool {
	a.t.Helper()
	var n int64
	err := a.db.Read(a.t.Context()).Model(&models.TwinPair{}).Where("cadre_a_id = ? AND cadre_b_id = ? AND state = ?", min(x, y), max(x, y), models.TwinOpen).Count(&n).Error
	if err != nil {
		a.t.Fatal(err)
	}
	return n > 0
}

// histories says that each of those who came back has two main postings, one to the end of the districts and one from 2026 on, and
// that the others are unplaced.
func (a *act) histories(left int) {
	a.t.Helper()
	var wrong int64
	err := a.db.Read(a.t.Context()).Raw(`SELECT COUNT(*) FROM postings p JOIN postings q ON q.cadre_id = p.cadre_id AND q.id > p.id
		WHERE p.main AND q.main AND NOT (p.to_day = ? AND p.end_reason = ? AND q.from_day = ? AND q.to_day = ?)`,
		day("2025-07-01"), models.EndOrganisation, day("2026-01-01"), models.Forever).Scan(&wrong).Error
	if err != nil || wrong != 0 {
		a.t.Errorf("%d people have other than one posting in a district and one since, %v", wrong, err)
	}
	r, err := a.roster.Reorganisations(a.t.Context(), access.System())
	if err != nil || r.Undecided != int64(left) {
		a.t.Errorf("%d are unplaced, want %d, %v", r.Undecided, left, err)
	}
}
