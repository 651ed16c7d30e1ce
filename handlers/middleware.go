package handlers

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"taphuan/app/access"
	"taphuan/app/store"
)

type ctxKey int

const (
	requestIDKey ctxKey = 1 + iota
	headKey
)

// contentPolicy lets pages use nothing but what this site serves.
const contentPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'; worker-src 'self'"

// observe gives each request an id, sets the headers that every answer carries, logs it without its query (which may hold
// names and codes), and turns a panic into an error page.
func (s *Server) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		s.hint(w, r)
		id := newRequestID()
		r = r.WithContext(access.WithAccounts(store.OneRequest(context.WithValue(r.Context(), requestIDKey, id))))
		h := w.Header()
		h.Set("X-Request-Id", id)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(self), geolocation=(), microphone=()")
		h.Set("Content-Security-Policy", contentPolicy)
		sw := &statusWriter{ResponseWriter: w, secure: s.overTLS(r)}
		path := shownPath(r.URL.Path)
		defer func() {
			if p := recover(); p != nil {
				if p == http.ErrAbortHandler {
					panic(p)
				}
				s.Log.Error("panic", "request", id, "method", r.Method, "path", path, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
				if sw.status == 0 {
					s.bareError(sw, r, http.StatusInternalServerError)
				}
			}
			s.Log.Info("request", "request", id, "method", r.Method, "path", path, "status", sw.status, "took", time.Since(start).Round(time.Microsecond).String())
		}()
		next.ServeHTTP(sw, r)
	})
}

// headAsGet has HEAD answered as GET is: the server itself leaves the body out. Whoever checks whether addresses still answer asks so.
// What is large asks isHead, and is not read for nothing.
func headAsGet(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			r = r.WithContext(context.WithValue(r.Context(), headKey, true))
			r.Method = http.MethodGet
		}
		next.ServeHTTP(w, r)
	})
}

// isHead says whether only the head of an answer is wanted.
func isHead(ctx context.Context) bool { return ctx.Value(headKey) != nil }

// shownPath is a path as the log shows it: without the code of a certificate, which lets whoever has it see the certificate, of a hall's
// screen, of a badge or of a shared link.
func shownPath(path string) string {
	for _, before := range []string{"/v/", "/api/v1/verify/", "/c/", "/b/", "/s/", "/ob/credentials/"} {
		if strings.HasPrefix(path, before) {
			return before + "..."
		}
	}
	return path
}

type statusWriter struct {
	http.ResponseWriter
	status int
	secure bool // the browser came over TLS: cookies are never to go out without
}

func (w *statusWriter) WriteHeader(code int) {
	if w.status == 0 {
		w.status = code
		if w.secure {
			secureCookies(w.Header())
		}
	}
	w.ResponseWriter.WriteHeader(code)
}

// secureCookies keeps all cookies of an answer from being sent over a connection without TLS.
func secureCookies(h http.Header) {
	for i, c := range h["Set-Cookie"] {
		if !strings.HasSuffix(c, "; Secure") {
			h["Set-Cookie"][i] = c + "; Secure"
		}
	}
}

func (w *statusWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func newRequestID() string {
	b := make([]byte, 8)
	rand.Read(b) // never fails
	return hex.EncodeToString(b)
}

func requestID(ctx context.Context) string {
	id, _ := ctx.Value(requestIDKey).(string)
	return id
}
