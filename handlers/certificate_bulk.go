package handlers

import (
	"net/http"
	"strconv"

	"taphuan/app/certificate"
	"taphuan/app/i18n"
	"taphuan/models"
)

// jobPath is the page that shows how far a job is.
func jobPath(id uint64) string { return "/certificates/jobs/" + strconv.FormatUint(id, 10) }

type printForm struct {
	Bleed bool `form:"bleed"`
}

// certificatesPrint has the ticked certificates, or all that the filter finds, drawn into one document for the printer.
func (s *Server) certificatesPrint(c *Ctx) error {
	f, _, err := c.chosenCertificates()
	if err != nil {
		return err
	}
	return s.startPrint(c, f)
}

// coursePrint does so with those of a course.
func (s *Server) coursePrint(c *Ctx) error {
	d, err := s.issueData(c)
	if err != nil {
		return err
	}
	return s.startPrint(c, certificate.Filter{CourseID: d.Course.ID})
}

func (s *Server) startPrint(c *Ctx, f certificate.Filter) error {
	var form printForm
	if err := c.BindForm(&form); err != nil {
		return err
	}
	id, err := s.certificate.StartPrint(c.Ctx(), c.Actor, f, form.Bleed)
	if err != nil {
		return err
	}
	return c.Done(jobPath(id), "")
}

type workData struct {
	certificate.Work
	Reason string // of a failure
}

// Prints says whether the job draws a document; else it issues.
func (d workData) Prints() bool { return d.Kind == certificate.JobPrint }

// Failed says whether the job is over without having made anything.
func (d workData) Failed() bool { return d.State == models.JobFailed }

// work shows how far a job is, and what it has made.
func (s *Server) work(c *Ctx) error {
	w, err := s.workOf(c)
	if err != nil {
		return err
	}
	d := workData{Work: w}
	if d.Failed() {
		d.Reason = c.message(w.ErrorCode, w.Params)
	}
	return c.Page("certificate/job", d)
}

func (s *Server) workOf(c *Ctx) (certificate.Work, error) {
	id, err := c.ID("id")
	if err != nil {
		return certificate.Work{}, err
	}
	return s.certificate.Work(c.Ctx(), c.Actor, id)
}

// workState says how far a job is.
func (s *Server) workState(c *Ctx) error {
	w, err := s.workOf(c)
	if err != nil {
		return err
	}
	return c.OK(http.StatusOK, importProgress{Done: !w.Busy(), Value: w.Done, Max: max(w.Total, 1), Text: outOf(c, w.Done, w.Total)})
}

func outOf(c *Ctx, done, all int) string {
	return c.T("bulk.out_of", "done", i18n.Num(c.Lang, done), "all", i18n.Num(c.Lang, all))
}

// workFile gives the document that a job has made.
func (s *Server) workFile(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	f, err := s.certificate.Printed(c.Ctx(), c.Actor, id)
	if err != nil {
		return err
	}
	return c.Large("application/pdf", "giay-chung-nhan-in.pdf", f)
}

// certificatesMail writes a mail to each holder of the course who was sent none.
func (s *Server) certificatesMail(c *Ctx) error {
	d, err := s.issueData(c)
	if err != nil {
		return err
	}
	n, err := s.certificate.MailAll(c.Ctx(), c.Actor, d.Course.ID)
	if err != nil {
		return c.Invalid("certificate/issue", d, err)
	}
	return c.Done("/courses/"+strconv.FormatUint(d.Course.ID, 10)+"/certificates#mails", "bulk.mails_written", "n", n)
}

// certificateMailState says how many of the mails went out.
func (s *Server) certificateMailState(c *Ctx) error {
	d, err := s.issueData(c)
	if err != nil {
		return err
	}
	m := d.Mails
	return c.OK(http.StatusOK, importProgress{Done: m.Waiting == 0, Value: m.Sent, Max: max(m.Written(), 1), Text: outOf(c, m.Sent, m.Written())})
}
