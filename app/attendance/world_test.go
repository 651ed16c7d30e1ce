package attendance_test

import (
	"context"
	"fmt"
	"testing"

	"taphuan/app/access"
	"taphuan/app/attendance"
	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/models"
)

// world is a course that runs today (two sessions) and tomorrow (one), with people enrolled and a trainer and a clerk.
type world struct {
	db       *store.DB
	service  *attendance.Service
	course   models.Course
	sessions []models.Session
	people   []uint64 // enrolments, in the order of names
	trainer  access.Actor
	clerk    access.Actor
	stranger access.Actor // trains another course
}

func newWorld(t *testing.T, db *store.DB, people int) *world {
	t.Helper()
	w := &world{db: db, service: &attendance.Service{DB: db, Roster: &roster.Service{DB: db}}}
	ctx := context.Background()
	var org models.Organisation
	var typ models.CourseType
	var pl models.Plan
	for _, err := range []error{
		db.Read(ctx).Where("code = ?", "SO-VHTTDL").Take(&org).Error, db.Read(ctx).Where("code = ?", "conference").Take(&typ).Error, db.Read(ctx).Take(&pl).Error,
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		w.people, w.sessions = nil, nil
		least := 50
		w.course = models.Course{PlanID: pl.ID, Code: "L1", Title: "Tập huấn", CourseTypeID: typ.ID, State: models.CourseOpen, HostID: org.ID, Capacity: people + 10,
			RulePercent: 80, MinScoreTenths: &least, FirstDay: tx.Today, LastDay: tx.Today.AddDays(1)}
		other := w.course
		other.Code = "L2"
		for _, c := range []*models.Course{&w.course, &other} {
			if err := tx.Create(c).Error; err != nil {
				return 0, err
			}
		}
		for i, at := range []struct{ day, from, to int }{{0, 450, 690}, {0, 810, 1050}, {1, 450, 570}} {
			s := models.Session{CourseID: w.course.ID, Day: tx.Today.AddDays(at.day), StartMinute: at.from, EndMinute: at.to, Room: "Hội trường", Title: fmt.Sprintf("Buổi %d", i+1)}
			if err := tx.Create(&s).Error; err != nil {
				return 0, err
			}
			w.sessions = append(w.sessions, s)
		}
		for i, x := range []struct {
			actor  *access.Actor
			role   models.StaffRole
			course uint64
		}{{&w.trainer, models.StaffTrainer, w.course.ID}, {&w.clerk, models.StaffClerk, w.course.ID}, {&w.stranger, models.StaffTrainer, other.ID}} {
			a := models.Account{Name: fmt.Sprintf("Lý Thị %c", 'A'+i)}
			if err := tx.Create(&a).Error; err != nil {
				return 0, err
			}
			if err := tx.Create(&models.CourseStaff{CourseID: x.course, AccountID: a.ID, Role: x.role}).Error; err != nil {
				return 0, err
			}
			*x.actor = access.Actor{By: store.By{AccountID: a.ID}, Name: a.Name, Lang: "vi", Grants: []access.Grant{{Role: models.Role(x.role)}}}
		}
		cadres := make([]models.Cadre, people)
		for i := range cadres {
			cadres[i] = models.Cadre{FullName: fmt.Sprintf("Nông Văn %c%c%c", 'A'+i/676%26, 'a'+i/26%26, 'a'+i%26), BirthYear: 1980}
		}
		if err := tx.CreateInBatches(&cadres, 500).Error; err != nil {
			return 0, err
		}
		list := make([]models.Enrolment, people)
		for i := range list {
			list[i] = models.Enrolment{CourseID: w.course.ID, CadreID: cadres[i].ID, OrganisationID: &org.ID, State: models.EnrolmentEnrolled, Source: "coordinator"}
		}
		if err := tx.CreateInBatches(&list, 500).Error; err != nil {
			return 0, err
		}
		for _, e := range list {
			w.people = append(w.people, e.ID)
		}
		return 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// set changes columns of rows behind the service's back.
func (w *world) set(t *testing.T, model any, id uint64, columns map[string]any) {
	t.Helper()
	_, err := w.db.Write(context.Background(), store.By{}, func(tx *store.Tx) (uint64, error) {
		return 0, tx.Model(model).Where("id = ?", id).Updates(columns).Error
	})
	if err != nil {
		t.Fatal(err)
	}
}

// marks reads the sheet of a session as "present" and so on, by enrolment.
func (w *world) marks(t *testing.T, session int) map[uint64]models.MarkValue {
	t.Helper()
	sheet, err := w.service.Sheet(context.Background(), w.trainer, w.sessions[session].ID)
	if err != nil {
		t.Fatal(err)
	}
	out := map[uint64]models.MarkValue{}
	for _, r := range sheet.Rows {
		if r.Mark != models.MarkNone {
			out[r.EnrolmentID] = r.Mark
		}
	}
	return out
}

func (w *world) save(t *testing.T, session int, marks ...attendance.MarkInput) attendance.Result {
	t.Helper()
	r, err := w.service.Save(context.Background(), w.trainer, w.sessions[session].ID, marks)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
