package invitation_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"taphuan/app/access"
	"taphuan/app/enrolment"
	"taphuan/app/errs"
	"taphuan/app/invitation"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

func TestACadreConfirmsOrDeclinesAndTheWaitingListMovesUpAtOnce(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 5, 3, false)
		w.invite()
		w.must(w.invites.Confirm(t.Context(), w.cadre(0), w.seats[0].ID))
		w.must(w.invites.Confirm(t.Context(), w.cadre(0), w.seats[0].ID)) // a second tab
		var both sync.WaitGroup
		refused := make(chan error, 8)
		for range 8 {
			both.Go(func() {
				refused <- w.invites.Decline(t.Context(), w.cadre(1), w.seats[1].ID, invitation.Decline{Reason: "Trùng lịch họp"})
			})
		}
		both.Wait()
		close(refused)
		ok := 0
		for err := range refused {
			if err == nil {
				ok++
			} else if !errs.Is(err, "reply_no_seat") {
				t.Errorf("declining twice: %v", err)
			}
		}
		if ok != 1 {
			t.Errorf("declined %d times", ok)
		}
		if e := w.enrolment(1); e.State != models.EnrolmentWithdrawn || e.Reason != "Trùng lịch họp" {
			t.Errorf("%+v", e)
		}
		if w.enrolment(3).State != models.EnrolmentEnrolled || w.enrolment(4).State != models.EnrolmentWaiting {
			t.Error("the waiting list did not move up by one")
		}
		if err := w.invites.Confirm(t.Context(), w.cadre(1), w.seats[1].ID); !errs.Is(err, "reply_no_seat") {
			t.Errorf("confirming after declining: %v", err)
		}
		if err := w.invites.Confirm(t.Context(), w.cadre(4), w.seats[4].ID); !errs.Is(err, "reply_no_seat") {
			t.Errorf("confirming from the waiting list: %v", err)
		}
		if err := w.invites.Confirm(t.Context(), w.cadre(0), w.seats[2].ID); !errs.Is(err, "not_found") {
			t.Errorf("confirming for another: %v", err)
		}
		if err := w.invites.Decline(t.Context(), w.cadre(0), w.seats[0].ID, invitation.Decline{Reason: " "}); !errs.Is(err, "reason_missing") {
			t.Errorf("no reason: %v", err)
		}
		if err := w.invites.Decline(t.Context(), w.cadre(0), w.seats[0].ID, invitation.Decline{Reason: "x", SubstituteName: strings.Repeat("ơ", 201)}); !errs.Is(err, "too_long") {
			t.Errorf("too long: %v", err)
		}
		if got := w.list("").Counts; got != (invitation.Counts{Seats: 3, Uninvited: 1, Paper: 2, Confirmed: 1, Declined: 1, Silent: 1}) {
			t.Errorf("%+v", got)
		}
		if l := w.list("declined"); l.Total != 1 || l.Rows[0].Reason != "Trùng lịch họp" {
			t.Errorf("%+v", l.Rows)
		}
	}, based)
}

func TestRepliesEndWhenTheCourseStarts(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 2, 2, false)
		w.invite()
		begins := w.course.FirstDay.At(450)
		db.Now = func() time.Time { return begins.Add(-time.Second) }
		w.must(w.invites.Confirm(t.Context(), w.cadre(0), w.seats[0].ID))
		db.Now = func() time.Time { return begins }
		if err := w.invites.Decline(t.Context(), w.cadre(0), w.seats[0].ID, invitation.Decline{Reason: "Ốm"}); !errs.Is(err, "reply_late") {
			t.Errorf("after the start: %v", err)
		}
		if o, err := w.invites.Own(t.Context(), w.cadre(0), w.seats[0].ID); err != nil || o.MayReply || o.Invitation.Reply != models.ReplyConfirmed {
			t.Errorf("%+v %v", o, err)
		}
		db.Now = func() time.Time { return begins.Add(-time.Hour) }
		w.set(&models.Course{}, w.course.ID, map[string]any{"state": models.CourseCancelled})
		if err := w.invites.Confirm(t.Context(), w.cadre(1), w.seats[1].ID); !errs.Is(err, "reply_late") {
			t.Errorf("of a cancelled course: %v", err)
		}
	}, based)
}

func TestASubstituteIsAColleagueAndBecomesANomination(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 3, 3, false)
		w.invite()
		colleague, stranger := models.Cadre{FullName: "Hà Thị Kim"}, models.Cadre{FullName: "Vi Văn Lâm"}
		w.create(&colleague, &stranger)
		var other models.Organisation
		w.must(db.Read(t.Context()).Where("code = ?", "SO-GDDT").Take(&other).Error)
		w.create(&models.Posting{CadreID: colleague.ID, OrganisationID: w.org.ID, Title: "Chuyên viên", FromDay: models.MustDay("2025-07-01"), ToDay: models.Forever, Main: true},
			&models.Posting{CadreID: stranger.ID, OrganisationID: other.ID, Title: "Chuyên viên", FromDay: models.MustDay("2025-07-01"), ToDay: models.Forever, Main: true})
		o, err := w.invites.Own(t.Context(), w.cadre(0), w.seats[0].ID)
		if err != nil || len(o.Colleagues) != 1 || o.Colleagues[0].Name != "Hà Thị Kim" || o.Colleagues[0].Title != "Chuyên viên" {
			t.Errorf("offered %+v %v", o, err)
		}
		for _, id := range []uint64{stranger.ID, w.people[1].ID, w.people[0].ID, 987654321} {
			if err := w.invites.Decline(t.Context(), w.cadre(0), w.seats[0].ID, invitation.Decline{Reason: "Ốm", SubstituteID: id}); !errs.Is(err, "substitute_unknown") {
				t.Errorf("cadre %d: %v", id, err)
			}
		}
		if e := w.enrolment(0); e.State != models.EnrolmentEnrolled {
			t.Errorf("a refused reply changed %+v", e)
		}
		w.must(w.invites.Decline(t.Context(), w.cadre(0), w.seats[0].ID, invitation.Decline{Reason: "Ốm", SubstituteID: colleague.ID}))
		w.must(w.invites.Decline(t.Context(), w.cadre(1), w.seats[1].ID, invitation.Decline{Reason: "Ốm", SubstituteName: "Bà Lê Thị Mơ, văn thư"}))
		var e models.Enrolment
		w.must(db.Read(t.Context()).Where("course_id = ? AND cadre_id = ?", w.course.ID, colleague.ID).Take(&e).Error)
		if e.State != models.EnrolmentNominated || e.Source != enrolment.SourceSubstitute || *e.OrganisationID != w.org.ID {
			t.Errorf("%+v", e)
		}
		l := w.list("declined")
		if len(l.Rows) != 2 || l.Rows[0].Substitute != "Hà Thị Kim" || l.Rows[0].SubstituteIn != models.EnrolmentNominated || l.Rows[1].Substitute != "Bà Lê Thị Mơ, văn thư" {
			t.Errorf("%+v", l.Rows)
		}
		// Who comes back is invited anew, and the old reply counts no more.
		_, err = (&enrolment.Service{DB: db}).Enrol(t.Context(), access.System(), w.course.ID, []uint64{w.people[0].ID})
		w.must(err)
		if c := w.list("").Counts; c.Declined != 1 {
			t.Errorf("in the same instant: %+v", c)
		}
		later := db.Time().Add(time.Minute)
		db.Now = func() time.Time { return later }
		_, err = (&enrolment.Service{DB: db}).Withdraw(t.Context(), access.System(), w.seats[0].ID, "Ghi nhầm")
		w.must(err)
		_, err = (&enrolment.Service{DB: db}).Enrol(t.Context(), access.System(), w.course.ID, []uint64{w.people[0].ID})
		w.must(err)
		if c := w.list("").Counts; c.Uninvited != 1 || c.Declined != 1 {
			t.Errorf("who came back: %+v", c)
		}
		if r := w.invite(); r.Paper != 1 {
			t.Errorf("invited %+v", r)
		}
	}, based)
}
