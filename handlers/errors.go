package handlers

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"

	"taphuan/app/errs"
)

// status is the one map from kinds of refusals to HTTP.
var status = map[errs.Kind]int{
	errs.KindInternal:        http.StatusInternalServerError,
	errs.KindInvalid:         http.StatusUnprocessableEntity,
	errs.KindNotFound:        http.StatusNotFound,
	errs.KindForbidden:       http.StatusForbidden,
	errs.KindConflict:        http.StatusConflict,
	errs.KindUnauthenticated: http.StatusUnauthorized,
	errs.KindTooMany:         http.StatusTooManyRequests,
	errs.KindTooLarge:        http.StatusRequestEntityTooLarge,
}

func statusOf(e *errs.Error) int {
	if e.Code == "method" {
		return http.StatusMethodNotAllowed
	}
	return status[e.Kind]
}

func notFound() error         { return errs.NotFound("page") }
func methodNotAllowed() error { return errs.Invalid("method") }

const problemType = "application/problem+json; charset=utf-8"

// Problem is an error of the API (RFC 9457).
type Problem struct {
	Type      string         `json:"type"` // "about:blank"
	Title     string         `json:"title"`
	Status    int            `json:"status"`
	Code      string         `json:"code"` // stable; see errs
	Detail    string         `json:"detail"`
	RequestID string         `json:"request_id"`
	Errors    []ProblemField `json:"errors,omitempty"`
}

// ProblemField is a refusal of one field.
type ProblemField struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// fail answers an error: a page, or problem+json under /api. Internals are logged with the request's id and never shown.
func (c *Ctx) fail(err error) {
	e := errs.As(err)
	code := statusOf(e)
	if code >= http.StatusInternalServerError {
		c.s.Log.Log(c.Ctx(), severity(c.Request, err), "internal", "request", c.RequestID, "method", c.Request.Method, "path", shownPath(c.Request.URL.Path), "error", err)
	}
	if c.Writer.Written() {
		return
	}
	if c.isAPI() || c.route.json {
		c.problem(e, code)
		return
	}
	if e.Kind == errs.KindUnauthenticated && c.Request.Method == http.MethodGet {
		c.Redirect(http.StatusSeeOther, "/sign-in?next="+url.QueryEscape(c.Request.URL.RequestURI()))
		return
	}
	c.errorPage(e, code)
}

func (c *Ctx) problem(e *errs.Error, code int) {
	p := Problem{Type: "about:blank", Title: http.StatusText(code), Status: code, Code: e.Code, Detail: c.message(e.Code, e.Params), RequestID: c.RequestID}
	for _, f := range e.Fields {
		p.Errors = append(p.Errors, ProblemField{Field: f.Name, Code: f.Code, Detail: c.message(f.Code, f.Params)})
	}
	if code == http.StatusUnauthorized {
		c.Header("WWW-Authenticate", `Bearer realm="taphuan"`)
	}
	c.Header("Cache-Control", "no-store")
	c.Header("Content-Type", problemType)
	c.Context.JSON(code, p)
}

// message is the sentence of a refusal in the reader's language.
func (c *Ctx) message(code string, params errs.Params) string {
	return c.s.Words.Text(c.Lang, "error."+code, params)
}

// crossSite answers a request that another site's page sent.
func (s *Server) crossSite(w http.ResponseWriter, r *http.Request) {
	s.bareError(w, r, http.StatusForbidden)
}

// sessionFailed answers where a sign-in cannot be read or kept.
func (s *Server) sessionFailed(w http.ResponseWriter, r *http.Request, err error) {
	s.Log.Log(r.Context(), severity(r, err), "session", "request", requestID(r.Context()), "error", err)
	s.bareError(w, r, http.StatusInternalServerError)
}

// severity is how the log takes a failure: as an error, unless whoever asked has gone away meanwhile, which breaks off what was begun.
// The databases say that in words of their own ("interrupted (9)", "invalid connection"), so that one is kept in the log for who looks for it.
func severity(r *http.Request, err error) slog.Level {
	switch {
	case r.Context().Err() == nil:
		return slog.LevelError
	case errors.Is(err, context.Canceled):
		return slog.LevelDebug
	}
	return slog.LevelInfo
}

// bareError answers where no page can be made: in plain words of the default language, and the API in JSON all the same.
func (s *Server) bareError(w http.ResponseWriter, r *http.Request, status int) {
	code := "internal"
	if status == http.StatusForbidden {
		code = "cross_site"
	}
	id := requestID(r.Context())
	vi, en := s.Words.T("vi", "error."+code), s.Words.T("en", "error."+code)
	contentType, text := "text/plain; charset=utf-8", []byte(vi+"\n\n"+en+"\n\n"+id+"\n")
	if isAPI(r) {
		contentType = problemType
		// A struct of texts and a number always becomes JSON.
		text, _ = json.Marshal(Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: code, Detail: vi, RequestID: id})
	}
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	if _, err := w.Write(text); err != nil {
		s.Log.Debug("client went away", "error", err)
	}
}
