package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/alexedwards/argon2id"

	"taphuan/app/access"
	"taphuan/app/store"
	"taphuan/internal/testweb"
	"taphuan/models"
)

func drain(res *http.Response) error {
	_, err := io.Copy(io.Discard, res.Body)
	return errors.Join(err, res.Body.Close())
}

// signInHall signs so many people in at once from one address, each in a browser of the own, beside comparing as many passwords with
// argon2id at the same cost and nothing else.
func signInHall(ctx context.Context, e *env, size int) (pair, error) {
	db, end, err := e.database(ctx)
	if err != nil {
		return pair{}, err
	}
	p := pair{close: end}
	ours, err := application(db)
	if err != nil {
		return p, err
	}
	if _, err := ours.signIn(ctx, db, models.RoleTrainer, 0); err != nil {
		return p, err
	}
	p.close = ends{ours.close, end}.close
	var first models.Account
	if err := db.Read(ctx).Order("id").Take(&first).Error; err != nil {
		return p, err
	}
	_, err = db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		accounts := make([]models.Account, size)
		for i := range accounts {
			accounts[i] = models.Account{Name: "Người dự", PasswordHash: first.PasswordHash, Language: "vi"}
		}
		if err := tx.CreateInBatches(&accounts, rowsAtOnce).Error; err != nil {
			return 0, err
		}
		names := make([]models.SignInName, size)
		for i, a := range accounts {
			names[i] = models.SignInName{Name: fmt.Sprint("nguoi", i), Kind: access.KindName, AccountID: a.ID}
		}
		return 0, tx.CreateInBatches(&names, rowsAtOnce).Error
	})
	if err != nil {
		return p, err
	}
	p.ours.run = func() error {
		return atOnce(size, func(i int) error {
			form := url.Values{"name": {fmt.Sprint("nguoi", i)}, "password": {testweb.Password}}
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, ours.url+"/sign-in", strings.NewReader(form.Encode()))
			if err != nil {
				return err
			}
			req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			res, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				return err
			}
			if res.StatusCode != http.StatusSeeOther {
				return errors.Join(fmt.Errorf("signing in: %s", res.Status), drain(res))
			}
			return drain(res)
		})
	}
	turns := make(chan struct{}, 3)
	p.yardstick.run = func() error {
		return atOnce(size, func(int) error {
			turns <- struct{}{}
			defer func() { <-turns }()
			ok, err := argon2id.ComparePasswordAndHash(testweb.Password, first.PasswordHash)
			if err == nil && !ok {
				err = errors.New("the password is not the one of the hash")
			}
			return err
		})
	}
	return p, nil
}

// atOnce runs f so many times at once and joins what went wrong.
func atOnce(n int, f func(i int) error) error {
	failed := make([]error, n)
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { failed[i] = f(i) })
	}
	wg.Wait()
	return errors.Join(failed...)
}

// startExisting starts bin/taphuan, which make bench has built, on an existing database of so many cadres until it says that it is healthy, beside the same
// binary saying how it is used.
func startExisting(ctx context.Context, e *env, size int) (pair, error) {
	db, end, err := e.database(ctx)
	if err != nil {
		return pair{}, err
	}
	p := pair{close: end}
	if _, err := newProvince(ctx, db, size); err != nil {
		return p, err
	}
	dir, err := os.MkdirTemp("", "taphuan-bench")
	if err != nil {
		return p, err
	}
	p.close = ends{func() error { return os.RemoveAll(dir) }, end}.close
	binary, key := filepath.Join("bin", "taphuan"), filepath.Join(dir, "key")
	if err := os.WriteFile(key, []byte(strings.Repeat("07", 32)+"\n"), 0o600); err != nil {
		return p, err
	}
	var name string
	if err := db.Read(ctx).Raw("SELECT DATABASE()").Scan(&name).Error; err != nil {
		return p, err
	}
	p.ours.run = func() (err error) {
		run := exec.CommandContext(ctx, binary, "serve", "--addr", "127.0.0.1:0", "--db", e.base+name, "--key-file", key)
		out, err := run.StdoutPipe()
		if err != nil {
			return err
		}
		if err := run.Start(); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, run.Process.Kill(), ignoreKilled(run.Wait())) }()
		line := make([]byte, 200)
		n, err := out.Read(line)
		if err != nil {
			return err
		}
		_, address, _ := strings.Cut(strings.TrimSpace(string(line[:n])), "http://")
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+strings.Fields(address)[0]+"/healthz", nil)
		if err != nil {
			return err
		}
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: time.Minute}
		res, err := client.Do(req)
		if err != nil {
			return err
		}
		if res.StatusCode != http.StatusOK {
			return errors.Join(errors.New(res.Status), drain(res))
		}
		return drain(res)
	}
	p.yardstick.run = func() error { return exec.CommandContext(ctx, binary, "--help").Run() }
	return p, nil
}

// ignoreKilled passes all errors but that of a process that was killed on purpose.
func ignoreKilled(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil
	}
	return err
}
