package proof

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"

	"gorm.io/gorm"

	"taphuan/app/errs"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/models"
)

// Service keeps the keys.
type Service struct {
	DB   *store.DB
	Keys *secret.Keys
}

const sealFor = "proof_key"

// Signer gives the key that signs statements now; the first that asks makes it.
func (s *Service) Signer(tx *store.Tx) (ed25519.PrivateKey, error) {
	_, text, err := s.current(tx.DB, models.ProofEd25519)
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return s.create(tx)
	}
	if err != nil {
		return nil, err
	}
	seed, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, errs.Internal("proof key", errors.New("not a key of Ed25519"))
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// Ready makes the key that signs where there is none, in a transaction of its own.
func (s *Service) Ready(ctx context.Context) error {
	var n int64
	if err := s.DB.Read(ctx).Model(&models.ProofKey{}).Where(signing, models.ProofEd25519).Count(&n).Error; err != nil || n > 0 {
		return err
	}
	_, err := s.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		_, err := s.Signer(tx)
		return 0, err
	})
	return err
}

// Rotate has a new key of the kind sign from now on and gives its name. The public halves of those that signed before stay published: what
// they signed is on paper and in wallets.
func (s *Service) Rotate(ctx context.Context, by store.By, kind models.ProofKind) (name string, err error) {
	_, err = s.DB.Write(ctx, by, func(tx *store.Tx) (uint64, error) {
		var old []models.ProofKey
		if err := tx.Lock().Omit("sealed").Where(signing, kind).Order("id").Find(&old).Error; err != nil {
			return 0, err
		}
		for _, k := range old {
			if err := tx.Model(&models.ProofKey{}).Where("id = ?", k.ID).Update("retired_at", tx.Now).Error; err != nil {
				return 0, err
			}
			if err := tx.Audit("proof_key.retire", "proof_key", k.ID, map[string]any{"kind": k.Kind, "kid": k.Kid}); err != nil {
				return 0, err
			}
		}
		if kind == models.ProofES256 {
			err = s.createES256(tx)
		} else {
			_, err = s.create(tx)
		}
		if err != nil {
			return 0, err
		}
		name, _, err = s.current(tx.DB, kind)
		return 0, err
	})
	return name, err
}

// signing is the condition of keys that sign now.
const signing = "kind = ? AND retired_at IS NULL"

// create makes a key. Two that are first at once make two, which are both good.
func (s *Service) create(tx *store.Tx) (ed25519.PrivateKey, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	name := kid(public)
	return private, s.keep(tx, models.ProofEd25519, hex.EncodeToString(name[:]), public, private.Seed())
}

// current gives the name and the opened private half of the key that signs now, or gorm.ErrRecordNotFound.
func (s *Service) current(db *gorm.DB, kind models.ProofKind) (kid, private string, err error) {
	var k models.ProofKey
	if err := db.Where(signing, kind).Order("id").Take(&k).Error; err != nil {
		return "", "", err
	}
	private, err = s.Keys.Open(sealFor, k.Sealed)
	return k.Kid, private, err
}

// keep records a key, its private half sealed.
func (s *Service) keep(tx *store.Tx, kind models.ProofKind, kid string, public, private []byte) error {
	sealed, err := s.Keys.Seal(sealFor, base64.StdEncoding.EncodeToString(private))
	if err != nil {
		return err
	}
	k := models.ProofKey{Kind: kind, Kid: kid, Public: public, Sealed: sealed, CreatedAt: tx.Now}
	if err := tx.Create(&k).Error; err != nil {
		return err
	}
	return tx.Audit("proof_key.create", "proof_key", k.ID, map[string]any{"kind": k.Kind, "kid": k.Kid})
}

// Public gives the keys of all statements that were ever signed, the oldest first; those that are retired too, since paper stays.
func (s *Service) Public(ctx context.Context) ([]models.ProofKey, error) {
	return s.public(ctx, models.ProofEd25519)
}

// All gives the public halves of all keys of both kinds, the oldest first.
func (s *Service) All(ctx context.Context) ([]models.ProofKey, error) {
	return s.public(ctx, models.ProofEd25519, models.ProofES256)
}

func (s *Service) public(ctx context.Context, kinds ...models.ProofKind) ([]models.ProofKey, error) {
	var out []models.ProofKey
	err := s.DB.Read(ctx).Select("id", "kind", "kid", "public", "created_at", "retired_at").Where("kind IN ?", kinds).Order("id").Find(&out).Error
	return out, err
}
