package paper

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"taphuan/app/errs"
)

var red = color.NRGBA{R: 0xd0, G: 0x10, B: 0x10, A: 0xff}

// patch is a red picture of 8 by 8.
func patch(img draw.Image) image.Image {
	draw.Draw(img, img.Bounds(), image.NewUniform(red), image.Point{}, draw.Src)
	return img
}

func encoded(t *testing.T, f func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(t *testing.T, img image.Image) []byte {
	t.Helper()
	return encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, img) })
}

// chunk is a part of a PNG.
func chunk(kind string, data []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(data)))
	b = append(append(b, kind...), data...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

func header(w, h uint32, depth, kind, interlaced byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, w)
	b = binary.BigEndian.AppendUint32(b, h)
	return chunk("IHDR", append(b, depth, kind, 0, 0, interlaced))
}

const pngSign = "\x89PNG\r\n\x1a\n"

// interlaced is the patch in the seven passes of Adam7.
func interlaced(t *testing.T) []byte {
	t.Helper()
	data := encoded(t, func(b *bytes.Buffer) error {
		z := zlib.NewWriter(b)
		for _, pass := range [][2]int{{1, 1}, {1, 1}, {2, 1}, {2, 2}, {4, 2}, {4, 4}, {8, 4}} {
			for range pass[1] {
				row := append([]byte{0}, bytes.Repeat([]byte{red.R, red.G, red.B}, pass[0])...)
				if _, err := z.Write(row); err != nil {
					return err
				}
			}
		}
		return z.Close()
	})
	return joined([]byte(pngSign), header(8, 8, 8, 2, 1), chunk("IDAT", data), chunk("IEND", nil))
}

func joined(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// cmyk is the patch as a printer's JPEG: four inks, written the other way round as Adobe's programs do, one block each, of which only the
// mean is said.
func cmyk() []byte {
	marker := func(kind byte, data []byte) []byte {
		return append(binary.BigEndian.AppendUint16([]byte{0xff, kind}, uint16(len(data)+2)), data...)
	}
	one := append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)
	frame := []byte{8, 0, 8, 0, 8, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0}
	dc := append(append([]byte{0x00, 0, 2}, make([]byte, 14)...), 10, 11) // two codes of two bits: ten bits follow, eleven follow
	ac := append(append([]byte{0x10, 1}, make([]byte, 15)...), 0)         // one code: nothing follows
	scan := []byte{4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0}
	full := "00" + fmt.Sprintf("%010b", 1016) + "0"            // 255: no ink of this kind
	none := "01" + fmt.Sprintf("%011b", 2047-1024) + "0"       // 0: all of it
	bits := full + none + none + full + strings.Repeat("1", 6) // cyan, magenta, yellow, black
	var body []byte
	for len(bits) >= 8 {
		var x byte
		for _, c := range bits[:8] {
			x = x<<1 | byte(c-'0')
		}
		if body = append(body, x); x == 0xff {
			body = append(body, 0)
		}
		bits = bits[8:]
	}
	return joined([]byte{0xff, 0xd8}, marker(0xee, []byte("Adobe\x00\x64\x00\x00\x00\x00\x00")), marker(0xdb, one), marker(0xc0, frame), marker(0xc4, dc), marker(0xc4, ac), marker(0xda, scan), body, []byte{0xff, 0xd9})
}

// animated is a PNG whose second picture is blue; those who know no such thing show the first.
func animated(t *testing.T) []byte {
	t.Helper()
	still := asPNG(t, patch(image.NewNRGBA(image.Rect(0, 0, 8, 8))))
	frame := func(number uint32) []byte {
		b := binary.BigEndian.AppendUint32(nil, number)
		for _, x := range []uint32{8, 8, 0, 0} {
			b = binary.BigEndian.AppendUint32(b, x)
		}
		return chunk("fcTL", append(b, 0, 1, 0, 10, 0, 0))
	}
	blue := encoded(t, func(b *bytes.Buffer) error {
		z := zlib.NewWriter(b)
		_, err := z.Write(bytes.Repeat(append([]byte{0}, bytes.Repeat([]byte{0, 0, 0xff}, 8)...), 8))
		if err != nil {
			return err
		}
		return z.Close()
	})
	const head = 8 + 25 // signature and IHDR
	return joined(still[:head], chunk("acTL", []byte{0, 0, 0, 2, 0, 0, 0, 0}), frame(0), still[head:len(still)-12], frame(1), chunk("fdAT", append([]byte{0, 0, 0, 2}, blue...)), chunk("IEND", nil))
}

// drawn gives the colour in the middle of a page on which the picture stands, as another program sees it.
func drawn(t *testing.T, p Picture) color.NRGBA {
	t.Helper()
	d := New(200, 100, Info{})
	d.Page()
	d.Picture("x", p, 0, 0, 200, 100)
	pdf, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "x.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftoppm", "-r", "72", "-png", "-singlefile", file).Output()
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	if r, g, b, _ := img.At(2, 50).RGBA(); r != 0xffff || g != 0xffff || b != 0xffff {
		t.Errorf("beside the picture, which is square, the page is not white: %x %x %x", r, g, b)
	}
	return color.NRGBAModel.Convert(img.At(100, 50)).(color.NRGBA)
}

func near(a, b uint8) bool { return a-b < 12 || b-a < 12 }

func TestPicturesOfAllKindsStandOnPaperAsTheyAre(t *testing.T) {
	t.Parallel()
	square := image.Rect(0, 0, 8, 8)
	half := color.NRGBA{R: 0xff, A: 0x80}
	pale := image.NewNRGBA(square)
	draw.Draw(pale, square, image.NewUniform(half), image.Point{}, draw.Src)
	grey := image.NewGray(square)
	draw.Draw(grey, square, image.NewUniform(color.Gray{0x60}), image.Point{}, draw.Src)
	lossy := func(img image.Image) []byte {
		return encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, img, nil) })
	}
	for name, c := range map[string]struct {
		body []byte
		want color.NRGBA
	}{
		"PNG":                    {asPNG(t, patch(image.NewNRGBA(square))), red},
		"PNG with a palette":     {asPNG(t, patch(image.NewPaletted(square, color.Palette{color.White, red}))), red},
		"PNG of 16 bits":         {asPNG(t, patch(image.NewNRGBA64(square))), red},
		"PNG, interlaced":        {interlaced(t), red},
		"PNG, animated":          {animated(t), red},
		"PNG, half seen through": {asPNG(t, pale), color.NRGBA{R: 0xff, G: 0x7f, B: 0x7f}},
		"PNG, seen through":      {asPNG(t, image.NewNRGBA(square)), color.NRGBA{R: 0xff, G: 0xff, B: 0xff}},
		"PNG in grey":            {asPNG(t, grey), color.NRGBA{R: 0x60, G: 0x60, B: 0x60}},
		"JPEG":                   {lossy(patch(image.NewNRGBA(square))), red},
		"JPEG in grey":           {lossy(grey), color.NRGBA{R: 0x60, G: 0x60, B: 0x60}},
		"JPEG in four inks":      {cmyk(), color.NRGBA{R: 0xff}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := ReadPicture(c.body)
			if err != nil {
				t.Fatal(err)
			}
			if got := drawn(t, p); !near(got.R, c.want.R) || !near(got.G, c.want.G) || !near(got.B, c.want.B) {
				t.Errorf("it is drawn in %v, want %v", got, c.want)
			}
			if again, err := ReadPicture(p.Body); err != nil || again.Width != 8 || again.Height != 8 {
				t.Errorf("what is kept cannot be read again: %v", err)
			}
		})
	}
}

func TestWhatIsNoPictureOrTooLargeIsRefusedBeforeItIsUnpacked(t *testing.T) {
	t.Parallel()
	good := asPNG(t, patch(image.NewNRGBA(image.Rect(0, 0, 8, 8))))
	lossy := encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, patch(image.NewNRGBA(image.Rect(0, 0, 8, 8))), nil) })
	huge := bytes.Clone(lossy)
	at := bytes.Index(huge, []byte{0xff, 0xc0}) + 5
	copy(huge[at:], []byte{0xff, 0xff, 0xff, 0xff})
	for name, c := range map[string]struct {
		body []byte
		want string
	}{
		"nothing":                           {nil, "picture_not_understood"},
		"SVG":                               {[]byte(`<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>`), "picture_not_understood"},
		"SVG with a script":                 {[]byte(`<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>`), "picture_not_understood"},
		"SVG that says it is PNG":           {append([]byte(pngSign), "<svg><script/></svg>"...), "picture_not_understood"},
		"GIF":                               {encoded(t, func(b *bytes.Buffer) error { return gif.Encode(b, patch(image.NewNRGBA(image.Rect(0, 0, 8, 8))), nil) }), "picture_not_understood"},
		"PDF":                               {[]byte("%PDF-1.7\n"), "picture_not_understood"},
		"PNG, broken off":                   {good[:len(good)-30], "picture_not_understood"},
		"JPEG, broken off":                  {lossy[:len(lossy)/2], "picture_not_understood"},
		"PNG with a letter changed":         {append(bytes.Clone(good[:60]), append([]byte{good[60] ^ 0x55}, good[61:]...)...), "picture_not_understood"},
		"PNG that says it is enormous":      {joined([]byte(pngSign), header(0x7fffffff, 0x7fffffff, 8, 6, 0), chunk("IDAT", []byte{1}), chunk("IEND", nil)), "picture_not_understood"},
		"PNG that says it is 60.000 square": {joined([]byte(pngSign), header(60000, 60000, 8, 6, 0), chunk("IDAT", []byte{1}), chunk("IEND", nil)), "picture_too_large"},
		"PNG a little too wide":             {asPNG(t, image.NewGray(image.Rect(0, 0, MaxPictureSide+1, 1))), "picture_too_large"},
		"JPEG that says it is 65.535 wide":  {huge, "picture_too_large"},
		"a heavy file":                      {append(bytes.Clone(good), make([]byte, MaxPictureBytes)...), "picture_too_large"},
	} {
		if _, err := ReadPicture(c.body); err == nil || len(errs.As(err).Fields) != 1 || errs.As(err).Fields[0].Code != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

func TestAPictureIsTakenInWithNoMorePixelsThanItsPlaceNeeds(t *testing.T) {
	t.Parallel()
	opaque := encoded(t, func(b *bytes.Buffer) error {
		return jpeg.Encode(b, patch(image.NewNRGBA(image.Rect(0, 0, 1200, 600))), nil)
	})
	for kind, body := range map[string][]byte{"image/png": asPNG(t, image.NewNRGBA(image.Rect(0, 0, 1200, 600))), "image/jpeg": opaque} {
		p, err := ReadPicture(body)
		if err != nil || p.ContentType != kind {
			t.Fatal(p.ContentType, err)
		}
		for _, c := range []struct {
			w, h float64
			most int
			want int
		}{{72, 72, 1 << 20, 300}, {720, 720, 1 << 30, 1200}, {720, 720, 1200 * 600 / 4, 600}, {0.1, 0.1, 1 << 20, 1}} {
			got, err := p.Reduced(c.w, c.h, c.most)
			if err != nil || got.Width != c.want || got.Height != max(1, c.want/2) {
				t.Errorf("%s in %v: %d by %d, %v", kind, c, got.Width, got.Height, err)
			}
			if size, _, err := image.DecodeConfig(bytes.NewReader(got.Body)); err != nil || size.Width != got.Width {
				t.Errorf("%s in %v: it says %d, and is %d; %v", kind, c, got.Width, size.Width, err)
			}
		}
	}
}
