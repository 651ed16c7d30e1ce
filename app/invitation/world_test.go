package invitation_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/invitation"
	"taphuan/app/mail"
	"taphuan/app/secret"
	"taphuan/app/settings"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testmail"
	"taphuan/models"
	"taphuan/seeds"
)

var based = testdb.With("base", func(ctx context.Context, db *store.DB) error {
	_, err := seeds.Base(ctx, db)
	return err
})

// world is a course of two half-days in a week, with people of one office in it.
type world struct {
	t       *testing.T
	db      *store.DB
	course  models.Course
	org     models.Organisation
	people  []models.Cadre
	seats   []models.Enrolment // by the people's order
	invites *invitation.Service
	post    *mail.Service
	server  *testmail.Server
}

// newWorld makes it with so many seats; people beyond wait. Every second one has an address.
func newWorld(t *testing.T, db *store.DB, people, seats int, mails bool) *world {
	t.Helper()
	w := &world{t: t, db: db}
	keys, err := secret.New(bytes.Repeat([]byte{7}, 32))
	w.must(err)
	w.post = &mail.Service{DB: db, Keys: keys}
	w.invites = &invitation.Service{DB: db, Keys: keys, Settings: &settings.Service{DB: db}, Mail: w.post}
	w.post.Makers = w.invites.Makers()
	if mails {
		w.server = testmail.Start(t, testmail.Options{Security: "none"})
		w.must(w.post.Configure(t.Context(), store.By{}, mail.Config{Host: "127.0.0.1", Port: w.server.Port, Security: mail.SecurityNone, From: "taphuan@caobang.example.vn",
			FromName: "Sở Văn hóa, Thể thao và Du lịch"}, ""))
	}
	var p models.Plan
	var typ models.CourseType
	w.must(db.Read(t.Context()).Take(&p).Error)
	w.must(db.Read(t.Context()).Where("code = ?", "conference").Take(&typ).Error)
	w.must(db.Read(t.Context()).Where("code = ?", "SO-VHTTDL").Take(&w.org).Error)
	day := models.DayOf(db.Time()).AddDays(7)
	w.course = models.Course{PlanID: p.ID, Code: "2026-007", Title: "Kiến thức và kỹ năng truyền thông; quyền con người, năm 2026", CourseTypeID: typ.ID, State: models.CourseOpen, HostID: w.org.ID,
		Venue: "Trung tâm Hội nghị tỉnh, phường Thục Phán", Capacity: seats, RulePercent: 80, FirstDay: day, LastDay: day, Version: 1}
	w.create(&w.course)
	w.create(&models.Session{CourseID: w.course.ID, Day: day, StartMinute: 450, EndMinute: 675, Room: "Hội trường A", Title: "Khai mạc; tổng quan, chính sách"},
		&models.Session{CourseID: w.course.ID, Day: day, StartMinute: 810, EndMinute: 1005, Room: "Hội trường A"})
	names := []string{"Nông Thị Bé", "Hoàng Văn Cường", "Lý Thị Dung", "Đàm Văn Én", "Triệu Thị Gấm", "Bế Văn Hải"}
	for i := range people {
		c := models.Cadre{FullName: names[i], BirthYear: 1980 + i, Sex: models.SexFemale}
		if i%2 == 0 {
			c.Email = fmt.Sprintf("canbo%d@example.vn", i)
		}
		w.create(&c)
		w.create(&models.Posting{CadreID: c.ID, OrganisationID: w.org.ID, Title: "Phó Trưởng phòng Quản lý văn hóa", FromDay: models.MustDay("2025-07-01"), ToDay: models.Forever, Main: true})
		at := db.Time().Add(-time.Hour)
		e := models.Enrolment{CourseID: w.course.ID, CadreID: c.ID, OrganisationID: &w.org.ID, State: models.EnrolmentEnrolled, Source: "coordinator", DecidedAt: &at}
		if i >= seats {
			since := at.Add(time.Duration(i) * time.Second)
			e.State, e.WaitingSince = models.EnrolmentWaiting, &since
		}
		w.create(&e)
		w.people, w.seats = append(w.people, c), append(w.seats, e)
	}
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) create(rows ...any) {
	w.t.Helper()
	_, err := w.db.Write(w.t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
		for _, r := range rows {
			if err := tx.Create(r).Error; err != nil {
				return 0, err
			}
		}
		return 0, nil
	})
	w.must(err)
}

// cadre is the actor behind one of the people.
func (w *world) cadre(i int) access.Actor {
	return access.Actor{CadreID: w.people[i].ID, Grants: []access.Grant{{Role: models.RoleCadre}}, By: store.By{}}
}

// invite invites everybody who is not.
func (w *world) invite() invitation.Result {
	w.t.Helper()
	r, err := w.invites.Invite(w.t.Context(), access.System(), w.course.ID, nil)
	w.must(err)
	return r
}

// sweep does what is due and sends every mail whose turn it is.
func (w *world) sweep() {
	w.t.Helper()
	w.must(w.invites.Sweep(w.t.Context()))
	for more := w.server != nil; more; {
		var err error
		more, err = w.post.SendDue(w.t.Context())
		w.must(err)
	}
}

// at moves the clock.
func (w *world) at(day models.Day, minute int) {
	now := day.At(minute)
	w.db.Now = func() time.Time { return now }
}

func (w *world) courses() *course.Service { return &course.Service{DB: w.db} }

func (w *world) enrolment(i int) models.Enrolment {
	w.t.Helper()
	var e models.Enrolment
	w.must(w.db.Read(w.t.Context()).Take(&e, w.seats[i].ID).Error)
	return e
}

// subjects are those of the mails that arrived, in their order.
func (w *world) subjects() []string {
	var out []string
	for _, m := range w.server.Mails() {
		out = append(out, m.To[0].Address+" "+m.Subject)
	}
	return out
}

func (w *world) list(show string) *invitation.List {
	w.t.Helper()
	l, err := w.invites.List(w.t.Context(), access.System(), w.course.ID, invitation.Filter{Show: show})
	w.must(err)
	return l
}
