package attendance_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"taphuan/app/attendance"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

func TestASignInSheetHoldsEverybodyBlankRowsAndTheColumnForNames(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db, 40)
		w.service.PublicURL = func(context.Context) (string, error) { return "https://taphuan.example.vn/", nil }
		var e models.Enrolment
		if err := db.Read(t.Context()).Order("id").Take(&e).Error; err != nil {
			t.Fatal(err)
		}
		_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
			return 0, tx.Create(&models.Posting{CadreID: e.CadreID, OrganisationID: w.course.HostID, Title: "Phó Chủ tịch Ủy ban Mặt trận Tổ quốc Việt Nam", FromDay: models.MustDay("2025-07-01"), ToDay: models.Forever, Main: true}).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		pdf, name, err := w.service.SignSheet(t.Context(), w.trainer, w.sessions[0].ID, attendance.SignColumns{})
		if err != nil || name != "danh-sach-ky-L1-2026-11-24.pdf" {
			t.Fatal(name, err)
		}
		if dir := os.Getenv("TAPHUAN_SCREENSHOTS"); dir != "" {
			if err := os.WriteFile(filepath.Join(dir, "sign-sheet.pdf"), pdf, 0o600); err != nil {
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
		for i, p := range pages {
			for _, want := range []string{fmt.Sprintf("Trang %d/%d", i+1, len(pages)), "Họ và tên", "Ký nhận"} {
				if !strings.Contains(p, want) {
					t.Errorf("page %d of %d does not say %q:\n%s", i+1, len(pages), want, p)
				}
			}
		}
		text := strings.Join(strings.Fields(string(out)), " ")
		for _, want := range []string{"DANH SÁCH KÝ NHẬN", "07:30–11:30, Thứ Ba, 24/11/2026. Hội trường", "40 người trong danh sách", "NGƯỜI LẬP DANH SÁCH", "sửa lại"} {
			if !strings.Contains(text, want) {
				t.Errorf("the sheet does not say %q:\n%s", want, text)
			}
		}
		last := strings.Fields(pages[len(pages)-1])
		if !strings.Contains(strings.Join(last, " "), " 55 ") || strings.Contains(text, " 56 ") {
			t.Errorf("there are not fifteen blank rows:\n%s", pages[len(pages)-1])
		}
		if _, _, err := w.service.SignSheet(t.Context(), w.stranger, w.sessions[0].ID, attendance.SignColumns{}); !errs.Is(err, "not_found") {
			t.Errorf("a stranger: %v", err)
		}
	}, testseed.Base)
}
