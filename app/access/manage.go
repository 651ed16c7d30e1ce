package access

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"unicode/utf8"

	"gorm.io/gorm"

	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// NewAccount says what account to make.
type NewAccount struct {
	Name        string   // shown; "" takes the cadre's
	SignInNames []string // as typed; none: one is made from the name
	CadreID     uint64   // 0: nobody on the roster
	Language    string   // "" is vi
	Password    string   // "": none yet, a slip gives one. The rules for passwords are not applied
	MustChange  bool     // the first sign-in asks for another password

	Role           models.Role // "": none yet
	OrganisationID uint64      // of a head
}

const maxName = 200

// Create makes an account, with its first role where one is named, and gives its id. It refuses what Grant refuses of the role, a missing name ("required"), sign-in names that are none
// ("sign_in_name_invalid") or taken ("sign_in_name_taken"), a cadre who does not exist ("cadre_unknown") or has an account
// ("cadre_has_account"). The actor needs AccountWrite; the routes see to it.
func (s *Service) Create(ctx context.Context, actor Actor, in NewAccount) (uint64, error) {
	hash := ""
	if in.Password != "" {
		var err error
		if hash, err = s.hashPassword(ctx, in.Password); err != nil {
			return 0, err
		}
	}
	return s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		a := models.Account{Name: viet.NFC(in.Name), PasswordHash: hash, MustChange: in.MustChange, Language: language(in.Language)}
		var f errs.Fields
		if in.CadreID != 0 {
			c, err := freeCadre(tx, in.CadreID, &f)
			if err != nil {
				return 0, err
			}
			a.CadreID = &in.CadreID
			if a.Name == "" {
				a.Name = c.FullName
			}
		}
		checkName(&f, a.Name)
		names, err := readSignInNames(tx, 0, in.SignInNames, &f)
		if err != nil {
			return 0, err
		}
		if err := f.Err(); err != nil {
			return 0, err
		}
		if len(names) == 0 {
			base := givenName(a.Name)
			taken, err := takenNames(tx, []string{base})
			if err != nil {
				return 0, err
			}
			names = []models.SignInName{{Name: freeName(base, taken), Kind: KindName}}
		}
		if err := tx.Create(&a).Error; err != nil {
			return 0, err
		}
		for i := range names {
			names[i].AccountID = a.ID
		}
		if err := tx.Create(&names).Error; err != nil {
			return 0, taken(err)
		}
		if err := tx.Audit("account.create", "account", a.ID, map[string]any{"name": a.Name, "cadre": in.CadreID}); err != nil {
			return 0, err
		}
		if in.Role != "" {
			if _, err := grant(tx, a, in.Role, in.OrganisationID); err != nil {
				return 0, err
			}
		}
		return a.ID, nil
	})
}

// taken turns a collision that came between looking and writing into the refusal that looking would have given.
func taken(err error) error {
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return errs.OnField("sign_in", "sign_in_name_taken")
	}
	return err
}

func language(l string) string {
	if l == "en" {
		return "en"
	}
	return "vi"
}

func checkName(f *errs.Fields, name string) {
	switch n := utf8.RuneCountInString(name); {
	case n == 0:
		f.Add("name", "required")
	case n > maxName:
		f.Add("name", "too_long", errs.Params{"n": maxName})
	}
}

// freeCadre reads a cadre who is to get an account.
func freeCadre(tx *store.Tx, id uint64, f *errs.Fields) (models.Cadre, error) {
	var c models.Cadre
	if err := tx.Lock().Where("id = ?", id).Take(&c).Error; errors.Is(err, gorm.ErrRecordNotFound) {
		f.Add("cadre_id", "cadre_unknown")
		return c, nil
	} else if err != nil {
		return c, err
	}
	var n int64
	if err := tx.Model(&models.Account{}).Where("cadre_id = ?", id).Count(&n).Error; err != nil {
		return c, err
	}
	if n > 0 {
		f.Add("cadre_id", "cadre_has_account")
	}
	return c, nil
}

// readSignInNames reads typed sign-in names for an account (0: a new one) and refuses those that others have.
func readSignInNames(tx *store.Tx, accountID uint64, typed []string, f *errs.Fields) ([]models.SignInName, error) {
	var rows []models.SignInName
	var names []string
	for _, t := range typed {
		if viet.NFC(t) == "" {
			continue
		}
		n, kind, ok := SignInName(t)
		if !ok {
			f.Add("sign_in", "sign_in_name_invalid", errs.Params{"name": t})
			continue
		}
		if !slices.Contains(names, n) {
			names = append(names, n)
			rows = append(rows, models.SignInName{Name: n, Kind: kind, AccountID: accountID})
		}
	}
	if len(names) == 0 {
		return nil, nil
	}
	var others []models.SignInName
	if err := tx.Where("name IN ? AND account_id <> ?", names, accountID).Order("name").Find(&others).Error; err != nil {
		return nil, err
	}
	for _, o := range others {
		f.Add("sign_in", "sign_in_name_taken", errs.Params{"name": o.Name})
	}
	return rows, nil
}

// takenNames gives the sign-in names in use that begin with one of the bases.
func takenNames(tx *store.Tx, bases []string) (map[string]bool, error) {
	taken := map[string]bool{}
	for part := range slices.Chunk(bases, 100) {
		var c anyOf
		for _, b := range part {
			c.add("name LIKE ?", b+"%")
		}
		var names []string
		if err := c.scope(tx.Model(&models.SignInName{})).Pluck("name", &names).Error; err != nil {
			return nil, err
		}
		for _, n := range names {
			taken[n] = true
		}
	}
	return taken, nil
}

// AccountChange says what to change; nil leaves a thing as it is.
type AccountChange struct {
	Name        *string
	SignInNames *[]string // as typed; replaces all
	Language    *string
	Disabled    *bool
}

// Update changes an account. It refuses what Create refuses, an account without any sign-in name ("sign_in_name_required"), and to
// disable the last enabled administrator ("last_administrator") or oneself ("not_oneself"). Disabling ends the account's sign-ins.
func (s *Service) Update(ctx context.Context, actor Actor, id uint64, in AccountChange) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		a, err := lockAccount(tx, id)
		if err != nil {
			return 0, err
		}
		var f errs.Fields
		was := map[string]any{}
		if in.Name != nil && viet.NFC(*in.Name) != a.Name {
			was["name"] = a.Name
			a.Name = viet.NFC(*in.Name)
			checkName(&f, a.Name)
		}
		var names []models.SignInName
		if in.SignInNames != nil {
			if names, err = readSignInNames(tx, id, *in.SignInNames, &f); err != nil {
				return 0, err
			}
			if len(names) == 0 && len(f) == 0 {
				f.Add("sign_in", "sign_in_name_required")
			}
		}
		if err := f.Err(); err != nil {
			return 0, err
		}
		if in.Language != nil {
			a.Language = language(*in.Language)
		}
		if in.Disabled != nil && *in.Disabled != a.Disabled {
			was["disabled"] = a.Disabled
			a.Disabled = *in.Disabled
			if a.Disabled {
				if id == actor.AccountID {
					return 0, errs.Conflict("not_oneself")
				}
				if err := keepAdministrator(tx, id); err != nil {
					return 0, err
				}
				a.Epoch++
			}
		}
		if err := tx.Save(&a).Error; err != nil {
			return 0, err
		}
		if names != nil {
			was["sign_in_names"] = len(names)
			if err := tx.Where("account_id = ?", id).Delete(&models.SignInName{}).Error; err != nil {
				return 0, err
			}
			if err := tx.Create(&names).Error; err != nil {
				return 0, taken(err)
			}
		}
		return id, tx.Audit("account.update", "account", id, was)
	})
	return err
}

// MostDisabled is how many accounts one request may disable.
const MostDisabled = 1000

// chunk is how many ids one condition names: MariaDB reads whole tables for a thousand and more.
const chunk = 500

// DisableAll disables accounts, all or none, and says how many were in use until then. It refuses nobody at all ("nothing_selected"), and
// oneself ("not_oneself"), so that somebody who manages accounts is always left.
func (s *Service) DisableAll(ctx context.Context, actor Actor, ids []uint64) (int, error) {
	if len(ids) == 0 {
		return 0, errs.Invalid("nothing_selected")
	}
	if slices.Contains(ids, actor.AccountID) {
		return 0, errs.Conflict("not_oneself")
	}
	n, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		var in []uint64
		for part := range slices.Chunk(slices.Sorted(slices.Values(ids)), chunk) {
			var some []uint64
			if err := tx.Lock().Model(&models.Account{}).Where("id IN ? AND disabled = ?", part, false).Order("id").Pluck("id", &some).Error; err != nil {
				return 0, err
			}
			if len(some) == 0 {
				continue
			}
			if err := tx.Model(&models.Account{}).Where("id IN ?", some).Updates(map[string]any{"disabled": true, "epoch": gorm.Expr("epoch + 1")}).Error; err != nil {
				return 0, err
			}
			in = append(in, some...)
		}
		for _, id := range in {
			if err := tx.Audit("account.update", "account", id, map[string]any{"disabled": false}); err != nil {
				return 0, err
			}
		}
		return uint64(len(in)), nil
	})
	return int(n), err
}

// lockAccount reads an account and holds it; it refuses one that is not there with not_found.
func lockAccount(tx *store.Tx, id uint64) (models.Account, error) {
	var a models.Account
	err := tx.Lock().Where("id = ?", id).Take(&a).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return a, errs.NotFound("account")
	}
	return a, err
}

// ResetPassword sets an account's password without knowing the present one, ends its sign-ins and its pause after failed attempts.
// "" makes a random one-time password that must be changed and gives it; it is shown nowhere else. The rules for passwords are not
// applied: this is for the shell.
func (s *Service) ResetPassword(ctx context.Context, actor Actor, accountID uint64, password string) (oneTime string, err error) {
	if password == "" {
		if oneTime, err = randomCode(s.random(), 3, 4); err != nil {
			return "", err
		}
		password = oneTime
	}
	h, err := s.hashPassword(ctx, password)
	if err != nil {
		return "", err
	}
	_, err = s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		a, err := lockAccount(tx, accountID)
		if err != nil {
			return 0, err
		}
		a.PasswordHash, a.MustChange, a.Epoch = h, oneTime != "", a.Epoch+1
		if err := tx.Save(&a).Error; err != nil {
			return 0, err
		}
		if err := tx.Where("name_hash = ?", s.failureKey(accountID, "")).Delete(&models.SignInFailure{}).Error; err != nil {
			return 0, err
		}
		return accountID, tx.Audit("account.password_reset", "account", accountID, nil)
	})
	if err != nil {
		return "", err
	}
	return oneTime, nil
}

// WeakPassword says why the rules would refuse a password for the account, nil when they would not.
func (s *Service) WeakPassword(ctx context.Context, accountID uint64, password string) error {
	a, err := s.account(ctx, accountID)
	if err != nil {
		return err
	}
	names, err := s.namesOf(ctx, a)
	if err != nil {
		return err
	}
	return checkRules("password", password, names...)
}

// Find gives the account that has the sign-in name or the id ("#7"); it refuses with not_found.
func (s *Service) Find(ctx context.Context, typed string) (models.Account, error) {
	var a models.Account
	q := s.DB.Read(ctx)
	if id, err := strconv.ParseUint(trimHash(typed), 10, 64); err == nil && typed != trimHash(typed) {
		q = q.Where("accounts.id = ?", id)
	} else {
		name, _, _ := SignInName(typed)
		q = q.Joins("JOIN sign_in_names n ON n.account_id = accounts.id").Where("n.name = ?", name)
	}
	err := q.Take(&a).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return a, errs.NotFound("account")
	}
	return a, err
}

func trimHash(s string) string {
	if len(s) > 1 && s[0] == '#' {
		return s[1:]
	}
	return s
}

// SetLanguage keeps the language that the actor chose.
func (s *Service) SetLanguage(ctx context.Context, actor Actor, l string) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		return actor.AccountID, tx.Model(&models.Account{}).Where("id = ?", actor.AccountID).Update("language", language(l)).Error
	})
	return err
}
