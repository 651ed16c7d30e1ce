package ledger

import (
	"slices"

	"gorm.io/gorm"

	"taphuan/app/store"
	"taphuan/models"
)

// people reads cadres and gives what they contribute. With keep, the postings are kept for those of whom completions alone change.
func (b *book) people(ids []uint64, keep bool, add func(entry, Sum)) error {
	for part := range slices.Chunk(ids, many) {
		all := make(map[uint64]*person, len(part))
		var posted []uint64 // whose postings are to be read
		for _, id := range part {
			if p := b.posted[id]; p != nil && !b.moved[id] {
				all[id] = &person{postings: p.postings}
			} else {
				all[id] = new(person)
				posted = append(posted, id)
			}
		}
		if err := b.postings(posted, all); err != nil {
			return err
		}
		if keep {
			for _, id := range part {
				b.posted[id] = all[id]
			}
		}
		if err := readCompletions(b.tx.DB, " AND co.cadre_id IN ?", []any{part}, func(cadre uint64, x completion) {
			all[cadre].completions = append(all[cadre].completions, x)
		}); err != nil {
			return err
		}
		for _, id := range part {
			all[id].contribute(b.plans, add)
		}
	}
	return nil
}

// postings reads the postings of cadres, and the organisations at which they are.
func (b *book) postings(ids []uint64, all map[uint64]*person) error {
	if len(ids) == 0 {
		return nil
	}
	if err := readPostings(b.tx.DB, " WHERE p.cadre_id IN ?", []any{ids}, b.know, func(cadre uint64, x posting) {
		all[cadre].postings = append(all[cadre].postings, x)
	}); err != nil {
		return err
	}
	return b.readOffices()
}

// readPostings reads postings in the order of cadres.
func readPostings(db *gorm.DB, where string, args []any, at func(organisation uint64) *office, do func(cadre uint64, p posting)) error {
	q := "SELECT p.id, p.cadre_id, p.organisation_id, p.main, " + dayNumber(db, "p.from_day") + ", " + dayNumber(db, "p.to_day") + ", COALESCE(pg.group_id, 0)" +
		" FROM postings p LEFT JOIN posting_groups pg ON pg.posting_id = p.id" + where + " ORDER BY p.cadre_id, p.id"
	var id, cadre, organisation, group, last, lastCadre uint64
	var main bool
	var from, to int32
	var p posting
	flush := func() {
		if last != 0 && p.at != nil {
			do(lastCadre, p)
		}
	}
	err := store.Each(db.Raw(q, args...), func() {
		if id != last {
			flush()
			last, lastCadre = id, cadre
			p = posting{at: at(organisation), days: span{models.Day(from), models.Day(to)}, main: main}
		}
		if group != 0 {
			p.groups = append(p.groups, group)
		}
	}, &id, &cadre, &organisation, &main, &from, &to, &group)
	flush()
	return err
}

// readCompletions reads completions that are not voided in the order of cadres.
func readCompletions(db *gorm.DB, where string, args []any, do func(cadre uint64, c completion)) error {
	q := "SELECT co.cadre_id, " + dayNumber(db, "co.effective_day") + ", co.recognition_id IS NOT NULL, co.components FROM completions co" +
		" WHERE co.voided_at IS NULL" + where + " ORDER BY co.cadre_id"
	var cadre uint64
	var c completion
	return store.Each(db.Raw(q, args...), func() { do(cadre, c) }, &cadre, (*int32)(&c.day), &c.recognised, &c.components)
}
