package picture_test

import (
	"bytes"
	"context"
	"fmt"
	"image"
	_ "image/png" // what Poppler draws
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"taphuan/app/picture"
	"taphuan/app/template"
)

// drawn gives the PDF of the sample by a template that comes with the system.
func drawn(t *testing.T, code string, s template.Snapshot) []byte {
	t.Helper()
	l, err := template.ShippedLayout(code)
	if err != nil {
		t.Fatal(err)
	}
	look, err := template.Compile(l, nil)
	if err != nil {
		t.Fatal(err)
	}
	pdf, err := look.Draw(s, template.Copy)
	if err != nil {
		t.Fatal(err)
	}
	return pdf
}

var renderer = picture.New()

func TestThePictureIsWhatPopplerDrawsAndItsCodeCanBeRead(t *testing.T) {
	t.Parallel()
	for _, x := range template.Shipped {
		t.Run(x.Code, func(t *testing.T) {
			t.Parallel()
			s := template.Sample()
			pdf := drawn(t, x.Code, s)
			got, err := renderer.JPEG(t.Context(), pdf)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) > 400<<10 {
				t.Errorf("a chat has to carry %d bytes", len(got))
			}
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "a.pdf"), pdf, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "a.jpg"), got, 0o600); err != nil {
				t.Fatal(err)
			}
			if out, err := exec.Command("pdftoppm", "-r", "130", "-png", "-singlefile", filepath.Join(dir, "a.pdf"), filepath.Join(dir, "poppler")).CombinedOutput(); err != nil {
				t.Fatalf("%v %s", err, out)
			}
			off, most := compared(t, got, filepath.Join(dir, "poppler.png"))
			if off > 4 || most > 45 {
				t.Errorf("off by %.2f of 255 on average, a square by %.2f", off, most)
			}
			another := s
			another.Name = "Công Tằng Tôn Nữ Ngọc Bảo"
			other, err := renderer.JPEG(t.Context(), drawn(t, x.Code, another))
			if err != nil {
				t.Fatal(err)
			}
			if _, most := compared(t, other, filepath.Join(dir, "poppler.png")); most < 60 {
				t.Errorf("somebody else's is off by %.2f at most", most)
			}
			out, err := exec.Command("zbarimg", "--raw", "-q", filepath.Join(dir, "a.jpg")).Output()
			if err != nil || !strings.HasPrefix(string(out), s.VerifyURL) {
				t.Errorf("the code reads %q: %v", out, err)
			}
		})
	}
}

// compared says how far two pictures are from each other once the edges of letters, which every program smooths in its own way, have been
// levelled out over squares of side pixels: the mean of all differences of brightness, and the largest.
func compared(t *testing.T, a []byte, file string) (off, most float64) {
	t.Helper()
	const side = 12
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	one, _, err := image.Decode(bytes.NewReader(a))
	if err != nil {
		t.Fatal(err)
	}
	two, _, err := image.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	if dx, dy := one.Bounds().Dx()-two.Bounds().Dx(), one.Bounds().Dy()-two.Bounds().Dy(); dx*dx > 1 || dy*dy > 1 {
		t.Fatalf("%v is not as large as %v", one.Bounds(), two.Bounds())
	}
	mean := func(i image.Image, x, y int) (sum float64) {
		for dy := range side {
			for dx := range side {
				r, g, b, _ := i.At(x*side+dx, y*side+dy).RGBA()
				sum += float64(r+g+b) / 3 / 257
			}
		}
		return sum / side / side
	}
	w, h := one.Bounds().Dx()/side, one.Bounds().Dy()/side
	for y := range h {
		for x := range w {
			d := math.Abs(mean(one, x, y) - mean(two, x, y))
			off, most = off+d/float64(w*h), max(most, d)
		}
	}
	return off, most
}

func TestManyAtOnceTakeTurnsAndTheSameDocumentIsTheSamePicture(t *testing.T) {
	t.Parallel()
	var pdfs [3][]byte
	for i := range pdfs {
		s := template.Sample()
		s.Name = fmt.Sprintf("Nông Văn %c", 'A'+i)
		pdfs[i] = drawn(t, "standard", s)
	}
	var got [12][]byte
	var all sync.WaitGroup
	for i := range got {
		all.Go(func() {
			var err error
			if got[i], err = renderer.JPEG(t.Context(), pdfs[i%3]); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for i := range got {
		if !bytes.Equal(got[i], got[i%3]) {
			t.Errorf("picture %d is another than %d", i, i%3)
		}
	}
	if bytes.Equal(got[0], got[1]) {
		t.Error("two people share one picture")
	}
}

func TestWhatIsNoDocumentIsRefusedAndTheNextOneIsDrawn(t *testing.T) {
	t.Parallel()
	r := picture.New()
	pdf := drawn(t, "portrait", template.Sample())
	for _, bad := range [][]byte{nil, []byte("%PDF-1.7\nnothing"), pdf[:len(pdf)/2]} {
		if b, err := r.JPEG(t.Context(), bad); err == nil {
			t.Errorf("%d bytes of nothing gave a picture of %d", len(bad), len(b))
		}
	}
	if _, err := r.JPEG(t.Context(), pdf); err != nil {
		t.Error(err)
	}
}

func TestWhoeverHasGoneDoesNotWaitForATurn(t *testing.T) {
	t.Parallel()
	gone, cancel := context.WithCancel(t.Context())
	cancel()
	r := picture.New()
	end := r.Hold()
	defer end()
	if _, err := r.JPEG(gone, []byte("%PDF-1.7")); err != context.Canceled {
		t.Error(err)
	}
}

func TestItIsPutAwayWhenNobodyAsksAndStartedAgain(t *testing.T) {
	t.Parallel()
	r := picture.New()
	pdf := drawn(t, "bilingual", template.Sample())
	first, err := r.JPEG(t.Context(), pdf)
	if err != nil || !r.Runs() {
		t.Fatal("it does not run", err)
	}
	r.PutAway()
	if r.Runs() {
		t.Error("it runs on")
	}
	r.Forget()
	again, err := r.JPEG(t.Context(), pdf)
	if err != nil || !bytes.Equal(first, again) {
		t.Error("the second start draws something else", err)
	}
}

func TestWithoutAFolderForWhatIsCompiledItIsDoneWithout(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if picture.Compiled("") || picture.Compiled(filepath.Join(file, "cache")) {
		t.Error("a folder was made where none can be")
	}
	if !picture.Compiled(filepath.Join(t.TempDir(), "cache")) {
		t.Error("no folder was made")
	}
}
