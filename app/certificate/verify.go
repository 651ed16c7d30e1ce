package certificate

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/errs"
	"taphuan/models"
)

// MaxVerified is how large a file may be that is compared with what was issued.
const MaxVerified = 10 << 20

// Document says of which certificate a file is that was issued.
type Document struct {
	Verification
	Kind models.DocumentKind
}

// VerifyDocument finds the document with this SHA-256 (64 hexadecimal digits) and says how its certificate stands. It refuses what is no
// SHA-256 ("sha256_invalid") and that of no document (not_found).
func (s *Service) VerifyDocument(ctx context.Context, sha256 string) (*Document, error) {
	sha256 = strings.ToLower(strings.TrimSpace(sha256))
	if len(sha256) != 64 || strings.Trim(sha256, "0123456789abcdef") != "" {
		return nil, errs.OnField("sha256", "sha256_invalid")
	}
	var found verified
	db := s.DB.Read(ctx)
	err := db.Table("certificate_documents d").Joins("JOIN certificates ON certificates.id = d.certificate_id").Where("d.sha256 = ?", sha256).
		Select("d.kind, " + verifiedColumns).Take(&found).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errs.NotFound("certificate")
	}
	if err != nil {
		return nil, err
	}
	v, err := verification(db, found)
	if err != nil {
		return nil, err
	}
	return &Document{Verification: *v, Kind: found.Kind}, nil
}

// verified is what a verification is made of.
type verified struct {
	models.Certificate
	Signer string
	Kind   models.DocumentKind // of the document that was asked for
}

const verifiedColumns = "certificates.id, certificates.state, certificates.snapshot, certificates.ended_at, certificates.end_reason, " + signer

func verification(db *gorm.DB, c verified) (*Verification, error) {
	v := &Verification{State: c.State, Reason: c.EndReason, Signer: c.Signer, Demo: demo(c.Signer)}
	if c.EndedAt != nil {
		v.EndedDay = models.DayOf(*c.EndedAt)
	}
	if err := json.Unmarshal([]byte(c.Snapshot), &v.Snapshot); err != nil {
		return nil, err
	}
	if c.State != models.CertificateReplaced {
		return v, nil
	}
	err := db.Model(&models.Certificate{}).Where("replaces_id = ?", c.ID).Limit(1).Pluck("serial", &v.ReplacedBy).Error
	return v, err
}
