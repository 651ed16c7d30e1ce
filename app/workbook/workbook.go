// Package workbook writes lists for spreadsheets: .xlsx, and the same as comma-separated text. Texts stay texts there, whatever they
// begin with, and a long list costs no more memory than its file: rows go to a temporary file as they come.
package workbook

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"taphuan/models"
)

// Kind is what a column holds.
type Kind int

// The kinds of columns.
const (
	Text    Kind = iota // words
	Code                // numbers that are names: national ids, phones, codes of offices; zeros at their front stay
	Number              // what can be added up
	Day                 // models.Day; no day and Forever are empty
	Percent             // of a hundred, one decimal
)

// Column is a column with its head.
type Column struct {
	Head   string
	Kind   Kind
	Width  float64 // in characters; 0: as its kind has it
	Hidden bool    // for programs that read it back
}

// Sheet is a list: a title above it if it has one, a head that stays in sight and can filter, and columns.
type Sheet struct {
	Name    string // of the sheet within the workbook
	Title   string
	Columns []Column
}

// Row writes a row: a string, a whole number, a float64, a models.Day, a pointer to one of these or nil for each column. A nil pointer
// and nil are an empty cell.
type Row func(cells ...any) error

// MostRows is how many rows a sheet may have; a spreadsheet has room for 1,048,576.
const MostRows = 1_000_000

// Text that a spreadsheet would take for a formula gets an apostrophe before it. In .xlsx a text is none anyway, but it would be one
// as soon as somebody saved the sheet as CSV and opened that.
func safe(text string) string {
	first, _ := utf8.DecodeRuneInString(text)
	if text != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first) {
		return "'" + text
	}
	return text
}

// plain takes pointers away and gives nil, a safe string, an int64, a float64 or a day that is one.
func plain(cell any) (any, error) {
	switch x := cell.(type) {
	case nil:
		return nil, nil
	case string:
		return safe(x), nil
	case float64:
		return x, nil
	case models.Day:
		if x == 0 || x == models.Forever {
			return nil, nil
		}
		return x, nil
	}
	v := reflect.ValueOf(cell)
	switch {
	case v.Kind() == reflect.Pointer && v.IsNil():
		return nil, nil
	case v.Kind() == reflect.Pointer:
		return plain(v.Elem().Interface())
	case v.Kind() == reflect.String:
		return safe(v.String()), nil
	case v.CanInt():
		return v.Int(), nil
	case v.CanUint():
		return int64(v.Uint()), nil
	}
	return nil, fmt.Errorf("a cell cannot hold %T", cell)
}

func (s Sheet) row(cells []any) ([]any, error) {
	if len(cells) != len(s.Columns) {
		return nil, fmt.Errorf("sheet %s: %d cells for %d columns", s.Name, len(cells), len(s.Columns))
	}
	out := make([]any, len(cells))
	for i, c := range cells {
		var err error
		if out[i], err = plain(c); err != nil {
			return nil, fmt.Errorf("sheet %s, %s: %w", s.Name, s.Columns[i].Head, err)
		}
	}
	return out, nil
}

// CSV writes the rows that fill gives as comma-separated text, with the mark by which Excel knows UTF-8; days as 2026-01-31. It has no title.
func CSV(w io.Writer, s Sheet, fill func(Row) error) error {
	if _, err := io.WriteString(w, "\ufeff"); err != nil {
		return err
	}
	out := csv.NewWriter(w)
	out.UseCRLF = true
	texts := make([]string, len(s.Columns))
	for i, c := range s.Columns {
		texts[i] = safe(c.Head)
	}
	if err := out.Write(texts); err != nil {
		return err
	}
	err := fill(func(cells ...any) error {
		cells, err := s.row(cells)
		if err != nil {
			return err
		}
		for i, c := range cells {
			switch x := c.(type) {
			case nil:
				texts[i] = ""
			case float64:
				texts[i] = strconv.FormatFloat(x, 'f', -1, 64)
			default:
				texts[i] = fmt.Sprint(x)
			}
		}
		return out.Write(texts)
	})
	out.Flush()
	return errors.Join(err, out.Error())
}

// XLSX writes the rows that fill gives as a workbook. Nothing has been written to w when fill fails.
func XLSX(w io.Writer, s Sheet, fill func(Row) error) (err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }() // its temporary files with it
	b, err := begin(f, s)
	if err != nil {
		return err
	}
	if err := fill(b.row); err != nil {
		return err
	}
	if err := b.end(); err != nil {
		return err
	}
	_, err = f.WriteTo(w)
	return err
}
