package identity

import (
	"context"
	"slices"
	"strings"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/ledger"
	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/models"
)

// Undo takes a merge back: both records are as they were, with their postings, places in courses, completions, certificates and
// accounts; what came after the merge stays with the kept one, but for what came of a place or a recognition that goes back. Who was
// shut out since stays so. It refuses what is no merge in force ("twin_decided"), and where later
// changes make it impossible: of the data ("merge_data_changed"), of the postings ("merge_postings_changed"), of what went along
// ("merge_moved_on"), of a seat that somebody else has now or a course that has closed ("merge_seat_gone").
func (s *Service) Undo(ctx context.Context, actor access.Actor, id uint64) error {
	return s.decide(ctx, actor, id, models.TwinMerged, func(tx *store.Tx, p *models.TwinPair) error {
		var row models.CadreMerge
		if err := tx.Where("twin_pair_id = ? AND undone_at IS NULL", id).Order("id DESC").Take(&row).Error; err != nil {
			return err
		}
		rec, err := s.open(row.Record)
		if err != nil {
			return err
		}
		hs, err := roster.LockHistories(tx, row.KeptID, row.GoneID)
		if err != nil {
			return err
		}
		if err := ledger.Cadres(tx, row.KeptID, row.GoneID); err != nil {
			return err
		}
		u := &undo{tx: tx, actor: actor, kept: hs[row.KeptID], gone: hs[row.GoneID], rec: rec}
		for _, step := range []func() error{u.data, u.postings, u.courses, u.moved, u.places, u.results, u.accounts} {
			if err := step(); err != nil {
				return err
			}
		}
		decided(tx, p, models.TwinOpen)
		set := map[string]any{"undone_at": tx.Now}
		if tx.By.AccountID != 0 {
			set["undone_by_id"] = tx.By.AccountID
		}
		if err := tx.Model(&row).UpdateColumns(set).Error; err != nil {
			return err
		}
		return tx.Audit("cadre.unmerge", "cadre", row.KeptID, map[string]any{"gone": row.GoneID, "twin": id})
	})
}

// undo is one merge on its way back.
type undo struct {
	tx         *store.Tx
	actor      access.Actor
	kept, gone *roster.History
	rec        *record
}

func (u *undo) data() error {
	if u.kept.MergedIntoID != nil || roster.Version(u.kept.Cadre) != u.rec.KeptVersion || roster.Version(u.gone.Cadre) != u.rec.GoneVersion {
		return errs.Conflict("merge_data_changed")
	}
	return writeCadres(u.tx, &u.rec.Kept, &u.rec.Gone)
}

func (u *undo) postings() error {
	if !samePostings(savePostings(u.kept.Postings), u.rec.After) || len(u.gone.Postings) > 0 {
		return errs.Conflict("merge_postings_changed")
	}
	u.kept.Postings, u.gone.Postings = restored(u.rec.KeptPostings), restored(u.rec.GonePostings)
	err := roster.SaveHistories(u.tx, u.kept, u.gone)
	if e := errs.As(err); err != nil && (e.Kind == errs.KindInvalid || e.Kind == errs.KindConflict) {
		return errs.Conflict("merge_postings_changed") // an office has ended since, or may keep no names
	}
	return err
}

// courses locks those in which somebody's place goes back: none of them closes meanwhile.
func (u *undo) courses() error {
	var ids []uint64
	for part := range slices.Chunk(u.rec.Moved["enrolments.cadre_id"], 500) {
		var some []uint64
		if err := u.tx.Model(&models.Enrolment{}).Where("id IN ?", part).Pluck("course_id", &some).Error; err != nil {
			return err
		}
		ids = append(ids, some...)
	}
	for _, g := range u.rec.Gave {
		ids = append(ids, g.Way.CourseID)
	}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if _, err := course.Lock(u.tx, u.actor, access.EnrolmentWrite, id); err != nil {
			return err
		}
	}
	return nil
}

func (u *undo) moved() error {
	for at, ids := range u.rec.Moved {
		if len(ids) == 0 {
			continue
		}
		table, column, _ := strings.Cut(at, ".")
		for part := range slices.Chunk(ids, 500) {
			q := u.tx.Table(table).Where(keyOf(table)+" IN ? AND "+column+" = ?", part, u.kept.ID).UpdateColumn(column, u.gone.ID)
			if q.Error != nil {
				return q.Error
			}
			if int(q.RowsAffected) != len(part) {
				return errs.Conflict("merge_moved_on")
			}
		}
	}
	return nil
}

// places gives back places in courses that had given way.
func (u *undo) places() error {
	for _, g := range u.rec.Gave {
		c, err := course.Lock(u.tx, u.actor, access.EnrolmentWrite, g.Way.CourseID)
		if err != nil {
			return err
		}
		var way, other models.Enrolment
		for id, e := range map[uint64]*models.Enrolment{g.Way.ID: &way, g.Other: &other} {
			if err := u.tx.Where("id = ?", id).Limit(1).Find(e).Error; err != nil {
				return err
			}
		}
		if way.CadreID != u.gone.ID || other.CadreID != u.kept.ID {
			return errs.Conflict("merge_moved_on")
		}
		if way.CadreID != g.Way.CadreID {
			if err := swapPlaces(u.tx, way, other); err != nil {
				return err
			}
		}
		if g.Way.State == way.State {
			continue
		}
		free := 1
		if g.Way.State == models.EnrolmentEnrolled {
			if free, err = course.FreeSeats(u.tx, c); err != nil {
				return err
			}
		}
		if free == 0 || c.State != g.CourseState && (c.State == models.CourseClosed || c.State == models.CourseCancelled) {
			return errs.Conflict("merge_seat_gone", errs.Params{"course": c.Title})
		}
		set := map[string]any{"state": g.Way.State, "waiting_since": g.Way.WaitingSince}
		if err := u.tx.Model(&models.Enrolment{}).Where("id = ?", way.ID).UpdateColumns(set).Error; err != nil {
			return err
		}
	}
	return nil
}

// results lets what came of a place or a recognition since the merge follow it to the record that has it again: a completion, and the
// certificate of one. A paper that both had brought is told apart no more.
func (u *undo) results() error {
	for _, sql := range []string{
		"UPDATE completions SET cadre_id = ? WHERE cadre_id = ? AND (enrolment_id IN (SELECT id FROM enrolments WHERE cadre_id = ?)" +
			" OR recognition_id IN (SELECT id FROM recognitions WHERE cadre_id = ?))",
		"UPDATE certificates SET cadre_id = ? WHERE cadre_id = ? AND completion_id IN (SELECT id FROM completions WHERE cadre_id = ?)",
	} {
		args := []any{u.gone.ID, u.kept.ID, u.gone.ID, u.gone.ID}
		if err := u.tx.Exec(sql, args[:strings.Count(sql, "?")]...).Error; err != nil {
			return err
		}
	}
	return u.tx.Exec("UPDATE recognitions SET live_paper_key = paper_key WHERE cadre_id = ? AND live_paper_key = CONCAT(paper_key, '#', id) AND paper_key NOT IN"+
		" (SELECT k FROM (SELECT live_paper_key AS k FROM recognitions WHERE cadre_id = ? AND live_paper_key IS NOT NULL) held)", u.gone.ID, u.gone.ID).Error
}

// accounts gives each record its own account again. The one that gave way is as it was; what somebody decided about the other since holds.
func (u *undo) accounts() error {
	var ids []uint64
	for _, a := range u.rec.Accounts {
		ids = append(ids, a.ID)
	}
	two := []uint64{u.kept.ID, u.gone.ID}
	var n int64
	q := u.tx.Model(&models.Account{})
	if err := q.Where("cadre_id IN ? AND id NOT IN ?", two, append(ids, 0)).Count(&n).Error; err != nil {
		return err
	}
	if n > 0 && len(ids) > 0 {
		return errs.Conflict("merge_moved_on") // an account made since stands where one belongs
	}
	if len(ids) == 0 {
		return nil
	}
	var gaveWay []uint64
	if err := u.tx.Model(&models.Account{}).Where("id IN ? AND cadre_id = ?", ids, u.gone.ID).Pluck("id", &gaveWay).Error; err != nil {
		return err
	}
	if err := u.tx.Model(&models.Account{}).Where("id IN ?", ids).UpdateColumn("cadre_id", nil).Error; err != nil {
		return err
	}
	for _, a := range u.rec.Accounts {
		set := map[string]any{"cadre_id": a.CadreID}
		if slices.Contains(gaveWay, a.ID) {
			set["disabled"] = a.Disabled
		}
		if err := u.tx.Model(&models.Account{}).Where("id = ?", a.ID).UpdateColumns(set).Error; err != nil {
			return err
		}
	}
	return nil
}
