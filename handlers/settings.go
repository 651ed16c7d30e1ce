package handlers

import (
	"context"
	"slices"
	"strings"
	"time"

	"taphuan/app/authority"
	"taphuan/app/coverage"
	"taphuan/app/invitation"
	"taphuan/app/settings"
	"taphuan/app/store"
	"taphuan/models/viet"
)

type settingsForm struct {
	PublicURL    string `form:"public_url" binding:"max=200"`
	Internal     bool   `form:"internal"`
	IssuerParent string `form:"issuer_parent" binding:"max=200"`
	IssuerName   string `form:"issuer_name" binding:"max=200"`
}

type settingsData struct {
	settingsForm
	Mail        mailForm
	MailReady   bool // mails go out
	HasPassword bool // of the mail server
	MailTo      string
	Reminders   string // days before a course
	TLS         *servedCertificate
	Badges      string // address under which digital badges are published, "" while they are off
	Moved       bool   // the public address is another by now
	Open        string // address of the figures that anyone may see, "" while nobody may
	Least       int    // people of whom a figure is shown there
}

// servedCertificate is the certificate that is served.
type servedCertificate struct {
	Hosts   string
	Ends    time.Time
	Soon    bool            // it is to be renewed
	Root    *authority.Root // the private authority; nil: a public one
	RootEnd bool            // it ends soon
}

// served says what certificate is, nil without TLS of our own.
func (s *Server) served() *servedCertificate {
	if s.TLS == nil {
		return nil
	}
	now := s.DB.Time()
	d := &servedCertificate{Hosts: strings.Join(s.TLS.Hosts(), ", "), Ends: s.TLS.NotAfter(), Soon: authority.Soon(s.TLS.NotAfter(), now), Root: s.TLS.Root()}
	d.RootEnd = d.Root != nil && authority.Soon(d.Root.NotAfter, now)
	return d
}

func (s *Server) settingsData(c *Ctx) (settingsData, error) {
	set, err := s.settings.Get(c.Ctx())
	if err != nil {
		return settingsData{}, err
	}
	m, err := s.mail.Config(c.Ctx())
	if err != nil {
		return settingsData{}, err
	}
	badges, err := s.credential.Address(c.Ctx())
	if err != nil {
		return settingsData{}, err
	}
	open, err := s.settings.Open(c.Ctx())
	if err != nil {
		return settingsData{}, err
	}
	address := ""
	if open {
		address = set.Link("/open")
	}
	days, err := s.invitation.ReminderDays(c.Ctx())
	return settingsData{settingsForm: settingsForm{PublicURL: set.PublicURL, Internal: set.Internal, IssuerParent: set.IssuerParent, IssuerName: set.IssuerName},
		Mail: mailFormOf(m), MailReady: m.Ready(), HasPassword: m.HasPassword, Reminders: invitation.DaysText(days), TLS: s.served(),
		Badges: badges, Moved: badges != "" && badges != set.PublicURL, Open: address, Least: coverage.Least}, err
}

// settingsPage shows what is set for the whole system.
func (s *Server) settingsPage(c *Ctx) error {
	d, err := s.settingsData(c)
	if err != nil {
		return err
	}
	return c.Page("settings/show", d)
}

// settingsSave sets it.
func (s *Server) settingsSave(c *Ctx) error {
	d, err := s.settingsData(c)
	if err != nil {
		return err
	}
	var f settingsForm
	if err = c.BindForm(&f); err == nil {
		err = s.settings.Set(c.Ctx(), c.Actor.By, settings.Settings{PublicURL: f.PublicURL, Internal: f.Internal, IssuerParent: f.IssuerParent, IssuerName: f.IssuerName})
	}
	if err != nil {
		d.settingsForm = f
		return c.Invalid("settings/show", d, err)
	}
	return c.Done("/settings", "settings.saved")
}

func (s *Server) hasRoute(method, path string) bool {
	return slices.ContainsFunc(s.routes, func(r Route) bool { return r.Method == method && r.Path == path })
}

// matches says whether each word of what was typed stands in the text, without regard to tones.
func matches(text, typed string) bool {
	text = viet.Fold(text)
	for _, w := range strings.Fields(viet.Fold(typed)) {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// wordsOr gives the text of a key, or other where there is none.
func (c *Ctx) wordsOr(key, other string) string {
	if c.s.Words.Has(key) {
		return c.T(key)
	}
	return other
}

// switched is the handler of a switch on the page of settings: set turns it on or off, part is where it stands there, and on and off are what is
// said then.
func (s *Server) switched(set func(ctx context.Context, by store.By, on bool) error, part, on, off string) Handler {
	return func(c *Ctx) error {
		d, err := s.settingsData(c)
		if err != nil {
			return err
		}
		var f struct {
			On string `form:"on" binding:"required,oneof=true false"`
		}
		if err = c.BindForm(&f); err == nil {
			err = set(c.Ctx(), c.Actor.By, f.On == "true")
		}
		if err != nil {
			return c.Invalid("settings/show", d, err)
		}
		message := off
		if f.On == "true" {
			message = on
		}
		return c.Done("/settings#"+part, message)
	}
}
