package coverage

import (
	"context"
	"slices"

	"taphuan/app/access"
	"taphuan/models"
)

// ContentQuery asks what the people of a group have been trained in.
type ContentQuery struct {
	Query
	Group string // code; "" is the plan's first
}

// Content is what the people of a group have, by component and by topic.
type Content struct {
	*Report             // of the organisation asked for and those right below it
	Group   int         // index of the plan's group
	Parts   []Has       // of each node of the report
	Topics  []TopicPart // in the plan's order
	Nowhere int         // people with training of which nobody knows the topics: recognised, or of a course that names none
}

// Has is how many people of a figure have each component that the plan requires.
type Has struct {
	Figure
	Each []int // by component, in the plan's order
	Some int   // people who lack something and have something
}

// Percent is how many of the denominator have a component, as Figure.Percent says it.
func (h Has) Percent(component int) *Percent {
	f := h.Figure
	f.Covered = h.Each[component]
	return f.Percent()
}

// TopicPart is how many have been trained in a topic. People are each counted once, attendances by course; a topic counts what treats one of
// its parts.
type TopicPart struct {
	models.Topic
	Part        bool // of the topic before it
	People      int
	Attendances int
}

// Content asks what the people who are listed in a group have been trained in within the plan's period up to the day. Who is covered in
// organisations that give counts only has every component there, and no topic. It refuses as Rows does, and groups that the plan does not know
// with not_found, and more people than are looked at one by one with "too_many_people".
func (s *Service) Content(ctx context.Context, actor access.Actor, q ContentQuery) (*Content, error) {
	a, err := s.ask(ctx, actor, q.Query)
	if err != nil {
		return nil, err
	}
	c := &Content{}
	if c.Group, err = groupOrFirst(a.plan, q.Group); err != nil {
		return nil, err
	}
	if err := s.lookAt(a, c.Group); err != nil {
		return nil, err
	}
	if c.Report, err = a.overview(); err != nil {
		return nil, err
	}
	all, err := a.trained(a.plan.Groups[c.Group].ID)
	if err != nil {
		return nil, err
	}
	a.countComponents(c, all)
	return c, a.countTopics(c, all)
}

// trained is somebody who is listed, with what he or she has.
type trained struct {
	path    string   // of the organisation
	has     int      // bits of components, in the plan's order
	courses []uint64 // one for each completion, 0 where it is recognised
}

// trained reads who is listed in the group and what they have completed within the plan's period up to the day.
func (a *asked) trained(group uint64) (map[uint64]*trained, error) {
	var w sqlWriter
	w.add("SELECT r.posting_id, o.path, co.id IS NOT NULL, COALESCE(co.course_id, 0), 0")
	for i := range a.plan.Components {
		w.add(" + ")
		a.brings(&w, i)
	}
	w.add(" FROM (")
	a.onRoster(&w, group)
	w.add(") r JOIN organisations o ON o.id = r.organisation_id LEFT JOIN completions co ON co.cadre_id = r.cadre_id AND co.voided_at IS NULL AND "+a.sqls.day("co.effective_day")+" BETWEEN ? AND ?", a.plan.FromDay, a.day)
	out := map[uint64]*trained{}
	var posting, course uint64
	var path string
	var completed bool
	var has int
	return out, a.each(&w, func() {
		x := out[posting]
		if x == nil {
			x = &trained{path: path}
			out[posting] = x
		}
		if completed {
			x.has |= has
			x.courses = append(x.courses, course)
		}
	}, &posting, &path, &completed, &course, &has)
}

// countComponents counts who has and lacks what at the nodes of the report.
func (a *asked) countComponents(c *Content, people map[uint64]*trained) {
	all := 1<<len(a.plan.Components) - 1
	c.Parts = make([]Has, len(c.Nodes))
	for i, n := range c.Nodes {
		has := Has{Figure: n.Figures[c.Group], Each: make([]int, len(a.plan.Components))}
		unnamed := has.Covered
		for _, x := range people {
			if !isAtOrBelow(x.path, n.Path) {
				continue
			}
			if x.has == all {
				unnamed--
			} else if x.has != 0 {
				has.Some++
			}
			for k := range has.Each {
				has.Each[k] += x.has >> k & 1
			}
		}
		for k := range has.Each {
			has.Each[k] += unnamed
		}
		c.Parts[i] = has
	}
}

// countTopics counts the people and attendances of each topic, and of each that has parts.
func (a *asked) countTopics(c *Content, people map[uint64]*trained) error {
	treated, err := a.treated()
	if err != nil {
		return err
	}
	type count struct {
		last                *trained
		people, attendances int
	}
	counts := make(map[uint64]*count, len(a.plan.Topics)+1)
	for _, t := range a.plan.Topics {
		counts[t.ID] = &count{}
	}
	counts[0] = &count{} // of what treats none
	for _, person := range people {
		for _, course := range person.courses {
			topics := treated[course]
			if len(topics) == 0 {
				topics = none
			}
			for _, t := range topics {
				x := counts[t]
				x.attendances++
				if x.last != person {
					x.last = person
					x.people++
				}
			}
		}
	}
	c.Nowhere = counts[0].people
	for _, t := range a.plan.Topics {
		n := counts[t.ID]
		c.Topics = append(c.Topics, TopicPart{Topic: t, Part: t.ParentID != nil, People: n.people, Attendances: n.attendances})
	}
	return nil
}

// none stands for the topics of a course that treats none of the plan's.
var none = []uint64{0}

// treated gives the topics of the plan that each course treats, with those of which they are parts, each once.
func (a *asked) treated() (map[uint64][]uint64, error) {
	parent := make(map[uint64]uint64, len(a.plan.Topics))
	for _, t := range a.plan.Topics {
		if parent[t.ID] = 0; t.ParentID != nil {
			parent[t.ID] = *t.ParentID
		}
	}
	var rows []models.CourseTopic
	if err := a.db.Where("topic_id IN (?)", a.db.Model(&models.Topic{}).Select("id").Where("plan_id = ?", a.plan.ID)).Find(&rows).Error; err != nil {
		return nil, err
	}
	out := map[uint64][]uint64{}
	for _, x := range rows {
		for _, t := range []uint64{x.TopicID, parent[x.TopicID]} {
			if t != 0 && !slices.Contains(out[x.CourseID], t) {
				out[x.CourseID] = append(out[x.CourseID], t)
			}
		}
	}
	return out, nil
}
