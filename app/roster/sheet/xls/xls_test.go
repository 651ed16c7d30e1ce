package xls

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"unicode/utf16"

	"taphuan/app/roster/sheet/xlsx"
)

// rec writes a record of 16-bit numbers, bytes and texts.
func rec(id int, parts ...any) []byte {
	var b []byte
	for _, p := range parts {
		switch p := p.(type) {
		case int:
			b = le.AppendUint16(b, uint16(p))
		case uint32:
			b = le.AppendUint32(b, p)
		case float64:
			b = le.AppendUint64(b, math.Float64bits(p))
		case []byte:
			b = append(b, p...)
		case string:
			b = append(b, p...)
		}
	}
	return append(le.AppendUint16(le.AppendUint16(nil, uint16(id)), uint16(len(b))), b...)
}

// wide gives characters of two bytes each.
func wide(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = le.AppendUint16(b, u)
	}
	return b
}

// book joins globals and sheets; each sheet's BOUNDSHEET is made here.
func book(version int, globals []byte, sheets ...[]byte) []byte {
	head := append(rec(recBOF, version, 5), globals...)
	at := len(head) + len(rec(recEOF))
	at += len(sheets) * len(bound(version, 0, 0))
	for i, s := range sheets {
		head = append(head, bound(version, at, i)...)
		at += len(s)
	}
	head = append(head, rec(recEOF)...)
	return append(head, bytes.Join(sheets, nil)...)
}

func bound(version, at, i int) []byte {
	name := []byte{1, 'A' + byte(i)}
	if version == biff8 {
		name = []byte{1, 0, 'A' + byte(i)}
	}
	return rec(recBoundSheet, uint32(at), []byte{byte(i % 2), 0}, name)
}

func sheetOf(version int, records ...[]byte) []byte {
	return append(append(rec(recBOF, version, 0x10), bytes.Join(records, nil)...), rec(recEOF)...)
}

func readStream(b []byte, lim xlsx.Limits) (*xlsx.Book, error) {
	x := &reader{ctx: context.Background(), lim: lim, in: b}
	err := x.workbook()
	return &x.book, err
}

func TestCellsOfExcel97(t *testing.T) {
	t.Parallel()
	font := func(name string) []byte {
		return rec(recFont, 200, 0, 0, 400, 0, []byte{0, 0, 0, 0}, []byte{byte(len(name)), 0}, name)
	}
	xf := func(font, format int) []byte { return rec(recXF, font, format, make([]byte, 16)) }
	globals := bytes.Join([][]byte{
		rec(recDateMode, 1), font("Arial"), font("Arial"), font(".VnTime"), font("Arial"), font("VNI-Times"),
		rec(recFormat, 164, 10, []byte{0}, "dd/mm/yyyy"), rec(recFormat, 165, 4, []byte{0}, "yyyy"),
		xf(0, 0), xf(0, 164), xf(0, 165), xf(2, 0), xf(5, 0), xf(0, 14),
		// four texts: narrow, wide with a run in .VnTime, one cut across records that changes its width, one with phonetics
		rec(recSST, uint32(4), uint32(4), 3, []byte{0}, "abc", 2, []byte{1 | 8}, 1, wide("Hộ"), 0, 2, 6, []byte{0}, "Nguy"),
		rec(recContinue, []byte{1}, wide("ễn"), 1, []byte{4}, uint32(3), "x", "pho"),
	}, nil)
	b := book(biff8, globals,
		sheetOf(biff8,
			rec(recRow, 2, 0, 9, 300, 0, 0, 0x20, 0),
			rec(recLabelSST, 2, 0, 0, uint32(0)), rec(recLabelSST, 2, 1, 0, uint32(1)), rec(recLabelSST, 2, 2, 3, uint32(2)), rec(recLabelSST, 2, 3, 4, uint32(3)), rec(recLabelSST, 2, 4, 0, uint32(99)),
			rec(recNumber, 0, 0, 0, 4009012345.0), rec(recNumber, 0, 1, 1, 100.5), rec(recNumber, 0, 2, 2, 1980.0), rec(recRK, 0, 3, 5, uint32(12345<<2|2)),
			rec(recMulRK, 0, 4, 0, uint32(7<<2|3), 1, uint32(5<<2|2), 5),
			rec(recBoolErr, 0, 6, 0, []byte{1, 0}), rec(recBoolErr, 0, 7, 0, []byte{0x2a, 1}),
			rec(recFormula, 1, 0, 0, []byte{0, 0, 0, 0, 0, 0, 0xff, 0xff}, 0), rec(recString, 2, []byte{1}, wide("ký")),
			rec(recFormula, 1, 1, 0, 2.5, 0), rec(recFormula, 1, 2, 0, []byte{1, 0, 1, 0, 0, 0, 0xff, 0xff}, 0), rec(recFormula, 1, 3, 0, []byte{2, 0, 7, 0, 0, 0, 0xff, 0xff}, 0),
			rec(recLabel, 1, 4, 0, 2, []byte{0}, "  "), rec(recNumber, 1, 300, 0, 1.0), rec(recNumber, 1, 5, 0, math.NaN()), rec(recNumber, 1, 1, 0, 3.0),
			rec(recBOF, biff8, 0x20), rec(recNumber, 9, 9, 0, 9.0), rec(recEOF), // a chart
			rec(recMergedCells, 1, 0, 2, 1, 1),
		), sheetOf(biff8))
	got, err := readStream(b, xlsx.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	want := `{[{A false [{1 false [{1 1 Unicode 4009012345} {2 2 Unicode 100.5} {3 3 Unicode 1980} {4 2 Unicode 12345} {5 1 Unicode 0.07} {6 2 Unicode 5} {7 4 Unicode 1} {8 5 Unicode #N/A}]} ` +
		`{2 false [{1 0 Unicode ký} {2 1 Unicode 3} {3 4 Unicode 1} {4 5 Unicode #DIV/0!}]} {3 true [{1 0 Unicode abc} {2 0 TCVN3 Hộ} {3 0 TCVN3 Nguyễn} {4 0 VNI x}]}] [{1 2 3 2}]} {B true [] []}] true}`
	if s := fmt.Sprint(*got); s != want {
		t.Errorf("\n got %s\nwant %s", s, want)
	}
}

func TestCellsOfExcel5(t *testing.T) {
	t.Parallel()
	font := func(name string) []byte {
		return rec(recFont, 200, 0, 0, 400, 0, []byte{0, 0, 0, 0}, []byte{byte(len(name))}, name)
	}
	for page, word := range map[int]string{1252: "Hµ", 1258: "Hµ"} {
		globals := bytes.Join([][]byte{
			rec(recCodePage, page), font("Arial"), font(".VnTime"), rec(recFormat, 164, []byte{10}, "dd/mm/yyyy"),
			rec(recXF, 0, 0, make([]byte, 12)), rec(recXF, 1, 0, make([]byte, 12)), rec(recXF, 0, 164, make([]byte, 12)),
		}, nil)
		b := book(biff5, globals, sheetOf(biff5,
			rec(recLabel, 0, 0, 1, 2, "H\xb5"), rec(recRString, 0, 1, 1, 3, "Tr\xc7", []byte{1, 0, 1}), rec(recNumber, 0, 2, 2, 29221.0), rec(recLabel, 0, 3, 0, 2, "\xd0\xe3")))
		got, err := readStream(b, xlsx.DefaultLimits)
		if err != nil {
			t.Fatal(err)
		}
		last := map[int]string{1252: "Ðã", 1258: "Đă"}[page]
		want := `[{1 false [{1 0 TCVN3 ` + word + `} {2 0 TCVN3 TrÇ} {3 2 Unicode 29221} {4 0 Unicode ` + last + `}]}]`
		if s := fmt.Sprint(got.Sheets[0].Rows); s != want {
			t.Errorf("code page %d:\n got %s\nwant %s", page, s, want)
		}
	}
}

func TestHostileStreamsAreRefused(t *testing.T) {
	t.Parallel()
	few := xlsx.Limits{Rows: 2, Cells: 3, Strings: 2, Merges: 1, Sheets: 2, Columns: 4}
	number := func(row, column int) []byte { return rec(recNumber, row, column, 0, 1.0) }
	one := func(records ...[]byte) []byte { return book(biff8, nil, sheetOf(biff8, records...)) }
	for name, c := range map[string]struct {
		in   []byte
		want error
	}{
		"nothing":                     {nil, xlsx.ErrNotSpreadsheet},
		"no beginning":                {rec(recNumber), xlsx.ErrNotSpreadsheet},
		"Excel 4":                     {rec(recBOF, 0x400, 5), xlsx.ErrOldFormat},
		"a password":                  {book(biff8, rec(recFilePass, 1), sheetOf(biff8)), xlsx.ErrEncrypted},
		"globals cut short":           {book(biff8, nil, sheetOf(biff8))[:20], xlsx.ErrNotSpreadsheet},
		"a sheet cut short":           {one(number(0, 0))[:len(one(number(0, 0)))-6], xlsx.ErrNotSpreadsheet},
		"a sheet that lies outside":   {append(append(rec(recBOF, biff8, 5), bound(biff8, 1<<20, 0)...), rec(recEOF)...), xlsx.ErrNotSpreadsheet},
		"a sheet in the globals":      {append(append(rec(recBOF, biff8, 5), bound(biff8, 4, 0)...), rec(recEOF)...), xlsx.ErrNotSpreadsheet},
		"two sheets in one place":     {append(append(append(rec(recBOF, biff8, 5), bound(biff8, 0, 0)...), bound(biff8, 0, 1)...), rec(recEOF)...), xlsx.ErrNotSpreadsheet},
		"too many rows":               {one(number(0, 0), number(1, 0), number(2, 0)), xlsx.ErrTooManyRows},
		"too many cells":              {one(number(0, 0), number(0, 1), number(0, 2), number(0, 3)), xlsx.ErrTooLarge},
		"one cell again and again":    {one(number(0, 0), number(0, 0), number(0, 0), number(0, 0)), xlsx.ErrTooLarge},
		"too many merged ranges":      {one(rec(recMergedCells, 2, 0, 1, 0, 1, 2, 3, 0, 1)), xlsx.ErrTooLarge},
		"too many sheets":             {book(biff8, nil, sheetOf(biff8), sheetOf(biff8), sheetOf(biff8)), xlsx.ErrTooLarge},
		"too many texts":              {book(biff8, rec(recSST, uint32(3), uint32(3), 1, []byte{0}, "a", 1, []byte{0}, "a", 1, []byte{0}, "a")), xlsx.ErrTooLarge},
		"a text without end":          {book(biff8, rec(recSST, uint32(1), uint32(1), 60000, []byte{0}, "a")), xlsx.ErrNotSpreadsheet},
		"phonetics without end":       {book(biff8, rec(recSST, uint32(1), uint32(1), 1, []byte{4}, uint32(1<<31), "a")), xlsx.ErrNotSpreadsheet},
		"a text that goes on wrong":   {book(biff8, append(rec(recSST, uint32(1), uint32(1), 9, []byte{0}, "a"), rec(recNumber)...)), xlsx.ErrNotSpreadsheet},
		"embedded sheets without end": {one(bytes.Repeat(rec(recBOF, biff8, 0x20), 100))[:400], xlsx.ErrNotSpreadsheet},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := readStream(c.in, few); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

func samples(t testing.TB) [][]byte {
	t.Helper()
	files, err := filepath.Glob("../testdata/*.xls")
	if err != nil || len(files) < 7 {
		t.Fatal(files, err)
	}
	var out [][]byte
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	return out
}

func readFile(b []byte) (*xlsx.Book, error) {
	return Read(context.Background(), bytes.NewReader(b), int64(len(b)), xlsx.DefaultLimits)
}

func TestCutFilesAreRefused(t *testing.T) {
	t.Parallel()
	for _, b := range samples(t) {
		for _, n := range []int{0, 8, 511, 512, 600, len(b) / 3, len(b) / 2} {
			if _, err := readFile(b[:n]); !errors.Is(err, xlsx.ErrNotSpreadsheet) {
				t.Errorf("%d bytes of %d: %v", n, len(b), err)
			}
		}
	}
}

func TestReadingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	b := samples(t)[0]
	if _, err := Read(ctx, bytes.NewReader(b), int64(len(b)), xlsx.DefaultLimits); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	lim := xlsx.DefaultLimits
	lim.File = 1000
	if _, err := Read(t.Context(), bytes.NewReader(b), int64(len(b)), lim); !errors.Is(err, xlsx.ErrTooLarge) {
		t.Error(err)
	}
}

// known says whether an error is one of those that callers tell apart.
func known(err error) bool {
	for _, e := range []error{nil, xlsx.ErrNotSpreadsheet, xlsx.ErrOldFormat, xlsx.ErrEncrypted, xlsx.ErrTooLarge, xlsx.ErrTooManyRows} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// FuzzFile breaks files as a whole, and so the container.
func FuzzFile(f *testing.F) {
	for _, b := range samples(f) {
		if len(b) < 20_000 {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, err := readFile(b); !known(err) {
			t.Fatal(err)
		}
	})
}

// FuzzStream breaks the stream of records.
func FuzzStream(f *testing.F) {
	for _, b := range samples(f) {
		s, err := stream(bytes.NewReader(b), int64(len(b)))
		if err != nil {
			f.Fatal(err)
		}
		if len(s) < 20_000 {
			f.Add(s)
		}
	}
	f.Add(book(biff5, nil, sheetOf(biff5, rec(recLabel, 0, 0, 0, 2, "ab"))))
	lim := xlsx.DefaultLimits
	f.Fuzz(func(t *testing.T, b []byte) {
		got, err := readStream(b, lim)
		if !known(err) {
			t.Fatal(err)
		}
		for _, s := range got.Sheets {
			for i, r := range s.Rows {
				if len(r.Cells) == 0 || i > 0 && r.Number <= s.Rows[i-1].Number {
					t.Fatalf("row %d: %+v", i, r)
				}
				for k, c := range r.Cells {
					if c.Column < 1 || c.Column > lim.Columns || c.Text == "" || k > 0 && c.Column <= r.Cells[k-1].Column {
						t.Fatalf("%+v", r)
					}
				}
			}
		}
	})
}

func TestBrokenBytesBreakNothing(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2))
	for _, b := range samples(t) {
		for range 60 {
			m := bytes.Clone(b)
			for range 20 {
				m[random.IntN(len(m))] = byte(random.IntN(256))
			}
			if _, err := readFile(m); !known(err) {
				t.Fatal(err)
			}
		}
	}
}
