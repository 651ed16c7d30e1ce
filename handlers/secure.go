package handlers

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"

	"taphuan/static"
)

// Ports are where this process listens; HTTP is "" without a second, plain address.
type Ports struct{ HTTPS, HTTP string }

// overTLS says whether the reader came over TLS: to this process, or to a proxy that is trusted to say so.
func (s *Server) overTLS(r *http.Request) bool {
	return r.TLS != nil || r.Header.Get("X-Forwarded-Proto") == "https" && s.trusts(r.RemoteAddr)
}

// trusts says whether a peer is a proxy that may say how the reader came.
func (s *Server) trusts(peer string) bool {
	at, err := netip.ParseAddrPort(peer)
	if err != nil {
		return false
	}
	a := at.Addr().Unmap()
	for _, p := range s.Proxies {
		if p.Contains(a) {
			return true
		}
	}
	return a.IsLoopback()
}

// trustworthy says whether the browser takes this site's pages for trustworthy, as far as a server can know: only then do they work
// offline, scan with the camera and become an app. That is so over TLS, and on the machine itself.
func (s *Server) trustworthy(r *http.Request) bool {
	return s.overTLS(r) || isLocal(hostOf(r))
}

// hostOf is the host that the browser asked for, without its port.
func hostOf(r *http.Request) string { return (&url.URL{Host: r.Host}).Hostname() }

func isLocal(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// secureAddress is where the site is reached over TLS: the public address, or else the host that was asked for, or, where the
// certificate is for others, the first of those. "" when nothing is known of TLS. No other site can come of it.
func (s *Server) secureAddress(ctx context.Context, host string) (string, error) {
	set, err := s.settings.Get(ctx)
	if err != nil {
		return "", err
	}
	if strings.HasPrefix(set.PublicURL, "https://") {
		return set.PublicURL, nil
	}
	if host = s.coveredHost(host); host == "" {
		return "", nil
	}
	return address("https", host, s.Ports.HTTPS), nil
}

// coveredHost is the host where the certificate is for it, else the first that it is for; "" without a certificate.
func (s *Server) coveredHost(host string) string {
	if s.TLS == nil {
		return ""
	}
	if host != "" && s.TLS.Covers(host) {
		return host
	}
	if hosts := s.TLS.Hosts(); len(hosts) > 0 {
		return hosts[0]
	}
	return ""
}

func address(scheme, host, port string) string {
	if port != map[string]string{"http": "80", "https": "443"}[scheme] {
		host = net.JoinHostPort(host, port)
	} else if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	return scheme + "://" + host
}

// Plain answers on the address without TLS: it helps phones install the authority, and sends everything else to HTTPS.
func (s *Server) Plain() http.Handler {
	here := map[string]bool{"/install": true, "/install/authority.crt": true, "/install/authority.mobileconfig": true, "/preferences": true}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if here[r.URL.Path] || strings.HasPrefix(r.URL.Path, static.Prefix) {
			s.ServeHTTP(w, r)
			return
		}
		base, err := s.secureAddress(r.Context(), hostOf(r))
		if err != nil || base == "" {
			s.Log.Log(r.Context(), severity(r, err), "where the site is over TLS", "error", err)
			s.bareError(w, r, http.StatusInternalServerError)
			return
		}
		// Not for ever: addresses change. What a form sent without TLS is not sent on.
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Location", base+(&url.URL{Path: "/" + strings.TrimLeft(r.URL.Path, "/"), RawQuery: r.URL.RawQuery}).String())
		w.WriteHeader(http.StatusSeeOther)
	})
}

// promiseTLS has the browser use nothing but TLS for a month, where that cannot lock anybody out: the public address is https on the
// very name that was asked for, and its certificate is a public one. A private authority's would bar phones from the plain page that
// helps them install it; behind a proxy the promise is the proxy's to give.
func (c *Ctx) promiseTLS() error {
	if c.Request.TLS == nil || c.s.TLS == nil || c.s.TLS.Root() != nil {
		return nil
	}
	set, err := c.s.settings.Get(c.Ctx())
	if err != nil {
		return err
	}
	public, err := url.Parse(set.PublicURL)
	if err == nil && public.Scheme == "https" && strings.EqualFold(public.Hostname(), hostOf(c.Request)) && net.ParseIP(public.Hostname()) == nil {
		c.Header("Strict-Transport-Security", "max-age=2592000")
	}
	return nil
}
