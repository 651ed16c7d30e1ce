package signature

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"taphuan/app/errs"
)

// Language is what documents say of their language unless told otherwise.
const Language = "vi-VN"

// increment is what is appended to a document: objects that are new or stand in for older ones. The bytes before stay as
// they are.
type increment struct {
	doc     *document
	objects map[int]any
	next    int
	root    dict
	rootRef ref
}

// begin reads a PDF with a classic cross-reference table, as app/paper makes them.
func begin(pdf []byte) (*increment, error) {
	doc, err := read(pdf)
	if err != nil {
		return nil, unreadable(err)
	}
	size, ok1 := doc.trailer["Size"].(int)
	root, ok2 := doc.trailer["Root"].(ref)
	if !ok1 || !ok2 || !doc.table || size < 1 || size > maxObjects {
		return nil, unreadable(fmt.Errorf("%w: no document with a cross-reference table", errSyntax))
	}
	catalogue, err := doc.dictOf(root)
	if err != nil {
		return nil, unreadable(err)
	}
	return &increment{doc: doc, objects: map[int]any{}, next: size, root: with(catalogue), rootRef: root}, nil
}

func unreadable(err error) error {
	return &errs.Error{Kind: errs.KindInvalid, Code: "pdf_unreadable", Err: err}
}

// with is a copy of d with the pairs added.
func with(d dict, pairs ...any) dict {
	out := make(dict, len(d)+len(pairs)/2)
	for k, v := range d {
		out[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i].(name)] = pairs[i+1]
	}
	return out
}

func (inc *increment) add(v any) ref {
	r := ref{inc.next, 0}
	inc.objects[r.num] = v
	inc.next++
	return r
}

// describe sets what gopdf leaves out: the language ("" for the one that it says already, or Language), that windows show the title, and the title's dictionary as the object that
// it has to be (gopdf writes it into the trailer).
func (inc *increment) describe(language string) {
	if language == "" && inc.root["Lang"] == nil {
		language = Language
	}
	if language != "" {
		inc.root["Lang"] = plain(language)
	}
	inc.root["ViewerPreferences"] = dict{"DisplayDocTitle": true}
	if info, direct := inc.doc.trailer["Info"].(dict); direct {
		inc.doc.trailer = with(inc.doc.trailer, name("Info"), inc.add(info))
	}
}

// bytes appends the increment to the document.
func (inc *increment) bytes() []byte {
	inc.objects[inc.rootRef.num] = inc.root
	out := bytes.NewBuffer(make([]byte, 0, len(inc.doc.b)+32<<10))
	out.Write(inc.doc.b)
	if !bytes.HasSuffix(inc.doc.b, []byte("\n")) {
		out.WriteByte('\n')
	}
	numbers := make([]int, 0, len(inc.objects))
	for n := range inc.objects {
		numbers = append(numbers, n)
	}
	slices.Sort(numbers)
	places := map[int]int{}
	for _, n := range numbers {
		places[n] = out.Len()
		fmt.Fprintf(out, "%d %d obj\n", n, inc.doc.entries[n].gen)
		write(out, inc.objects[n])
		out.WriteString("\nendobj\n")
	}
	xref := out.Len()
	out.WriteString("xref\n")
	for i := 0; i < len(numbers); {
		j := i + 1
		for j < len(numbers) && numbers[j] == numbers[j-1]+1 {
			j++
		}
		fmt.Fprintf(out, "%d %d\n", numbers[i], j-i)
		for ; i < j; i++ {
			fmt.Fprintf(out, "%010d %05d n \n", places[numbers[i]], inc.doc.entries[numbers[i]].gen)
		}
	}
	trailer := dict{"Size": inc.next, "Root": inc.rootRef, "Prev": inc.doc.start, "ID": inc.id()}
	if info, ok := inc.doc.trailer["Info"]; ok {
		trailer["Info"] = info
	}
	out.WriteString("trailer\n")
	write(out, trailer)
	fmt.Fprintf(out, "\nstartxref\n%d\n%%%%EOF\n", xref)
	return out.Bytes()
}

// id names the document by its first bytes and this state of it: it follows from what is written, so that the same input
// gives the same file.
func (inc *increment) id() []any {
	sum := sha256.Sum256(inc.doc.b)
	state := binary(sum[:16])
	first := any(state)
	if old, ok := inc.doc.trailer["ID"].([]any); ok && len(old) == 2 {
		first = old[0]
	}
	return []any{first, state}
}

// Finish appends what a PDF of gopdf lacks for readers and their aids: the language, a title for the window, identifiers. The
// same input gives the same bytes. It refuses what is no such PDF with "pdf_unreadable".
func Finish(pdf []byte, language string) ([]byte, error) {
	inc, err := begin(pdf)
	if err != nil {
		return nil, err
	}
	inc.describe(language)
	return inc.bytes(), nil
}

func plain(s string) text  { return text{value: s} }
func binary(b []byte) text { return text{value: string(b), hex: true} }

// words is a string for people: UTF-16 where it is not plain ASCII.
func words(s string) text {
	if !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' }) {
		return plain(s)
	}
	out := []byte{0xfe, 0xff}
	for _, u := range utf16.Encode([]rune(s)) {
		out = append(out, byte(u>>8), byte(u))
	}
	return binary(out)
}

func moment(t time.Time) text { return plain(t.UTC().Format("D:20060102150405Z")) }

// write writes an object; keys of dictionaries come in their order, so that the same object gives the same bytes.
func write(out *bytes.Buffer, v any) {
	switch v := v.(type) {
	case nil:
		out.WriteString("null")
	case bool:
		out.WriteString(strconv.FormatBool(v))
	case int:
		out.WriteString(strconv.Itoa(v))
	case real:
		out.WriteString(string(v))
	case ref:
		fmt.Fprintf(out, "%d %d R", v.num, v.gen)
	case name:
		writeName(out, v)
	case text:
		writeText(out, v)
	case []any:
		out.WriteByte('[')
		for i, x := range v {
			if i > 0 {
				out.WriteByte(' ')
			}
			write(out, x)
		}
		out.WriteByte(']')
	case dict:
		keys := make([]name, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		out.WriteString("<<")
		for _, k := range keys {
			writeName(out, k)
			out.WriteByte(' ')
			write(out, v[k])
		}
		out.WriteString(">>")
	case verbatim:
		out.WriteString(string(v))
	}
}

// verbatim is written as it is: what has to keep its length while the rest is hashed.
type verbatim string

func writeName(out *bytes.Buffer, n name) {
	out.WriteByte('/')
	for _, c := range []byte(n) {
		if c <= ' ' || c > '~' || c == '#' || isDelimiter(c) {
			fmt.Fprintf(out, "#%02X", c)
		} else {
			out.WriteByte(c)
		}
	}
}

func writeText(out *bytes.Buffer, t text) {
	if t.hex {
		out.WriteByte('<')
		out.WriteString(hex.EncodeToString([]byte(t.value)))
		out.WriteByte('>')
		return
	}
	out.WriteByte('(')
	for _, c := range []byte(t.value) {
		switch {
		case c == '(' || c == ')' || c == '\\':
			out.Write([]byte{'\\', c})
		case c < ' ' || c > '~':
			fmt.Fprintf(out, "\\%03o", c)
		default:
			out.WriteByte(c)
		}
	}
	out.WriteByte(')')
}
