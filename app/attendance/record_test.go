package attendance_test

import (
	"cmp"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"taphuan/app/access"
	"taphuan/app/attendance"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

func (w *world) record(t *testing.T, b attendance.Batch) attendance.Outcome {
	t.Helper()
	out, err := w.service.Record(ctx, w.trainer, b)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// coordinator may write enrolments.
func (w *world) coordinator() access.Actor {
	a := w.trainer
	a.Grants = []access.Grant{{Role: models.RoleCoordinator}}
	return a
}

func fates(list []attendance.Fate) []string {
	out := make([]string, len(list))
	for i, f := range list {
		if out[i], _ = f.Why(); out[i] == "" {
			out[i] = string(f.Status)
		}
	}
	return out
}

func TestEachMarkOfABatchIsTakenOrRefusedByItself(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 4)
		now := db.Time()
		var stranger models.Enrolment
		_, err := db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
			var e models.Enrolment
			var other models.Course
			if err := tx.Take(&e, w.people[0]).Error; err != nil {
				return 0, err
			}
			if err := tx.Where("code = ?", "L2").Take(&other).Error; err != nil {
				return 0, err
			}
			stranger = models.Enrolment{CourseID: other.ID, CadreID: e.CadreID, State: models.EnrolmentEnrolled, Source: "coordinator"}
			return 0, tx.Create(&stranger).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		taken := uid()
		w.save(t, 1, attendance.MarkInput{UID: taken, EnrolmentID: w.people[3], Mark: models.MarkPresent})
		good := func(person, session int) attendance.MarkInput {
			return attendance.MarkInput{UID: uid(), SessionID: w.sessions[session].ID, EnrolmentID: w.people[person], Mark: models.MarkPresent, MarkedAt: now}
		}
		var marks []attendance.MarkInput
		var want []string
		add := func(status string, change func(*attendance.MarkInput)) {
			m := good(0, 0)
			change(&m)
			marks, want = append(marks, m), append(want, status)
		}
		add("stored", func(*attendance.MarkInput) {})
		add("not_found", func(m *attendance.MarkInput) { m.SessionID = 1 << 40 })
		add("session_not_yet", func(m *attendance.MarkInput) { m.SessionID = w.sessions[2].ID })
		add("mark_not_enrolled", func(m *attendance.MarkInput) { m.EnrolmentID = stranger.ID })
		add("mark_not_enrolled", func(m *attendance.MarkInput) { m.EnrolmentID = 0 })
		add("mark_unknown", func(m *attendance.MarkInput) { m.Mark = "asleep" })
		add("mark_uid", func(m *attendance.MarkInput) { m.UID = "x" })
		add("mark_uid_taken", func(m *attendance.MarkInput) { m.UID = taken })
		add("mark_uid_taken", func(m *attendance.MarkInput) { m.UID, m.Note = marks[0].UID, "another" })
		add("mark_utf8", func(m *attendance.MarkInput) { m.Note = "\xff\xfe" })
		add("mark_note", func(m *attendance.MarkInput) { m.Note = strings.Repeat("ộ", 301) })
		add("mark_time", func(m *attendance.MarkInput) { m.MarkedAt = time.Date(9999, 12, 31, 0, 0, 0, 0, time.UTC) })
		add("mark_time", func(m *attendance.MarkInput) { m.Offset = new(200 * 365 * 24 * time.Hour) })
		add("walk_in_unknown", func(m *attendance.MarkInput) { m.EnrolmentID, m.WalkInUID = 0, uid() })
		add("walk_in_unknown", func(m *attendance.MarkInput) { m.WalkInUID = uid() })
		add("stored", func(m *attendance.MarkInput) { m.SessionID, m.EnrolmentID = w.sessions[1].ID, w.people[1] })
		marks, want = append(marks, marks[0]), append(want, "repeated")
		out := w.record(t, attendance.Batch{DeviceID: uid(), Marks: marks})
		if got := fates(out.Marks); !slices.Equal(got, want) {
			t.Errorf("%v\nwant %v", got, want)
		}
		for i, f := range out.Marks {
			if f.UID != marks[i].UID {
				t.Errorf("%d: %s for %s", i, f.UID, marks[i].UID)
			}
		}
		if a, b := w.marks(t, 0), w.marks(t, 1); len(a) != 1 || len(b) != 2 {
			t.Error(a, b)
		}
		// Ten thousand: the first thousand are stored, the others are told to come again.
		marks = nil
		for range 10000 {
			marks = append(marks, good(2, 0))
		}
		out = w.record(t, attendance.Batch{Marks: marks})
		if n := len(slices.DeleteFunc(fates(out.Marks), func(s string) bool { return s != "stored" })); n != attendance.MaxMarks {
			t.Errorf("%d stored", n)
		}
		if out.Marks[attendance.MaxMarks].Refusal.Code != "marks_too_many" {
			t.Error(out.Marks[attendance.MaxMarks])
		}
		// Out of scope is not there.
		other, err := w.service.Record(ctx, w.stranger, attendance.Batch{Marks: []attendance.MarkInput{good(1, 0)}})
		if err != nil || other.Marks[0].Refusal.Code != "not_found" || len(other.Sessions) != 0 {
			t.Errorf("%+v %v", other, err)
		}
	}, testseed.Base)
}

func TestABatchThatIsSentFiveTimesAtOnceCountsOnce(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 30)
		b := attendance.Batch{DeviceID: uid(), WalkIns: []attendance.WalkInInput{{UID: uid(), SessionID: w.sessions[0].ID, Name: "Hoàng Thị Mới", Office: "UBND xã", BirthYear: 1990}}}
		for _, id := range w.people {
			for _, x := range w.sessions[:2] {
				b.Marks = append(b.Marks, attendance.MarkInput{UID: uid(), SessionID: x.ID, EnrolmentID: id, Mark: models.MarkLate, MarkedAt: db.Time()})
			}
		}
		b.Marks = append(b.Marks, attendance.MarkInput{UID: uid(), SessionID: w.sessions[0].ID, WalkInUID: b.WalkIns[0].UID, Mark: models.MarkPresent, MarkedAt: db.Time()})
		var mu sync.Mutex
		var wg sync.WaitGroup
		seen := map[string]int{}
		for range 5 {
			wg.Go(func() {
				out, err := w.service.Record(ctx, w.trainer, b)
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				for _, f := range append(fates(out.Marks), fates(out.WalkIns)...) {
					seen[f]++
				}
			})
		}
		wg.Wait()
		if !maps.Equal(seen, map[string]int{"stored": 62, "repeated": 4 * 62}) {
			t.Error(seen)
		}
		list, err := w.service.WalkIns(ctx, w.trainer, w.course.ID)
		if err != nil || len(list) != 1 || list[0].Attended != 1 || list[0].Name != "Hoàng Thị Mới" {
			t.Errorf("%+v %v", list, err)
		}
	}, testseed.Base)
}

func TestAWrongClockIsCorrectedByItsMeasuredOffset(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 1)
		now := db.Time()
		mark := func(m models.MarkValue, clock, offset time.Duration) attendance.MarkInput {
			return attendance.MarkInput{UID: uid(), SessionID: w.sessions[0].ID, EnrolmentID: w.people[0], Mark: m, MarkedAt: now.Add(clock), Offset: &offset}
		}
		// The first phone's clock is ten minutes ahead, and says so: what it marked two minutes ago is older than what the second
		// marked a minute ago, whichever arrives first.
		a, b := mark(models.MarkAbsent, 8*time.Minute, -10*time.Minute), mark(models.MarkPresent, -time.Minute, 0)
		w.record(t, attendance.Batch{DeviceID: uid(), Marks: []attendance.MarkInput{b}})
		w.record(t, attendance.Batch{DeviceID: uid(), Marks: []attendance.MarkInput{a}})
		h, err := w.service.History(ctx, w.trainer, w.sessions[0].ID, w.people[0])
		if err != nil {
			t.Fatal(err)
		}
		if h.Row.Mark != models.MarkPresent || !h.Changes[1].MarkedAt.Equal(now.Add(-2*time.Minute)) || !h.Changes[1].DeviceAt.Equal(now.Add(8*time.Minute)) ||
			*h.Changes[1].OffsetMS != -600000 || h.Changes[1].Flag != "" {
			t.Errorf("%+v", h)
		}
	}, testseed.Base)
}

func TestWhereSourcesDisagreeTheTrainerSeesBothUntilSomebodyWhoSawThemDecides(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 4)
		now := db.Time()
		phone, tablet := uid(), uid()
		at := func(person int, m models.MarkValue, seconds int, seen ...int) attendance.MarkInput {
			x := attendance.MarkInput{UID: uid(), SessionID: w.sessions[0].ID, EnrolmentID: w.people[person], Mark: m, MarkedAt: now.Add(time.Duration(seconds) * time.Second)}
			if len(seen) > 0 {
				x.SeenAt = now.Add(time.Duration(seen[0]) * time.Second)
			}
			return x
		}
		from := func(device string, marks ...attendance.MarkInput) []bool {
			t.Helper()
			var out []bool
			for _, m := range w.record(t, attendance.Batch{DeviceID: device, Marks: marks}).Sessions[0].Marks {
				out = append(out, m.Disputed)
			}
			return out
		}
		badge := at(2, models.MarkPresent, -60)
		badge.Source = attendance.SourceBadge
		for i, x := range []struct {
			device string
			marks  []attendance.MarkInput
			want   []bool
		}{
			{phone, []attendance.MarkInput{at(0, models.MarkPresent, -50), at(1, models.MarkPresent, -50)}, []bool{false, false}},
			// The tablet had not seen the first, and says the same of the second.
			{tablet, []attendance.MarkInput{at(0, models.MarkAbsent, -40), at(1, models.MarkPresent, -40)}, []bool{true, false}},
			// One device corrects itself.
			{phone, []attendance.MarkInput{at(1, models.MarkLate, -30, -40)}, []bool{false}},
			// Whoever has seen it decides.
			{phone, []attendance.MarkInput{at(0, models.MarkAbsent, -30, -40)}, []bool{false}},
			{phone, []attendance.MarkInput{badge}, []bool{false}},
			{phone, []attendance.MarkInput{at(2, models.MarkAbsent, -20)}, []bool{true}},
			// Taking back what one has not seen leaves both in sight.
			{tablet, []attendance.MarkInput{at(2, models.MarkNone, -10)}, []bool{true}},
			{tablet, []attendance.MarkInput{at(3, models.MarkNone, -10)}, []bool{false}},
		} {
			if got := from(x.device, x.marks...); !slices.Equal(got, x.want) {
				t.Errorf("%d: %v, want %v", i, got, x.want)
			}
		}
		sheet, err := w.service.Sheet(ctx, w.trainer, w.sessions[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []bool{false, false, true, false} {
			if sheet.Rows[i].Disputed != want {
				t.Errorf("%d: %+v", i, sheet.Rows[i])
			}
		}
		// A page of the server shows everything, so what is marked there settles it.
		if r := w.save(t, 0, attendance.MarkInput{EnrolmentID: w.people[2], Mark: models.MarkPresent}); r.Marks[0].Disputed {
			t.Errorf("%+v", r)
		}
	}, testseed.Base)
}

func TestMarksThatArriveAfterClosingAreKeptAndDoNotCount(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 2)
		w.save(t, 0, attendance.MarkInput{EnrolmentID: w.people[0], Mark: models.MarkAbsent})
		w.set(t, &models.Course{}, w.course.ID, map[string]any{"state": models.CourseClosed, "closed_at": db.Time()})
		b := attendance.Batch{DeviceID: uid(), Marks: []attendance.MarkInput{{UID: uid(), SessionID: w.sessions[0].ID, EnrolmentID: w.people[0], Mark: models.MarkPresent, MarkedAt: db.Time()}},
			WalkIns: []attendance.WalkInInput{{UID: uid(), SessionID: w.sessions[0].ID, Name: "Bế Thị Sau", Office: "UBND xã"}}}
		out := w.record(t, b)
		if out.Marks[0].Status != attendance.Held || out.WalkIns[0].Status != attendance.Stored || out.Sessions[0].Marks[0].Mark != models.MarkAbsent {
			t.Errorf("%+v", out)
		}
		if out = w.record(t, b); out.Marks[0].Status != attendance.Repeated {
			t.Errorf("%+v", out)
		}
		h, err := w.service.History(ctx, w.trainer, w.sessions[0].ID, w.people[0])
		if err != nil || len(h.Changes) != 2 || h.Changes[0].State != models.EventHeld || h.Changes[0].Holds || !h.Changes[1].Holds {
			t.Errorf("%+v %v", h, err)
		}
	}, testseed.Base)
}

func TestAWalkInIsMatchedToACadreWithTheirMarksAndBack(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 2)
		w.set(t, &models.Course{}, w.course.ID, map[string]any{"capacity": 2}) // full
		stray := models.Cadre{FullName: "Đàm Văn Lạc", BirthYear: 1979}
		_, err := db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) { return 0, tx.Create(&stray).Error })
		if err != nil {
			t.Fatal(err)
		}
		first, again := uid(), uid()
		in := func(u, name string) attendance.WalkInInput {
			return attendance.WalkInInput{UID: u, SessionID: w.sessions[0].ID, Name: name, Office: "UBND xã Trùng Khánh", BirthYear: 1979, ReplacesID: w.people[1]}
		}
		mark := func(u string, session int, m models.MarkValue) attendance.MarkInput {
			return attendance.MarkInput{UID: uid(), SessionID: w.sessions[session].ID, WalkInUID: u, Mark: m, MarkedAt: db.Time()}
		}
		w.record(t, attendance.Batch{WalkIns: []attendance.WalkInInput{in(first, "Đàm Văn  Lạc"), in(again, "Nông Văn Aaa")},
			Marks: []attendance.MarkInput{mark(first, 0, models.MarkPresent), mark(first, 1, models.MarkLate), mark(again, 0, models.MarkLate)}})
		sheet, err := w.service.Sheet(ctx, w.trainer, w.sessions[0].ID)
		if err != nil || len(sheet.WalkIns) != 2 || sheet.Attended != 0 || sheet.WalkIns[1].Replaces != "Nông Văn Aab" {
			t.Fatalf("%+v %v", sheet, err)
		}
		if m := w.marks(t, 0); len(m) != 0 {
			t.Errorf("who was replaced got a mark: %v", m)
		}
		at := map[string]uint64{}
		for _, p := range sheet.WalkIns {
			at[p.UID] = p.ID
		}
		boss := w.coordinator()
		if err := w.service.Match(ctx, w.trainer, at[first], stray.ID); !errs.Is(err, "not_found") {
			t.Errorf("a trainer matched: %v", err)
		}
		if err := w.service.Match(ctx, boss, at[first], stray.ID); err != nil {
			t.Fatal(err)
		}
		if err := w.service.Match(ctx, boss, at[first], stray.ID); !errs.Is(err, "walk_in_matched") {
			t.Error(err)
		}
		var e models.Enrolment
		if err := db.Read(ctx).Where("course_id = ? AND cadre_id = ?", w.course.ID, stray.ID).Take(&e).Error; err != nil || e.State != models.EnrolmentEnrolled || e.Source != "walk_in" {
			t.Fatalf("%+v %v", e, err)
		}
		if a, b := w.marks(t, 0), w.marks(t, 1); a[e.ID] != models.MarkPresent || b[e.ID] != models.MarkLate {
			t.Error(a, b)
		}
		// The phone that entered them goes on marking by its own id.
		late := mark(first, 0, models.MarkExcused)
		late.MarkedAt = db.Time().Add(time.Second)
		w.record(t, attendance.Batch{Marks: []attendance.MarkInput{late}})
		if a := w.marks(t, 0); a[e.ID] != models.MarkExcused {
			t.Error(a)
		}
		// The other is somebody who has a place: their events go together.
		var known models.Enrolment
		if err := db.Read(ctx).Take(&known, w.people[0]).Error; err != nil {
			t.Fatal(err)
		}
		w.record(t, attendance.Batch{Marks: []attendance.MarkInput{{UID: uid(), SessionID: w.sessions[0].ID, EnrolmentID: known.ID, Mark: models.MarkAbsent, MarkedAt: db.Time().Add(-time.Minute)}}})
		if err := w.service.Match(ctx, boss, at[again], known.CadreID); err != nil {
			t.Fatal(err)
		}
		if a := w.marks(t, 0); a[known.ID] != models.MarkLate {
			t.Error(a)
		}
		if err := w.service.Unmatch(ctx, boss, at[again]); err != nil {
			t.Fatal(err)
		}
		if a := w.marks(t, 0); a[known.ID] != models.MarkAbsent {
			t.Error(a)
		}
		if err := w.service.Unmatch(ctx, boss, at[first]); err != nil {
			t.Fatal(err)
		}
		if err := db.Read(ctx).Take(&e, e.ID).Error; err != nil || e.State != models.EnrolmentWithdrawn {
			t.Errorf("%+v %v", e, err)
		}
		if err := w.service.Unmatch(ctx, boss, at[first]); !errs.Is(err, "walk_in_not_matched") {
			t.Error(err)
		}
		if err := w.service.Keep(ctx, boss, at[first], models.WalkInGuest); err != nil {
			t.Error(err)
		}
		if err := w.service.Keep(ctx, boss, at[again], models.WalkInMistake); err != nil {
			t.Error(err)
		}
		if sheet, err = w.service.Sheet(ctx, w.trainer, w.sessions[0].ID); err != nil || len(sheet.WalkIns) != 1 || sheet.WalkIns[0].State != models.WalkInGuest {
			t.Errorf("%+v %v", sheet, err)
		}
		for _, x := range []struct {
			change func(*attendance.WalkInInput)
			code   string
		}{
			{func(i *attendance.WalkInInput) { i.Name = " " }, "walk_in_name"},
			{func(i *attendance.WalkInInput) { i.Name = "a\xff" }, "walk_in_name"},
			{func(i *attendance.WalkInInput) { i.Office = strings.Repeat("x", 101) }, "walk_in_office"},
			{func(i *attendance.WalkInInput) { i.BirthYear = 2050 }, "walk_in_birth_year"},
			{func(i *attendance.WalkInInput) { i.ReplacesID = 1 << 40 }, "walk_in_replaces"},
			{func(i *attendance.WalkInInput) { i.UID = "1" }, "walk_in_uid"},
			{func(i *attendance.WalkInInput) { i.SessionID = 1 << 40 }, "not_found"},
			{func(i *attendance.WalkInInput) { i.SessionID = w.sessions[2].ID }, "session_not_yet"},
		} {
			bad := in(uid(), "Ai Đó")
			x.change(&bad)
			if got := fates(w.record(t, attendance.Batch{WalkIns: []attendance.WalkInInput{bad}}).WalkIns); got[0] != x.code {
				t.Errorf("%s, want %s", got[0], x.code)
			}
		}
	}, testseed.Base)
}

// fact is one event as the model of the test knows it.
type fact struct {
	who, session int // who: a person, or behind them the walk-ins
	mark         models.MarkValue
	at           int // seconds
	all          bool
	uid          string
}

// holding is the model of what holds: written anew, event by event in the order of time, without looking at the product.
func holding(facts []fact) models.MarkValue {
	list := slices.Clone(facts)
	slices.SortFunc(list, func(a, b fact) int { return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.uid, b.uid)) })
	spoke := false // somebody marked the person by name at any time, and the last such mark stands
	var own, now models.MarkValue
	for _, f := range list {
		if !f.all {
			spoke, own = true, f.mark
		}
	}
	if spoke && own != models.MarkNone {
		return own
	}
	for _, f := range list {
		if f.all {
			now = f.mark
		} else {
			now = models.MarkNone // was taken back in the end: only "all present" after it fills
		}
	}
	return now
}

func TestAnyOrderOfArrivalAnyGroupingAndAnyRepetitionGiveWhatTheModelSays(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		const people, strays, rounds, each = 3, 2, 5, 40
		r := rand.New(rand.NewPCG(7, 11))
		w := newWorld(t, db, people)
		now := db.Time()
		boss := w.coordinator()
		for round := range rounds {
			for session := range 2 {
				w.clear(t, session)
			}
			walkIns := make([]attendance.WalkInInput, strays)
			for i := range walkIns {
				walkIns[i] = attendance.WalkInInput{UID: uid(), SessionID: w.sessions[0].ID, Name: fmt.Sprint("Khách ", i), Office: "UBND xã"}
			}
			var facts []fact
			for range each {
				f := fact{who: r.IntN(people + strays), session: r.IntN(2), mark: append(attendance.Marks, models.MarkNone)[r.IntN(5)], at: -r.IntN(6), uid: uid()}
				f.all = f.mark == models.MarkPresent && f.who < people && r.IntN(2) == 0
				facts = append(facts, f)
			}
			arrivals := append(slices.Clone(facts), facts[:each/2]...)
			r.Shuffle(len(arrivals), func(i, j int) { arrivals[i], arrivals[j] = arrivals[j], arrivals[i] })
			sent := false
			matched := map[int]int{} // walk-in to person
			for part := range slices.Chunk(arrivals, 1+r.IntN(9)) {
				b := attendance.Batch{DeviceID: uid()}
				if !sent || r.IntN(3) == 0 {
					b.WalkIns, sent = walkIns, true
				}
				for _, f := range part {
					device := time.Duration(r.IntN(1200)-600) * time.Second // each clock is wrong in its own way, and knows it
					m := attendance.MarkInput{UID: f.uid, SessionID: w.sessions[f.session].ID, Mark: f.mark, All: f.all,
						MarkedAt: now.Add(time.Duration(f.at)*time.Second - device), Offset: &device}
					if f.who < people {
						m.EnrolmentID = w.people[f.who]
					} else {
						m.WalkInUID = walkIns[f.who-people].UID
					}
					b.Marks = append(b.Marks, m)
				}
				for _, f := range fates(w.record(t, b).Marks) {
					if f != "stored" && f != "repeated" {
						t.Fatal(f)
					}
				}
				// In between a coordinator says who a walk-in was, or takes that back.
				k := r.IntN(strays)
				var row models.WalkIn
				if err := db.Read(ctx).Where("uid = ?", walkIns[k].UID).Take(&row).Error; err != nil {
					t.Fatal(err)
				}
				if _, ok := matched[k]; ok && r.IntN(2) == 0 {
					if err := w.service.Unmatch(ctx, boss, row.ID); err != nil {
						t.Fatal(err)
					}
					delete(matched, k)
				} else if !ok && r.IntN(2) == 0 {
					matched[k] = r.IntN(people)
					var e models.Enrolment
					if err := db.Read(ctx).Take(&e, w.people[matched[k]]).Error; err != nil {
						t.Fatal(err)
					}
					if err := w.service.Match(ctx, boss, row.ID, e.CadreID); err != nil {
						t.Fatal(err)
					}
				}
			}
			for session := range 2 {
				got := w.marks(t, session)
				for p := range people {
					var about []fact
					for _, f := range facts {
						to, ok := matched[f.who-people]
						if f.session == session && (f.who == p || ok && to == p) {
							about = append(about, f)
						}
					}
					if want := holding(about); got[w.people[p]] != want {
						t.Fatalf("round %d, session %d, person %d: %q, the model says %q\n%+v", round, session, p, got[w.people[p]], want, about)
					}
				}
			}
		}
	}, testseed.Base)
}
