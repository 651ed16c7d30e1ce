package handlers

import (
	"strconv"
	"strings"

	"github.com/google/uuid"

	"taphuan/app/attendance"
	"taphuan/models"
	"taphuan/models/viet"
)

type walkInForm struct {
	Name     string `form:"name" binding:"max=200"`
	Office   string `form:"office" binding:"max=200"`
	Year     string `form:"birth_year" binding:"max=10"`
	Replaces uint64 `form:"replaces"`
	Sure     bool   `form:"sure"` // somebody of the list bears the name, and it is another person all the same
}

// walkInAdd enters somebody who came without being on the list, present; a script keeps what it enters on the phone and sends it with
// the marks instead.
func (s *Server) walkInAdd(c *Ctx) error {
	d, err := s.sheetData(c)
	if err != nil {
		return err
	}
	c.Request.URL.Path = sheetPath(d.Session.ID) // the page that is shown again is the list
	if err := c.BindForm(&d.Add); err != nil {
		return c.Invalid("attendance/sheet", d, err)
	}
	f := d.Add
	if d.Twin = twinOn(d.Sheet, f.Name); d.Twin != "" && !f.Sure {
		return c.Page("attendance/sheet", d)
	}
	year, err := strconv.Atoi(strings.TrimSpace(f.Year))
	if err != nil && f.Year != "" {
		year = -1 // is refused as a year that nobody was born in
	}
	id := uuid.NewString()
	if c.Actor.Key != "" { // a form that is sent twice enters one person
		id = uuid.NewSHA1(uuid.NameSpaceURL, []byte(strings.Join([]string{strconv.FormatUint(c.Actor.AccountID, 10), c.Actor.Key, f.Name}, "\x00"))).String()
	}
	out, err := s.attendance.Record(c.Ctx(), c.Actor, attendance.Batch{
		WalkIns: []attendance.WalkInInput{{UID: id, SessionID: d.Session.ID, Name: strings.TrimSpace(f.Name), Office: strings.TrimSpace(f.Office), BirthYear: year, ReplacesID: f.Replaces}},
		Marks:   []attendance.MarkInput{{UID: uuid.NewSHA1(uuid.NameSpaceURL, []byte(id)).String(), SessionID: d.Session.ID, WalkInUID: id, Mark: models.MarkPresent}},
	})
	if err != nil {
		return err
	}
	for _, fate := range append(out.WalkIns, out.Marks...) {
		if fate.Refusal != nil {
			return c.Invalid("attendance/sheet", d, fate.Refusal)
		}
	}
	return c.Done(sheetPath(d.Session.ID)+"#r"+id, "attendance.walk_in_added", "name", f.Name)
}

// twinOn says who of the list bears a name, with the office; "" nobody.
func twinOn(sheet *attendance.Sheet, name string) string {
	name = viet.Fold(name)
	for _, r := range sheet.Rows {
		if viet.Fold(r.Name) == name {
			return strings.TrimSuffix(r.Name+", "+r.Office, ", ")
		}
	}
	for _, w := range sheet.WalkIns {
		if viet.Fold(w.Name) == name {
			return strings.TrimSuffix(w.Name+", "+w.Office, ", ")
		}
	}
	return ""
}
