package attendance_test

import (
	"bytes"
	"image"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"taphuan/app/attendance"
	"taphuan/app/errs"
	"taphuan/app/file"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

// withFiles lets a world keep documents.
func withFiles(t *testing.T, w *world) {
	t.Helper()
	keys, err := secret.New(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	w.service.Files = &file.Service{DB: w.db, Keys: keys}
}

func picture(t *testing.T, width int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, 10))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSignedSheetsAreKeptWithWhoAndWhenAndGoOnlyBeforeClosing(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 2)
		withFiles(t, w)
		ctx, session := t.Context(), w.sessions[0].ID
		attach := func(body []byte) error {
			return w.service.Attach(ctx, w.trainer, session, file.Upload{Name: `C:\ảnh\ký.exe`, Body: body})
		}
		for code, body := range map[string][]byte{"file_missing": nil, "scan_not_understood": []byte("MZ not a picture"), "scan_too_large": append([]byte("%PDF-1.7\n"), make([]byte, file.MaxBytes)...)} {
			if err := attach(body); !errs.Is(err, code) {
				t.Errorf("%s: %v", code, err)
			}
		}
		for _, body := range [][]byte{picture(t, 10), []byte("%PDF-1.7\n")} {
			if err := attach(body); err != nil {
				t.Fatal(err)
			}
		}
		if err := attach(picture(t, 10)); !errs.Is(err, "signed_sheet_twice") {
			t.Errorf("the same file twice: %v", err)
		}
		if err := w.service.Attach(ctx, w.stranger, session, file.Upload{Body: picture(t, 11)}); !errs.Is(err, "not_found") {
			t.Errorf("a stranger: %v", err)
		}
		if err := w.service.Attach(ctx, w.trainer, w.sessions[2].ID, file.Upload{Body: picture(t, 11)}); !errs.Is(err, "session_not_yet") {
			t.Errorf("tomorrow's session: %v", err)
		}
		list, err := w.service.SignedSheets(ctx, w.clerk, w.course.ID)
		if err != nil || len(list) != 2 || list[0].Name != "ký.png" || list[1].Name != "ký.pdf" || list[0].Account != w.trainer.Name || !list[0].CreatedAt.Equal(db.Time()) {
			t.Fatalf("%+v %v", list, err)
		}
		f, err := w.service.SignedSheet(ctx, w.clerk, list[0].ID)
		if err != nil || !bytes.Equal(f.Body, picture(t, 10)) || f.ContentType != "image/png" {
			t.Errorf("%v %v", f.ContentType, err)
		}
		for _, id := range []uint64{list[0].ID, 987654321} {
			if _, err := w.service.SignedSheet(ctx, w.stranger, id); !errs.Is(err, "not_found") {
				t.Errorf("a stranger reads: %v", err)
			}
			if _, err := w.service.Detach(ctx, w.stranger, id); !errs.Is(err, "not_found") {
				t.Errorf("a stranger removes: %v", err)
			}
		}
		by := w.trainer
		by.Key = uuid.NewString()
		for range 2 { // a double click
			if got, err := w.service.Detach(ctx, by, list[0].ID); err != nil || got != session {
				t.Fatal(got, err)
			}
		}
		w.set(t, &models.Course{}, w.course.ID, map[string]any{"state": models.CourseClosed, "closed_at": db.Time()})
		if err := attach(picture(t, 12)); err != nil {
			t.Errorf("paper that arrives after closing: %v", err)
		}
		if _, err := w.service.Detach(ctx, w.trainer, list[1].ID); !errs.Is(err, "signed_sheet_closed") {
			t.Errorf("after closing: %v", err)
		}
		var files, audits int64
		db.Read(ctx).Model(&models.StoredFile{}).Count(&files)
		db.Read(ctx).Model(&models.AuditEntry{}).Where("action LIKE 'signed_sheet.%'").Count(&audits)
		if files != 2 || audits != 4 {
			t.Errorf("%d files, %d audits", files, audits)
		}
	}, testseed.Base)
}

func TestSheetsOfACourseHaveFurtherColumnsWalkInsAndPagesOfTheirOwn(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 12)
		names := []string{"Nguyễn Văn Bình", "Đàm Thị Ánh", "Hoàng Văn An", "Bế Văn Ân"}
		for i, name := range names {
			var e models.Enrolment
			db.Read(t.Context()).Take(&e, w.people[i])
			_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
				c := models.Cadre{FullName: name, BirthYear: 1980}
				if err := tx.Create(&c).Error; err != nil {
					return 0, err
				}
				return 0, tx.Model(&models.Enrolment{}).Where("id = ?", e.ID).Update("cadre_id", c.ID).Error
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		walkIn := uuid.NewString()
		_, err := w.service.Record(t.Context(), w.trainer, attendance.Batch{
			WalkIns: []attendance.WalkInInput{{UID: walkIn, SessionID: w.sessions[0].ID, Name: "Aa Phát Sinh", Office: "Hội Nông dân", BirthYear: 1990, ReplacesID: w.people[0]}},
			Marks:   []attendance.MarkInput{{SessionID: w.sessions[0].ID, WalkInUID: walkIn, Mark: models.MarkPresent}},
		})
		if err != nil {
			t.Fatal(err)
		}
		columns := attendance.SignColumns{Materials: true, Allowance: true, Free: [2]string{"Phòng nghỉ", "Ăn trưa"}}
		pdf, name, err := w.service.SignSheets(t.Context(), w.trainer, w.course.ID, columns)
		if err != nil || name != "danh-sach-ky-L1.pdf" {
			t.Fatal(name, err)
		}
		if dir := os.Getenv("TAPHUAN_SCREENSHOTS"); dir != "" {
			if err := os.WriteFile(filepath.Join(dir, "sign-sheets.pdf"), pdf, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		cmd := exec.Command("pdftotext", "-layout", "-", "-")
		cmd.Stdin = bytes.NewReader(pdf)
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		pages := strings.Split(strings.TrimSuffix(string(out), "\f"), "\f")
		var firsts []int
		for i, p := range pages {
			for _, want := range []string{"Tài liệu", "Phụ cấp", "Phòng nghỉ", "Ăn trưa", "Ký nhận"} {
				if !strings.Contains(p, want) {
					t.Errorf("page %d lacks %s:\n%s", i+1, want, p)
				}
			}
			if strings.Contains(p, "Trang 1/") {
				firsts = append(firsts, i)
			}
		}
		if len(firsts) != 3 || firsts[0] != 0 {
			t.Errorf("sheets begin on the pages %v of %d", firsts, len(pages))
		}
		at := -1
		for _, want := range []string{"Hoàng Văn An", "Đàm Thị Ánh", "Bế Văn Ân", "Nguyễn Văn Bình", "Aa Phát Sinh"} { // given name first, in the Vietnamese alphabet; then who was not enrolled
			i := strings.Index(pages[0]+pages[1], want)
			if i <= at {
				t.Errorf("%s stands in the wrong place", want)
			}
			at = i
		}
		if n := strings.Count(string(out), "Aa Phát Sinh"); n != 1 {
			t.Errorf("the walk-in stands on %d sheets, was present in one", n)
		}
		for _, wrong := range []attendance.SignColumns{{Free: [2]string{strings.Repeat("x", 31), ""}}, {Free: [2]string{"", "\xff"}}, {Free: [2]string{"", "你好"}}} {
			_, _, err := w.service.SignSheets(t.Context(), w.trainer, w.course.ID, wrong)
			if e := errs.As(err); e == nil || len(e.Fields) != 1 || !slices.Contains([]string{"sign_column", "glyph_missing"}, e.Fields[0].Code) {
				t.Errorf("%q: %v", wrong.Free, err)
			}
		}
		if _, _, err := w.service.SignSheets(t.Context(), w.stranger, w.course.ID, columns); !errs.Is(err, "not_found") {
			t.Errorf("a stranger: %v", err)
		}
	}, testseed.Base)
}
