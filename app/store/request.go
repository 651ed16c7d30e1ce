package store

import (
	"context"
	"errors"
	"sync"

	"taphuan/app/errs"
)

// ErrSecondWrite says that one request wrote twice under one key. It is a mistake of the program: both writes belong into one
// transaction, or under keys of their own.
var ErrSecondWrite = errors.New("one request writes twice under its key")

type requestCtx struct{}

// request are the keys under which a request has written.
type request struct {
	mu   sync.Mutex
	keys map[By]bool
}

// OneRequest says that everything done with the context is one request's.
func OneRequest(ctx context.Context) context.Context {
	return context.WithValue(ctx, requestCtx{}, &request{keys: map[By]bool{}})
}

// spend fails with ErrSecondWrite where the request of the context has written under the key before; else it gives what notes that it has.
func spend(ctx context.Context, by By) (done func(), err error) {
	r, ok := ctx.Value(requestCtx{}).(*request)
	if !ok || by.Key == "" {
		return func() {}, nil
	}
	key := By{AccountID: by.AccountID, Key: by.Key}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.keys[key] {
		return nil, errs.Internal("request key", ErrSecondWrite)
	}
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.keys[key] = true
	}, nil
}
