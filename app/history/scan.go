package history

import (
	"context"
	"errors"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/file"
	"taphuan/app/store"
	"taphuan/models"
)

// Attach gives a recognition the scan of its paper, in place of the one with the id instead (0: it has none), and with others every
// proposal in the actor's scope that has the same paper and no scan. It gives how many have the scan now. A scan that nothing leads to
// any more is gone.
//
// It refuses what is out of scope (not_found), no scan ("scan_missing") and what file.Check refuses, a form older than the scan
// ("stale"), proposals that were refused or withdrawn ("scan_closed"), and to replace the scan on which a recognition was decided
// ("scan_stays").
func (s *Service) Attach(ctx context.Context, actor access.Actor, id, instead uint64, scan *file.Upload, others bool) (int, error) {
	if scan == nil {
		return 0, errs.OnField("scan", "scan_missing")
	}
	if _, err := file.Check(scan.Body); err != nil {
		return 0, err
	}
	n, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		r, ids, err := lockPaper(tx, actor, id, others)
		if err != nil {
			return 0, err
		}
		var old models.StoredFile
		if r.FileID != nil {
			if err := tx.Lock().Omit("body").Take(&old, *r.FileID).Error; err != nil {
				return 0, err
			}
		}
		switch {
		case r.State != models.RecognitionProposed && r.State != models.RecognitionApproved:
			return 0, errs.Conflict("scan_closed")
		case old.ID != instead:
			return 0, errs.Conflict("stale")
		case r.State == models.RecognitionApproved && old.ID != 0:
			return 0, errs.Conflict("scan_stays")
		}
		fileID, err := s.Files.Add(tx, *scan)
		if err != nil {
			return 0, err
		}
		if err := tx.Model(&models.Recognition{}).Where("id IN ?", ids).Updates(map[string]any{"file_id": fileID, "updated_at": tx.Now}).Error; err != nil {
			return 0, err
		}
		err = tx.Where("id = ? AND NOT EXISTS (SELECT 1 FROM recognitions r WHERE r.file_id = stored_files.id)", old.ID).Delete(&models.StoredFile{}).Error
		if err != nil {
			return 0, err
		}
		return uint64(len(ids)), tx.Audit("recognition.scan", "recognition", id, map[string]any{"recognitions": ids, "file": scan.Name, "replaced": old.Name})
	})
	return int(n), err
}

// samePaper leaves the other recognitions with the paper of one that could take its scan.
func samePaper(q *gorm.DB, r models.Recognition) *gorm.DB {
	return q.Where("recognitions.paper_key = ? AND recognitions.body = ? AND recognitions.last_day = ? AND recognitions.file_id IS NULL AND recognitions.id <> ? AND recognitions.state IN ?",
		r.PaperKey, r.Body, r.LastDay, r.ID, []models.RecognitionState{models.RecognitionProposed, models.RecognitionApproved})
}

// lockPaper locks a recognition in scope and, with others, those of its paper that have no scan, after their cadres.
func lockPaper(tx *store.Tx, actor access.Actor, id uint64, others bool) (r models.Recognition, ids []uint64, err error) {
	reach := func() *gorm.DB {
		return recognitions(tx.DB, actor, access.CompletionPropose, tx.Today).Select("recognitions.*")
	}
	err = reach().Where("recognitions.id = ?", id).Take(&r).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = errs.NotFound("recognition")
	}
	if err != nil {
		return r, nil, err
	}
	all := []models.Recognition{r}
	if others {
		var more []models.Recognition
		if err := samePaper(reach(), r).Order("recognitions.id").Limit(MaxPeople).Find(&more).Error; err != nil {
			return r, nil, err
		}
		all = append(all, more...)
	}
	var cadres []uint64
	for _, x := range all {
		cadres, ids = append(cadres, x.CadreID), append(ids, x.ID)
	}
	if _, err := lockCadres(tx, actor, access.CompletionPropose, unique(cadres)); err != nil {
		return r, nil, err
	}
	if err := tx.Lock().Where("id IN ? AND cadre_id IN ?", ids, unique(cadres)).Order("id").Find(&all).Error; err != nil {
		return r, nil, err
	}
	ids = nil
	for _, x := range all { // as they are now
		switch {
		case x.ID == id:
			r, ids = x, append(ids, x.ID)
		case x.FileID == nil && (x.State == models.RecognitionProposed || x.State == models.RecognitionApproved):
			ids = append(ids, x.ID)
		}
	}
	return r, ids, nil
}
