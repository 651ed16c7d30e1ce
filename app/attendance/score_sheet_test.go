package attendance_test

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"

	"taphuan/app/attendance"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

// book is a workbook with these rows.
func book(t *testing.T, rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, r := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &r); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAWorkbookOfScoresIsReadRowByRowAndChangesNothing(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 6)
		var places []models.Enrolment
		if err := db.Read(ctx).Where("course_id = ?", w.course.ID).Order("id").Find(&places).Error; err != nil {
			t.Fatal(err)
		}
		// The last two bear one name; a birth year tells them apart.
		w.set(t, &models.Cadre{}, places[5].CadreID, map[string]any{"full_name": "Nông Văn Aae", "birth_year": 1990})
		code := func(i int) string { return fmt.Sprint(w.people[i]) }
		head := []any{"TT", "Họ và tên", "Năm sinh", "Cơ quan, đơn vị", "Mã ghi danh", "Điểm danh", "Điểm"}
		got, err := w.service.ReadScores(ctx, w.trainer, w.course.ID, book(t, []any{"BẢNG ĐIỂM"}, head,
			[]any{1, "Nông Văn Aaa", 1980, "", code(0), "x", 8.5},
			[]any{2, "nông văn  AAB", "", "", "", "x", "7,0"},
			[]any{3, "Nông Văn Aac", 1980, "", code(2), "x", nil},
			[]any{4, "Nông Văn Aad", 1980, "", code(0), "", 9},
			[]any{5, "Nông Văn Aad", 1980, "", "", "", 10.5},
			[]any{6, "Nông Văn Aae", "", "", "", "", 5},
			[]any{7, "Nông Văn Aae", "01/02/1990", "", "", "", 0},
			[]any{8, "Lò Thị Lạ", "", "", "", "", 5},
			[]any{9, "Nông Văn Aaa", "", "", "", "", 1},
			[]any{10, "Nông Văn Aaa", "", "", "999999", "", 1},
			[]any{11, "Nông Văn Aad", "", "", "", "", "8,55"},
			[]any{12, "Nông Văn Aad", "", "", "", "", "-1"},
		))
		if err != nil {
			t.Fatal(err)
		}
		if want := map[uint64]int{w.people[0]: 85, w.people[1]: 70, w.people[5]: 0}; !maps.Equal(got.Scores, want) || got.Blank != 1 {
			t.Errorf("%v, want %v; %d blank", got.Scores, want, got.Blank)
		}
		var left []string
		for _, l := range got.Left {
			left = append(left, fmt.Sprint(l.Row, l.Column, " ", l.Reason))
		}
		want := []string{"6B score_another", "7G score_range", "8B score_several", "10B score_nobody", "11B score_twice", "12B score_nobody", "13G score_range", "14G score_range"}
		if !slices.Equal(left, want) {
			t.Errorf("left %v\nwant %v", left, want)
		}
		x, err := w.service.Scores(ctx, w.trainer, w.course.ID)
		if err != nil || slices.ContainsFunc(x.Rows, func(r attendance.ScoreRow) bool { return r.Tenths != nil }) {
			t.Errorf("reading wrote something: %+v %v", x, err)
		}
	}, testseed.Base)
}

func TestAWorkbookThatHoldsNoScoresIsRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 1)
		good := book(t, []any{"Họ và tên", "Điểm"}, []any{"Nông Văn Aaa", 5})
		for want, file := range map[string][]byte{"file_missing": nil, "not_a_spreadsheet": []byte("%PDF-1.7"), "scores_not_found": book(t, []any{"Họ và tên", "Điểm danh"}, []any{"Nông Văn Aaa", 5})} {
			if _, err := w.service.ReadScores(ctx, w.trainer, w.course.ID, file); !errs.Is(err, want) {
				t.Errorf("%s: %v", want, err)
			}
		}
		if _, err := w.service.ReadScores(ctx, w.stranger, w.course.ID, good); !errs.Is(err, "not_found") {
			t.Error(err)
		}
		if _, _, err := w.service.ScoreList(ctx, w.stranger, w.course.ID); !errs.Is(err, "not_found") {
			t.Error(err)
		}
		w.set(t, &models.Course{}, w.course.ID, map[string]any{"state": models.CourseClosed})
		if _, err := w.service.ReadScores(ctx, w.trainer, w.course.ID, good); !errs.Is(err, "attendance_course_closed") {
			t.Error(err)
		}
	}, testseed.Base)
}
