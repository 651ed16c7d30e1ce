// Package i18n holds the words of the product: catalogues in Vietnamese and English, and the way each language writes
// numbers, days and times.
//
// A catalogue is a pair of files, NOUN.vi.toml and NOUN.en.toml. Nested tables make dotted keys: title under [course] is
// "course.title". A value may hold parameters, "{{.name}}". A table whose keys are plural forms ("one", "other") is one
// message chosen by the parameter "n"; Vietnamese needs no forms, so a pair may be a string in one language and a table
// in the other.
package i18n

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"sort"
	"strings"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"github.com/pelletier/go-toml/v2"
	"golang.org/x/text/language"
)

// The languages, Vietnamese first.
const (
	VI = "vi"
	EN = "en"
)

// Langs lists the languages in the order in which they are offered.
var Langs = []string{VI, EN}

// Lang gives the language for what was asked: VI or EN, VI when it is neither.
func Lang(s string) string {
	if s == EN {
		return EN
	}
	return VI
}

//go:embed *.toml
var files embed.FS

// Catalogue answers with the text of a key. It is read-only once made, so any number of goroutines may use it.
type Catalogue struct {
	langs map[string]*words
}

type words struct {
	messages  map[string]*message
	localizer *goi18n.Localizer
}

// message is text with parameters cut out beforehand: parts[0] params[0] parts[1] … A plural message is left to go-i18n,
// which knows the rules of each language.
type message struct {
	parts  []string
	params []string
	plural bool
}

// New reads the embedded catalogues. It fails when a file is no TOML, when a key is given twice, when a value is empty,
// and when the languages differ in keys or in parameters.
func New() (*Catalogue, error) { return load(files) }

func load(fsys fs.FS) (*Catalogue, error) {
	c := &Catalogue{langs: map[string]*words{}}
	for _, lang := range Langs {
		w, err := loadLang(fsys, lang)
		if err != nil {
			return nil, err
		}
		c.langs[lang] = w
	}
	if err := c.compare(); err != nil {
		return nil, err
	}
	return c, nil
}

func loadLang(fsys fs.FS, lang string) (*words, error) {
	names, err := fs.Glob(fsys, "*."+lang+".toml")
	if err != nil {
		return nil, err
	}
	tag := language.Make(lang)
	bundle := goi18n.NewBundle(tag)
	w := &words{messages: map[string]*message{}}
	for _, name := range names {
		b, err := fs.ReadFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", name, err)
		}
		var tree map[string]any
		if err := toml.Unmarshal(b, &tree); err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", name, err)
		}
		flat := map[string]any{}
		if err := flatten("", tree, flat); err != nil {
			return nil, fmt.Errorf("catalogue %s: %w", name, err)
		}
		for key, v := range flat {
			if w.messages[key] != nil {
				return nil, fmt.Errorf("catalogue %s: key %s was given in another file", name, key)
			}
			m, err := w.add(bundle, tag, key, v)
			if err != nil {
				return nil, fmt.Errorf("catalogue %s: key %s: %w", name, key, err)
			}
			w.messages[key] = m
		}
	}
	w.localizer = goi18n.NewLocalizer(bundle, lang)
	return w, nil
}

// plurals are the CLDR forms; a table with nothing but these, "other" among them, is one message.
var plurals = map[string]bool{"zero": true, "one": true, "two": true, "few": true, "many": true, "other": true}

func isPlural(t map[string]any) bool {
	for k, v := range t {
		if _, text := v.(string); !text || !plurals[k] {
			return false
		}
	}
	return t["other"] != nil
}

func flatten(prefix string, tree map[string]any, into map[string]any) error {
	for k, v := range tree {
		key := k
		if prefix != "" {
			key = prefix + "." + k
		}
		switch x := v.(type) {
		case string:
			into[key] = x
		case map[string]any:
			if isPlural(x) {
				into[key] = x
				continue
			}
			if err := flatten(key, x, into); err != nil {
				return err
			}
		default:
			return fmt.Errorf("key %s holds %T, not text", key, v)
		}
	}
	return nil
}

func (w *words) add(bundle *goi18n.Bundle, tag language.Tag, key string, v any) (*message, error) {
	if text, ok := v.(string); ok {
		return cut(text)
	}
	msg := &goi18n.Message{ID: key}
	all := &message{plural: true}
	seen := map[string]bool{}
	for form, text := range v.(map[string]any) {
		text := text.(string)
		m, err := cut(text)
		if err != nil {
			return nil, err
		}
		for _, p := range m.params {
			if !seen[p] {
				seen[p] = true
				all.params = append(all.params, p)
			}
		}
		switch form {
		case "zero":
			msg.Zero = text
		case "one":
			msg.One = text
		case "two":
			msg.Two = text
		case "few":
			msg.Few = text
		case "many":
			msg.Many = text
		case "other":
			msg.Other = text
		}
	}
	return all, bundle.AddMessages(tag, msg)
}

var placeholder = regexp.MustCompile(`\{\{\s*\.([A-Za-z_][A-Za-z0-9_]*)\s*\}\}`)

func cut(text string) (*message, error) {
	if strings.TrimSpace(text) == "" {
		return nil, fmt.Errorf("is empty")
	}
	m := &message{}
	at := 0
	for _, loc := range placeholder.FindAllStringSubmatchIndex(text, -1) {
		m.parts = append(m.parts, text[at:loc[0]])
		m.params = append(m.params, text[loc[2]:loc[3]])
		at = loc[1]
	}
	m.parts = append(m.parts, text[at:])
	for _, p := range m.parts {
		if strings.Contains(p, "{{") || strings.Contains(p, "}}") {
			return nil, fmt.Errorf("has a placeholder that is not {{.name}}: %q", text)
		}
	}
	return m, nil
}

// compare finds keys that only one language has, and parameters that differ. The parameter n of a plural may be left
// out by a form ("one seat"), so it is compared only between messages without forms.
func (c *Catalogue) compare() error {
	var wrong []string
	for _, lang := range Langs {
		for _, other := range Langs {
			for key, m := range c.langs[lang].messages {
				o := c.langs[other].messages[key]
				switch {
				case o == nil:
					wrong = append(wrong, fmt.Sprintf("%s is in %s but not in %s", key, lang, other))
				case paramSet(m, m.plural || o.plural) != paramSet(o, m.plural || o.plural):
					wrong = append(wrong, fmt.Sprintf("%s has parameters [%s] in %s and [%s] in %s",
						key, paramSet(m, false), lang, paramSet(o, false), other))
				}
			}
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	sort.Strings(wrong)
	return fmt.Errorf("catalogues differ:\n  %s", strings.Join(wrong, "\n  "))
}

func paramSet(m *message, withoutN bool) string {
	set := map[string]bool{}
	for _, p := range m.params {
		if p != "n" || !withoutN {
			set[p] = true
		}
	}
	list := make([]string, 0, len(set))
	for p := range set {
		list = append(list, p)
	}
	sort.Strings(list)
	return strings.Join(list, " ")
}

// Has says whether the key is in the catalogues.
func (c *Catalogue) Has(key string) bool { return c.langs[VI].messages[key] != nil }

// Keys lists all keys in order.
func (c *Catalogue) Keys() []string {
	keys := make([]string, 0, len(c.langs[VI].messages))
	for k := range c.langs[VI].messages {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// Params lists the parameters of a key's message, sorted, each once.
func (c *Catalogue) Params(key string) []string {
	set := map[string]bool{}
	for _, lang := range Langs {
		if m := c.langs[lang].messages[key]; m != nil {
			for _, p := range m.params {
				set[p] = true
			}
			if m.plural {
				set["n"] = true
			}
		}
	}
	list := make([]string, 0, len(set))
	for p := range set {
		list = append(list, p)
	}
	sort.Strings(list)
	return list
}

// T gives the text of a key with parameters as pairs: T("vi", "course.seats", "n", 5). The parameter n chooses the
// plural form. Parameters are written as the language writes them (see Show). A key that does not exist gives itself;
// a parameter that is missing shows as "?".
func (c *Catalogue) T(lang, key string, args ...any) string {
	m := c.langs[Lang(lang)].messages[key]
	if m == nil {
		return key
	}
	if len(m.params) == 0 && !m.plural {
		return m.parts[0]
	}
	return c.fill(lang, key, m, func(name string) (any, bool) {
		for i := 0; i+1 < len(args); i += 2 {
			if args[i] == name {
				return args[i+1], true
			}
		}
		return nil, false
	})
}

// Text is T with the parameters in a map, as errors carry them.
func (c *Catalogue) Text(lang, key string, params map[string]any) string {
	m := c.langs[Lang(lang)].messages[key]
	if m == nil {
		return key
	}
	if len(m.params) == 0 && !m.plural {
		return m.parts[0]
	}
	return c.fill(lang, key, m, func(name string) (any, bool) {
		v, ok := params[name]
		return v, ok
	})
}

func (c *Catalogue) fill(lang, key string, m *message, arg func(string) (any, bool)) string {
	show := func(name string) string {
		v, ok := arg(name)
		if !ok {
			return "?"
		}
		return showParam(lang, name, v)
	}
	if !m.plural {
		var b strings.Builder
		for i, p := range m.params {
			b.WriteString(m.parts[i])
			b.WriteString(show(p))
		}
		b.WriteString(m.parts[len(m.parts)-1])
		return b.String()
	}
	data := make(map[string]string, len(m.params))
	for _, p := range m.params {
		data[p] = show(p)
	}
	n, _ := arg("n")
	count, ok := integer(n)
	if !ok {
		count = 0
	}
	s, err := c.langs[Lang(lang)].localizer.Localize(&goi18n.LocalizeConfig{
		MessageID: key, PluralCount: count, TemplateData: data})
	if err != nil {
		return key
	}
	return s
}
