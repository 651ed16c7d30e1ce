package testweb

import (
	"bytes"
	"context"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Tab is a browser window of one test. Its methods end the test when what they ask for does not come about.
type Tab struct {
	t        testing.TB
	ctx      context.Context
	base     string
	patience time.Duration
	noScript bool

	mu       sync.Mutex
	problems []string
	refused  map[string]bool // documents and requests answered with a status of 400 to 499
	loading  map[cdp.FrameID]bool
	dialogs  []string
	offline  bool   // has been: requests may have failed
	besides  string // the other address of the site: with TLS, or without
	distrust bool   // of certificates is what the test is about
	cutOff   bool   // the line is cut now and then: requests may fail
}

// ours says whether the site is asked, under either of its addresses.
func (b *Tab) ours(u *url.URL) bool {
	at := u.Scheme + "://" + u.Host
	return at == b.base || at == b.besides
}

// Both bound waits for what a person would see at once, however busy the machine is, and are reached only when the test fails: patience what a page
// is to show, answer what the browser is asked to do.
const (
	patience = 3 * time.Minute
	answer   = 5 * time.Minute
)

// Browse opens a window on the site at base, such as http://127.0.0.1:4711, without going anywhere yet.
func Browse(t testing.TB, base string) *Tab {
	t.Helper()
	return shared.browse(t, base)
}

func (p *process) browse(t testing.TB, base string) *Tab {
	t.Helper()
	browser, err := p.start()
	if err != nil {
		t.Fatal(err)
	}
	b := &Tab{t: t, base: strings.TrimSuffix(base, "/"), refused: map[string]bool{}, loading: map[cdp.FrameID]bool{}, patience: patience}
	opts := []chromedp.ContextOption{chromedp.WithListener(b.heard)}
	if p.folder == "" {
		opts = append(opts, chromedp.WithNewBrowserContext()) // which keeps nothing
	}
	ctx, cancel := chromedp.NewContext(browser, opts...)
	b.ctx = ctx
	t.Cleanup(func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, p := range b.problems {
			t.Error("in the browser: " + p)
		}
	})
	t.Cleanup(cancel)
	// The window lives as long as the context of its first step, which is therefore one without an end of its own.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	b.Desk()
	return b
}

// heard notes what happens in the window; it runs on the reader of the browser's messages and must be quick.
func (b *Tab) heard(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := ev.(type) {
	case *page.EventFrameStartedLoading:
		b.loading[e.FrameID] = true
	case *page.EventFrameRequestedNavigation:
		if e.Disposition == page.ClientNavigationDispositionCurrentTab {
			b.loading[e.FrameID] = true
		}
	case *page.EventFrameStoppedLoading:
		delete(b.loading, e.FrameID)
	case *page.EventJavascriptDialogOpening:
		b.dialogs = append(b.dialogs, e.Message)
	case *network.EventRequestWillBeSent:
		u, err := url.Parse(e.Request.URL)
		if err != nil || slices.Contains([]string{"http", "https", "ws", "wss"}, u.Scheme) && !b.ours(u) {
			b.problems = append(b.problems, "asked another host: "+e.Request.URL)
		}
	case *network.EventResponseReceived:
		if e.Response.Status >= 500 {
			b.problems = append(b.problems, fmt.Sprintf("%s answered %d", e.Response.URL, e.Response.Status))
		}
		if e.Response.Status >= 400 {
			b.refused[e.Response.URL] = true
		}
	case *log.EventEntryAdded:
		// The browser logs each refusal as an error; refusing is what some tests are about, and they look at the page.
		if e.Entry.Level == log.EntryLevelError && !(e.Entry.Source == log.EntrySourceNetwork && (b.refused[e.Entry.URL] || b.offline && strings.Contains(e.Entry.Text, "net::ERR_INTERNET_DISCONNECTED") || b.cutOff && strings.Contains(e.Entry.Text, "net::ERR_") || b.distrust && strings.Contains(e.Entry.Text, "net::ERR_CERT_"))) {
			b.problems = append(b.problems, "console: "+e.Entry.Text+" "+e.Entry.URL)
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeAssert {
			var parts []string
			for _, a := range e.Args {
				text := a.Description
				if a.Type == runtime.RemoteObjectTypeString && json.Unmarshal(a.Value, &text) != nil {
					text = string(a.Value)
				}
				parts = append(parts, text)
			}
			b.problems = append(b.problems, "console: "+strings.Join(parts, " "))
		}
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			text += " " + x.Description
		}
		b.problems = append(b.problems, "script: "+text)
	}
}

func (b *Tab) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, answer)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.fail(err.Error())
	}
}

// fail ends the test and says what the page showed.
func (b *Tab) fail(why string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, time.Minute)
	defer cancel()
	where, err := chromedp.Run(ctx, chromedp.Location())
	if err != nil {
		where = err.Error()
	}
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText"))
	if err != nil {
		text = err.Error()
	}
	if r := []rune(text); len(r) > 3000 {
		text = string(r[:3000]) + " …"
	}
	b.t.Fatalf("%s\nat %s the page shows:\n%s", why, where, text)
}

//go:embed page.js
var library string

// Eval runs an expression in the page, awaits it, and gives its value. The functions of page.js are at hand.
func Eval[T any](b *Tab, expression string) T {
	b.t.Helper()
	v, err := eval[T](b, expression)
	if err != nil {
		b.fail(expression + ": " + err.Error())
	}
	return v
}

func eval[T any](b *Tab, expression string) (T, error) {
	ctx, cancel := context.WithTimeout(b.ctx, answer)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T]("(() => {"+library+"\nreturn ("+expression+")})()", chromedp.EvalAwaitPromise))
}

// until asks the page until it gives "", and fails with the last other answer.
func (b *Tab) until(expression string) {
	b.t.Helper()
	b.await(func() (string, error) { return eval[string](b, expression) })
}

// asked is Eval for what only looks: a page that goes away while it is asked is asked again.
func asked[T any](b *Tab, expression string) (v T) {
	b.t.Helper()
	b.await(func() (_ string, err error) {
		v, err = eval[T](b, expression)
		return "", err
	})
	return v
}

// await tries until there is no reason why not, and fails with the last one.
func (b *Tab) await(try func() (why string, err error)) {
	b.t.Helper()
	for deadline := time.Now().Add(b.patience); ; time.Sleep(20 * time.Millisecond) {
		why, err := try()
		if err == nil && why == "" {
			return
		}
		if time.Now().After(deadline) || b.ctx.Err() != nil {
			if err != nil {
				why = err.Error() // a page that goes away while it is asked is asked again, until now
			}
			b.fail(why)
		}
	}
}

// settle waits for a navigation that has begun, so that the next step meets the new page.
func (b *Tab) settle() {
	b.t.Helper()
	// What a click sets off is set off in tasks of the page; these come before ours.
	after := "new Promise(r => setTimeout(() => r(true), 30))"
	if b.noScript { // there are no timers in such pages
		time.Sleep(50 * time.Millisecond)
		after = "true"
	}
	if _, err := eval[bool](b, after); err != nil && b.ctx.Err() != nil {
		b.fail(err.Error())
	}
	for deadline := time.Now().Add(answer); ; time.Sleep(5 * time.Millisecond) {
		b.mu.Lock()
		busy := len(b.loading) > 0
		b.mu.Unlock()
		if !busy {
			return
		}
		if time.Now().After(deadline) {
			b.fail("the page did not finish loading")
		}
	}
}

// Go opens a path of the site.
func (b *Tab) Go(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.base + path))
	b.settle()
}

// Path is where the window is, without the host.
func (b *Tab) Path() string {
	b.t.Helper()
	return asked[string](b, "location.pathname + location.search")
}

// Sees waits until all the texts are visible on the page, whatever the white space.
func (b *Tab) Sees(texts ...string) {
	b.t.Helper()
	for _, text := range texts {
		b.until("sees(" + js(text) + ")")
	}
}

// Lacks waits until the text is nowhere visible on the page.
func (b *Tab) Lacks(text string) {
	b.t.Helper()
	b.until("sees(" + js(text) + ") === '' ? " + js("the page shows "+text) + " : ''")
}

// Click presses the visible link, button, label or the like with these words, where a finger would, and waits for the page
// to which that may lead. A thing that lies under another cannot be pressed.
func (b *Tab) Click(text string) { b.t.Helper(); b.press("pressable(" + js(text) + ")") }

// ClickIn is Click within the row, card or section that contains the first text.
func (b *Tab) ClickIn(within, text string) {
	b.t.Helper()
	b.press("pressable(" + js(text) + ", " + js(within) + ")")
}

// ClickAt presses the first visible element that a CSS selector finds, for what has no words.
func (b *Tab) ClickAt(selector string) { b.t.Helper(); b.press("first(" + js(selector) + ")") }

func (b *Tab) press(find string) {
	b.t.Helper()
	b.await(func() (string, error) {
		at, err := eval[struct {
			Why  string
			X, Y float64
		}](b, "aim("+find+")")
		if err != nil || at.Why != "" {
			return at.Why, err
		}
		b.do(chromedp.MouseClickXY(at.X, at.Y))
		// What has moved meanwhile, since something else came onto the page, is aimed at once more. A page that has gone says nothing.
		if missed, err := eval[bool](b, "window.missed === true"); err == nil && missed {
			return "it moves while it is pressed", nil
		}
		return "", nil
	})
	b.settle()
}

// Fill writes a value into the field with this label, in place of what it held. Dates are written 2026-11-24, times 07:30;
// in a list the option with these words, or this value, is chosen.
func (b *Tab) Fill(label, value string) {
	b.t.Helper()
	var field struct {
		Why   string
		Typed bool
	}
	b.await(func() (_ string, err error) {
		field, err = eval[struct {
			Why   string
			Typed bool
		}](b, "take(field("+js(label)+"), "+js(value)+")")
		return field.Why, err
	})
	if !field.Typed {
		b.settle() // a list of a filter leads on by itself
		return
	}
	b.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, input.InsertText, input.InsertTextParams{Text: value})
		return chromedp.Void{}, err
	})
}

// Check sets the box or the round button with this label.
func (b *Tab) Check(label string) {
	b.t.Helper()
	b.until("ready(field(" + js(label) + "))")
	if !Eval[bool](b, "field("+js(label)+").checked") {
		b.press("target(field(" + js(label) + "))") // not what else bears these words, such as a link of the rail
	}
}

// Upload puts files, by their paths, into the field with this label.
func (b *Tab) Upload(label string, paths ...string) {
	b.t.Helper()
	b.until("ready(field(" + js(label) + "), true)")
	b.do(chromedp.SetUploadFiles(chromedp.JSPath("(() => {"+library+"\nreturn field("+js(label)+")})()"), paths))
	b.settle()
}

// Value is what the field with this label holds.
func (b *Tab) Value(label string) string {
	b.t.Helper()
	return asked[string](b, "field("+js(label)+").value")
}

// Press sends keys to what has the focus, such as kb.Tab or kb.Enter.
func (b *Tab) Press(keys string) {
	b.t.Helper()
	b.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		for _, r := range keys {
			events := kb.Encode(r)
			if len(events) == 3 { // the character comes with the key, so that a page that takes the key takes the character too
				events[0].Text, events[0].UnmodifiedText = events[1].Text, events[1].UnmodifiedText
				events = slices.Delete(events, 1, 2)
			}
			for _, e := range events {
				if _, err := cdp.Call(ctx, t, input.DispatchKeyEvent, *e); err != nil {
					return chromedp.Void{}, err
				}
			}
		}
		return chromedp.Void{}, nil
	})
	b.settle()
}

// Download fetches what the link, or the button of a form that is sent with GET, with these words leads to, with the window's cookies, and gives its body and media type.
func (b *Tab) Download(text string) (body []byte, mediaType string) {
	b.t.Helper()
	b.until("ready(pressable(" + js(text) + "))")
	got := Eval[struct {
		Status     int
		Type, Data string
	}](b, "fetched(pressable("+js(text)+"))")
	if got.Status != 200 {
		b.fail(fmt.Sprintf("downloading %q: status %d", text, got.Status))
	}
	body, err := base64.StdEncoding.DecodeString(got.Data)
	if err != nil {
		b.fail(err.Error())
	}
	return body, got.Type
}

// Phone makes the window as wide as a small phone, with a finger in place of the mouse.
func (b *Tab) Phone() {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait))
}

// Desk makes the window as wide as a desk's screen.
func (b *Tab) Desk() { b.t.Helper(); b.do(chromedp.EmulateViewport(1440, 900)) }

// js writes a string as a JavaScript literal.
func js(s string) string {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		panic(err) // a string always encodes
	}
	return strings.TrimSpace(buf.String())
}
