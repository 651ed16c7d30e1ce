package history

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/page"
	"taphuan/models"
	"taphuan/models/viet"
)

// Filter narrows the list of recognitions; zero fields do not.
type Filter struct {
	State   models.RecognitionState
	Text    string // words of the person's name, in any order, without regard to accents
	CadreID uint64
	IDs     []uint64 // the ticked ones; nil for all
	page.Ask
	All bool // no pages: at most mostListed rows, for a file
}

// mostListed is how many rows a file of recognitions has at most.
const mostListed = 50_000

var (
	byID = page.Key[Row]{Column: "recognitions.id", Of: func(r Row) any { return r.ID }}
	// orders are how the list can be sorted.
	orders = page.List[Row]{Default: "-proposed", Size: PageSize, Orders: map[string]page.Order[Row]{
		"name":     {{Column: "cadres.sort_key", Of: func(r Row) any { return r.SortKey }}, byID},
		"day":      {{Column: "recognitions.last_day", Of: func(r Row) any { return r.LastDay }}, byID},
		"proposed": {byID},
	}}
)

// Row is a recognition in a list.
type Row struct {
	models.Recognition
	Name         string
	SortKey      string
	BirthYear    int
	JobTitle     string
	Organisation string // of the main posting today, "" for none
	ProposedBy   string
}

// Counts say how many recognitions there are of each state.
type Counts map[models.RecognitionState]int

// List is one page of recognitions.
type List struct {
	page.Page[Row]
	Counts Counts // of everything in scope that the text finds
}

// recognitions are those that the permission reaches.
func recognitions(db *gorm.DB, actor access.Actor, p access.Permission, today models.Day) *gorm.DB {
	return db.Table("recognitions").Joins("JOIN cadres ON cadres.id = recognitions.cadre_id").Scopes(access.Cadres(actor, p, today))
}

// named leaves those whose name has all the words.
func named(q *gorm.DB, text string) *gorm.DB {
	for w := range strings.FieldsSeq(viet.Fold(text)) {
		w = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(w) + "%"
		q = q.Where("(cadres.search LIKE ? ESCAPE '!' OR cadres.search LIKE ? ESCAPE '!')", w, "% "+w)
	}
	return q
}

const rowColumns = "recognitions.*, cadres.full_name AS name, cadres.sort_key, cadres.birth_year, COALESCE(p.title, '') AS job_title, COALESCE(o.name, '') AS organisation, COALESCE(accounts.name, '') AS proposed_by"

func withOffice(q *gorm.DB, today models.Day) *gorm.DB {
	return q.Joins("LEFT JOIN postings p ON p.cadre_id = cadres.id AND p.main = ? AND p.from_day <= ? AND p.to_day > ?", true, today, today).
		Joins("LEFT JOIN organisations o ON o.id = p.organisation_id")
}

// Recognitions lists recognitions in the actor's scope, the latest proposed first; two queries.
func (s *Service) Recognitions(ctx context.Context, actor access.Actor, f Filter) (*List, error) {
	db, today := s.DB.Read(ctx), models.DayOf(s.DB.Time())
	q := named(recognitions(db, actor, access.CompletionPropose, today), f.Text)
	if f.IDs != nil {
		q = q.Where("recognitions.id IN ?", f.IDs)
	}
	if f.CadreID != 0 {
		q = q.Where("recognitions.cadre_id = ?", f.CadreID)
	}
	var counts []struct {
		State models.RecognitionState
		N     int
	}
	if err := q.Session(&gorm.Session{}).Select("recognitions.state, COUNT(*) AS n").Group("recognitions.state").Scan(&counts).Error; err != nil {
		return nil, err
	}
	out := &List{Counts: Counts{}}
	var total page.Total
	for _, c := range counts {
		out.Counts[c.State] = c.N
		if f.State == "" || f.State == c.State {
			total.N += int64(c.N)
		}
	}
	if f.State != "" {
		q = q.Where("recognitions.state = ?", f.State)
	}
	list := orders
	if f.All {
		list.Size = mostListed
	}
	var err error
	out.Page, err = list.Read(withOffice(q, today).Joins("LEFT JOIN accounts ON accounts.id = recognitions.proposed_by_id").Select(rowColumns), f.Ask, total)
	return out, err
}

// Waiting gives those of the recognitions that the filter finds and the permission reaches that wait for a decision, whatever the page.
// More than one request may name it refuses with "too_many_chosen", none with "nobody_chosen".
func (s *Service) Waiting(ctx context.Context, actor access.Actor, p access.Permission, f Filter) (ids []uint64, err error) {
	q := named(recognitions(s.DB.Read(ctx), actor, p, models.DayOf(s.DB.Time())), f.Text).Where("recognitions.state = ?", models.RecognitionProposed)
	if err := q.Order("recognitions.id").Limit(MaxPeople+1).Pluck("recognitions.id", &ids).Error; err != nil {
		return nil, err
	}
	return chosen(ids)
}

// Detail is what a recognition's page shows.
type Detail struct {
	Row
	DecidedBy    string
	FileName     string
	FileBytes    int64
	CompletionID uint64 // 0 while it is none
	Voided       bool
	Components   []models.Component `gorm:"-"`
	SamePaper    int64              `gorm:"-"` // others in scope with this paper that have no scan
}

// Recognition reads one recognition; out of scope is not found.
func (s *Service) Recognition(ctx context.Context, actor access.Actor, id uint64) (*Detail, error) {
	db, today := s.DB.Read(ctx), models.DayOf(s.DB.Time())
	out := &Detail{}
	q := withOffice(recognitions(db, actor, access.CompletionPropose, today), today).Where("recognitions.id = ?", id).
		Joins("LEFT JOIN accounts ON accounts.id = recognitions.proposed_by_id").Joins("LEFT JOIN accounts d ON d.id = recognitions.decided_by_id").
		Joins("LEFT JOIN stored_files f ON f.id = recognitions.file_id").Joins("LEFT JOIN completions c ON c.recognition_id = recognitions.id").
		Select(rowColumns + ", COALESCE(d.name, '') AS decided_by, COALESCE(f.name, '') AS file_name, COALESCE(f.size_bytes, 0) AS file_bytes, COALESCE(c.id, 0) AS completion_id, c.voided_at IS NOT NULL AS voided").
		Limit(1).Scan(out)
	if q.Error != nil {
		return nil, q.Error
	}
	if q.RowsAffected == 0 {
		return nil, errs.NotFound("recognition")
	}
	if err := samePaper(recognitions(db, actor, access.CompletionPropose, today), out.Recognition).Count(&out.SamePaper).Error; err != nil {
		return nil, err
	}
	err := db.Model(&models.RecognitionComponent{}).Where("recognition_id = ?", id).Order("component").Pluck("component", &out.Components).Error
	return out, err
}

// Scan reads the scan of a recognition's paper; out of scope, and where there is none, it is not found.
func (s *Service) Scan(ctx context.Context, actor access.Actor, id uint64) (models.StoredFile, error) {
	d, err := s.Recognition(ctx, actor, id)
	if err != nil {
		return models.StoredFile{}, err
	}
	if d.FileID == nil {
		return models.StoredFile{}, errs.NotFound("file")
	}
	return s.Files.Get(ctx, *d.FileID)
}
