package handlers

import (
	"net/http"
	"slices"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/coverage"
	"taphuan/app/home"
	"taphuan/app/page"
	"taphuan/app/quiz"
	"taphuan/models"
	"taphuan/views"
)

// homeData is the first page: a part for each thing that the actor's roles come for, nil where no role does.
type homeData struct {
	Today        models.Day
	Teaching     *home.Teaching
	Own          []homeOwn
	SoonDays     int  // of who stops being covered soon
	Head         bool // heads an organisation that has figures or not
	Learning     []home.Session
	Quizzes      []quiz.Own // that the cadre can take now
	Cadre        bool
	Certificates []certificate.Row
	Province     *homeProvince
	Nominations  []home.Nomination
	Names        int  // corrections of names that wait for a decision
	Decides      bool // the nominations wait for this actor
}

// Nominated is how many people wait in the nominations that the page shows.
func (d homeData) Nominated() int {
	n := 0
	for _, x := range d.Nominations {
		n += x.N
	}
	return n
}

// homeOwn is an organisation that the actor heads.
type homeOwn struct {
	coverage.Own
	Groups []homeGroup
}

// HasFigures says whether there is anything to show of any group.
func (o homeOwn) HasFigures() bool {
	return slices.ContainsFunc(o.Groups, func(g homeGroup) bool { return g.Denominator > 0 || g.Unreported > 0 })
}

// homeGroup is a group with the first names of those missing.
type homeGroup struct {
	coverageGroup
	First []coverage.Person
	Way   *groupWay // what is being done about them
}

// Others is how many are missing by name beside those named here.
func (g homeGroup) Others() int {
	if g.Way != nil {
		return g.Way.Named() - len(g.First)
	}
	return g.Missing() - len(g.First)
}

// homeProvince is the province for those who run the plan.
type homeProvince struct {
	*coverage.Report
	*home.Desk
	Groups []coverageGroup
	Matrix []coverageRow
	Gaps   []homeGap
	Twins  int64 // pairs of records that wait for a review
}

// homeGap is an organisation and a group in which many are missing.
type homeGap struct {
	coverageGroup
	Organisation models.Organisation
}

// home is the first page: what each of the actor's roles comes for daily, side by side.
func (s *Server) home(c *Ctx) error {
	d := homeData{Today: c.Today()}
	steps := []func(*Ctx, *homeData) error{s.homeTeaching, s.homeCoverage, s.homeNames, s.homeCadre}
	for _, step := range steps {
		if err := step(c, &d); err != nil {
			return err
		}
	}
	// What only teaches has nothing on this page that a lost phone should not show.
	c.keep = d.Teaching != nil && !c.Actor.May(access.CoverageRead)
	return c.Page("home/show", d)
}

func (s *Server) homeTeaching(c *Ctx, d *homeData) (err error) {
	if c.inField() {
		d.Teaching, err = s.homes.Teaching(c.Ctx(), c.Actor)
	}
	return err
}

// homeNames counts the corrections of names that wait for the actor's decision.
func (s *Server) homeNames(c *Ctx, d *homeData) (err error) {
	if c.Actor.May(access.RosterWrite) {
		d.Names, err = s.names.Waiting(c.Ctx(), c.Actor)
	}
	return err
}

func (s *Server) homeCoverage(c *Ctx, d *homeData) error {
	if !c.Actor.May(access.CoverageRead) {
		return nil
	}
	h, err := s.coverage.Home(c.Ctx(), c.Actor)
	if err != nil {
		return err
	}
	d.Head, d.SoonDays = h.Province == nil, coverage.Soon
	var read offers
	for i, own := range h.Own {
		if i == 0 {
			read = s.offers(c, own.Report.Plan) // which all have
		}
		o := homeOwn{Own: own}
		groups := coverageGroups(c.Lang, own.Report, own.Top())
		ways, err := groupWays(c, own.Report, groups, own.Ways, read)
		if err != nil {
			return err
		}
		for i, g := range groups {
			o.Groups = append(o.Groups, homeGroup{g, own.First[i], ways[i]})
		}
		d.Own = append(d.Own, o)
	}
	if c.Actor.May(access.EnrolmentRead) {
		if d.Nominations, err = s.homes.Nominations(c.Ctx(), c.Actor); err != nil {
			return err
		}
		d.Decides = c.Actor.May(access.EnrolmentWrite)
	}
	if h.Province == nil {
		return nil
	}
	p := &homeProvince{Report: h.Province, Groups: coverageGroups(c.Lang, h.Province, h.Province.Top()), Matrix: coverageMatrix(c, h.Province, coverageFilter{}, nil)}
	for _, x := range h.Largest {
		p.Gaps = append(p.Gaps, homeGap{coverageGroups(c.Lang, h.Province, coverage.Node{Organisation: x.Organisation, Figures: x.Figures})[x.Group], x.Organisation})
	}
	d.Province = p
	if p.Desk, err = s.homes.Desk(c.Ctx(), c.Actor); err != nil {
		return err
	}
	p.Twins, err = s.identity.Open(c.Ctx(), c.Actor)
	return err
}

func (s *Server) homeCadre(c *Ctx, d *homeData) error {
	if !c.Actor.Has(models.RoleCadre) || c.Actor.CadreID == 0 {
		return nil
	}
	d.Cadre = true
	var err error
	if d.Learning, err = s.homes.Learning(c.Ctx(), c.Actor); err != nil {
		return err
	}
	if d.Quizzes, err = s.quiz.ToTake(c.Ctx(), c.Actor); err != nil {
		return err
	}
	l, err := s.certificate.List(c.Ctx(), c.Actor, access.OwnRead, certificate.Filter{}, page.Ask{})
	if err != nil {
		return err
	}
	for _, r := range l.Rows {
		if r.CadreID == c.Actor.CadreID && r.State == models.CertificateValid {
			d.Certificates = append(d.Certificates, r)
		}
	}
	return nil
}

// gallery shows every component in every state.
func (s *Server) gallery(c *Ctx) error {
	return c.render(http.StatusOK, "gallery/show", views.Gallery(c.page(nil)))
}
