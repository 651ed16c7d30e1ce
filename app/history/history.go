// Package history keeps what happened outside of the life of a course of ours: training by other bodies that is recognised, courses of
// the past that come in from workbooks, and completions that turn out not to hold.
package history

import (
	"cmp"
	"slices"
	"unicode/utf8"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/file"
	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// Service keeps the history.
type Service struct {
	DB     *store.DB
	Files  *file.Service
	Roster *roster.Service
}

// MaxPeople is how many people or things one request may name.
const MaxPeople = 500

// PageSize is how many rows a page of a list shows.
const PageSize = 50

const (
	maxText   = 300
	maxPaper  = 100
	maxReason = 500
)

// chosen checks a list of ids: each once, in order, and not more than a request may name. It refuses with "nobody_chosen" and
// "too_many_chosen".
func chosen(ids []uint64) ([]uint64, error) {
	out := slices.DeleteFunc(slices.Clone(ids), func(id uint64) bool { return id == 0 })
	slices.Sort(out)
	out = slices.Compact(out)
	switch {
	case len(out) == 0:
		return nil, errs.Invalid("nobody_chosen")
	case len(out) > MaxPeople:
		return nil, errs.Invalid("too_many_chosen", errs.Params{"n": MaxPeople})
	}
	return out, nil
}

// reasonOf checks a reason. It refuses none with "reason_missing" and a long one with "too_long", both on the field.
func reasonOf(text string) (string, error) {
	text = viet.NFC(text)
	switch {
	case text == "":
		return "", errs.OnField("reason", "reason_missing")
	case utf8.RuneCountInString(text) > maxReason:
		return "", errs.OnField("reason", "too_long", errs.Params{"n": maxReason})
	}
	return text, nil
}

// lockCadres locks the rows of cadres, in the order of their ids, before anything that hangs on them. It refuses with not_found unless
// the permission reaches every one of them.
func lockCadres(tx *store.Tx, actor access.Actor, p access.Permission, ids []uint64) (map[uint64]models.Cadre, error) {
	var found []models.Cadre
	err := tx.Lock().Scopes(access.Cadres(actor, p, tx.Today)).Where("cadres.id IN ?", ids).Order("cadres.id").Find(&found).Error
	if err == nil && len(found) != len(ids) {
		err = errs.NotFound("cadre")
	}
	out := make(map[uint64]models.Cadre, len(found))
	for _, c := range found {
		out[c.ID] = c
	}
	return out, err
}

// accountOf is the acting account as a column, nil for the system.
func accountOf(tx *store.Tx) *uint64 {
	if tx.By.AccountID == 0 {
		return nil
	}
	return &tx.By.AccountID
}

// unique gives values sorted and each once.
func unique[T cmp.Ordered](in []T) []T {
	out := slices.Clone(in)
	slices.Sort(out)
	return slices.Compact(out)
}
