package handlers

import (
	"net/http"
	"strconv"

	"taphuan/app/errs"
	"taphuan/models"
)

type signInForm struct {
	Name     string `form:"name" binding:"required,max=200"`
	Password string `form:"password" binding:"required,max=1000"`
	Shared   bool   `form:"shared"`
	Next     string `form:"next" binding:"max=2000"`
}

// signInData is the page where people sign in.
type signInData struct {
	signInForm
	Open bool // anyone may see figures
}

func (s *Server) signInData(c *Ctx, f signInForm) (signInData, error) {
	open, err := s.settings.Open(c.Ctx())
	return signInData{f, open}, err
}

// signInPage shows the sign-in form; whoever is signed in goes on.
func (s *Server) signInPage(c *Ctx) error {
	next := safePath(c.Query("next"), "/")
	if !c.Actor.IsNobody() {
		c.Redirect(http.StatusSeeOther, next)
		return nil
	}
	if err := c.promiseTLS(); err != nil {
		return err
	}
	d, err := s.signInData(c, signInForm{Next: next})
	if err != nil {
		return err
	}
	c.marks = true // what waits on this device is said here
	return c.Page("signin/show", d)
}

// signIn signs in and goes to the local page that was asked for.
func (s *Server) signIn(c *Ctx) error {
	var f signInForm
	err := c.BindForm(&f)
	f.Next = safePath(f.Next, "/")
	var a models.Account
	if err == nil {
		device, _ := c.Cookie(deviceCookie) // without one the device is a strange one
		a, err = s.access.SignInFrom(c.Ctx(), f.Name, f.Password, device)
	}
	if err != nil {
		d, e := s.signInData(c, f)
		if e != nil {
			return e
		}
		return c.Invalid("signin/show", d, err)
	}
	return c.begin(a, f.Shared, f.Next)
}

// begin starts a sign-in session with a fresh token and goes on to next. On a shared computer the cookie ends with the browser,
// and the device does not come to be known.
func (c *Ctx) begin(a models.Account, shared bool, next string) error {
	ctx, sessions := c.Ctx(), c.s.sessions
	if !shared {
		token, err := c.s.access.DeviceToken(a.ID)
		if err != nil {
			return err
		}
		http.SetCookie(c.Writer, &http.Cookie{Name: deviceCookie, Value: token, Path: "/sign-in", MaxAge: cookieYear, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	}
	if err := sessions.RenewToken(ctx); err != nil {
		return errs.Internal("session", err)
	}
	sessions.RememberMe(ctx, !shared)
	sessions.Put(ctx, sessionAccount, strconv.FormatUint(a.ID, 10))
	sessions.Put(ctx, sessionEpoch, a.Epoch)
	sessions.Put(ctx, sessionShared, shared)
	sessions.Put(ctx, sessionSeen, c.s.DB.Time().Unix())
	c.Redirect(http.StatusSeeOther, next)
	return nil
}

// signOut ends this browser's sign-in.
func (s *Server) signOut(c *Ctx) error {
	if err := s.sessions.Destroy(c.Ctx()); err != nil {
		return errs.Internal("session", err)
	}
	c.Redirect(http.StatusSeeOther, "/sign-in")
	return nil
}

type passwordForm struct {
	Current  string `form:"current" binding:"max=1000"`
	Password string `form:"password" binding:"required,max=1000"`
	Again    string `form:"again" binding:"max=1000"`
}

// passwordData is what the password page shows: whether the present password is asked for, and under which name one signs in.
type passwordData struct {
	First bool
	Name  string
}

func (s *Server) passwordData(c *Ctx) (passwordData, error) {
	d, err := s.access.Own(c.Ctx(), c.Actor)
	if err != nil {
		return passwordData{}, err
	}
	p := passwordData{First: d.MustChange}
	if len(d.SignInNames) > 0 {
		p.Name = d.SignInNames[0].Name
	}
	return p, nil
}

// passwordPage asks for a new password.
func (s *Server) passwordPage(c *Ctx) error {
	d, err := s.passwordData(c)
	if err != nil {
		return err
	}
	return c.Page("account/password", d)
}

// password sets the new password; this browser stays signed in, all others are signed out.
func (s *Server) password(c *Ctx) error {
	d, err := s.passwordData(c)
	if err != nil {
		return err
	}
	var f passwordForm
	if err := c.BindForm(&f); err != nil {
		return c.Invalid("account/password", d, err)
	}
	if f.Again != f.Password {
		return c.Invalid("account/password", d, errs.OnField("again", "password_differs"))
	}
	epoch, err := s.access.ChangePassword(c.Ctx(), c.Actor, f.Current, f.Password)
	if err != nil {
		return c.Invalid("account/password", d, err)
	}
	if err := c.goOn(epoch); err != nil {
		return err
	}
	next := "/account"
	if _, err := c.ticket(); d.First && err == nil {
		next = checkInPath // came to sign in from a hall's code
	} else if d.First {
		next = "/"
	}
	return c.Done(next, "account.password_changed")
}

// goOn keeps this browser signed in where the account has moved to a new epoch.
func (c *Ctx) goOn(epoch int) error {
	if err := c.s.sessions.RenewToken(c.Ctx()); err != nil {
		return errs.Internal("session", err)
	}
	c.s.sessions.Put(c.Ctx(), sessionEpoch, epoch)
	return nil
}
