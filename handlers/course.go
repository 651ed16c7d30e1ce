package handlers

import (
	"strconv"
	"strings"

	"taphuan/app/access"
	"taphuan/app/attendance"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/app/trainer"
	"taphuan/models"
	"taphuan/views"
)

func coursePath(id uint64) string { return "/courses/" + strconv.FormatUint(id, 10) }

// courseAndPlan reads the course of the path with its plan, for those who may change it.
func (s *Server) courseAndPlan(c *Ctx) (*course.Detail, *plan.Plan, error) {
	id, err := c.ID("id")
	if err != nil {
		return nil, nil, err
	}
	d, err := s.course.Get(c.Ctx(), c.Actor, access.CourseWrite, id)
	if err != nil {
		return nil, nil, err
	}
	c.ofPlan(d.PlanID)
	p, err := plan.OfID(c.Ctx(), s.DB.Read(c.Ctx()), d.PlanID)
	return d, p, err
}

// courseCan is what the actor may do beside looking.
type courseCan struct {
	Write, Enrolments, Invitations, Enrol, Nominate, Attendance, Certificates, Feedback bool
}

func (c *Ctx) courseCan() courseCan {
	return courseCan{Write: c.Actor.May(access.CourseWrite), Enrolments: c.Actor.May(access.EnrolmentRead), Enrol: c.Actor.May(access.EnrolmentWrite), Invitations: c.Actor.May(access.NominationRead),
		Nominate:   c.Actor.May(access.Nominate) && !c.Actor.May(access.EnrolmentWrite),
		Attendance: c.Actor.May(access.AttendanceWrite), Certificates: c.Actor.May(access.CertificateIssue), Feedback: c.Actor.May(access.TrainerRead)}
}

type courseData struct {
	*course.Detail
	Can     courseCan
	Brings  string
	Score   *float64 // least, in points
	Staff   []course.StaffRow
	Choices []views.Option // staff who could join
	Chosen  string
	Today   *course.SessionRow // today's next session
	NotYet  string
	Clashes int
	Life    []string // done, current, todo for each state of an ordinary life; nil where it was cancelled
	Topics  []topicChoice
	Waits   attendance.Waits // for those who may change the course
	Opinion *trainer.Opinion // what those who attended say; nil: not for the actor, or there is nothing to say yet
	Signed  map[uint64]int   // signed sheets, by session
}

func (s *Server) courseData(c *Ctx) (courseData, error) {
	var out courseData
	id, err := c.ID("id")
	if err != nil {
		return out, err
	}
	d, err := s.course.Get(c.Ctx(), c.Actor, access.CourseRead, id)
	if err != nil {
		return out, err
	}
	c.ofPlan(d.PlanID)
	out = courseData{Detail: d, Can: c.courseCan(), Staff: d.Staff}
	if out.Can.Write {
		if out.Waits, err = s.attendance.Waits(c.Ctx(), id); err != nil {
			return out, err
		}
	}
	p, err := plan.OfID(c.Ctx(), s.DB.Read(c.Ctx()), d.PlanID)
	if err != nil {
		return out, err
	}
	var brings []string
	for _, k := range p.Components {
		for _, x := range d.Components {
			if x == k.Component {
				brings = append(brings, k.Name(c.Lang))
			}
		}
	}
	out.Brings = strings.Join(brings, " · ")
	for _, t := range d.Topics {
		out.Topics = append(out.Topics, topicChoice{Code: t.Code, Name: t.Name(c.Lang), Part: t.ParentID != nil})
	}
	out.Score = points(d.MinScoreTenths)
	if d.NotYet != nil && out.Can.Write {
		out.NotYet = c.message(d.NotYet.Code, d.NotYet.Params)
	}
	now := s.DB.Time()
	for i, x := range d.Sessions {
		out.Clashes += len(x.Clashes)
		if out.Today == nil && !x.Cancelled && x.Day == c.Today() && now.Before(x.Ends()) {
			out.Today = &d.Sessions[i]
		}
	}
	out.Life = life(d.State)
	if out.Can.Attendance {
		signed, err := s.attendance.SignedSheets(c.Ctx(), c.Actor, d.ID)
		if err != nil && !errs.Is(err, "not_found") { // a trainer's time with the course may be over
			return out, err
		}
		out.Signed = map[uint64]int{}
		for _, x := range signed {
			out.Signed[x.SessionID]++
		}
	}
	if out.Can.Feedback && d.Counts.Imported == 0 && (d.State == models.CourseRunning || d.State == models.CourseClosed) {
		if out.Opinion, err = s.trainer.OfCourse(c.Ctx(), d.ID); err != nil {
			return out, err
		}
	}
	if out.Can.Write && d.Changeable() {
		if out.Choices, err = s.staffOptions(c, d.ID, d.Staff); err != nil {
			return out, err
		}
	}
	return out, nil
}

// life lays out where a course stands; a cancelled one has left the way.
func life(state models.CourseState) []string {
	switch state {
	case models.CourseDraft:
		return []string{"current", "todo", "todo", "todo"}
	case models.CourseOpen:
		return []string{"done", "current", "todo", "todo"}
	case models.CourseRunning:
		return []string{"done", "done", "current", "todo"}
	case models.CourseClosed:
		return []string{"done", "done", "done", "done"}
	}
	return nil
}

// courseShow is a course's page: facts, steps, sessions with clashes, staff, how many take part.
func (s *Server) courseShow(c *Ctx) error {
	d, err := s.courseData(c)
	if err != nil {
		return err
	}
	return c.Page("course/show", d)
}

// courseOpen, courseStart: the steps that need no page of their own.
func (s *Server) courseOpen(c *Ctx) error {
	return s.courseAct(c, "course.opened", func(id uint64) error { return s.course.Open(c.Ctx(), c.Actor, id) })
}

func (s *Server) courseStart(c *Ctx) error {
	return s.courseAct(c, "course.started", func(id uint64) error { return s.course.Start(c.Ctx(), c.Actor, id) })
}

// courseAct does one thing to a course and shows its page again, with the refusal if there was one.
func (s *Server) courseAct(c *Ctx, message string, do func(id uint64) error) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	if refusal := do(id); refusal != nil {
		d, err := s.courseData(c)
		if err != nil {
			return err
		}
		d.Chosen = c.PostForm("staff")
		return c.Invalid("course/show", d, refusal)
	}
	return c.Done(coursePath(id), message)
}

type cancelData struct {
	*course.Detail
	Reason string
}

// courseCancelPage asks for the reason of a cancellation.
func (s *Server) courseCancelPage(c *Ctx) error {
	d, _, err := s.courseAndPlan(c)
	if err != nil {
		return err
	}
	if !d.May(course.StepCancel) {
		return errs.Conflict("course_step")
	}
	return c.Page("course/cancel", cancelData{Detail: d})
}

// courseCancel cancels a course.
func (s *Server) courseCancel(c *Ctx) error {
	d, _, err := s.courseAndPlan(c)
	if err != nil {
		return err
	}
	reason := c.PostForm("reason")
	if err := s.course.Cancel(c.Ctx(), c.Actor, d.ID, reason); err != nil {
		return c.Invalid("course/cancel", cancelData{d, reason}, err)
	}
	return c.Done(coursePath(d.ID), "course.was_cancelled")
}
