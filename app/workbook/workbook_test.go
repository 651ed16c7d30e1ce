package workbook_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"testing"

	"taphuan/app/workbook"
	"taphuan/models"
)

var sheet = workbook.Sheet{Name: "Cán bộ: 2026/11", Title: "Danh sách cán bộ", Columns: []workbook.Column{
	{Head: "Họ và tên"}, {Head: "Số căn cước", Kind: workbook.Code}, {Head: "Số giờ", Kind: workbook.Number}, {Head: "Ngày sinh", Kind: workbook.Day}, {Head: "Tỷ lệ", Kind: workbook.Percent}}}

// hostile are texts that a spreadsheet could take for formulas, and some that it could spoil.
var hostile = []string{"=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1+1", "=HYPERLINK(\"http://example.org\")"}

func fill(row workbook.Row) error {
	ten := 10
	var nobody *int
	if err := row("Nguyễn <b>&amp; \"An\"", "004080000001", &ten, models.MustDay("1980-05-04"), 66.6); err != nil {
		return err
	}
	if err := row(models.Kind("press_agency"), "0912345678", nobody, models.Forever, nil); err != nil {
		return err
	}
	for _, text := range hostile {
		if err := row(text, text, 1.5, models.MustDay("1889-01-01"), 100); err != nil {
			return err
		}
	}
	return nil
}

// Another program reads the workbook: cells are texts, numbers and days as they were meant.
func TestAnotherProgramReadsTextsAsTexts(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "list.xlsx")
	out, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(workbook.XLSX(out, sheet, fill), out.Close()); err != nil {
		t.Fatal(err)
	}
	const script = `
import json, sys, openpyxl
s = openpyxl.load_workbook(sys.argv[1]).active
print(json.dumps({"name": s.title, "freeze": s.freeze_panes, "filter": s.auto_filter.ref, "titles": s.print_title_rows, "bold": s["A3"].font.b,
  "rows": [[[c.data_type, str(c.value), c.number_format] for c in r] for r in s.iter_rows()]}))`
	said, err := exec.Command("/usr/bin/python3", "-c", script, file).Output()
	if err != nil {
		t.Fatal(err, string(said))
	}
	var got struct {
		Name, Freeze, Filter, Titles string
		Bold                         bool
		Rows                         [][][3]string
	}
	if err := json.Unmarshal(said, &got); err != nil {
		t.Fatal(err, string(said))
	}
	if got.Name != "Cán bộ 2026-11" || got.Freeze != "A4" || got.Filter != "$A$3:$E$14" || got.Titles != "$3:$3" || !got.Bold || got.Rows[0][0][1] != "Danh sách cán bộ" {
		t.Errorf("%+v", got)
	}
	rows := got.Rows[3:]
	if want := [][3]string{{"s", "Nguyễn <b>&amp; \"An\"", "General"}, {"s", "004080000001", "@"}, {"n", "10", "General"}, {"d", "1980-05-04 00:00:00", "dd/mm/yyyy"}, {"n", "0.666", "0.0%"}}; !reflect.DeepEqual(rows[0], want) {
		t.Errorf("%v, want %v", rows[0], want)
	}
	if r := rows[1]; r[0][1] != "press_agency" || r[1] != [3]string{"s", "0912345678", "@"} || r[2][1] != "None" || r[3][1] != "None" || r[4][1] != "None" {
		t.Errorf("%v", r)
	}
	for i, text := range hostile {
		for _, cell := range rows[i+2][:2] {
			if cell[0] != "s" || strings.ReplaceAll(cell[1], "\r", "\n") != "'"+strings.ReplaceAll(text, "\r", "\n") {
				t.Errorf("%q was read as %q", text, cell)
			}
		}
		if day := rows[i+2][3]; day[0] != "s" || day[1] != "1889-01-01" {
			t.Errorf("a day before all days of spreadsheets: %q", day)
		}
	}
}

func TestCommaSeparatedTextSaysTheSame(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := workbook.CSV(&b, sheet, fill); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(b.String(), "\r\n")
	for i, want := range []string{"\ufeffHọ và tên,Số căn cước,Số giờ,Ngày sinh,Tỷ lệ", `"Nguyễn <b>&amp; ""An""",004080000001,10,1980-05-04,66.6`, "press_agency,0912345678,,,", "'=cmd|' /C calc'!A0,'=cmd|' /C calc'!A0,1.5,1889-01-01,100", "'+1,'+1,1.5,1889-01-01,100"} {
		if lines[i] != want {
			t.Errorf("%q, want %q", lines[i], want)
		}
	}
}

func TestNothingIsWrittenWhereRowsFail(t *testing.T) {
	t.Parallel()
	gone := errors.New("gone")
	for _, fill := range []func(workbook.Row) error{
		func(row workbook.Row) error { return errors.Join(row("An", "", 1, nil, nil), gone) },
		func(row workbook.Row) error { return row("too few") },
		func(row workbook.Row) error { return row(struct{}{}, "", 1, nil, nil) },
	} {
		var b bytes.Buffer
		if err := workbook.XLSX(&b, sheet, fill); err == nil || b.Len() > 0 {
			t.Errorf("%v, %d bytes", err, b.Len())
		}
	}
}

// A list of 100,000 rows costs the memory of its file, not of its rows: those would be hundreds of bytes each.
func TestALongListCostsBoundedMemory(t *testing.T) {
	most := uint64(0)
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	before := m.HeapAlloc
	err := workbook.XLSX(io.Discard, sheet, func(row workbook.Row) error {
		for i := range 100_000 {
			if err := row("Nguyễn Phước Tôn Nữ Hạnh Dung Quỳnh Anh", "004080000001", i, models.MustDay("1980-05-04"), 66.6); err != nil {
				return err
			}
			if i%10_000 == 0 {
				runtime.GC()
				runtime.ReadMemStats(&m)
				most = max(most, m.HeapAlloc)
			}
		}
		return nil
	})
	if err != nil || most-min(most, before) > 64<<20 {
		t.Error(err, before, most)
	}
}
