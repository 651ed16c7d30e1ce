// Package handlers is the web: it maps requests to app's services and their answers to pages and JSON.
package handlers

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/alexedwards/scs/v2"
	"github.com/gin-gonic/gin"
	"github.com/klauspost/compress/gzhttp"

	"taphuan/app/access"
	"taphuan/app/authority"
	"taphuan/app/certificate"
	"taphuan/app/i18n"
	"taphuan/app/job"
	"taphuan/app/ledger"
	"taphuan/app/plan"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/static"
	"taphuan/views"
)

// Deps is what a server is made of.
type Deps struct {
	DB     *store.DB
	Keys   *secret.Keys
	Words  *i18n.Catalogue
	Views  *views.Renderer
	Assets *static.Assets
	Log    *slog.Logger
	Demo   bool               // pages say that the data is invented; set by serve --demo only
	Poll   time.Duration      // see job.Runner
	Bucket certificate.Bucket // keeps documents of certificates; nil: the database does

	PasswordCost *argon2id.Params // see access.Service

	TLS     *authority.Files // the certificate that is served; nil: without TLS, or a proxy has it
	Ports   Ports            // set with TLS
	Proxies []netip.Prefix   // who may say that a request came over TLS, besides this machine
}

// Server answers every request of the site.
type Server struct {
	Deps
	services
	sessions *scs.SessionManager
	plans    plan.Memory
	routes   []Route
	root     http.Handler
	anyone   chan struct{} // has room for as many questions of the public as are worked on at once
}

// New makes a server and its map of routes.
func New(d Deps) (*Server, error) {
	s := &Server{Deps: d, services: newServices(d), anyone: make(chan struct{}, openAtOnce)}
	if s.Log == nil {
		s.Log = slog.Default()
	}
	s.sessions = scs.New()
	s.sessions.Store = access.NewSessionStore(d.DB)
	s.sessions.HashTokenInStore = true
	s.sessions.Lifetime = 7 * 24 * time.Hour
	s.sessions.Cookie.Name = "taphuan"
	s.sessions.Cookie.HttpOnly = true
	s.sessions.Cookie.Persist = false // a sign-in asks for a lasting cookie unless the computer is shared
	s.sessions.Cookie.SameSite = http.SameSiteLaxMode
	s.sessions.ErrorFunc = s.sessionFailed

	gin.SetMode(gin.ReleaseMode)
	e := gin.New()
	e.HandleMethodNotAllowed = true
	e.RedirectTrailingSlash = false
	e.MaxMultipartMemory = 8 << 20
	if err := e.SetTrustedProxies(nil); err != nil {
		return nil, err
	}
	s.register(e)
	e.NoRoute(s.wrap(Route{Permission: access.Public}, func(c *Ctx) error { return notFound() }))
	e.NoMethod(s.wrap(Route{Permission: access.Public}, func(c *Ctx) error { return methodNotAllowed() }))

	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(s.crossSite))
	compress, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.ContentTypes([]string{"text/html", "text/css", "application/json", "application/problem+json", "text/csv", "image/svg+xml"}))
	if err != nil {
		return nil, err
	}
	pages := s.sessions.LoadAndSave(cross.Handler(e))
	mux := http.NewServeMux()
	mux.Handle(static.Prefix, d.Assets.Handler())
	mux.HandleFunc("GET /healthz", s.health)
	mux.Handle("/", compress(headAsGet(pages)))
	s.root = s.observe(mux)
	return s, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.root.ServeHTTP(w, r) }

// RunJobs does the long work that requests leave behind and sends mails, here and in other processes on the same database, until
// the context ends. A job that is under way then is taken up again by whoever looks next.
func (s *Server) RunJobs(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { s.jobs.Run(ctx) })
	all.Go(func() { s.post.Run(ctx, s.Post) })
	if s.DB.Dialect == store.SQLite && s.Poll >= 0 {
		analyst := job.Loop{Log: s.Log, Poll: time.Hour}
		all.Go(func() {
			analyst.Run(ctx, func(ctx context.Context) (more bool, err error) { return false, s.DB.Analyse(ctx) })
		})
	}
	if s.DB.Dialect == store.MySQL && s.Poll >= 0 {
		poster := job.Loop{Log: s.Log, Poll: time.Second} // readers add what waits, which is to be little
		all.Go(func() {
			poster.Run(ctx, func(ctx context.Context) (more bool, err error) { return false, ledger.Post(ctx, s.DB) })
		})
	}
	if s.Bucket != nil {
		mover := job.Loop{Log: s.Log, Poll: postPoll(s.Poll)}
		all.Go(func() { mover.Run(ctx, s.store) })
	}
	all.Wait()
}

// store moves what was issued since into the bucket.
func (s *Server) store(ctx context.Context) (more bool, err error) {
	_, err = s.certificate.ToBucket(ctx, nil)
	return false, err
}

// Routes lists the site's routes with the permission that each asks for.
func (s *Server) Routes() []Route { return s.routes }

// health answers 200 when the database answers, else 503.
func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
	defer cancel()
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	var one int
	if err := s.DB.Read(ctx).Raw("SELECT 1").Scan(&one).Error; err != nil {
		s.Log.Log(ctx, severity(r, err), "health", "error", err)
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusOK)
}
