package sheet

import (
	"fmt"
	"strings"

	"taphuan/app/errs"
	"taphuan/app/roster/sheet/xlsx"
	"taphuan/models/viet"
)

// reading is a person on the way to being accepted or refused.
type reading struct {
	row    Row
	birth  birth
	org    found
	refuse Refusal
}

// no notes a refusal; the first one stays.
func (p *reading) no(why Reason, t *table, column int, value string, params errs.Params) {
	if p.refuse.Reason != "" {
		return
	}
	p.refuse.Reason, p.refuse.Value, p.refuse.Params = why, value, params
	if c := t.column(column); c != nil {
		p.refuse.Column, p.refuse.Heading = xlsx.ColumnName(column), c.heading
	}
}

func (p *reading) warn(code string, column int, value string) {
	w := Warning{Code: code, Value: value}
	if column > 0 {
		w.Column = xlsx.ColumnName(column)
	}
	p.row.Warnings = append(p.row.Warnings, w)
}

// person reads a row that holds a person, in the order of the reasons.
func (in *interpreter) person(g *grid, st *state, r *xlsx.Row) {
	t := st.t
	in.people++
	t.people++
	p := &reading{org: nobody}
	p.row = Row{Sheet: g.Name, Row: r.Number, Groups: []string{}}
	if r.Hidden {
		p.warn(WarnHiddenRow, 0, "")
	}
	if c, bad := in.spoilt(g, t, r); bad {
		p.no(TextEncoding, t, c.Column, clean(c.Text), nil)
	}
	raw := in.nameText(t, r)
	p.row.Name = personName(raw)
	if p.row.Name != "" && !in.saysBirthOrID(t, r) && looksLikeOffice(raw) && in.orgOf(raw, nil).ok() {
		p.row.Name = ""
	}
	if p.row.Name == "" {
		p.no(MissingName, t, t.name[0], raw, nil)
	}
	p.row.Title = in.titleText(st, r)
	if name, post := nameWithPost(p.row.Name); post != "" {
		p.row.Name = name
		if p.row.Title == "" {
			p.row.Title = post
		}
	}
	in.birthAndSex(st, r, p, raw)
	in.identity(st, r, p)
	in.organisation(st, r, p)
	in.targetGroups(st, r, p)
	in.contact(st, r, p)
	p.row.Title = viet.JobTitle(p.row.Title)
	if p.refuse.Reason == "" && in.opt.Training == nil {
		in.duplicates(p, t)
	}
	p.row.Said = in.extras(t, r)
	if p.refuse.Reason != "" {
		p.refuse.Sheet, p.refuse.Row, p.refuse.Name = g.Name, r.Number, p.row.Name
		in.result.Refused = append(in.result.Refused, p.refuse)
		return
	}
	in.seen.add(p.row)
	in.result.Accepted = append(in.result.Accepted, p.row)
}

func (in *interpreter) titleText(st *state, r *xlsx.Row) string {
	for _, f := range []field{fieldTitle, fieldTitleOrg} {
		for _, c := range st.t.by[f] {
			if s := st.text(r, c); !saysNothing(s) {
				return s
			}
		}
	}
	if len(st.t.by[fieldNameTitle]) > 0 {
		if x, ok := cell(r, st.t.by[fieldNameTitle][0]); ok {
			_, title := splitNameTitle(x.Text)
			return title
		}
	}
	return ""
}

// birthAndSex reads the birth date, from one column, from one of two that say the sex, or from day, month and year.
func (in *interpreter) birthAndSex(st *state, r *xlsx.Row, p *reading, name string) {
	t := st.t
	setSex := func(female bool, column int, text string) {
		if p.row.Female != nil && *p.row.Female != female {
			p.row.Female = nil
			p.warn(WarnSexUnknown, column, text)
			return
		}
		p.row.Female = &female
	}
	take := func(column int, c xlsx.Cell) {
		b, ok := birthOf(c, in.date1904, in.opt.Today)
		in.setBirth(p, t, column, clean(c.Text), b, ok)
	}
	for _, f := range []field{fieldBorn, fieldBornMale, fieldBornFemale} {
		for _, column := range t.by[f] {
			c, ok := cell(r, column)
			if !ok || saysNothing(clean(c.Text)) {
				continue
			}
			if f != fieldBorn {
				setSex(f == fieldBornFemale, column, clean(c.Text))
				if isMark(c) && c.Kind == xlsx.Text && !hasDigit(c.Text) {
					continue // ticked only
				}
			}
			take(column, c)
		}
	}
	if y := t.first1(fieldBornYear); y > 0 && p.birth.text == "" {
		text := func(f field) string {
			c, _ := cell(r, t.first1(f))
			return c.Text
		}
		yc, _ := cell(r, y)
		d, m := text(fieldBornDay), text(fieldBornMonth)
		if d == "" && m == "" {
			if yc.Text != "" {
				take(y, yc)
			}
		} else {
			b, ok := birthParts(d, m, yc.Text, in.opt.Today)
			in.setBirth(p, t, y, clean(d+"/"+m+"/"+yc.Text), b, ok)
		}
	}
	for _, column := range t.by[fieldSex] {
		if c, ok := cell(r, column); ok {
			s := clean(c.Text)
			female, known := sexOf(s)
			if female != nil {
				setSex(*female, column, s)
			} else if !known {
				p.warn(WarnSexUnknown, column, s)
			}
		}
	}
	for _, f := range []field{fieldMale, fieldFemale} {
		for _, column := range t.by[f] {
			if c, ok := cell(r, column); ok && isMark(c) {
				setSex(f == fieldFemale, column, clean(c.Text))
			}
		}
	}
	if p.row.Female == nil && strings.HasSuffix(name, ")") {
		if m := nameSex.FindStringSubmatch(name); m != nil {
			p.row.Female, _ = sexOf(m[1])
		}
	}
}

func (in *interpreter) setBirth(p *reading, t *table, column int, value string, b birth, ok bool) {
	switch {
	case !ok, p.birth.text != "" && b.text != "" && p.birth.text != b.text:
		p.no(InvalidBirthDate, t, column, value, nil)
	case b.text == "":
	case b.future(in.opt.Today):
		p.no(BirthDateInFuture, t, column, value, nil)
	default:
		p.birth = b
		p.row.Born = b.text
		if b.month {
			p.warn(WarnDayOfBirthLost, column, value)
		}
	}
}

// identity reads the national id and holds sex and year of birth against it.
func (in *interpreter) identity(st *state, r *xlsx.Row, p *reading) {
	column := 0
	for _, c := range st.t.by[fieldID] {
		x, ok := cell(r, c)
		if !ok {
			continue
		}
		id, ok := nationalID(x)
		if !ok {
			p.no(InvalidNationalID, st.t, c, clean(x.Text), nil)
			return
		}
		if len(id) > len(p.row.NationalID) {
			p.row.NationalID, column = id, c
		}
	}
	female, year, ok := idSays(p.row.NationalID)
	if !ok {
		return
	}
	if p.row.Female != nil && *p.row.Female != female {
		p.warn(WarnSexDisagrees, column, p.row.NationalID)
	}
	if p.birth.year != 0 && p.birth.year != year {
		p.warn(WarnYearDisagrees, column, fmt.Sprint(year))
	}
}

// organisation finds where the person is posted: the row's own cell, else the section over it, else what letterhead,
// title or sheet name say of the whole table, else the end of the title ("Chủ tịch UBND xã Quang Long").
func (in *interpreter) organisation(st *state, r *xlsx.Row, p *reading) {
	t := st.t
	place := st.place(in, len(st.sections))
	column, value := 0, ""
	f := nobody
	said, part := false, false // part: the cell names only a part of what stands above
	for i, c := range t.by[fieldOrg] {
		x, ok := st.value(r, c)
		s := ""
		if ok {
			s = st.text(r, c)
		}
		if saysNothing(s) {
			continue
		}
		raw := s
		if !ditto(clean(x.Text)) {
			raw = x.Text // with its line breaks
		}
		if i == 0 {
			// further columns say where: Đơn vị | Huyện
			for _, more := range t.by[fieldOrg][1:] {
				if w := in.orgs.placeOf(words(st.text(r, more))); w != nil {
					place = w
				}
			}
		}
		got := in.orgOf(raw, place)
		if !got.ok() {
			got = in.communeOf(s)
		}
		if !got.ok() && isPart(s) {
			if !said && column == 0 {
				column, value, part = c, s, true
			}
			continue
		}
		if !said || !f.ok() && got.ok() && !in.isTotal(got) {
			if !said {
				column, value = c, s
			}
			f = got
		}
		said = true
		if f.ok() && !in.isTotal(f) {
			break
		}
		if i == 0 && !f.ok() {
			break // the column of organisations decides; the others only help it
		}
	}
	for _, c := range t.by[fieldTitleOrg] {
		s := st.text(r, c)
		title, got := in.orgAtEnd(s, place)
		if !got.ok() {
			title, got = in.orgAtStart(s, place)
		}
		if got.ok() && !said {
			f, said, column, value = got, true, c, s
			p.row.Title = title
		} else if got.ok() && got == f {
			p.row.Title = title
		} else if !said && !saysNothing(s) {
			column, value = c, s
		}
	}
	if !said {
		if so, text, known := st.sectionOrg(); known {
			f, said, value = so, true, text
		} else if t.org.ok() && (part || !t.usesOrg) { // in a column that is in use, an empty cell is a gap
			f, said = t.org, true
		}
	}
	if !said && len(t.by[fieldOrg]) == 0 && p.row.Title != "" {
		if _, got := in.orgAtEnd(p.row.Title, place); got.ok() && len(in.orgs.orgs[got.org].place) > 0 {
			f = got
		}
	}
	if column == 0 && len(t.by[fieldOrg]) > 0 {
		column = t.by[fieldOrg][0]
	}
	if !f.ok() {
		p.no(UnknownOrganisation, t, column, value, nil)
		return
	}
	o := &in.orgs.orgs[f.org]
	p.org, p.row.Organisation = f, o.Code
	params := errs.Params{"organisation": o.Code, "organisation_name": o.Name}
	switch {
	case !o.active && in.opt.Training == nil:
		p.no(OrganisationNotActive, t, column, value, params)
	case o.total:
		p.no(OrganisationIsTotal, t, column, value, params)
	case o.CountsOnly:
		p.no(OrganisationCountsOnly, t, column, value, params)
	}
}

// targetGroups reads the groups: from their column, from ticked columns, else from the section or the title.
func (in *interpreter) targetGroups(st *state, r *xlsx.Row, p *reading) {
	if in.opt.Training != nil {
		return
	}
	t := st.t
	column := 0
	add := func(code string) {
		if !contains(p.row.Groups, code) {
			p.row.Groups = append(p.row.Groups, code)
		}
	}
	for _, c := range t.by[fieldGroup] {
		x, ok := st.value(r, c)
		if !ok {
			continue
		}
		raw := x.Text
		if s := st.text(r, c); ditto(clean(raw)) {
			raw = s
		}
		codes, ok := in.groups.all(raw)
		if !ok {
			p.no(UnknownTargetGroup, t, c, clean(raw), nil)
			return
		}
		column = c
		for _, code := range codes {
			add(code)
		}
	}
	for _, c := range t.by[fieldMark] {
		x, ok := st.value(r, c)
		if !ok {
			continue
		}
		yes, known := marked(x)
		if !known {
			p.no(UnknownTargetGroup, t, c, clean(x.Text), nil)
			return
		}
		if yes {
			column = c
			add(t.column(c).group)
		}
	}
	if len(p.row.Groups) == 0 && len(t.by[fieldGroup]) == 0 && len(t.by[fieldMark]) == 0 {
		if g := st.sectionGroup(); g != "" {
			add(g)
		} else {
			for _, g := range t.groups {
				add(g)
			}
		}
	}
	if len(p.row.Groups) == 0 {
		p.warn(WarnNoGroup, column, "")
		return
	}
	if p.org.ok() {
		o := &in.orgs.orgs[p.org.org]
		if code, params := in.groups.notAtLevel(p.row.Groups, o.Level); code != "" {
			p.no(GroupNotAtLevel, t, column, code, params)
		}
	}
}

func (in *interpreter) contact(st *state, r *xlsx.Row, p *reading) {
	for _, c := range st.t.by[fieldEmail] {
		x, ok := cell(r, c)
		if !ok || p.row.Email != "" {
			continue
		}
		a, several, ok := email(x)
		if !ok {
			p.no(InvalidEmail, st.t, c, clean(x.Text), nil)
			return
		}
		p.row.Email = a
		if several {
			p.warn(WarnSeveralEmails, c, clean(x.Text))
		}
	}
	for _, c := range st.t.by[fieldPhone] {
		x, ok := cell(r, c)
		if !ok || p.row.Phone != "" {
			continue
		}
		n, several, ok := phone(x)
		if !ok {
			p.no(InvalidPhone, st.t, c, clean(x.Text), nil)
			return
		}
		p.row.Phone = n
		if several {
			p.warn(WarnSeveralPhones, c, clean(x.Text))
		}
	}
}

// place is where an accepted row stands.
type place struct {
	row   Row
	order int
}

// homonyms are the first accepted rows of a name at an organisation with one writing of the birth date: the first of
// all, and the first without an id.
type homonyms struct{ any, noID *place }

// people are the accepted rows so far, for finding the second of two without looking through them.
type people struct {
	byID   map[string]Row
	byName map[string]homonyms // name, organisation and birth: exactly, its year alone, or * for all
	n      *int
}

func newPeople() people { return people{map[string]Row{}, map[string]homonyms{}, new(int)} }

func nameKey(r *Row) string { return viet.Key(r.Name) + "\x00" + r.Organisation + "\x00" }

func (s people) add(r Row) {
	if r.NationalID != "" {
		s.byID[r.NationalID] = r
	}
	*s.n++
	k, p := nameKey(&r), &place{r, *s.n}
	births := []string{"*", "=" + r.Born}
	if r.Born != "" {
		births = append(births, "~"+r.Born[:4])
	}
	for _, birth := range births {
		h := s.byName[k+birth]
		if h.any == nil {
			h.any = p
		}
		if h.noID == nil && r.NationalID == "" {
			h.noID = p
		}
		s.byName[k+birth] = h
	}
}

// samePerson gives the first accepted row of the same name and organisation whose birth date agrees as far as both say
// and whose id does not differ.
func (s people) samePerson(r *Row) *Row {
	births := []string{"*"}
	switch len(r.Born) {
	case 0:
	case 4:
		births = []string{"~" + r.Born, "="}
	default:
		births = []string{"=" + r.Born, "=" + r.Born[:4], "="}
	}
	k := nameKey(r)
	var first *place
	for _, birth := range births {
		h := s.byName[k+birth]
		p := h.any
		if r.NationalID != "" {
			p = h.noID
		}
		if p != nil && (first == nil || p.order < first.order) {
			first = p
		}
	}
	if first == nil {
		return nil
	}
	return &first.row
}

// sameBirth says whether two dates agree as far as both say.
func sameBirth(a, b string) bool {
	if a == "" || b == "" {
		return true
	}
	n := min(len(a), len(b))
	return a[:n] == b[:n]
}

// duplicates refuses the second row of one person, and a row that carries the id of somebody else: the same id is one
// person if name or birth date agrees; without a shared id the same name at the same organisation is, if the birth dates
// do not differ and the ids do not either.
func (in *interpreter) duplicates(p *reading, t *table) {
	r := &p.row
	column := t.first1(fieldID)
	if other, ok := in.seen.byID[r.NationalID]; ok && r.NationalID != "" {
		params := errs.Params{"other_sheet": other.Sheet, "other_row": other.Row}
		if viet.Key(other.Name) == viet.Key(r.Name) || r.Born != "" && other.Born != "" && sameBirth(r.Born, other.Born) {
			p.no(DuplicateInFile, t, column, r.NationalID, params)
		} else {
			p.no(IDOfAnotherPerson, t, column, r.NationalID, params)
		}
		return
	}
	if other := in.seen.samePerson(r); other != nil {
		p.no(DuplicateInFile, t, t.name[0], r.Name, errs.Params{"other_sheet": other.Sheet, "other_row": other.Row})
	}
}
