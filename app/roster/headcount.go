package roster

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
)

// HeadcountInput declares how many cadres of a group an organisation has itself from a day on; nil withdraws.
type HeadcountInput struct {
	Organisation string // code
	Group        string // code
	Effective    models.Day
	Declared     *int
	Covered      *int // of Declared, for organisations that may not keep names
}

// maxHeadcount is more than any organisation has; beyond it a figure is a slip of the keyboard.
const maxHeadcount = 100_000

// DeclareHeadcount records a declaration. It refuses organisations that are totals ("organisation_is_total") or do not exist on
// the day ("organisation_not_active"), groups that are not at the organisation's level ("group_not_at_level"), and figures
// below 0 or above 100,000 ("headcount_range"). How many are covered is for counts-only organisations ("headcount_covered_needless"),
// who must say it with each figure ("required") and at most as many as there are ("headcount_covered_range").
func (s *Service) DeclareHeadcount(ctx context.Context, actor access.Actor, in HeadcountInput) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		var o models.Organisation
		err := tx.Scopes(access.Organisations(actor, access.RosterWrite), store.Code("code", in.Organisation)).Take(&o).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return 0, errs.NotFound("organisation")
		}
		if err != nil {
			return 0, err
		}
		p, err := plan.Current(ctx, tx.DB, in.Effective)
		if err != nil {
			return 0, err
		}
		g := p.GroupByCode(in.Group)
		var f errs.Fields
		switch {
		case o.Kind.IsTotal():
			f.Add("organisation", "organisation_is_total")
		case in.Effective == 0 || !o.ExistsOn(in.Effective):
			f.Add("effective", "organisation_not_active")
		case g == nil:
			f.Add("group", "unknown_target_group")
		case !p.GroupAllowed(g.ID, o.Level, in.Effective):
			f.Add("group", "group_not_at_level")
		}
		if in.Declared != nil && (*in.Declared < 0 || *in.Declared > maxHeadcount) {
			f.Add("declared", "headcount_range")
		}
		switch {
		case in.Covered != nil && !o.CountsOnly:
			f.Add("covered", "headcount_covered_needless")
		case o.CountsOnly && in.Declared != nil && in.Covered == nil:
			f.Add("covered", "required")
		case in.Covered != nil && (in.Declared == nil || *in.Covered < 0 || *in.Covered > *in.Declared):
			f.Add("covered", "headcount_covered_range")
		}
		if err := f.Err(); err != nil {
			return 0, err
		}
		h := models.Headcount{OrganisationID: o.ID, GroupID: g.ID, EffectiveDay: in.Effective, Declared: in.Declared, Covered: in.Covered}
		if actor.AccountID != 0 {
			h.AccountID = &actor.AccountID
		}
		if err := tx.Create(&h).Error; err != nil {
			return 0, err
		}
		return h.ID, tx.Audit("headcount.declare", "organisation", o.ID, map[string]any{"group": in.Group, "effective": in.Effective, "declared": in.Declared, "covered": in.Covered})
	})
	return err
}
