package testseed

import (
	"context"

	"taphuan/app/ledger"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
	"taphuan/seeds"
)

// Before2025 is the base data as somebody had it who entered it in 2024: without the ends of 2025, the successors, and the
// organisations that began then.
var Before2025 = testdb.With("before-2025", func(ctx context.Context, db *store.DB) error {
	if _, err := seeds.Base(ctx, db); err != nil {
		return err
	}
	_, err := db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		began := models.MustDay("2025-01-01")
		for _, err := range []error{
			tx.Where("1 = 1").Delete(&models.OrganisationSuccessor{}).Error,
			tx.Where("from_day >= ? AND parent_id IN (SELECT id FROM (SELECT id FROM organisations WHERE from_day >= ?) began)", began, began).Delete(&models.Organisation{}).Error,
			tx.Where("from_day >= ?", began).Delete(&models.Organisation{}).Error,
			tx.Model(&models.Organisation{}).Where("to_day < ?", models.Forever).UpdateColumn("to_day", models.Forever).Error,
		} {
			if err != nil {
				return 0, err
			}
		}
		return 0, nil
	})
	if err != nil {
		return err
	}
	return ledger.Build(ctx, db)
})
