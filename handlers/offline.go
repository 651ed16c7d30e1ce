package handlers

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"

	"taphuan/app/errs"
)

// offline says what this device holds: lists that can be opened without connection, and what waits to be sent. All of it comes from
// the device itself, and so the page is the same for everybody.
func (s *Server) offline(c *Ctx) error {
	c.marks = true
	return c.Page("offline/show", nil)
}

// shellAssets are what the app is made of, by plain names.
var shellAssets = []string{"app.css", "app.js", "attendance.js", "scan.js", "icon.svg", "hem.svg", "hem-side.svg",
	"be-vietnam-pro-vietnamese-400-normal.woff2", "be-vietnam-pro-latin-400-normal.woff2", "be-vietnam-pro-vietnamese-500-normal.woff2",
	"be-vietnam-pro-latin-500-normal.woff2", "be-vietnam-pro-vietnamese-700-normal.woff2", "be-vietnam-pro-latin-700-normal.woff2"}

// readerAssets read badges where the browser does not by itself.
var readerAssets = []string{"barcode.js", "zxing_reader.wasm"}

// worker gives the service worker, with the addresses of what it has to keep. A new build has other addresses, and so is another worker.
func (s *Server) worker(c *Ctx) error {
	b, err := s.Assets.Bytes("sw.js")
	if err != nil {
		return errs.Internal("sw.js", err)
	}
	var lists bytes.Buffer
	for _, part := range []struct {
		name  string
		files []string
	}{{"assets", shellAssets}, {"reader", readerAssets}} {
		urls := []string{}
		for _, f := range part.files {
			if s.Assets.Has(f) {
				urls = append(urls, s.Assets.URL(f))
			}
		}
		list, err := json.Marshal(urls)
		if err != nil {
			return errs.Internal("sw.js", err)
		}
		fmt.Fprintf(&lists, "self.%s=%s;\n", part.name, list)
	}
	c.Header("Cache-Control", "no-cache")
	c.Data(http.StatusOK, "text/javascript; charset=utf-8", append(lists.Bytes(), b...))
	return nil
}

// manifest says how the app looks where it is installed.
func (s *Server) manifest(c *Ctx) error {
	type icon struct {
		Src     string `json:"src"`
		Sizes   string `json:"sizes"`
		Type    string `json:"type"`
		Purpose string `json:"purpose,omitempty"`
	}
	b, err := json.Marshal(map[string]any{
		"id": "/", "start_url": "/", "scope": "/", "display": "standalone", "lang": c.Lang, "dir": "ltr",
		"name": c.T("ui.brand") + " – " + c.T("ui.brand_long"), "short_name": c.T("ui.brand"),
		"theme_color": "#1a2750", "background_color": "#fdf9ee",
		"icons": []icon{
			{Src: s.Assets.URL("icon.svg"), Sizes: "any", Type: "image/svg+xml"},
			{Src: s.Assets.URL("icon-192.png"), Sizes: "192x192", Type: "image/png"},
			{Src: s.Assets.URL("icon-512.png"), Sizes: "512x512", Type: "image/png"},
			{Src: s.Assets.URL("icon-maskable.png"), Sizes: "512x512", Type: "image/png", Purpose: "maskable"},
		},
	})
	if err != nil {
		return errs.Internal("manifest", err)
	}
	c.Header("Cache-Control", "no-cache")
	c.Data(http.StatusOK, "application/manifest+json", b)
	return nil
}
