package template

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"taphuan/app/errs"
	"taphuan/app/paper"
)

// enough is what every layout needs.
const enough = `{"kind":"qr","x":5,"y":5,"w":20,"h":20},{"kind":"text","x":30,"y":5,"w":200,"h":30,"size":20,"least":5,"lines":8,"text":"{name} {course_title} {serial} {code}"}`

func layout(elements ...string) string {
	return `{"page":"landscape","elements":[` + strings.Join(append([]string{enough}, elements...), ",") + `]}`
}

func many(n int, element string) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = element
	}
	return out
}

// heavy are layouts as dear to draw as people with time on their hands can make them.
var heavy = map[string]string{
	"texts of titles":        layout(many(78, `{"kind":"text","x":1,"y":1,"w":290,"h":200,"size":90,"least":5,"lines":12,"text":"`+strings.Repeat("{course_title}", 28)+`"}`)...),
	"one text of titles":     layout(`{"kind":"text","x":1,"y":1,"w":290,"h":200,"size":90,"least":5,"lines":12,"text":"` + strings.Repeat("{course_title}", 28) + `"}`),
	"narrow texts":           layout(many(60, `{"kind":"text","x":1,"y":1,"w":2,"h":200,"size":5,"lines":12,"text":"{course_title}"}`)...),
	"a stack of titles":      layout(`{"kind":"stack","x":1,"y":1,"w":290,"h":200,"items":[` + strings.Join(many(77, `{"kind":"text","x":0,"y":0,"size":90,"least":5,"lines":12,"text":"{course_title}{course_title}"}`), ",") + `]}`),
	"frames":                 layout(many(78, `{"kind":"frame","x":4,"y":0}`)...),
	"headings":               layout(many(78, `{"kind":"heading","x":1,"y":1,"w":280,"h":60,"size":20}`)...),
	"pictures":               layout(many(78, fmt.Sprintf(`{"kind":"image","x":1,"y":1,"w":280,"h":200,"image":"%064d"}`, 0))...),
	"more parts than a page": layout(many(200, `{"kind":"line","x":1,"y":1,"w":5,"thick":1}`)...),
}

func TestALayoutThatIsTooDearToDrawIsRefusedWhenItIsKept(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{"texts of titles": "template_filled", "one text of titles": "template_filled", "narrow texts": "template_filled", "a stack of titles": "template_filled",
		"frames": "template_kind_many", "headings": "template_kind_many", "pictures": "template_kind_many", "more parts than a page": "template_too_many"} {
		_, err := Parse([]byte(heavy[name]))
		if err == nil || errs.As(err).Fields[0].Code != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}

// noise is a picture that no compression makes smaller, seen through here and there.
func noise(t *testing.T) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 350, 350))
	x := uint32(1)
	for i := range img.Pix {
		x = x*1664525 + 1013904223
		img.Pix[i] = byte(x >> 24)
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func onePixel() []byte {
	img := image.NewNRGBA(image.Rect(0, 0, 1, 1))
	img.Set(0, 0, color.NRGBA{R: 0xff, A: 0x80})
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// worst are the dearest layouts that pass.
func worst(t *testing.T) map[string]*Template {
	t.Helper()
	p, err := paper.ReadPicture(noise(t))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*Template{}
	for name, body := range map[string]string{
		"wide texts":   layout(many(18, `{"kind":"text","x":1,"y":1,"w":290,"h":200,"size":90,"least":5,"lines":12,"text":"{course_title}"}`)...),
		"narrow texts": layout(many(18, `{"kind":"text","x":1,"y":1,"w":30,"h":200,"size":80,"least":5,"lines":12,"text":"{course_title}"}`)...),
		"letters":      layout(many(14, `{"kind":"text","x":1,"y":1,"w":290,"h":200,"size":90,"least":5,"lines":12,"text":"`+strings.Repeat("W", 380)+`"}`)...),
		"a stack":      layout(`{"kind":"stack","x":1,"y":1,"w":290,"h":200,"items":[` + strings.Join(many(18, `{"kind":"text","x":0,"y":0,"size":90,"least":5,"lines":12,"text":"{course_title}"}`), ",") + `]}`),
		"small texts":  layout(many(70, `{"kind":"text","x":1,"y":1,"w":60,"h":20,"size":90,"least":5,"lines":12,"text":"{name}"}`)...),
		"pictures":     layout(append(many(12, fmt.Sprintf(`{"kind":"image","x":1,"y":1,"w":280,"h":200,"image":"%064d"}`, 0)), many(2, `{"kind":"frame","x":4,"y":0}`)...)...),
	} {
		l, err := Parse([]byte(body))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if out[name], err = Compile(l, map[string]paper.Picture{fmt.Sprintf("%064d", 0): p}); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return out
}

// What drawing costs is counted in pieces of memory, which come out the same on every machine; so this test runs by itself.
func TestTheDearestLayoutThatIsKeptIsDrawnWithBoundedWork(t *testing.T) {
	look := standard(t)
	usual := testing.AllocsPerRun(1, func() {
		if _, err := look.Draw(Sample(), Signed); err != nil {
			t.Fatal(err)
		}
	})
	for name, look := range worst(t) {
		n := testing.AllocsPerRun(1, func() {
			if _, err := look.Draw(Longest(), Signed); err != nil && !errs.Is(err, "invalid_input") {
				t.Errorf("%s: %v", name, err)
			}
		})
		t.Logf("%s: %.0f, %.1f times the usual", name, n, n/usual)
		if n > 60*usual {
			t.Errorf("%s: %.0f pieces of memory, %.0f times what a usual certificate takes", name, n, n/usual)
		}
	}
}

func TestAKeptVersionIsDrawnEvenWhereRulesHaveBecomeStricter(t *testing.T) {
	t.Parallel()
	l, err := read([]byte(heavy["headings"]))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Compile(l, nil); err == nil {
		t.Error("today's rules let it pass")
	}
	look, err := prepare(l, nil, reduced)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := look.Draw(Sample(), Print); err != nil {
		t.Error(err)
	}
}

func TestSpacedLettersShrinkAndAreRefusedLikeAllOthers(t *testing.T) {
	t.Parallel()
	spaced := func(text string, w, h, least float64) error {
		e := fmt.Sprintf(`{"kind":"text","x":30,"y":60,"w":%v,"h":%v,"size":20,"least":%v,"spacing":3,"align":"centre","text":%q}`, w, h, least, text)
		l, err := Parse([]byte(layout(e)))
		if err != nil {
			return err
		}
		look, err := Compile(l, nil)
		if err != nil {
			return err
		}
		if err := look.Fits(Longest()); err != nil {
			return err
		}
		boxes, err := look.boxes(Longest(), Print)
		if err != nil {
			return err
		}
		last := boxes[len(boxes)-2] // before the footnote
		if last.X0 < 30*paper.Millimetre-0.1 || last.X1 > (30+w)*paper.Millimetre+0.1 {
			t.Errorf("%q leaves its box: %+v", text, last)
		}
		return nil
	}
	if err := spaced("{name}", 240, 12, 8); err != nil {
		t.Errorf("a name that has room: %v", err)
	}
	for name, err := range map[string]error{"no room": spaced("{name}", 60, 12, 8), "no height": spaced("GIẤY", 60, 4, 20)} {
		if err == nil || errs.As(err).Fields[0].Code != "template_overflow" {
			t.Errorf("%s: %v", name, err)
		}
	}
	l, err := Parse([]byte(layout(`{"kind":"text","x":30,"y":60,"w":240,"h":12,"size":20,"least":8,"spacing":3,"align":"centre","text":"{name}"}`)))
	if err != nil {
		t.Fatal(err)
	}
	look, err := Compile(l, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := Sample()
	s.Name = "Nông 漢"
	if _, err := look.Draw(s, Print); !errs.Is(err, "glyph_missing") {
		t.Errorf("a letter that the fonts lack: %v", err)
	}
}

func TestAHeadingWithoutRoomIsRefused(t *testing.T) {
	t.Parallel()
	for e, want := range map[string]string{
		`{"kind":"heading","x":20,"y":60,"w":240,"h":30,"size":12}`: "",
		`{"kind":"heading","x":20,"y":60,"w":240,"h":8,"size":12}`:  "elements.2 template_overflow",
		`{"kind":"heading","x":20,"y":60,"w":60,"h":30,"size":12}`:  "elements.2 template_overflow",
	} {
		l, err := Parse([]byte(layout(e)))
		if err != nil {
			t.Fatal(err)
		}
		look, err := Compile(l, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if err := look.Fits(Longest()); err != nil {
			got = errs.As(err).Fields[0].Name + " " + errs.As(err).Fields[0].Code
		}
		if got != want {
			t.Errorf("%s: %q, want %q", e, got, want)
		}
	}
}

// FuzzLayout gives whatever to all that happens to a layout: it is refused with a code, or drawn or refused for its texts; it never
// throws, and what passes stays within the bounds of a page.
func FuzzLayout(f *testing.F) {
	for _, x := range Shipped {
		b, err := shippedFiles.ReadFile("shipped/" + x.Code + ".json")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	for _, body := range heavy {
		f.Add([]byte(body))
	}
	seeds, err := filepath.Glob("testdata/layouts/*.json")
	if err != nil || len(seeds) == 0 {
		f.Fatal(err, len(seeds))
	}
	for _, file := range seeds {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	dot := paper.Picture{Width: 1, Height: 1, ContentType: "image/png", Body: onePixel()}
	f.Fuzz(func(t *testing.T, body []byte) {
		l, err := Parse(body)
		if err != nil {
			if errs.As(err).Kind == errs.KindInternal {
				t.Fatalf("refused without a code: %v", err)
			}
			return
		}
		again, err := Parse(l.JSON())
		if err != nil || string(again.JSON()) != string(l.JSON()) {
			t.Fatalf("what passed does not pass again, or is another layout: %v", err)
		}
		pictures := map[string]paper.Picture{}
		for _, name := range l.Images() {
			pictures[name] = dot
		}
		look, err := Compile(l, pictures)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range []Snapshot{Sample(), Longest(), {}} {
			for _, r := range []Rendition{Print, Copy, Signed} {
				boxes, err := look.boxes(s, r)
				if err != nil && !errs.Is(err, "invalid_input") && !errs.Is(err, "template_overflow") {
					t.Fatalf("drawing: %v", err)
				}
				w, h := look.page.Size()
				for _, b := range boxes {
					if err == nil && (b.X0 < -1 || b.X1 > w+1 || b.Y0 < -1 || b.Y1 > h+1) {
						t.Fatalf("%q stands beyond the page: %+v", b.Text, b)
					}
				}
			}
		}
	})
}
