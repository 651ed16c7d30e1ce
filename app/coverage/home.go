package coverage

import (
	"context"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/models"
)

// Home is what first pages show of coverage.
type Home struct {
	Own      []*Report // of each organisation that the actor heads, today or on its last day
	Province *Report   // of the whole plan, for those who see it whole
}

// Home gives the figures for an actor's first page; there are none (nil fields) for actors without coverage to read. Today stands
// for the nearest day of the plan and of the organisation. It takes a bounded number of statements for each organisation headed.
func (s *Service) Home(ctx context.Context, actor access.Actor) (*Home, error) {
	h := &Home{}
	if !actor.May(access.CoverageRead) {
		return h, nil
	}
	if actor.Whole(access.CoverageRead) {
		r, err := s.Report(ctx, actor, Query{})
		if err != nil {
			return nil, err
		}
		h.Province = r
		return h, nil
	}
	var codes []string
	ids := actor.HomeOrganisations()
	if len(ids) == 0 {
		return h, nil
	}
	if err := s.DB.Read(ctx).Model(&models.Organisation{}).Where("id IN ?", ids).Order("path").Pluck("code", &codes).Error; err != nil {
		return nil, err
	}
	for _, code := range codes {
		r, err := s.Report(ctx, actor, Query{Org: code})
		switch {
		case errs.Is(err, "day_outside_plan") || errs.Is(err, "day_outside_organisation"):
			continue // ended before the plan began, or not there before its end
		case err != nil:
			return nil, err
		}
		h.Own = append(h.Own, r)
	}
	return h, nil
}
