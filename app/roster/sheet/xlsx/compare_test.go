package xlsx

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/xuri/excelize/v2"
)

// BenchmarkParse holds this reader against excelize's streaming rows, which know neither kinds of cells nor merged ranges.
func BenchmarkParse(b *testing.B) {
	f := excelize.NewFile()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		b.Fatal(err)
	}
	for i := range 50_000 {
		row := make([]any, 10)
		for k := range row {
			row[k] = fmt.Sprintf("Nông Văn %d", i*k)
		}
		if err := w.SetRow(fmt.Sprintf("A%d", i+1), row); err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		b.Fatal(err)
	}
	var file bytes.Buffer
	if err := f.Write(&file); err != nil {
		b.Fatal(err)
	}
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			book, err := Read(context.Background(), bytes.NewReader(file.Bytes()), int64(file.Len()), DefaultLimits)
			if err != nil || len(book.Sheets[0].Rows) != 50_000 {
				b.Fatal(err)
			}
		}
	})
	b.Run("excelize", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			f, err := excelize.OpenReader(bytes.NewReader(file.Bytes()))
			if err != nil {
				b.Fatal(err)
			}
			rows, err := f.Rows("Sheet1")
			if err != nil {
				b.Fatal(err)
			}
			n := 0
			for rows.Next() {
				if _, err := rows.Columns(excelize.Options{RawCellValue: true}); err != nil {
					b.Fatal(err)
				}
				n++
			}
			if n != 50_000 {
				b.Fatal(n)
			}
		}
	})
}
