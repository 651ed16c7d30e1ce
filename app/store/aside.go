package store

import (
	"fmt"
	"runtime/debug"

	"taphuan/app/errs"
)

// Aside asks what others need not wait for, beside them, and gives what waits for the answer. A panic is an internal error to whoever waits.
func Aside[T any](ask func() (T, error)) func() (T, error) {
	type answer struct {
		of  T
		err error
	}
	given := make(chan answer, 1)
	go func() {
		var a answer
		defer func() {
			if p := recover(); p != nil {
				a.err = errs.Internal("aside", fmt.Errorf("panic: %v\n%s", p, debug.Stack()))
			}
			given <- a
		}()
		a.of, a.err = ask()
	}()
	return func() (T, error) {
		a := <-given
		return a.of, a.err
	}
}
