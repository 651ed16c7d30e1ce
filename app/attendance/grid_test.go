package attendance_test

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/xuri/excelize/v2"

	"taphuan/app/attendance"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/app/workbook"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

// book makes the workbook of the table as pages do, and changes cells of it.
func (w *world) book(t *testing.T, change func(f *excelize.File, sheet string)) []byte {
	t.Helper()
	g, err := w.service.Grid(t.Context(), w.trainer, w.course.ID)
	if err != nil {
		t.Fatal(err)
	}
	s := workbook.Sheet{Name: "Điểm danh", Title: "L1 · Tập huấn", Columns: []workbook.Column{{Head: "Mã", Hidden: true}, {Head: "TT"}, {Head: "Họ và tên"}, {Head: "Cơ quan"}}}
	for _, x := range g.Sessions {
		s.Columns = append(s.Columns, workbook.Column{Head: attendance.GridHead("sáng", x.ID)})
	}
	s.Columns = append(s.Columns, workbook.Column{Head: "Điểm " + attendance.GridScoreHead, Kind: workbook.Number})
	var b bytes.Buffer
	err = workbook.XLSX(&b, s, func(row workbook.Row) error {
		for i, r := range g.Rows {
			cells := []any{w.service.GridKey(g, r), i + 1, r.Name, r.Office}
			for _, m := range r.Marks {
				cells = append(cells, attendance.Letter(m))
			}
			if err := row(append(cells, r.Score)...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	if seen, err := f.GetColVisible(s.Name, "A"); err != nil || seen {
		t.Error("the keys are in sight", err)
	}
	change(f, s.Name)
	out, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestTheTableGoesOutAndComesBackWithWhatWasChangedOnly(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 12)
		withFiles(t, w)
		p := w.people
		w.save(t, 0, attendance.MarkInput{EnrolmentID: p[0], Mark: models.MarkPresent}, attendance.MarkInput{EnrolmentID: p[1], Mark: models.MarkAbsent}, attendance.MarkInput{EnrolmentID: p[2], Mark: models.MarkLate})
		file := w.book(t, func(f *excelize.File, s string) {
			set := func(cell string, v any) {
				if err := f.SetCellValue(s, cell, v); err != nil {
					t.Fatal(err)
				}
			}
			set("E4", "")       // the first: taken back
			set("F4", " X ")    // and present in the afternoon
			set("H4", 8.1)      // with a score
			set("E5", "2")      // the second: late by a figure
			set("E6", "P")      // the third: but it will be marked otherwise meanwhile
			set("F7", "có mặt") // no such word
			set("G8", "x")      // tomorrow
			set("H9", 11)       // no such score
			if err := f.SetCellFormula(s, "F10", `="x"`); err != nil {
				t.Fatal(err)
			}
			key, _ := f.GetCellValue(s, "A11")
			set("A11", strings.Replace(key, ":", ":1", 1))
			set("C12", "Người Khác")
			set("C30", "Người Mới")
			set("E30", "x")
			key, _ = f.GetCellValue(s, "A13")
			set("A31", key)
			name, _ := f.GetCellValue(s, "C13")
			set("C31", name)
		})
		// Somebody marks after the download: what the workbook leaves alone stays.
		w.save(t, 0, attendance.MarkInput{EnrolmentID: p[2], Mark: models.MarkExcused}, attendance.MarkInput{EnrolmentID: p[11], Mark: models.MarkPresent})
		w.save(t, 0, attendance.MarkInput{EnrolmentID: p[2], Mark: models.MarkAbsent})
		got, err := w.service.ReadGrid(t.Context(), w.trainer, w.course.ID, file)
		if err != nil {
			t.Fatal(err)
		}
		a, b := w.sessions[0].ID, w.sessions[1].ID
		want := []attendance.GridChange{{Place: attendance.Place{EnrolmentID: p[0], SessionID: a}, Was: models.MarkPresent}, {Place: attendance.Place{EnrolmentID: p[0], SessionID: b}, Mark: models.MarkPresent},
			{Place: attendance.Place{EnrolmentID: p[1], SessionID: a}, Mark: models.MarkLate, Was: models.MarkAbsent}}
		if !slices.Equal(got.Changes, want) {
			t.Errorf("changes: %+v", got.Changes)
		}
		if len(got.Scores) != 1 || *got.Scores[0].Tenths != 81 {
			t.Errorf("scores: %+v", got.Scores)
		}
		left := map[string]string{}
		for _, l := range got.Left {
			left[fmt.Sprint(l.Column, l.Row)] = l.Reason
		}
		if want := map[string]string{"E6": "grid_moved", "F7": "grid_mark_unknown", "G8": "session_not_yet", "H9": "score_range", "F10": "grid_formula", "A11": "grid_row_edited", "C12": "grid_name", "C30": "grid_row_new", "C31": "grid_row_twice"}; !maps.Equal(left, want) {
			t.Errorf("left: %v", left)
		}
		by := w.trainer
		by.Key = uuid.NewString()
		for range 2 { // a double click
			if n, err := w.service.SaveGrid(t.Context(), by, w.course.ID, attendance.SourceSheet, got.Changes, nil); err != nil || n != 3 {
				t.Fatal(n, err)
			}
		}
		if m := w.marks(t, 0); m[p[0]] != "" || m[p[1]] != models.MarkLate || m[p[2]] != models.MarkAbsent || m[p[11]] != models.MarkPresent {
			t.Errorf("%v", m)
		}
		var n int64
		db.Read(t.Context()).Model(&models.MarkEvent{}).Where("source = ?", attendance.SourceSheet).Count(&n)
		if n != 3 {
			t.Errorf("%d events of the sheet", n)
		}
		again := w.trainer
		again.Key = uuid.NewString()
		if _, err := w.service.SaveGrid(t.Context(), again, w.course.ID, attendance.SourceSheet, []attendance.GridChange{{Place: attendance.Place{EnrolmentID: p[1], SessionID: a}, Mark: models.MarkPresent, Was: models.MarkAbsent}}, nil); !errs.Is(err, "grid_moved") {
			t.Errorf("an old preview: %v", err)
		}
	}, testseed.Base)
}

func TestWhatAWorkbookCannotSayIsToldAndTheRestRead(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 8)
		withFiles(t, w)
		p := w.people
		w.save(t, 0, attendance.MarkInput{EnrolmentID: p[1], Mark: models.MarkPresent})
		read := func(change func(f *excelize.File, s string) error) (*attendance.GridSheet, map[string]string) {
			got, err := w.service.ReadGrid(t.Context(), w.trainer, w.course.ID, w.book(t, func(f *excelize.File, s string) {
				if err := change(f, s); err != nil {
					t.Fatal(err)
				}
			}))
			if err != nil {
				t.Fatal(err)
			}
			left := map[string]string{}
			for _, l := range got.Left {
				left[fmt.Sprint(l.Column, l.Row)] = l.Reason
			}
			return got, left
		}
		// Merged: the blanks beneath an x are neither present nor taken back.
		got, left := read(func(f *excelize.File, s string) error {
			return errors.Join(f.SetCellValue(s, "E4", "x"), f.MergeCell(s, "E4", "E6"), f.SetCellValue(s, "F7", "x"))
		})
		if want := map[string]string{"E4": "grid_merged", "E5": "grid_merged", "E6": "grid_merged"}; !maps.Equal(left, want) || len(got.Changes) != 1 {
			t.Errorf("merged: %v, %+v", left, got.Changes)
		}
		// A head without its number, a head that stands twice, a column of one's own: each told of once.
		got, left = read(func(f *excelize.File, s string) error {
			head, err := f.GetCellValue(s, "F3")
			return errors.Join(err, f.SetCellValue(s, "E3", "Sáng"), f.SetCellValue(s, "I3", head), f.SetCellValue(s, "J3", "Ghi chú"),
				f.SetCellValue(s, "E4", "x"), f.SetCellValue(s, "F4", "x"), f.SetCellValue(s, "I5", "k"), f.SetCellValue(s, "I6", "k"), f.SetCellValue(s, "J7", "ốm"))
		})
		if want := map[string]string{"E4": "grid_column_unknown", "I5": "grid_column_unknown", "J7": "grid_column_unknown"}; !maps.Equal(left, want) || len(got.Changes) != 1 {
			t.Errorf("heads: %v, %+v", left, got.Changes)
		}
		// Rows in another order, some gone, and thousands that nobody knows.
		got, left = read(func(f *excelize.File, s string) error {
			err := errors.Join(f.SetCellValue(s, "F4", "x"), f.DuplicateRowTo(s, 4, 12), f.RemoveRow(s, 4), f.RemoveRow(s, 6))
			for i := range 10000 {
				err = errors.Join(err, f.SetCellValue(s, fmt.Sprint("C", 20+i), "Người Lạ"))
			}
			return err
		})
		if len(got.Changes) != 1 || got.Changes[0].EnrolmentID != p[0] || len(left) != 10000 {
			t.Errorf("rows: %d left, %+v", len(left), got.Changes)
		}
	}, testseed.Base)
}

func TestAWorkbookThatIsNotOfTheTableIsRefused(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 3)
		withFiles(t, w)
		read := func(file []byte) error {
			_, err := w.service.ReadGrid(t.Context(), w.trainer, w.course.ID, file)
			return err
		}
		none := func(*excelize.File, string) {}
		good := w.book(t, none)
		foreign := w.book(t, func(f *excelize.File, s string) {
			for row := range 10 {
				if err := f.SetCellValue(s, fmt.Sprintf("A%d", row+1), ""); err != nil {
					t.Fatal(err)
				}
			}
		})
		for code, file := range map[string][]byte{"file_missing": nil, "grid_sheet_foreign": foreign} {
			if err := read(file); !errs.Is(err, code) {
				t.Errorf("%s: %v", code, err)
			}
		}
		for _, file := range [][]byte{[]byte("no workbook"), good[:len(good)/2]} {
			if err := read(file); err == nil || errs.As(err).Kind == errs.KindInternal {
				t.Errorf("%d bytes: %v", len(file), err)
			}
		}
		var other models.Course
		db.Read(t.Context()).Where("code = ?", "L2").Take(&other)
		if _, err := w.service.ReadGrid(t.Context(), w.stranger, other.ID, good); !errs.Is(err, "grid_sheet_other") {
			t.Errorf("another course's: %v", err)
		}
		if _, err := w.service.ReadGrid(t.Context(), w.stranger, w.course.ID, good); !errs.Is(err, "not_found") {
			t.Errorf("a stranger: %v", err)
		}
		if _, err := w.service.SaveGrid(t.Context(), w.trainer, w.course.ID, attendance.SourceGrid, []attendance.GridChange{{Place: attendance.Place{EnrolmentID: w.people[0], SessionID: 987654321}, Mark: models.MarkPresent}}, nil); !errs.Is(err, "not_found") {
			t.Errorf("no such session: %v", err)
		}
		w.set(t, &models.Course{}, w.course.ID, map[string]any{"state": models.CourseClosed})
		if err := read(good); !errs.Is(err, "attendance_course_closed") {
			t.Errorf("a closed course: %v", err)
		}
	}, testseed.Base)
}

func TestMarksAndScoresOfATableAreKeptTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 2)
		seven, marks := 70, []attendance.GridChange{{Place: attendance.Place{EnrolmentID: w.people[0], SessionID: w.sessions[0].ID}, Mark: models.MarkPresent}}
		save := func(enrolment uint64) (int, error) {
			return w.service.SaveGrid(t.Context(), w.trainer, w.course.ID, attendance.SourceGrid, marks, map[uint64]*int{enrolment: &seven})
		}
		if _, err := save(987654321); !errs.Is(err, "mark_not_enrolled") {
			t.Errorf("a score of nobody: %v", err)
		}
		if r, err := w.service.Report(t.Context(), w.trainer, w.course.ID); err != nil || r.Attended[0] != 0 {
			t.Errorf("a mark was kept beside a refused score: %+v %v", r, err)
		}
		if n, err := save(w.people[1]); n != 2 || err != nil {
			t.Errorf("%d changed, %v", n, err)
		}
	}, testseed.Base)
}

func TestTheTableOfManyIsReadInAFixedNumberOfQueriesAndWrittenWhole(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 600)
		var changes []attendance.GridChange
		for _, p := range w.people {
			for _, x := range w.sessions[:2] {
				changes = append(changes, attendance.GridChange{Place: attendance.Place{EnrolmentID: p, SessionID: x.ID}, Mark: models.MarkPresent})
			}
		}
		if n, err := w.service.SaveGrid(t.Context(), w.trainer, w.course.ID, attendance.SourceGrid, changes, nil); err != nil || n != 1200 {
			t.Fatal(n, err)
		}
		queries := testdb.Queries(db, func() {
			g, err := w.service.Grid(t.Context(), w.trainer, w.course.ID)
			if err != nil || g.Attended[0] != 600 || g.Attended[1] != 600 || len(g.Disputed) != 0 {
				t.Error(err)
			}
		})
		if len(queries) != 5 {
			t.Errorf("%d queries: %v", len(queries), queries)
		}
	}, testseed.Base)
}

func TestMarksAreReadAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]models.MarkValue{"": models.MarkNone, " X": models.MarkPresent, "1": models.MarkPresent, "m": models.MarkLate, "L": models.MarkLate, "P": models.MarkExcused, "e": models.MarkExcused, "k ": models.MarkAbsent, "4": models.MarkAbsent} {
		if got, ok := attendance.ReadMark(text); !ok || got != want {
			t.Errorf("%q is read as %q, %v", text, got, ok)
		}
	}
	for _, text := range []string{"xx", "5", "v", "\xff", "=x", "có"} {
		if _, ok := attendance.ReadMark(text); ok {
			t.Errorf("%q is read", text)
		}
	}
}
