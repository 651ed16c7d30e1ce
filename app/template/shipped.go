package template

import (
	"embed"
	"fmt"
)

//go:embed shipped/*.json
var shippedFiles embed.FS

// Shipped are the templates that every system starts with.
var Shipped = []struct{ Code, Name string }{
	{"standard", "Mẫu chuẩn, khổ ngang"},
	{"portrait", "Mẫu chuẩn, khổ đứng"},
	{"bilingual", "Mẫu song ngữ Việt – Anh, khổ ngang"},
}

// ShippedLayout gives the layout of a template that comes with the system.
func ShippedLayout(code string) (Layout, error) {
	b, err := shippedFiles.ReadFile("shipped/" + code + ".json")
	if err != nil {
		return Layout{}, fmt.Errorf("template %q does not come with the system", code)
	}
	return Parse(b)
}
