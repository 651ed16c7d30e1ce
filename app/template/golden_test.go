package template

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the pictures of testdata/golden anew: look at them before they are kept")

// What two pictures of one page may differ by: other versions of the program that draws them smooth edges in their own way.
const (
	tolerated = 0.0005 // of the pixels
	visible   = 32     // of 255 in one colour, from where on a pixel is another one
)

// golden are the pages of which a picture is kept.
var golden = []struct {
	name, template string
	snapshot       func() Snapshot
	rendition      Rendition
}{
	{"standard-print", "standard", Sample, Print}, {"standard-copy", "standard", Sample, Copy}, {"standard-signed", "standard", Sample, Signed}, {"standard-longest", "standard", Longest, Print},
	{"portrait-print", "portrait", Sample, Print}, {"portrait-copy", "portrait", Sample, Copy}, {"portrait-longest", "portrait", Longest, Signed},
	{"bilingual-print", "bilingual", Sample, Print}, {"bilingual-copy", "bilingual", Sample, Copy}, {"bilingual-longest", "bilingual", Longest, Signed},
}

// look draws a page as a picture of 60 pixels an inch in few colours.
func look(t *testing.T, code string, s Snapshot, r Rendition) image.Image {
	t.Helper()
	l, err := ShippedLayout(code)
	if err != nil {
		t.Fatal(err)
	}
	c, err := Compile(l, nil)
	if err != nil {
		t.Fatal(err)
	}
	pdf, err := c.Draw(s, r)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("pdftoppm", "-r", "60", "-png", "-singlefile", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	few := image.NewRGBA(img.Bounds())
	for y := range few.Rect.Dy() {
		for x := range few.Rect.Dx() {
			r, g, b, _ := img.At(x, y).RGBA()
			few.SetRGBA(x, y, color.RGBA{coarse(r), coarse(g), coarse(b), 0xff})
		}
	}
	return few
}

// coarse leaves sixteen steps of a colour, so that the kept files are small.
func coarse(x uint32) uint8 { return uint8(x>>12) * 17 }

// differ gives the share of pixels that are another colour.
func differ(a, b image.Image) float64 {
	if a.Bounds() != b.Bounds() {
		return 1
	}
	n := 0
	for y := range a.Bounds().Dy() {
		for x := range a.Bounds().Dx() {
			ar, ag, ab, _ := a.At(x, y).RGBA()
			br, bg, bb, _ := b.At(x, y).RGBA()
			if max(apart(ar, br), apart(ag, bg), apart(ab, bb)) > visible {
				n++
			}
		}
	}
	return float64(n) / float64(a.Bounds().Dx()*a.Bounds().Dy())
}

func apart(a, b uint32) int {
	x := int(a>>8) - int(b>>8)
	return max(x, -x)
}

func TestShippedTemplatesLookAsTheyDidWhenSomebodyLookedAtThem(t *testing.T) {
	t.Parallel()
	for _, x := range golden {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			got := look(t, x.template, x.snapshot(), x.rendition)
			file := filepath.Join("testdata", "golden", x.name+".png")
			if *update {
				var b bytes.Buffer
				e := png.Encoder{CompressionLevel: png.BestCompression}
				if err := e.Encode(&b, got); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want, err := png.Decode(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			if share := differ(got, want); share > tolerated {
				now := filepath.Join(os.TempDir(), "taphuan-"+x.name+".png")
				var b bytes.Buffer
				if err := png.Encode(&b, got); err == nil {
					err = os.WriteFile(now, b.Bytes(), 0o600)
					t.Logf("what it looks like now: %s (%v)", now, err)
				}
				t.Errorf("%.3f %% of it look different (more than %.3f %%). If that is meant: go test ./app/template -run LookAsTheyDid -update", share*100, tolerated*100)
			}
		})
	}
}

func TestAPictureOfAPageTellsASmallChange(t *testing.T) {
	t.Parallel()
	was := look(t, "standard", Sample(), Print)
	if again := differ(was, look(t, "standard", Sample(), Print)); again != 0 {
		t.Errorf("the same page differs from itself by %v", again)
	}
	s := Sample()
	s.Place = "Lạng Sơn"
	title := Sample()
	title.CourseTitle = strings.Replace(title.CourseTitle, "Tập huấn", "Tập luyện", 1)
	for name, now := range map[string]image.Image{"another place of issue": look(t, "standard", s, Print), "another word in the title": look(t, "standard", title, Print), "words across": look(t, "standard", Sample(), Copy)} {
		if share := differ(was, now); share < 2*tolerated {
			t.Errorf("%s: a difference of %.3f %% only", name, share*100)
		} else {
			t.Logf("%s: %.3f %%", name, share*100)
		}
	}
}
