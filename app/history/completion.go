package history

import (
	"cmp"
	"context"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/ledger"
	"taphuan/app/store"
	"taphuan/models"
)

// Completion is what a completion's page and the lists of a cadre's and of a course's completions show.
type Completion struct {
	models.Completion
	Name          string
	BirthYear     int
	Organisation  string // of the main posting on the effective day, "" for none
	Course        string // title; of a recognition that of the training
	CourseCode    string
	Body          string // who held the recognised training
	PaperNumber   string
	HasScan       bool
	VoidedBy      string
	CertificateID uint64 // the valid one, 0 for none
	Serial        string
}

// Recognised says whether another body held the training.
func (c Completion) Recognised() bool { return c.RecognitionID != nil }

func completions(db *gorm.DB, actor access.Actor, p access.Permission, today models.Day) *gorm.DB {
	return db.Table("completions").Joins("JOIN cadres ON cadres.id = completions.cadre_id").Scopes(access.Cadres(actor, p, today)).
		Joins("LEFT JOIN courses ON courses.id = completions.course_id").Joins("LEFT JOIN recognitions r ON r.id = completions.recognition_id").
		Joins("LEFT JOIN accounts v ON v.id = completions.voided_by_id").
		Joins("LEFT JOIN certificates ON certificates.live_completion_id = completions.id").
		Joins("LEFT JOIN postings p ON p.cadre_id = completions.cadre_id AND p.main = ? AND p.from_day <= completions.effective_day AND p.to_day > completions.effective_day", true).
		Joins("LEFT JOIN organisations o ON o.id = p.organisation_id").
		Select("completions.*, cadres.full_name AS name, cadres.birth_year, COALESCE(o.name, '') AS organisation, COALESCE(courses.title, r.title, '') AS course, COALESCE(courses.code, '') AS course_code, " +
			"COALESCE(r.body, '') AS body, COALESCE(r.paper_number, '') AS paper_number, r.file_id IS NOT NULL AS has_scan, COALESCE(v.name, '') AS voided_by, " +
			"COALESCE(certificates.id, 0) AS certificate_id, COALESCE(certificates.serial, '') AS serial")
}

// Completion reads one completion; out of scope is not found.
func (s *Service) Completion(ctx context.Context, actor access.Actor, id uint64) (*Completion, error) {
	rows, err := s.find(ctx, actor, access.CompletionPropose, func(q *gorm.DB) *gorm.DB { return q.Where("completions.id = ?", id) })
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, errs.NotFound("completion")
	}
	return &rows[0], nil
}

// OfCadre lists the completions of a cadre in scope, the latest first.
func (s *Service) OfCadre(ctx context.Context, actor access.Actor, cadreID uint64) ([]Completion, error) {
	return s.find(ctx, actor, access.CompletionPropose, func(q *gorm.DB) *gorm.DB {
		return q.Where("completions.cadre_id = ?", cadreID).Order("completions.effective_day DESC, completions.id DESC")
	})
}

// maxOfCourse is more than any course has completions.
const maxOfCourse = course.MaxCapacity

// OfCourse lists the completions of a course by name.
func (s *Service) OfCourse(ctx context.Context, actor access.Actor, courseID uint64) ([]Completion, error) {
	return s.find(ctx, actor, access.CompletionApprove, func(q *gorm.DB) *gorm.DB {
		return q.Where("completions.course_id = ?", courseID).Order("cadres.sort_key, completions.id").Limit(maxOfCourse)
	})
}

func (s *Service) find(ctx context.Context, actor access.Actor, p access.Permission, which func(*gorm.DB) *gorm.DB) ([]Completion, error) {
	db := s.DB.Read(ctx)
	var rows []Completion
	if err := which(completions(db, actor, p, models.DayOf(s.DB.Time()))).Scan(&rows).Error; err != nil {
		return nil, err
	}
	return rows, nil
}

// Void undoes completions from their own dates, for a reason ("reason_missing"): coverage changes at once, also of past days. A valid
// certificate stays valid until somebody revokes it. It refuses what is out of scope (not_found) and what is void already
// ("completion_voided"); all are voided or none.
func (s *Service) Void(ctx context.Context, actor access.Actor, ids []uint64, reason string) error {
	reason, err := reasonOf(reason)
	if err != nil {
		return err
	}
	return s.setVoid(ctx, actor, ids, reason)
}

// Restore takes a voiding back that was a mistake. It refuses what is out of scope (not_found) and what is not void
// ("completion_not_voided"); all are restored or none.
func (s *Service) Restore(ctx context.Context, actor access.Actor, ids []uint64) error {
	return s.setVoid(ctx, actor, ids, "")
}

// setVoid voids completions for the reason; without one it restores them.
func (s *Service) setVoid(ctx context.Context, actor access.Actor, ids []uint64, reason string) error {
	ids, err := chosen(ids)
	if err != nil {
		return err
	}
	_, err = s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		var cadres []uint64
		if err := tx.Model(&models.Completion{}).Where("id IN ?", ids).Distinct().Order("cadre_id").Pluck("cadre_id", &cadres).Error; err != nil {
			return 0, err
		}
		if _, err := lockCadres(tx, actor, access.CompletionApprove, cadres); err != nil {
			return 0, err
		}
		if err := ledger.Completions(tx, cadres...); err != nil {
			return 0, err
		}
		var rows []models.Completion
		if err := tx.Lock().Where("id IN ? AND cadre_id IN ?", ids, cadres).Order("id").Find(&rows).Error; err != nil {
			return 0, err
		}
		if len(rows) != len(ids) {
			return 0, errs.NotFound("completion")
		}
		action, set := "completion.void", map[string]any{"voided_at": tx.Now, "voided_by_id": accountOf(tx), "void_reason": reason, "voided_by_close": false}
		if reason == "" {
			action, set = "completion.restore", map[string]any{"voided_at": nil, "voided_by_id": nil, "void_reason": "", "voided_by_close": false}
		}
		for _, r := range rows {
			switch voided := r.VoidedAt != nil; {
			case voided && reason != "":
				return 0, errs.Conflict("completion_voided")
			case !voided && reason == "":
				return 0, errs.Conflict("completion_not_voided")
			}
			detail := map[string]any{"cadre": r.CadreID, "course": r.CourseID, "recognition": r.RecognitionID, "effective": r.EffectiveDay, "reason": cmp.Or(reason, r.VoidReason)}
			if err := tx.Audit(action, "completion", r.ID, detail); err != nil {
				return 0, err
			}
		}
		return ids[0], tx.Model(&models.Completion{}).Where("id IN ?", ids).Updates(set).Error
	})
	return err
}
