package attendance_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"taphuan/app/access"
	"taphuan/app/attendance"
	"taphuan/app/badge"
	"taphuan/app/errs"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

const (
	phone1 = "0192f0c1-0000-4000-8000-000000000001"
	phone2 = "0192f0c1-0000-4000-8000-000000000002"
)

// withCodes gives the world keys and sets its clock.
func withCodes(t *testing.T, db *store.DB, people int) *world {
	t.Helper()
	w := newWorld(t, db, people)
	k, err := secret.New(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	w.service.Keys, w.service.Access = k, &access.Service{DB: db, Keys: k}
	return w
}

// at sets the clock to so much after the first session's start.
func (w *world) at(after time.Duration) {
	now := w.sessions[0].Starts().Add(after)
	w.db.Now = func() time.Time { return now }
}

func (w *world) code(t *testing.T, session int) string {
	t.Helper()
	x, err := w.service.Screen(t.Context(), w.trainer, w.sessions[session].ID)
	if err != nil {
		t.Fatal(err)
	}
	return x.Code
}

func (w *world) arrive(t *testing.T, session int, device string) attendance.Ticket {
	t.Helper()
	ticket, err := w.service.Arrive(t.Context(), w.code(t, session), device)
	if err != nil {
		t.Fatal(err)
	}
	return ticket
}

func TestACodeOfTheScreenIsTakenForFortyFiveSeconds(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := withCodes(t, db, 1)
		for _, shown := range []time.Duration{0, 14999 * time.Millisecond} { // since its step began
			for since, want := range map[time.Duration]string{-3001 * time.Millisecond: "check_in_stale", -3 * time.Second: "", 0: "", 41999 * time.Millisecond: "", 42 * time.Second: "check_in_stale", time.Hour: "check_in_stale"} {
				w.at(shown)
				code := w.code(t, 0)
				w.at(since)
				if _, err := w.service.Arrive(t.Context(), code, phone1); errs.As(err) == nil && want != "" || errs.As(err) != nil && errs.As(err).Code != want {
					t.Errorf("shown after %s, arrived %s after its step began: %v", shown, since, err)
				}
			}
		}
	}, testseed.Base)
}

func TestACodeIsBoundToItsSessionAndToTheKeyThatHolds(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := withCodes(t, db, 1)
		w.at(0)
		code := w.code(t, 0)
		parts := strings.Split(code, ".")
		other := strings.Replace(code, parts[0]+".", fmt.Sprint(w.sessions[1].ID)+".", 1)
		late := parts[0] + "." + parts[1][:len(parts[1])-1] + string('0'+('9'-parts[1][len(parts[1])-1])) + "." + parts[2]
		bent := code[:len(code)-1] + map[bool]string{true: "1", false: "0"}[code[len(code)-1] == '0']
		for _, wrong := range []string{"", ".", "..", code + ".", " " + code, strings.ToLower(code), other, late, bent, parts[0] + "." + parts[1], "0" + code, "999999." + parts[1] + "." + parts[2], "-1.1.A", strings.Repeat("9", 400),
			parts[0] + ".99999999999999999999." + parts[2], "\xff"} {
			if wrong == code {
				continue // no letter to make small
			}
			if _, err := w.service.Arrive(t.Context(), wrong, phone1); !errs.Is(err, "check_in_code") {
				t.Errorf("%q: %v", wrong, err)
			}
		}
		if _, err := w.service.Arrive(t.Context(), code, "no device"); !errs.Is(err, "check_in_code") {
			t.Error(err)
		}
		before, err := w.service.Screen(t.Context(), w.trainer, w.sessions[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.service.RenewScreen(t.Context(), w.stranger, w.sessions[0].ID); !errs.Is(err, "not_found") {
			t.Errorf("another course's trainer: %v", err)
		}
		if err := w.service.RenewScreen(t.Context(), w.trainer, w.sessions[0].ID); err != nil {
			t.Fatal(err)
		}
		if _, err := w.service.Arrive(t.Context(), code, phone1); !errs.Is(err, "check_in_code") {
			t.Errorf("a code of the old key: %v", err)
		}
		w.arrive(t, 0, phone1)
		var told []models.AuditEntry
		if err := db.Read(t.Context()).Where("noun = ?", "session").Find(&told).Error; err != nil || len(told) != 1 || strings.Contains(fmt.Sprint(told), before.Key) {
			t.Errorf("%+v %v", told, err)
		}
	}, testseed.Base)
}

func TestDoorsAreOpenFromAnHourBeforeUntilHalfAnHourAfter(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := withCodes(t, db, 1)
		long := w.sessions[0].Ends().Sub(w.sessions[0].Starts())
		for at, want := range map[time.Duration]string{-61 * time.Minute: "check_in_early", -60 * time.Minute: "", 0: "", long + 29*time.Minute: "", long + 30*time.Minute: "check_in_over", -24 * time.Hour: "session_not_yet", 24 * time.Hour: "check_in_over"} {
			w.at(at)
			if _, err := w.service.Arrive(t.Context(), w.code(t, 0), phone1); (want == "") != (err == nil) || want != "" && !errs.Is(err, want) {
				t.Errorf("%s: %v", at, err)
			}
		}
		w.at(0)
		for want, change := range map[string]func(bool){
			"session_cancelled":        func(on bool) { w.set(t, &models.Session{}, w.sessions[0].ID, map[string]any{"cancelled": on}) },
			"attendance_course_closed": func(on bool) { w.state(t, on, models.CourseClosed) },
			"attendance_course_draft":  func(on bool) { w.state(t, on, models.CourseDraft) },
		} {
			ticket := w.arrive(t, 0, phone1)
			change(true)
			_, err := w.service.Arrive(t.Context(), w.code(t, 0), phone1)
			_, err2 := w.service.CheckIn(t.Context(), access.Actor{}, ticket, badge.Code(w.service.Keys, w.people[0]), "10.0.0.1")
			if !errs.Is(err, want) || !errs.Is(err2, want) {
				t.Errorf("%s: %v, %v", want, err, err2)
			}
			change(false)
		}
		if got := w.events(t); len(got) != 0 {
			t.Errorf("%+v", got)
		}
	}, testseed.Base)
}

func (w *world) state(t *testing.T, on bool, state models.CourseState) {
	t.Helper()
	if !on {
		state = models.CourseOpen
	}
	w.set(t, &models.Course{}, w.course.ID, map[string]any{"state": state})
}

func (w *world) events(t *testing.T) []models.MarkEvent {
	t.Helper()
	var list []models.MarkEvent
	if err := w.db.Read(t.Context()).Order("id").Find(&list).Error; err != nil {
		t.Fatal(err)
	}
	return list
}

func TestATicketIsWorthNothingInAnotherBrowserOrAfterTenMinutes(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := withCodes(t, db, 1)
		w.at(0)
		sealed, err := w.service.SealTicket(w.arrive(t, 0, phone1))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := w.service.OpenTicket(sealed, phone1); err != nil || got.SessionID != w.sessions[0].ID {
			t.Fatal(got, err)
		}
		for _, x := range []struct{ ticket, device string }{{sealed, phone2}, {sealed, ""}, {"", phone1}, {sealed[:len(sealed)-2], phone1}, {"AAAA" + sealed[4:], phone1}, {"%%%", phone1}} {
			if _, err := w.service.OpenTicket(x.ticket, x.device); !errs.Is(err, "check_in_ticket") {
				t.Errorf("%+v: %v", x, err)
			}
		}
		w.at(10*time.Minute - time.Second)
		if _, err := w.service.OpenTicket(sealed, phone1); err != nil {
			t.Error(err)
		}
		w.at(10 * time.Minute)
		if _, err := w.service.OpenTicket(sealed, phone1); !errs.Is(err, "check_in_ticket") {
			t.Error(err)
		}
	}, testseed.Base)
}

func TestWhoChecksInIsMarkedOnceAndATrainerWhoSaidOtherwiseSeesBoth(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := withCodes(t, db, 3)
		w.at(0)
		w.save(t, 0, attendance.MarkInput{EnrolmentID: w.people[1], Mark: models.MarkAbsent})
		w.at(time.Minute)
		ticket := w.arrive(t, 0, phone1)
		var own models.Enrolment
		if err := db.Read(t.Context()).Take(&own, w.people[0]).Error; err != nil {
			t.Fatal(err)
		}
		account := models.Account{Name: "Nông Văn Aaa", CadreID: &own.CadreID}
		if _, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) { return 0, tx.Create(&account).Error }); err != nil {
			t.Fatal(err)
		}
		cadre := access.Actor{By: store.By{AccountID: account.ID}, CadreID: own.CadreID, Grants: []access.Grant{{Role: models.RoleCadre}}}
		for range 3 {
			if got, err := w.service.CheckIn(t.Context(), cadre, ticket, "", "10.0.0.1"); err != nil || got.EnrolmentID != w.people[0] {
				t.Fatal(got, err)
			}
		}
		code := strings.ToLower(badge.Code(w.service.Keys, w.people[1]))
		if _, err := w.service.CheckIn(t.Context(), access.Actor{}, ticket, code, "10.0.0.1"); err != nil {
			t.Fatal(err)
		}
		list := w.events(t)
		if len(list) != 3 || list[1].AccountID != account.ID || list[2].AccountID != 0 || list[2].Source != attendance.SourceScreen || list[2].DeviceID != phone1 || list[2].SeenAt != nil ||
			!list[2].MarkedAt.Equal(w.db.Time()) {
			t.Errorf("%+v", list)
		}
		sheet, err := w.service.Sheet(t.Context(), w.trainer, w.sessions[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		if r := sheet.Rows; r[0].Mark != models.MarkPresent || r[0].Disputed || r[1].Mark != models.MarkPresent || !r[1].Disputed || r[2].Mark != models.MarkNone {
			t.Errorf("%+v", r)
		}
		if h, err := w.service.History(t.Context(), w.trainer, w.sessions[0].ID, w.people[1]); err != nil || len(h.Changes) != 2 || h.Changes[0].Account != "" || h.Changes[1].Account == "" {
			t.Errorf("%+v %v", h, err)
		}
		var c models.Course
		if err := db.Read(t.Context()).Take(&c, w.course.ID).Error; err != nil || c.State != models.CourseRunning {
			t.Errorf("the first check-in leaves the course %q: %v", c.State, err)
		}
	}, testseed.Base)
}

func TestOnlyThoseEnrolledCheckInAndGuessingIsSlowedDown(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := withCodes(t, db, 2)
		w.at(0)
		ticket := w.arrive(t, 0, phone1)
		w.set(t, &models.Enrolment{}, w.people[1], map[string]any{"state": models.EnrolmentWithdrawn})
		in := func(t2 attendance.Ticket, actor access.Actor, code string) error {
			_, err := w.service.CheckIn(t.Context(), actor, t2, code, "10.0.0.1")
			return err
		}
		right := badge.Code(w.service.Keys, w.people[0])
		for _, x := range []struct {
			actor      access.Actor
			code, want string
		}{{access.Actor{}, badge.Code(w.service.Keys, w.people[1]), "check_in_not_enrolled"}, {access.Actor{}, badge.Code(w.service.Keys, 99999), "check_in_not_enrolled"},
			{w.trainer, "", "check_in_personal_missing"}, {access.Actor{By: w.trainer.By, CadreID: 99999}, " ", "check_in_not_enrolled"}} {
			if err := in(ticket, x.actor, x.code); !errs.Is(err, x.want) {
				t.Errorf("%+v: %v", x, err)
			}
		}
		for i := range 9 {
			if err := in(ticket, access.Actor{}, fmt.Sprintf("%d-00000%d", w.people[0], i)); !errs.Is(err, "check_in_personal") {
				t.Fatalf("guess %d: %v", i, err)
			}
		}
		if err := in(ticket, access.Actor{}, right); err != nil {
			t.Fatalf("a right code after nine wrong ones: %v", err)
		}
		if err := in(ticket, access.Actor{}, "1-ZZZZZZ"); !errs.Is(err, "code_wait") {
			t.Errorf("the tenth wrong one: %v", err)
		}
		if err := in(ticket, access.Actor{}, right); !errs.Is(err, "code_wait") {
			t.Errorf("a right code during the pause: %v", err)
		}
		if err := in(w.arrive(t, 0, phone2), access.Actor{}, right); err != nil {
			t.Errorf("from another phone of the same hall: %v", err)
		}
		w.at(61 * time.Second)
		if err := in(ticket, access.Actor{}, right); err != nil {
			t.Errorf("after the pause: %v", err)
		}
	}, testseed.Base)
}

func TestANewDeviceAndAnotherAddressForEachGuessGainNothing(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := withCodes(t, db, 2)
		w.at(0)
		in := func(i int, code string) error {
			_, err := w.service.CheckIn(t.Context(), access.Actor{}, w.arrive(t, 0, fmt.Sprintf("0192f0c1-0000-4000-8000-0000000001%02d", i)), code, fmt.Sprintf("10.0.0.%d", i))
			return err
		}
		for i := range 20 {
			if err := in(i, fmt.Sprintf("%d-0000%02d", w.people[0], i)); !errs.Is(err, "check_in_personal") {
				t.Fatalf("guess %d: %v", i, err)
			}
		}
		if err := in(20, fmt.Sprintf("%d-000020", w.people[0])); !errs.Is(err, "code_wait") {
			t.Errorf("guess 21: %v", err)
		}
		if err := in(21, badge.Code(w.service.Keys, w.people[0])); !errs.Is(err, "code_wait") {
			t.Errorf("a right one afterwards: %v", err)
		}
		if err := in(22, badge.Code(w.service.Keys, w.people[1])); err != nil {
			t.Errorf("somebody else meanwhile: %v", err)
		}
	}, testseed.Base)
}

func TestAHallThatChecksInAtOnceIsWholeAndOnePhoneForManyIsSeen(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := withCodes(t, db, 60)
		w.at(0)
		var wg sync.WaitGroup
		for i, id := range w.people {
			device := fmt.Sprintf("0192f0c1-0000-4000-8000-0000000000%02d", i)
			if i >= 57 { // three at one phone
				device = phone1[:24] + "0000000000ff"
			}
			ticket := w.arrive(t, 0, device)
			for range 2 {
				wg.Go(func() {
					if _, err := w.service.CheckIn(t.Context(), access.Actor{}, ticket, badge.Code(w.service.Keys, id), "10.0.0.1"); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wg.Wait()
		if _, err := w.service.CheckIn(t.Context(), access.Actor{}, w.arrive(t, 0, phone2[:24]+"0000000000aa"), badge.Code(w.service.Keys, w.people[3]), "10.0.0.2"); err != nil {
			t.Fatal(err)
		}
		if got := w.marks(t, 0); len(got) != 60 || len(w.events(t)) != 61 {
			t.Errorf("%d marks, %d events", len(got), len(w.events(t)))
		}
		odd, err := w.service.Odd(t.Context(), w.sessions[0].ID)
		if err != nil || len(odd.Shared) != 1 || len(odd.Shared[0].Names) != 3 || len(odd.People) != 1 || odd.People[0].EnrolmentID != w.people[3] || odd.People[0].Phones != 2 {
			t.Errorf("%+v %v", odd, err)
		}
	}, testseed.Base)
}
