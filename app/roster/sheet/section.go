package sheet

import (
	"regexp"

	"taphuan/app/roster/sheet/xlsx"
)

// section is a line that stands over the people below it.
type section struct {
	level int
	org   found
	known bool // whether the line settles the organisation (org may still be none)
	text  string
	row   int
	group string
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
	for len(st.sections) > 0 && (l.level == 0 || st.sections[len(st.sections)-1].level == 0 || st.sections[len(st.sections)-1].level >= l.level) {
		top := st.sections[len(st.sections)-1]
		if l.level == 0 && top.level > 0 && !top.known {
			break
		}
		if l.level == 0 && top.level > 0 && in.isTotal(top.org) {
			break
		}
		st.sections = st.sections[:len(st.sections)-1]
	}
	sec := section{level: l.level, org: nobody, text: l.text, row: r.Number}
	place := st.place(in)
	f := in.orgOf(l.text, place)
	if !f.ok() {
		f = in.orgOf(text, place)
	}
	switch code, isGroup := in.groups.groupTitle(l.text); {
	case f.ok():
		sec.org, sec.known = f, true
	case isGroup:
		sec.group = code
	case startsWithPart(l.text) && !namesOtherBody(l.text):
		// a part of the organisation above
	case person != "" && l.level != 1 && l.level != 2 && looksLikePerson(l.text):
		return false
	case person != "" && l.level == 3 && !looksLikeOffice(l.text):
		return false
	default:
		sec.known = true // names something that we do not know
	}
	st.sections = append(st.sections, sec)
	return true
}

func (in *interpreter) isTotal(f found) bool { return f.ok() && in.orgs.orgs[f.org].total }

// place gives where the innermost section or the table is.
func (st *state) place(in *interpreter) []string {
	for i := len(st.sections) - 1; i >= 0; i-- {
		if s := st.sections[i]; s.org.ok() {
			return in.orgs.orgs[s.org.org].place
		}
	}
	return st.t.place
}

// sectionOrg gives the organisation that the sections over the row name; known is false if they name none.
func (st *state) sectionOrg() (f found, text string, known bool) {
	for i := len(st.sections) - 1; i >= 0; i-- {
		if s := st.sections[i]; s.known {
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
			if titled := in.orgInTitle(s); titled.ok() {
				title = titled
			}
		} else if bare != s {
			labelled = f
		} else {
			head = f
		}
		if f.ok() && len(in.orgs.orgs[f.org].place) > 0 {
			t.place = in.orgs.orgs[f.org].place
		}
		if code, ok := in.groups.groupTitle(s); ok && !contains(t.groups, code) {
			t.groups = append(t.groups, code)
		}
	}
	for _, name := range []string{g.Name, lineOf("", g.Name).text} { // "X. Quang Long" is no tenth line
		if sheet = in.orgOf(name, t.place); sheet.ok() {
			break
		}
	}
	if code, ok := in.groups.one(g.Name); ok && len(t.groups) == 0 {
		t.groups = append(t.groups, code)
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

var titleStart = regexp.MustCompile(`(?i)^(?:danh sách|biểu|bảng|tổng hợp|thống kê)`)

// orgInTitle finds the organisation that a title ends with: "DANH SÁCH CÁN BỘ SỞ TƯ PHÁP NĂM 2026".
func (in *interpreter) orgInTitle(s string) found {
	if !titleStart.MatchString(s) {
		return nobody
	}
	s = titleTail.ReplaceAllString(s, "")
	_, f := in.orgAtEnd(s, nil)
	return f
}
