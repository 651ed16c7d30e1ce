package access

import (
	"context"
	"errors"
	"strings"
	"time"

	"gorm.io/gorm"

	"taphuan/app/errs"
	"taphuan/app/page"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// Accounts limits the accounts table: all for those who see the whole plan; for heads those of cadres with a present or future posting in
// scope, and of heads in scope.
func Accounts(a Actor, p Permission, today models.Day) Scope {
	c := anyOf{all: a.Whole(p)}
	for _, path := range a.paths(p) {
		sql, args := Subtree("o.path", path)
		c.add("EXISTS (SELECT 1 FROM postings p JOIN organisations o ON o.id = p.organisation_id"+
			" WHERE p.cadre_id = accounts.cadre_id AND p.to_day > ? AND ("+sql+"))", append([]any{today}, args...)...)
		c.add("EXISTS (SELECT 1 FROM grants g JOIN organisations o ON o.id = g.organisation_id WHERE g.account_id = accounts.id AND ("+sql+"))", args...)
	}
	return c.scope
}

// AccountFilter says which accounts to list.
type AccountFilter struct {
	Text  string // a piece of the name, without regard to tones, or of a sign-in name
	Role  models.Role
	State string   // "", "active", "disabled", "no_password"
	IDs   []uint64 // the ticked ones; nil for all
}

// accountOrders are how the list of accounts can be sorted.
var accountOrders = page.List[models.Account]{Default: "name", Size: AccountsPerPage, Orders: map[string]page.Order[models.Account]{
	"name": {{Column: "accounts.sort_key", Of: func(a models.Account) any { return a.SortKey }}, {Column: "accounts.id", Of: func(a models.Account) any { return a.ID }}},
	"made": {{Column: "accounts.id", Of: func(a models.Account) any { return a.ID }}},
}}

// AccountsPerPage is how many accounts a page of the list has.
const AccountsPerPage = 50

// AccountRow is an account with what hangs on it.
type AccountRow struct {
	models.Account
	SignInNames []models.SignInName
	Grants      []GrantRow
}

// GrantRow is a grant with the name of its organisation.
type GrantRow struct {
	models.Grant
	Organisation string
}

// List gives one page of the accounts in the actor's scope. It takes four queries.
func (s *Service) List(ctx context.Context, actor Actor, f AccountFilter, ask page.Ask) (*page.Page[AccountRow], error) {
	q := s.listed(ctx, actor, f)
	total, err := page.Count(q)
	if err != nil {
		return nil, err
	}
	found, err := accountOrders.Read(q, ask, total)
	if err != nil {
		return nil, err
	}
	out := &page.Page[AccountRow]{Place: found.Place}
	out.Rows, err = s.rows(ctx, found.Rows)
	return out, err
}

// Each gives all accounts that List would list to f, sorted so.
func (s *Service) Each(ctx context.Context, actor Actor, f AccountFilter, sort string, each func([]AccountRow) error) error {
	return accountOrders.Each(s.listed(ctx, actor, f), sort, func(found []models.Account) error {
		rows, err := s.rows(ctx, found)
		if err != nil {
			return err
		}
		return each(rows)
	})
}

// IDs gives all accounts that List would list where they are at most so many; else it refuses as page.Total.AtMost does.
func (s *Service) IDs(ctx context.Context, actor Actor, f AccountFilter, most int64) (ids []uint64, err error) {
	q := s.listed(ctx, actor, f)
	total, err := page.Count(q)
	if err == nil {
		err = total.AtMost(most)
	}
	if err != nil {
		return nil, err
	}
	err = q.Select("accounts.id").Order("accounts.id").Scan(&ids).Error
	return ids, err
}

func (s *Service) listed(ctx context.Context, actor Actor, f AccountFilter) *gorm.DB {
	q := s.DB.Read(ctx).Table("accounts").Select("accounts.*").Scopes(Accounts(actor, AccountRead, models.DayOf(s.DB.Time())))
	if text := likeText(viet.Fold(f.Text)); text != "" {
		typed := text
		if m, ok := Mobile(viet.NFC(f.Text)); ok {
			typed = m
		}
		q = q.Where("(accounts.search LIKE ? ESCAPE '!' OR EXISTS (SELECT 1 FROM sign_in_names n WHERE n.account_id = accounts.id AND n.name LIKE ? ESCAPE '!'))",
			"%"+text+"%", typed+"%")
	}
	if f.Role != "" {
		q = q.Where("accounts.id IN (?)", s.DB.Read(ctx).Model(&models.Grant{}).Select("account_id").Scopes(store.Code("role", string(f.Role))))
	}
	if f.IDs != nil {
		q = q.Where("accounts.id IN ?", f.IDs)
	}
	switch f.State {
	case "active":
		q = q.Where("accounts.disabled = ?", false)
	case "disabled":
		q = q.Where("accounts.disabled = ?", true)
	case "no_password":
		q = q.Where("accounts.password_hash = ''")
	}
	return q.Session(&gorm.Session{})
}

// likeText guards the wildcards of LIKE with '!'.
func likeText(s string) string {
	return strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(s)
}

func (s *Service) rows(ctx context.Context, found []models.Account) ([]AccountRow, error) {
	if len(found) == 0 {
		return nil, nil
	}
	rows := make([]AccountRow, len(found))
	ids, at := make([]uint64, len(found)), map[uint64]*AccountRow{}
	for i, a := range found {
		rows[i].Account = a
		ids[i], at[a.ID] = a.ID, &rows[i]
	}
	var names []models.SignInName
	if err := s.DB.Read(ctx).Where("account_id IN ?", ids).Order("kind DESC, name").Find(&names).Error; err != nil {
		return nil, err
	}
	for _, n := range names {
		at[n.AccountID].SignInNames = append(at[n.AccountID].SignInNames, n)
	}
	var grants []GrantRow
	err := s.DB.Read(ctx).Table("grants g").Select("g.*, COALESCE(o.name, '') organisation").Joins("LEFT JOIN organisations o ON o.id = g.organisation_id").
		Where("g.account_id IN ?", ids).Order("g.id").Scan(&grants).Error
	if err != nil {
		return nil, err
	}
	for _, g := range grants {
		at[g.AccountID].Grants = append(at[g.AccountID].Grants, g)
	}
	return rows, nil
}

// AccountDetail is one account with what its page shows.
type AccountDetail struct {
	AccountRow
	Cadre     *models.Cadre
	Posting   string // title and office of the cadre's present main posting
	Beyond    bool   // may more than the actor: no slip
	SlipUntil *time.Time
}

// Get gives an account in the actor's scope; it refuses others with not_found.
func (s *Service) Get(ctx context.Context, actor Actor, id uint64) (AccountDetail, error) {
	var a models.Account
	today := models.DayOf(s.DB.Time())
	err := s.DB.Read(ctx).Scopes(Accounts(actor, AccountRead, today)).Where("accounts.id = ?", id).Take(&a).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return AccountDetail{}, errs.NotFound("account")
	}
	if err != nil {
		return AccountDetail{}, err
	}
	return s.detail(ctx, actor, a)
}

// Own gives the actor's own account.
func (s *Service) Own(ctx context.Context, actor Actor) (AccountDetail, error) {
	a, err := s.account(ctx, actor.AccountID)
	if err != nil {
		return AccountDetail{}, err
	}
	return s.detail(ctx, actor, a)
}

func (s *Service) detail(ctx context.Context, actor Actor, a models.Account) (AccountDetail, error) {
	rows, err := s.rows(ctx, []models.Account{a})
	if err != nil {
		return AccountDetail{}, err
	}
	d := AccountDetail{AccountRow: rows[0]}
	db := s.DB.Read(ctx)
	if a.CadreID != nil {
		d.Cadre = &models.Cadre{}
		if err := db.Where("id = ?", *a.CadreID).Take(d.Cadre).Error; err != nil {
			return d, err
		}
		today := models.DayOf(s.DB.Time())
		var at []struct{ Title, Name string }
		err := db.Table("postings p").Select("p.title, o.name").Joins("JOIN organisations o ON o.id = p.organisation_id").
			Where("p.cadre_id = ? AND p.main = ? AND p.from_day <= ? AND p.to_day > ?", *a.CadreID, true, today, today).Limit(1).Scan(&at).Error
		if err != nil {
			return d, err
		}
		for _, x := range at {
			d.Posting = strings.Trim(x.Title+", "+x.Name, ", ")
		}
	}
	beyond, err := beyondRights(db, actor, []uint64{a.ID})
	if err != nil {
		return d, err
	}
	d.Beyond = beyond[a.ID]
	var open []models.Slip
	if err := db.Where("account_id = ? AND used_at IS NULL AND expires_at > ?", a.ID, s.DB.Time()).Limit(1).Find(&open).Error; err != nil {
		return d, err
	}
	if len(open) > 0 {
		d.SlipUntil = &open[0].ExpiresAt
	}
	return d, nil
}
