package template

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"strconv"
	"testing"

	"taphuan/app/paper"
)

func TestAPictureIsMadeSmallOnceForEachSizeInWhichAnEditorShowsIt(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewNRGBA(image.Rect(0, 0, 900, 900))); err != nil {
		t.Fatal(err)
	}
	large, err := paper.ReadPicture(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	var a album
	show := func(sum string, w float64) *byte {
		t.Helper()
		p, err := a.reduced(sum, large, w, w)
		if err != nil || p.Width != 300 {
			t.Fatal(p.Width, err)
		}
		return &p.Body[0]
	}
	first := show("a", 72)
	if show("a", 72) != first {
		t.Error("the same one is made again")
	}
	if show("b", 72) == first || show("a", 72.1) == first {
		t.Error("another one is taken for it")
	}
	for i := range 2 * leaves {
		show(strconv.Itoa(i), 72)
	}
	if len(a.made) != leaves || len(a.keys) != leaves || show("a", 72) == first {
		t.Errorf("%d pictures are kept", len(a.made))
	}
	if _, err := a.reduced("broken", paper.Picture{Width: 900, Height: 900, Body: []byte("x")}, 72, 72); !errors.Is(err, image.ErrFormat) || len(a.made) != leaves {
		t.Errorf("a broken one: %v", err)
	}
}
