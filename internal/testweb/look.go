package testweb

import (
	"context"
	"os"
	"path/filepath"
	"strconv"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Look asks of the page that it does not scroll sideways at 360 px and at 1440 px. Where TAPHUAN_SCREENSHOTS names a folder,
// it leaves pictures of the whole page at both widths there, NAME-360.png and NAME-1440.png, for people to look at.
func (b *Tab) Look(name string) {
	b.t.Helper()
	folder := os.Getenv("TAPHUAN_SCREENSHOTS")
	for _, width := range []int{360, 1440} {
		if width == 360 {
			b.Phone()
		} else {
			b.Desk()
		}
		if why := asked[string](b, "overflow()"); why != "" {
			b.t.Errorf("%s (%s) at %d px %s", name, b.Path(), width, why)
		}
		if folder != "" {
			b.save(filepath.Join(folder, name+"-"+strconv.Itoa(width)+".png"), b.Picture(true))
		}
	}
}

// Print prints the page to PDF as the browser does on A4, with backgrounds only where the style sheet insists, and leaves it as NAME.pdf
// where Look leaves its pictures.
func (b *Tab) Print(name string) []byte {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, answer)
	defer cancel()
	css := true
	pdf, err := chromedp.Run(ctx, func(ctx context.Context, t *chromedp.Target) ([]byte, error) {
		got, err := cdp.Call(ctx, t, page.PrintToPDF, page.PrintToPDFParams{PaperWidth: 210 / 25.4, PaperHeight: 297 / 25.4, PreferCSSPageSize: &css})
		return got.Data, err
	})
	if err != nil {
		b.fail("printing: " + err.Error())
	}
	if folder := os.Getenv("TAPHUAN_SCREENSHOTS"); folder != "" {
		b.save(filepath.Join(folder, name+".pdf"), pdf)
	}
	return pdf
}

// Picture takes a picture of the window, or of the whole page, as a PNG.
func (b *Tab) Picture(whole bool) []byte {
	b.t.Helper()
	Eval[bool](b, "document.fonts.ready.then(() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(() => r(true)))))")
	ctx, cancel := context.WithTimeout(b.ctx, answer)
	defer cancel()
	png, err := chromedp.Run(ctx, func(ctx context.Context, t *chromedp.Target) ([]byte, error) {
		got, err := cdp.Call(ctx, t, page.CaptureScreenshot, page.CaptureScreenshotParams{CaptureBeyondViewport: &whole})
		return got.Data, err
	})
	if err != nil {
		b.fail("taking a picture: " + err.Error())
	}
	return png
}

// Dark chooses the dark theme, or again the light one, as the system's setting.
func (b *Tab) Dark(on bool) {
	b.t.Helper()
	scheme := "light"
	if on {
		scheme = "dark"
	}
	b.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
			Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}},
		})
		return chromedp.Void{}, err
	})
}

func (b *Tab) save(path string, png []byte) {
	b.t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(path, png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}
