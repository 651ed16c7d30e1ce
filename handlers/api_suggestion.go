package handlers

import (
	"net/http"

	"taphuan/app/enrolment"
	"taphuan/models"
)

type apiSuggestionFilter struct {
	Organisation string         `form:"org" binding:"max=40"` // code: that organisation and all below
	Near         enrolment.Near `form:"near" binding:"omitempty,oneof=commune area" enum:"commune,area"`
	Page         int            `form:"page" binding:"min=0,max=1000000"`
}

// apiSuggestion is somebody who should come, with why.
type apiSuggestion struct {
	CadreID      uint64                `json:"cadre_id"`
	Name         string                `json:"name"`
	BirthYear    int                   `json:"birth_year"` // 0 when unknown
	Title        string                `json:"title"`
	Organisation string                `json:"organisation"` // code
	OrgName      string                `json:"organisation_name"`
	Groups       []string              `json:"groups"`
	Lacks        []models.Component    `json:"lacks"`         // of what the course brings
	Completes    bool                  `json:"completes"`     // nothing is lacking after this course
	Group        string                `json:"group"`         // the course's group in which the office's gap is widest
	Short        int                   `json:"office_short"`  // persons that the office lacks to its target of that group
	Points       int                   `json:"office_points"` // percentage points that it lacks
	Before       int                   `json:"before"`        // people of the same office and group who stand before
	Near         enrolment.Near        `json:"near" enum:",commune,area"`
	Was          models.EnrolmentState `json:"was"` // refused or withdrawn from this course before
	Clashes      []apiScheduleClash    `json:"clashes"`
}

// apiScheduleClash is another course at the same time.
type apiScheduleClash struct {
	CourseID uint64     `json:"course_id"`
	Course   string     `json:"course"`
	Day      models.Day `json:"day"`
}

type apiSuggestions struct {
	Day         models.Day      `json:"day"` // whose roster it is
	Total       int             `json:"total"`
	Page        int             `json:"page"`
	Free        int             `json:"free"` // seats
	Suggestions []apiSuggestion `json:"suggestions"`
}

func toAPISuggestion(r enrolment.Candidate) apiSuggestion {
	x := apiSuggestion{CadreID: r.CadreID, Name: r.Name, BirthYear: r.BirthYear, Title: r.Title, Organisation: r.OrgCode, OrgName: r.Organisation,
		Groups: append([]string{}, r.Groups...), Lacks: append([]models.Component{}, r.Lacks...), Completes: r.Benefit == enrolment.Completes,
		Group: r.GapGroup, Short: r.Gap.Persons(), Points: r.Gap.Points(), Before: r.Before, Was: r.Was, Clashes: []apiScheduleClash{}}
	switch r.Near {
	case enrolment.SameCommune:
		x.Near = enrolment.NearCommune
	case enrolment.SameArea:
		x.Near = enrolment.NearArea
	}
	for _, y := range r.Clashes {
		x.Clashes = append(x.Clashes, apiScheduleClash{y.CourseID, y.Title, y.Day})
	}
	return x
}

// apiSuggestionList gives who should come to a course, the first first.
func (s *Server) apiSuggestionList(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	var f apiSuggestionFilter
	if err := c.BindForm(&f); err != nil {
		return err
	}
	l, err := s.enrolment.Candidates(c.Ctx(), c.Actor, id, enrolment.Filter{Organisation: f.Organisation, Near: f.Near, Group: enrolment.CourseGroups, Lacking: true, Page: f.Page})
	if err != nil {
		return err
	}
	out := apiSuggestions{Day: l.Day, Total: l.Total, Page: l.Page, Free: l.Free(), Suggestions: make([]apiSuggestion, len(l.Rows))}
	for i, r := range l.Rows {
		out.Suggestions[i] = toAPISuggestion(r)
	}
	return c.OK(http.StatusOK, out)
}
