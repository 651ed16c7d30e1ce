package handlers_test

import (
	"testing"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

func TestOldWorkbooksAndOldFontsComeInAsWhatIsMeant(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		b := site.As(t, models.RoleCoordinator, "")
		upload(b, rosterFile(t, "2026-so-vhttdl.xls"), "2026-01-01")
		b.Sees("Nhận được", "Ghi 32 dòng vào danh sách", "Hứa Đức Thắng", "căn cước …1271")

		old := workbook(t, "phong-cu.xlsx", []any{"TT", "Hä vµ tªn", "Ngµy sinh", "Sè CCCD", "Chøc danh", "§¬n vÞ", "§èi t­îng"},
			[]any{1, "N«ng V¨n Hïng", "01/02/1980", "004080000001", "Phã Chñ tÞch", "Së Néi vô", "QCN"},
			[]any{2, "Hoµng ThÞ ¸nh", "03/04/1985", "004185000002", "Chuyªn viªn", "Së Néi vô", "QCN"},
			[]any{3, "Bế Thị Lan", "03/04/1986", "004186000003", "Chuyên viên", "Sở Nội vụ", "QCN"},
			[]any{4, "NguyÔn Thị Hoa", "03/04/1987", "004187000004", "Chuyên viên", "Sở Nội vụ", "QCN"})
		upload(b, old, "2026-01-01")
		b.Sees("Đã chuyển chữ từ phông cũ sang Unicode", "Ghi 3 dòng vào danh sách", "Nông Văn Hùng", "Hoàng Thị Ánh", "Bế Thị Lan")
		b.Click("Những cột nào, đọc thế nào")
		b.Sees("cột B: 3 ô gõ bằng TCVN3, ví dụ “Hä vµ tªn” đọc là “Họ và tên”.")
		b.Look("import-old-fonts")
		b.Click("Chưa nhận được")
		b.Sees("NguyÔn Thị Hoa", "gõ bằng phông cũ", "Gõ lại ô này bằng Unicode")
		b.Click("Ghi 3 dòng vào danh sách")
		b.Sees("Đã ghi xong danh sách")
		b.Click("Xem danh sách cán bộ")
		b.Sees("Hoàng Thị Ánh", "Nông Văn Hùng")

		upload(b, workbook(t, "hong-chu.xlsx", []any{"TT", "H§¶ v§ t§n", "N§§m"}, []any{1, "N§¶n V§n", "1980"}), "2026-01-01")
		b.Sees("Chưa đọc được tệp này", "gõ bằng phông cũ hoặc bị lỗi phông", "Unikey")
		b.Look("import-broken-fonts")
	}, testseed.Base)
}
