package handlers

import (
	"slices"
	"strings"

	"taphuan/app/access"
	"taphuan/models"
)

// asList makes the request one for the list whose form it sent, with its filters: what was refused is shown there, and links lead on from it.
func (c *Ctx) asList(path string) {
	_, query, _ := strings.Cut(c.back(path), path+"?")
	c.Request.URL.Path, c.Request.URL.RawQuery = path, query
}

// ticked is what was chosen in a form that was refused.
type ticked selection

// IsChosen says whether the box of the row was ticked.
func (t ticked) IsChosen(id uint64) bool { return slices.Contains(t.IDs, id) }

// accountsDisable disables the ticked accounts, or all that the list's filter finds.
func (s *Server) accountsDisable(c *Ctx) error {
	var f struct {
		accountFilterForm
		selection
	}
	err := c.BindForm(&f)
	filter := f.filter()
	if err == nil {
		filter.IDs, err = f.ids()
	}
	var ids []uint64
	if err == nil {
		ids, err = s.access.IDs(c.Ctx(), c.Actor, filter, access.MostDisabled)
	}
	n := 0
	if err == nil {
		n, err = s.access.DisableAll(c.Ctx(), c.Actor, ids)
	}
	if err == nil {
		return c.Done(c.back("/accounts"), "account.disabled_n", "n", n)
	}
	c.asList("/accounts")
	d, e := s.accountListData(c)
	if e != nil {
		return e
	}
	d.ticked = ticked(f.selection)
	return c.Invalid("account/list", d, err)
}

// cadreSlips makes sign-in slips for those of the ticked cadres, or of all that the list's filter finds, who cannot sign in yet.
func (s *Server) cadreSlips(c *Ctx) error {
	var f struct {
		cadreFilter
		selection
	}
	err := c.BindForm(&f)
	var day models.Day
	if err == nil {
		day, err = c.dayFilter("day")
	}
	filter := f.filter(day)
	if err == nil {
		filter.IDs, err = f.ids()
	}
	var ids []uint64
	if err == nil {
		ids, err = s.roster.CadreIDs(c.Ctx(), c.Actor, filter, access.MostSlips)
	}
	var slips []access.Slip
	if err == nil {
		slips, err = s.access.MakeSlipsOf(c.Ctx(), c.Actor, ids)
	}
	if err == nil {
		return s.slipPrint(c, slips, c.back("/cadres"))
	}
	c.asList("/cadres")
	d, e := s.cadreListData(c)
	if e != nil {
		return e
	}
	d.ticked = ticked(f.selection)
	return c.Invalid("cadre/list", d, err)
}
