// Package errs holds the one error type that app's services return to their callers.
//
// A code is stable and is both the machine's name of the refusal and the catalogue key `error.CODE` of the sentence that
// people read. The inside (Err) is logged and never shown.
package errs

import (
	"errors"
	"fmt"
	"sort"
	"strings"
)

// Kind says what sort of refusal an error is; handlers map it to an HTTP status, commands to an exit status.
type Kind int

// The kinds. An error that is no *Error counts as Internal.
const (
	KindInternal Kind = iota
	KindInvalid
	KindNotFound
	KindForbidden
	KindConflict
	KindUnauthenticated
	KindTooMany
	KindTooLarge
)

// Params fill the placeholders of the sentence.
type Params map[string]any

// Field is a refusal that belongs to one field of a form.
type Field struct {
	Name   string
	Code   string
	Params Params
}

// Error is a refusal with a stable code.
type Error struct {
	Kind   Kind
	Code   string
	Params Params
	Fields []Field
	Err    error
}

// Error is for logs.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Code)
	for _, f := range e.Fields {
		fmt.Fprintf(&b, " %s:%s", f.Name, f.Code)
	}
	if len(e.Params) > 0 {
		keys := make([]string, 0, len(e.Params))
		for k := range e.Params {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		for _, k := range keys {
			fmt.Fprintf(&b, " %s=%v", k, e.Params[k])
		}
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap gives the inside.
func (e *Error) Unwrap() error { return e.Err }

func make1(k Kind, code string, ps []Params) *Error {
	e := &Error{Kind: k, Code: code}
	if len(ps) > 0 {
		e.Params = ps[0]
	}
	return e
}

// Invalid refuses what was asked for as a whole.
func Invalid(code string, ps ...Params) *Error { return make1(KindInvalid, code, ps) }

// Conflict refuses because of the present state: what was asked would have been right at another time.
func Conflict(code string, ps ...Params) *Error { return make1(KindConflict, code, ps) }

// Forbidden refuses because the actor may not.
func Forbidden(code string, ps ...Params) *Error { return make1(KindForbidden, code, ps) }

// Unauthenticated asks for a sign-in.
func Unauthenticated(code string, ps ...Params) *Error { return make1(KindUnauthenticated, code, ps) }

// TooMany asks to wait.
func TooMany(code string, ps ...Params) *Error { return make1(KindTooMany, code, ps) }

// TooLarge refuses the size of what was sent.
func TooLarge(code string, ps ...Params) *Error { return make1(KindTooLarge, code, ps) }

// NotFound says that there is no such thing, or none in the actor's scope; noun is for the log.
func NotFound(noun string) *Error {
	return &Error{Kind: KindNotFound, Code: "not_found", Params: Params{"noun": noun}}
}

// Internal wraps what went wrong inside; what says where.
func Internal(what string, err error) *Error {
	return &Error{Kind: KindInternal, Code: "internal", Err: fmt.Errorf("%s: %w", what, err)}
}

// OnField refuses one field of the input.
func OnField(name, code string, ps ...Params) *Error {
	var f Fields
	f.Add(name, code, ps...)
	return f.Err().(*Error)
}

// Fields collects refusals of single fields; its zero value is ready.
type Fields []Field

// Add notes a refusal of the field.
func (f *Fields) Add(name, code string, ps ...Params) {
	x := Field{Name: name, Code: code}
	if len(ps) > 0 {
		x.Params = ps[0]
	}
	*f = append(*f, x)
}

// Err is nil when nothing was added, else an Invalid error with code "invalid_input" and the fields.
func (f Fields) Err() error {
	if len(f) == 0 {
		return nil
	}
	return &Error{Kind: KindInvalid, Code: "invalid_input", Fields: f}
}

// As finds the *Error in err, or wraps err as Internal. It gives nil for nil.
func As(err error) *Error {
	if err == nil {
		return nil
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return &Error{Kind: KindInternal, Code: "internal", Err: err}
}

// Is says whether err carries the code, on itself or on one of its fields.
func Is(err error, code string) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	if e.Code == code {
		return true
	}
	for _, f := range e.Fields {
		if f.Code == code {
			return true
		}
	}
	return false
}
