package planning

import (
	"cmp"
	"slices"
	"strings"

	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/app/roster/sheet"
	"taphuan/models/viet"
)

// aliases reads other names of a group, one a line, and no more of them than it takes to refuse them.
func aliases(typed string) (out []string) {
	for line := range strings.Lines(typed) {
		if name := viet.NFC(line); name != "" && !slices.Contains(out, name) {
			if out = append(out, name); len(out) > maxAliases {
				break
			}
		}
	}
	return out
}

// listed writes names that have a line each in one line.
func listed(names string) string { return strings.ReplaceAll(names, "\n", "; ") }

// called is a name of a group.
type called struct {
	group string // its code
	field string // in which the name is said
	name  string
	key   string // what an import tells names apart by
	code  string // and, before that, whether it is a code
}

// like says whether an import could take the one name for the other.
func (x called) like(y called) bool { return x.key == y.key || x.code == y.code }

func newCalled(group, field, name string) called {
	key := sheet.GroupKey(name)
	if key == "" {
		key = "=" + viet.Fold(name)
	}
	return called{group, field, name, key, sheet.GroupCode(name)}
}

// calledIn gives everything that the groups of a plan are called.
func calledIn(p *plan.Plan) (all []called) {
	for n, at := range names(p) {
		if n.Of != "group" && n.Of != "short" && n.Of != "aliases" {
			continue
		}
		for name := range strings.SplitSeq(*at, "\n") {
			if name != "" {
				all = append(all, newCalled(n.Code, n.Field(), name))
			}
		}
	}
	slices.SortFunc(all, func(a, b called) int {
		return cmp.Or(cmp.Compare(a.group, b.group), cmp.Compare(a.field, b.field), cmp.Compare(a.name, b.name))
	})
	for _, g := range p.Groups {
		all = append(all, newCalled(g.Code, "", g.Code))
	}
	return all
}

// keepNames makes the former Vietnamese names of a group its aliases, since offices go on writing them, unless a group is still called so.
func (r *Rules) keepNames(f *errs.Fields) {
	now := calledIn(r.After)
	for i := range r.After.Groups {
		was, g := r.Plan.Groups[i], &r.After.Groups[i]
		for _, name := range []string{was.NameVi, was.ShortVi} {
			former := newCalled(g.Code, "", name)
			if name != "" && !slices.ContainsFunc(now, func(x called) bool { return x.key == former.key }) {
				g.Aliases, now = strings.TrimPrefix(g.Aliases+"\n"+name, "\n"), append(now, former)
			}
		}
		if g.Aliases != was.Aliases && strings.Count(g.Aliases, "\n") >= maxAliases {
			f.Add(Name{"aliases", g.Code, ""}.Field(), "plan_aliases_many", errs.Params{"n": maxAliases})
		}
	}
}

// distinct refuses new names that an import could not tell from those of another group.
func (r *Rules) distinct(f *errs.Fields) {
	all := calledIn(r.After)
	if g := r.NewGroup; g != nil {
		for _, x := range []called{newCalled(g.Code, "new_group_code", g.Code), newCalled(g.Code, "new_group_vi", g.NameVi), newCalled(g.Code, "new_group_en", g.NameEn), newCalled(g.Code, "new_group_short", g.ShortVi)} {
			if x.name != "" {
				all = append(all, x)
			}
		}
	}
	before := calledIn(r.Plan)
	refused := map[string]bool{}
	for _, x := range all {
		other := slices.IndexFunc(all, func(y called) bool { return y.group != x.group && y.like(x) })
		if other < 0 || refused[x.field] || slices.ContainsFunc(before, func(y called) bool { return y.group == x.group && y.key == x.key && y.code == x.code }) {
			continue
		}
		refused[x.field] = true
		f.Add(x.field, "plan_group_name_taken", errs.Params{"name": all[other].name, "code": all[other].group})
	}
}
