package page

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"time"

	"taphuan/models"
)

// cursor is the place between two pages: the values of the row beside it, and that row's number.
type cursor struct {
	row    int
	values []any
}

// longestCursor is how many characters of a cursor are looked at: four keys of the longest kind and more.
const longestCursor = 1500

// write makes a cursor of a row: base64 of [order, number, values…] in JSON.
func (o Order[R]) write(name string, number int, row R) (string, error) {
	parts := []any{name, number}
	for _, k := range o {
		switch v := k.Of(row).(type) {
		case models.Day:
			parts = append(parts, int32(v))
		case time.Time:
			parts = append(parts, v.UTC().Format(time.RFC3339Nano))
		case string:
			if !isASCII(v) {
				return "", fmt.Errorf("order %s: the value of %s is no sort key", name, k.Column)
			}
			parts = append(parts, v)
		default:
			parts = append(parts, v)
		}
	}
	b, err := json.Marshal(parts)
	return base64.RawURLEncoding.EncodeToString(b), err
}

// read reads a cursor of this order; it gives false for what is none.
func (o Order[R]) read(text, name string) (cursor, bool) {
	if len(text) > longestCursor {
		return cursor{}, false
	}
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return cursor{}, false
	}
	var parts []json.RawMessage
	if err := json.Unmarshal(b, &parts); err != nil || len(parts) != len(o)+2 {
		return cursor{}, false
	}
	var of string
	var at cursor
	if json.Unmarshal(parts[0], &of) != nil || of != name || json.Unmarshal(parts[1], &at.row) != nil || at.row < 0 {
		return cursor{}, false
	}
	var zero R
	for i, k := range o {
		v, ok := value(parts[i+2], k.Of(zero))
		if !ok {
			return cursor{}, false
		}
		at.values = append(at.values, v)
	}
	return at, true
}

// value reads a value of the kind of the example.
func value(raw json.RawMessage, example any) (any, bool) {
	if string(raw) == "null" { // JSON takes it for the zero value of everything
		return nil, false
	}
	switch example.(type) {
	case models.Day:
		n, ok := as[int32](raw)
		return models.Day(n), ok && n >= 0 && models.Day(n) <= models.Forever
	case time.Time:
		return as[time.Time](raw)
	case string:
		s, ok := as[string](raw)
		return s, ok && isASCII(s)
	case bool:
		return as[bool](raw)
	case uint64:
		n, ok := as[int64](raw) // no database holds greater ids
		return n, ok && n >= 0
	case int, int64, int32:
		return as[int64](raw)
	}
	return nil, false
}

func as[T any](raw json.RawMessage) (T, bool) {
	var v T
	err := json.Unmarshal(raw, &v)
	return v, err == nil
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
