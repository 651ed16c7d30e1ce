package roster

import (
	"taphuan/app/errs"
	"taphuan/app/ledger"
	"taphuan/app/store"
	"taphuan/models"
)

// AddAbove makes an organisation above one that has none above it: its whole tree stands one deeper from then on, everything else about it stays.
// The ledgers of coverage are to be built anew after the transaction, since what is above counts what is below. It refuses an organisation that
// has one above it with organisation_unknown, and what AddOrganisation refuses.
func AddAbove(tx *store.Tx, top *models.Organisation, root models.Organisation) error {
	if root.ID == 0 || root.ParentID != nil {
		return errs.OnField("parent", "organisation_unknown")
	}
	if err := OneWriter(tx); err != nil {
		return err
	}
	var plans []uint64
	if err := tx.Model(&models.Plan{}).Order("id").Pluck("id", &plans).Error; err != nil {
		return err
	}
	for _, id := range plans {
		if err := ledger.Forget(tx, id); err != nil {
			return err
		}
	}
	if err := AddOrganisation(tx, top, nil); err != nil {
		return err
	}
	joined := "? || path"
	if tx.Dialector.Name() == "mysql" {
		joined = "CONCAT(?, path)"
	}
	if err := tx.Exec("UPDATE organisations SET path = "+joined+", depth = depth + 1 WHERE path >= ? AND path < ?", top.Path, root.Path, root.Path+"~").Error; err != nil {
		return err
	}
	return tx.Model(&models.Organisation{}).Where("id = ?", root.ID).Update("parent_id", top.ID).Error
}
