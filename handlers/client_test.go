package handlers_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"taphuan/internal/testweb"
	"taphuan/models"
)

// client asks for pages without a browser: status, body, and what comes with them.
type client struct {
	t    *testing.T
	http *http.Client
	url  string
}

var clients atomic.Int64

// signedIn makes an account of a role and a client that has signed in.
func signedIn(t *testing.T, site *testweb.Site, role models.Role, organisation string) *client {
	t.Helper()
	name := "may" + strconv.FormatInt(clients.Add(1), 10)
	site.Account(t, testweb.Account{Name: "Lý Thị Máy", SignIn: name, Role: role, Organisation: organisation})
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, http: &http.Client{Jar: jar}, url: site.URL}
	res, err := c.http.PostForm(site.URL+"/sign-in", url.Values{"name": {name}, "password": {testweb.Password}})
	if err != nil {
		t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil || strings.HasPrefix(res.Request.URL.Path, "/sign-in") {
		t.Fatalf("signing in led to %s: %v", res.Request.URL, err)
	}
	return c
}

// get asks for a path, and fails unless the answer has the status.
func (c *client) get(path string, status int) (string, http.Header) {
	c.t.Helper()
	res, err := c.http.Get(c.url + path)
	if err != nil {
		c.t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		c.t.Fatal(err)
	}
	if res.StatusCode != status {
		c.t.Fatalf("%s answered %d, not %d:\n%.2000s", path, res.StatusCode, status, body)
	}
	return string(body), res.Header
}

// has fails unless the text holds every part; spaces that must not break count as spaces.
func has(t *testing.T, text string, parts ...string) {
	t.Helper()
	text = strings.ReplaceAll(text, "\u00a0", " ")
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("lacks %q in:\n%.6000s", p, text)
		}
	}
}
