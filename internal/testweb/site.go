package testweb

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/alexedwards/argon2id"

	"taphuan/app/access"
	"taphuan/app/i18n"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/handlers"
	"taphuan/models"
	"taphuan/static"
	"taphuan/views"
)

// Site is the whole application on a test's database, served on a loopback port.
type Site struct {
	URL    string // http://127.0.0.1:PORT
	DB     *store.DB
	Keys   *secret.Keys
	Server *handlers.Server
}

// Password is that of all accounts that Site.Account makes.
const Password = "thác Bản Giốc 853 thước"

// light is what a password costs on sites of tests: next to nothing. Production and benchmarks pay what access says.
var light = &argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// front is what all sites of a process share: catalogues and parsed pages, which know no database.
var front = sync.OnceValues(func() (handlers.Deps, error) {
	assets, err := static.Load()
	if err != nil {
		return handlers.Deps{}, err
	}
	words, err := i18n.New()
	if err != nil {
		return handlers.Deps{}, err
	}
	pages, err := views.New(words, assets)
	return handlers.Deps{Words: words, Views: pages, Assets: assets}, err
})

// Serve serves the application until the test ends. A request that the application answers for with an internal error
// fails the test, with what the application logged about it.
func Serve(t testing.TB, db *store.DB) *Site {
	t.Helper()
	h := work(t, db)
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return &Site{URL: s.URL, DB: db, Keys: h.Keys, Server: h}
}

// work puts the application together and has it do its work in the background until the test ends.
func work(t testing.TB, db *store.DB, more ...func(*handlers.Deps)) *handlers.Server {
	t.Helper()
	h, err := Assemble(db, slog.New(slog.NewTextHandler(reporter{t}, &slog.HandlerOptions{Level: slog.LevelError})),
		append([]func(*handlers.Deps){func(d *handlers.Deps) { d.PasswordCost = light }}, more...)...)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var jobs sync.WaitGroup
	jobs.Go(func() { h.RunJobs(ctx) })
	t.Cleanup(func() {
		cancel()
		jobs.Wait()
	})
	return h
}

// Assemble puts the application together as the command serve does, with keys that are always the same.
func Assemble(db *store.DB, log *slog.Logger, more ...func(*handlers.Deps)) (*handlers.Server, error) {
	deps, err := front()
	if err != nil {
		return nil, err
	}
	if deps.Keys, err = secret.New(bytes.Repeat([]byte{7}, 32)); err != nil {
		return nil, err
	}
	deps.DB, deps.Log = db, log
	deps.Poll = -1 // a job runs when a request asks for it; nothing else touches a test's database
	for _, m := range more {
		m(&deps)
	}
	return handlers.New(deps)
}

// reporter turns what the application logs as errors into failures of the test.
type reporter struct{ t testing.TB }

func (r reporter) Write(line []byte) (int, error) {
	r.t.Error("the application logged: " + strings.TrimSpace(string(line)))
	return len(line), nil
}

// Account says what account a test needs.
type Account struct {
	Name         string // shown, such as "Hoàng Văn Thụ"
	SignIn       string // a given name in small letters without marks, a mobile number or an e-mail
	Role         models.Role
	Organisation string // code of the organisation of a head
	CadreID      uint64
}

// Account makes an account with the Password, which need not be changed, and gives its id.
func (s *Site) Account(t testing.TB, a Account) uint64 {
	t.Helper()
	ctx := t.Context()
	service := &access.Service{DB: s.DB, Keys: s.Keys, PasswordCost: light}
	id, err := service.Create(ctx, access.System(), access.NewAccount{Name: a.Name, SignInNames: []string{a.SignIn}, CadreID: a.CadreID, Password: Password})
	if err != nil {
		t.Fatal(err)
	}
	var organisation models.Organisation
	if a.Organisation != "" {
		if err := s.DB.Read(ctx).Where("code = ?", a.Organisation).Take(&organisation).Error; err != nil {
			t.Fatalf("organisation %s: %v", a.Organisation, err)
		}
	}
	if err := service.Grant(ctx, access.System(), id, a.Role, organisation.ID); err != nil {
		t.Fatal(err)
	}
	return id
}

// SignIn signs the window in under a sign-in name of an account that Site.Account made, as the form of the sign-in page does,
// and opens the page to which that leads.
func (s *Site) SignIn(b *Tab, name string) {
	b.t.Helper()
	form := url.Values{"name": {name}, "password": {Password}}
	asked := httptest.NewRequest(http.MethodPost, b.base+"/sign-in", strings.NewReader(form.Encode())) // only the window reaches every host
	asked.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	got := httptest.NewRecorder()
	s.Server.ServeHTTP(got, asked)
	answer := got.Result()
	if answer.StatusCode != http.StatusSeeOther {
		b.t.Fatalf("signing in as %s was answered %d", name, answer.StatusCode)
	}
	b.take(answer.Cookies())
	b.Go(answer.Header.Get("Location"))
}

// As makes an account of a role, signs in and gives the window: the short way into the site for a test that is about
// something else. Heads are of the organisation with the code; other roles take "".
func (s *Site) As(t testing.TB, role models.Role, organisation string) *Tab {
	t.Helper()
	name := string(role) + strconv.FormatInt(accounts.Add(1), 10)
	s.Account(t, Account{Name: "Lý Thị Thử", SignIn: name, Role: role, Organisation: organisation})
	b := Browse(t, s.URL)
	s.SignIn(b, name)
	return b
}

// accounts counts those that As made, whose names are to differ.
var accounts atomic.Int64
