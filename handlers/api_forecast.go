package handlers

import (
	"net/http"

	"taphuan/app/coverage"
	"taphuan/app/forecast"
	"taphuan/models"
)

// apiForecast is where a target group is heading. Days and levels are null or missing where nothing can be told.
type apiForecast struct {
	Organisation  string            `json:"organisation"`
	Group         string            `json:"group"`
	AsOf          models.Day        `json:"as_of"`
	TargetPercent int               `json:"target_percent"`
	Covered       int               `json:"covered"`
	Denominator   int               `json:"denominator"`
	Percent       *coverage.Percent `json:"percent"`
	Unreported    int               `json:"unreported"` // organisations that have said nothing yet: the denominator may grow
	Kind          forecast.Kind     `json:"kind"`       // "empty", "over", "met", "young", "idle", "day" or "not"
	Chance        *float64          `json:"chance"`     // of meeting the target in time, up to 1
	Relapse       *float64          `json:"relapse"`    // of falling below it again, once it is met
	Early         models.Day        `json:"early"`      // by which the target is met in one case of ten
	Middle        models.Day        `json:"middle"`     // in five
	Late          models.Day        `json:"late"`       // in nine
	Ahead         []apiOutlook      `json:"ahead"`      // the end of each quarter, the last of them the end of the plan
	Needed        apiNeed           `json:"needed"`
	Courses       []apiPlanned      `json:"courses"` // to come
}

type apiOutlook struct {
	Day    models.Day `json:"day"`
	Low    apiLevel   `json:"low"` // below it lies one case of ten
	Middle apiLevel   `json:"middle"`
	High   apiLevel   `json:"high"`
}

type apiLevel struct {
	Covered     int `json:"covered"`
	Denominator int `json:"denominator"`
}

// apiNeed is what it takes to meet the target on the last day.
type apiNeed struct {
	Denominator int     `json:"denominator"` // then
	Goal        int     `json:"goal"`        // of them to be covered
	Leaving     int     `json:"leaving"`     // of the covered, until then
	More        int     `json:"more"`        // to be covered newly
	Quarters    float64 `json:"quarters"`    // that are left
	PerQuarter  float64 `json:"per_quarter"`
	LastYear    float64 `json:"last_year_per_quarter"`
}

type apiPlanned struct {
	CourseID uint64     `json:"course_id"`
	Course   string     `json:"course"`
	LastDay  models.Day `json:"last_day"`
	Enrolled int        `json:"enrolled"`
	Capacity int        `json:"capacity"`
	Gain     float64    `json:"gain"` // people of the group whom it should cover
}

func apiLevelOf(l forecast.Level) apiLevel { return apiLevel{l.Covered, l.People} }

// apiForecasts answers with where each group of an organisation is heading.
func (s *Server) apiForecasts(c *Ctx) error {
	var q apiCoverageQuery
	if err := c.BindForm(&q); err != nil {
		return err
	}
	f, err := s.forecast.Ask(c.Ctx(), c.Actor, forecast.Query{Query: q.query()})
	if err != nil {
		return err
	}
	out := []apiForecast{}
	for _, g := range f.Groups {
		out = append(out, toAPIForecast(f, g))
	}
	return c.OK(http.StatusOK, out)
}

func toAPIForecast(f *forecast.Forecast, g forecast.Group) apiForecast {
	o, n := g.Outlook, g.Need
	out := apiForecast{Organisation: f.Top().Code, Group: g.Code, AsOf: f.Daily.Day, TargetPercent: g.TargetPercent, Covered: g.Figure.Covered, Denominator: g.Figure.Denominator,
		Percent: g.Figure.Percent(), Unreported: g.Figure.Unreported, Kind: g.Kind, Ahead: []apiOutlook{}, Courses: []apiPlanned{},
		Needed: apiNeed{n.People, n.Goal, n.Leaving, n.More, n.Quarters, n.PerQuarter, n.LastYear}}
	for _, x := range g.Planned {
		out.Courses = append(out.Courses, apiPlanned{x.ID, x.Title, x.Day, x.Enrolled, x.Capacity, x.Gain})
	}
	if !g.Told() {
		return out
	}
	out.Chance, out.Relapse, out.Early, out.Middle, out.Late = &o.Reach, &o.Relapse, o.Early, o.Middle, o.Late
	for _, m := range o.Marks[1:] {
		out.Ahead = append(out.Ahead, apiOutlook{m.Day, apiLevelOf(m.Low), apiLevelOf(m.Mid), apiLevelOf(m.High)})
	}
	return out
}
