package testweb

import (
	"context"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

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
