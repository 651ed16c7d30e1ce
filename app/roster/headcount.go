package roster

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/ledger"
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
// the day ("organisation_not_active"), groups that the plan does not have ("unknown_target_group") or
// that are not at the organisation's level ("group_not_at_level"), and figures
// below 0 or above 100,000 ("headcount_range"). How many are covered is for counts-only organisations ("headcount_covered_needless"),
// who must say it with each figure ("required") and at most as many as there are ("headcount_covered_range").
func (s *Service) DeclareHeadcount(ctx context.Context, actor access.Actor, in HeadcountInput) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) { return declare(ctx, tx, actor, in, plansOf(ctx, tx)) })
	return err
}

// Field names the input of an organisation and a group in a form of many.
func (in HeadcountInput) Field() string { return in.Organisation + "." + in.Group }

// DeclareHeadcounts records several declarations in one transaction, or none. It refuses what DeclareHeadcount does, at the field of the
// declaration, and a form without any ("headcount_none").
func (s *Service) DeclareHeadcounts(ctx context.Context, actor access.Actor, all []HeadcountInput) error {
	if len(all) == 0 {
		return errs.Invalid("headcount_none")
	}
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (last uint64, err error) {
		var bad errs.Fields
		plans := plansOf(ctx, tx)
		for _, in := range all {
			last, err = declare(ctx, tx, actor, in, plans)
			if e := errs.As(err); err != nil && e.Kind == errs.KindInvalid {
				for _, f := range e.Fields {
					if f.Name == "effective" || f.Code == "unknown_target_group" { // of the form as a whole
						return 0, err
					}
					bad.Add(in.Field(), f.Code, f.Params)
				}
			} else if err != nil {
				return 0, err
			}
		}
		return last, bad.Err()
	})
	return err
}

// plansOf gives the plan of a day, which it reads once a day.
func plansOf(ctx context.Context, tx *store.Tx) func(models.Day) (*plan.Plan, error) {
	known := map[models.Day]*plan.Plan{}
	return func(day models.Day) (*plan.Plan, error) {
		if known[day] == nil {
			p, err := plan.Current(ctx, tx.DB, day)
			if err != nil {
				return nil, err
			}
			known[day] = p
		}
		return known[day], nil
	}
}

func declare(ctx context.Context, tx *store.Tx, actor access.Actor, in HeadcountInput, plans func(models.Day) (*plan.Plan, error)) (uint64, error) {
	var o models.Organisation
	err := tx.Scopes(access.Organisations(actor, access.RosterWrite), store.Code("code", in.Organisation)).Take(&o).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return 0, errs.NotFound("organisation")
	}
	if err != nil {
		return 0, err
	}
	p, err := plans(in.Effective)
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
		f.Add("group", "unknown_target_group", errs.Params{"group": in.Group})
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
	if err := ledger.Headcount(tx, o.ID, g.ID); err != nil {
		return 0, err
	}
	return h.ID, tx.Audit("headcount.declare", "organisation", o.ID, map[string]any{"group": in.Group, "effective": in.Effective, "declared": in.Declared, "covered": in.Covered})
}

// HeadcountForms is what the form of many declarations asks: the organisations at or below one that may declare on the day, with the groups
// that each may have, and what holds that day.
type HeadcountForms struct {
	Plan  *plan.Plan
	Top   models.Organisation
	Rows  []HeadcountOffice
	Total int64 // organisations, on all pages
}

// HeadcountOffice is one organisation of the form.
type HeadcountOffice struct {
	models.Organisation
	Cells []HeadcountCell
}

// HeadcountCell is one group of an organisation.
type HeadcountCell struct {
	Group    models.TargetGroup
	OnRoster int64
	Declared *int
	Covered  *int
	Expected bool
}

// MaxHeadcountOffices is how many organisations one form asks.
const MaxHeadcountOffices = 100

// HeadcountForms reads what the form of an organisation asks; "" is the first that the actor heads. Out of scope is not found. Of
// more than MaxHeadcountOffices organisations it gives a page, from 1. A fixed number of statements.
func (s *Service) HeadcountForms(ctx context.Context, actor access.Actor, code string, day models.Day, page int) (*HeadcountForms, error) {
	db := s.DB.Read(ctx)
	out := &HeadcountForms{}
	q := db.Scopes(access.Organisations(actor, access.RosterWrite))
	if code != "" {
		q = q.Scopes(store.Code("code", code))
	}
	err := q.Order("path").Take(&out.Top).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errs.NotFound("organisation")
	}
	if err != nil {
		return nil, err
	}
	p, err := plan.Current(ctx, db, day)
	if err != nil {
		return nil, err
	}
	out.Plan = p
	sql, args := access.Subtree("path", out.Top.Path)
	var orgs []models.Organisation
	offices := db.Model(&models.Organisation{}).Where(sql, args...).
		Where("from_day <= ? AND to_day > ? AND kind NOT IN ?", day, day, models.Totals).Session(&gorm.Session{})
	if err := offices.Count(&out.Total).Error; err != nil {
		return nil, err
	}
	if err := offices.Order("path").Limit(MaxHeadcountOffices).Offset((max(page, 1) - 1) * MaxHeadcountOffices).Find(&orgs).Error; err != nil {
		return nil, err
	}
	ids := make([]uint64, len(orgs))
	for i, o := range orgs {
		ids[i] = o.ID
	}
	type key struct{ organisation, group uint64 }
	listed, declared := map[key]int64{}, map[key]models.Headcount{}
	var counts []struct {
		OrganisationID, GroupID uint64
		N                       int64
	}
	err = db.Table("postings").Joins("JOIN posting_groups ON posting_groups.posting_id = postings.id").
		Where("organisation_id IN ? AND main = ? AND from_day <= ? AND to_day > ?", ids, true, day, day).
		Select("organisation_id, group_id, COUNT(*) AS n").Group("organisation_id, group_id").Scan(&counts).Error
	if err != nil {
		return nil, err
	}
	for _, c := range counts {
		listed[key{c.OrganisationID, c.GroupID}] = c.N
	}
	var hs []models.Headcount
	if err := db.Where("organisation_id IN ? AND effective_day <= ?", ids, day).Order("effective_day, created_at, id").Find(&hs).Error; err != nil {
		return nil, err
	}
	for _, h := range hs { // the latest stays
		declared[key{h.OrganisationID, h.GroupID}] = h
	}
	for _, o := range orgs {
		row := HeadcountOffice{Organisation: o}
		for _, g := range p.Groups {
			if !p.GroupAllowed(g.ID, o.Level, day) {
				continue
			}
			c := HeadcountCell{Group: g, OnRoster: listed[key{o.ID, g.ID}], Declared: declared[key{o.ID, g.ID}].Declared, Covered: declared[key{o.ID, g.ID}].Covered}
			for _, e := range p.Expected {
				c.Expected = c.Expected || e.GroupID == g.ID && e.Kind == o.Kind && e.Level == o.Level && e.FromDay <= day && day < e.ToDay
			}
			row.Cells = append(row.Cells, c)
		}
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}
