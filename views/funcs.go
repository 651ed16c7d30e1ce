package views

import (
	"fmt"
	"html/template"
	"net/url"
	"strings"
	"time"

	"taphuan/app/i18n"
	"taphuan/models"
)

// funcs are the functions of templates in one language. docs/face.md lists them with examples.
func (r *Renderer) funcs(lang string) template.FuncMap {
	text := func(key string, args ...any) string { return r.cat.T(lang, key, args...) }
	return template.FuncMap{
		"t":        text,
		"num":      func(v any) string { return i18n.Num(lang, v) },
		"pct":      func(v any) string { return i18n.Pct(lang, v) },
		"day":      func(d models.Day) string { return i18n.Day(lang, d) },
		"shortday": func(d models.Day) string { return i18n.ShortDay(lang, d) },
		"longday":  func(d models.Day) string { return i18n.LongDay(lang, d) },
		"weekday":  func(d models.Day) string { return i18n.Weekday(lang, d) },
		"halfday": func(d models.Day, minutes any) string {
			return i18n.HalfDay(lang, d, toInt(minutes))
		},
		"clock":    func(minutes any) string { return i18n.Clock(toInt(minutes)) },
		"duration": func(minutes any) string { return i18n.Duration(lang, toInt(minutes)) },
		"time":     i18n.TimeOf,
		"moment":   func(t time.Time) string { return i18n.Moment(lang, t) },
		"dayof":    models.DayOf,
		"bytes":    func(n int64) string { return i18n.Bytes(lang, n) },
		"show":     func(v any) string { return i18n.Show(lang, v) },

		"dict":  dict,
		"list":  func(items ...any) []any { return items },
		"url":   address,
		"asset": r.assets.URL,
		"has":   r.assets.Has,
		"add":   func(a, b any) int { return toInt(a) + toInt(b) },
		"sub":   func(a, b any) int { return toInt(a) - toInt(b) },
		"join":  strings.Join,

		"icon":     icon,
		"field":    newField,
		"option":   newOption,
		"options":  newOptions,
		"button":   newButton,
		"action":   newAction,
		"link":     newLink,
		"crumbs":   func(links ...Link) []Link { return links },
		"tabs":     func(links ...Link) []Link { return links },
		"th":       newHeading,
		"filters":  newFilters,
		"pager":    newPager,
		"keyset":   newKeyset,
		"listhead": newListHead,
		"choice":   newChoice,
		"tag":      newTag,
		"notice":   newNotice,
		"empty":    newEmpty,
		"stat":     newStat,
		"steps":    func(steps ...Step) []Step { return steps },
		"step":     newStep,
		"facts":    func(pairs ...any) ([]Fact, error) { return newFacts(lang, pairs) },
		"progress": newProgress,
		"coverage": func(covered, denominator, target any, pairs ...any) (*Coverage, error) {
			return newCoverage(lang, covered, denominator, target, pairs...)
		},
		"target":           func(p float64) string { return i18n.Target(lang, p) },
		"event":            newEvent,
		"attendance_rows":  r.attendanceRows(lang),
		"attendance_cells": r.attendanceCells(lang),
		"way_rows":         func(rows []WayRow) template.HTML { return wayRows(lang, rows) },
		"rail":             r.rail(lang),
	}
}

func toInt(v any) int {
	switch x := v.(type) {
	case int:
		return x
	case int32:
		return int(x)
	case int64:
		return int(x)
	case uint64:
		return int(x)
	}
	n, err := wholeNumber(v)
	if err != nil {
		return 0
	}
	return n
}

func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict: %d arguments are no pairs", len(pairs))
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		k, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", pairs[i])
		}
		m[k] = pairs[i+1]
	}
	return m, nil
}

// address builds "/courses/7?x=1" from path parts and, after "?", pairs of a query:
// (url "/courses" 7 "sessions" "?" "day" .Day). Empty values of the query are left out.
func address(parts ...any) string {
	var b strings.Builder
	for i, part := range parts {
		s := plain(part)
		if s == "?" {
			q := url.Values{}
			for j := i + 1; j+1 < len(parts); j += 2 {
				if v := plain(parts[j+1]); v != "" {
					q.Set(plain(parts[j]), v)
				}
			}
			if len(q) > 0 {
				b.WriteString("?" + q.Encode())
			}
			break
		}
		if i > 0 || !strings.HasPrefix(s, "/") {
			b.WriteByte('/')
			s = url.PathEscape(s)
		}
		b.WriteString(s)
	}
	return b.String()
}
