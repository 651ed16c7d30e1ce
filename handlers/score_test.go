package handlers_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/xuri/excelize/v2"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
)

func TestScoresGoOutAsAWorkbookComeBackAreLookedAtAndSaved(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		h := newHall(t, db, testweb.Serve(t, db), 6)
		b := h.staff(t, "giang")
		b.Go("/courses/" + strconv.FormatUint(h.course.ID, 10) + "/scores")
		body, _ := b.Download("Tải danh sách để ghi điểm")
		f, err := excelize.OpenReader(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		name := f.GetSheetName(0)
		rows, err := f.GetRows(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range rows { // one score is none
			if len(r) > 4 && r[0] != "TT" {
				score := any(6.5)
				if r[1] == "Lý A Páo" {
					score = 12
				}
				if err := f.SetCellValue(name, "F"+strconv.Itoa(i+1), score); err != nil {
					t.Fatal(err)
				}
			}
		}
		path := filepath.Join(t.TempDir(), "diem.xlsx")
		garbage := filepath.Join(t.TempDir(), "x.xlsx")
		if err := f.SaveAs(path); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(garbage, []byte("no workbook"), 0o600); err != nil {
			t.Fatal(err)
		}
		b.Upload("Tệp đã ghi điểm", garbage)
		b.Click("Xem trước")
		b.Sees("không phải bảng tính Excel")
		b.Upload("Tệp đã ghi điểm", path)
		b.Click("Xem trước")
		b.Sees("Chưa lưu", "Điểm là số từ 0 đến 10", "Điểm sẽ đổi")
		b.Look("score-file")
		b.Click("Lưu điểm")
		b.Sees("Đã lưu điểm, 5 người có thay đổi")
		if v := b.Value("Hoàng Văn An"); v != "6,5" {
			t.Errorf("saved %q", v)
		}
		if v := b.Value("Lý A Páo"); v != "" {
			t.Errorf("a row that was refused was saved: %q", v)
		}
		b.Look("scores")
	}, testseed.Base)
}
