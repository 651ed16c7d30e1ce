package proof

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"

	"gorm.io/gorm"

	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

// PublicKey is the public half of a key that signs or signed credentials.
type PublicKey struct {
	Kid string
	Key *ecdsa.PublicKey
}

// MakeCredentialKey makes the key that signs credentials where there is none. Two that are first at once make two, which are both good.
func (s *Service) MakeCredentialKey(tx *store.Tx) error {
	if _, _, err := s.current(tx.DB, models.ProofES256); !errors.Is(err, gorm.ErrRecordNotFound) {
		return err
	}
	return s.createES256(tx)
}

func (s *Service) createES256(tx *store.Tx) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	sum := sha256.Sum256(public)
	return s.keep(tx, models.ProofES256, hex.EncodeToString(sum[:8]), public, private)
}

// CredentialSigner gives the key that signs credentials now, and its name. It refuses with not_found where none was made.
func (s *Service) CredentialSigner(ctx context.Context) (kid string, key *ecdsa.PrivateKey, err error) {
	kid, text, err := s.current(s.DB.Read(ctx), models.ProofES256)
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return "", nil, errs.NotFound("proof_key")
	}
	if err != nil {
		return "", nil, err
	}
	der, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return "", nil, errs.Internal("proof key", err)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return "", nil, errs.Internal("proof key", err)
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return "", nil, errs.Internal("proof key", errors.New("not a key of ECDSA"))
	}
	return kid, key, nil
}

// CredentialKeys gives the keys of all credentials that were ever signed, the oldest first; those that are retired too.
func (s *Service) CredentialKeys(ctx context.Context) ([]PublicKey, error) {
	rows, err := s.public(ctx, models.ProofES256)
	if err != nil {
		return nil, err
	}
	out := make([]PublicKey, len(rows))
	for i, r := range rows {
		parsed, err := x509.ParsePKIXPublicKey(r.Public)
		if err != nil {
			return nil, errs.Internal("proof key", err)
		}
		key, ok := parsed.(*ecdsa.PublicKey)
		if !ok {
			return nil, errs.Internal("proof key", errors.New("not a key of ECDSA"))
		}
		out[i] = PublicKey{r.Kid, key}
	}
	return out, nil
}
