package handlers_test

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/xuri/excelize/v2"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// TestADistrictEndsAndItsPeopleArePlacedOnScreenAndByExcel is 2025 as a coordinator lives it: communes are founded, a district ends with
// its offices, its people are placed on screen and by a workbook that comes back, until nobody is left.
func TestADistrictEndsAndItsPeopleArePlacedOnScreenAndByExcel(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		b := site.As(t, models.RoleCoordinator, "")
		person := func(i int, name, title, office, group string) []any {
			return []any{i, name, "01/02/1980", "", title, office, group}
		}
		office, hall, front := "Ủy ban nhân dân huyện Hạ Lang", "Trung tâm Văn hóa và Truyền thông huyện Hạ Lang", "Mặt trận Tổ quốc và các tổ chức chính trị - xã hội huyện Hạ Lang"
		upload(b, workbook(t, "ha-lang.xlsx", heading,
			person(1, "Nông Văn Hùng", "Chuyên viên", office, "QCN"), person(2, "Bế Thị Lan", "Phó Trưởng phòng", office, "QCN"), person(3, "Hoàng Văn Páo", "Phóng viên", hall, "TTĐN"),
			person(4, "Lương Thị Mai", "Phó Chủ tịch", front, "CTXH"), person(5, "Đàm Văn Sơn", "Chuyên viên", front, "CTXH"), person(6, "Mã Thị Kim", "Chuyên viên", office, "QCN")), "2024-01-01")
		b.Click("Ghi 6 dòng vào danh sách")
		b.Sees("Đã ghi xong danh sách")

		b.Go("/organisations")
		b.Click("Thêm cơ quan, đơn vị")
		b.Fill("Tên đầy đủ", "Khối xã, phường")
		b.Fill("Mã", "CB-XA")
		b.Fill("Trực thuộc", "Tỉnh Cao Bằng")
		b.Fill("Hoạt động từ ngày", "01/07/2025")
		b.Fill("Loại", "Khối")
		b.Fill("Cấp", "Xã")
		b.Look("organisation-new")
		b.Click("Thêm cơ quan")
		b.Sees("Đã thêm cơ quan", "Khối xã, phường")
		for _, x := range [][2]string{{"X-HALANG", "Ủy ban nhân dân xã Hạ Lang"}, {"X-LYQUOC", "Ủy ban nhân dân xã Lý Quốc"}} {
			b.Go("/organisations/CB-XA")
			b.Click("Thêm đơn vị trực thuộc")
			b.Fill("Tên đầy đủ", x[1])
			b.Fill("Mã", x[0])
			b.Fill("Hoạt động từ ngày", "01/07/2025")
			b.Fill("Cấp", "Xã")
			b.Fill("Địa bàn", "Huyện Hạ Lang")
			b.Click("Thêm cơ quan")
			b.Sees("Đã thêm cơ quan", x[1])
		}

		b.Go("/organisations/H-HALANG")
		b.Click("Kết thúc hoạt động")
		b.Fill("Hoạt động đến hết ngày", "30/06/2025")
		b.Click("Kết thúc hoạt động")
		b.Sees("Còn 3 đơn vị trực thuộc hoạt động sau ngày này")
		b.Check("Kết thúc cả 3 đơn vị trực thuộc")
		b.Check("Ủy ban nhân dân xã Hạ Lang")
		b.Check("Ủy ban nhân dân xã Lý Quốc")
		b.Look("organisation-end")
		b.Click("Kết thúc hoạt động")
		b.Sees("Bước tiếp theo: bố trí lại cán bộ", "còn 6 người", "Nông Văn Hùng")
		b.Look("reorganisation")

		b.Fill("Nơi chuyển đến của Nông Văn Hùng", "Ủy ban nhân dân xã Hạ Lang")
		b.Fill("Chức danh mới của Nông Văn Hùng", "Công chức Văn phòng")
		b.Fill("Nơi chuyển đến của Mã Thị Kim", "Nghỉ hưu")
		b.Click("Lưu các dòng đã chọn nơi")
		b.Sees("Đã ghi 2 người", "còn 4 người")
		b.Lacks("Nông Văn Hùng")
		b.Go("/cadres?unplaced=true")
		b.Go("/organisations/H-HALANG/reorganisation")

		body, _ := b.Download("Tải bảng Excel")
		path := fillWorksheet(t, body, map[string][3]string{
			"Bế Thị Lan":    {"Ủy ban nhân dân xã Lý Quốc", "Phó Chủ tịch", "QCN; TTTT"},
			"Hoàng Văn Páo": {"X-HALANG", "Công chức", "Cán bộ chủ chốt CT-XH"},
			"Lương Thị Mai": {"Chuyển đi nơi khác", "", ""},
			"Đàm Văn Sơn":   {"Xã Không Có", "Chuyên viên", ""},
		})
		b.Upload("Bảng Excel đã điền (.xlsx)", path)
		b.Click("Tải lên và xem trước")
		b.Sees("Xem trước bảng Excel", "Không rõ “Xã Không Có”", "Ủy ban nhân dân xã Lý Quốc", "Chuyển đi nơi khác")
		b.Look("reorganisation-preview")
		b.Click("Ghi 3 người")
		b.Sees("Đã ghi 3 người", "còn 1 người")
		b.Fill("Nơi chuyển đến của Đàm Văn Sơn", "Ủy ban nhân dân xã Lý Quốc")
		b.Click("Lưu các dòng đã chọn nơi")
		b.Sees("Đã ghi 1 người", "Mọi người của cơ quan này đều đã được bố trí")
		b.Look("reorganisation-done")
		b.Go("/reorganisation")
		b.Sees("Không còn ai chưa được bố trí", "Huyện Hạ Lang")
		b.Look("reorganisation-list")
		b.Go("/organisations/X-LYQUOC")
		b.Sees("Ủy ban nhân dân xã Lý Quốc")
		b.Go("/organisations/H-HALANG")
		b.Look("organisation-ended")
		b.Click("Hủy việc kết thúc")
		b.Sees("nên không hủy được nữa")
	}, testseed.Before2025)
}

// fillWorksheet fills a worksheet as somebody does in Excel and gives its path: where to, title and groups by name.
func fillWorksheet(t *testing.T, body []byte, rows map[string][3]string) string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	sheet := f.GetSheetName(0)
	all, err := f.GetRows(sheet)
	if err != nil {
		t.Fatal(err)
	}
	filled := 0
	for i, r := range all {
		x, ok := rows[r[1]]
		if !ok {
			continue
		}
		filled++
		for j, column := range []string{"G", "H", "I"} {
			at, err := excelize.JoinCellName(column, i+1)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.SetCellStr(sheet, at, x[j]); err != nil {
				t.Fatal(err)
			}
		}
	}
	if filled != len(rows) {
		t.Errorf("%d of %d people stand in the worksheet: %v", filled, len(rows), all)
	}
	path := filepath.Join(t.TempDir(), "bo-tri.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}
