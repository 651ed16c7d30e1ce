package certificate_test

import (
	"bytes"
	"crypto/x509"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/errs"
	"taphuan/app/secret"
	"taphuan/app/signature"
	"taphuan/app/signing"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testsign"
	"taphuan/models"
)

const password = "mật khẩu rất dài 7321"

// signer is the service with keys and time-stamps.
func signer(t *testing.T, db *store.DB) *certificate.Service {
	t.Helper()
	keys, err := secret.New(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	s := service(db)
	s.Signing = &signing.Service{DB: db, Keys: keys}
	return s
}

func pdfsig(t *testing.T, pdf []byte) string {
	t.Helper()
	dir := t.TempDir()
	file, pem := filepath.Join(dir, "a.pdf"), filepath.Join(dir, "root.pem")
	for name, b := range map[string][]byte{file: pdf, pem: []byte(testsign.Root())} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"-N", "-d", "sql:" + dir, "--empty-password"}, {"-A", "-d", "sql:" + dir, "-n", "root", "-t", "CT,CT,CT", "-i", pem}} {
		if out, err := exec.Command("certutil", args...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	out, _ := exec.Command("pdfsig", "-nssdir", "sql:"+dir, file).CombinedOutput() // its status says "not valid", too
	return string(out)
}

func one(t *testing.T, db *store.DB) models.CertificateDocument {
	t.Helper()
	var d models.CertificateDocument
	if err := db.Read(t.Context()).Order("id DESC").Take(&d).Error; err != nil {
		t.Fatal(err)
	}
	return d
}

func TestCertificatesAreSignedByTheServerAndPdfsigCallsThemValid(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		ids, host, sign := world(t, db, 3, 1)
		s := signer(t, db)
		server := certificate.SigningInput{IssuerID: host, Signing: models.SigningServer}
		if err := s.SetSigning(ctx, access.System(), server); !errs.Is(err, "signing_key_missing") {
			t.Fatal(err)
		}
		issue := func(id uint64) (models.CertificateDocument, error) {
			t.Helper()
			_, err := s.Issue(ctx, access.System(), certificate.IssueInput{CourseID: id, SignatoryID: sign})
			return one(t, db), err
		}
		of := testsign.RSA("Sở Văn hóa, Thể thao và Du lịch", nil)
		keyID, err := s.Signing.Add(ctx, store.By{}, signing.KeyInput{IssuerID: host, File: of.File(t, password), Password: password})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.SetSigning(ctx, access.System(), server); err != nil {
			t.Fatal(err)
		}
		d, err := issue(ids[0])
		if err != nil || d.Kind != models.DocumentSigned || d.Signer != "Sở Văn hóa, Thể thao và Du lịch" {
			t.Fatal(d.Kind, d.Signer, err)
		}
		if out := pdfsig(t, d.Body); !strings.Contains(out, "Signature is Valid.") || !strings.Contains(out, "Certificate is Trusted.") || !strings.Contains(out, "Total document signed") {
			t.Error(out)
		}
		d.Body[len(d.Body)/4] ^= 1
		if out := pdfsig(t, d.Body); strings.Contains(out, "Signature is Valid.") {
			t.Errorf("a changed byte: %s", out)
		}
		var c models.Certificate
		if err := db.Read(ctx).Take(&c, d.CertificateID).Error; err != nil || c.PDFSha256 != d.SHA256 || c.Signing != models.SigningServer {
			t.Errorf("%+v %v", c, err)
		}
		if v, err := s.Verify(ctx, c.Code); err != nil || v.Signer != d.Signer || v.Demo {
			t.Errorf("%+v %v", v, err)
		}

		// The signatory's own key goes before the issuer's, and OpenSSL's service stamps.
		tsa := testsign.TimeService(t)
		for code, set := range map[string]signing.TimeSettings{"url_invalid": {URL: "ftp://a"}, "time_stamp_unavailable": {URL: "http://127.0.0.1:1/"}, "roots_unreadable": {URL: tsa, Roots: "x"}} {
			if err := s.Signing.SetTime(ctx, store.By{}, set); !errs.Is(err, code) {
				t.Errorf("%s: %v", code, err)
			}
		}
		if err := s.Signing.SetTime(ctx, store.By{}, signing.TimeSettings{URL: tsa, Roots: testsign.Root()}); err != nil {
			t.Fatal(err)
		}
		person := testsign.ECDSA("Hoàng Văn Thạch", nil)
		if _, err := s.Signing.Add(ctx, store.By{}, signing.KeyInput{IssuerID: host, SignatoryID: sign, File: person.File(t, password), Password: password}); err != nil {
			t.Fatal(err)
		}
		d, err = issue(ids[1])
		if err != nil || d.Signer != "Hoàng Văn Thạch" {
			t.Fatal(d.Signer, err)
		}
		if out := pdfsig(t, d.Body); !strings.Contains(out, "Signature is Valid.") || !strings.Contains(out, "Certificate is Trusted.") {
			t.Error(out)
		}
		if all, err := signature.Verify(d.Body); err != nil || len(all) != 1 || !all[0].Intact() || all[0].Stamp == nil || time.Since(all[0].Stamp.Time).Abs() > time.Hour {
			t.Errorf("%+v %v", all, err)
		}

		// A service that fails refuses the whole; so does a key that is no longer there.
		_, err = db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
			return 0, tx.Model(&models.Setting{}).Where("name = ?", "time_stamp_url").Update("value", "http://127.0.0.1:1/").Error
		})
		if err != nil {
			t.Fatal(err)
		}
		if last, err := issue(ids[2]); !errs.Is(err, "time_stamp_unavailable") || last.ID != d.ID {
			t.Errorf("issued without its time-stamp: %v", err)
		}
		if err := s.Signing.SetTime(ctx, store.By{}, signing.TimeSettings{}); err != nil {
			t.Fatal(err)
		}
		keys, err := s.Signing.List(ctx)
		if err != nil || len(keys) != 2 || keys[0].Signatory == "" || keys[1].State != signing.Valid || keys[1].Kind != models.KeyRSA || keys[0].Kind != models.KeyECDSA {
			t.Fatalf("%+v %v", keys, err)
		}
		for _, k := range keys {
			if err := s.Signing.Retire(ctx, store.By{}, k.ID); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.Signing.Retire(ctx, store.By{}, keyID); !errs.Is(err, "not_found") {
			t.Errorf("retired twice: %v", err)
		}
		if made, err := s.Signing.AddDemo(ctx); made || err != nil {
			t.Errorf("a demonstration key beside others: %v %v", made, err)
		}
		if _, err := issue(ids[2]); !errs.Is(err, "signing_key_missing") {
			t.Errorf("without a key: %v", err)
		}
		noSecret(t, db, of, person)
	}, based)
}

// noSecret looks for keys and their password in everything that a dump of the database holds.
func noSecret(t *testing.T, db *store.DB, keys ...testsign.Key) {
	t.Helper()
	dump := testdb.Dump(t, db)
	secrets := []string{password}
	for _, k := range keys {
		secrets = append(secrets, k.Traces(t)...)
	}
	if !bytes.Contains(dump, []byte("signing_key.add")) || !bytes.Contains(dump, []byte("Hoàng Văn Thạch")) {
		t.Fatalf("this is no dump: %d bytes", len(dump))
	}
	for i, s := range secrets {
		if bytes.Contains(dump, []byte(s)) {
			t.Errorf("secret %d stands in the database", i)
		}
	}
}

func TestKeysThatCannotSignAreRefusedWhenTheyAreAdded(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		_, host, sign := world(t, db, 0, 0)
		s := signer(t, db).Signing
		good := testsign.ECDSA("A", nil).File(t, password)
		ended := testsign.ECDSA("B", func(c *x509.Certificate) { c.NotAfter = db.Time().Add(-time.Hour) }).File(t, password)
		early := testsign.ECDSA("Đ", func(c *x509.Certificate) { c.NotBefore = db.Time().Add(time.Hour) }).File(t, password)
		weak := testsign.WeakRSA("E").File(t, password)
		mixed := testsign.Key{Private: testsign.ECDSA("G", nil).Private, Certificate: testsign.ECDSA("H", nil).Certificate}.File(t, password)
		tls := testsign.ECDSA("C", func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment }).File(t, password)
		for name, x := range map[string]struct {
			in          signing.KeyInput
			field, code string
		}{
			"no file":             {signing.KeyInput{IssuerID: host}, "key_file", "key_file_missing"},
			"no key file":         {signing.KeyInput{IssuerID: host, File: []byte("<svg onload=x>")}, "key_file", "key_file_unreadable"},
			"wrong password":      {signing.KeyInput{IssuerID: host, File: good, Password: "khác"}, "key_password", "key_password_wrong"},
			"expired":             {signing.KeyInput{IssuerID: host, File: ended, Password: password}, "key_file", "key_expired"},
			"not yet valid":       {signing.KeyInput{IssuerID: host, File: early, Password: password}, "key_file", "key_not_yet_valid"},
			"weak":                {signing.KeyInput{IssuerID: host, File: weak, Password: password}, "key_file", "key_weak"},
			"another's key":       {signing.KeyInput{IssuerID: host, File: mixed, Password: password}, "key_file", "key_certificate_missing"},
			"not for signing":     {signing.KeyInput{IssuerID: host, File: tls, Password: password}, "key_file", "key_usage"},
			"no such issuer":      {signing.KeyInput{IssuerID: 99999, File: good, Password: password}, "issuer", "issuer_missing"},
			"another's signatory": {signing.KeyInput{IssuerID: host, SignatoryID: sign + 99, File: good, Password: password}, "key_signatory", "signatory_missing"},
		} {
			_, err := s.Add(ctx, store.By{}, x.in)
			if e := errs.As(err); err == nil || len(e.Fields) != 1 || e.Fields[0].Name != x.field || e.Fields[0].Code != x.code {
				t.Errorf("%s: %v", name, err)
			}
		}
		if list, err := s.List(ctx); err != nil || len(list) != 0 {
			t.Fatal(list, err)
		}
		in := signing.KeyInput{IssuerID: host, File: good, Password: password}
		if _, err := s.Add(ctx, store.By{}, in); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Add(ctx, store.By{}, in); !errs.Is(err, "signing_key_twice") {
			t.Errorf("the same key again: %v", err)
		}
	}, based)
}

func TestAnIssuerWithoutAKeySignsWithTheDemonstrationKeyWhichSaysSo(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		ids, host, sign := world(t, db, 2, 1)
		s := signer(t, db)
		for i := range 2 {
			if made, err := s.Signing.AddDemo(ctx); err != nil || made != (i == 0) {
				t.Fatal(made, err)
			}
		}
		if err := s.SetSigning(ctx, access.System(), certificate.SigningInput{IssuerID: host, Signing: models.SigningServer}); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Issue(ctx, access.System(), certificate.IssueInput{CourseID: ids[0], SignatoryID: sign}); err != nil {
			t.Fatal(err)
		}
		d := one(t, db)
		if !strings.HasPrefix(d.Signer, "DEMO ") {
			t.Error(d.Signer)
		}
		row, err := s.Get(ctx, access.System(), access.CertificateRead, d.CertificateID)
		if err != nil || !row.Demo || row.Signing != models.SigningServer {
			t.Errorf("%+v %v", row, err)
		}
		if v, err := s.Verify(ctx, row.Code); err != nil || !v.Demo {
			t.Errorf("%+v %v", v, err)
		}
		// A key that ends soon is warned of; once it has ended nobody signs, and the demonstration key does not step in.
		soon := testsign.ECDSA("Sắp hết hạn", func(c *x509.Certificate) { c.NotAfter = db.Time().Add(24 * time.Hour) })
		if _, err := s.Signing.Add(ctx, store.By{}, signing.KeyInput{IssuerID: host, File: soon.File(t, password), Password: password}); err != nil {
			t.Fatal(err)
		}
		list, err := s.Signing.List(ctx)
		if ending := signing.Ended(list); err != nil || len(ending) != 1 || ending[0].State != signing.Ending {
			t.Errorf("%+v %v", list, err)
		}
		_, err = db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
			return 0, tx.Model(&models.SigningKey{}).Where("organisation_id = ?", host).Update("not_after", tx.Now.Add(-time.Hour)).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Issue(ctx, access.System(), certificate.IssueInput{CourseID: ids[1], SignatoryID: sign}); !errs.Is(err, "signing_key_expired") {
			t.Errorf("with a key that has ended: %v", err)
		}
	}, based)
}
