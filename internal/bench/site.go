package main

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"time"

	"taphuan/app/access"
	"taphuan/app/store"
	"taphuan/handlers"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// site is the application served on a loopback port, or a yardstick in its place, with a browser's client that keeps its
// connection and its cookies.
type site struct {
	url     string
	client  *http.Client
	server  *http.Server
	handler http.Handler
	ended   chan error
}

// serve serves any handler.
func serve(h http.Handler) (*site, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	s := &site{url: "http://" + l.Addr().String(), client: &http.Client{Jar: jar}, handler: h, ended: make(chan error, 1),
		server: &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}}
	go func() { s.ended <- s.server.Serve(l) }()
	return s, nil
}

// application serves the application on a database.
func application(db *store.DB) (*site, error) {
	h, err := testweb.Assemble(db, slog.Default())
	if err != nil {
		return nil, err
	}
	return serve(h)
}

func (s *site) close() error {
	s.client.CloseIdleConnections()
	err := s.server.Close()
	if e := <-s.ended; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return err
}

// signIn makes an account of a role, gives its id, and signs the client in.
func (s *site) signIn(ctx context.Context, db *store.DB, role models.Role, organisation uint64) (uint64, error) {
	h, ok := s.handler.(*handlers.Server)
	if !ok {
		return 0, errors.New("a yardstick has no accounts")
	}
	accounts := &access.Service{DB: db, Keys: h.Keys}
	var before int64
	if err := db.Read(ctx).Model(&models.Account{}).Count(&before).Error; err != nil {
		return 0, err
	}
	name := fmt.Sprintf("thu%d", before) // several benchmarks may share a database
	id, err := accounts.Create(ctx, access.System(), access.NewAccount{Name: "Lý Thị Thử", SignInNames: []string{name}, Password: testweb.Password})
	if err != nil {
		return 0, err
	}
	if err := accounts.Grant(ctx, access.System(), id, role, organisation); err != nil {
		return 0, err
	}
	_, err = s.post(ctx, "/sign-in", url.Values{"name": {name}, "password": {testweb.Password}})
	return id, err
}

// get asks for a page as a browser does, compressed, and reads it to its end.
func (s *site) get(ctx context.Context, path string) (bytes int, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Accept", "text/html,application/pdf;q=0.9,*/*;q=0.8")
	req.Header.Set("Accept-Encoding", "gzip")
	return s.do(req, nil)
}

// ask asks for a page as get does, but at the handler itself: what counts is the time until it has written its answer, compressed, and not
// what the connection and the client take.
func (s *site) ask(ctx context.Context, path string) error {
	req := httptest.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	req.Header.Set("Accept", "text/html,application/pdf;q=0.9,*/*;q=0.8")
	req.Header.Set("Accept-Encoding", "gzip")
	for _, c := range s.client.Jar.Cookies(req.URL) {
		req.AddCookie(c)
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, req)
	if w.Code != http.StatusOK {
		return fmt.Errorf("GET %s answered %d", path, w.Code)
	}
	return nil
}

// text is the page as a person would see it; it is for checking that a benchmark asks for what it means to.
func (s *site) text(ctx context.Context, path string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
	if err != nil {
		return "", err
	}
	req.Header.Set("Accept-Encoding", "gzip")
	var b strings.Builder
	_, err = s.do(req, &b)
	return b.String(), err
}

// post sends a form and follows where it leads.
func (s *site) post(ctx context.Context, path string, form url.Values) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+path, strings.NewReader(form.Encode()))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.do(req, nil)
}

// json sends JSON.
func (s *site) json(ctx context.Context, path, body string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url+path, strings.NewReader(body))
	if err != nil {
		return 0, err
	}
	req.Header.Set("Content-Type", "application/json")
	return s.do(req, nil)
}

// do refuses an answer that is none of success, and a page that is the sign-in page in place of the one asked for.
func (s *site) do(req *http.Request, text *strings.Builder) (n int, err error) {
	res, err := s.client.Do(req)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, res.Body.Close()) }()
	if text != nil && res.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(res.Body)
		if err != nil {
			return 0, err
		}
		_, err = io.Copy(text, z)
		return 0, err
	}
	var to io.Writer = io.Discard
	if text != nil {
		to = text
	}
	m, err := io.Copy(to, res.Body)
	if err != nil {
		return 0, err
	}
	if res.StatusCode/100 != 2 || res.Request.URL.Path == "/sign-in" {
		return 0, fmt.Errorf("%s %s answered %s at %s", req.Method, req.URL.Path, res.Status, res.Request.URL.Path)
	}
	return int(m), nil
}
