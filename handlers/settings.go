package handlers

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"taphuan/app/access"
	"taphuan/app/i18n"
	"taphuan/app/invitation"
	"taphuan/app/page"
	"taphuan/app/settings"
	"taphuan/app/workbook"
	"taphuan/models"
	"taphuan/models/viet"
	"taphuan/views"
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
	days, err := s.invitation.ReminderDays(c.Ctx())
	return settingsData{settingsForm: settingsForm{PublicURL: set.PublicURL, Internal: set.Internal, IssuerParent: set.IssuerParent, IssuerName: set.IssuerName},
		Mail: mailFormOf(m), MailReady: m.Ready(), HasPassword: m.HasPassword, Reminders: invitation.DaysText(days)}, err
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

type auditForm struct {
	Who  string     `form:"q" binding:"max=200"`
	Noun string     `form:"noun" binding:"max=40"`
	ID   uint64     `form:"id"`
	From models.Day `form:"from"`
	To   models.Day `form:"to"`
	page.Ask
}

func (f auditForm) filter() access.AuditFilter {
	return access.AuditFilter{Who: f.Who, Noun: f.Noun, NounID: f.ID, From: f.From, To: f.To}
}

type auditData struct {
	page.Place
	Rows  []auditLine
	Form  auditForm
	Nouns []views.Option
}

type auditLine struct {
	access.AuditRow
	Action string // in words
	Thing  string // in words
	Href   string // "" where the thing has no page
}

// auditPages are the pages of the things that the audit names, by noun.
var auditPages = map[string]string{"account": "/accounts/", "course": "/courses/", "cadre": "/cadres/", "certificate": "/certificates/", "import": "/imports/"}

// audit lists who did what, newest first.
func (s *Server) audit(c *Ctx) error {
	var f auditForm
	if err := c.BindForm(&f); err != nil {
		return err
	}
	p, err := s.access.Audit(c.Ctx(), f.filter(), f.Ask)
	if err != nil {
		return err
	}
	d := auditData{Place: p.Place, Form: f}
	for _, r := range p.Rows {
		l := auditLine{AuditRow: r, Action: c.wordsOr("audit.action."+r.AuditEntry.Action, r.AuditEntry.Action), Thing: c.wordsOr("audit.noun."+r.Noun, r.Noun)}
		if page, ok := auditPages[r.Noun]; ok && r.NounID != 0 && s.hasRoute(http.MethodGet, page+":id") {
			l.Href = page + decimal(r.NounID)
		}
		d.Rows = append(d.Rows, l)
	}
	for _, k := range s.Words.Keys() {
		if noun, ok := strings.CutPrefix(k, "audit.noun."); ok {
			d.Nouns = append(d.Nouns, views.Option{Value: noun, Label: c.T(k)})
		}
	}
	slices.SortFunc(d.Nouns, func(a, b views.Option) int { return strings.Compare(viet.SortKey(a.Label), viet.SortKey(b.Label)) })
	return c.Page("audit/list", d)
}

// wordsOr gives the text of a key, or other where there is none.
func (c *Ctx) wordsOr(key, other string) string {
	if c.s.Words.Has(key) {
		return c.T(key)
	}
	return other
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

// auditSheet gives the audit as a workbook, as far as the filter finds it.
func (s *Server) auditSheet(c *Ctx) error {
	var f auditForm
	if err := c.BindForm(&f); err != nil {
		return err
	}
	sheet := workbook.Sheet{Name: c.T("audit.title"), Title: c.T("audit.title"), Columns: []workbook.Column{{Head: c.T("audit.when"), Width: 22}, {Head: c.T("audit.who")}, {Head: c.T("audit.did"), Width: 36},
		{Head: c.T("audit.what"), Width: 18}, {Head: c.T("roster.code"), Kind: workbook.Code, Width: 10}, {Head: c.T("audit.detail"), Width: 80}}}
	return c.Sheet("nhat-ky", sheet, func(row workbook.Row) error {
		return s.access.EachAudit(c.Ctx(), f.filter(), f.Sort, func(rows []access.AuditRow) error {
			for _, r := range rows {
				if err := row(i18n.Moment(c.Lang, r.At), cmp.Or(r.Account, c.T("audit.system")), c.wordsOr("audit.action."+r.Action, r.Action), c.wordsOr("audit.noun."+r.Noun, r.Noun), int64(r.NounID), r.Detail); err != nil {
					return err
				}
			}
			return nil
		})
	})
}
