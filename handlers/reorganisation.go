package handlers

import (
	"cmp"
	"net/http"
	"slices"

	"taphuan/app/errs"
	"taphuan/app/page"
	"taphuan/app/roster"
	"taphuan/app/workbook"
	"taphuan/models"
	"taphuan/views"
)

// placementBody is what a form or a file with placements may carry.
const placementBody = 16 << 20

// reorganisationList names the organisations that ended and still have people whom nobody has placed, and those that are done.
func (s *Server) reorganisationList(c *Ctx) error {
	d, err := s.reorganisationListData(c)
	if err != nil {
		return err
	}
	return c.Page("reorganisation/list", d)
}

var reorganisationColumns = columns[reorganisationUnit]{
	"day":    func(a, b reorganisationUnit) int { return cmp.Compare(a.EndDay, b.EndDay) },
	"left":   func(a, b reorganisationUnit) int { return cmp.Compare(a.Undecided, b.Undecided) },
	"name":   func(a, b reorganisationUnit) int { return cmp.Compare(wordOrder(a.Name), wordOrder(b.Name)) },
	"people": func(a, b reorganisationUnit) int { return cmp.Compare(a.People, b.People) },
}

func (s *Server) reorganisationListData(c *Ctx) (d reorganisationListData, err error) {
	var f sorting
	if err := c.BindForm(&f); err != nil {
		return d, err
	}
	r, err := s.roster.Reorganisations(c.Ctx(), c.Actor)
	if err != nil {
		return d, err
	}
	d = reorganisationUnits(r)
	reorganisationColumns.sort(d.Open, f)
	reorganisationColumns.sort(d.Done, f)
	return d, nil
}

// Total is how many organisations ended with people.
func (d reorganisationListData) Total() page.Total {
	return page.Total{N: int64(len(d.Open) + len(d.Done))}
}

// reorganisationSheet gives the list of organisations that ended as a workbook.
func (s *Server) reorganisationSheet(c *Ctx) error {
	d, err := s.reorganisationListData(c)
	if err != nil {
		return err
	}
	sheet := workbook.Sheet{Name: c.T("reorganisation.title"), Title: c.T("reorganisation.title"), Columns: []workbook.Column{{Head: c.T("reorganisation.ended"), Width: 44}, {Head: c.T("roster.code"), Kind: workbook.Code}, {Head: c.T("reorganisation.last_day"), Kind: workbook.Day},
		{Head: c.T("reorganisation.successors"), Kind: workbook.Number}, {Head: c.T("reorganisation.people"), Kind: workbook.Number}, {Head: c.T("reorganisation.left_over"), Kind: workbook.Number}}}
	return c.Sheet("sap-xep-lai", sheet, func(row workbook.Row) error {
		for _, u := range slices.Concat(d.Open, d.Done) {
			if err := row(u.Name, u.Code, u.EndDay.AddDays(-1), u.Heirs, u.People, u.Undecided); err != nil {
				return err
			}
		}
		return nil
	})
}

// reorganisationUnit is an organisation whose successors count for itself and the offices below it, with their people.
type reorganisationUnit struct {
	Code, Name        string
	EndDay            models.Day
	Heirs             int
	Offices           int
	People, Undecided int64
}

type reorganisationListData struct {
	*roster.Reorganisation
	Open, Done []reorganisationUnit
}

func reorganisationUnits(r *roster.Reorganisation) reorganisationListData {
	var units []reorganisationUnit
	at := map[string]int{}
	for _, o := range r.Offices {
		i, ok := at[o.Unit.Code]
		if !ok {
			i = len(units)
			at[o.Unit.Code] = i
			units = append(units, reorganisationUnit{Code: o.Unit.Code, Name: o.Unit.Name, EndDay: o.ToDay, Heirs: len(o.Heirs)})
		}
		u := &units[i]
		u.Offices++
		u.People += o.People
		u.Undecided += o.Undecided
	}
	d := reorganisationListData{Reorganisation: r}
	for _, u := range units {
		if u.Undecided > 0 {
			d.Open = append(d.Open, u)
		} else {
			d.Done = append(d.Done, u)
		}
	}
	return d
}

// placementRow is a row of the worksheet: who, from where, and what was chosen.
type placementRow struct {
	roster.Unplaced
	Options    []views.Option // where to
	To         string
	NewTitle   string
	NewGroups  []views.Option
	Chosen     []string // groups
	From       string
	Picked     bool
	Why        string // of a row of a file that cannot be
	Place      string // of the row in the file
	Where      string // in words, of a row of a file
	GroupNames []string
}

// Field names a field of the row.
func (r placementRow) Field(name string) string { return roster.PlacementField(name, r.PostingID) }

type reorganisationData struct {
	models.Organisation
	*roster.Reorganisation
	Rows     []placementRow
	Number   int
	Size     int
	Heirs    []models.Organisation // of all offices with people left, where they have the same; for many rows at once
	From     string
	Bulk     string
	Cannot   []placementRow // who cannot simply go on where there is one successor
	May      int            // and how many can
	Single   string         // the one successor of all who can
	NoHeirs  bool
	Accepted []placementRow // of a file
	Refused  []placementRow
	Empty    int // rows of the file without a choice
	Groups   []models.TargetGroup
}

// Whole says whether the people come from several offices.
func (d reorganisationData) Whole() bool { return len(d.Offices) > 1 }

// BulkOptions are the successors that all people left may go to.
func (d reorganisationData) BulkOptions() []views.Option {
	var out []views.Option
	for _, h := range d.Heirs {
		out = append(out, views.Option{Value: h.Code, Label: h.Name})
	}
	return out
}

func (s *Server) reorganisationData(c *Ctx) (*reorganisationData, error) {
	n, err := c.pageNumber()
	if err != nil {
		return nil, err
	}
	d := &reorganisationData{Size: roster.PageSize}
	if d.Organisation, d.Reorganisation, err = s.roster.Reorganisation(c.Ctx(), c.Actor, c.Param("code")); err != nil {
		return nil, err
	}
	if d.Groups, err = s.groups(c); err != nil {
		return nil, err
	}
	d.Number = max(1, min(n, int(d.Undecided+roster.PageSize-1)/roster.PageSize))
	rows, err := s.roster.UnplacedPage(c.Ctx(), d.Organisation, d.Number)
	if err != nil {
		return nil, err
	}
	for _, u := range rows {
		d.Rows = append(d.Rows, d.row(c, u))
	}
	d.sameHeirs()
	return d, s.reorganisationContinuing(c, d)
}

// row makes a row of the worksheet with title and groups as they were.
func (d *reorganisationData) row(c *Ctx, u roster.Unplaced) placementRow {
	x := placementRow{Unplaced: u, NewTitle: u.Title, Chosen: u.Groups}
	for _, o := range d.Offices {
		if o.ID == u.OfficeID {
			for _, h := range o.Heirs {
				x.Options = append(x.Options, views.Option{Value: h.Code, Label: h.Name, Group: c.T("reorganisation.successors")})
			}
		}
	}
	x.Options = append(x.Options, leftOptions(c, u.Main)...)
	for _, g := range d.Groups {
		x.NewGroups = append(x.NewGroups, views.Option{Value: g.Code, Label: g.Short(c.Lang)})
	}
	return x
}

// leftOptions are the ways in which somebody is placed nowhere; of a posting beside the main one there is one.
func leftOptions(c *Ctx, main bool) []views.Option {
	if !main {
		return []views.Option{{Value: models.EndOther, Label: c.T("reorganisation.left_concurrent"), Group: c.T("reorganisation.left")}}
	}
	var out []views.Option
	for _, r := range roster.Left {
		out = append(out, views.Option{Value: r, Label: c.T("reorganisation.left_as." + string(r)), Group: c.T("reorganisation.left")})
	}
	return out
}

// sameHeirs finds the successors that all offices with people left have.
func (d *reorganisationData) sameHeirs() {
	first := true
	for _, o := range d.Offices {
		if o.Undecided == 0 {
			continue
		}
		d.NoHeirs = d.NoHeirs || len(o.Heirs) == 0
		if first {
			d.Heirs, first = o.Heirs, false
		} else if !slices.Equal(codesOf(d.Heirs), codesOf(o.Heirs)) {
			d.Heirs = nil
		}
	}
}

func codesOf(orgs []models.Organisation) []string {
	out := make([]string, len(orgs))
	for i, o := range orgs {
		out[i] = o.Code
	}
	return out
}

func (s *Server) reorganisationContinuing(c *Ctx, d *reorganisationData) error {
	if d.Undecided == 0 {
		return nil
	}
	rows, err := s.roster.Continuing(c.Ctx(), c.Actor, d.Code)
	for _, x := range rows {
		if x.Refusal == nil {
			d.May++
			if d.May > 1 && d.Single != x.Organisation.Name {
				d.Single = ""
				continue
			}
			d.Single = x.Organisation.Name
			continue
		}
		d.Cannot = append(d.Cannot, placementRow{Unplaced: x.Unplaced, Where: x.Organisation.Name, Why: c.message(x.Refusal.Code, x.Refusal.Params)})
	}
	return err
}

// reorganisationShow is the worksheet of an organisation that ended: its people, and where they go.
func (s *Server) reorganisationShow(c *Ctx) error {
	d, err := s.reorganisationData(c)
	if err != nil {
		return err
	}
	return c.Page("reorganisation/show", d)
}

// reorganisationContinue lets everybody go on at the one successor.
func (s *Server) reorganisationContinue(c *Ctx) error {
	n, err := s.roster.Continue(c.Ctx(), c.Actor, c.Param("code"))
	if err != nil {
		return s.reorganisationRefused(c, nil, err)
	}
	return c.Done(organisationPath(c.Param("code"))+"/reorganisation", "reorganisation.placed", "n", n)
}

type placementForm struct {
	Rows  []uint64 `form:"row"`
	Picks []uint64 `form:"pick"`
	Bulk  string   `form:"bulk" binding:"max=40"`
	From  string   `form:"from" binding:"max=40"`
	File  bool     `form:"file"` // what a file said, looked at and confirmed
}

// placements reads the rows of the form in which something was chosen; what was typed goes back into the worksheet's rows.
func (f placementForm) placements(c *Ctx, d *reorganisationData) ([]roster.Placement, error) {
	var out []roster.Placement
	var bad errs.Fields
	shown := map[uint64]*placementRow{}
	if d != nil {
		for i := range d.Rows {
			shown[d.Rows[i].PostingID] = &d.Rows[i]
		}
	}
	if len(f.Rows) > roster.MaxPlacements {
		return nil, errs.Invalid("too_many_placements", errs.Params{"n": roster.MaxPlacements})
	}
	for _, id := range f.Rows {
		in := func(name string) string { return c.PostForm(roster.PlacementField(name, id)) }
		p := roster.Placement{PostingID: id, To: in("to"), Title: in("title"), Groups: c.PostFormArray(roster.PlacementField("groups", id))}
		picked := slices.Contains(f.Picks, id)
		if x := shown[id]; x != nil {
			x.To, x.NewTitle, x.Chosen, x.Picked = p.To, p.Title, p.Groups, picked
		}
		if p.To == "" && picked {
			p.To = f.Bulk
		}
		if p.To == "" {
			continue
		}
		from := in("from")
		if from == "" {
			from = f.From
		}
		if err := p.From.UnmarshalText([]byte(from)); err != nil {
			bad.Add("from", "day")
		}
		out = append(out, p)
	}
	return out, bad.Err()
}

// reorganisationPlace saves the part of the worksheet that was sent.
func (s *Server) reorganisationPlace(c *Ctx) error {
	var f placementForm
	if err := c.BindForm(&f); err != nil {
		return s.reorganisationRefused(c, nil, err)
	}
	list, err := f.placements(c, nil)
	n := 0
	if err == nil {
		n, err = s.roster.Place(c.Ctx(), c.Actor, c.Param("code"), list)
	}
	if err == nil {
		return c.Done(organisationPath(c.Param("code"))+"/reorganisation", "reorganisation.placed", "n", n)
	}
	if f.File && errs.As(err).Kind == errs.KindInvalid {
		return s.worksheetChecked(c, list, nil, 0, http.StatusUnprocessableEntity)
	}
	return s.reorganisationRefused(c, &f, err)
}

// reorganisationRefused shows the worksheet again as it was typed.
func (s *Server) reorganisationRefused(c *Ctx, f *placementForm, refusal error) error {
	d, err := s.reorganisationData(c)
	if err != nil {
		return err
	}
	if f != nil {
		d.From, d.Bulk = f.From, f.Bulk
		_, _ = f.placements(c, d) // the refusal is known
	}
	e := errs.As(refusal)
	gone := map[string]bool{}
	for _, x := range d.Rows {
		gone[x.Field("to")] = true
	}
	for _, x := range e.Fields { // of people who are not on the page any more, somebody else has decided
		if x.Code == "already_decided" && !gone[x.Name] {
			return c.Invalid("reorganisation/show", d, errs.Conflict("already_decided"))
		}
	}
	return c.Invalid("reorganisation/show", d, refusal)
}
