package signature

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
)

// The objects of a PDF: nil, bool, int, real, name, text, array (of []any), dict, ref, *stream.
type (
	name string
	real string // as it is written: nothing here computes with it
	dict map[name]any
	ref  struct{ num, gen int }
	text struct {
		value    string
		from, to int // in the file, delimiters included
		hex      bool
	}
	stream struct {
		dict dict
		raw  []byte // as it lies in the file
	}
	operator string // a bare word: obj, endobj, R, xref, ...
)

const maxDepth = 64

var errSyntax = errors.New("syntax")

// lexer reads objects from b at a place. It never reads outside b and never goes deeper than maxDepth.
type lexer struct {
	b  []byte
	at int
}

func (l *lexer) fail(what string) error { return fmt.Errorf("%w: %s at %d", errSyntax, what, l.at) }

func isSpace(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}

func isDelimiter(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

func (l *lexer) skip() {
	for l.at < len(l.b) {
		switch c := l.b[l.at]; {
		case isSpace(c):
			l.at++
		case c == '%':
			for l.at < len(l.b) && l.b[l.at] != '\n' && l.b[l.at] != '\r' {
				l.at++
			}
		default:
			return
		}
	}
}

// object reads the next object; "7 0 R" is one. A word that is no object comes as operator.
func (l *lexer) object(depth int) (any, error) {
	if depth > maxDepth {
		return nil, l.fail("nested too deeply")
	}
	l.skip()
	if l.at >= len(l.b) {
		return nil, l.fail("end")
	}
	switch c := l.b[l.at]; {
	case c == '/':
		return l.name()
	case c == '(':
		return l.literal()
	case c == '<':
		if l.at+1 < len(l.b) && l.b[l.at+1] == '<' {
			return l.dict(depth)
		}
		return l.hex()
	case c == '[':
		return l.array(depth)
	case isDelimiter(c):
		return nil, l.fail("unexpected " + strconv.QuoteRune(rune(c)))
	}
	word := l.word()
	switch word {
	case "true", "false":
		return word == "true", nil
	case "null":
		return nil, nil
	}
	if n, ok := integer(word); ok {
		return l.reference(n), nil
	}
	if c := word[0]; c == '+' || c == '-' || c == '.' || c >= '0' && c <= '9' {
		if _, err := strconv.ParseFloat(word, 64); err != nil {
			return nil, l.fail("number")
		}
		return real(word), nil
	}
	return operator(word), nil
}

func (l *lexer) word() string {
	from := l.at
	for l.at < len(l.b) && !isSpace(l.b[l.at]) && !isDelimiter(l.b[l.at]) {
		l.at++
	}
	return string(l.b[from:l.at])
}

func integer(word string) (int, bool) {
	if len(word) > 15 {
		return 0, false
	}
	n, err := strconv.Atoi(word)
	return n, err == nil
}

// reference gives n, or the reference that begins with it.
func (l *lexer) reference(n int) any {
	back := l.at
	l.skip()
	gen, ok := integer(l.word())
	if l.skip(); n > 0 && ok && gen >= 0 && l.word() == "R" {
		return ref{n, gen}
	}
	l.at = back
	return n
}

func (l *lexer) name() (any, error) {
	l.at++
	word := l.word()
	if bytes.IndexByte([]byte(word), '#') < 0 {
		return name(word), nil
	}
	var out []byte
	for i := 0; i < len(word); i++ {
		if word[i] == '#' {
			if i+2 >= len(word) {
				return nil, l.fail("name")
			}
			n, err := strconv.ParseUint(word[i+1:i+3], 16, 8)
			if err != nil {
				return nil, l.fail("name")
			}
			out = append(out, byte(n))
			i += 2
			continue
		}
		out = append(out, word[i])
	}
	return name(out), nil
}

func (l *lexer) literal() (any, error) {
	from := l.at
	l.at++
	var out []byte
	for open := 1; l.at < len(l.b); l.at++ {
		c := l.b[l.at]
		switch c {
		case '(':
			open++
		case ')':
			if open--; open == 0 {
				l.at++
				return text{value: string(out), from: from, to: l.at}, nil
			}
		case '\r':
			if l.at+1 < len(l.b) && l.b[l.at+1] == '\n' {
				l.at++
			}
			c = '\n'
		case '\\':
			if l.at++; l.at >= len(l.b) {
				return nil, l.fail("string")
			}
			out = l.escape(out)
			continue
		}
		out = append(out, c)
	}
	return nil, l.fail("string")
}

// escape appends what the escape at the place means and stays on its last byte.
func (l *lexer) escape(out []byte) []byte {
	c := l.b[l.at]
	if i := bytes.IndexByte([]byte("nrtbf"), c); i >= 0 {
		return append(out, "\n\r\t\b\f"[i])
	}
	switch {
	case c == '\r':
		if l.at+1 < len(l.b) && l.b[l.at+1] == '\n' {
			l.at++
		}
		return out
	case c == '\n':
		return out
	case c >= '0' && c <= '7':
		n := int(c - '0')
		for k := 0; k < 2 && l.at+1 < len(l.b) && l.b[l.at+1] >= '0' && l.b[l.at+1] <= '7'; k++ {
			l.at++
			n = n*8 + int(l.b[l.at]-'0')
		}
		return append(out, byte(n))
	}
	return append(out, c)
}

func (l *lexer) hex() (any, error) {
	from := l.at
	l.at++
	var out []byte
	half, odd := byte(0), false
	for ; l.at < len(l.b); l.at++ {
		c := l.b[l.at]
		var d byte
		switch {
		case c == '>':
			if odd {
				out = append(out, half<<4)
			}
			l.at++
			return text{value: string(out), from: from, to: l.at, hex: true}, nil
		case isSpace(c):
			continue
		case c >= '0' && c <= '9':
			d = c - '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			d = c | 0x20 - 'a' + 10
		default:
			return nil, l.fail("hexadecimal string")
		}
		if odd {
			out = append(out, half<<4|d)
		}
		half, odd = d, !odd
	}
	return nil, l.fail("hexadecimal string")
}

func (l *lexer) array(depth int) (any, error) {
	l.at++
	out := []any{}
	for {
		if l.skip(); l.at < len(l.b) && l.b[l.at] == ']' {
			l.at++
			return out, nil
		}
		v, err := l.object(depth + 1)
		if err != nil {
			return nil, err
		}
		if _, bare := v.(operator); bare {
			return nil, l.fail("array")
		}
		out = append(out, v)
	}
}

// dict reads a dictionary. A key that stands twice is refused: readers do not agree which one counts.
func (l *lexer) dict(depth int) (any, error) {
	l.at += 2
	out := dict{}
	for {
		l.skip()
		if bytes.HasPrefix(l.b[l.at:], []byte(">>")) {
			l.at += 2
			return out, nil
		}
		k, err := l.object(depth + 1)
		if err != nil {
			return nil, err
		}
		key, ok := k.(name)
		if !ok {
			return nil, l.fail("key of a dictionary")
		}
		v, err := l.object(depth + 1)
		if err != nil {
			return nil, err
		}
		if _, bare := v.(operator); bare {
			return nil, l.fail("dictionary")
		}
		if _, twice := out[key]; twice {
			return nil, l.fail("key " + string(key) + " twice")
		}
		out[key] = v
	}
}

// expect reads the word.
func (l *lexer) expect(word string) error {
	l.skip()
	if l.word() != word {
		return l.fail(word + " expected")
	}
	return nil
}

// integer reads a number that is not part of a reference.
func (l *lexer) integer() (int, error) {
	l.skip()
	n, ok := integer(l.word())
	if !ok || n < 0 {
		return 0, l.fail("number expected")
	}
	return n, nil
}
