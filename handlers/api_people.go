package handlers

import (
	"cmp"
	"net/http"

	"taphuan/app/coverage"
	"taphuan/app/page"
	"taphuan/models"
)

type apiMissingQuery struct {
	Org     string           `form:"org" binding:"max=40"`
	AsOf    models.Day       `form:"as_of"`
	Group   string           `form:"group" binding:"required,max=40"`
	Lacking models.Component `form:"lacking" binding:"max=40"`
	Text    string           `form:"q" binding:"max=200"`
	After   string           `form:"after" binding:"max=2000"`     // next of the page before
	Size    int              `form:"size" binding:"min=0,max=500"` // 50 when left out
}

func (q apiMissingQuery) query(part coverage.Part) coverage.NamesQuery {
	return coverage.NamesQuery{Query: coverage.Query{Org: q.Org, Day: q.AsOf}, Group: q.Group, Part: part, Lacking: q.Lacking, Search: q.Text,
		Size: cmp.Or(q.Size, namesPage), Ask: page.Ask{After: q.After}}
}

// apiMissing is who of a group is not covered on a day, and what else keeps the figure from the denominator.
type apiMissing struct {
	AsOf       models.Day               `json:"as_of"`
	Row        coverage.Row             `json:"row"`
	Total      int                      `json:"total"`   // people by name
	Found      int                      `json:"found"`   // of them, those that lacking and q leave
	Lacking    map[models.Component]int `json:"lacking"` // of total, how many lack each component
	Next       string                   `json:"next"`    // for after, "" on the last page
	People     []apiMissingPerson       `json:"people"`
	Unnamed    []apiUnnamed             `json:"unnamed"`    // counted but not covered and on no list
	Unreported []string                 `json:"unreported"` // codes
}

type apiMissingPerson struct {
	CadreID          uint64             `json:"cadre_id"`
	Name             string             `json:"name"`
	BirthYear        int                `json:"birth_year"` // 0 when unknown
	Title            string             `json:"title"`
	Organisation     string             `json:"organisation"`
	OrganisationName string             `json:"organisation_name"`
	Lacks            []models.Component `json:"lacks"`
	Leave            models.LeaveKind   `json:"leave"`
}

func newAPIMissingPerson(p coverage.Person) apiMissingPerson {
	return apiMissingPerson{CadreID: p.CadreID, Name: p.Name, BirthYear: p.BirthYear, Title: p.Title, Organisation: p.OrganisationCode,
		OrganisationName: p.OrganisationName, Lacks: append([]models.Component{}, p.Lacks...), Leave: p.Leave}
}

type apiUnnamed struct {
	Organisation string `json:"organisation"`
	People       int    `json:"people"`
}

// apiMissing answers with one page of those missing, by given name.
func (s *Server) apiMissing(c *Ctx) error {
	q := apiMissingQuery{}
	if err := c.BindForm(&q); err != nil {
		return err
	}
	m, err := s.coverage.Names(c.Ctx(), c.Actor, q.query(coverage.PartMissing))
	if err != nil {
		return err
	}
	out := apiMissing{AsOf: m.Report.Day, Row: m.Figure.Row(m.Report.Top().Code, m.Group), Total: m.Parts.Missing, Found: m.Found, Lacking: m.Lacking, Next: m.Place.After, People: []apiMissingPerson{}, Unnamed: []apiUnnamed{}, Unreported: []string{}}
	for _, p := range m.People {
		out.People = append(out.People, newAPIMissingPerson(p))
	}
	for _, o := range m.Short {
		out.Unnamed = append(out.Unnamed, apiUnnamed{o.Code, o.Declared - o.Roster})
	}
	for _, o := range m.Told {
		if o.Declared > o.Covered {
			out.Unnamed = append(out.Unnamed, apiUnnamed{o.Code, o.Declared - o.Covered})
		}
	}
	for _, o := range m.Silent {
		out.Unreported = append(out.Unreported, o.Code)
	}
	return c.OK(http.StatusOK, out)
}

type apiPeopleQuery struct {
	apiMissingQuery
	// Part is those missing when left out, or those covered where nobody is.
	Part coverage.Part `form:"part" binding:"omitempty,oneof=covered recognised missing leave short told silent" enum:"covered,recognised,missing,leave,short,told,silent"`
	Line bool          `form:"line"`                             // people of the professional line in place of the organisation's own
	Page int           `form:"page" binding:"min=0,max=1000000"` // of a part that is a list of organisations, from 1
}

// apiPeople is what the figure of a group is the sum of on a day, and one page of one part of it: people, or organisations.
type apiPeople struct {
	AsOf          models.Day       `json:"as_of"`
	Row           coverage.Row     `json:"row"` // of the line where that was asked for
	Part          coverage.Part    `json:"part"`
	Parts         apiParts         `json:"parts"`
	Found         int              `json:"found"` // people of the part whom lacking and q leave, or organisations
	Next          string           `json:"next"`  // for after, "" on the last page
	People        []apiPerson      `json:"people"`
	Organisations []apiNamesOffice `json:"organisations"`
}

// apiParts is how many each part holds: people, of silent organisations. The denominator is covered, missing, short and told together.
type apiParts struct {
	Covered    int `json:"covered"`    // by name
	Recognised int `json:"recognised"` // of them, thanks to recognised training alone
	Missing    int `json:"missing"`    // by name
	Leave      int `json:"leave"`      // by name, among those covered and missing
	Short      int `json:"short"`      // declared but not listed
	Told       int `json:"told"`       // of organisations that give counts only
	Silent     int `json:"silent"`
}

type apiPerson struct {
	apiMissingPerson
	Since      models.Day    `json:"since"`      // of who is covered: without a break since this day
	Until      models.Day    `json:"until"`      // the last day of that where something expires
	Recognised bool          `json:"recognised"` // covered, and would not be without recognised training
	Trainings  []apiTraining `json:"trainings"`  // by which somebody is covered, the oldest first
}

type apiTraining struct {
	Day        models.Day         `json:"day"`
	Components []models.Component `json:"components"`
	Course     string             `json:"course"` // code, "" of a recognised training
	Title      string             `json:"title"`
	Body       string             `json:"body"` // who held a recognised training
}

// apiNamesOffice is an organisation that brings people without names to a figure, or says nothing.
type apiNamesOffice struct {
	Organisation     string `json:"organisation"`
	OrganisationName string `json:"organisation_name"`
	Declared         int    `json:"declared"`
	Listed           int    `json:"listed"`  // 0 of those that give counts only
	Covered          int    `json:"covered"` // of those that give counts only
}

// apiPeople answers with one page of a part of a figure.
func (s *Server) apiPeople(c *Ctx) error {
	q := apiPeopleQuery{}
	if err := c.BindForm(&q); err != nil {
		return err
	}
	ask := q.query(q.Part)
	ask.Line = q.Line
	n, err := s.coverage.Names(c.Ctx(), c.Actor, ask)
	if err != nil {
		return err
	}
	out := apiPeople{AsOf: n.Report.Day, Row: n.Figure.Row(n.Report.Top().Code, n.Group), Part: n.Part, Parts: newAPIParts(n.Parts), Found: n.Found,
		Next: n.Place.After, People: []apiPerson{}, Organisations: []apiNamesOffice{}}
	for _, p := range n.People {
		out.People = append(out.People, newAPIPerson(p))
	}
	if !n.Part.People() {
		all := offices(n, "")
		out.Found = len(all)
		from := min((max(q.Page, 1)-1)*ask.Size, len(all))
		for _, o := range all[from:min(from+ask.Size, len(all))] {
			out.Organisations = append(out.Organisations, apiNamesOffice{o.Code, o.Name, o.Declared, o.Listed, o.Covered})
		}
	}
	return c.OK(http.StatusOK, out)
}

func newAPIParts(p coverage.Parts) apiParts {
	return apiParts{p.Covered, p.Recognised, p.Missing, p.Of(coverage.PartLeave), p.Short, p.Of(coverage.PartTold), p.Silent}
}

func newAPIPerson(p coverage.Person) apiPerson {
	out := apiPerson{apiMissingPerson: newAPIMissingPerson(p), Since: p.Since, Until: p.Until, Recognised: p.Recognised, Trainings: []apiTraining{}}
	for _, x := range p.Trainings {
		out.Trainings = append(out.Trainings, apiTraining{x.Day, x.Components.List(), x.Code, x.Title, x.Body})
	}
	return out
}
