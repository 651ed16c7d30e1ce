package handlers

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"taphuan/app/errs"
	"taphuan/app/i18n"
	"taphuan/app/roster"
	"taphuan/models"
	"taphuan/views"
)

func organisationPath(code string) string { return "/organisations/" + code }

// organisationForm is a new organisation, or the names of one, as a page sends it.
type organisationForm struct {
	Code       string `form:"code"`
	Name       string `form:"name"`
	ShortName  string `form:"short_name"`
	Note       string `form:"note"`
	Kind       string `form:"kind"`
	Level      string `form:"level"`
	Parent     string `form:"parent"`
	Area       string `form:"area"`
	From       string `form:"from"`
	CountsOnly bool   `form:"counts_only"`
	Latitude   string `form:"latitude" binding:"max=40"` // of an area, in degrees
	Longitude  string `form:"longitude" binding:"max=40"`
	Seen       int64  `form:"seen"` // when it was changed last, as the form showed it
}

func (f organisationForm) input() (roster.OrganisationInput, error) {
	in := roster.OrganisationInput{Code: f.Code, Name: f.Name, ShortName: f.ShortName, Note: f.Note, Kind: models.Kind(f.Kind), Level: models.Level(f.Level),
		Parent: f.Parent, Area: f.Area, CountsOnly: f.CountsOnly}
	if err := in.From.UnmarshalText([]byte(f.From)); err != nil {
		return in, errs.OnField("from", "day")
	}
	return in, nil
}

// place reads where an area's town lies: both degrees or none.
func (f organisationForm) place() (*models.Place, error) {
	var wrong errs.Fields
	degrees := func(field, typed string) float64 {
		x, err := strconv.ParseFloat(strings.ReplaceAll(strings.TrimSpace(typed), ",", "."), 64)
		if err != nil {
			wrong.Add(field, "place_form")
		}
		return x
	}
	if strings.TrimSpace(f.Latitude+f.Longitude) == "" {
		return nil, nil
	}
	at := models.Place{Latitude: degrees("latitude", f.Latitude), Longitude: degrees("longitude", f.Longitude)}
	return &at, wrong.Err()
}

// degrees writes a degree as it is typed.
func degrees(c *Ctx, at *float64) string {
	if at == nil {
		return ""
	}
	text := strconv.FormatFloat(*at, 'f', -1, 64)
	if c.Lang == "vi" {
		text = strings.ReplaceAll(text, ".", ",")
	}
	return text
}

type organisationFormData struct {
	Organisation                  *models.Organisation // nil for a new one
	Form                          organisationForm
	Kinds, Levels, Parents, Areas []views.Option
}

func (s *Server) organisationFormData(c *Ctx, o *models.Organisation, f organisationForm) (organisationFormData, error) {
	d := organisationFormData{Organisation: o, Form: f}
	if o != nil {
		return d, nil
	}
	for _, k := range roster.Kinds {
		d.Kinds = append(d.Kinds, views.Option{Value: k, Label: c.T("roster.kind_of." + string(k))})
	}
	for _, l := range roster.Levels {
		d.Levels = append(d.Levels, views.Option{Value: l, Label: c.T("roster.level_of." + string(l))})
	}
	all, err := s.roster.OrganisationChoices(c.Ctx(), c.Actor)
	for _, x := range all {
		if x.ToDay > c.Today() {
			d.Parents = append(d.Parents, views.Option{Value: x.Code, Label: x.Name, Depth: x.Depth})
		}
		if x.Kind == models.KindDistrict {
			d.Areas = append(d.Areas, views.Option{Value: x.Code, Label: x.Name})
		}
	}
	return d, err
}

// organisationNew shows the form of a new organisation.
func (s *Server) organisationNew(c *Ctx) error {
	d, err := s.organisationFormData(c, nil, organisationForm{Kind: string(models.KindStateAgency), Level: string(models.LevelProvince), Parent: c.Query("parent")})
	if err != nil {
		return err
	}
	return c.Page("organisation/form", d)
}

// organisationCreate adds an organisation.
func (s *Server) organisationCreate(c *Ctx) error {
	var f organisationForm
	var o models.Organisation
	err := c.BindForm(&f)
	if err == nil {
		var in roster.OrganisationInput
		if in, err = f.input(); err == nil {
			o, err = s.roster.CreateOrganisation(c.Ctx(), c.Actor, in)
		}
	}
	if err != nil {
		d, again := s.organisationFormData(c, nil, f)
		if again != nil {
			return again
		}
		return c.Invalid("organisation/form", d, err)
	}
	return c.Done(organisationPath(o.Code), "roster.organisation_created")
}

// organisationEdit shows the form of an organisation's names.
func (s *Server) organisationEdit(c *Ctx) error {
	o, err := s.roster.OrganisationToWrite(c.Ctx(), c.Actor, c.Param("code"))
	if err != nil {
		return err
	}
	d, err := s.organisationFormData(c, &o, organisationForm{Name: o.Name, ShortName: o.ShortName, Note: o.Note, CountsOnly: o.CountsOnly,
		Latitude: degrees(c, o.Latitude), Longitude: degrees(c, o.Longitude), Seen: o.UpdatedAt.UnixMicro()})
	if err != nil {
		return err
	}
	return c.Page("organisation/form", d)
}

// organisationRename changes an organisation's names and note.
func (s *Server) organisationRename(c *Ctx) error {
	o, err := s.roster.OrganisationToWrite(c.Ctx(), c.Actor, c.Param("code"))
	if err != nil {
		return err
	}
	var f organisationForm
	var at *models.Place
	if err = c.BindForm(&f); err == nil {
		at, err = f.place()
	}
	if err == nil {
		err = s.roster.RenameOrganisation(c.Ctx(), c.Actor, o.Code, roster.OrganisationNames{Name: f.Name, ShortName: f.ShortName, Note: f.Note, CountsOnly: f.CountsOnly, Place: at, Seen: time.UnixMicro(f.Seen)})
	}
	if err != nil {
		d, again := s.organisationFormData(c, &o, f)
		if again != nil {
			return again
		}
		return c.Invalid("organisation/form", d, err)
	}
	return c.Done(organisationPath(o.Code), "roster.organisation_saved")
}

// endingForm ends an organisation, or names the successors of one that ended.
type endingForm struct {
	LastDay    string   `form:"last_day" binding:"max=40"`
	Subtree    bool     `form:"subtree"`
	Successors []string `form:"successors" binding:"max=500"`
}

func (f endingForm) input() (roster.EndInput, error) {
	in := roster.EndInput{Subtree: f.Subtree, Successors: f.Successors}
	if err := in.LastDay.UnmarshalText([]byte(f.LastDay)); err != nil {
		return in, errs.OnField("last_day", "day")
	}
	return in, nil
}

// successorGroup is a part of the tree with the organisations that may follow.
type successorGroup struct {
	Name    string
	Options []successorOption
	Chosen  int
}

type successorOption struct {
	Value, Label, Hint string
	Chosen             bool
}

type endingData struct {
	models.Organisation
	Form   endingForm
	Groups []successorGroup
	Living []models.Organisation // below, without an end yet
	People int64                 // posted there or below today
	Later  []roster.StartingLater
	Naming bool // it has its end already
}

func (s *Server) endingData(c *Ctx, o models.Organisation, f endingForm) (*endingData, error) {
	d := &endingData{Organisation: o, Form: f}
	all, err := s.roster.OrganisationChoices(c.Ctx(), c.Actor)
	if err != nil {
		return nil, err
	}
	for _, x := range all {
		if x.Path != o.Path && len(x.Path) > len(o.Path) && x.Path[:len(o.Path)] == o.Path && x.ToDay == models.Forever {
			d.Living = append(d.Living, x)
		}
	}
	d.Groups = successorGroups(c, all, o, f.Successors)
	if d.People, err = s.roster.PeopleBelow(c.Ctx(), o, c.Today()); err != nil {
		return nil, err
	}
	if in, bad := f.input(); bad == nil && in.LastDay != 0 {
		d.Later, err = s.roster.StartingLater(c.Ctx(), o, in.LastDay.AddDays(1))
	}
	return d, err
}

// successorGroups gives the organisations that may follow one: those in the same district first, then by the blocks of the tree.
func successorGroups(c *Ctx, all []models.Organisation, o models.Organisation, chosen []string) []successorGroup {
	block, near := "", successorGroup{Name: c.T("roster.same_area")}
	var out []successorGroup
	for _, x := range all {
		if x.Depth == 1 {
			block = x.Name
		}
		inside := len(x.Path) >= len(o.Path) && x.Path[:len(o.Path)] == o.Path
		picked := slices.Contains(chosen, x.Code)
		if inside || x.Kind.IsTotal() || x.ToDay <= c.Today() && !picked {
			continue
		}
		opt := successorOption{Value: x.Code, Label: x.Name, Chosen: picked}
		if x.FromDay > c.Today() {
			opt.Hint = c.T("roster.since", "day", i18n.Day(c.Lang, x.FromDay))
		}
		g := &near
		if o.Kind == models.KindDistrict && x.AreaID != nil && *x.AreaID == o.ID && x.Level != models.LevelProvince {
			near.Options = append(near.Options, opt)
		} else {
			if len(out) == 0 || out[len(out)-1].Name != block {
				out = append(out, successorGroup{Name: block})
			}
			g = &out[len(out)-1]
			g.Options = append(g.Options, opt)
		}
		if picked {
			g.Chosen++
		}
	}
	if len(near.Options) > 0 {
		out = append([]successorGroup{near}, out...)
	}
	return out
}

// organisationEndPage shows what ending an organisation asks; of one that has its end, the successors.
func (s *Server) organisationEndPage(c *Ctx) error {
	return s.endPage(c, nil)
}

func (s *Server) endPage(c *Ctx, do func(o models.Organisation, f endingForm) error) error {
	o, err := s.roster.OrganisationToWrite(c.Ctx(), c.Actor, c.Param("code"))
	if err != nil {
		return err
	}
	var f endingForm
	var refusal error
	if do != nil {
		if refusal = c.BindForm(&f); refusal == nil {
			refusal = do(o, f)
		}
		if refusal == nil {
			return nil
		}
	} else if f.Successors, err = s.roster.SuccessorCodes(c.Ctx(), o.ID); err != nil {
		return err
	}
	d, err := s.endingData(c, o, f)
	if err != nil {
		return err
	}
	d.Naming = o.ToDay != models.Forever
	if refusal != nil {
		return c.Invalid("organisation/end", d, refusal)
	}
	return c.Page("organisation/end", d)
}

// organisationEnd ends an organisation and names its successors.
func (s *Server) organisationEnd(c *Ctx) error {
	return s.endPage(c, func(o models.Organisation, f endingForm) error {
		in, err := f.input()
		if err != nil {
			return err
		}
		if err := s.roster.EndOrganisation(c.Ctx(), c.Actor, o.Code, in); err != nil {
			return err
		}
		return c.Done(organisationPath(o.Code)+"/reorganisation", "roster.organisation_ended")
	})
}

// organisationSuccessors names the successors of an organisation that has its end.
func (s *Server) organisationSuccessors(c *Ctx) error {
	return s.endPage(c, func(o models.Organisation, f endingForm) error {
		if err := s.roster.NameSuccessors(c.Ctx(), c.Actor, o.Code, f.Successors); err != nil {
			return err
		}
		return c.Done(organisationPath(o.Code)+"/reorganisation", "roster.successors_saved")
	})
}

// organisationEndUndo takes an end back.
func (s *Server) organisationEndUndo(c *Ctx) error {
	code := c.Param("code")
	if err := s.roster.UndoEnd(c.Ctx(), c.Actor, code); err != nil {
		if errs.As(err).Kind == errs.KindNotFound {
			return err
		}
		d, again := s.organisationData(c)
		if again != nil {
			return again
		}
		return c.Invalid("organisation/show", d, err)
	}
	return c.Done(organisationPath(code), "roster.end_undone")
}
