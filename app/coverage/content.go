package coverage

import (
	"context"
	"strconv"

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
// with not_found.
func (s *Service) Content(ctx context.Context, actor access.Actor, q ContentQuery) (*Content, error) {
	a, err := s.ask(ctx, actor, q.Query)
	if err != nil {
		return nil, err
	}
	c := &Content{}
	if q.Group != "" {
		if c.Group, err = groupIndex(a.plan, q.Group); err != nil {
			return nil, err
		}
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

// readTopics counts the people and attendances of each topic, and of each that has parts.
func (a *asked) readTopics(c *Content) error {
	type count struct{ people, attendances int }
	counts := map[uint64]count{}
	read := func(topic, tables string) error {
		var w sqlWriter
		w.add("SELECT " + topic + " AS topic, COUNT(DISTINCT r.cadre_id), COUNT(DISTINCT co.id) FROM (")
		a.onRoster(&w, a.plan.Groups[c.Group].ID)
		w.add(") r JOIN completions co ON co.cadre_id = r.cadre_id AND co.voided_at IS NULL AND co.effective_day BETWEEN ? AND ?", a.plan.FromDay, a.day)
		w.add(tables + " GROUP BY topic")
		var id uint64
		var n count
		return a.each(&w, func() {
			x := counts[id]
			counts[id] = count{max(x.people, n.people), max(x.attendances, n.attendances)}
		}, &id, &n.people, &n.attendances)
	}
	plan := strconv.FormatUint(a.plan.ID, 10)
	treats := " JOIN course_topics ct ON ct.course_id = co.course_id JOIN topics t ON t.id = ct.topic_id AND t.plan_id = " + plan
	if err := read("t.id", treats); err != nil {
		return err
	}
	if err := read("COALESCE(t.parent_id, t.id)", treats); err != nil {
		return err
	}
	if err := read("0", " AND NOT EXISTS (SELECT 1 FROM course_topics ct JOIN topics t ON t.id = ct.topic_id WHERE ct.course_id = co.course_id AND t.plan_id = "+plan+")"); err != nil {
		return err
	}
	c.Nowhere = counts[0].people
	for _, t := range a.plan.Topics {
		n := counts[t.ID]
		c.Topics = append(c.Topics, TopicPart{Topic: t, Part: t.ParentID != nil, People: n.people, Attendances: n.attendances})
	}
	return nil
}
