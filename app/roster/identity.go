package roster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/roster/sheet"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// Typed is what somebody types of one person into a form.
type Typed = sheet.Typed

// CadreInput is a cadre's own data as somebody types it: all of it, except the ids. An empty NationalID keeps those that are known.
type CadreInput struct {
	Typed
	Sex      models.Sex
	RemoveID bool   // the 12-digit id is not this person's, and the right one is not known
	Version  string // of the data that the form showed
}

// Version tells apart states of a cadre's own data: a form that was filled in before another change is refused by it.
func Version(c models.Cadre) string {
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %d %d %q %q %q %q", c.FullName, c.Sex, c.BirthYear, c.BirthDay, text(c.NationalIDHash), text(c.OldIDHash), c.Phone, c.Email)
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// UpdateCadre changes a cadre's own data; certificates that were issued keep what they say. It gives what is odd about the new data,
// by the codes of the import's warnings. Out of scope is not found. It refuses what sheet.Typed refuses, a national id that
// another cadre has ("national_id_of_another_person"), and a form older than the data ("stale").
func (s *Service) UpdateCadre(ctx context.Context, actor access.Actor, id uint64, in CadreInput) (odd []string, err error) {
	typed, bad := in.Typed.Read(models.DayOf(s.DB.Time()))
	if in.Sex != models.SexUnknown && in.Sex != models.SexMale && in.Sex != models.SexFemale {
		bad.Add("sex", "choice")
	}
	if in.RemoveID && in.NationalID != "" {
		bad.Add("national_id", "national_id_and_removed")
	}
	_, err = s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		c, err := lockCadre(tx, actor, access.RosterWrite, id)
		if err != nil {
			return 0, err
		}
		if err := bad.Err(); err != nil {
			return 0, err
		}
		if in.Version != Version(c) {
			return 0, errs.Conflict("stale")
		}
		old := c
		person := Person{Born: typed.Born}
		c.FullName, c.Sex, c.Phone, c.Email = typed.Name, in.Sex, typed.Phone, typed.Email
		c.BirthYear, c.BirthDay = person.birth()
		if err := s.setID(tx, &c, typed.NationalID, in.RemoveID); err != nil {
			return 0, err
		}
		odd = nil
		number, err := s.Keys.Open(purposeNationalID, c.NationalIDSealed)
		if err != nil {
			return 0, errs.Internal("national id", err)
		}
		if number != "" {
			odd = sheet.Odd(number, c.Sex, c.BirthYear)
		}
		changes, err := s.changes(old, c)
		if err != nil || len(changes) == 0 {
			return id, err
		}
		if err := c.BeforeSave(nil); err != nil {
			return 0, err
		}
		if old.NameKey != c.NameKey || changes["born"] != [2]string{} || changes["national_id"] != [2]string{} || changes["old_id"] != [2]string{} {
			c.TwinsSought = false
			if err := SeekTwins(tx); err != nil {
				return 0, err
			}
			tx.After(s.wake)
		}
		if err := tx.Select("*").Omit("id", "created_at").Updates(&c).Error; err != nil {
			if errors.Is(err, gorm.ErrDuplicatedKey) { // somebody else's since it was looked for
				return 0, errs.OnField("national_id", RefusedAnotherPerson)
			}
			return 0, err
		}
		return id, tx.Audit("cadre.update", "cadre", id, changes)
	})
	return odd, err
}

// lockCadre reads a cadre in the actor's scope and keeps it until the end of the transaction; out of scope is not found.
func lockCadre(tx *store.Tx, actor access.Actor, p access.Permission, id uint64) (models.Cadre, error) {
	var c models.Cadre
	err := tx.Lock().Scopes(access.Cadres(actor, p, tx.Today)).Take(&c, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return c, errs.NotFound("cadre")
	}
	return c, err
}

// SuggestTwin puts the cadre and whoever has the national id into the queue of likely twins, without saying who that is. Out of scope is
// not found. It refuses an id that is none ("invalid_national_id") and one that nobody else has ("national_id_free").
func (s *Service) SuggestTwin(ctx context.Context, actor access.Actor, id uint64, number string) error {
	typed, _ := Typed{NationalID: number}.Read(models.DayOf(s.DB.Time()))
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		c, err := lockCadre(tx, actor, access.RosterWrite, id)
		if err != nil {
			return 0, err
		}
		column, hash := hashNumber(s.Keys, typed.NationalID)
		if hash == "" {
			return 0, errs.OnField("national_id", string(sheet.InvalidNationalID))
		}
		var owner models.Cadre
		if err := tx.Where(column+" = ? AND id <> ? AND merged_into_id IS NULL", hash, c.ID).Limit(1).Find(&owner).Error; err != nil {
			return 0, err
		}
		if owner.ID == 0 {
			return 0, errs.OnField("national_id", "national_id_free")
		}
		if err := AddTwins(tx, models.TwinPair{CadreAID: c.ID, CadreBID: owner.ID, Reason: models.TwinSameID}); err != nil {
			return 0, err
		}
		return id, tx.Audit("twin.suggest", "cadre", id, nil)
	})
	return err
}

// KeptID follows a record that was merged to the one that was kept; 0 where the cadre was not merged.
func (s *Service) KeptID(ctx context.Context, id uint64) (uint64, error) {
	all, err := withKept(s.DB.Read(ctx), []uint64{id})
	if err != nil || len(all) == 1 {
		return 0, err
	}
	return all[len(all)-1], nil
}

// setID gives the cadre a national id of 12 or 9 digits, or takes the one of 12 away.
func (s *Service) setID(tx *store.Tx, c *models.Cadre, number string, remove bool) (err error) {
	if remove {
		c.NationalIDSealed, c.NationalIDHash = nil, nil
		return nil
	}
	purpose, sealed, hash := purposeNationalID, &c.NationalIDSealed, &c.NationalIDHash
	switch len(number) {
	case 0:
		return nil
	case 9:
		purpose, sealed, hash = purposeOldID, &c.OldIDSealed, &c.OldIDHash
	}
	column, h := hashNumber(s.Keys, number)
	if *hash != nil && **hash == h {
		return nil // the one that is known
	}
	var owner models.Cadre
	if err := tx.Where(column+" = ? AND id <> ?", h, c.ID).Limit(1).Find(&owner).Error; err != nil {
		return err
	}
	if owner.ID != 0 && (owner.MergedIntoID == nil || *owner.MergedIntoID != c.ID) {
		return errs.OnField("national_id", RefusedAnotherPerson)
	}
	if owner.ID != 0 { // the record of this person that was given up cedes it
		err := tx.Model(&owner).UpdateColumns(map[string]any{column: nil, strings.Replace(column, "hash", "sealed", 1): nil}).Error
		if err != nil {
			return err
		}
	}
	*hash = &h
	*sealed, err = s.Keys.Seal(purpose, number)
	return err
}

// changes says for the audit what became of what; of ids only the last four digits.
func (s *Service) changes(old, c models.Cadre) (map[string][2]string, error) {
	born := func(c models.Cadre) string {
		switch {
		case c.BirthDay != 0:
			return c.BirthDay.String()
		case c.BirthYear != 0:
			return fmt.Sprint(c.BirthYear)
		}
		return ""
	}
	out := map[string][2]string{}
	for name, v := range map[string][2]string{
		"full_name": {old.FullName, viet.NFC(c.FullName)}, "born": {born(old), born(c)}, "sex": {string(old.Sex), string(c.Sex)},
		"phone": {old.Phone, c.Phone}, "email": {old.Email, c.Email},
	} {
		if v[0] != v[1] {
			out[name] = v
		}
	}
	for name, v := range map[string]struct {
		purpose  string
		old, now []byte
	}{"national_id": {purposeNationalID, old.NationalIDSealed, c.NationalIDSealed}, "old_id": {purposeOldID, old.OldIDSealed, c.OldIDSealed}} {
		a, err := s.Keys.Open(v.purpose, v.old)
		if err != nil {
			return nil, errs.Internal(name, err)
		}
		b, err := s.Keys.Open(v.purpose, v.now)
		if err != nil {
			return nil, errs.Internal(name, err)
		}
		if a != b {
			out[name] = [2]string{lastFour(a), lastFour(b)}
		}
	}
	return out, nil
}

// lastFour is what of an id may be shown without a record.
func lastFour(number string) string { return number[max(0, len(number)-4):] }

// IDEnd gives the last four digits of a cadre's national id, or of the old one where that alone is known.
func (s *Service) IDEnd(c models.Cadre) (string, error) {
	n, err := s.Keys.Open(purposeNationalID, c.NationalIDSealed)
	if err == nil && n == "" {
		n, err = s.Keys.Open(purposeOldID, c.OldIDSealed)
	}
	if err != nil {
		return "", errs.Internal("national id", err)
	}
	return lastFour(n), nil
}

// ReadHistories reads the cadres' postings, to show them; whoever is to change them takes LockHistories.
func ReadHistories(db *gorm.DB, ids ...uint64) (map[uint64]*History, error) {
	return readHistories(db, ids, func() *gorm.DB { return db })
}

// IDNumbers are a cadre's ids in full.
type IDNumbers struct {
	National string // 12 digits, "" where none is known
	Old      string // 9 digits
}

// maxReason is how long a reason for looking may be.
const maxReason = 200

const actLook = "national_id.look"

// LookAtIDs gives a cadre's ids in full and records who looked, each time. Out of scope is not found. It refuses a cadre without an id
// ("national_id_unknown") and a reason of more than 200 characters ("too_long").
func (s *Service) LookAtIDs(ctx context.Context, actor access.Actor, id uint64, reason string) (out IDNumbers, err error) {
	reason = viet.NFC(reason)
	by := actor.By
	by.Key = "" // a look that is sent again shows the number again, so it is recorded again
	_, err = s.DB.Write(ctx, by, func(tx *store.Tx) (uint64, error) {
		c, err := lockCadre(tx, actor, access.NationalIDRead, id)
		if err != nil {
			return 0, err
		}
		if utf8.RuneCountInString(reason) > maxReason {
			return 0, errs.OnField("reason", "too_long", errs.Params{"n": maxReason})
		}
		if out.National, err = s.Keys.Open(purposeNationalID, c.NationalIDSealed); err != nil {
			return 0, errs.Internal("national id", err)
		}
		if out.Old, err = s.Keys.Open(purposeOldID, c.OldIDSealed); err != nil {
			return 0, errs.Internal("old id", err)
		}
		if out == (IDNumbers{}) {
			return 0, errs.Invalid("national_id_unknown")
		}
		return id, tx.Audit(actLook, "cadre", id, map[string]string{"reason": reason})
	})
	if err != nil {
		return IDNumbers{}, err
	}
	return out, nil
}

// Look says who looked at a cadre's ids, and why.
type Look struct {
	At      time.Time
	Account string
	Reason  string
}

// maxLooks is how many looks a page shows.
const maxLooks = 20

// Looks gives the latest looks at a cadre's ids, newest first; the caller has found the cadre in the actor's scope.
func (s *Service) Looks(ctx context.Context, cadre uint64) ([]Look, error) {
	var rows []struct {
		At      time.Time
		Account string
		Detail  string
	}
	err := s.DB.Read(ctx).Table("audit_entries e").Joins("LEFT JOIN accounts a ON a.id = e.account_id").
		Where("e.noun = 'cadre' AND e.noun_id = ? AND e.action = ?", cadre, actLook).
		Select("e.at, COALESCE(a.name, '') AS account, e.detail").Order("e.at DESC, e.id DESC").Limit(maxLooks).Scan(&rows).Error
	out := make([]Look, len(rows))
	for i, r := range rows {
		var d struct{ Reason string }
		if err := json.Unmarshal([]byte(r.Detail), &d); err != nil {
			return nil, errs.Internal("audit", err)
		}
		out[i] = Look{At: r.At, Account: r.Account, Reason: d.Reason}
	}
	return out, err
}
