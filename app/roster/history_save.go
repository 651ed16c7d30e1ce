package roster

import (
	"errors"
	"slices"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/errs"
	"taphuan/app/ledger"
	"taphuan/app/store"
	"taphuan/models"
)

// Save checks the history and writes what changed. It refuses with posting_overlap, organisation_not_active, organisation_is_total,
// organisation_counts_only, group_not_at_level, end_before_start, leave_outside_posting and leave_overlap; nothing is written then.
func (h *History) Save(tx *store.Tx) error { return SaveHistories(tx, h) }

// SaveHistories is Save for many at once: the number of statements grows with them by the hundreds.
func SaveHistories(tx *store.Tx, hs ...*History) error {
	r, err := readRules(tx.DB, true, hs)
	if err != nil {
		return err
	}
	for _, h := range hs {
		if err := r.check(h); err != nil {
			return err
		}
	}
	if err := writeHistories(tx, hs, func(int) {}); err != nil {
		return err
	}
	for _, h := range hs {
		h.read = make([]HistoryPosting, 0, len(h.Postings))
		for _, p := range h.Postings {
			h.read = append(h.read, p.clone())
		}
	}
	return nil
}

// difference is what several histories change, by table.
type difference struct {
	cadres             []uint64
	removed            []uint64
	parked             []uint64 // main postings that change beside others of the same cadre: they step aside first
	changed, added     []*models.Posting
	regrouped, grouped []*HistoryPosting
	leavesGone         []uint64
	leavesOf           []*HistoryPosting
}

func (d *difference) add(h *History) {
	before := *d
	var main []uint64
	for _, p := range h.Postings {
		was := h.was(p)
		if was == nil {
			p.CadreID = h.ID
			d.added, d.grouped = append(d.added, &p.Posting), append(d.grouped, p)
			if len(p.Leaves) > 0 {
				d.leavesOf = append(d.leavesOf, p)
			}
			continue
		}
		if !samePosting(&p.Posting, &was.Posting) {
			d.changed = append(d.changed, &p.Posting)
			if p.Main {
				main = append(main, p.ID)
			}
		}
		if !slices.Equal(p.Groups, was.Groups) {
			d.regrouped, d.grouped = append(d.regrouped, p), append(d.grouped, p)
		}
		if !sameLeaves(p.Leaves, was.Leaves) {
			for _, l := range was.Leaves {
				d.leavesGone = append(d.leavesGone, l.ID)
			}
			d.leavesOf = append(d.leavesOf, p)
		}
	}
	if len(main) > 1 {
		d.parked = append(d.parked, main...)
	}
	for i := range h.read {
		if !slices.ContainsFunc(h.Postings, func(p *HistoryPosting) bool { return p.ID == h.read[i].ID }) {
			d.removed = append(d.removed, h.read[i].ID)
		}
	}
	if h.read == nil { // a cadre made just now has no page that could be old
		return
	}
	if len(d.added)+len(d.changed)+len(d.grouped)+len(d.leavesOf)+len(d.removed) >
		len(before.added)+len(before.changed)+len(before.grouped)+len(before.leavesOf)+len(before.removed) {
		d.cadres = append(d.cadres, h.ID)
	}
}

// writeHistories writes what changed, without asking the rules. Days give way before they are taken, so that the database never
// sees two main postings at once.
func writeHistories(tx *store.Tx, hs []*History, step func(int)) error {
	var d difference
	ids := make([]uint64, len(hs))
	for i, h := range hs {
		d.add(h)
		ids[i] = h.ID
	}
	if err := ledger.Cadres(tx, ids...); err != nil {
		return err
	}
	for part := range parts(d.cadres, inChunk) {
		if err := tx.Model(&models.Cadre{}).Where("id IN ?", part).UpdateColumn("history_version", gorm.Expr("history_version + 1")).Error; err != nil {
			return err
		}
	}
	for part := range parts(d.removed, inChunk) { // groups and leaves go along
		if err := tx.Where("id IN ?", part).Delete(&models.Posting{}).Error; err != nil {
			return err
		}
	}
	for part := range parts(d.leavesGone, inChunk) {
		if err := tx.Where("id IN ?", part).Delete(&models.Leave{}).Error; err != nil {
			return err
		}
	}
	for part := range parts(d.parked, inChunk) {
		if err := tx.Model(&models.Posting{}).Where("id IN ?", part).UpdateColumn("main", false).Error; err != nil {
			return err
		}
	}
	for part := range parts(d.changed, inChunk) {
		if err := updatePostings(tx, part); err != nil {
			return asOverlap(err)
		}
		step(len(part))
	}
	for part := range parts(d.added, chunk) {
		if err := tx.Create(part).Error; err != nil {
			return asOverlap(err)
		}
		step(len(part))
	}
	if err := writeGroups(tx, &d); err != nil {
		return err
	}
	return writeLeaves(tx, d.leavesOf)
}

func writeGroups(tx *store.Tx, d *difference) error {
	for part := range parts(d.regrouped, inChunk) {
		ids := make([]uint64, len(part))
		for i, p := range part {
			ids[i] = p.ID
		}
		if err := tx.Where("posting_id IN ?", ids).Delete(&models.PostingGroup{}).Error; err != nil {
			return err
		}
	}
	var links []models.PostingGroup
	for _, p := range d.grouped {
		for _, g := range p.Groups {
			links = append(links, models.PostingGroup{PostingID: p.ID, GroupID: g})
		}
	}
	for part := range parts(links, chunk) {
		if err := tx.Create(part).Error; err != nil {
			return err
		}
	}
	return nil
}

// writeLeaves writes leaves anew; those that had been there keep their ids.
func writeLeaves(tx *store.Tx, of []*HistoryPosting) error {
	var leaves []*models.Leave
	for _, p := range of {
		for i := range p.Leaves {
			p.Leaves[i].PostingID = p.ID
			leaves = append(leaves, &p.Leaves[i])
		}
	}
	for part := range parts(leaves, chunk) {
		if err := tx.Create(part).Error; err != nil {
			return err
		}
	}
	return nil
}

// updatePostings gives several postings their new values in one statement. INSERT … ON DUPLICATE KEY UPDATE would do the same,
// but MariaDB does not take it on a table whose periods may not overlap.
func updatePostings(tx *store.Tx, rows []*models.Posting) error {
	ids := make([]uint64, len(rows))
	for i, p := range rows {
		ids[i] = p.ID
	}
	var sql strings.Builder
	var args []any
	sql.WriteString("UPDATE postings SET updated_at = ?")
	args = append(args, tx.Now)
	for _, c := range []struct {
		name  string
		value func(*models.Posting) any
	}{
		{"organisation_id", func(p *models.Posting) any { return p.OrganisationID }},
		{"title", func(p *models.Posting) any { return p.Title }},
		{"from_day", func(p *models.Posting) any { return p.FromDay }},
		{"to_day", func(p *models.Posting) any { return p.ToDay }},
		{"main", func(p *models.Posting) any { return p.Main }},
		{"end_reason", func(p *models.Posting) any { return p.EndReason }},
		{"line_id", func(p *models.Posting) any { return p.LineID }},
	} {
		sql.WriteString(", " + c.name + " = CASE id")
		for _, p := range rows {
			sql.WriteString(" WHEN ? THEN ?")
			args = append(args, p.ID, c.value(p))
		}
		sql.WriteString(" END")
	}
	sql.WriteString(" WHERE id IN ?")
	return tx.Exec(sql.String(), append(args, ids)...).Error
}

// asOverlap names what the database refuses when somebody wrote without the lock.
func asOverlap(err error) error {
	if errors.Is(err, gorm.ErrDuplicatedKey) || strings.Contains(err.Error(), "posting_overlap") {
		return errs.Conflict("history_changed")
	}
	return err
}
