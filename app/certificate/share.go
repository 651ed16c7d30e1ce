package certificate

import (
	"context"
	"crypto/rand"
	"errors"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

// Share switches on the link by which anyone who has it sees the actor's own certificate; where one is on already, it stays. It refuses
// another's certificate (not_found) and one that does not stand ("certificate_ended").
func (s *Service) Share(ctx context.Context, actor access.Actor, id uint64) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		c, err := ownLocked(tx, actor, id)
		if err != nil {
			return 0, err
		}
		if c.State != models.CertificateValid {
			return 0, errs.Conflict("certificate_ended")
		}
		var on int64
		if err := tx.Model(&models.CertificateShare{}).Where("live_certificate_id = ?", id).Count(&on).Error; err != nil || on > 0 {
			return id, err
		}
		x := models.CertificateShare{CertificateID: id, LiveCertificateID: &id, Token: rand.Text()}
		if actor.AccountID != 0 {
			x.AccountID = &actor.AccountID
		}
		if err := tx.Create(&x).Error; err != nil {
			return 0, err
		}
		return id, tx.Audit("certificate.share", "certificate", id, nil)
	})
	return err
}

// Unshare switches the link off: from then on it leads nowhere, and one that is switched on later is another. Where none is on nothing
// happens. It refuses another's certificate (not_found).
func (s *Service) Unshare(ctx context.Context, actor access.Actor, id uint64) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		if _, err := ownLocked(tx, actor, id); err != nil {
			return 0, err
		}
		done := tx.Model(&models.CertificateShare{}).Where("live_certificate_id = ?", id).Updates(map[string]any{"live_certificate_id": nil, "ended_at": tx.Now})
		if done.Error != nil || done.RowsAffected == 0 {
			return id, done.Error
		}
		return id, tx.Audit("certificate.unshare", "certificate", id, nil)
	})
	return err
}

// ownLocked locks one of the actor's own certificates, so that two tabs switch its link one after the other.
func ownLocked(tx *store.Tx, actor access.Actor, id uint64) (c models.Certificate, err error) {
	err = tx.Lock().Scopes(access.Certificates(actor, access.OwnRead, tx.Today)).Take(&c, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = errs.NotFound("certificate")
	}
	return c, err
}

// SharedPDF gives the document behind a link, and the name under which it is saved. It refuses as Shared does, and with not_found a
// certificate that does not stand: it is not to be passed on any more.
func (s *Service) SharedPDF(ctx context.Context, token string) (pdf []byte, name string, err error) {
	x, err := s.Shared(ctx, token)
	if err != nil {
		return nil, "", err
	}
	if x.State != models.CertificateValid {
		return nil, "", errs.NotFound("certificate")
	}
	return s.PDF(ctx, access.System(), access.CertificateRead, x.id)
}

// SharedPicture gives the same as a JPEG picture.
func (s *Service) SharedPicture(ctx context.Context, token string) (jpeg []byte, name string, err error) {
	pdf, name, err := s.SharedPDF(ctx, token)
	if err != nil {
		return nil, "", err
	}
	jpeg, err = s.Pictures.JPEG(ctx, pdf)
	return jpeg, pictureName(name), err
}

func pictureName(pdf string) string { return strings.TrimSuffix(pdf, ".pdf") + ".jpg" }
