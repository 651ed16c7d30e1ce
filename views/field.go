package views

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"taphuan/app/i18n"
	"taphuan/models"
)

// Option is one choice of a select, of radios or of checkboxes.
type Option struct {
	Value    any
	Label    string
	Hint     string
	Group    string // heading above a run of options in a select
	Depth    int    // indentation in a tree
	Disabled bool
}

// Field is a form control with its label, hint and refusal. Templates make it with {{field $ "name" "label" … }}.
type Field struct {
	Name         string
	ID           string
	Label        string
	Hint         string
	Type         string // text (default), date, time, number, email, tel, password, search, url, select, textarea, checkbox, checkboxes, radios, file, org
	Value        any    // of the form: for checkbox whether it is ticked, for checkboxes a slice
	Options      []Option
	Error        string
	Optional     bool
	Required     bool
	Disabled     bool
	Readonly     bool
	Multiple     bool
	Autofocus    bool
	Hidden       bool   // the label is for screen readers only
	Width        string // xs, s, m, l, full
	Autocomplete string
	Inputmode    string
	Accept       string
	Min          string
	Max          string
	Step         string
	Maxlength    int
	Rows         int
	Prefix       string
	Suffix       string
	List         string // id of a datalist
	Choose       string // first, empty option of a select
	Check        string // value sent by a single checkbox
	Spellcheck   string
	Form         string // id of a form elsewhere in the page

	values []string
}

var inputTypes = []string{"text", "date", "time", "number", "email", "tel", "password", "search", "url", "file"}

func newField(p *Page, name string, pairs ...any) (*Field, error) {
	f := &Field{Name: name, Type: "text", Rows: 4, Check: "true"}
	if err := apply("field "+name, f, pairs); err != nil {
		return nil, err
	}
	if f.Label == "" {
		return nil, fmt.Errorf("field %s: has no label", name)
	}
	if f.ID == "" {
		f.ID = FieldID(name)
	}
	if f.Error == "" {
		f.Error = p.Errors.For(name)
	}
	if f.Error != "" {
		if p.labels == nil {
			p.labels = map[string]string{}
		}
		p.labels[name] = f.Label
	}
	f.values = plains(f.Value)
	switch f.Type {
	case "select", "org", "textarea", "checkbox", "checkboxes", "radios":
	case "date":
		if f.Width == "" {
			f.Width = "s"
		}
	case "time":
		if f.Width == "" {
			f.Width = "time"
		}
	case "number":
		if f.Width == "" {
			f.Width = "xs"
		}
	default:
		if !slices.Contains(inputTypes, f.Type) {
			return nil, fmt.Errorf("field %s: there is no type %q", name, f.Type)
		}
	}
	return f, nil
}

// Text is the value of a text control.
func (f *Field) Text() string {
	if f.Type == "password" || f.Type == "file" || len(f.values) == 0 {
		return ""
	}
	if f.Type == "date" {
		return writtenDay(f.values[0])
	}
	return f.values[0]
}

// writtenDay gives a day as people write it, 23/11/2026; what is no day stays as it was typed.
func writtenDay(s string) string {
	d, err := models.ParseDay(s)
	if err != nil || d.IsZero() {
		return s
	}
	return i18n.Day(i18n.VI, d)
}

// Iso gives a bound of a date control as its calendar wants it.
func (f *Field) Iso(s string) string {
	var d models.Day
	if err := d.UnmarshalText([]byte(s)); err != nil {
		return ""
	}
	return d.String()
}

// Chosen says whether an option is the value or one of the values.
func (f *Field) Chosen(o Option) bool { return slices.Contains(f.values, plain(o.Value)) }

// Ticked says whether a single checkbox is ticked.
func (f *Field) Ticked() bool {
	t := f.values
	return len(t) > 0 && t[0] != "" && t[0] != "false" && t[0] != "0"
}

// DescribedBy names the hint and the refusal, for screen readers.
func (f *Field) DescribedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.ID+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, f.ID+"-error")
	}
	return strings.Join(ids, " ")
}

// Set says whether the control is a group of several, which a fieldset holds.
func (f *Field) Set() bool { return f.Type == "radios" || f.Type == "checkboxes" }

// OptionID is the id of one of several; the first has the field's own, to which the error summary links.
func (f *Field) OptionID(i int) string {
	if i == 0 {
		return f.ID
	}
	return fmt.Sprintf("%s-%d", f.ID, i)
}

// Indent shows an option's depth in a tree inside a native select.
func (o Option) Indent() string { return strings.Repeat("\u2003", o.Depth) }

// Written writes options of a select. By hand: a province has hundreds of offices, and a template takes longer over them than over the
// rest of a page.
func (f *Field) Written(options []Option) template.HTML {
	var b strings.Builder
	for _, o := range options {
		b.WriteString(`<option value="` + template.HTMLEscapeString(o.PlainValue()) + `"`)
		if f.Chosen(o) {
			b.WriteString(" selected")
		}
		if o.Disabled {
			b.WriteString(" disabled")
		}
		b.WriteString(">" + o.Indent() + template.HTMLEscapeString(o.Label) + "</option>\n")
	}
	return template.HTML(b.String())
}

// OptionGroup is a run of options under one heading.
type OptionGroup struct {
	Label   string
	Options []Option
}

// Groups cuts the options into runs of the same group.
func (f *Field) Groups() []OptionGroup {
	var groups []OptionGroup
	for _, o := range f.Options {
		if n := len(groups); n == 0 || groups[n-1].Label != o.Group {
			groups = append(groups, OptionGroup{Label: o.Group})
		}
		g := &groups[len(groups)-1]
		g.Options = append(g.Options, o)
	}
	return groups
}

func newOption(value any, label string, pairs ...any) (Option, error) {
	o := Option{Value: value, Label: label}
	return o, apply("option "+label, &o, pairs)
}

// newOptions takes either options or pairs of a value and a label.
func newOptions(items ...any) ([]Option, error) {
	var list []Option
	for i := 0; i < len(items); i++ {
		if o, ok := items[i].(Option); ok {
			list = append(list, o)
			continue
		}
		if i+1 == len(items) {
			return nil, fmt.Errorf("options: %v has no label", items[i])
		}
		list = append(list, Option{Value: items[i], Label: plain(items[i+1])})
		i++
	}
	return list, nil
}

// PlainValue is the value as the form sends it.
func (o Option) PlainValue() string { return plain(o.Value) }
