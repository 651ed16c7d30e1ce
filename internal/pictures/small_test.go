package pictures

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"
)

func TestSmallPicturesKeepTheColoursThatAreUsedMost(t *testing.T) {
	t.Parallel()
	img := image.NewRGBA(image.Rect(0, 0, 200, 200))
	for i := range 200 * 200 {
		x, y := i%200, i/200
		img.SetRGBA(x, y, color.RGBA{0x22, 0x2f, 0x63, 255})
		if y < 3 { // 600 colours of one dot each
			img.SetRGBA(x, y, color.RGBA{uint8(x), uint8(100 * y), 7, 255})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	got, err := small(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	back, err := png.Decode(bytes.NewReader(got))
	if err != nil || back.Bounds() != img.Bounds() {
		t.Fatal(err, back.Bounds())
	}
	if c := color.RGBAModel.Convert(back.At(100, 100)); c != (color.RGBA{0x22, 0x2f, 0x63, 255}) {
		t.Errorf("the page's own colour became %v", c)
	}
	r, _, _, _ := back.At(150, 1).RGBA()
	if d := int(r>>8) - 150; d < -24 || d > 24 {
		t.Errorf("a rare colour became %v", back.At(150, 1))
	}
}
