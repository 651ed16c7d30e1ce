package template

import (
	"os"
	"testing"
)

func TestLookAtShipped(t *testing.T) {
	for _, x := range Shipped {
		l, err := ShippedLayout(x.Code)
		if err != nil {
			t.Fatal(x.Code, err)
		}
		c, err := Compile(l, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Fits(Longest()); err != nil {
			t.Errorf("%s: %v", x.Code, err)
		}
		for n, s := range map[string]Snapshot{"sample": Sample(), "longest": Longest()} {
			for _, r := range []Rendition{Print, Copy, Signed} {
				b, err := c.Draw(s, r)
				if err != nil {
					t.Error(x.Code, n, err)
					continue
				}
				t.Log(x.Code, n, r, len(b))
				if dir := os.Getenv("LOOK"); dir != "" {
					os.WriteFile(dir+"/"+x.Code+"-"+n+"-"+string(r)+".pdf", b, 0o600)
				}
			}
		}
	}
}
