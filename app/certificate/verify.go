package certificate

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/app/template"
	"taphuan/models"
)

// MaxVerified is how large a file may be that is compared with what was issued.
const MaxVerified = 10 << 20

// Verification is what anyone may see who holds a certificate's code, its document, or a link that its holder shares.
type Verification struct {
	State      models.CertificateState
	Snapshot   template.Snapshot
	EndedDay   models.Day          // revoked or replaced on
	Reason     string              // of a revocation or replacement
	ReplacedBy string              // number of the one that stands in its place now; "": none does
	Signer     string              // whose certificate signed the document; "": it bears no digital signature
	Demo       bool                // and that is for trying out: worth nothing before the law
	Kind       models.DocumentKind // of the document that was asked about; "" where none was

	id uint64
}

// Verify says what a code certifies and whether it stands. It refuses unknown and impossible codes alike with not_found.
func (s *Service) Verify(ctx context.Context, typed string) (*Verification, error) {
	code := NormalCode(typed)
	if code == "" {
		code = "-" // asks the database all the same: an impossible code takes as long as an unknown one
	}
	return s.verified(ctx, "''", func(q *gorm.DB) *gorm.DB { return q.Where("certificates.code = ?", code) })
}

// VerifyDocument finds the document with this SHA-256 (64 hexadecimal digits) and says how its certificate stands. It refuses what is no
// SHA-256 ("sha256_invalid") and that of no document (not_found).
func (s *Service) VerifyDocument(ctx context.Context, sha256 string) (*Verification, error) {
	sha256 = strings.ToLower(strings.TrimSpace(sha256))
	if len(sha256) != 64 || strings.Trim(sha256, "0123456789abcdef") != "" {
		return nil, errs.OnField("sha256", "sha256_invalid")
	}
	return s.verified(ctx, "d.kind", func(q *gorm.DB) *gorm.DB {
		return q.Joins("JOIN certificate_documents d ON d.certificate_id = certificates.id").Where("d.sha256 = ?", sha256)
	})
}

// Shared says how the certificate stands whose holder has switched this link on. It refuses a link that was never on and one that was
// switched off alike, with not_found.
func (s *Service) Shared(ctx context.Context, token string) (*Verification, error) {
	return s.verified(ctx, "''", func(q *gorm.DB) *gorm.DB {
		return q.Joins("JOIN certificate_shares x ON x.live_certificate_id = certificates.id").Scopes(store.Code("x.token", token))
	})
}

// verified reads the one certificate that is asked about; kind is a column of its query.
func (s *Service) verified(ctx context.Context, kind string, which func(*gorm.DB) *gorm.DB) (*Verification, error) {
	var c struct {
		models.Certificate
		Signer string
		Kind   models.DocumentKind
	}
	db := s.DB.Read(ctx)
	err := db.Table("certificates").Scopes(which).Select("certificates.id, certificates.state, certificates.snapshot, certificates.ended_at, certificates.end_reason, certificates.completion_id, " +
		kind + " AS kind, " + signer).Take(&c).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errs.NotFound("certificate")
	}
	if err != nil {
		return nil, err
	}
	v := &Verification{State: c.State, Reason: c.EndReason, Signer: c.Signer, Demo: demo(c.Signer), Kind: c.Kind, id: c.ID}
	if c.EndedAt != nil {
		v.EndedDay = models.DayOf(*c.EndedAt)
	}
	if err := json.Unmarshal([]byte(c.Snapshot), &v.Snapshot); err != nil || c.State != models.CertificateReplaced {
		return v, err
	}
	// Not the next one, which may have been replaced or revoked in its turn.
	err = db.Model(&models.Certificate{}).Where("live_completion_id = ?", c.CompletionID).Limit(1).Pluck("serial", &v.ReplacedBy).Error
	return v, err
}
