package access

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"taphuan/app/errs"
	"taphuan/models"
)

// SlipState says what a cadre needs a slip for.
type SlipState string

// The states.
const (
	SlipNoAccount  SlipState = "no_account"  // a slip makes one
	SlipNoPassword SlipState = "no_password" // has an account, never set a password
	SlipWaiting    SlipState = "waiting"     // has a slip that has not been used yet
	SlipHas        SlipState = "has"         // signs in with a password
	SlipBeyond     SlipState = "beyond"      // an account that may more than the actor, or is disabled
)

// SlipRow is one cadre of an office and what is known of the account.
type SlipRow struct {
	CadreID    uint64
	Name       string
	BirthYear  int
	Title      string
	AccountID  uint64 // 0 without
	SignInName string
	State      SlipState
	Until      *time.Time // the end of a waiting slip
}

// SlipRows gives an office and the cadres with a present or future posting at the office itself, as names sort. It refuses an office out of the actor's
// scope with not_found.
func (s *Service) SlipRows(ctx context.Context, actor Actor, organisationID uint64) (office models.Organisation, rows []SlipRow, err error) {
	db := s.DB.Read(ctx)
	now := s.DB.Time()
	if office, err = s.slipOffice(ctx, actor, organisationID); err != nil {
		return office, nil, err
	}
	var found []struct {
		ID           uint64
		FullName     string
		BirthYear    int
		Title        string
		AccountID    *uint64
		Disabled     bool
		PasswordHash string
	}
	err = db.Table("postings p").
		Select("c.id, c.full_name, c.birth_year, p.title, a.id account_id, COALESCE(a.disabled, FALSE) disabled, COALESCE(a.password_hash, '') password_hash").
		Joins("JOIN cadres c ON c.id = p.cadre_id").Joins("LEFT JOIN accounts a ON a.cadre_id = c.id").
		Where("p.organisation_id = ? AND p.to_day > ?", organisationID, models.DayOf(now)).
		Order("c.sort_key, c.id, p.main DESC, p.from_day").Scan(&found).Error
	if err != nil {
		return office, nil, err
	}
	var accounts []uint64
	for _, f := range found {
		if n := len(rows); n > 0 && rows[n-1].CadreID == f.ID {
			continue // a second posting at the same office
		}
		r := SlipRow{CadreID: f.ID, Name: f.FullName, BirthYear: f.BirthYear, Title: f.Title, State: SlipNoAccount}
		if f.AccountID != nil {
			r.AccountID, r.State = *f.AccountID, SlipHas
			accounts = append(accounts, r.AccountID)
			switch {
			case f.Disabled:
				r.State = SlipBeyond
			case f.PasswordHash == "":
				r.State = SlipNoPassword
			}
		}
		rows = append(rows, r)
	}
	if len(accounts) == 0 {
		return office, rows, nil
	}
	names, err := firstNames(db, accounts)
	if err != nil {
		return office, nil, err
	}
	beyond, err := beyondRights(db, actor, accounts)
	if err != nil {
		return office, nil, err
	}
	var open []models.Slip
	if err := db.Where("account_id IN ? AND used_at IS NULL AND expires_at > ?", accounts, now).Find(&open).Error; err != nil {
		return office, nil, err
	}
	until := map[uint64]time.Time{}
	for _, o := range open {
		until[o.AccountID] = o.ExpiresAt
	}
	for i := range rows {
		r := &rows[i]
		r.SignInName = names[r.AccountID]
		if u, ok := until[r.AccountID]; ok && r.State != SlipBeyond {
			r.State, r.Until = SlipWaiting, &u
		}
		if beyond[r.AccountID] {
			r.State = SlipBeyond
		}
	}
	return office, rows, nil
}

// slipOffice reads an office that the actor may make slips for.
func (s *Service) slipOffice(ctx context.Context, actor Actor, id uint64) (models.Organisation, error) {
	var o models.Organisation
	err := s.DB.Read(ctx).Scopes(Organisations(actor, AccountSlip)).Where("organisations.id = ?", id).Take(&o).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return o, errs.NotFound("organisation")
	}
	return o, err
}

// firstNames gives each account's handiest sign-in name: a mobile number, else a given name, else an e-mail.
func firstNames(db *gorm.DB, accounts []uint64) (map[uint64]string, error) {
	var rows []models.SignInName
	if err := db.Where("account_id IN ?", accounts).Order("name").Find(&rows).Error; err != nil {
		return nil, err
	}
	rank := map[string]int{KindMobile: 3, KindName: 2, KindEmail: 1}
	best, out := map[uint64]int{}, map[uint64]string{}
	for _, r := range rows {
		if rank[r.Kind] > best[r.AccountID] {
			best[r.AccountID], out[r.AccountID] = rank[r.Kind], r.Name
		}
	}
	return out, nil
}

// SignInNameOf gives the account's handiest sign-in name, "" where it has none.
func (s *Service) SignInNameOf(ctx context.Context, accountID uint64) (string, error) {
	names, err := firstNames(s.DB.Read(ctx), []uint64{accountID})
	return names[accountID], err
}

// beyondRights says which accounts may more than the actor: nobody gets into an account that is worth more than one's own. Administrators may
// everything; coordinators all but administrators; heads cadres, and heads at or below their own organisation.
func beyondRights(db *gorm.DB, actor Actor, accounts []uint64) (map[uint64]bool, error) {
	out := map[uint64]bool{}
	if actor.Has(models.RoleAdministrator) {
		return out, nil
	}
	var grants []struct {
		AccountID uint64
		Role      models.Role
		Path      *string
	}
	err := db.Table("grants g").Select("g.account_id, g.role, o.path").Joins("LEFT JOIN organisations o ON o.id = g.organisation_id").
		Where("g.account_id IN ?", accounts).Scan(&grants).Error
	if err != nil {
		return nil, err
	}
	for _, g := range grants {
		var within bool
		switch {
		case g.Role == models.RoleCadre:
			within = true
		case actor.Has(models.RoleCoordinator):
			within = g.Role != models.RoleAdministrator
		case g.Role == models.RoleHead:
			within = g.Path != nil && actor.ReachesPath(AccountSlip, *g.Path)
		}
		if !within {
			out[g.AccountID] = true
		}
	}
	return out, nil
}

// SlipOffice is an office with how many of its cadres cannot sign in yet.
type SlipOffice struct {
	ID      uint64
	Code    string
	Name    string
	People  int // with a present or future posting there
	Without int // of them without an account or without a password
}

// SlipOffices gives the offices in the actor's scope that have cadres, in tree order, in one query.
func (s *Service) SlipOffices(ctx context.Context, actor Actor) ([]SlipOffice, error) {
	var out []SlipOffice
	err := s.DB.Read(ctx).Model(&models.Organisation{}).Scopes(Organisations(actor, AccountSlip)).
		Select("organisations.id, organisations.code, organisations.name, COUNT(DISTINCT p.cadre_id) people,"+
			" COUNT(DISTINCT CASE WHEN a.id IS NULL OR a.password_hash = '' THEN p.cadre_id END) without").
		Joins("JOIN postings p ON p.organisation_id = organisations.id AND p.to_day > ?", models.DayOf(s.DB.Time())).
		Joins("LEFT JOIN accounts a ON a.cadre_id = p.cadre_id").
		Group("organisations.id, organisations.code, organisations.name, organisations.path").Order("organisations.path").Scan(&out).Error
	return out, err
}
