package views

import (
	"fmt"
	"html/template"
	"strconv"
	"text/template/parse"
)

// fold works out beforehand what does not depend on the page: words without parameters, icons and addresses of assets
// become text of the template, which saves their look-up and escaping on every rendering. Words are escaped for HTML text
// and quoted attributes, the only places where templates put them.
func (r *Renderer) fold(lang string, list *parse.ListNode) error {
	if list == nil {
		return nil
	}
	branch := func(b *parse.BranchNode) error {
		r.foldArgs(lang, b.Pipe)
		if err := r.fold(lang, b.List); err != nil {
			return err
		}
		return r.fold(lang, b.ElseList)
	}
	for i, n := range list.Nodes {
		var err error
		switch x := n.(type) {
		case *parse.ActionNode:
			var text string
			var ok bool
			if text, ok, err = r.constant(lang, x.Pipe); ok {
				list.Nodes[i] = &parse.TextNode{NodeType: parse.NodeText, Pos: x.Pos, Text: []byte(text)}
			} else {
				r.foldArgs(lang, x.Pipe)
			}
		case *parse.TemplateNode:
			r.foldArgs(lang, x.Pipe)
		case *parse.IfNode:
			err = branch(&x.BranchNode)
		case *parse.RangeNode:
			err = branch(&x.BranchNode)
		case *parse.WithNode:
			err = branch(&x.BranchNode)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// constant gives the HTML of {{t "key"}}, {{icon "name"}} and {{asset "name"}}.
func (r *Renderer) constant(lang string, p *parse.PipeNode) (string, bool, error) {
	name, arg, ok := literalCall(p)
	if !ok {
		return "", false, nil
	}
	switch name {
	case "t":
		return template.HTMLEscapeString(r.cat.T(lang, arg)), true, nil
	case "asset":
		return template.HTMLEscapeString(r.assets.URL(arg)), true, nil
	case "icon":
		svg, err := icon(arg)
		if err != nil {
			return "", false, fmt.Errorf("template: %w", err)
		}
		return string(svg), true, nil
	}
	return "", false, nil
}

// foldArgs replaces (t "key") among the arguments of a call by its words.
func (r *Renderer) foldArgs(lang string, p *parse.PipeNode) {
	if p == nil {
		return
	}
	for _, c := range p.Cmds {
		for i, a := range c.Args {
			inner, ok := a.(*parse.PipeNode)
			if !ok {
				continue
			}
			if name, arg, ok := literalCall(inner); ok && name == "t" {
				text := r.cat.T(lang, arg)
				c.Args[i] = &parse.StringNode{NodeType: parse.NodeString, Pos: inner.Pos, Quoted: strconv.Quote(text), Text: text}
				continue
			}
			r.foldArgs(lang, inner)
		}
	}
}

// literalCall recognises a call of a function with one literal string and nothing else.
func literalCall(p *parse.PipeNode) (name, arg string, ok bool) {
	if p == nil || len(p.Decl) > 0 || len(p.Cmds) != 1 || len(p.Cmds[0].Args) != 2 {
		return "", "", false
	}
	id, ok := p.Cmds[0].Args[0].(*parse.IdentifierNode)
	if !ok {
		return "", "", false
	}
	s, ok := p.Cmds[0].Args[1].(*parse.StringNode)
	if !ok {
		return "", "", false
	}
	return id.Ident, s.Text, true
}
