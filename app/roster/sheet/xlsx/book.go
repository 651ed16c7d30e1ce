// Package xlsx reads the cells of Office Open XML workbooks that strangers send: in one pass, with a bound on everything,
// and with what a reader of tables needs and nothing else (values, kinds of number format, merged ranges, what is hidden).
package xlsx

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"taphuan/models/viet"
)

// Refusals of a whole file.
var (
	ErrNotSpreadsheet = errors.New("not an .xlsx workbook")
	ErrOldFormat      = errors.New("a spreadsheet of another format (.xlsb, .ods, a web page named .xls)")
	ErrXLS            = fmt.Errorf("%w: .xls", ErrOldFormat) // package xls reads it
	ErrEncrypted      = errors.New("encrypted workbook")
	ErrTooLarge       = errors.New("workbook larger than the limits")
	ErrTooManyRows    = errors.New("workbook with too many rows")
)

// Limits bound what a workbook may cost. All are for the whole workbook.
type Limits struct {
	File     int64 // bytes of the file
	Unpack   int64 // bytes of the parts read, unpacked
	Rows     int   // rows that hold something
	Cells    int   // cells that hold something
	Strings  int   // shared strings
	Merges   int   // merged ranges
	Sheets   int
	Columns  int  // columns read of a row; those further right are left out
	Formulas bool // tell cells with a formula from others, and keep them where they give nothing
}

// DefaultLimits fit a machine that gives an import 512 MiB and 10 seconds.
var DefaultLimits = Limits{
	File: 32 << 20, Unpack: 256 << 20, Rows: 110_000, Cells: 3_000_000, Strings: 1_500_000, Merges: 200_000, Sheets: 256, Columns: 128,
}

// CellText is the greatest length of a cell's text in bytes; what is longer is cut.
const CellText = 2048

// Kind is what sort of value a cell holds.
type Kind uint8

// The kinds. A number's kind says how its format shows it.
const (
	Text Kind = iota
	Number
	DateNumber // shown as a date
	YearNumber // shown as a year only
	Bool
	Error   // #N/A and its like
	Formula // worked out by a formula, whatever it gives; only where Limits.Formulas asks for it
)

// Cell is one cell that holds something. Text is the value as the file writes it: of a number its digits.
type Cell struct {
	Column int // from 1
	Kind   Kind
	Font   viet.Encoding // what the font was made for: a hint only, offices paste Unicode into any font
	Text   string
}

// Row is one row that holds something.
type Row struct {
	Number int // from 1
	Hidden bool
	Cells  []Cell // by column
}

// Range is a rectangle of cells, ends included.
type Range struct{ FirstRow, FirstColumn, LastRow, LastColumn int }

// Sheet is one worksheet in the order of the workbook.
type Sheet struct {
	Name   string
	Hidden bool
	Rows   []Row
	Merges []Range
}

// Book is a workbook.
type Book struct {
	Sheets   []Sheet
	Date1904 bool // days are counted from 1904-01-01
}

// style is what a cell's format says of its value.
type style struct {
	kind Kind
	font viet.Encoding
}

type reader struct {
	ctx     context.Context
	lim     Limits
	files   map[string]*zip.File
	left    int64
	rows    int
	cells   int
	merges  int
	shared  []Cell
	formats []style
	font    viet.Encoding // of the text just read, as far as parts of it say
	text    []byte
}

// Read reads the workbook of size bytes. It refuses with one of the errors above, and stops with ctx.
func Read(ctx context.Context, r io.ReaderAt, size int64, lim Limits) (*Book, error) {
	if size > lim.File {
		return nil, ErrTooLarge
	}
	if err := sniff(r, size); err != nil {
		return nil, err
	}
	src := &source{r: r, size: size}
	z, err := zip.NewReader(src, size)
	if err != nil {
		return nil, src.refusal(err)
	}
	x := &reader{ctx: ctx, lim: lim, left: lim.Unpack, files: make(map[string]*zip.File, min(len(z.File), 64))}
	if len(z.File) > 20_000 {
		return nil, ErrTooLarge
	}
	for _, f := range z.File {
		name := partName(f.Name)
		if _, twice := x.files[name]; !twice {
			x.files[name] = f
		}
	}
	book, err := x.book()
	if err != nil {
		return nil, src.refusal(err)
	}
	return book, nil
}

// source reads the file and remembers when that itself failed: every other failure is the file's own fault.
type source struct {
	r    io.ReaderAt
	size int64
	err  error
}

func (s *source) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off > s.size {
		return 0, io.ErrUnexpectedEOF
	}
	n, err := s.r.ReadAt(p, off)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

// refusal gives every failure of taking the file apart one of the errors above, but for the end of ctx and a file that
// cannot be read.
func (s *source) refusal(err error) error {
	if s.err != nil {
		return s.err
	}
	for _, known := range []error{ErrNotSpreadsheet, ErrOldFormat, ErrEncrypted, ErrTooLarge, ErrTooManyRows, context.Canceled, context.DeadlineExceeded} {
		if errors.Is(err, known) {
			return err
		}
	}
	return fmt.Errorf("%w: %w", ErrNotSpreadsheet, err)
}

func partName(name string) string {
	return strings.ToLower(strings.TrimPrefix(path.Clean("/"+strings.ReplaceAll(name, `\`, "/")), "/"))
}

var (
	zipMagic = []byte("PK\x03\x04")
	oleMagic = []byte{0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1}
)

// sniff looks at the file as a whole: an encrypted workbook is an OLE file with a stream of that name, an old .xls is an
// OLE file without.
func sniff(r io.ReaderAt, size int64) error {
	head := make([]byte, min(size, 8))
	if _, err := r.ReadAt(head, 0); err != nil && err != io.EOF {
		return err
	}
	if bytes.HasPrefix(head, zipMagic) {
		return nil
	}
	switch {
	case bytes.Equal(head, oleMagic):
	case len(head) > 2 && head[0] == 9 && head[1]&^0xe == 0, bytes.HasPrefix(bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\ufeff"))), []byte("<")):
		return ErrOldFormat // Excel 4 and before, a web page, Excel's first XML
	default:
		return ErrNotSpreadsheet
	}
	all, err := io.ReadAll(io.NewSectionReader(r, 0, size))
	if err != nil {
		return err
	}
	utf16 := func(s string) []byte {
		b := make([]byte, 0, 2*len(s))
		for _, c := range []byte(s) {
			b = append(b, c, 0)
		}
		return b
	}
	switch {
	case bytes.Contains(all, utf16("EncryptedPackage")), bytes.Contains(all, utf16("EncryptionInfo")):
		return ErrEncrypted
	case bytes.Contains(all, utf16("Workbook")), bytes.Contains(all, utf16("Book")):
		return ErrXLS
	}
	return ErrNotSpreadsheet
}

// budget counts unpacked bytes and ends reading when they are used up or the context is done.
type budget struct {
	r io.Reader
	x *reader
}

func (b budget) Read(p []byte) (int, error) {
	if err := b.x.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := b.r.Read(p)
	b.x.left -= int64(n)
	if b.x.left < 0 {
		return 0, ErrTooLarge
	}
	return n, err
}

// part scans one part of the package; a missing one is no error but gives found = false.
func (x *reader) part(name string, do func(*scanner) error) (found bool, err error) {
	f := x.files[partName(name)]
	if f == nil {
		return false, nil
	}
	if f.Flags&1 != 0 {
		return true, ErrEncrypted
	}
	if f.UncompressedSize64 > uint64(x.left) {
		return true, ErrTooLarge
	}
	rc, err := f.Open()
	if err != nil {
		return true, err
	}
	err = do(newScanner(transform.NewReader(budget{rc, x}, unicode.BOMOverride(transform.Nop))))
	if cerr := rc.Close(); err == nil {
		err = cerr
	}
	return true, err
}

type relation struct{ kind, target string }

// relations reads the relationships of a part, targets as names of parts.
func (x *reader) relations(of string) (map[string]relation, error) {
	dir, file := path.Split(of)
	m := map[string]relation{}
	_, err := x.part(dir+"_rels/"+file+".rels", func(s *scanner) error {
		return each(s, func() error {
			if string(s.name) != "Relationship" || len(m) > x.lim.Sheets+1000 {
				return nil
			}
			target := s.attrText("Target")
			if !strings.HasPrefix(target, "/") {
				target = dir + target
			}
			m[s.attrText("Id")] = relation{path.Base(s.attrText("Type")), partName(target)}
			return nil
		})
	})
	return m, err
}

// each calls do at every opening of an element.
func each(s *scanner, do func() error) error {
	for {
		k, err := s.next()
		if err != nil || k == tokenEnd {
			return err
		}
		if k == tokenOpen {
			if err := do(); err != nil {
				return err
			}
		}
	}
}

func (x *reader) book() (*Book, error) {
	main := "xl/workbook.xml"
	root, err := x.relations("")
	if err != nil {
		return nil, err
	}
	for _, r := range root {
		if r.kind == "officeDocument" {
			main = r.target
		}
	}
	if strings.HasSuffix(main, ".bin") || x.files["content.xml"] != nil && x.files["mimetype"] != nil {
		return nil, ErrOldFormat
	}
	rels, err := x.relations(main)
	if err != nil {
		return nil, err
	}
	book := &Book{}
	var parts []string
	isBook := false
	found, err := x.part(main, func(s *scanner) error {
		return each(s, func() error {
			switch string(s.name) {
			case "workbook":
				isBook = true
			case "workbookPr":
				book.Date1904 = s.attrTrue("date1904")
			case "sheet":
				rel, ok := rels[s.attrText("id")]
				if !ok || rel.kind != "worksheet" {
					return nil
				}
				if len(parts) == x.lim.Sheets {
					return ErrTooLarge
				}
				state := s.attrText("state")
				book.Sheets = append(book.Sheets, Sheet{Name: s.attrText("name"), Hidden: state == "hidden" || state == "veryHidden"})
				parts = append(parts, rel.target)
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	if !found || !isBook {
		return nil, ErrNotSpreadsheet
	}
	for _, r := range rels {
		switch r.kind {
		case "sharedStrings":
			_, err = x.part(r.target, x.readShared)
		case "styles":
			_, err = x.part(r.target, x.readStyles)
		}
		if err != nil {
			return nil, err
		}
	}
	for i, p := range parts {
		if _, err := x.part(p, func(s *scanner) error { return x.readSheet(s, &book.Sheets[i]) }); err != nil {
			return nil, err
		}
	}
	return book, nil
}
