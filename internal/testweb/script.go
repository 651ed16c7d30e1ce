package testweb

import (
	"context"
	"fmt"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// Clock has the pages that are opened from now on see a clock that is so far ahead.
func (b *Tab) Clock(ahead time.Duration) {
	b.t.Helper()
	b.Before(fmt.Sprintf("{ const now = Date.now; Date.now = () => now() + %d; }", ahead.Milliseconds()))
}

// Before has the pages that are opened from now on run a script ahead of their own.
func (b *Tab) Before(script string) {
	b.t.Helper()
	b.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
		return chromedp.Void{}, err
	})
}

// NoScript keeps the pages that are opened from now on from running their scripts. The test's own expressions still run, but
// what they wait for must not need a timer.
func (b *Tab) NoScript() {
	b.t.Helper()
	b.noScript = true
	b.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		return chromedp.Void{}, err
	})
}

// Agent has the window say that it is another browser.
func (b *Tab) Agent(name string) {
	b.t.Helper()
	b.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: name})
		return chromedp.Void{}, err
	})
}
