package access

import (
	"context"
	"errors"
	"slices"

	"gorm.io/gorm"

	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

// keepAdministrator refuses with "last_administrator" to go on where no other enabled administrator would be left.
func keepAdministrator(tx *store.Tx, without uint64) error {
	var ids []uint64
	err := tx.Lock().Model(&models.Account{}).
		Where("disabled = ? AND id IN (?)", false, tx.Model(&models.Grant{}).Select("account_id").Where("role = ?", models.RoleAdministrator)).
		Order("id").Pluck("id", &ids).Error
	if err != nil {
		return err
	}
	if slices.Contains(ids, without) && len(ids) == 1 {
		return errs.Conflict("last_administrator")
	}
	return nil
}

// Grant gives an account a role; heads need an organisation, the others take none, a cadre's role needs a cadre behind the account.
// It refuses "role_unknown", "organisation_required", "organisation_unknown" and "cadre_required". A role that the account has already
// stays as it is. Any other role than a cadre's voids the account's slips: whoever printed one could not have done so now.
func (s *Service) Grant(ctx context.Context, actor Actor, accountID uint64, role models.Role, organisationID uint64) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		a, err := lockAccount(tx, accountID)
		if err != nil {
			return 0, err
		}
		return grant(tx, a, role, organisationID)
	})
	return err
}

func grant(tx *store.Tx, a models.Account, role models.Role, organisationID uint64) (id uint64, err error) {
	g := models.Grant{AccountID: a.ID, Role: role}
	switch {
	case !slices.Contains(models.Roles, role):
		return 0, errs.OnField("role", "role_unknown")
	case role == models.RoleCadre && a.CadreID == nil:
		return 0, errs.OnField("role", "cadre_required")
	case role == models.RoleHead && organisationID == 0:
		return 0, errs.OnField("org", "organisation_required")
	case role == models.RoleHead:
		var n int64
		if err := tx.Model(&models.Organisation{}).Where("id = ?", organisationID).Count(&n).Error; err != nil {
			return 0, err
		}
		if n == 0 {
			return 0, errs.OnField("org", "organisation_unknown")
		}
		g.OrganisationID = &organisationID
	}
	var have []models.Grant
	if err := tx.Where("account_id = ? AND role = ?", a.ID, role).Find(&have).Error; err != nil {
		return 0, err
	}
	for _, h := range have {
		if g.OrganisationID == nil || h.OrganisationID != nil && *h.OrganisationID == *g.OrganisationID {
			return h.ID, nil
		}
	}
	if err := tx.Create(&g).Error; err != nil {
		return 0, err
	}
	if role != models.RoleCadre {
		if err := voidSlips(tx, []uint64{a.ID}); err != nil {
			return 0, err
		}
	}
	return g.ID, tx.Audit("account.grant", "account", a.ID, map[string]any{"role": role, "organisation": g.OrganisationID})
}

// Revoke takes a role from an account. It refuses to take the last enabled administrator's ("last_administrator") and a grant that is
// not the account's (not_found).
func (s *Service) Revoke(ctx context.Context, actor Actor, accountID, grantID uint64) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		if _, err := lockAccount(tx, accountID); err != nil {
			return 0, err
		}
		var g models.Grant
		if err := tx.Where("id = ? AND account_id = ?", grantID, accountID).Take(&g).Error; errors.Is(err, gorm.ErrRecordNotFound) {
			return 0, errs.NotFound("grant")
		} else if err != nil {
			return 0, err
		}
		if g.Role == models.RoleAdministrator {
			if err := keepAdministrator(tx, accountID); err != nil {
				return 0, err
			}
		}
		if err := tx.Delete(&g).Error; err != nil {
			return 0, err
		}
		return grantID, tx.Audit("account.revoke", "account", accountID, map[string]any{"role": g.Role, "organisation": g.OrganisationID})
	})
	return err
}
