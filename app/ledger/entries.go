package ledger

import (
	"context"
	"slices"
	"strconv"

	"taphuan/app/store"
	"taphuan/models"
)

// Who is covered adds up, so a change of that alone need not know what stands. Where several may write at once (MariaDB) it is entered as it is, and
// posted afterwards to the rows of the organisation and of those above it: who records what a course has brought neither writes all those
// sums nor waits for others who add to the same ones. Until then readers add what has been entered, in the statement that reads the rows, so that
// nobody sees it twice or not at all; they never wait and never write.

// manyEntries is how many changes are entered at most: more of them would have to be read too often.
const manyEntries = 2 * many

// entered are the entries e of groups on days, both included, at organisations or below them (t), as tables and conditions of what is added to the statement
// that reads their rows; enteredSums are the columns of a sum.
const (
	entered = " FROM coverage_entries e JOIN organisations o ON o.id = e.organisation_id JOIN organisations t ON t.id IN ? AND SUBSTR(o.path, 1, LENGTH(t.path)) = t.path" +
		" WHERE e.group_id IN ? AND e.day BETWEEN ? AND ?"
	enteredSums = "0, e.covered, e.recognised, 0, 0, 0, 0"
)

// Post adds what has been entered to the rows.
func Post(ctx context.Context, db *store.DB) error {
	var entered bool
	if err := db.Read(ctx).Raw("SELECT EXISTS (SELECT 1 FROM coverage_entries)").Row().Scan(&entered); err != nil || !entered {
		return err
	}
	_, err := db.Write(ctx, store.By{Action: "ledger"}, func(tx *store.Tx) (uint64, error) {
		b, err := open(tx)
		if err == nil {
			b.posts = true
		}
		return 0, err
	})
	return err
}

// enter writes the changes down as they are, to be posted.
func (b *book) enter() error {
	entries := make([]row, 0, len(b.changes))
	for e, s := range b.changes {
		entries = append(entries, row{e, tierOwn, s})
	}
	slices.SortFunc(entries, compareRows)
	for part := range slices.Chunk(entries, 2*many) {
		w := []byte("INSERT INTO coverage_entries (organisation_id, group_id, day, covered, recognised, lapsed) VALUES ")
		for i, e := range part { // numbers and days alone, as in insert
			if i > 0 {
				w = append(w, ',')
			}
			w = strconv.AppendUint(append(w, '('), e.organisation, 10)
			w = strconv.AppendUint(append(w, ','), e.group, 10)
			w = append(w, ",'"+e.day.String()+"'"...)
			for _, n := range []int{e.Covered, e.Recognised, e.Lapsed} {
				w = strconv.AppendInt(append(w, ','), int64(n), 10)
			}
			w = append(w, ')')
		}
		if err := b.tx.Exec(string(w)).Error; err != nil {
			return err
		}
	}
	return nil
}

// take makes what has been entered changes of this book. Two who take wait for each other, and for who has entered something and may yet undo it.
func (b *book) take() error {
	var entries []models.CoverageEntry
	if err := b.tx.Lock().Order("id").Find(&entries).Error; err != nil {
		return err
	}
	ids := make([]uint64, len(entries))
	for i, e := range entries {
		ids[i] = e.ID
		b.changes.add(entry{place{e.OrganisationID, e.GroupID}, e.Day}, Sum{Covered: e.Covered, Recognised: e.Recognised, Lapsed: e.Lapsed})
	}
	for part := range slices.Chunk(ids, many) {
		if err := b.tx.Where("id IN ?", part).Delete(&models.CoverageEntry{}).Error; err != nil {
			return err
		}
	}
	return nil
}
