package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"strings"

	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/i18n"
	"taphuan/models"
)

type apiOpenQuery struct {
	Plan string     `form:"plan" binding:"max=40"` // code; none but the plan in force
	AsOf models.Day `form:"as_of"`                 // today when left out, or the plan's last day
}

// apiOpen is what anyone may know of coverage on a day. Names are Vietnamese, whoever asks.
type apiOpen struct {
	Plan          string                `json:"plan"` // code
	PlanName      string                `json:"plan_name"`
	From          models.Day            `json:"from"`
	To            models.Day            `json:"to"` // included
	AsOf          models.Day            `json:"as_of"`
	Least         int                   `json:"least"`         // fewest people of whom a figure is given
	Whole         []apiOpenFigure       `json:"whole"`         // one for each group
	Organisations []apiOpenOrganisation `json:"organisations"` // right below the whole
	Together      []apiOpenFigure       `json:"together"`      // of each group: those of the organisations that are withheld, as one
	Series        []apiOpenPoint        `json:"series"`        // the whole by month, and on the day
}

// apiOpenFigure is a figure; of a withheld one there is nothing, and no percentage where there is nobody.
type apiOpenFigure struct {
	Group         string            `json:"group"` // code
	GroupName     string            `json:"group_name"`
	TargetPercent int               `json:"target_percent"`
	Withheld      bool              `json:"withheld"`
	Denominator   *int              `json:"denominator"`
	Covered       *int              `json:"covered"`
	Percent       *coverage.Percent `json:"percent"`
	Met           *bool             `json:"met"`
	Unreported    *int              `json:"unreported"` // organisations that have not said how many they have
}

type apiOpenOrganisation struct {
	Organisation     string          `json:"organisation"` // code
	OrganisationName string          `json:"organisation_name"`
	Figures          []apiOpenFigure `json:"figures"`
}

type apiOpenPoint struct {
	Day     models.Day      `json:"day"`
	Figures []apiOpenFigure `json:"figures"`
}

func toAPIOpen(o *coverage.Open) apiOpen {
	figures := func(all []coverage.OpenFigure) []apiOpenFigure {
		out := make([]apiOpenFigure, len(all))
		for i, f := range all {
			g := o.Plan.Groups[i]
			out[i] = apiOpenFigure{Group: g.Code, GroupName: g.Name(i18n.VI), TargetPercent: g.TargetPercent, Withheld: f.Withheld}
			if !f.Withheld {
				out[i].Denominator, out[i].Covered, out[i].Percent, out[i].Met, out[i].Unreported = &f.Denominator, &f.Covered, f.Percent(), f.Met(g.TargetPercent), &f.Unreported
			}
		}
		return out
	}
	out := apiOpen{Plan: o.Plan.Code, PlanName: o.Plan.Name(i18n.VI), From: o.Plan.FromDay, To: o.Plan.ToDay.AddDays(-1), AsOf: o.Day, Least: coverage.Least,
		Whole: figures(o.Groups), Organisations: []apiOpenOrganisation{}, Together: figures(o.Together), Series: []apiOpenPoint{}}
	for _, x := range o.Organisations {
		out.Organisations = append(out.Organisations, apiOpenOrganisation{x.Code, x.Name, figures(x.Figures)})
	}
	for _, p := range o.Points {
		out.Series = append(out.Series, apiOpenPoint{p.Day, figures(p.Figures)})
	}
	return out
}

// apiOpen answers with what anyone may know, to any site's page.
func (s *Server) apiOpen(c *Ctx) error {
	if err := s.opened(c); err != nil {
		return err
	}
	var q apiOpenQuery
	if err := c.BindForm(&q); err != nil {
		return err
	}
	o, err := s.openFigures(c, q.Plan, q.AsOf)
	if err != nil {
		return err
	}
	b, err := json.Marshal(toAPIOpen(o))
	if err != nil {
		return errs.Internal("open figures", err)
	}
	sum := sha256.Sum256(b)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	c.Header("ETag", tag)
	if sameTag(c.GetHeader("If-None-Match"), tag) {
		c.Header("Cache-Control", "public, max-age=300")
		c.Status(http.StatusNotModified)
		return nil
	}
	return c.published("application/json; charset=utf-8", b)
}

// sameTag says whether an If-None-Match names the tag, weakly: a proxy that packs the answer makes its tag a weak one.
func sameTag(header, tag string) bool {
	for x := range strings.SplitSeq(header, ",") {
		x = strings.TrimSpace(x)
		if x == "*" || strings.TrimPrefix(x, "W/") == tag {
			return true
		}
	}
	return false
}
