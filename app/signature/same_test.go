package signature

import (
	"bytes"
	"context"
	"crypto/x509"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	pkcs12 "software.sslmate.com/src/go-pkcs12"

	"taphuan/app/errs"
)

// out is a file as it is sent to be signed.
func out(t testing.TB) []byte {
	t.Helper()
	b, err := Finish(drawn(t), "")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func signIt(t testing.TB, b []byte) []byte {
	t.Helper()
	s, err := Sign(context.Background(), b, keys()["RSA-2048"], Options{At: now})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func rewritten(t testing.TB, b []byte, flags ...string) []byte {
	t.Helper()
	file := save(t, b)
	run(t, "qpdf", append(flags, file, file+".new")...)
	again, err := os.ReadFile(file + ".new")
	if err != nil {
		t.Fatal(err)
	}
	return again
}

func TestASignedFileComesBackWhetherItsToolAppendedOrWroteItAnew(t *testing.T) {
	t.Parallel()
	sent := out(t)
	anew := rewritten(t, sent, "--object-streams=disable", "--stream-data=uncompress")
	if bytes.HasPrefix(anew, sent) {
		t.Fatal("qpdf wrote the same file")
	}
	for how, b := range map[string][]byte{"appended": signIt(t, sent), "anew": signIt(t, anew)} {
		s, err := TakeBack(sent, b, now)
		if err != nil || s.Certificate.Subject.CommonName != "Hoàng Văn Thạch" {
			t.Errorf("%s: %+v %v", how, s, err)
		}
	}
}

// Cross-reference streams and objects in streams, as other programs write them, read the same.
func TestFilesOfOtherProgramsAreReadAsTheSame(t *testing.T) {
	t.Parallel()
	sent := out(t)
	for _, flags := range [][]string{{"--object-streams=generate"}, {"--object-streams=generate", "--recompress-flate", "--compression-level=9"}, {"--stream-data=uncompress"}, {"--coalesce-contents"}} {
		if err := SameContent(sent, rewritten(t, sent, flags...)); err != nil {
			t.Error(flags, err)
		}
	}
}

// Poppler signs, too: with a look on the page, in its own way.
func TestWhatPopplerSignedIsTakenBack(t *testing.T) {
	t.Parallel()
	k := keys()["RSA-2048"]
	dir := nss(t, theAuthority().root)
	p12, err := pkcs12.LegacyDES.Encode(k.Private, k.Certificate, k.Chain, "x")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "k.p12")
	if err := os.WriteFile(file, p12, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, "pk12util", "-i", file, "-d", "sql:"+dir, "-W", "x")
	nick := ""
	for _, line := range strings.Split(run(t, "certutil", "-L", "-d", "sql:"+dir), "\n") {
		if i := strings.Index(line, "u,u,u"); i > 0 {
			nick = strings.TrimSpace(line[:i])
		}
	}
	sent := out(t)
	from, to := save(t, sent), filepath.Join(dir, "signed.pdf")
	said, err := exec.Command("pdfsig", "-nssdir", "sql:"+dir, "-add-signature", "-nick", nick, "-reason", "Cấp giấy", from, to).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	b, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	s, err := TakeBack(sent, b, time.Now())
	if err != nil || s.SubFilter != adobeDetached || s.Certificate.SerialNumber.Cmp(k.Certificate.SerialNumber) != 0 {
		t.Fatalf("%+v %v", s, err)
	}
	other := changed(t, sent, func(inc *increment) { inc.root["PageMode"] = name("FullScreen") })
	if _, err := TakeBack(other, b, time.Now()); !errs.Is(err, "signed_file_changed") {
		t.Error(err)
	}
}

func TestAFileThatSaysSomethingElseIsNotTakenBack(t *testing.T) {
	t.Parallel()
	sent := out(t)
	page := func(inc *increment) (ref, dict) {
		r, p, err := inc.doc.firstPage()
		if err != nil {
			t.Fatal(err)
		}
		return r, p
	}
	for what, change := range map[string]func(inc *increment){
		"other content": func(inc *increment) {
			r, p := page(inc)
			inc.objects[r.num] = with(p, name("Contents"), inc.add(dict{}))
		},
		"a page more": func(inc *increment) {
			r, p := page(inc)
			pages, err := inc.doc.dictOf(inc.root["Pages"])
			if err != nil {
				t.Fatal(err)
			}
			inc.objects[inc.root["Pages"].(ref).num] = with(pages, name("Kids"), []any{r, inc.add(p)}, name("Count"), 2)
		},
		"a note on the page": func(inc *increment) {
			r, p := page(inc)
			inc.objects[r.num] = with(p, name("Annots"), []any{inc.add(dict{"Type": name("Annot"), "Subtype": name("FreeText"), "Contents": words("Giả"), "Rect": []any{0, 0, 99, 99}})})
		},
		"a turned page":    func(inc *increment) { r, p := page(inc); inc.objects[r.num] = with(p, name("Rotate"), 180) },
		"a script":         func(inc *increment) { inc.root["OpenAction"] = dict{"S": name("JavaScript"), "JS": plain("x")} },
		"layers":           func(inc *increment) { inc.root["OCProperties"] = dict{} },
		"another title":    func(inc *increment) { inc.objects[inc.doc.trailer["Info"].(ref).num] = dict{"Title": words("Giả")} },
		"another language": func(inc *increment) { inc.root["Lang"] = plain("en") },
		"fonts under the same name": func(inc *increment) {
			r, p := page(inc)
			resources, err := inc.doc.dictOf(p["Resources"])
			if err != nil {
				t.Fatal(err)
			}
			inc.objects[r.num] = with(p, name("Resources"), with(resources, name("Font"), dict{}))
		},
	} {
		if _, err := TakeBack(sent, signIt(t, changed(t, sent, change)), now); !errs.Is(err, "signed_file_changed") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestFormsAndLooksBeyondASignatureAreNotTakenBack(t *testing.T) {
	t.Parallel()
	sent := out(t)
	for what, change := range map[string]func(form, widget dict){
		"a text field":      func(form, widget dict) { widget["FT"] = name("Tx") },
		"a form of scripts": func(form, _ dict) { form["XFA"] = plain("x") },
		"an action":         func(_, widget dict) { widget["AA"] = dict{} },
		"a look that covers the page": func(_, widget dict) {
			widget["Rect"] = []any{0, 0, real("800.5"), 500}
		},
		"a rectangle without bounds": func(_, widget dict) { widget["Rect"] = []any{0, 0, real("1e308"), real("1e308")} },
	} {
		// The signature of k covers all of it: only SameContent can see it.
		b := sent
		inc, err := begin(b)
		if err != nil {
			t.Fatal(err)
		}
		if err := inc.field(keys()["P-256"], Options{At: now}, 100); err != nil {
			t.Fatal(err)
		}
		form := inc.root["AcroForm"].(dict)
		change(form, inc.objects[form["Fields"].([]any)[0].(ref).num].(dict))
		if err := SameContent(sent, inc.bytes()); !errs.Is(err, "signed_file_changed") {
			t.Errorf("%s: %v", what, err)
		}
	}
	empty := changed(t, sent, func(inc *increment) {
		f := inc.add(dict{"FT": name("Sig"), "T": plain("a")})
		inc.root["AcroForm"] = dict{"Fields": []any{f}}
	})
	if err := SameContent(sent, empty); !errs.Is(err, "signed_file_changed") {
		t.Error("an empty field:", err)
	}
}

func TestASignedFileThatWasSavedAgainIsNotTakenBack(t *testing.T) {
	t.Parallel()
	sent := out(t)
	b := signIt(t, sent)
	for what, c := range map[string]struct {
		change func(inc *increment)
		code   string
	}{
		"proofs":        {func(inc *increment) { inc.root["DSS"] = dict{"Certs": []any{}} }, ""},
		"metadata":      {func(inc *increment) { inc.root["Metadata"] = dict{} }, "signature_changed_after"},
		"other content": {func(inc *increment) { inc.root["OpenAction"] = dict{} }, "signed_file_changed"},
		"a new look": {func(inc *increment) {
			fields, err := inc.doc.signatureFields()
			if err != nil {
				t.Fatal(err)
			}
			f, _ := inc.doc.dictOf(fields[0].ref)
			inc.objects[fields[0].ref.num] = with(f, name("Rect"), []any{0, 0, 50, 50})
		}, "signature_changed_after"},
	} {
		_, err := TakeBack(sent, changed(t, b, c.change), now)
		if c.code == "" && err != nil || c.code != "" && !errs.Is(err, c.code) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestWhatIsNotSignedOrNotSoundIsNotTakenBack(t *testing.T) {
	t.Parallel()
	sent := out(t)
	b := signIt(t, sent)
	broken := bytes.Clone(b)
	broken[bytes.Index(b, []byte("stream"))+40] ^= 1
	short, err := Sign(context.Background(), sent, keyOf(rsaKey(), func(c *x509.Certificate) { c.NotAfter = now.AddDate(0, 0, 1) }), Options{At: now})
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		b    []byte
		code string
	}{
		"not signed": {sent, "signature_missing"}, "nothing": {nil, "pdf_unreadable"}, "changed": {broken, "signature_content_changed"},
		"expired since": {short, "signature_certificate_expired"}, "huge": {make([]byte, maxFile+1), "pdf_too_large"},
	} {
		if _, err := TakeBack(sent, c.b, now.AddDate(0, 1, 0)); !errs.Is(err, c.code) {
			t.Errorf("%s: %v, want %s", what, err, c.code)
		}
	}
}
