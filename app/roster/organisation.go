// Package roster keeps organisations, cadres, their postings and headcounts, and reads them from workbooks.
package roster

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// AddOrganisation writes a new organisation below parent (nil for a root) and sets its path and search text.
// It refuses a code that is taken with "organisation_code_taken".
func AddOrganisation(tx *store.Tx, o *models.Organisation, parent *models.Organisation) error {
	o.Name = viet.NFC(o.Name)
	o.Search = viet.Fold(o.Code + " " + o.Name)
	o.Path = "?" + o.Code // unique until the id is known
	if parent != nil {
		o.ParentID = &parent.ID
		o.Depth = parent.Depth + 1
	}
	var n int64
	if err := tx.Model(&models.Organisation{}).Where("code = ?", o.Code).Count(&n).Error; err != nil {
		return err
	}
	if n > 0 {
		return errs.OnField("code", "organisation_code_taken", errs.Params{"code": o.Code})
	}
	if err := tx.Create(o).Error; err != nil {
		return err
	}
	o.Path = pathSegment(o.ID)
	if parent != nil {
		o.Path = parent.Path + o.Path
	}
	return tx.Model(o).Update("path", o.Path).Error
}

// segment is the length of one organisation's part of a path.
const segment = 8

// pathSegment gives "/" and the id as seven base-36 digits: fixed width, so that paths sort as the tree does.
func pathSegment(id uint64) string {
	s := strconv.FormatUint(id, 36)
	if len(s) >= segment {
		panic(fmt.Sprintf("organisation id %d does not fit into a path", id))
	}
	return "/" + strings.Repeat("0", segment-1-len(s)) + s
}

// OrganisationByCode reads an organisation. It refuses with not_found.
func (s *Service) OrganisationByCode(ctx context.Context, code string) (models.Organisation, error) {
	var o models.Organisation
	err := s.DB.Read(ctx).Where("code = ?", code).Take(&o).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return o, errs.NotFound("organisation")
	}
	return o, err
}

// Organisations lists the organisations that exist on the day, in tree order, as far as the actor's scope reaches.
func (s *Service) Organisations(ctx context.Context, actor access.Actor, p access.Permission, day models.Day) ([]models.Organisation, error) {
	var out []models.Organisation
	err := s.DB.Read(ctx).Scopes(access.Organisations(actor, p)).Where("from_day <= ? AND to_day > ?", day, day).Order("path").Find(&out).Error
	return out, err
}

// OrganisationDetail is what an organisation's page shows.
type OrganisationDetail struct {
	models.Organisation
	Above      []models.Organisation // from the root down
	Below      []models.Organisation // children, those that ended included
	Successors []models.Organisation
	Headcounts []HeadcountRow
	OnRoster   int64 // cadres whose main posting is here today
}

// HeadcountRow is a declaration with words for its ids.
type HeadcountRow struct {
	models.Headcount
	Group   string
	Account string
}

// Organisation reads an organisation in the actor's scope; out of it is not found.
func (s *Service) Organisation(ctx context.Context, actor access.Actor, code string) (*OrganisationDetail, error) {
	db := s.DB.Read(ctx)
	out := &OrganisationDetail{}
	err := db.Scopes(access.Organisations(actor, access.RosterRead)).Where("code = ?", code).Take(&out.Organisation).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errs.NotFound("organisation")
	}
	if err != nil {
		return nil, err
	}
	var above []string
	for i := segment; i < len(out.Path); i += segment {
		above = append(above, out.Path[:i])
	}
	if len(above) > 0 {
		if err := db.Where("path IN ?", above).Order("path").Find(&out.Above).Error; err != nil {
			return nil, err
		}
	}
	today := models.DayOf(s.DB.Time())
	for _, q := range []*gorm.DB{
		db.Where("parent_id = ?", out.ID).Order("path").Find(&out.Below),
		db.Where("id IN (?)", db.Model(&models.OrganisationSuccessor{}).Select("successor_id").Where("organisation_id = ?", out.ID)).Order("path").Find(&out.Successors),
		db.Table("headcounts").Joins("JOIN target_groups ON target_groups.id = headcounts.group_id").Joins("LEFT JOIN accounts ON accounts.id = headcounts.account_id").
			Where("headcounts.organisation_id = ?", out.ID).Select("headcounts.*, target_groups.code AS `group`, accounts.name AS account").
			Order("effective_day DESC, headcounts.id DESC").Limit(100).Scan(&out.Headcounts),
		db.Model(&models.Posting{}).Where("organisation_id = ? AND main = ? AND from_day <= ? AND to_day > ?", out.ID, true, today, today).Count(&out.OnRoster),
	} {
		if q.Error != nil {
			return nil, q.Error
		}
	}
	return out, nil
}

// HeadcountInput declares how many cadres of a group an organisation has itself from a day on; nil withdraws.
type HeadcountInput struct {
	Organisation string // code
	Group        string // code
	Effective    models.Day
	Declared     *int
}

// maxHeadcount is more than any organisation has; beyond it a figure is a slip of the keyboard.
const maxHeadcount = 100_000

// DeclareHeadcount records a declaration. It refuses organisations that are totals ("organisation_is_total") or do not exist on
// the day ("organisation_not_active"), groups that are not at the organisation's level ("group_not_at_level"), and figures
// below 0 or above 100,000 ("headcount_range").
func (s *Service) DeclareHeadcount(ctx context.Context, actor access.Actor, in HeadcountInput) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		var o models.Organisation
		err := tx.Scopes(access.Organisations(actor, access.RosterWrite)).Where("code = ?", in.Organisation).Take(&o).Error
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
		if err := f.Err(); err != nil {
			return 0, err
		}
		h := models.Headcount{OrganisationID: o.ID, GroupID: g.ID, EffectiveDay: in.Effective, Declared: in.Declared}
		if actor.AccountID != 0 {
			h.AccountID = &actor.AccountID
		}
		if err := tx.Create(&h).Error; err != nil {
			return 0, err
		}
		return h.ID, tx.Audit("headcount.declare", "organisation", o.ID, map[string]any{"group": in.Group, "effective": in.Effective, "declared": in.Declared})
	})
	return err
}
