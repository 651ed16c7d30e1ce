package history

import (
	"bytes"

	"github.com/xuri/excelize/v2"

	"taphuan/models"
)

// templateRows is how many rows of the template are text cells, so that personal numbers and days stay as they are typed.
const templateRows = 500

// Template makes the workbook that offices fill in: one sheet with one row a person, and the components that can be written.
func Template(components []models.PlanComponent) (_ []byte, err error) {
	f := excelize.NewFile()
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	const list, help = "Danh sách", "Hướng dẫn"
	if err := f.SetSheetName("Sheet1", list); err != nil {
		return nil, err
	}
	text, err := f.NewStyle(&excelize.Style{NumFmt: 49, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	if err != nil {
		return nil, err
	}
	head, err := f.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"}})
	if err != nil {
		return nil, err
	}
	heads := []any{"TT", "Họ và tên", "Ngày sinh hoặc năm sinh", "Số CCCD", "Cơ quan, đơn vị", "Tên lớp", "Cơ quan tổ chức lớp", "Từ ngày", "Đến hết ngày", "Nội dung được tính", "Số văn bản"}
	widths := []float64{6, 26, 16, 18, 34, 40, 26, 14, 14, 34, 20}
	names := ""
	for i, c := range components {
		if i > 0 {
			names += "; "
		}
		names += c.NameVi
	}
	for i, w := range widths {
		column, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return nil, err
		}
		if err := f.SetColWidth(list, column, column, w); err != nil {
			return nil, err
		}
	}
	last, err := excelize.CoordinatesToCellName(len(heads), templateRows+1)
	if err != nil {
		return nil, err
	}
	if err := f.SetCellStyle(list, "A2", last, text); err != nil {
		return nil, err
	}
	if err := f.SetCellStyle(list, "A1", "K1", head); err != nil {
		return nil, err
	}
	if err := f.SetSheetRow(list, "A1", &heads); err != nil {
		return nil, err
	}
	if err := f.SetPanes(list, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, err
	}
	if _, err := f.NewSheet(help); err != nil {
		return nil, err
	}
	for i, line := range []string{
		"Mỗi dòng là một người đã dự một lớp do bộ, ngành hoặc cơ quan khác tổ chức.",
		"Ngày viết theo dạng 05/05/2025. Lớp phải nằm trong thời gian của kế hoạch và đã kết thúc.",
		"Nội dung được tính, ghi một hoặc nhiều phần, cách nhau bằng dấu chấm phẩy: " + names + ".",
		"Số văn bản là số giấy chứng nhận, công văn hoặc quyết định của cơ quan tổ chức lớp.",
		"Người phải có trong danh sách cán bộ; tên, ngày sinh hoặc số CCCD và đơn vị ghi như trong danh sách.",
	} {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			return nil, err
		}
		if err := f.SetCellStr(help, cell, line); err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	_, err = f.WriteTo(&b)
	return b.Bytes(), err
}
