package signing

import (
	"context"

	"gorm.io/gorm"

	"taphuan/app/errs"
	"taphuan/app/signature"
	"taphuan/app/store"
	"taphuan/models"
)

// Pen signs for one issuer.
type Pen struct {
	KeyID uint64 // with which key

	key  *signature.Key
	time *signature.TimeService
}

// Subject is who signs, as the key's certificate says.
func (p *Pen) Subject() string { return Short(p.key.Subject()) }

// Stamps says whether a service is asked for each signature: that waits for an answer, not for a processor.
func (p *Pen) Stamps() bool { return p.time != nil }

// Sign signs a document as signature.Sign does, with the time-stamp service that is set.
func (p *Pen) Sign(ctx context.Context, pdf []byte, o signature.Options) ([]byte, error) {
	o.Time = p.time
	return signature.Sign(ctx, pdf, p.key, o)
}

// Pen gives that with which the system signs for an issuer what a signatory signs: the signatory's own key before the issuer's, the newest
// that is valid now. An issuer that never had a key signs with the demonstration key, where there is one. It refuses no key
// ("signing_key_missing") and none that is valid now ("signing_key_expired").
func (s *Service) Pen(tx *store.Tx, issuerID, signatoryID uint64) (*Pen, error) {
	all, err := keysOf(tx.DB, issuerID)
	if err != nil {
		return nil, err
	}
	var mine []models.SigningKey
	for _, k := range all {
		if k.SignatoryID == nil || *k.SignatoryID == signatoryID {
			mine = append(mine, k)
		}
	}
	id, err := choose(mine, tx)
	if err != nil {
		return nil, err
	}
	var row models.SigningKey
	if err := tx.Take(&row, id).Error; err != nil {
		return nil, err
	}
	plain, err := s.Keys.Open(purpose, row.Sealed)
	if err != nil {
		return nil, err
	}
	p := &Pen{KeyID: id}
	if p.key, err = signature.ParseKey([]byte(plain)); err != nil {
		return nil, err
	}
	p.time, err = timeService(tx.DB)
	return p, err
}

// Ready refuses an issuer for whom nobody could sign now, as Pen does.
func (s *Service) Ready(tx *store.Tx, issuerID uint64) error {
	all, err := keysOf(tx.DB, issuerID)
	if err == nil {
		_, err = choose(all, tx)
	}
	return err
}

// keysOf are the keys that come into question for an issuer, without what is secret in them: those of a signatory first, the newest first.
// The demonstration key does where the issuer never had one.
func keysOf(db *gorm.DB, issuerID uint64) ([]models.SigningKey, error) {
	var all []models.SigningKey
	err := db.Omit("sealed").Where("organisation_id = ? OR organisation_id IS NULL", issuerID).Order("organisation_id IS NULL, signatory_id IS NULL, id DESC").Find(&all).Error
	for i, k := range all {
		if k.OrganisationID == nil && i > 0 {
			return all[:i], err
		}
	}
	return all, err
}

func choose(keys []models.SigningKey, tx *store.Tx) (uint64, error) {
	refusal := errs.Conflict("signing_key_missing")
	for _, k := range keys {
		switch state(k, tx.Now) {
		case Valid, Ending:
			return k.ID, nil
		case Expired, Early:
			refusal = errs.Conflict("signing_key_expired", errs.Params{"until": models.DayOf(k.NotAfter)})
		}
	}
	return 0, refusal
}
