package handlers

import (
	"cmp"
	"strconv"
	"strings"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/errs"
	"taphuan/app/i18n"
	"taphuan/app/identity"
	"taphuan/app/page"
	"taphuan/app/roster"
	"taphuan/app/workbook"
	"taphuan/models"
	"taphuan/views"
)

type cadreFilter struct {
	Text  string `form:"q" binding:"max=200"`
	ID    string `form:"idh" binding:"omitempty,len=64,hexadecimal"` // keyed hash of a national id
	Org   string `form:"org" binding:"max=40"`
	Group string `form:"group" binding:"max=40"`
	State string `form:"state" binding:"omitempty,oneof=unplaced line"`
	page.Ask
}

func (f cadreFilter) filter(day models.Day) roster.CadreFilter {
	return roster.CadreFilter{Text: f.Text, IDHash: f.ID, Organisation: f.Org, Group: f.Group, Day: day, Unplaced: f.State == "unplaced", Line: f.State == "line"}
}

type cadreListData struct {
	*page.Page[roster.CadreRow]
	ticked
	Filter     cadreFilter
	Day        models.Day
	Today      models.Day
	Orgs       []views.Option
	Groups     []views.Option
	GroupNames map[string]string
	MayImport  bool
	MayHire    bool
	MaySlip    bool
	Filtered   bool
	Twins      int64 // pairs that wait for a review
}

// cadreList lists who is on the roster on a day.
func (s *Server) cadreList(c *Ctx) error {
	var f cadreFilter
	if err := c.bindQuery(&f); err != nil {
		return err
	}
	if to := s.withoutNumber(c, f); to != "" {
		return c.Done(to, "")
	}
	d, err := s.cadreListData(c)
	if err != nil {
		return err
	}
	return c.Page("cadre/list", d)
}

func (s *Server) cadreListData(c *Ctx) (d cadreListData, err error) {
	var f cadreFilter
	if err := c.bindQuery(&f); err != nil {
		return d, err
	}
	day, err := c.dayFilter("day")
	if err != nil {
		return d, err
	}
	d = cadreListData{Filter: f, Day: day, Today: c.Today(), GroupNames: map[string]string{}, MayImport: c.Actor.May(access.RosterImport), MayHire: c.Actor.May(access.RosterWrite), MaySlip: c.Actor.May(access.AccountSlip)}
	d.Filtered = f.Text != "" || f.ID != "" || f.Org != "" || f.Group != "" || f.State != "" || d.Day != d.Today
	if d.Page, err = s.roster.Cadres(c.Ctx(), c.Actor, f.filter(d.Day), f.Ask); err != nil {
		return d, err
	}
	orgs, err := s.roster.Organisations(c.Ctx(), c.Actor, access.RosterRead, d.Day)
	if err != nil {
		return d, err
	}
	least := 0
	for i, o := range orgs {
		if i == 0 || o.Depth < least {
			least = o.Depth
		}
	}
	for _, o := range orgs {
		d.Orgs = append(d.Orgs, views.Option{Value: o.Code, Label: o.Name, Depth: o.Depth - least})
	}
	groups, err := s.groups(c)
	if err != nil {
		return d, err
	}
	for _, g := range groups {
		d.GroupNames[g.Code] = g.Short(c.Lang)
		d.Groups = append(d.Groups, views.Option{Value: g.Code, Label: g.Short(c.Lang)})
	}
	d.Twins, err = s.identity.Open(c.Ctx(), c.Actor)
	return d, err
}

// withoutNumber is where a request with a national id in its address, from a bookmark or by hand, is led; "" where there is none.
func (s *Server) withoutNumber(c *Ctx, f cadreFilter) string {
	hash := s.roster.IDHash(f.Text)
	if hash == "" {
		return ""
	}
	q := c.Request.URL.Query()
	q.Del("q")
	q.Set("idh", hash)
	return c.Request.URL.Path + "?" + q.Encode()
}

// cadreSearch takes what the list's filters ask and leads to the list. It comes by POST, so that a national id that is searched for
// stands in no address: the keyed hash goes there in its place.
func (s *Server) cadreSearch(c *Ctx) error {
	var f cadreFilter
	if err := c.BindForm(&f); err != nil {
		return err
	}
	q, sort := strings.TrimSpace(f.Text), f.Sort
	if hash := s.roster.IDHash(q); hash != "" {
		q, f.ID = "", hash
	} else if q != "" { // words in place of the number
		f.ID = ""
	}
	var on models.Day
	day := ""
	if err := on.UnmarshalText([]byte(c.PostForm("day"))); err == nil && on != 0 && on != c.Today() {
		day = on.String()
	}
	return c.Done(coverageHref("/cadres", "q", q, "idh", f.ID, "org", f.Org, "group", f.Group, "day", day, "state", f.State, "sort", sort), "")
}

// cadreSheet gives the list of cadres as a workbook: everybody whom the filter finds, or the ticked ones.
func (s *Server) cadreSheet(c *Ctx) error {
	var f struct {
		cadreFilter
		selection
	}
	if err := c.BindForm(&f); err != nil {
		return err
	}
	if to := s.withoutNumber(c, f.cadreFilter); to != "" {
		return c.Done(to, "")
	}
	day, err := c.dayFilter("day")
	if err != nil {
		return err
	}
	filter := f.filter(day)
	if filter.IDs, err = f.chosen(); err != nil {
		return err
	}
	names, err := s.groupNames(c)
	if err != nil {
		return err
	}
	sheet := workbook.Sheet{Name: c.T("roster.cadres"), Title: c.T("roster.cadres_on", "day", i18n.Day(c.Lang, day)), Columns: []workbook.Column{
		{Head: c.T("roster.name")}, {Head: c.T("roster.born"), Kind: workbook.Code, Width: 10}, {Head: c.T("roster.sex"), Width: 9}, {Head: c.T("roster.title")},
		{Head: c.T("roster.organisation"), Width: 44}, {Head: c.T("roster.code"), Kind: workbook.Code}, {Head: c.T("roster.groups")}, {Head: c.T("roster.phone"), Kind: workbook.Code}}}
	return c.Sheet("can-bo-"+day.String(), sheet, func(row workbook.Row) error {
		return s.roster.EachCadre(c.Ctx(), c.Actor, filter, f.Sort, func(rows []roster.CadreRow) error {
			for _, r := range rows {
				var born *int
				if r.BirthYear != 0 {
					born = &r.BirthYear
				}
				sex := ""
				if r.Sex != models.SexUnknown {
					sex = c.T("roster.sex_of." + string(r.Sex))
				}
				groups := make([]string, len(r.Groups))
				for i, g := range r.Groups {
					groups[i] = cmp.Or(names[g], g)
				}
				if err := row(r.FullName, born, sex, r.Title, r.Organisation, r.OrgCode, strings.Join(groups, ", "), r.Phone); err != nil {
					return err
				}
			}
			return nil
		})
	})
}

type cadreData struct {
	*roster.CadreDetail
	Timeline     []views.Event
	Now          *roster.PostingRow // main posting today
	Placed       bool               // has a main posting today or later
	GroupNames   map[string]string
	Certificates []certificate.Row
	History      cadreHistory
	MayAccount   bool
	MayCourse    bool
	MayOrg       bool // the present organisation may be opened
	MayEdit      bool

	Changes     []auditLine // the latest, for those who may read the audit
	ChangesMore bool        // there are older ones

	MayLook bool              // at the national id in full
	Look    lookForm          // why somebody looks
	Looks   []roster.Look     // who looked
	Twins   []identity.Pair   // for those who review them
	Numbers *roster.IDNumbers // in full, on the answer to a look alone
}

// cadreShow shows a cadre: who it is, postings, what was completed and certified.
func (s *Server) cadreShow(c *Ctx) error {
	d, err := s.cadreData(c)
	if errs.Is(err, "not_found") {
		return s.cadreMerged(c, err)
	}
	if err != nil {
		return err
	}
	if d.Twins, err = s.identity.Of(c.Ctx(), c.Actor, d.ID); err != nil {
		return err
	}
	return c.Page("cadre/show", d)
}

// cadreMerged leads from a record that was merged to the one that was kept, where the actor may see that.
func (s *Server) cadreMerged(c *Ctx, notFound error) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	kept, err := s.roster.KeptID(c.Ctx(), id)
	if err != nil {
		return err
	}
	if kept == 0 {
		return notFound
	}
	if _, err := s.roster.Cadre(c.Ctx(), c.Actor, access.RosterRead, kept); err != nil {
		return err
	}
	return c.Done(cadrePath(kept), "identity.leads_here")
}

func (s *Server) cadreData(c *Ctx) (d cadreData, err error) {
	id, err := c.ID("id")
	if err != nil {
		return d, err
	}
	d = cadreData{MayAccount: c.Actor.May(access.AccountRead), MayCourse: c.Actor.May(access.CourseRead), MayEdit: c.Actor.May(access.RosterWrite),
		MayLook: c.Actor.May(access.NationalIDRead)}
	if d.CadreDetail, err = s.roster.Cadre(c.Ctx(), c.Actor, access.RosterRead, id); err != nil {
		return d, err
	}
	if d.GroupNames, err = s.groupNames(c); err != nil {
		return d, err
	}
	if d.History, err = s.cadreHistory(c, id); err != nil {
		return d, err
	}
	if c.Actor.May(access.CertificateRead) {
		l, err := s.certificate.List(c.Ctx(), c.Actor, access.CertificateRead, certificate.Filter{CadreID: id}, page.Ask{})
		if err != nil {
			return d, err
		}
		d.Certificates = l.Rows
	}
	if c.Actor.May(access.AuditRead) {
		p, err := s.access.Audit(c.Ctx(), access.AuditFilter{Noun: "cadre", NounID: id}, page.Ask{})
		if err != nil {
			return d, err
		}
		d.ChangesMore = p.After != ""
		if d.Changes, err = s.auditLines(c, p.Rows, maxFact); err != nil {
			return d, err
		}
	}
	if d.MayLook {
		if d.Looks, err = s.roster.Looks(c.Ctx(), id); err != nil {
			return d, err
		}
	}
	today := c.Today()
	for i, p := range d.Postings {
		if p.Main && p.CountsOn(today) {
			d.Now = &d.Postings[i]
			d.MayOrg = c.Actor.ReachesPath(access.RosterRead, p.OrgPath)
		}
		d.Placed = d.Placed || p.Main && p.ToDay > today
		d.Timeline = append(d.Timeline, postingEvent(c, p, d.GroupNames))
	}
	return d, nil
}

// postingEvent shows a posting in the timeline, with what may be done at it.
func postingEvent(c *Ctx, p roster.PostingRow, groups map[string]string) views.Event {
	today := c.Today()
	e := views.Event{When: span(c, p.FromDay, p.ToDay), Title: p.Organisation, Body: p.Title}
	var notes []string
	for _, g := range p.Groups {
		if name := groups[g]; name != "" {
			g = name
		}
		notes = append(notes, g)
	}
	if !p.Main {
		notes = append(notes, c.T("roster.concurrent"))
	}
	if p.Line != "" {
		notes = append(notes, c.T("roster.line", "name", p.Line))
	}
	if p.EndReason != models.EndNone {
		notes = append(notes, c.T("posting.reason."+string(p.EndReason)))
	}
	e.Who = strings.Join(notes, " · ")
	if p.CountsOn(today) {
		e.Kind = "good"
	}
	if c.Actor.ReachesPath(access.RosterRead, p.OrgPath) {
		e.Href = "/organisations/" + p.OrgCode
	}
	e.Parts = leaveParts(c, p.Leaves)
	if !c.Actor.ReachesPath(access.RosterWrite, p.OrgPath) {
		return e
	}
	for i, l := range p.Leaves {
		for _, kind := range []roster.ChangeKind{roster.ChangeCorrectLeave, roster.ChangeRemoveLeave} {
			e.Parts[i].Links = append(e.Parts[i].Links, views.Link{Href: changePath(p.CadreID, kind, "leave_id", l.ID), Label: c.T("posting.do." + string(kind))})
		}
	}
	for _, kind := range changesOf(p.Posting, today) {
		label := "posting.do." + string(kind)
		if kind == roster.ChangeEnd && !p.Main {
			label += "_concurrent"
		}
		e.Links = append(e.Links, views.Link{Href: changePath(p.CadreID, kind, "posting_id", p.ID), Label: c.T(label)})
	}
	return e
}

// changesOf says what can sensibly be done at a posting.
func changesOf(p models.Posting, today models.Day) []roster.ChangeKind {
	var out []roster.ChangeKind
	if p.ToDay > today {
		if p.Main && p.FromDay < today {
			out = append(out, roster.ChangeTransfer)
		}
		if p.FromDay < today {
			out = append(out, roster.ChangeDuty)
		}
		out = append(out, roster.ChangeLeave, roster.ChangeEnd)
	}
	return append(out, roster.ChangeCorrect, roster.ChangeRemove)
}

func changePath(cadre uint64, kind roster.ChangeKind, name string, id uint64) string {
	return cadrePath(cadre) + "/change?kind=" + string(kind) + "&" + name + "=" + strconv.FormatUint(id, 10)
}

// BornText is the birth day, or the year where only that is known.
func (d cadreData) BornText(lang string) string { return bornText(lang, d.Cadre) }

func bornText(lang string, c models.Cadre) string {
	if c.BirthDay != 0 {
		return i18n.Day(lang, c.BirthDay)
	}
	if c.BirthYear != 0 {
		return strconv.Itoa(c.BirthYear)
	}
	return ""
}
