package sheet

import (
	"strings"
	"unicode"

	"taphuan/app/roster/sheet/xlsx"
	"taphuan/models/viet"
)

// Converted says that cells of a column were typed in an old encoding and are read in Unicode, with one of them.
type Converted struct {
	Sheet    string
	Column   string // letter
	Encoding string // TCVN3, VNI, or UTF-8 that a program took for something else
	Cells    int
	Before   string
	After    string
}

// old are the encodings before Unicode.
var old = [...]viet.Encoding{viet.TCVN3, viet.VNI}

// voice is what a text says of its own encoding. Words of plain letters say nothing.
type voice struct {
	words   int                           // words that say something
	unicode int                           // of them, Vietnamese syllables as they stand
	old     [2]struct{ words, alone int } // syllables if read in that encoding; of them, such as nothing else makes sense of
	decodes [2]bool
	other   bool   // some letters are in Unicode only
	symbols bool   // signs stand within words, as no language writes them
	utf8    string // the text that a program misread, "" if it is none
}

// fits says whether the text can be of that old encoding: all its words, or most, some of which nothing else makes sense
// of, beside others with errors.
func (v voice) fits(i int) bool {
	w := v.old[i]
	return v.decodes[i] && !v.other && (w.words == v.words || w.alone > 0 && w.words > v.unicode && 3*w.words >= 2*v.words)
}

func (v voice) isUnicode() bool { return v.unicode == v.words }

// tally counts the texts of a column or of a sheet by what they say.
type tally struct {
	unicode int
	texts   [2]int
	old     [2]int // words that only the old encoding makes sense of
}

// add counts a text; a font, or signs within words, weigh as much as three words.
func (t *tally) add(v voice, font viet.Encoding) {
	if v.other || v.isUnicode() && !v.fits(0) && !v.fits(1) {
		t.unicode++
		return
	}
	for i := range old {
		if n := v.old[i].alone; n > 0 && v.fits(i) {
			if v.symbols || sameFont(font, i) {
				n = max(n, 3)
			}
			t.old[i] += n
			t.texts[i]++
		}
	}
}

func sameFont(font viet.Encoding, i int) bool {
	return font == old[i] || font == viet.TCVN3Capitals && old[i] == viet.TCVN3
}

// sure gives the index of the old encoding that speaks clearly, or -1.
func (t tally) sure() int {
	for i := range old {
		if t.old[i] >= 3 && t.old[i] >= 10*t.old[1-i] {
			return i
		}
	}
	return -1
}

// modernise reads texts in old encodings as what was meant: a text is converted if its words are Vietnamese in the old
// encoding and not as they stand, and its column, its sheet or its font says the same. What can be told neither way is
// garbled. Texts in Unicode stay as they are.
func (in *interpreter) modernise(s *xlsx.Sheet) {
	var whole tally
	columns := map[int]*tally{}
	doubtful := false
	each := func(do func(row int, c *xlsx.Cell, v voice)) {
		for i := range s.Rows {
			for k := range s.Rows[i].Cells {
				c := &s.Rows[i].Cells[k]
				if c.Kind != xlsx.Text {
					continue
				}
				if v := in.listen(c.Text); v.words > 0 {
					do(s.Rows[i].Number, c, v)
				}
			}
		}
	}
	each(func(_ int, c *xlsx.Cell, v voice) {
		if columns[c.Column] == nil {
			columns[c.Column] = &tally{}
		}
		columns[c.Column].add(v, c.Font)
		whole.add(v, c.Font)
		doubtful = doubtful || !v.isUnicode()
	})
	if !doubtful {
		return
	}
	noted := map[int]int{}
	each(func(row int, c *xlsx.Cell, v voice) {
		after, encoding, ok := decode(c, v, *columns[c.Column], whole)
		switch {
		case !ok:
			in.garbled[cellAt{s.Name, row, c.Column}] = true
		case encoding != "":
			i, has := noted[c.Column]
			if !has {
				i = len(in.result.Converted)
				noted[c.Column] = i
				in.result.Converted = append(in.result.Converted, Converted{Sheet: s.Name, Column: xlsx.ColumnName(c.Column), Encoding: encoding, Before: c.Text, After: after})
			}
			in.result.Converted[i].Cells++
			c.Text = after
		}
	})
}

// decode gives the text of a cell in Unicode, with the encoding it was in ("" for Unicode); false if nobody can tell.
func decode(c *xlsx.Cell, v voice, column, whole tally) (string, string, bool) {
	if v.utf8 != "" {
		return v.utf8, "UTF-8", true
	}
	i := column.sure()
	if i < 0 {
		i = whole.sure()
	}
	for k := range old {
		if sameFont(c.Font, k) && v.fits(k) {
			i = k
		}
	}
	fits := i >= 0 && v.fits(i)
	switch {
	case v.isUnicode() && fits: // it reads both ways: those around it must speak with one voice
		around := column
		if around == (tally{}) {
			around = whole
		}
		switch {
		case around.unicode >= 10*around.texts[i] && around.unicode > 0:
			return "", "", true
		case 2*around.unicode > around.texts[i]: // more than a heading
			return "", "", false
		}
	case v.isUnicode():
		return "", "", true
	case !fits: // a foreign name is in no old encoding and has no signs within
		return "", "", i < 0 && c.Font == viet.Unicode && !v.symbols && v.old[0].alone+v.old[1].alone == 0
	}
	e := old[i]
	if e == viet.TCVN3 && c.Font == viet.TCVN3Capitals {
		e = c.Font
	}
	after, _ := viet.Decode(c.Text, e)
	return after, e.String(), true
}

// hearing is what one word says.
type hearing struct {
	unicode, symbols bool
	old, decodes     [2]bool
}

// listen hears a text.
func (in *interpreter) listen(s string) voice {
	v := voice{decodes: [2]bool{true, true}}
	start, plain := -1, true
	end := func(i int) {
		if start >= 0 && !plain {
			in.hear(&v, s[start:i])
		}
		start, plain = -1, true
	}
	for i, r := range s {
		switch {
		case between(r):
			end(i)
		case start < 0:
			start, plain = i, r < 0x80
		default:
			plain = plain && r < 0x80
		}
	}
	end(len(s))
	if v.words > v.unicode {
		v.utf8 = viet.Misread(s)
	}
	return v
}

// hear adds what a word says; one of signs alone says nothing.
func (in *interpreter) hear(v *voice, s string) {
	if strings.ContainsFunc(s, func(r rune) bool { return r > 0xff }) {
		v.words++
		v.unicode++ // no old encoding has such letters
		v.other = true
		return
	}
	w, known := in.heard[s]
	if !known {
		w = weigh(s)
		if len(in.heard) < 50_000 {
			in.heard[strings.Clone(s)] = w
		}
	}
	if !w.symbols && !w.unicode && !strings.ContainsFunc(s, unicode.IsLetter) {
		return
	}
	v.words++
	if w.unicode {
		v.unicode++
	}
	v.symbols = v.symbols || w.symbols
	for i := range old {
		v.decodes[i] = v.decodes[i] && w.decodes[i]
		if w.old[i] {
			v.old[i].words++
			if !w.unicode && !w.old[1-i] {
				v.old[i].alone++
			}
		}
	}
}

func weigh(s string) hearing {
	w := hearing{unicode: viet.Spelt(s)}
	letters, signs := 0, 0
	for _, r := range s {
		switch {
		case unicode.IsLetter(r):
			letters++
		case !strings.ContainsRune("²³°·", r):
			signs++
		}
	}
	w.symbols = letters > 0 && signs > 0
	for i, e := range old {
		var d string
		d, w.decodes[i] = viet.Decode(s, e)
		w.old[i] = w.decodes[i] && (viet.Spelt(d) || initials(d))
	}
	return w
}

// initials says whether a word is an abbreviation such as HĐND.
func initials(s string) bool {
	return strings.Contains(s, "Đ") && !strings.ContainsFunc(s, func(r rune) bool { return r != 'Đ' && (r < 'A' || r > 'Z') })
}

// between says of a character that it parts words in every encoding.
func between(r rune) bool {
	switch {
	case r == 0xad: // ư in TCVN3
		return false
	case r < 0x80:
		return (r|0x20) < 'a' || (r|0x20) > 'z'
	case r > 0xff:
		return !unicode.IsLetter(r) && !unicode.Is(unicode.Mn, r)
	}
	return r <= 0xa0
}

// cellAt is the place of a cell.
type cellAt struct {
	sheet       string
	row, column int
}

// spoilt finds a garbled cell of the row in a column that counts.
func (in *interpreter) spoilt(g *grid, t *table, r *xlsx.Row) (xlsx.Cell, bool) {
	if len(in.garbled) == 0 {
		return xlsx.Cell{}, false
	}
	for _, c := range r.Cells {
		if col := t.column(c.Column); in.garbled[cellAt{g.Name, r.Number, c.Column}] && col != nil && col.field != fieldNone && col.field != fieldIgnored {
			return c, true
		}
	}
	return xlsx.Cell{}, false
}
