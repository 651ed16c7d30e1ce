// Command gallery serves the gallery page on a loopback address, for whoever works on the face: no database, no sign-in.
// ?lang=en and ?theme=dark choose what the product takes from the account. It refuses addresses other than loopback.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/netip"

	"taphuan/app/i18n"
	"taphuan/static"
	"taphuan/views"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:8099", "loopback address to listen on")
	flag.Parse()
	if err := run(*addr); err != nil {
		log.Fatal(err)
	}
}

func run(addr string) error {
	if at, err := netip.ParseAddrPort(addr); err != nil || !at.Addr().IsLoopback() {
		return fmt.Errorf("%s is no loopback address with a port", addr)
	}
	mux, err := site()
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	fmt.Printf("http://%s/gallery\n", l.Addr())
	return http.Serve(l, mux)
}

// site is the gallery, an error page, and what they are made of.
func site() (http.Handler, error) {
	cat, err := i18n.New()
	if err != nil {
		return nil, err
	}
	assets, err := static.Load()
	if err != nil {
		return nil, err
	}
	pages, err := views.New(cat, assets)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle(static.Prefix, assets.Handler())
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		p := &views.Page{Lang: i18n.Lang(q.Get("lang")), Theme: q.Get("theme"), Path: r.URL.Path, Query: q, NewKey: func() string { return "gallery" }}
		name := "gallery/show"
		if r.URL.Path == "/error" {
			name = "error/page"
			p.RequestID = "7f3c1a"
			p.Data = views.ErrorPage{Title: cat.T(p.Lang, "error.title.not_found"), Message: cat.T(p.Lang, "error.not_found")}
		} else {
			views.Gallery(p)
		}
		var b bytes.Buffer
		if err := pages.Render(&b, name, p); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; frame-ancestors 'none'")
		if _, err := w.Write(b.Bytes()); err != nil {
			log.Print(err)
		}
	})
	return mux, nil
}
