package coverage

import (
	"cmp"
	"context"
	"slices"

	"taphuan/app/access"
	"taphuan/app/plan"
	"taphuan/models"
)

// Lapse is a cadre who stops being covered on a day because something expires then, on a roster on that day and the day before.
type Lapse struct {
	CadreID        uint64
	OrganisationID uint64             // of the main posting on that day
	Day            models.Day         // the first on which the cadre is not covered
	Groups         []int              // of the plan, by index, that the cadre has on both days
	Components     []models.Component // that expire that day and nothing else brings, in the plan's order
}

// Lapses works out who stops being covered at or below an organisation after one day and up to another, by day and cadre. Whoever leaves the
// roster meanwhile does not lapse: somebody who is not there is not counted.
func (f Facts) Lapses(top models.Organisation, after, to models.Day) []Lapse {
	byID := make(map[uint64]models.Organisation, len(f.Organisations))
	for _, o := range f.Organisations {
		byID[o.ID] = o
	}
	postings, completions := map[uint64][]Posting{}, f.completed()
	for _, p := range f.Postings {
		postings[p.CadreID] = append(postings[p.CadreID], p)
	}
	var out []Lapse
	for cadre, own := range completions {
		for _, s := range spells(f.Plan, own) {
			day := models.Day(s[1])
			if day <= after || day > to || day >= f.Plan.ToDay {
				continue
			}
			at, groups := f.listedOn(postings[cadre], byID, top, day)
			_, before := f.listedOn(postings[cadre], byID, top, day-1)
			groups = slices.DeleteFunc(groups, func(g int) bool { return !slices.Contains(before, g) })
			if len(groups) > 0 {
				out = append(out, Lapse{cadre, at, day, groups, Lacks(f.Plan, own, day)})
			}
		}
	}
	slices.SortFunc(out, func(a, b Lapse) int { return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.CadreID, b.CadreID)) })
	return out
}

// listedOn says where at or below an organisation a cadre with these postings is listed on a day, and with which groups of the plan.
func (f Facts) listedOn(own []Posting, byID map[uint64]models.Organisation, top models.Organisation, day models.Day) (at uint64, groups []int) {
	var has []uint64
	for _, p := range own {
		o := byID[p.OrganisationID]
		if p.From > day || day >= min(p.To, o.ToDay) {
			continue
		}
		has = append(has, p.Groups...)
		if p.Main && day >= o.FromDay && isAtOrBelow(o.Path, top.Path) && !o.CountsOnly && !o.Kind.IsTotal() {
			at = o.ID
		}
	}
	if at == 0 {
		return 0, nil
	}
	for i, g := range f.Plan.Groups {
		if slices.Contains(has, g.ID) {
			groups = append(groups, i)
		}
	}
	return at, groups
}

// ExpiringQuery asks who stops being covered in the time to come.
type ExpiringQuery struct {
	Query
	Group string     // code; "" is any
	Month models.Day // its first day; 0 is any of the months
	Page  int        // from 1
	Size  int        // people a page, 0 is everybody
}

// ExpiringMonths is how many months are looked ahead, the present one among them.
const ExpiringMonths = 18

// Expiring is who stops being covered at or below an organisation after a day, month by month, up to the end of the plan.
type Expiring struct {
	*Report // of the organisation and those right below it on the day
	Group   *models.TargetGroup
	Months  []ExpiringMonth
	People  []ExpiringPerson // a page of those that the question leaves, by day and given name
	Total   int              // of them
	TooMany bool             // too many people are listed to look at each: the question is to be asked further below
}

// ExpiringMonth is how many of each group stop being covered in a month.
type ExpiringMonth struct {
	First models.Day
	N     []int // one for each group of the plan
}

// ExpiringPerson is one of them.
type ExpiringPerson struct {
	Person
	Lapse
}

// tooMany is of how many listed people a page still looks at each.
const tooMany = 100_000

// Expiring gives the months and the people. It refuses as Rows does, and unknown groups with not_found. Where nothing of the plan expires there
// are no months.
func (s *Service) Expiring(ctx context.Context, actor access.Actor, q ExpiringQuery) (*Expiring, error) {
	a, err := s.ask(ctx, actor, q.Query)
	if err != nil {
		return nil, err
	}
	e := &Expiring{}
	if q.Group != "" {
		g, err := groupIndex(a.plan, q.Group)
		if err != nil {
			return nil, err
		}
		e.Group = &a.plan.Groups[g]
	}
	if e.Report, err = a.overview(); err != nil || !a.plan.Expires() {
		return e, err
	}
	listed := 0
	for _, f := range e.Top().Figures {
		listed = max(listed, f.Roster)
	}
	if e.TooMany = listed > tooMany; e.TooMany {
		return e, nil
	}
	lapses, err := a.lapses(e.ahead(a.day))
	if err != nil {
		return nil, err
	}
	lapses = e.count(lapses, q.Month)
	people, err := a.expiring(lapses)
	if err != nil {
		return nil, err
	}
	e.Total = len(people)
	if q.Size > 0 {
		from := min((max(q.Page, 1)-1)*q.Size, len(people))
		people = people[from:min(from+q.Size, len(people))]
	}
	e.People = people
	if q.Size == 0 {
		return e, nil
	}
	plain := make([]Person, len(people))
	for i, p := range people {
		plain[i] = p.Person
	}
	if err := s.mayOpen(a.db, actor, plain); err != nil {
		return nil, err
	}
	for i := range people {
		people[i].Person = plain[i]
	}
	return e, nil
}

// ahead makes the months from a day's on, and gives the last day of the last of them.
func (e *Expiring) ahead(day models.Day) models.Day {
	y, m, _ := day.Date()
	for i := range ExpiringMonths {
		first := models.NewDay(y, m, 1)
		n := i
		if first = plan.Expiry(first, &n); first >= e.Plan.ToDay {
			break
		}
		e.Months = append(e.Months, ExpiringMonth{first, make([]int, len(e.Plan.Groups))})
	}
	n := len(e.Months)
	return plan.Expiry(models.NewDay(y, m, 1), &n) - 1
}

// count adds the lapses to their months, and gives those of the group and the month that were asked for.
func (e *Expiring) count(lapses []Lapse, month models.Day) (asked []Lapse) {
	for _, l := range lapses {
		y, m, _ := l.Day.Date()
		first := models.NewDay(y, m, 1)
		for i := range e.Months {
			if e.Months[i].First == first {
				for _, g := range l.Groups {
					e.Months[i].N[g]++
				}
			}
		}
		in := e.Group == nil || slices.ContainsFunc(l.Groups, func(g int) bool { return e.Plan.Groups[g].ID == e.Group.ID })
		if in && (month == 0 || month == first) {
			asked = append(asked, l)
		}
	}
	return asked
}

// lapses reads who lapses after the day asked for and up to another.
func (a *asked) lapses(to models.Day) ([]Lapse, error) {
	all := *a
	all.day = to
	f, err := all.facts(a.day)
	if err != nil {
		return nil, err
	}
	return f.Lapses(a.top, a.day, to), nil
}

// expiring reads who the lapses are about, with the posting of the day, by day and given name.
func (a *asked) expiring(lapses []Lapse) ([]ExpiringPerson, error) {
	at := map[uint64][]int{} // lapses by cadre
	ids := make([]uint64, len(lapses))
	out := make([]ExpiringPerson, len(lapses))
	keys := make([]string, len(lapses))
	for i, l := range lapses {
		at[l.CadreID], ids[i], out[i].Lapse = append(at[l.CadreID], i), l.CadreID, l
	}
	for part := range slices.Chunk(slices.Compact(slices.Sorted(slices.Values(ids))), manyTrained) {
		var rows []struct {
			Person  `gorm:"embedded"`
			SortKey string
			FromDay models.Day
			ToDay   models.Day
		}
		if err := a.db.Raw("SELECT c.id AS cadre_id, c.full_name AS name, c.birth_year, c.sort_key, p.title, p.from_day, p.to_day, o.code AS organisation_code, o.name AS organisation_name"+
			" FROM postings p JOIN cadres c ON c.id = p.cadre_id JOIN organisations o ON o.id = p.organisation_id WHERE p.main = TRUE AND p.cadre_id IN ?", part).Scan(&rows).Error; err != nil {
			return nil, err
		}
		for _, r := range rows {
			for _, i := range at[r.CadreID] {
				if r.FromDay <= out[i].Day && out[i].Day < r.ToDay {
					out[i].Person, keys[i] = r.Person, r.SortKey
				}
			}
		}
	}
	order := make([]int, len(out))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		return cmp.Or(cmp.Compare(out[i].Day, out[j].Day), cmp.Compare(keys[i], keys[j]), cmp.Compare(out[i].Lapse.CadreID, out[j].Lapse.CadreID))
	})
	sorted := make([]ExpiringPerson, len(out))
	for i, k := range order {
		sorted[i] = out[k]
	}
	return sorted, nil
}

// Soon is how many days ahead first pages look for who stops being covered.
const Soon = 90

// soon counts who stops being covered within the next days, each once, whatever the groups.
func (a *asked) soon() (int, error) {
	if !a.plan.Expires() {
		return 0, nil
	}
	lapses, err := a.lapses(min(a.day+Soon, a.plan.ToDay-1))
	people := map[uint64]bool{}
	for _, l := range lapses {
		people[l.CadreID] = true
	}
	return len(people), err
}
