package paper

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"
)

// Role says what a part of a tagged document is.
type Role string

// The roles.
const (
	Paragraph Role = "P"
	Headline  Role = "H1"
	Figure    Role = "Figure"
)

// part is a part of the document's structure: what is read out as one.
type part struct {
	role Role
	alt  string // of a figure
}

// onPage is what stands on a page in the order of drawing: for each text and each picture its part, -1 for what is mere decoration.
type onPage struct{ texts, pictures []int }

// Part begins a part of a tagged document: texts and pictures that follow belong to it, until the next Part or EndPart. alt is read out in
// place of a figure. Outside of parts each text is a paragraph, and pictures, lines and frames are decoration.
func (d *Doc) Part(r Role, alt string) {
	if d.tagged {
		d.parts = append(d.parts, part{r, norm.NFC.String(alt)})
		d.within = true
	}
}

// EndPart ends the part.
func (d *Doc) EndPart() { d.within = false }

func (d *Doc) tagText() {
	if !d.tagged {
		return
	}
	if !d.within {
		d.parts = append(d.parts, part{role: Paragraph})
	}
	on := &d.drawn[len(d.drawn)-1]
	on.texts = append(on.texts, len(d.parts)-1)
}

func (d *Doc) tagPicture() {
	if !d.tagged {
		return
	}
	on := &d.drawn[len(d.drawn)-1]
	if d.within {
		on.pictures = append(on.pictures, len(d.parts)-1)
	} else {
		on.pictures = append(on.pictures, -1)
	}
}

// tags writes the structure into a document of gopdf, which knows none: each text and picture of a page is marked as what it is part of, and
// the parts hang below the catalogue in the order of drawing. The document came with its pages uncompressed; they are compressed here.
func (d *Doc) tags(pdf []byte) ([]byte, error) {
	f, err := open(pdf)
	if err != nil {
		return nil, err
	}
	next := len(f.objects) + 1
	tree, list, parents := next, next+1, next+2 // root of the structure, its one document, and the way from marks to parts
	first := next + 3
	of := make([][]string, len(d.parts)) // marks of each part
	pageOf := make([]int, len(d.parts))
	var nums bytes.Buffer
	page := 0
	for i, o := range f.objects {
		if !bytes.HasPrefix(o, []byte("<<\n  /Type /Page\n")) {
			continue
		}
		m := contents.FindSubmatch(o)
		if m == nil {
			return nil, fmt.Errorf("a page without content")
		}
		if page == len(d.drawn) {
			return nil, fmt.Errorf("more pages than were drawn")
		}
		number := i + 1
		f.objects[i] = bytes.Replace(o, []byte("/Type /Page\n"), fmt.Appendf(nil, "/Type /Page\n/StructParents %d /Tabs /S\n", page), 1)
		at, _ := strconv.Atoi(string(m[1]))
		if at < 1 || at > len(f.objects) {
			return nil, fmt.Errorf("a page without content")
		}
		marked, marks, err := mark(f.objects[at-1], d.drawn[page], func(p int) Role { return d.parts[p].role })
		if err != nil {
			return nil, err
		}
		f.objects[at-1] = marked
		fmt.Fprintf(&nums, "%d [", page)
		for id, p := range marks {
			if pageOf[p] == 0 {
				pageOf[p] = number
			}
			if pageOf[p] == number {
				of[p] = append(of[p], strconv.Itoa(id))
			} else { // of another page than the part began on
				of[p] = append(of[p], fmt.Sprintf("<</Type/MCR/Pg %d 0 R/MCID %d>>", number, id))
			}
			fmt.Fprintf(&nums, "%d 0 R ", first+p)
		}
		nums.WriteString("]\n")
		page++
	}
	f.objects[0] = bytes.Replace(f.objects[0], []byte("/Type /Catalog\n"), fmt.Appendf(nil, "/Type /Catalog\n/MarkInfo <</Marked true>>\n/StructTreeRoot %d 0 R\n", tree), 1)
	add := func(format string, args ...any) { f.objects = append(f.objects, fmt.Appendf(nil, format, args...)) }
	var kids bytes.Buffer
	for p := range d.parts {
		if len(of[p]) > 0 {
			fmt.Fprintf(&kids, "%d 0 R ", first+p)
		}
	}
	add("<</Type/StructTreeRoot/K %d 0 R/ParentTree %d 0 R/ParentTreeNextKey %d>>\n", list, parents, page)
	add("<</S/Document/P %d 0 R/K[%s]>>\n", tree, kids.Bytes())
	add("<</Nums[%s]>>\n", nums.Bytes())
	for p, x := range d.parts {
		alt := ""
		if x.alt != "" {
			alt = "/Alt " + utf16Text(x.alt)
		}
		if len(of[p]) == 0 { // nothing of it was drawn
			add("null\n")
			continue
		}
		add("<</S/%s/P %d 0 R/Pg %d 0 R/K[%s]%s>>\n", x.role, list, pageOf[p], bytes.Join(toBytes(of[p]), []byte(" ")), alt)
	}
	return f.bytes(), nil
}

func toBytes(list []string) [][]byte {
	out := make([][]byte, len(list))
	for i, s := range list {
		out[i] = []byte(s)
	}
	return out
}

// utf16Text writes a text for people.
func utf16Text(s string) string {
	b := []byte("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		b = fmt.Appendf(b, "%04X", u)
	}
	return string(append(b, '>'))
}

var (
	contents = regexp.MustCompile(`/Contents\s+(\d+) 0 R`)
	stream   = regexp.MustCompile(`^<<\n/Length \d+\n>>\nstream\n`)
)

// mark wraps the texts and pictures of a page's content in marks, and all else that is painted as decoration. It gives, for each mark, the
// part that it belongs to.
func mark(object []byte, on onPage, role func(int) Role) (marked []byte, marks []int, err error) {
	head := stream.Find(object)
	if head == nil || !bytes.HasSuffix(object, []byte("endstream\n")) {
		return nil, nil, fmt.Errorf("content of another form")
	}
	in := bytes.TrimSuffix(object[len(head):], []byte("endstream\n"))
	var out bytes.Buffer
	out.Grow(len(in) + 64*(len(on.texts)+len(on.pictures)))
	texts, pictures := 0, 0
	begin := func(p int) {
		if p < 0 {
			out.WriteString("/Artifact BMC\n")
			return
		}
		fmt.Fprintf(&out, "/%s <</MCID %d>> BDC\n", role(p), len(marks))
		marks = append(marks, p)
	}
	for len(in) > 0 {
		line, rest := cutLine(in)
		switch string(line) {
		case "BT\n":
			end := bytes.Index(rest, []byte("\nET\n"))
			if end < 0 || texts == len(on.texts) {
				return nil, nil, fmt.Errorf("%d texts were drawn, not %d", texts, len(on.texts))
			}
			begin(on.texts[texts])
			texts++
			n := len(line) + end + len("\nET\n")
			out.Write(in[:n])
			in = in[n:]
			out.WriteString("EMC\n")
		case "q\n":
			block := balanced(in)
			if block == nil {
				return nil, nil, fmt.Errorf("a state is saved and not restored")
			}
			p := -1
			if bytes.Contains(block, []byte(" Do ")) {
				if pictures == len(on.pictures) {
					return nil, nil, fmt.Errorf("more pictures than %d", pictures)
				}
				p = on.pictures[pictures]
				pictures++
			}
			begin(p)
			out.Write(block)
			in = in[len(block):]
			out.WriteString("EMC\n")
		default: // colours and widths paint nothing
			out.Write(line)
			in = rest
		}
	}
	if texts != len(on.texts) || pictures != len(on.pictures) {
		return nil, nil, fmt.Errorf("%d texts and %d pictures were drawn, not %d and %d", texts, pictures, len(on.texts), len(on.pictures))
	}
	packed, err := deflated(out.Bytes())
	if err != nil {
		return nil, nil, err
	}
	marked = fmt.Appendf(nil, "<<\n/Filter/FlateDecode\n/Length %d\n>>\nstream\n", len(packed))
	return append(append(marked, packed...), "\nendstream\n"...), marks, nil
}

func cutLine(b []byte) (line, rest []byte) {
	if i := bytes.IndexByte(b, '\n'); i >= 0 {
		return b[:i+1], b[i+1:]
	}
	return b, nil
}

// balanced gives what lies from a saved state to where it is restored; nil where it is not.
func balanced(b []byte) []byte {
	depth := 0
	for rest := b; len(rest) > 0; {
		var line []byte
		line, rest = cutLine(rest)
		switch string(bytes.TrimSpace(line)) {
		case "q":
			depth++
		case "Q":
			if depth--; depth == 0 {
				return b[:len(b)-len(rest)]
			}
		}
	}
	return nil
}

var deflaters = sync.Pool{New: func() any {
	w, err := zlib.NewWriterLevel(io.Discard, zlib.DefaultCompression)
	if err != nil {
		panic(err) // the level is one
	}
	return w
}}

func deflated(b []byte) ([]byte, error) {
	w := deflaters.Get().(*zlib.Writer)
	defer deflaters.Put(w)
	var out bytes.Buffer
	w.Reset(&out)
	if _, err := w.Write(b); err != nil {
		return nil, err
	}
	err := w.Close()
	return out.Bytes(), err
}

// file is a document of gopdf taken apart.
type file struct {
	head    []byte
	objects [][]byte // without number and end
	trailer []byte   // from its dictionary on, without size
}

var (
	sizeOf    = regexp.MustCompile(`/Size \d+`)
	startXref = regexp.MustCompile(`startxref\n(\d+)\n%%EOF\n?$`)
)

func open(pdf []byte) (*file, error) {
	other := fmt.Errorf("a document of another form")
	m := startXref.FindSubmatchIndex(pdf)
	if m == nil {
		return nil, other
	}
	at, err := strconv.Atoi(string(pdf[m[2]:m[3]]))
	if err != nil || at >= len(pdf) {
		return nil, other
	}
	table := pdf[at:]
	end := bytes.Index(table, []byte("trailer\n"))
	lines := bytes.Split(table[:max(end, 0)], []byte("\n"))
	if end < 0 || len(lines) < 4 {
		return nil, other
	}
	var starts []int
	for _, l := range lines[3:] { // behind "xref", the numbers, and the free entry
		if len(l) < 18 {
			continue
		}
		n, err := strconv.Atoi(string(l[:10]))
		if err != nil {
			return nil, other
		}
		starts = append(starts, n)
	}
	if len(starts) == 0 || !slices.IsSorted(starts) {
		return nil, other
	}
	f := &file{head: pdf[:starts[0]], trailer: table[end:bytes.Index(table, []byte("startxref"))]}
	for i, from := range starts {
		to := at
		if i+1 < len(starts) {
			to = starts[i+1]
		}
		o := pdf[from:to]
		head := fmt.Appendf(nil, "%d 0 obj\n", i+1)
		tail := bytes.LastIndex(o, []byte("endobj"))
		if !bytes.HasPrefix(o, head) || tail < 0 {
			return nil, other
		}
		f.objects = append(f.objects, o[len(head):tail])
	}
	return f, nil
}

func (f *file) bytes() []byte {
	size := len(f.head) + len(f.trailer)
	for _, o := range f.objects {
		size += len(o) + 48
	}
	out := bytes.NewBuffer(make([]byte, 0, size))
	out.Write(f.head)
	starts := make([]int, len(f.objects))
	for i, o := range f.objects {
		starts[i] = out.Len()
		fmt.Fprintf(out, "%d 0 obj\n", i+1)
		out.Write(o)
		out.WriteString("endobj\n")
	}
	xref := out.Len()
	fmt.Fprintf(out, "xref\n0 %d\n0000000000 65535 f \n", len(starts)+1)
	for _, at := range starts {
		fmt.Fprintf(out, "%010d 00000 n \n", at)
	}
	out.Write(sizeOf.ReplaceAll(f.trailer, fmt.Appendf(nil, "/Size %d", len(starts)+1)))
	fmt.Fprintf(out, "startxref\n%d\n%%%%EOF\n", xref)
	return out.Bytes()
}
