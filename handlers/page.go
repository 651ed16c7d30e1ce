package handlers

import (
	"bytes"
	"net/http"
	"strings"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/i18n"
	"taphuan/models"
	"taphuan/views"
)

// Page answers with a page: the name of its template ("course/list") and its data.
func (c *Ctx) Page(name string, data any) error {
	return c.render(http.StatusOK, name, c.page(data))
}

// Invalid answers a refused form: the same page again with what was typed, the refusals at their fields, and status 422 (or the
// refusal's own). Refusals that belong to no form (not found, forbidden, internal) are passed on.
func (c *Ctx) Invalid(name string, data any, err error) error {
	e := errs.As(err)
	switch e.Kind {
	case errs.KindInvalid, errs.KindConflict, errs.KindTooMany, errs.KindTooLarge:
	default:
		return err
	}
	p := c.page(data)
	for _, f := range e.Fields {
		p.Errors = append(p.Errors, views.FieldError{Field: f.Name, Message: c.message(f.Code, f.Params)})
	}
	if len(e.Fields) == 0 {
		p.Error = c.message(e.Code, e.Params)
	}
	return c.render(statusOf(e), name, p)
}

func (c *Ctx) render(status int, name string, p *views.Page) error {
	var b bytes.Buffer
	if err := c.s.Views.Render(&b, name, p); err != nil {
		return errs.Internal("page "+name, err)
	}
	c.Header("Cache-Control", "private, no-store")
	c.Data(status, "text/html; charset=utf-8", b.Bytes())
	return nil
}

// page fills what every page is given.
func (c *Ctx) page(data any) *views.Page {
	q := c.Request.URL.Query()
	q.Del("lang")
	p := &views.Page{Lang: c.Lang, Path: c.Request.URL.Path, Query: q, RequestID: c.RequestID, NewKey: NewKey, Data: data, Insecure: !c.s.trustworthy(c.Request)}
	if t, err := c.Cookie(themeCookie); err == nil && (t == "light" || t == "dark") {
		p.Theme = t
	}
	if c.marks || !c.Actor.IsNobody() && c.Actor.May(access.AttendanceWrite) {
		p.Marks = &views.Marks{Now: c.s.DB.Time().UnixMilli(), Field: c.inField()}
		if !c.marks {
			p.Marks.Account, p.Marks.Name = c.Actor.AccountID, c.Actor.Name
		}
	}
	p.Light = c.keep && p.Marks != nil
	if c.Actor.IsNobody() {
		return p
	}
	ctx := c.Request.Context()
	p.Actor = &views.Actor{ID: c.Actor.AccountID, Name: c.Actor.Name, Shared: c.s.sessions.GetBool(ctx, sessionShared)}
	p.Keep = c.keep && !p.Actor.Shared && c.Request.Method == http.MethodGet && c.Request.URL.RawQuery == ""
	for _, r := range models.Roles {
		if c.Actor.Has(r) {
			p.Actor.Roles = append(p.Actor.Roles, c.T("role."+string(r)))
		}
	}
	p.Nav = c.nav()
	if p.Plan = c.plan; c.Request.Method == http.MethodGet {
		p.Plans = c.planChoice()
	}
	p.Printed = i18n.Moment(c.Lang, c.s.DB.Time())
	if kind, text, ok := strings.Cut(c.s.sessions.PopString(ctx, sessionFlash), "\x00"); ok {
		p.Flash = &views.Flash{Kind: kind, Message: text}
	}
	return p
}

// inField says whether the actor works where there may be no reception.
func (c *Ctx) inField() bool { return c.Actor.Has(models.RoleTrainer) || c.Actor.Has(models.RoleClerk) }

// navigation is the rail in order; a row is shown to those whose permission reaches it.
var navigation = []struct {
	key, href  string
	permission access.Permission
	first      bool
}{
	{"home", "/", access.SignedIn, false},
	{"coverage", "/coverage", access.CoverageRead, true},
	{"courses", "/courses", access.CourseRead, false},
	{"calendar", "/calendar", access.CourseRead, false},
	{"nominations", "/nominations", access.NominationRead, false},
	{"trainers", "/trainers", access.TrainerRead, false},
	{"venues", "/venues", access.CourseWrite, false},
	{"teaching", "/courses?mine=1", access.CourseRead, false},
	{"lessons", "/my/teaching", access.OwnTeaching, false},
	{"my_courses", "/my/courses", access.OwnRead, true},
	{"my_certificates", "/my", access.OwnRead, false},
	{"cadres", "/cadres", access.RosterRead, true},
	{"organisations", "/organisations", access.RosterRead, false},
	{"imports", "/imports", access.RosterImport, false},
	{"recognitions", "/recognitions", access.CompletionPropose, true},
	{"certificates", "/certificates", access.CertificateRead, false},
	{"accounts", "/accounts", access.AccountRead, true},
	{"slips", "/slips", access.AccountSlip, false},
	{"plan", "/plans", access.SettingsWrite, false},
	{"audit", "/audit", access.AuditRead, false},
	{"settings", "/settings", access.SettingsWrite, false},
	{"gallery", "/gallery", access.GalleryRead, false},
}

// roomOf says under which entry of the rail those pages belong whose addresses do not begin with it.
var roomOf = map[string]string{"/my/enrolments/": "/my/courses", "/name-checks": "/cadres", "/sessions/": "/courses", "/rooms/": "/venues", "/proposals": "/courses", "/issuers": "/certificates", "/certificate-scans/": "/certificates", "/templates": "/certificates", "/signing": "/settings", "/completions/": "/cadres", "/twins": "/cadres", "/headcounts": "/organisations", "/reorganisation": "/organisations"}

func (c *Ctx) nav() []views.NavItem {
	var out []views.NavItem
	best, length := -1, -1
	// Whoever only teaches has no other courses than those.
	teaches := c.Actor.Has(models.RoleTrainer) || c.Actor.Has(models.RoleClerk)
	reads := c.Actor.Whole(access.CourseRead) || c.Actor.Has(models.RoleHead)
	for _, n := range navigation {
		if !c.Actor.May(n.permission) || n.key == "teaching" && !teaches || n.key == "lessons" && !c.Actor.Has(models.RoleTrainer) || n.key == "courses" && teaches && !reads {
			continue
		}
		at, path := n.href, c.Request.URL.Path
		if base, query, ok := strings.Cut(n.href, "?"); ok && !reads {
			at = base // all courses that this actor sees are those
		} else if ok && path == base && c.Request.URL.RawQuery == query {
			path = n.href
		}
		for page, home := range roomOf {
			if strings.HasPrefix(path, page) && at == home {
				path = home
			}
		}
		if (path == at || at != "/" && strings.HasPrefix(path, at+"/")) && len(at) > length {
			best, length = len(out), len(at)
		}
		out = append(out, views.NavItem{Key: n.key, Href: n.href, First: n.first})
	}
	if best >= 0 {
		out[best].Current = true
	}
	return out
}

func (c *Ctx) errorPage(e *errs.Error, code int) {
	title := map[errs.Kind]string{
		errs.KindInternal: "internal", errs.KindInvalid: "invalid", errs.KindNotFound: "not_found", errs.KindForbidden: "forbidden",
		errs.KindConflict: "conflict", errs.KindUnauthenticated: "unauthenticated", errs.KindTooMany: "too_many", errs.KindTooLarge: "too_large",
	}[e.Kind]
	text := c.message(e.Code, e.Params)
	for _, f := range e.Fields {
		text += " " + c.message(f.Code, f.Params)
	}
	d := views.ErrorPage{Title: c.T("error.title." + title), Message: text, SignIn: e.Kind == errs.KindUnauthenticated}
	if d.SignIn { // a reader would have been led to the page for signing in: something was sent
		d.Message = c.T("error.title.sent_signed_out")
	}
	if err := c.render(code, "error/page", c.page(d)); err != nil {
		c.s.Log.Log(c.Ctx(), severity(c.Request, err), "error page", "request", c.RequestID, "error", err)
		c.s.bareError(c.Writer, c.Request, http.StatusInternalServerError)
	}
}

// back is the local page that a form says it came from.
func (c *Ctx) back(fallback string) string {
	return safePath(c.PostForm("back"), fallback)
}

// safePath gives path when it is a local one, else fallback: a link can never lead to another site.
func safePath(path, fallback string) string {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t") {
		return fallback
	}
	return path
}

// preferences sets the language and the theme of this browser.
func (s *Server) preferences(c *Ctx) error {
	if v := c.PostForm("lang"); v == i18n.VI || v == i18n.EN {
		c.setCookie(langCookie, v)
	}
	switch v := c.PostForm("theme"); v {
	case "light", "dark", "auto":
		c.setCookie(themeCookie, v)
	}
	c.Redirect(http.StatusSeeOther, c.back("/"))
	return nil
}
