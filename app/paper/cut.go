package paper

import (
	"encoding/binary"
	"fmt"
	"sort"
)

// cutFont gives a TrueType font with only the glyphs of the runes in keep (and what these are composed of), renumbered. It
// keeps outlines and metrics as they are; hinting programs go, since paper needs none.
//
// gopdf embeds the glyphs that a document uses, but reads and writes tables as long as the font has glyphs: a font of a few
// hundred glyphs makes documents half as large in two thirds of the time.
func cutFont(ttf []byte, keep []rune) ([]byte, error) {
	f, err := readTables(ttf)
	if err != nil {
		return nil, err
	}
	cmap, err := f.runes(keep)
	if err != nil {
		return nil, err
	}
	old := []uint16{0} // new id -> old id; .notdef first
	fresh := map[uint16]uint16{0: 0}
	add := func(g uint16) {
		if _, ok := fresh[g]; !ok {
			fresh[g] = uint16(len(old))
			old = append(old, g)
		}
	}
	for _, m := range cmap {
		add(m.glyph)
	}
	var glyf []byte
	loca := []uint32{0}
	for i := 0; i < len(old); i++ { // grows while composites add their parts
		g, err := f.glyph(old[i])
		if err != nil {
			return nil, err
		}
		if g, err = unhinted(g); err != nil {
			return nil, err
		}
		if _, err := eachPart(g, func(at int) {
			part := binary.BigEndian.Uint16(g[at:])
			add(part)
			binary.BigEndian.PutUint16(g[at:], fresh[part])
		}); err != nil {
			return nil, err
		}
		for len(g)%4 != 0 {
			g = append(g, 0)
		}
		glyf = append(glyf, g...)
		loca = append(loca, uint32(len(glyf)))
	}
	n := len(old)
	hmtx := make([]byte, 0, 4*n)
	for _, g := range old {
		width, bearing := f.metric(g)
		hmtx = binary.BigEndian.AppendUint16(hmtx, width)
		hmtx = binary.BigEndian.AppendUint16(hmtx, bearing)
	}
	long := make([]byte, 0, 4*len(loca))
	for _, x := range loca {
		long = binary.BigEndian.AppendUint32(long, x)
	}
	head := append([]byte(nil), f.table["head"]...)
	binary.BigEndian.PutUint16(head[50:], 1) // long loca
	hhea := append([]byte(nil), f.table["hhea"]...)
	binary.BigEndian.PutUint16(hhea[34:], uint16(n))
	maxp := append([]byte(nil), f.table["maxp"]...)
	binary.BigEndian.PutUint16(maxp[4:], uint16(n))
	post := append([]byte(nil), f.table["post"][:32]...)
	binary.BigEndian.PutUint32(post, 0x00030000) // no glyph names
	for i := range cmap {
		cmap[i].glyph = fresh[cmap[i].glyph]
	}
	return writeTables(map[string][]byte{
		"OS/2": f.table["OS/2"], "cmap": writeCmap(cmap), "glyf": glyf, "head": head, "hhea": hhea, "hmtx": hmtx,
		"loca": long, "maxp": maxp, "name": f.table["name"], "post": post,
	}), nil
}

type tables struct {
	table map[string][]byte
	loca  []uint32
	wide  int // glyphs with a width of their own
}

func readTables(ttf []byte) (*tables, error) {
	if len(ttf) < 12 {
		return nil, fmt.Errorf("not a font")
	}
	f := &tables{table: map[string][]byte{}}
	for i := range int(binary.BigEndian.Uint16(ttf[4:])) {
		e := ttf[12+16*i:]
		from, size := binary.BigEndian.Uint32(e[8:]), binary.BigEndian.Uint32(e[12:])
		if uint64(from)+uint64(size) > uint64(len(ttf)) {
			return nil, fmt.Errorf("font table %q is cut off", e[:4])
		}
		f.table[string(e[:4])] = ttf[from : from+size]
	}
	for _, name := range []string{"head", "hhea", "maxp", "hmtx", "loca", "glyf", "cmap", "name", "post", "OS/2"} {
		if f.table[name] == nil {
			return nil, fmt.Errorf("font has no table %s", name)
		}
	}
	f.wide = int(binary.BigEndian.Uint16(f.table["hhea"][34:]))
	loca := f.table["loca"]
	if binary.BigEndian.Uint16(f.table["head"][50:]) == 0 {
		for i := 0; i+1 < len(loca); i += 2 {
			f.loca = append(f.loca, 2*uint32(binary.BigEndian.Uint16(loca[i:])))
		}
	} else {
		for i := 0; i+3 < len(loca); i += 4 {
			f.loca = append(f.loca, binary.BigEndian.Uint32(loca[i:]))
		}
	}
	return f, nil
}

func (f *tables) glyph(g uint16) ([]byte, error) {
	if int(g)+1 >= len(f.loca) {
		return nil, fmt.Errorf("font has no glyph %d", g)
	}
	return f.table["glyf"][f.loca[g]:f.loca[g+1]], nil
}

func (f *tables) metric(g uint16) (width, bearing uint16) {
	h := f.table["hmtx"]
	if int(g) < f.wide {
		return binary.BigEndian.Uint16(h[4*int(g):]), binary.BigEndian.Uint16(h[4*int(g)+2:])
	}
	return binary.BigEndian.Uint16(h[4*(f.wide-1):]), binary.BigEndian.Uint16(h[4*f.wide+2*(int(g)-f.wide):])
}

// unhinted gives a copy of a glyph without its hinting program, which is a third of it.
func unhinted(g []byte) ([]byte, error) {
	g = append([]byte(nil), g...)
	if len(g) < 10 {
		return g, nil
	}
	contours := int(int16(binary.BigEndian.Uint16(g)))
	if contours < 0 { // composed: the program stands behind the parts
		end, err := eachPart(g, func(at int) { g[at-2] &^= hinted >> 8 })
		return g[:end], err
	}
	at := 10 + 2*contours
	if at+2 > len(g) || at+2+int(binary.BigEndian.Uint16(g[at:])) > len(g) {
		return nil, fmt.Errorf("glyph is cut off")
	}
	rest := g[at+2+int(binary.BigEndian.Uint16(g[at:])):]
	return append(append(g[:at], 0, 0), rest...), nil
}

// hinted is the flag of a part behind which, after the last one, a hinting program follows.
const hinted = 0x100

// eachPart calls f with the place of each part's glyph id in a composite glyph, and gives where the parts end.
func eachPart(g []byte, f func(at int)) (end int, err error) {
	if len(g) < 10 || int16(binary.BigEndian.Uint16(g)) >= 0 {
		return len(g), nil
	}
	for at := 10; ; {
		if at+4 > len(g) {
			return 0, fmt.Errorf("composite glyph is cut off")
		}
		flags := binary.BigEndian.Uint16(g[at:])
		f(at + 2)
		at += 6
		if flags&0x1 != 0 { // arguments are words
			at += 2
		}
		switch {
		case flags&0x8 != 0: // one scale
			at += 2
		case flags&0x40 != 0: // two scales
			at += 4
		case flags&0x80 != 0: // a matrix
			at += 8
		}
		if flags&0x20 == 0 { // no more parts
			return min(at, len(g)), nil
		}
	}
}

type mapping struct {
	r     rune
	glyph uint16
}

// runes finds the glyphs of the runes in the font's Unicode table (format 4); runes that the font lacks are left out.
func (f *tables) runes(keep []rune) ([]mapping, error) {
	cmap := f.table["cmap"]
	var sub []byte
	for i := range int(binary.BigEndian.Uint16(cmap[2:])) {
		e := cmap[4+8*i:]
		platform, encoding := binary.BigEndian.Uint16(e), binary.BigEndian.Uint16(e[2:])
		at := binary.BigEndian.Uint32(e[4:])
		if (platform == 3 && encoding == 1 || platform == 0) && binary.BigEndian.Uint16(cmap[at:]) == 4 {
			sub = cmap[at:]
		}
	}
	if sub == nil {
		return nil, fmt.Errorf("font has no Unicode table of format 4")
	}
	segs := int(binary.BigEndian.Uint16(sub[6:])) / 2
	word := func(table, i int) uint16 {
		return binary.BigEndian.Uint16(sub[14+table*2*segs+boolInt(table > 0)*2+2*i:])
	}
	sort.Slice(keep, func(i, j int) bool { return keep[i] < keep[j] })
	var out []mapping
	for i, r := range keep {
		if r > 0xFFFF || i > 0 && keep[i-1] == r {
			continue
		}
		for s := range segs {
			if uint16(r) > word(0, s) {
				continue
			}
			start, delta, offset := word(1, s), word(2, s), word(3, s)
			if uint16(r) < start {
				break
			}
			g := uint16(r) + delta
			if offset != 0 {
				at := 16 + 3*2*segs + 2*s + int(offset) + 2*int(uint16(r)-start)
				if g = binary.BigEndian.Uint16(sub[at:]); g != 0 {
					g += delta
				}
			}
			if g != 0 {
				out = append(out, mapping{r, g})
			}
			break
		}
	}
	return out, nil
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// writeCmap writes a Unicode table of format 4 with a segment for each run of runes whose glyphs follow each other.
func writeCmap(ms []mapping) []byte {
	type seg struct{ start, end, delta uint16 }
	var segs []seg
	for _, m := range ms {
		d := m.glyph - uint16(m.r)
		if n := len(segs); n > 0 && segs[n-1].end+1 == uint16(m.r) && segs[n-1].delta == d {
			segs[n-1].end++
			continue
		}
		segs = append(segs, seg{uint16(m.r), uint16(m.r), d})
	}
	segs = append(segs, seg{0xFFFF, 0xFFFF, 1})
	n := uint16(len(segs))
	power, log := uint16(1), uint16(0)
	for power*2 <= n {
		power, log = power*2, log+1
	}
	u16 := binary.BigEndian.AppendUint16
	var b []byte
	for _, x := range []uint16{0, 1, 3, 1, 0, 12, 4, 16 + 8*n, 0, 2 * n, 2 * power, log, 2*n - 2*power} {
		b = u16(b, x)
	}
	for _, s := range segs {
		b = u16(b, s.end)
	}
	b = u16(b, 0)
	for _, s := range segs {
		b = u16(b, s.start)
	}
	for _, s := range segs {
		b = u16(b, s.delta)
	}
	for range segs {
		b = u16(b, 0)
	}
	return b
}

func writeTables(t map[string][]byte) []byte {
	names := make([]string, 0, len(t))
	for n := range t {
		names = append(names, n)
	}
	sort.Strings(names)
	n := uint16(len(names))
	power, log := uint16(1), uint16(0)
	for power*2 <= n {
		power, log = power*2, log+1
	}
	out := binary.BigEndian.AppendUint32(nil, 0x00010000)
	for _, x := range []uint16{n, 16 * power, log, 16*n - 16*power} {
		out = binary.BigEndian.AppendUint16(out, x)
	}
	at := 12 + 16*len(names)
	var body []byte
	for _, name := range names {
		data := t[name]
		for len(data)%4 != 0 {
			data = append(data[:len(data):len(data)], 0)
		}
		var sum uint32
		for i := 0; i < len(data); i += 4 {
			sum += binary.BigEndian.Uint32(data[i:])
		}
		out = append(out, name...)
		out = binary.BigEndian.AppendUint32(out, sum)
		out = binary.BigEndian.AppendUint32(out, uint32(at+len(body)))
		out = binary.BigEndian.AppendUint32(out, uint32(len(t[name])))
		body = append(body, data...)
	}
	return append(out, body...)
}
