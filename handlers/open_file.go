package handlers

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"slices"

	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/i18n"
	"taphuan/app/workbook"
	"taphuan/models"
)

type openFileFilter struct {
	openFilter
	Group string `form:"group" binding:"max=40"` // of a way; the plan's first when left out
}

// openFile asks for the figures that a file of them shows, and for its group. The answer has a tag: the figures' digest with what else the file depends
// on; known says that the reader has the file already and has been told so.
func (s *Server) openFile(c *Ctx) (o *coverage.Open, group int, known bool, err error) {
	if err := s.opened(c); err != nil {
		return nil, 0, false, err
	}
	var f openFileFilter
	if err := c.BindForm(&f); err != nil {
		return nil, 0, false, err
	}
	if o, err = s.openFigures(c, f.Plan, f.On); err != nil {
		return nil, 0, false, err
	}
	if f.Group != "" {
		if group = slices.IndexFunc(o.Plan.Groups, func(g models.TargetGroup) bool { return g.Code == f.Group }); group < 0 {
			return nil, 0, false, errs.NotFound("group")
		}
	}
	b, err := json.Marshal([]any{toAPIOpen(o), o.Plan, c.Request.URL.Path, c.Lang, group}) // the plan, for its root's name and names in other languages
	if err != nil {
		return nil, 0, false, errs.Internal("open figures", err)
	}
	sum := sha256.Sum256(b)
	tag := `"` + hex.EncodeToString(sum[:16]) + `"`
	c.Header("ETag", tag)
	c.Header("Cache-Control", "private, no-cache") // it is in the reader's language, and ends with an administrator's word
	if known = sameTag(c.GetHeader("If-None-Match"), tag); known {
		c.Status(http.StatusNotModified)
	}
	return o, group, known, nil
}

// openWayFile gives the way of a group of the whole as a workbook, as comma-separated text, as a drawing or as a picture, by the end of the address.
func (s *Server) openWayFile(c *Ctx) error {
	o, i, known, err := s.openFile(c)
	if err != nil || known {
		return err
	}
	if len(o.Plan.Groups) == 0 {
		return errs.Invalid("plan_without_groups")
	}
	done, err := s.openTurn(c) // drawing takes longer than asking
	if err != nil {
		return err
	}
	defer done()
	g := o.Plan.Groups[i]
	l := openLine(c.Lang, c.T("coverage.target"), o, i)
	l.Small, l.Title = false, g.Name(c.Lang)
	name, source := "cong-khai-"+g.Code+"-"+o.Day.String(), c.T("coverage.source", "day", i18n.Day(c.Lang, o.Day))
	if drawn, err := lineFile(c, l, name, c.T("coverage.axis")+", "+o.Plan.Root.Name, source); drawn {
		return err
	}
	sheet := workbook.Sheet{Name: g.Short(c.Lang), Title: g.Name(c.Lang) + ", " + o.Plan.Root.Name + " (" + source + ")",
		Columns: append([]workbook.Column{{Head: c.T("coverage.day"), Kind: workbook.Day, Width: 14}}, openColumns(c)...)}
	return c.Sheet(name, sheet, func(put workbook.Row) error {
		for _, p := range o.Points {
			if err := put(append([]any{p.Day}, openValues(c, o, i, p.Figures[i])...)...); err != nil {
				return err
			}
		}
		return nil
	})
}

// openSheet gives the figures of the day as a table: the organisations right below the whole, what is withheld of them as one, and the whole.
func (s *Server) openSheet(c *Ctx) error {
	o, _, known, err := s.openFile(c)
	if err != nil || known {
		return err
	}
	sheet := workbook.Sheet{Name: c.T("nav.coverage"), Title: c.T("open.title") + ": " + o.Plan.Root.Name + " (" + c.T("coverage.source", "day", i18n.Day(c.Lang, o.Day)) + ")",
		Columns: append([]workbook.Column{{Head: c.T("coverage.column.organisation"), Kind: workbook.Code, Width: 16}, {Head: c.T("coverage.organisation"), Width: 44}, {Head: c.T("coverage.group"), Width: 24}},
			append(openColumns(c), workbook.Column{Head: c.T("coverage.column.unreported"), Kind: workbook.Number, Width: 14})...)}
	return c.Sheet("cong-khai-"+o.Day.String(), sheet, func(put workbook.Row) error {
		rows := func(code, name string, figures []coverage.OpenFigure, least int) error {
			for i, f := range figures {
				if f.Denominator < least {
					continue
				}
				values := append([]any{code, name, o.Plan.Groups[i].Short(c.Lang)}, openValues(c, o, i, f)...)
				if f.Withheld {
					values = append(values, nil)
				} else {
					values = append(values, f.Unreported)
				}
				if err := put(values...); err != nil {
					return err
				}
			}
			return nil
		}
		for _, x := range o.Organisations {
			if err := rows(x.Code, x.Name, x.Figures, 0); err != nil {
				return err
			}
		}
		if err := rows("", c.T("open.together"), o.Together, 1); err != nil { // of a group of which none is withheld by itself there is no sum
			return err
		}
		return rows(o.Plan.Root.Code, o.Plan.Root.Name, o.Groups, 0)
	})
}

func openColumns(c *Ctx) []workbook.Column {
	return []workbook.Column{{Head: c.T("coverage.column.covered"), Kind: workbook.Number, Width: 14}, {Head: c.T("coverage.column.denominator"), Kind: workbook.Number, Width: 14},
		{Head: c.T("coverage.column.percent"), Kind: workbook.Percent, Width: 10}, {Head: c.T("coverage.column.target_percent"), Kind: workbook.Percent, Width: 10}, {Head: c.T("open.note"), Width: 14}}
}

// openValues are the values of openColumns. Of a withheld figure they say nothing but that.
func openValues(c *Ctx, o *coverage.Open, group int, f coverage.OpenFigure) []any {
	target := float64(o.Plan.Groups[group].TargetPercent)
	if f.Withheld {
		return []any{nil, nil, nil, target, c.T("open.withheld")}
	}
	var pct any
	if p := f.Percent(); p != nil {
		pct = p.Float()
	}
	return []any{f.Covered, f.Denominator, pct, target, nil}
}
