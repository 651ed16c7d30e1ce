package history_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"

	"taphuan/app/errs"
	"taphuan/app/history"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

// filled is the template with rows written into it as an office does, opened and saved by another program's library.
func (w *world) filled(rows ...[]string) []byte {
	w.t.Helper()
	p, err := plan.Current(w.t.Context(), w.db.Read(w.t.Context()), day("2026-11-24"))
	w.must(err)
	b, err := history.Template(p.Components)
	w.must(err)
	f, err := excelize.OpenReader(bytes.NewReader(b))
	w.must(err)
	for i, r := range rows {
		for j, text := range r {
			cell, err := excelize.CoordinatesToCellName(j+1, i+2)
			w.must(err)
			w.must(f.SetCellStr("Danh sách", cell, text))
		}
	}
	var out bytes.Buffer
	_, err = f.WriteTo(&out)
	w.must(err)
	w.must(f.Close())
	return out.Bytes()
}

// line is a row of the template that is right in every way, with changes by column.
func line(name, office string, change map[int]string) []string {
	r := []string{"1", name, "1985", "", office, "Tập huấn công tác quyền con người", "Bộ Tư pháp", "05/05/2025", "07/05/2025", "Cập nhật thông tin; Tập huấn kiến thức, kỹ năng", "12/GCN-BTP"}
	for i, text := range change {
		r[i] = text
	}
	return r
}

func TestTheTemplateFilledInIsReadRowByRowAndWhatCannotBeTakenIsSaid(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for _, name := range []string{"Nông Văn An", "Bế Thị Bình", "Hoàng Thị Cúc", "Hoàng Thị Cúc"} {
			w.cadre(name, w.home)
		}
		w.cadre("Lý Văn Dũng", w.other)
		here := w.home.Name
		file := w.filled(
			line("Nông Văn An", here, nil),
			line("Bế Thị Bình", here, map[int]string{7: "", 8: "06/05/2025", 9: "cập nhật thông tin"}),
			line("Nông Văn An", here, map[int]string{10: "13/gcn-btp"}),
			line("Nông Văn An", here, map[int]string{10: "12 / GCN-BTP"}), // the same paper once more
			line("Hoàng Thị Cúc", here, nil),                              // two of that name
			line("Đàm Văn Lạ", here, nil),
			line("Lý Văn Dũng", w.other.Name, nil), // of another office
			line("Bế Thị Bình", here, map[int]string{8: "04/05/2025"}),
			line("Bế Thị Bình", here, map[int]string{7: "30/12/2022", 8: "31/12/2022"}),
			line("Bế Thị Bình", here, map[int]string{8: "01/12/2026"}),
			line("Bế Thị Bình", here, map[int]string{9: "giao lưu"}),
			line("Bế Thị Bình", here, map[int]string{10: ""}),
			line("Bế Thị Bình", here, map[int]string{8: "hôm qua"}),
		)
		w.must(w.s.Upload(t.Context(), w.head, "công nhận.xlsx", file))
		v, err := w.s.Pending(t.Context(), w.head)
		w.must(err)
		var left []string
		for _, l := range v.Left {
			left = append(left, fmt.Sprint(l.Row, " ", l.Reason))
		}
		want := []string{"5 paper_already_used", "6 several_known", "7 nobody_known", "8 nobody_known", "9 days_reversed", "10 day_outside_plan", "11 training_in_future", "12 component_missing", "13 paper_missing", "14 day"}
		if !slices.Equal(left, want) {
			t.Errorf("left %v\nwant %v", left, want)
		}
		if len(v.Taken) != 3 {
			t.Fatalf("%d rows taken", len(v.Taken))
		}
		if x := v.Taken[1]; x.FirstDay != day("2025-05-06") || x.LastDay != x.FirstDay || !slices.Equal(x.Components, []models.Component{models.ComponentUpdate}) {
			t.Errorf("the second row says %+v", x.Training)
		}
		if _, err := w.s.Confirm(t.Context(), w.head, v.ID, true); !errs.Is(err, "forbidden") {
			t.Errorf("a head approved: %v", err)
		}
		n, err := w.s.Confirm(t.Context(), w.head, v.ID, false)
		w.must(err)
		if n != 3 || w.count("recognitions", "state = 'proposed'") != 3 || w.count("history_imports", "1 = 1") != 0 {
			t.Errorf("%d confirmed", n)
		}
		if _, err := w.s.Confirm(t.Context(), w.head, v.ID, false); !errs.Is(err, "import_replaced") {
			t.Errorf("confirmed twice: %v", err)
		}
		w.must(w.s.Upload(t.Context(), w.head, "công nhận.xlsx", file))
		v, err = w.s.Pending(t.Context(), w.head)
		w.must(err)
		if len(v.Taken) != 0 {
			t.Errorf("%d rows of the same file are taken again", len(v.Taken))
		}
		if _, err := w.s.Confirm(t.Context(), w.head, v.ID, false); !errs.Is(err, "nothing_to_propose") {
			t.Errorf("nothing was confirmed: %v", err)
		}
	}, testseed.Base)
}

func TestACoordinatorRecognisesAWholeWorkbookAtOnce(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.cadre("Nông Văn An", w.home)
		w.cadre("Lý Văn Dũng", w.other)
		w.must(w.s.Upload(t.Context(), w.coordinator, "cong-nhan.xlsx", w.filled(line("Nông Văn An", w.home.Name, nil), line("Lý Văn Dũng", w.other.Name, nil))))
		first, err := w.s.Pending(t.Context(), w.coordinator)
		w.must(err)
		w.must(w.s.Upload(t.Context(), w.coordinator, "cong-nhan-2.xlsx", w.filled(line("Nông Văn An", w.home.Name, nil), line("Lý Văn Dũng", w.other.Name, nil))))
		if _, err := w.s.Confirm(t.Context(), w.coordinator, first.ID, true); !errs.Is(err, "import_replaced") {
			t.Errorf("the workbook of another tab was confirmed: %v", err)
		}
		v, err := w.s.Pending(t.Context(), w.coordinator)
		w.must(err)
		n, err := w.s.Confirm(t.Context(), w.coordinator, v.ID, true)
		w.must(err)
		if n != 2 || w.covered("2025-05-06") != 0 || w.covered("2025-05-07") != 1 {
			t.Errorf("%d recognised, %d covered the day before, %d on the day", n, w.covered("2025-05-06"), w.covered("2025-05-07"))
		}
		for code, file := range map[string][]byte{"file_missing": nil, "not_a_spreadsheet": []byte("%PDF-1.7"), "table_not_understood": w.filled()} {
			if err := w.s.Upload(t.Context(), w.coordinator, "x.xlsx", file); !errs.Is(err, code) {
				t.Errorf("%s: %v", code, err)
			}
		}
	}, testseed.Base)
}
