package handlers

import (
	"taphuan/app/coverage"
	"taphuan/app/proposal"
)

// reach is what a group comes to by an option.
type reach struct {
	proposal.Outcome
	UsualMet, AllMet bool
	Need             int // who have to be covered to meet the target
	Short            []restTerm
}

// restTerm is a part of those who are not covered afterwards.
type restTerm struct {
	N           int
	Label, Href string
}

// newReach words what a group comes to.
func newReach(c *Ctx, k *proposal.Kept, g proposal.Goal, o proposal.Outcome) reach {
	r := reach{Outcome: o, Need: g.Covered + coverage.Figure{Denominator: g.Denominator, Covered: g.Covered}.ToTarget(g.Target)}
	if o.Usual.Denominator > 0 {
		r.UsualMet, r.AllMet = *o.Usual.Met(g.Target), *o.All.Met(g.Target)
	}
	if r.UsualMet || !o.Explained {
		return r
	}
	short := coverageHref("/coverage/people", "plan", k.Plan.Code, "org", k.Organisation.Code, "group", g.Group, "on", k.Ask.From.String(), "part", string(coverage.PartShort))
	unseated := "proposal.rest.rooms"
	switch {
	case k.Found.Share >= 1000:
		unseated = "proposal.rest.spare"
	case k.Found.Enough > 0:
		unseated = "proposal.rest.days"
	}
	for _, t := range []restTerm{
		{o.Rest.Unnamed, c.T("proposal.rest.unnamed"), short}, {o.Rest.Away, c.T("proposal.rest.away"), ""},
		{o.Rest.Useless, c.T("proposal.rest.useless"), ""}, {o.Rest.Unseated, c.T(unseated), ""},
		{o.Rest.Undated, c.T("proposal.rest.undated"), ""}, {o.Rest.Absent, c.T("proposal.rest.absent", "percent", k.Ask.Attendance), ""},
	} {
		if t.N > 0 {
			r.Short = append(r.Short, t)
		}
	}
	return r
}
