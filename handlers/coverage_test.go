package handlers_test

import (
	"strings"
	"testing"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testweb"
	"taphuan/models"
)

func TestTheLeadDepartmentSeesTheProvinceAndDrillsDownToTheNames(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		invCourse(t, db, models.Course{Code: "TH-27-01", Title: "Tập huấn truyền thông về quyền con người, đợt 1 năm 2027", State: models.CourseOpen, Venue: "Trùng Khánh"}, "conference", "QCN", "2027-03-10", "2027-03-11")
		site := testweb.Serve(t, db)
		b := site.As(t, models.RoleCoordinator, "")
		b.Click("Tỷ lệ bao phủ")
		b.Sees("Tỉnh Cao Bằng", "Cán bộ làm công tác quyền con người", "trên", "còn thiếu", "chưa khai", "Khối xã, phường", "chưa đạt chỉ tiêu 100 %", "Lớp đã lên lịch")
		look(b, "coverage")
		b.Click("Khối xã, phường")
		b.Sees("Ủy ban nhân dân xã Bế Văn Đàn", "Ủy ban nhân dân xã Trùng Khánh")
		look(b, "coverage-communes")
		b.ClickAt(`thead a[href*="sort=QCN.percent"]`)
		if n := testweb.Eval[int](b, `document.querySelectorAll("[aria-sort=ascending]").length`); n != 1 {
			t.Errorf("%d columns are sorted", n)
		}
		look(b, "coverage-sorted")
		b.ClickAt(`thead a[href*="sort=-QCN"]`)
		if !strings.Contains(b.Path(), "sort=-QCN") {
			t.Errorf("the order is not in the address: %s", b.Path())
		}
		b.Click("Cán bộ làm công tác quyền con người")
		b.Sees("Còn thiếu: Quyền con người", "Lớp đang nhận người", "dành cho nhóm này", "Chưa khai")
		look(b, "missing")
		if !testweb.Eval[bool](b, `!!document.querySelector('a[href*="/enrolments/new?org=CB-XA&group=QCN&lacking=1"]')`) {
			t.Error("no way to enrol those missing")
		}
	}, province(300))
}

func look(b *testweb.Tab, name string) {
	b.Look(name)
	b.Dark(true)
	b.Look(name + "-dark")
	b.Dark(false)
	b.Desk()
}
