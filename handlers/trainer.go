package handlers

import (
	"cmp"
	"strconv"
	"strings"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/app/trainer"
	"taphuan/app/workbook"
	"taphuan/models/viet"
	"taphuan/views"
)

type trainerFilter struct {
	Text  string `form:"q" binding:"max=200"`
	Topic string `form:"topic" binding:"max=40"`
	sorting
}

type trainerListData struct {
	shortList[trainer.Row]
	Filter trainerFilter
	Topics []views.Option
	Year   int
}

// trainerList lists who teaches, with expertise, this year's load and ratings.
func (s *Server) trainerList(c *Ctx) error {
	f, p, rows, err := s.trainerRows(c)
	if err != nil {
		return err
	}
	return c.Page("trainer/list", trainerListData{shortList[trainer.Row]{rows}, f, topicOptions(c, p), c.Today().Year()})
}

var trainerColumns = columns[trainer.Row]{
	"held":    func(a, b trainer.Row) int { return cmp.Compare(a.Load.HeldMinutes, b.Load.HeldMinutes) },
	"name":    func(a, b trainer.Row) int { return cmp.Compare(viet.SortKey(a.Name), viet.SortKey(b.Name)) },
	"planned": func(a, b trainer.Row) int { return cmp.Compare(a.Load.PlannedMinutes, b.Load.PlannedMinutes) },
	"rating":  func(a, b trainer.Row) int { return cmp.Compare(a.Rating.Average, b.Rating.Average) },
}

func (s *Server) trainerRows(c *Ctx) (f trainerFilter, p *plan.Plan, rows []trainer.Row, err error) {
	if err := c.BindForm(&f); err != nil {
		return f, nil, nil, err
	}
	if p, err = plan.Current(c.Ctx(), s.DB.Read(c.Ctx()), c.Today()); err != nil {
		return f, nil, nil, err
	}
	filter := trainer.Filter{Text: f.Text, TopicID: topicID(p, f.Topic)}
	if f.Topic != "" && filter.TopicID == 0 {
		filter.TopicID = nothing
	}
	rows, err = s.trainer.List(c.Ctx(), filter)
	trainerColumns.sort(rows, f.sorting)
	return f, p, rows, err
}

// trainerSheet gives the list of trainers as a workbook.
func (s *Server) trainerSheet(c *Ctx) error {
	_, _, rows, err := s.trainerRows(c)
	if err != nil {
		return err
	}
	sheet := workbook.Sheet{Name: c.T("nav.trainers"), Title: c.T("trainer.title"), Columns: []workbook.Column{{Head: c.T("trainer.name")}, {Head: c.T("trainer.body"), Width: 40}, {Head: c.T("trainer.expertise"), Kind: workbook.Code, Width: 30},
		{Head: c.T("trainer.held_in", "year", c.Today().Year()), Kind: workbook.Number}, {Head: c.T("trainer.planned"), Kind: workbook.Number}, {Head: c.T("trainer.rating"), Kind: workbook.Number}}}
	return c.Sheet("giang-vien", sheet, func(row workbook.Row) error {
		for _, r := range rows {
			topics := make([]string, len(r.Topics))
			for i, t := range r.Topics {
				topics[i] = t.Code
			}
			var rating any
			if r.Rating.N > 0 {
				rating = r.Rating.Points()
			}
			if err := row(r.Name, r.From(), strings.Join(topics, ", "), r.Load.Held, r.Load.Planned, rating); err != nil {
				return err
			}
		}
		return nil
	})
}

func topicOptions(c *Ctx, p *plan.Plan) []views.Option {
	var out []views.Option
	for _, t := range p.Topics {
		o := views.Option{Value: t.Code, Label: t.Code + ". " + t.Name(c.Lang)}
		if t.ParentID != nil {
			o.Depth = 1
		}
		out = append(out, o)
	}
	return out
}

type trainerData struct {
	*trainer.Row
	Own      bool // the trainer's own page
	Year     int
	Coming   []trainer.Lesson
	Opinions []trainer.Opinion
	Least    int // answers before the trainer sees any
}

// trainerData reads what a trainer's page shows.
func (s *Server) trainerData(c *Ctx, id uint64, own bool) (d trainerData, err error) {
	d = trainerData{Own: own, Year: c.Today().Year(), Least: trainer.LeastShown}
	if d.Row, err = s.trainer.Get(c.Ctx(), id); err != nil {
		return d, err
	}
	if d.Coming, err = s.trainer.Coming(c.Ctx(), id); err != nil {
		return d, err
	}
	d.Opinions, err = s.trainer.OfTrainer(c.Ctx(), id)
	return d, err
}

// trainerShow is a trainer's page for those who keep courses.
func (s *Server) trainerShow(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	d, err := s.trainerData(c, id, false)
	if err != nil {
		return err
	}
	return c.Page("trainer/show", d)
}

// ownTeaching is a trainer's own page: lessons to come, load, what is said of one's courses. Whoever does not teach has none of it.
func (s *Server) ownTeaching(c *Ctx) error {
	d, err := s.trainerData(c, c.Actor.AccountID, true)
	if errs.Is(err, "not_found") {
		return c.Page("trainer/show", trainerData{Row: &trainer.Row{Name: c.Actor.Name}, Own: true, Year: c.Today().Year(), Least: trainer.LeastShown})
	}
	if err != nil {
		return err
	}
	return c.Page("trainer/show", d)
}

// ownTeachingFile gives a trainer the lessons to come as a calendar file.
func (s *Server) ownTeachingFile(c *Ctx) error {
	b, err := s.trainer.Calendar(c.Ctx(), c.Actor.AccountID)
	if err != nil {
		return err
	}
	return c.Bytes(calendarType, "lich-giang.ics", b)
}

type trainerForm struct {
	Body    string   `form:"body"`
	Bio     string   `form:"bio"`
	Topics  []string `form:"topics" binding:"max=100"`
	Version int      `form:"version"`
}

type trainerFormData struct {
	*trainer.Row
	Own    bool
	Back   string
	Action string
	Form   trainerForm
	Topics []views.Option
}

func (s *Server) trainerFormData(c *Ctx, id uint64, own bool) (trainerFormData, *plan.Plan, error) {
	d := trainerFormData{Own: own, Back: "/my/teaching", Action: "/my/teaching/profile"}
	if !own {
		d.Back = "/trainers/" + strconv.FormatUint(id, 10)
		d.Action = d.Back
	}
	p, err := plan.Current(c.Ctx(), s.DB.Read(c.Ctx()), c.Today())
	if err != nil {
		return d, nil, err
	}
	if d.Row, err = s.trainer.Get(c.Ctx(), id); err != nil {
		return d, nil, err
	}
	d.Topics = topicOptions(c, p)
	d.Form = trainerForm{Body: d.Row.Body, Bio: d.Row.Bio, Version: d.Row.Version}
	for _, t := range d.Row.Topics {
		d.Form.Topics = append(d.Form.Topics, t.Code)
	}
	return d, p, nil
}

// trainerEdit shows the form of a trainer's profile.
func (s *Server) trainerEdit(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	d, _, err := s.trainerFormData(c, id, false)
	if err != nil {
		return err
	}
	return c.Page("trainer/form", d)
}

// ownProfile shows trainers the form of their own profile.
func (s *Server) ownProfile(c *Ctx) error {
	d, _, err := s.trainerFormData(c, c.Actor.AccountID, true)
	if errs.Is(err, "not_found") { // an administrator who does not teach
		c.Redirect(303, "/my/teaching")
		return nil
	}
	if err != nil {
		return err
	}
	return c.Page("trainer/form", d)
}

func (s *Server) trainerSave(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	return s.profileSave(c, id, false)
}

func (s *Server) ownProfileSave(c *Ctx) error { return s.profileSave(c, c.Actor.AccountID, true) }

// profileSave writes what is said of a trainer.
func (s *Server) profileSave(c *Ctx, id uint64, own bool) error {
	d, p, err := s.trainerFormData(c, id, own)
	if own && errs.Is(err, "not_found") {
		return errs.Conflict("trainer_none")
	}
	if err != nil {
		return err
	}
	d.Form = trainerForm{}
	refusal := c.BindForm(&d.Form)
	if refusal == nil {
		in := trainer.Input{Body: d.Form.Body, Bio: d.Form.Bio, Version: d.Form.Version}
		for _, code := range d.Form.Topics {
			in.TopicIDs = append(in.TopicIDs, topicID(p, code)) // 0, which the service refuses, for what there is not
		}
		refusal = s.trainer.Save(c.Ctx(), c.Actor, id, in)
	}
	if refusal != nil {
		return c.Invalid("trainer/form", d, refusal)
	}
	return c.Done(d.Back, "trainer.saved")
}

// feedbackShow shows those who keep courses what was said of one, without names.
func (s *Server) feedbackShow(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	d, err := s.course.Get(c.Ctx(), c.Actor, access.CourseRead, id)
	if err != nil {
		return err
	}
	o, err := s.trainer.OfCourse(c.Ctx(), d.ID)
	if err != nil {
		return err
	}
	return c.Page("feedback/show", o)
}

type feedbackForm struct {
	Content      string `form:"content"`
	Organisation string `form:"organisation"`
	Comment      string `form:"comment"`
}

type feedbackData struct {
	*trainer.Form
	Said  feedbackForm
	Scale []views.Option
	Rates map[uint64]string // as typed, by trainer
	Days  int
}

func (s *Server) feedbackData(c *Ctx) (feedbackData, error) {
	id, err := c.ID("id")
	if err != nil {
		return feedbackData{}, err
	}
	f, err := s.trainer.FormOf(c.Ctx(), c.Actor, id)
	if err != nil {
		return feedbackData{}, err
	}
	d := feedbackData{Form: f, Rates: map[uint64]string{}, Days: trainer.OpenDays}
	for n := 5; n >= 1; n-- {
		d.Scale = append(d.Scale, views.Option{Value: n, Label: c.T("trainer.scale." + strconv.Itoa(n))})
	}
	return d, nil
}

// feedbackForm asks a cadre who attended what they say of a course.
func (s *Server) feedbackForm(c *Ctx) error {
	d, err := s.feedbackData(c)
	if err != nil {
		return err
	}
	return c.Page("feedback/form", d)
}

// feedbackSave records what a cadre says of a course and its trainers.
func (s *Server) feedbackSave(c *Ctx) error {
	d, err := s.feedbackData(c)
	if err != nil {
		return err
	}
	refusal := c.BindForm(&d.Said)
	if refusal == nil {
		in := trainer.FeedbackInput{Content: grade(d.Said.Content), Organisation: grade(d.Said.Organisation), Comment: d.Said.Comment, Trainers: map[uint64]int{}}
		for _, t := range d.Trainers {
			typed := c.PostForm("trainer-" + strconv.FormatUint(t.AccountID, 10))
			if d.Rates[t.AccountID] = typed; typed != "" {
				in.Trainers[t.AccountID] = grade(typed)
			}
		}
		refusal = s.trainer.Say(c.Ctx(), c.Actor, d.CourseID, in)
	}
	if refusal != nil {
		return c.Invalid("feedback/form", d, refusal)
	}
	return c.Done("/my/courses", "trainer.thanks")
}

// grade reads a grade; -1 is none.
func grade(typed string) int {
	n, err := strconv.Atoi(typed)
	if err != nil {
		return -1
	}
	return n
}
