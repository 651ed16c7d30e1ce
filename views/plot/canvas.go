package plot

import (
	"fmt"
	"image"
	"image/color"
	"strconv"
	"strings"

	stdfont "golang.org/x/image/font"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
)

// ink is a colour with the name by which the style sheet of a page knows it: there it follows the theme.
type ink struct {
	class string
	color.NRGBA
}

func rgb(class string, hex uint32, alpha uint8) ink {
	return ink{class, color.NRGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: alpha}}
}

// The inks, as static/css/plots.css has them on light ground.
var (
	inkPaper  = rgb("p-paper", 0xffffff, 255)
	inkGrid   = rgb("p-grid", 0xe0dbcf, 255)
	inkAxis   = rgb("p-axis", 0xc9c3b4, 255)
	inkWords  = rgb("p-words", 0x4b5263, 255)
	inkStrong = rgb("p-strong", 0x1b2130, 255)
	inkLine   = rgb("p-line", 0x2a3f80, 255)
	inkTarget = rgb("p-target", 0xc98412, 255)
	inkAim    = rgb("p-target-text", 0x84500a, 255)
	inkBand   = rgb("p-band", 0x2a3f80, 33)
	inkHatch  = rgb("p-hatch", 0x2a3f80, 110)
)

// canvas is a vg.Canvas that writes SVG. On a page a mark takes its colour from its ink's class and nothing is styled in place, which
// the policy of pages forbids; alone, in a file, colours stand in it. Texts are anchored where they were aligned, so that they stand
// right in whatever letters the reader has. One unit is one pixel.
type canvas struct {
	strings.Builder
	height float64
	alone  bool
	now    pen
	kept   []pen
	align  text.XAlignment // of the text that is drawn next
}

// pen is what Push keeps and Pop brings back.
type pen struct {
	color color.Color
	width vg.Length
	dash  []vg.Length
}

func newCanvas(height float64, alone bool) *canvas {
	c := &canvas{height: height, alone: alone}
	vg.Initialize(c)
	return c
}

func (c *canvas) SetLineWidth(w vg.Length)                  { c.now.width = w }
func (c *canvas) SetLineDash(dash []vg.Length, _ vg.Length) { c.now.dash = dash }
func (c *canvas) SetColor(x color.Color)                    { c.now.color = x }
func (c *canvas) Push()                                     { c.kept = append(c.kept, c.now) }
func (c *canvas) Pop()                                      { c.now, c.kept = c.kept[len(c.kept)-1], c.kept[:len(c.kept)-1] }

// Nothing here is turned, moved, scaled or a photograph.

func (c *canvas) Rotate(float64)                      { panic("plot: turned") }
func (c *canvas) Translate(vg.Point)                  { panic("plot: moved") }
func (c *canvas) Scale(x, y float64)                  { panic("plot: scaled") }
func (c *canvas) DrawImage(vg.Rectangle, image.Image) { panic("plot: a picture") }

// paint writes the class or the colour.
func (c *canvas) paint(attribute string) {
	x, ok := c.now.color.(ink)
	if ok && !c.alone {
		fmt.Fprintf(c, ` class="%s" %s="currentColor"`, x.class, attribute)
	} else {
		n := color.NRGBAModel.Convert(c.now.color).(color.NRGBA)
		fmt.Fprintf(c, ` %s="#%02x%02x%02x"`, attribute, n.R, n.G, n.B)
	}
	if _, _, _, a := c.now.color.RGBA(); a < 0xffff {
		fmt.Fprintf(c, ` %s-opacity="%.2f"`, attribute, float64(a)/0xffff)
	}
}

func (c *canvas) Stroke(p vg.Path) {
	if c.now.width <= 0 {
		return
	}
	c.WriteString(`<path fill="none"`)
	c.paint("stroke")
	if c.now.width != 1 {
		fmt.Fprintf(c, ` stroke-width="%s"`, px(float64(c.now.width)))
	}
	for i, d := range c.now.dash {
		c.WriteString([]string{` stroke-dasharray="`, " "}[min(i, 1)] + px(float64(d)))
		if i == len(c.now.dash)-1 {
			c.WriteByte('"')
		}
	}
	c.path(p)
}

func (c *canvas) Fill(p vg.Path) {
	c.WriteString(`<path`)
	c.paint("fill")
	c.path(p)
}

func (c *canvas) path(p vg.Path) {
	c.WriteString(` d="`)
	x, y := "", ""
	for _, s := range p {
		nx, ny := px(float64(s.Pos.X)), px(c.height-float64(s.Pos.Y))
		switch s.Type {
		case vg.MoveComp:
			c.WriteString("M" + nx + " " + ny)
		case vg.LineComp:
			switch {
			case nx == x && ny == y:
			case nx == x:
				c.WriteString("V" + ny)
			case ny == y:
				c.WriteString("H" + nx)
			default:
				c.WriteString("L" + nx + " " + ny)
			}
		case vg.ArcComp: // a whole circle, from its right: the only one that marks have
			r := px(float64(s.Radius))
			fmt.Fprintf(c, "a%s %s 0 1 0 -%s 0a%s %s 0 1 0 %s 0", r, r, px(2*float64(s.Radius)), r, r, px(2*float64(s.Radius)))
		case vg.CloseComp:
			c.WriteString("z")
		default:
			panic("plot: a curve")
		}
		x, y = nx, ny
	}
	c.WriteString(`"/>`)
}

func (c *canvas) FillString(f font.Face, at vg.Point, s string) {
	x := float64(at.X) - float64(c.align)*float64(f.Width(s))
	c.WriteString(`<text`)
	c.paint("fill")
	if c.align == text.XCenter {
		c.WriteString(` text-anchor="middle"`)
	} else if c.align == text.XRight {
		c.WriteString(` text-anchor="end"`)
	}
	if c.alone {
		fmt.Fprintf(c, ` font-size="%s"`, px(float64(f.Font.Size)))
		if f.Font.Weight == stdfont.WeightBold {
			c.WriteString(` font-weight="700"`)
		}
	}
	fmt.Fprintf(c, ` x="%s" y="%s">%s</text>`, px(x), px(c.height-float64(at.Y)), esc(s))
}

// letters writes texts, and tells the canvas how each is aligned.
type letters struct {
	text.Plain
	c *canvas // nil: of a picture
}

func (l letters) Draw(c vg.Canvas, txt string, sty text.Style, at vg.Point) {
	if l.c != nil {
		l.c.align = sty.XAlign
	}
	l.Plain.Draw(c, txt, sty, at)
}

func esc(s string) string { return escaper.Replace(s) }

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;")

func px(f float64) string {
	if s := strconv.FormatFloat(f, 'f', 1, 64); !strings.HasSuffix(s, ".0") {
		return s
	}
	return strconv.FormatFloat(f, 'f', 0, 64)
}
