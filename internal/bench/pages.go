package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"taphuan/app/access"
	"taphuan/app/store"
	layout "taphuan/app/template"
	"taphuan/handlers"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// ends closes things in the order in which they were added.
type ends []func() error

func (e ends) close() error {
	var err error
	for _, f := range e {
		err = errors.Join(err, f())
	}
	return err
}

// beside is our application and a bare net/http handler in one pair: each side asks for its page once a turn.
func beside(ctx context.Context, ours *site, path string, bare http.Handler, end ends) (pair, error) {
	yard, err := serve(bare)
	if err != nil {
		return pair{close: end.close}, err
	}
	end = append(ends{yard.close, ours.close}, end...)
	return pair{
		ours:      side{run: func() error { _, err := ours.get(ctx, path); return err }},
		yardstick: side{run: func() error { _, err := yard.get(ctx, "/"); return err }},
		close:     end.close,
	}, nil
}

// register fills a database with an invented province and so many certificates, all of the same document, and gives one of them.
func register(ctx context.Context, db *store.DB, n int) (c models.Certificate, err error) {
	p, err := newProvince(ctx, db, n)
	if err != nil {
		return c, err
	}
	snap := layout.Sample()
	look, err := standardTemplate()
	if err != nil {
		return c, err
	}
	pdf, err := look.Draw(snap, layout.Copy)
	if err != nil {
		return c, err
	}
	text, err := snapshotText(snap)
	if err != nil {
		return c, err
	}
	_, err = db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		if err := tx.Create(&models.Issuer{OrganisationID: p.plan.RootID, Name: "Sở Văn hóa, Thể thao và Du lịch", Place: "Cao Bằng", Symbol: "GCN"}).Error; err != nil {
			return 0, err
		}
		r := models.Register{IssuerID: p.plan.RootID, Year: 2026, Symbol: "GCN", NextNumber: n + 1}
		if err := tx.Create(&r).Error; err != nil {
			return 0, err
		}
		var certs []models.Certificate
		var extra []models.Completion
		for _, k := range p.cadres {
			extra = append(extra, models.Completion{CadreID: k.ID, EffectiveDay: models.DayOf(now), AttendedMinutes: 240, TotalMinutes: 240})
		}
		if err := tx.CreateInBatches(&extra, rowsAtOnce).Error; err != nil {
			return 0, err
		}
		for i, k := range p.cadres {
			certs = append(certs, models.Certificate{RegisterID: r.ID, Number: i + 1, Serial: fmt.Sprintf("%04d/2026/GCN", i+1), Code: fmt.Sprintf("%016d", i+1), CompletionID: extra[i].ID,
				LiveCompletionID: &extra[i].ID, CadreID: k.ID, State: models.CertificateValid, Snapshot: text, IssuedDay: models.DayOf(now), IssuedAt: now})
		}
		if err := tx.CreateInBatches(&certs, 500).Error; err != nil {
			return 0, err
		}
		c = certs[len(certs)/2]
		const some = 50
		for from := 0; from < len(certs); from += some {
			var files []models.CertificateDocument
			for i, x := range certs[from:min(from+some, len(certs))] {
				d := distinct(pdf, from+i)
				d.CertificateID = x.ID
				files = append(files, d)
			}
			if err := tx.Create(&files).Error; err != nil {
				return 0, err
			}
		}
		return 0, nil
	})
	if err != nil {
		return c, err
	}
	return c, analyse(ctx, db)
}

// pool is the database as database/sql has it, for yardsticks.
func pool(db *store.DB) (*sql.DB, error) { return db.Pools()[0].DB() }

// downloadCertificate lets a cadre fetch the own document, beside a handler that reads the same bytes by their id and sends them.
func downloadCertificate(ctx context.Context, e *env, size int) (pair, error) {
	db, end, err := e.database(ctx)
	if err != nil {
		return pair{}, err
	}
	p := pair{close: end}
	c, err := register(ctx, db, size)
	if err != nil {
		return p, err
	}
	ours, err := application(db)
	if err != nil {
		return p, err
	}
	h, ok := ours.handler.(*handlers.Server)
	if !ok {
		return p, errors.New("no application")
	}
	accounts := &access.Service{DB: db, Keys: h.Keys}
	if _, err := accounts.Create(ctx, access.System(), access.NewAccount{Name: "Lý Thị Thử", SignInNames: []string{"thu"}, CadreID: c.CadreID, Role: models.RoleCadre, Password: testweb.Password}); err != nil {
		return p, err
	}
	if _, err := ours.post(ctx, "/sign-in", map[string][]string{"name": {"thu"}, "password": {testweb.Password}}); err != nil {
		return p, err
	}
	raw, err := pool(db)
	if err != nil {
		return p, err
	}
	bare := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var pdf []byte
		if err := raw.QueryRowContext(r.Context(), "SELECT body FROM certificate_documents WHERE certificate_id = ? AND kind = 'copy'", c.ID).Scan(&pdf); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		w.Header().Set("Content-Type", "application/pdf")
		write(w, pdf)
	})
	return beside(ctx, ours, fmt.Sprintf("/my/certificates/%d/pdf", c.ID), bare, ends{end})
}

// write sends bytes; a client that has gone away is the client's affair.
func write(w http.ResponseWriter, b []byte) {
	if _, err := w.Write(b); err != nil {
		return
	}
}

// signInPage opens the sign-in page so many times, one after another, beside as many bytes sent from memory.
func signInPage(ctx context.Context, e *env, size int) (pair, error) {
	db, end, err := e.database(ctx)
	if err != nil {
		return pair{}, err
	}
	p := pair{close: end}
	ours, err := application(db)
	if err != nil {
		return p, err
	}
	text, err := ours.text(ctx, "/verify") // of about the same length: the client takes a sign-in page for a refusal
	if err != nil {
		return p, err
	}
	yard, err := serve(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { write(w, []byte(text)) }))
	if err != nil {
		return p, err
	}
	end2 := ends{yard.close, ours.close, end}
	return pair{
		ours: side{run: times(size, func() error {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, ours.url+"/sign-in", nil)
			if err != nil {
				return err
			}
			res, err := ours.client.Do(req)
			if err != nil {
				return err
			}
			return drain(res)
		})},
		yardstick: side{run: times(size, func() error { _, err := yard.get(ctx, "/"); return err })},
		close:     end2.close,
	}, nil
}

// times does the same so many times, and stops where it fails.
func times(n int, do func() error) func() error {
	return func() error {
		for range n {
			if err := do(); err != nil {
				return err
			}
		}
		return nil
	}
}

// peopleList opens the list of cadres as a coordinator, beside a handler that reads a page of names with their offices and fills a table.
func peopleList(ctx context.Context, e *env, size int) (pair, error) {
	db, end, err := e.database(ctx)
	if err != nil {
		return pair{}, err
	}
	p := pair{close: end}
	if _, err := newProvince(ctx, db, size); err != nil {
		return p, err
	}
	ours, err := application(db)
	if err != nil {
		return p, err
	}
	if _, err := ours.signIn(ctx, db, models.RoleCoordinator, 0); err != nil {
		return p, err
	}
	raw, err := pool(db)
	if err != nil {
		return p, err
	}
	type row struct{ Name, Title, Office string }
	page := template.Must(template.New("").Parse(`<!doctype html><title>Cán bộ</title><table>{{range .}}<tr><th>{{.Name}}</th><td>{{.Title}}</td><td>{{.Office}}</td></tr>{{end}}</table>`))
	today := int(models.DayOf(now))
	bare := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		rows, err := raw.QueryContext(r.Context(), "SELECT c.full_name, COALESCE(p.title, ''), COALESCE(o.name, '') FROM cadres c LEFT JOIN postings p ON p.cadre_id = c.id AND p.main = 1 AND p.from_day <= ? AND p.to_day > ?"+
			" LEFT JOIN organisations o ON o.id = p.organisation_id ORDER BY c.sort_key, c.id LIMIT 50", today, today)
		var b strings.Builder
		var list []row
		for err == nil && rows.Next() {
			var x row
			err = rows.Scan(&x.Name, &x.Title, &x.Office)
			list = append(list, x)
		}
		if err == nil {
			err = errors.Join(rows.Err(), rows.Close(), page.Execute(&b, list))
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		write(w, []byte(b.String()))
	})
	return beside(ctx, ours, "/cadres", bare, ends{end})
}
