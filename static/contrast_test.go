package static

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// palettes reads the tokens of each theme from the style sheet: light, dark by the device, dark by choice.
func palettes(t *testing.T) map[string]map[string]string {
	t.Helper()
	b, err := os.ReadFile("css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	token := regexp.MustCompile(`--([a-z0-9-]+):\s*(#[0-9a-f]{6});`)
	read := func(block string) map[string]string {
		m := map[string]string{}
		for _, x := range token.FindAllStringSubmatch(block, -1) {
			m[x[1]] = x[2]
		}
		return m
	}
	light, rest, ok := strings.Cut(string(b), "@media (prefers-color-scheme: dark)")
	device, chosen, ok2 := strings.Cut(rest, `:root[data-theme="dark"]`)
	if !ok || !ok2 {
		t.Fatal("tokens.css no longer holds the three blocks")
	}
	return map[string]map[string]string{"light": read(light), "dark by device": read(device), "dark by choice": read(chosen)}
}

func luminance(t *testing.T, hex string) float64 {
	t.Helper()
	var l float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		l += weight * c
	}
	return l
}

func TestColoursKeepTheirContrast(t *testing.T) {
	t.Parallel()
	text := "ink/paper ink/surface ink/sunken ink-2/paper ink-2/surface ink-2/sunken ink-3/paper ink-3/surface ink-3/sunken " +
		"link/paper link/surface indigo/paper indigo/surface indigo-strong/indigo-soft on-indigo/indigo on-indigo/indigo-strong link/indigo-soft " +
		"jade/paper jade/surface jade/jade-soft lacquer/paper lacquer/surface lacquer/lacquer-soft amber/paper amber/surface amber/amber-soft " +
		"ink/jade-soft ink/lacquer-soft ink/amber-soft ink/indigo-faint ink/indigo-soft ink-2/jade-soft ink-2/amber-soft ink-2/indigo-soft " +
		"link/jade-soft link/amber-soft link/sunken link/lacquer-soft rail-ink/rail rail-ink/rail-2 rail-ink-2/rail rail-ink-2/rail-2 rail-ink/rail-line"
	marks := "edge/surface edge/paper jade-mark/surface jade-mark/paper lacquer/surface on-mark/jade-mark on-mark/amber focus/rail"
	for theme, colours := range palettes(t) {
		for least, pairs := range map[float64]string{4.5: text, 3: marks} {
			for pair := range strings.FieldsSeq(pairs) {
				front, back, _ := strings.Cut(pair, "/")
				if colours[front] == "" || colours[back] == "" {
					t.Errorf("%s: %s is no pair of tokens", theme, pair)
					continue
				}
				a, b := luminance(t, colours[front])+0.05, luminance(t, colours[back])+0.05
				if r := max(a, b) / min(a, b); r < least {
					t.Errorf("%s: %s has %s, needs %g", theme, pair, fmt.Sprintf("%.2f", r), least)
				}
			}
		}
	}
}

func TestBothDarkThemesAreOne(t *testing.T) {
	t.Parallel()
	p := palettes(t)
	for name, colour := range p["dark by device"] {
		if other := p["dark by choice"][name]; other != colour {
			t.Errorf("%s is %s by device and %q by choice", name, colour, other)
		}
	}
}
