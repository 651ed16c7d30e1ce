package signature

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"taphuan/app/errs"
)

// stands says whether the file has one signature, intact and of the whole file.
func stands(b []byte) bool {
	all, err := Verify(b)
	return err == nil && len(all) == 1 && all[0].Intact() && all[0].CoversAll
}

func TestNoByteThatASignatureCoversCanBeChanged(t *testing.T) {
	t.Parallel()
	b := signed(t, keys()["P-256"], Options{})
	page := len(drawn(t))
	from := bytes.Index(b, []byte("/Contents <3082")) + len("/Contents ")
	to := from + bytes.IndexByte(b[from:], '>') + 1
	for at := range b {
		// of the page every fifth, of the increment each; the signature's own digits come below
		if at < page && at%5 != 0 || at > from && at < to-1 {
			continue
		}
		b[at] ^= 1
		if stands(b) {
			t.Errorf("byte %d (%q) may be %q", at, b[at]^1, b[at])
		}
		b[at] ^= 1
	}
	if !stands(b) {
		t.Fatal("the file itself does not stand")
	}
}

func TestNoPartOfTheSignatureItselfCanBeChanged(t *testing.T) {
	t.Parallel()
	k := keys()["P-256"]
	b := signed(t, k, Options{})
	from := bytes.Index(b, []byte("/Contents <3082")) + len("/Contents <")
	der, _ := cms(t, b)
	e, bad := open(der)
	if bad != nil {
		t.Fatal(bad)
	}
	end := bytes.IndexByte(b[from:], '>')
	for part, raw := range map[string][]byte{"certificate": k.Certificate.Raw, "signed attributes": e.signer.Signed.Bytes, "value": e.signer.Signature, "signer": e.signer.ID.FullBytes, "padding": b[:0]} {
		first, last := 2*bytes.Index(der, raw), 2*(bytes.Index(der, raw)+len(raw))
		if part == "padding" {
			first, last = 2*len(der), end
		}
		for at := from + first; at < from+last; at += 3 {
			was := b[at]
			b[at] = "123456789abcdef0"[bytes.IndexByte([]byte("0123456789abcdef"), was)]
			if stands(b) {
				t.Errorf("%s: digit %d may be another", part, at-from-first)
			}
			b[at] = was
		}
	}
}

func TestPdfsigSeesChangesInEveryRegion(t *testing.T) {
	t.Parallel()
	dir := nss(t, theAuthority().root)
	b := signed(t, keys()["RSA-2048"], Options{Location: "Cao Bằng"})
	place := func(what string) int {
		i := bytes.LastIndex(b, []byte(what))
		if i < 0 {
			t.Fatal(what)
		}
		return i
	}
	for region, at := range map[string]int{
		"header": 7, "content stream": bytes.Index(b, []byte("stream")) + 40, "first table": bytes.Index(b, []byte("0000000")) + 3, "information": place("/Author") + 12,
		"signature's dictionary": place("/Location") + 12, "time": place("(D:2026") + 4, "contents": place("/Contents <") + 4000, "last table": place("\nxref") + 20, "trailer": place("/ID [<") + 8,
	} {
		changed := bytes.Clone(b)
		changed[at] ^= 1
		if out := pdfsig(t, dir, save(t, changed)); strings.Contains(out, "Signature is Valid.") {
			t.Errorf("%s: %q changed, and pdfsig says\n%s", region, b[at-3:at+4], out)
		}
		if stands(changed) {
			t.Errorf("%s: Verify says that it stands", region)
		}
	}
}

// changed is the file with an increment.
func changed(t testing.TB, b []byte, change func(inc *increment)) []byte {
	t.Helper()
	inc, err := begin(b)
	if err != nil {
		t.Fatal(err)
	}
	change(inc)
	return inc.bytes()
}

func TestASaveAfterTheSignatureIsSeen(t *testing.T) {
	t.Parallel()
	b := signed(t, keys()["P-256"], Options{})
	later := changed(t, b, func(inc *increment) { inc.root["PageMode"] = name("FullScreen") })
	s := only(t, later)
	if !s.Intact() || s.CoversAll || s.End != len(b) {
		t.Errorf("%+v", s)
	}
	if out := pdfsig(t, nss(t), save(t, later)); !strings.Contains(out, "Not total document signed") {
		t.Error(out)
	}
	// The rest of a file may not hide behind the end of a saved state either.
	if s := only(t, append(bytes.Clone(b), "% more\n"...)); s.CoversAll {
		t.Error("bytes at the end were not seen")
	}
}

func TestASignatureThatLeavesOutMoreThanItselfDoesNotStand(t *testing.T) {
	t.Parallel()
	b := signed(t, keys()["P-256"], Options{})
	i := bytes.Index(b, []byte("/ByteRange [0 ")) + len("/ByteRange [0 ")
	for what, to := range map[string]string{"/ByteRange [1 ": "from", "/ByteRange [0 0": "first"} {
		c := bytes.Clone(b)
		copy(c[i-len("/ByteRange [0 "):], what)
		if s := only(t, c); s.Fault != "signature_range" {
			t.Errorf("%s: %+v", to, s)
		}
	}
}

func TestOnlyOneSignatureIsPutOnAFile(t *testing.T) {
	t.Parallel()
	if _, err := Sign(context.Background(), signed(t, keys()["P-256"], Options{}), keys()["P-256"], Options{At: now}); !errs.Is(err, "pdf_signed") {
		t.Error(err)
	}
}

func TestAKeyThatIsNotValidDoesNotSign(t *testing.T) {
	t.Parallel()
	for at, code := range map[int]string{-10: "key_not_yet_valid", 30: "key_expired"} {
		if _, err := Sign(context.Background(), drawn(t), keys()["P-256"], Options{At: now.AddDate(at, 0, 0)}); !errs.Is(err, code) {
			t.Errorf("%s: %v", code, err)
		}
	}
}
