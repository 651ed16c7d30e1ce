// Package views makes the pages. Handlers fill a Page and name a template; nothing here touches the database or Gin.
//
// A page is a file NOUN/NAME.html that defines "title" and "content", and where it needs them "layout" (the plain name
// of another layout than base) and "head" (scripts). Whatever else it defines is its own and clashes with nobody's.
// All templates are parsed when the program starts, one set per language, and every literal catalogue key in them is
// checked then.
package views

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"sync"
	"text/template/parse"

	"taphuan/app/i18n"
	"taphuan/static"
)

// Renderer holds the parsed templates; it is safe for concurrent use.
type Renderer struct {
	cat    *i18n.Catalogue
	assets *static.Assets
	sets   map[string]*template.Template
	pages  []string
	pool   sync.Pool
}

// New parses every embedded template. It fails on a syntax error, an unknown function, template or layout, a catalogue
// key that does not exist, and parameters that differ from the message's.
func New(cat *i18n.Catalogue, assets *static.Assets) (*Renderer, error) {
	return newFrom(files, cat, assets)
}

func newFrom(fsys fs.FS, cat *i18n.Catalogue, assets *static.Assets) (*Renderer, error) {
	r := &Renderer{cat: cat, assets: assets, sets: map[string]*template.Template{}}
	r.pool.New = func() any { return new(bytes.Buffer) }
	trees, pages, err := parseAll(fsys, r.funcs(i18n.VI))
	if err != nil {
		return nil, err
	}
	if err := check(trees, cat); err != nil {
		return nil, err
	}
	r.pages = pages
	for _, lang := range i18n.Langs {
		set := template.New("").Funcs(r.funcs(lang))
		for name, tree := range trees {
			own := tree.Copy()
			if err := r.fold(lang, own.Root); err != nil {
				return nil, fmt.Errorf("template %s: %w", name, err)
			}
			if _, err := set.AddParseTree(name, own); err != nil {
				return nil, fmt.Errorf("template %s: %w", name, err)
			}
		}
		r.sets[lang] = set
	}
	return r, nil
}

// Pages lists the names of all pages: "course/list".
func (r *Renderer) Pages() []string { return slices.Clone(r.pages) }

// Has says whether there is a page of this name.
func (r *Renderer) Has(name string) bool { return slices.Contains(r.pages, name) }

// Render writes a whole page in the page's language. On an error nothing has been written.
func (r *Renderer) Render(w io.Writer, name string, p *Page) error {
	set := r.sets[i18n.Lang(p.Lang)]
	t := set.Lookup(name)
	if t == nil {
		return fmt.Errorf("there is no page %q", name)
	}
	buf := r.pool.Get().(*bytes.Buffer)
	defer r.pool.Put(buf)
	rounds := 1
	if len(p.Errors) > 0 {
		rounds = 2 // the summary stands above the fields and names them: the first round learns their labels
	}
	for range rounds {
		buf.Reset()
		if err := t.Execute(buf, p); err != nil {
			return fmt.Errorf("page %s: %w", name, err)
		}
	}
	_, err := w.Write(buf.Bytes())
	return err
}

// blocks are what a page gives to its layout.
var blocks = []string{"title", "content", "head"}

var builtins = func() map[string]any {
	m := map[string]any{}
	for _, name := range strings.Fields("and break call continue html index slice js len not or print printf println urlquery eq ge gt le lt ne") {
		m[name] = true
	}
	return m
}()

// parseAll gives all trees by their final names: components under their own, what a page defines under
// "noun/name#block", and for each page a copy of its layout, tied to its blocks, under "noun/name".
func parseAll(fsys fs.FS, funcs template.FuncMap) (map[string]*parse.Tree, []string, error) {
	trees := map[string]*parse.Tree{}
	layouts := map[string]*parse.Tree{}
	type page struct {
		name   string
		blocks map[string]*parse.Tree
	}
	var pages []page
	names, err := fs.Glob(fsys, "*/*.html")
	if err != nil {
		return nil, nil, err
	}
	for _, file := range names {
		b, err := fs.ReadFile(fsys, file)
		if err != nil {
			return nil, nil, err
		}
		name := strings.TrimSuffix(file, ".html")
		defined, err := parse.Parse(name, string(b), "", "", funcs, builtins)
		if err != nil {
			return nil, nil, err
		}
		switch path.Dir(file) {
		case "layouts":
			layouts[path.Base(name)] = defined[name]
			delete(defined, name)
			for n, tree := range defined {
				if err := put(trees, n, tree, file); err != nil {
					return nil, nil, err
				}
			}
		case "components":
			if t := defined[name]; t != nil && !parse.IsEmptyTree(t.Root) {
				return nil, nil, fmt.Errorf("%s: has text outside its definitions", file)
			}
			delete(defined, name)
			for n, tree := range defined {
				if err := put(trees, n, tree, file); err != nil {
					return nil, nil, err
				}
			}
		default:
			if t := defined[name]; t != nil && !parse.IsEmptyTree(t.Root) {
				return nil, nil, fmt.Errorf("%s: has text outside its blocks", file)
			}
			delete(defined, name)
			pages = append(pages, page{name, defined})
		}
	}
	var list []string
	for _, p := range pages {
		if p.blocks["title"] == nil || p.blocks["content"] == nil {
			return nil, nil, fmt.Errorf("page %s: does not define both title and content", p.name)
		}
		layout := "base"
		if t := p.blocks["layout"]; t != nil {
			layout = strings.TrimSpace(t.Root.String())
			delete(p.blocks, "layout")
		}
		if layouts[layout] == nil {
			return nil, nil, fmt.Errorf("page %s: there is no layout %q", p.name, layout)
		}
		own := map[string]string{}
		for n := range p.blocks {
			own[n] = p.name + "#" + n
		}
		for n, tree := range p.blocks {
			rename(tree.Root, own)
			if err := put(trees, own[n], tree, p.name); err != nil {
				return nil, nil, err
			}
		}
		whole := layouts[layout].Copy()
		for _, b := range blocks {
			if own[b] == "" {
				own[b] = "nothing"
			}
		}
		rename(whole.Root, own)
		if err := put(trees, p.name, whole, p.name); err != nil {
			return nil, nil, err
		}
		list = append(list, p.name)
	}
	empty, err := parse.Parse("nothing", `{{define "nothing"}}{{end}}`, "", "", funcs, builtins)
	if err != nil {
		return nil, nil, err
	}
	if empty["nothing"] == nil {
		return nil, nil, errors.New("the empty template was not parsed")
	}
	if trees["nothing"] == nil {
		trees["nothing"] = empty["nothing"]
	}
	return trees, list, nil
}

func put(trees map[string]*parse.Tree, name string, tree *parse.Tree, file string) error {
	if trees[name] != nil {
		return fmt.Errorf("%s: template %q is defined elsewhere too", file, name)
	}
	tree.Name = name
	trees[name] = tree
	return nil
}

// rename points the {{template}} calls below n to other names.
func rename(n parse.Node, to map[string]string) {
	walk(n, func(n parse.Node) {
		if t, ok := n.(*parse.TemplateNode); ok && to[t.Name] != "" {
			t.Name = to[t.Name]
		}
	})
}

// walk visits n and every node below it.
func walk(n parse.Node, visit func(parse.Node)) {
	branch := func(b *parse.BranchNode) {
		walk(b.Pipe, visit)
		walk(b.List, visit)
		if b.ElseList != nil {
			walk(b.ElseList, visit)
		}
	}
	visit(n)
	switch x := n.(type) {
	case *parse.ListNode:
		for _, c := range x.Nodes {
			walk(c, visit)
		}
	case *parse.ActionNode:
		walk(x.Pipe, visit)
	case *parse.IfNode:
		branch(&x.BranchNode)
	case *parse.RangeNode:
		branch(&x.BranchNode)
	case *parse.WithNode:
		branch(&x.BranchNode)
	case *parse.TemplateNode:
		if x.Pipe != nil {
			walk(x.Pipe, visit)
		}
	case *parse.PipeNode:
		for _, c := range x.Cmds {
			walk(c, visit)
		}
	case *parse.CommandNode:
		for _, a := range x.Args {
			walk(a, visit)
		}
	case *parse.ChainNode:
		walk(x.Node, visit)
	}
}

// check finds {{template}} calls without a template, literal keys without a message, and parameters that differ.
func check(trees map[string]*parse.Tree, cat *i18n.Catalogue) error {
	var wrong []string
	for _, name := range slices.Sorted(maps.Keys(trees)) {
		seen := map[string]bool{}
		say := func(format string, args ...any) {
			s := name + ": " + fmt.Sprintf(format, args...)
			if !seen[s] {
				seen[s] = true
				wrong = append(wrong, s)
			}
		}
		walk(trees[name].Root, func(n parse.Node) {
			switch x := n.(type) {
			case *parse.TemplateNode:
				if trees[x.Name] == nil {
					say("there is no template %q", x.Name)
				}
			case *parse.CommandNode:
				checkText(x, cat, say)
			}
		})
	}
	if len(wrong) == 0 {
		return nil
	}
	return fmt.Errorf("templates:\n  %s", strings.Join(wrong, "\n  "))
}

func checkText(c *parse.CommandNode, cat *i18n.Catalogue, say func(string, ...any)) {
	id, ok := c.Args[0].(*parse.IdentifierNode)
	if !ok || id.Ident != "t" {
		return
	}
	if len(c.Args) < 2 {
		say("t without a key")
		return
	}
	key, ok := c.Args[1].(*parse.StringNode)
	if !ok {
		return
	}
	if !cat.Has(key.Text) {
		say("there is no message %q", key.Text)
		return
	}
	var given []string
	for i := 2; i < len(c.Args); i += 2 {
		p, ok := c.Args[i].(*parse.StringNode)
		if !ok || i+1 == len(c.Args) {
			say("t %q: parameters are not pairs of a name and a value", key.Text)
			return
		}
		given = append(given, p.Text)
	}
	slices.Sort(given)
	if want := cat.Params(key.Text); !slices.Equal(given, want) {
		say("t %q: has parameters %v, the message has %v", key.Text, given, want)
	}
}
