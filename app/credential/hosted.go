package credential

import (
	"context"
	"path"

	"github.com/go-jose/go-jose/v4"

	"taphuan/app/errs"
)

// Issuer gives the profile of an organisation that issues, under the name that it has today. It refuses with not_found one that has issued
// nothing, and everything while credentials are off.
func (s *Service) Issuer(ctx context.Context, issuerID uint64) (Profile, error) {
	base, err := s.Published(ctx)
	if err != nil {
		return Profile{}, err
	}
	var names []string
	err = s.DB.Read(ctx).Table("issuers").Where("organisation_id = ? AND EXISTS (SELECT 1 FROM registers WHERE registers.issuer_id = issuers.organisation_id)", issuerID).
		Pluck("name", &names).Error
	if err != nil {
		return Profile{}, err
	}
	if len(names) == 0 {
		return Profile{}, errs.NotFound("issuer")
	}
	p := profile(base, issuerID, names[0])
	p.Context = []string{contextVC, contextOB}
	return p, nil
}

// Achievement gives what a course's certificates certify, as the last of them says it. It refuses with not_found a course without
// certificates, and everything while credentials are off.
func (s *Service) Achievement(ctx context.Context, courseID uint64) (Achievement, error) {
	base, err := s.Published(ctx)
	if err != nil {
		return Achievement{}, err
	}
	r, err := s.Certificates.CourseRecord(ctx, courseID)
	if err != nil {
		return Achievement{}, err
	}
	a := achievement(base, r)
	a.Context = []string{contextVC, contextOB}
	return a, nil
}

// Keys gives the public halves of all keys that ever signed a credential. It refuses with not_found while credentials are off.
func (s *Service) Keys(ctx context.Context) (jose.JSONWebKeySet, error) {
	out := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{}}
	base, err := s.Published(ctx)
	if err != nil {
		return out, err
	}
	all, err := s.Proofs.CredentialKeys(ctx)
	for _, k := range all {
		out.Keys = append(out.Keys, jose.JSONWebKey{Key: k.Key, KeyID: keyAddress(base, k.Kid), Algorithm: string(jose.ES256), Use: "sig"})
	}
	return out, err
}

// Key gives one of them, which is what the kid of a credential leads to. It refuses an unknown one with not_found.
func (s *Service) Key(ctx context.Context, kid string) (jose.JSONWebKey, error) {
	all, err := s.Keys(ctx)
	for _, k := range all.Keys {
		if path.Base(k.KeyID) == kid {
			return k, nil
		}
	}
	if err == nil {
		err = errs.NotFound("proof_key")
	}
	return jose.JSONWebKey{}, err
}

func keyAddress(base, kid string) string { return base + "/ob/keys/" + kid }
