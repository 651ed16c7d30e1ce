package roster

import (
	"context"
	"slices"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"taphuan/app/job"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/models"
)

// JobTwins is the job that seeks likely twins of cadres whose name, birth or ids are new.
const JobTwins = "roster.twins"

const (
	twinBatch = 100 // cadres whose twins are sought in one transaction
	maxTwins  = 20  // pairs by name of one cadre: who has more homonyms without a birth and an id cannot be told apart by anybody
)

// AddTwins notes pairs of cadres who may be one person; a pair that is known keeps its reason and what was decided about it.
func AddTwins(tx *store.Tx, pairs ...models.TwinPair) error {
	rows := make([]*models.TwinPair, len(pairs))
	for i, p := range pairs {
		if p.CadreAID > p.CadreBID {
			p.CadreAID, p.CadreBID = p.CadreBID, p.CadreAID
		}
		p.State = models.TwinOpen
		rows[i] = &p
	}
	for part := range parts(rows, chunk) {
		if err := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(part).Error; err != nil {
			return err
		}
	}
	return nil
}

// SeekTwins has the likely twins of new and changed cadres sought in the background, once the transaction is over.
func SeekTwins(tx *store.Tx) error {
	var n int64
	err := tx.Model(&models.Job{}).Where("kind = ? AND state = ?", JobTwins, models.JobWaiting).Count(&n).Error
	if err != nil || n > 0 {
		return err
	}
	_, err = job.Add(tx, JobTwins, nil)
	return err
}

// seekTwins is the job. Each transaction takes some cadres and marks them, so that the work goes on where it was left.
func (s *Service) seekTwins(ctx context.Context, _ models.Job, progress job.Progress) (any, error) {
	var total int64
	unsought := func(db *gorm.DB) *gorm.DB {
		return db.Model(&models.Cadre{}).Where("twins_sought = ? AND merged_into_id IS NULL", false)
	}
	if err := unsought(s.DB.Read(ctx)).Count(&total).Error; err != nil {
		return nil, err
	}
	for done := 0; ; {
		n := 0
		_, err := s.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
			var cs []models.Cadre
			if err := unsought(tx.Lock()).Order("id").Limit(twinBatch).Find(&cs).Error; err != nil {
				return 0, err
			}
			n = len(cs)
			if n == 0 {
				return 0, nil
			}
			pairs, err := s.twinsOf(tx.DB, cs)
			if err != nil {
				return 0, err
			}
			if err := AddTwins(tx, pairs...); err != nil {
				return 0, err
			}
			ids := make([]uint64, n)
			for i, c := range cs {
				ids[i] = c.ID
			}
			return 0, tx.Model(&models.Cadre{}).Where("id IN ?", ids).UpdateColumn("twins_sought", true).Error
		})
		if err != nil || n == 0 {
			return nil, err
		}
		done += n
		progress(done, max(int(total), done))
	}
}

// twinsOf finds who may be the same person as one of the cadres. Both ways go through an index: the name's key, and the hashes of
// the hundred or so ids that a slip of the keyboard would have made of this one.
func (s *Service) twinsOf(db *gorm.DB, cs []models.Cadre) ([]models.TwinPair, error) {
	var out []models.TwinPair
	names := make([]string, len(cs))
	of := map[string][]int{}
	byColumn := map[string][]string{}
	for i, c := range cs {
		names[i] = c.NameKey
		for _, id := range []struct {
			column, purpose string
			sealed          []byte
		}{{"national_id_hash", purposeNationalID, c.NationalIDSealed}, {"old_id_hash", purposeOldID, c.OldIDSealed}} {
			number, err := s.Keys.Open(id.purpose, id.sealed)
			if err != nil {
				return nil, err
			}
			for _, slip := range slipsOf(number) {
				h := s.Keys.Hash(id.purpose, slip)
				byColumn[id.column] = append(byColumn[id.column], h)
				of[h] = append(of[h], i)
			}
		}
	}
	byName := map[string][]models.Cadre{}
	for part := range parts(unique(names), inChunk) {
		var found []models.Cadre
		if err := db.Where("name_key IN ? AND merged_into_id IS NULL", part).Order("id").Find(&found).Error; err != nil {
			return nil, err
		}
		for _, f := range found {
			byName[f.NameKey] = append(byName[f.NameKey], f)
		}
	}
	for _, c := range cs {
		n := 0
		for _, f := range byName[c.NameKey] {
			if f.ID != c.ID && n < maxTwins && mayBeOne(c, f) {
				out = append(out, models.TwinPair{CadreAID: c.ID, CadreBID: f.ID, Reason: models.TwinSameName})
				n++
			}
		}
	}
	for column, hashes := range byColumn {
		hashes, err := thereOf(db, column, hashes)
		if err != nil {
			return nil, err
		}
		for part := range parts(hashes, inChunk) {
			var found []models.Cadre
			if err := db.Where(column+" IN ? AND merged_into_id IS NULL", part).Find(&found).Error; err != nil {
				return nil, err
			}
			for _, f := range found {
				h := f.NationalIDHash
				if column == "old_id_hash" {
					h = f.OldIDHash
				}
				for _, i := range of[*h] {
					if agree(cs[i], f) {
						out = append(out, models.TwinPair{CadreAID: cs[i].ID, CadreBID: f.ID, Reason: models.TwinIDTypo})
					}
				}
			}
		}
	}
	return out, nil
}

// thereOf leaves out hashes that nobody has, where fewer people have any than are asked for: reading all of them is then quicker than asking
// for so many.
func thereOf(db *gorm.DB, column string, hashes []string) ([]string, error) {
	var n int64
	if err := db.Model(&models.Cadre{}).Where(column + " IS NOT NULL").Count(&n).Error; err != nil || int(n) > len(hashes) {
		return hashes, err
	}
	var all []string
	if err := db.Model(&models.Cadre{}).Where(column+" IS NOT NULL").Pluck(column, &all).Error; err != nil {
		return nil, err
	}
	there := make(map[string]bool, len(all))
	for _, h := range all {
		there[h] = true
	}
	return slices.DeleteFunc(unique(hashes), func(h string) bool { return !there[h] }), nil
}

// mayBeOne says whether two cadres of one name may be one person: births agree as far as both say, and so do the ids; where the ids
// differ the very day of birth must be the same.
func mayBeOne(a, b models.Cadre) bool {
	if !birthsAgree(a.BirthYear, a.BirthDay, b.BirthYear, b.BirthDay) {
		return false
	}
	differ := func(x, y *string) bool { return x != nil && y != nil && *x != *y }
	if differ(a.NationalIDHash, b.NationalIDHash) || differ(a.OldIDHash, b.OldIDHash) {
		return a.BirthDay != 0 && a.BirthDay == b.BirthDay
	}
	return true
}

// agree says whether two cadres have the same name or the same day of birth. The year alone says little: ids hold it.
func agree(a, b models.Cadre) bool {
	return a.NameKey == b.NameKey || a.BirthDay != 0 && a.BirthDay == b.BirthDay
}

// slipsOf gives the numbers that differ from the number by one digit, or by two neighbours that changed places.
func slipsOf(number string) []string {
	out := make([]string, 0, 10*len(number))
	for i := range number {
		b := []byte(number)
		for d := byte('0'); d <= '9'; d++ {
			if b[i] = d; d != number[i] {
				out = append(out, string(b))
			}
		}
		if i > 0 && number[i-1] != number[i] {
			b[i-1], b[i] = number[i], number[i-1]
			out = append(out, string(b))
		}
	}
	return out
}

// hashNumber gives the hash by which a national id of 12 or 9 digits is found, and the column that holds it; other numbers have none.
func hashNumber(keys *secret.Keys, number string) (column, hash string) {
	switch len(number) {
	case 12:
		return "national_id_hash", keys.Hash(purposeNationalID, number)
	case 9:
		return "old_id_hash", keys.Hash(purposeOldID, number)
	}
	return "", ""
}
