package certificate

import (
	"testing"

	"taphuan/app/signature"
	"taphuan/app/template"
	"taphuan/internal/testsign"
)

// TestASignedCertificateStaysUnderSixtyKilobytes signs the usual and the longest certificate of each template with an RSA key, its chain and
// a time-stamp.
func TestASignedCertificateStaysUnderSixtyKilobytes(t *testing.T) {
	t.Parallel()
	k, err := signature.LoadPKCS12(testsign.RSA("Nông Thị Ký", nil).File(t, "mat-khau"), "mat-khau", template.Sample().IssuedAt)
	if err != nil {
		t.Fatal(err)
	}
	tsa := &signature.TimeService{URL: testsign.TimeService(t)}
	const more = 10 << 10 // authorities that issue to the public write longer certificates, of RSA, than tests do
	for _, shipped := range template.Shipped {
		l, err := template.ShippedLayout(shipped.Code)
		if err != nil {
			t.Fatal(err)
		}
		look, err := template.Compile(l, nil)
		if err != nil {
			t.Fatal(err)
		}
		for name, s := range map[string]template.Snapshot{"usual": template.Sample(), "longest": template.Longest()} {
			b, err := look.Draw(s, template.Signed)
			if err != nil {
				t.Fatal(err)
			}
			signed, err := signature.Sign(t.Context(), b, k, signature.Options{At: s.IssuedAt, Name: s.SignName, Reason: "Cấp giấy chứng nhận số " + s.Serial, Location: s.Place, Time: tsa})
			if err != nil {
				t.Fatal(err)
			}
			if all, err := signature.Verify(signed); err != nil || len(all) != 1 || !all[0].Intact() || !all[0].CoversAll {
				t.Errorf("%s, %s: %+v %v", shipped.Code, name, all, err)
			}
			t.Logf("%s, %s: %d bytes drawn, %d signed", shipped.Code, name, len(b), len(signed))
			if n := len(signed) + more; n > 60_000 {
				t.Errorf("%s, %s: %d bytes", shipped.Code, name, n)
			}
		}
	}
}
