package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"taphuan/app/access"
	"taphuan/app/attendance"
	"taphuan/app/badge"
	"taphuan/handlers"
)

// checkInEvery is how often somebody checks in: 5,000 in a minute.
const checkInEvery = 12 * time.Millisecond

// done is what the page says to whoever is marked.
const done = "Đã ghi có mặt"

// arrive is one phone of a hall: it opens the screen's code, types the personal code and reads that it is marked. It gives how long each
// of the two took, with the pages to which they lead.
func arrive(ctx context.Context, transport http.RoundTripper, base, code, personal string) (times [2]time.Duration, err error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return times, err
	}
	client := &http.Client{Jar: jar, Transport: transport}
	form := url.Values{"code": {personal}, "by": {"code"}}.Encode()
	for i, x := range []struct{ method, path, body, want string }{{http.MethodGet, attendance.CodePath + code, "", "Mã dự lớp"}, {http.MethodPost, "/check-in", form, done}} {
		req, err := http.NewRequestWithContext(ctx, x.method, base+x.path, strings.NewReader(x.body))
		if err != nil {
			return times, err
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		from := time.Now()
		res, err := client.Do(req)
		if err != nil {
			return times, err
		}
		b, err := io.ReadAll(res.Body)
		times[i] = time.Since(from)
		if err = errors.Join(err, res.Body.Close()); err != nil {
			return times, err
		}
		if res.StatusCode != http.StatusOK || !strings.Contains(string(b), x.want) {
			return times, fmt.Errorf("%s %s: %s: %.300s", x.method, x.path, res.Status, b)
		}
	}
	return times, nil
}

// arrivals lets everybody enrolled check in at a time of their own within the window, and gives the 99th percentile.
func (h *hall) arrivals(ctx context.Context, s *site, code string, personal []string) (time.Duration, error) {
	transport := &http.Transport{MaxIdleConnsPerHost: 200}
	defer transport.CloseIdleConnections()
	window := time.Duration(len(personal)) * checkInEvery
	dice := rand.New(rand.NewPCG(1, uint64(len(personal))))
	var mu sync.Mutex
	var wg sync.WaitGroup
	var all []time.Duration
	var failed error
	for _, p := range personal {
		at := time.Duration(dice.Int64N(int64(window)))
		wg.Go(func() {
			if wait(ctx, at) != nil {
				return
			}
			times, err := arrive(ctx, transport, s.url, code, p)
			mu.Lock()
			defer mu.Unlock()
			all, failed = append(all, times[:]...), errors.Join(failed, err)
		})
	}
	wg.Wait()
	if failed == nil {
		fmt.Fprintf(os.Stderr, "  %d check-ins in %s: %d requests, median %s\n", len(personal), window, len(all), duration(quantile(all, 50)))
	}
	return quantile(all, 99), failed
}

// checkIns is a hall whose people all check in with their own phones, 5,000 a minute: each opens the screen's code and sends the
// personal code; what is compared is the 99th percentile of those. The yardstick answers the same requests with a word and stores each
// mark by a plain upsert in a commit of its own: no code is checked, no ticket, page, limit or history.
func checkIns(ctx context.Context, e *env, size int) (pair, error) {
	h, err := newHall(ctx, e, size)
	if err != nil {
		return pair{}, err
	}
	p := pair{close: h.closeBoth}
	upsert, err := h.plainMarks(ctx)
	if err != nil {
		return p, err
	}
	server, ok := h.site.handler.(*handlers.Server)
	if !ok {
		return p, errors.New("the site is no application")
	}
	service := &attendance.Service{DB: h.db, Keys: server.Keys}
	screen, err := service.Screen(ctx, access.System(), h.sessions[0].ID)
	if err != nil {
		return p, err
	}
	personal := make([]string, len(h.enrolled))
	for i, id := range h.enrolled {
		personal[i] = badge.Code(server.Keys, id)
	}
	plain, err := serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text := "Mã dự lớp"
		if r.Method == http.MethodPost {
			id, _, _ := strings.Cut(r.FormValue("code"), "-")
			who, err := strconv.ParseUint(id, 10, 64)
			if err == nil {
				_, err = upsert.ExecContext(r.Context(), h.sessions[0].ID, who, "present", now.UTC(), h.account)
			}
			if err != nil {
				http.Error(w, err.Error(), http.StatusInternalServerError)
				return
			}
			text = done
		}
		if _, err := io.WriteString(w, text); err != nil {
			return // the phone went away
		}
	}))
	if err != nil {
		return p, errors.Join(err, upsert.Close())
	}
	p.close = func() error { return errors.Join(plain.close(), upsert.Close(), h.closeBoth()) }
	p.ours = side{before: h.empty(ctx, "mark_disputes", "marks", "mark_events"), took: func() (time.Duration, error) { return h.arrivals(ctx, h.site, screen.Code, personal) }}
	p.yardstick = side{before: h.empty(ctx, "plain_marks"), took: func() (time.Duration, error) { return h.arrivals(ctx, plain, screen.Code, personal) }}
	return p, nil
}
