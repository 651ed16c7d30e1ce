package handlers

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/views"
)

// sessionPlan holds the code of the plan that was chosen last.
const sessionPlan = "plan"

// choosePlan says which plan the request means, for plan.Current: the one that its address or its form names with plan=CODE, else the one of the
// page of coverage whose link was followed, else the one that the account chose last, else the one in force of those that the actor may see. A
// plan that is not there or may not be seen is refused with not_found. A page of coverage in another plan than the one in force is shown under an
// address that names it, so that whoever is sent the address sees the same; it says whether it leads there.
func (c *Ctx) choosePlan(read func() ([]plan.Brief, error)) (elsewhere bool, err error) {
	if c.route.Permission == access.Public {
		return false, nil
	}
	all, err := read()
	if err != nil {
		return false, err
	}
	if c.Request.Method == http.MethodGet {
		c.Request = c.Request.WithContext(plan.Once(c.Ctx(), &c.s.plans, all))
	}
	code := c.Query("plan")
	if code == "" && c.Request.Method == http.MethodPost && !c.isAPI() {
		code = c.PostForm("plan")
	}
	seen := slices.DeleteFunc(slices.Clone(all), func(b plan.Brief) bool { return !c.seesPlan(b) })
	if len(all) == 0 {
		return false, nil
	}
	if len(seen) == 0 { // who teaches, or learns
		seen = []plan.Brief{plan.InForce(all, c.Today())}
	}
	inForce := plan.InForce(seen, c.Today())
	named := code != ""
	if !named && !c.isAPI() && len(seen) > 1 {
		var said bool
		if code, said = c.planOfPage(inForce.Code); !said {
			code = c.s.sessions.GetString(c.Ctx(), sessionPlan)
		}
	}
	i := slices.IndexFunc(seen, func(b plan.Brief) bool { return b.Code == code })
	switch {
	case named && i < 0:
		return false, errs.NotFound("plan")
	case len(all) == 1:
		return false, nil
	}
	if len(seen) > 1 {
		c.plans = seen
		c.plan = inForce.Code
	}
	if i < 0 {
		ids := make([]uint64, len(seen))
		for i, b := range seen {
			ids[i] = b.ID
		}
		c.Request = c.Request.WithContext(plan.Among(c.Ctx(), ids))
		return false, nil
	}
	if c.plan = code; named && !c.isAPI() && len(seen) > 1 {
		c.s.sessions.Put(c.Ctx(), sessionPlan, code)
	}
	if at := c.Request.URL; !named && code != inForce.Code && c.Request.Method == http.MethodGet && ofCoverage(at.Path) {
		q := at.Query()
		q.Set("plan", code)
		c.Redirect(http.StatusSeeOther, at.Path+"?"+q.Encode())
		return true, nil
	}
	c.Request = c.Request.WithContext(plan.Choose(c.Ctx(), seen[i].ID))
	return false, nil
}

// planOfPage gives the plan of the page of coverage whose link was followed: the one that its address names, else the one in force. So tabs in
// two plans each stay in their own.
func (c *Ctx) planOfPage(inForce string) (code string, said bool) {
	from, err := url.Parse(c.Request.Referer())
	if err != nil || from.Host != c.Request.Host || !ofCoverage(from.Path) {
		return "", false
	}
	return cmp.Or(from.Query().Get("plan"), inForce), true
}

// ofCoverage says whether a page's address names the plan that it shows, where that is another than the one in force.
func ofCoverage(path string) bool {
	return path == "/coverage" || strings.HasPrefix(path, "/coverage/") || strings.HasPrefix(path, "/coverage.")
}

// seesPlan says whether something of the plan's tree is in the actor's scope, or the actor's in the tree.
func (c *Ctx) seesPlan(b plan.Brief) bool {
	return c.Actor.Whole(access.CoverageRead) || slices.ContainsFunc(c.Actor.Grants, func(g access.Grant) bool { return g.Path != "" && b.Holds(g.Path) })
}

// ofPlan says that the page is of one thing, which belongs to a plan: it stays in that one, whatever was chosen last, and offers no other.
func (c *Ctx) ofPlan(id uint64) {
	if i := slices.IndexFunc(c.plans, func(b plan.Brief) bool { return b.ID == id }); i >= 0 {
		c.plan = c.plans[i].Code
	}
	c.plans = nil
}

// planChoice gives what the page's head offers where more than one plan may be seen.
func (c *Ctx) planChoice() []views.Option {
	out := make([]views.Option, len(c.plans))
	for i, b := range c.plans {
		out[i] = views.Option{Value: b.Code, Label: cmp.Or(b.Name(c.Lang), b.Code)}
	}
	return out
}
