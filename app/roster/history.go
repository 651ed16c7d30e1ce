package roster

import (
	"cmp"
	"maps"
	"slices"

	"gorm.io/gorm"

	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

// History is a cadre's postings over time, in memory: methods change it, Save checks every rule and writes the difference.
// Whoever is to save it reads it by LockHistories.
type History struct {
	models.Cadre
	Postings []*HistoryPosting // by first day

	read []HistoryPosting // as they were read
	orgs map[uint64]models.Organisation
}

// HistoryPosting is a posting with its groups and leaves.
type HistoryPosting struct {
	models.Posting
	Groups []uint64       // ids, sorted
	Leaves []models.Leave // by first day
}

// Place is what a posting says besides its days.
type Place struct {
	Organisation models.Organisation
	Title        string
	Groups       []uint64
	LineID       *uint64 // organisation of the professional line
}

// LockHistories locks the rows of the cadres in the order of their ids until the end of the transaction, and only then reads their
// postings: whoever else wants to change them waits. Ids that no cadre has are left out.
func LockHistories(tx *store.Tx, cadreIDs ...uint64) (map[uint64]*History, error) {
	return readHistories(tx.DB, cadreIDs, func() *gorm.DB { return tx.Lock() })
}

// readHistories reads what LockHistories does; cadres gives the session that reads the cadres themselves.
func readHistories(db *gorm.DB, cadreIDs []uint64, cadres func() *gorm.DB) (map[uint64]*History, error) {
	all := make(map[uint64]*History, len(cadreIDs))
	at := map[uint64]*HistoryPosting{}
	orgs := map[uint64]models.Organisation{}
	ids := slices.Compact(slices.Sorted(slices.Values(cadreIDs)))
	for part := range parts(ids, inChunk) {
		var cs []models.Cadre
		if err := cadres().Where("id IN ?", part).Order("id").Find(&cs).Error; err != nil {
			return nil, err
		}
		for _, c := range cs {
			all[c.ID] = &History{Cadre: c, orgs: orgs}
		}
	}
	for part := range parts(ids, inChunk) {
		var ps []models.Posting
		var gs []models.PostingGroup
		var ls []models.Leave
		theirs := db.Model(&models.Posting{}).Select("id").Where("cadre_id IN ?", part)
		for _, q := range []*gorm.DB{
			db.Where("cadre_id IN ?", part).Order("from_day, id").Find(&ps),
			db.Where("posting_id IN (?)", theirs).Order("posting_id, group_id").Find(&gs),
			db.Where("posting_id IN (?)", theirs).Order("from_day, id").Find(&ls),
		} {
			if q.Error != nil {
				return nil, q.Error
			}
		}
		for _, p := range ps {
			x := &HistoryPosting{Posting: p}
			at[p.ID], orgs[p.OrganisationID] = x, models.Organisation{}
			all[p.CadreID].Postings = append(all[p.CadreID].Postings, x)
		}
		for _, g := range gs {
			at[g.PostingID].Groups = append(at[g.PostingID].Groups, g.GroupID)
		}
		for _, l := range ls {
			at[l.PostingID].Leaves = append(at[l.PostingID].Leaves, l)
		}
	}
	for part := range parts(slices.Sorted(maps.Keys(orgs)), inChunk) {
		var os []models.Organisation
		if err := db.Where("id IN ?", part).Find(&os).Error; err != nil {
			return nil, err
		}
		for _, o := range os {
			orgs[o.ID] = o
		}
	}
	for _, h := range all {
		h.read = make([]HistoryPosting, len(h.Postings))
		for i, p := range h.Postings {
			h.read[i] = p.clone()
		}
	}
	return all, nil
}

func (p *HistoryPosting) clone() HistoryPosting {
	c := *p
	c.Groups, c.Leaves = slices.Clone(p.Groups), slices.Clone(p.Leaves)
	return c
}

// Before gives the postings as they were read.
func (h *History) Before() []HistoryPosting { return h.read }

// was gives the posting as it was read, nil for a new one.
func (h *History) was(p *HistoryPosting) *HistoryPosting {
	for i := range h.read {
		if h.read[i].ID == p.ID {
			return &h.read[i]
		}
	}
	return nil
}

// Posting finds a posting by its id. It refuses with not_found.
func (h *History) Posting(id uint64) (*HistoryPosting, error) {
	for _, p := range h.Postings {
		if p.ID == id && id != 0 {
			return p, nil
		}
	}
	return nil, errs.NotFound("posting")
}

// MainOn gives the main posting of the day, or nil.
func (h *History) MainOn(day models.Day) *HistoryPosting {
	for _, p := range h.Postings {
		if p.Main && p.CountsOn(day) {
			return p
		}
	}
	return nil
}

// nextMain gives the first main posting that begins on the day or later, or nil.
func (h *History) nextMain(day models.Day) *HistoryPosting {
	for _, p := range h.Postings {
		if p.Main && p.FromDay >= day {
			return p
		}
	}
	return nil
}

// sort keeps the postings by first day, the main one first.
func (h *History) sort() {
	slices.SortStableFunc(h.Postings, func(a, b *HistoryPosting) int {
		if c := cmp.Compare(a.FromDay, b.FromDay); c != 0 || a.Main == b.Main {
			return c
		}
		if a.Main {
			return -1
		}
		return 1
	})
}

// samePosting says whether two states of a posting say the same, groups and leaves apart.
func samePosting(a, b *models.Posting) bool {
	line := func(p *models.Posting) uint64 {
		if p.LineID == nil {
			return 0
		}
		return *p.LineID
	}
	return a.OrganisationID == b.OrganisationID && a.Title == b.Title && a.FromDay == b.FromDay && a.ToDay == b.ToDay &&
		a.Main == b.Main && a.EndReason == b.EndReason && line(a) == line(b)
}

// Same says whether two states of a posting say the same in everything.
func (p *HistoryPosting) Same(was *HistoryPosting) bool {
	return samePosting(&p.Posting, &was.Posting) && slices.Equal(p.Groups, was.Groups) && sameLeaves(p.Leaves, was.Leaves)
}

func sameLeaves(a, b []models.Leave) bool {
	return slices.EqualFunc(a, b, func(x, y models.Leave) bool {
		return x.ID == y.ID && x.Kind == y.Kind && x.FromDay == y.FromDay && x.ToDay == y.ToDay
	})
}

// rules are what postings are checked against.
type rules struct {
	orgs   map[uint64]models.Organisation
	levels []models.TargetGroupLevel
}

// readRules reads the rules for the postings that changed. Within a transaction that writes, organisations are held: whoever wants
// to end one waits, and sees what was posted there.
func readRules(db *gorm.DB, hold bool, hs []*History) (*rules, error) {
	r := &rules{orgs: map[uint64]models.Organisation{}}
	for _, h := range hs {
		for _, p := range h.Postings {
			if was := h.was(p); was == nil || !samePosting(&p.Posting, &was.Posting) || !slices.Equal(p.Groups, was.Groups) {
				r.orgs[p.OrganisationID] = models.Organisation{}
			}
		}
	}
	for part := range parts(slices.Sorted(maps.Keys(r.orgs)), inChunk) {
		var os []models.Organisation
		q := "SELECT * FROM organisations WHERE id IN ? ORDER BY id"
		if hold && db.Name() == string(store.MySQL) {
			q += " LOCK IN SHARE MODE"
		}
		if err := db.Raw(q, part).Scan(&os).Error; err != nil {
			return nil, err
		}
		for _, o := range os {
			r.orgs[o.ID] = o
		}
	}
	return r, db.Find(&r.levels).Error
}

// check holds the history to the rules; what did not change is not asked again, but for overlaps.
func (r *rules) check(h *History) error {
	h.sort()
	var last *HistoryPosting
	for _, p := range h.Postings {
		was := h.was(p)
		if was == nil || !samePosting(&p.Posting, &was.Posting) {
			if err := r.place(p); err != nil {
				return err
			}
		}
		if was == nil || !slices.Equal(p.Groups, was.Groups) || p.OrganisationID != was.OrganisationID || p.FromDay != was.FromDay {
			if err := r.groups(p); err != nil {
				return err
			}
		}
		if err := checkLeaves(p); err != nil {
			return err
		}
		if !p.Main {
			continue
		}
		if last != nil && last.ToDay > p.FromDay {
			return h.overlap(last, p)
		}
		last = p
	}
	return nil
}

// overlap says which posting is in the way: the one that had been there.
func (h *History) overlap(a, b *HistoryPosting) error {
	if was := h.was(b); was != nil && samePosting(&b.Posting, &was.Posting) {
		a = b
	}
	return errs.OnField("from", "posting_overlap", errs.Params{"organisation": h.orgs[a.OrganisationID].Name, "from": a.FromDay})
}

func (r *rules) place(p *HistoryPosting) error {
	o := r.orgs[p.OrganisationID]
	switch {
	case o.ID == 0:
		return errs.NotFound("organisation")
	case o.Kind.IsTotal():
		return errs.OnField("organisation", "organisation_is_total")
	case o.CountsOnly:
		return errs.OnField("organisation", "organisation_counts_only")
	case p.FromDay == 0:
		return errs.OnField("from", "required")
	case p.ToDay <= p.FromDay:
		return errs.OnField("to", "end_before_start")
	case !o.ExistsOn(p.FromDay):
		return errs.OnField("from", "organisation_not_active")
	case p.ToDay > o.ToDay:
		return errs.OnField("to", "organisation_not_active")
	}
	return nil
}

func (r *rules) groups(p *HistoryPosting) error {
	for _, g := range p.Groups {
		if !slices.ContainsFunc(r.levels, func(l models.TargetGroupLevel) bool {
			return l.GroupID == g && l.Level == r.orgs[p.OrganisationID].Level && l.FromDay <= p.FromDay && p.FromDay < l.ToDay
		}) {
			return errs.OnField("groups", "group_not_at_level")
		}
	}
	return nil
}

func checkLeaves(p *HistoryPosting) error {
	slices.SortStableFunc(p.Leaves, func(a, b models.Leave) int { return cmp.Compare(a.FromDay, b.FromDay) })
	for i, l := range p.Leaves {
		switch {
		case l.FromDay == 0:
			return errs.OnField("from", "required")
		case l.ToDay <= l.FromDay:
			return errs.OnField("to", "end_before_start")
		case l.FromDay < p.FromDay:
			return errs.OnField("from", "leave_outside_posting")
		case l.ToDay > p.ToDay:
			return errs.OnField("to", "leave_outside_posting")
		case i > 0 && p.Leaves[i-1].ToDay > l.FromDay:
			return errs.OnField("from", "leave_overlap")
		}
	}
	return nil
}
