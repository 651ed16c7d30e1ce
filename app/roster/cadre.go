package roster

import (
	"context"
	"errors"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/job"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// Service keeps the roster.
type Service struct {
	DB   *store.DB
	Keys *secret.Keys
	Jobs *job.Runner // may be nil where nothing runs in the background
}

// PageSize is how many rows a page of a list shows.
const PageSize = 50

// manyFound is from how many on a page is found by walking all cadres in their order; of fewer, all are sorted.
const manyFound = 1000

// CadreFilter narrows the list of cadres; zero fields do not.
type CadreFilter struct {
	Text         string // words of the name, in any order, without regard to accents; or a national id, exactly
	Organisation string // code: that organisation and all below
	Group        string // code
	Day          models.Day
	Unplaced     bool // in place of the roster: those whose last posting ended with its organisation, and who have had none since
	Page         int  // from 1
}

// CadreRow is a cadre with a posting on the day.
type CadreRow struct {
	ID           uint64
	FullName     string
	BirthYear    int
	Title        string
	Organisation string
	OrgCode      string
	Main         bool       // false: concurrent, listed because the organisation was asked for
	ToDay        models.Day // of the posting
	Open         bool       `gorm:"-"` // the actor may open the cadre's page
	Groups       []string   `gorm:"-"` // codes, in the plan's order
}

// CadreList is one page of cadres.
type CadreList struct {
	Rows  []CadreRow
	Total int64
	Page  int
	Pages int
}

// Cadres lists the cadres on the roster on a day, by given name, at the organisations that the actor's scope reaches: each once, by
// the main posting, and where an organisation is asked for also those with a concurrent posting there. A bounded number of queries
// whatever the length. It refuses an organisation that is out of scope with not_found.
func (s *Service) Cadres(ctx context.Context, actor access.Actor, f CadreFilter) (*CadreList, error) {
	if f.Day == 0 {
		f.Day = models.DayOf(s.DB.Time())
	}
	f.Page = max(f.Page, 1)
	db := s.DB.Read(ctx)
	q := db.Joins("JOIN organisations ON organisations.id = postings.organisation_id").Scopes(access.Postings(actor, access.RosterRead))
	if f.Unplaced {
		q = q.Where("postings.main = ? AND postings.to_day <= ? AND postings.to_day = organisations.to_day", true, f.Day).Where(undecided)
	} else {
		q = q.Where("postings.from_day <= ? AND postings.to_day > ?", f.Day, f.Day)
	}
	if digits := onlyDigits(f.Text); len(digits) == 12 || len(digits) == 9 {
		column, purpose := "cadres.national_id_hash", purposeNationalID
		if len(digits) == 9 {
			column, purpose = "cadres.old_id_hash", purposeOldID
		}
		q = q.Where(column+" = ?", s.Keys.Hash(purpose, digits))
	} else {
		for _, w := range strings.Fields(viet.Fold(f.Text)) {
			q = q.Where("(cadres.search LIKE ? OR cadres.search LIKE ?)", likePrefix(w), "% "+likePrefix(w))
		}
	}
	if f.Group != "" {
		q = q.Where("EXISTS (SELECT 1 FROM posting_groups pg WHERE pg.posting_id = postings.id AND pg.group_id IN (?))",
			db.Model(&models.TargetGroup{}).Select("id").Scopes(store.Code("code", f.Group)))
	}
	if f.Organisation != "" {
		o, err := s.OrganisationByCode(ctx, f.Organisation)
		if err != nil {
			return nil, err
		}
		if !actor.ReachesPath(access.RosterRead, o.Path) {
			return nil, errs.NotFound("organisation")
		}
		sql, args := access.Subtree("organisations.path", o.Path)
		q = q.Where(sql, args...)
	} else {
		q = q.Where("postings.main = ?", true)
	}
	out := &CadreList{Page: f.Page}
	count := q.Session(&gorm.Session{}).Table("postings")
	if f.Text != "" { // else an index of the postings says it all
		count = count.Joins("JOIN cadres ON cadres.id = postings.cadre_id")
	}
	if err := count.Count(&out.Total).Error; err != nil {
		return nil, err
	}
	out.Pages = max(1, int((out.Total+PageSize-1)/PageSize))
	var rows []struct {
		CadreRow
		PostingID uint64
	}
	from, order := "postings JOIN cadres ON cadres.id = postings.cadre_id", "cadres.sort_key, cadres.id, postings.id"
	if out.Total > manyFound && f.Organisation == "" && !f.Unplaced { // one posting a cadre
		from, order = "cadres "+s.DB.InOrder()+" postings ON postings.cadre_id = cadres.id", "cadres.sort_key, cadres.id"
	}
	err := q.Session(&gorm.Session{}).Table(from).Select("cadres.id, cadres.full_name, cadres.birth_year, postings.id AS posting_id, postings.title, postings.main, postings.to_day, organisations.name AS organisation, organisations.code AS org_code").
		Order(order).Limit(PageSize).Offset((f.Page - 1) * PageSize).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	ids, people := make([]uint64, len(rows)), make([]uint64, len(rows))
	for i, r := range rows {
		ids[i], people[i] = r.PostingID, r.ID
		out.Rows = append(out.Rows, r.CadreRow)
	}
	groups, err := groupCodes(db, ids)
	if err != nil {
		return nil, err
	}
	open, err := s.openTo(ctx, actor, people)
	for i, r := range rows {
		out.Rows[i].Groups = groups[r.PostingID]
		out.Rows[i].Open = open[r.ID]
	}
	return out, err
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

func groupCodes(db *gorm.DB, postings []uint64) (map[uint64][]string, error) {
	out := map[uint64][]string{}
	if len(postings) == 0 {
		return out, nil
	}
	var gs []struct {
		PostingID uint64
		Code      string
	}
	err := db.Table("posting_groups").Joins("JOIN target_groups ON target_groups.id = posting_groups.group_id").
		Where("posting_id IN ?", postings).Select("posting_id, code").Order("target_groups.position").Scan(&gs).Error
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
	Groups       []string   `gorm:"-"` // codes
}

// CompletionRow is a course that a cadre completed.
type CompletionRow struct {
	CourseID     uint64 // 0: recognised, held by another body
	Title        string
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
		Select("postings.*, organisations.name AS organisation, organisations.code AS org_code, organisations.path AS org_path, organisations.to_day AS org_to, COALESCE(l.name, '') AS line").Order("postings.from_day DESC, postings.id DESC").Scan(&out.Postings).Error
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
	for i := range out.Postings {
		out.Postings[i].Groups = groups[out.Postings[i].ID]
	}
	err = db.Table("completions").Joins("LEFT JOIN courses ON courses.id = completions.course_id").Where("completions.cadre_id = ?", id).
		Select("COALESCE(courses.id, 0) AS course_id, COALESCE(courses.title, '') AS title, completions.effective_day, completions.voided_at IS NOT NULL AS voided").
		Order("completions.effective_day DESC, completions.id DESC").Scan(&out.Completions).Error
	if err != nil {
		return nil, err
	}
	var account models.Account
	err = db.Select("id", "name").Where("cadre_id = ?", id).Order("id").Limit(1).Find(&account).Error
	out.AccountID, out.AccountName = account.ID, account.Name
	return out, err
}

func onlyDigits(s string) string {
	s = strings.Join(strings.Fields(s), "")
	if s == "" || strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' }) {
		return ""
	}
	return s
}

// likePrefix escapes what LIKE would read as a pattern; folded words hold no backslash.
func likePrefix(w string) string {
	return strings.NewReplacer("%", "", "_", "", `\`, "").Replace(w) + "%"
}
