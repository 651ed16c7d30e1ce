package certificate

import (
	"context"
	"encoding/json"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/template"
	"taphuan/models"
)

// Own is a certificate as its holder sees it.
type Own struct {
	Row
	Snapshot     template.Snapshot
	ReplacedByID uint64 // the certificate that took its place, 0 for none
	ReplacedBy   string // its serial
	Share        string // token of the link that works now, "" for none
}

type ownRow struct {
	models.Certificate
	Signer       string
	Share        string
	ReplacedByID uint64
	ReplacedBy   string
}

// Owned lists the actor's own certificates, also those that do not stand any more, the last issued first. One query.
func (s *Service) Owned(ctx context.Context, actor access.Actor) ([]Own, error) {
	return s.owned(ctx, actor, func(q *gorm.DB) *gorm.DB { return q })
}

// OwnedOne reads one of the actor's own certificates; another's is not found.
func (s *Service) OwnedOne(ctx context.Context, actor access.Actor, id uint64) (Own, error) {
	list, err := s.owned(ctx, actor, func(q *gorm.DB) *gorm.DB { return q.Where("certificates.id = ?", id) })
	if err != nil {
		return Own{}, err
	}
	if len(list) == 0 {
		return Own{}, errs.NotFound("certificate")
	}
	return list[0], nil
}

func (s *Service) owned(ctx context.Context, actor access.Actor, which func(*gorm.DB) *gorm.DB) ([]Own, error) {
	var found []ownRow
	err := s.DB.Read(ctx).Table("certificates").Joins("LEFT JOIN certificate_shares s ON s.live_certificate_id = certificates.id").
		Joins("LEFT JOIN certificates fresh ON fresh.replaces_id = certificates.id").
		Select("certificates.*, COALESCE(s.token, '') AS share, COALESCE(fresh.id, 0) AS replaced_by_id, COALESCE(fresh.serial, '') AS replaced_by, "+signer).
		Scopes(access.Certificates(actor, access.OwnRead, models.DayOf(s.DB.Time())), which).Order("certificates.id DESC").Scan(&found).Error
	if err != nil {
		return nil, err
	}
	out := make([]Own, len(found))
	for i, f := range found {
		rows, err := toRows([]listed{{Certificate: f.Certificate, Signer: f.Signer}})
		if err != nil {
			return nil, err
		}
		out[i] = Own{Row: rows[0], ReplacedByID: f.ReplacedByID, ReplacedBy: f.ReplacedBy, Share: f.Share}
		if err := json.Unmarshal([]byte(f.Certificate.Snapshot), &out[i].Snapshot); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Picture gives the document that a holder downloads as a JPEG picture, and the name under which it is saved. It refuses as PDF does.
func (s *Service) Picture(ctx context.Context, actor access.Actor, p access.Permission, id uint64) (jpeg []byte, name string, err error) {
	pdf, name, err := s.PDF(ctx, actor, p, id)
	if err != nil {
		return nil, "", err
	}
	jpeg, err = s.Pictures.JPEG(ctx, pdf)
	return jpeg, pictureName(name), err
}
