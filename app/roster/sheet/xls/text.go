package xls

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"taphuan/app/roster/sheet/xlsx"
	"taphuan/models/viet"
)

// text is a shared text, with the old encoding that a font within it says.
type text struct {
	text string
	font viet.Encoding
}

// shortText reads a text whose length is one byte, longText one whose length is two.
func (x *reader) shortText(b []byte, font viet.Encoding) string {
	if len(b) < 1 {
		return ""
	}
	return x.plain(b[1:], int(b[0]), font)
}

func (x *reader) longText(b []byte, font viet.Encoding) string {
	if len(b) < 2 {
		return ""
	}
	return x.plain(b[2:], int(le.Uint16(b)), font)
}

// plain reads n characters. Before Unicode they are bytes of the code page; those of a font for an old encoding are that
// encoding's own.
func (x *reader) plain(b []byte, n int, font viet.Encoding) string {
	if x.biff == biff8 {
		if len(b) < 1 {
			return ""
		}
		flags := b[0]
		b = b[1:]
		if flags&8 != 0 {
			b = b[min(2, len(b)):]
		}
		if flags&4 != 0 {
			b = b[min(4, len(b)):]
		}
		s, _ := characters(nil, b, n, flags&1 != 0)
		return cut(string(utf16.Decode(s)))
	}
	b = b[:min(n, len(b))]
	page := charmap.Windows1252
	if x.code == 1258 && font == viet.Unicode {
		page = charmap.Windows1258
	}
	s, err := page.NewDecoder().Bytes(b)
	if err != nil {
		return ""
	}
	return cut(string(s))
}

// characters appends n characters of one or two bytes each to dst, as many as there are; it gives what is left of b.
func characters(dst []uint16, b []byte, n int, wide bool) ([]uint16, []byte) {
	if wide {
		n = min(n, len(b)/2)
		for i := range n {
			dst = append(dst, le.Uint16(b[2*i:]))
		}
		return dst, b[2*n:]
	}
	n = min(n, len(b))
	for _, c := range b[:n] {
		dst = append(dst, uint16(c))
	}
	return dst, b[n:]
}

// cut bounds a text to xlsx.CellText bytes.
func cut(s string) string {
	if len(s) <= xlsx.CellText {
		return s
	}
	n := xlsx.CellText
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.Clone(s[:n])
}

// spread is a record and those that continue it, read as one.
type spread struct {
	x *reader
	b []byte // what is left of the present one
}

// more steps to the next part if the present one is used up.
func (s *spread) more() bool {
	for len(s.b) == 0 {
		before := s.x.at
		r, ok := s.x.next()
		if !ok || r.id != recContinue {
			s.x.at = before
			return false
		}
		s.b = r.data
	}
	return true
}

// take gives the next n bytes, nil if there are not so many.
func (s *spread) take(n int) []byte {
	if n <= len(s.b) {
		b := s.b[:n]
		s.b = s.b[n:]
		return b
	}
	var out []byte
	for len(out) < n {
		if !s.more() {
			return nil
		}
		k := min(n-len(out), len(s.b))
		out = append(out, s.b[:k]...)
		s.b = s.b[k:]
	}
	return out
}

// skip steps over n bytes.
func (s *spread) skip(n int) bool {
	for n > 0 {
		if !s.more() {
			return false
		}
		k := min(n, len(s.b))
		s.b = s.b[k:]
		n -= k
	}
	return true
}

// sharedTexts reads the table of shared texts. A text that goes on in the next record says anew how wide its characters are.
func (x *reader) sharedTexts(r record) error {
	s := &spread{x: x, b: r.from(8)}
	for n := r.u32(4); n > 0 && s.more(); n-- {
		if len(x.shared) == x.lim.Strings {
			return xlsx.ErrTooLarge
		}
		t, ok := s.sharedText()
		if !ok {
			return xlsx.ErrNotSpreadsheet
		}
		x.shared = append(x.shared, t)
	}
	return nil
}

func (s *spread) sharedText() (text, bool) {
	head := s.take(3)
	if head == nil {
		return text{}, false
	}
	left, flags := int(le.Uint16(head)), head[2]
	runs, far := 0, 0
	if flags&8 != 0 {
		b := s.take(2)
		if b == nil {
			return text{}, false
		}
		runs = int(le.Uint16(b))
	}
	if flags&4 != 0 {
		b := s.take(4)
		if b == nil || le.Uint32(b) > uint32(len(s.x.in)) {
			return text{}, false
		}
		far = int(le.Uint32(b))
	}
	var units []uint16
	for wide := flags&1 != 0; left > 0; {
		before := len(units)
		units, s.b = characters(units, s.b, left, wide)
		left -= len(units) - before
		if left == 0 {
			break
		}
		s.b = nil // half a character at the end of a record
		if !s.more() {
			return text{}, false
		}
		wide, s.b = s.b[0]&1 != 0, s.b[1:]
	}
	t := text{text: cut(string(utf16.Decode(units)))}
	for range runs {
		b := s.take(4)
		if b == nil {
			return text{}, false
		}
		if f := int(le.Uint16(b[2:])); f < len(s.x.fonts) && s.x.fonts[f] != viet.Unicode {
			t.font = s.x.fonts[f]
		}
	}
	return t, s.skip(far)
}
