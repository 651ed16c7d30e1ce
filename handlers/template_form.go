package handlers

import (
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"taphuan/app/errs"
	"taphuan/app/template"
)

// elementForm is an element of a layout as the editor sends it, figures as typed. Its controls are named by where it stands:
// "elements.3.x", "elements.3.items.0.text".
type elementForm struct {
	At                                                    string // "elements.3", as refusals name it
	Kind                                                  template.Kind
	X, Y, W, H, Size, Least, Lines, Spacing, Space, Thick string
	Text, Font, Align, Ink, Anchor, Image                 string
	Seal                                                  bool
	Items                                                 []elementForm
}

// layoutForm is a layout on its way through the editor.
type layoutForm struct {
	Page     template.Page
	Elements []elementForm
	Base     int // number of the version that was opened
	Note     string
}

// mostElements is how many elements of one list are read from a form: more than a layout may have.
const mostElements = template.MaxElements + 1

func readLayoutForm(v url.Values) layoutForm {
	f := layoutForm{Page: template.Page(v.Get("page")), Note: v.Get("note")}
	f.Base, _ = strconv.Atoi(v.Get("base")) // 0 is no version, which the service refuses
	f.Elements = readElements(v, "elements.")
	return f
}

func readElements(v url.Values, prefix string) []elementForm {
	var out []elementForm
	for i := range mostElements {
		at := prefix + strconv.Itoa(i)
		if !v.Has(at + ".kind") {
			break
		}
		get := func(name string) string { return v.Get(at + "." + name) }
		kind := template.Kind(get("kind"))
		if !slices.Contains(palette, kind) {
			kind = template.Text
		}
		out = append(out, elementForm{Kind: kind, X: get("x"), Y: get("y"), W: get("w"), H: get("h"), Size: get("size"), Least: get("least"), Lines: get("lines"),
			Spacing: get("spacing"), Space: get("space"), Thick: get("thick"), Text: get("text"), Font: get("font"), Align: get("align"), Ink: get("ink"), Anchor: get("anchor"),
			Image: get("image"), Seal: get("seal") != "", Items: readElements(v, at+".items.")})
	}
	return out
}

// formOfLayout fills the editor with a version.
func formOfLayout(l template.Layout, base int) layoutForm {
	return layoutForm{Page: l.Page, Base: base, Elements: formsOf(l.Elements)}
}

func formsOf(elements []template.Element) []elementForm {
	var out []elementForm
	for _, e := range elements {
		out = append(out, elementForm{Kind: e.Kind, X: figure(e.X), Y: figure(e.Y), W: figure(e.W), H: figure(e.H), Size: optional(e.Size), Least: optional(e.Least), Lines: optional(float64(e.Lines)),
			Spacing: optional(e.Spacing), Space: optional(e.Space), Thick: optional(e.Thick), Text: e.Text, Font: e.Font, Align: e.Align, Ink: e.Ink, Anchor: e.Anchor, Image: e.Image, Seal: e.Seal, Items: formsOf(e.Items)})
	}
	return out
}

// figure writes a number as a control for numbers takes it.
func figure(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }

// optional leaves a control empty where 0 says nothing.
func optional(x float64) string {
	if x == 0 {
		return ""
	}
	return figure(x)
}

// layout reads what was typed and refuses what template.Parse refuses; a number that is none is refused on its element.
func (f layoutForm) layout() (template.Layout, error) {
	var wrong errs.Fields
	l := template.Layout{Page: f.Page, Elements: elementsOf(f.Elements, "elements.", &wrong)}
	if err := wrong.Err(); err != nil {
		return l, err
	}
	return template.Parse(l.JSON())
}

func elementsOf(forms []elementForm, prefix string, wrong *errs.Fields) []template.Element {
	var out []template.Element
	for i, f := range forms {
		at, bad := prefix+strconv.Itoa(i), false
		number := func(typed string) float64 {
			typed = strings.ReplaceAll(strings.TrimSpace(typed), ",", ".")
			if typed == "" {
				return 0
			}
			x, err := strconv.ParseFloat(typed, 64)
			bad = bad || err != nil || math.IsNaN(x) || math.IsInf(x, 0)
			return x
		}
		lines := number(f.Lines)
		bad = bad || lines != math.Trunc(lines) || math.Abs(lines) > 100
		e := template.Element{Kind: f.Kind, X: number(f.X), Y: number(f.Y), W: number(f.W), H: number(f.H), Size: number(f.Size), Least: number(f.Least), Spacing: number(f.Spacing),
			Space: number(f.Space), Thick: number(f.Thick), Text: f.Text, Font: f.Font, Align: f.Align, Ink: f.Ink, Anchor: f.Anchor, Image: f.Image, Seal: f.Seal}
		if bad {
			wrong.Add(at, "template_number")
		} else {
			e.Lines = int(lines)
		}
		e.Items = elementsOf(f.Items, at+".items.", wrong)
		out = append(out, e)
	}
	return out
}

// act carries a button of the editor out on the form: "add:text", "remove:3", "up:3", "down:3", "copy:3", "item:3" (another text in a
// stack), and those on a text of a stack, "up:3.1". It gives the element to be shown open, as refusals name it; "" when nothing was done.
func (f *layoutForm) act(act, words string) string {
	do, what, _ := strings.Cut(act, ":")
	if do == "add" {
		if len(f.Elements) >= template.MaxElements || !slices.Contains(palette, template.Kind(what)) {
			return ""
		}
		f.Elements = append(f.Elements, newElement(template.Kind(what), words))
		return fmt.Sprintf("elements.%d", len(f.Elements)-1)
	}
	first, second, inner := strings.Cut(what, ".")
	i, err := strconv.Atoi(first)
	if err != nil || i < 0 || i >= len(f.Elements) {
		return ""
	}
	at := fmt.Sprintf("elements.%d", i)
	if do == "item" {
		if len(f.Elements[i].Items) < template.MaxElements {
			f.Elements[i].Items = append(f.Elements[i].Items, newItem(words))
		}
		return at
	}
	if inner {
		if j, err := strconv.Atoi(second); err == nil {
			moveIn(&f.Elements[i].Items, do, j)
		}
		return at
	}
	to := moveIn(&f.Elements, do, i)
	if to < 0 {
		return ""
	}
	return fmt.Sprintf("elements.%d", to)
}

// moveIn does one thing to one of a list and gives where it is now, -1 for nowhere.
func moveIn(list *[]elementForm, do string, i int) int {
	l := *list
	if i < 0 || i >= len(l) {
		return -1
	}
	switch do {
	case "remove":
		*list = slices.Delete(l, i, i+1)
	case "copy":
		if len(l) < template.MaxElements {
			twin := l[i]
			twin.Items = slices.Clone(twin.Items)
			*list = slices.Insert(l, i+1, twin)
			return i + 1
		}
	case "up":
		if i > 0 {
			l[i-1], l[i] = l[i], l[i-1]
			return i - 1
		}
		return i
	case "down":
		if i+1 < len(l) {
			l[i+1], l[i] = l[i], l[i+1]
			return i + 1
		}
		return i
	}
	return -1
}

// palette are the kinds of elements in the order in which the editor offers them.
var palette = []template.Kind{template.Text, template.Stack, template.Image, template.Line, template.QR, template.Heading, template.Frame}

func newItem(words string) elementForm {
	return elementForm{Kind: template.Text, Text: words, Size: "14", Least: "10", Lines: "1", Align: "centre", Space: "2"}
}

// newElement is what the palette puts on the page, where both ways to lay it have room.
func newElement(kind template.Kind, words string) elementForm {
	e := elementForm{Kind: kind, X: "60", Y: "90", W: "90", H: "10"}
	switch kind {
	case template.Text:
		e.Text, e.Size, e.Least, e.Lines, e.Align = words, "14", "10", "1", "centre"
	case template.Stack:
		e.H, e.Anchor, e.Items = "30", "middle", []elementForm{newItem(words)}
	case template.Image:
		e.W, e.H = "30", "30"
	case template.Line:
		e.H, e.Thick = "0", "0.5"
	case template.QR:
		e.W, e.H = "30", "30"
	case template.Heading:
		e.X, e.Y, e.W, e.H, e.Size = "20", "20", "170", "20", "12"
	case template.Frame:
		e.X, e.Y, e.W, e.H = "9", "0", "0", "0"
	}
	return e
}

// placed says to each element where it stands, before the page is made.
func placed(list []elementForm, prefix string) []elementForm {
	for i := range list {
		list[i].At = prefix + strconv.Itoa(i)
		placed(list[i].Items, list[i].At+".items.")
	}
	return list
}
