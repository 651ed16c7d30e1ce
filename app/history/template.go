package history

import (
	"strings"

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
	var names []string
	for _, c := range components {
		names = append(names, c.NameVi)
	}
	t := template{f: f}
	t.sheet("Danh sách", []string{"TT", "Họ và tên", "Ngày sinh hoặc năm sinh", "Số CCCD", "Cơ quan, đơn vị", "Tên lớp", "Cơ quan tổ chức lớp", "Từ ngày", "Đến hết ngày", "Nội dung được tính", "Số văn bản"},
		[]float64{6, 26, 16, 18, 34, 40, 26, 14, 14, 34, 20})
	t.lines("Hướng dẫn", []string{
		"Mỗi dòng là một người đã dự một lớp do bộ, ngành hoặc cơ quan khác tổ chức.",
		"Ngày viết theo dạng 05/05/2025. Lớp phải nằm trong thời gian của kế hoạch và đã kết thúc.",
		"Nội dung được tính, ghi một hoặc nhiều phần, cách nhau bằng dấu chấm phẩy: " + strings.Join(names, "; ") + ".",
		"Số văn bản là số giấy chứng nhận, công văn hoặc quyết định của cơ quan tổ chức lớp.",
		"Người phải có trong danh sách cán bộ; tên, ngày sinh hoặc số CCCD và đơn vị ghi như trong danh sách.",
	})
	return t.bytes()
}
