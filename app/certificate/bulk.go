package certificate

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/job"
	"taphuan/app/page"
	"taphuan/app/store"
	"taphuan/app/template"
	"taphuan/models"
)

// Kinds of jobs.
const (
	JobIssue = "certificate.issue"
	JobPrint = "certificate.print"
)

// AtOnce is how many certificates are made while somebody waits; more are made by a job.
const AtOnce = 50

// MostPrinted is how many pages one document for the printer has.
const MostPrinted = 3000

// Bleed is the margin in millimetres that a printer cuts off.
const Bleed = 3

// Kinds are the jobs of this package.
func (s *Service) Kinds() map[string]job.Func {
	return map[string]job.Func{JobIssue: s.runIssue, JobPrint: s.runPrint}
}

// StartIssue has a job issue what Issue would, and gives its id. A course that a job is issuing for already gets no second one. It refuses
// as Issue does where that is known already: a course out of scope (not_found) or not closed ("course_not_closed").
func (s *Service) StartIssue(ctx context.Context, actor access.Actor, in IssueInput) (uint64, error) {
	return s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		// Under the course's lock: two who ask at once get one job.
		c, err := course.Lock(tx, actor, access.CertificateIssue, in.CourseID)
		if err != nil {
			return 0, err
		}
		if c.State != models.CourseClosed {
			return 0, errs.Conflict("course_not_closed")
		}
		if id, err := issuing(tx.DB, in.CourseID); id != 0 || err != nil {
			return id, err
		}
		return s.add(tx, JobIssue, in)
	})
}

// Issuing gives the job that issues for a course now, 0 where there is none.
func (s *Service) Issuing(ctx context.Context, courseID uint64) (uint64, error) {
	return issuing(s.DB.Read(ctx), courseID)
}

func issuing(db *gorm.DB, courseID uint64) (uint64, error) {
	var open []models.Job
	if err := db.Where("state IN ? AND kind = ?", []models.JobState{models.JobWaiting, models.JobRunning}, JobIssue).Find(&open).Error; err != nil {
		return 0, err
	}
	for _, j := range open {
		var in IssueInput
		if err := json.Unmarshal([]byte(j.Payload), &in); err != nil {
			return 0, err
		}
		if in.CourseID == courseID {
			return j.ID, nil
		}
	}
	return 0, nil
}

func (s *Service) add(tx *store.Tx, kind string, payload any) (uint64, error) {
	if s.Jobs != nil {
		tx.After(s.Jobs.Wake)
	}
	return job.Add(tx, kind, payload)
}

// Made says what a job has made.
type Made struct {
	Count    int    `json:"count"`
	CourseID uint64 `json:"course_id,omitempty"`
}

// by acts for whoever asked for the job, under a key of the job: what it writes is written once, however often it runs.
func by(j models.Job) access.Actor {
	a := access.System()
	a.By = store.By{Key: fmt.Sprintf("job-%d", j.ID), Action: j.Kind}
	if j.AccountID != nil {
		a.AccountID = *j.AccountID
	}
	return a
}

func (s *Service) runIssue(ctx context.Context, j models.Job, progress job.Progress) (any, error) {
	var in IssueInput
	if err := json.Unmarshal([]byte(j.Payload), &in); err != nil {
		return nil, err
	}
	n, err := s.issue(ctx, by(j), in, progress)
	return Made{Count: n, CourseID: in.CourseID}, err
}

// printJob is what a job prints.
type printJob struct {
	IDs      []uint64 `json:"ids"` // in the order of their numbers
	CourseID uint64   `json:"course_id,omitempty"`
	Bleed    bool     `json:"bleed,omitempty"`
}

// StartPrint has a job draw the standing certificates that the filter finds into one document for the printer, a page each in the order of
// their numbers, and gives its id; the document is kept for a day. With bleed each page has a margin to be cut off. It refuses
// with "no_standing_certificate" where there is none, and more than MostPrinted as page.Total.AtMost does.
func (s *Service) StartPrint(ctx context.Context, actor access.Actor, f Filter, bleed bool) (uint64, error) {
	f.State = models.CertificateValid
	p := printJob{CourseID: f.CourseID, Bleed: bleed}
	if err := s.listed(ctx, actor, access.CertificateIssue, f).Order("certificates.id").Limit(MostPrinted+1).Pluck("certificates.id", &p.IDs).Error; err != nil {
		return 0, err
	}
	if len(p.IDs) == 0 {
		return 0, errs.Invalid("no_standing_certificate")
	}
	if err := (page.Total{N: int64(len(p.IDs))}).AtMost(MostPrinted); err != nil {
		return 0, err
	}
	return s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		id, err := s.add(tx, JobPrint, p)
		if err != nil {
			return 0, err
		}
		return id, tx.Audit("certificate.print", "job", id, map[string]any{"count": len(p.IDs), "course": p.CourseID})
	})
}

func (s *Service) runPrint(ctx context.Context, j models.Job, progress job.Progress) (any, error) {
	var p printJob
	if err := json.Unmarshal([]byte(j.Payload), &p); err != nil {
		return nil, err
	}
	leaves, err := s.leaves(ctx, p.IDs)
	if err != nil {
		return nil, err
	}
	if len(leaves) == 0 {
		return nil, errs.Invalid("no_standing_certificate")
	}
	bleed := 0.0
	if p.Bleed {
		bleed = Bleed
	}
	progress(0, len(leaves))
	pdf, err := template.Sheet("Giấy chứng nhận", j.CreatedAt, leaves, bleed, func(n int) { progress(n, len(leaves)) })
	if err != nil {
		return nil, err
	}
	_, err = s.DB.Write(ctx, by(j).By, func(tx *store.Tx) (uint64, error) { return j.ID, job.Keep(tx, j.ID, pdf) })
	return Made{Count: len(leaves), CourseID: p.CourseID}, err
}

// leaves reads what certificates say and by which template they say it: those of before there were templates by the standard one. Those
// that were ended since they were asked for are left out.
func (s *Service) leaves(ctx context.Context, ids []uint64) ([]template.Leaf, error) {
	db := s.DB.Read(ctx)
	var out []template.Leaf
	for part := range slices.Chunk(ids, 500) {
		var rows []models.Certificate
		if err := db.Select("id", "snapshot", "template_version_id").Where("id IN ? AND state = ?", part, models.CertificateValid).Order("id").Find(&rows).Error; err != nil {
			return nil, err
		}
		for _, c := range rows {
			var l template.Leaf
			err := json.Unmarshal([]byte(c.Snapshot), &l.Snapshot)
			if err != nil {
				return nil, err
			}
			if c.TemplateVersionID == nil {
				_, l.Template, err = s.Templates.Choose(&store.Tx{DB: db})
			} else {
				l.Template, err = s.Templates.Load(db, *c.TemplateVersionID)
			}
			if err != nil {
				return nil, err
			}
			out = append(out, l)
		}
	}
	return out, nil
}

// Work is how far a job of this package is.
type Work struct {
	ID          uint64
	Kind        string
	State       models.JobState
	Done, Total int
	ErrorCode   string
	Params      errs.Params // of the sentence that says so
	Made        Made
	Kept        bool // its document is there still
}

// Busy says whether it is not over yet.
func (w Work) Busy() bool { return w.State == models.JobWaiting || w.State == models.JobRunning }

// Work reads how far a job is. It refuses others than those of this package with not_found, and those of somebody else unless the actor
// may issue everywhere.
func (s *Service) Work(ctx context.Context, actor access.Actor, id uint64) (Work, error) {
	var w Work
	runner := s.Jobs
	if runner == nil {
		runner = &job.Runner{DB: s.DB}
	}
	j, err := runner.Get(ctx, id)
	own := j.AccountID != nil && *j.AccountID == actor.AccountID || actor.Whole(access.CertificateIssue)
	if err == nil && (!own || j.Kind != JobIssue && j.Kind != JobPrint) {
		err = errs.NotFound("job")
	}
	if err != nil {
		return w, err
	}
	w = Work{ID: j.ID, Kind: j.Kind, State: j.State, Done: j.Done, Total: j.Total, ErrorCode: j.ErrorCode, Params: job.Refusal(j)}
	if err := json.Unmarshal([]byte(j.Payload), &w.Made); err != nil { // names the course
		return w, err
	}
	if j.State != models.JobDone {
		return w, nil
	}
	if err := json.Unmarshal([]byte(j.Result), &w.Made); err != nil {
		return w, err
	}
	var parts int64
	err = s.DB.Read(ctx).Model(&models.JobFile{}).Where("job_id = ?", id).Limit(1).Count(&parts).Error
	w.Kept = parts > 0
	return w, err
}

// Printed opens the document that a job has made; not_found where it is not there (any more).
func (s *Service) Printed(ctx context.Context, actor access.Actor, id uint64) (*job.File, error) {
	if _, err := s.Work(ctx, actor, id); err != nil {
		return nil, err
	}
	return job.Open(ctx, s.DB, id)
}
