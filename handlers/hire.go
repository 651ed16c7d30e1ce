package handlers

import (
	"net/url"
	"strings"

	"taphuan/app/errs"
	"taphuan/app/roster"
	"taphuan/models"
)

// hireForm is a person with a first posting.
type hireForm struct {
	cadreForm
	changeForm
	New  bool   `form:"new"`  // somebody else than those who are known
	Step string `form:"step"` // "write" once the preview was seen, "edit" to go back from it
}

func (f hireForm) input() (roster.HireInput, error) {
	change, err := f.changeForm.input()
	person := f.cadreForm.input()
	return roster.HireInput{Typed: person.Typed, Sex: person.Sex, ChangeInput: change, New: f.New}, err
}

// Values are the form as hidden fields hold it.
func (f hireForm) Values() url.Values {
	v := f.changeForm.Values()
	for name, x := range map[string]string{"name": f.Name, "born": f.Born, "sex": f.Sex, "national_id": f.NationalID, "phone": f.Phone, "email": f.Email} {
		if x != "" {
			v.Set(name, x)
		}
	}
	if f.New {
		v.Set("new", "true")
	}
	return v
}

type hireData struct {
	placeOptions
	Form    hireForm
	Known   []knownPerson
	Preview *previewData
}

// knownPerson is somebody who may be meant, with the way to take that cadre instead.
type knownPerson struct {
	roster.KnownPerson
	Born string
	Take string
}

// hirePage shows the form of somebody who is new.
func (s *Server) hirePage(c *Ctx) error {
	var f hireForm
	if err := c.BindForm(&f.changeForm); err != nil {
		return err
	}
	f.Kind = string(roster.ChangeHire)
	if f.From == "" {
		f.From = c.Today().String()
	}
	o, err := s.placeOptions(c, false)
	if err != nil {
		return err
	}
	return c.Page("posting/new", hireData{placeOptions: o, Form: f})
}

// hire first says what it would do, and who may be meant that is known already; then it makes the cadre. What was typed, a national id
// too, goes from page to page in forms and stands in no address.
func (s *Server) hire(c *Ctx) error {
	var f hireForm
	d := hireData{}
	err := c.BindForm(&f)
	var in roster.HireInput
	if err == nil {
		in, err = f.input()
	}
	if err == nil && f.Step == "write" {
		var id uint64
		var odd []string
		if id, odd, err = s.roster.Hire(c.Ctx(), c.Actor, in); err == nil {
			if len(odd) > 0 {
				return c.Done(cadrePath(id), "identity.saved_odd", "odd", s.oddWords(c, odd))
			}
			return c.Done(cadrePath(id), "posting.hired")
		}
	}
	if err == nil || errs.Is(err, "known_person") {
		err = nil
		if f.Step != "edit" {
			err = s.previewHire(c, &d, in)
		}
	}
	f.Kind = string(roster.ChangeHire)
	d.Form = f
	if err == nil && d.Preview != nil {
		return c.Page("posting/hire", d)
	}
	var again error
	if d.placeOptions, again = s.placeOptions(c, false); again != nil {
		return again
	}
	if err != nil {
		return c.Invalid("posting/new", d, err)
	}
	return c.Page("posting/new", d)
}

func (s *Server) previewHire(c *Ctx, d *hireData, in roster.HireInput) error {
	p, known, err := s.roster.PreviewHire(c.Ctx(), c.Actor, in)
	if err != nil {
		return err
	}
	for _, k := range known {
		change := changeForm{Kind: string(roster.ChangeHire), Version: k.HistoryVersion, Organisation: in.Organisation, Line: in.Line, Title: in.Title, Groups: in.Groups, From: in.From.String()}
		if in.To != 0 {
			change.To = in.To.AddDays(-1).String()
		}
		if k.Here {
			change.Kind, change.To = string(roster.ChangeTransfer), ""
		}
		d.Known = append(d.Known, knownPerson{k, bornText(c.Lang, k.Cadre), cadrePath(k.ID) + "/change?" + change.Values().Encode() + "&preview=true"})
	}
	if p != nil {
		d.Preview, err = s.previewData(c, p)
	}
	return err
}

// Same says whether one of those who are known has the same national id.
func (d hireData) Same() bool {
	for _, k := range d.Known {
		if k.ByID {
			return true
		}
	}
	return false
}

func (s *Server) oddWords(c *Ctx, codes []string) string {
	words := make([]string, len(codes))
	for i, code := range codes {
		words[i] = c.T("import.warning." + code)
	}
	return strings.Join(words, "; ")
}

// Last is the last day on the roster of somebody who has left it.
func (k knownPerson) Last() models.Day { return k.Until.AddDays(-1) }
