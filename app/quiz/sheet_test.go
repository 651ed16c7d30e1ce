package quiz_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"
)

func (w *world) book(rows ...[]any) []byte {
	w.t.Helper()
	f := excelize.NewFile()
	for i, r := range rows {
		w.must(f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &r))
	}
	var b bytes.Buffer
	w.must(f.Write(&b))
	return b.Bytes()
}

func TestQuestionsComeInFromAWorkbookAllOrNone(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		ctx := w.t.Context()
		head := []any{"Câu hỏi", "Điểm", "A", "B", "C", "D", "E", "F", "Đáp án đúng"}
		good := [][]any{{"Một đúng", 2, "x", "y", nil, nil, nil, nil, "b"}, {"Nhiều đúng", nil, "1", "2", "3", nil, nil, nil, "A, C"}}
		bad := [][]any{{"Không đáp án", 1, "x", "y"}, {"Sai chữ", 1, "x", "y", nil, nil, nil, nil, "G"}, {"Đáp án trống", 1, "x", "y", nil, nil, nil, nil, "D"}, {"Một phương án", 1, "x", nil, nil, nil, nil, nil, "A"},
			{"Điểm lẻ", 1.5, "x", "y", nil, nil, nil, nil, "A"}, {nil, 1, "x", "y", nil, nil, nil, nil, "A"}, {"Trùng", 1, "x", "x", nil, nil, nil, nil, "A"}}
		n, left, err := w.s.Import(ctx, w.trainer, w.quiz, w.book(slices.Concat([][]any{head}, good, bad)...))
		var got []string
		for _, l := range left {
			got = append(got, fmt.Sprint(l.Row, " ", l.Reason))
		}
		if want := []string{"4 quiz_letter", "5 quiz_letter", "6 quiz_no_answer", "7 quiz_choices", "8 quiz_points", "9 required", "10 quiz_same_choice"}; err != nil || n != 0 || !slices.Equal(got, want) {
			w.t.Errorf("%d %v, left %v\nwant %v", n, err, got, want)
		}
		if n, left, err := w.s.Import(ctx, w.trainer, w.quiz, w.book(slices.Concat([][]any{{"ĐỀ KIỂM TRA"}, head}, good)...)); n != 2 || len(left) != 0 || err != nil {
			w.t.Error(n, left, err)
		}
		d, err := w.s.Get(ctx, w.trainer, w.quiz)
		w.must(err)
		if q := d.Questions[3]; len(d.Questions) != 5 || q.Text != "Một đúng" || q.Points != 2 || q.Answer != 2 || !slices.Equal(q.Choices, []string{"x", "y"}) || !d.Questions[4].Several() {
			w.t.Errorf("%+v", d.Questions)
		}
		for code, file := range map[string][]byte{"file_missing": nil, "not_a_spreadsheet": []byte("%PDF"), "questions_not_found": w.book([]any{"Họ và tên", "Điểm"}, []any{"An", 1})} {
			_, _, err := w.s.Import(ctx, w.trainer, w.quiz, file)
			w.refuses(err, code)
		}
		_, _, err = w.s.Import(ctx, w.stranger, w.quiz, w.book(slices.Concat([][]any{head}, good)...))
		w.refuses(err, "not_found")
	})
}
