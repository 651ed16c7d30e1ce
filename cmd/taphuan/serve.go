package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"taphuan/app/i18n"
	"taphuan/handlers"
	"taphuan/seeds"
	"taphuan/static"
	"taphuan/views"
)

type serveCmd struct {
	Addr string `help:"Address to listen on." default:"127.0.0.1:8080" env:"TAPHUAN_ADDR"`
	Demo bool   `help:"Load an invented province with known passwords on first start. Only on an SQLite file and a loopback address."`
}

func (c *serveCmd) Run(p *program) error {
	if c.Demo {
		if err := demoAllowed(p.cli.DB, c.Addr); err != nil {
			return err
		}
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
	l, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return fmt.Errorf("cannot listen (another address: --addr HOST:PORT): %w", err)
	}
	defer l.Close() // serve has closed it; this is for what fails before
	address := "http://" + l.Addr().String()
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
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	slog.SetDefault(log)
	s, err := handlers.New(handlers.Deps{DB: db, Keys: keys, Words: words, Views: pages, Assets: assets, Log: log, Demo: c.Demo})
	if err != nil {
		return err
	}
	fmt.Printf("taphuan serves on %s\n", address)
	if c.Demo {
		if err := tellDemo(os.Stdout); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithCancel(p.ctx)
	jobs := make(chan struct{})
	go func() {
		defer close(jobs)
		s.RunJobs(ctx)
	}()
	err = serve(ctx, l, s)
	cancel()
	<-jobs // a job that is under way is given back before the database is closed
	return err
}

// patience is how long running requests may take to finish once the server is to end.
const patience = 20 * time.Second

// serve answers until the context ends, then lets running requests finish.
func serve(ctx context.Context, l net.Listener, h http.Handler) error {
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 5 * time.Minute, WriteTimeout: 5 * time.Minute, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 64 << 10}
	failed := make(chan error, 1)
	go func() { failed <- srv.Serve(l) }()
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
