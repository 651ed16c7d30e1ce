package handlers

import (
	"strconv"
	"strings"

	"taphuan/app/errs"
	"taphuan/app/roster"
	"taphuan/models"
	"taphuan/views"
)

// importChange is what a full list changes at an organisation, in words.
type importChange struct {
	roster.OrganisationDifference
	Name string
}

// importLeaver is somebody missing in a full list, in words, with what was said.
type importLeaver struct {
	roster.Leaver
	Office, Maybe string
	Options       []views.Option
	Said, Last    string
}

// Field names a field of the person.
func (l importLeaver) Field(name string) string { return roster.LeavingField(name, l.PostingID) }

func leaversQuery(page int) string {
	return "part=" + string(models.PartLeavers) + "&page=" + strconv.Itoa(page)
}

// importLeavers reads the page of those missing in a full list.
func (s *Server) importLeavers(c *Ctx, d *importData) error {
	rows, err := s.roster.LeaversPage(c.Ctx(), c.Actor, d.ID, d.Number)
	if err != nil {
		return err
	}
	var codes []string
	for _, l := range rows {
		codes = append(codes, l.Organisation)
	}
	names, err := s.roster.Names(c.Ctx(), codes)
	if err != nil {
		return err
	}
	options := []views.Option{{Value: "", Label: c.T("import.keep")}}
	for _, r := range roster.Left {
		options = append(options, views.Option{Value: r, Label: c.T("reorganisation.left_as." + string(r)), Group: c.T("import.has_left")})
	}
	for _, l := range rows {
		x := importLeaver{Leaver: l, Office: names[l.Organisation], Options: options, Said: string(l.Left), Last: d.EffectiveDay.AddDays(-1).String()}
		if l.LastDay != 0 {
			x.Last = l.LastDay.String()
		}
		if at := strings.LastIndex(l.MaybeAt, "!"); at >= 0 {
			row, _ := strconv.Atoi(l.MaybeAt[at+1:]) // made by roster's rowKey
			x.Maybe = c.T("import.maybe_at", "place", place(c, l.MaybeAt[:at], row, ""))
		}
		d.Leavers = append(d.Leavers, x)
	}
	return nil
}

// leaversForm is what was said on a page of those missing in a full list.
type leaversForm struct {
	Page int      `form:"leavers_page" binding:"min=0,max=1000000"`
	Rows []uint64 `form:"leaver" binding:"max=1000"`

	said []roster.Leaving
}

// read reads what was said of each person.
func (f *leaversForm) read(c *Ctx) error {
	if f.Page == 0 {
		return nil
	}
	var bad errs.Fields
	for _, id := range f.Rows {
		x := roster.Leaving{PostingID: id, Left: models.EndReason(c.PostForm(roster.LeavingField("left", id)))}
		if x.Left != models.EndNone {
			if err := x.LastDay.UnmarshalText([]byte(c.PostForm(roster.LeavingField("last", id)))); err != nil {
				bad.Add(roster.LeavingField("last", id), "day")
			}
		}
		f.said = append(f.said, x)
	}
	return bad.Err()
}

// typed puts what was typed back into the page.
func (f *leaversForm) typed(c *Ctx, d *importData) {
	for i := range d.Leavers {
		l := &d.Leavers[i]
		if said, ok := c.GetPostForm(l.Field("left")); ok {
			l.Said, l.Last = said, c.PostForm(l.Field("last"))
		}
	}
}
