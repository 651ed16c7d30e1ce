package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"time"

	"taphuan/app/authority"
	"taphuan/app/settings"
	"taphuan/app/store"
	"taphuan/handlers"
)

// certificate opens the certificate files, nil where none are named.
func (c *serveCmd) certificate() (*authority.Files, error) {
	switch {
	case (c.TLSCert == "") != (c.TLSKey == ""):
		return nil, errors.New("--tls-cert and --tls-key belong together: name both files, or none to serve without TLS")
	case c.TLSCert == "" && c.HTTPAddr != "":
		return nil, errors.New("--http-addr is the way to HTTPS and needs --tls-cert and --tls-key; to serve without TLS, use --addr alone")
	case c.TLSCert == "":
		return nil, nil
	}
	return authority.Open(c.TLSCert, c.TLSKey, time.Now)
}

// warnOfOtherHost says in the log when the public address is one that browsers would not take the certificate for. It may be a proxy's.
func warnOfOtherHost(ctx context.Context, db *store.DB, files *authority.Files) error {
	set, err := (&settings.Service{DB: db}).Get(ctx)
	if err != nil {
		return err
	}
	if u, err := url.Parse(set.PublicURL); err == nil && u.Host != "" && !files.Covers(u.Hostname()) {
		slog.Warn("the certificate is not for the public address", "public", set.PublicURL, "certificate", files.Hosts())
	}
	return nil
}

// listeners are where the system is reached: the main one, with TLS where files are there, and the plain one beside it, or nil.
type listeners struct {
	files       *authority.Files
	main, plain net.Listener
}

func (c *serveCmd) listen(files *authority.Files) (*listeners, error) {
	l := &listeners{files: files}
	var err error
	if l.main, err = net.Listen("tcp", c.Addr); err != nil {
		return nil, fmt.Errorf("cannot listen (another address: --addr HOST:PORT): %w", err)
	}
	if c.HTTPAddr != "" {
		if l.plain, err = net.Listen("tcp", c.HTTPAddr); err != nil {
			return nil, errors.Join(fmt.Errorf("cannot listen (another address: --http-addr HOST:PORT): %w", err), l.main.Close())
		}
	}
	return l, nil
}

// close closes what serve has not closed.
func (l *listeners) close() {
	_ = l.main.Close()
	if l.plain != nil {
		_ = l.plain.Close()
	}
}

func (l *listeners) address() string {
	if l.files == nil {
		return "http://" + l.main.Addr().String()
	}
	return "https://" + l.main.Addr().String()
}

// ports are those that phones are sent to.
func (l *listeners) ports() handlers.Ports {
	p := handlers.Ports{HTTPS: port(l.main)}
	if l.plain != nil {
		p.HTTP = port(l.plain)
	}
	return p
}

func port(l net.Listener) string {
	_, port, _ := net.SplitHostPort(l.Addr().String()) // a listener's own address
	return port
}

func (l *listeners) doors(s *handlers.Server) []door {
	doors := []door{{l: l.main, h: s}}
	if l.files != nil {
		doors[0].tls = l.files.Config()
	}
	if l.plain != nil {
		doors = append(doors, door{l: l.plain, h: s.Plain()})
	}
	return doors
}

// parseProxies reads addresses and ranges.
func parseProxies(typed []string) ([]netip.Prefix, error) {
	var out []netip.Prefix
	for _, t := range typed {
		p, err := netip.ParsePrefix(t)
		if a, e := netip.ParseAddr(t); e == nil {
			p, err = a.Prefix(a.BitLen())
		}
		if err != nil {
			return nil, fmt.Errorf("--trusted-proxy %q is neither an address nor a range such as 10.0.0.0/24", t)
		}
		out = append(out, p.Masked())
	}
	return out, nil
}
