package invitation_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"taphuan/app/access"
	"taphuan/app/course"
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
		if l.Rows[0].SubstituteName != "" || l.Rows[1].SubstituteName != l.Rows[1].Substitute {
			t.Errorf("who was only named is told apart from who was nominated: %+v", l.Rows)
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

func TestEveryWayToAFreeSeatTakesTheWaitingListInItsOrder(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 6, 2, false)
		// Who came last has waited longest, so that neither ids nor names are the order.
		_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
			for i := 2; i < 6; i++ {
				if err := tx.Model(&models.Enrolment{}).Where("id = ?", w.seats[i].ID).Update("waiting_since", tx.Now.Add(-time.Duration(i)*time.Minute)).Error; err != nil {
					return 0, err
				}
			}
			return 0, nil
		})
		w.must(err)
		seated := func(how string, want ...int) {
			t.Helper()
			for i := range w.seats {
				if got := w.enrolment(i).State == models.EnrolmentEnrolled; got != slices.Contains(want, i) {
					t.Errorf("%s: person %d has a seat: %v", how, i, got)
				}
			}
		}
		w.must(w.invites.Decline(t.Context(), w.cadre(0), w.seats[0].ID, invitation.Decline{Reason: "Ốm"}))
		seated("declining", 1, 5)
		_, err = (&enrolment.Service{DB: db}).Withdraw(t.Context(), access.System(), w.seats[1].ID, "Bận")
		w.must(err)
		seated("withdrawing", 4, 5)
		c := w.course
		w.must(w.courses().Update(t.Context(), access.System(), c.ID, course.Input{Title: c.Title, CourseTypeID: c.CourseTypeID, HostID: c.HostID, Venue: c.Venue, Capacity: 3, RulePercent: c.RulePercent, Version: c.Version}))
		seated("more seats", 3, 4, 5)
	}, based)
}

func TestASeatAndItsInvitationAreOneRequest(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 6, 2, true)
		enrolments := &enrolment.Service{DB: db}
		_, err := enrolments.WithdrawAll(t.Context(), access.System(), []uint64{w.seats[2].ID, w.seats[3].ID, w.seats[4].ID, w.seats[5].ID}, "Bận")
		w.must(err)
		_, err = db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
			return 0, tx.Model(&models.Course{}).Where("id = ?", w.course.ID).Update("capacity", 5).Error
		})
		w.must(err)
		people := []uint64{w.people[2].ID, w.people[3].ID, w.people[4].ID, w.people[5].ID}
		invited, err := w.invites.Seats(t.Context())
		w.must(err)
		account := models.Account{Name: "Điều phối", Language: "vi"}
		w.create(&account)
		boss := access.System()
		boss.By = store.By{AccountID: account.ID, Key: "0193-c", Action: "test"}
		var both sync.WaitGroup
		for range 4 { // a double click, and two more
			both.Go(func() {
				r, err := enrolments.Enrol(t.Context(), boss, w.course.ID, people, invited)
				if want := (enrolment.Result{Enrolled: 3, Waiting: 1, Mailed: 2, Paper: 1}); err != nil || r != want {
					t.Errorf("%+v, %v", r, err)
				}
			})
		}
		both.Wait()
		w.sweep()
		got := w.subjects()
		for _, who := range []string{"canbo2@", "canbo4@"} {
			if n := strings.Count(strings.Join(got, " "), who); n != 1 {
				t.Errorf("%d mails to %s of %q", n, who, got)
			}
		}
		// Where nobody can be invited, nobody is enrolled.
		_, err = db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
			return 0, tx.Model(&models.Session{}).Where("course_id = ?", w.course.ID).Update("cancelled", true).Error
		})
		w.must(err)
		_, err = enrolments.WithdrawAll(t.Context(), access.System(), []uint64{w.seats[2].ID, w.seats[5].ID}, "Bận")
		w.must(err)
		if _, err = enrolments.Enrol(t.Context(), access.System(), w.course.ID, people[:1], invited); !errs.Is(err, "invitation_no_session") {
			t.Errorf("without a session: %v", err)
		}
		if e := w.enrolment(2); e.State != models.EnrolmentWithdrawn {
			t.Errorf("%+v", e)
		}
	}, based)
}

func TestARefusedSubstituteTakesNoSeatFromWhoMovedUp(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 4, 2, false)
		w.invite()
		colleague := models.Cadre{FullName: "Hà Thị Kim"}
		w.create(&colleague)
		w.create(&models.Posting{CadreID: colleague.ID, OrganisationID: w.org.ID, Title: "Chuyên viên", FromDay: models.MustDay("2025-07-01"), ToDay: models.Forever, Main: true})
		// A course on the same day, in which the colleague has a seat, is seen where the substitute is chosen, and again where it is decided.
		other := w.course
		other.ID, other.Code, other.Title = 0, "2026-008", "Lớp cùng ngày"
		w.create(&other)
		w.create(&models.Session{CourseID: other.ID, Day: other.FirstDay, StartMinute: 480, EndMinute: 600},
			&models.Enrolment{CourseID: other.ID, CadreID: colleague.ID, OrganisationID: &w.org.ID, State: models.EnrolmentEnrolled, Source: "coordinator"})
		o, err := w.invites.Own(t.Context(), w.cadre(0), w.seats[0].ID)
		if err != nil || len(o.Colleagues) != 1 || o.Colleagues[0].Busy != other.FirstDay {
			t.Fatalf("offered %+v %v", o, err)
		}
		w.must(w.invites.Decline(t.Context(), w.cadre(0), w.seats[0].ID, invitation.Decline{Reason: "Ốm", SubstituteID: colleague.ID}))
		if w.enrolment(2).State != models.EnrolmentEnrolled {
			t.Fatal("who waits did not move up when the seat came free")
		}
		enrolments := &enrolment.Service{DB: db}
		l, err := enrolments.Nominations(t.Context(), access.Actor{Grants: []access.Grant{{Role: models.RoleCoordinator}}}, enrolment.NominationFilter{CourseID: w.course.ID})
		if err != nil || l.Total.N != 1 || len(l.Rows[0].Clashes) != 1 {
			t.Fatalf("%+v %v", l, err)
		}
		if _, err := enrolments.Approve(t.Context(), access.System(), []uint64{l.Rows[0].ID}); !errs.Is(err, "schedule_clash") {
			t.Errorf("a substitute who is elsewhere: %v", err)
		}
		r, err := enrolments.Refuse(t.Context(), access.System(), []uint64{l.Rows[0].ID}, "Trùng lịch")
		if err != nil || r.Changed != 1 {
			t.Errorf("%+v %v", r, err)
		}
		for i, want := range []models.EnrolmentState{models.EnrolmentWithdrawn, models.EnrolmentEnrolled, models.EnrolmentEnrolled, models.EnrolmentWaiting} {
			if got := w.enrolment(i).State; got != want {
				t.Errorf("person %d is %s, not %s", i, got, want)
			}
		}
	}, based)
}

func TestApprovingInvitesWhoGetsASeatInTheSameRequest(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 6, 6, true)
		begun := w.course
		begun.ID, begun.Code, begun.State = 0, "2026-009", models.CourseRunning
		begun.FirstDay, begun.LastDay = models.DayOf(db.Time()).AddDays(-1), models.DayOf(db.Time())
		w.create(&begun)
		w.create(&models.Session{CourseID: begun.ID, Day: begun.FirstDay, StartMinute: 480, EndMinute: 600},
			&models.Enrolment{CourseID: begun.ID, CadreID: w.people[5].ID, OrganisationID: &w.org.ID, State: models.EnrolmentNominated, Source: "nomination"})
		_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
			err := tx.Model(&models.Enrolment{}).Where("course_id = ?", w.course.ID).Updates(map[string]any{"state": models.EnrolmentNominated, "source": "nomination", "decided_at": nil}).Error
			if err == nil {
				err = tx.Model(&models.Course{}).Where("id = ?", w.course.ID).Update("capacity", 5).Error
			}
			return 0, err
		})
		w.must(err)
		account := models.Account{Name: "Điều phối", Language: "vi"}
		w.create(&account)
		boss := access.System()
		boss.By = store.By{AccountID: account.ID, Key: "approve", Action: "test"}
		invited, err := w.invites.Seats(t.Context())
		w.must(err)
		var both sync.WaitGroup
		for range 3 {
			both.Go(func() {
				// Five get a seat and an invitation, one waits, one is in a course that has begun and is not invited to it any more.
				r, err := (&enrolment.Service{DB: db}).ApproveFound(t.Context(), boss, enrolment.NominationFilter{}, invited)
				if want := (enrolment.Result{Enrolled: 6, Waiting: 1, Mailed: 3, Paper: 2}); err != nil || r != want {
					t.Errorf("%+v, %v", r, err)
				}
			})
		}
		both.Wait()
		w.sweep()
		if got := w.subjects(); len(got) != 3 {
			t.Errorf("sent %q", got)
		}
	}, based)
}

func TestTheSeatOfWhoRetiresGoesWithAnInvitationToWhoWaits(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 3, 2, true) // 0 and 2 have addresses, 2 waits
		w.invite()
		w.sweep()
		_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
			return 0, tx.Model(&models.Posting{}).Where("cadre_id = ?", w.people[0].ID).Updates(map[string]any{"to_day": tx.Today.AddDays(1), "end_reason": models.EndRetired, "updated_at": tx.Now}).Error
		})
		w.must(err)
		w.must((&enrolment.Service{DB: db}).Release(t.Context()))
		w.sweep()
		if got := w.subjects(); len(got) != 2 || !strings.HasPrefix(got[1], "canbo2@example.vn Giấy mời") {
			t.Errorf("sent %q", got)
		}
	}, based)
}
