package handlers_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
)

// A trainer chooses the columns, prints, and hands in what was signed.
func TestATrainerPrintsTheSheetAndHandsInWhatWasSigned(t *testing.T) {
	t.Parallel()
	db := testdb.Only(t, store.SQLite, testseed.Base)
	site := testweb.Serve(t, db)
	h := newHall(t, db, site, 20)
	b := h.staff(t, "giang")
	b.Go("/courses")
	b.Click(h.course.Title)
	b.Click("Danh sách ký")
	b.Check("Tài liệu")
	b.Sees("Họ tên, chức vụ đúng: ký / sửa lại")
	b.Fill("Cột khác, thứ nhất", "Phòng nghỉ")
	b.Click("Xem các cột")
	b.Sees("Phòng nghỉ")
	b.Look("sign-page")
	pdf, kind := b.Download("Tải danh sách của buổi này")
	if kind != "application/pdf" || !strings.HasPrefix(string(pdf), "%PDF-") {
		t.Errorf("%s, %d bytes", kind, len(pdf))
	}
	pdf, _ = b.Download("Tải cả 3 buổi")
	if dir := os.Getenv("TAPHUAN_SCREENSHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "sign-course.pdf"), pdf, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	bad, good := filepath.Join(dir, "ky.jpg"), filepath.Join(dir, "ban-ky.pdf")
	if err := os.WriteFile(bad, []byte("<html>"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(good, []byte("%PDF-1.7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.Upload("Ảnh chụp hoặc bản quét", bad)
	b.Click("Nộp bản đã ký")
	b.Sees("Tệp này không phải PDF")
	b.Upload("Ảnh chụp hoặc bản quét", good)
	b.Click("Nộp bản đã ký")
	b.Sees("Đã lưu bản đã ký.", "ban-ky.pdf", "Lý Thị Thử")
	b.Look("sign-signed")
	b.Go(h.path(0))
	b.Sees("1 bản đã ký")
	b.Go("/courses")
	b.Click(h.course.Title)
	b.Sees("1 bản đã ký")
	b.Click("1 bản đã ký")
	b.Click("Bỏ ra")
	b.Sees("Đã gỡ bản đã ký.", "Chưa có bản đã ký nào.")
}
