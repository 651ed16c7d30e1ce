package access

import (
	"context"

	"gorm.io/gorm"

	"taphuan/app/page"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// AuditFilter says which entries of the audit to list; zero fields do not narrow.
type AuditFilter struct {
	Who    string // a piece of the account's name, without regard to tones
	Noun   string // "course"
	NounID uint64
	From   models.Day // local days, both included
	To     models.Day
}

// auditOrder is newest first, or the other way round.
var auditOrder = page.List[AuditRow]{Default: "-when", Size: AuditPerPage, Orders: map[string]page.Order[AuditRow]{
	"when": {{Column: "e.at", Of: func(r AuditRow) any { return r.At }}, {Column: "e.id", Of: func(r AuditRow) any { return r.ID }}},
}}

// AuditPerPage is how many entries a page of the audit has.
const AuditPerPage = 50

// AuditRow is an entry with the name of who acted; "" is the command line or the system itself.
type AuditRow struct {
	models.AuditEntry
	Account string
}

// Audit gives one page of the audit, newest first. It takes two queries.
func (s *Service) Audit(ctx context.Context, f AuditFilter, ask page.Ask) (*page.Page[AuditRow], error) {
	q := s.audited(ctx, f)
	total, err := page.Count(q)
	if err != nil {
		return nil, err
	}
	p, err := auditOrder.Read(q, ask, total)
	return &p, err
}

// EachAudit gives all entries that Audit would list to f, sorted so.
func (s *Service) EachAudit(ctx context.Context, f AuditFilter, sort string, each func([]AuditRow) error) error {
	return auditOrder.Each(s.audited(ctx, f), sort, each)
}

func (s *Service) audited(ctx context.Context, f AuditFilter) *gorm.DB {
	q := s.DB.Read(ctx).Table("audit_entries e").Joins("LEFT JOIN accounts a ON a.id = e.account_id").Select("e.*, COALESCE(a.name, '') account")
	if text := likeText(viet.Fold(f.Who)); text != "" {
		q = q.Where("a.search LIKE ? ESCAPE '!'", "%"+text+"%")
	}
	if f.Noun != "" {
		q = q.Scopes(store.Code("e.noun", f.Noun))
	}
	if f.NounID != 0 {
		q = q.Where("e.noun_id = ?", f.NounID)
	}
	if f.From != 0 {
		q = q.Where("e.at >= ?", f.From.At(0).UTC())
	}
	if f.To != 0 {
		q = q.Where("e.at < ?", f.To.AddDays(1).At(0).UTC())
	}
	return q.Session(&gorm.Session{})
}
