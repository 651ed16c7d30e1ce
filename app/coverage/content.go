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
	if err := a.readComponents(c); err != nil {
		return nil, err
	}
	return c, a.readTopics(c)
}

// readComponents counts who lacks what, by organisation, and adds it up to the nodes of the report.
func (a *asked) readComponents(c *Content) error {
	group := a.plan.Groups[c.Group].ID
	c.Parts = make([]Has, len(c.Nodes))
	for i, n := range c.Nodes {
		c.Parts[i] = Has{Figure: n.Figures[c.Group], Each: make([]int, len(a.plan.Components))}
	}
	named := make([]int, len(c.Nodes)) // of the covered
	var w sqlWriter
	w.add("SELECT o.path, x.lacking, x.n FROM (SELECT r.organisation_id, r.lacking, COUNT(*) AS n FROM (")
	a.onRoster(&w, group)
	w.add(") r GROUP BY r.organisation_id, r.lacking) x JOIN organisations o ON o.id = x.organisation_id")
	var path string
	var lacking, n int
	all := 1<<len(a.plan.Components) - 1
	err := a.each(&w, func() {
		for i := range c.Nodes {
			if !isAtOrBelow(path, c.Nodes[i].Path) {
				continue
			}
			switch lacking {
			case 0:
				named[i] += n
			case all:
			default:
				c.Parts[i].Some += n
			}
			for k := range a.plan.Components {
				if lacking&(1<<k) == 0 {
					c.Parts[i].Each[k] += n
				}
			}
		}
	}, &path, &lacking, &n)
	for i := range c.Parts {
		for k := range c.Parts[i].Each {
			c.Parts[i].Each[k] += c.Parts[i].Covered - named[i]
		}
	}
	return err
}

// readTopics counts the people and attendances of each topic, and of each that has parts: what their people completed is read once, in the order
// of cadres, and what its courses treat beside it.
func (a *asked) readTopics(c *Content) error {
	treated, err := a.treated()
	if err != nil {
		return err
	}
	type count struct {
		last                uint64 // cadre
		people, attendances int
	}
	counts := make(map[uint64]*count, len(a.plan.Topics)+1)
	for _, t := range a.plan.Topics {
		counts[t.ID] = &count{}
	}
	counts[0] = &count{} // of what treats none
	var w sqlWriter
	w.add("SELECT r.cadre_id, COALESCE(co.course_id, 0) FROM (")
	a.onRoster(&w, a.plan.Groups[c.Group].ID)
	w.add(") r JOIN completions co ON co.cadre_id = r.cadre_id AND co.voided_at IS NULL AND co.effective_day BETWEEN ? AND ? ORDER BY r.cadre_id", a.plan.FromDay, a.day)
	var cadre, course uint64
	if err := a.each(&w, func() {
		topics := treated[course]
		if len(topics) == 0 {
			topics = none
		}
		for _, t := range topics {
			x := counts[t]
			x.attendances++
			if x.last != cadre {
				x.last = cadre
				x.people++
			}
		}
	}, &cadre, &course); err != nil {
		return err
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
