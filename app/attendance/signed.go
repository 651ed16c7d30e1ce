package attendance

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/file"
	"taphuan/app/store"
	"taphuan/models"
)

// MostSigned is how many signed sheets a session may have.
const MostSigned = 20

// Signed is a photographed or scanned sign-in sheet of a session.
type Signed struct {
	ID, SessionID uint64
	Name          string
	SizeBytes     int64
	Account       string // who handed it in
	CreatedAt     time.Time
}

// SignedSheets reads the signed sheets of all sessions of a course, the oldest first: two queries. Out of scope is not found.
func (s *Service) SignedSheets(ctx context.Context, actor access.Actor, courseID uint64) ([]Signed, error) {
	if _, err := s.readCourse(ctx, actor, byID(courseID)); err != nil {
		return nil, err
	}
	var list []Signed
	err := s.DB.Read(ctx).Table("signed_sheets x").Joins("JOIN course_sessions s ON s.id = x.session_id").Joins("JOIN stored_files f ON f.id = x.file_id").
		Joins("JOIN accounts a ON a.id = x.account_id").Where("s.course_id = ?", courseID).
		Select("x.id, x.session_id, f.name, f.size_bytes, a.name AS account, x.created_at").Order("x.id").Scan(&list).Error
	return list, err
}

// Attach keeps a signed sheet as evidence of a session, after closing too. It refuses what file.Check refuses, no file ("file_missing" on
// "scan"), the same file twice ("signed_sheet_twice"), more than MostSigned ("signed_sheets_many"), a session that was not held
// ("attendance_course_draft", "…_cancelled", "session_cancelled", "session_not_yet") and one out of scope (not_found).
func (s *Service) Attach(ctx context.Context, actor access.Actor, sessionID uint64, u file.Upload) error {
	if len(u.Body) == 0 {
		return errs.OnField("scan", "file_missing")
	}
	if _, err := file.Check(u.Body); err != nil {
		return err
	}
	sum := sha256.Sum256(u.Body)
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		c, x, err := lock(tx, actor, sessionID)
		if err != nil {
			return 0, err
		}
		if why := refusal(c, x, tx.Today); why != nil && !errs.Is(why, "attendance_course_closed") {
			return 0, why
		}
		var there []string
		err = tx.Table("signed_sheets").Joins("JOIN stored_files f ON f.id = signed_sheets.file_id").Where("signed_sheets.session_id = ?", x.ID).Pluck("f.sha256", &there).Error
		if err != nil {
			return 0, err
		}
		for _, known := range there {
			if known == hex.EncodeToString(sum[:]) {
				return 0, errs.OnField("scan", "signed_sheet_twice")
			}
		}
		if len(there) >= MostSigned {
			return 0, errs.OnField("scan", "signed_sheets_many", errs.Params{"n": MostSigned})
		}
		id, err := s.Files.Add(tx, u)
		if err != nil {
			return 0, err
		}
		sheet := models.SignedSheet{SessionID: x.ID, FileID: id, AccountID: actor.AccountID, CreatedAt: tx.Now}
		if err := tx.Create(&sheet).Error; err != nil {
			return 0, err
		}
		return sheet.ID, tx.Audit("signed_sheet.add", "course", c.ID, map[string]any{"session": x.ID, "signed_sheet": sheet.ID})
	})
	return err
}

// Detach takes a signed sheet away for good, and gives its session. It refuses one of a course that has closed ("signed_sheet_closed") or
// is out of scope (not_found).
func (s *Service) Detach(ctx context.Context, actor access.Actor, id uint64) (sessionID uint64, err error) {
	return s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		sheet, f, courseID, err := signed(tx.DB, id)
		if err != nil {
			return 0, err
		}
		c, err := course.Lock(tx, actor, access.AttendanceWrite, courseID)
		if err != nil {
			return 0, err
		}
		if c.State == models.CourseClosed {
			return 0, errs.Conflict("signed_sheet_closed")
		}
		gone := tx.Delete(&models.SignedSheet{}, id)
		if gone.Error != nil {
			return 0, gone.Error
		}
		if gone.RowsAffected == 0 { // while the lock was awaited
			return 0, errs.NotFound("signed_sheet")
		}
		if err := tx.Delete(&models.StoredFile{}, f.ID).Error; err != nil {
			return 0, err
		}
		return sheet.SessionID, tx.Audit("signed_sheet.remove", "course", c.ID, map[string]any{"session": sheet.SessionID, "name": f.Name, "sha256": f.Sha256, "at": sheet.CreatedAt})
	})
}

// SignedSheet reads one with its content; out of scope is not found.
func (s *Service) SignedSheet(ctx context.Context, actor access.Actor, id uint64) (models.StoredFile, error) {
	_, f, courseID, err := signed(s.DB.Read(ctx), id)
	if err != nil {
		return f, err
	}
	if _, err := s.readCourse(ctx, actor, byID(courseID)); err != nil {
		return f, err
	}
	return s.Files.Get(ctx, f.ID)
}

// signed finds a signed sheet with what is known of its file, and its course.
func signed(db *gorm.DB, id uint64) (x models.SignedSheet, f models.StoredFile, courseID uint64, err error) {
	if err = db.Take(&x, id).Error; err == nil {
		err = db.Omit("body").Take(&f, x.FileID).Error
	}
	if err == nil {
		err = db.Model(&models.Session{}).Where("id = ?", x.SessionID).Pluck("course_id", &courseID).Error
	}
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = errs.NotFound("signed_sheet")
	}
	return x, f, courseID, err
}
