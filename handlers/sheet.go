package handlers

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"taphuan/app/errs"
	"taphuan/app/page"
	"taphuan/app/workbook"
)

const typeXLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// Sheet answers with the rows that fill gives as a file: comma-separated where the address ends in .csv, else a workbook. name has no
// extension. Nothing has been sent when fill fails.
func (c *Ctx) Sheet(name string, s workbook.Sheet, fill func(workbook.Row) error) error {
	var b bytes.Buffer
	if strings.HasSuffix(c.Request.URL.Path, ".csv") {
		if err := workbook.CSV(&b, s, fill); err != nil {
			return err
		}
		return c.Bytes("text/csv; charset=utf-8", name+".csv", b.Bytes())
	}
	if err := workbook.XLSX(&b, s, fill); err != nil {
		return err
	}
	return c.Bytes(typeXLSX, name+".xlsx", b.Bytes())
}

// large is a file that can be read from any place in it, as long as its bytes are those that the tag names.
type large interface {
	io.ReadSeeker
	Tag() string
}

// Large answers with a file, or the part of it that is asked for: who lost the connection goes on where it broke off. A slow reader may
// take as long as is needed, as long as something is read. What fails on the way breaks the connection off, which the reader sees
// since the length was told.
func (c *Ctx) Large(contentType, name string, f large) error {
	c.Header("Content-Disposition", contentDisposition(name))
	c.Header("Cache-Control", "private, no-store")
	c.Header("Content-Type", contentType)
	c.Header("ETag", `"`+f.Tag()+`"`)
	r := &patient{ReadSeeker: f, w: http.NewResponseController(c.Writer)}
	request := c.Request
	if isHead(c.Ctx()) {
		request = request.WithContext(c.Ctx())
		request.Method = http.MethodHead
	}
	http.ServeContent(c.Writer, request, "", time.Time{}, r)
	if r.err != nil && c.Ctx().Err() == nil {
		c.s.Log.Error("a file broke off", "request", c.RequestID, "name", name, "error", r.err)
	}
	return nil
}

// patient gives the connection new time with whatever is read for it, and keeps what failed.
type patient struct {
	io.ReadSeeker
	w   *http.ResponseController
	err error
}

// stalled is how long a reader may take nothing.
const stalled = 5 * time.Minute

func (p *patient) Read(b []byte) (int, error) {
	if err := p.w.SetWriteDeadline(time.Now().Add(stalled)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		p.err = err
		return 0, err
	}
	n, err := p.ReadSeeker.Read(b)
	if err != nil && err != io.EOF {
		p.err = err
	}
	return n, err
}

// selection is what a list with boxes sends besides its filter: the ticked rows, or All for everything that the filter finds.
type selection struct {
	IDs []uint64 `form:"id"`
	All bool     `form:"all"`
}

// chosen gives the ticked rows for a file: nil, which is all that were found, also where none is ticked.
func (x selection) chosen() ([]uint64, error) {
	if len(x.IDs) == 0 {
		return nil, nil
	}
	return x.ids()
}

// ids gives the ticked rows, nil for all that were found. It refuses with "nothing_selected".
func (x selection) ids() ([]uint64, error) {
	switch {
	case x.All:
		return nil, nil
	case len(x.IDs) == 0:
		return nil, errs.Invalid("nothing_selected")
	}
	return x.IDs, page.Total{N: int64(len(x.IDs))}.AtMost(mostTicked)
}

// mostTicked is how many rows may be ticked one by one: more than a page has.
const mostTicked = 500
