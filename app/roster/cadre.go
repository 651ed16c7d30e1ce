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

// CadreFilter narrows the list of cadres; zero fields do not.
type CadreFilter struct {
	Text         string // words of the name, in any order, without regard to accents; or a national id, exactly
	Organisation string // code: that organisation and all below
	Group        string // code
	Day          models.Day
	Page         int // from 1
}

// CadreRow is a cadre with the main posting on the day.
type CadreRow struct {
	ID           uint64
	FullName     string
	BirthYear    int
	Title        string
	Organisation string
	OrgCode      string
	Groups       []string `gorm:"-"` // codes, in the plan's order
}

// CadreList is one page of cadres.
type CadreList struct {
	Rows  []CadreRow
	Total int64
	Page  int
	Pages int
}

// Cadres lists the cadres on the roster on a day, by given name, as far as the actor's scope reaches. Four queries whatever the length.
func (s *Service) Cadres(ctx context.Context, actor access.Actor, f CadreFilter) (*CadreList, error) {
	if f.Day == 0 {
		f.Day = models.DayOf(s.DB.Time())
	}
	f.Page = max(f.Page, 1)
	db := s.DB.Read(ctx)
	query := func() *gorm.DB {
		q := db.Table("cadres").Joins("JOIN postings ON postings.cadre_id = cadres.id AND postings.main = ? AND postings.from_day <= ? AND postings.to_day > ?", true, f.Day, f.Day).
			Joins("JOIN organisations ON organisations.id = postings.organisation_id").
			Scopes(access.Cadres(actor, access.RosterRead, models.DayOf(s.DB.Time())))
		if digits := onlyDigits(f.Text); len(digits) == 12 {
			q = q.Where("cadres.national_id_hash = ?", s.Keys.Hash(purposeNationalID, digits))
		} else {
			for _, w := range strings.Fields(viet.Fold(f.Text)) {
				q = q.Where("(cadres.search LIKE ? OR cadres.search LIKE ?)", likePrefix(w), "% "+likePrefix(w))
			}
		}
		return q
	}
	narrow := func(q *gorm.DB) *gorm.DB {
		if f.Group != "" {
			q = q.Where("EXISTS (SELECT 1 FROM posting_groups pg JOIN target_groups tg ON tg.id = pg.group_id WHERE pg.posting_id = postings.id AND tg.code = ?)", f.Group)
		}
		return q
	}
	q := narrow(query())
	if f.Organisation != "" {
		o, err := s.OrganisationByCode(ctx, f.Organisation)
		if err != nil {
			return nil, err
		}
		sql, args := access.Subtree("organisations.path", o.Path)
		q = q.Where(sql, args...)
	}
	out := &CadreList{Page: f.Page}
	if err := q.Session(&gorm.Session{}).Count(&out.Total).Error; err != nil {
		return nil, err
	}
	out.Pages = max(1, int((out.Total+PageSize-1)/PageSize))
	var rows []struct {
		CadreRow
		PostingID uint64
	}
	err := q.Session(&gorm.Session{}).Select("cadres.id, cadres.full_name, cadres.birth_year, postings.id AS posting_id, postings.title, organisations.name AS organisation, organisations.code AS org_code").
		Order("cadres.sort_key, cadres.id").Limit(PageSize).Offset((f.Page - 1) * PageSize).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	ids := make([]uint64, len(rows))
	for i, r := range rows {
		ids[i] = r.PostingID
		out.Rows = append(out.Rows, r.CadreRow)
	}
	groups, err := groupCodes(db, ids)
	if err != nil {
		return nil, err
	}
	for i, r := range rows {
		out.Rows[i].Groups = groups[r.PostingID]
	}
	return out, nil
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
	Groups       []string `gorm:"-"`
}

// CompletionRow is a course that a cadre completed.
type CompletionRow struct {
	CourseID     uint64
	Title        string
	EffectiveDay models.Day
	Voided       bool
}

// CadreDetail is what a cadre's page shows.
type CadreDetail struct {
	models.Cadre
	NationalIDEnd string // the last four digits; the whole is shown to nobody here
	Postings      []PostingRow
	Completions   []CompletionRow
	AccountID     uint64
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
	} else if len(n) == 12 {
		out.NationalIDEnd = n[8:]
	}
	err = db.Table("postings").Joins("JOIN organisations ON organisations.id = postings.organisation_id").Where("cadre_id = ?", id).
		Select("postings.*, organisations.name AS organisation, organisations.code AS org_code").Order("postings.from_day DESC, postings.id DESC").Scan(&out.Postings).Error
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
	err = db.Table("completions").Joins("JOIN courses ON courses.id = completions.course_id").Where("completions.cadre_id = ?", id).
		Select("courses.id AS course_id, courses.title, completions.effective_day, completions.voided_at IS NOT NULL AS voided").
		Order("completions.effective_day DESC, completions.id DESC").Scan(&out.Completions).Error
	if err != nil {
		return nil, err
	}
	err = db.Model(&models.Account{}).Where("cadre_id = ?", id).Select("id").Scan(&out.AccountID).Error
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
