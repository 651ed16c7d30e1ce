// Package signing keeps the keys with which the system signs certificates for issuers, sealed with the key file, and the time-stamp
// service that proves when.
package signing

import (
	"context"
	"crypto/rsa"
	"errors"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"taphuan/app/errs"
	"taphuan/app/secret"
	"taphuan/app/signature"
	"taphuan/app/store"
	"taphuan/models"
)

// Service keeps keys and signs with them.
type Service struct {
	DB   *store.DB
	Keys *secret.Keys
}

// purpose is for what keys are sealed.
const purpose = "signing_key"

// Soon is how long before its end a key is warned of.
const Soon = 30 * 24 * time.Hour

// KeyInput is a key file as an administrator hands it in. The password opens it once and is kept nowhere.
type KeyInput struct {
	IssuerID    uint64
	SignatoryID uint64 // 0: for whatever the issuer issues
	File        []byte
	Password    string
}

// Add keeps the key of a PKCS#12 file for an issuer and gives its id. It refuses no file ("key_file_missing" on "key_file"), what
// signature.LoadPKCS12 refuses (on "key_file" or "key_password"), an issuer that is none ("issuer_missing" on "issuer"), a signatory
// that is not the issuer's today ("signatory_missing" on "key_signatory"), and a key that is there already ("signing_key_twice" on "key_file").
func (s *Service) Add(ctx context.Context, by store.By, in KeyInput) (uint64, error) {
	if len(in.File) == 0 {
		return 0, errs.OnField("key_file", "key_file_missing")
	}
	k, err := signature.LoadPKCS12(in.File, in.Password, s.DB.Time())
	if err != nil {
		e := errs.As(err)
		field := "key_file"
		if e.Code == "key_password_wrong" {
			field = "key_password"
		}
		return 0, errs.OnField(field, e.Code, e.Params)
	}
	row, err := s.seal(k)
	if err != nil {
		return 0, err
	}
	row.OrganisationID = &in.IssuerID
	if in.SignatoryID != 0 {
		row.SignatoryID = &in.SignatoryID
	}
	return s.DB.Write(ctx, by, func(tx *store.Tx) (uint64, error) {
		if err := fits(tx, row); err != nil {
			return 0, err
		}
		return s.keep(tx, row)
	})
}

// fits refuses a key for whom it cannot be.
func fits(tx *store.Tx, k models.SigningKey) error {
	var i models.Issuer
	if err := tx.Lock().Where("organisation_id = ?", *k.OrganisationID).Take(&i).Error; errors.Is(err, gorm.ErrRecordNotFound) {
		return errs.OnField("issuer", "issuer_missing")
	} else if err != nil {
		return err
	}
	var n int64
	if k.SignatoryID != nil {
		err := tx.Model(&models.Signatory{}).Where("id = ? AND organisation_id = ? AND from_day <= ? AND to_day > ?", *k.SignatoryID, i.OrganisationID, tx.Today, tx.Today).Count(&n).Error
		if err != nil {
			return err
		}
		if n == 0 {
			return errs.OnField("key_signatory", "signatory_missing")
		}
	}
	same := tx.Model(&models.SigningKey{}).Where("organisation_id = ? AND fingerprint = ? AND retired_at IS NULL", i.OrganisationID, k.Fingerprint)
	if k.SignatoryID != nil {
		same = same.Where("signatory_id = ?", *k.SignatoryID)
	} else {
		same = same.Where("signatory_id IS NULL")
	}
	if err := same.Count(&n).Error; err != nil {
		return err
	}
	if n > 0 {
		return errs.OnField("key_file", "signing_key_twice")
	}
	return nil
}

// AddDemo makes the demonstration key where the system never had any key, and says whether it did. Issuers sign with it until they have a
// key of their own.
func (s *Service) AddDemo(ctx context.Context) (made bool, err error) {
	k, err := signature.NewDemoKey(s.DB.Time(), "Khóa ký thử nghiệm")
	if err != nil {
		return false, err
	}
	row, err := s.seal(k)
	if err != nil {
		return false, err
	}
	id, err := s.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		var n int64
		if err := tx.Model(&models.SigningKey{}).Count(&n).Error; err != nil || n > 0 {
			return 0, err
		}
		return s.keep(tx, row)
	})
	return id != 0, err
}

// seal makes the row of a key.
func (s *Service) seal(k *signature.Key) (models.SigningKey, error) {
	row := models.SigningKey{Subject: Short(k.Subject()), IssuerName: Short(k.Issuer()), Kind: models.KeyECDSA, NotBefore: k.Certificate.NotBefore, NotAfter: k.NotAfter(),
		Fingerprint: k.Fingerprint(), Demo: k.Demo()}
	if _, is := k.Private.Public().(*rsa.PublicKey); is {
		row.Kind = models.KeyRSA
	}
	b, err := k.Marshal()
	if err != nil {
		return row, err
	}
	row.Sealed, err = s.Keys.Seal(purpose, string(b))
	return row, err
}

// Short shortens a name of a certificate to what its column holds.
func Short(name string) string {
	if utf8.RuneCountInString(name) > 300 {
		return string([]rune(name)[:300])
	}
	return name
}

// keep writes a new key. The audit says whose it is, never the key.
func (s *Service) keep(tx *store.Tx, k models.SigningKey) (uint64, error) {
	if tx.By.AccountID != 0 {
		k.AccountID = &tx.By.AccountID
	}
	k.CreatedAt = tx.Now
	if err := tx.Create(&k).Error; err != nil {
		return 0, err
	}
	return k.ID, tx.Audit("signing_key.add", "signing_key", k.ID, map[string]any{"subject": k.Subject, "fingerprint": k.Fingerprint, "to": models.DayOf(k.NotAfter)})
}

// Retire lets a key sign no more. What it has signed stays as it is. It refuses a key that is not there or was retired with not_found.
func (s *Service) Retire(ctx context.Context, by store.By, id uint64) error {
	_, err := s.DB.Write(ctx, by, func(tx *store.Tx) (uint64, error) {
		q := tx.Model(&models.SigningKey{}).Where("id = ? AND retired_at IS NULL", id).Update("retired_at", tx.Now)
		if q.Error != nil {
			return 0, q.Error
		}
		if q.RowsAffected == 0 {
			return 0, errs.NotFound("signing_key")
		}
		return id, tx.Audit("signing_key.retire", "signing_key", id, nil)
	})
	return err
}

// Row is a key in the list.
type Row struct {
	models.SigningKey
	Issuer    string // "" for the demonstration key
	Signatory string
	State     State
}

// State says whether a key can sign.
type State string

// The states of a key.
const (
	Valid   State = "valid"
	Ending  State = "ending" // within Soon
	Expired State = "expired"
	Early   State = "early" // not yet valid
	Retired State = "retired"
)

func state(k models.SigningKey, now time.Time) State {
	switch {
	case k.RetiredAt != nil:
		return Retired
	case now.After(k.NotAfter):
		return Expired
	case now.Before(k.NotBefore):
		return Early
	case now.Add(Soon).After(k.NotAfter):
		return Ending
	}
	return Valid
}

// List gives all keys, without what is secret in them, those that can sign first.
func (s *Service) List(ctx context.Context) ([]Row, error) {
	var out []Row
	err := s.DB.Read(ctx).Table("signing_keys k").Joins("LEFT JOIN issuers i ON i.organisation_id = k.organisation_id").Joins("LEFT JOIN signatories s ON s.id = k.signatory_id").
		Select("k.id, k.organisation_id, k.signatory_id, k.subject, k.issuer_name, k.kind, k.not_before, k.not_after, k.fingerprint, k.demo, k.created_at, k.retired_at, " +
			"COALESCE(i.name, '') AS issuer, COALESCE(s.name, '') AS signatory").Order("k.retired_at IS NOT NULL, k.id DESC").Scan(&out).Error
	now := s.DB.Time()
	for i := range out {
		out[i].State = state(out[i].SigningKey, now)
	}
	return out, err
}

// Ended gives the keys that end within Soon or have ended without another in their place.
func Ended(rows []Row) []Row {
	type whose struct{ org, signatory uint64 }
	of := func(r Row) (w whose) {
		if r.OrganisationID != nil {
			w.org = *r.OrganisationID
		}
		if r.SignatoryID != nil {
			w.signatory = *r.SignatoryID
		}
		return w
	}
	good := map[whose]bool{}
	for _, r := range rows {
		good[of(r)] = good[of(r)] || r.State == Valid
	}
	var out []Row
	for _, r := range rows {
		if (r.State == Ending || r.State == Expired) && !good[of(r)] {
			out = append(out, r)
		}
	}
	return out
}
