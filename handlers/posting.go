package handlers

import (
	"net/url"
	"strconv"
	"strings"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/enrolment"
	"taphuan/app/errs"
	"taphuan/app/i18n"
	"taphuan/app/roster"
	"taphuan/models"
	"taphuan/views"
)

// changeForm is one change of somebody's postings. Forms ask for the last day of work; To is the first day after it.
type changeForm struct {
	Kind         string   `form:"kind" binding:"max=20"`
	Version      int      `form:"version" binding:"min=0"`
	PostingID    uint64   `form:"posting_id"`
	LeaveID      uint64   `form:"leave_id"`
	Organisation string   `form:"organisation" binding:"max=40"`
	Line         string   `form:"line" binding:"max=40"`
	Title        string   `form:"title" binding:"max=400"`
	Groups       []string `form:"groups" binding:"max=20,dive,max=40"`
	From         string   `form:"from" binding:"max=40"`
	To           string   `form:"to" binding:"max=40"`
	Reason       string   `form:"reason" binding:"max=20"`
	Leave        string   `form:"leave" binding:"max=20"`
	Note         string   `form:"note" binding:"max=1000"`
	Typed        bool     `form:"typed"`   // the address holds what was typed: nothing is filled in
	Preview      bool     `form:"preview"` // say what it would do
}

func (f changeForm) input() (roster.ChangeInput, error) {
	in := roster.ChangeInput{Kind: roster.ChangeKind(f.Kind), Version: f.Version, PostingID: f.PostingID, LeaveID: f.LeaveID, Organisation: f.Organisation, Line: f.Line, Title: f.Title,
		Groups: f.Groups, Reason: models.EndReason(f.Reason), Leave: models.LeaveKind(f.Leave), Note: f.Note}
	var bad errs.Fields
	for _, x := range []struct {
		name, text string
		day        *models.Day
	}{{"from", f.From, &in.From}, {"to", f.To, &in.To}} {
		if err := x.day.UnmarshalText([]byte(strings.TrimSpace(x.text))); err != nil || *x.day == models.Forever {
			bad.Add(x.name, "day")
		}
	}
	in.To = in.To.AddDays(1)
	return in, bad.Err()
}

// Values are the form as an address or hidden fields hold it.
func (f changeForm) Values() url.Values {
	v := url.Values{"kind": {f.Kind}, "version": {strconv.Itoa(f.Version)}, "organisation": {f.Organisation}, "line": {f.Line}, "title": {f.Title}, "groups": f.Groups,
		"from": {f.From}, "to": {f.To}, "reason": {f.Reason}, "leave": {f.Leave}, "note": {f.Note}}
	for name, id := range map[string]uint64{"posting_id": f.PostingID, "leave_id": f.LeaveID} {
		if id != 0 {
			v.Set(name, strconv.FormatUint(id, 10))
		}
	}
	for name, x := range v {
		if len(x) == 1 && x[0] == "" {
			v.Del(name)
		}
	}
	return v
}

// Again is the address of the form as it was filled in.
func (f changeForm) Again() string { return "?" + f.Values().Encode() + "&typed=true" }

// Asks says whether the form of this kind has the field.
func (f changeForm) Asks(field string) bool {
	return slicesHas(map[string]string{
		"organisation": "hire transfer concurrent correct",
		"title":        "hire transfer change concurrent correct",
		"from":         "hire transfer change concurrent leave correct correct_leave",
		"to":           "hire concurrent end leave correct correct_leave",
		"leave":        "leave correct_leave",
		"why":          "correct remove correct_leave remove_leave",
	}[field], f.Kind)
}

func slicesHas(words, word string) bool { return strings.Contains(" "+words+" ", " "+word+" ") }

// placeOptions are what a form lets choose for a posting.
type placeOptions struct {
	Orgs, Lines, GroupList, Reasons, Ends, LeaveList []views.Option

	Limited bool // to the actor's own organisations
}

func (s *Server) placeOptions(c *Ctx, ended bool) (o placeOptions, err error) {
	orgs, err := s.roster.Places(c.Ctx(), c.Actor, ended)
	if err != nil {
		return o, err
	}
	o.Limited = !c.Actor.Whole(access.RosterWrite)
	least := -1
	for _, x := range orgs {
		if least < 0 || x.Depth < least {
			least = x.Depth
		}
	}
	today := c.Today()
	for _, x := range orgs {
		label := x.Name
		if x.ToDay <= today {
			label = c.T("posting.ended_organisation", "name", x.Name, "day", i18n.Day(c.Lang, x.ToDay.AddDays(-1)))
		}
		o.Orgs = append(o.Orgs, views.Option{Value: x.Code, Label: label, Depth: x.Depth - least, Disabled: x.Kind.IsTotal()})
	}
	lines, err := s.roster.Lines(c.Ctx())
	if err != nil {
		return o, err
	}
	for _, x := range lines {
		o.Lines = append(o.Lines, views.Option{Value: x.Code, Label: x.Name})
	}
	groups, err := s.groups(c)
	for _, g := range groups {
		o.GroupList = append(o.GroupList, views.Option{Value: g.Code, Label: g.Name(c.Lang)})
	}
	for _, r := range roster.EndReasons {
		o.Reasons = append(o.Reasons, views.Option{Value: r, Label: c.T("posting.reason." + string(r))})
	}
	o.Ends = append([]views.Option{{Value: models.EndTransferred, Label: c.T("posting.reason.transferred")}, {Value: models.EndOrganisation, Label: c.T("posting.reason.organisation_ended")}}, o.Reasons...)
	for _, k := range roster.LeaveKinds {
		o.LeaveList = append(o.LeaveList, views.Option{Value: k, Label: c.T("posting.leave_kind." + string(k))})
	}
	return o, err
}

type changeData struct {
	*roster.CadreDetail
	placeOptions
	Form    changeForm
	At      *roster.PostingRow // what is acted on
	AtWhen  string
	Away    *models.Leave
	Preview *previewData
}

// changeForm shows the form of one change, or with preview what it would do to the postings and to coverage.
func (s *Server) changePage(c *Ctx) error {
	var f changeForm
	if err := c.BindForm(&f); err != nil {
		return err
	}
	d, err := s.changeData(c, f)
	if err != nil {
		return err
	}
	switch {
	case d.Form.Kind == "":
		return c.Done(cadrePath(d.ID), "")
	case !f.Preview:
		return c.Page("posting/change", d)
	}
	in, err := f.input()
	if err == nil {
		var p *roster.ChangePreview
		if p, err = s.roster.PreviewChange(c.Ctx(), c.Actor, d.ID, in); err == nil {
			if d.Preview, err = s.previewData(c, p); err != nil {
				return err
			}
			return c.Page("posting/preview", d)
		}
	}
	d.Form.Version = d.HistoryVersion // shown as it is now
	return c.Invalid("posting/change", d, err)
}

// changeData reads what the page of a change shows. A kind that is none becomes "". Who is to come back onto a roster may be in
// nobody's scope yet: then only the preview says who it is.
func (s *Server) changeData(c *Ctx, f changeForm) (d changeData, err error) {
	id, err := c.ID("id")
	if err != nil {
		return d, err
	}
	d.Form = f
	d.CadreDetail, err = s.roster.Cadre(c.Ctx(), c.Actor, access.RosterWrite, id)
	if errs.Is(err, "not_found") && roster.ChangeKind(f.Kind) == roster.ChangeHire {
		if in, bad := f.input(); bad == nil {
			p, refused := s.roster.PreviewChange(c.Ctx(), c.Actor, id, in)
			if refused == nil {
				d.CadreDetail, err = &roster.CadreDetail{Cadre: p.Cadre}, nil
			}
		}
	}
	if err != nil {
		return d, err
	}
	if !slicesHas(kindsInWords(), f.Kind) {
		d.Form.Kind = ""
		return d, nil
	}
	if d.placeOptions, err = s.placeOptions(c, f.Kind == string(roster.ChangeCorrect)); err != nil {
		return d, err
	}
	for i := range d.Postings {
		p := &d.Postings[i]
		for j := range p.Leaves {
			if l := &p.Leaves[j]; l.ID == f.LeaveID && f.LeaveID != 0 {
				d.Away, d.At = l, p
			}
		}
		if p.ID == f.PostingID && f.PostingID != 0 {
			d.At = p
		}
	}
	if d.At == nil && (f.PostingID != 0 || f.LeaveID != 0) {
		return d, errs.NotFound("posting")
	}
	if d.At != nil {
		d.AtWhen = span(c, d.At.FromDay, d.At.ToDay)
	}
	if !f.Typed && !f.Preview && c.Request.Method == "GET" {
		d.fill(c)
	}
	return d, nil
}

func kindsInWords() string {
	words := make([]string, len(roster.ChangeKinds))
	for i, k := range roster.ChangeKinds {
		words[i] = string(k)
	}
	return strings.Join(words, " ")
}

// fill puts what is known into a form that is shown for the first time.
func (d *changeData) fill(c *Ctx) {
	f := &d.Form
	f.Version = d.HistoryVersion
	last := func(day models.Day) string {
		if day == models.Forever {
			return ""
		}
		return day.AddDays(-1).String()
	}
	f.From = c.Today().String()
	switch kind := roster.ChangeKind(f.Kind); {
	case d.Away != nil:
		f.Leave, f.From, f.To = string(d.Away.Kind), d.Away.FromDay.String(), last(d.Away.ToDay)
	case d.At != nil && kind != roster.ChangeLeave && kind != roster.ChangeConcurrent:
		f.Title, f.Groups, f.Line = d.At.Title, d.At.Groups, d.At.LineCode
		if kind == roster.ChangeCorrect {
			f.Organisation, f.From, f.To, f.Reason = d.At.OrgCode, d.At.FromDay.String(), last(d.At.ToDay), string(d.At.EndReason)
		}
	}
}

// changeSave makes the change.
func (s *Server) changeSave(c *Ctx) error {
	var f changeForm
	if err := c.BindForm(&f); err != nil {
		return err
	}
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	in, err := f.input()
	if err == nil {
		err = s.roster.Change(c.Ctx(), c.Actor, id, in)
	}
	if err != nil {
		d, again := s.changeData(c, f)
		if again != nil {
			return again
		}
		d.Form.Version = d.HistoryVersion
		return c.Invalid("posting/change", d, err)
	}
	if _, err := s.roster.Cadre(c.Ctx(), c.Actor, access.RosterRead, id); errs.Is(err, "not_found") {
		return c.Done("/cadres", "posting.saved") // has left the scope, or is not there any more
	}
	return c.Done(cadrePath(id), "posting.saved")
}

// previewData says what a change would do.
type previewData struct {
	Timeline []views.Event
	Coverage []coverage.Change
	Leaves   models.Day // the last day on a roster
	Courses  []enrolment.OwnCourse
	Past     bool // it changes what was
}

func (s *Server) previewData(c *Ctx, p *roster.ChangePreview) (*previewData, error) {
	d := &previewData{}
	groups, err := s.groups(c)
	if err != nil {
		return nil, err
	}
	names := map[uint64]string{}
	for _, g := range groups {
		names[g.ID] = g.Short(c.Lang)
	}
	d.Timeline, d.Past = s.previewEvents(c, p, names), p.First != 0 && p.First < c.Today()
	changes, err := s.coverage.Effect(c.Ctx(), coverage.PostingsOf(p.Before), coverage.PostingsOf(p.After))
	if err != nil {
		return nil, err
	}
	for _, x := range changes {
		if c.Actor.ReachesPath(access.CoverageRead, x.Organisation.Path) {
			d.Coverage = append(d.Coverage, x)
		}
	}
	if p.Leaves != 0 {
		d.Leaves = p.Leaves.AddDays(-1)
		if d.Courses, err = s.enrolment.OpenAfter(c.Ctx(), p.Cadre.ID, p.Leaves); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// previewEvents shows the postings that change as they would be, with what they were, the latest first.
func (s *Server) previewEvents(c *Ctx, p *roster.ChangePreview, groups map[uint64]string) []views.Event {
	was := map[uint64]*roster.HistoryPosting{}
	for i := range p.Before {
		was[p.Before[i].ID] = &p.Before[i]
	}
	show := func(x *roster.HistoryPosting, kind, first string) views.Event {
		return views.Event{When: span(c, x.FromDay, x.ToDay), Title: p.Organisations[x.OrganisationID].Name, Body: x.Title, Who: postingNotes(c, x, groups), Kind: kind,
			Parts: append([]views.EventPart{{Text: first}}, leaveParts(c, x.Leaves)...)}
	}
	var events []views.Event
	for i := len(p.After) - 1; i >= 0; i-- {
		x := &p.After[i]
		before := was[x.ID]
		delete(was, x.ID)
		switch {
		case x.ID == 0:
			events = append(events, show(x, "good", c.T("posting.is_new")))
		case !x.Same(before):
			e, b := show(x, "warn", ""), show(before, "", "")
			old := []string{b.When}
			for _, pair := range [][2]string{{b.Title, e.Title}, {b.Body, e.Body}, {groupWords(before, groups), groupWords(x, groups)}} {
				if pair[0] != pair[1] && pair[0] != "" {
					old = append(old, pair[0])
				}
			}
			e.Parts[0].Text = c.T("posting.was", "what", strings.Join(old, " · "))
			events = append(events, e)
		}
	}
	for i := range p.Before {
		if x := &p.Before[i]; was[x.ID] != nil {
			events = append(events, show(x, "bad", c.T("posting.is_removed")))
		}
	}
	return events
}

// span writes a time from a day on, what is planned as such.
func span(c *Ctx, from, to models.Day) string {
	first, last := i18n.Day(c.Lang, from), i18n.Day(c.Lang, to.AddDays(-1))
	today := c.Today()
	switch {
	case to == models.Forever && from > today:
		return c.T("posting.planned_since", "day", first)
	case to == models.Forever:
		return c.T("roster.since", "day", first)
	case from > today:
		return c.T("posting.planned_from_to", "from", first, "to", last)
	case to > today:
		return c.T("posting.planned_until", "from", first, "to", last)
	}
	return c.T("roster.from_to", "from", first, "to", last)
}

// postingNotes writes the groups of a posting and how it stands and ends.
func postingNotes(c *Ctx, p *roster.HistoryPosting, groups map[uint64]string) string {
	var notes []string
	if words := groupWords(p, groups); words != "" {
		notes = append(notes, words)
	}
	if !p.Main {
		notes = append(notes, c.T("roster.concurrent"))
	}
	if p.EndReason != models.EndNone {
		notes = append(notes, c.T("posting.reason."+string(p.EndReason)))
	}
	return strings.Join(notes, " · ")
}

func groupWords(p *roster.HistoryPosting, names map[uint64]string) string {
	words := make([]string, len(p.Groups))
	for i, g := range p.Groups {
		words[i] = names[g]
	}
	return strings.Join(words, ", ")
}

func leaveParts(c *Ctx, leaves []models.Leave) []views.EventPart {
	var out []views.EventPart
	for _, l := range leaves {
		out = append(out, views.EventPart{Text: c.T("posting.leave_kind."+string(l.Kind)) + ", " + span(c, l.FromDay, l.ToDay)})
	}
	return out
}
