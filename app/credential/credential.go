// Package credential says what certificates say a second time, as Open Badges 3.0: verifiable credentials that wallets and profile pages
// read and check by themselves. It is off until an administrator switches it on. docs/decisions/badges.md says what is claimed.
package credential

import (
	"context"
	"encoding/json"

	"github.com/go-jose/go-jose/v4"
	"gorm.io/gorm/clause"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/errs"
	"taphuan/app/proof"
	"taphuan/app/store"
	"taphuan/models"
)

// Service makes credentials and what is published with them.
type Service struct {
	DB           *store.DB
	Certificates *certificate.Service
	Proofs       *proof.Service
	// PublicURL gives the public address that an administrator set, "" when none was.
	PublicURL func(ctx context.Context) (string, error)
}

// nameAddress is the setting that holds the address under which credentials are published: the public address of the day on which they were
// switched on, since ids in credentials last as long as those do. "": they are off.
const nameAddress = "credential_address"

// Address gives the address under which credentials are published, "" while they are off.
func (s *Service) Address(ctx context.Context) (string, error) {
	var rows []models.Setting
	err := s.DB.Read(ctx).Where("name = ?", nameAddress).Find(&rows).Error
	if err != nil || len(rows) == 0 {
		return "", err
	}
	return rows[0].Value, nil
}

// On says whether there are credentials.
func (s *Service) On(ctx context.Context) (bool, error) {
	base, err := s.Address(ctx)
	return base != "", err
}

// Published gives the address. It refuses with not_found while credentials are off.
func (s *Service) Published(ctx context.Context) (string, error) {
	base, err := s.Address(ctx)
	if err == nil && base == "" {
		err = errs.NotFound("credential")
	}
	return base, err
}

// Set switches credentials on or off; where they are so already nothing happens. Switching on refuses a missing public address
// ("public_url_missing") and one that is not reached from everywhere and not said to be internal ("url_not_public").
func (s *Service) Set(ctx context.Context, by store.By, on bool) error {
	address, action := "", "credential.off"
	if on {
		var err error
		if address, err = s.PublicURL(ctx); err != nil {
			return err
		}
		if address == "" {
			return errs.Conflict("public_url_missing")
		}
		action = "credential.on"
	}
	_, err := s.DB.Write(ctx, by, func(tx *store.Tx) (uint64, error) {
		// Two at once wait for each other here.
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&models.Setting{Name: nameAddress, UpdatedAt: tx.Now}).Error; err != nil {
			return 0, err
		}
		var now models.Setting
		if err := tx.Lock().Where("name = ?", nameAddress).Take(&now).Error; err != nil {
			return 0, err
		}
		if (now.Value != "") == on {
			return 0, nil
		}
		if err := tx.Model(&now).Updates(map[string]any{"value": address, "updated_at": tx.Now}).Error; err != nil {
			return 0, err
		}
		if on {
			if err := s.Proofs.MakeCredentialKey(tx); err != nil {
				return 0, err
			}
		}
		return 0, tx.Audit(action, "settings", 0, map[string]any{"address": address})
	})
	return err
}

// File is a credential to keep.
type File struct {
	Name  string // under which it is saved
	Token string // a JWS in compact form
}

// Of gives the credential of a certificate in the actor's scope; out of it, and while credentials are off, is not found.
func (s *Service) Of(ctx context.Context, actor access.Actor, p access.Permission, id uint64) (File, error) {
	return s.file(ctx, func() (certificate.Record, error) { return s.Certificates.Record(ctx, actor, p, id) })
}

// Shared gives the credential of the certificate behind a link that its holder has switched on. It refuses with not_found what
// certificate.Service.SharedPDF refuses, and everything while credentials are off.
func (s *Service) Shared(ctx context.Context, token string) (File, error) {
	return s.file(ctx, func() (certificate.Record, error) { return s.Certificates.SharedRecord(ctx, token) })
}

func (s *Service) file(ctx context.Context, read func() (certificate.Record, error)) (f File, err error) {
	base, err := s.Published(ctx)
	if err != nil {
		return f, err
	}
	r, err := read()
	if err != nil {
		return f, err
	}
	c, err := claims(base, r)
	if err != nil {
		return f, errs.Internal("credential", err)
	}
	f.Name = r.FileName(".jwt")
	f.Token, err = s.sign(ctx, base, c)
	return f, err
}

// sign makes the JWT (VC-JWT of Open Badges 3.0, section 8.2): its header holds alg, kid and typ and nothing else, and kid is the address
// of the key.
func (s *Service) sign(ctx context.Context, base string, payload any) (string, error) {
	kid, key, err := s.Proofs.CredentialSigner(ctx)
	if err != nil {
		return "", err
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: jose.JSONWebKey{Key: key, KeyID: keyAddress(base, kid)}}, new(jose.SignerOptions).WithType("JWT"))
	if err != nil {
		return "", err
	}
	b, err := json.Marshal(payload)
	if err != nil {
		return "", err
	}
	signed, err := signer.Sign(b)
	if err != nil {
		return "", err
	}
	return signed.CompactSerialize()
}
