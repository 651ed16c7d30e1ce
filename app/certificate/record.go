package certificate

import (
	"context"
	"encoding/json"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/app/template"
	"taphuan/models"
)

// Record is a certificate as others vouch for it again: what it says, and under whose register it stands.
type Record struct {
	ID       uint64
	IssuerID uint64
	Snapshot template.Snapshot
}

// FileName is what a file about the certificate is saved as; extension begins with a dot.
func (r Record) FileName(extension string) string {
	return "giay-chung-nhan-" + number(r.Snapshot.Serial) + extension
}

// Record reads a certificate in the actor's scope; out of it is not found.
func (s *Service) Record(ctx context.Context, actor access.Actor, p access.Permission, id uint64) (Record, error) {
	return s.record(ctx, func(q *gorm.DB) *gorm.DB {
		return q.Scopes(access.Certificates(actor, p, models.DayOf(s.DB.Time()))).Where("certificates.id = ?", id)
	})
}

// SharedRecord reads the certificate behind a link that its holder has switched on. It refuses as SharedPDF does.
func (s *Service) SharedRecord(ctx context.Context, token string) (Record, error) {
	return s.record(ctx, func(q *gorm.DB) *gorm.DB {
		return q.Joins("JOIN certificate_shares ON certificate_shares.live_certificate_id = certificates.id").
			Scopes(store.Code("certificate_shares.token", token)).Where("certificates.state = ?", models.CertificateValid)
	})
}

// CourseRecord reads the certificate of a course that was issued last. It refuses a course without any with not_found.
func (s *Service) CourseRecord(ctx context.Context, courseID uint64) (Record, error) {
	return s.record(ctx, func(q *gorm.DB) *gorm.DB {
		return q.Where("certificates.course_id = ?", courseID).Order("certificates.id DESC")
	})
}

func (s *Service) record(ctx context.Context, which func(*gorm.DB) *gorm.DB) (r Record, err error) {
	var found struct {
		ID, IssuerID uint64
		Snapshot     string
	}
	q := s.DB.Read(ctx).Table("certificates").Joins("JOIN registers ON registers.id = certificates.register_id").
		Select("certificates.id, registers.issuer_id, certificates.snapshot").Scopes(which).Limit(1).Scan(&found)
	if q.Error != nil {
		return r, q.Error
	}
	if q.RowsAffected == 0 {
		return r, errs.NotFound("certificate")
	}
	r.ID, r.IssuerID = found.ID, found.IssuerID
	return r, json.Unmarshal([]byte(found.Snapshot), &r.Snapshot)
}

// Ended gives the ids, from one to before another, of an issuer's certificates that do not stand any more. It refuses with not_found where
// the issuer has issued none with such ids.
func (s *Service) Ended(ctx context.Context, issuerID, from, before uint64) ([]uint64, error) {
	among := func(q *gorm.DB) *gorm.DB {
		return q.Table("certificates").Joins("JOIN registers ON registers.id = certificates.register_id").
			Where("registers.issuer_id = ? AND certificates.id >= ? AND certificates.id < ?", issuerID, from, before)
	}
	var any, ended []uint64
	if err := s.DB.Read(ctx).Scopes(among).Limit(1).Pluck("certificates.id", &any).Error; err != nil {
		return nil, err
	}
	if len(any) == 0 {
		return nil, errs.NotFound("certificate")
	}
	err := s.DB.Read(ctx).Scopes(among).Where("certificates.state IN ?", []models.CertificateState{models.CertificateRevoked, models.CertificateReplaced}).
		Order("certificates.id").Pluck("certificates.id", &ended).Error
	return ended, err
}
