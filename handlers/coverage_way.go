package handlers

import (
	"slices"
	"strconv"
	"sync"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/plan"
	"taphuan/models"
)

// groupWay is what is being done about those of a group who are missing, and the way to a course for those with no place in any.
type groupWay struct {
	coverage.Way
	Group   coverageGroup
	Unnamed int // missing and on no list
	Offer   *missingOffer
	Courses bool // the reader may look for a course, and none has a free place
}

// wayCourses is how many courses a sentence names.
const wayCourses = 4

// Shown are the places that the sentence names.
func (w groupWay) Shown() []coverage.Arranged { return w.Arranged[:min(len(w.Arranged), wayCourses)] }

// Unlisted leads to the organisations that declare more than they list.
func (w groupWay) Unlisted() string { return w.Group.Part(coverage.PartShort) }

// Rest is how many have their places in other courses.
func (w groupWay) Rest() int {
	n := 0
	for _, a := range w.Arranged[min(len(w.Arranged), wayCourses):] {
		n += a.N
	}
	return n
}

// offers are the courses to come, which are read when somebody asks for them, and once.
type offers func() ([]coverage.Offer, error)

func (s *Server) offers(c *Ctx, p *plan.Plan) offers {
	return sync.OnceValues(func() ([]coverage.Offer, error) { return s.coverage.Offers(c.Ctx(), c.Actor, p) })
}

// groupWays joins ways to the figures of their groups: one a group, nil where nobody is missing or nothing is known.
func groupWays(c *Ctx, r *coverage.Report, groups []coverageGroup, ways []coverage.Way, read offers) ([]*groupWay, error) {
	out := make([]*groupWay, len(groups))
	if ways == nil {
		return out, nil
	}
	may := c.Actor.May(access.EnrolmentWrite) || c.Actor.May(access.Nominate)
	var all []coverage.Offer
	if may && slices.ContainsFunc(ways, func(w coverage.Way) bool { return w.None > 0 }) {
		var err error
		if all, err = read(); err != nil {
			return nil, err
		}
	}
	for i, g := range groups {
		if g.Missing() == 0 {
			continue
		}
		w := &groupWay{Way: ways[i], Group: g, Unnamed: g.Missing() - ways[i].Named()}
		if w.None > 0 && may {
			w.Offer = offerFor(c, r, g, w.Lacking, all)
			w.Courses = w.Offer == nil
		}
		out[i] = w
	}
	return out, nil
}

// officeWays puts beside the figures of an office what is being done about those missing, where that was asked for and may be said.
func officeWays(c *Ctx, d *coverageData, ways []coverage.Way, read offers) error {
	shown, err := groupWays(c, d.Report, d.Groups, ways, read)
	for i, w := range shown {
		d.Groups[i].Way = w
	}
	return err
}

// offerFor gives the course with free places into which those of the group who lack the components are best put: the nearest that is aimed at
// the group, else the nearest.
func offerFor(c *Ctx, r *coverage.Report, g coverageGroup, lacking []models.Component, all []coverage.Offer) *missingOffer {
	path := "nominate"
	if c.Actor.May(access.EnrolmentWrite) {
		path = "enrolments/new"
	}
	for _, o := range coverage.OffersFor(all, g.ID, lacking) {
		if o.Free() == 0 || path == "nominate" && !o.TakesNominations(c.Today()) {
			continue
		}
		at := "/courses/" + strconv.FormatUint(o.ID, 10) + "/" + path
		return &missingOffer{o, at, coverageHref(at, "org", r.Top().Code, "group", g.Code, "lacking", "1"), slices.Contains(o.Groups, g.ID)}
	}
	return nil
}
