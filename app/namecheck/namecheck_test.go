package namecheck_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/errs"
	"taphuan/app/namecheck"
	"taphuan/app/page"
	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/app/template"
	"taphuan/internal/testdb"
	"taphuan/models"
	"taphuan/seeds"
)

var based = testdb.With("base", func(ctx context.Context, db *store.DB) error {
	_, err := seeds.Base(ctx, db)
	return err
})

type world struct {
	t      *testing.T
	db     *store.DB
	s      *namecheck.Service
	certs  *certificate.Service
	course models.Course
	org    models.Organisation
	people []models.Cadre
	seats  []models.Enrolment
	sign   uint64
}

const title = "Phó Chủ tịch Ủy ban nhân dân"

// newWorld makes a course that closed today, completed by everybody, whose seats were given so many days ago.
func newWorld(t *testing.T, db *store.DB, daysAgo int, names ...string) *world {
	t.Helper()
	w := &world{t: t, db: db, s: &namecheck.Service{DB: db}, certs: &certificate.Service{DB: db, Templates: &template.Service{DB: db}, PublicURL: func(context.Context) (string, error) { return "https://taphuan.example.vn", nil }}}
	var p models.Plan
	var typ models.CourseType
	w.must(db.Read(t.Context()).Take(&p).Error)
	w.must(db.Read(t.Context()).Where("code = ?", "conference").Take(&typ).Error)
	w.must(db.Read(t.Context()).Where("code = ?", "SO-VHTTDL").Take(&w.org).Error)
	today := models.DayOf(db.Time())
	closed := db.Time()
	w.course = models.Course{PlanID: p.ID, Code: "L1", Title: "Tập huấn", CourseTypeID: typ.ID, State: models.CourseClosed, HostID: w.org.ID, Capacity: 50, RulePercent: 80, FirstDay: today, LastDay: today, ClosedAt: &closed, Version: 1}
	w.create(&w.course)
	at := today.AddDays(-daysAgo).At(23*60 + 59)
	for _, name := range names {
		c := models.Cadre{FullName: name, BirthYear: 1985}
		w.create(&c)
		e := models.Enrolment{CourseID: w.course.ID, CadreID: c.ID, State: models.EnrolmentEnrolled, Source: "coordinator", Outcome: models.OutcomeCompleted, DecidedAt: &at}
		w.create(&models.Posting{CadreID: c.ID, OrganisationID: w.org.ID, Title: title, FromDay: models.MustDay("2025-07-01"), ToDay: models.Forever, Main: true}, &e,
			&models.Completion{CadreID: c.ID, CourseID: &w.course.ID, EffectiveDay: today, TotalMinutes: 480, AttendedMinutes: 480})
		w.people, w.seats = append(w.people, c), append(w.seats, e)
	}
	w.must(w.certs.SaveIssuer(t.Context(), access.System(), models.Issuer{OrganisationID: w.org.ID, Name: w.org.Name, Place: "Cao Bằng", Symbol: "GCN-QCN"}))
	w.must(w.certs.SaveSignatory(t.Context(), access.System(), models.Signatory{OrganisationID: w.org.ID, Name: "Hoàng Văn Thạch", Title: "Giám đốc"}))
	var sign models.Signatory
	w.must(db.Read(t.Context()).Take(&sign).Error)
	w.sign = sign.ID
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

func (w *world) cadre(i int) access.Actor {
	return access.Actor{CadreID: w.people[i].ID, Grants: []access.Grant{{Role: models.RoleCadre}}}
}

func (w *world) issue() (int, error) {
	return w.certs.Issue(w.t.Context(), access.System(), certificate.IssueInput{CourseID: w.course.ID, SignatoryID: w.sign})
}

func (w *world) shown(i int) namecheck.Answer {
	w.t.Helper()
	p, err := w.s.OwnOf(w.t.Context(), w.cadre(i), w.seats[i].ID)
	w.must(err)
	if p == nil {
		w.t.Fatal("there is nothing to check")
	}
	return namecheck.Answer{Name: p.Name, Title: p.Title}
}

// seen is what a head's page says of the answer that it shows.
func (w *world) seen(i int) int64 {
	w.t.Helper()
	p, err := w.s.OwnOf(w.t.Context(), w.cadre(i), w.seats[i].ID)
	w.must(err)
	return p.Seen()
}

func TestAHeadDecidesOnWhatWasSeenAndOnOwnPostingsOnly(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 0, "Nông Thị Bé", "Hoàng Văn Cường")
		head := access.Actor{Grants: []access.Grant{{Role: models.RoleHead, OrganisationID: w.org.ID, Path: w.org.Path}}}
		w.must(w.s.Propose(t.Context(), w.cadre(0), w.seats[0].ID, namecheck.Answer{Name: "Nông Thị Bế", Title: title}))
		seen, now := w.seen(0), db.Time().Add(time.Second)
		db.Now = func() time.Time { return now }
		w.must(w.s.Propose(t.Context(), w.cadre(0), w.seats[0].ID, namecheck.Answer{Name: "Nông Thị Bê", Title: "Chủ tịch"}))
		for what, err := range map[string]error{
			"accepting": w.s.Accept(t.Context(), head, w.seats[0].ID, seen),
			"refusing":  w.s.Refuse(t.Context(), head, w.seats[0].ID, seen, "Sai"),
		} {
			if !errs.Is(err, "name_changed") {
				t.Errorf("%s what is not asked for any more: %v", what, err)
			}
		}
		// The cadre works elsewhere from tomorrow on: the new office's head may correct the name, and no title of the old one.
		var next models.Organisation
		w.must(db.Read(t.Context()).Where("code = ?", "SO-NV").Take(&next).Error)
		tomorrow := models.DayOf(db.Time()).AddDays(1)
		_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
			hs, err := roster.LockHistories(tx, w.people[0].ID)
			if err != nil {
				return 0, err
			}
			h := hs[w.people[0].ID]
			if _, err := h.Transfer(roster.Place{Organisation: next, Title: "Chuyên viên"}, tomorrow); err != nil {
				return 0, err
			}
			return 0, h.Save(tx)
		})
		w.must(err)
		stranger := access.Actor{Grants: []access.Grant{{Role: models.RoleHead, OrganisationID: next.ID, Path: next.Path}}}
		if err := w.s.Accept(t.Context(), stranger, w.seats[0].ID, w.seen(0)); !errs.Is(err, "other_office_concerned") {
			t.Errorf("a title at another office: %v", err)
		}
		var c models.Cadre
		w.must(db.Read(t.Context()).Take(&c, w.people[0].ID).Error)
		if c.FullName != "Nông Thị Bé" {
			t.Errorf("half of it was done: %s", c.FullName)
		}
		w.must(w.s.Accept(t.Context(), head, w.seats[0].ID, w.seen(0)))
	}, based)
}

func TestSilenceIsConsentAfterFiveFullDays(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 5, "Nông Thị Bé", "Hoàng Văn Cường")
		if _, err := w.issue(); !errs.Is(err, "names_not_ready") {
			t.Errorf("after four full days and a minute: %v", err)
		}
		st, err := w.certs.Standing(t.Context(), access.System(), w.course.ID)
		w.must(err)
		today := models.DayOf(db.Time())
		if st.Ready != 0 || len(st.Left) != 2 || st.Left[0].Name != "Nông Thị Bé" || st.Left[0].From != today.AddDays(1) || st.Left[0].Pending {
			t.Errorf("%+v", st)
		}
		db.Now = func() time.Time { return today.AddDays(1).At(0) }
		if n, err := w.issue(); err != nil || n != 2 {
			t.Errorf("after five full days: %d %v", n, err)
		}
	}, based)
}

func TestWhoConfirmedOrWasCheckedOnPaperNeedsNoWaitingAndTheOthersAreLeft(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 0, "Nông Thị Bé", "Hoàng Văn Cường", "Đàm Thị Én", "Lý Thị Gấm")
		w.must(w.s.Confirm(t.Context(), w.cadre(0), w.seats[0].ID, w.shown(0)))
		w.must(w.s.Confirm(t.Context(), w.cadre(0), w.seats[0].ID, w.shown(0))) // a second tab
		if n, err := w.s.OnPaper(t.Context(), access.System(), w.course.ID, []uint64{w.seats[0].ID, w.seats[1].ID, w.seats[1].ID}); err != nil || n != 1 {
			t.Errorf("on paper: %d %v", n, err)
		}
		w.must(w.s.Propose(t.Context(), w.cadre(2), w.seats[2].ID, namecheck.Answer{Name: "Đàm Thị Yến", Title: title}))
		if n, err := w.issue(); err != nil || n != 2 {
			t.Errorf("issued %d %v", n, err)
		}
		st, err := w.certs.Standing(t.Context(), access.System(), w.course.ID)
		w.must(err)
		if st.Ready != 0 || len(st.Left) != 2 || !st.Left[0].Pending || st.Left[0].Name != "Đàm Thị Én" || st.Left[1].Pending {
			t.Errorf("%+v", st)
		}
		if err := w.s.Propose(t.Context(), w.cadre(0), w.seats[0].ID, namecheck.Answer{Name: "Nông Thị Bế"}); !errs.Is(err, "name_printed") && !errs.Is(err, "not_found") {
			t.Errorf("after printing: %v", err)
		}
		later := models.DayOf(db.Time()).AddDays(30).At(600)
		db.Now = func() time.Time { return later }
		if n, err := w.issue(); err != nil || n != 1 {
			t.Errorf("a correction that waits must hold back its own certificate only, however long: %d %v", n, err)
		}
		if err := w.s.Refuse(t.Context(), access.System(), w.seats[2].ID, w.seen(2), " "); !errs.Is(err, "reason_missing") {
			t.Errorf("no reason: %v", err)
		}
		w.must(w.s.Refuse(t.Context(), access.System(), w.seats[2].ID, w.seen(2), "Đúng theo căn cước"))
		if n, err := w.issue(); err != nil || n != 1 {
			t.Errorf("after the refusal: %d %v", n, err)
		}
	}, based)
}

func TestACorrectionChangesTheRosterOnceAndTheCertificatePrintsIt(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 0, "Nông Thị Bé", "Hoàng Văn Cường")
		w.must(w.s.Propose(t.Context(), w.cadre(0), w.seats[0].ID, namecheck.Answer{Name: "Nông  Thị Bế", Title: "Chủ tịch Ủy ban nhân dân", Note: "Theo căn cước"}))
		head := access.Actor{Grants: []access.Grant{{Role: models.RoleHead, OrganisationID: w.org.ID, Path: w.org.Path}}}
		stranger := access.Actor{Grants: []access.Grant{{Role: models.RoleHead, OrganisationID: 987654321, Path: "/nobody"}}}
		if l, err := w.s.Proposals(t.Context(), head); err != nil || len(l) != 1 || l[0].NewName != "Nông Thị Bế" || l[0].Name != "Nông Thị Bé" || l[0].Note != "Theo căn cước" {
			t.Errorf("%+v %v", l, err)
		}
		if l, err := w.s.Proposals(t.Context(), stranger); err != nil || len(l) != 0 {
			t.Errorf("another head sees %+v %v", l, err)
		}
		if err := w.s.Accept(t.Context(), stranger, w.seats[0].ID, w.seen(0)); !errs.Is(err, "not_found") {
			t.Errorf("another head: %v", err)
		}
		seen := w.seen(0)
		var all sync.WaitGroup
		answers := make(chan error, 6)
		for i := range 6 {
			all.Go(func() {
				if i%2 == 0 {
					answers <- w.s.Accept(context.Background(), head, w.seats[0].ID, seen)
				} else {
					answers <- w.s.Accept(context.Background(), access.System(), w.seats[0].ID, seen)
				}
			})
		}
		all.Wait()
		close(answers)
		ok := 0
		for err := range answers {
			if err == nil {
				ok++
			} else if !errs.Is(err, "name_decided") {
				t.Errorf("decided twice: %v", err)
			}
		}
		if ok != 1 {
			t.Errorf("accepted %d times", ok)
		}
		var c models.Cadre
		w.must(db.Read(t.Context()).Take(&c, w.people[0].ID).Error)
		var p models.Posting
		w.must(db.Read(t.Context()).Where("cadre_id = ?", c.ID).Take(&p).Error)
		if c.FullName != "Nông Thị Bế" || !strings.Contains(c.Search, "be") || p.Title != "Chủ tịch Ủy ban nhân dân" {
			t.Errorf("%+v %+v", c, p)
		}
		if n, err := w.issue(); err != nil || n != 1 {
			t.Errorf("issued %d %v", n, err)
		}
		l, err := w.certs.List(t.Context(), access.System(), access.CertificateRead, certificate.Filter{CourseID: w.course.ID}, page.Ask{})
		if err != nil || l.Rows[0].Name != "Nông Thị Bế" {
			t.Errorf("%+v %v", l, err)
		}
	}, based)
}

func TestAnswersRefuseWhatIsNoNameAndWhatIsNotTheirOwn(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 0, "Nông Thị Bé", "Hoàng Văn Cường")
		for _, x := range []struct{ name, title, code string }{
			{"", "", "required"}, {"Bé 2", "", "name_letters"}, {"Bé <b>", "", "name_letters"}, {"Bé 漢", "", "name_letters"}, {strings.Repeat("ơ", 201), "", "too_long"}, {"Bé", strings.Repeat("ơ", 301), "too_long"}, {"Bé", "Chuyên viên 漢", "name_letters"},
		} {
			if err := w.s.Propose(t.Context(), w.cadre(0), w.seats[0].ID, namecheck.Answer{Name: x.name, Title: x.title}); !errs.Is(err, x.code) {
				t.Errorf("%q, %q: %v", x.name, x.title, err)
			}
		}
		for _, id := range []uint64{w.seats[1].ID, 987654321} {
			if err := w.s.Confirm(t.Context(), w.cadre(0), id, namecheck.Answer{Name: "Hoàng Văn Cường", Title: title}); !errs.Is(err, "not_found") {
				t.Errorf("enrolment %d: %v", id, err)
			}
		}
		if err := w.s.Confirm(t.Context(), w.cadre(0), w.seats[0].ID, namecheck.Answer{Name: "Nông Thị Bé", Title: "Chuyên viên"}); !errs.Is(err, "name_changed") {
			t.Errorf("an old page: %v", err)
		}
		if _, err := w.s.OnPaper(t.Context(), access.System(), w.course.ID, nil); !errs.Is(err, "nobody_chosen") {
			t.Errorf("nobody: %v", err)
		}
		if _, err := w.s.OnPaper(t.Context(), access.System(), w.course.ID, []uint64{w.seats[0].ID, 987654321}); !errs.Is(err, "not_found") {
			t.Errorf("somebody of another course: %v", err)
		}
		trainer := access.Actor{By: store.By{AccountID: 987654321}, Grants: []access.Grant{{Role: models.RoleTrainer}}}
		if _, err := w.s.OnPaper(t.Context(), trainer, w.course.ID, []uint64{w.seats[0].ID}); !errs.Is(err, "not_found") {
			t.Errorf("another's trainer: %v", err)
		}
		w.must(w.s.Propose(t.Context(), w.cadre(0), w.seats[0].ID, w.shown(0)))
		if p, err := w.s.OwnOf(t.Context(), w.cadre(0), w.seats[0].ID); err != nil || p.State != models.NameCheckConfirmed {
			t.Errorf("what is proposed as it is: %+v %v", p, err)
		}
	}, based)
}
