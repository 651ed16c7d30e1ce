package sheet

import (
	"regexp"
	"strings"

	"taphuan/app/errs"
	"taphuan/models"
	"taphuan/models/viet"
)

// groupBook finds target groups by what offices write.
type groupBook struct {
	groups []Group
	byCore map[string]int // core of a name -> index, -1 where two groups share it
	day    models.Day
	cache  map[string]groupsFound
}

type groupsFound struct {
	codes []string
	ok    bool
}

func newGroupBook(groups []Group, day models.Day) *groupBook {
	g := &groupBook{groups: groups, byCore: map[string]int{}, day: day, cache: map[string]groupsFound{}}
	for i, x := range groups {
		for _, n := range append([]string{x.Code}, x.Names...) {
			c := GroupKey(n)
			if c == "" {
				continue
			}
			if k, taken := g.byCore[c]; taken && k != i {
				g.byCore[c] = -1
				continue
			}
			g.byCore[c] = i
		}
	}
	return g
}

// longForms are abbreviations that offices use within names of groups.
var longForms = strings.NewReplacer(
	" ct xh ", " chinh tri xa hoi ", " ctxh ", " chinh tri xa hoi ", " tc ", " to chuc ", " qcn ", " quyen con nguoi ", " nhan quyen ", " quyen con nguoi ",
	" ttdn ", " thong tin doi ngoai ", " tttt ", " thong tin truyen thong ", " tt tt ", " thong tin truyen thong ", " cb ", " can bo ",
	" qltt ", " quan ly thong tin ", " ql ", " quan ly ", " bc ", " bao chi ", " tt va tt ", " thong tin truyen thong ",
)

// fillers say nothing about which group is meant.
var fillers = map[string]bool{
	"can": true, "bo": true, "lam": true, "cong": true, "tac": true, "nhan": true, "su": true, "tham": true, "gia": true, "cua": true, "cac": true,
	"nhom": true, "doi": true, "tuong": true, "nguoi": false, "chu": true, "chot": true, "to": true, "chuc": true, "va": true, "co": true, "quan": true,
	"ly": true, "ve": true, "thuoc": true, "phu": true, "trach": true, "vien": true, "luc": true, "luong": true,
}

// keep are words that count although each part of them would be left out.
var keep = strings.NewReplacer(" doi ngoai ", " doingoai ")

// GroupKey gives what tells one group's name from another's: "" of a name that says nothing by itself.
func GroupKey(s string) string {
	p := keep.Replace(longForms.Replace(longForms.Replace(phrase(s))))
	var b strings.Builder
	for _, w := range strings.Fields(p) {
		if fillers[w] || digitsOnly(w) {
			continue
		}
		b.WriteString(w)
		b.WriteByte(' ')
	}
	return strings.TrimSpace(b.String())
}

// GroupCode gives what is compared with codes of groups before anything else.
func GroupCode(s string) string { return strings.Join(foldWords(s), "") }

func (g *groupBook) one(s string) (string, bool) {
	code := GroupCode(s)
	for _, x := range g.groups {
		if code == GroupCode(x.Code) && code != "" {
			return x.Code, true
		}
	}
	c := GroupKey(s)
	if c == "" {
		return "", false
	}
	i, ok := g.byCore[c]
	if !ok || i < 0 {
		return "", false
	}
	return g.groups[i].Code, true
}

var listMark = regexp.MustCompile(`^\s*(?:[-+*•]|\d{1,2}\s*[.)/])\s*`)

// all reads a cell that names one group or several. ok is false if any part of it names none; an empty cell gives none.
func (g *groupBook) all(raw string) (codes []string, ok bool) {
	if f, hit := g.cache[raw]; hit {
		return f.codes, f.ok
	}
	codes, ok = g.read(raw)
	if len(g.cache) < 50_000 {
		g.cache[raw] = groupsFound{codes, ok}
	}
	return codes, ok
}

func (g *groupBook) read(raw string) ([]string, bool) {
	if saysNothing(clean(raw)) {
		return nil, true
	}
	if len(raw) > 1000 {
		return nil, false
	}
	var codes []string
	for _, part := range strings.FieldsFunc(raw, func(r rune) bool { return r == ';' || r == '\n' || r == '\r' || r == '|' }) {
		part = listMark.ReplaceAllString(clean(part), "")
		if part == "" {
			continue
		}
		found, ok := g.segments(part)
		if !ok {
			return nil, false
		}
		for _, c := range found {
			if !contains(codes, c) {
				codes = append(codes, c)
			}
		}
	}
	return codes, len(codes) > 0
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

var loose = regexp.MustCompile(`\s*[,/+&]\s*|\s+và\s+|\s+-\s+`)

// segments splits at commas, slashes and "và", which also stand within names: the longest pieces that name a group win,
// and every piece must name one.
func (g *groupBook) segments(s string) ([]string, bool) {
	if c, ok := g.one(s); ok {
		return []string{c}, true
	}
	cuts := loose.FindAllStringIndex(s, 12)
	if len(cuts) == 0 || len(cuts) == 12 {
		return nil, false
	}
	for k := len(cuts) - 1; k >= 0; k-- {
		c, ok := g.one(s[:cuts[k][0]])
		if !ok {
			continue
		}
		if rest, ok := g.segments(s[cuts[k][1]:]); ok {
			return append([]string{c}, rest...), true
		}
	}
	return nil, false
}

// notAtLevel gives the first of the groups that may not be posted at an organisation of that level on the day.
func (g *groupBook) notAtLevel(codes []string, level string) (string, errs.Params) {
	for _, c := range codes {
		for _, x := range g.groups {
			if x.Code != c || len(x.Levels) == 0 {
				continue
			}
			allowed := false
			for _, l := range x.Levels {
				allowed = allowed || l.Level == level && (l.From == 0 || l.From <= g.day) && (l.To == 0 || g.day < l.To)
			}
			if !allowed {
				return c, errs.Params{"group": c, "level": level}
			}
		}
	}
	return "", nil
}

// groupTitle takes a title ("DANH SÁCH CÁN BỘ LÀM CÔNG TÁC QUYỀN CON NGƯỜI") for the group of all its people if it says
// nothing else.
func (g *groupBook) groupTitle(s string) (string, bool) {
	s = titleNoise.ReplaceAllString(clean(s), "")
	s = titleTail.ReplaceAllString(s, "")
	return g.one(s)
}

var titleNoise = regexp.MustCompile(`(?i)^(?:phụ lục[^:]{0,12}:|danh sách|biểu tổng hợp|tổng hợp|biểu|nhóm|đối tượng|\s|[:.\-]|\d+[.)/]|[ivx]+[.)/])+`)
var titleTail = regexp.MustCompile(`(?i)\s*(?:năm\s+\d{4}|\(.*\))\s*$`)

// isMarkLabel says whether a heading names one group, so that its column may hold ticks.
func (g *groupBook) isMarkLabel(s string) (string, bool) {
	if len(viet.NFC(s)) > 200 {
		return "", false
	}
	return g.one(s)
}
