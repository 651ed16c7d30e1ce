package handlers

import (
	"bytes"
	"io"
	"strings"

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

// Stream answers with a file that write writes as it is sent. What fails on the way can only be logged: the file breaks off.
func (c *Ctx) Stream(contentType, name string, write func(io.Writer) error) error {
	c.Header("Content-Disposition", contentDisposition(name))
	c.Header("Cache-Control", "private, no-store")
	c.Header("Content-Type", contentType)
	if err := write(c.Writer); err != nil {
		c.s.Log.Error("a file broke off", "request", c.RequestID, "name", name, "error", err)
	}
	return nil
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
