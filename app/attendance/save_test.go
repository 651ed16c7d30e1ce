package attendance_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"taphuan/app/attendance"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

var ctx = context.Background()

func uid() string { return uuid.Must(uuid.NewV7()).String() }

func TestAMarkIsKeptAndAnOpenCourseBegins(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 3)
		r := w.save(t, 0, attendance.MarkInput{EnrolmentID: w.people[1], Mark: models.MarkLate, Note: "  kẹt  xe "}, attendance.MarkInput{EnrolmentID: w.people[2], Mark: models.MarkAbsent})
		if r.Stored != 2 || r.Repeated != 0 || r.Attended != 1 || r.Unmarked != 1 || r.Total != 3 {
			t.Errorf("%+v", r)
		}
		if len(r.Marks) != 2 || r.Marks[0].EnrolmentID != w.people[1] || r.Marks[0].Mark != models.MarkLate || r.Marks[0].Note != "kẹt xe" || r.Marks[0].Disputed {
			t.Errorf("%+v", r.Marks)
		}
		sheet, err := w.service.Sheet(ctx, w.trainer, w.sessions[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		if sheet.Course.State != models.CourseRunning || sheet.Attended != 1 || sheet.Unmarked != 1 || len(sheet.Rows) != 3 || len(sheet.Sessions) != 3 {
			t.Errorf("%+v", sheet)
		}
		if x := sheet.Rows[1]; x.Note != "kẹt xe" || x.Mark != models.MarkLate || x.Office == "" || x.MarkedAt == nil || !x.MarkedAt.Equal(db.Time()) {
			t.Errorf("%+v", x)
		}
		if other := w.marks(t, 1); len(other) != 0 {
			t.Errorf("another session has marks: %v", other)
		}
		// Taking back leaves no mark and both events.
		r = w.save(t, 0, attendance.MarkInput{EnrolmentID: w.people[1], Mark: models.MarkNone})
		if r.Attended != 0 || r.Unmarked != 2 || r.Marks[0].Mark != models.MarkNone {
			t.Errorf("%+v", r)
		}
		h, err := w.service.History(ctx, w.clerk, w.sessions[0].ID, w.people[1])
		if err != nil {
			t.Fatal(err)
		}
		if len(h.Changes) != 2 || !h.Changes[0].Holds || h.Changes[0].Mark != models.MarkNone || h.Changes[1].Mark != models.MarkLate || h.Changes[1].Account != w.trainer.Name || h.Row.Name != "Nông Văn Aab" {
			t.Errorf("%+v", h)
		}
	}, testseed.Base)
}

func TestARowHasTheTimeOfItsMarkOrOfItsTakingBack(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 4)
		now := db.Time()
		guest, cadre := uid(), models.Cadre{FullName: "Đàm Văn Lạc", BirthYear: 1979}
		if _, err := db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) { return 0, tx.Create(&cadre).Error }); err != nil {
			t.Fatal(err)
		}
		input := func(m models.MarkValue, minute int) attendance.MarkInput {
			return attendance.MarkInput{UID: uid(), SessionID: w.sessions[0].ID, Mark: m, MarkedAt: now.Add(time.Duration(minute) * time.Minute)}
		}
		var marks []attendance.MarkInput
		for i, list := range [][]attendance.MarkInput{
			{input(models.MarkPresent, -9)},
			{input(models.MarkPresent, -9), input(models.MarkNone, -8), input(models.MarkLate, -7), input(models.MarkNone, -6)},
			{input(models.MarkNone, -6), input(models.MarkLate, -5)},
		} {
			for _, m := range list {
				m.EnrolmentID = w.people[i]
				marks = append(marks, m)
			}
		}
		for _, m := range []attendance.MarkInput{input(models.MarkPresent, -4), input(models.MarkNone, -3)} {
			m.WalkInUID = guest
			marks = append(marks, m)
		}
		out := w.record(t, attendance.Batch{Marks: marks, WalkIns: []attendance.WalkInInput{{UID: guest, SessionID: w.sessions[0].ID, Name: cadre.FullName, Office: "UBND xã Trùng Khánh"}}})
		minutes := func(at *time.Time) string {
			if at == nil {
				return "never"
			}
			return fmt.Sprint(at.Sub(now).Minutes())
		}
		var said []string
		for _, m := range out.Sessions[0].Marks {
			said = append(said, string(m.Mark)+minutes(m.MarkedAt))
		}
		if want := []string{"present-9", "-6", "late-5"}; !slices.Equal(said, want) {
			t.Errorf("the answer says %q, want %q", said, want)
		}
		shown := func() (rows []string) {
			sheet, err := w.service.Sheet(ctx, w.trainer, w.sessions[0].ID)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range sheet.Rows {
				rows = append(rows, string(r.Mark)+minutes(r.MarkedAt))
			}
			for _, p := range sheet.WalkIns {
				rows = append(rows, "walk-in"+string(p.Mark)+minutes(p.MarkedAt))
			}
			return rows
		}
		if got, want := shown(), []string{"present-9", "-6", "late-5", "never", "walk-in-3"}; !slices.Equal(got, want) {
			t.Errorf("the sheet says %q, want %q", got, want)
		}
		sheet, err := w.service.Sheet(ctx, w.trainer, w.sessions[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.service.Match(ctx, w.coordinator(), sheet.WalkIns[0].ID, cadre.ID); err != nil {
			t.Fatal(err)
		}
		if got := shown(); len(got) != 5 || !slices.Contains(got, "-3") {
			t.Errorf("who is matched takes the time along: %q", got)
		}
	}, testseed.Base)
}

func TestAnEventThatArrivesAgainChangesNothing(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 2)
		first := attendance.MarkInput{UID: uid(), EnrolmentID: w.people[0], Mark: models.MarkPresent}
		w.save(t, 0, first)
		w.save(t, 0, attendance.MarkInput{UID: uid(), EnrolmentID: w.people[0], Mark: models.MarkAbsent})
		r := w.save(t, 0, first, first)
		if r.Stored != 0 || r.Repeated != 2 || r.Marks[0].Mark != models.MarkAbsent {
			t.Errorf("%+v", r)
		}
		// The same id with another content, or for another session, is refused: nothing is dropped silently.
		forged := first
		forged.Mark, forged.EnrolmentID, forged.UID = models.MarkExcused, w.people[1], strings.ToUpper(first.UID)
		for session := range 2 {
			if _, err := w.service.Save(ctx, w.trainer, w.sessions[session].ID, []attendance.MarkInput{forged}); !errs.Is(err, "mark_uid_taken") {
				t.Error(err)
			}
		}
		if m := w.marks(t, 0); !maps.Equal(m, map[uint64]models.MarkValue{w.people[0]: models.MarkAbsent}) {
			t.Error(m)
		}
		if m := w.marks(t, 1); len(m) != 0 {
			t.Error(m)
		}
		// Five times at once.
		x := []attendance.MarkInput{{UID: uid(), EnrolmentID: w.people[1], Mark: models.MarkPresent}, {UID: uid(), EnrolmentID: w.people[0], Mark: models.MarkLate}}
		var wg sync.WaitGroup
		stored := make([]int, 5)
		for i := range stored {
			wg.Go(func() {
				r, err := w.service.Save(ctx, w.trainer, w.sessions[0].ID, x)
				if err != nil {
					t.Error(err)
				}
				stored[i] = r.Stored
			})
		}
		wg.Wait()
		slices.Sort(stored)
		if !slices.Equal(stored, []int{0, 0, 0, 0, 2}) {
			t.Error(stored)
		}
	}, testseed.Base)
}

func TestAnOlderMarkThatArrivesLaterDoesNotWin(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 1)
		now, who := db.Time(), w.people[0]
		at := func(minutes int, m models.MarkValue) attendance.MarkInput {
			return attendance.MarkInput{UID: uid(), EnrolmentID: who, Mark: m, MarkedAt: now.Add(time.Duration(minutes) * time.Minute)}
		}
		w.save(t, 0, at(-2, models.MarkAbsent))
		if r := w.save(t, 0, at(-9, models.MarkPresent)); r.Stored != 1 || r.Marks[0].Mark != models.MarkAbsent {
			t.Errorf("%+v", r)
		}
		// An older mark does not come back when a newer one was taken back.
		w.save(t, 0, at(-1, models.MarkNone))
		if r := w.save(t, 0, at(-3, models.MarkLate)); r.Marks[0].Mark != models.MarkNone {
			t.Errorf("%+v", r)
		}
		// Of the same moment, the greater id wins, whichever comes first.
		a, b := at(0, models.MarkPresent), at(0, models.MarkExcused)
		w.save(t, 0, b)
		if r := w.save(t, 0, a); r.Marks[0].Mark != models.MarkExcused {
			t.Errorf("%+v", r)
		}
		// A clock far ahead, or of another year, says what it says and is flagged; what order things arrive in changes nothing.
		w.save(t, 1, at(60, models.MarkAbsent), at(-60*24*400, models.MarkLate))
		if r := w.save(t, 1, at(4, models.MarkPresent)); r.Marks[0].Mark != models.MarkAbsent {
			t.Errorf("%+v", r)
		}
		// Who marks here and now means to change what holds, even where a phone's clock is ahead; "all present" fills what a phone
		// that is ahead left blank.
		if r := w.save(t, 1, attendance.MarkInput{EnrolmentID: who, Mark: models.MarkExcused}); r.Marks[0].Mark != models.MarkExcused || r.Marks[0].Disputed {
			t.Errorf("%+v", r)
		}
		w.save(t, 0, at(3, models.MarkNone))
		if r, err := w.service.AllPresent(ctx, w.trainer, w.sessions[0].ID); err != nil || r.Attended != 1 {
			t.Errorf("%+v %v", r, err)
		}
		h, err := w.service.History(ctx, w.trainer, w.sessions[1].ID, who)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []struct {
			at   time.Time
			flag string
		}{{now.Add(time.Hour + time.Microsecond), ""}, {now.Add(time.Hour), attendance.FlagAhead}, {now.Add(4 * time.Minute), ""}, {now.AddDate(0, 0, -400), attendance.FlagBefore}} {
			if !h.Changes[i].MarkedAt.Equal(want.at) || h.Changes[i].Flag != want.flag {
				t.Errorf("%d: %v %q, want %v", i, h.Changes[i].MarkedAt, h.Changes[i].Flag, want)
			}
		}
	}, testseed.Base)
}

func TestAllPresentFillsBlanksOnlyWhateverComesFirst(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 5)
		now := db.Time()
		w.save(t, 0, attendance.MarkInput{EnrolmentID: w.people[0], Mark: models.MarkAbsent, MarkedAt: now.Add(-time.Minute)},
			attendance.MarkInput{EnrolmentID: w.people[1], Mark: models.MarkPresent, MarkedAt: now.Add(-time.Minute)},
			attendance.MarkInput{EnrolmentID: w.people[1], Mark: models.MarkNone, MarkedAt: now.Add(-time.Second)})
		actor := w.trainer
		actor.Key, actor.Action = "k1", "POST /x"
		r, err := w.service.AllPresent(ctx, actor, w.sessions[0].ID)
		if err != nil || r.Stored != 4 || r.Attended != 4 || r.Unmarked != 0 || r.Total != 5 {
			t.Errorf("%+v %v", r, err)
		}
		if r, err := w.service.AllPresent(ctx, actor, w.sessions[0].ID); err != nil || r.Stored != 0 {
			t.Errorf("the second press: %+v %v", r, err)
		}
		// A phone without connection did not know of the absence when "all present" was pressed on it, later.
		w.save(t, 0, attendance.MarkInput{EnrolmentID: w.people[0], Mark: models.MarkPresent, MarkedAt: now.Add(time.Minute), All: true})
		// And what was marked before it arrives after it.
		w.save(t, 0, attendance.MarkInput{EnrolmentID: w.people[2], Mark: models.MarkLate, MarkedAt: now.Add(-time.Hour)})
		m := w.marks(t, 0)
		want := map[uint64]models.MarkValue{w.people[0]: models.MarkAbsent, w.people[1]: models.MarkPresent, w.people[2]: models.MarkLate, w.people[3]: models.MarkPresent, w.people[4]: models.MarkPresent}
		if !maps.Equal(m, want) {
			t.Errorf("%v, want %v", m, want)
		}
	}, testseed.Base)
}

func TestAnyOrderOfArrivalGivesTheSameMarks(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		const rounds, people, events = 6, 3, 12
		w := newWorld(t, db, people)
		now := db.Time()
		r := rand.New(rand.NewPCG(1, 2))
		for round := range rounds {
			var list []attendance.MarkInput
			for range events {
				m := attendance.MarkInput{EnrolmentID: w.people[r.IntN(people)], MarkedAt: now.Add(-time.Duration(r.IntN(4)) * time.Second)}
				if m.Mark = append(attendance.Marks, models.MarkNone)[r.IntN(5)]; m.Mark == models.MarkPresent {
					m.All = r.IntN(2) == 0
				}
				list = append(list, m)
			}
			var first map[uint64]models.MarkValue
			for session := range 2 { // each order arrives in a session of its own
				w.clear(t, session)
				for i := range list {
					list[i].UID = fmt.Sprintf("0190%04x-0000-7000-8000-%012x", round*2+session, i)
				}
				shuffled := slices.Clone(list)
				r.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
				for part := range slices.Chunk(shuffled, 1+r.IntN(4)) {
					w.save(t, session, part...)
				}
				if m := w.marks(t, session); session == 0 {
					first = m
				} else if !maps.Equal(m, first) {
					t.Fatalf("round %d: %v in one order, %v in another", round, first, m)
				}
			}
		}
	}, testseed.Base)
}

// clear forgets all marks of a session, which the product never does.
func (w *world) clear(t *testing.T, session int) {
	t.Helper()
	_, err := w.db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		if err := tx.Where("session_id = ?", w.sessions[session].ID).Delete(&models.Mark{}).Error; err != nil {
			return 0, err
		}
		return 0, tx.Where("session_id = ?", w.sessions[session].ID).Delete(&models.MarkEvent{}).Error
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWhatSavingRefusesWritesNothing(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 3)
		good := attendance.MarkInput{EnrolmentID: w.people[0], Mark: models.MarkPresent}
		with := func(m attendance.MarkInput) []attendance.MarkInput { return []attendance.MarkInput{good, m} }
		w.set(t, &models.Enrolment{}, w.people[2], map[string]any{"state": models.EnrolmentWithdrawn})
		refused := func(code string, actor any, session uint64, marks []attendance.MarkInput) {
			t.Helper()
			a := w.trainer
			if actor == "stranger" {
				a = w.stranger
			}
			if _, err := w.service.Save(ctx, a, session, marks); !errs.Is(err, code) {
				t.Errorf("%v, want %s", err, code)
			}
		}
		first := w.sessions[0].ID
		refused("mark_unknown", nil, first, with(attendance.MarkInput{EnrolmentID: w.people[1], Mark: "asleep"}))
		refused("mark_unknown", nil, first, with(attendance.MarkInput{EnrolmentID: w.people[1], Mark: models.MarkAbsent, All: true}))
		refused("mark_uid", nil, first, with(attendance.MarkInput{UID: "1", EnrolmentID: w.people[1], Mark: models.MarkPresent}))
		refused("mark_uid", nil, first, with(attendance.MarkInput{UID: "{" + uid() + "}", EnrolmentID: w.people[1], Mark: models.MarkPresent}))
		refused("mark_note", nil, first, with(attendance.MarkInput{EnrolmentID: w.people[1], Mark: models.MarkPresent, Note: strings.Repeat("ộ", 301)}))
		refused("mark_not_enrolled", nil, first, with(attendance.MarkInput{EnrolmentID: w.people[2], Mark: models.MarkPresent}))
		refused("mark_not_enrolled", nil, first, with(attendance.MarkInput{EnrolmentID: 1 << 40, Mark: models.MarkPresent}))
		refused("marks_too_many", nil, first, slices.Repeat([]attendance.MarkInput{good}, 1001))
		refused("not_found", "stranger", first, with(good))
		refused("not_found", nil, 1<<40, with(good))
		refused("session_not_yet", nil, w.sessions[2].ID, with(good))
		for state, code := range map[models.CourseState]string{models.CourseDraft: "attendance_course_draft", models.CourseClosed: "attendance_course_closed", models.CourseCancelled: "attendance_course_cancelled"} {
			w.set(t, &models.Course{}, w.course.ID, map[string]any{"state": state})
			refused(code, nil, first, with(good))
			if _, err := w.service.AllPresent(ctx, w.trainer, first); !errs.Is(err, code) {
				t.Errorf("all present: %v, want %s", err, code)
			}
			if sheet, err := w.service.Sheet(ctx, w.trainer, first); err != nil || sheet.Refusal == nil || sheet.Refusal.Code != code {
				t.Errorf("sheet: %v, %v", sheet, err)
			}
		}
		w.set(t, &models.Course{}, w.course.ID, map[string]any{"state": models.CourseOpen})
		w.set(t, &models.Session{}, first, map[string]any{"cancelled": true})
		refused("session_cancelled", nil, first, with(good))
		var n int64
		if err := db.Read(ctx).Model(&models.MarkEvent{}).Count(&n).Error; err != nil || n != 0 {
			t.Errorf("%d events were written, %v", n, err)
		}
		var c models.Course
		if err := db.Read(ctx).Take(&c, w.course.ID).Error; err != nil || c.State != models.CourseOpen {
			t.Errorf("the course is %s, %v", c.State, err)
		}
		if r := w.save(t, 1); r.Total != 2 || r.Stored != 0 {
			t.Errorf("nothing to save: %+v", r)
		}
	}, testseed.Base)
}

func TestOnlyOwnCoursesAreReachedUntilThirtyDaysAfterClosing(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 1)
		id, course := w.sessions[0].ID, w.course.ID
		for _, err := range []error{
			second(w.service.Sheet(ctx, w.stranger, id)), second(w.service.History(ctx, w.stranger, id, w.people[0])), second(w.service.Report(ctx, w.stranger, course)),
			second(w.service.Scores(ctx, w.stranger, course)), second(w.service.SaveScores(ctx, w.stranger, course, nil)), second(w.service.AllPresent(ctx, w.stranger, id)),
			second(w.service.History(ctx, w.trainer, id, 1<<40)),
		} {
			if !errs.Is(err, "not_found") {
				t.Error(err)
			}
		}
		for days, code := range map[int]string{29: "attendance_course_closed", 31: "not_found"} {
			closed := db.Time().AddDate(0, 0, -days)
			w.set(t, &models.Course{}, course, map[string]any{"state": models.CourseClosed, "closed_at": closed})
			if _, err := w.service.Save(ctx, w.clerk, id, []attendance.MarkInput{{EnrolmentID: w.people[0], Mark: models.MarkPresent}}); !errs.Is(err, code) {
				t.Errorf("%d days after closing: %v", days, err)
			}
		}
	}, testseed.Base)
}

func second[T any](_ T, err error) error { return err }

func TestStatementsDoNotGrowWithTheMarks(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 300)
		batch := func(n int) []attendance.MarkInput {
			var list []attendance.MarkInput
			for i := range n {
				list = append(list, attendance.MarkInput{UID: uid(), EnrolmentID: w.people[i], Mark: append(attendance.Marks, models.MarkNone)[i%5], MarkedAt: db.Time()})
			}
			return list
		}
		w.save(t, 0, batch(5)...)
		count := func(f func() error) int {
			return testdb.CountQueries(db, func() {
				if err := f(); err != nil {
					t.Error(err)
				}
			})
		}
		for name, ask := range map[string]func(n int) error{
			"save":   func(n int) error { return second(w.service.Save(ctx, w.trainer, w.sessions[0].ID, batch(n))) },
			"sheet":  func(int) error { return second(w.service.Sheet(ctx, w.trainer, w.sessions[0].ID)) },
			"report": func(int) error { return second(w.service.Report(ctx, w.trainer, w.course.ID)) },
			"scores": func(n int) error {
				scores := map[uint64]*int{}
				for i := range n {
					v := (n + i) % 100
					scores[w.people[i]] = &v
				}
				return second(w.service.SaveScores(ctx, w.trainer, w.course.ID, scores))
			},
		} {
			few, many := count(func() error { return ask(5) }), count(func() error { return ask(200) })
			if few != many || many > map[string]int{"save": 13, "sheet": 5, "report": 4, "scores": 4}[name] {
				t.Errorf("%s: %d statements for 5, %d for 200", name, few, many)
			}
		}
	}, testseed.Base)
}

func TestTwoClerksAtOnceLoseNothing(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 60)
		now := db.Time()
		var wg sync.WaitGroup
		for c, actor := range []int{0, 1} {
			who := w.trainer
			if actor == 1 {
				who = w.clerk
			}
			wg.Go(func() {
				// Both go through the whole list, in opposite directions; the clerk's marks are the later ones.
				list := slices.Clone(w.people)
				if c == 1 {
					slices.Reverse(list)
				}
				for part := range slices.Chunk(list, 7) {
					var marks []attendance.MarkInput
					for _, id := range part {
						marks = append(marks, attendance.MarkInput{UID: uid(), EnrolmentID: id, Mark: attendance.Marks[c], MarkedAt: now.Add(time.Duration(c-2) * time.Minute)})
					}
					if _, err := w.service.Save(ctx, who, w.sessions[0].ID, marks); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		for id, m := range w.marks(t, 0) {
			if m != models.MarkLate {
				t.Errorf("%d: %s", id, m)
			}
		}
		var n int64
		if err := db.Read(ctx).Model(&models.MarkEvent{}).Count(&n).Error; err != nil || n != 120 {
			t.Errorf("%d events, %v", n, err)
		}
	}, testseed.Base)
}

func TestHomonymsAreToldApartByBirthYearAndNamesSortByGivenName(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 4)
		for i, x := range []models.Cadre{{FullName: "Đàm Thị Ánh", BirthYear: 1990}, {FullName: "Nông Văn An", BirthYear: 1985}, {FullName: "Bế Văn Đức", BirthYear: 1970}, {FullName: "Nông Văn An", BirthYear: 1979}} {
			_, err := db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
				if err := tx.Create(&x).Error; err != nil {
					return 0, err
				}
				return 0, tx.Model(&models.Enrolment{}).Where("id = ?", w.people[i]).Update("cadre_id", x.ID).Error
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		sheet, err := w.service.Sheet(ctx, w.trainer, w.sessions[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range sheet.Rows {
			got = append(got, fmt.Sprint(r.Name, " ", r.BirthYear))
		}
		if want := []string{"Nông Văn An 1985", "Nông Văn An 1979", "Đàm Thị Ánh 0", "Bế Văn Đức 0"}; !slices.Equal(got, want) {
			t.Errorf("%q, want %q", got, want)
		}
		if found := sheet.Find("duc BE"); len(found) != 1 || found[0].Name != "Bế Văn Đức" {
			t.Errorf("%+v", found)
		}
		if found := sheet.Find(""); len(found) != 4 {
			t.Errorf("%+v", found)
		}
	}, testseed.Base)
}

func TestTheReportCountsMinutesAgainstTheRule(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 4) // sessions of 240, 240 and 120 minutes; the rule is 80 percent
		for session, marks := range [][]models.MarkValue{
			{models.MarkPresent, models.MarkPresent, models.MarkExcused, models.MarkNone},
			{models.MarkLate, models.MarkAbsent, models.MarkPresent, models.MarkNone},
		} {
			for i, m := range marks {
				w.save(t, session, attendance.MarkInput{EnrolmentID: w.people[i], Mark: m})
			}
		}
		seven := 70
		if n, err := w.service.SaveScores(ctx, w.trainer, w.course.ID, map[uint64]*int{w.people[0]: &seven}); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		r, err := w.service.Report(ctx, w.trainer, w.course.ID)
		if err != nil {
			t.Fatal(err)
		}
		if r.Minutes != 600 || r.Met != 1 || !slices.Equal(r.Attended, []int{2, 2, 0}) {
			t.Errorf("%+v", r)
		}
		for i, want := range []string{"480 800 true true", "240 400 false false", "240 400 false false", "0 0 false false"} {
			x := r.Rows[i]
			if got := fmt.Sprint(x.Minutes, " ", x.Tenths, " ", x.RuleMet, " ", x.ScoreMet); got != want {
				t.Errorf("%d: %s, want %s", i, got, want)
			}
		}
		// A cancelled session is no longer part of the whole.
		w.set(t, &models.Session{}, w.sessions[1].ID, map[string]any{"cancelled": true})
		if r, err = w.service.Report(ctx, w.trainer, w.course.ID); err != nil || r.Minutes != 360 || r.Rows[0].Tenths != 666 || len(r.Sessions) != 2 {
			t.Errorf("%+v %v", r, err)
		}
	}, testseed.Base)
}

func TestScoresAreKeptWithinTheirRange(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 3)
		a, b, out := 85, 0, 101
		save := func(scores map[uint64]*int) (int, error) {
			return w.service.SaveScores(ctx, w.trainer, w.course.ID, scores)
		}
		if n, err := save(map[uint64]*int{w.people[0]: &a, w.people[1]: &b, w.people[2]: nil}); n != 2 || err != nil {
			t.Error(n, err)
		}
		if n, err := save(map[uint64]*int{w.people[0]: &a, w.people[1]: nil}); n != 1 || err != nil {
			t.Error(n, err)
		}
		if _, err := save(map[uint64]*int{w.people[0]: &b, w.people[1]: &out}); !errs.Is(err, "score_range") {
			t.Error(err)
		}
		if _, err := save(map[uint64]*int{w.people[0]: &b, 1 << 40: &a}); !errs.Is(err, "mark_not_enrolled") {
			t.Error(err)
		}
		x, err := w.service.Scores(ctx, w.trainer, w.course.ID)
		if err != nil || *x.Rows[0].Tenths != 85 || x.Rows[1].Tenths != nil || x.Refusal != nil {
			t.Errorf("%+v %v", x, err)
		}
		w.set(t, &models.Course{}, w.course.ID, map[string]any{"min_score_tenths": nil})
		if n, err := save(map[uint64]*int{w.people[0]: &b}); n != 1 || err != nil {
			t.Error("a course without a least score may have scores all the same", n, err)
		}
		w.set(t, &models.Course{}, w.course.ID, map[string]any{"min_score_tenths": 50, "state": models.CourseClosed})
		if _, err := save(map[uint64]*int{w.people[0]: &b}); !errs.Is(err, "attendance_course_closed") {
			t.Error(err)
		}
	}, testseed.Base)
}
