package views

import (
	"fmt"
	"reflect"
	"strconv"

	"taphuan/models"
)

// apply sets exported fields of a component from pairs: "label" sets Label. It refuses names that the component does
// not have, so that a slip of the pen is found when the page is first shown and not never.
func apply(component string, into any, pairs []any) error {
	if len(pairs)%2 != 0 {
		return fmt.Errorf("%s: %d options are no pairs", component, len(pairs))
	}
	v := reflect.ValueOf(into).Elem()
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok || name == "" {
			return fmt.Errorf("%s: %v is no option", component, pairs[i])
		}
		f := v.FieldByName(string(name[0]-'a'+'A') + name[1:])
		if name[0] < 'a' || name[0] > 'z' || !f.IsValid() {
			return fmt.Errorf("%s: has no option %q", component, name)
		}
		if pairs[i+1] == nil {
			continue
		}
		x := reflect.ValueOf(pairs[i+1])
		switch {
		case x.Type().AssignableTo(f.Type()):
			f.Set(x)
		case f.Kind() == reflect.String:
			f.SetString(plain(pairs[i+1]))
		case f.Kind() == reflect.Int && (x.CanInt() || x.CanUint()):
			f.SetInt(int64(toInt(pairs[i+1])))
		case f.Kind() == reflect.Float64 && (x.CanInt() || x.CanUint()):
			f.SetFloat(float64(toInt(pairs[i+1])))
		case f.Kind() == reflect.Bool:
			f.SetBool(!x.IsZero())
		default:
			return fmt.Errorf("%s: option %q takes %s, not %s", component, name, f.Type(), x.Type())
		}
	}
	return nil
}

func wholeNumber(v any) (int, error) {
	r := reflect.ValueOf(v)
	for r.Kind() == reflect.Pointer && !r.IsNil() {
		r = r.Elem()
	}
	switch {
	case r.CanInt():
		return int(r.Int()), nil
	case r.CanUint():
		return int(r.Uint()), nil
	case r.CanFloat():
		return int(r.Float()), nil
	}
	return 0, fmt.Errorf("%v is no whole number", v)
}

// plain writes a value as a form or an address holds it: days as 2026-11-23, numbers with no separators, nil as "".
func plain(v any) string {
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return x
	case models.Day:
		if x == models.Forever {
			return ""
		}
		return x.String()
	case int:
		return strconv.Itoa(x)
	case bool:
		return strconv.FormatBool(x)
	}
	r := reflect.ValueOf(v)
	if r.Kind() == reflect.Pointer {
		if r.IsNil() {
			return ""
		}
		return plain(r.Elem().Interface())
	}
	switch {
	case r.Kind() == reflect.String:
		return r.String()
	case r.CanInt():
		return strconv.FormatInt(r.Int(), 10)
	case r.CanUint():
		return strconv.FormatUint(r.Uint(), 10)
	case r.CanFloat():
		return strconv.FormatFloat(r.Float(), 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// plains gives the plain values of one value or of a slice.
func plains(v any) []string {
	if v == nil {
		return nil
	}
	r := reflect.ValueOf(v)
	if r.Kind() == reflect.Slice {
		list := make([]string, r.Len())
		for i := range list {
			list[i] = plain(r.Index(i).Interface())
		}
		return list
	}
	return []string{plain(v)}
}
