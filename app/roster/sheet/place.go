package sheet

import (
	"strings"
	"unicode/utf8"

	"taphuan/models"
	"taphuan/models/viet"
)

// word is a word in the forms in which texts are compared.
type word struct {
	key    string // as words gives it
	same   string // y as i
	folded string
}

func newWord(s string) word {
	k := viet.Key(s)
	return word{k, sameIY(k), viet.Fold(s)}
}

var (
	wordProvince, wordDistrict, wordQuarter = newWord("tỉnh"), newWord("huyện"), newWord("quận")
	wordCommune, wordWard                   = newWord("xã"), newWord("phường")
	wordCity, wordTown, wordPho, wordTran   = newWord("thành"), newWord("thị"), newWord("phố"), newWord("trấn")
	wordAnd, wordThe, wordAbout, wordOf     = newWord("và"), newWord("các"), newWord("về"), newWord("của")
	wordViet, wordNam, wordCong, wordAn     = newWord("việt"), newWord("nam"), newWord("công"), newWord("an")
	wordUy, wordBan, wordMat, wordHoi       = newWord("ủy"), newWord("ban"), newWord("mặt"), newWord("hội")
	wordBo, wordChi, wordHuy                = newWord("bộ"), newWord("chỉ"), newWord("huy")
	wordLien, wordHiep                      = newWord("liên"), newWord("hiệp")
	wordOld, wordNew                        = newWord("cũ"), newWord("mới")
)

// register finds organisations by what offices write. It holds every name in comparable words.
type register struct {
	orgs           []entry
	byCode         map[string]int // code in capitals
	province       []string       // the words of the province's own name: cao bằng
	provinceFolded []string
	byInitial      map[byte][]nameRef
	day            models.Day
	cache          map[string]found
}

// entry is an organisation and its names.
type entry struct {
	Organisation
	names  [][]string // in comparable words
	folded [][]string
	place  []string // the words of its place, as in "xã quang long"; nil for bodies of the province
	total  bool
	active bool
}

// nameRef is one name of one organisation.
type nameRef struct{ org, name int }

// found is what a text means: one organisation, or none.
type found struct {
	org int // index in orgs, -1 for none
}

func (f found) ok() bool { return f.org >= 0 }

var nobody = found{-1}

func newRegister(orgs []Organisation, day models.Day) *register {
	r := &register{byCode: map[string]int{}, byInitial: map[byte][]nameRef{}, day: day, cache: map[string]found{}}
	for _, o := range orgs {
		if o.Kind == "province" && o.Parent == "" {
			if w := words(o.Name); len(w) > 1 && w[0] == wordProvince.key {
				for _, x := range w[1:] {
					r.province = append(r.province, sameIY(x))
					r.provinceFolded = append(r.provinceFolded, viet.Fold(sameIY(x)))
				}
			}
		}
	}
	communes := map[string]int{}
	for _, o := range orgs {
		if o.Level == "commune" {
			if p := r.placeOf(words(o.Name)); p != nil {
				communes[strings.Join(p, " ")]++
			}
		}
	}
	for i, o := range orgs {
		e := entry{Organisation: o, total: o.Kind == "province" || o.Kind == "block" || o.Kind == "district"}
		e.active = (o.From == 0 || o.From <= day) && (o.To == 0 || day < o.To)
		names := append([]string{o.Name}, o.Aliases...)
		for _, n := range names {
			e.add(words(n))
		}
		w := words(o.Name)
		e.place = r.placeOf(w)
		if o.Level == "commune" && e.place != nil && len(e.place) < len(w) && communes[strings.Join(e.place, " ")] == 1 {
			e.add(e.place) // the one organisation of its commune goes by the commune's name
		}
		if k := len(w); k > 4 && w[0] == wordUy.key && w[1] == wordBan.key && w[2] == wordMat.key {
			e.add(w[2:]) // Mặt trận Tổ quốc, without Ủy ban
		}
		if k := len(w); k > 5 && w[0] == wordBo.key && w[1] == wordChi.key && w[2] == wordHuy.key {
			e.add(w[3:]) // Bộ đội Biên phòng, without Bộ Chỉ huy
		}
		for k, n := range e.names {
			c := initial(n[0])
			r.byInitial[c] = append(r.byInitial[c], nameRef{i, k})
		}
		r.orgs = append(r.orgs, e)
		r.byCode[strings.ToUpper(o.Code)] = i
	}
	return r
}

func (e *entry) add(name []string) {
	for i, w := range name {
		name[i] = sameIY(w)
	}
	if len(name) == 0 {
		return
	}
	e.names = append(e.names, name)
	folded := make([]string, len(name))
	for i, w := range name {
		folded[i] = viet.Fold(w)
	}
	e.folded = append(e.folded, folded)
}

var writeI = strings.NewReplacer("y", "i", "ý", "í", "ỳ", "ì", "ỷ", "ỉ", "ỹ", "ĩ", "ỵ", "ị")

// sameIY writes y as i, because lý and lí, kỹ and kĩ are the same words.
func sameIY(w string) string { return viet.Key(writeI.Replace(w)) }

// placeOf gives the words from the last word of place on: "huyện bảo lâm". The province is no place in this sense.
func (r *register) placeOf(w []string) []string {
	for i := len(w) - 2; i >= 0; i-- {
		before := ""
		if i > 0 {
			before = w[i-1]
		}
		switch w[i] {
		case wordPho.key:
			if before == wordCity.key {
				return w[i-1:]
			}
		case wordTran.key:
			if before == wordTown.key {
				return w[i-1:]
			}
		case wordCommune.key:
			if before == wordTown.key {
				return w[i-1:]
			}
			if w[i+1] != wordHoi.key { // xã hội is no place
				return w[i:]
			}
		case wordDistrict.key, wordQuarter.key, wordWard.key:
			return w[i:]
		}
	}
	return nil
}

// prepared is a text in comparable words.
type prepared struct {
	words []string // as words gives them
	same  []string // y as i
	short []bool   // no syllable: may be initials
	ascii int      // from this word on the text has no Vietnamese letter at all
}

func prepare(text string) prepared {
	p := prepared{words: words(text)}
	asWritten := split(strings.ReplaceAll(text, "&", " và "))
	mixed := strings.ToUpper(text) != text
	for i, w := range p.words {
		p.same = append(p.same, sameIY(w))
		capitals := mixed && len(asWritten) == len(p.words) && strings.ToUpper(asWritten[i]) == asWritten[i] // YT reads as a syllable
		p.short = append(p.short, len(w) > 1 && len(w) <= 16 && (capitals || !viet.IsSyllable(w)))
		if !isASCII(w) {
			p.ascii = i + 1
		}
	}
	return p
}

// part gives the words from k until before n.
func (p prepared) part(k, n int) prepared {
	return prepared{p.words[k:n], p.same[k:n], p.short[k:n], max(0, p.ascii-k)}
}

// find says which organisation the text names. Of several that match, the one that exists on the day counts; if more than
// one does, the text names none. The place is where the sheet is ("huyện bảo lâm"), or nil: names without a place of
// their own are completed by it, and are then not taken for bodies of the province.
func (r *register) find(text string, place []string) found {
	text = clean(text)
	if text == "" || len(text) > 400 {
		return nobody
	}
	key := strings.Join(place, " ") + "\x00" + text
	if f, ok := r.cache[key]; ok {
		return f
	}
	f, ok := nobody, false
	if f.org, ok = r.byCode[strings.ToUpper(text)]; !ok {
		f = r.search(prepare(text), place)
	}
	if len(r.cache) < 50_000 {
		r.cache[key] = f
	}
	return f
}

// search looks for the organisation of a prepared text.
func (r *register) search(p prepared, place []string) found {
	n := len(p.words)
	if n == 0 || n > 40 {
		return nobody
	}
	if len(place) > 0 && r.placeOf(p.words) == nil {
		if f := r.match(r.input(p, place), false); f.ok() {
			return f
		}
		if k := n - lacksName(p.words, place); k > 0 && k < n {
			if f := r.match(r.input(p.part(0, k), place), false); f.ok() {
				return f
			}
		}
	}
	return r.match(r.input(p, nil), len(place) == 0)
}

// lacksName says how many words at the end are the bare kind of the place: "UBND huyện" in huyện Bảo Lâm.
func lacksName(w []string, place []string) int {
	short := map[string]string{"h": wordDistrict.key, "x": wordCommune.key, "p": wordWard.key, "tp": wordCity.key}
	last := w[len(w)-1]
	switch {
	case last == place[0], short[last] == place[0]:
		return 1
	case last == wordPho.key && len(w) > 1 && w[len(w)-2] == place[0]:
		return 2
	}
	return 0
}

// query is a text in the form in which names are matched.
type query struct {
	words  []string
	short  []bool
	folded bool // compare without tones
}

// input completes a text by the place and writes out two abbreviations that read as syllables.
func (r *register) input(p prepared, place []string) query {
	q := query{folded: p.ascii == 0, words: make([]string, 0, len(p.words)+len(place)+1), short: make([]bool, 0, len(p.words)+len(place)+1)}
	add := func(short bool, words ...string) {
		for _, w := range words {
			if q.folded {
				w = viet.Fold(w)
			}
			q.words, q.short = append(q.words, w), append(q.short, short)
		}
	}
	for i, w := range p.words {
		switch {
		case w == "tu" && i > 0 && (i == len(p.words)-1 || i == len(p.words)-1-len(r.province)): // Tỉnh ủy, at the end
			add(false, wordProvince.same, wordUy.same)
		case w == "ca" && i == 0: // Công an
			add(false, wordCong.same, wordAn.same)
		default:
			add(p.short[i], p.same[i])
		}
	}
	for _, w := range place {
		add(false, sameIY(w))
	}
	return q
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// match looks for the one organisation whose name the query is.
func (r *register) match(q query, bare bool) found {
	if len(q.words) == 0 {
		return nobody
	}
	best, actives, all := -1, 0, 0
	m := matcher{q: q.words, short: q.short, folded: q.folded, province: r.province, bare: bare}
	if q.folded {
		m.province = r.provinceFolded
	}
	last := -1
	for _, ref := range r.byInitial[initial(q.words[0])] {
		e := &r.orgs[ref.org]
		if ref.org == last {
			continue // by another of its names
		}
		m.n, m.steps, m.ofProvince = e.names[ref.name], 0, e.Level == "province"
		if q.folded {
			m.n = e.folded[ref.name]
		}
		if !m.whole() {
			continue
		}
		last = ref.org
		all++
		if e.active {
			actives++
		}
		if best < 0 || e.active && !r.orgs[best].active {
			best = ref.org
		}
	}
	if best < 0 || actives > 1 || actives == 0 && all > 1 {
		return nobody
	}
	return found{best}
}

// initial gives the first letter without its mark, for a quick look whether a text can be a name; 0 if there is none.
func initial(w string) byte {
	for _, r := range w {
		if l := viet.Fold(string(r)); l != "" {
			return l[0]
		}
	}
	return 0
}

// matcher holds one text against one name. Both must be used up: a word of the text is a word of the name or the initials
// of several; what may be left out on either side is listed in the methods.
type matcher struct {
	q, n       []string
	short      []bool
	folded     bool
	province   []string
	ofProvince bool
	bare       bool // a body of the province may lack its "tỉnh"
	steps      int
}

func (m *matcher) whole() bool { return m.from(0, 0) }

func (m *matcher) is(text string, w word) bool {
	if m.folded {
		return text == w.folded
	}
	return text == w.same
}

func (m *matcher) from(i, j int) bool {
	if m.steps++; m.steps > 5000 {
		return false
	}
	if i == len(m.q) && j == len(m.n) {
		return true
	}
	if i < len(m.q) && j < len(m.n) {
		if m.q[i] == m.n[j] && m.from(i+1, j+1) {
			return true
		}
		if m.initials(i, j) {
			return true
		}
		if len(m.q[i]) == 1 && m.placeLetter(m.q[i], m.n[j]) && m.from(i+1, j+1) {
			return true
		}
	}
	if k := m.freeInName(j); k > 0 && m.from(i, j+k) {
		return true
	}
	for _, k := range m.freeInText(i, j) {
		if m.from(i+k, j) {
			return true
		}
	}
	return false
}

// placeLetter takes h. x. p. t. for the word of place that begins so.
func (m *matcher) placeLetter(letter, name string) bool {
	for _, w := range []word{wordDistrict, wordCommune, wordWard, wordProvince} {
		if m.is(name, w) {
			return w.folded[:1] == letter
		}
	}
	return false
}

// initials takes a word that is no syllable for the first letters of the next words of the name; words that join may be
// passed over ("VHTTDL" is Văn hóa, Thể thao và Du lịch).
func (m *matcher) initials(i, j int) bool {
	if !m.short[i] {
		return false
	}
	w := []rune(m.q[i])
	return m.letters(w, i, j, 0)
}

func (m *matcher) letters(w []rune, i, j, used int) bool {
	if len(w) == 0 {
		return used >= 2 && m.from(i+1, j)
	}
	if j == len(m.n) {
		return false
	}
	first, _ := utf8.DecodeRuneInString(m.n[j])
	if (w[0] == first || w[0] == 'd' && first == 'đ' || foldRune(first) == w[0]) && m.letters(w[1:], i, j+1, used+1) {
		return true
	}
	if len(w) > 1 && digraphs[string(w[:2])] && strings.HasPrefix(m.n[j], string(w[:2])) && m.letters(w[2:], i, j+1, used+1) {
		return true // NgV is Ngoại vụ
	}
	if k := m.freeInName(j); k > 0 && used > 0 && m.letters(w, i, j+k, used) {
		return true
	}
	return false
}

var digraphs = map[string]bool{"ch": true, "gi": true, "kh": true, "ng": true, "nh": true, "ph": true, "th": true, "tr": true}

func foldRune(r rune) rune {
	if r == 'đ' {
		return r // đ is a letter of its own: only d is read for it, above
	}
	for _, f := range viet.Fold(string(r)) {
		return f
	}
	return r
}

// freeInName says how many words of the name at j may be missing from the text.
func (m *matcher) freeInName(j int) int {
	if j >= len(m.n) {
		return 0
	}
	switch {
	case m.is(m.n[j], wordAnd), m.is(m.n[j], wordThe), m.is(m.n[j], wordAbout):
		return 1
	case j > 0 && j+1 < len(m.n) && m.is(m.n[j], wordViet) && m.is(m.n[j+1], wordNam),
		j > 0 && j+1 < len(m.n) && m.is(m.n[j], wordLien) && m.is(m.n[j+1], wordHiep):
		return 2
	case m.ofProvince && m.bare && j > 0 && j == len(m.n)-1 && m.is(m.n[j], wordProvince):
		return 1
	case m.ofProvince && j > 1 && j == len(m.n)-len(m.province) && m.provinceAt(m.n, j):
		return len(m.province)
	}
	return 0
}

// freeInText says how many words of the text at i may go beyond the name: words that join, and the province's name at
// the end.
func (m *matcher) freeInText(i, j int) []int {
	if i >= len(m.q) {
		return nil
	}
	rest := len(m.q) - i
	p := len(m.province)
	switch {
	case m.is(m.q[i], wordAnd), m.is(m.q[i], wordThe), m.is(m.q[i], wordAbout), m.is(m.q[i], wordOf):
		return []int{1}
	case rest >= 2 && m.is(m.q[i], wordViet) && m.is(m.q[i+1], wordNam):
		return []int{2}
	case j == 0, p == 0:
		return nil
	case rest == p+1 && (m.is(m.q[i], wordProvince) || m.q[i] == "t") && m.provinceAt(m.q, i+1):
		return []int{p + 1}
	case rest == p && m.provinceAt(m.q, i):
		return []int{p}
	case rest == 1 && m.is(m.q[i], wordProvince) && m.ofProvince:
		return []int{1}
	}
	return nil
}

func (m *matcher) provinceAt(w []string, i int) bool {
	if len(m.province) == 0 || i+len(m.province) > len(w) {
		return false
	}
	for k, p := range m.province {
		if w[i+k] != p {
			return false
		}
	}
	// the name of a place: thành phố Cao Bằng
	return i == 0 || !m.is(w[i-1], wordPho) && !m.is(w[i-1], wordDistrict) && !m.is(w[i-1], wordCommune) && !m.is(w[i-1], wordWard)
}
