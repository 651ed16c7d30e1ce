// Package roster keeps organisations, cadres, their postings and headcounts, and reads them from workbooks.
package roster

import (
	"context"
	"errors"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/ledger"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// AddOrganisation writes a new organisation below parent (nil for a root) and sets its path and search text. An office
// without an area lies where its parent does, or in its parent if that is a district.
// It refuses a code that is taken with "organisation_code_taken".
func AddOrganisation(tx *store.Tx, o *models.Organisation, parent *models.Organisation) error {
	o.Name = viet.NFC(o.Name)
	o.Search = viet.Fold(o.Code + " " + o.Name)
	o.Path = "?" + o.Code // unique until the id is known
	if parent != nil {
		o.ParentID = &parent.ID
		o.Depth = parent.Depth + 1
		if o.AreaID == nil && !o.Kind.IsTotal() {
			o.AreaID = parent.AreaID
			if parent.Kind == models.KindDistrict {
				o.AreaID = &parent.ID
			}
		}
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
	o.Path = models.PathPart(o.ID)
	if parent != nil {
		o.Path = parent.Path + o.Path
	}
	if err := tx.Model(o).Update("path", o.Path).Error; err != nil {
		return err
	}
	return ledger.Organisations(tx, o.ID)
}

// OrganisationByCode reads an organisation. It refuses with not_found.
func (s *Service) OrganisationByCode(ctx context.Context, code string) (models.Organisation, error) {
	var o models.Organisation
	err := s.DB.Read(ctx).Scopes(store.Code("code", code)).Take(&o).Error
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

// Places lists the organisations at which the actor may post somebody from some day on, in tree order, and those above them that are
// for totals only. Those that have ended are left out unless the past is to be corrected.
func (s *Service) Places(ctx context.Context, actor access.Actor, ended bool) ([]models.Organisation, error) {
	q := s.DB.Read(ctx).Scopes(access.Organisations(actor, access.RosterWrite)).Where("counts_only = ?", false)
	if !ended {
		q = q.Where("to_day > ?", models.DayOf(s.DB.Time()))
	}
	var out []models.Organisation
	err := q.Order("path").Find(&out).Error
	return out, err
}

// Lines lists the organisations that may be a posting's professional line: those of the province that are no totals and exist today.
func (s *Service) Lines(ctx context.Context) ([]models.Organisation, error) {
	today := models.DayOf(s.DB.Time())
	var out []models.Organisation
	err := s.DB.Read(ctx).Where("level = ? AND kind NOT IN ? AND from_day <= ? AND to_day > ?", models.LevelProvince,
		models.Totals, today, today).Order("path").Find(&out).Error
	return out, err
}

// OrganisationFilter narrows the tree of organisations.
type OrganisationFilter struct {
	Text  string // words of the name or the code, in any order, without regard to accents
	Day   models.Day
	Ended bool // also those that had ended by the day
}

// OrganisationRow is an organisation in the tree with its people on the day.
type OrganisationRow struct {
	models.Organisation
	Parent string // name
	Indent int    // depth below the first that the actor sees
	Here   int64  // cadres whose main posting on the day is here
	Below  int64  // and here or anywhere below
}

// Tree lists the organisations in the actor's scope that exist on the day, in tree order, with how many people they have: two
// queries whatever their number.
func (s *Service) Tree(ctx context.Context, actor access.Actor, f OrganisationFilter) ([]OrganisationRow, error) {
	db := s.DB.Read(ctx)
	var all []models.Organisation
	if err := db.Scopes(access.Organisations(actor, access.RosterRead)).Where("from_day <= ?", f.Day).Order("path").Find(&all).Error; err != nil {
		return nil, err
	}
	var counts []struct {
		Path string
		N    int64
	}
	err := db.Table("postings").Joins("JOIN organisations ON organisations.id = postings.organisation_id").Scopes(access.Organisations(actor, access.RosterRead)).
		Where("postings.main = ? AND postings.from_day <= ? AND postings.to_day > ?", true, f.Day, f.Day).
		Select("organisations.path, COUNT(*) AS n").Group("organisations.path").Scan(&counts).Error
	if err != nil {
		return nil, err
	}
	here, below := map[string]int64{}, map[string]int64{}
	for _, c := range counts {
		here[c.Path] = c.N
		for n := models.PathSegment; n <= len(c.Path); n += models.PathSegment {
			below[c.Path[:n]] += c.N
		}
	}
	names, least := map[uint64]string{}, 0
	for i, o := range all {
		names[o.ID] = o.Name
		if i == 0 || o.Depth < least {
			least = o.Depth
		}
	}
	words := strings.Fields(viet.Fold(f.Text))
	var out []OrganisationRow
	for _, o := range all {
		if !o.ExistsOn(f.Day) && !f.Ended || !hasWords(o.Search, words) {
			continue
		}
		r := OrganisationRow{Organisation: o, Indent: o.Depth - least, Here: here[o.Path], Below: below[o.Path]}
		if o.ParentID != nil {
			r.Parent = names[*o.ParentID]
		}
		out = append(out, r)
	}
	return out, nil
}

// hasWords says whether each word begins a word of the text; both are folded.
func hasWords(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(" "+text, " "+w) {
			return false
		}
	}
	return true
}

// OrganisationDetail is what an organisation's page shows.
type OrganisationDetail struct {
	models.Organisation
	Above        []models.Organisation // from the root down
	Below        []models.Organisation // children, those that ended included
	Successors   []models.Organisation
	Predecessors []models.Organisation
	Headcounts   []HeadcountRow  // latest first, a hundred at most
	Groups       []GroupStanding // those that the organisation may have today, in the plan's order
	OnRoster     int64           // cadres whose main posting is here today
	MayDeclare   bool            // the actor may declare headcounts here, and there is something to declare
}

// HeadcountRow is a declaration with words for its ids.
type HeadcountRow struct {
	models.Headcount
	Group   string
	Account string
}

// GroupStanding is how many cadres of a group an organisation has itself today, and how many it declares.
type GroupStanding struct {
	Group    models.TargetGroup
	OnRoster int64
	Expected bool // organisations of this kind and level should have cadres of the group: silence differs from zero
	Declared *int // nil: nothing declared
	Covered  *int // counts-only organisations
	Since    models.Day
}

// Organisation reads an organisation in the actor's scope; out of it is not found. The number of queries is bounded.
func (s *Service) Organisation(ctx context.Context, actor access.Actor, code string) (*OrganisationDetail, error) {
	db := s.DB.Read(ctx)
	out := &OrganisationDetail{}
	err := db.Scopes(access.Organisations(actor, access.RosterRead), store.Code("code", code)).Take(&out.Organisation).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errs.NotFound("organisation")
	}
	if err != nil {
		return nil, err
	}
	var above []string
	for i := models.PathSegment; i < len(out.Path); i += models.PathSegment {
		above = append(above, out.Path[:i])
	}
	if len(above) > 0 {
		if err := db.Where("path IN ?", above).Order("path").Find(&out.Above).Error; err != nil {
			return nil, err
		}
	}
	today := models.DayOf(s.DB.Time())
	successors := db.Model(&models.OrganisationSuccessor{}).Select("successor_id").Where("organisation_id = ?", out.ID)
	predecessors := db.Model(&models.OrganisationSuccessor{}).Select("organisation_id").Where("successor_id = ?", out.ID)
	var onRoster []struct {
		GroupID uint64
		N       int64
	}
	for _, q := range []*gorm.DB{
		db.Where("parent_id = ?", out.ID).Order("path").Find(&out.Below),
		db.Where("id IN (?)", successors).Order("path").Find(&out.Successors),
		db.Where("id IN (?)", predecessors).Order("path").Find(&out.Predecessors),
		db.Table("headcounts").Joins("JOIN target_groups ON target_groups.id = headcounts.group_id").Joins("LEFT JOIN accounts ON accounts.id = headcounts.account_id").
			Where("headcounts.organisation_id = ?", out.ID).Select("headcounts.*, target_groups.code AS `group`, accounts.name AS account").
			Order("effective_day DESC, headcounts.id DESC").Scan(&out.Headcounts),
		db.Model(&models.Posting{}).Where("organisation_id = ? AND main = ? AND from_day <= ? AND to_day > ?", out.ID, true, today, today).Count(&out.OnRoster),
		db.Table("postings").Joins("JOIN posting_groups ON posting_groups.posting_id = postings.id").
			Where("organisation_id = ? AND main = ? AND from_day <= ? AND to_day > ?", out.ID, true, today, today).
			Select("group_id, COUNT(*) AS n").Group("group_id").Scan(&onRoster),
	} {
		if q.Error != nil {
			return nil, q.Error
		}
	}
	p, err := plan.Current(ctx, db, today)
	if err != nil {
		return nil, err
	}
	counts := map[uint64]int64{}
	for _, x := range onRoster {
		counts[x.GroupID] = x.N
	}
	for _, g := range p.Groups {
		if out.Kind.IsTotal() || !p.GroupAllowed(g.ID, out.Level, today) && counts[g.ID] == 0 {
			continue
		}
		x := GroupStanding{Group: g, OnRoster: counts[g.ID]}
		for _, e := range p.Expected {
			x.Expected = x.Expected || e.GroupID == g.ID && e.Kind == out.Kind && e.Level == out.Level && e.FromDay <= today && today < e.ToDay
		}
		for _, h := range out.Headcounts {
			if h.GroupID == g.ID && h.EffectiveDay <= today {
				if h.Declared != nil {
					x.Declared, x.Covered, x.Since = h.Declared, h.Covered, h.EffectiveDay
				}
				break
			}
		}
		out.Groups = append(out.Groups, x)
	}
	out.Headcounts = out.Headcounts[:min(len(out.Headcounts), 100)]
	out.MayDeclare = !out.Kind.IsTotal() && actor.ReachesPath(access.RosterWrite, out.Path)
	return out, nil
}
