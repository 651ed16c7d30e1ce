package certificate

import (
	"context"
	"testing"

	signing "taphuan/app/signature"
)

func TestASignedCertificateStaysUnderSixtyKilobytes(t *testing.T) {
	t.Parallel()
	// A chain of two and a token with its certificate take 7 KB more (app/signature); the usual certificate has room for them.
	for name, more := range map[string]int{"usual": 7 << 10, "longest": 0} {
		s := map[string]Snapshot{"usual": sample(), "longest": longest()}[name]
		b, err := Render(s)
		if err != nil {
			t.Fatal(err)
		}
		k, err := signing.NewDemoKey(s.IssuedAt, s.Issuer)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := signing.Sign(context.Background(), b, k, signing.Options{At: s.IssuedAt, Name: s.SignName})
		if err != nil {
			t.Fatal(err)
		}
		if all, err := signing.Verify(signed); err != nil || len(all) != 1 || !all[0].Intact() || !all[0].CoversAll {
			t.Errorf("%s: %+v %v", name, all, err)
		}
		if n := len(signed) + more; n > 60_000 {
			t.Errorf("%s: %d bytes", name, n)
		}
	}
}
