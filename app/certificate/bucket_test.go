package certificate_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"taphuan/app/access"
	"taphuan/app/bucket"
	"taphuan/app/certificate"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

// failing is a bucket that cannot be reached any more after so many documents were put.
type failing struct {
	certificate.Bucket
	mu   sync.Mutex
	left int
}

func (f *failing) Put(ctx context.Context, key string, body []byte) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.left--; f.left < 0 {
		return errors.New("no route to host")
	}
	return f.Bucket.Put(ctx, key, body)
}

func folder(t *testing.T) (certificate.Bucket, string) {
	t.Helper()
	dir := t.TempDir()
	b, err := bucket.Open(t.Context(), "file://"+dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.Close(); err != nil {
			t.Error(err)
		}
	})
	return b, dir
}

func TestDocumentsMoveToABucketAndBackToTheByte(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		const people = 5
		ids, _, sign := world(t, db, 1, people)
		plain := service(db)
		if _, err := plain.Issue(t.Context(), access.System(), certificate.IssueInput{CourseID: ids[0], SignatoryID: sign}); err != nil {
			t.Fatal(err)
		}
		archive := func(s *certificate.Service) ([]byte, error) {
			a, err := s.Zip(t.Context(), access.System(), certificate.Filter{CourseID: ids[0]})
			if err != nil {
				return nil, err
			}
			return io.ReadAll(a)
		}
		before, err := archive(plain)
		if err != nil {
			t.Fatal(err)
		}
		inDatabase := func() (n int64) {
			if err := db.Read(t.Context()).Model(&models.CertificateDocument{}).Where("body IS NOT NULL").Count(&n).Error; err != nil {
				t.Fatal(err)
			}
			return n
		}
		b, dir := folder(t)
		stored, broken := service(db), service(db)
		stored.Bucket, broken.Bucket = b, &failing{Bucket: b, left: people - 1}

		// The bucket goes away in the middle: what is not in it stays where it is, and everything can be read.
		if _, err := broken.ToBucket(t.Context(), nil); !errs.Is(err, "document_unreachable") || inDatabase() == 0 {
			t.Fatalf("%d are left: %v", inDatabase(), err)
		}
		if got, err := archive(stored); err != nil || !bytes.Equal(got, before) {
			t.Errorf("half moved: %v", err)
		}
		if _, err := stored.ToBucket(t.Context(), nil); err != nil || inDatabase() != 0 {
			t.Fatalf("%d are left: %v", inDatabase(), err)
		}
		if got, err := archive(stored); err != nil || !bytes.Equal(got, before) {
			t.Errorf("from the bucket come %d bytes of %d: %v", len(got), len(before), err)
		}
		if _, err := archive(plain); !errs.Is(err, "document_unreachable") {
			t.Errorf("without the bucket: %v", err)
		}
		if n, err := stored.Check(t.Context(), nil); n != people || err != nil {
			t.Errorf("%d are what was issued: %v", n, err)
		}

		var d models.CertificateDocument
		if err := db.Read(t.Context()).Order("id").Take(&d).Error; err != nil {
			t.Fatal(err)
		}
		object := filepath.Join(dir, d.SHA256)
		good, err := os.ReadFile(object)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range []struct {
			code  string
			spoil func() error
		}{ // one after the other: at the end it is missing
			{"document_altered", func() error { return os.WriteFile(object, append([]byte("x"), good[1:]...), 0o600) }},
			{"document_missing", func() error { return os.Remove(object) }},
		} {
			code := x.code
			if err := x.spoil(); err != nil {
				t.Fatal(err)
			}
			if _, _, err := stored.PDF(t.Context(), access.System(), access.CertificateRead, d.CertificateID); !errs.Is(err, code) {
				t.Errorf("for %s: %v", code, err)
			}
			if n, err := stored.Check(t.Context(), nil); n != people-1 || !errs.Is(err, code) {
				t.Errorf("the check for %s: %d, %v", code, n, err)
			}
		}
		// It is told of and stays out; the others come back all the same.
		if n, err := stored.ToDatabase(t.Context(), nil); n != people-1 || !errs.Is(err, "document_missing") || inDatabase() != people-1 {
			t.Errorf("%d came back: %v", n, err)
		}
		if err := os.WriteFile(object, good, 0o600); err != nil {
			t.Fatal(err)
		}
		if n, err := stored.ToDatabase(t.Context(), nil); n != 1 || err != nil {
			t.Errorf("the last one: %d, %v", n, err)
		}
		if got, err := archive(plain); err != nil || !bytes.Equal(got, before) {
			t.Errorf("back in the database: %v", err)
		}
	}, based)
}

func TestABodyThatIsNotWhatWasIssuedNeverGoesIntoTheBucket(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		const people = 3
		ids, _, sign := world(t, db, 1, people)
		s := service(db)
		b, dir := folder(t)
		s.Bucket = b
		if _, err := s.Issue(t.Context(), access.System(), certificate.IssueInput{CourseID: ids[0], SignatoryID: sign}); err != nil {
			t.Fatal(err)
		}
		alter := func(tx *store.Tx) (uint64, error) {
			return 0, tx.Exec("UPDATE certificate_documents SET body = ? WHERE id = (SELECT m FROM (SELECT MIN(id) AS m FROM certificate_documents) x)", []byte("%PDF-")).Error
		}
		if _, err := db.Write(t.Context(), store.By{}, alter); err != nil {
			t.Fatal(err)
		}
		if n, err := s.ToBucket(t.Context(), nil); n != people-1 || !errs.Is(err, "document_altered") {
			t.Errorf("%d moved: %v", n, err)
		}
		files, err := os.ReadDir(dir)
		if err != nil || len(files) != people-1 {
			t.Errorf("%d files: %v", len(files), err)
		}
		for _, f := range files {
			if i, err := f.Info(); err != nil || i.Mode().Perm() != 0o600 {
				t.Errorf("others may read %s: %v %v", f.Name(), i.Mode(), err)
			}
		}
	}, based)
}
