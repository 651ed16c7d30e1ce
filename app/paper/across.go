package paper

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"math"
	"sync"

	"codeberg.org/go-fonts/liberation/liberationserifbold"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
)

// pale are the inks of words under the text, from paper to the darkest, which leaves the text easy to read.
var pale = color.Palette{color.Gray{0xff}, color.Gray{0xf8}, color.Gray{0xf2}, color.Gray{0xea}}

// Across lays pale words slantwise over the whole page, as a picture: what reads the page aloud or copies its text finds no letters
// among the lines. What is drawn later lies on top.
func (d *Doc) Across(words string) {
	if d.err != nil {
		return
	}
	p, err := slanted(words, d.W > d.H)
	if err != nil {
		d.fail(err)
		return
	}
	d.Picture("across "+words, p, 0, 0, d.W, d.H)
}

var slants sync.Map // of words and shape to pictures: there are few of them

type slant struct {
	words string
	long  bool
}

func slanted(words string, long bool) (Picture, error) {
	if p, ok := slants.Load(slant{words, long}); ok {
		return p.(Picture), nil
	}
	p, err := drawSlanted(words, long)
	if err == nil {
		slants.Store(slant{words, long}, p)
	}
	return p, err
}

// drawSlanted draws the words as large as they can stand, rising to the right, on a sheet of three pixels to four points.
func drawSlanted(words string, long bool) (Picture, error) {
	w, h := 595*3/4, 842*3/4
	if long {
		w, h = h, w
	}
	face, err := sfnt.Parse(liberationserifbold.TTF)
	if err != nil {
		return Picture{}, err
	}
	const em = 100
	var buf sfnt.Buffer
	type placed struct {
		at       float64
		outlines sfnt.Segments
	}
	var glyphs []placed
	at := 0.0
	for _, r := range words {
		g, err := face.GlyphIndex(&buf, r)
		if err != nil {
			return Picture{}, err
		}
		segments, err := face.LoadGlyph(&buf, g, fixed.I(em), nil)
		if err != nil {
			return Picture{}, err
		}
		advance, err := face.GlyphAdvance(&buf, g, fixed.I(em), font.HintingNone)
		if err != nil {
			return Picture{}, err
		}
		glyphs = append(glyphs, placed{at, append(sfnt.Segments(nil), segments...)})
		at += float64(advance) / 64
	}
	angle := -math.Atan2(float64(h), float64(w)) * 0.9
	sin, cos := math.Sin(angle), math.Cos(angle)
	scale := 0.68 * math.Hypot(float64(w), float64(h)) / at
	r := vector.NewRasterizer(w, h)
	for _, g := range glyphs {
		turn := func(p fixed.Point26_6) (float32, float32) {
			x, y := (g.at+float64(p.X)/64-at/2)*scale, (float64(p.Y)/64+em*0.33)*scale
			return float32(float64(w)/2 + x*cos - y*sin), float32(float64(h)/2 + x*sin + y*cos)
		}
		for _, s := range g.outlines {
			ax, ay := turn(s.Args[0])
			switch s.Op {
			case sfnt.SegmentOpMoveTo:
				r.MoveTo(ax, ay)
			case sfnt.SegmentOpLineTo:
				r.LineTo(ax, ay)
			case sfnt.SegmentOpQuadTo:
				bx, by := turn(s.Args[1])
				r.QuadTo(ax, ay, bx, by)
			case sfnt.SegmentOpCubeTo:
				bx, by := turn(s.Args[1])
				cx, cy := turn(s.Args[2])
				r.CubeTo(ax, ay, bx, by, cx, cy)
			}
		}
		r.ClosePath()
	}
	shape := image.NewAlpha(image.Rect(0, 0, w, h))
	r.DrawOp = draw.Src
	r.Draw(shape, shape.Bounds(), image.Opaque, image.Point{})
	sheet := image.NewPaletted(shape.Bounds(), pale)
	for i, a := range shape.Pix {
		sheet.Pix[i] = uint8((int(a)*(len(pale)-1) + 127) / 255)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, sheet); err != nil {
		return Picture{}, err
	}
	return Picture{Width: w, Height: h, ContentType: "image/png", Body: b.Bytes()}, nil
}
