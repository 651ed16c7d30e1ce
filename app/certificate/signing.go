package certificate

import (
	"context"
	"errors"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/signature"
	"taphuan/app/signing"
	"taphuan/app/store"
	"taphuan/models"
)

// SigningInput says how an issuer signs from now on.
type SigningInput struct {
	IssuerID uint64
	Signing  models.Signing
	Roots    string // PEM: who has to vouch for certificates of tokens; "": anybody
}

// SetSigning sets how an issuer signs what is issued from now on; what was issued stays as it is. It refuses an organisation that is no
// issuer (not_found), a way that is none ("choice" on "signing"), certificates that are none ("roots_unreadable" on "roots"), and the
// system's own signature without a key that is valid today ("signing_key_missing", "signing_key_expired", on "signing").
func (s *Service) SetSigning(ctx context.Context, actor access.Actor, in SigningInput) error {
	if _, known := renditions[in.Signing]; !known {
		return errs.OnField("signing", "choice")
	}
	if _, err := signing.Roots(in.Roots); err != nil {
		return errs.OnField("roots", errs.As(err).Code)
	}
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		if _, err := issuer(tx.Lock(), in.IssuerID); err != nil {
			return 0, err
		}
		if in.Signing == models.SigningServer {
			if s.Signing == nil {
				return 0, errs.OnField("signing", "signing_key_missing")
			}
			if err := s.Signing.Ready(tx, in.IssuerID); err != nil {
				e := errs.As(err)
				return 0, errs.OnField("signing", e.Code, e.Params)
			}
		}
		set := map[string]any{"signing": in.Signing, "signature_roots": in.Roots, "updated_at": tx.Now}
		if err := tx.Model(&models.Issuer{}).Where("organisation_id = ?", in.IssuerID).Updates(set).Error; err != nil {
			return 0, err
		}
		return in.IssuerID, tx.Audit("issuer.signing", "organisation", in.IssuerID, map[string]any{"signing": in.Signing, "roots": in.Roots != ""})
	})
	return err
}

// Issuer reads one issuer. It refuses an organisation that is none with not_found.
func (s *Service) Issuer(ctx context.Context, id uint64) (models.Issuer, error) {
	return issuer(s.DB.Read(ctx), id)
}

func issuer(db *gorm.DB, id uint64) (models.Issuer, error) {
	var i models.Issuer
	err := db.Where("organisation_id = ?", id).Take(&i).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = errs.NotFound("issuer")
	}
	return i, err
}

// demo says whether the certificate of a key says that it is for trying out: what it signs is worth nothing before the law.
func demo(signer string) bool { return strings.HasPrefix(signer, signature.DemoMark+" ") }

// signer is whose certificate signed the document of a certificate, "" for nobody's; a part of a query on certificates.
const signer = "COALESCE((SELECT MAX(d.signer) FROM certificate_documents d WHERE d.certificate_id = certificates.id AND d.kind = 'signed'), '') AS signer"
