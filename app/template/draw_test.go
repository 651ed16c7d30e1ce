package template

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"golang.org/x/text/unicode/norm"

	"taphuan/app/errs"
)

// each runs f with every template that comes with the system.
func each(t *testing.T, f func(t *testing.T, look *Template)) {
	for _, x := range Shipped {
		t.Run(x.Code, func(t *testing.T) {
			t.Parallel()
			l, err := ShippedLayout(x.Code)
			if err != nil {
				t.Fatal(err)
			}
			look, err := Compile(l, nil)
			if err != nil {
				t.Fatal(err)
			}
			f(t, look)
		})
	}
}

func shortest() Snapshot {
	s := Sample()
	s.Superior, s.Born, s.Title, s.Venue, s.SignForm, s.SignFor = "", "", "", "", "", ""
	s.Name, s.CourseTitle, s.To = "An", "X", s.From
	return s
}

// widest has agencies as long as an issuer's form takes them.
func widest() Snapshot {
	s := Longest()
	long := "Ban Chỉ đạo Công tác Thông tin đối ngoại, Truyền thông về Quyền con người và Phòng, chống tin giả trên không gian mạng"
	s.Superior, s.Issuer = long+" A", long+" B"
	return s
}

func TestNothingLeavesThePageAndNoLinesOverlapHoweverLongTheText(t *testing.T) {
	t.Parallel()
	if n := len([]rune(Longest().Name)); n != 60 {
		t.Fatalf("the longest name has %d letters", n)
	}
	if n := len([]rune(Longest().CourseTitle)); n != 300 {
		t.Fatalf("the longest title has %d letters", n)
	}
	each(t, func(t *testing.T, look *Template) {
		if err := look.Fits(Longest()); err != nil {
			t.Errorf("the longest texts: %v", err)
		}
		for name, s := range map[string]Snapshot{"usual": Sample(), "longest": Longest(), "shortest": shortest(), "widest": widest()} {
			boxes, err := look.boxes(s, Print)
			if err != nil {
				t.Fatal(name, err)
			}
			w, h := look.page.Size()
			all := ""
			for i, a := range boxes {
				all += a.Text + " "
				if a.X0 < 48 || a.X1 > w-48 || a.Y0 < 48 || a.Y1 > h-48 {
					t.Errorf("%s: %q stands outside the frame: %+v", name, a.Text, a)
				}
				for _, b := range boxes[i+1:] {
					// Lines may touch by the room that descenders leave.
					if a.X0 < b.X1 && b.X0 < a.X1 && a.Y0+3 < b.Y1 && b.Y0+3 < a.Y1 {
						t.Errorf("%s: %q overlaps %q", name, a.Text, b.Text)
					}
				}
			}
			for _, want := range []string{s.Name, s.CourseTitle, s.Serial, s.SignName} {
				if !strings.Contains(all, want) {
					t.Errorf("%s: %q is not on the page", name, want)
				}
			}
		}
	})
}

func TestOtherProgramsReadWhatTheCertificateSays(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, look *Template) {
		for _, r := range []Rendition{Print, Copy, Signed} {
			for name, s := range map[string]Snapshot{"usual": Sample(), "longest": Longest()} {
				name += " " + string(r)
				b, err := look.Draw(s, r)
				if err != nil {
					t.Fatal(err)
				}
				if len(b) > 60<<10 {
					t.Errorf("%s: %d bytes", name, len(b))
				}
				file := filepath.Join(t.TempDir(), "c.pdf")
				if err := os.WriteFile(file, b, 0o600); err != nil {
					t.Fatal(err)
				}
				if out, err := exec.Command("qpdf", "--check", file).CombinedOutput(); err != nil {
					t.Errorf("%s: qpdf: %v\n%s", name, err, out)
				}
				readFonts(t, name, file)
				readText(t, name, file, s, r)
				readCode(t, name, file, s)
			}
		}
	})
}

func readFonts(t *testing.T, name, file string) {
	t.Helper()
	fonts, err := exec.Command("pdffonts", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range strings.Split(strings.TrimSpace(string(fonts)), "\n")[2:] {
		if f := strings.Fields(l); len(f) < 7 || f[4] != "yes" || f[5] != "yes" {
			t.Errorf("%s: a font that is not embedded as a subset: %s", name, l)
		}
	}
}

func readText(t *testing.T, name, file string, s Snapshot, r Rendition) {
	t.Helper()
	text, err := exec.Command("pdftotext", "-raw", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Join(strings.Fields(string(text)), " ")
	at := 0
	for _, want := range []string{"GIẤY CHỨNG NHẬN", "chứng nhận", s.Name, lowerFirst(s.CourseType), s.CourseTitle, "16 giờ", s.Serial, s.SignName, footnotes[r]} {
		i := strings.Index(got[at:], want)
		if i < 0 {
			t.Errorf("%s: %q is missing or out of reading order in: %s", name, want, got)
			continue
		}
		at += i
	}
	for _, want := range []string{"K7WM-4PQZ-9TXC-2HRB", "ngày 24 tháng 11 năm 2026"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s: %q is missing in: %s", name, want, got)
		}
	}
	if !norm.NFC.IsNormalString(got) {
		t.Errorf("%s: text is not NFC", name)
	}
}

func readCode(t *testing.T, name, file string, s Snapshot) {
	t.Helper()
	picture := strings.TrimSuffix(file, ".pdf")
	if out, err := exec.Command("pdftoppm", "-r", "200", "-png", "-singlefile", file, picture).CombinedOutput(); err != nil {
		t.Fatalf("%v %s", err, out)
	}
	code, err := exec.Command("zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable", picture+".png").Output()
	if err != nil || strings.TrimSpace(string(code)) != s.QRText() {
		t.Errorf("%s: the QR code reads %q, %v", name, code, err)
	}
}

func standard(t testing.TB) *Template {
	t.Helper()
	l, err := ShippedLayout(Standard)
	if err != nil {
		t.Fatal(err)
	}
	look, err := Compile(l, nil)
	if err != nil {
		t.Fatal(err)
	}
	return look
}

func TestTheSameSnapshotGivesTheSameBytesAlsoAtOnce(t *testing.T) {
	t.Parallel()
	look := standard(t)
	want, err := look.Draw(Sample(), Copy)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if got, err := look.Draw(Sample(), Copy); err != nil || !bytes.Equal(got, want) {
				t.Errorf("differs: %v", err)
			}
		})
	}
	wg.Wait()
}

func TestLettersThatTheFontsLackAreRefusedNotPrintedAsBlanks(t *testing.T) {
	t.Parallel()
	look := standard(t)
	s := Sample()
	s.Name = "Nông Văn 漢"
	if _, err := look.Draw(s, Signed); !errs.Is(err, "glyph_missing") {
		t.Errorf("got %v", err)
	}
	s.Name = "No\u0302ng Va\u0306n Hu\u0300ng" // decomposed is composed first
	if _, err := look.Draw(s, Signed); err != nil {
		t.Error(err)
	}
}

func BenchmarkDraw(b *testing.B) {
	look := standard(b)
	s := Sample()
	for b.Loop() {
		if _, err := look.Draw(s, Signed); err != nil {
			b.Fatal(err)
		}
	}
}
