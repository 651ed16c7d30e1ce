package handlers

import (
	"strconv"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/app/proposal"
	"taphuan/app/venue"
	"taphuan/app/workbook"
	"taphuan/models"
	"taphuan/views"
)

func proposalPath(id uint64) string { return "/proposals/" + strconv.FormatUint(id, 10) }

// proposalListData is the page of the latest proposals of a plan.
type proposalListData struct {
	Rows []proposal.Row
	plan *plan.Plan
}

// Groups names the groups that were asked for.
func (d proposalListData) Groups(lang string, a proposal.Ask) (names []string) {
	for _, code := range a.Groups {
		names = append(names, d.plan.GroupByCode(code).Short(lang))
	}
	return names
}

// proposalList lists the latest proposals.
func (s *Server) proposalList(c *Ctx) error {
	p, err := plan.Current(c.Ctx(), s.DB.Read(c.Ctx()), c.Today())
	if err != nil {
		return err
	}
	rows, err := s.proposal.List(c.Ctx(), c.Actor)
	if err != nil {
		return err
	}
	return c.Page("proposal/list", proposalListData{rows, p})
}

// proposalForm is what is asked, as a page sends it.
type proposalForm struct {
	Organisation string   `form:"organisation"`
	Groups       []string `form:"groups" binding:"max=100"`
	Type         string   `form:"course_type"`
	Host         string   `form:"host"`
	From         string   `form:"from"`
	Until        string   `form:"until"`
	Days         string   `form:"days"`
	Each         string   `form:"each"`
	Least        string   `form:"least"`
	Most         string   `form:"most"`
	AtOnce       string   `form:"at_once"`
	Attendance   string   `form:"attendance"`
	Rooms        []string `form:"rooms" binding:"max=500"`
}

func proposalFormOf(a proposal.Ask) proposalForm {
	f := proposalForm{Organisation: a.Organisation, Groups: a.Groups, Type: a.Type, Host: a.Host, From: a.From.String(), Until: a.Until.String(), Days: strconv.Itoa(a.Days), Each: strconv.Itoa(a.Each),
		Least: strconv.Itoa(a.Least), Most: strconv.Itoa(a.Most), AtOnce: strconv.Itoa(a.AtOnce), Attendance: strconv.Itoa(a.Attendance)}
	for _, id := range a.Rooms {
		f.Rooms = append(f.Rooms, decimal(id))
	}
	return f
}

// input reads the form; what cannot be read is refused at its field.
func (f proposalForm) input() (proposal.Ask, error) {
	var wrong errs.Fields
	day := func(field, typed string) (d models.Day) {
		if d.UnmarshalText([]byte(typed)) != nil {
			wrong.Add(field, "day")
		}
		return d
	}
	a := proposal.Ask{Organisation: f.Organisation, Groups: f.Groups, Type: f.Type, Host: f.Host, From: day("from", f.From), Until: day("until", f.Until), Days: number(&wrong, "days", f.Days),
		Each: number(&wrong, "each", f.Each), Least: number(&wrong, "least", f.Least), Most: number(&wrong, "most", f.Most), AtOnce: number(&wrong, "at_once", f.AtOnce), Attendance: number(&wrong, "attendance", f.Attendance)}
	for _, id := range f.Rooms {
		a.Rooms = append(a.Rooms, choice(&wrong, "rooms", id))
	}
	return a, wrong.Err()
}

type proposalFormData struct {
	Form                         proposalForm
	Organisations, Groups, Types []views.Option
	Hosts, Rooms                 []views.Option
	First, Last                  models.Day
}

func (s *Server) proposalFormData(c *Ctx, p *plan.Plan, f proposalForm) (proposalFormData, error) {
	d := proposalFormData{Form: f, First: max(c.Today().AddDays(1), p.FromDay), Last: p.ToDay.AddDays(-1)}
	for _, g := range p.Groups {
		d.Groups = append(d.Groups, views.Option{Value: g.Code, Label: g.Name(c.Lang), Hint: c.T("proposal.target", "percent", g.TargetPercent)})
	}
	for _, t := range p.CourseTypes {
		if len(p.TypeComponents[t.ID]) == len(p.Components) {
			d.Types = append(d.Types, views.Option{Value: t.Code, Label: t.Name(c.Lang)})
		} else {
			d.Types = append(d.Types, views.Option{Value: t.Code, Label: t.Name(c.Lang), Hint: c.T("proposal.type_part")})
		}
	}
	orgs, err := s.roster.Organisations(c.Ctx(), c.Actor, access.RosterRead, c.Today())
	if err != nil {
		return d, err
	}
	for _, o := range orgs {
		x := views.Option{Value: o.Code, Label: o.Name, Depth: o.Depth}
		d.Organisations, d.Hosts = append(d.Organisations, x), append(d.Hosts, x)
	}
	venues, err := s.venue.List(c.Ctx(), venue.Filter{})
	for _, v := range venues {
		for _, r := range v.Rooms {
			hint := c.T("proposal.seats", "n", r.Capacity)
			if place := v.Place(); place != "" {
				hint += " · " + place
			}
			d.Rooms = append(d.Rooms, views.Option{Value: decimal(r.ID), Label: r.Name + ", " + v.Name, Hint: hint})
		}
	}
	return d, err
}

// proposalNew shows the form: of an earlier proposal, or of what is asked most.
func (s *Server) proposalNew(c *Ctx) error {
	p, err := plan.Current(c.Ctx(), s.DB.Read(c.Ctx()), c.Today())
	if err != nil {
		return err
	}
	d, err := s.proposalFormData(c, p, proposalForm{})
	if err != nil {
		return err
	}
	a := proposal.Default(p, c.Today(), nil)
	id, err := c.queryID("from")
	if err != nil {
		return err
	}
	if id != 0 {
		k, err := s.proposal.Get(c.Ctx(), c.Actor, id)
		if err != nil {
			return err
		}
		from := a.From
		if a = k.Ask; a.From < from {
			a.From = from
		}
		d.Form = proposalFormOf(a)
	} else {
		d.Form = proposalFormOf(a)
		for _, r := range d.Rooms {
			d.Form.Rooms = append(d.Form.Rooms, r.Value.(string))
		}
		if d.Form.Host, err = s.leadToday(c, p); err != nil {
			return err
		}
	}
	if org := c.Query("org"); org != "" {
		d.Form.Organisation = org
	}
	if group := c.Query("group"); p.GroupByCode(group) != nil {
		d.Form.Groups = []string{group}
	}
	return c.Page("proposal/new", d)
}

// leadToday is the organisation that leads the plan, or the first of those that follow it and exist today; "" where there is none.
func (s *Server) leadToday(c *Ctx, p *plan.Plan) (string, error) {
	if p.LeadID == nil {
		return "", nil
	}
	var lead models.Organisation
	if err := s.DB.Read(c.Ctx()).Take(&lead, *p.LeadID).Error; err != nil || lead.ExistsOn(c.Today()) {
		return lead.Code, err
	}
	codes, err := s.roster.SuccessorCodes(c.Ctx(), lead.ID)
	if len(codes) == 0 {
		return "", err
	}
	return codes[len(codes)-1], err
}

// proposalCreate works a proposal out and keeps it.
func (s *Server) proposalCreate(c *Ctx) error {
	p, err := plan.Current(c.Ctx(), s.DB.Read(c.Ctx()), c.Today())
	if err != nil {
		return err
	}
	var f proposalForm
	var a proposal.Ask
	var id uint64
	refusal := c.BindForm(&f)
	if refusal == nil {
		a, refusal = f.input()
	}
	if refusal == nil {
		id, refusal = s.proposal.Propose(c.Ctx(), c.Actor, a)
	}
	if refusal != nil {
		d, err := s.proposalFormData(c, p, f)
		if err != nil {
			return err
		}
		return c.Invalid("proposal/new", d, refusal)
	}
	return c.Done(proposalPath(id), "")
}

type proposalColumn struct {
	proposal.Option
	Above   int // percent at most above the best possible; -1 where no percentage says it
	Reaches []reach
	Href    string
}

// Over is how many person-kilometres the option is at most above the best possible.
func (o proposalColumn) Over() int { return o.Km - o.Bound }

// FewestDays is how many days of training cannot be gone below.
func (o proposalColumn) FewestDays() int { return o.Fewest * o.Days() / max(len(o.Classes), 1) }

type proposalData struct {
	*proposal.Kept
	Groups       []models.TargetGroup // asked for
	Type         models.CourseType
	Options      []proposalColumn
	Chosen       int
	Short        map[string]string // names of groups
	Refused      []refusedPerson
	Resting      [][]proposal.Person // of each group, who is on leave
	Factor       float64
	Unknown      int
	Address      string
	MaySeeCadres bool
}

// CancelledCourses is how many of the drafts that were made are cancelled.
func (d proposalData) CancelledCourses() (n int) {
	for _, c := range d.Courses {
		if c.State == models.CourseCancelled {
			n++
		}
	}
	return n
}

// MayMake says whether drafts can be made of it.
func (d proposalData) MayMake() bool { return d.Made == nil || d.Cancelled }

// Option is the one that is shown.
func (d proposalData) Option() proposalColumn { return d.Options[d.Chosen] }

type refusedPerson struct {
	ID        uint64
	Name, Why string
}

func (s *Server) proposalData(c *Ctx) (*proposalData, error) {
	id, err := c.ID("id")
	if err != nil {
		return nil, err
	}
	k, err := s.proposal.Get(c.Ctx(), c.Actor, id)
	if err != nil {
		return nil, err
	}
	c.ofPlan(k.PlanID)
	d := &proposalData{Kept: k, Short: map[string]string{}, Factor: proposal.RoadFactor, Unknown: proposal.UnknownKm, Address: proposalPath(id), MaySeeCadres: c.Actor.May(access.RosterRead)}
	for _, g := range k.Found.Goals {
		group := k.Plan.GroupByCode(g.Group)
		d.Groups = append(d.Groups, *group)
		d.Short[g.Group] = group.Short(c.Lang)
	}
	for _, t := range k.Plan.CourseTypes {
		if t.Code == k.Ask.Type {
			d.Type = t
		}
	}
	aim := proposal.Aim(c.Request.FormValue("option"))
	if aim == "" && k.Made != nil && !k.Cancelled {
		aim = k.Made.Aim
	}
	if _, err := k.Option(aim); err != nil {
		return nil, err
	}
	for i, o := range k.Found.Options {
		x := proposalColumn{Option: o, Above: above(o), Href: d.Address + "?option=" + string(o.Aim)}
		for j, g := range k.Found.Goals {
			x.Reaches = append(x.Reaches, newReach(c, k, g, k.Found.Outcome(k.Ask, j, o)))
		}
		if o.Aim == aim {
			d.Chosen = i
		}
		d.Options = append(d.Options, x)
	}
	if d.Resting, err = s.proposal.Resting(c.Ctx(), k); err != nil {
		return nil, err
	}
	return d, s.proposalRefused(c, d)
}

// above is how many percent an option is at most above the best possible; -1 where the bound is 0 and the option is not.
func above(o proposal.Option) int {
	switch {
	case o.Km == o.Bound:
		return 0
	case o.Bound == 0:
		return -1
	}
	return ((o.Km-o.Bound)*100 + o.Bound - 1) / o.Bound
}

// proposalRefused names those who could not be put forward.
func (s *Server) proposalRefused(c *Ctx, d *proposalData) error {
	if d.Made == nil || d.Cancelled || len(d.Made.Refused) == 0 {
		return nil
	}
	var ids []uint64
	for _, r := range d.Made.Refused {
		ids = append(ids, r.CadreID)
	}
	names, err := s.proposal.Names(c.Ctx(), ids)
	for _, r := range d.Made.Refused {
		d.Refused = append(d.Refused, refusedPerson{r.CadreID, names[r.CadreID], c.T("proposal.why." + r.Code)})
	}
	return err
}

// proposalShow compares the options and shows one of them.
func (s *Server) proposalShow(c *Ctx) error {
	d, err := s.proposalData(c)
	if err != nil {
		return err
	}
	return c.Page("proposal/show", d)
}

// proposalMake turns an option into drafts with nominations.
func (s *Server) proposalMake(c *Ctx) error {
	d, err := s.proposalData(c)
	if err != nil {
		return err
	}
	if refusal := s.proposal.Make(c.Ctx(), c.Actor, d.ID, proposal.Aim(c.PostForm("option"))); refusal != nil {
		again, err := s.proposalData(c)
		if err != nil {
			return err
		}
		return c.Invalid("proposal/show", again, refusal)
	}
	return c.Done(d.Address, "proposal.made")
}

// proposalSheet gives an option as a workbook: a row for each who is invited, by class.
func (s *Server) proposalSheet(c *Ctx) error {
	d, err := s.proposalData(c)
	if err != nil {
		return err
	}
	o := d.Option().Option
	people, err := s.proposal.People(c.Ctx(), d.Kept, &o)
	if err != nil {
		return err
	}
	title := c.T("proposal.of", "name", d.Organisation.Name)
	sheet := workbook.Sheet{Name: c.T("proposal.aim." + string(o.Aim)), Title: title + " · " + c.T("proposal.aim."+string(o.Aim)), Columns: []workbook.Column{{Head: c.T("proposal.class"), Kind: workbook.Number}, {Head: c.T("proposal.first_day"), Kind: workbook.Day},
		{Head: c.T("proposal.last_day"), Kind: workbook.Day}, {Head: c.T("proposal.place"), Width: 44}, {Head: c.T("proposal.room"), Width: 24}, {Head: c.T("proposal.area"), Width: 24}, {Head: c.T("proposal.person"), Width: 28},
		{Head: c.T("proposal.born"), Kind: workbook.Code}, {Head: c.T("proposal.title_of"), Width: 28}, {Head: c.T("proposal.office"), Width: 50}}}
	return c.Sheet("de-xuat-mo-lop-"+decimal(d.ID), sheet, func(row workbook.Row) error {
		for i, class := range o.Classes {
			var first, last models.Day
			if n := len(class.Days); n > 0 {
				first, last = class.Days[0], class.Days[n-1]
			}
			for _, x := range people[i] {
				born := ""
				if x.BirthYear > 0 {
					born = strconv.Itoa(x.BirthYear)
				}
				if err := row(i+1, first, last, class.Place, class.Name, class.Area, x.Name, born, x.Title, x.Organisation); err != nil {
					return err
				}
			}
		}
		return nil
	})
}
