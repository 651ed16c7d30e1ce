package main

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"taphuan/models"
)

// listPages opens the first, the middle and the last page of the list of cadres by turns, as a coordinator. The yardstick reads the same
// pages by OFFSET, counts all rows for each, and fills a bare table.
func listPages(ctx context.Context, e *env, size int) (pair, error) {
	middle := func(ctx context.Context, raw *sql.DB) (string, string, error) {
		var key, name string
		var id uint64
		err := raw.QueryRowContext(ctx, "SELECT sort_key, full_name, id FROM cadres ORDER BY sort_key, id LIMIT 1 OFFSET ?", size/2).Scan(&key, &name, &id)
		if err != nil {
			return "", "", err
		}
		cursor, err := json.Marshal([]any{"name", size / 2, key, id - 1})
		return "/cadres?after=" + base64.RawURLEncoding.EncodeToString(cursor), name, err
	}
	return cadreLists(ctx, e, size, func(ctx context.Context, raw *sql.DB) ([]asked, error) {
		path, name, err := middle(ctx, raw)
		return []asked{{path: "/cadres"}, {path: path, offset: size / 2, sees: name}, {path: "/cadres?before=last", offset: size - 50}}, err
	})
}

// listSearch looks for names in the list of cadres by turns: a whole name, one that stands at the end of the list, the beginning of the
// most common one, and one that nobody has. The yardstick looks with LIKE, and counts what it finds.
func listSearch(ctx context.Context, e *env, size int) (pair, error) {
	return cadreLists(ctx, e, size, func(context.Context, *sql.DB) ([]asked, error) {
		var all []asked
		for _, text := range []string{"nguyen van minh yen", "yen", "ng", "khong ai"} {
			all = append(all, asked{path: "/cadres?" + url.Values{"q": {text}}.Encode(), text: text})
		}
		return all, nil
	})
}

// asked is a page of the list: ours by its address, the yardstick's by what it means.
type asked struct {
	path   string
	sees   string // a name on it
	offset int
	text   string
}

func cadreLists(ctx context.Context, e *env, size int, pages func(context.Context, *sql.DB) ([]asked, error)) (pair, error) {
	db, end, err := e.database(ctx)
	if err != nil {
		return pair{}, err
	}
	p := pair{close: end}
	if _, err := newProvince(ctx, db, size); err != nil {
		return p, err
	}
	raw, err := pool(db)
	if err != nil {
		return p, err
	}
	all, err := pages(ctx, raw)
	if err != nil {
		return p, err
	}
	ours, err := application(db)
	if err != nil {
		return p, err
	}
	if _, err := ours.signIn(ctx, db, models.RoleCoordinator, 0); err != nil {
		return p, err
	}
	for _, a := range all {
		if text, err := ours.text(ctx, a.path); err != nil || !strings.Contains(text, a.sees) {
			return p, errors.Join(err, fmt.Errorf("%s does not show %q", a.path, a.sees))
		}
	}
	yard, err := serve(plainList(raw))
	if err != nil {
		return p, err
	}
	close := ends{yard.close, ours.close, end}
	turns := func(get func(a asked) error) func() error {
		n := 0
		return func() error {
			n++
			return get(all[n%len(all)])
		}
	}
	return pair{
		ours: side{run: turns(func(a asked) error { _, err := ours.get(ctx, a.path); return err })},
		yardstick: side{run: turns(func(a asked) error {
			_, err := yard.get(ctx, "/?"+url.Values{"offset": {fmt.Sprint(a.offset)}, "q": {a.text}}.Encode())
			return err
		})},
		close: close.close,
	}, nil
}

// plainList is the plain way: conditions with LIKE, COUNT(*) over all, LIMIT and OFFSET.
func plainList(raw *sql.DB) http.Handler {
	type row struct{ Name, Title, Office string }
	page := template.Must(template.New("").Parse(`<!doctype html><title>Cán bộ</title><p>{{.Total}}</p><table>{{range .Rows}}<tr><th>{{.Name}}</th><td>{{.Title}}</td><td>{{.Office}}</td></tr>{{end}}</table>`))
	today := models.DayOf(now).String()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		from := " FROM cadres c JOIN postings p ON p.cadre_id = c.id AND p.main = 1 AND p.from_day <= ? AND p.to_day > ? JOIN organisations o ON o.id = p.organisation_id WHERE 1 = 1"
		args := []any{today, today}
		for _, word := range strings.Fields(r.URL.Query().Get("q")) {
			from += " AND (c.search LIKE ? OR c.search LIKE ?)"
			args = append(args, word+"%", "% "+word+"%")
		}
		offset, err := strconv.Atoi(r.URL.Query().Get("offset"))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		var d struct {
			Total int
			Rows  []row
		}
		err = raw.QueryRowContext(r.Context(), "SELECT COUNT(*)"+from, args...).Scan(&d.Total)
		var rows *sql.Rows
		if err == nil {
			rows, err = raw.QueryContext(r.Context(), "SELECT c.full_name, p.title, o.name"+from+" ORDER BY c.sort_key, c.id LIMIT 50 OFFSET ?", append(args, offset)...)
		}
		for err == nil && rows.Next() {
			var x row
			err = rows.Scan(&x.Name, &x.Title, &x.Office)
			d.Rows = append(d.Rows, x)
		}
		var b strings.Builder
		if err == nil {
			err = errors.Join(rows.Err(), rows.Close(), page.Execute(&b, d))
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		write(w, []byte(b.String()))
	})
}
