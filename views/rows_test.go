package views

import (
	"strings"
	"testing"

	"taphuan/app/i18n"
	"taphuan/models"
	"taphuan/static"
)

func TestRowsOfAListAreWhatTheirTemplateGives(t *testing.T) {
	t.Parallel()
	cat, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	r, err := New(cat, static.Unbuilt())
	if err != nil {
		t.Fatal(err)
	}
	var rows []AttendanceRow
	for i, mark := range rowMarks {
		rows = append(rows, AttendanceRow{ID: uint64(i + 1), Name: `<b>"Nông" & 'An'`, Sub: "sinh năm 1980 · </small><script>", Mark: mark,
			Note: `đến "muộn" </span>`, At: "2026-11-24T01:02:03.000004Z", Odd: i%2 == 1})
	}
	for _, lang := range i18n.Langs {
		for name, may := range map[string]bool{"attendance_row": true, "attendance_still": false} {
			var want strings.Builder
			for _, x := range rows {
				if err := r.sets[lang].ExecuteTemplate(&want, name, x); err != nil {
					t.Fatal(err)
				}
			}
			got, err := r.attendanceRows(lang)(rows, may)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != want.String() {
				t.Errorf("%s in %s:\n%s\nwant\n%s", name, lang, got, want.String())
			}
		}
	}
	if _, err := r.attendanceRows(i18n.VI)([]AttendanceRow{{Mark: "asleep"}}, true); err == nil {
		t.Error("a mark that is none was written")
	}
}

func TestCellsOfAReportAreWhatTheirTemplateGives(t *testing.T) {
	t.Parallel()
	cat, err := i18n.New()
	if err != nil {
		t.Fatal(err)
	}
	r, err := New(cat, static.Unbuilt())
	if err != nil {
		t.Fatal(err)
	}
	for _, lang := range i18n.Langs {
		var want strings.Builder
		var marks []models.MarkValue
		for _, m := range rowMarks {
			marks = append(marks, models.MarkValue(m))
			if err := r.sets[lang].ExecuteTemplate(&want, "attendance_cell", m); err != nil {
				t.Fatal(err)
			}
		}
		got, err := r.attendanceCells(lang)(marks)
		if err != nil || string(got) != want.String() || strings.Count(want.String(), "<td") != len(rowMarks) {
			t.Errorf("in %s: %s %v\nwant %s", lang, got, err, want.String())
		}
	}
}
