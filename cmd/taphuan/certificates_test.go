package main

import (
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"taphuan/models"
)

func TestTheCommandsMoveDocumentsAndNameThoseThatAreWrong(t *testing.T) {
	t.Parallel()
	dir, folder := t.TempDir(), t.TempDir()
	p := &program{ctx: t.Context(), cli: &cli{DB: "sqlite:" + filepath.Join(dir, "t.db")}}
	body := []byte("%PDF-1.7 …")
	sum := sha256.Sum256(body)
	d := models.CertificateDocument{SHA256: hex.EncodeToString(sum[:]), SizeBytes: int64(len(body)), Body: body}
	keep(t, p, &d)
	move := func(to string) error { return (&certificatesMoveCmd{To: to}).Run(p) }
	if err := move("bucket"); err == nil || !strings.Contains(err.Error(), "TAPHUAN_BUCKET") {
		t.Errorf("without a bucket: %v", err)
	}
	p.cli.Bucket = "file://" + folder
	if err := move("bucket"); err != nil {
		t.Fatal(err)
	}
	object := filepath.Join(folder, d.SHA256)
	if got, err := os.ReadFile(object); err != nil || string(got) != string(body) {
		t.Errorf("%q: %v", got, err)
	}
	if err := (certificatesCheckCmd{}).Run(p); err != nil {
		t.Error(err)
	}
	if err := os.Rename(object, object+".away"); err != nil {
		t.Fatal(err)
	}
	for name, run := range map[string]func() error{"move": func() error { return move("database") }, "check": func() error { return certificatesCheckCmd{}.Run(p) }} {
		if err := run(); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("document_missing: document %d", d.ID)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := os.Rename(object+".away", object); err != nil {
		t.Fatal(err)
	}
	if err := move("database"); err != nil {
		t.Error(err)
	}
	p.cli.Bucket = ""
	if err := (certificatesCheckCmd{}).Run(p); err != nil {
		t.Errorf("all is back and no bucket is needed: %v", err)
	}
}

// keep writes a document of no certificate, past the foreign key: these commands look at documents alone.
func keep(t *testing.T, p *program, d *models.CertificateDocument) {
	t.Helper()
	db, err := p.open()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", db.Path())
	if err == nil {
		err = raw.QueryRow("INSERT INTO certificate_documents (certificate_id, kind, sha256, size_bytes, body, created_at) VALUES (1, 'copy', ?, ?, ?, '2026-11-24') RETURNING id", d.SHA256, d.SizeBytes, d.Body).Scan(&d.ID)
	}
	if err := errors.Join(err, raw.Close(), db.Close()); err != nil {
		t.Fatal(err)
	}
}
