package sheet

import (
	"regexp"
	"strings"

	"taphuan/app/roster/sheet/xlsx"
	"taphuan/models/viet"
)

// kind is what a section line says of the people below it.
type kind uint8

const (
	ofPart   kind = iota // a part of the organisation above
	ofOffice             // their organisation, which may be one that nobody knows
	ofGroup              // their target group
)

// section is a line that stands over the people below it.
type section struct {
	level int
	kind  kind
	org   found
	text  string
	row   int
	group string
}

// keep says how many of the sections stay when the line comes; it ends one, and all that stand within. Numbers rank lines
// where they differ; otherwise a line ends only what says the same kind of thing (and a numbered part ends all), so that "Nhân quyền" goes under "Sở Tư
// pháp" whatever stands before the two. A line without a number stays within a numbered block.
func (st *state) keep(in *interpreter, sec section) int {
	for i, above := range st.sections {
		switch {
		case sec.level > 0 && above.level > 0 && sec.level != above.level:
			if sec.level < above.level {
				return i
			}
		case sec.level == 0 && above.level > 0 && in.isTotal(above.org):
		case sec.kind == above.kind, sec.kind == ofPart && sec.level == above.level && sec.level > 0:
			return i
		}
	}
	return len(st.sections)
}

// section takes the row for a line that stands over people below it, if it is one.
func (in *interpreter) section(st *state, r *xlsx.Row, index string, texts []string, name, person string) bool {
	if len(texts) == 0 || len(texts) > 2 {
		return false
	}
	text := texts[0]
	if person != "" && len(texts) > 1 && text != name {
		return false // an organisation of its own and a name, and nothing else
	}
	l := lineOf(index, text)
	if l.text == "" {
		return false
	}
	sec := section{level: l.level, org: nobody, text: l.text, row: r.Number}
	place := st.place(in, st.keep(in, section{level: l.level, kind: ofOffice}))
	f := in.orgOf(l.text, place)
	if !f.ok() {
		f = in.orgOf(l.whole, place)
	}
	if !f.ok() {
		_, f = in.orgInTitle(text)
	}
	switch code, isGroup := in.groups.groupTitle(l.text); {
	case f.ok():
		sec.kind, sec.org = ofOffice, f
	case isGroup:
		sec.kind, sec.group = ofGroup, code
	case isPart(l.text):
		sec.kind = ofPart
	case person != "" && l.level != 1 && l.level != 2 && looksLikePerson(l.text):
		return false
	case person != "" && l.level == 3 && !looksLikeOffice(l.text):
		return false
	case strings.HasPrefix(text, "*") && !looksLikeOffice(l.text):
		return true // a note
	default:
		sec.kind = ofOffice // names something that we do not know
	}
	st.sections = append(st.sections[:st.keep(in, sec)], sec)
	return true
}

func (in *interpreter) isTotal(f found) bool { return f.ok() && in.orgs.orgs[f.org].total }

// place gives where the innermost of the first n sections, or the table, is.
func (st *state) place(in *interpreter, n int) []string {
	for i := n - 1; i >= 0; i-- {
		if s := st.sections[i]; s.org.ok() {
			return in.orgs.orgs[s.org.org].place
		}
	}
	return st.t.place
}

// sectionOrg gives the organisation that the sections over the row name; known is false if they name none.
func (st *state) sectionOrg() (f found, text string, known bool) {
	for i := len(st.sections) - 1; i >= 0; i-- {
		if s := st.sections[i]; s.kind == ofOffice {
			return s.org, s.text, true
		}
	}
	return nobody, "", false
}

func (st *state) sectionGroup() string {
	for i := len(st.sections) - 1; i >= 0; i-- {
		if g := st.sections[i].group; g != "" {
			return g
		}
	}
	return ""
}

// letterhead learns from the texts over a table and from the sheet's name which organisation and which groups the whole
// table is about.
func (in *interpreter) letterhead(g *grid, t *table, above []string) {
	labelled, title, head, sheet := nobody, nobody, nobody, nobody
	for _, raw := range above {
		s := clean(raw)
		bare := lineLabel.ReplaceAllString(s, "")
		f := in.orgOf(bare, t.place)
		if !f.ok() {
			switch _, titled := in.orgInTitle(s); {
			case titled.ok():
				title = titled
			case viet.Capitals(s) && len(words(s)) > 2 && startsAsOffice(s) && !startsWithPart(s) && !titleStart.MatchString(s):
				head = nobody // below it, a body that we do not know
			}
		} else if bare != s {
			labelled = f
		} else {
			head = f
		}
		if f.ok() && len(in.orgs.orgs[f.org].place) > 0 {
			t.place = in.orgs.orgs[f.org].place
		}
	}
	t.groups = in.titleGroups(g, above)
	for _, name := range []string{g.Name, lineOf("", g.Name).text} { // "X. Quang Long" is no tenth line
		if sheet = in.orgOf(name, t.place); sheet.ok() {
			break
		}
		if sheet = in.communeOf(name); sheet.ok() {
			break
		}
	}
	for _, f := range []found{labelled, title, sheet, head} {
		if f.ok() && (f == labelled || !in.isTotal(f)) {
			t.org = f
			if p := in.orgs.orgs[f.org].place; len(p) > 0 {
				t.place = p
			}
			return
		}
	}
}

// titleGroups gives the groups that titles, or else the sheet's name, give to all people of a table.
func (in *interpreter) titleGroups(g *grid, above []string) (codes []string) {
	for _, s := range above {
		whose, _ := in.orgInTitle(s)
		for _, s := range []string{s, whose, titlePurpose.ReplaceAllString(whose, "")} {
			if code, ok := in.groups.groupTitle(s); ok {
				if !contains(codes, code) {
					codes = append(codes, code)
				}
				break
			}
		}
	}
	if code, ok := in.groups.one(g.Name); ok && len(codes) == 0 {
		codes = append(codes, code)
	}
	return codes
}

var titleStart = regexp.MustCompile(`(?i)^(?:phụ lục[^:]{0,12}:\s*)?(?:danh sách|biểu|bảng|tổng hợp|thống kê)`)

// titlePurpose is where a title goes on with what the list is for.
var titlePurpose = regexp.MustCompile(`(?i)\s+(?:được cử )?(?:tham gia|tham dự|dự|đăng ký)\s.*$`)

// orgInTitle finds the organisation whose people a title lists, at the end of the title or before it says what for, and
// gives what stands before it: "DANH SÁCH CÁN BỘ" for "DANH SÁCH CÁN BỘ SỞ TƯ PHÁP THAM GIA TẬP HUẤN".
func (in *interpreter) orgInTitle(s string) (string, found) {
	if s = clean(s); !titleStart.MatchString(s) {
		return s, nobody
	}
	for _, s := range []string{titlePurpose.ReplaceAllString(s, ""), titleTail.ReplaceAllString(s, "")} {
		head, f := in.orgAtEnd(s, nil)
		last := words(head)
		if f.ok() && len(last) > 0 && !elsewhere[last[len(last)-1]] && !strings.HasPrefix(s[len(head):], " tại ") {
			return head, f
		}
	}
	return s, nobody
}

// elsewhere are words before an organisation that others are at: "danh sách cán bộ gửi Sở Tư pháp".
var elsewhere = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range words("gửi từ đến tại do theo với về sang cùng") {
		m[w] = true
	}
	return m
}()
