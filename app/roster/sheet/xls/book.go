package xls

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"

	"taphuan/app/roster/sheet/xlsx"
	"taphuan/models/viet"
)

// The records that are read; everything else in the stream is stepped over.
const (
	recFormula     = 0x0006
	recEOF         = 0x000a
	recDateMode    = 0x0022
	recFilePass    = 0x002f
	recFont        = 0x0031
	recContinue    = 0x003c
	recCodePage    = 0x0042
	recBoundSheet  = 0x0085
	recMulRK       = 0x00bd
	recRString     = 0x00d6
	recXF          = 0x00e0
	recMergedCells = 0x00e5
	recSST         = 0x00fc
	recLabelSST    = 0x00fd
	recNumber      = 0x0203
	recLabel       = 0x0204
	recBoolErr     = 0x0205
	recString      = 0x0207
	recRow         = 0x0208
	recRK          = 0x027e
	recFormat      = 0x041e
	recBOF         = 0x0809
)

const (
	biff5      = 0x0500
	biff8      = 0x0600
	maxFormats = 100_000
)

var le = binary.LittleEndian

// style is what a cell's format says of its value.
type style struct {
	kind xlsx.Kind
	font viet.Encoding
}

// place is where the stream holds a sheet, and its number in the book.
type place struct{ at, sheet int }

type reader struct {
	ctx    context.Context
	lim    xlsx.Limits
	in     []byte
	at     int // of the next record
	biff   int
	code   int // code page of texts before Unicode
	book   xlsx.Book
	places []place
	fonts  []viet.Encoding
	custom map[int]xlsx.Kind
	styles []style
	shared []text

	rows, cells, merges int
}

// record is one record of the stream.
type record struct {
	id   int
	data []byte
}

// next gives the record that follows; at the end of the stream, or where it is broken, one of EOF.
func (x *reader) next() (record, bool) {
	if x.at < 0 || x.at+4 > len(x.in) {
		return record{id: recEOF}, false
	}
	id, n := int(le.Uint16(x.in[x.at:])), int(le.Uint16(x.in[x.at+2:]))
	from := x.at + 4
	if from+n > len(x.in) {
		return record{id: recEOF}, false
	}
	x.at = from + n
	return record{id, x.in[from:x.at]}, true
}

// u16 and u32 read a number of a record; what lies past its end is 0.
func (r record) u16(at int) int {
	if at+2 > len(r.data) {
		return 0
	}
	return int(le.Uint16(r.data[at:]))
}

func (r record) u32(at int) uint32 {
	if at+4 > len(r.data) {
		return 0
	}
	return le.Uint32(r.data[at:])
}

func (r record) f64(at int) float64 {
	if at+8 > len(r.data) {
		return 0
	}
	return math.Float64frombits(le.Uint64(r.data[at:]))
}

func (r record) from(at int) []byte { return r.data[min(at, len(r.data)):] }

// workbook reads the globals and then every sheet.
func (x *reader) workbook() error {
	r, ok := x.next()
	if !ok || r.id != recBOF {
		return fmt.Errorf("%w: does not begin as workbooks do", xlsx.ErrNotSpreadsheet)
	}
	switch x.biff = r.u16(0); x.biff {
	case biff5, biff8:
	default:
		return xlsx.ErrOldFormat
	}
	x.code, x.custom = 1252, map[int]xlsx.Kind{}
	if err := x.globals(); err != nil {
		return err
	}
	for _, p := range x.places {
		x.at = p.at
		if r, ok := x.next(); !ok || r.id != recBOF {
			return fmt.Errorf("%w: a sheet is not where it should be", xlsx.ErrNotSpreadsheet)
		}
		if err := x.sheet(&x.book.Sheets[p.sheet]); err != nil {
			return err
		}
	}
	return nil
}

func (x *reader) globals() error {
	for {
		r, ok := x.next()
		if !ok {
			return fmt.Errorf("%w: cut short", xlsx.ErrNotSpreadsheet)
		}
		switch r.id {
		case recEOF:
			return nil
		case recFilePass:
			return xlsx.ErrEncrypted
		case recCodePage:
			x.code = r.u16(0)
		case recDateMode:
			x.book.Date1904 = r.u16(0) == 1
		case recFont:
			x.font(r)
		case recFormat:
			x.format(r)
		case recXF:
			x.xf(r)
		case recBoundSheet:
			if err := x.boundSheet(r); err != nil {
				return err
			}
		case recSST:
			if err := x.sharedTexts(r); err != nil {
				return err
			}
		}
	}
}

func (x *reader) font(r record) {
	if len(x.fonts) == 4 {
		x.fonts = append(x.fonts, viet.Unicode) // there is no font 4
	}
	if len(x.fonts) < maxFormats {
		x.fonts = append(x.fonts, viet.EncodingOfFont(x.shortText(r.from(14), viet.Unicode)))
	}
}

func (x *reader) format(r record) {
	if len(x.custom) >= maxFormats {
		return
	}
	code := ""
	if x.biff == biff8 {
		code = x.longText(r.from(2), viet.Unicode)
	} else {
		code = x.shortText(r.from(2), viet.Unicode)
	}
	x.custom[r.u16(0)] = xlsx.FormatKind(code)
}

func (x *reader) xf(r record) {
	if len(x.styles) >= maxFormats {
		return
	}
	s := style{}
	if f := r.u16(0); f < len(x.fonts) {
		s.font = x.fonts[f]
	}
	kind, ok := x.custom[r.u16(2)]
	if !ok {
		kind = xlsx.BuiltinKind(r.u16(2))
	}
	s.kind = kind
	x.styles = append(x.styles, s)
}

// boundSheet notes a sheet; charts, macros and modules are none.
func (x *reader) boundSheet(r record) error {
	if len(r.data) < 8 || r.data[5] != 0 {
		return nil
	}
	if len(x.book.Sheets) == x.lim.Sheets {
		return xlsx.ErrTooLarge
	}
	at := int64(r.u32(0))
	if at >= int64(len(x.in)) {
		return fmt.Errorf("%w: a sheet lies outside", xlsx.ErrNotSpreadsheet)
	}
	for _, p := range x.places {
		if p.at == int(at) {
			return fmt.Errorf("%w: two sheets in one place", xlsx.ErrNotSpreadsheet)
		}
	}
	x.places = append(x.places, place{int(at), len(x.book.Sheets)})
	x.book.Sheets = append(x.book.Sheets, xlsx.Sheet{Name: x.shortText(r.from(6), viet.Unicode), Hidden: r.data[4]&3 != 0})
	return nil
}
