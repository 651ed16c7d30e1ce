package sheet

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"taphuan/app/errs"
	"taphuan/app/roster/sheet/xlsx"
	"taphuan/models/viet"
)

// roster makes a workbook of n people in one flat list.
func roster(t testing.TB, n int, merged bool) []byte {
	t.Helper()
	f := excelize.NewFile()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	must(w.SetRow("A1", []any{"STT", "Họ và tên", "Ngày sinh", "Giới tính", "Số CCCD", "Chức vụ", "Đơn vị công tác", "Nhóm đối tượng", "Số điện thoại", "Email"}))
	for i := range n {
		row := i + 2
		org := "Sở Văn hóa, Thể thao và Du lịch"
		if merged && i%5 != 0 {
			org = ""
		}
		must(w.SetRow(fmt.Sprintf("A%d", row), []any{i + 1, "Nông Văn Hùng", fmt.Sprintf("%02d/%02d/%d", i%28+1, i/28%12+1, 1970+i%30), "Nam", fmt.Sprintf("0040%02d%06d", 70+i%30, i),
			"Chuyên viên", org, "QCN; TTTT", 900000000 + i, fmt.Sprintf("cb%d@example.vn", i)}))
		if merged && i%5 == 4 {
			must(w.MergeCell(fmt.Sprintf("G%d", row-4), fmt.Sprintf("G%d", row)))
		}
	}
	must(w.Flush())
	var b bytes.Buffer
	must(f.Write(&b))
	return b.Bytes()
}

func readBytes(t testing.TB, b []byte, progress func(int, int)) (*Result, error) {
	t.Helper()
	return Read(context.Background(), bytes.NewReader(b), int64(len(b)), testDirectory(t), Options{Effective: today, Today: today, Progress: progress})
}

func TestFilesRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	book := func(fill func(*excelize.File)) []byte {
		f := excelize.NewFile()
		fill(f)
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	set := func(f *excelize.File, cell string, v any) {
		if err := f.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	var locked bytes.Buffer
	f := excelize.NewFile()
	if err := f.Write(&locked, excelize.Options{Password: "bí mật"}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		file []byte
		code string
		kind errs.Kind
	}{
		"a text": {[]byte("Họ và tên;Đơn vị\nA;B"), "not_a_spreadsheet", errs.KindInvalid},
		"locked": {locked.Bytes(), "encrypted_file", errs.KindInvalid},
		"empty":  {book(func(*excelize.File) {}), "table_not_understood", errs.KindInvalid},
		"another table": {book(func(f *excelize.File) {
			set(f, "A1", "Tên hàng")
			set(f, "B1", "Giá")
			set(f, "A2", "Bàn")
			set(f, "B2", 5)
		}), "table_not_understood", errs.KindInvalid},
		"headings only":      {book(func(f *excelize.File) { set(f, "A1", "Họ và tên"); set(f, "B1", "Đơn vị") }), "table_not_understood", errs.KindInvalid},
		"100,001 people":     {roster(t, MaxRows+1, false), "too_many_rows", errs.KindTooLarge},
		"too large a file":   {append([]byte("PK\x03\x04"), make([]byte, 33<<20)...), "file_too_large", errs.KindTooLarge},
		"a cut-off workbook": {roster(t, 50, false)[:3000], "not_a_spreadsheet", errs.KindInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			res, err := readBytes(t, c.file, nil)
			var e *errs.Error
			if !errors.As(err, &e) || e.Code != c.code || e.Kind != c.kind || res != nil {
				t.Errorf("%v, want %s", err, c.code)
			}
		})
	}
}

func TestAHundredThousandRowsOfNumbersAreTooMany(t *testing.T) {
	t.Parallel()
	f := excelize.NewFile()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	for i := range MaxRows + 1 {
		if err := w.SetRow(fmt.Sprintf("A%d", i+1), []any{i}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	if _, err := readBytes(t, b.Bytes(), nil); !errs.Is(err, "too_many_rows") {
		t.Error(err)
	}
}

func TestLongRostersAreReadWithProgress(t *testing.T) {
	t.Parallel()
	const n = 5000
	for _, merged := range []bool{false, true} {
		calls, last := 0, 0
		res, err := readBytes(t, roster(t, n, merged), func(done, total int) {
			if done < last || done > total || total != n+1 {
				t.Errorf("%d of %d after %d", done, total, last)
			}
			calls, last = calls+1, done
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(res.Accepted) != n || len(res.Refused) != 0 || calls < 10 || last != n+1 {
			t.Errorf("%d accepted, %d refused, %d calls, last %d", len(res.Accepted), len(res.Refused), calls, last)
		}
	}
}

func BenchmarkRead50k(b *testing.B) {
	for _, merged := range []bool{false, true} {
		file := roster(b, 50_000, merged)
		b.Run(fmt.Sprintf("merged=%v", merged), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				res, err := readBytes(b, file, nil)
				if err != nil || len(res.Accepted) != 50_000 {
					b.Fatal(err)
				}
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add(roster(f, 3, true))
	f.Add([]byte("PK\x03\x04"))
	o := newOffice(f, 1)
	o.workbook()
	f.Add(o.bytes())
	dir := testDirectory(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		res, err := Read(context.Background(), bytes.NewReader(b), int64(len(b)), dir, Options{Effective: today, Today: today})
		var e *errs.Error
		if err != nil && (!errors.As(err, &e) || e.Kind == errs.KindInternal) {
			t.Fatalf("an error without a code: %v", err)
		}
		if (err == nil) == (res == nil) {
			t.Fatal("either a result or an error")
		}
	})
}

// FuzzTable reads tables of arbitrary cells: a line a row, a tab between cells, # before a number.
func FuzzTable(f *testing.F) {
	for _, s := range scenes {
		f.Add(strings.ReplaceAll(strings.ReplaceAll(s.rows, "\t", ""), "|", "\t"), uint32(0x01020304))
	}
	dir := testDirectory(f)
	f.Fuzz(func(t *testing.T, s string, merge uint32) {
		if len(s) > 5000 {
			return
		}
		sh := xlsx.Sheet{Name: "S", Merges: []xlsx.Range{{
			FirstRow: int(merge & 15), FirstColumn: int(merge >> 4 & 15), LastRow: int(merge&15 + merge>>8&31), LastColumn: int(merge>>4&15 + merge>>16&7),
		}}}
		for i, l := range strings.Split(s, "\n") {
			r := xlsx.Row{Number: i + 1}
			for j, c := range strings.Split(l, "\t") {
				switch n, isNumber := strings.CutPrefix(c, "#"); {
				case isNumber:
					r.Cells = append(r.Cells, xlsx.Cell{Column: j + 1, Kind: xlsx.Kind(len(n)%5 + 1), Text: n})
				case strings.TrimSpace(c) != "":
					r.Cells = append(r.Cells, xlsx.Cell{Column: j + 1, Text: c})
				}
			}
			if len(r.Cells) > 0 {
				sh.Rows = append(sh.Rows, r)
			}
		}
		book := &xlsx.Book{Sheets: []xlsx.Sheet{sh}}
		in := newInterpreter(t.Context(), dir, Options{Effective: today, Today: today}, book)
		if err := in.book(book); err != nil {
			return
		}
		for _, r := range in.result.Accepted {
			if r.Name == "" || viet.NFC(r.Name) != r.Name || r.Organisation == "" || r.Groups == nil {
				t.Fatalf("%+v", r)
			}
			if r.NationalID != "" && len(r.NationalID) != 12 && len(r.NationalID) != 9 || r.Phone != "" && (r.Phone[0] != '0' || !digitsOnly(r.Phone)) {
				t.Fatalf("%+v", r)
			}
			if r.Born != "" && len(r.Born) != 4 && len(r.Born) != 10 {
				t.Fatalf("%+v", r)
			}
		}
	})
}
