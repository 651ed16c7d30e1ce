package paper

import (
	"bytes"
	"image"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"
	"math"

	"github.com/signintech/gopdf"
	xdraw "golang.org/x/image/draw"

	"taphuan/app/errs"
)

// The bounds of a picture that may stand on paper.
const (
	MaxPictureBytes = 512 << 10
	MaxPictureSide  = 2000 // pixels
)

// Picture is a picture that can be drawn: a seal, an emblem, a logo.
type Picture struct {
	Width, Height int    // pixels
	ContentType   string // "image/png" or "image/jpeg"
	Body          []byte
}

// ReadPicture reads a picture from outside and writes it anew, so that nothing but the picture is left of it: PNG where it can be seen
// through, else the smaller of the two kinds. It refuses a file of more than MaxPictureBytes and one of more pixels than MaxPictureSide
// either way before it unpacks them ("picture_too_large"), and what is neither PNG nor JPEG ("picture_not_understood"): an SVG is a
// program.
func ReadPicture(body []byte) (Picture, error) {
	if len(body) > MaxPictureBytes {
		return Picture{}, tooLarge()
	}
	size, format, err := image.DecodeConfig(bytes.NewReader(body))
	if err != nil || format != "png" && format != "jpeg" {
		return Picture{}, errs.OnField("picture", "picture_not_understood")
	}
	if size.Width < 1 || size.Height < 1 || size.Width > MaxPictureSide || size.Height > MaxPictureSide {
		return Picture{}, tooLarge()
	}
	img, _, err := image.Decode(bytes.NewReader(body))
	if err != nil {
		return Picture{}, errs.OnField("picture", "picture_not_understood")
	}
	p := Picture{Width: size.Width, Height: size.Height, ContentType: "image/png"}
	flat := image.NewNRGBA(image.Rect(0, 0, size.Width, size.Height)) // eight bits a colour, not interlaced: what PDF can hold
	draw.Draw(flat, flat.Bounds(), img, img.Bounds().Min, draw.Src)
	var b bytes.Buffer
	if err := png.Encode(&b, flat); err != nil {
		return Picture{}, errs.Internal("picture", err)
	}
	p.Body = b.Bytes()
	if flat.Opaque() {
		var j bytes.Buffer
		if err := jpeg.Encode(&j, flat, &jpeg.Options{Quality: 90}); err != nil {
			return Picture{}, errs.Internal("picture", err)
		}
		if format == "jpeg" || j.Len() < len(p.Body)/2 {
			p.Body, p.ContentType = j.Bytes(), "image/jpeg"
		}
	}
	return p, nil
}

// Reduced gives the picture with no more pixels than it needs to be printed sharply as large as w by h points allow, and no more than most:
// paper takes in every pixel of every picture, again for each document.
func (p Picture) Reduced(w, h float64, most int) (Picture, error) {
	const sharp = 300.0 / 72 // pixels a point
	natural := float64(p.Width * p.Height)
	scale := min(sharp*w/float64(p.Width), sharp*h/float64(p.Height), math.Sqrt(float64(most)/natural))
	if scale >= 1 {
		return p, nil
	}
	img, _, err := image.Decode(bytes.NewReader(p.Body))
	if err != nil {
		return Picture{}, err
	}
	small := image.NewRGBA(image.Rect(0, 0, max(1, int(float64(p.Width)*scale)), max(1, int(float64(p.Height)*scale))))
	xdraw.CatmullRom.Scale(small, small.Bounds(), img, img.Bounds(), draw.Src, nil)
	p.Width, p.Height = small.Rect.Dx(), small.Rect.Dy()
	var b bytes.Buffer
	if p.ContentType == "image/jpeg" {
		err = jpeg.Encode(&b, small, &jpeg.Options{Quality: 90})
	} else {
		err = png.Encode(&b, small)
	}
	p.Body = b.Bytes()
	return p, err
}

func tooLarge() error {
	return errs.OnField("picture", "picture_too_large", errs.Params{"bytes": MaxPictureBytes >> 10, "side": MaxPictureSide})
}

// holder gives a picture to gopdf, which asks for its name and reads it once a document.
type holder struct {
	io.Reader
	name string
}

func (h holder) ID() string { return h.name }

// Picture draws a picture as large as the box allows without changing its shape, in the middle of the box. name tells pictures of one
// document apart: one that is drawn on many pages is kept once.
func (d *Doc) Picture(name string, p Picture, x, y, w, h float64) {
	if d.err != nil {
		return
	}
	scale := min(w/float64(p.Width), h/float64(p.Height))
	pw, ph := float64(p.Width)*scale, float64(p.Height)*scale
	d.tagPicture()
	d.fail(d.pdf.ImageByHolder(holder{bytes.NewReader(p.Body), name}, d.dx+x+(w-pw)/2, d.dy+y+(h-ph)/2, &gopdf.Rect{W: pw, H: ph}))
}
