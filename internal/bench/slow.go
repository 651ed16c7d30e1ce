package main

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"taphuan/app/authority"
	"taphuan/internal/testweb"
)

// The connection on which a trainer opens the list, what it may take there, and what may come over it without fonts.
const (
	slowRate   = 400_000 / 8 // bytes a second
	slowDelay  = 400 * time.Millisecond
	slowMost   = 3 * time.Second
	slowWeight = 60 << 10
	slowTurns  = 5
)

// watch runs in the page before anything else: it notes when the list is first seen, taps its first row as soon as the page says that
// it is alive, and notes when the mark stands there, painted.
const watch = `{
const painted = (then) => requestAnimationFrame(() => requestAnimationFrame(then));
let seen = false;
const look = () => {
	const row = document.querySelector(".att-main");
	if (row && !seen) { seen = true; painted(() => { window.listShown = performance.now(); }); }
	if (!row || document.querySelector("form[data-attendance]").dataset.live === undefined) return void requestAnimationFrame(look);
	row.click();
	if (row.closest("[data-mark]").dataset.mark === "present") painted(() => { window.markShown = performance.now(); });
};
requestAnimationFrame(look);
}`

// slowLoad is what one opening of the list took.
type slowLoad struct {
	Shown, Marked float64 // milliseconds since the address was entered
	Weight, Fonts int     // bytes that came, as compressed and with headers, until the mark stood there
	Parts         []string
}

const slowAsk = `new Promise((done) => { const look = () => {
	if (window.markShown === undefined) return void setTimeout(look, 20);
	const all = performance.getEntriesByType("navigation").concat(performance.getEntriesByType("resource"));
	const fonts = all.filter((e) => e.name.endsWith(".woff2"));
	const came = (e) => e.transferSize || e.encodedBodySize; // what was named early counts where it was asked for, nothing was cached
	const sum = (list) => list.reduce((n, e) => n + came(e), 0);
	done({ Shown: window.listShown, Marked: window.markShown, Weight: sum(all) - sum(fonts), Fonts: sum(fonts),
		Parts: all.map((e) => new URL(e.name).pathname + " (" + (e.initiatorType ?? "") + ") " + came(e) + " bytes, " + Math.round(e.startTime) + "–" + Math.round(e.responseStart) + "–" + Math.round(e.responseEnd) + " ms") });
}; look(); })`

// slowPage opens the list of a session in Chromium with nothing in its cache, over TLS, on a line of 400 kbit/s with 400 ms from a
// question to its answer, until a mark that is tapped shows. The handshakes of TCP and TLS count, as the first three of these 400 ms.
// The yardstick is what the trainer may be kept waiting. Growth: the bytes of the page, about 70 a person.
func slowPage(ctx context.Context, e *env, size int) (pair, error) {
	h, err := newHall(ctx, e, size)
	if err != nil {
		return pair{}, err
	}
	end := ends{h.closeBoth}
	fail := func(err error) (pair, error) { return pair{close: end.close}, err }
	secure, certificate, close, err := h.overTLS()
	if err != nil {
		return fail(err)
	}
	end = append(ends{close}, end...)
	line, err := newLink(secure, slowRate, slowDelay/2)
	if err != nil {
		return fail(err)
	}
	end = append(ends{line.close}, end...)
	browser, quit, err := testweb.Open(certificate)
	if err != nil {
		return fail(err)
	}
	end = append(ends{quit}, end...)
	address := "https://" + line.door.Addr().String() + h.path(0, "attendance")
	ours := func() (time.Duration, error) {
		var times, shown []time.Duration
		var last slowLoad
		for range slowTurns {
			l, err := h.openCold(ctx, browser, address)
			if err != nil {
				return 0, err
			}
			if last = l; l.Weight > slowWeight {
				return 0, fmt.Errorf("%d bytes came without fonts, more than %d: %s", l.Weight, slowWeight, strings.Join(l.Parts, "; "))
			}
			times, shown = append(times, milliseconds(l.Marked)), append(shown, milliseconds(l.Shown))
		}
		fmt.Fprintf(os.Stderr, "  %d people: list shown after %s, a mark after %s; %d bytes of %d, and %d of fonts\n    %s\n", size, duration(quantile(shown, 50)), duration(quantile(times, 50)),
			last.Weight, slowWeight, last.Fonts, strings.Join(last.Parts, "\n    "))
		return quantile(times, 50), nil
	}
	return pair{ours: side{took: ours}, yardstick: side{took: func() (time.Duration, error) { return slowMost, nil }}, close: end.close}, nil
}

func milliseconds(n float64) time.Duration { return time.Duration(n * float64(time.Millisecond)) }

// overTLS serves the hall's application as the command serve does with a certificate of a private authority, and gives the address
// and the certificate.
func (h *hall) overTLS() (_ string, _ *x509.Certificate, close func() error, err error) {
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return "", nil, nil, err
	}
	remove := func() error { return os.RemoveAll(dir) }
	made, err := authority.Init(dir, []string{"127.0.0.1"}, false, time.Now())
	if err != nil {
		return "", nil, nil, errors.Join(err, remove())
	}
	files, err := authority.Open(filepath.Join(dir, "server.crt"), filepath.Join(dir, "server.key"), time.Now)
	if err != nil {
		return "", nil, nil, errors.Join(err, remove())
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, nil, errors.Join(err, remove())
	}
	s := &http.Server{Handler: h.site.handler, TLSConfig: files.Config(), ReadHeaderTimeout: time.Minute}
	ended := make(chan error, 1)
	go func() { ended <- s.ServeTLS(l, "", "") }()
	return l.Addr().String(), made.Server, func() error {
		err := s.Close()
		if e := <-ended; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, e)
		}
		return errors.Join(err, remove())
	}, nil
}

// openCold opens an address in a new window that keeps nothing, signed in as the hall's client is.
func (h *hall) openCold(ctx context.Context, browser context.Context, address string) (l slowLoad, err error) {
	if err := h.empty(ctx, "mark_disputes", "marks", "mark_events")(); err != nil {
		return l, err
	}
	home, err := url.Parse(h.site.url)
	if err != nil {
		return l, err
	}
	var cookies []*network.CookieParam
	for _, c := range h.site.client.Jar.Cookies(home) {
		cookies = append(cookies, &network.CookieParam{Name: c.Name, Value: c.Value, URL: address, Path: "/", HTTPOnly: true, SameSite: network.CookieSameSiteLax})
	}
	window, shut := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	defer shut()
	if err := chromedp.Do(window, chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch)); err != nil {
		return l, err
	}
	within, stop := context.WithTimeout(window, time.Minute)
	defer stop()
	err = chromedp.Do(within, func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		if _, err := cdp.Call(ctx, t, network.SetCookies, network.SetCookiesParams{Cookies: cookies}); err != nil {
			return chromedp.Void{}, err
		}
		_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: watch})
		return chromedp.Void{}, err
	}, chromedp.Navigate(address))
	if err != nil {
		return l, err
	}
	return chromedp.Run(within, chromedp.Evaluate[slowLoad](slowAsk, chromedp.EvalAwaitPromise))
}
