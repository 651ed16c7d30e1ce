package template

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"
)

// structure is what poppler reads of a document's tags: a line a part, with its text.
func structure(t *testing.T, pdf []byte) string {
	t.Helper()
	at := filepath.Join(t.TempDir(), "c.pdf")
	if err := os.WriteFile(at, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("qpdf", "--check", at).CombinedOutput(); err != nil {
		t.Fatalf("qpdf: %v\n%s", err, out)
	}
	info, err := exec.Command("pdfinfo", at).Output()
	if err != nil || !bytes.Contains(info, []byte("Tagged:          yes")) {
		t.Fatalf("not tagged: %v\n%s", err, info)
	}
	out, err := exec.Command("pdfinfo", "-struct-text", at).CombinedOutput()
	if err != nil || bytes.Contains(out, []byte("Error")) {
		t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

func hexUTF16(s string) []byte {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		b = fmt.Appendf(b, "%04X", u)
	}
	return b
}

func TestACertificateTellsReadersAidsItsHeadlineItsParagraphsAndItsFigures(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"standard", "portrait", "bilingual"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, err := ShippedLayout(name)
			if err != nil {
				t.Fatal(err)
			}
			tpl, err := Compile(l, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range []Rendition{Copy, Signed, Print} {
				for _, s := range []Snapshot{Sample(), Longest()} {
					pdf, err := tpl.Draw(s, r)
					if err != nil {
						t.Fatal(err)
					}
					got := structure(t, pdf)
					flat := strings.Join(strings.Fields(strings.NewReplacer(`"`, " ", "\n", " ").Replace(got)), " ")
					for _, want := range []string{"H1", "GIẤY CHỨNG NHẬN", s.Name, s.Serial, "Figure"} {
						if !strings.Contains(flat, want) && !strings.Contains(strings.ReplaceAll(flat, " ", ""), strings.ReplaceAll(want, " ", "")) {
							t.Errorf("%s, %s: %q is no part of\n%s", name, r, want, got)
						}
					}
					for alt, is := range map[string]bool{"Mã QR để kiểm tra giấy chứng nhận số " + s.Serial: true, "Hình con dấu": false} { // no shipped layout bears a seal
						if bytes.Contains(pdf, hexUTF16(alt)) != is {
							t.Errorf("%s, %s: a figure says %q: not %v", name, r, alt, is)
						}
					}
					if n := strings.Count(got, "H1"); n != 1 {
						t.Errorf("%s, %s: %d headlines\n%s", name, r, n, got)
					}
				}
			}
		})
	}
}
