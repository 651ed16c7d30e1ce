package handlers

import (
	"cmp"
	"net/http"
	"slices"
	"strings"

	"taphuan/app/access"
	"taphuan/app/i18n"
	"taphuan/app/page"
	"taphuan/app/workbook"
	"taphuan/models"
	"taphuan/models/viet"
	"taphuan/views"
)

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
	Facts  []auditFact
}

// auditPages are the pages of the things that the audit names, by noun.
var auditPages = map[string]string{"account": "/accounts/", "course": "/courses/", "cadre": "/cadres/", "certificate": "/certificates/", "register": "/registers/", "import": "/imports/"}

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
	if d.Rows, err = s.auditLines(c, p.Rows, maxFact); err != nil {
		return err
	}
	for i := range d.Rows {
		r := &d.Rows[i]
		if page, ok := auditPages[r.Noun]; ok && r.NounID != 0 && s.hasRoute(http.MethodGet, page+":id") {
			r.Href = page + decimal(r.NounID)
		}
	}
	for _, k := range s.Words.Keys() {
		if noun, ok := strings.CutPrefix(k, "audit.noun."); ok {
			d.Nouns = append(d.Nouns, views.Option{Value: noun, Label: c.T(k)})
		}
	}
	slices.SortFunc(d.Nouns, func(a, b views.Option) int { return strings.Compare(viet.SortKey(a.Label), viet.SortKey(b.Label)) })
	return c.Page("audit/list", d)
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
			lines, err := s.auditLines(c, rows, maxCell)
			if err != nil {
				return err
			}
			for _, l := range lines {
				texts := make([]string, len(l.Facts))
				for i, f := range l.Facts {
					texts[i] = f.String()
				}
				if err := row(i18n.Moment(c.Lang, l.At), cmp.Or(l.Account, c.T("audit.system")), l.Action, l.Thing, int64(l.NounID), strings.Join(texts, "; ")); err != nil {
					return err
				}
			}
			return nil
		})
	})
}
