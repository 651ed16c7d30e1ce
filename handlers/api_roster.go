package handlers

import (
	"cmp"
	"mime/multipart"
	"net/http"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/page"
	"taphuan/app/roster"
	"taphuan/models"
)

type apiOrganisation struct {
	Code   string       `json:"code"`
	Name   string       `json:"name"`
	Kind   models.Kind  `json:"kind"`
	Level  models.Level `json:"level"`
	Depth  int          `json:"depth"` // below the first in scope
	From   models.Day   `json:"from"`
	To     models.Day   `json:"to"`     // the first day no longer there; null while it lasts
	Cadres int64        `json:"cadres"` // on the roster here on the day
	Below  int64        `json:"cadres_below"`
}

type apiOrganisationFilter struct {
	Text  string     `form:"q" binding:"max=200"`
	Day   models.Day `form:"day"` // today when left out
	Ended bool       `form:"ended"`
}

type apiOrganisations struct {
	Day           models.Day        `json:"day"`
	Organisations []apiOrganisation `json:"organisations"`
}

func (s *Server) apiOrganisationList(c *Ctx) error {
	var f apiOrganisationFilter
	if err := c.BindForm(&f); err != nil {
		return err
	}
	day := cmp.Or(f.Day, c.Today())
	rows, err := s.roster.Tree(c.Ctx(), c.Actor, roster.OrganisationFilter{Text: f.Text, Day: day, Ended: f.Ended})
	if err != nil {
		return err
	}
	out := apiOrganisations{Day: day, Organisations: []apiOrganisation{}}
	for _, r := range rows {
		out.Organisations = append(out.Organisations, apiOrganisation{Code: r.Code, Name: r.Name, Kind: r.Kind, Level: r.Level, Depth: r.Indent, From: r.FromDay, To: r.ToDay, Cadres: r.Here, Below: r.Below})
	}
	return c.OK(http.StatusOK, out)
}

type apiHeadcountInput struct {
	Group     string     `json:"group" binding:"required,max=40"`
	Effective models.Day `json:"effective"` // null: today
	Declared  *int       `json:"declared"`  // null withdraws
	Covered   *int       `json:"covered"`   // for organisations that may not keep names
}

type apiHeadcountDone struct {
	Organisation string     `json:"organisation"`
	Group        string     `json:"group"`
	Effective    models.Day `json:"effective"`
	Declared     *int       `json:"declared"`
	Covered      *int       `json:"covered"`
}

func (s *Server) apiHeadcount(c *Ctx) error {
	var in apiHeadcountInput
	if err := c.BindJSON(&in); err != nil {
		return err
	}
	if in.Effective == 0 {
		in.Effective = c.Today()
	}
	code := c.Param("code")
	err := s.roster.DeclareHeadcount(c.Ctx(), c.Actor, roster.HeadcountInput{Organisation: code, Group: in.Group, Effective: in.Effective, Declared: in.Declared, Covered: in.Covered})
	if err != nil {
		return err
	}
	return c.OK(http.StatusCreated, apiHeadcountDone{code, in.Group, in.Effective, in.Declared, in.Covered})
}

type apiCadreFilter struct {
	Text  string     `form:"q" binding:"max=200"`
	Org   string     `form:"org" binding:"max=40"`
	Group string     `form:"group" binding:"max=40"`
	Day   models.Day `form:"day"` // today when left out
	State string     `form:"state" binding:"omitempty,oneof=unplaced line"`
	Sort  string     `form:"sort" binding:"omitempty,oneof=name -name born -born organisation -organisation"`
	After string     `form:"after" binding:"max=2000"` // next of the page before
}

type apiCadreRow struct {
	ID           uint64   `json:"id"`
	Name         string   `json:"name"`
	BirthYear    int      `json:"birth_year"` // 0 when unknown
	Title        string   `json:"title"`
	Organisation string   `json:"organisation"` // code
	Groups       []string `json:"groups"`
	Main         bool     `json:"main"`
}

type apiCadres struct {
	Day    models.Day    `json:"day"`
	Total  int64         `json:"total"`           // exact, unless more says otherwise
	More   bool          `json:"more_than_total"` // there are more, and nobody counted them
	Next   string        `json:"next"`            // for after, "" on the last page
	Cadres []apiCadreRow `json:"cadres"`
}

func (s *Server) apiCadreList(c *Ctx) error {
	var f apiCadreFilter
	if err := c.BindForm(&f); err != nil {
		return err
	}
	if s.roster.IDHash(f.Text) != "" {
		return errs.OnField("q", "national_id_in_address")
	}
	return s.apiCadresFound(c, f, "")
}

// apiCadreSearchInput is what apiCadreFilter asks, and a number.
type apiCadreSearchInput struct {
	NationalID string     `json:"national_id" binding:"max=60"` // 12 digits, or 9 of an old identity card
	Text       string     `json:"q" binding:"max=200"`
	Org        string     `json:"org" binding:"max=40"`
	Group      string     `json:"group" binding:"max=40"`
	Day        models.Day `json:"day"`
	State      string     `json:"state" binding:"omitempty,oneof=unplaced line"`
	Sort       string     `json:"sort" binding:"omitempty,oneof=name -name born -born organisation -organisation"`
	After      string     `json:"after" binding:"max=2000"`
}

// apiCadreSearch is apiCadreList for those who search by a national id. It refuses what is none with invalid_national_id.
func (s *Server) apiCadreSearch(c *Ctx) error {
	var in apiCadreSearchInput
	if err := c.BindJSON(&in); err != nil {
		return err
	}
	hash := s.roster.IDHash(in.NationalID)
	if in.NationalID != "" && hash == "" {
		return errs.OnField("national_id", "invalid_national_id")
	}
	return s.apiCadresFound(c, apiCadreFilter{Text: in.Text, Org: in.Org, Group: in.Group, Day: in.Day, State: in.State, Sort: in.Sort, After: in.After}, hash)
}

func (s *Server) apiCadresFound(c *Ctx, f apiCadreFilter, idHash string) error {
	day := cmp.Or(f.Day, c.Today())
	l, err := s.roster.Cadres(c.Ctx(), c.Actor, cadreFilter{ID: idHash, Text: f.Text, Org: f.Org, Group: f.Group, State: f.State}.filter(day), page.Ask{Sort: f.Sort, After: f.After})
	if err != nil {
		return err
	}
	out := apiCadres{Day: day, Total: l.Total.N, More: l.Total.More, Next: l.After, Cadres: []apiCadreRow{}}
	for _, r := range l.Rows {
		out.Cadres = append(out.Cadres, apiCadreRow{ID: r.ID, Name: r.FullName, BirthYear: r.BirthYear, Title: r.Title, Organisation: r.OrgCode, Groups: list(r.Groups), Main: r.Main})
	}
	return c.OK(http.StatusOK, out)
}

// list makes no list an empty one, which JSON writes as [].
func list(in []string) []string {
	if in == nil {
		return []string{}
	}
	return in
}

type apiPosting struct {
	ID           uint64     `json:"id"`
	Organisation string     `json:"organisation"` // code
	Name         string     `json:"organisation_name"`
	Title        string     `json:"title"`
	From         models.Day `json:"from"`
	To           models.Day `json:"to"` // the first day no longer there; null while it lasts
	Main         bool       `json:"main"`
	Groups       []string   `json:"groups"`
	EndReason    string     `json:"end_reason"` // "", transferred, retired, moved_away, died, organisation_ended, other
	Leaves       []apiLeave `json:"leaves"`
}

type apiLeave struct {
	ID   uint64           `json:"id"`
	Kind models.LeaveKind `json:"kind"`
	From models.Day       `json:"from"`
	To   models.Day       `json:"to"` // the first day back; null where that is not known
}

type apiCompletion struct {
	CourseID   uint64     `json:"course_id"`  // 0 for one held by another body
	Course     string     `json:"course"`     // title
	Recognised bool       `json:"recognised"` // held by another body
	Day        models.Day `json:"day"`
	Voided     bool       `json:"voided"`
}

type apiCadre struct {
	ID            uint64          `json:"id"`
	Name          string          `json:"name"`
	Born          models.Day      `json:"born"`
	BirthYear     int             `json:"birth_year"` // 0 when unknown
	Sex           models.Sex      `json:"sex"`
	NationalIDEnd string          `json:"national_id_end"` // the last four digits
	Phone         string          `json:"phone"`
	Email         string          `json:"email"`
	Version       int             `json:"version"`     // of the postings; a change names it
	Postings      []apiPosting    `json:"postings"`    // latest first
	Completions   []apiCompletion `json:"completions"` // latest first
}

func (s *Server) apiCadreShow(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	d, err := s.roster.Cadre(c.Ctx(), c.Actor, access.RosterRead, id)
	if err != nil {
		return err
	}
	return c.OK(http.StatusOK, toAPICadre(d))
}

func toAPICadre(d *roster.CadreDetail) apiCadre {
	out := apiCadre{ID: d.ID, Version: d.HistoryVersion, Name: d.FullName, Born: d.BirthDay, BirthYear: d.BirthYear, Sex: d.Sex, NationalIDEnd: d.NationalIDEnd, Phone: d.Phone, Email: d.Email,
		Postings: []apiPosting{}, Completions: []apiCompletion{}}
	for _, p := range d.Postings {
		x := apiPosting{ID: p.ID, Organisation: p.OrgCode, Name: p.Organisation, Title: p.Title, From: p.FromDay, To: p.ToDay, Main: p.Main, Groups: list(p.Groups),
			EndReason: string(p.EndReason), Leaves: []apiLeave{}}
		for _, l := range p.Leaves {
			x.Leaves = append(x.Leaves, apiLeave{l.ID, l.Kind, l.FromDay, l.ToDay})
		}
		out.Postings = append(out.Postings, x)
	}
	for _, x := range d.Completions {
		out.Completions = append(out.Completions, apiCompletion{CourseID: x.CourseID, Course: x.Title, Recognised: x.Recognised, Day: x.EffectiveDay, Voided: x.Voided})
	}
	return out
}

// apiImportInput is a multipart form.
type apiImportInput struct {
	File      multipart.File `formData:"file" required:"true"`
	Effective string         `formData:"effective" required:"true" description:"The day from which the roster holds, YYYY-MM-DD."`
	FullList  bool           `formData:"full_list" description:"It is the full list of its organisations: who is missing is asked about on the import's page."`
}

type apiImport struct {
	ID        uint64             `json:"id"`
	File      string             `json:"file"`
	Effective models.Day         `json:"effective"`
	State     models.ImportState `json:"state"`
	Percent   int                `json:"percent"` // of the present step
	Accepted  int                `json:"accepted"`
	Refused   int                `json:"refused"`
	Asked     int                `json:"asked"`   // rows that wait for a decision on the import's page
	Missing   int                `json:"missing"` // people on the rosters who are not in a full list
	Refusal   string             `json:"refusal"` // why the file as a whole was refused
	Written   roster.Written     `json:"written"` // zeros until it is written
}

func toAPIImport(im *roster.Import) apiImport {
	out := apiImport{ID: im.ID, File: im.FileName, Effective: im.EffectiveDay, State: im.State, Percent: im.Percent()}
	out.Refusal, _ = im.Refusal()
	if h := im.Head; h != nil {
		out.Accepted, out.Refused, out.Asked, out.Missing = h.Accepted, h.Refused, h.Asked, h.Leavers
	}
	if x := im.Summary; x != nil {
		out.Accepted, out.Refused, out.Written = x.Accepted, x.Refused, x.Written
	}
	return out
}

func (s *Server) apiImportUpload(c *Ctx) error {
	var f importForm
	if err := c.BindForm(&f); err != nil {
		return err
	}
	id, err := s.upload(c, f)
	if err != nil {
		return err
	}
	im, err := s.roster.Import(c.Ctx(), c.Actor, id)
	if err != nil {
		return err
	}
	return c.OK(http.StatusCreated, toAPIImport(im))
}

func (s *Server) apiImportShow(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	im, err := s.roster.Import(c.Ctx(), c.Actor, id)
	if err != nil {
		return err
	}
	return c.OK(http.StatusOK, toAPIImport(im))
}
