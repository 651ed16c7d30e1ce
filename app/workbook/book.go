package workbook

import (
	"fmt"
	"math"
	"strings"

	"github.com/xuri/excelize/v2"

	"taphuan/models"
)

// book is an .xlsx on its way.
type book struct {
	file   *excelize.File
	stream *excelize.StreamWriter
	sheet  Sheet
	head   int // the row of the head
	at     int // the last row written
	styles []int
}

// firstDay is the day that spreadsheets count as zero.
var firstDay = models.MustDay("1899-12-30")

var widths = map[Kind]float64{Text: 28, Code: 16, Number: 10, Day: 12, Percent: 10}

// formats of cells, as Excel writes them; "@" is text that stays text when somebody edits it.
var formats = map[Kind]string{Code: "@", Day: "dd/mm/yyyy", Percent: "0.0%"}

// sheetName leaves out what a name of a sheet cannot hold.
func sheetName(name string) string {
	r := []rune(strings.Trim(strings.NewReplacer("[", "", "]", "", ":", "", "*", "", "?", "", "/", "-", `\`, "-").Replace(name), " '"))
	if len(r) == 0 {
		return "1"
	}
	return string(r[:min(len(r), 31)])
}

func begin(f *excelize.File, s Sheet) (*book, error) {
	s.Name = sheetName(s.Name)
	b := &book{file: f, sheet: s, head: 1}
	if s.Title != "" {
		b.head = 3
	}
	if err := b.layOut(); err != nil {
		return nil, err
	}
	var err error
	if b.stream, err = f.NewStreamWriter(s.Name); err != nil {
		return nil, err
	}
	if err := b.stream.SetPanes(&excelize.Panes{Freeze: true, YSplit: b.head, TopLeftCell: fmt.Sprintf("A%d", b.head+1), ActivePane: "bottomLeft"}); err != nil {
		return nil, err
	}
	for i, c := range s.Columns {
		width := c.Width
		if width == 0 {
			width = widths[c.Kind]
		}
		if err := b.stream.SetColWidth(i+1, i+1, width); err != nil {
			return nil, err
		}
		if c.Hidden {
			if err := b.stream.SetColVisible(i+1, i+1, false); err != nil {
				return nil, err
			}
		}
	}
	return b, b.heads()
}

// layOut says how the sheet is printed: across, as wide as the page, the head on each.
func (b *book) layOut() error {
	name := b.sheet.Name
	if err := b.file.SetSheetName("Sheet1", name); err != nil {
		return err
	}
	across, a4, one, any, fit := "landscape", 9, 1, 0, true
	if err := b.file.SetPageLayout(name, &excelize.PageLayoutOptions{Orientation: &across, Size: &a4, FitToWidth: &one, FitToHeight: &any}); err != nil {
		return err
	}
	if err := b.file.SetSheetProps(name, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	rows := fmt.Sprintf("'%s'!$%d:$%d", strings.ReplaceAll(name, "'", "''"), b.head, b.head)
	if err := b.file.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: rows, Scope: name}); err != nil {
		return err
	}
	return b.file.SetDocProps(&excelize.DocProperties{Title: b.sheet.Title, Creator: "taphuan"})
}

func (b *book) heads() error {
	style := func(s excelize.Style) (id int, err error) { return b.file.NewStyle(&s) }
	title, err := style(excelize.Style{Font: &excelize.Font{Bold: true, Size: 14}})
	if err != nil {
		return err
	}
	head, err := style(excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"},
		Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E7E9F3"}}, Border: []excelize.Border{{Type: "bottom", Color: "4A5072", Style: 1}}})
	if err != nil {
		return err
	}
	for _, c := range b.sheet.Columns {
		id := 0
		if format := formats[c.Kind]; format != "" {
			if id, err = style(excelize.Style{CustomNumFmt: &format}); err != nil {
				return err
			}
		}
		b.styles = append(b.styles, id)
	}
	if b.head > 1 {
		if err := b.stream.SetRow("A1", []any{excelize.Cell{Value: safe(b.sheet.Title), StyleID: title}}, excelize.RowOpts{Height: 22}); err != nil {
			return err
		}
	}
	cells := make([]any, len(b.sheet.Columns))
	for i, c := range b.sheet.Columns {
		cells[i] = excelize.Cell{Value: safe(c.Head), StyleID: head}
	}
	b.at = b.head
	return b.stream.SetRow(fmt.Sprintf("A%d", b.head), cells)
}

func (b *book) row(cells ...any) error {
	cells, err := b.sheet.row(cells)
	if err != nil {
		return err
	}
	if b.at-b.head >= MostRows {
		return fmt.Errorf("sheet %s: more than %d rows", b.sheet.Name, MostRows)
	}
	for i, c := range cells {
		kind := b.sheet.Columns[i].Kind
		switch x := c.(type) {
		case nil:
			continue
		case models.Day:
			c = int(x - firstDay)
			if kind != Day || x <= firstDay {
				c = x.String()
			}
		case float64:
			if kind == Percent {
				c = math.Round(x*10) / 1000
			}
		case int64:
			switch kind {
			case Percent:
				c = float64(x) / 100
			case Text, Code:
				c = fmt.Sprint(x)
			}
		}
		cells[i] = excelize.Cell{Value: c, StyleID: b.styles[i]}
	}
	b.at++
	return b.stream.SetRow(fmt.Sprintf("A%d", b.at), cells)
}

func (b *book) end() error {
	last, err := excelize.CoordinatesToCellName(len(b.sheet.Columns), b.at)
	if err != nil {
		return err
	}
	if err := b.file.AutoFilter(b.sheet.Name, fmt.Sprintf("A%d:%s", b.head, last), nil); err != nil {
		return err
	}
	return b.stream.Flush()
}
