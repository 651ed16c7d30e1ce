package history

import (
	"bytes"
	"strings"

	"github.com/xuri/excelize/v2"

	"taphuan/app/plan"
)

// CourseTemplate makes the workbook for courses that were held: a sheet with a row a session, the attendance list, and what can be
// written. Cells are text, so that days and personal numbers stay as they are typed.
func CourseTemplate(p *plan.Plan) (_ []byte, err error) {
	f := excelize.NewFile()
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	t := template{f: f}
	t.sheet("Lớp đã tổ chức", []string{"Tên lớp", "Số lớp", "Loại lớp", "Cơ quan tổ chức", "Địa điểm", "Số chỗ", "Nội dung", "Đối tượng", "Tỷ lệ dự tối thiểu (%)", "Điểm tối thiểu", "Ngày", "Từ giờ", "Đến giờ", "Tên buổi", "Phòng"},
		[]float64{40, 12, 22, 34, 30, 10, 24, 20, 16, 14, 14, 10, 10, 30, 18})
	t.sheet("Danh sách dự lớp", []string{"TT", "Họ và tên", "Ngày sinh hoặc năm sinh", "Số CCCD", "Cơ quan, đơn vị", "Lớp", "Buổi 1", "Buổi 2", "Buổi 3", "Buổi 4", "Có mặt", "Số phút dự", "Điểm"},
		[]float64{6, 26, 16, 18, 34, 34, 10, 10, 10, 10, 12, 12, 10})
	var types, groups, topics []string
	for _, x := range p.CourseTypes {
		types = append(types, x.NameVi)
	}
	for _, x := range p.Groups {
		groups = append(groups, x.Code+" ("+x.NameVi+")")
	}
	for _, x := range p.Topics {
		topics = append(topics, x.Code+" ("+x.NameVi+")")
	}
	t.lines("Hướng dẫn", []string{
		"Trang “Lớp đã tổ chức”: mỗi dòng là một buổi. Dòng có tên lớp mở đầu một lớp; các buổi sau của lớp để trống tên lớp, chỉ ghi ngày và giờ.",
		"Ngày viết theo dạng 05/05/2025, giờ theo dạng 07:30. Lớp phải nằm trong thời gian của kế hoạch và đã kết thúc trước hôm nay.",
		"Số lớp gồm năm tổ chức và số thứ tự, ví dụ 2024-003; để trống thì hệ thống tự đánh số trong năm đó.",
		"Loại lớp: " + strings.Join(types, "; ") + ".",
		"Đối tượng, ghi mã hoặc tên, cách nhau bằng dấu chấm phẩy: " + strings.Join(groups, "; ") + ".",
		"Nội dung, ghi mã, cách nhau bằng dấu chấm phẩy: " + strings.Join(topics, "; ") + ".",
		"Tỷ lệ dự tối thiểu để hoàn thành: để trống là 80. Điểm tối thiểu: để trống nếu lớp không chấm điểm.",
		"Trang “Danh sách dự lớp”: mỗi dòng là một người dự một lớp; người phải có trong danh sách cán bộ. Tệp có một lớp thì để trống cột Lớp, nhiều lớp thì ghi số lớp hoặc tên lớp.",
		"Điểm danh theo từng buổi: có mặt (hoặc x), muộn, có phép, vắng. Không có điểm danh từng buổi thì ghi cột Có mặt (có mặt hoặc vắng cả lớp), hoặc ghi số phút dự.",
		"Lớp có nhiều hơn bốn buổi thì thêm cột Buổi 5, Buổi 6 và tiếp theo.",
	})
	return t.bytes()
}

// template writes sheets to fill in until something fails.
type template struct {
	f   *excelize.File
	err error
}

func (t *template) do(err error) {
	if t.err == nil {
		t.err = err
	}
}

// sheet adds a sheet with headings over empty text cells.
func (t *template) sheet(name string, heads []string, widths []float64) {
	_, err := t.f.NewSheet(name)
	t.do(err)
	text, err := t.f.NewStyle(&excelize.Style{NumFmt: 49, Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	t.do(err)
	head, err := t.f.NewStyle(&excelize.Style{NumFmt: 49, Font: &excelize.Font{Bold: true}, Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"}})
	t.do(err)
	for i, w := range widths {
		column, err := excelize.ColumnNumberToName(i + 1)
		t.do(err)
		t.do(t.f.SetColWidth(name, column, column, w))
	}
	first, err := excelize.CoordinatesToCellName(len(heads), 1)
	t.do(err)
	last, err := excelize.CoordinatesToCellName(len(heads), templateRows+1)
	t.do(err)
	t.do(t.f.SetCellStyle(name, "A2", last, text))
	t.do(t.f.SetCellStyle(name, "A1", first, head))
	t.do(t.f.SetSheetRow(name, "A1", &heads))
	t.do(t.f.SetPanes(name, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}))
}

// lines adds a sheet of sentences.
func (t *template) lines(name string, lines []string) {
	_, err := t.f.NewSheet(name)
	t.do(err)
	t.do(t.f.SetColWidth(name, "A", "A", 120))
	wrap, err := t.f.NewStyle(&excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}})
	t.do(err)
	for i, line := range lines {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		t.do(err)
		t.do(t.f.SetCellStr(name, cell, line))
		t.do(t.f.SetCellStyle(name, cell, cell, wrap))
	}
}

// bytes gives the workbook without the sheet that every new one has.
func (t *template) bytes() ([]byte, error) {
	t.do(t.f.DeleteSheet("Sheet1"))
	t.f.SetActiveSheet(0)
	var b bytes.Buffer
	if t.err == nil {
		_, t.err = t.f.WriteTo(&b)
	}
	return b.Bytes(), t.err
}
