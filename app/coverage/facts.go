package coverage

import (
	"taphuan/app/access"
	"taphuan/models"
)

// facts reads what the figures of the organisation asked for depend on from a day on, up to the day asked for.
func (a *asked) facts(from models.Day) (Facts, error) {
	f := Facts{Plan: a.plan}
	// Concurrent postings may be anywhere, and end with their organisation: organisations are few, so all are read.
	if err := a.db.Order("path").Find(&f.Organisations).Error; err != nil {
		return f, err
	}
	var w sqlWriter
	w.add("SELECT h.id, h.organisation_id, h.group_id, h.effective_day, h.declared, h.covered, h.created_at FROM headcounts h WHERE h.effective_day <= ?", a.day)
	if !a.whole() {
		below, args := access.Subtree("path", a.top.Path)
		w.add(" AND h.organisation_id IN (SELECT id FROM organisations WHERE "+below+")", args...)
	}
	if err := a.db.Raw(w.sql.String(), w.args...).Scan(&f.Headcounts).Error; err != nil {
		return f, err
	}
	if err := a.readPostings(&f, from); err != nil {
		return f, err
	}
	return f, a.readCompletions(&f, func(w *sqlWriter) { a.here(w, "co.cadre_id") })
}

// here writes the condition that a cadre has a main posting at or below the organisation asked for, or is one of some; for the whole plan there
// is none.
func (a *asked) here(w *sqlWriter, cadre string) {
	switch {
	case a.cadres != nil:
		w.add(" AND "+cadre+" IN ?", a.cadres)
		return
	case a.whole():
		return
	}
	below, args := access.Subtree("o.path", a.top.Path)
	w.add(" AND "+cadre+" IN (SELECT m.cadre_id FROM organisations o CROSS JOIN postings m ON m.organisation_id = o.id WHERE m.main = TRUE AND "+below+")", args...)
}

func (a *asked) readPostings(f *Facts, from models.Day) error {
	var w sqlWriter
	w.add("SELECT p.id, p.cadre_id, p.organisation_id, p.main, " + a.sqls.dayNumber("p.from_day") + ", " + a.sqls.dayNumber("p.to_day") + ", COALESCE(pg.group_id, 0)")
	w.add(" FROM postings p LEFT JOIN posting_groups pg ON pg.posting_id = p.id WHERE p.from_day <= ? AND p.to_day > ?", a.day, from)
	a.here(&w, "p.cadre_id")
	w.add(" ORDER BY p.cadre_id, p.id")
	var last uint64
	var groups []uint64 // of all postings, one after another; each keeps its part
	first := 0          // of the last posting
	var id, group uint64
	var p Posting
	return a.each(&w, func() {
		if id != last {
			f.Postings, last, first = append(f.Postings, p), id, len(groups)
		}
		if group != 0 {
			groups = append(groups, group)
			f.Postings[len(f.Postings)-1].Groups = groups[first:len(groups):len(groups)]
		}
	}, &id, &p.CadreID, &p.OrganisationID, &p.Main, (*int32)(&p.From), (*int32)(&p.To), &group)
}

// readCompletions reads the completions of those whom who, a condition, leaves.
func (a *asked) readCompletions(f *Facts, who func(w *sqlWriter)) error {
	var w sqlWriter
	w.add("SELECT co.cadre_id, " + a.sqls.dayNumber("co.effective_day") + ", co.recognition_id IS NOT NULL, co.components FROM completions co")
	w.add(" WHERE co.voided_at IS NULL AND co.effective_day BETWEEN ? AND ?", a.plan.FromDay, a.day)
	who(&w)
	w.add(" ORDER BY co.cadre_id, co.id")
	var c Completion
	return a.each(&w, func() { f.Completions = append(f.Completions, c) }, &c.CadreID, (*int32)(&c.Day), &c.Recognised, &c.Components)
}
