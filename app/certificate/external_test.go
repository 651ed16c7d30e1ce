package certificate_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/errs"
	"taphuan/app/file"
	"taphuan/app/signature"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testsign"
	"taphuan/models"
)

// byToken signs as an official's own program does.
func byToken(t *testing.T, db *store.DB, pdf []byte, name string) []byte {
	t.Helper()
	of := testsign.ECDSA(name, nil)
	out, err := signature.Sign(context.Background(), pdf, &signature.Key{Private: of.Private, Certificate: of.Certificate}, signature.Options{At: db.Time()})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// outOf gives what is in an archive.
func outOf(t *testing.T, a io.Reader) (names []string, bodies [][]byte) {
	t.Helper()
	b, err := io.ReadAll(a)
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		names, bodies = append(names, f.Name), append(bodies, body)
	}
	return names, bodies
}

func zipped(t *testing.T, names []string, bodies [][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i, n := range names {
		w, err := z.Create(n)
		if err == nil {
			_, err = w.Write(bodies[i])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestWhatTokensHaveSignedIsTakenBackAndNothingElse(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx, actor := t.Context(), access.System()
		ids, host, sign := world(t, db, 2, 8)
		s := signer(t, db)
		outside := certificate.SigningInput{IssuerID: host, Signing: models.SigningExternal}
		if err := s.SetSigning(ctx, actor, certificate.SigningInput{IssuerID: host, Signing: models.SigningExternal, Roots: "keine"}); !errs.Is(err, "roots_unreadable") {
			t.Fatal(err)
		}
		if err := s.SetSigning(ctx, actor, outside); err != nil {
			t.Fatal(err)
		}
		for _, id := range ids {
			if _, err := s.Issue(ctx, actor, certificate.IssueInput{CourseID: id, SignatoryID: sign}); err != nil {
				t.Fatal(err)
			}
		}
		a, err := s.ToSign(ctx, actor, ids[0])
		if err != nil {
			t.Fatal(err)
		}
		names, sent := outOf(t, a)
		if len(names) != 8 || names[0] != "giay-chung-nhan-0001-2026-GCN-QCN.pdf" {
			t.Fatal(names)
		}
		all, err := s.Outgoing(ctx, actor, ids[0])
		if err != nil || len(all) != 8 || !all[0].Waits() || all[0].Name != "Nông Văn A" {
			t.Fatalf("%+v %v", all, err)
		}
		other, err := s.ToSign(ctx, actor, ids[1])
		if err != nil {
			t.Fatal(err)
		}
		_, strange := outOf(t, other)
		if err := s.Revoke(ctx, actor, all[5].ID, "cấp nhầm"); err != nil {
			t.Fatal(err)
		}
		first := byToken(t, db, sent[0], "Hoàng Văn Thạch")
		broken := byToken(t, db, sent[3], "Hoàng Văn Thạch")
		broken[len(sent[3])/4] ^= 1
		files := []struct {
			name string
			body []byte
			want string
		}{
			{names[0], first, ""},
			{"signed (1).pdf", byToken(t, db, sent[1], "Hoàng Văn Thạch"), ""},      // its name says nothing
			{"ban-ky.pdf", byToken(t, db, anew(t, sent[2]), "Hoàng Văn Thạch"), ""}, // nor its bytes
			{names[3], broken, "signature_content_changed"},
			{names[4], sent[4], "signature_missing"},
			{names[5], byToken(t, db, sent[5], "Hoàng Văn Thạch"), "certificate_ended"},
			{names[6], byToken(t, db, strange[6], "Hoàng Văn Thạch"), "signed_file_changed"}, // another's document under this number
			{"la.pdf", byToken(t, db, strange[0], "Hoàng Văn Thạch"), "signed_file_unknown"},
			{"la.svg", []byte("<svg onload='x'/>"), "pdf_unreadable"},
			{names[0], first, "signed_already"},
		}
		var inside []string
		var bodies [][]byte
		var up []file.Upload
		for i, f := range files {
			if i%2 == 0 {
				inside, bodies = append(inside, "da-ky/"+f.name), append(bodies, f.body)
			} else {
				up = append(up, file.Upload{Name: f.name, Body: f.body})
			}
		}
		up = append([]file.Upload{{Name: "da-ky.zip", Body: zipped(t, inside, bodies)}}, up...)
		for round, want := range []bool{true, false} { // handed in twice, nothing is taken the second time
			back, err := s.TakeSigned(ctx, actor, ids[0], up)
			if err != nil || len(back) != len(files) {
				t.Fatal(back, err)
			}
			for i, f := range append(evens(files), odds(files)...) {
				code := ""
				if back[i].Refused != nil {
					code = back[i].Refused.Code
				}
				if expected := f.want; want && code != expected || !want && expected == "" && code != "signed_already" {
					t.Errorf("round %d, %s: %q, want %q", round, f.name, code, expected)
				}
				if code == "" && (back[i].Signer != "Hoàng Văn Thạch" || back[i].VouchedBy != "Gốc thử nghiệm" || back[i].Serial == "") {
					t.Errorf("%+v", back[i])
				}
			}
		}
		var kinds []string
		if err := db.Read(ctx).Model(&models.CertificateDocument{}).Where("certificate_id = ?", all[0].ID).Order("kind").Pluck("kind", &kinds).Error; err != nil || strings.Join(kinds, " ") != "copy signed to_sign" {
			t.Error(kinds, err)
		}
		pdf, _, err := s.PDF(ctx, actor, access.CertificateRead, all[0].ID)
		if err != nil || !bytes.Equal(pdf, first) {
			t.Errorf("what is downloaded is not what was signed: %v", err)
		}
		if all, err = s.Outgoing(ctx, actor, ids[0]); err != nil || all[0].Waits() || all[0].Signer != "Hoàng Văn Thạch" || !all[3].Waits() || all[5].Waits() {
			t.Errorf("%+v %v", all, err)
		}
		// With roots, only those for whom they vouch are taken.
		outside.Roots = testsign.Root()
		if err := s.SetSigning(ctx, actor, outside); err != nil {
			t.Fatal(err)
		}
		demo, err := signature.NewDemoKey(db.Time(), "ai đó")
		if err != nil {
			t.Fatal(err)
		}
		stranger, err := signature.Sign(ctx, sent[4], demo, signature.Options{At: db.Time()})
		if err != nil {
			t.Fatal(err)
		}
		for want, body := range map[string][]byte{"signature_not_trusted": stranger, "": byToken(t, db, sent[7], "Hoàng Văn Thạch")} {
			back, err := s.TakeSigned(ctx, actor, ids[0], []file.Upload{{Name: "x.pdf", Body: body}})
			if err != nil || len(back) != 1 || want == "" && back[0].Refused != nil || want != "" && (back[0].Refused == nil || back[0].Refused.Code != want) {
				t.Errorf("%q: %+v %v", want, back, err)
			}
		}
	}, based)
}

type handedIn = struct {
	name string
	body []byte
	want string
}

func evens(all []handedIn) (out []handedIn) {
	for i := 0; i < len(all); i += 2 {
		out = append(out, all[i])
	}
	return out
}

func odds(all []handedIn) (out []handedIn) {
	for i := 1; i < len(all); i += 2 {
		out = append(out, all[i])
	}
	return out
}

// anew writes a file anew, as some tools do.
func anew(t *testing.T, sent []byte) []byte {
	t.Helper()
	dir := t.TempDir()
	in, out := filepath.Join(dir, "in.pdf"), filepath.Join(dir, "out.pdf")
	if err := os.WriteFile(in, sent, 0o600); err != nil {
		t.Fatal(err)
	}
	if b, err := exec.Command("qpdf", "--object-streams=disable", in, out).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestUploadsWithoutEndAreRefused(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ids, _, _ := world(t, db, 1, 0)
		s := signer(t, db)
		bomb := zipped(t, []string{"a.pdf", "b.pdf"}, [][]byte{make([]byte, 60<<20), make([]byte, 60<<20)})
		for code, files := range map[string][]file.Upload{
			"signed_files_missing":      nil,
			"signed_archive_unreadable": {{Name: "a.zip", Body: []byte("PK\x03\x04 và không gì nữa")}},
			"signed_files_many":         {{Name: "a.zip", Body: bomb}},
		} {
			if _, err := s.TakeSigned(t.Context(), access.System(), ids[0], files); !errs.Is(err, code) {
				t.Errorf("%s: %v", code, err)
			}
		}
		if _, err := s.ToSign(t.Context(), access.System(), ids[0]); !errs.Is(err, "nothing_to_sign") {
			t.Error(err)
		}
		if _, err := s.TakeSigned(t.Context(), access.System(), 9999, nil); !errs.Is(err, "not_found") {
			t.Error(err)
		}
	}, based)
}
