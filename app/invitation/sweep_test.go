package invitation_test

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/invitation"
	"taphuan/app/mail"
	"taphuan/app/settings"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

func TestReminderGoOnceEachBeforeTheCourseAndNeverToWhoDeclined(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 5, 5, true) // 0, 2 and 4 have addresses
		w.invite()
		w.sweep()
		w.must(w.invites.Decline(t.Context(), w.cadre(2), w.seats[2].ID, invitation.Decline{Reason: "Đi công tác"}))
		w.must(w.invites.Confirm(t.Context(), w.cadre(4), w.seats[4].ID))
		before := len(w.server.Mails())
		reminders := func() int {
			t.Helper()
			w.sweep()
			w.sweep()
			var n int
			for _, s := range w.subjects()[before:] {
				if !strings.Contains(s, " Nhắc lịch: ") || strings.HasPrefix(s, "canbo2@") {
					t.Errorf("sent %s", s)
				}
				n++
			}
			return n
		}
		first := w.course.FirstDay
		for _, x := range []struct {
			day    models.Day
			minute int
			want   int
		}{{first.AddDays(-4), 12 * 60, 0}, {first.AddDays(-3), 6*60 + 59, 0}, {first.AddDays(-3), 7 * 60, 2}, {first.AddDays(-2), 12 * 60, 2}, {first.AddDays(-1), 6 * 60, 2}, {first.AddDays(-1), 7 * 60, 4},
			{first, 7 * 60, 4}, {first, 7*60 + 30, 4}} {
			w.at(x.day, x.minute)
			if n := reminders(); n != x.want {
				t.Errorf("%s at %d: %d reminders, not %d", x.day, x.minute, n, x.want)
			}
		}
		m := w.server.Mails()[before]
		if len(eventsOf(t, m.Files["lich.ics"])) != 2 || m.Files["giay-moi.pdf"] != nil || !strings.Contains(m.Text, "nhắc lịch") {
			t.Errorf("%+v", m)
		}
	}, based)
}

func TestAReminderThatComesTooLateIsNotSent(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 1, 1, true)
		w.invite()
		w.sweep()
		w.at(w.course.FirstDay.AddDays(-1), 8*60)
		w.must(w.invites.Sweep(t.Context())) // written; nobody sends
		w.at(w.course.FirstDay, 8*60)
		w.sweep()
		if n := len(w.server.Mails()); n != 1 {
			t.Errorf("%d mails", n)
		}
		var m models.Mail
		w.must(db.Read(t.Context()).Order("id DESC").Take(&m).Error)
		if m.Kind != "reminder" || m.State != models.MailDropped {
			t.Errorf("%+v", m)
		}
	}, based)
}

func TestDaysOfRemindersAreSetAndRefused(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 1, 1, false)
		for _, text := range []string{"x", "0", "-1", "31", "1,2,3,4,5,6", "3.5"} {
			if err := w.invites.SetReminderDays(t.Context(), store.By{}, text); !errs.Is(err, "reminder_days") {
				t.Errorf("%q: %v", text, err)
			}
		}
		for text, want := range map[string]string{"": "", "7, 2;2 1": "7, 2, 1"} {
			w.must(w.invites.SetReminderDays(t.Context(), store.By{}, text))
			days, err := w.invites.ReminderDays(t.Context())
			if got := invitation.DaysText(days); err != nil || got != want {
				t.Errorf("%q is %q, %v", text, got, err)
			}
		}
	}, based)
}

func TestWhoMovesUpIsInvitedOnceTheInvitationsWentOut(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 4, 2, true)
		w.must(w.invites.Decline(t.Context(), w.cadre(1), w.seats[1].ID, invitation.Decline{Reason: "Ốm"}))
		w.sweep()
		if n := len(w.server.Mails()); n != 0 {
			t.Errorf("%d were invited before the invitations went out", n)
		}
		if e := w.enrolment(2); e.State != models.EnrolmentEnrolled {
			t.Fatalf("the waiting list did not move up: %+v", e)
		}
		if _, err := w.invites.Invite(t.Context(), access.System(), w.course.ID, []uint64{w.seats[0].ID}); err != nil {
			t.Fatal(err)
		}
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() {
				if err := w.invites.Sweep(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		both.Wait()
		w.sweep()
		got := w.subjects()
		slices.Sort(got)
		if want := []string{"canbo0@example.vn Giấy mời: " + w.course.Title, "canbo2@example.vn Giấy mời: " + w.course.Title}; !slices.Equal(got, want) {
			t.Errorf("sent %q", got)
		}
	}, based)
}

func TestACourseWhoseSessionsAreAllCancelledHoldsNoSweepUp(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 3, 2, true)
		w.invite()
		w.must(w.invites.Decline(t.Context(), w.cadre(0), w.seats[0].ID, invitation.Decline{Reason: "Đi công tác"}))
		cancel := func(yes bool) {
			_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
				return 0, tx.Model(&models.Session{}).Where("course_id = ?", w.course.ID).Update("cancelled", yes).Error
			})
			w.must(err)
		}
		cancel(true)
		w.sweep()
		if n := len(w.list("uninvited").Rows); n != 1 {
			t.Errorf("%d have a seat and no invitation", n)
		}
		cancel(false)
		w.sweep()
		if n := len(w.list("uninvited").Rows); n != 0 {
			t.Errorf("%d are still not invited", n)
		}
	}, based)
}

func TestTheInvitedAreToldOnceOfAChangeWhenTheCourseRests(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 3, 3, true)
		w.invite()
		w.sweep()
		var sessions []models.Session
		w.must(db.Read(t.Context()).Order("id").Find(&sessions).Error)
		today := models.DayOf(db.Time())
		move := func(minute, start int) {
			t.Helper()
			w.at(today, minute)
			w.must(w.courses().UpdateSession(t.Context(), access.System(), sessions[0].ID, course.SessionInput{Day: sessions[0].Day, StartMinute: start, EndMinute: 690, Room: "Hội trường B"}))
		}
		move(9*60, 460)
		move(9*60+5, 470)
		w.at(today, 9*60+12)
		w.sweep()
		if n := len(w.server.Mails()); n != 2 {
			t.Errorf("%d mails while the course is being changed", n)
		}
		w.at(today, 9*60+16)
		w.sweep()
		w.sweep()
		got := w.server.Mails()
		if len(got) != 4 || got[2].Subject != "Thay đổi lịch: "+w.course.Title || !strings.Contains(got[2].Text, "07 giờ 50 – 11 giờ 30, Hội trường B") || got[2].Files["giay-moi.pdf"] == nil {
			t.Fatalf("%q", w.subjects())
		}
		if e := eventsOf(t, got[2].Files["lich.ics"]); e[0].Sequence != 1 || e[0].Start != "2026-12-01T00:50:00+00:00" {
			t.Errorf("%+v", e)
		}
		move(10*60, 470) // saved again as it is
		w.at(today, 11*60)
		w.sweep()
		if n := len(w.server.Mails()); n != 4 {
			t.Errorf("%d mails though nothing has changed", n)
		}
		w.must(w.courses().Cancel(t.Context(), access.System(), w.course.ID, "Mưa lũ, đường bị chia cắt"))
		w.at(today, 12*60)
		w.sweep()
		got = w.server.Mails()
		if len(got) != 6 || got[5].Subject != "Hủy lớp: "+w.course.Title || !strings.Contains(got[5].Text, "Lý do: Mưa lũ, đường bị chia cắt") {
			t.Fatalf("%q", w.subjects())
		}
		for _, e := range eventsOf(t, got[5].Files["lich.ics"]) {
			if e.Status != "CANCELLED" || e.Sequence != 2 {
				t.Errorf("%+v", e)
			}
		}
	}, based)
}

func TestRefusedMailsAreSeenAndSentAgainToTheAddressOfNow(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 1, 1, true)
		w.set(&models.Cadre{}, w.people[0].ID, map[string]any{"email": "khongco@example.vn"})
		w.invite()
		w.sweep()
		l := w.list("")
		if l.Counts.Failed != 1 || l.Rows[0].MailState != models.MailFailed || !strings.Contains(l.Rows[0].MailError, "khong co hop thu nay") {
			t.Errorf("%+v %+v", l.Counts, l.Rows)
		}
		w.set(&models.Cadre{}, w.people[0].ID, map[string]any{"email": "co@example.vn"})
		if n, err := w.invites.Resend(t.Context(), access.System(), w.course.ID); err != nil || n != 1 {
			t.Errorf("%d %v", n, err)
		}
		w.sweep()
		if !slices.Equal(w.subjects(), []string{"co@example.vn Giấy mời: " + w.course.Title}) {
			t.Errorf("%q", w.subjects())
		}
		if _, err := w.invites.Resend(t.Context(), access.System(), w.course.ID); !errs.Is(err, "invitation_none_failed") {
			t.Errorf("nothing failed: %v", err)
		}
	}, based)
}

func TestEachReminderGoesOnceWhoeverRunsAndWhateverEnds(t *testing.T) {
	t.Parallel()
	testdb.EachURL(t, func(t *testing.T, url string) {
		db := testdb.Open(t, url)
		w := newWorld(t, db, 5, 5, true) // 0, 2 and 4 have addresses
		w.invite()
		w.sweep()
		before := len(w.server.Mails())
		at := w.course.FirstDay.AddDays(-1).At(7 * 60)
		// Two processes, each with a connection, a memory and a service of its own, do all that is due at the same time, twice.
		process := func() func() {
			other := testdb.Open(t, url)
			other.Now = func() time.Time { return at }
			post := &mail.Service{DB: other, Keys: w.post.Keys}
			invites := &invitation.Service{DB: other, Keys: w.post.Keys, Settings: &settings.Service{DB: other}, Mail: post}
			post.Makers = invites.Makers()
			return func() {
				for range 2 {
					if err := invites.Sweep(t.Context()); err != nil {
						t.Error(err)
					}
					for more := true; more; {
						var err error
						if more, err = post.SendDue(t.Context()); err != nil {
							t.Error(err)
							return
						}
					}
				}
			}
		}
		var both sync.WaitGroup
		for range 2 {
			both.Go(process())
		}
		both.Wait()
		process()() // and one that starts later
		to := map[string]int{}
		for _, s := range w.subjects()[before:] {
			to[s]++
		}
		for _, who := range []string{"canbo0", "canbo2", "canbo4"} {
			if n := to[who+"@example.vn Nhắc lịch: "+w.course.Title]; n != 1 {
				t.Errorf("%s was reminded %d times: %v", who, n, to)
			}
		}
		if len(to) != 3 {
			t.Errorf("sent %v", to)
		}
	}, based)
}

func TestAMovedDayAndACancelledSessionReachTheInvitedWithACalendarThatSaysSo(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 1, 1, true)
		w.invite()
		w.sweep()
		invited := eventsOf(t, w.server.Mails()[0].Files["lich.ics"])
		var sessions []models.Session
		w.must(db.Read(t.Context()).Order("id").Find(&sessions).Error)
		today, first := models.DayOf(db.Time()), w.course.FirstDay
		w.at(first.AddDays(-1), 7*60) // the reminder of the old day goes
		w.sweep()
		w.must(w.courses().UpdateSession(t.Context(), access.System(), sessions[0].ID, course.SessionInput{Day: first.AddDays(7), StartMinute: 450, EndMinute: 675}))
		w.must(w.courses().CancelSession(t.Context(), access.System(), sessions[1].ID))
		w.at(first.AddDays(-1), 7*60+11)
		w.sweep()
		got := w.server.Mails()
		if len(got) != 3 || got[2].Subject != "Thay đổi lịch: "+w.course.Title || !strings.HasPrefix(string(got[2].Types["lich.ics"]), "text/calendar") {
			t.Fatalf("on %s: %q", today, w.subjects())
		}
		if m := string(got[2].Raw); !strings.Contains(m, "method=PUBLISH") {
			t.Error("the mail does not say what the calendar is for")
		}
		e := eventsOf(t, got[2].Files["lich.ics"])
		if len(e) != 2 || e[0].UID != invited[0].UID || e[0].Status != "CONFIRMED" || e[0].Start != "2026-12-08T00:30:00+00:00" || e[0].Sequence != invited[0].Sequence+1 {
			t.Errorf("moved: %+v", e)
		}
		if e[1].UID != invited[1].UID || e[1].Status != "CANCELLED" || e[1].Sequence != invited[1].Sequence+1 {
			t.Errorf("cancelled: %+v", e)
		}
		w.at(first.AddDays(6), 7*60) // the new day has reminders of its own
		w.sweep()
		if got := w.subjects(); len(got) != 4 || !strings.Contains(got[3], " Nhắc lịch: ") {
			t.Errorf("sent %q", got)
		}
	}, based)
}
