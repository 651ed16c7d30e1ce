package paper

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// word is a word of a text that is to be broken into lines, measured once for all sizes: units are thousandths of the size.
type word struct {
	text  string
	units float64
	space float64   // between the word before and this one, kerning included
	ends  []float64 // where each letter ends, in units; measured when the word has to be broken
}

// together is a space at which no line ends. On paper it is a space like any other.
const together = '\u00a0'

func (d *Doc) words(f Font, size float64, text string) []word {
	fields := strings.FieldsFunc(norm.NFC.String(text), func(r rune) bool { return unicode.IsSpace(r) && r != together })
	units := func(text string) float64 { return math.Round(d.Width(f, size, text) * 1000 / size) }
	out := make([]word, len(fields))
	for i, text := range fields {
		out[i] = word{text: text, units: units(text)}
		if i > 0 {
			last, _ := utf8.DecodeLastRuneInString(fields[i-1])
			first, _ := utf8.DecodeRuneInString(text)
			out[i].space = units(string(last)+" "+string(first)) - units(string(last)) - units(string(first))
		}
	}
	return out
}

// letters measures where each letter of the word ends.
func (d *Doc) letters(f Font, size float64, x *word) []float64 {
	if x.ends == nil {
		units := func(text string) float64 { return d.Width(f, size, text) * 1000 / size }
		last, alone, at := "", 0.0, 0.0
		for _, r := range x.text {
			at += units(last+string(r)) - alone
			last, alone = string(r), units(string(r))
			x.ends = append(x.ends, at)
		}
	}
	return x.ends
}

// Wrap breaks text into lines no wider than w, at spaces; a word that is wider than a line is broken. Lines are evened out,
// so that no line holds one short word.
func (d *Doc) Wrap(f Font, size, w float64, text string) []string {
	return d.even(f, size, w, d.words(f, size, text))
}

// all is a number of lines that no text has.
const all = math.MaxInt

func (d *Doc) even(f Font, size, w float64, words []word) []string {
	lines := d.wrap(f, size, w, words, all)
	if len(lines) < 2 {
		return lines
	}
	for narrower := w * 0.97; narrower > w*0.5; narrower *= 0.97 {
		even := d.wrap(f, size, narrower, words, len(lines))
		if len(even) > len(lines) {
			break
		}
		lines = even
	}
	return lines
}

// wrap breaks words into lines. It gives up after more than most of them, so that what does not fit costs no more than what does.
func (d *Doc) wrap(f Font, size, w float64, words []word, most int) []string {
	var out []string
	em := size / 1000
	var line strings.Builder
	units := 0.0 // of the line
	for i := range words {
		x := &words[i]
		if line.Len() > 0 {
			if next := units + x.space + x.units; next*em <= w {
				line.WriteByte(' ')
				line.WriteString(x.text)
				units = next
				continue
			}
			out = append(out, line.String())
			line.Reset()
		}
		rest := x.text
		units = x.units
		if units*em > w {
			var pieces []string
			pieces, rest, units = d.broken(f, size, w/em, x, most-len(out))
			out = append(out, pieces...)
		}
		if len(out) > most {
			return out
		}
		line.WriteString(rest)
	}
	if line.Len() > 0 {
		out = append(out, line.String())
	}
	return out
}

// broken breaks a word that is wider than a line of w units: whole lines, and what is left with its width. It gives up after more than
// most lines. It is broken after "/" or "-" where one stands in the line. A letter that is wider than the line stands for itself.
func (d *Doc) broken(f Font, size, w float64, x *word, most int) (lines []string, rest string, units float64) {
	ends := d.letters(f, size, x)
	rs := []rune(x.text)
	from, before := 0, 0.0
	for from < len(rs)-1 && ends[len(rs)-1]-before > w && len(lines) <= most {
		to := from + 1
		for ends[to]-before <= w {
			to++
		}
		for at := to; at > from; at-- {
			if rs[at-1] == '/' || rs[at-1] == '-' {
				to = at
				break
			}
		}
		lines = append(lines, string(rs[from:to]))
		from, before = to, ends[to-1]
	}
	return lines, string(rs[from:]), ends[len(rs)-1] - before
}

// Fit gives the largest size between least and most (in half points) at which the text stands in at most n lines of width w,
// with those lines. At the least size it may take more lines.
func (d *Doc) Fit(f Font, most, least, w float64, n int, text string) (float64, []string) {
	size, lines, _ := d.FitBox(f, most, least, w, math.Inf(1), n, text)
	return size, lines
}

// Leading is the distance of base lines in a box, in sizes of the type.
const Leading = 1.26

// FitBox is Fit for a box that has a height too: the largest size between least and most at which the text stands in at most n lines
// within w by h points. It says whether it does; where it does not, size and lines are those of the least size. Type that is larger
// than the box is wide does not fit, whatever the letters.
func (d *Doc) FitBox(f Font, most, least, w, h float64, n int, text string) (float64, []string, bool) {
	words := d.words(f, most, text)
	for size := most; ; size -= 0.5 {
		last := size-0.5 < least
		lines := d.wrap(f, size, w, words, n)
		fits := len(lines) <= n && float64(len(lines))*size*Leading <= h+0.01
		if fits || last {
			if len(lines) > 1 {
				lines = d.even(f, size, w, words)
			}
			return size, lines, fits && size <= w
		}
	}
}

// FitSpaced is FitBox for a line with space between letters, which shrinks with them.
func (d *Doc) FitSpaced(f Font, most, least, w, h, space float64, text string) (float64, bool) {
	width := d.spacedWidth(f, most, space, norm.NFC.String(text)) / most
	for size := most; ; size -= 0.5 {
		fits := width*size <= w+0.01 && size*Leading <= h+0.01
		if fits || size-0.5 < least {
			return size, fits
		}
	}
}
