package certificate

import (
	"context"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/page"
	"taphuan/models"
	"taphuan/models/viet"
)

// Filter narrows a list of certificates; zero fields do not.
type Filter struct {
	CourseID uint64
	CadreID  uint64
	Year     int
	IssuerID uint64
	State    models.CertificateState
	Text     string   // serial or code, or words of the holder's name
	IDs      []uint64 // the ticked ones; nil for all
}

// PageSize is how many rows a page of a list shows.
const PageSize = 50

// listed is a certificate with what its lists are sorted by.
type listed struct {
	models.Certificate
	SortKey string
	Signer  string
	EndedBy string
}

// orders are how a list can be sorted. Numbers are taken in the transaction that records the certificate, so ids stand in their order.
var orders = page.List[listed]{Default: "-issued", Size: PageSize, Orders: map[string]page.Order[listed]{
	"issued": {{Column: "certificates.id", Of: func(r listed) any { return r.ID }}},
	"name":   {{Column: "cadres.sort_key", Of: func(r listed) any { return r.SortKey }}, {Column: "certificates.id", Of: func(r listed) any { return r.ID }}},
}}

// List lists certificates in the actor's scope, the last issued first unless asked otherwise; two queries.
func (s *Service) List(ctx context.Context, actor access.Actor, p access.Permission, f Filter, ask page.Ask) (*page.Page[Row], error) {
	q := s.listed(ctx, actor, p, f)
	total, err := page.Count(q)
	if err != nil {
		return nil, err
	}
	found, err := orders.Read(q.Select("certificates.*, cadres.sort_key"), ask, total)
	if err != nil {
		return nil, err
	}
	out := &page.Page[Row]{Place: found.Place}
	out.Rows, err = toRows(found.Rows)
	return out, err
}

// Each gives all certificates that List would list to f, sorted so.
func (s *Service) Each(ctx context.Context, actor access.Actor, p access.Permission, f Filter, sort string, each func([]Row) error) error {
	return orders.Each(s.listed(ctx, actor, p, f).Select("certificates.*, cadres.sort_key"), sort, func(found []listed) error {
		rows, err := toRows(found)
		if err != nil {
			return err
		}
		return each(rows)
	})
}

func (s *Service) listed(ctx context.Context, actor access.Actor, p access.Permission, f Filter) *gorm.DB {
	q := s.DB.Read(ctx).Table("certificates").Joins("JOIN registers ON registers.id = certificates.register_id").
		Joins("JOIN cadres ON cadres.id = certificates.cadre_id").
		Scopes(access.Certificates(actor, p, models.DayOf(s.DB.Time())))
	if f.CourseID != 0 {
		q = q.Where("certificates.course_id = ?", f.CourseID)
	}
	if f.CadreID != 0 {
		q = q.Where("certificates.cadre_id = ?", f.CadreID)
	}
	if f.Year != 0 {
		q = q.Where("registers.year = ?", f.Year)
	}
	if f.IssuerID != 0 {
		q = q.Where("registers.issuer_id = ?", f.IssuerID)
	}
	if f.State != "" {
		q = q.Where("certificates.state = ?", f.State)
	}
	if f.IDs != nil {
		q = q.Where("certificates.id IN ?", f.IDs)
	}
	if f.Text != "" {
		q = q.Scopes(saying(f.Text))
	}
	return q.Session(&gorm.Session{})
}

// saying finds certificates by what somebody typed: a code, a serial (which has a "/"), or words of the holder's name.
func saying(text string) func(*gorm.DB) *gorm.DB {
	return func(q *gorm.DB) *gorm.DB {
		if code := NormalCode(text); code != "" {
			return q.Where("certificates.code = ?", code)
		}
		if strings.Contains(text, "/") {
			return q.Where("certificates.serial = ?", strings.TrimSpace(text))
		}
		return nameWords(text)(q)
	}
}

// nameWords finds holders by words of their name, in any order and without regard to accents.
func nameWords(text string) func(*gorm.DB) *gorm.DB {
	return func(q *gorm.DB) *gorm.DB {
		for w := range strings.FieldsSeq(viet.Fold(text)) {
			w = strings.NewReplacer("%", "", "_", "", `\`, "").Replace(w)
			q = q.Where("(cadres.search LIKE ? OR cadres.search LIKE ?)", w+"%", "% "+w+"%")
		}
		return q
	}
}
