package certificate_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"testing/iotest"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

func TestAnArchiveIsTheSameBytesFromWhereverItIsRead(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		const people = 20
		ids, _, sign := world(t, db, 1, people)
		s := service(db)
		if _, err := s.Zip(t.Context(), access.System(), certificate.Filter{CourseID: ids[0]}); !errs.Is(err, "no_standing_certificate") {
			t.Errorf("without certificates: %v", err)
		}
		if _, err := s.Issue(t.Context(), access.System(), certificate.IssueInput{CourseID: ids[0], SignatoryID: sign}); err != nil {
			t.Fatal(err)
		}
		open := func() *certificate.Archive {
			t.Helper()
			a, err := s.Zip(t.Context(), access.System(), certificate.Filter{CourseID: ids[0]})
			if err != nil {
				t.Fatal(err)
			}
			return a
		}
		first := open()
		whole, err := io.ReadAll(first)
		if err != nil || int64(len(whole)) != first.Size() {
			t.Fatalf("%d bytes of %d: %v", len(whole), first.Size(), err)
		}
		// Documents of old have no checksum: it is counted once and kept.
		forget := func(tx *store.Tx) (uint64, error) {
			return 0, tx.Model(&models.CertificateDocument{}).Where("id % 2 = 0").Update("crc32", nil).Error
		}
		if _, err := db.Write(t.Context(), store.By{}, forget); err != nil {
			t.Fatal(err)
		}
		again := open()
		if again.Tag() != first.Tag() {
			t.Error("the same documents have another tag")
		}
		if err := iotest.TestReader(again, whole); err != nil {
			t.Error(err)
		}
		var uncounted int64
		if db.Read(t.Context()).Model(&models.CertificateDocument{}).Where("crc32 IS NULL").Count(&uncounted); uncounted != 0 {
			t.Errorf("%d checksums were not kept", uncounted)
		}
		holdsWhatWasIssued(t, s, db, whole, people)

		var c models.Certificate
		if err := db.Read(t.Context()).Order("id").Take(&c).Error; err != nil {
			t.Fatal(err)
		}
		if err := s.Revoke(t.Context(), access.System(), c.ID, "nhầm"); err != nil {
			t.Fatal(err)
		}
		if fewer := open(); fewer.Tag() == first.Tag() || fewer.Size() >= first.Size() {
			t.Error("an archive without the revoked one passes for the old one")
		}
		altered := func(tx *store.Tx) (uint64, error) {
			return 0, tx.Model(&models.CertificateDocument{}).Where("certificate_id = ?", c.ID+1).Update("body", []byte("%PDF-")).Error
		}
		if _, err := db.Write(t.Context(), store.By{}, altered); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadAll(open()); !errs.Is(err, "document_altered") {
			t.Errorf("an altered document went out: %v", err)
		}
	}, based)
}

// holdsWhatWasIssued opens the archive with four programs.
func holdsWhatWasIssued(t *testing.T, s *certificate.Service, db *store.DB, whole []byte, want int) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(whole), int64(len(whole)))
	if err != nil || len(z.File) != want {
		t.Fatal(z, err)
	}
	var ids []uint64
	if err := db.Read(context.Background()).Model(&models.Certificate{}).Order("id").Pluck("id", &ids).Error; err != nil {
		t.Fatal(err)
	}
	for i, f := range z.File {
		pdf, name, err := s.PDF(t.Context(), access.System(), access.CertificateRead, ids[i])
		if err != nil {
			t.Fatal(err)
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(r); err != nil || f.Name != name || !bytes.Equal(got, pdf) {
			t.Errorf("%s is not %s: %v", f.Name, name, err)
		}
	}
	file := filepath.Join(t.TempDir(), "all.zip")
	if err := os.WriteFile(file, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, program := range [][]string{{"unzip", "-tqq", file}, {"7zz", "t", file}, {"python3", "-m", "zipfile", "-t", file}} {
		if out, err := exec.Command(program[0], program[1:]...).CombinedOutput(); err != nil || bytes.Contains(out, []byte("Warning")) {
			t.Errorf("%v: %v\n%s", program, err, out)
		}
	}
}
