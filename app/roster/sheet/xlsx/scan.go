package xlsx

import (
	"bytes"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"
)

// tokenKind is what a scanner found next.
type tokenKind uint8

const (
	tokenEnd   tokenKind = iota // nothing more
	tokenOpen                   // <name attrs> ; a <name/> is an open and, at the next call, a close
	tokenClose                  // </name>
	tokenText                   // character data; a long text comes in several tokens
)

var errMalformed = errors.New("malformed XML")

const (
	bufferSize = 64 << 10
	longestTag = 1 << 20
	deepest    = 256
)

// scanner takes SpreadsheetML apart without building anything: elements by local name, attributes on demand. It refuses
// document types, and with them every entity but the five of XML itself and character references. What it returns is
// valid until the next call.
type scanner struct {
	r       io.Reader
	buf     []byte
	i, n    int
	eof     bool
	depth   int
	closing bool // the last element was empty and its close is still to come
	name    []byte
	attrs   []byte
	text    []byte
	raw     bool // text came from CDATA, where & means itself
	scratch []byte
	seen    bool // some element was met
}

func newScanner(r io.Reader) *scanner {
	return &scanner{r: r, buf: make([]byte, bufferSize)}
}

// fill reads more behind what is still unread; it doubles the buffer when that is full.
func (s *scanner) fill() error {
	if s.eof {
		return io.ErrUnexpectedEOF
	}
	if s.i > 0 {
		copy(s.buf, s.buf[s.i:s.n])
		s.n -= s.i
		s.i = 0
	}
	if s.n == len(s.buf) {
		if len(s.buf) >= longestTag {
			return errMalformed
		}
		s.buf = append(s.buf, make([]byte, len(s.buf))...)
	}
	for range 100 {
		k, err := s.r.Read(s.buf[s.n:])
		s.n += k
		if err == io.EOF {
			s.eof = true
			if k == 0 {
				return io.ErrUnexpectedEOF
			}
			return nil
		}
		if err != nil {
			return err
		}
		if k > 0 {
			return nil
		}
	}
	return io.ErrNoProgress
}

func malformed(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return errMalformed
	}
	return err
}

// next gives the next token. At the end it refuses a document whose elements are not all closed.
func (s *scanner) next() (tokenKind, error) {
	if s.closing {
		s.closing = false
		s.depth--
		return tokenClose, nil
	}
	for {
		if s.i == s.n {
			if s.eof {
				return s.end()
			}
			if err := s.fill(); err != nil {
				if errors.Is(err, io.ErrUnexpectedEOF) {
					return s.end()
				}
				return tokenEnd, err
			}
		}
		if s.buf[s.i] != '<' {
			k := bytes.IndexByte(s.buf[s.i:s.n], '<')
			if k < 0 {
				k = s.n - s.i
				// keep a reference that the end of the buffer cuts in two together
				if amp := bytes.LastIndexByte(s.buf[s.i:s.n], '&'); amp > 0 && k-amp < 16 {
					k = amp
				} else if amp == 0 && k < 16 && !s.eof {
					if err := s.fill(); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
						return tokenEnd, err
					}
					continue
				}
			}
			s.text, s.raw = s.buf[s.i:s.i+k], false
			s.i += k
			return tokenText, nil
		}
		kind, skip, err := s.markup()
		if err != nil {
			return tokenEnd, malformed(err)
		}
		if !skip {
			return kind, nil
		}
	}
}

func (s *scanner) end() (tokenKind, error) {
	if s.depth != 0 || !s.seen {
		return tokenEnd, errMalformed
	}
	return tokenEnd, nil
}

// markup reads what begins with <; skip says that it was nothing to report.
func (s *scanner) markup() (kind tokenKind, skip bool, err error) {
	for s.n-s.i < 9 && !s.eof {
		if err := s.fill(); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return tokenEnd, false, err
		}
	}
	if s.n-s.i < 2 {
		return tokenEnd, false, errMalformed
	}
	rest := s.buf[s.i:s.n]
	switch {
	case rest[1] == '?':
		return tokenEnd, true, s.skipPast("?>")
	case bytes.HasPrefix(rest, []byte("<!--")):
		s.i += 4
		return tokenEnd, true, s.skipPast("-->")
	case bytes.HasPrefix(rest, []byte("<![CDATA[")):
		s.i += 9
		return s.cdata()
	case rest[1] == '!':
		return tokenEnd, false, errMalformed
	}
	tag, err := s.tag()
	if err != nil {
		return tokenEnd, false, err
	}
	s.seen = true
	if tag[0] == '/' {
		s.name = local(bytes.TrimRight(tag[1:], " \t\r\n"))
		s.depth--
		if s.depth < 0 {
			return tokenEnd, false, errMalformed
		}
		return tokenClose, false, nil
	}
	if tag[len(tag)-1] == '/' {
		s.closing = true
		tag = tag[:len(tag)-1]
	}
	k := bytes.IndexAny(tag, " \t\r\n")
	if k < 0 {
		k = len(tag)
	}
	s.name, s.attrs = local(tag[:k]), tag[k:]
	s.depth++
	if s.depth > deepest {
		return tokenEnd, false, errMalformed
	}
	return tokenOpen, false, nil
}

// tag gives what stands between < and the > that is in no quotes.
func (s *scanner) tag() ([]byte, error) {
	from, quote := 1, byte(0)
	for {
		for k := from; s.i+k < s.n; k++ {
			c := s.buf[s.i+k]
			switch {
			case quote != 0:
				if c == quote {
					quote = 0
				}
			case c == '"' || c == '\'':
				quote = c
			case c == '<':
				return nil, errMalformed
			case c == '>':
				t := s.buf[s.i+1 : s.i+k]
				s.i += k + 1
				if len(t) == 0 || len(t) == 1 && t[0] == '/' {
					return nil, errMalformed
				}
				return t, nil
			}
		}
		from = s.n - s.i
		if err := s.fill(); err != nil {
			return nil, err
		}
	}
}

func (s *scanner) skipPast(end string) error {
	for {
		if k := bytes.Index(s.buf[s.i:s.n], []byte(end)); k >= 0 {
			s.i += k + len(end)
			return nil
		}
		if keep := s.n - (len(end) - 1); keep > s.i {
			s.i = keep
		}
		if err := s.fill(); err != nil {
			return err
		}
	}
}

// cdata gives one section as one text; a section longer than the longest tag is refused.
func (s *scanner) cdata() (tokenKind, bool, error) {
	for {
		if k := bytes.Index(s.buf[s.i:s.n], []byte("]]>")); k >= 0 {
			s.text, s.raw = s.buf[s.i:s.i+k], true
			s.i += k + 3
			return tokenText, false, nil
		}
		if err := s.fill(); err != nil {
			return tokenEnd, false, err
		}
	}
}

func local(name []byte) []byte {
	if k := bytes.LastIndexByte(name, ':'); k >= 0 {
		return name[k+1:]
	}
	return name
}

// attr gives the raw value of the attribute of that local name of the element just opened.
func (s *scanner) attr(name string) ([]byte, bool) {
	a := s.attrs
	for {
		a = bytes.TrimLeft(a, " \t\r\n")
		eq := bytes.IndexByte(a, '=')
		if eq <= 0 {
			return nil, false
		}
		key := local(bytes.TrimRight(a[:eq], " \t\r\n"))
		a = bytes.TrimLeft(a[eq+1:], " \t\r\n")
		if len(a) < 2 || a[0] != '"' && a[0] != '\'' {
			return nil, false
		}
		end := bytes.IndexByte(a[1:], a[0])
		if end < 0 {
			return nil, false
		}
		if string(key) == name {
			return a[1 : 1+end], true
		}
		a = a[end+2:]
	}
}

func (s *scanner) attrText(name string) string {
	v, _ := s.attr(name)
	return string(unescape(nil, v))
}

// attrInt gives a number from 0 on, or missing when there is none.
func (s *scanner) attrInt(name string, missing int) int {
	v, ok := s.attr(name)
	if !ok {
		return missing
	}
	n, ok := number(v)
	if !ok {
		return missing
	}
	return n
}

func (s *scanner) attrTrue(name string) bool {
	v, _ := s.attr(name)
	return string(v) == "1" || string(v) == "true"
}

func number(v []byte) (int, bool) {
	if len(v) == 0 || len(v) > 9 {
		return 0, false
	}
	n := 0
	for _, c := range v {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// appendText adds the text just read to dst, references resolved.
func (s *scanner) appendText(dst []byte) []byte {
	if s.raw {
		return append(dst, s.text...)
	}
	return unescape(dst, s.text)
}

var entities = map[string]byte{"lt": '<', "gt": '>', "amp": '&', "quot": '"', "apos": '\''}

// unescape resolves the five entities and character references; anything else that begins with & stays as it is.
func unescape(dst, b []byte) []byte {
	for {
		k := bytes.IndexByte(b, '&')
		if k < 0 {
			return append(dst, b...)
		}
		dst = append(dst, b[:k]...)
		b = b[k:]
		end := bytes.IndexByte(b[:min(len(b), 16)], ';')
		if end < 2 {
			dst = append(dst, '&')
			b = b[1:]
			continue
		}
		ref := string(b[1:end])
		if c, ok := entities[ref]; ok {
			dst = append(dst, c)
		} else if r, ok := reference(ref); ok {
			dst = utf8.AppendRune(dst, r)
		} else {
			dst = append(dst, b[:end+1]...)
		}
		b = b[end+1:]
	}
}

func reference(ref string) (rune, bool) {
	if ref[0] != '#' || len(ref) < 2 {
		return 0, false
	}
	base, digits := 10, ref[1:]
	if digits[0] == 'x' {
		base, digits = 16, digits[1:]
	}
	n, err := strconv.ParseUint(digits, base, 32)
	if err != nil || n > utf8.MaxRune || !utf8.ValidRune(rune(n)) {
		return 0, false
	}
	return rune(n), true
}
