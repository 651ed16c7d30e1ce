package testweb

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"rsc.io/qr"
)

// A film is so large, and shows each of its pictures for so many frames at ten a second.
const (
	filmWidth  = 640
	filmHeight = 480
	filmFrames = 12
)

// BrowseWatching opens a window on the site at base in a browser of its own, whose camera shows the QR codes of the texts one after the
// other, again and again.
func BrowseWatching(t testing.TB, base string, texts ...string) *Tab {
	t.Helper()
	var film bytes.Buffer
	fmt.Fprintf(&film, "YUV4MPEG2 W%d H%d F10:1 Ip A1:1 C420jpeg\n", filmWidth, filmHeight)
	for _, text := range texts {
		code, err := qr.Encode(text, qr.M)
		if err != nil {
			t.Fatal(err)
		}
		picture := bytes.Repeat([]byte{235}, filmWidth*filmHeight)
		scale := (filmHeight - 80) / code.Size
		for y := range code.Size * scale {
			for x := range code.Size * scale {
				if code.Black(x/scale, y/scale) {
					picture[(y+40)*filmWidth+x+120] = 16
				}
			}
		}
		grey := bytes.Repeat([]byte{128}, filmWidth*filmHeight/2)
		for range filmFrames {
			film.WriteString("FRAME\n")
			film.Write(picture)
			film.Write(grey)
		}
	}
	path := filepath.Join(t.TempDir(), "film.y4m")
	if err := os.WriteFile(path, film.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &process{film: path}
	t.Cleanup(func() {
		if err := p.close(); err != nil {
			t.Error(err)
		}
	})
	return p.browse(t, base)
}
