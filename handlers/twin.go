package handlers

import (
	"cmp"
	"strconv"

	"taphuan/app/errs"
	"taphuan/app/identity"
	"taphuan/app/page"
	"taphuan/app/workbook"
	"taphuan/models"
	"taphuan/views"
)

type twinFilter struct {
	State string `form:"state" binding:"omitempty,oneof=open distinct merged"`
	Page  int    `form:"page" binding:"min=0,max=1000000"`
}

type twinListData struct {
	*identity.List
	State models.TwinState
	Tabs  []views.Link
	Size  int
	Total int64
}

// twinList is the queue of cadres who may be one person.
func (s *Server) twinList(c *Ctx) error {
	var f twinFilter
	if err := c.BindForm(&f); err != nil {
		return err
	}
	d := twinListData{State: models.TwinState(f.State), Size: identity.PageSize}
	if d.State == "" {
		d.State = models.TwinOpen
	}
	var err error
	if d.List, err = s.identity.Pairs(c.Ctx(), c.Actor, identity.Filter{State: d.State, Page: f.Page}); err != nil {
		return err
	}
	d.Total = d.Counts[d.State]
	for _, state := range []models.TwinState{models.TwinOpen, models.TwinDistinct, models.TwinMerged} {
		d.Tabs = append(d.Tabs, views.Link{Href: "/twins?state=" + string(state), Label: c.T("identity.state." + string(state)), Count: int(d.Counts[state]), Current: state == d.State})
	}
	return c.Page("identity/list", d)
}

// Found is how many pairs are in the state.
func (d twinListData) Found() page.Total { return page.Total{N: d.Total} }

// twinSheet gives the pairs of a state as a workbook.
func (s *Server) twinSheet(c *Ctx) error {
	var f twinFilter
	if err := c.BindForm(&f); err != nil {
		return err
	}
	l, err := s.identity.Pairs(c.Ctx(), c.Actor, identity.Filter{State: cmp.Or(models.TwinState(f.State), models.TwinOpen), All: true})
	if err != nil {
		return err
	}
	sheet := workbook.Sheet{Name: c.T("identity.twins"), Title: c.T("identity.twins")}
	for n := range 2 {
		sheet.Columns = append(sheet.Columns, workbook.Column{Head: c.T("identity.record", "n", n+1)}, workbook.Column{Head: c.T("roster.born"), Kind: workbook.Code, Width: 10},
			workbook.Column{Head: c.T("roster.title")}, workbook.Column{Head: c.T("roster.organisation"), Width: 40})
	}
	sheet.Columns = append(sheet.Columns, workbook.Column{Head: c.T("identity.why"), Width: 40})
	return c.Sheet("ra-soat-trung", sheet, func(row workbook.Row) error {
		for _, r := range l.Rows {
			var cells []any
			for _, p := range []identity.Person{r.A, r.B} {
				var born *int
				if p.BirthYear != 0 {
					born = &p.BirthYear
				}
				cells = append(cells, p.FullName, born, p.Title, p.Organisation)
			}
			if err := row(append(cells, c.T("identity.reason."+string(r.Reason)))...); err != nil {
				return err
			}
		}
		return nil
	})
}

type twinForm struct {
	Keep    uint64 `form:"keep"`
	Name    uint64 `form:"name"`
	Born    uint64 `form:"born"`
	Sex     uint64 `form:"sex"`
	ID      uint64 `form:"national_id"`
	OldID   uint64 `form:"old_id"`
	Phone   uint64 `form:"phone"`
	Email   uint64 `form:"email"`
	Account uint64 `form:"account"`
	Version string `form:"version" binding:"max=200"`
}

func (f twinForm) choice() identity.Choice {
	return identity.Choice{Keep: f.Keep, Name: f.Name, Born: f.Born, Sex: f.Sex, ID: f.ID, OldID: f.OldID, Phone: f.Phone, Email: f.Email, Account: f.Account, Version: f.Version}
}

// twinField is a value in which the two records differ and both say something.
type twinField struct {
	Name, Label string
	Options     []views.Option
	Value       uint64
}

type twinData struct {
	*identity.Comparison
	Form   twinForm
	Fields []twinField
	Keep   []views.Option
}

func (s *Server) twinData(c *Ctx) (*twinData, error) {
	id, err := c.ID("id")
	if err != nil {
		return nil, err
	}
	x, err := s.identity.Compare(c.Ctx(), c.Actor, id)
	if err != nil {
		return nil, err
	}
	d := &twinData{Comparison: x}
	if x.State == models.TwinMerged {
		return d, nil
	}
	d.Form.Keep, d.Form.Version = x.Sides[x.Later].ID, x.Version
	d.choices(c)
	return d, nil
}

// choices are the questions that the form asks.
func (d *twinData) choices(c *Ctx) {
	a, b := d.Sides[0], d.Sides[1]
	for i, side := range d.Sides {
		o := views.Option{Value: side.ID, Label: c.T("identity.record", "n", i+1) + ": " + side.FullName}
		if i == d.Later {
			o.Hint = c.T("identity.later")
		}
		d.Keep = append(d.Keep, o)
	}
	ends := func(end string) string {
		if end == "" {
			return ""
		}
		return c.T("roster.id_ends", "code", end)
	}
	sex := func(s models.Sex) string {
		if s == models.SexUnknown {
			return ""
		}
		return c.T("roster.sex_of." + string(s))
	}
	for _, x := range []struct {
		name, label string
		a, b        string
		chosen      uint64
	}{
		{"name", "roster.name", a.FullName, b.FullName, d.Form.Name},
		{"born", "roster.born_day", bornText(c.Lang, a.Cadre), bornText(c.Lang, b.Cadre), d.Form.Born},
		{"sex", "roster.sex", sex(a.Sex), sex(b.Sex), d.Form.Sex},
		{"national_id", "roster.national_id", ends(a.NationalIDEnd), ends(b.NationalIDEnd), d.Form.ID},
		{"old_id", "identity.old_id", ends(a.OldIDEnd), ends(b.OldIDEnd), d.Form.OldID},
		{"phone", "roster.phone", a.Phone, b.Phone, d.Form.Phone},
		{"email", "roster.email", a.Email, b.Email, d.Form.Email},
		{"account", "identity.account_stays", a.AccountName, b.AccountName, d.Form.Account},
	} {
		same := x.a == x.b
		switch x.name { // what is shown of ids and accounts does not say that they are the same
		case "national_id":
			same = same && a.NationalIDHash != nil && b.NationalIDHash != nil && *a.NationalIDHash == *b.NationalIDHash
		case "old_id":
			same = same && a.OldIDHash != nil && b.OldIDHash != nil && *a.OldIDHash == *b.OldIDHash
		case "account":
			same = false
		}
		if same || x.a == "" || x.b == "" {
			continue
		}
		if x.chosen == 0 {
			x.chosen = d.Sides[d.Later].ID
			if x.name == "born" && d.Sides[d.Later].BirthDay == 0 && d.Sides[1-d.Later].BirthDay != 0 { // the day says more than the year
				x.chosen = d.Sides[1-d.Later].ID
			}
		}
		d.Fields = append(d.Fields, twinField{x.name, c.T(x.label), []views.Option{{Value: a.ID, Label: x.a}, {Value: b.ID, Label: x.b}}, x.chosen})
	}
}

// Losses are what of the postings is cut where the record is kept, in words.
func (d *twinData) Losses(keep int) (out []identity.Cut) {
	for _, x := range d.Cuts[keep] {
		if !x.Whole() {
			out = append(out, x)
		}
	}
	return out
}

// twinShow shows a pair side by side, with what making them one would do.
func (s *Server) twinShow(c *Ctx) error {
	d, err := s.twinData(c)
	if err != nil {
		return err
	}
	return c.Page("identity/show", d)
}

// twinMerge makes the two one.
func (s *Server) twinMerge(c *Ctx) error {
	var f twinForm
	return s.twinAct(c, "identity.merged", func(id uint64) error {
		err := c.BindForm(&f)
		if err == nil {
			err = s.identity.Merge(c.Ctx(), c.Actor, id, f.choice())
		}
		return err
	}, func(d *twinData) {
		d.Fields, d.Keep, d.Form = nil, nil, f
		d.choices(c)
	})
}

// twinDistinct says that the two are two people.
func (s *Server) twinDistinct(c *Ctx) error {
	return s.twinAct(c, "identity.distinct_done", func(id uint64) error { return s.identity.Distinct(c.Ctx(), c.Actor, id) }, nil)
}

// twinReopen takes that back.
func (s *Server) twinReopen(c *Ctx) error {
	return s.twinAct(c, "identity.reopened", func(id uint64) error { return s.identity.Reopen(c.Ctx(), c.Actor, id) }, nil)
}

// twinUndo makes one record two again.
func (s *Server) twinUndo(c *Ctx) error {
	return s.twinAct(c, "identity.undone", func(id uint64) error { return s.identity.Undo(c.Ctx(), c.Actor, id) }, nil)
}

// twinAct decides a pair. What is refused is said on its page as it stands now; typed gives back what was chosen there.
func (s *Server) twinAct(c *Ctx, message string, do func(id uint64) error, typed func(*twinData)) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	if err := do(id); err != nil {
		if errs.As(err).Kind == errs.KindNotFound {
			return err
		}
		d, again := s.twinData(c)
		if again != nil {
			return again
		}
		if typed != nil && d.State != models.TwinMerged {
			typed(d)
		}
		return c.Invalid("identity/show", d, err)
	}
	return c.Done("/twins/"+strconv.FormatUint(id, 10), message)
}

// twinSuggest puts a cadre and whoever has the national id that was typed into the queue.
func (s *Server) twinSuggest(c *Ctx) error {
	d, err := s.cadreEditData(c)
	if err != nil {
		return err
	}
	var f cadreForm
	err = c.BindForm(&f)
	if err == nil {
		err = s.roster.SuggestTwin(c.Ctx(), c.Actor, d.ID, f.NationalID)
	}
	if err != nil {
		d.Form = f
		return c.Invalid("cadre/edit", d, err)
	}
	return c.Done(cadrePath(d.ID), "identity.suggested")
}
