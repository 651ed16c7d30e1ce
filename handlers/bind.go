package handlers

import (
	"encoding/json"
	"errors"
	"io"
	"math"
	"mime"
	"net/http"
	"reflect"
	"strings"

	"github.com/gin-gonic/gin/binding"
	"github.com/go-playground/validator/v10"

	"taphuan/app/errs"
)

func init() {
	// Field names in refusals are those of the form or of the JSON, not of Go.
	if v, ok := binding.Validator.Engine().(*validator.Validate); ok {
		v.RegisterTagNameFunc(fieldName)
	}
}

func fieldName(f reflect.StructField) string {
	for _, tag := range []string{"form", "json", "uri"} {
		if name, _, _ := strings.Cut(f.Tag.Get(tag), ","); name != "" && name != "-" {
			return name
		}
	}
	return f.Name
}

// idsFit refuses ids that no database holds: SQLite's numbers end where int64 does. It looks at the fields of the struct, at lists and at
// lists of structs, and makes such an id 0, so that a page which is shown again does not ask for it.
func idsFit(into any) error {
	var wrong errs.Fields
	var look func(name string, v reflect.Value)
	look = func(name string, v reflect.Value) {
		switch v.Kind() {
		case reflect.Pointer:
			look(name, v.Elem())
		case reflect.Uint64:
			if v.Uint() > math.MaxInt64 {
				v.SetUint(0)
				if n := len(wrong); n == 0 || wrong[n-1].Name != name {
					wrong.Add(name, "invalid")
				}
			}
		case reflect.Slice:
			if k := v.Type().Elem().Kind(); k != reflect.Uint64 && k != reflect.Struct {
				return
			}
			for i := range v.Len() {
				look(name, v.Index(i))
			}
		case reflect.Struct:
			for i := range v.NumField() {
				if f := v.Type().Field(i); f.IsExported() || f.Anonymous {
					look(fieldName(f), v.Field(i))
				}
			}
		}
	}
	look("", reflect.ValueOf(into))
	return wrong.Err()
}

// validationCodes maps validator tags to catalogue codes.
var validationCodes = map[string]string{
	"required": "required", "max": "too_long", "min": "too_short", "len": "invalid", "oneof": "choice", "email": "invalid_email",
	"url": "invalid_url", "http_url": "invalid_url", "gte": "number_least", "lte": "number_most", "gt": "number_least", "lt": "number_most", "uuid": "invalid",
}

func bindError(err error) error {
	if err == nil {
		return nil
	}
	var v validator.ValidationErrors
	var m *http.MaxBytesError
	var ute *json.UnmarshalTypeError
	switch {
	case errors.As(err, &m):
		return errs.TooLarge("too_large")
	case errors.As(err, &v):
		var f errs.Fields
		for _, fe := range v {
			code, ok := validationCodes[fe.Tag()]
			if !ok {
				code = "invalid"
			}
			if k := fe.Kind(); k != reflect.String && k != reflect.Slice {
				switch code {
				case "too_long":
					code = "number_most"
				case "too_short":
					code = "number_least"
				}
			}
			f.Add(fe.Field(), code, errs.Params{"n": fe.Param()})
		}
		return f.Err()
	case errors.As(err, &ute):
		return errs.OnField(ute.Field, "invalid")
	}
	// A number or a day that could not be read: Gin does not say in which field, so the whole is refused.
	return &errs.Error{Kind: errs.KindInvalid, Code: "unreadable_input", Err: err}
}

func decodeJSON(r io.Reader, into any) error {
	d := json.NewDecoder(r)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return err
	}
	if d.More() {
		return errors.New("more than one JSON value")
	}
	return binding.Validator.ValidateStruct(into)
}

func contentDisposition(name string) string {
	return mime.FormatMediaType("attachment", map[string]string{"filename": name})
}
