package store

import (
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"taphuan/app/errs"
)

// Aside asks what others need not wait for, beside them, and gives what waits for the answer, as often as it is called. Whoever asks waits for it before
// being done, whatever has become of the others. A panic is an internal error to whoever waits.
func Aside[T any](ask func() (T, error)) func() (T, error) {
	type answer struct {
		of  T
		err error
	}
	given := make(chan answer, 1)
	go func() {
		a := answer{err: errs.Internal("aside", errors.New("it ended without an answer"))}
		defer func() {
			if p := recover(); p != nil {
				a.err = errs.Internal("aside", fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
			}
			given <- a
		}()
		a.of, a.err = ask()
	}()
	return sync.OnceValues(func() (T, error) {
		a := <-given
		return a.of, a.err
	})
}
