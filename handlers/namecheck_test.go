package handlers_test

import (
	"testing"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

func TestACadreHasTheNameCorrectedBeforeItIsPrinted(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		c, seats := w.coming("Nông Thị Bé", "Hoàng Văn Cường", "Đàm Thị Én")
		site.Account(t, testweb.Account{Name: "Nông Thị Bé", SignIn: "be", Role: models.RoleCadre, CadreID: seats[0].CadreID})
		b := testweb.Browse(t, site.URL)
		site.SignIn(b, "be")
		b.Go("/my")
		b.Sees("Kiểm tra họ tên trước khi in giấy chứng nhận", "Nông Thị Bé")
		b.Look("my-names")
		b.Click("Kiểm tra")
		b.Sees("từ ngày 30/11/2026 giấy chứng nhận sẽ in đúng như dưới đây")
		b.Click("Có chỗ cần sửa")
		b.Fill("Họ và tên", "Nông Thị Bế 2")
		b.Click("Gửi đề nghị sửa")
		b.Sees("Chỉ ghi chữ")
		b.Fill("Họ và tên", "Nông Thị Bế")
		b.Fill("Ghi chú", "Theo căn cước")
		b.Look("name-propose")
		b.Click("Gửi đề nghị sửa")
		b.Sees("Đã gửi đề nghị sửa.", "Đang chờ xét")

		head := site.As(t, models.RoleHead, homeOffice)
		head.Go("/name-checks")
		head.Sees("Nông Thị Bế", "Theo căn cước")
		head.Look("name-checks")
		head.Click("Chấp nhận và sửa hồ sơ")
		head.Sees("Đã sửa hồ sơ cán bộ.", "Không có đề nghị nào chờ xét")

		b.Go("/my/enrolments/" + decimal(seats[0].ID))
		b.Sees("Đã sửa theo đề nghị.", "Nông Thị Bế")

		coordinator := site.As(t, models.RoleCoordinator, "")
		coordinator.Go("/courses/" + decimal(c.ID) + "/name-checks")
		tick(coordinator, "Hoàng Văn Cường")
		coordinator.Look("name-checks-course")
		coordinator.Click("Đã kiểm trên danh sách ký")
		coordinator.Sees("Đã ghi 1 người.")
	}, testseed.Base)
}
