package paper

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"sync"

	"github.com/signintech/gopdf"
	"rsc.io/qr"
	"rsc.io/qr/coding"

	"taphuan/app/errs"
)

// quiet is the white margin of a QR code in modules; the paper around it is white too.
const quiet = 2

// dots are how many pixels a module has either way: readers of PDF blur the edges of pictures by about one.
const dots = 4

var plates = png.Encoder{CompressionLevel: png.BestSpeed, BufferPool: new(plateBuffers)}

type plateBuffers struct{ pool sync.Pool }

func (p *plateBuffers) Get() *png.EncoderBuffer {
	b, _ := p.pool.Get().(*png.EncoderBuffer)
	return b
}

func (p *plateBuffers) Put(b *png.EncoderBuffer) { p.pool.Put(b) }

// QR draws a QR code of the text (error correction M) with its quiet zone inside the square at x, y of the given side. Digits at the
// end of the text take 3.3 bits each, everything else 8. Text that fits no QR code is refused with "qr_too_long".
//
// The code is a picture of black and white: a fifth as large as lines are.
func (d *Doc) QR(x, y, side float64, text string) {
	if d.err != nil {
		return
	}
	code, err := encode(text)
	if err != nil {
		d.fail(errs.Invalid("qr_too_long"))
		return
	}
	n := code.Size + 2*quiet
	plate := image.NewPaletted(image.Rect(0, 0, n*dots, n*dots), color.Palette{color.White, color.Black})
	for j := range code.Size {
		first := plate.Pix[(j+quiet)*dots*plate.Stride:]
		for i := range code.Size {
			if code.Black(i, j) {
				copy(first[(i+quiet)*dots:], []byte{1, 1, 1, 1})
			}
		}
		for k := 1; k < dots; k++ {
			copy(first[k*plate.Stride:(k+1)*plate.Stride], first[:plate.Stride])
		}
	}
	var b bytes.Buffer
	if err := plates.Encode(&b, plate); err != nil {
		d.fail(err)
		return
	}
	d.tagPicture()
	d.fail(d.pdf.ImageByHolder(holder{&b, "qr " + text}, d.dx+x, d.dy+y, &gopdf.Rect{W: side, H: side}))
}

// encode makes the smallest code that holds the text. A run of digits at its end is a segment of its own.
func encode(text string) (*coding.Code, error) {
	digits := len(text)
	for digits > 0 && text[digits-1] >= '0' && text[digits-1] <= '9' {
		digits--
	}
	segments := []coding.Encoding{coding.String(text[:digits]), coding.Num(text[digits:])}
	switch {
	case len(text)-digits < 8: // a segment of its own costs more than it saves
		segments = []coding.Encoding{coding.String(text)}
	case digits == 0:
		segments = segments[1:]
	}
	for v := coding.Version(coding.MinVersion); v <= coding.MaxVersion; v++ {
		bits := 0
		for _, s := range segments {
			bits += s.Bits(v)
		}
		if bits > v.DataBytes(coding.Level(qr.M))*8 {
			continue
		}
		plan, err := coding.NewPlan(v, coding.Level(qr.M), mask)
		if err != nil {
			return nil, err
		}
		return plan.Encode(segments...)
	}
	return nil, fmt.Errorf("%d bytes fit no QR code", len(text))
}

// mask is laid over every code. Choosing the best of eight would cost more than it helps readers of today.
const mask = 0
