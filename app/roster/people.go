package roster

import (
	"maps"
	"slices"

	"gorm.io/gorm"

	"taphuan/app/secret"
	"taphuan/models"
	"taphuan/models/viet"
)

// Purposes of sealed and hashed personal numbers.
const (
	purposeNationalID = "national_id"
	purposeOldID      = "old_id"
)

// Person is what a list says of somebody.
type Person struct {
	Name       string
	Born       string // "1980-05-04", "1980" or ""
	Sex        models.Sex
	NationalID string // 12 digits, a 9-digit old CMND, or ""
	Phone      string
	Email      string
}

// birth gives the year (0 unknown) and the day (0 unknown).
func (p Person) birth() (year int, day models.Day) {
	switch len(p.Born) {
	case 4:
		for _, r := range p.Born {
			year = year*10 + int(r-'0')
		}
		return year, 0
	case 10:
		if d, err := models.ParseDay(p.Born); err == nil {
			return d.Year(), d
		}
	}
	return 0, 0
}

// birthsAgree says whether two births agree as far as both say.
func birthsAgree(yearA int, dayA models.Day, yearB int, dayB models.Day) bool {
	switch {
	case yearA == 0 || yearB == 0:
		return true
	case dayA == 0 || dayB == 0:
		return yearA == yearB
	}
	return dayA == dayB
}

// people finds who is who (the rules are those of docs/domain "Who is who") among the cadres that could be meant.
type people struct {
	keys    *secret.Keys
	byID    map[string]*known   // by hash of the national id
	byOldID map[string][]*known // by hash of the CMND
	byName  map[string][]*known // by viet.Key
	heirs   map[uint64]map[uint64]bool
}

// known is a cadre with postings.
type known struct {
	*History
	isNew   bool
	changed bool // the cadre's own data
	claimed bool // a row of this list is already this cadre
}

// How many rows one statement writes, and how many values one list of a condition holds: MariaDB turns lists of a thousand and
// more into joins with a temporary table (in_predicate_conversion_threshold), which read the whole table each time.
const (
	chunk   = 1000
	inChunk = 500
)

// loadPeople reads the cadres whose ids or names stand in the list, with their postings: a number of queries that grows with
// the list by the thousand, never by the row. read gives their histories.
func loadPeople(db *gorm.DB, keys *secret.Keys, list []Person, heirs map[uint64]map[uint64]bool, read func(ids []uint64) (map[uint64]*History, error)) (*people, error) {
	p := &people{keys: keys, byID: map[string]*known{}, byOldID: map[string][]*known{}, byName: map[string][]*known{}, heirs: heirs}
	var ids, old, names []string
	for _, x := range list {
		switch len(x.NationalID) {
		case 12:
			ids = append(ids, keys.Hash(purposeNationalID, x.NationalID))
		case 9:
			old = append(old, keys.Hash(purposeOldID, x.NationalID))
		}
		names = append(names, viet.Key(x.Name))
	}
	var cadreIDs []uint64
	for column, values := range map[string][]string{"national_id_hash": ids, "old_id_hash": old, "name_key": names} {
		for part := range parts(unique(values), inChunk) {
			var some []uint64
			if err := db.Model(&models.Cadre{}).Where(column+" IN ?", part).Pluck("id", &some).Error; err != nil {
				return nil, err
			}
			cadreIDs = append(cadreIDs, some...)
		}
	}
	cadreIDs, err := withKept(db, cadreIDs)
	if err != nil {
		return nil, err
	}
	all, err := read(cadreIDs)
	if err != nil {
		return nil, err
	}
	kept := map[uint64]*known{}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		if h := all[id]; h.MergedIntoID == nil {
			kept[id] = &known{History: h}
			p.index(kept[id])
		}
	}
	for _, h := range all { // the ids of a record that was given up lead to the one that was kept
		if h.MergedIntoID != nil {
			last := h
			for last.MergedIntoID != nil {
				last = all[*last.MergedIntoID]
			}
			p.indexIDs(kept[last.ID], h.NationalIDHash, h.OldIDHash)
		}
	}
	return p, nil
}

// withKept adds the cadres into whom others were merged.
func withKept(db *gorm.DB, ids []uint64) ([]uint64, error) {
	for next := ids; len(next) > 0; {
		var into []uint64
		for part := range parts(next, inChunk) {
			var some []uint64
			if err := db.Model(&models.Cadre{}).Where("id IN ? AND merged_into_id IS NOT NULL", part).Pluck("merged_into_id", &some).Error; err != nil {
				return nil, err
			}
			into = append(into, some...)
		}
		ids, next = append(ids, into...), into
	}
	return ids, nil
}

func (p *people) index(k *known) {
	p.indexIDs(k, k.NationalIDHash, k.OldIDHash)
	p.byName[k.NameKey] = append(p.byName[k.NameKey], k)
}

func (p *people) indexIDs(k *known, national, old *string) {
	if national != nil {
		p.byID[*national] = k
	}
	if old != nil {
		p.byOldID[*old] = append(p.byOldID[*old], k)
	}
}

// verdict says who a row is.
type verdict int

const (
	nobodyKnown verdict = iota // a new cadre
	oneKnown
	severalKnown  // candidates that nobody can tell apart: a new cadre, to be reviewed
	anotherPerson // the national id belongs to somebody with another name and another birth date
)

// find says who the person at the organisation is.
func (p *people) find(x Person, organisation uint64) (verdict, *known, []*known) {
	year, day := x.birth()
	key := viet.Key(x.Name)
	agrees := func(k *known) bool {
		if k.NameKey == key {
			return true
		}
		return year != 0 && k.BirthYear != 0 && birthsAgree(year, day, k.BirthYear, k.BirthDay)
	}
	var hash, oldHash string
	switch len(x.NationalID) {
	case 12:
		hash = p.keys.Hash(purposeNationalID, x.NationalID)
		if k := p.byID[hash]; k != nil {
			if agrees(k) {
				return oneKnown, k, nil
			}
			return anotherPerson, k, nil
		}
	case 9:
		oldHash = p.keys.Hash(purposeOldID, x.NationalID)
		for _, k := range p.byOldID[oldHash] {
			if agrees(k) {
				return oneKnown, k, nil
			}
		}
		if owners := p.byOldID[oldHash]; len(owners) > 0 {
			return anotherPerson, owners[0], nil
		}
	}
	var candidates []*known
	for _, k := range p.byName[key] {
		switch {
		case k.claimed,
			!birthsAgree(year, day, k.BirthYear, k.BirthDay),
			hash != "" && k.NationalIDHash != nil, // both have a national id, and they differ
			oldHash != "" && k.OldIDHash != nil,
			!p.mayHaveCome(k, organisation):
			continue
		}
		candidates = append(candidates, k)
	}
	switch len(candidates) {
	case 0:
		return nobodyKnown, nil, nil
	case 1:
		return oneKnown, candidates[0], nil
	}
	return severalKnown, nil, candidates
}

// mayHaveCome says whether one of the cadre's postings was at the organisation or at one whose successor it is.
func (p *people) mayHaveCome(k *known, organisation uint64) bool {
	for _, x := range k.Postings {
		if x.OrganisationID == organisation || p.heirs[x.OrganisationID][organisation] || p.heirs[organisation][x.OrganisationID] {
			return true
		}
	}
	return false
}

// readHeirs reads what heirsOf gives.
func readHeirs(db *gorm.DB) (map[uint64]map[uint64]bool, error) {
	var orgs []models.Organisation
	var successors []models.OrganisationSuccessor
	if err := db.Find(&orgs).Error; err != nil {
		return nil, err
	}
	if err := db.Find(&successors).Error; err != nil {
		return nil, err
	}
	return heirsOf(orgs, successors), nil
}

// heirsOf gives, for each organisation, its successors or those of its nearest ancestor that has some.
func heirsOf(orgs []models.Organisation, successors []models.OrganisationSuccessor) map[uint64]map[uint64]bool {
	own := map[uint64]map[uint64]bool{}
	for _, s := range successors {
		if own[s.OrganisationID] == nil {
			own[s.OrganisationID] = map[uint64]bool{}
		}
		own[s.OrganisationID][s.SuccessorID] = true
	}
	parent := map[uint64]uint64{}
	for _, o := range orgs {
		if o.ParentID != nil {
			parent[o.ID] = *o.ParentID
		}
	}
	out := map[uint64]map[uint64]bool{}
	for _, o := range orgs {
		for at := o.ID; at != 0; at = parent[at] {
			if own[at] != nil {
				out[o.ID] = own[at]
				break
			}
		}
	}
	return out
}

func unique(in []string) []string {
	seen := make(map[string]bool, len(in))
	out := in[:0:0]
	for _, s := range in {
		if s != "" && !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// parts yields slices of at most n.
func parts[T any](in []T, n int) func(func([]T) bool) {
	return func(yield func([]T) bool) {
		for len(in) > 0 {
			k := min(n, len(in))
			if !yield(in[:k]) {
				return
			}
			in = in[k:]
		}
	}
}
