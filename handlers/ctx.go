package handlers

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
	"github.com/gin-gonic/gin/binding"
	"github.com/google/uuid"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/i18n"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
)

// Ctx is one request on its way through a handler.
type Ctx struct {
	*gin.Context
	Actor     access.Actor
	Lang      string // "vi" or "en"
	RequestID string

	s     *Server
	route Route
	keep  bool         // the page may be kept by the browser for when there is no connection
	marks bool         // the page has the script of attendance whoever is signed in, and names nobody
	plans []plan.Brief // that the actor may choose between; none where there is no choice
	plan  string       // code of the one of them that the request means
}

// Handler answers a request. What it refuses it returns; errors.go makes pages and JSON of that.
type Handler func(c *Ctx) error

// Keys of what a sign-in session holds.
const (
	sessionAccount = access.SessionAccount
	sessionEpoch   = "epoch"
	sessionFlash   = "flash"
	sessionShared  = "shared"
	sessionSeen    = "seen" // Unix seconds of the last request, as often as access.IdleStep asks for
)

const (
	langCookie   = "lang"
	themeCookie  = "theme"
	deviceCookie = "known" // says to the sign-in page on which account this device has signed in before
	cookieYear   = 365 * 24 * 3600
)

// wrap finds out who asks, checks the route's permission, runs the handler and answers its error.
func (s *Server) wrap(route Route, h Handler) gin.HandlerFunc {
	return func(g *gin.Context) {
		c := &Ctx{Context: g, s: s, route: route, RequestID: requestID(g.Request.Context())}
		limit := route.body
		if limit == 0 {
			limit = 1 << 20
		}
		g.Request.Body = http.MaxBytesReader(g.Writer, g.Request.Body, limit)
		defer c.removeUploads()
		if route.anySite {
			c.Header("Access-Control-Allow-Origin", "*")
			c.Header("Access-Control-Expose-Headers", "ETag")
		}
		if err := c.run(h); err != nil {
			c.fail(err)
		}
	}
}

// removeUploads removes the temporary files of a form with files. net/http does so only for a request that no middleware has copied.
func (c *Ctx) removeUploads() {
	if f := c.Request.MultipartForm; f != nil {
		if err := f.RemoveAll(); err != nil {
			c.s.Log.Error("an upload's temporary file stays", "request", c.RequestID, "error", err)
		}
	}
}

func (c *Ctx) run(h Handler) error {
	c.chooseLang("")
	ctx := c.Ctx()
	plans := func() ([]plan.Brief, error) { return plan.Briefs(ctx, c.s.DB.Read(ctx)) }
	if c.route.Permission != access.Public && c.s.sessions.Exists(ctx, sessionAccount) {
		plans = store.Aside(plans)
		defer func() { _, _ = plans() }() // is waited for; its error is choosePlan's, if the request comes so far
	}
	mustChange, err := c.identify()
	if err != nil {
		return err
	}
	if c.route.Permission != access.Public {
		if c.Actor.IsNobody() {
			return errs.Unauthenticated("unauthenticated")
		}
		if mustChange && !c.route.beforePassword {
			if c.isAPI() {
				return errs.Forbidden("password_change_needed")
			}
			c.Redirect(http.StatusSeeOther, "/password")
			return nil
		}
		if !c.Actor.May(c.route.Permission) {
			return errs.Forbidden("forbidden")
		}
	}
	if c.Request.Method == http.MethodGet && !strings.HasPrefix(c.Request.URL.Path, "/cadres") && c.s.roster.IDHash(c.Query("q")) != "" {
		return c.numberInAddress()
	}
	if c.route.doc != nil {
		if err := c.refuseUnknown(); err != nil {
			return err
		}
	}
	// What a form sends is read here and not before: nobody sends a body in vain who may not.
	if write := c.Request.Method != http.MethodGet && c.Request.Method != http.MethodHead; write && !c.isAPI() {
		if err := c.Request.ParseForm(); err != nil {
			return bindError(err)
		}
	}
	c.Actor.Key = c.requestKey()
	if elsewhere, err := c.choosePlan(plans); err != nil || elsewhere {
		return err
	}
	return h(c)
}

// numberInAddress leads a search for a national id away from its address, with a word on where numbers are searched.
func (c *Ctx) numberInAddress() error {
	if c.isAPI() {
		return errs.OnField("q", "national_id_in_address")
	}
	q := c.Request.URL.Query()
	q.Del("q")
	c.s.sessions.Put(c.Request.Context(), sessionFlash, "warn\x00"+c.T("roster.number_elsewhere"))
	c.Redirect(http.StatusSeeOther, strings.TrimSuffix(c.Request.URL.Path+"?"+q.Encode(), "?"))
	return nil
}

// identify reads who asks from the sign-in session; one that does not hold any more is ended.
func (c *Ctx) identify() (mustChange bool, err error) {
	ctx := c.Request.Context()
	defer func() {
		c.Actor.RequestID = c.RequestID
		c.Actor.Action = actionOf(c.Request)
	}()
	if token, ok := strings.CutPrefix(c.GetHeader("Authorization"), "Bearer "); ok && c.isAPI() {
		c.Actor, err = c.s.access.ByToken(ctx, token)
		c.chooseLang(c.Actor.Lang)
		return false, err
	}
	id, err := strconv.ParseUint(c.s.sessions.GetString(ctx, sessionAccount), 10, 64)
	if err != nil || id == 0 {
		return false, nil // nobody
	}
	acc, err := c.s.access.Load(ctx, id, c.s.sessions.GetInt(ctx, sessionEpoch))
	if errs.Is(err, "signed_out") {
		return false, c.s.sessions.Destroy(ctx)
	}
	if err != nil {
		return false, err
	}
	now := c.s.DB.Time()
	ended, touch := access.IdleStep(time.Unix(c.s.sessions.GetInt64(ctx, sessionSeen), 0), now, c.s.sessions.GetBool(ctx, sessionShared))
	if ended {
		return false, c.s.sessions.Destroy(ctx)
	}
	if touch {
		c.s.sessions.Put(ctx, sessionSeen, now.Unix())
	}
	c.Actor = acc.Actor
	c.chooseLang(acc.Language)
	return acc.MustChange, nil
}

// maxAction is how many characters of an action are kept with a request key.
const maxAction = 160

// actionOf names what a request asks for: method and address, of a long address the beginning and a digest of the whole.
func actionOf(r *http.Request) string {
	action := r.Method + " " + r.URL.EscapedPath()
	if len(action) <= maxAction {
		return action
	}
	sum := sha256.Sum256([]byte(action))
	digest := hex.EncodeToString(sum[:])
	return action[:maxAction-len(digest)] + digest
}

// requestKey is the client's own id of this request: a hidden field of every form, a header of the API.
func (c *Ctx) requestKey() string {
	if c.Request.Method == http.MethodGet || c.Request.Method == http.MethodHead {
		return ""
	}
	key := c.GetHeader("Idempotency-Key")
	if key == "" && !c.isAPI() {
		key = c.PostForm("request_key")
	}
	if len(key) > 64 || strings.ContainsFunc(key, func(r rune) bool { return r < '!' || r > '~' }) {
		return ""
	}
	return key
}

// NewKey makes a request key for a form.
func NewKey() string { return uuid.NewString() }

func (c *Ctx) chooseLang(account string) {
	if q := c.Query("lang"); q == i18n.VI || q == i18n.EN {
		c.Lang = q
		c.setCookie(langCookie, q)
		return
	}
	if v, err := c.Cookie(langCookie); err == nil && v != "" {
		c.Lang = i18n.Lang(v)
		return
	}
	c.Lang = i18n.Lang(account)
}

func (c *Ctx) setCookie(name, value string) {
	http.SetCookie(c.Writer, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: cookieYear, SameSite: http.SameSiteLaxMode})
}

func (c *Ctx) isAPI() bool { return isAPI(c.Request) }

func isAPI(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }

// T gives the text of a key in the reader's language; args are pairs of names and values.
func (c *Ctx) T(key string, args ...any) string { return c.s.Words.T(c.Lang, key, args...) }

// ID reads a number from the path; what is none is answered as not found.
func (c *Ctx) ID(name string) (uint64, error) {
	id, err := strconv.ParseUint(c.Param(name), 10, 63)
	if err != nil || id == 0 {
		return 0, errs.NotFound(name)
	}
	return id, nil
}

// queryID reads an id from the address's query, 0 where it names none. It refuses with not_found what cannot be one.
func (c *Ctx) queryID(name string) (uint64, error) {
	text := c.Query(name)
	if text == "" {
		return 0, nil
	}
	id, err := strconv.ParseUint(text, 10, 63)
	if err != nil || id == 0 {
		return 0, errs.NotFound(name)
	}
	return id, nil
}

// Today is the present local day.
func (c *Ctx) Today() models.Day { return models.DayOf(c.s.DB.Time()) }

// Ctx is the request's context, for services.
func (c *Ctx) Ctx() context.Context { return c.Request.Context() }

// BindForm reads a form or a query into a struct with `form` and `binding` tags. It refuses with "invalid_input" and the fields.
func (c *Ctx) BindForm(into any) error {
	var b binding.Binding = binding.Form
	if c.Request.Method == http.MethodGet {
		b = binding.Query
	} else if strings.HasPrefix(c.ContentType(), "multipart/") {
		b = binding.FormMultipart
	}
	if err := bindError(c.ShouldBindWith(into, b)); err != nil {
		return err
	}
	return idsFit(into)
}

// BindJSON reads a JSON body into a struct with `json` and `binding` tags. It refuses unknown fields, more than one value, and
// what the tags refuse.
func (c *Ctx) BindJSON(into any) error {
	if ct := c.ContentType(); ct != "application/json" {
		return errs.Invalid("json_wanted")
	}
	if err := bindError(decodeJSON(c.Request.Body, into)); err != nil {
		return err
	}
	return idsFit(into)
}

// Done answers a form that was carried out: it goes on to path, where the message is shown.
func (c *Ctx) Done(path, message string, args ...any) error {
	if message != "" {
		c.s.sessions.Put(c.Request.Context(), sessionFlash, "done\x00"+c.T(message, args...))
	}
	c.Redirect(http.StatusSeeOther, path)
	return nil
}

// Bytes answers with a file; name is what it is saved as, "" to show it in the browser. It is not to be kept unless that has been said otherwise.
func (c *Ctx) Bytes(contentType, name string, b []byte) error {
	if name != "" {
		c.Header("Content-Disposition", contentDisposition(name))
	}
	if c.Writer.Header().Get("Cache-Control") == "" {
		c.Header("Cache-Control", "private, no-store")
	}
	c.Data(http.StatusOK, contentType, b)
	return nil
}

// OK answers with JSON.
func (c *Ctx) OK(status int, v any) error {
	c.Header("Cache-Control", "private, no-store")
	c.JSON(status, v)
	return nil
}
