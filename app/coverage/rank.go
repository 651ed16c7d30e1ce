package coverage

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"taphuan/app/access"
	"taphuan/app/ledger"
	"taphuan/models"
)

// RankQuery asks in which organisations most people of a group are still missing.
type RankQuery struct {
	Query
	Group string // code; "" is the plan's first
	By    ledger.Measure
	Down  bool // from the most to the least
	All   bool // with those that miss nobody and are not silent
	Kind  models.Kind
	Level models.Level
	Page  int  // from 1; one behind the last is the first
	Size  int  // 0: everything
	Look  int  // of so many, from the first of the page on, it is said how many each misses; less than Size: of those of the page
	Alone bool // the year before is not asked for
}

// looked is at how many organisations is looked, from the first of the page on; 0: at all.
func (q RankQuery) looked() int {
	if q.Size == 0 {
		return 0
	}
	return max(q.Size, q.Look)
}

// first leaves so many of a list; 0: all.
func first[T any](all []T, n int) []T {
	if n == 0 {
		return all
	}
	return all[:min(n, len(all))]
}

// Ranking is organisations at or below one in order, each with what it brings itself, without those below it.
type Ranking struct {
	*Report            // of the organisation asked for alone
	Group   int        // index of the group that ranks them
	Before  models.Day // the same day of the year before; none where the plan has no figures of it
	Ranked  []Ranked
	Missing []int // how many of that group each misses, from the first of the page on: of those and of some behind it
	Total   int   // however many are on the page
	Page    int   // the one given
}

// Ranked is an organisation in a ranking.
type Ranked struct {
	models.Organisation
	Above   string   // name of the organisation right above it; "" for the root
	Figures []Figure `gorm:"-"` // of each group of the plan
	Before  []Figure `gorm:"-"` // on the same day of the year before; nil where there was nothing
}

// Change is how many more of a group are missing than on the same day of the year before; false where nobody of the group was known then, since
// an office that lists its people for the first time has not come to miss them.
func (r Ranked) Change(g int) (int, bool) {
	if r.Before == nil || r.Before[g].Denominator == 0 {
		return 0, false
	}
	return r.Figures[g].Missing() - r.Before[g].Missing(), true
}

// Ranking ranks organisations by what they bring themselves to the figures of a group. It refuses as Rows does, and groups that the plan does
// not know with not_found. Where the ledger is kept the database ranks them, and only those of the page are read.
func (s *Service) Ranking(ctx context.Context, actor access.Actor, q RankQuery) (*Ranking, error) {
	a, err := s.ask(ctx, actor, q.Query)
	if err != nil {
		return nil, err
	}
	g, err := groupOrFirst(a.plan, q.Group)
	if err != nil {
		return nil, err
	}
	r := &Ranking{Group: g, Before: a.day.YearBefore(), Page: max(q.Page, 1)}
	if q.Alone || !a.plan.Covers(r.Before) {
		r.Before = 0
	}
	if !a.kept {
		return r, a.rankCounted(r, q)
	}
	if r.Report, err = a.figures(); err != nil {
		return nil, err
	}
	return r, a.rank(r, q)
}

func figuresOf(sums []ledger.Sum) []Figure {
	out := make([]Figure, len(sums))
	for i, s := range sums {
		out[i] = figureOf(s)
	}
	return out
}

// rank reads the organisations of the page from the ledger.
func (a *asked) rank(r *Ranking, q RankQuery) error {
	ask := ledger.RankQuery{Path: a.top.Path, Group: a.plan.Groups[r.Group].ID, Day: a.day, Before: r.Before, By: q.By, Down: q.Down, All: q.All, Kind: q.Kind, Level: q.Level,
		Offset: (r.Page - 1) * q.Size, Limit: q.looked()}
	places, total, err := ledger.Rank(a.db, a.plan, ask)
	if err != nil {
		return err
	}
	if total > 0 && len(places) == 0 {
		r.Page, ask.Offset = 1, 0
		if places, total, err = ledger.Rank(a.db, a.plan, ask); err != nil {
			return err
		}
	}
	r.Total = total
	for _, x := range places {
		r.Missing = append(r.Missing, x.Missing)
	}
	for part := range slices.Chunk(first(places, q.Size), manyRanked) {
		if err := a.readRanked(r, part); err != nil {
			return err
		}
	}
	return nil
}

// manyRanked is how many organisations are read at once.
const manyRanked = 500

func (a *asked) readRanked(r *Ranking, places []ledger.Place) error {
	ids := make([]uint64, len(places))
	at := make(map[uint64]int, len(places))
	for i, x := range places {
		ids[i] = x.ID
		at[x.ID] = len(r.Ranked) + i
	}
	var found []Ranked
	if err := a.db.Table("organisations o").Select("o."+strings.ReplaceAll(shown, ", ", ", o.")+", COALESCE(up.name, '') AS above").Joins("LEFT JOIN organisations up ON up.id = o.parent_id").
		Where("o.id IN ?", ids).Scan(&found).Error; err != nil {
		return err
	}
	now, err := ledger.Own(a.db, a.plan, a.day, places...)
	if err != nil {
		return err
	}
	before := map[uint64][]ledger.Sum{}
	if r.Before != 0 {
		if before, err = ledger.Own(a.db, a.plan, r.Before, places...); err != nil {
			return err
		}
	}
	r.Ranked = append(r.Ranked, make([]Ranked, len(places))...)
	for _, o := range found {
		o.Figures = figuresOf(now[o.ID])
		if sums, ok := before[o.ID]; ok && o.ExistsOn(r.Before) {
			o.Before = figuresOf(sums)
		}
		r.Ranked[at[o.ID]] = o
	}
	return nil
}

// rankCounted is rank where no ledger is kept: figures are counted from their sources, and ranked here.
func (a *asked) rankCounted(r *Ranking, q RankQuery) error {
	all, err := a.report()
	if err != nil {
		return err
	}
	before := map[uint64][]Figure{}
	if r.Before != 0 && a.top.ExistsOn(r.Before) {
		then := *a
		then.day = r.Before
		was, err := then.report()
		if err != nil {
			return err
		}
		for i, own := range was.ownFigures() {
			before[was.Nodes[i].ID] = own
		}
	}
	g := r.Group
	var ranked []Ranked
	for i, own := range all.ownFigures() {
		n := all.Nodes[i]
		x := Ranked{Organisation: n.Organisation, Figures: own, Before: before[n.ID]}
		if n.Parent >= 0 {
			x.Above = all.Nodes[n.Parent].Name
		}
		f := x.Figures[g]
		if (f.Missing() > 0 || f.Unreported > 0 || q.All && f.Denominator > 0) && (q.Kind == "" || q.Kind == n.Kind) && (q.Level == "" || q.Level == n.Level) {
			ranked = append(ranked, x)
		}
	}
	slices.SortStableFunc(ranked, func(x, y Ranked) int { return r.compare(x, y, q) })
	r.Report, r.Total = all, len(ranked)
	r.Nodes = r.Nodes[:1]
	if q.Size > 0 {
		if (r.Page-1)*q.Size >= len(ranked) {
			r.Page = 1
		}
		ranked = ranked[(r.Page-1)*q.Size:]
	}
	for _, x := range first(ranked, q.looked()) {
		r.Missing = append(r.Missing, x.Figures[g].Missing())
	}
	r.Ranked = first(ranked, q.Size)
	return nil
}

// compare says which comes first, as ledger.Rank does.
func (r *Ranking) compare(x, y Ranked, q RankQuery) int {
	measure := func(x Ranked) int {
		f := x.Figures[r.Group]
		switch q.By {
		case ledger.ByMissing:
			return f.Missing()
		case ledger.ByDenominator:
			return f.Denominator
		case ledger.ByPercent:
			if p := f.Percent(); p != nil {
				return int(*p)
			}
			return -1
		case ledger.ByChange:
			if n, ok := x.Change(r.Group); ok {
				return n
			}
			if r.Before != 0 {
				return f.Missing()
			}
		}
		return 0
	}
	n, silent := cmp.Compare(measure(x), measure(y)), y.Figures[r.Group].Unreported-x.Figures[r.Group].Unreported
	if q.By == ledger.ByTree {
		n, silent = byPath(x.Organisation, y.Organisation), 0
	}
	if q.Down {
		n = -n
	}
	return cmp.Or(n, silent, byPath(x.Organisation, y.Organisation))
}

// ownFigures gives what each node of the report brings itself, without those below it.
func (r *Report) ownFigures() [][]Figure {
	out := make([][]Figure, len(r.Nodes))
	for i := range out {
		out[i] = make([]Figure, len(r.Plan.Groups))
	}
	for g := range r.Plan.Groups {
		for i, f := range r.own(g) {
			if r.Nodes[i].Silent[g] {
				f.Unreported = 1
			}
			out[i][g] = f
		}
	}
	return out
}
