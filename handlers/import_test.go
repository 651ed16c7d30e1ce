package handlers_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// rosterFile is a workbook as offices send them; the browser wants whole paths.
func rosterFile(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs("../app/roster/sheet/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// workbook makes an .xlsx of one sheet and gives its path.
func workbook(t *testing.T, name string, rows ...[]any) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, workbookBytes(t, rows...), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func workbookBytes(t testing.TB, rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, r := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &r); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var heading = []any{"TT", "Họ và tên", "Ngày sinh", "Số CCCD", "Chức danh", "Đơn vị", "Đối tượng"}

func upload(b *testweb.Tab, path, day string) {
	b.Go("/imports")
	b.Click("Nhập tệp mới")
	b.Upload("Tệp danh sách (.xlsx hoặc .xls)", path)
	b.Fill("Danh sách có hiệu lực từ ngày", day)
	b.Click("Tải tệp lên và xem trước")
}

func TestACoordinatorUploadsARosterLooksAtItConfirmsAndFindsTheCadres(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		b := site.As(t, models.RoleCoordinator, "")
		b.Go("/imports")
		b.Sees("Chưa có lần nhập nào")
		b.Look("import-empty")
		b.Go("/imports/new")
		b.Look("import-new")
		upload(b, rosterFile(t, "2026-so-vhttdl.xlsx"), "2026-01-01")
		b.Sees("Nhận được", "Ghi 32 dòng vào danh sách", "Hứa Đức Thắng", "căn cước …1271", "Cán bộ mới, thêm vị trí công tác")
		b.Look("import-preview")
		b.Click("Cách hiểu các cột của tệp")
		b.Sees("Được hiểu là", "họ và tên")
		b.Look("import-columns")
		b.Click("Chưa nhận được")
		b.Sees("Số căn cước không đúng", "Ngày sinh ở tương lai.", "Người này đã có ở")
		b.Look("import-refused-rows")
		b.Click("Ghi 32 dòng vào danh sách")
		b.Sees("Đã ghi xong danh sách", "Chưa nhận được (9)", "Số căn cước không đúng")
		b.Look("import-written")
		b.Click("Xem danh sách cán bộ")
		b.Sees("Hứa Đức Thắng", "1–32 trên 32")
		b.Go("/imports")
		b.Sees("2026-so-vhttdl.xlsx", "Đã ghi", "32 dòng đã nhận", "9 dòng chưa nhận được")
		b.Look("import-list")

		upload(b, rosterFile(t, "2026-so-vhttdl.xlsx"), "2026-01-01")
		b.Sees("Đã có, khớp số căn cước, không đổi")
		b.Click("Ghi 32 dòng vào danh sách")
		b.Sees("Đã ghi xong danh sách")
		var cadres, postings int64
		db.Read(t.Context()).Model(&models.Cadre{}).Count(&cadres)
		db.Read(t.Context()).Model(&models.Posting{}).Count(&postings)
		if cadres != 32 || postings != 32 {
			t.Errorf("%d cadres and %d postings after the same file came twice", cadres, postings)
		}
	}, testseed.Base)
}

func TestEveryFileThatCannotBeReadIsRefusedInWordsWithWhatToDo(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		b := site.As(t, models.RoleCoordinator, "")
		good := workbookBytes(t, heading, []any{1, "Nông Văn Hùng", "01/02/1980", "004080000001", "Chuyên viên", "Sở Nội vụ", "QCN"})
		ole := append([]byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}, make([]byte, 4096)...)
		for _, f := range []struct {
			name    string
			content []byte
			says    []string
		}{
			{"danh-sach.csv", []byte("TT,Họ và tên,Ngày sinh\n1,Nông Văn Hùng,1980\n"), []string{"không phải bảng tính Excel", "Save As"}},
			{"bi-cat.xlsx", good[:len(good)/2], []string{"không phải bảng tính Excel (.xlsx, .xls), hoặc đã bị hỏng", "Save As"}},
			{"kieu-cu.xls", ole, []string{"bảng tính"}},
			{"trong.xlsx", workbookBytes(t), []string{"Tệp không có trang nào để đọc"}},
			{"khong-bang.xlsx", workbookBytes(t, []any{"Kính gửi Sở"}, []any{"Công văn về việc cử người"}), []string{"Không tìm thấy dòng tiêu đề", "Họ và tên"}},
			{"khong-nguoi.xlsx", workbookBytes(t, heading), []string{"không có người nào", "ngay dưới dòng tiêu đề"}},
		} {
			path := filepath.Join(t.TempDir(), f.name)
			if err := os.WriteFile(path, f.content, 0o600); err != nil {
				t.Fatal(err)
			}
			upload(b, path, "2026-01-01")
			b.Sees("Chưa đọc được tệp này", "Chưa có gì được ghi", "Tải tệp khác")
			b.Sees(f.says...)
		}
		b.Look("import-refused-file")
		big := filepath.Join(t.TempDir(), "rat-lon.xlsx")
		if err := os.WriteFile(big, bytes.Repeat([]byte("x"), 13<<20), 0o600); err != nil {
			t.Fatal(err)
		}
		upload(b, big, "2026-01-01")
		b.Sees("Tệp quá lớn. Nhiều nhất 12 MB")
		b.Look("import-too-large")
		var n int64
		db.Read(t.Context()).Model(&models.RosterImport{}).Where("length(file) > 0").Count(&n)
		if n != 0 {
			t.Errorf("%d refused files are still kept", n)
		}
	}, testseed.Base)
}

func TestPeopleWhoStartElsewhereThatDayMoveOnlyWithAYes(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		b := site.As(t, models.RoleCoordinator, "")
		person := func(i int, name, office string) []any {
			return []any{i, name, "01/02/1980", fmt.Sprintf("00408000000%d", i), "Chuyên viên", office, "QCN"}
		}
		upload(b, workbook(t, "mot.xlsx", heading, person(1, "Nông Văn Hùng", "Sở Nội vụ"), person(2, "Bế Thị Lan", "Sở Nội vụ"), person(3, "Hoàng Văn Páo", "Sở Nội vụ")), "2026-01-01")
		b.Click("Ghi 3 dòng vào danh sách")
		b.Sees("Đã ghi xong danh sách")
		upload(b, workbook(t, "hai.xlsx", heading, person(1, "Nông Văn Hùng", "Sở Tư pháp"), person(2, "Bế Thị Lan", "Sở Tư pháp"), person(3, "Hoàng Văn Páo", "Sở Tư pháp"), person(4, "Lương Thị Mai", "Sở Tư pháp")), "2026-01-01")
		b.Sees("Cần quyết định")
		b.Click("Cần quyết định")
		b.Sees("Nông Văn Hùng", "Sở Tư pháp", "Sở Nội vụ")
		b.Look("import-asked")
		b.ClickAt(`input[aria-label="Chuyển Nông Văn Hùng về cơ quan trong danh sách này"]`)
		b.Click("Lưu lựa chọn")
		b.Sees("Đã lưu lựa chọn")
		b.ClickAt(`input[aria-label="Chuyển Bế Thị Lan về cơ quan trong danh sách này"]`)
		b.Click("Ghi 1 dòng và các dòng đã chọn") // takes along what is ticked on the page and not saved
		b.Sees("Đã ghi xong danh sách", "Chưa nhận được (1)", "Hoàng Văn Páo")
		var at []string
		err := db.Read(t.Context()).Table("postings").Joins("JOIN cadres ON cadres.id = postings.cadre_id").Joins("JOIN organisations ON organisations.id = postings.organisation_id").
			Where("postings.to_day > ?", models.MustDay("2026-06-01")).Order("cadres.full_name").Pluck("CONCAT(cadres.full_name, ' ', organisations.code)", &at).Error
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(at, ", "); got != "Bế Thị Lan SO-TP, Hoàng Văn Páo SO-NV, Lương Thị Mai SO-TP, Nông Văn Hùng SO-TP" {
			t.Error(got)
		}
	}, testseed.Base)
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAnImportUnderWayShowsHowFarItIsAndOneThatBrokeDownWhatToDo(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		reading := models.Job{Kind: "roster.read", State: models.JobRunning, Payload: "{}", Done: 420, Total: 1000, LeaseUntil: new(db.Time().Add(time.Hour))}
		w.create(&reading)
		im := models.RosterImport{FileName: "Danh sách cán bộ làm công tác thông tin, truyền thông 2026.xlsx", EffectiveDay: models.MustDay("2026-01-01"), State: models.ImportReading, File: []byte{}, Preview: []byte{}, JobID: &reading.ID}
		w.create(&im)
		b := site.As(t, models.RoleCoordinator, "")
		path := fmt.Sprintf("/imports/%d", im.ID)
		b.Go(path)
		b.Sees("Đang đọc tệp", "42 %")
		b.Look("import-busy")
		set := func(state models.JobState, done int) {
			_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
				return 0, tx.Model(&models.Job{}).Where("id = ?", reading.ID).Updates(map[string]any{"state": state, "done": done}).Error
			})
			w.must(err)
		}
		set(models.JobRunning, 770)
		b.Sees("77 %") // by itself
		set(models.JobFailed, 770)
		b.Sees("Hệ thống gặp trục trặc", "Không có gì được ghi") // by itself
		b.Look("import-failed")
		b.Click("Bỏ lần nhập này")
		b.Sees("Đã bỏ lần nhập; không có gì được ghi.")
		b.Look("import-cancelled")
	}, testseed.Base)
}

func TestPeopleWhoCannotBeToldApartAreShownBeforeAndAfterWriting(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		b := site.As(t, models.RoleCoordinator, "")
		upload(b, workbook(t, "mot.xlsx", heading, []any{1, "Nông Thị Mai", "01/01/1980", "004180000001", "Chuyên viên", "Sở Nội vụ", "QCN"}, []any{2, "Nông Thị Mai", "02/02/1980", "004180000002", "Chuyên viên", "Sở Nội vụ", "QCN"}), "2026-01-01")
		b.Click("Ghi 2 dòng vào danh sách")
		b.Sees("Đã ghi xong danh sách")
		upload(b, workbook(t, "hai.xlsx", heading, []any{1, "Nông Thị Mai", "1980", "", "Phó trưởng phòng", "Sở Nội vụ", "QCN"}), "2026-06-01")
		b.Click("Cần xem lại")
		b.Sees("Có 2 người trùng tên chưa phân biệt được")
		b.Look("import-warned")
		b.Click("Ghi 1 dòng vào danh sách")
		b.Sees("Người cần xác định", "Có 1 người được ghi là cán bộ mới")
		b.Look("import-review")
		b.Dark(true)
		b.Look("import-review-dark")
		b.Click("Xem danh sách cần rà soát")
		b.Sees("Nông Thị Mai")
		b.Go("/cadres?lang=en")
		b.Sees("Cadres", "Find by name or national id")
		b.Look("cadre-list-english-dark")
	}, testseed.Base)
}

func TestAHeadLooksAtTheOwnOfficeAndItsPeople(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		s := &roster.Service{DB: db, Keys: site.Keys}
		importFile(t, s, "2026-so-vhttdl")
		b := site.As(t, models.RoleHead, homeOffice)
		b.Go("/cadres")
		b.Sees("1–32 trên 32")
		b.Lacks("Nhập tệp mới")
		b.Fill("Tìm theo tên hoặc số căn cước", "hua duc")
		b.Click("Áp dụng")
		b.Sees("Hứa Đức Thắng", "1–1 trên 1")
		b.Look("cadre-found")
		b.Click("Hứa Đức Thắng")
		b.Sees("kết thúc bằng 1271", "0961407146")
		b.Click("Sở Văn hóa, Thể thao và Du lịch")
		b.Sees("Biên chế theo nhóm đối tượng", "Xem cán bộ")
		b.Go("/organisations")
		b.Sees("Sở Văn hóa, Thể thao và Du lịch")
		b.Lacks("Sở Nội vụ")
		b.Look("organisation-list-head")
	}, testseed.Base)
}

func TestAFullListAsksOfEachPersonMissingAndKeepsThoseOfWhomNothingIsSaid(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		b := site.As(t, models.RoleCoordinator, "")
		person := func(i int, name string) []any {
			return []any{i, name, "01/02/1980", fmt.Sprintf("00408000000%d", i), "Chuyên viên", "Sở Nội vụ", "QCN"}
		}
		upload(b, workbook(t, "mot.xlsx", heading, person(1, "Nông Văn Hùng"), person(2, "Bế Thị Lan"), person(3, "Hoàng Văn Páo"), person(4, "Lương Thị Mai")), "2024-01-01")
		b.Click("Ghi 4 dòng vào danh sách")
		b.Sees("Đã ghi xong danh sách")
		b.Go("/imports/new")
		b.Upload("Tệp danh sách (.xlsx hoặc .xls)", workbook(t, "hai.xlsx", heading, person(1, "Nông Văn Hùng"), person(5, "Đàm Văn Sơn")))
		b.Fill("Danh sách có hiệu lực từ ngày", "2026-01-01")
		b.Check("Đây là danh sách đầy đủ của các cơ quan trong tệp")
		b.Look("import-full")
		b.Click("Tải tệp lên và xem trước")
		b.Sees("Thay đổi theo cơ quan", "Sở Nội vụ")
		b.Click("Không có trong tệp")
		b.Sees("Bế Thị Lan", "Hoàng Văn Páo", "Lương Thị Mai", "Ai không chọn gì thì được giữ lại")
		b.Fill("Quyết định về Bế Thị Lan", "Nghỉ hưu")
		b.Fill("Ngày làm việc cuối của Bế Thị Lan", "01/01/2026")
		b.Click("Lưu lựa chọn")
		b.Sees("Ngày phải từ 01/01/2024 đến 31/12/2025")
		b.Look("import-leavers-refused")
		b.Fill("Ngày làm việc cuối của Bế Thị Lan", "30/11/2025")
		b.Click("Lưu lựa chọn")
		b.Sees("Đã lưu lựa chọn trên trang này")
		b.Fill("Quyết định về Lương Thị Mai", "Chuyển đi nơi khác")
		b.Look("import-leavers")
		b.Click("Ghi 2 dòng vào danh sách") // takes along what is chosen on the page and not saved
		b.Sees("Đã ghi xong danh sách", "2 người không còn công tác")
		b.Look("import-full-written")
		var at []string
		err := db.Read(t.Context()).Table("postings").Joins("JOIN cadres ON cadres.id = postings.cadre_id").Order("cadres.sort_key").
			Where("postings.to_day > ?", models.MustDay("2026-06-01")).Pluck("cadres.full_name", &at).Error
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(at, ", "); got != "Nông Văn Hùng, Hoàng Văn Páo, Đàm Văn Sơn" {
			t.Error(got)
		}
	}, testseed.Base)
}
