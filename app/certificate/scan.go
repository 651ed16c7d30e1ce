package certificate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/file"
	"taphuan/app/store"
	"taphuan/models"
)

// MostScans is how many scans a certificate may have.
const MostScans = 20

// Scan is evidence of a certificate on paper.
type Scan struct {
	ID        uint64
	Name      string
	SizeBytes int64
	CreatedAt time.Time
}

// Paper is what is known of a certificate on paper.
type Paper struct {
	Handover Handover
	Scans    []Scan
}

// Paper reads what is known of a certificate on paper: two queries. Out of scope is not found.
func (s *Service) Paper(ctx context.Context, actor access.Actor, p access.Permission, id uint64) (out Paper, err error) {
	rows, err := s.handovers(s.listed(ctx, actor, p, Filter{IDs: []uint64{id}}))
	if err != nil {
		return out, err
	}
	if len(rows) == 0 {
		return out, errs.NotFound("certificate")
	}
	out.Handover = rows[0]
	err = s.DB.Read(ctx).Table("certificate_scans x").Joins("JOIN stored_files f ON f.id = x.file_id").Where("x.certificate_id = ?", id).
		Select("x.id, f.name, f.size_bytes, x.created_at").Order("x.id").Scan(&out.Scans).Error
	return out, err
}

// AttachScan keeps one document as evidence of certificates, and gives of how many. It refuses none ("nothing_selected"), no document
// ("scan_missing" on "scan"), what file.Check refuses, the same one twice ("scan_twice" on "scan"), more than MostScans ("scans_many" on
// "scan"), and certificates out of scope (not_found).
func (s *Service) AttachScan(ctx context.Context, actor access.Actor, ids []uint64, u file.Upload) (int, error) {
	if len(u.Body) == 0 {
		return 0, errs.OnField("scan", "scan_missing")
	}
	if _, err := file.Check(u.Body); err != nil {
		return 0, err
	}
	sum := sha256.Sum256(u.Body)
	n, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		held, err := hold(tx, actor, ids)
		if err != nil {
			return 0, err
		}
		var there []struct {
			CertificateID uint64
			Sha256        string
		}
		err = tx.Table("certificate_scans x").Joins("JOIN stored_files f ON f.id = x.file_id").Where("x.certificate_id IN ?", ids).Select("x.certificate_id, f.sha256").Scan(&there).Error
		if err != nil {
			return 0, err
		}
		count := map[uint64]int{}
		for _, x := range there {
			if count[x.CertificateID]++; count[x.CertificateID] >= MostScans {
				return 0, errs.OnField("scan", "scans_many", errs.Params{"n": MostScans})
			}
			if x.Sha256 == hex.EncodeToString(sum[:]) {
				return 0, errs.OnField("scan", "scan_twice")
			}
		}
		fileID, err := s.Files.Add(tx, u)
		if err != nil {
			return 0, err
		}
		rows := make([]models.CertificateScan, len(held))
		for i, c := range held {
			rows[i] = models.CertificateScan{CertificateID: c.ID, FileID: fileID, CreatedAt: tx.Now}
			if tx.By.AccountID != 0 {
				rows[i].AccountID = &tx.By.AccountID
			}
			if err := tx.Audit("certificate.scan", "certificate", c.ID, map[string]any{"sha256": hex.EncodeToString(sum[:])}); err != nil {
				return 0, err
			}
		}
		return uint64(len(rows)), tx.CreateInBatches(rows, batch).Error
	})
	return int(n), err
}

// scan finds a scan of a certificate in the actor's scope.
func (s *Service) scan(db *gorm.DB, actor access.Actor, id uint64) (models.CertificateScan, error) {
	var x models.CertificateScan
	err := db.Where("certificate_id IN (?)", db.Session(&gorm.Session{NewDB: true}).Table("certificates").Select("certificates.id").
		Scopes(access.Certificates(actor, access.CertificateIssue, models.DayOf(s.DB.Time())))).Take(&x, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = errs.NotFound("scan")
	}
	return x, err
}

// Scan reads a scan with its content; out of scope is not found.
func (s *Service) Scan(ctx context.Context, actor access.Actor, id uint64) (models.StoredFile, error) {
	x, err := s.scan(s.DB.Read(ctx), actor, id)
	if err != nil {
		return models.StoredFile{}, err
	}
	return s.Files.Get(ctx, x.FileID)
}

// RemoveScan takes a scan off a certificate and gives that; the document goes with the last certificate that it stood for.
func (s *Service) RemoveScan(ctx context.Context, actor access.Actor, id uint64) (uint64, error) {
	return s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		x, err := s.scan(tx.DB, actor, id)
		if err != nil {
			return 0, err
		}
		if _, err := hold(tx, actor, []uint64{x.CertificateID}); err != nil {
			return 0, err
		}
		q := tx.Delete(&models.CertificateScan{}, id)
		if q.Error != nil {
			return 0, q.Error
		}
		if q.RowsAffected == 0 { // while the lock was awaited
			return 0, errs.NotFound("scan")
		}
		var f models.StoredFile
		if err := tx.Omit("body").Take(&f, x.FileID).Error; err != nil {
			return 0, err
		}
		var left int64
		if err := tx.Model(&models.CertificateScan{}).Where("file_id = ?", x.FileID).Count(&left).Error; err != nil {
			return 0, err
		}
		if left == 0 {
			if err := tx.Delete(&models.StoredFile{}, x.FileID).Error; err != nil {
				return 0, err
			}
		}
		return x.CertificateID, tx.Audit("certificate.scan_remove", "certificate", x.CertificateID, map[string]any{"sha256": f.Sha256, "name": f.Name})
	})
}
