package roster

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/job"
	"taphuan/app/plan"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/models"
)

// Service keeps the roster.
type Service struct {
	DB   *store.DB
	Keys *secret.Keys
	Jobs *job.Runner // may be nil where nothing runs in the background
}

// openTo says which of the cadres the actor may open.
func (s *Service) openTo(ctx context.Context, actor access.Actor, cadres []uint64) (map[uint64]bool, error) {
	out := make(map[uint64]bool, len(cadres))
	if len(cadres) == 0 {
		return out, nil
	}
	var ids []uint64
	err := s.DB.Read(ctx).Model(&models.Cadre{}).Scopes(access.Cadres(actor, access.RosterRead, models.DayOf(s.DB.Time()))).Where("cadres.id IN ?", cadres).Pluck("cadres.id", &ids).Error
	for _, id := range ids {
		out[id] = true
	}
	return out, err
}

// groupCodes gives the groups of postings in the plan at hand.
func groupCodes(db *gorm.DB, postings []uint64) (map[uint64][]string, error) {
	out := map[uint64][]string{}
	if len(postings) == 0 {
		return out, nil
	}
	current, err := plan.CurrentID(db.Statement.Context, db, models.DayOf(db.NowFunc()))
	if err != nil {
		return nil, err
	}
	var gs []struct {
		PostingID uint64
		Code      string
	}
	err = db.Table("posting_groups").Joins("JOIN target_groups ON target_groups.id = posting_groups.group_id").
		Where("posting_id IN ? AND target_groups.plan_id = ?", postings, current).Select("posting_id, code").Order("target_groups.position").Scan(&gs).Error
	for _, g := range gs {
		out[g.PostingID] = append(out[g.PostingID], g.Code)
	}
	return out, err
}

// PostingRow is one posting of a cadre with words for its ids.
type PostingRow struct {
	models.Posting
	Organisation string
	OrgCode      string
	OrgPath      string
	OrgTo        models.Day // the organisation's own end
	Line         string     // the professional line's organisation, "" for none
	LineCode     string
	Groups       []string       `gorm:"-"` // codes
	Leaves       []models.Leave `gorm:"-"` // by first day
}

// CompletionRow is training that a cadre completed.
type CompletionRow struct {
	CourseID     uint64 // 0 where another body held it
	Title        string
	Recognised   bool // held by another body
	EffectiveDay models.Day
	Voided       bool
}

// CadreDetail is what a cadre's page shows.
type CadreDetail struct {
	models.Cadre
	NationalIDEnd string // the last four digits; the whole is shown by LookAtIDs alone
	OldIDEnd      string
	Postings      []PostingRow
	Completions   []CompletionRow
	AccountID     uint64
	AccountName   string
}

// Cadre reads a cadre in the actor's scope; out of it is not found.
func (s *Service) Cadre(ctx context.Context, actor access.Actor, p access.Permission, id uint64) (*CadreDetail, error) {
	db := s.DB.Read(ctx)
	out := &CadreDetail{}
	err := db.Scopes(access.Cadres(actor, p, models.DayOf(s.DB.Time()))).Take(&out.Cadre, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errs.NotFound("cadre")
	}
	if err != nil {
		return nil, err
	}
	if n, err := s.Keys.Open(purposeNationalID, out.NationalIDSealed); err != nil {
		return nil, errs.Internal("national id", err)
	} else {
		out.NationalIDEnd = lastFour(n)
	}
	if n, err := s.Keys.Open(purposeOldID, out.OldIDSealed); err != nil {
		return nil, errs.Internal("old id", err)
	} else {
		out.OldIDEnd = lastFour(n)
	}
	err = db.Table("postings").Joins("JOIN organisations ON organisations.id = postings.organisation_id").Joins("LEFT JOIN organisations l ON l.id = postings.line_id").
		Where("cadre_id = ?", id).
		Select("postings.*, organisations.name AS organisation, organisations.code AS org_code, organisations.path AS org_path, organisations.to_day AS org_to, COALESCE(l.name, '') AS line, COALESCE(l.code, '') AS line_code").Order("postings.from_day DESC, postings.id DESC").Scan(&out.Postings).Error
	if err != nil {
		return nil, err
	}
	ids := make([]uint64, len(out.Postings))
	for i, x := range out.Postings {
		ids[i] = x.ID
	}
	groups, err := groupCodes(db, ids)
	if err != nil {
		return nil, err
	}
	var leaves []models.Leave
	if err := db.Where("posting_id IN (?)", db.Model(&models.Posting{}).Select("id").Where("cadre_id = ?", id)).Order("from_day, id").Find(&leaves).Error; err != nil {
		return nil, err
	}
	for i := range out.Postings {
		p := &out.Postings[i]
		p.Groups = groups[p.ID]
		for _, l := range leaves {
			if l.PostingID == p.ID {
				p.Leaves = append(p.Leaves, l)
			}
		}
	}
	err = db.Table("completions").Joins("LEFT JOIN courses ON courses.id = completions.course_id").Joins("LEFT JOIN recognitions ON recognitions.id = completions.recognition_id").
		Where("completions.cadre_id = ?", id).
		Select("COALESCE(courses.id, 0) AS course_id, COALESCE(courses.title, recognitions.title, '') AS title, completions.recognition_id IS NOT NULL AS recognised, completions.effective_day, completions.voided_at IS NOT NULL AS voided").
		Order("completions.effective_day DESC, completions.id DESC").Scan(&out.Completions).Error
	if err != nil {
		return nil, err
	}
	var account models.Account
	err = db.Select("id", "name").Where("cadre_id = ?", id).Order("id").Limit(1).Find(&account).Error
	out.AccountID, out.AccountName = account.ID, account.Name
	return out, err
}
