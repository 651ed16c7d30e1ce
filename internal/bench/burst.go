package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"taphuan/models"
)

// What a phone does in the burst: so many taps within the window, each sent together with what else was tapped until then, the first a
// quarter of a second after its tap, one request at a time, as the page's script does.
const (
	tapsEach    = 40
	burstWindow = 10 * time.Second
	gathering   = 250 * time.Millisecond
)

type tapped struct {
	UID       string           `json:"uid"`
	Session   uint64           `json:"session_id"`
	Enrolment uint64           `json:"enrolment_id"`
	Mark      models.MarkValue `json:"mark"`
	MarkedAt  time.Time        `json:"marked_at"`
	OffsetMS  int64            `json:"offset_ms"`
}

// phone taps and sends, and gives how long each request took. The dice are its own.
func (h *hall) phone(ctx context.Context, client *http.Client, url string, dice *rand.Rand) ([]time.Duration, error) {
	at := make([]time.Duration, tapsEach)
	for i := range at {
		at[i] = time.Duration(dice.Int64N(int64(burstWindow)))
	}
	slices.Sort(at)
	device := uuid.NewString()
	from := time.Now()
	var times []time.Duration
	for next := 0; next < len(at); {
		if err := wait(ctx, time.Until(from.Add(at[next]+gathering))); err != nil {
			return nil, err
		}
		var marks []tapped
		for ; next < len(at) && time.Since(from) >= at[next]; next++ {
			marks = append(marks, tapped{UID: uuid.Must(uuid.NewV7()).String(), Session: h.sessions[dice.IntN(len(h.sessions))].ID, Enrolment: h.enrolled[dice.IntN(len(h.enrolled))],
				Mark: mixed[dice.IntN(len(mixed))], MarkedAt: now.Add(at[next])})
		}
		body, err := json.Marshal(map[string]any{"device_id": device, "marks": marks})
		if err != nil {
			return nil, err
		}
		sent := time.Now()
		if err := taken(ctx, client, url, body, len(marks)); err != nil {
			return nil, err
		}
		times = append(times, time.Since(sent))
	}
	return times, nil
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// taken sends marks and refuses an answer in which not every one was stored.
func taken(ctx context.Context, client *http.Client, url string, body []byte, n int) (err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, res.Body.Close()) }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return err
	}
	if got := bytes.Count(b, []byte(`"status":"stored"`)); res.StatusCode != http.StatusOK || got != n {
		return fmt.Errorf("%s: %d of %d stored: %.300s", res.Status, got, n, b)
	}
	return nil
}

// burst lets so many phones tap at once against an address, and gives the 99th percentile of their requests.
func (h *hall) burst(ctx context.Context, s *site, path string, phones int) (time.Duration, error) {
	client := &http.Client{Jar: s.client.Jar, Transport: &http.Transport{MaxIdleConnsPerHost: phones, MaxConnsPerHost: phones}}
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var wg sync.WaitGroup
	var all []time.Duration
	var failed error
	for i := range phones {
		wg.Go(func() {
			times, err := h.phone(ctx, client, s.url+path, rand.New(rand.NewPCG(uint64(i), uint64(phones))))
			mu.Lock()
			defer mu.Unlock()
			all, failed = append(all, times...), errors.Join(failed, err)
		})
	}
	wg.Wait()
	if failed == nil {
		fmt.Fprintf(os.Stderr, "  %d phones, %s: %d requests, median %s\n", phones, path, len(all), duration(quantile(all, 50)))
	}
	return quantile(all, 99), failed
}

// burstMarks is a hall of phones that all mark the same course within ten seconds; what is compared is the 99th percentile of their
// requests. The yardstick takes the same requests and stores each mark by a plain upsert in a commit of its own: no sign-in, no check,
// no history. Growth: with the phones.
func burstMarks(ctx context.Context, e *env, phones int) (pair, error) {
	h, err := newHall(ctx, e, 200)
	if err != nil {
		return pair{}, err
	}
	p := pair{close: h.closeBoth}
	upsert, err := h.plainMarks(ctx)
	if err != nil {
		return p, err
	}
	plain, err := serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Marks []tapped `json:"marks"`
		}
		err := json.NewDecoder(r.Body).Decode(&in)
		for _, m := range in.Marks {
			if err == nil {
				_, err = upsert.ExecContext(r.Context(), m.Session, m.Enrolment, m.Mark, m.MarkedAt.UTC(), h.account)
			}
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		if _, err := io.WriteString(w, string(bytes.Repeat([]byte(`"status":"stored"`), len(in.Marks)))); err != nil {
			return // the client went away
		}
	}))
	if err != nil {
		return p, errors.Join(err, upsert.Close())
	}
	p.close = func() error { return errors.Join(plain.close(), upsert.Close(), h.closeBoth()) }
	p.ours = side{before: h.empty(ctx, "mark_disputes", "marks", "mark_events"), took: func() (time.Duration, error) { return h.burst(ctx, h.site, "/marks", phones) }}
	p.yardstick = side{before: h.empty(ctx, "plain_marks"), took: func() (time.Duration, error) { return h.burst(ctx, plain, "/", phones) }}
	return p, nil
}
