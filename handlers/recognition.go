package handlers

import (
	"errors"
	"net/http"
	"slices"
	"strconv"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/file"
	"taphuan/app/history"
	"taphuan/app/page"
	"taphuan/app/plan"
	"taphuan/app/workbook"
	"taphuan/models"
	"taphuan/views"
)

type recognitionFilter struct {
	Text  string                  `form:"q" binding:"max=200"`
	State models.RecognitionState `form:"state" binding:"omitempty,oneof=proposed approved refused withdrawn"`
	page.Ask
}

func (f recognitionFilter) filter() history.Filter {
	return history.Filter{State: f.State, Text: f.Text, Ask: f.Ask}
}

type recognitionListData struct {
	*history.List
	ticked
	Form    recognitionFilter
	Tabs    []views.Link
	Decides bool
	Reason  string
}

// Waiting is where the page stands among those that wait for a decision, which alone can be chosen.
func (d recognitionListData) Waiting() page.Place {
	p := d.Place
	p.Total = page.Total{}
	if d.Form.State == "" || d.Form.State == models.RecognitionProposed {
		p.Total.N = int64(d.Counts[models.RecognitionProposed])
	}
	return p
}

// Open is how many on the page wait for a decision.
func (d recognitionListData) Open() (n int) {
	for _, r := range d.Rows {
		if r.State == models.RecognitionProposed {
			n++
		}
	}
	return n
}

// PicksAny says whether some row waits for a decision.
func (d recognitionListData) PicksAny() bool {
	return slices.ContainsFunc(d.Rows, func(r history.Row) bool { return r.State == models.RecognitionProposed })
}

func (s *Server) recognitionListData(c *Ctx) (recognitionListData, error) {
	d := recognitionListData{Decides: c.Actor.May(access.CompletionApprove)}
	if err := c.bindQuery(&d.Form); err != nil {
		return d, err
	}
	var err error
	d.List, err = s.history.Recognitions(c.Ctx(), c.Actor, d.Form.filter())
	if err != nil {
		return d, err
	}
	all := 0
	for _, n := range d.Counts {
		all += n
	}
	for _, state := range []models.RecognitionState{"", models.RecognitionProposed, models.RecognitionApproved, models.RecognitionRefused, models.RecognitionWithdrawn} {
		l := views.Link{Label: c.T("ui.all"), Count: all, Current: state == d.Form.State, Href: coverageHref("/recognitions", "state", string(state), "q", d.Form.Text)}
		if state != "" {
			l.Label, l.Count = c.T("recognition.states."+string(state)), d.Counts[state]
		}
		if state == models.RecognitionWithdrawn && l.Count == 0 && !l.Current {
			continue
		}
		d.Tabs = append(d.Tabs, l)
	}
	return d, nil
}

// recognitionList shows what was proposed and what became of it.
func (s *Server) recognitionList(c *Ctx) error {
	d, err := s.recognitionListData(c)
	if err != nil {
		return err
	}
	return c.Page("recognition/list", d)
}

// recognitionSheet gives what was proposed as a workbook.
func (s *Server) recognitionSheet(c *Ctx) error {
	var f recognitionAction
	if err := c.BindForm(&f); err != nil {
		return err
	}
	filter := f.filter()
	filter.All = true
	var err error
	if filter.IDs, err = f.chosen(); err != nil {
		return err
	}
	l, err := s.history.Recognitions(c.Ctx(), c.Actor, filter)
	if err != nil {
		return err
	}
	sheet := workbook.Sheet{Name: c.T("nav.recognitions"), Title: c.T("nav.recognitions"), Columns: []workbook.Column{{Head: c.T("recognition.person")}, {Head: c.T("roster.title")}, {Head: c.T("recognition.organisation"), Width: 44}, {Head: c.T("recognition.title"), Width: 50}, {Head: c.T("recognition.body"), Width: 30},
		{Head: c.T("recognition.first_day"), Kind: workbook.Day}, {Head: c.T("recognition.last_day"), Kind: workbook.Day}, {Head: c.T("recognition.paper_number"), Kind: workbook.Code, Width: 24}, {Head: c.T("recognition.state"), Width: 18}, {Head: c.T("enrolment.reason")}}}
	return c.Sheet("cong-nhan", sheet, func(row workbook.Row) error {
		for _, r := range l.Rows {
			if err := row(r.Name, r.JobTitle, r.Organisation, r.Title, r.Body, r.FirstDay, r.LastDay, r.PaperNumber, c.T("recognition.states."+string(r.State)), r.Reason); err != nil {
				return err
			}
		}
		return nil
	})
}

type recognitionForm struct {
	Cadres     []uint64           `form:"cadre" binding:"max=500"`
	Text       string             `form:"q" binding:"max=200"`
	Step       int                `form:"step"`
	Title      string             `form:"title" binding:"max=300"`
	Body       string             `form:"body" binding:"max=300"`
	FirstDay   string             `form:"first_day" binding:"max=40"`
	LastDay    string             `form:"last_day" binding:"max=40"`
	Paper      string             `form:"paper_number" binding:"max=100"`
	Components []models.Component `form:"components" binding:"max=20,dive,max=20"`
	Approve    bool               `form:"approve"`
}

func (f recognitionForm) training() history.Training {
	t := history.Training{Title: f.Title, Body: f.Body, PaperNumber: f.Paper, Components: f.Components}
	for text, day := range map[string]*models.Day{f.FirstDay: &t.FirstDay, f.LastDay: &t.LastDay} {
		if day.UnmarshalText([]byte(text)) != nil {
			*day = 0
		}
	}
	return t
}

type recognitionNewData struct {
	recognitionForm
	Picked, Found []history.Person
	Kinds         []views.Option // of components
	Decides       bool
	Plan          *plan.Plan
}

func (s *Server) recognitionNewData(c *Ctx, f recognitionForm) (recognitionNewData, error) {
	d := recognitionNewData{recognitionForm: f, Decides: c.Actor.May(access.CompletionApprove)}
	var err error
	if d.Picked, d.Found, err = s.history.People(c.Ctx(), c.Actor, f.Cadres, f.Text); err != nil {
		return d, err
	}
	if d.Plan, err = plan.Current(c.Ctx(), s.DB.Read(c.Ctx()), c.Today()); err != nil {
		return d, err
	}
	for _, x := range d.Plan.Components {
		d.Kinds = append(d.Kinds, views.Option{Value: string(x.Component), Label: x.Name(c.Lang)})
	}
	return d, nil
}

// recognitionNew finds the people first, and then asks for the training.
func (s *Server) recognitionNew(c *Ctx) error {
	var f recognitionForm
	if err := c.BindForm(&f); err != nil {
		return err
	}
	d, err := s.recognitionNewData(c, f)
	if err != nil {
		return err
	}
	if f.Step < 2 || len(d.Picked) == 0 {
		return c.Page("recognition/people", d)
	}
	return c.Page("recognition/new", d)
}

// recognitionCreate proposes the training of the chosen for recognition.
func (s *Server) recognitionCreate(c *Ctx) error {
	var f recognitionForm
	bound := c.BindForm(&f)
	d, err := s.recognitionNewData(c, f)
	if err != nil {
		return err
	}
	id := uint64(0)
	if err = bound; err == nil {
		id, err = s.propose(c, f)
	}
	if err != nil {
		return c.Invalid("recognition/new", d, candidateGone(err))
	}
	if len(f.Cadres) == 1 {
		return c.Done("/recognitions/"+strconv.FormatUint(id, 10), "recognition.proposed")
	}
	return c.Done("/recognitions", "recognition.proposed")
}

func (s *Server) propose(c *Ctx, f recognitionForm) (uint64, error) {
	scan, err := scanOf(c)
	if err != nil {
		return 0, err
	}
	return s.history.Propose(c.Ctx(), c.Actor, f.Cadres, f.training(), scan, f.Approve)
}

// scanOf reads the scan that came with a form, nil where none did.
func scanOf(c *Ctx) (*file.Upload, error) {
	fh, err := c.FormFile("scan")
	tooLarge := errs.OnField("scan", "scan_too_large", errs.Params{"n": file.MaxBytes >> 20})
	var tooLong *http.MaxBytesError
	switch {
	case errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart):
		return nil, nil
	case errors.As(err, &tooLong):
		return nil, tooLarge
	case err != nil:
		return nil, errs.Invalid("unreadable_input")
	case fh.Size > file.MaxBytes:
		return nil, tooLarge
	}
	b, err := contents(fh)
	if err != nil {
		return nil, errs.Internal("scan", err)
	}
	return &file.Upload{Name: fh.Filename, Body: b}, nil
}

type recognitionData struct {
	*history.Detail
	Names   map[models.Component]string
	Decides bool
	Refusal string // reason that was typed
}

// TakesScan says whether a scan may be attached: one takes the place of another only until the proposal is decided.
func (d recognitionData) TakesScan() bool {
	return d.State == models.RecognitionProposed || d.State == models.RecognitionApproved && d.FileID == nil
}

// Brings says what the training brings, in words.
func (d recognitionData) Brings() string { return joinComponents(d.Components, d.Names) }

func (s *Server) recognitionData(c *Ctx) (recognitionData, error) {
	d := recognitionData{Decides: c.Actor.May(access.CompletionApprove)}
	id, err := c.ID("id")
	if err != nil {
		return d, err
	}
	if d.Detail, err = s.history.Recognition(c.Ctx(), c.Actor, id); err != nil {
		return d, err
	}
	d.Names, err = s.components(c)
	return d, err
}

// components gives the names of the plan's components.
func (s *Server) components(c *Ctx) (map[models.Component]string, error) {
	p, err := plan.Current(c.Ctx(), s.DB.Read(c.Ctx()), c.Today())
	names := map[models.Component]string{}
	if err != nil {
		return nil, err
	}
	for _, x := range p.Components {
		names[x.Component] = x.Name(c.Lang)
	}
	return names, nil
}

// recognitionShow shows a recognition with its paper; those who decide do so there.
func (s *Server) recognitionShow(c *Ctx) error {
	d, err := s.recognitionData(c)
	if err != nil {
		return err
	}
	return c.Page("recognition/show", d)
}

// recognitionScan gives the scan of the paper.
func (s *Server) recognitionScan(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	f, err := s.history.Scan(c.Ctx(), c.Actor, id)
	if err != nil {
		return err
	}
	return c.Bytes(f.ContentType, f.Name, f.Body)
}

// recognitionAttach takes the scan of the paper of a proposal, or another in its place.
func (s *Server) recognitionAttach(c *Ctx) error {
	d, err := s.recognitionData(c)
	if err != nil {
		return err
	}
	var f struct {
		Instead uint64 `form:"instead"`
		Others  bool   `form:"others"`
	}
	var scan *file.Upload
	n := 0
	if err = c.BindForm(&f); err == nil {
		scan, err = scanOf(c)
	}
	if err == nil {
		n, err = s.history.Attach(c.Ctx(), c.Actor, d.ID, f.Instead, scan, f.Others)
	}
	if err != nil {
		return c.Invalid("recognition/show", d, err)
	}
	return c.Done("/recognitions/"+strconv.FormatUint(d.ID, 10), "recognition.attached", "n", n)
}

// recognitionApprove recognises the chosen.
func (s *Server) recognitionApprove(c *Ctx) error {
	return s.recognitionAct(c, access.CompletionApprove, "recognition.approved", func(ids []uint64, _ string) error { return s.history.Approve(c.Ctx(), c.Actor, ids) })
}

// recognitionRefuse turns the chosen down, with a reason.
func (s *Server) recognitionRefuse(c *Ctx) error {
	return s.recognitionAct(c, access.CompletionApprove, "recognition.refused", func(ids []uint64, reason string) error { return s.history.Refuse(c.Ctx(), c.Actor, ids, reason) })
}

// recognitionWithdraw takes back the chosen.
func (s *Server) recognitionWithdraw(c *Ctx) error {
	return s.recognitionAct(c, access.CompletionPropose, "recognition.withdrawn", func(ids []uint64, _ string) error { return s.history.Withdraw(c.Ctx(), c.Actor, ids) })
}

// recognitionAction is what the list sends: what is done to which, and how they were found.
type recognitionAction struct {
	recognitionFilter
	selection
	Reason string `form:"reason"`
}

// recognitionAct does something to the ticked, or to all that the list's filter finds and that wait for a decision.
func (s *Server) recognitionAct(c *Ctx, p access.Permission, message string, do func(ids []uint64, reason string) error) error {
	var f recognitionAction
	var ids []uint64
	err := c.BindForm(&f)
	if err == nil {
		ids, err = f.ids()
	}
	if err == nil && f.All {
		ids, err = s.history.Waiting(c.Ctx(), c.Actor, p, f.filter())
	}
	if err == nil {
		err = do(ids, f.Reason)
	}
	if err == nil {
		return c.Done(c.back("/recognitions"), message, "n", len(ids))
	}
	c.asList("/recognitions")
	d, e := s.recognitionListData(c)
	if e != nil {
		return e
	}
	d.ticked, d.Reason = ticked(f.selection), f.Reason
	return c.Invalid("recognition/list", d, err)
}
