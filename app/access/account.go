package access

import (
	"context"
	"crypto/rand"
	"io"

	"github.com/alexedwards/argon2id"

	"taphuan/app/errs"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/models"
)

// Service keeps accounts and signs people in.
type Service struct {
	DB     *store.DB
	Keys   *secret.Keys
	Random io.Reader // nil: the system's

	PasswordCost *argon2id.Params // nil: 64 MiB a password, as it is to be; tests, which are attacked by nobody, take less
}

func (s *Service) random() io.Reader {
	if s.Random != nil {
		return s.Random
	}
	return rand.Reader
}

// Account is a signed-in account as a request needs it.
type Account struct {
	Actor
	MustChange bool
	Language   string
	Epoch      int // of the sign-ins that hold
}

// Load gives the account of a sign-in that was made in the given epoch, with its grants, in one query, or none where its session has been
// found with it (see WithAccounts). It refuses with "signed_out" an account that is gone or disabled or has ended its sign-ins since.
func (s *Service) Load(ctx context.Context, accountID uint64, epoch int) (Account, error) {
	var a Account
	var err error
	if m, _ := ctx.Value(foundKey{}).(*found); m != nil && m.id != 0 && m.id == accountID {
		a = newAccount(accountID, m.take())
	} else {
		a, err = s.load(ctx, accountID)
	}
	if err == nil && a.Epoch != epoch {
		return Account{}, errs.Unauthenticated("signed_out")
	}
	return a, err
}

// accountRow is an account with one of its grants.
type accountRow struct {
	Name           string
	MustChange     bool
	Epoch          int
	CadreID        *uint64
	Language       string
	Role           *models.Role
	OrganisationID *uint64
	Path           *string
}

// What reads accountRows of accounts a, in the order of g.id.
const (
	accountColumns = "a.name, a.must_change, a.epoch, a.cadre_id, a.language, g.role, g.organisation_id, o.path"
	accountGrants  = "LEFT JOIN grants g ON g.account_id = a.id LEFT JOIN organisations o ON o.id = g.organisation_id"
)

// load is Load in whatever epoch.
func (s *Service) load(ctx context.Context, accountID uint64) (Account, error) {
	var rows []accountRow
	err := s.DB.Read(ctx).Table("accounts a").Select(accountColumns).Joins(accountGrants).
		Where("a.id = ? AND a.disabled = ?", accountID, false).Order("g.id").Scan(&rows).Error
	if err != nil {
		return Account{}, errs.Internal("account", err)
	}
	if len(rows) == 0 {
		return Account{}, errs.Unauthenticated("signed_out")
	}
	return newAccount(accountID, rows), nil
}

// newAccount makes an account of its rows.
func newAccount(accountID uint64, rows []accountRow) Account {
	r := rows[0]
	a := Account{MustChange: r.MustChange, Language: r.Language, Epoch: r.Epoch,
		Actor: Actor{By: store.By{AccountID: accountID}, Name: r.Name, Lang: r.Language}}
	if r.CadreID != nil {
		a.CadreID = *r.CadreID
	}
	for _, r := range rows {
		if r.Role == nil {
			continue
		}
		g := Grant{Role: *r.Role}
		if r.OrganisationID != nil {
			g.OrganisationID = *r.OrganisationID
		}
		if r.Path != nil {
			g.Path = *r.Path
		}
		a.Grants = append(a.Grants, g)
	}
	return a
}
