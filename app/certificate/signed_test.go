package certificate

import (
	"context"
	"testing"

	"taphuan/app/signature"
	"taphuan/app/template"
)

func TestASignedCertificateStaysUnderSixtyKilobytes(t *testing.T) {
	t.Parallel()
	l, err := template.ShippedLayout(template.Standard)
	if err != nil {
		t.Fatal(err)
	}
	look, err := template.Compile(l, nil)
	if err != nil {
		t.Fatal(err)
	}
	// A chain of two and a token with its certificate take 7 KB more (app/signature); the usual certificate has room for them.
	for name, more := range map[string]int{"usual": 7 << 10, "longest": 0} {
		s := map[string]template.Snapshot{"usual": template.Sample(), "longest": template.Longest()}[name]
		b, err := look.Draw(s, template.Signed)
		if err != nil {
			t.Fatal(err)
		}
		k, err := signature.NewDemoKey(s.IssuedAt, s.Issuer)
		if err != nil {
			t.Fatal(err)
		}
		signed, err := signature.Sign(context.Background(), b, k, signature.Options{At: s.IssuedAt, Name: s.SignName})
		if err != nil {
			t.Fatal(err)
		}
		if all, err := signature.Verify(signed); err != nil || len(all) != 1 || !all[0].Intact() || !all[0].CoversAll {
			t.Errorf("%s: %+v %v", name, all, err)
		}
		if n := len(signed) + more; n > 60_000 {
			t.Errorf("%s: %d bytes", name, n)
		}
	}
}
