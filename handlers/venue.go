package handlers

import (
	"cmp"
	"strconv"
	"strings"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/venue"
	"taphuan/app/workbook"
	"taphuan/models"
	"taphuan/views"
)

type venueFilter struct {
	Text    string `form:"q" binding:"max=200"`
	Retired bool   `form:"retired"`
	sorting
}

type venueListData struct {
	shortList[venue.Row]
	Filter   venueFilter
	MayWrite bool
}

// venueList lists venues with their rooms.
func (s *Server) venueList(c *Ctx) error {
	f, rows, err := s.venueRows(c)
	if err != nil {
		return err
	}
	return c.Page("venue/list", venueListData{shortList[venue.Row]{rows}, f, c.Actor.May(access.CourseWrite)})
}

var venueColumns = columns[venue.Row]{
	"commune": func(a, b venue.Row) int { return cmp.Compare(wordOrder(a.Commune), wordOrder(b.Commune)) },
	"courses": func(a, b venue.Row) int { return cmp.Compare(a.Courses, b.Courses) },
	"name":    func(a, b venue.Row) int { return cmp.Compare(wordOrder(a.Name), wordOrder(b.Name)) },
}

func (s *Server) venueRows(c *Ctx) (f venueFilter, rows []venue.Row, err error) {
	if err := c.BindForm(&f); err != nil {
		return f, nil, err
	}
	rows, err = s.venue.List(c.Ctx(), venue.Filter{Text: f.Text, Retired: f.Retired})
	venueColumns.sort(rows, f.sorting)
	return f, rows, err
}

// venueSheet gives the list of venues as a workbook.
func (s *Server) venueSheet(c *Ctx) error {
	_, rows, err := s.venueRows(c)
	if err != nil {
		return err
	}
	sheet := workbook.Sheet{Name: c.T("venue.title"), Title: c.T("venue.title"), Columns: []workbook.Column{{Head: c.T("venue.name"), Width: 40}, {Head: c.T("venue.address"), Width: 40}, {Head: c.T("venue.commune")},
		{Head: c.T("venue.area"), Width: 34}, {Head: c.T("venue.rooms"), Width: 50}, {Head: c.T("venue.courses"), Kind: workbook.Number}}}
	return c.Sheet("dia-diem", sheet, func(row workbook.Row) error {
		for _, v := range rows {
			rooms := make([]string, len(v.Rooms))
			for i, r := range v.Rooms {
				rooms[i] = c.T("course.room_seats", "name", r.Name, "n", r.Capacity)
			}
			if err := row(v.Name, v.Address, v.Commune, v.Area, strings.Join(rooms, "; "), v.Courses); err != nil {
				return err
			}
		}
		return nil
	})
}

type venueForm struct {
	Name         string `form:"name"`
	Address      string `form:"address"`
	Organisation string `form:"organisation"` // code of the commune
	Note         string `form:"note"`
	Version      int    `form:"version"`
}

type venueFormData struct {
	ID       uint64 // 0 for a new one
	Form     venueForm
	Communes []views.Option
}

func (s *Server) venueInput(c *Ctx, f venueForm) (venue.Input, error) {
	in := venue.Input{Name: f.Name, Address: f.Address, Note: f.Note, Version: f.Version}
	if f.Organisation == "" {
		return in, nil
	}
	o, err := s.roster.OrganisationByCode(c.Ctx(), f.Organisation)
	if errs.Is(err, "not_found") {
		return in, errs.OnField("organisation", "choice")
	}
	in.OrganisationID = o.ID
	return in, err
}

func (s *Server) venueFormData(c *Ctx, id uint64, f venueForm) (venueFormData, error) {
	d := venueFormData{ID: id, Form: f}
	orgs, err := s.roster.Organisations(c.Ctx(), c.Actor, access.RosterRead, c.Today())
	for _, o := range orgs {
		if o.Level == models.LevelCommune && !o.Kind.IsTotal() {
			d.Communes = append(d.Communes, views.Option{Value: o.Code, Label: o.Name})
		}
	}
	return d, err
}

// venueNew shows the form of a new venue.
func (s *Server) venueNew(c *Ctx) error {
	d, err := s.venueFormData(c, 0, venueForm{})
	if err != nil {
		return err
	}
	return c.Page("venue/form", d)
}

// venueCreate adds a venue.
func (s *Server) venueCreate(c *Ctx) error {
	return s.venueSave(c, 0, func(in venue.Input) (uint64, error) { return s.venue.Create(c.Ctx(), c.Actor, in) })
}

func (s *Server) venueSave(c *Ctx, id uint64, save func(venue.Input) (uint64, error)) error {
	var f venueForm
	var in venue.Input
	refusal := c.BindForm(&f)
	if refusal == nil {
		in, refusal = s.venueInput(c, f)
	}
	if refusal == nil {
		id, refusal = save(in)
	}
	if refusal != nil {
		d, err := s.venueFormData(c, id, f)
		if err != nil {
			return err
		}
		return c.Invalid("venue/form", d, refusal)
	}
	return c.Done(venuePath(id), "venue.saved")
}

func venuePath(id uint64) string { return "/venues/" + strconv.FormatUint(id, 10) }

type roomForm struct {
	Name     string `form:"name"`
	Capacity string `form:"capacity"`
	Version  int    `form:"version"`
}

func (f roomForm) input() (venue.RoomInput, error) {
	var wrong errs.Fields
	in := venue.RoomInput{Name: f.Name, Capacity: number(&wrong, "capacity", f.Capacity), Version: f.Version}
	return in, wrong.Err()
}

type venueData struct {
	*venue.Row
	Form roomForm
	Most int
}

func (s *Server) venueData(c *Ctx) (venueData, error) {
	id, err := c.ID("id")
	if err != nil {
		return venueData{}, err
	}
	v, err := s.venue.Get(c.Ctx(), id)
	return venueData{Row: v, Most: venue.MaxSeats}, err
}

// venueShow is a venue's page: where it is, its rooms, and the form of another room.
func (s *Server) venueShow(c *Ctx) error {
	d, err := s.venueData(c)
	if err != nil {
		return err
	}
	return c.Page("venue/show", d)
}

// venueEdit shows the form of a venue.
func (s *Server) venueEdit(c *Ctx) error {
	v, err := s.venueData(c)
	if err != nil {
		return err
	}
	d, err := s.venueFormData(c, v.ID, venueForm{Name: v.Name, Address: v.Address, Organisation: v.Code, Note: v.Note, Version: v.Version})
	if err != nil {
		return err
	}
	return c.Page("venue/form", d)
}

// venueUpdate changes a venue.
func (s *Server) venueUpdate(c *Ctx) error {
	v, err := s.venueData(c)
	if err != nil {
		return err
	}
	return s.venueSave(c, v.ID, func(in venue.Input) (uint64, error) { return v.ID, s.venue.Update(c.Ctx(), c.Actor, v.ID, in) })
}

func (s *Server) venueRetire(c *Ctx) error {
	return s.venueAct(c, "venue.retired_done", func(id uint64) error { return s.venue.Retire(c.Ctx(), c.Actor, id, true) })
}

func (s *Server) venueRestore(c *Ctx) error {
	return s.venueAct(c, "venue.restored_done", func(id uint64) error { return s.venue.Retire(c.Ctx(), c.Actor, id, false) })
}

// venueAct does one thing to a venue and shows its page again, with the refusal if there was one.
func (s *Server) venueAct(c *Ctx, message string, do func(id uint64) error) error {
	d, err := s.venueData(c)
	if err != nil {
		return err
	}
	if refusal := do(d.ID); refusal != nil {
		return c.Invalid("venue/show", d, refusal)
	}
	return c.Done(venuePath(d.ID), message)
}

// roomAdd adds a room to a venue.
func (s *Server) roomAdd(c *Ctx) error {
	d, err := s.venueData(c)
	if err != nil {
		return err
	}
	var in venue.RoomInput
	refusal := c.BindForm(&d.Form)
	if refusal == nil {
		in, refusal = d.Form.input()
	}
	if refusal == nil {
		_, refusal = s.venue.AddRoom(c.Ctx(), c.Actor, d.ID, in)
	}
	if refusal != nil {
		return c.Invalid("venue/show", d, refusal)
	}
	return c.Done(venuePath(d.ID), "venue.room_saved")
}

type roomData struct {
	Room  models.Room
	Venue models.Venue
	Form  roomForm
	Most  int
}

func (s *Server) roomData(c *Ctx) (roomData, error) {
	id, err := c.ID("id")
	if err != nil {
		return roomData{}, err
	}
	r, v, err := s.venue.Room(c.Ctx(), id)
	return roomData{r, v, roomForm{r.Name, strconv.Itoa(r.Capacity), r.Version}, venue.MaxSeats}, err
}

// roomEdit shows the form of a room.
func (s *Server) roomEdit(c *Ctx) error {
	d, err := s.roomData(c)
	if err != nil {
		return err
	}
	return c.Page("venue/room", d)
}

// roomUpdate changes a room.
func (s *Server) roomUpdate(c *Ctx) error {
	return s.roomAct(c, "venue.room_saved", func(d *roomData) error {
		if err := c.BindForm(&d.Form); err != nil {
			return err
		}
		in, err := d.Form.input()
		if err != nil {
			return err
		}
		return s.venue.UpdateRoom(c.Ctx(), c.Actor, d.Room.ID, in)
	})
}

func (s *Server) roomRetire(c *Ctx) error {
	return s.roomAct(c, "venue.room_retired_done", func(d *roomData) error { return s.venue.RetireRoom(c.Ctx(), c.Actor, d.Room.ID, true) })
}

func (s *Server) roomRestore(c *Ctx) error {
	return s.roomAct(c, "venue.room_restored_done", func(d *roomData) error { return s.venue.RetireRoom(c.Ctx(), c.Actor, d.Room.ID, false) })
}

// roomAct does one thing to a room and shows its form again with the refusal if there was one.
func (s *Server) roomAct(c *Ctx, message string, do func(*roomData) error) error {
	d, err := s.roomData(c)
	if err != nil {
		return err
	}
	if refusal := do(&d); refusal != nil {
		return c.Invalid("venue/room", d, refusal)
	}
	return c.Done(venuePath(d.Venue.ID), message)
}

// venueOptions lists the venues to choose from, with the largest room of each; one that was retired since stays the course's.
func venueOptions(c *Ctx, venues []venue.Row, d *course.Detail) []views.Option {
	there := d == nil || d.VenueID == nil
	var out []views.Option
	for _, v := range venues {
		o := views.Option{Value: v.ID, Label: v.Words()}
		if len(v.Rooms) > 0 {
			o.Label = c.T("course.venue_seats", "name", o.Label, "n", v.Rooms[0].Capacity)
		}
		out = append(out, o)
		there = there || v.ID == *d.VenueID
	}
	if !there {
		out = append(out, views.Option{Value: *d.VenueID, Label: d.Venue})
	}
	return out
}
