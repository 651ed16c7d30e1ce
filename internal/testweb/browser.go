// Package testweb drives the pages in a real Chromium, the way people do: by the words that stand on buttons and beside fields.
//
// One browser serves all tests of a package (testweb.Main in its TestMain); each test has a window of its own, with cookies
// of its own. A test fails when the page wrote an error to the console, when a script threw, when the server answered with
// a status of 500 or above, or when anything was asked of another host.
package testweb

import (
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"

	"github.com/chromedp/chromedp"
)

// Main runs the tests of a package and then ends the browser, if they used it: func TestMain(m *testing.M) { testweb.Main(m) }.
func Main(m *testing.M) {
	status := m.Run()
	if err := shared.close(); err != nil {
		fmt.Fprintln(os.Stderr, "ending the browser:", err)
		status = max(status, 1)
	}
	os.Exit(status)
}

// shared is the one browser of the process. It ends with the process in any case, since it hangs on a pipe from it; Main
// also removes its folder.
var shared process

type process struct {
	env    []string
	hosts  string // rules for names beside 127.0.0.1, each ending with a comma
	folder string // of what it keeps, which outlives it; "": one of its own, which does not
	film   string // that its camera shows again and again; "": it has none
	key    string // of a certificate that is trusted though nobody vouches for it: SHA-256 in base64; "" of none
	once   sync.Once
	ctx    context.Context
	err    error
	stop   []context.CancelFunc
}

// Open starts a browser that is no test's, for who measures. It trusts a site with this certificate. Windows are made from its context;
// end ends it.
func Open(c *x509.Certificate) (_ context.Context, end func() error, err error) {
	sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	p := &process{key: base64.StdEncoding.EncodeToString(sum[:])}
	ctx, err := p.start()
	return ctx, p.close, err
}

// start gives the browser's context, from which the windows are made.
func (p *process) start() (context.Context, error) {
	p.once.Do(func() {
		path, err := chromium()
		if err != nil {
			p.err = err
			return
		}
		opts := append(chromedp.DefaultExecAllocatorOptions[:],
			chromedp.ExecPath(path),
			chromedp.NoSandbox, // a container's root may have no other choice, and nothing foreign is loaded
			chromedp.DisableGPU,
			chromedp.Flag("disable-quic", true),
			chromedp.Flag("disable-component-update", true),
			chromedp.Flag("disable-domain-reliability", true),
			chromedp.Flag("no-pings", true),
			chromedp.Flag("font-render-hinting", "none"),
			chromedp.Flag("lang", "vi"),
			chromedp.Flag("proxy-server", "direct://"),
			chromedp.Flag("host-resolver-rules", p.hosts+"MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"),
			chromedp.Env(append(p.env, "TZ=Asia/Ho_Chi_Minh", "LANGUAGE=vi")...),
		)
		if p.film != "" {
			opts = append(opts, chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true), chromedp.Flag("use-file-for-fake-video-capture", p.film))
		}
		if p.key != "" { // what comes with a certificate that is merely put up with is not cached
			opts = append(opts, chromedp.Flag("ignore-certificate-errors-spki-list", p.key))
		}
		if p.folder != "" {
			opts = append(opts, chromedp.UserDataDir(p.folder))
		}
		alloc, stopAlloc := chromedp.NewExecAllocator(context.Background(), opts...)
		ctx, stop := chromedp.NewContext(alloc)
		p.stop = []context.CancelFunc{stop, stopAlloc}
		if err := chromedp.Do(ctx); err != nil {
			p.err = fmt.Errorf("starting %s: %w", path, err)
			return
		}
		p.ctx = ctx
	})
	return p.ctx, p.err
}

// pid is the browser itself; nil: it never began.
func (p *process) pid() *os.Process {
	if p.ctx == nil {
		return nil
	}
	return chromedp.FromContext(p.ctx).Browser.Process()
}

func (p *process) close() error {
	p.once.Do(func() {}) // never started: nothing to end
	var err error
	if p.ctx != nil {
		err = chromedp.Cancel(p.ctx)
	}
	for _, stop := range p.stop {
		stop()
	}
	return err
}

// chromium looks first for the shell without windows: it shows pages alike in half the time. Its name on the path is that of a
// script, and the death of a script is not that of a browser.
func chromium() (string, error) {
	for _, name := range []string{"/usr/lib/chromium/chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", errors.New("chromium is not installed: scripts/test-deps names the Debian packages that tests need")
}
