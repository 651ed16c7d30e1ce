package certificate_test

import (
	"strings"
	"testing"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

func TestAReplacedCertificateNamesTheOneThatStandsHoweverOftenItWasReplaced(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx, actor := t.Context(), access.System()
		ids, _, sign := world(t, db, 1, 2)
		s := service(db)
		if _, err := s.Issue(ctx, actor, certificate.IssueInput{CourseID: ids[0], SignatoryID: sign}); err != nil {
			t.Fatal(err)
		}
		code := func(id uint64) string {
			t.Helper()
			row, err := s.Get(ctx, actor, access.CertificateRead, id)
			if err != nil {
				t.Fatal(err)
			}
			return row.Code
		}
		says := func(when, code string, state models.CertificateState, by string) {
			t.Helper()
			if v, err := s.Verify(ctx, code); err != nil || v.State != state || v.ReplacedBy != by {
				t.Errorf("%s: %+v %v", when, v, err)
			}
		}
		var first models.Certificate
		if err := db.Read(ctx).Order("id").Take(&first).Error; err != nil {
			t.Fatal(err)
		}
		second, err := s.Replace(ctx, actor, first.ID, sign, "Sai ngày sinh")
		if err != nil {
			t.Fatal(err)
		}
		says("replaced", first.Code, models.CertificateReplaced, "0003/2026/GCN-QCN")
		third, err := s.Replace(ctx, actor, second, sign, "Sai chức danh")
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []string{first.Code, code(second)} {
			says("replaced twice", c, models.CertificateReplaced, "0004/2026/GCN-QCN")
		}
		says("the last", code(third), models.CertificateValid, "")
		if err := s.Revoke(ctx, actor, third, "Cấp nhầm"); err != nil {
			t.Fatal(err)
		}
		for _, c := range []string{first.Code, code(second)} {
			says("the last was revoked", c, models.CertificateReplaced, "")
		}
		if _, err := s.Issue(ctx, actor, certificate.IssueInput{CourseID: ids[0], SignatoryID: sign}); err != nil {
			t.Fatal(err)
		}
		says("issued anew", first.Code, models.CertificateReplaced, "0005/2026/GCN-QCN")
	}, based)
}

func TestACodeIsKnownHoweverItIsTyped(t *testing.T) {
	t.Parallel()
	for _, typed := range []string{"K7WM4PQZ9TXC2HR0", " k7wm-4pqz-9txc-2hro ", "K7WM–4PQZ–9TXC–2HR0", "K7WM — 4PQZ — 9TXC — 2HR0", "K7WM\u00a04PQZ\u20119TXC\u20102HR0"} {
		if got := certificate.NormalCode(typed); got != "K7WM4PQZ9TXC2HR0" {
			t.Errorf("%q: %q", typed, got)
		}
	}
	for _, typed := range []string{"", "K7WM4PQZ9TXC2HR", "K7WM4PQZ9TXC2HRU", "K7WM4PQZ9TXC2HR0" + strings.Repeat("-", 25)} {
		if got := certificate.NormalCode(typed); got != "" {
			t.Errorf("%q: %q", typed, got)
		}
	}
}

// FuzzNormalCode gives what anybody may type or put into an address: what comes out is a code as it is kept, or nothing.
func FuzzNormalCode(f *testing.F) {
	for _, s := range []string{"K7WM-4PQZ-9TXC-2HRB", "k7wm 4pqz 9txc 2hrb", "OIL0-OIL0-OIL0-OIL0", "", "-", "\xff\xfe", "ſ7WM4PQZ9TXC2HRB", "K7WM4PQZ9TXC2HRK", "Ｋ7WM4PQZ9TXC2HRB", "ıIL04PQZ9TXC2HRB", strings.Repeat("-", 41)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		code := certificate.NormalCode(typed)
		if code == "" {
			return
		}
		if len(code) != 16 || strings.Trim(code, "0123456789ABCDEFGHJKMNPQRSTVWXYZ") != "" || certificate.NormalCode(code) != code || len(typed) > 40 {
			t.Errorf("%q became %q", typed, code)
		}
	})
}
