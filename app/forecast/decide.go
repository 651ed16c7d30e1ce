package forecast

import (
	"cmp"
	"context"
	"slices"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/ledger"
	"taphuan/models"
)

// Decider is an organisation with what it brings to those missing.
type Decider struct {
	models.Organisation
	Figure coverage.Figure
	Share  float64 // of those missing, in percent
}

// Offices are the organisations that miss most of their own people, without those below them.
type Offices struct {
	First  []Decider
	Total  int  // that miss anybody
	Enough int  // so many of them, the first, would meet the target at once if they trained everybody; 0 where it is met
	More   bool // even more than Enough
}

// Every says that all that miss anybody must train all their people to meet the target, as where it is everybody.
func (o Offices) Every() bool { return o.Enough == o.Total && !o.More }

const (
	manyNext    = 10   // organisations right below that are named
	manyOffices = 10   // offices that are named
	manyRanked  = 150  // offices that are looked at for how many are enough
	manyBelow   = 2000 // organisations below; where there are more, offices decide nothing, and to rank them takes long
)

// decide says which organisations decide the group that is told in full.
func (s *Service) decide(ctx context.Context, actor access.Actor, f *Forecast) error {
	g, top := f.Chosen, f.Top()
	missing := top.Figures[g].Missing()
	share := func(x coverage.Figure) float64 { return 100 * float64(x.Missing()) / float64(max(missing, 1)) }
	for _, n := range f.Children() {
		if x := n.Figures[g]; x.Missing() > 0 {
			f.Next = append(f.Next, Decider{n.Organisation, x, share(x)})
		}
	}
	slices.SortStableFunc(f.Next, func(a, b Decider) int { return cmp.Compare(b.Figure.Missing(), a.Figure.Missing()) })
	f.Next = f.Next[:min(len(f.Next), manyNext)]
	var below int64
	sql, args := access.Subtree("path", top.Path)
	if err := s.DB.Read(ctx).Model(&models.Organisation{}).Where(sql, args...).Count(&below).Error; err != nil || below < 2 || below > manyBelow || missing == 0 {
		return err
	}
	r, err := (&coverage.Service{DB: s.DB}).Ranking(ctx, actor, coverage.RankQuery{Query: coverage.Query{Org: top.Code, Day: f.Daily.Day}, Group: f.Plan.Groups[g].Code,
		By: ledger.ByMissing, Down: true, Size: manyOffices, Look: manyRanked, Alone: true})
	if err != nil {
		return err
	}
	f.Offices.Total = r.Total - top.Figures[g].Unreported // those that said nothing are ranked behind all others
	short := top.Figures[g].ToTarget(f.Plan.Groups[g].TargetPercent)
	for _, x := range r.Ranked {
		own := x.Figures[g]
		if own.Missing() > 0 {
			f.Offices.First = append(f.Offices.First, Decider{x.Organisation, own, share(own)})
		}
	}
	for _, n := range r.Missing {
		if short > 0 {
			f.Offices.Enough++
			short -= n
		}
	}
	f.Offices.More = short > 0
	return nil
}
