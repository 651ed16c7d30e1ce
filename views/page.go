package views

import (
	"html/template"
	"net/url"
	"slices"
)

// Page is what every page is given. Handlers fill it once per request; Data is the page's own.
type Page struct {
	Lang      string     // i18n.VI or i18n.EN
	Theme     string     // "light", "dark", or "" for what the device prefers
	Path      string     // path of the request, for links back to this page
	Query     url.Values // query of the request, for sort, filter and page links
	RequestID string     // shown on error pages
	Actor     *Actor     // nil when nobody is signed in
	Nav       []NavItem  // items of the rail that the actor may use
	Plans     []Option   // plans that can be chosen between; none where there is no choice
	Plan      string     // code of the one that the page is about
	Flash     *Flash     // what the last request did
	Error     string     // refusal of the form as a whole, in the page's language
	Errors    Errors     // refusals of single fields
	Insecure  bool       // the browser came without TLS and from elsewhere: it will not work offline, scan or install
	Printed   string     // moment of printing, in words; "" leaves it out
	NewKey    func() string
	Keep      bool   // this browser may keep the page for when there is no connection
	Light     bool   // it is opened where lines are slow: fonts come after all else
	Marks     *Marks // what the script of those who mark attendance is told; nil: it is not there
	Data      any

	labels map[string]string // of fields with a refusal, found while the page is rendered
	rail   template.HTML     // once it has been written
}

// Actor is how the signed-in person is shown.
type Actor struct {
	ID           uint64
	Name         string
	Roles        []string // in the page's language
	Organisation string   // "" for the whole plan
	Shared       bool     // signed in on a shared computer
}

// Marks is what the script of attendance is told on every page: whose marks wait here, and the server's time.
type Marks struct {
	Account uint64 // 0: nobody is signed in
	Name    string
	Now     int64 // milliseconds
	Field   bool  // a trainer or a class clerk, who is to be ready for a hall without reception
}

// NavItem is one entry of the rail. Its text is the message "nav.KEY", its picture the icon of the same key.
type NavItem struct {
	Key     string
	Href    string
	Current bool
	Count   int  // shown as a figure when not 0
	First   bool // begins a new group
}

// Flash kinds.
const (
	FlashDone  = "done"
	FlashWarn  = "warn"
	FlashError = "error"
)

// Flash says once what the last request did, in the page's language.
type Flash struct {
	Kind    string
	Message string
}

// FieldError is the refusal of one field.
type FieldError struct {
	Field   string
	Message string
}

// Errors are the refused fields in the order of the form.
type Errors []FieldError

// For gives the message of a field, "" when it was not refused.
func (e Errors) For(field string) string {
	for _, x := range e {
		if x.Field == field {
			return x.Message
		}
	}
	return ""
}

// FieldID is the id of a field's control, to which the error summary links.
func FieldID(name string) string { return "f-" + name }

// HasErrors says whether the error summary is to be shown.
func (p *Page) HasErrors() bool { return p.Error != "" || len(p.Errors) > 0 }

// LabelOf gives the label of the field of this name, "" while it is not known.
func (p *Page) LabelOf(field string) string { return p.labels[field] }

// Key gives a new request key for a form.
func (p *Page) Key() string {
	if p.NewKey == nil {
		return ""
	}
	return p.NewKey()
}

// With gives the address of this page with some parameters of the query changed; "" removes one. A change of anything
// but the place in the list starts again at its beginning.
func (p *Page) With(pairs ...string) string {
	q := url.Values{}
	for k, v := range p.Query {
		if !slices.Contains(places, k) {
			q[k] = v
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			q.Del(pairs[i])
		} else {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return p.Path
	}
	return p.Path + "?" + q.Encode()
}

// Back is the address of this page with its query.
func (p *Page) Back() string {
	if len(p.Query) == 0 {
		return p.Path
	}
	return p.Path + "?" + p.Query.Encode()
}
