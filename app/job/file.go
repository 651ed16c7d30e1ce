package job

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

const (
	piece = 1 << 20        // bytes of a file in one row: what any server of MariaDB takes in one statement
	kept  = 24 * time.Hour // how long files of jobs are kept
)

// Keep keeps the file that a job has made, in the caller's transaction, in the place of what an earlier try of it left.
func Keep(tx *store.Tx, id uint64, body []byte) error {
	if err := tx.Where("job_id = ?", id).Delete(&models.JobFile{}).Error; err != nil {
		return err
	}
	part := 0
	for b := range slices.Chunk(body, piece) {
		if err := tx.Create(&models.JobFile{JobID: id, Part: part, Body: b, CreatedAt: tx.Now}).Error; err != nil {
			return err
		}
		part++
	}
	return nil
}

// Sweep drops files that were kept long enough.
func Sweep(ctx context.Context, db *store.DB) error {
	old := db.Time().Add(-kept)
	var n int64
	if err := db.Read(ctx).Model(&models.JobFile{}).Where("created_at < ?", old).Limit(1).Count(&n).Error; err != nil || n == 0 {
		return err // the usual case costs one read and no lock
	}
	_, err := db.Write(ctx, store.By{Action: "sweep"}, func(tx *store.Tx) (uint64, error) {
		return 0, tx.Where("created_at < ?", old).Delete(&models.JobFile{}).Error
	})
	return err
}

// File is the file of a job, read a piece at a time, from any place in it.
type File struct {
	*io.SectionReader
	ctx  context.Context
	db   *store.DB
	job  uint64
	made time.Time
	part int // that is held
	held []byte
}

// Open opens the file that a job has made. It refuses with not_found where there is none, or none any more.
func Open(ctx context.Context, db *store.DB, id uint64) (*File, error) {
	f := &File{ctx: ctx, db: db, job: id, part: -1}
	var parts []struct {
		Size      int64
		CreatedAt time.Time
	}
	if err := db.Read(ctx).Model(&models.JobFile{}).Where("job_id = ?", id).Select("LENGTH(body) AS size, created_at").Scan(&parts).Error; err != nil {
		return nil, err
	}
	if len(parts) == 0 {
		return nil, errs.NotFound("job_file")
	}
	size := int64(0)
	for _, p := range parts {
		size, f.made = size+p.Size, p.CreatedAt
	}
	f.SectionReader = io.NewSectionReader(f, 0, size)
	return f, nil
}

// Tag is the same for the same bytes: a job that was tried again has made another file.
func (f *File) Tag() string { return fmt.Sprintf("%d-%d-%d", f.job, f.Size(), f.made.UnixMicro()) }

// ReadAt reads from any place, for one reader at a time.
func (f *File) ReadAt(p []byte, at int64) (n int, err error) {
	for n < len(p) {
		if at >= f.Size() {
			return n, io.EOF
		}
		if part := int(at / piece); part != f.part {
			var row models.JobFile
			if err := f.db.Read(f.ctx).Where("job_id = ? AND part = ?", f.job, part).Take(&row).Error; err != nil {
				return n, err
			}
			f.part, f.held = part, row.Body
		}
		k := copy(p[n:], f.held[at%piece:])
		n, at = n+k, at+int64(k)
	}
	return n, nil
}
