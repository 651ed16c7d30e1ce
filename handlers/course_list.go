package handlers

import (
	"math"
	"strconv"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/page"
	"taphuan/app/plan"
	"taphuan/app/workbook"
	"taphuan/models"
	"taphuan/views"
)

type courseFilter struct {
	Text  string             `form:"q" binding:"max=200"`
	State models.CourseState `form:"state" binding:"omitempty,oneof=draft open running closed cancelled"`
	Type  string             `form:"type" binding:"max=40"`
	Group string             `form:"group" binding:"max=40"`
	Year  int                `form:"year" binding:"min=0,max=9999"`
	Mine  bool               `form:"mine"`
	Of    string             `form:"of" binding:"max=40"` // code of the plan that courses belong to
	Sort  string             `form:"sort" binding:"max=20"`
	After string             `form:"after" binding:"max=2000"` // next of the page before
}

func (f courseFilter) filter(p *plan.Plan) course.Filter {
	out := course.Filter{Text: f.Text, State: f.State, Year: f.Year, Mine: f.Mine, TypeID: typeID(p, f.Type)}
	if g := p.GroupByCode(f.Group); g != nil {
		out.GroupID = g.ID
	}
	// Codes that the plan does not know find nothing; ignored, they would seem to have found everything.
	if f.Type != "" && out.TypeID == 0 {
		out.TypeID = nothing
	}
	if f.Group != "" && out.GroupID == 0 {
		out.GroupID = nothing
	}
	if f.Of == p.Code {
		out.PlanID = p.ID
	} else if f.Of != "" {
		out.PlanID = nothing
	}
	return out
}

// nothing is an id that nothing has.
const nothing = math.MaxInt64

func typeID(p *plan.Plan, code string) uint64 {
	for _, t := range p.CourseTypes {
		if t.Code == code {
			return t.ID
		}
	}
	return 0
}

type courseListData struct {
	*page.Page[course.Row]
	Form     courseFilter
	Types    []views.Option
	Groups   []views.Option
	Years    []views.Option
	Plans    []views.Option // where there are several
	MayWrite bool
	Filtered bool
}

// coursePlan reads the plan whose course types and groups narrow the list: the one that it is narrowed to, as far as it may be seen, else the one
// that the request means.
func (s *Server) coursePlan(c *Ctx, f courseFilter) (*plan.Plan, error) {
	for _, b := range c.plans {
		if b.Code == f.Of {
			return plan.OfID(c.Ctx(), s.DB.Read(c.Ctx()), b.ID)
		}
	}
	return plan.Current(c.Ctx(), s.DB.Read(c.Ctx()), c.Today())
}

// courseList lists the courses in the actor's scope; mine=1 those in which the actor works.
func (s *Server) courseList(c *Ctx) error {
	var f courseFilter
	if err := c.BindForm(&f); err != nil {
		return err
	}
	p, err := s.coursePlan(c, f)
	if err != nil {
		return err
	}
	l, err := s.course.List(c.Ctx(), c.Actor, f.filter(p), page.Ask{Sort: f.Sort, After: f.After, Before: c.Query("before")})
	if err != nil {
		return err
	}
	d := courseListData{Page: l, Form: f, MayWrite: c.Actor.May(access.CourseWrite),
		Filtered: f.Text != "" || f.State != "" || f.Type != "" || f.Group != "" || f.Year != 0 || f.Of != "", Plans: c.planChoice()}
	for _, t := range p.CourseTypes {
		d.Types = append(d.Types, views.Option{Value: t.Code, Label: t.Name(c.Lang)})
	}
	for _, g := range p.Groups {
		d.Groups = append(d.Groups, views.Option{Value: g.Code, Label: g.Short(c.Lang)})
	}
	for y := max(c.Today().Year()+1, p.FromDay.Year()); y >= p.FromDay.Year(); y-- {
		d.Years = append(d.Years, views.Option{Value: y, Label: strconv.Itoa(y)})
	}
	return c.Page("course/list", d)
}

// courseSheet gives the list of courses as a workbook: all that the filter finds, or the ticked ones.
func (s *Server) courseSheet(c *Ctx) error {
	var f struct {
		courseFilter
		selection
	}
	if err := c.BindForm(&f); err != nil {
		return err
	}
	p, err := s.coursePlan(c, f.courseFilter)
	if err != nil {
		return err
	}
	filter := f.filter(p)
	if filter.IDs, err = f.chosen(); err != nil {
		return err
	}
	sheet := workbook.Sheet{Name: c.T("course.title"), Title: c.T("course.title"), Columns: []workbook.Column{{Head: c.T("course.code"), Kind: workbook.Code}, {Head: c.T("course.name"), Width: 50}, {Head: c.T("course.type"), Width: 22}, {Head: c.T("course.host"), Width: 40},
		{Head: c.T("course.from_day"), Kind: workbook.Day}, {Head: c.T("course.to_day"), Kind: workbook.Day}, {Head: c.T("course.state"), Width: 16}, {Head: c.T("course.capacity"), Kind: workbook.Number}, {Head: c.T("course.enrolled"), Kind: workbook.Number}, {Head: c.T("course.waiting"), Kind: workbook.Number}, {Head: c.T("course.completed"), Kind: workbook.Number}}}
	return c.Sheet("lop", sheet, func(row workbook.Row) error {
		return s.course.Each(c.Ctx(), c.Actor, filter, f.Sort, func(rows []course.Row) error {
			for _, r := range rows {
				if err := row(r.Code, r.Title, r.TypeName(c.Lang), r.Host, r.FirstDay, r.LastDay, c.T("course.states."+string(r.State)), r.Capacity, r.Counts.Enrolled, r.Counts.Waiting, r.Counts.Completed); err != nil {
					return err
				}
			}
			return nil
		})
	})
}
