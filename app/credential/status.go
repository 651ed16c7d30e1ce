package credential

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"fmt"
	"time"

	"taphuan/app/errs"
)

// Bitstring Status List 1.0 (W3C): a credential's bit is set as soon as its certificate does not stand any more. A list holds the certificates of
// one issuer whose ids lie between two multiples of its length, so that the place of each follows from its id and never changes.
const (
	listLength    = 131072 // the least that the recommendation allows
	maxList       = 1 << 40
	statusPurpose = "revocation"
	listLasts     = 24 * time.Hour
)

// StatusList is a BitstringStatusListCredential as the payload of a JWT.
type StatusList struct {
	Context    []string   `json:"@context"`
	ID         string     `json:"id"`
	Type       []string   `json:"type"`
	Issuer     string     `json:"issuer"`
	ValidFrom  string     `json:"validFrom"`
	ValidUntil string     `json:"validUntil"`
	Subject    listOfBits `json:"credentialSubject"`
	registered
}

type listOfBits struct {
	ID      string `json:"id"`
	Type    string `json:"type"`
	Purpose string `json:"statusPurpose"`
	Encoded string `json:"encodedList"`
}

// StatusList gives the signed list of an issuer, good for a day from the last full hour. It refuses a list in which no certificate is, and
// everything while credentials are off, with not_found.
func (s *Service) StatusList(ctx context.Context, issuerID, list uint64) (token string, err error) {
	base, err := s.Published(ctx)
	if err != nil {
		return "", err
	}
	if list > maxList {
		return "", errs.NotFound("status_list")
	}
	ended, err := s.Certificates.Ended(ctx, issuerID, list*listLength, (list+1)*listLength)
	if err != nil {
		return "", err
	}
	encoded, err := encode(ended)
	if err != nil {
		return "", err
	}
	from := s.DB.Time().UTC().Truncate(time.Hour)
	until := from.Add(listLasts)
	id := statusAddress(base, issuerID, list)
	x := StatusList{Context: []string{contextVC}, ID: id, Type: []string{"VerifiableCredential", "BitstringStatusListCredential"}, Issuer: issuerAddress(base, issuerID),
		ValidFrom: from.Format(time.RFC3339), ValidUntil: until.Format(time.RFC3339),
		Subject: listOfBits{ID: id + "#list", Type: "BitstringStatusList", Purpose: statusPurpose, Encoded: encoded}}
	x.registered = registered{Iss: x.Issuer, Jti: id, Nbf: from.Unix(), Exp: until.Unix(), Sub: x.Subject.ID}
	return s.sign(ctx, base, x)
}

// encode sets the bits of certificates, the first bit being the highest of the first byte, and packs them: gzip, base64url, multibase.
func encode(ids []uint64) (string, error) {
	bits := make([]byte, listLength/8)
	for _, id := range ids {
		bits[id%listLength/8] |= 0x80 >> (id % 8)
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(bits); err != nil {
		return "", err
	}
	if err := w.Close(); err != nil {
		return "", err
	}
	return "u" + base64.RawURLEncoding.EncodeToString(b.Bytes()), nil
}

func statusAddress(base string, issuerID, list uint64) string {
	return fmt.Sprintf("%s/ob/status/%d/%d", base, issuerID, list)
}
