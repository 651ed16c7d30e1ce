package views

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"taphuan/app/i18n"
)

// Link is a place to go: breadcrumbs, tabs.
type Link struct {
	Href    string
	Label   string
	Current bool
	Count   any // figure beside a tab's label; nil for none
}

func newLink(href, label string, pairs ...any) (Link, error) {
	l := Link{Href: href, Label: label}
	return l, apply("link "+label, &l, pairs)
}

// Button is a verb: a button of a form, or with Href a link that looks like one.
type Button struct {
	Label      string
	Kind       string // primary (default), secondary, quiet, danger
	Href       string
	Name       string
	Value      string
	Icon       string
	Type       string // submit (default), button
	Form       string // id of a form elsewhere in the page
	Formaction string
	Get        bool // sends the form as an address: a file of what is ticked
	Large      bool
	Small      bool
	Disabled   bool
	Download   bool
	About      string // whom or what it acts on, for screen readers: "Sửa" + "Nguyễn Văn An"
}

func newButton(label string, pairs ...any) (*Button, error) {
	b := &Button{Label: label, Kind: "primary", Type: "submit"}
	if err := apply("button "+label, b, pairs); err != nil {
		return nil, err
	}
	if !slices.Contains([]string{"primary", "secondary", "quiet", "danger"}, b.Kind) {
		return nil, fmt.Errorf("button %s: there is no kind %q", label, b.Kind)
	}
	return b, nil
}

// Action is a form that is nothing but one button: it posts to Href with a request key of its own.
type Action struct {
	Button
	Page   *Page
	Fields map[string]any
	Post   string
}

func newAction(p *Page, post, label string, pairs ...any) (*Action, error) {
	a := &Action{Page: p, Post: post}
	var rest []any
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == "fields" {
			m, ok := pairs[i+1].(map[string]any)
			if !ok {
				return nil, fmt.Errorf("action %s: fields takes a dict", label)
			}
			a.Fields = m
			continue
		}
		rest = append(rest, pairs[i], pairs[i+1])
	}
	b, err := newButton(label, rest...)
	if err != nil {
		return nil, err
	}
	a.Button = *b
	return a, nil
}

// Plain writes a hidden field's value.
func (a *Action) Plain(v any) string { return plain(v) }

// Heading is a column's head, a sort link when it has a key.
type Heading struct {
	Label   string
	Key     string
	Href    string
	Dir     string // "ascending", "descending", "" when the list is not sorted by it
	Num     bool
	Hidden  bool   // the label is for screen readers only
	Default string // "asc" or "desc": sorted so when the address says nothing
	Desc    bool   // the first click sorts from the largest
}

// newHeading makes the head of a column that the list can be sorted by: sort=KEY, or sort=-KEY for descending. With
// key "" it is a plain head.
func newHeading(p *Page, key, label string, pairs ...any) (*Heading, error) {
	h := &Heading{Key: key, Label: label}
	if err := apply("th "+label, h, pairs); err != nil {
		return nil, err
	}
	if key == "" {
		return h, nil
	}
	sort := p.Query.Get("sort")
	if sort == "" && h.Default == "asc" {
		sort = key
	} else if sort == "" && h.Default == "desc" {
		sort = "-" + key
	}
	next := key
	if h.Desc {
		next = "-" + key
	}
	switch sort {
	case key:
		h.Dir, next = "ascending", "-"+key
	case "-" + key:
		h.Dir, next = "descending", key
	}
	h.Href = p.With("sort", next)
	return h, nil
}

// Filters says how many of a list's filters are in use, and where the list is without them.
type Filters struct {
	Used  int
	Clear string
}

// newFilters looks for the named parameters in the query of the page.
func newFilters(p *Page, names ...string) Filters {
	var f Filters
	var without []string
	for _, n := range names {
		if p.Query.Get(n) != "" {
			f.Used++
		}
		without = append(without, n, "")
	}
	f.Clear = p.With(without...)
	return f
}

// Pager is the way through a long list.
type Pager struct {
	Number, Pages  int
	From, To       int
	Total          int
	Previous, Next string
	Steps          []PagerStep
}

// PagerStep is one page's link; Number 0 is a gap.
type PagerStep struct {
	Number  int
	Href    string
	Current bool
}

// newPager: number counts from 1, size is rows a page, total is rows in all.
func newPager(p *Page, number, size, total any) *Pager {
	n, s, all := toInt(number), max(toInt(size), 1), toInt(total)
	g := &Pager{Number: max(n, 1), Total: all, Pages: max((all+s-1)/s, 1)}
	g.Number = min(g.Number, g.Pages)
	g.From = min((g.Number-1)*s+1, all)
	g.To = min(g.Number*s, all)
	href := func(n int) string {
		if n == 1 {
			return p.With("page", "")
		}
		return p.With("page", strconv.Itoa(n))
	}
	if g.Number > 1 {
		g.Previous = href(g.Number - 1)
	}
	if g.Number < g.Pages {
		g.Next = href(g.Number + 1)
	}
	last := 0
	for n := 1; n <= g.Pages; n++ {
		if n != 1 && n != g.Pages && (n < g.Number-1 || n > g.Number+1) {
			continue
		}
		if n == last+2 {
			g.Steps = append(g.Steps, PagerStep{Number: n - 1, Href: href(n - 1)})
		} else if n > last+2 {
			g.Steps = append(g.Steps, PagerStep{})
		}
		g.Steps = append(g.Steps, PagerStep{n, href(n), n == g.Number})
		last = n
	}
	return g
}

// Tag is a state: a shape and a word.
type Tag struct {
	Kind  string // good, info, warn, bad, neutral, open
	Label string
}

var kinds = []string{"good", "info", "warn", "bad", "neutral", "open"}

func newTag(kind, label string) (Tag, error) {
	if !slices.Contains(kinds, kind) {
		return Tag{}, fmt.Errorf("tag %s: there is no kind %q", label, kind)
	}
	return Tag{kind, label}, nil
}

// Notice is a message that stays on the page.
type Notice struct {
	Kind  string // info, good, warn, bad
	Text  string
	Title string
	Lines any // texts: a list below the text
	Href  string
	Link  string
}

func newNotice(kind, text string, pairs ...any) (*Notice, error) {
	n := &Notice{Kind: kind, Text: text}
	if !slices.Contains([]string{"info", "good", "warn", "bad"}, kind) {
		return nil, fmt.Errorf("notice: there is no kind %q", kind)
	}
	return n, apply("notice", n, pairs)
}

// Empty is what a list says when it has nothing: what would be here, and what to do first.
type Empty struct {
	Title, Text  string
	Href, Action string
}

func newEmpty(title, text string, pairs ...any) (*Empty, error) {
	e := &Empty{Title: title, Text: text}
	return e, apply("empty", e, pairs)
}

// Stat is one figure with its name.
type Stat struct {
	Label string
	Value string
	Note  string
	Href  string
	Kind  string // "", good, warn, bad
}

func newStat(label string, value any, pairs ...any) (*Stat, error) {
	s := &Stat{Label: label, Value: plain(value)}
	return s, apply("stat "+label, s, pairs)
}

// Step is one stage of a life or of a task.
type Step struct {
	Label string
	State string // done, current, todo
	Note  string
	Href  string
}

func newStep(label, state string, pairs ...any) (Step, error) {
	s := Step{Label: label, State: state}
	if !slices.Contains([]string{"done", "current", "todo"}, state) {
		return s, fmt.Errorf("step %s: there is no state %q", label, state)
	}
	return s, apply("step "+label, &s, pairs)
}

// Fact is a name and what it is.
type Fact struct {
	Name  string
	Value string
}

func newFacts(lang string, pairs []any) ([]Fact, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("facts: %d arguments are no pairs", len(pairs))
	}
	var list []Fact
	for i := 0; i < len(pairs); i += 2 {
		v := strings.TrimSpace(i18n.Show(lang, pairs[i+1]))
		if pairs[i+1] == nil || v == "" {
			v = i18n.None
		}
		list = append(list, Fact{plain(pairs[i]), v})
	}
	return list, nil
}

// Progress is how far a piece of work has come.
type Progress struct {
	Label string
	Value int
	Max   int
	Note  string
}

func newProgress(label string, value, most any, pairs ...any) (*Progress, error) {
	p := &Progress{Label: label, Value: toInt(value), Max: max(toInt(most), 1)}
	return p, apply("progress "+label, p, pairs)
}

// Coverage is the bar of one group: covered of denominator, with the target as a tick.
type Coverage struct {
	Label       string
	Href        string
	Covered     int
	Denominator int
	Target      float64 // percent
	Unreported  int     // organisations that have not declared
	Compact     bool    // bar and figures on one line, for tables
	TargetText  string  // the target as the language writes it; set by itself
}

func newCoverage(lang string, covered, denominator, target any, pairs ...any) (*Coverage, error) {
	c := &Coverage{Covered: toInt(covered), Denominator: toInt(denominator)}
	if f, ok := target.(float64); ok {
		c.Target = f
	} else {
		c.Target = float64(toInt(target))
	}
	c.TargetText = i18n.Target(lang, c.Target)
	return c, apply("coverage", c, pairs)
}

// Percent is rounded down to one decimal, so that 99.96 never reads as 100; nil when there is nobody.
func (c *Coverage) Percent() *float64 {
	if c.Denominator <= 0 {
		return nil
	}
	p := float64(c.Covered*1000/c.Denominator) / 10
	return &p
}

// Met says whether the target is reached, in integers where the target is one.
func (c *Coverage) Met() bool {
	return c.Denominator > 0 && float64(c.Covered)*100 >= c.Target*float64(c.Denominator)
}

// Missing is how many are not covered yet.
func (c *Coverage) Missing() int { return max(c.Denominator-c.Covered, 0) }

// Width and Tick are lengths along the bar, for SVG attributes.
func (c *Coverage) Width() string {
	p := c.Percent()
	if p == nil {
		return "0%"
	}
	return strconv.FormatFloat(min(*p, 100), 'f', 1, 64) + "%"
}

// Tick is where the target stands; kept inside the bar so that a target of 100 stays in sight.
func (c *Coverage) Tick() string {
	return strconv.FormatFloat(min(max(c.Target, 0.4), 99.6), 'f', 1, 64) + "%"
}

// Event is one thing that happened.
type Event struct {
	When  string
	Title string
	Body  string
	Kind  string // "", good, warn, bad
	Who   string
	Href  string
	Parts []EventPart // what happened within it
	Links []Link      // what can be done with it
}

// EventPart is a line of its own within an event.
type EventPart struct {
	Text  string
	Links []Link
}

func newEvent(when, title string, pairs ...any) (Event, error) {
	e := Event{When: when, Title: title}
	return e, apply("event "+title, &e, pairs)
}

// AttendanceRow is one person in the list of a session.
type AttendanceRow struct {
	ID   uint64 // enrolment
	Name string
	Sub  string // office, birth year where names are the same
	Mark string // present, late, excused, absent, "" when unmarked
	Note string
	At   string // when the mark was made, RFC 3339; "" without one
	Odd  bool   // two sources disagree
}

// GuestRow is somebody present who is not enrolled (người tham dự phát sinh), below the list of a session.
type GuestRow struct {
	UID, Name, Office, Replaces, Mark, Note, At string
}
