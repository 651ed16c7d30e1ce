package handlers_test

import (
	"image"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// scanFile makes a picture, as a telephone takes one of a paper.
func scanFile(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "giay-chung-nhan.png")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, image.NewGray(image.Rect(0, 0, 40, 60))); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAHeadProposesTrainingElsewhereAndACoordinatorRecognisesIt(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		for _, name := range []string{"Nông Thị Ánh", "Hoàng Văn Bắc", "Bế Ích Chung"} {
			w.cadre(name)
		}
		h := site.As(t, models.RoleHead, homeOffice)
		h.Go("/recognitions")
		h.Sees("Chưa có đề nghị nào")
		h.Look("recognition-empty")
		h.Click("Đề nghị công nhận")
		h.Fill("Tìm cán bộ theo tên", "anh")
		h.Click("Tìm")
		h.Sees("Nông Thị Ánh")
		tick(h, "Nông Thị Ánh")
		h.Fill("Tìm cán bộ theo tên", "bac")
		h.Click("Tìm")
		tick(h, "Hoàng Văn Bắc")
		h.Look("recognition-people")
		h.Click("Tiếp tục với những người đã chọn")
		h.Sees("Cán bộ đã dự lớp (2)", "Nông Thị Ánh", "Hoàng Văn Bắc")
		h.Fill("Tên lớp", "Tập huấn công tác quyền con người năm 2025")
		h.Fill("Cơ quan tổ chức", "Bộ Tư pháp")
		h.Fill("Từ ngày", "07/05/2025")
		h.Fill("Đến hết ngày", "05/05/2025")
		h.Fill("Số văn bản", "12/GCN-BTP")
		h.Upload("Bản chụp văn bản", scanFile(t))
		h.Click("Gửi đề nghị")
		h.Sees("đứng sau ngày kết thúc", "Hãy chọn ít nhất một nội dung")
		h.Look("recognition-refused")
		h.Fill("Từ ngày", "05/05/2025")
		h.Fill("Đến hết ngày", "07/05/2025")
		h.Check("Cập nhật thông tin")
		h.Upload("Bản chụp văn bản", scanFile(t))
		h.Look("recognition-new")
		h.Click("Gửi đề nghị")
		h.Sees("Đã ghi đề nghị", "Chờ duyệt", "Nông Thị Ánh", "Hoàng Văn Bắc")
		h.Look("recognition-own")

		c := site.As(t, models.RoleCoordinator, "")
		c.Go("/")
		c.Sees("3 đề nghị công nhận chờ duyệt")
		c.Look("home-recognitions")
		c.Click("Xem đề nghị")
		c.Look("recognition-list")
		c.Click("Hoàng Văn Bắc")
		c.Sees("Quyết định", "giay-chung-nhan.png", "Bộ Tư pháp")
		if body, media := c.Download("Tải bản chụp văn bản"); media != "image/png" || len(body) == 0 {
			t.Errorf("the scan is %q of %d bytes", media, len(body))
		}
		c.Sees("Thay bản chụp")
		c.Look("recognition-show")
		c.Upload("Bản chụp văn bản", scanFile(t))
		c.Click("Lưu bản chụp")
		c.Sees("Đã lưu bản chụp cho 1 đề nghị.")
		c.Click("Không công nhận")
		c.Sees("Hãy ghi lý do.")
		c.Go("/recognitions?state=proposed")
		tick(c, "Nông Thị Ánh")
		tick(c, "Hoàng Văn Bắc")
		c.Click("Công nhận")
		c.Sees("Đã công nhận 2 đề nghị.")
		c.Go("/recognitions?state=approved")
		c.Click("Nông Thị Ánh")
		c.Click("Nông Thị Ánh")
		c.Sees("Kết quả tập huấn", "Được công nhận · Bộ Tư pháp", "được tính")
		c.Look("recognition-cadre")
		c.Click("Tập huấn công tác quyền con người năm 2025")
		c.Fill("Lý do hủy", "Giấy của người khác")
		c.Look("completion-show")
		c.Click("Hủy kết quả")
		c.Sees("Đã hủy 1 kết quả.", "Giấy của người khác")
		c.Look("completion-voided")
		c.Click("Khôi phục kết quả")
		c.Sees("Đã khôi phục 1 kết quả.")
		c.Go("/recognitions?state=approved")
		c.Click("Hoàng Văn Bắc")
		c.Lacks("Thay bản chụp")
		c.Lacks("Lưu bản chụp")
	}, testseed.Base)
}

func TestACoordinatorVoidsCompletionsOfACourseAndIsToldOfTheCertificateThatStillStands(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		newWorld(t, site)
		c := site.As(t, models.RoleCoordinator, "")
		c.Go("/courses")
		c.Click("Lớp đã đóng")
		c.Click("Kết quả tập huấn")
		c.Sees("1 kết quả được tính.")
		tick(c, "Bế Thị Ngoài")
		c.Click("Hủy kết quả")
		c.Sees("Hãy ghi lý do.")
		c.Fill("Lý do hủy", "Không dự buổi nào")
		c.Look("completion-list")
		c.Click("Hủy kết quả")
		c.Sees("Đã hủy 1 kết quả.", "Giấy chứng nhận vẫn còn giá trị", "0 kết quả được tính.")
		c.Look("completion-list-voided")
		c.Click("Bế Thị Ngoài")
		c.Sees("chưa bị thu hồi")
		c.Click("Mở giấy chứng nhận để thu hồi")
		c.Fill("Lý do", "Kết quả đã hủy")
		c.Click("Thu hồi")
		c.Sees("Đã thu hồi")
		var live int64
		db.Read(t.Context()).Model(&models.Certificate{}).Where("state = ?", models.CertificateValid).Count(&live)
		if live != 0 {
			t.Errorf("%d certificates are still valid", live)
		}
	}, testseed.Base)
}
