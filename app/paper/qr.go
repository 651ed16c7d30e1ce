package paper

import (
	"rsc.io/qr"

	"taphuan/app/errs"
)

// QR draws a QR code of the text (error correction M) with its quiet zone inside the square at x, y of the given side.
// Text that fits no QR code is refused with "qr_too_long".
func (d *Doc) QR(x, y, side float64, text string) {
	if d.err != nil {
		return
	}
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		d.fail(errs.Invalid("qr_too_long"))
		return
	}
	const quiet = 2 // modules; the paper around is white too
	cell := side / float64(code.Size+2*quiet)
	row := make([]bool, code.Size)
	d.Ink(Black)
	for j := range code.Size {
		for i := range code.Size {
			row[i] = code.Black(i, j)
		}
		d.Row(x+quiet*cell, y+float64(j+quiet)*cell, cell, row)
	}
}
