package handlers_test

import (
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// pastCourses fills the template in, as a coordinator does, and gives the file.
func pastCourses(t *testing.T, template []byte, courses, people [][]string) string {
	t.Helper()
	f, err := excelize.OpenReader(strings.NewReader(string(template)))
	if err != nil {
		t.Fatal(err)
	}
	for name, rows := range map[string][][]string{"Lớp đã tổ chức": courses, "Danh sách dự lớp": people} {
		for i, r := range rows {
			cell, err := excelize.CoordinatesToCellName(1, i+2)
			if err != nil {
				t.Fatal(err)
			}
			if err := f.SetSheetRow(name, cell, &r); err != nil {
				t.Fatal(err)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "lop-da-to-chuc.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestACoordinatorBringsInCoursesThatWereHeld(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		for _, name := range []string{"Nông Thị Ánh", "Hoàng Văn Bắc", "Bế Ích Chung"} {
			w.cadre(name)
		}
		c := site.As(t, models.RoleCoordinator, "")
		c.Go("/courses")
		c.Look("courses-import-button")
		c.Click("Nhập lớp đã tổ chức")
		c.Look("course-import-empty")
		template, _ := c.Download("Tải mẫu Excel")
		garbage := filepath.Join(t.TempDir(), "lop.xlsx")
		w.must(os.WriteFile(garbage, []byte("no workbook"), 0o600))
		c.Upload("Tệp Excel", garbage)
		c.Click("Tải lên và xem trước")
		c.Sees("không phải")
		c.Look("course-import-refused")
		here := w.home.Name
		file := pastCourses(t, template, [][]string{
			{"Tập huấn công tác quyền con người năm 2024", "", "Hội nghị tập huấn", here, "Hội trường tỉnh", "60", "1; 2", "QCN", "80", "", "14/05/2024", "07:30", "11:30"},
			{"", "", "", "", "", "", "", "", "", "", "14/05/2024", "13:30", "17:00"},
			{"Bồi dưỡng kỹ năng truyền thông", "2025-003", "Lớp bồi dưỡng kỹ năng", here, "", "", "", "QCN; TTTT", "", "5", "10/06/2025", "07:30", "11:30"},
			{"Giao lưu cuối năm", "", "Giao lưu", here, "", "", "", "", "", "", "20/12/2024", "07:30", "11:30"},
		}, [][]string{
			{"1", "Nông Thị Ánh", "1990", "", here, "Tập huấn công tác quyền con người năm 2024", "x", "x"},
			{"2", "Hoàng Văn Bắc", "1990", "", here, "Tập huấn công tác quyền con người năm 2024", "x", "vắng"},
			{"3", "Bế Ích Chung", "1990", "", here, "2025-003", "x", "", "", "", "", "", "7,5"},
			{"4", "Đàm Văn Lạ", "1990", "", here, "2025-003", "x"},
			{"5", "Bế Ích Chung", "1990", "", here, "Giao lưu cuối năm", "x"},
		})
		c.Upload("Tệp Excel", file)
		c.Click("Tải lên và xem trước")
		c.Sees("lop-da-to-chuc.xlsx", "Ghi 2 lớp", "Không có loại lớp này", "Lớp của dòng này không nhận được.", "Không có ai như vậy", "số mới của năm 2024", "2025-003")
		c.Look("course-import-preview")
		c.Click("Ghi 2 lớp")
		c.Sees("Đã ghi 2 lớp đã tổ chức.", "2024-001", "2025-003")
		c.Click("Tập huấn công tác quyền con người năm 2024")
		c.Sees("14/05/2024", "Hội trường tỉnh")
		c.Lacks("Giấy mời")
		c.Lacks("Chỉ tiêu, hạn cử")
		c.Lacks("trên 60")
		c.Look("course-imported")
		c.Click("Xem")
		c.Sees("Nông Thị Ánh", "Hoàng Văn Bắc")
		c.Look("course-imported-session")
		c.Go("/courses")
		c.Click("Bồi dưỡng kỹ năng truyền thông")
		c.Click("Người tham dự")
		c.Sees("Bế Ích Chung", "Hoàn thành")
		c.Lacks("Giấy mời")
		c.Lacks("Còn trống")
		c.Look("course-imported-people")
		c.Go("/courses")
		c.Click("Tập huấn công tác quyền con người năm 2024")
		c.Click("Kết quả tập huấn")
		c.Sees("1 kết quả được tính.", "Nông Thị Ánh")
		c.Go("/courses/import")
		c.Upload("Tệp Excel", file)
		c.Click("Tải lên và xem trước")
		c.Sees("Lớp này đã có", "Không có lớp nào nhận được")
		c.Click("Bỏ tệp này")
		c.Sees("Đã bỏ tệp.", "Tải lên và xem trước")

		k := w.as(models.RoleCoordinator)
		if got := k.post("/courses/import/confirm", url.Values{"import": {"987654321"}}); got.status != http.StatusConflict {
			t.Errorf("a workbook that is gone: %d", got.status)
		}
		kind, body := uploaded(t, "lop.xlsx", []byte("no workbook"))
		if got := k.ask(http.MethodPost, "/courses/import", kind, body); got.status != http.StatusUnprocessableEntity {
			t.Errorf("no workbook: %d", got.status)
		}
	}, testseed.Base)
}
