package handlers

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"strings"
)

// sheet is a list on its way to a spreadsheet: comma-separated, with the mark by which Excel knows UTF-8.
type sheet struct {
	b   bytes.Buffer
	csv *csv.Writer
	err error // the first that writing met
}

func newSheet(head ...string) *sheet {
	t := &sheet{}
	t.b.WriteString("\ufeff")
	t.csv = csv.NewWriter(&t.b)
	t.csv.UseCRLF = true
	t.add(head...)
	return t
}

// add writes a row. A text that a spreadsheet would take for a formula gets an apostrophe before it.
func (t *sheet) add(cells ...string) {
	safe := make([]string, len(cells))
	for i, c := range cells {
		if c != "" && strings.ContainsRune("=+-@\t\r", rune(c[0])) {
			c = "'" + c
		}
		safe[i] = c
	}
	t.err = cmp.Or(t.err, t.csv.Write(safe))
}

// answer sends the list as a file.
func (t *sheet) answer(c *Ctx, name string) error {
	t.csv.Flush()
	if err := cmp.Or(t.err, t.csv.Error()); err != nil {
		return err
	}
	return c.Bytes("text/csv; charset=utf-8", name, t.b.Bytes())
}
