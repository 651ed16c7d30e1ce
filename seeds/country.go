package seeds

import (
	"context"
	"encoding/csv"
	"strings"

	_ "embed"

	"taphuan/app/ledger"
	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/models"
)

// provinces are the provinces and cities of the country since 2025-07-01, with their official codes; those that were there before have no first day.
//
//go:embed base/provinces.csv
var provinces string

// Codes of the country, and of the province of the base data, which stands in it under its own.
const (
	countryCode = "VN"
	homeCode    = "CB"
)

// Country writes the country above the province of the base data, and the other provinces beside it, so that a plan may cover all of them. Run
// again it adds nothing. It gives how many organisations it added. Coverage is built anew.
func Country(ctx context.Context, db *store.DB) (added int, err error) {
	rows, err := csv.NewReader(strings.NewReader(provinces)).ReadAll()
	if err != nil {
		return 0, err
	}
	_, err = db.Write(ctx, store.By{Action: "seed"}, func(tx *store.Tx) (uint64, error) {
		added = 0
		var all []models.Organisation
		if err := tx.Where("depth <= 1").Find(&all).Error; err != nil {
			return 0, err
		}
		known := map[string]models.Organisation{}
		for _, o := range all {
			known[o.Code] = o
		}
		top, ok := known[countryCode]
		if !ok {
			top = models.Organisation{Code: countryCode, Name: "Việt Nam", Kind: models.KindCountry, Level: models.LevelCountry, FromDay: models.MustDay("1900-01-01"), ToDay: models.Forever}
			if err := roster.AddAbove(tx, &top, known[homeCode]); err != nil {
				return 0, err
			}
			added++
		}
		for _, r := range rows[1:] {
			if _, ok := known[r[0]]; ok {
				continue
			}
			o := models.Organisation{Code: r[0], Name: r[1], Kind: models.KindProvince, Level: models.LevelProvince}
			if o.FromDay, o.ToDay, err = lifetime(r[2], ""); err != nil {
				return 0, err
			}
			if err := roster.AddOrganisation(tx, &o, &top); err != nil {
				return 0, err
			}
			added++
		}
		return 0, nil
	})
	if err != nil {
		return 0, err
	}
	_, err = ledger.Ensure(ctx, db)
	return added, err
}
