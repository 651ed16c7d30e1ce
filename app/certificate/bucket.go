package certificate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"

	"golang.org/x/sync/errgroup"
	"gorm.io/gorm"

	"taphuan/app/errs"
	"taphuan/app/job"
	"taphuan/app/store"
	"taphuan/models"
)

// Bucket keeps documents outside of the database, each under its SHA-256.
type Bucket interface {
	// Put writes a document; it is there for good when Put has said so.
	Put(ctx context.Context, key string, body []byte) error
	// Get reads one; of one that is not there it says fs.ErrNotExist.
	Get(ctx context.Context, key string) ([]byte, error)
}

// fetch fills in the body of a document where it lies in the bucket. It refuses, as internal errors, what is not there
// ("document_missing"), what cannot be reached ("document_unreachable") and what is not what was issued ("document_altered").
func (s *Service) fetch(ctx context.Context, d *models.CertificateDocument) (err error) {
	if d.Body == nil {
		if s.Bucket == nil {
			return astray("document_unreachable", d, errors.New("it lies in a bucket, and none is set"))
		}
		switch d.Body, err = s.Bucket.Get(ctx, d.SHA256); {
		case errors.Is(err, fs.ErrNotExist):
			return astray("document_missing", d, err)
		case err != nil:
			return astray("document_unreachable", d, err)
		}
	}
	if sum := sha256.Sum256(d.Body); hex.EncodeToString(sum[:]) != d.SHA256 {
		return astray("document_altered", d, errors.New("it is not what was issued"))
	}
	return nil
}

func astray(code string, d *models.CertificateDocument, err error) error {
	return &errs.Error{Kind: errs.KindInternal, Code: code, Err: fmt.Errorf("document %d: %w", d.ID, err)}
}

// heldBytes bounds the documents that are read at once, but for one that is larger; fetched, how many come from the bucket at once.
const (
	heldBytes = 2 << 20
	fetched   = 8
)

// together is how many of the entries are read at once.
func together(all []entry) int {
	n, bytes := 1, all[0].SizeBytes
	for n < len(all) && n < batch && bytes+all[n].SizeBytes <= heldBytes {
		bytes += all[n].SizeBytes
		n++
	}
	return n
}

// bodies reads the documents of entries, in their order. It refuses as fetch does.
func (s *Service) bodies(ctx context.Context, all []entry) ([][]byte, error) {
	out := make([][]byte, len(all))
	err := s.each(ctx, all, func(_ context.Context, i int, d *models.CertificateDocument, err error) error {
		out[i] = d.Body
		return err
	})
	return out, err
}

// each fetches the documents of entries, several at once, and hands them on with what fetch said of them; it ends with the first error of do.
func (s *Service) each(ctx context.Context, all []entry, do func(ctx context.Context, i int, d *models.CertificateDocument, err error) error) error {
	ids := make([]uint64, len(all))
	at := make(map[uint64]int, len(all))
	for i, e := range all {
		ids[i], at[e.DocumentID] = e.DocumentID, i
	}
	var rows []models.CertificateDocument
	if err := s.DB.Read(ctx).Select("id", "sha256", "body").Where("id IN ?", ids).Find(&rows).Error; err != nil {
		return err
	}
	if len(rows) != len(all) {
		return errs.Internal("documents", fmt.Errorf("of %d only %d are there", len(all), len(rows)))
	}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(fetched)
	for i := range rows {
		g.Go(func() error { return do(ctx, at[rows[i].ID], &rows[i], s.fetch(ctx, &rows[i])) })
	}
	return g.Wait()
}

// ToBucket moves the bodies of documents out of the database into the bucket, and gives how many. Whoever issues writes into the database,
// in the transaction that takes the number; a body leaves it only once the bucket has it. So it can be broken off at any moment, and run by
// many at once. A body that is not what was issued stays where it is, and is told of at the end; a bucket that cannot be reached ends it.
func (s *Service) ToBucket(ctx context.Context, progress job.Progress) (moved int, err error) {
	return s.move(ctx, "body IS NOT NULL", progress, func(ctx context.Context, d *models.CertificateDocument) (any, error) {
		if err := s.Bucket.Put(ctx, d.SHA256, d.Body); err != nil {
			return nil, astray("document_unreachable", d, err)
		}
		return gorm.Expr("NULL"), nil
	})
}

// ToDatabase moves them back; the bucket keeps its copies.
func (s *Service) ToDatabase(ctx context.Context, progress job.Progress) (moved int, err error) {
	return s.move(ctx, "body IS NULL", progress, func(_ context.Context, d *models.CertificateDocument) (any, error) { return d.Body, nil })
}

// Away is how many documents lie in the bucket alone.
func (s *Service) Away(ctx context.Context) (n int64, err error) {
	err = s.DB.Read(ctx).Model(&models.CertificateDocument{}).Where("body IS NULL").Count(&n).Error
	return n, err
}

// Check reads each document from where it lies, and gives how many are what was issued. It tells of all that are not.
func (s *Service) Check(ctx context.Context, progress job.Progress) (good int, err error) {
	return s.move(ctx, "1 = 1", progress, func(context.Context, *models.CertificateDocument) (any, error) { return nil, nil })
}

// move takes the documents that a condition names, several at once, and writes the bodies that one gives; nil leaves a body as it is.
func (s *Service) move(ctx context.Context, which string, progress job.Progress, one func(context.Context, *models.CertificateDocument) (any, error)) (good int, err error) {
	var all []entry
	if err := s.DB.Read(ctx).Model(&models.CertificateDocument{}).Where(which).Select("id AS document_id, size_bytes").Order("id").Scan(&all).Error; err != nil {
		return 0, err
	}
	var bad []error
	for done := 0; done < len(all); {
		part := all[done : done+together(all[done:])]
		bodies, wrong := make([]any, len(part)), make([]error, len(part))
		err := s.each(ctx, part, func(ctx context.Context, i int, d *models.CertificateDocument, err error) error {
			if err == nil {
				bodies[i], err = one(ctx, d)
			}
			if wrong[i] = err; errs.Is(err, "document_unreachable") || ctx.Err() != nil {
				return err
			}
			return nil
		})
		if err == nil {
			_, err = s.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) { return 0, place(tx, part, bodies) })
		}
		if err != nil {
			return good, errors.Join(append(bad, err)...)
		}
		for _, err := range wrong {
			if err == nil {
				good++
			} else {
				bad = append(bad, err)
			}
		}
		done += len(part)
		if progress != nil {
			progress(done, len(all))
		}
	}
	return good, errors.Join(bad...)
}

// place writes bodies where documents have them. Nothing else of a document is touched.
func place(tx *store.Tx, all []entry, bodies []any) error {
	for i, e := range all {
		if bodies[i] == nil {
			continue
		}
		if err := tx.Model(&models.CertificateDocument{}).Where("id = ?", e.DocumentID).Update("body", bodies[i]).Error; err != nil {
			return err
		}
	}
	return nil
}
