package coverage_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"taphuan/app/coverage"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
)

// world is an invented province: its facts, and the same facts in a database once it has been stored.
type world struct {
	coverage.Facts
	day func() models.Day // a day worth asking about
}

func day(s string) models.Day { return models.MustDay(s) }

// newWorld invents a small province in which everything happens that coverage has rules for: offices that come and go, people who
// move, serve at two places, leave, and are trained before, after and outside the plan; declarations made twice, late and withdrawn;
// completions that were voided; offices that give counts only.
func newWorld(seed uint64) *world {
	rnd := rand.New(rand.NewPCG(seed, 1))
	from, to := day("2023-01-01"), day("2025-01-01")
	w := &world{}
	p := &plan.Plan{Plan: models.Plan{ID: 1, Code: "P", RootID: 1, FromDay: from, ToDay: to}}
	w.Plan = p
	random := func() models.Day { return from - 200 + models.Day(rnd.IntN(int(to-from)+400)) }
	w.day = func() models.Day { return from + models.Day(rnd.IntN(int(to-from))) }
	for i, c := range []models.Component{models.ComponentUpdate, models.ComponentTraining} {
		pc := models.PlanComponent{PlanID: 1, Component: c, Position: i + 1}
		if seed%2 == 1 && rnd.IntN(2) == 0 {
			months := 1 + rnd.IntN(14)
			pc.ExpiresMonths = &months
		}
		p.Components = append(p.Components, pc)
	}
	for i, target := range []int{100, 70, 33} {
		p.Groups = append(p.Groups, models.TargetGroup{ID: uint64(i + 1), PlanID: 1, Code: string(rune('A' + i)), TargetPercent: target, Position: i + 1})
	}
	for _, k := range []models.Kind{models.KindStateAgency, models.KindPressAgency, models.KindArmedForces} {
		for g := range uint64(3) {
			if rnd.IntN(2) == 0 {
				e := models.ExpectedGroup{GroupID: g + 1, Kind: k, Level: models.LevelProvince, FromDay: day("1900-01-01"), ToDay: models.Forever}
				if rnd.IntN(3) == 0 {
					e.FromDay = w.day()
				}
				p.Expected = append(p.Expected, e)
			}
		}
	}
	w.organisations(rnd, from, to)
	p.Root = w.Organisations[0]
	w.people(rnd, random)
	lines := rand.New(rand.NewPCG(seed, 2))
	for i := range w.Postings {
		if lines.IntN(3) == 0 {
			w.Postings[i].LineID = uint64(1 + lines.IntN(len(w.Organisations)))
		}
	}
	w.declarations(rnd, random)
	return w
}

func (w *world) organisations(rnd *rand.Rand, from, to models.Day) {
	add := func(parent uint64, kind models.Kind, counts bool) {
		o := models.Organisation{ID: uint64(len(w.Organisations) + 1), Kind: kind, Level: models.LevelProvince, CountsOnly: counts,
			FromDay: day("1900-01-01"), ToDay: models.Forever}
		o.Code = fmt.Sprintf("O%d", o.ID)
		o.Name = "Cơ quan " + o.Code
		o.Path = models.PathPart(o.ID)
		if parent != 0 {
			o.ParentID = &parent
			o.Path = w.Organisations[parent-1].Path + o.Path
			o.Depth = w.Organisations[parent-1].Depth + 1
			if rnd.IntN(3) == 0 {
				o.FromDay = from + models.Day(rnd.IntN(int(to-from)))
			}
			if rnd.IntN(3) == 0 {
				o.ToDay = max(o.FromDay+1, from+models.Day(rnd.IntN(int(to-from))))
			}
		}
		w.Organisations = append(w.Organisations, o)
	}
	add(0, models.KindProvince, false)
	add(1, models.KindBlock, false)
	add(1, models.KindBlock, false)
	add(2, models.KindDistrict, false)
	offices := []models.Kind{models.KindStateAgency, models.KindPressAgency, models.KindArmedForces}
	for range 9 {
		add(uint64(1+rnd.IntN(4)), offices[rnd.IntN(3)], false)
	}
	for range 2 {
		add(uint64(1+rnd.IntN(4)), models.KindArmedForces, true)
	}
	for range 3 { // offices below offices
		add(uint64(5+rnd.IntN(9)), offices[rnd.IntN(3)], rnd.IntN(4) == 0)
	}
}

func (w *world) people(rnd *rand.Rand, random func() models.Day) {
	var offices []uint64
	for _, o := range w.Organisations {
		if !o.Kind.IsTotal() && !o.CountsOnly {
			offices = append(offices, o.ID)
		}
	}
	groups := func() (gs []uint64) {
		for g := range uint64(3) {
			if rnd.IntN(2) == 0 {
				gs = append(gs, g+1)
			}
		}
		return gs
	}
	for cadre := range uint64(30) {
		cadre++
		for at := random(); rnd.IntN(4) != 0; { // one main posting after another, with or without a gap
			p := coverage.Posting{CadreID: cadre, OrganisationID: offices[rnd.IntN(len(offices))], From: at, To: at + 1 + models.Day(rnd.IntN(300)), Main: true, Groups: groups()}
			if rnd.IntN(3) == 0 {
				p.To = models.Forever
			}
			w.Postings = append(w.Postings, p)
			if p.To == models.Forever {
				break
			}
			at = p.To + models.Day(rnd.IntN(2)*rnd.IntN(60))
		}
		for range rnd.IntN(3) {
			f := random()
			w.Postings = append(w.Postings, coverage.Posting{CadreID: cadre, OrganisationID: offices[rnd.IntN(len(offices))], From: f, To: f + 1 + models.Day(rnd.IntN(400)), Groups: groups()})
		}
		for range rnd.IntN(5) {
			c := coverage.Completion{CadreID: cadre, Day: random(), Voided: rnd.IntN(6) == 0, Recognised: rnd.IntN(3) == 0}
			for _, x := range w.Plan.Components {
				if rnd.IntN(3) != 0 {
					c.Components |= x.Component.Set()
				}
			}
			w.Completions = append(w.Completions, c)
		}
	}
}

func (w *world) declarations(rnd *rand.Rand, random func() models.Day) {
	recorded := time.Date(2023, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, o := range w.Organisations {
		if o.Kind.IsTotal() {
			continue
		}
		for range rnd.IntN(7) {
			h := models.Headcount{ID: uint64(len(w.Headcounts) + 1), OrganisationID: o.ID, GroupID: uint64(1 + rnd.IntN(3)), EffectiveDay: random()}
			// Recorded in any order, whatever the ids: databases that run on several machines do not count in order.
			h.CreatedAt = recorded.Add(time.Duration(rnd.IntN(1e9)) * time.Microsecond)
			if n := rnd.IntN(6); n != 5 {
				h.Declared = &n
				if k := rnd.IntN(8); o.CountsOnly && k != 7 {
					h.Covered = &k
				}
			}
			w.Headcounts = append(w.Headcounts, h)
			if rnd.IntN(3) == 0 { // corrected for the same day
				m, again := rnd.IntN(9), h
				again.ID, again.Declared, again.CreatedAt = uint64(len(w.Headcounts)+1), &m, h.CreatedAt.Add(time.Duration(rnd.IntN(2000)-1000)*time.Second)
				w.Headcounts = append(w.Headcounts, again)
			}
		}
	}
}

// tables in the order in which they can be emptied.
var tables = []string{"completions", "course_topics", "courses", "course_types", "topics", "recognitions", "coverage_ledgers", "coverage_standings", "coverage_entries", "coverage_changes", "headcounts", "leaves", "posting_groups", "postings", "cadres", "expected_groups", "target_groups", "plan_components", "plans"}

// store puts the world into a database, in place of the one that was there.
func (w *world) store(t testing.TB, db *store.DB) {
	t.Helper()
	_, err := db.Write(context.Background(), store.By{}, func(tx *store.Tx) (uint64, error) {
		if err := tx.Exec("UPDATE topics SET parent_id = NULL").Error; err != nil {
			return 0, err
		}
		for _, table := range tables {
			if err := tx.Exec("DELETE FROM " + table).Error; err != nil {
				return 0, err
			}
		}
		if err := tx.Exec("UPDATE organisations SET parent_id = NULL").Error; err != nil {
			return 0, err
		}
		if err := tx.Exec("DELETE FROM organisations").Error; err != nil {
			return 0, err
		}
		return 0, w.write(tx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (w *world) write(tx *store.Tx) error {
	for i := range w.Organisations { // one by one: a parent before those below it
		if err := tx.Create(&w.Organisations[i]).Error; err != nil {
			return err
		}
	}
	all := []any{&w.Plan.Plan, &w.Plan.Components, &w.Plan.Groups}
	if len(w.Plan.Expected) > 0 {
		all = append(all, &w.Plan.Expected)
	}
	if len(w.Headcounts) > 0 {
		all = append(all, &w.Headcounts)
	}
	seen := map[uint64]bool{}
	var cadres []models.Cadre
	person := func(id uint64) {
		if !seen[id] {
			seen[id] = true
			cadres = append(cadres, models.Cadre{ID: id, FullName: fmt.Sprintf("Nông Văn %s", given[id%uint64(len(given))]), BirthYear: 1970 + int(id%30)})
		}
	}
	var postings []models.Posting
	var groups []models.PostingGroup
	for i, p := range w.Postings {
		person(p.CadreID)
		row := models.Posting{ID: uint64(i + 1), CadreID: p.CadreID, OrganisationID: p.OrganisationID, Title: "Chuyên viên", FromDay: p.From, ToDay: p.To, Main: p.Main}
		if p.LineID != 0 {
			row.LineID = &p.LineID
		}
		postings = append(postings, row)
		for _, g := range p.Groups {
			groups = append(groups, models.PostingGroup{PostingID: row.ID, GroupID: g})
		}
	}
	var recognitions []models.Recognition
	var completions []models.Completion
	for i, c := range w.Completions {
		person(c.CadreID)
		row := models.Completion{ID: uint64(i + 1), CadreID: c.CadreID, EffectiveDay: c.Day, Components: c.Components}
		if c.Voided {
			row.VoidedAt = &tx.Now
		}
		if c.Recognised {
			r := models.Recognition{ID: row.ID, CadreID: c.CadreID, Title: "Tập huấn của Bộ", Body: "Bộ Tư pháp", FirstDay: c.Day, LastDay: c.Day, PaperNumber: fmt.Sprint(row.ID), State: models.RecognitionApproved}
			r.PaperKey, r.LivePaperKey, row.RecognitionID = r.PaperNumber, &r.PaperNumber, &r.ID
			recognitions = append(recognitions, r)
		}
		completions = append(completions, row)
	}
	for _, v := range append(all, &cadres, &postings, &groups, &recognitions, &completions) {
		if err := tx.CreateInBatches(v, 200).Error; err != nil {
			return err
		}
	}
	return nil
}

var given = []string{"An", "Ánh", "Bình", "Châu", "Dung", "Đức", "Giang", "Hà", "Hùng", "Lan", "Lê", "Mai", "Nga", "Oanh", "Phúc", "Quý", "Sơn", "Tâm", "Uyên", "Vân", "Xuân", "Yến"}
