package handlers

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/i18n"
	"taphuan/app/page"
	"taphuan/app/workbook"
	"taphuan/models"
	"taphuan/views"
)

type namesFilter struct {
	Org     string           `form:"org" binding:"max=40"`
	On      models.Day       `form:"on"`
	Group   string           `form:"group" binding:"max=40"`
	Part    coverage.Part    `form:"part" binding:"omitempty,oneof=covered recognised missing leave short told silent"`
	Lacking models.Component `form:"lacking" binding:"max=40"`
	Line    bool             `form:"line"` // people of the professional line in place of the organisation's own
	Text    string           `form:"q" binding:"max=200"`
	Cadres  []uint64         `form:"cadre" binding:"max=500"`          // the ticked ones, for a file
	Page    int              `form:"page" binding:"min=0,max=1000000"` // of a list of organisations
	page.Ask
}

func (f namesFilter) query(size int) coverage.NamesQuery {
	return coverage.NamesQuery{Query: coverage.Query{Org: f.Org, Day: f.On}, Group: f.Group, Part: f.Part, Lacking: f.Lacking, Line: f.Line, Search: f.Text, Cadres: f.Cadres, Size: size, Ask: f.Ask}
}

// namesData is the page of what a figure is the sum of. Names is nil where the question was refused.
type namesData struct {
	*coverage.Names
	Filter     namesFilter
	Groups     []views.Option
	Group      coverageGroup
	Components map[models.Component]string // words
	Lackings   []views.Option
	Tabs       []namesPart   // all parts that hold something
	Terms      []namesPart   // those of them that add up to the denominator
	Rows       []namesRow    // of a part that is a list of people: those of the page
	Offices    []namesOffice // of a part that is a list of organisations: those of the page
	Total      int           // of them in all
	Size       int
	Offers     []missingOffer
	MayOffer   bool // courses are offered for the day asked for, had there been any
	MayPropose bool // where and when to hold classes for those missing
	MayDeclare bool // headcounts of the organisations that say nothing
}

// namesRow is somebody on the page, in words: a template is slow at everything but fields.
type namesRow struct {
	coverage.Person
	Href         string // of the cadre's page; "" where the reader may not open it
	Born         string
	Lacking      string // what the person lacks
	All          bool   // it is everything that the plan asks for, and that is more than one thing
	Since, Until string
	By           *namesTraining
	More         []namesTraining
}

// namesTraining is a training by which somebody is covered.
type namesTraining struct{ Href, Title, Body, Day string }

// namesRows are the people of a page.
func (d namesData) namesRows(c *Ctx) []namesRow {
	components := len(d.Report.Plan.Components)
	rows := make([]namesRow, len(d.People))
	for i, p := range d.People {
		r := namesRow{Person: p, Lacking: joinComponents(p.Lacks, d.Components), All: len(p.Lacks) == components && components > 1, Since: i18n.Day(c.Lang, p.Since)}
		if p.MayOpen {
			r.Href = "/cadres/" + strconv.FormatUint(p.CadreID, 10)
		}
		if p.BirthYear != 0 {
			r.Born = c.T("coverage.born", "year", p.BirthYear)
		}
		if p.Until != 0 {
			r.Until = c.T("coverage.until", "day", i18n.Day(c.Lang, p.Until))
		}
		if by := p.By(); by != nil {
			r.By = new(newNamesTraining(c, *by))
		}
		for _, x := range p.More() {
			r.More = append(r.More, newNamesTraining(c, x))
		}
		rows[i] = r
	}
	return rows
}

func newNamesTraining(c *Ctx, x coverage.Training) namesTraining {
	t := namesTraining{Title: x.Title, Body: x.Body, Day: i18n.Day(c.Lang, x.Day)}
	switch {
	case x.MayOpen && x.CourseID != 0:
		t.Href = "/courses/" + strconv.FormatUint(x.CourseID, 10)
	case x.MayOpen:
		t.Href = "/recognitions/" + strconv.FormatUint(x.RecognitionID, 10)
	}
	return t
}

// namesOffice is an organisation that brings people without names to a figure, or says nothing.
type namesOffice struct {
	Code, Name                string
	Declared, Listed, Covered int
}

// offices gives the organisations of the part in the order asked for.
func offices(n *coverage.Names, sort string) (out []namesOffice) {
	switch n.Part {
	case coverage.PartShort:
		for _, o := range n.Short {
			out = append(out, namesOffice{Code: o.Code, Name: o.Name, Declared: o.Declared, Listed: o.Roster})
		}
	case coverage.PartTold:
		for _, o := range n.Told {
			out = append(out, namesOffice{Code: o.Code, Name: o.Name, Declared: o.Declared, Covered: o.Covered})
		}
	case coverage.PartSilent:
		for _, o := range n.Silent {
			out = append(out, namesOffice{Code: o.Code, Name: o.Name})
		}
	}
	sortOffices(out, n.Part, sort)
	return out
}

// sortOffices puts organisations, which are in tree order, in the order asked for.
func sortOffices(all []namesOffice, part coverage.Part, sort string) {
	key, down := strings.CutPrefix(sort, "-")
	has := func(o namesOffice) int {
		if part == coverage.PartTold {
			return o.Covered
		}
		return o.Listed
	}
	of := map[string]func(o namesOffice) int{"declared": func(o namesOffice) int { return o.Declared }, "has": has, "rest": func(o namesOffice) int { return o.Declared - has(o) }}[key]
	if of == nil {
		return
	}
	slices.SortStableFunc(all, func(a, b namesOffice) int {
		if down {
			return cmp.Compare(of(b), of(a))
		}
		return cmp.Compare(of(a), of(b))
	})
}

// namesPart is the way to a part, with how many it holds.
type namesPart struct {
	Part  coverage.Part
	N     int
	Label string
	Href  string
}

func (d namesData) link(c *Ctx, part coverage.Part) namesPart {
	return namesPart{part, d.Parts.Of(part), c.T("coverage.part." + string(part)), d.Group.Part(part)}
}

// Choices is what can be ticked: those on the page.
func (d namesData) Choices() page.Place { return page.Place{} }

// missingOffer is a course in which those missing can be enrolled.
type missingOffer struct {
	coverage.Offer
	Path  string // where people are put into it
	Href  string // the same, with the filter of the list
	Aimed bool   // at the group
}

// namesPage is how many names a page shows; missingOffers how many courses.
const (
	namesPage     = 50
	missingOffers = 5
)

// coveragePeople opens the figure of a group: what it is the sum of, and who or what each part is.
func (s *Server) coveragePeople(c *Ctx) error { return s.coverageNames(c, "") }

// coverageMissing is coveragePeople with those missing: who of a group is not covered yet, with what they lack and the courses that bring it.
func (s *Server) coverageMissing(c *Ctx) error { return s.coverageNames(c, coverage.PartMissing) }

func (s *Server) coverageNames(c *Ctx, part coverage.Part) error {
	var d namesData
	if err := c.BindForm(&d.Filter); err != nil {
		return c.Invalid("coverage/people", d, err)
	}
	if d.Filter.Group == "" {
		return c.Done(coverageHref("/coverage", "org", d.Filter.Org), "")
	}
	d.Filter.Part = cmp.Or(part, d.Filter.Part)
	n, err := s.coverage.Names(c.Ctx(), c.Actor, d.Filter.query(namesPage))
	if err != nil {
		return c.Invalid("coverage/people", d, err)
	}
	d.fill(c, n)
	if n.Part == coverage.PartMissing && n.Parts.Missing > 0 && n.Report.Day >= c.Today() {
		if err := s.missingOffers(c, &d); err != nil {
			return err
		}
	}
	return c.Page("coverage/people", d)
}

func (d *namesData) fill(c *Ctx, n *coverage.Names) {
	d.Names = n
	d.Filter.On, d.Filter.Org, d.Filter.Part = n.Report.Day, n.Report.Top().Code, n.Part
	groups := coverageGroups(c.Lang, n.Report, n.Report.Top())
	if n.Line != nil {
		groups = lineGroups(c.Lang, n.Report, n.Line)
	}
	for _, g := range groups {
		d.Groups = append(d.Groups, views.Option{Value: g.Code, Label: g.Short})
		if g.ID == n.Group.ID {
			d.Group = g
		}
	}
	d.MayDeclare = c.Actor.May(access.RosterWrite)
	d.MayPropose = c.Actor.May(access.CourseWrite) && n.Line == nil && n.Report.Day == c.Today()
	d.Components = componentNames(c, n.Report)
	for _, x := range n.Report.Plan.Components {
		d.Lackings = append(d.Lackings, views.Option{Value: string(x.Component), Label: x.Name(c.Lang)})
	}
	d.Rows = d.namesRows(c)
	all := offices(n, d.Filter.Sort)
	d.Size, d.Total = namesPage, len(all)
	d.Filter.Page = pageOf(d.Filter.Page, namesPage, d.Total)
	from := (d.Filter.Page - 1) * namesPage
	d.Offices = all[from:min(from+namesPage, d.Total)]
	for _, part := range coverage.AllParts {
		if x := d.link(c, part); x.N > 0 || part == n.Part || part == coverage.PartCovered || part == coverage.PartMissing {
			d.Tabs = append(d.Tabs, x)
		}
	}
	for _, part := range []coverage.Part{coverage.PartCovered, coverage.PartMissing, coverage.PartShort, coverage.PartTold} {
		if x := d.link(c, part); x.N > 0 {
			d.Terms = append(d.Terms, x)
		}
	}
}

func (s *Server) missingOffers(c *Ctx, d *namesData) error {
	path := "nominate"
	switch {
	case c.Actor.May(access.EnrolmentWrite):
		path = "enrolments/new"
	case !c.Actor.May(access.Nominate):
		return nil
	}
	d.MayOffer = true
	offers, err := s.coverage.Offers(c.Ctx(), c.Actor, d.Report.Plan)
	if err != nil {
		return err
	}
	var lacking []models.Component
	for _, x := range d.Report.Plan.Components {
		if d.Lacking[x.Component] > 0 && (d.Filter.Lacking == "" || d.Filter.Lacking == x.Component) {
			lacking = append(lacking, x.Component)
		}
	}
	lacks := string(d.Filter.Lacking)
	if lacks == "" {
		lacks = "1"
	}
	for _, o := range coverage.OffersFor(offers, d.Group.ID, lacking) {
		if len(d.Offers) == missingOffers {
			break
		}
		if path == "nominate" && !o.TakesNominations(c.Today()) {
			continue
		}
		pairs := []string{"org", d.Filter.Org, "group", d.Group.Code, "lacking", lacks}
		if d.Filter.Line {
			pairs = append(pairs, "line", "true")
		}
		if d.Filter.Text != "" { // those found by name are meant, so they are ticked there
			pairs = append(pairs, "q", d.Filter.Text, "pick", "true")
		}
		at := "/courses/" + strconv.FormatUint(o.ID, 10) + "/" + path
		d.Offers = append(d.Offers, missingOffer{o, at, coverageHref(at, pairs...), slices.Contains(o.Groups, d.Group.ID)})
	}
	return nil
}

func componentNames(c *Ctx, r *coverage.Report) map[models.Component]string {
	names := map[models.Component]string{}
	for _, x := range r.Plan.Components {
		names[x.Component] = x.Name(c.Lang)
	}
	return names
}

// Brings says what a course brings, in words.
func (d namesData) Brings(o missingOffer) string { return joinComponents(o.Components, d.Components) }

func joinComponents(list []models.Component, names map[models.Component]string) string {
	words := make([]string, len(list))
	for i, x := range list {
		words[i] = names[x]
	}
	return strings.Join(words, "; ")
}

// namesFiles are what the workbooks of the parts are called.
var namesFiles = map[coverage.Part]string{coverage.PartCovered: "da-bao-phu", coverage.PartRecognised: "duoc-cong-nhan", coverage.PartMissing: "con-thieu", coverage.PartLeave: "dang-nghi",
	coverage.PartShort: "chua-co-ten", coverage.PartTold: "chi-bao-so", coverage.PartSilent: "chua-khai"}

// peopleSheet gives a part of a figure as a table for Excel.
func (s *Server) peopleSheet(c *Ctx) error { return s.namesSheet(c, "") }

// missingSheet gives everybody who is missing as a table for Excel.
func (s *Server) missingSheet(c *Ctx) error { return s.namesSheet(c, coverage.PartMissing) }

func (s *Server) namesSheet(c *Ctx, part coverage.Part) error {
	var f namesFilter
	if err := c.BindForm(&f); err != nil {
		return err
	}
	if f.Group == "" {
		return errs.OnField("group", "required")
	}
	f.Part = cmp.Or(part, f.Part)
	n, err := s.coverage.Names(c.Ctx(), c.Actor, f.query(0))
	if err != nil {
		return err
	}
	name := namesFiles[n.Part] + "-" + n.Group.Code + "-" + n.Report.Top().Code + "-" + n.Report.Day.String()
	word := c.T("coverage.part." + string(n.Part))
	sheet := workbook.Sheet{Name: word, Title: sheetTitle(c, word+", "+n.Group.Short(c.Lang), n.Report)}
	if !n.Part.People() {
		return officesSheet(c, name, sheet, n, f.Sort)
	}
	return namedSheet(c, name, sheet, n)
}

// namedSheet writes people, with what they lack or by what they are covered.
func namedSheet(c *Ctx, name string, sheet workbook.Sheet, n *coverage.Names) error {
	names := componentNames(c, n.Report)
	sheet.Columns = []workbook.Column{{Head: c.T("coverage.name")}, {Head: c.T("coverage.birth_year"), Kind: workbook.Code, Width: 10}, {Head: c.T("coverage.title_held")}, {Head: c.T("coverage.organisation"), Width: 44}}
	lacking, covered := n.Part == coverage.PartMissing || n.Part == coverage.PartLeave, n.Part != coverage.PartMissing
	if lacking {
		sheet.Columns = append(sheet.Columns, workbook.Column{Head: c.T("coverage.lacks"), Width: 30})
	}
	sheet.Columns = append(sheet.Columns, workbook.Column{Head: c.T("coverage.leave")})
	if covered {
		sheet.Columns = append(sheet.Columns, workbook.Column{Head: c.T("coverage.since"), Kind: workbook.Day}, workbook.Column{Head: c.T("coverage.until_head"), Kind: workbook.Day}, workbook.Column{Head: c.T("coverage.by"), Width: 60}, workbook.Column{Head: c.T("coverage.part.recognised"), Width: 16})
	}
	return c.Sheet(name, sheet, func(row workbook.Row) error {
		for _, p := range n.People {
			year, leave, recognised := "", "", ""
			if p.BirthYear != 0 {
				year = strconv.Itoa(p.BirthYear)
			}
			if p.Leave != "" {
				leave = c.T("coverage.leave_kind." + string(p.Leave))
			}
			if p.Recognised {
				recognised = c.T("ui.yes")
			}
			cells := []any{p.Name, year, p.Title, p.OrganisationName}
			if lacking {
				cells = append(cells, joinComponents(p.Lacks, names))
			}
			cells = append(cells, leave)
			if covered {
				cells = append(cells, p.Since, p.Until, trainingWords(c, p.Trainings), recognised)
			}
			if err := row(cells...); err != nil {
				return err
			}
		}
		return nil
	})
}

// trainingWords names trainings in a line.
func trainingWords(c *Ctx, list []coverage.Training) string {
	words := make([]string, len(list))
	for i, t := range list {
		words[i] = strings.Join(slices.DeleteFunc([]string{t.Code, t.Title, t.Body, i18n.Day(c.Lang, t.Day)}, func(s string) bool { return s == "" }), ", ")
	}
	return strings.Join(words, "; ")
}

// officesSheet writes organisations that bring people without names, or say nothing.
func officesSheet(c *Ctx, name string, sheet workbook.Sheet, n *coverage.Names, sort string) error {
	sheet.Columns = []workbook.Column{{Head: c.T("coverage.column.organisation"), Kind: workbook.Code}, {Head: c.T("coverage.organisation"), Width: 44}}
	number := func(key string) {
		sheet.Columns = append(sheet.Columns, workbook.Column{Head: c.T(key), Kind: workbook.Number, Width: 16})
	}
	switch n.Part {
	case coverage.PartShort:
		number("coverage.gap_declared")
		number("coverage.gap_listed")
		number("coverage.part.short")
	case coverage.PartTold:
		number("coverage.gap_declared")
		number("coverage.column.covered")
		number("coverage.missing")
	}
	return c.Sheet(name, sheet, func(row workbook.Row) error {
		for _, o := range offices(n, sort) {
			cells := []any{o.Code, o.Name}
			switch n.Part {
			case coverage.PartShort:
				cells = append(cells, o.Declared, o.Listed, o.Declared-o.Listed)
			case coverage.PartTold:
				cells = append(cells, o.Declared, o.Covered, o.Declared-o.Covered)
			}
			if err := row(cells...); err != nil {
				return err
			}
		}
		return nil
	})
}

// pageOf is the page that is shown of so many rows; one behind the last is the first.
func pageOf(page, size, total int) int {
	if page < 1 || (page-1)*size >= total {
		return 1
	}
	return page
}
