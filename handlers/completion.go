package handlers

import (
	"slices"
	"strconv"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/history"
	"taphuan/models"
)

type completionData struct {
	*history.Completion
	Names   map[models.Component]string
	Voids   bool
	Typed   string // reason that was refused
	MayOpen bool   // the course's page
}

// Brings says what the completion brings, in words.
func (d completionData) Brings() string { return joinComponents(d.Components.List(), d.Names) }

func (s *Server) completionData(c *Ctx, id uint64) (completionData, error) {
	d := completionData{Voids: c.Actor.May(access.CompletionApprove), MayOpen: c.Actor.May(access.CourseRead)}
	var err error
	if d.Completion, err = s.history.Completion(c.Ctx(), c.Actor, id); err != nil {
		return d, err
	}
	d.Names, err = s.components(c)
	return d, err
}

// completionShow shows a completion with what it rests on; those who may void or restore it there.
func (s *Server) completionShow(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	d, err := s.completionData(c, id)
	if err != nil {
		return err
	}
	return c.Page("completion/show", d)
}

// cadreHistory is the part of a cadre's page that tells of training.
type cadreHistory struct {
	CadreID    uint64
	Rows       []history.Completion
	Waiting    []history.Row // proposed, and not decided
	Names      map[models.Component]string
	MayPropose bool
}

// Brings says what a completion brings, in words.
func (d cadreHistory) Brings(x history.Completion) string {
	return joinComponents(x.Components.List(), d.Names)
}

// cadreHistory is empty for those who may not see it.
func (s *Server) cadreHistory(c *Ctx, id uint64) (cadreHistory, error) {
	d := cadreHistory{CadreID: id, MayPropose: c.Actor.May(access.CompletionPropose)}
	if !d.MayPropose {
		return d, nil
	}
	var err error
	if d.Rows, err = s.history.OfCadre(c.Ctx(), c.Actor, id); err != nil {
		return d, err
	}
	l, err := s.history.Recognitions(c.Ctx(), c.Actor, history.Filter{State: models.RecognitionProposed, CadreID: id})
	if err != nil {
		return d, err
	}
	d.Waiting = l.Rows
	d.Names, err = s.components(c)
	return d, err
}

type completionListData struct {
	Course course.Detail
	Rows   []history.Completion
	Chosen []uint64
	Reason string
}

// IsChosen says whether the box of the row was ticked in the form that was refused.
func (d completionListData) IsChosen(id uint64) bool { return slices.Contains(d.Chosen, id) }

// Counted is how many of the completions are not void.
func (d completionListData) Counted() int {
	n := 0
	for _, r := range d.Rows {
		if r.VoidedAt == nil {
			n++
		}
	}
	return n
}

func (s *Server) completionListData(c *Ctx, id uint64) (completionListData, error) {
	var d completionListData
	x, err := s.course.Get(c.Ctx(), c.Actor, access.CompletionApprove, id)
	if err != nil {
		return d, err
	}
	d.Course = *x
	d.Rows, err = s.history.OfCourse(c.Ctx(), c.Actor, id)
	return d, err
}

// completionList shows who completed a course, and what was voided since.
func (s *Server) completionList(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	d, err := s.completionListData(c, id)
	if err != nil {
		return err
	}
	return c.Page("completion/list", d)
}

type completionForm struct {
	chosenForm
	CourseID uint64 `form:"course"` // whose list the form stands on; 0: the completion's own page
}

// completionVoid undoes the chosen completions from their own dates, with a reason.
func (s *Server) completionVoid(c *Ctx) error {
	return s.completionAct(c, "completion.voided_done", func(f completionForm) error { return s.history.Void(c.Ctx(), c.Actor, f.IDs, f.Reason) })
}

// completionRestore takes back the voiding of the chosen completions.
func (s *Server) completionRestore(c *Ctx) error {
	return s.completionAct(c, "completion.restored_done", func(f completionForm) error { return s.history.Restore(c.Ctx(), c.Actor, f.IDs) })
}

func (s *Server) completionAct(c *Ctx, message string, do func(completionForm) error) error {
	var f completionForm
	err := c.BindForm(&f)
	if err == nil {
		err = do(f)
	}
	page := "/cadres"
	switch {
	case f.CourseID != 0:
		page = "/courses/" + strconv.FormatUint(f.CourseID, 10) + "/completions"
	case len(f.IDs) > 0:
		page = "/completions/" + strconv.FormatUint(f.IDs[0], 10)
	}
	if err == nil {
		return c.Done(page, message, "n", len(f.IDs))
	}
	c.Request.URL.Path, c.Request.URL.RawQuery = page, ""
	switch {
	case f.CourseID != 0:
		d, again := s.completionListData(c, f.CourseID)
		if again != nil {
			return again
		}
		d.Chosen, d.Reason = f.IDs, f.Reason
		return c.Invalid("completion/list", d, err)
	case len(f.IDs) > 0:
		d, again := s.completionData(c, f.IDs[0])
		if again != nil {
			return again
		}
		d.Typed = f.Reason
		return c.Invalid("completion/show", d, err)
	}
	return err
}
