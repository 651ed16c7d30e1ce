// Package xls reads the cells of the workbooks that Excel 5 to 2003 wrote (BIFF5 and BIFF8 in an OLE file) into what
// package xlsx gives for newer ones, with the same bounds and refusals.
package xls

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/richardlehane/mscfb"

	"taphuan/app/roster/sheet/xlsx"
)

// Read reads the workbook of size bytes. It refuses with the errors of package xlsx: what is no old workbook with
// ErrNotSpreadsheet, one with a password with ErrEncrypted, one of Excel 4 and before with ErrOldFormat. It stops with ctx.
func Read(ctx context.Context, r io.ReaderAt, size int64, lim xlsx.Limits) (*xlsx.Book, error) {
	if size > lim.File {
		return nil, xlsx.ErrTooLarge
	}
	b, err := stream(r, size)
	if err != nil {
		return nil, err
	}
	x := &reader{ctx: ctx, lim: lim, in: b}
	if err := x.workbook(); err != nil {
		return nil, err
	}
	return &x.book, nil
}

// stream takes the workbook's stream out of the OLE file. A broken file must not break the reader of such files either.
func stream(r io.ReaderAt, size int64) (b []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			b, err = nil, fmt.Errorf("%w: %v", xlsx.ErrNotSpreadsheet, p)
		}
	}()
	doc, err := mscfb.New(io.NewSectionReader(r, 0, size))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", xlsx.ErrNotSpreadsheet, err)
	}
	var found *mscfb.File
	for _, f := range doc.File {
		switch {
		case f.Name == "Workbook" && len(f.Path) == 0, f.Name == "Book" && len(f.Path) == 0 && found == nil:
			found = f // a file for both generations holds both
		}
	}
	if found == nil || found.Size > size {
		return nil, xlsx.ErrNotSpreadsheet
	}
	b, err = io.ReadAll(io.LimitReader(found, size))
	if err != nil && !errors.Is(err, io.EOF) && len(b) == 0 {
		return nil, fmt.Errorf("%w: %w", xlsx.ErrNotSpreadsheet, err)
	}
	if int64(len(b)) < found.Size {
		return nil, fmt.Errorf("%w: cut short", xlsx.ErrNotSpreadsheet)
	}
	return b, nil
}
