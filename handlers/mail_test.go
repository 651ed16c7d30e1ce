package handlers_test

import (
	"strconv"
	"strings"
	"testing"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testmail"
	"taphuan/internal/testweb"
	"taphuan/models"
)

func TestAnAdministratorSetsTheMailServerAndTriesIt(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		server := testmail.Start(t, testmail.Options{Security: "none"})
		b := testweb.Serve(t, db).As(t, models.RoleAdministrator, "")
		b.Go("/settings")
		b.Sees("Chưa khai máy chủ thư")
		b.Fill("Máy chủ gửi thư (SMTP)", "máy chủ")
		b.Fill("Địa chỉ người gửi", "taphuan@caobang.example.vn")
		b.Click("Lưu máy chủ thư")
		b.Sees("Tên máy chủ không đúng")
		b.Fill("Máy chủ gửi thư (SMTP)", "127.0.0.1")
		b.Fill("Cổng", strconv.Itoa(server.Port))
		b.Fill("Mã hóa", "Không mã hóa")
		b.Fill("Tên người gửi", "Sở Văn hóa, Thể thao và Du lịch")
		b.Click("Lưu máy chủ thư")
		b.Sees("Đã lưu máy chủ thư.")
		b.Fill("Gửi tới", "khongco@example.vn")
		b.Click("Gửi thư thử")
		b.Sees("khong co hop thu nay")
		b.Fill("Gửi tới", "quantri@example.vn")
		b.Click("Gửi thư thử")
		b.Sees("Máy chủ đã nhận thư gửi tới quantri@example.vn")
		b.Look("settings-mail")
		got := server.Mails()
		if len(got) != 1 || got[0].Subject != "Thư thử từ hệ thống quản lý tập huấn" || !strings.Contains(got[0].Text, "Đây là thư thử.") {
			t.Errorf("%+v", got)
		}
	})
}
