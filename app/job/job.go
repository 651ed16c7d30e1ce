// Package job runs long work outside requests. A job is a row; a process claims it with a lease, and when that process dies
// another one takes it up again, so what a job does must be safe to do twice.
package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
)

const (
	lease       = time.Minute
	heartbeat   = 15 * time.Second
	defaultPoll = 2 * time.Second
	maxAttempts = 3
)

// Func does the work of one kind of job; what it returns becomes the job's result as JSON. An *errs.Error ends the job with
// that code, or its first field's; other errors are tried again, three times in all.
type Func func(ctx context.Context, j models.Job, progress Progress) (result any, err error)

// Progress says how much of the work is done; it is cheap and may be called for every row.
type Progress func(done, total int)

// Add writes a job of the kind in the caller's transaction; payload becomes JSON.
func Add(tx *store.Tx, kind string, payload any) (uint64, error) {
	b, err := json.Marshal(payload)
	if err != nil {
		return 0, err
	}
	j := models.Job{Kind: kind, State: models.JobWaiting, Payload: string(b)}
	if tx.By.AccountID != 0 {
		j.AccountID = &tx.By.AccountID
	}
	if id := plan.Chosen(tx.Statement.Context); id != 0 {
		j.PlanID = &id
	}
	if err := tx.Create(&j).Error; err != nil {
		return 0, err
	}
	return j.ID, nil
}

// Runner claims jobs and runs them, one at a time.
type Runner struct {
	DB    *store.DB
	Log   *slog.Logger
	Kinds map[string]Func
	Poll  time.Duration // how often to look for work unasked; 0 is two seconds, less than 0 is never: only Wake makes it look

	owner   string
	loop    Loop
	once    sync.Once
	current atomic.Pointer[running]
}

type running struct {
	id          uint64
	done, total atomic.Int64
}

func (r *Runner) init() {
	r.once.Do(func() {
		r.owner = uuid.NewString()
		if r.Log == nil {
			r.Log = slog.Default()
		}
		r.loop.Log, r.loop.Poll = r.Log, r.Poll
	})
}

// Wake makes the runner look for work at once.
func (r *Runner) Wake() {
	r.init()
	r.loop.Wake()
}

// Run works until the context ends.
func (r *Runner) Run(ctx context.Context) {
	r.init()
	r.loop.Run(ctx, r.RunOne)
}

// RunOne claims the oldest job that waits, or whose process died, and runs it. It says whether there was one.
func (r *Runner) RunOne(ctx context.Context) (bool, error) {
	r.init()
	j, err := r.claim(ctx)
	if err != nil || j == nil {
		return false, err
	}
	cur := &running{id: j.ID}
	r.current.Store(cur)
	defer r.current.Store(nil)
	work, stop := context.WithCancel(ctx)
	beat := make(chan struct{})
	go func() {
		defer close(beat)
		r.keepAlive(work, cur)
	}()
	result, err := r.do(work, *j, cur)
	if err != nil && ctx.Err() != nil {
		err = context.Canceled // whatever it broke with, it broke because this process ends
	}
	stop()
	<-beat
	return true, r.finish(context.WithoutCancel(ctx), *j, cur, result, err)
}

func (r *Runner) do(ctx context.Context, j models.Job, cur *running) (result any, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	f, ok := r.Kinds[j.Kind]
	if !ok {
		return nil, errs.Invalid("job_unknown", errs.Params{"kind": j.Kind})
	}
	if j.PlanID != nil {
		ctx = plan.Choose(ctx, *j.PlanID)
	}
	return f(ctx, j, func(done, total int) {
		cur.done.Store(int64(done))
		cur.total.Store(int64(total))
	})
}

func (r *Runner) claim(ctx context.Context) (*models.Job, error) {
	now := r.DB.Time()
	open := "(state = ? OR (state = ? AND lease_until < ?))"
	var n int64
	err := r.DB.Read(ctx).Model(&models.Job{}).Where(open, models.JobWaiting, models.JobRunning, now).Count(&n).Error
	if err != nil || n == 0 {
		return nil, err // the usual case costs one read and no lock
	}
	var got *models.Job
	_, err = r.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		got = nil
		// A job that took its process down with it three times would do so for ever.
		err := tx.Model(&models.Job{}).Where("state = ? AND lease_until < ? AND attempts >= ?", models.JobRunning, tx.Now, maxAttempts).
			Updates(map[string]any{"state": models.JobFailed, "error_code": "internal", "lease_until": nil, "finished_at": tx.Now}).Error
		if err != nil {
			return 0, err
		}
		var j models.Job
		err = tx.Lock().Where(open, models.JobWaiting, models.JobRunning, tx.Now).Order("id").Take(&j).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return 0, nil
		}
		if err != nil {
			return 0, err
		}
		if j.Attempts >= maxAttempts {
			// It took its process along each time; it is not to take all others.
			return j.ID, tx.Model(&j).Updates(map[string]any{"state": models.JobFailed, "error_code": "internal", "finished_at": tx.Now, "lease_until": nil}).Error
		}
		until := tx.Now.Add(lease)
		j.State, j.LeasedBy, j.LeaseUntil = models.JobRunning, r.owner, &until
		j.Attempts++
		got = &j
		return j.ID, tx.Model(&j).Select("state", "leased_by", "lease_until", "attempts").Updates(&j).Error
	})
	return got, err
}

// keepAlive renews the lease and shows the progress while the work runs.
func (r *Runner) keepAlive(ctx context.Context, cur *running) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	var renewed time.Time
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		set := map[string]any{"done": cur.done.Load(), "total": cur.total.Load()}
		if now := time.Now(); now.Sub(renewed) > heartbeat {
			renewed = now
			set["lease_until"] = r.DB.Time().Add(lease)
		}
		_, err := r.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
			return 0, tx.Model(&models.Job{}).Where("id = ? AND leased_by = ?", cur.id, r.owner).Updates(set).Error
		})
		if err != nil && ctx.Err() == nil {
			r.Log.Warn("job lease", "job", cur.id, "error", err)
		}
	}
}

func (r *Runner) finish(ctx context.Context, j models.Job, cur *running, result any, failure error) error {
	set := map[string]any{"done": cur.done.Load(), "total": cur.total.Load(), "lease_until": nil}
	if failure == nil {
		b, err := json.Marshal(result)
		if err != nil {
			return err
		}
		set["state"], set["result"] = models.JobDone, string(b)
	} else {
		e := errs.As(failure)
		switch {
		case errors.Is(failure, context.Canceled):
			set["state"] = models.JobWaiting // this process ends; another one takes it up, and this was no attempt
			set["attempts"] = max(0, j.Attempts-1)
		case e.Kind == errs.KindInternal && j.Attempts < maxAttempts:
			r.Log.Error("job failed, will be tried again", "job", j.ID, "kind", j.Kind, "error", failure)
			set["state"] = models.JobWaiting
		default:
			level := slog.LevelError
			if e.Kind != errs.KindInternal { // refused, which is for whoever asked to know
				level = slog.LevelInfo
			}
			r.Log.Log(ctx, level, "job failed", "job", j.ID, "kind", j.Kind, "error", failure)
			refused := errs.Field{Code: e.Code, Params: e.Params}
			if len(e.Fields) > 0 { // there is no form beside a job: the first says why
				refused = e.Fields[0]
			}
			set["state"], set["error_code"] = models.JobFailed, refused.Code
			if b, err := json.Marshal(refused.Params); err == nil && len(refused.Params) > 0 {
				set["result"] = string(b)
			}
		}
	}
	_, err := r.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		if s := set["state"]; s == models.JobDone || s == models.JobFailed {
			set["finished_at"] = tx.Now
		}
		return 0, tx.Model(&models.Job{}).Where("id = ? AND leased_by = ?", j.ID, r.owner).Updates(set).Error
	})
	return err
}

// Refusal gives what fills the sentence of a failed job's code: numbers and days as they were.
func Refusal(j models.Job) errs.Params {
	var out errs.Params
	if j.State != models.JobFailed || json.Unmarshal([]byte(j.Result), &out) != nil {
		return nil
	}
	for k, v := range out {
		switch x := v.(type) {
		case float64:
			out[k] = int(x)
		case string:
			if day, err := models.ParseDay(x); err == nil && day != 0 {
				out[k] = day
			}
		}
	}
	return out
}

// Get reads a job; the progress of a job that this process runs is fresher than the row.
func (r *Runner) Get(ctx context.Context, id uint64) (models.Job, error) {
	var j models.Job
	err := r.DB.Read(ctx).Take(&j, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return j, errs.NotFound("job")
	}
	if cur := r.current.Load(); err == nil && cur != nil && cur.id == id {
		j.Done, j.Total = int(cur.done.Load()), int(cur.total.Load())
	}
	return j, err
}
