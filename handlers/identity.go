package handlers

import (
	"slices"
	"strconv"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/roster"
	"taphuan/models"
)

type cadreForm struct {
	Name       string `form:"name" binding:"max=400"`
	Born       string `form:"born" binding:"max=40"`
	Sex        string `form:"sex" binding:"max=10"`
	NationalID string `form:"national_id" binding:"max=60"`
	RemoveID   bool   `form:"remove_id"`
	Phone      string `form:"phone" binding:"max=60"`
	Email      string `form:"email" binding:"max=200"`
	Version    string `form:"version" binding:"max=40"`
}

func (f cadreForm) input() roster.CadreInput {
	return roster.CadreInput{Typed: roster.Typed{Name: f.Name, Born: f.Born, NationalID: f.NationalID, Phone: f.Phone, Email: f.Email},
		Sex: models.Sex(f.Sex), RemoveID: f.RemoveID, Version: f.Version}
}

type cadreEditData struct {
	*roster.CadreDetail
	Form       cadreForm
	MaySuggest bool // the national id that was typed is another cadre's: both may be one person
}

// cadreEdit shows the form of a cadre's own data.
func (s *Server) cadreEdit(c *Ctx) error {
	d, err := s.cadreEditData(c)
	if err != nil {
		return err
	}
	return c.Page("cadre/edit", d)
}

func (s *Server) cadreEditData(c *Ctx) (cadreEditData, error) {
	id, err := c.ID("id")
	if err != nil {
		return cadreEditData{}, err
	}
	x, err := s.roster.Cadre(c.Ctx(), c.Actor, access.RosterWrite, id)
	if err != nil {
		return cadreEditData{}, err
	}
	return cadreEditData{CadreDetail: x, Form: cadreForm{Name: x.FullName, Born: bornText(c.Lang, x.Cadre), Sex: string(x.Sex), Phone: x.Phone, Email: x.Email, Version: roster.Version(x.Cadre)}}, nil
}

// cadreUpdate changes a cadre's own data. A national id that was typed stands in no answer: a form that is refused asks for it again.
func (s *Server) cadreUpdate(c *Ctx) error {
	d, err := s.cadreEditData(c)
	if err != nil {
		return err
	}
	var f cadreForm
	bad := c.BindForm(&f)
	var odd []string
	if bad == nil {
		odd, bad = s.roster.UpdateCadre(c.Ctx(), c.Actor, d.ID, f.input())
	}
	if bad != nil {
		d.Form = f
		d.MaySuggest = slices.ContainsFunc(errs.As(bad).Fields, func(x errs.Field) bool { return x.Code == roster.RefusedAnotherPerson })
		return c.Invalid("cadre/edit", d, bad)
	}
	if len(odd) > 0 {
		return c.Done(cadrePath(d.ID), "identity.saved_odd", "odd", s.oddWords(c, odd))
	}
	return c.Done(cadrePath(d.ID), "identity.saved")
}

type lookForm struct {
	Reason string `form:"reason" binding:"max=400"`
}

// nationalIDLook shows a cadre's ids in full, on this one answer, and records the look. The numbers stand in no address and no log.
func (s *Server) nationalIDLook(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	var f lookForm
	var numbers roster.IDNumbers
	bad := c.BindForm(&f)
	if bad == nil {
		numbers, bad = s.roster.LookAtIDs(c.Ctx(), c.Actor, id, f.Reason)
	}
	if bad != nil && errs.As(bad).Kind == errs.KindNotFound {
		return bad
	}
	d, err := s.cadreData(c)
	if err != nil {
		return err
	}
	d.Look = f
	if bad != nil {
		return c.Invalid("cadre/show", d, bad)
	}
	d.Numbers = &numbers
	return c.Page("cadre/show", d)
}

func cadrePath(id uint64) string { return "/cadres/" + strconv.FormatUint(id, 10) }
