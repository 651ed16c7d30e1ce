package coverage

import (
	"context"
	"slices"

	"taphuan/app/access"
	"taphuan/models"
)

// Earlier is how an organisation and those below it stood on the same day a year before.
type Earlier struct {
	Day     models.Day
	figures map[uint64][]Figure
}

// Change is how many tenths of a point a figure's percentage has risen since; nil where there is none now, was none then, or the
// organisation did not exist.
func (e *Earlier) Change(n Node, group int) *int {
	if e == nil || e.figures[n.ID] == nil {
		return nil
	}
	now, then := n.Figures[group].Percent(), e.figures[n.ID][group].Percent()
	if now == nil || then == nil {
		return nil
	}
	change := int(*now - *then)
	return &change
}

// manyNodes is from how many organisations on the whole tree is read in place of each of them with all below it. Where a report holds all levels
// that is always quicker: each is read by itself.
const manyNodes = 500

// earlier gives the figures of a report's organisations a year before; nil where that lies outside the plan or the organisation asked for
// did not exist yet.
func (a *asked) earlier(r *Report) (*Earlier, error) {
	b := *a
	b.day, b.before = a.day.YearBefore(), 0
	if checkDay(b.plan, b.top, b.day) != nil {
		return nil, nil
	}
	out := &Earlier{Day: b.day}
	nodes := slices.DeleteFunc(slices.Clone(r.Nodes), func(n Node) bool { return !n.ExistsOn(b.day) })
	deep := slices.ContainsFunc(r.Nodes, func(n Node) bool { return n.Parent > 0 })
	if !a.kept || deep || len(nodes) > manyNodes {
		then, err := b.report()
		if err != nil {
			return nil, err
		}
		out.figures = make(map[uint64][]Figure, len(then.Nodes))
		for _, n := range then.Nodes {
			out.figures[n.ID] = n.Figures
		}
		return out, nil
	}
	var err error
	out.figures, err = b.at(nodes)
	return out, err
}

// Theirs counts, for each of the offers, who of an organisation and all below it has a seat, waits for one or was put forward: by the
// organisation at which they were when that was written.
func (s *Service) Theirs(ctx context.Context, o models.Organisation, offers []Offer) (map[uint64]int, error) {
	out := map[uint64]int{}
	if len(offers) == 0 {
		return out, nil
	}
	ids := make([]uint64, len(offers))
	for i, x := range offers {
		ids[i] = x.ID
	}
	var rows []struct {
		CourseID uint64
		N        int
	}
	below, args := access.Subtree("o.path", o.Path)
	err := s.DB.Read(ctx).Table("enrolments e").Joins("JOIN organisations o ON o.id = e.organisation_id").Where(below, args...).
		Where("e.course_id IN ? AND e.state IN ?", ids, []models.EnrolmentState{models.EnrolmentEnrolled, models.EnrolmentWaiting, models.EnrolmentNominated}).
		Select("e.course_id, COUNT(*) AS n").Group("e.course_id").Scan(&rows).Error
	for _, r := range rows {
		out[r.CourseID] = r.N
	}
	return out, err
}
