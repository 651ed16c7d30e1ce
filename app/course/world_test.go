package course_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/store"
	"taphuan/models"
)

// world is a database with base data, a clock that tests move, and the service.
type world struct {
	t    *testing.T
	db   *store.DB
	s    *course.Service
	now  atomic.Pointer[time.Time]
	typ  models.CourseType
	host models.Organisation
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	w := &world{t: t, db: db, s: &course.Service{DB: db}}
	w.at("2026-11-24", 8*60)
	db.Now = func() time.Time { return *w.now.Load() }
	ctx := t.Context()
	for _, err := range []error{
		db.Read(ctx).Where("code = ?", "conference").Take(&w.typ).Error,
		db.Read(ctx).Where("code = ?", "SO-VHTTDL").Take(&w.host).Error,
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// at sets the clock to a local day and minute.
func (w *world) at(day string, minute int) {
	now := models.MustDay(day).At(minute)
	w.now.Store(&now)
}

func (w *world) input(title string) course.Input {
	return course.Input{Title: title, CourseTypeID: w.typ.ID, HostID: w.host.ID, Capacity: 10, RulePercent: 80}
}

// course makes a draft.
func (w *world) course(title string, change ...func(*course.Input)) uint64 {
	w.t.Helper()
	in := w.input(title)
	for _, f := range change {
		f(&in)
	}
	id, err := w.s.Create(context.Background(), access.System(), in)
	if err != nil {
		w.t.Fatal(err)
	}
	return id
}

// session adds a session from hour to hour.
func (w *world) session(id uint64, day string, from, to int, room string) uint64 {
	w.t.Helper()
	x, err := w.s.AddSession(context.Background(), access.System(), id, course.SessionInput{Day: models.MustDay(day), StartMinute: from * 60, EndMinute: to * 60, Room: room})
	if err != nil {
		w.t.Fatal(err)
	}
	return x
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) write(f func(tx *store.Tx) error) {
	w.t.Helper()
	_, err := w.db.Write(context.Background(), store.By{}, func(tx *store.Tx) (uint64, error) { return 0, f(tx) })
	w.must(err)
}

// enrol gives n new cadres an enrolment in the state, and the ids of the enrolments.
func (w *world) enrol(id uint64, n int, state models.EnrolmentState) (ids []uint64) {
	w.t.Helper()
	w.write(func(tx *store.Tx) error {
		ids = nil
		for i := range n {
			k := models.Cadre{FullName: fmt.Sprintf("Nông Văn %c", 'A'+i%26), BirthYear: 1980}
			if err := tx.Create(&k).Error; err != nil {
				return err
			}
			e := models.Enrolment{CourseID: id, CadreID: k.ID, State: state, Source: "coordinator"}
			if state == models.EnrolmentWaiting {
				since := tx.Now.Add(time.Duration(i) * time.Second)
				e.WaitingSince = &since
			}
			if err := tx.Create(&e).Error; err != nil {
				return err
			}
			ids = append(ids, e.ID)
		}
		return nil
	})
	return ids
}

// account makes an account with a grant.
func (w *world) account(name string, role models.Role) uint64 {
	w.t.Helper()
	a := models.Account{Name: name}
	w.write(func(tx *store.Tx) error {
		a = models.Account{Name: name}
		if err := tx.Create(&a).Error; err != nil {
			return err
		}
		return tx.Create(&models.Grant{AccountID: a.ID, Role: role}).Error
	})
	return a.ID
}

// mark records a mark as attendance does.
func (w *world) mark(session, enrolment uint64, m models.MarkValue) {
	w.t.Helper()
	by := w.account("Người ghi", models.RoleClerk)
	w.write(func(tx *store.Tx) error {
		e := models.MarkEvent{UID: fmt.Sprintf("%d-%d", session, enrolment), SessionID: session, EnrolmentID: &enrolment, State: models.EventApplied, Mark: m, MarkedAt: tx.Now, ReceivedAt: tx.Now, AccountID: by, Source: "list"}
		if err := tx.Create(&e).Error; err != nil {
			return err
		}
		return tx.Create(&models.Mark{SessionID: session, EnrolmentID: enrolment, Mark: m, MarkedAt: tx.Now, EventID: e.ID, AccountID: by}).Error
	})
}

func (w *world) get(id uint64) *course.Detail {
	w.t.Helper()
	d, err := w.s.Get(context.Background(), access.System(), access.CourseRead, id)
	w.must(err)
	return d
}
