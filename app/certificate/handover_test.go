package certificate_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/errs"
	"taphuan/app/file"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

func textOf(t *testing.T, pdf []byte) string {
	t.Helper()
	cmd := exec.Command("pdftotext", "-layout", "-", "-")
	cmd.Stdin = bytes.NewReader(pdf)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

func TestCertificatesAreHandedOverOnceWithEvidence(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx, actor := t.Context(), access.System()
		ids, _, sign := world(t, db, 1, 4)
		s := signer(t, db)
		s.Files = &file.Service{DB: db, Keys: s.Signing.Keys}
		if _, err := s.Issue(ctx, actor, certificate.IssueInput{CourseID: ids[0], SignatoryID: sign}); err != nil {
			t.Fatal(err)
		}
		all, err := s.Handovers(ctx, actor, ids[0])
		if err != nil || len(all) != 4 || all[0].ReceivedDay != 0 {
			t.Fatalf("%+v %v", all, err)
		}
		today := models.DayOf(db.Time())
		if err := s.Revoke(ctx, actor, all[3].ID, "cấp nhầm"); err != nil {
			t.Fatal(err)
		}
		good := certificate.HandoverInput{IDs: []uint64{all[0].ID, all[1].ID}, Day: today, GivenBy: "Lý Thị Giao"}
		for code, change := range map[string]func(*certificate.HandoverInput){
			"nothing_selected":      func(in *certificate.HandoverInput) { in.IDs = nil },
			"selection_too_large":   func(in *certificate.HandoverInput) { in.IDs = make([]uint64, 1001) },
			"not_found":             func(in *certificate.HandoverInput) { in.IDs = []uint64{all[0].ID, 99999} },
			"certificate_ended":     func(in *certificate.HandoverInput) { in.IDs = []uint64{all[0].ID, all[3].ID} },
			"required":              func(in *certificate.HandoverInput) { in.GivenBy = "" },
			"too_long":              func(in *certificate.HandoverInput) { in.ReceivedBy = strings.Repeat("a", 121) },
			"handover_future":       func(in *certificate.HandoverInput) { in.Day = today.AddDays(1) },
			"handover_before_issue": func(in *certificate.HandoverInput) { in.Day = today.AddDays(-1) },
		} {
			in := good
			change(&in)
			if _, err := s.HandOver(ctx, actor, in); !errs.Is(err, code) {
				t.Errorf("%s: %v", code, err)
			}
		}
		if n, err := s.HandOver(ctx, actor, good); err != nil || n != 2 {
			t.Fatal(n, err)
		}
		if _, err := s.HandOver(ctx, actor, certificate.HandoverInput{IDs: []uint64{all[1].ID, all[2].ID}, Day: today, GivenBy: "A"}); !errs.Is(err, "handed_over_already") {
			t.Errorf("again: %v", err)
		}
		p, err := s.Paper(ctx, actor, access.CertificateRead, all[0].ID)
		if err != nil || p.Handover.ReceivedBy != all[0].Name || p.Handover.ReceivedDay != today || p.Handover.GivenBy != "Lý Thị Giao" {
			t.Errorf("%+v %v", p, err)
		}
		if p, err = s.Paper(ctx, actor, access.CertificateRead, all[2].ID); err != nil || p.Handover.ReceivedDay != 0 {
			t.Errorf("half of a refused act was kept: %+v %v", p, err)
		}

		// One scan stands for both; it goes with the last of them.
		scan := file.Upload{Name: "so giao nhan.pdf", Body: []byte("%PDF-1.7\n")}
		for code, u := range map[string]file.Upload{"scan_missing": {}, "scan_not_understood": {Name: "a.svg", Body: []byte("<svg/>")}} {
			if _, err := s.AttachScan(ctx, actor, good.IDs, u); !errs.Is(err, code) {
				t.Errorf("%s: %v", code, err)
			}
		}
		if n, err := s.AttachScan(ctx, actor, good.IDs, scan); err != nil || n != 2 {
			t.Fatal(n, err)
		}
		if _, err := s.AttachScan(ctx, actor, good.IDs[:1], scan); !errs.Is(err, "scan_twice") {
			t.Error(err)
		}
		var scans []models.CertificateScan
		if err := db.Read(ctx).Order("id").Find(&scans).Error; err != nil || len(scans) != 2 || scans[0].FileID != scans[1].FileID {
			t.Fatal(scans, err)
		}
		for i, x := range scans {
			if f, err := s.Scan(ctx, actor, x.ID); err != nil || !bytes.Equal(f.Body, scan.Body) {
				t.Error(i, err)
			}
			if of, err := s.RemoveScan(ctx, actor, x.ID); err != nil || of != x.CertificateID {
				t.Error(of, err)
			}
			if _, err := s.Scan(ctx, actor, x.ID); !errs.Is(err, "not_found") {
				t.Error(err)
			}
		}
		var files int64
		if err := db.Read(ctx).Model(&models.StoredFile{}).Count(&files).Error; err != nil || files != 0 {
			t.Error(files, err)
		}
		if err := s.UndoHandOver(ctx, actor, all[0].ID); err != nil {
			t.Fatal(err)
		}
		if err := s.UndoHandOver(ctx, actor, all[0].ID); !errs.Is(err, "not_found") {
			t.Error(err)
		}
		pdf, name, err := s.Receipts(ctx, actor, ids[0], nil)
		if err != nil || name != "so-giao-nhan-L0.pdf" {
			t.Fatal(name, err)
		}
		text := textOf(t, pdf)
		for _, want := range []string{"SỔ GIAO NHẬN GIẤY CHỨNG NHẬN", "L0, 3 giấy chứng nhận", "0002/2026/GCN-QCN Nông Văn B", "24/11/2026", "NGƯỜI GIAO", "Trang 1/1"} {
			if !strings.Contains(text, want) {
				t.Errorf("the list of receipts does not say %q: %s", want, text)
			}
		}
		if dir := os.Getenv("TAPHUAN_SCREENSHOTS"); dir != "" {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("receipts-%s.pdf", db.Dialect)), pdf, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if pdf, _, err = s.Receipts(ctx, actor, ids[0], []uint64{all[1].ID}); err != nil {
			t.Fatal(err)
		}
		if text := textOf(t, pdf); !strings.Contains(text, "L0, 1 giấy chứng nhận") || !strings.Contains(text, "Nông Văn B") || strings.Contains(text, "Nông Văn A") {
			t.Errorf("the list of one ticked certificate: %s", text)
		}
		pdf, name, err = s.Print(ctx, actor, all[0].ID)
		if err != nil || name != "ban-in-0001-2026-GCN-QCN.pdf" {
			t.Fatal(name, err)
		}
		if text := textOf(t, pdf); !strings.Contains(text, "Nông Văn A") || strings.Contains(text, "BẢN TRA CỨU") {
			t.Error(text)
		}
		if _, _, err := s.Print(ctx, actor, all[3].ID); !errs.Is(err, "certificate_ended") {
			t.Error(err)
		}
	}, based)
}
