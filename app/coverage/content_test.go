package coverage_test

import (
	"context"
	"fmt"
	"testing"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

// Every second course of a world treats the first topic's part, every third the second topic; the others none.
var topicsOf = map[uint64][]uint64{0: {2, 3}, 2: {2}, 3: {3}, 4: {2}}

func TestComponentsAndTopicsAreThoseOfTheDefinition(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := &coverage.Service{DB: db}
		some, people, more := 0, 0, 0
		for seed := range uint64(6) {
			w := newWorld(7000 + seed)
			for more := range 4 * (seed / 2) {
				w.train(seed + 10*more)
			}
			w.store(t, db)
			w.teach(t, db)
			if seed%2 > 0 {
				testdb.Ledger(t, db)
			}
			n, d := naive{w.Facts}, w.day()
			for _, top := range w.Organisations {
				if !exists(top, d) || top.ID != w.Plan.RootID && top.ID%2 == 0 {
					continue
				}
				for g, group := range w.Plan.Groups {
					c, err := s.Content(context.Background(), access.System(), coverage.ContentQuery{Query: coverage.Query{Org: top.Code, Day: d}, Group: group.Code})
					if err != nil {
						t.Fatal(err)
					}
					for i, node := range c.Nodes {
						lists := map[uint64]bool{}
						for _, o := range w.Organisations {
							if exists(o, d) && n.parents(o)[node.ID] {
								for cadre := range n.roster(o, group.ID, d) {
									lists[cadre] = true
								}
							}
						}
						each, covered := make([]int, len(w.Plan.Components)), 0
						for cadre := range lists {
							if n.covered(cadre, d) {
								covered++
							}
							for k, x := range w.Plan.Components {
								one := n
								p := *w.Plan
								p.Components = []models.PlanComponent{x}
								if one.Plan = &p; one.covered(cadre, d) {
									each[k]++
								}
							}
						}
						told := node.Figures[g].Covered - covered
						for k := range each {
							if c.Parts[i].Each[k] != each[k]+told {
								t.Errorf("seed %d, %s, %s: %d have component %d, want %d and %d told of", seed, node.Code, group.Code, c.Parts[i].Each[k], k, each[k], told)
							}
							if c.Parts[i].Each[k] < node.Figures[g].Covered {
								t.Errorf("%s: fewer have component %d than all", node.Code, k)
							}
						}
						if some += c.Parts[i].Some; i == 0 {
							p, a := n.topics(lists, d)
							for _, topic := range c.Topics {
								if topic.People != len(p[topic.ID]) || topic.Attendances != a[topic.ID] {
									t.Errorf("seed %d, %s, %s, topic %d: %d people and %d attendances, want %d and %d", seed, node.Code, group.Code, topic.ID, topic.People, topic.Attendances, len(p[topic.ID]), a[topic.ID])
								}
								people += topic.People
								more += topic.Attendances - topic.People
							}
							if c.Nowhere != len(p[0]) {
								t.Errorf("seed %d, %s, %s: %d people without topics, want %d", seed, node.Code, group.Code, c.Nowhere, len(p[0]))
							}
						}
					}
				}
			}
		}
		if some < 5 || people < 60 || more < 5 {
			t.Errorf("some components %d, people %d and further attendances %d in all worlds", some, people, more)
		}
		if _, err := s.Content(context.Background(), access.System(), coverage.ContentQuery{Group: "KHONG"}); !errs.Is(err, "not_found") {
			t.Errorf("an unknown group: %v", err)
		}
	})
}

// teach gives each completion that is not recognised a course of its own, with the topics of topicsOf.
func (w *world) teach(t *testing.T, db *store.DB) {
	t.Helper()
	_, err := db.Write(context.Background(), store.By{}, func(tx *store.Tx) (uint64, error) {
		one := uint64(1)
		rows := []any{&models.CourseType{ID: 1, PlanID: w.Plan.ID, Code: "L", NameVi: "Lớp"}, &models.Topic{ID: 1, PlanID: w.Plan.ID, Code: "1", NameVi: "Một"},
			&models.Topic{ID: 2, PlanID: w.Plan.ID, Code: "1.1", NameVi: "Một một", ParentID: &one}, &models.Topic{ID: 3, PlanID: w.Plan.ID, Code: "2", NameVi: "Hai"}}
		for i, c := range w.Completions {
			id := uint64(i + 1)
			if c.Recognised {
				continue
			}
			rows = append(rows, &models.Course{ID: id, PlanID: w.Plan.ID, Code: fmt.Sprint("L", id), Title: "Lớp", CourseTypeID: 1, State: models.CourseClosed, HostID: w.Plan.RootID, Capacity: 10,
				RulePercent: 80, FirstDay: c.Day, LastDay: c.Day})
			for _, x := range topicsOf[id%6] {
				rows = append(rows, &models.CourseTopic{CourseID: id, TopicID: x})
			}
		}
		for _, r := range rows {
			if err := tx.Create(r).Error; err != nil {
				return 0, err
			}
		}
		return 0, tx.Exec("UPDATE completions SET course_id = id WHERE recognition_id IS NULL").Error
	})
	if err != nil {
		t.Fatal(err)
	}
}

// topics says, one completion after another, who was trained in what, and how often; 0 is training without a topic.
func (n naive) topics(people map[uint64]bool, d models.Day) (who map[uint64]map[uint64]bool, attendances map[uint64]int) {
	who, attendances = map[uint64]map[uint64]bool{0: {}, 1: {}, 2: {}, 3: {}}, map[uint64]int{}
	for i, c := range n.Completions {
		if !people[c.CadreID] || c.Voided || c.Day > d || c.Day < n.Plan.FromDay || c.Day >= n.Plan.ToDay {
			continue
		}
		treated := topicsOf[uint64(i+1)%6]
		if c.Recognised || len(treated) == 0 {
			treated = []uint64{0}
		}
		for _, x := range treated {
			who[x][c.CadreID] = true
			attendances[x]++
			if x == 2 {
				who[1][c.CadreID] = true
				attendances[1]++
			}
		}
	}
	return who, attendances
}
