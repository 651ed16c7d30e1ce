package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"taphuan/app/certificate"
	"taphuan/app/i18n"
	"taphuan/app/signing"
	"taphuan/app/store"
	"taphuan/handlers"
	"taphuan/seeds"
	"taphuan/static"
	"taphuan/views"
)

type serveCmd struct {
	Addr         string   `help:"Address to listen on." default:"127.0.0.1:8080" env:"TAPHUAN_ADDR"`
	TLSCert      string   `name:"tls-cert" help:"Certificate file (PEM, followed by those that signed it): serve HTTPS. See also taphuan tls init." env:"TAPHUAN_TLS_CERT"`
	TLSKey       string   `name:"tls-key" help:"Key file of the certificate (PEM)." env:"TAPHUAN_TLS_KEY"`
	HTTPAddr     string   `name:"http-addr" help:"Second address, without TLS: helps phones install the certificate and sends everything else to HTTPS." env:"TAPHUAN_HTTP_ADDR"`
	TrustedProxy []string `help:"Address or range (CIDR) of a reverse proxy that may say that a request came over TLS (X-Forwarded-Proto). This machine always may." env:"TAPHUAN_TRUSTED_PROXY"`
	Demo         bool     `help:"Load an invented province with known passwords on first start. Only on an SQLite file and a loopback address."`
}

func (c *serveCmd) Run(p *program) error {
	if c.Demo {
		for _, addr := range []string{c.Addr, cmp.Or(c.HTTPAddr, c.Addr)} {
			if err := demoAllowed(p.cli.DB, addr); err != nil {
				return err
			}
		}
	}
	proxies, err := parseProxies(c.TrustedProxy)
	if err != nil {
		return err
	}
	files, err := c.certificate()
	if err != nil {
		return err
	}
	assets, err := static.Load()
	if err != nil {
		return err
	}
	words, err := i18n.New()
	if err != nil {
		return err
	}
	pages, err := views.New(words, assets)
	if err != nil {
		return err
	}
	// Before the database is touched: who finds the address taken is told so at once.
	open, err := c.listen(files)
	if err != nil {
		return err
	}
	defer open.close() // serve has closed them; this is for what fails before
	address := open.address()
	if c.Demo {
		if err := p.prepareDemo(address); err != nil {
			return err
		}
	}
	db, err := p.open()
	if err != nil {
		return err
	}
	defer func() {
		if err := db.Close(); err != nil {
			slog.Error("closing the database", "error", err)
		}
	}()
	keys, err := p.keys(db)
	if err != nil {
		return err
	}
	if _, err := seeds.Base(p.ctx, db); err != nil {
		return err
	}
	if c.Demo {
		if err := loadDemo(p.ctx, db, keys, address); err != nil {
			return err
		}
	}
	if db.Dialect == store.SQLite { // a server of a province has keys of its own
		if _, err := (&signing.Service{DB: db, Keys: keys}).AddDemo(p.ctx); err != nil {
			return err
		}
	}
	store, err := p.bucket()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	slog.SetDefault(log)
	if store == nil {
		away, err := (&certificate.Service{DB: db}).Away(p.ctx)
		if err != nil {
			return err
		}
		if away > 0 {
			log.Error("documents of certificates lie in a bucket and none is set: nobody can download them until --bucket says where it is", "documents", away)
		}
	}
	s, err := handlers.New(handlers.Deps{DB: db, Keys: keys, Words: words, Views: pages, Assets: assets, Log: log, Demo: c.Demo,
		Proxies: proxies, TLS: files, Ports: open.ports(), Bucket: store})
	if err != nil {
		return err
	}
	if files != nil {
		if err := warnOfOtherHost(p.ctx, db, files); err != nil {
			return err
		}
	}
	fmt.Printf("taphuan serves on %s\n", address)
	if open.plain != nil {
		fmt.Printf("phones find help with the certificate on http://%s/install\n", open.plain.Addr())
	}
	if c.Demo {
		if err := tellDemo(os.Stdout); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithCancel(p.ctx)
	var behind sync.WaitGroup
	behind.Go(func() { s.RunJobs(ctx) })
	if files != nil {
		hangup := make(chan os.Signal, 1)
		signal.Notify(hangup, syscall.SIGHUP)
		defer signal.Stop(hangup)
		behind.Go(func() { files.Watch(ctx, log, hangup) })
	}
	err = serve(ctx, open.doors(s)...)
	cancel()
	behind.Wait() // a job that is under way is given back before the database is closed
	return err
}

// patience is how long running requests may take to finish once the server is to end.
const patience = 20 * time.Second

// serve answers until the context ends, then lets running requests finish. When one door fails, all are closed.
func serve(ctx context.Context, doors ...door) error {
	ctx, end := context.WithCancel(ctx)
	defer end()
	failed := make(chan error, len(doors))
	for _, d := range doors {
		go func() {
			defer end()
			failed <- d.serve(ctx)
		}()
	}
	var all error
	for range doors {
		all = errors.Join(all, <-failed)
	}
	return all
}

// door is one address and who answers there; tls is nil for one without.
type door struct {
	l   net.Listener
	h   http.Handler
	tls *tls.Config
}

func (d door) serve(ctx context.Context) error {
	srv := &http.Server{Handler: d.h, TLSConfig: d.tls, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 5 * time.Minute, WriteTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	failed := make(chan error, 1)
	go func() {
		if d.tls == nil {
			failed <- srv.Serve(d.l)
		} else {
			failed <- srv.ServeTLS(d.l, "", "")
		}
	}()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err := srv.Shutdown(end); err != nil {
		return fmt.Errorf("requests that had not ended after %s were cut off: %w", patience, err)
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
