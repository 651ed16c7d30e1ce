package signature

import (
	"context"
	"crypto"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	tspclient "github.com/notaryproject/tspclient-go"

	"taphuan/app/errs"
)

// TimeService asks a time-stamp service (RFC 3161) for the proof that a signature was there at a time. One value serves many
// goroutines.
type TimeService struct {
	URL    string
	Roots  *x509.CertPool // whom to trust; nil takes any service whose answer is sound in itself
	Client *http.Client   // nil waits ten seconds at most

	size atomic.Int64 // of the largest token so far
}

// typicalToken is the room for a token of a service that has not been asked before: one with its certificate.
const typicalToken = 2 << 10

func (s *TimeService) room() int {
	if n := int(s.size.Load()); n > 0 {
		return n + 64 // serial numbers and fractions of seconds differ in length
	}
	return typicalToken
}

// Stamp gives the service's token for a value. It refuses with "time_stamp_unavailable" where the service does not answer, and
// with "time_stamp_refused" where its answer is not one for this question: another status, imprint or nonce, a signature that
// does not stand, a certificate that is not for time-stamping alone or not trusted.
func (s *TimeService) Stamp(ctx context.Context, value []byte) ([]byte, error) {
	client := s.Client
	if client == nil {
		client = &http.Client{Timeout: 10 * time.Second}
	}
	asker, err := tspclient.NewHTTPTimestamper(client, s.URL)
	if err != nil {
		return nil, noStamp("time_stamp_unavailable", err)
	}
	request, err := tspclient.NewRequest(tspclient.RequestOptions{Content: value, HashAlgorithm: crypto.SHA256})
	if err != nil {
		return nil, err
	}
	answer, err := asker.Timestamp(ctx, request)
	var wrong *tspclient.InvalidResponseError
	switch {
	case errors.As(err, &wrong):
		return nil, noStamp("time_stamp_refused", err)
	case err != nil:
		return nil, noStamp("time_stamp_unavailable", err)
	}
	token := answer.TimestampToken.FullBytes
	if _, err := stampOf(ctx, token, value, s.Roots); err != nil {
		return nil, noStamp("time_stamp_refused", err)
	}
	for n := s.size.Load(); int64(len(token)) > n; n = s.size.Load() {
		if s.size.CompareAndSwap(n, int64(len(token))) {
			break
		}
	}
	return token, nil
}

func noStamp(code string, err error) error {
	return &errs.Error{Kind: errs.KindConflict, Code: code, Err: err}
}

// Stamp is what a time-stamp proves: the value was there at Time, says the service.
type Stamp struct {
	Time    time.Time
	Service *x509.Certificate
	Chain   []*x509.Certificate
}

// stampOf checks a token against the value it is for. Without roots, the certificates that it brings are taken as they are.
func stampOf(ctx context.Context, token, value []byte, roots *x509.CertPool) (*Stamp, error) {
	if len(token) > maxContents {
		return nil, errLimits
	}
	signed, err := tspclient.ParseSignedToken(token)
	if err != nil {
		return nil, err
	}
	info, err := signed.Info()
	if err != nil {
		return nil, err
	}
	if _, err := info.Validate(value); err != nil {
		return nil, err
	}
	if len(signed.Certificates) > maxCertificates {
		return nil, errLimits
	}
	if roots == nil {
		roots = x509.NewCertPool()
		for _, c := range signed.Certificates {
			roots.AddCert(c)
		}
	}
	chain, err := signed.Verify(ctx, x509.VerifyOptions{Roots: roots, CurrentTime: info.GenTime})
	if err != nil {
		return nil, err
	}
	return &Stamp{info.GenTime.UTC(), chain[0], path(chain[0], signed.Certificates)}, nil
}

// stamp gives the time-stamp of the signature, nil for none.
func (e *envelope) stamp() (*Stamp, *fault) {
	var token asn1.RawValue
	for _, a := range e.unsigned {
		if a.Type.Equal(oidTimeStampToken) {
			if err := find(e.unsigned, oidTimeStampToken, &token); err != nil {
				return nil, broken("time_stamp_wrong", err)
			}
			s, err := stampOf(context.Background(), token.FullBytes, e.signer.Signature, nil)
			if err != nil {
				return nil, broken("time_stamp_wrong", err)
			}
			return s, nil
		}
	}
	return nil, nil
}
