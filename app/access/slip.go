package access

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

// SlipLifetime is how long a printed one-time code works.
const SlipLifetime = 30 * 24 * time.Hour

// A code is two groups of five characters, XXXXX-XXXXX: 45 bits. Wrong codes are slowed by their first group, so that guessing one
// slip's code is hopeless and nobody can hold up other people's.
const (
	slipGroups = 2
	slipGroup  = 5
)

// MostSlips is how many slips one request may make.
const MostSlips = 500

// Slip is what is printed for one person. The code is in no table and in no log: it is shown once.
type Slip struct {
	AccountID    uint64
	Name         string
	Organisation string
	SignInName   string
	Code         string
	ExpiresAt    time.Time
}

// MakeSlips makes accounts for those of the cadres that have none (sign-in name: the mobile number where it is known and free, else given
// name and initials; role cadre) and a one-time code for each; a new slip voids older ones. It refuses an office out of scope and a cadre who
// is not posted there (not_found), an account that may more than the actor or is disabled ("slip_beyond_rights"), nobody at all
// ("slip_nobody"), more than 500 ("slips_too_many"), and a request that arrives a second time ("slip_shown_once").
func (s *Service) MakeSlips(ctx context.Context, actor Actor, organisationID uint64, cadreIDs []uint64) ([]Slip, error) {
	slices.Sort(cadreIDs)
	cadreIDs = slices.Compact(cadreIDs)
	switch n := len(cadreIDs); {
	case n == 0:
		return nil, errs.Invalid("slip_nobody")
	case n > MostSlips:
		return nil, errs.Invalid("slips_too_many", errs.Params{"n": MostSlips})
	}
	office, err := s.slipOffice(ctx, actor, organisationID)
	if err != nil {
		return nil, err
	}
	var out []Slip
	_, err = s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		if err := lockCadres(tx, cadreIDs); err != nil {
			return 0, err
		}
		var cadres []models.Cadre
		here := tx.Model(&models.Posting{}).Select("cadre_id").Where("organisation_id = ? AND to_day > ?", office.ID, tx.Today)
		if err := tx.Where("id IN ? AND id IN (?)", cadreIDs, here).Order("sort_key, id").Find(&cadres).Error; err != nil {
			return 0, err
		}
		if len(cadres) != len(cadreIDs) {
			return 0, errs.NotFound("cadre")
		}
		accounts, err := accountsFor(tx, cadres)
		if err != nil {
			return 0, err
		}
		out, err = s.issueSlips(tx, actor, accounts)
		for i := range out {
			out[i].Organisation = office.Name
		}
		return office.ID, err
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return nil, errs.Conflict("changed_meanwhile")
	}
	if err == nil && out == nil {
		err = errs.Conflict("slip_shown_once")
	}
	return out, err
}

// MakeSlipsOf makes slips for those of the cadres in the actor's scope who cannot sign in yet and have no slip, wherever they are posted, each
// with the office of the present main posting. It refuses as MakeSlips does, and cadres of whom nobody needs one with "slip_nobody_needs".
func (s *Service) MakeSlipsOf(ctx context.Context, actor Actor, cadreIDs []uint64) ([]Slip, error) {
	if n := len(cadreIDs); n == 0 || n > MostSlips {
		return s.MakeSlips(ctx, actor, 0, cadreIDs)
	}
	var out []Slip
	ref, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		if err := lockCadres(tx, cadreIDs); err != nil {
			return 0, err
		}
		var cadres []models.Cadre
		settled := tx.Table("accounts a").Select("a.cadre_id").Where("a.cadre_id IS NOT NULL AND (a.disabled = ? OR a.password_hash <> '' OR EXISTS (SELECT 1 FROM slips WHERE slips.account_id = a.id"+
			" AND slips.used_at IS NULL AND slips.expires_at > ?))", true, tx.Now)
		err := tx.Model(&models.Cadre{}).Scopes(Cadres(actor, AccountSlip, tx.Today)).Where("cadres.id IN ? AND cadres.id NOT IN (?)", cadreIDs, settled).
			Order("cadres.sort_key, cadres.id").Find(&cadres).Error
		if err != nil {
			return 0, err
		}
		if len(cadres) == 0 {
			return 0, errs.Conflict("slip_nobody_needs")
		}
		accounts, err := accountsFor(tx, cadres)
		if err != nil {
			return 0, err
		}
		if out, err = s.issueSlips(tx, actor, accounts); err != nil {
			return 0, err
		}
		return cadres[0].ID, addOffices(tx, out, cadres)
	})
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return nil, errs.Conflict("changed_meanwhile")
	}
	if err == nil && out == nil && ref != 0 {
		err = errs.Conflict("slip_shown_once")
	}
	return out, err
}

// lockCadres locks the rows of cadres in the order of their ids, before their accounts: nobody merges them or gives them an account
// meanwhile. What is known of them is read afterwards.
func lockCadres(tx *store.Tx, ids []uint64) error {
	return tx.Lock().Model(&models.Cadre{}).Where("id IN ?", ids).Order("id").Pluck("id", new([]uint64)).Error
}

// addOffices writes on slips where their cadres are posted today.
func addOffices(tx *store.Tx, slips []Slip, cadres []models.Cadre) error {
	ids := make([]uint64, len(cadres))
	for i, c := range cadres {
		ids[i] = c.ID
	}
	var rows []struct {
		CadreID uint64
		Name    string
	}
	err := tx.Table("postings p").Select("p.cadre_id, o.name").Joins("JOIN organisations o ON o.id = p.organisation_id").
		Where("p.cadre_id IN ? AND p.main = ? AND p.from_day <= ? AND p.to_day > ?", ids, true, tx.Today, tx.Today).Scan(&rows).Error
	office := map[uint64]string{}
	for _, r := range rows {
		office[r.CadreID] = r.Name
	}
	for i := range slips { // in the order of the cadres
		slips[i].Organisation = office[ids[i]]
	}
	return err
}

// MakeAccountSlip makes a slip for one account, whoever stands behind it. It refuses an account out of the actor's scope (not_found), and
// otherwise as MakeSlips.
func (s *Service) MakeAccountSlip(ctx context.Context, actor Actor, accountID uint64) (Slip, error) {
	var out []Slip
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		var a models.Account
		err := tx.Lock().Scopes(Accounts(actor, AccountSlip, tx.Today)).Where("accounts.id = ?", accountID).Take(&a).Error // no role comes in between
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return 0, errs.NotFound("account")
		}
		if err != nil {
			return 0, err
		}
		out, err = s.issueSlips(tx, actor, []models.Account{a})
		return accountID, err
	})
	if err != nil {
		return Slip{}, err
	}
	if out == nil {
		return Slip{}, errs.Conflict("slip_shown_once")
	}
	return out[0], nil
}

// accountsFor gives the cadres' accounts in their order, and makes those that are missing.
func accountsFor(tx *store.Tx, cadres []models.Cadre) ([]models.Account, error) {
	ids := make([]uint64, len(cadres))
	for i, c := range cadres {
		ids[i] = c.ID
	}
	var have []models.Account
	if err := tx.Lock().Where("cadre_id IN ?", ids).Find(&have).Error; err != nil {
		return nil, err
	}
	by := map[uint64]models.Account{}
	for _, a := range have {
		by[*a.CadreID] = a
	}
	var fresh []models.Account
	var bases, mobiles []string
	for _, c := range cadres {
		if _, ok := by[c.ID]; ok {
			continue
		}
		fresh = append(fresh, models.Account{Name: c.FullName, CadreID: &c.ID, Language: "vi"})
		bases = append(bases, givenName(c.FullName))
		m, ok := Mobile(c.Phone)
		if !ok {
			m = ""
		}
		mobiles = append(mobiles, m)
	}
	if len(fresh) > 0 {
		if err := makeAccounts(tx, fresh, bases, mobiles); err != nil {
			return nil, err
		}
		for _, a := range fresh {
			by[*a.CadreID] = a
		}
	}
	out := make([]models.Account, len(cadres))
	for i, c := range cadres {
		out[i] = by[c.ID]
	}
	return out, nil
}

// makeAccounts writes new accounts of cadres with a sign-in name and the role of a cadre each.
func makeAccounts(tx *store.Tx, fresh []models.Account, bases, mobiles []string) error {
	taken, err := takenNames(tx, slices.Compact(slices.Sorted(slices.Values(bases))))
	if err != nil {
		return err
	}
	var used []string
	if err := tx.Model(&models.SignInName{}).Where("name IN ?", mobiles).Pluck("name", &used).Error; err != nil {
		return err
	}
	for _, m := range append(used, "") {
		taken[m] = true
	}
	if err := tx.CreateInBatches(fresh, 100).Error; err != nil {
		return err
	}
	names := make([]models.SignInName, len(fresh))
	grants := make([]models.Grant, len(fresh))
	for i, a := range fresh {
		names[i] = models.SignInName{AccountID: a.ID, Name: mobiles[i], Kind: KindMobile}
		if taken[mobiles[i]] {
			names[i].Name, names[i].Kind = freeName(bases[i], taken), KindName
		}
		taken[names[i].Name] = true
		grants[i] = models.Grant{AccountID: a.ID, Role: models.RoleCadre}
	}
	if err := tx.CreateInBatches(names, 100).Error; err != nil {
		return err
	}
	return tx.CreateInBatches(grants, 100).Error
}

// issueSlips voids the accounts' older slips and makes new ones.
func (s *Service) issueSlips(tx *store.Tx, actor Actor, accounts []models.Account) ([]Slip, error) {
	ids := make([]uint64, len(accounts))
	for i, a := range accounts {
		if a.Disabled {
			return nil, errs.Conflict("slip_beyond_rights", errs.Params{"name": a.Name})
		}
		ids[i] = a.ID
	}
	beyond, err := beyondRights(tx.DB, actor, ids)
	if err != nil {
		return nil, err
	}
	names, err := firstNames(tx.DB, ids)
	if err != nil {
		return nil, err
	}
	if err := voidSlips(tx, ids); err != nil {
		return nil, err
	}
	out := make([]Slip, len(accounts))
	rows := make([]models.Slip, len(accounts))
	for i, a := range accounts {
		if beyond[a.ID] {
			return nil, errs.Conflict("slip_beyond_rights", errs.Params{"name": a.Name})
		}
		code, err := randomCode(s.random(), slipGroups, slipGroup)
		if err != nil {
			return nil, err
		}
		rows[i] = models.Slip{AccountID: a.ID, CodeHash: s.Keys.Hash("slip", code), ExpiresAt: tx.Now.Add(SlipLifetime)}
		if actor.AccountID != 0 {
			rows[i].CreatedByID = &actor.AccountID
		}
		out[i] = Slip{AccountID: a.ID, Name: a.Name, SignInName: names[a.ID], Code: code, ExpiresAt: rows[i].ExpiresAt}
	}
	if err := tx.CreateInBatches(rows, 100).Error; err != nil {
		return nil, err
	}
	for _, a := range accounts {
		if err := tx.Audit("slip.make", "account", a.ID, nil); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// voidSlips ends the slips of accounts that have not been used.
func voidSlips(tx *store.Tx, accounts []uint64) error {
	return tx.Model(&models.Slip{}).Where("account_id IN ? AND used_at IS NULL AND expires_at > ?", accounts, tx.Now).Update("expires_at", tx.Now).Error
}

// slipCode reads a code as it was typed: capitals, without spaces and hyphens, in its groups; "" for what can be none.
func slipCode(typed string) string {
	var b strings.Builder
	for _, r := range strings.ToUpper(typed) {
		switch {
		case strings.ContainsRune(" -.–—\u00a0\t", r):
		case !strings.ContainsRune(unambiguous, r) || b.Len() == slipGroups*slipGroup:
			return ""
		default:
			b.WriteRune(r)
		}
	}
	if b.Len() != slipGroups*slipGroup {
		return ""
	}
	return b.String()[:slipGroup] + "-" + b.String()[slipGroup:]
}

// UseSlip sets a new password with a slip's code, ends the account's sign-ins and gives the account, which the caller may sign in. It refuses a
// code that is wrong, used, voided, expired or of a disabled account ("slip_wrong"), repeated wrong ones as SignIn does, and a password as the
// rules do; the code stays good then. A form that is sent twice is answered as the first time: a used code opens nothing by itself, but
// with the password that it has set it is no worse than a sign-in. by needs no account.
func (s *Service) UseSlip(ctx context.Context, by store.By, typed, password string) (models.Account, error) {
	code := slipCode(typed)
	if code == "" {
		return models.Account{}, errs.OnField("code", "slip_wrong")
	}
	var slip models.Slip
	_, err := s.prove(ctx, s.Keys.Hash("sign_in_failure", "slip:"+code[:slipGroup]), func() (bool, bool, error) {
		err := s.DB.Read(ctx).Where("code_hash = ? AND expires_at > ?", s.Keys.Hash("slip", code), s.DB.Time()).Take(&slip).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return false, false, nil
		}
		if err != nil || slip.UsedAt == nil {
			return err == nil, false, err
		}
		var a models.Account
		if err := s.DB.Read(ctx).Take(&a, slip.AccountID).Error; err != nil {
			return false, false, err
		}
		right, _, err := s.checkPassword(ctx, password, a.PasswordHash)
		return right, false, err
	})
	if errs.Is(err, "sign_in_wrong") {
		err = errs.OnField("code", "slip_wrong")
	}
	if err != nil {
		return models.Account{}, err
	}
	a, err := s.account(ctx, slip.AccountID)
	if errs.Is(err, "signed_out") {
		err = errs.OnField("code", "slip_wrong")
	}
	if err != nil || slip.UsedAt != nil {
		return a, err
	}
	by.AccountID = a.ID
	a.Epoch, err = s.setPassword(ctx, by, a, password, "slip.use", func(tx *store.Tx) error {
		r := tx.Model(&models.Slip{}).Where("id = ? AND used_at IS NULL AND expires_at > ?", slip.ID, tx.Now).Update("used_at", tx.Now)
		if r.Error != nil {
			return r.Error
		}
		if r.RowsAffected == 0 {
			return errs.OnField("code", "slip_wrong")
		}
		return nil
	})
	a.MustChange = false
	return a, err
}
