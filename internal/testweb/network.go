package testweb

import (
	"context"
	"net/http"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Offline takes the network away from the window, or gives it back, as a hall without reception does: requests fail and the
// page is told. What the browser logs about such requests is not held against the page.
func (b *Tab) Offline(on bool) {
	b.t.Helper()
	b.mu.Lock()
	b.offline = b.offline || on // what failed meanwhile may be logged later
	b.mu.Unlock()
	b.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{
			MatchedNetworkConditions: []*network.Conditions{{Offline: on, DownloadThroughput: -1, UploadThroughput: -1}},
		})
		if err != nil {
			return chromedp.Void{}, err
		}
		_, err = cdp.Call(ctx, t, network.OverrideNetworkState, network.OverrideNetworkStateParams{Offline: on, DownloadThroughput: -1, UploadThroughput: -1})
		return chromedp.Void{}, err
	})
}

// CutOff says that requests of the window may fail, since the test cuts its line (see Wire).
func (b *Tab) CutOff() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.cutOff = true
}

// take keeps cookies for the window that the site has set elsewhere.
func (b *Tab) take(cookies []*http.Cookie) {
	b.t.Helper()
	all := make([]*network.CookieParam, len(cookies))
	for i, c := range cookies {
		all[i] = &network.CookieParam{Name: c.Name, Value: c.Value, URL: b.base, Path: c.Path, Secure: c.Secure, HTTPOnly: c.HttpOnly, SameSite: network.CookieSameSiteLax}
	}
	b.do(func(ctx context.Context, t *chromedp.Target) (chromedp.Void, error) {
		_, err := cdp.Call(ctx, t, network.SetCookies, network.SetCookiesParams{Cookies: all})
		return chromedp.Void{}, err
	})
}
