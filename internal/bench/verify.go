package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"golang.org/x/sync/errgroup"

	"taphuan/app/store"
	layout "taphuan/app/template"
	"taphuan/models"
)

// verifyPage asks for the public page behind a certificate's QR code, over HTTP, among so many certificates. The yardstick is a bare
// handler of net/http that selects the row and executes one small template with the same words.
func verifyPage(ctx context.Context, e *env, size int) (p pair, err error) {
	p, app, plain, codes, err := verifySites(ctx, e, size)
	if err == nil {
		p.ours.run, p.yardstick.run = check(ctx, app, codes), check(ctx, plain, codes)
	}
	return p, err
}

// verifyThousand is a thousand of those pages for so many people who ask at a time, among 5,000 certificates: a thousand a third of
// a second are 3,000 a second.
func verifyThousand(ctx context.Context, e *env, size int) (p pair, err error) {
	p, app, plain, codes, err := verifySites(ctx, e, 5_000)
	if err != nil {
		return p, err
	}
	rush := func(s *site) func() error {
		return func() error {
			g, ctx := errgroup.WithContext(ctx)
			for n := range size {
				g.Go(func() error {
					for i := n; i < 1000; i += size {
						if _, err := s.get(ctx, "/v/"+codes[i*7919%len(codes)]); err != nil {
							return err
						}
					}
					return nil
				})
			}
			return g.Wait()
		}
	}
	p.ours.run, p.yardstick.run = rush(app), rush(plain)
	return p, nil
}

// verifySites serves both sides on a database with so many certificates.
func verifySites(ctx context.Context, e *env, size int) (p pair, app, plain *site, codes []string, err error) {
	db, end, err := e.database(ctx)
	if err != nil {
		return p, nil, nil, nil, err
	}
	ends := []func() error{end}
	p.close = func() (err error) {
		for i := len(ends) - 1; i >= 0; i-- {
			err = errors.Join(err, ends[i]())
		}
		return err
	}
	codes, err = newCertificates(ctx, db, size)
	if err != nil {
		return p, nil, nil, nil, err
	}
	app, err = application(db)
	if err != nil {
		return p, nil, nil, nil, err
	}
	ends = append(ends, app.close)
	plain, err = serve(&plainVerify{db: db})
	if err != nil {
		return p, nil, nil, nil, err
	}
	ends = append(ends, plain.close)
	for _, s := range []*site{app, plain} {
		s.client.Transport = &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true} // all who ask keep their connections
		page, err := s.text(ctx, "/v/"+codes[0])
		if err != nil {
			return p, nil, nil, nil, err
		}
		if !strings.Contains(page, layout.Sample().Name) {
			return p, nil, nil, nil, fmt.Errorf("%s: the page does not say to whom the certificate was issued", s.url)
		}
	}
	return p, app, plain, codes, nil
}

// check asks for one code after another.
func check(ctx context.Context, s *site, codes []string) func() error {
	i := 0
	return func() error {
		i = (i + 7919) % len(codes)
		_, err := s.get(ctx, "/v/"+codes[i])
		return err
	}
}

// newCertificates fills a database with so many certificates and gives their codes.
func newCertificates(ctx context.Context, db *store.DB, size int) ([]string, error) {
	prov, err := newProvince(ctx, db, 2*size+20) // two thirds of whom have completed
	if err != nil {
		return nil, err
	}
	host := *prov.plan.LeadID
	var codes []string
	var all []models.Certificate
	_, err = db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		r := models.Register{IssuerID: host, Year: 2026, Symbol: "GCN-QCN", NextNumber: size + 1}
		if err := tx.Create(&models.Issuer{OrganisationID: host, Name: "Sở Văn hóa, Thể thao và Du lịch", Place: "Cao Bằng", Symbol: r.Symbol}).Error; err != nil {
			return 0, err
		}
		if err := tx.Create(&r).Error; err != nil {
			return 0, err
		}
		codes, all = nil, nil
		for i, c := range prov.completions[:size] {
			s := layout.Sample()
			s.Serial = fmt.Sprintf("%04d/2026/GCN-QCN", i+1)
			s.Code = fmt.Sprintf("K7WM4PQZ%08d", i)
			b, err := json.Marshal(s)
			if err != nil {
				return 0, err
			}
			codes = append(codes, s.Code)
			all = append(all, models.Certificate{RegisterID: r.ID, Number: i + 1, Serial: s.Serial, Code: s.Code, CompletionID: c.ID, LiveCompletionID: &c.ID, CadreID: c.CadreID,
				State: models.CertificateValid, Snapshot: string(b), IssuedDay: models.DayOf(now), IssuedAt: now})
		}
		return 0, tx.CreateInBatches(&all, rowsAtOnce).Error
	})
	if err != nil {
		return nil, err
	}
	return codes, analyse(ctx, db)
}

// plainVerify is the yardstick: it selects the row and shows it.
type plainVerify struct{ db *store.DB }

var plainCertificate = template.Must(template.New("").Parse(`<!doctype html><html lang="vi"><title>Tra cứu</title><h1>Giấy chứng nhận {{.Serial}}</h1><dl><dt>Người được cấp</dt><dd>{{.Name}}</dd>
<dt>Đơn vị</dt><dd>{{.Organisation}}</dd><dt>Lớp</dt><dd>{{.CourseType}}: {{.CourseTitle}}</dd><dt>Thời gian</dt><dd>{{.From}} - {{.To}}</dd><dt>Cơ quan cấp</dt><dd>{{.Issuer}}</dd></dl></html>`))

func (y *plainVerify) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var state, text string
	var s layout.Snapshot
	err := y.db.Read(r.Context()).Raw("SELECT state, snapshot FROM certificates WHERE code = ?", strings.TrimPrefix(r.URL.Path, "/v/")).Row().Scan(&state, &text)
	if err == nil {
		err = json.Unmarshal([]byte(text), &s)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	answer(w, plainCertificate, s)
}
