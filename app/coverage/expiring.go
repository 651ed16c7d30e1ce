package coverage

import (
	"cmp"
	"context"
	"slices"
	"time"

	"taphuan/app/access"
	"taphuan/app/ledger"
	"taphuan/app/plan"
	"taphuan/models"
)

// Lapse is a cadre who stops being covered on a day because something expires then, while listed.
type Lapse struct {
	CadreID        uint64
	OrganisationID uint64             // of the main posting on that day
	Day            models.Day         // the first on which the cadre is not covered
	Groups         []int              // of the plan, by index, that the cadre has on that day
	Components     []models.Component // that expire that day and nothing else brings, in the plan's order
}

// Lapses works out who stops being covered at or below an organisation after one day and up to another, by day and cadre. Whoever has left the
// roster by then does not lapse: somebody who is not there is not counted.
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
	Size  int        // people a page: they are named where a month is asked for; 0 is everybody
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
	TooMany bool             // too many people to look at each: the question is to be asked further below
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

// Of how many people each is looked at while somebody waits: of those who lapse, and of all listed where no ledger says how many do.
const (
	tooMany       = 20_000
	tooManyListed = 100_000
)

// Expiring gives the months, from the ledger where it is kept, and the people of the one that is asked for. It refuses as Rows does, and unknown
// groups with not_found. Where nothing of the plan expires there are no months.
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
	from, to := a.day+1, e.ahead(a.day)
	if err := a.countLapses(e, from, to); err != nil || e.TooMany {
		return e, err
	}
	if q.Month != 0 {
		from, to = max(from, q.Month), min(to, lastOfMonth(q.Month, 0))
	} else if q.Size > 0 {
		return e, nil
	}
	if e.TooMany = e.within(from, to) > tooMany; e.TooMany || from > to {
		return e, nil
	}
	return e, s.namesExpiring(a, actor, e, q, from, to)
}

// countLapses fills the months.
func (a *asked) countLapses(e *Expiring, from, to models.Day) error {
	if a.kept {
		counts, err := ledger.Lapses(a.db, a.plan, a.top.ID, from, to)
		for i, m := range e.Months {
			if n := counts[m.First]; n != nil {
				e.Months[i].N = n
			}
		}
		return err
	}
	for _, f := range e.Top().Figures {
		e.TooMany = e.TooMany || f.Roster > tooManyListed
	}
	if e.TooMany {
		e.Months = nil
		return nil
	}
	lapses, err := a.lapses(from, to)
	for _, l := range lapses {
		for i := range e.Months {
			if e.Months[i].First <= l.Day && l.Day <= lastOfMonth(e.Months[i].First, 0) {
				for _, g := range l.Groups {
					e.Months[i].N[g]++
				}
			}
		}
	}
	return err
}

// Anybody says whether anybody lapses in any of the months.
func (e *Expiring) Anybody() bool {
	return slices.ContainsFunc(e.Months, func(m ExpiringMonth) bool { return slices.ContainsFunc(m.N, func(n int) bool { return n > 0 }) })
}

// within is how many lapse in the months between two days, of the group that is asked for, or added up over the groups: at least as many as people.
func (e *Expiring) within(from, to models.Day) (n int) {
	for _, m := range e.Months {
		if m.First > to || lastOfMonth(m.First, 0) < from {
			continue
		}
		for g, k := range m.N {
			if e.Group == nil || e.Plan.Groups[g].ID == e.Group.ID {
				n += k
			}
		}
	}
	return n
}

// namesExpiring fills the people who lapse from one day to another.
func (s *Service) namesExpiring(a *asked, actor access.Actor, e *Expiring, q ExpiringQuery, from, to models.Day) error {
	lapses, err := a.lapses(from, to)
	if err != nil {
		return err
	}
	if e.Group != nil {
		lapses = slices.DeleteFunc(lapses, func(l Lapse) bool {
			return !slices.ContainsFunc(l.Groups, func(g int) bool { return e.Plan.Groups[g].ID == e.Group.ID })
		})
	}
	people, err := a.expiring(lapses)
	if err != nil {
		return err
	}
	e.People, e.Total = people, len(people)
	if q.Size == 0 {
		return nil
	}
	first := min((max(q.Page, 1)-1)*q.Size, len(people))
	e.People = people[first:min(first+q.Size, len(people))]
	plain := make([]Person, len(e.People))
	for i, p := range e.People {
		plain[i] = p.Person
	}
	if err := s.mayOpen(a.db, actor, plain); err != nil {
		return err
	}
	for i := range e.People {
		e.People[i].Person = plain[i]
	}
	return nil
}

// lastOfMonth is the last day of a day's month, or of the month so many months before it.
func lastOfMonth(day models.Day, before int) models.Day {
	y, m, _ := day.Date()
	return models.NewDay(y, m-time.Month(before)+1, 1) - 1
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

// lapses reads who lapses from one day to another, both included. A completion expires in the month that lies as many months behind its own as
// the component lasts: only those who have one of those months are looked at.
func (a *asked) lapses(from, to models.Day) ([]Lapse, error) {
	if from > to {
		return nil, nil
	}
	var w sqlWriter
	w.add("SELECT DISTINCT co.cadre_id FROM completions co WHERE co.voided_at IS NULL AND (1 = 0")
	for _, c := range a.plan.Components {
		if c.ExpiresMonths != nil {
			w.add(" OR co.components & ? <> 0 AND co.effective_day > ? AND co.effective_day <= ?", c.Component.Set(), lastOfMonth(from, *c.ExpiresMonths+1), lastOfMonth(to, *c.ExpiresMonths))
		}
	}
	w.add(")")
	a.here(&w, "co.cadre_id")
	var ids []uint64
	if err := a.db.Raw(w.sql.String()+" ORDER BY co.cadre_id", w.args...).Scan(&ids).Error; err != nil {
		return nil, err
	}
	some := *a
	some.day = to
	var out []Lapse
	for part := range slices.Chunk(ids, manyTrained) {
		some.cadres = part
		f := Facts{Plan: a.plan}
		if err := some.readPostings(&f, from); err != nil {
			return nil, err
		}
		at := make([]uint64, len(f.Postings))
		for i, p := range f.Postings {
			at[i] = p.OrganisationID
		}
		if err := a.db.Where("id IN ?", slices.Compact(slices.Sorted(slices.Values(at)))).Find(&f.Organisations).Error; err != nil {
			return nil, err
		}
		if err := some.readCompletions(&f, func(w *sqlWriter) { some.here(w, "co.cadre_id") }); err != nil {
			return nil, err
		}
		out = append(out, f.Lapses(a.top, from-1, to)...)
	}
	return out, nil
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

// soon counts who stops being covered within the next days, each once, whatever the groups. Most often the ledger says that nobody does.
func (a *asked) soon() (int, error) {
	if !a.plan.Expires() {
		return 0, nil
	}
	from, to := a.day+1, min(a.day+Soon, a.plan.ToDay-1)
	if a.kept {
		if counts, err := ledger.Lapses(a.db, a.plan, a.top.ID, from, to); err != nil || len(counts) == 0 {
			return 0, err
		}
	}
	lapses, err := a.lapses(from, to)
	people := map[uint64]bool{}
	for _, l := range lapses {
		people[l.CadreID] = true
	}
	return len(people), err
}
