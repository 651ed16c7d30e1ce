package certificate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"hash/crc32"
	"io"
	"slices"
	"sort"
	"time"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

// Archive is the documents of many certificates as one ZIP file that can be read from any place in it. Documents are stored as they are
// (a PDF is compressed already), so where each byte stands follows from their sizes: the length is known before any of them is read, the
// same documents give the same bytes, and a download that broke off goes on. Of the documents a few are held at a time.
type Archive struct {
	*io.SectionReader
	ctx     context.Context // of the request
	s       *Service
	entries []entry
	starts  []int64 // of each entry; then of the directory
	tail    []byte  // the directory
	first   int     // the entry of held[0]
	held    [][]byte
}

// entry is one file of an archive.
type entry struct {
	DocumentID uint64
	Serial     string
	Code       string
	IssuedAt   time.Time
	SHA256     string `gorm:"column:sha256"`
	SizeBytes  int64
	CRC32      *uint32 `gorm:"column:crc32"`
	name       string
}

// Zip gives the documents of the standing certificates that the filter finds as one archive, in the order of their numbers. It refuses
// with "no_standing_certificate" where there is none.
func (s *Service) Zip(ctx context.Context, actor access.Actor, f Filter) (*Archive, error) {
	f.State = models.CertificateValid
	a := &Archive{ctx: ctx, s: s}
	err := s.listed(ctx, actor, access.CertificateRead, f).Joins("JOIN certificate_documents d ON d.certificate_id = certificates.id AND " + given).
		Select("certificates.serial, certificates.code, certificates.issued_at, d.id AS document_id, d.sha256, d.size_bytes, d.crc32").Order("certificates.id").Scan(&a.entries).Error
	if err != nil {
		return nil, err
	}
	if len(a.entries) == 0 {
		return nil, errs.Invalid("no_standing_certificate")
	}
	if err := s.count(ctx, a.entries); err != nil {
		return nil, err
	}
	a.layOut()
	return a, nil
}

// layOut names the entries and computes where each stands.
func (a *Archive) layOut() {
	taken := make(map[string]bool, len(a.entries))
	size := int64(0)
	for i := range a.entries {
		e := &a.entries[i]
		if e.name = fileName(e.Serial); taken[e.name] {
			e.name = fileName(e.Serial + "-" + e.Code)
		}
		taken[e.name] = true
		a.starts = append(a.starts, size)
		size += int64(len(e.header())) + e.SizeBytes
	}
	a.starts = append(a.starts, size)
	a.tail = directory(a.entries, a.starts)
	a.SectionReader = io.NewSectionReader(a, 0, size+int64(len(a.tail)))
}

// Len is how many documents it holds.
func (a *Archive) Len() int { return len(a.entries) }

// Tag is the same for the same bytes, and another for others.
func (a *Archive) Tag() string {
	h := sha256.New()
	for _, e := range a.entries {
		io.WriteString(h, e.SHA256) // a hash takes everything
	}
	h.Write(a.tail)
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// ReadAt reads from any place, for one reader at a time.
func (a *Archive) ReadAt(p []byte, at int64) (n int, err error) {
	for n < len(p) {
		piece, from, err := a.piece(at + int64(n))
		if err != nil {
			return n, err
		}
		n += copy(p[n:], piece[at+int64(n)-from:])
	}
	return n, nil
}

// piece is the part of the archive in which a byte stands, and where it begins.
func (a *Archive) piece(at int64) ([]byte, int64, error) {
	if at >= a.Size() {
		return nil, 0, io.EOF
	}
	i := sort.Search(len(a.starts), func(i int) bool { return a.starts[i] > at }) - 1
	if i == len(a.entries) {
		return a.tail, a.starts[i], nil
	}
	head := a.entries[i].header()
	if from := a.starts[i] + int64(len(head)); at >= from {
		body, err := a.body(i)
		return body, from, err
	}
	return head, a.starts[i], nil
}

// body gives a document, and reads some that follow with it.
func (a *Archive) body(i int) ([]byte, error) {
	if i < a.first || i >= a.first+len(a.held) {
		held, err := a.s.bodies(a.ctx, a.entries[i:i+together(a.entries[i:])])
		if err != nil {
			return nil, err
		}
		a.first, a.held = i, held
	}
	return a.held[i-a.first], nil
}

// count fills in the checksums that ZIP asks for where they were never computed, and keeps them: documents of before there were any.
func (s *Service) count(ctx context.Context, all []entry) error {
	var without []*entry
	for i := range all {
		if all[i].CRC32 == nil {
			without = append(without, &all[i])
		}
	}
	for part := range slices.Chunk(without, 16) {
		some := make([]entry, len(part))
		for i, e := range part {
			some[i] = *e
		}
		bodies, err := s.bodies(ctx, some)
		if err != nil {
			return err
		}
		_, err = s.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
			for i, e := range part {
				crc := crc32.ChecksumIEEE(bodies[i])
				e.CRC32 = &crc
				if err := tx.Model(&models.CertificateDocument{}).Where("id = ?", e.DocumentID).Update("crc32", crc).Error; err != nil {
					return 0, err
				}
			}
			return 0, nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
