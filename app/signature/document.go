package signature

import (
	"bytes"
	"errors"
	"fmt"
)

// What a document may ask of its reader.
const (
	maxFile     = 64 << 20
	maxObjects  = 500_000
	maxEntries  = 2 * maxObjects // of all sections together
	maxSections = 1_000
	maxInflated = 128 << 20 // of all streams together
)

// document is a PDF as its cross-reference says, and only so: where that is wrong the document is refused, never repaired, since
// readers that repair do not agree on what they see.
type document struct {
	b        []byte
	start    int // where the newest section stands
	table    bool
	entries  map[int]entry
	entered  int
	trailer  dict
	loaded   map[int]any
	packed   map[int]map[int]any // objects of an object stream
	inflated int
	depth    int
}

// entry says where an object stands: at a place of the file, or in an object stream.
type entry struct {
	kind    byte // 0 free, 1 in the file, 2 in an object stream
	at, gen int  // kind 2: number of the stream, place in it
}

var errLimits = errors.New("too large")

// read opens a document. It does not look at objects that nobody asks for.
func read(b []byte) (*document, error) {
	if len(b) > maxFile {
		return nil, errLimits
	}
	if !bytes.HasPrefix(b, []byte("%PDF-")) {
		return nil, fmt.Errorf("%w: no header", errSyntax)
	}
	d := &document{b: b, entries: map[int]entry{}, loaded: map[int]any{}, packed: map[int]map[int]any{}}
	from := max(0, len(b)-1024)
	i := bytes.LastIndex(b[from:], []byte("startxref"))
	if i < 0 {
		return nil, fmt.Errorf("%w: no startxref", errSyntax)
	}
	l := &lexer{b: b, at: from + i + len("startxref")}
	at, err := l.integer()
	if err != nil {
		return nil, err
	}
	d.start = at
	seen := map[int]bool{}
	for at >= 0 {
		if seen[at] || len(seen) >= maxSections {
			return nil, fmt.Errorf("%w: sections in a circle", errSyntax)
		}
		seen[at] = true
		trailer, err := d.section(at)
		if err != nil {
			return nil, err
		}
		if d.trailer == nil {
			d.trailer = trailer
			if trailer["Encrypt"] != nil {
				return nil, fmt.Errorf("%w: encrypted", errSyntax)
			}
		}
		at = -1
		if prev, there := trailer["Prev"]; there {
			n, ok := prev.(int)
			if !ok || n < 0 {
				return nil, fmt.Errorf("%w: Prev", errSyntax)
			}
			at = n
		}
	}
	return d, nil
}

// section reads one cross-reference section; entries of newer ones stand.
func (d *document) section(at int) (dict, error) {
	if at >= len(d.b) {
		return nil, fmt.Errorf("%w: section outside the file", errSyntax)
	}
	l := &lexer{b: d.b, at: at}
	l.skip()
	if !bytes.HasPrefix(d.b[l.at:], []byte("xref")) {
		return d.streamSection(at)
	}
	if d.trailer == nil {
		d.table = true
	}
	l.at += len("xref")
	for {
		l.skip()
		if bytes.HasPrefix(d.b[l.at:], []byte("trailer")) {
			l.at += len("trailer")
			break
		}
		first, err := l.integer()
		if err != nil {
			return nil, err
		}
		n, err := l.integer()
		if err != nil {
			return nil, err
		}
		for num := first; num < first+n; num++ {
			if err := d.tableEntry(l, num); err != nil {
				return nil, err
			}
		}
	}
	v, err := l.object(0)
	if err != nil {
		return nil, err
	}
	trailer, ok := v.(dict)
	if !ok || trailer["XRefStm"] != nil { // hybrid files say different things to different readers
		return nil, l.fail("trailer")
	}
	return trailer, nil
}

func (d *document) tableEntry(l *lexer, num int) error {
	at, err := l.integer()
	if err != nil {
		return err
	}
	gen, err := l.integer()
	if err != nil {
		return err
	}
	l.skip()
	switch l.word() {
	case "n":
		return d.enter(num, entry{1, at, gen})
	case "f":
		return d.enter(num, entry{0, 0, gen})
	}
	return l.fail("entry")
}

func (d *document) enter(num int, e entry) error {
	if d.entered++; d.entered > maxEntries || num < 0 || num > maxObjects {
		return errLimits
	}
	if _, newer := d.entries[num]; !newer {
		d.entries[num] = e
	}
	return nil
}

func (d *document) streamSection(at int) (dict, error) {
	_, v, err := d.objectAt(at)
	if err != nil {
		return nil, err
	}
	s, ok := v.(*stream)
	if !ok || s.dict["Type"] != name("XRef") {
		return nil, fmt.Errorf("%w: no cross-reference at %d", errSyntax, at)
	}
	data, err := d.inflate(s)
	if err != nil {
		return nil, err
	}
	var w [3]int
	widths, _ := s.dict["W"].([]any)
	if len(widths) != 3 {
		return nil, fmt.Errorf("%w: W", errSyntax)
	}
	for i := range w {
		n, ok := widths[i].(int)
		if !ok || n < 0 || n > 7 {
			return nil, fmt.Errorf("%w: W", errSyntax)
		}
		w[i] = n
	}
	row := w[0] + w[1] + w[2]
	size, ok := s.dict["Size"].(int)
	index, given := s.dict["Index"].([]any)
	if !given {
		index = []any{0, size}
	}
	if !ok || row == 0 || len(index)%2 != 0 {
		return nil, fmt.Errorf("%w: cross-reference stream", errSyntax)
	}
	for i := 0; i < len(index); i += 2 {
		first, ok1 := index[i].(int)
		n, ok2 := index[i+1].(int)
		if !ok1 || !ok2 || n < 0 || n > len(data)/row {
			return nil, fmt.Errorf("%w: Index", errSyntax)
		}
		for num := first; num < first+n; num++ {
			if err := d.enter(num, streamEntry(data[:row], w)); err != nil {
				return nil, err
			}
			data = data[row:]
		}
	}
	return s.dict, nil
}

func streamEntry(row []byte, w [3]int) entry {
	var f [3]int
	if w[0] == 0 {
		f[0] = 1
	}
	for i, n := range w {
		for range n {
			f[i] = f[i]<<8 | int(row[0])
			row = row[1:]
		}
	}
	return entry{byte(min(f[0], 255)), f[1], f[2]}
}

// objectAt reads "7 0 obj ... endobj" and gives its number.
func (d *document) objectAt(at int) (ref, any, error) {
	if at <= 0 || at >= len(d.b) {
		return ref{}, nil, fmt.Errorf("%w: object outside the file", errSyntax)
	}
	l := &lexer{b: d.b, at: at}
	num, err := l.integer()
	if err != nil {
		return ref{}, nil, err
	}
	gen, err := l.integer()
	if err != nil {
		return ref{}, nil, err
	}
	if err := l.expect("obj"); err != nil {
		return ref{}, nil, err
	}
	v, err := l.object(0)
	if err != nil {
		return ref{}, nil, err
	}
	l.skip()
	word := l.word()
	if dct, ok := v.(dict); ok && word == "stream" {
		if v, err = d.stream(l, dct); err != nil {
			return ref{}, nil, err
		}
		l.skip()
		word = l.word()
	}
	if _, bare := v.(operator); bare || word != "endobj" {
		return ref{}, nil, l.fail("endobj expected")
	}
	return ref{num, gen}, v, nil
}

// stream reads the bytes after the word stream.
func (d *document) stream(l *lexer, dct dict) (*stream, error) {
	if bytes.HasPrefix(l.b[l.at:], []byte("\r\n")) {
		l.at += 2
	} else if l.at < len(l.b) && l.b[l.at] == '\n' {
		l.at++
	} else {
		return nil, l.fail("stream")
	}
	v, err := d.resolve(dct["Length"])
	if err != nil {
		return nil, err
	}
	n, ok := v.(int)
	if !ok || n < 0 || n > len(l.b)-l.at {
		return nil, l.fail("length of a stream")
	}
	s := &stream{dct, l.b[l.at : l.at+n]}
	l.at += n
	return s, l.expect("endstream")
}

// resolve follows references to what they name; nothing is nil.
func (d *document) resolve(v any) (any, error) {
	for range maxDepth {
		r, ok := v.(ref)
		if !ok {
			return v, nil
		}
		var err error
		if v, err = d.get(r); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("%w: references in a circle", errSyntax)
}

func (d *document) get(r ref) (any, error) {
	if v, ok := d.loaded[r.num]; ok {
		return v, nil
	}
	if d.depth++; d.depth > maxDepth {
		return nil, fmt.Errorf("%w: nested too deeply", errSyntax)
	}
	defer func() { d.depth-- }()
	var v any
	switch e := d.entries[r.num]; e.kind {
	case 1:
		at, got, err := d.objectAt(e.at)
		if err != nil {
			return nil, err
		}
		if at.num != r.num || at.gen != r.gen || e.gen != r.gen {
			return nil, fmt.Errorf("%w: object %d stands where %d should", errSyntax, at.num, r.num)
		}
		v = got
	case 2:
		objects, err := d.unpack(e.at)
		if err != nil {
			return nil, err
		}
		v = objects[r.num]
	}
	d.loaded[r.num] = v
	return v, nil
}

// unpack reads the objects of an object stream.
func (d *document) unpack(num int) (map[int]any, error) {
	if objects, ok := d.packed[num]; ok {
		return objects, nil
	}
	if d.entries[num].kind != 1 {
		return nil, fmt.Errorf("%w: object stream", errSyntax)
	}
	v, err := d.get(ref{num, d.entries[num].gen})
	if err != nil {
		return nil, err
	}
	s, ok := v.(*stream)
	if !ok || s.dict["Type"] != name("ObjStm") {
		return nil, fmt.Errorf("%w: object stream", errSyntax)
	}
	data, err := d.inflate(s)
	if err != nil {
		return nil, err
	}
	n, ok1 := s.dict["N"].(int)
	first, ok2 := s.dict["First"].(int)
	if !ok1 || !ok2 || n < 0 || n > maxObjects || first < 0 || first > len(data) {
		return nil, fmt.Errorf("%w: object stream", errSyntax)
	}
	objects := map[int]any{}
	head := &lexer{b: data[:first]}
	for range n {
		num, err := head.integer()
		if err != nil {
			return nil, err
		}
		at, err := head.integer()
		if err != nil || at > len(data)-first {
			return nil, head.fail("object stream")
		}
		l := &lexer{b: data, at: first + at}
		if objects[num], err = l.object(0); err != nil {
			return nil, err
		}
	}
	d.packed[num] = objects
	return objects, nil
}

// dictOf resolves v to a dictionary; nothing is an empty one.
func (d *document) dictOf(v any) (dict, error) {
	v, err := d.resolve(v)
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case nil:
		return dict{}, nil
	case dict:
		return v, nil
	}
	return nil, fmt.Errorf("%w: dictionary expected", errSyntax)
}

// arrayOf resolves v to an array; nothing is an empty one.
func (d *document) arrayOf(v any) ([]any, error) {
	v, err := d.resolve(v)
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case nil:
		return nil, nil
	case []any:
		return v, nil
	}
	return nil, fmt.Errorf("%w: array expected", errSyntax)
}
