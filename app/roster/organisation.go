// Package roster keeps organisations, cadres, their postings and headcounts, and reads them from workbooks.
package roster

import (
	"fmt"
	"strconv"
	"strings"

	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// AddOrganisation writes a new organisation below parent (nil for a root) and sets its path and search text.
// It refuses a code that is taken with "organisation_code_taken".
func AddOrganisation(tx *store.Tx, o *models.Organisation, parent *models.Organisation) error {
	o.Name = viet.NFC(o.Name)
	o.Search = viet.Fold(o.Code + " " + o.Name)
	o.Path = "?" + o.Code // unique until the id is known
	if parent != nil {
		o.ParentID = &parent.ID
		o.Depth = parent.Depth + 1
	}
	var n int64
	if err := tx.Model(&models.Organisation{}).Where("code = ?", o.Code).Count(&n).Error; err != nil {
		return err
	}
	if n > 0 {
		return errs.OnField("code", "organisation_code_taken", errs.Params{"code": o.Code})
	}
	if err := tx.Create(o).Error; err != nil {
		return err
	}
	o.Path = pathSegment(o.ID)
	if parent != nil {
		o.Path = parent.Path + o.Path
	}
	return tx.Model(o).Update("path", o.Path).Error
}

// pathSegment gives "/" and the id as seven base-36 digits: fixed width, so that paths sort as the tree does.
func pathSegment(id uint64) string {
	s := strconv.FormatUint(id, 36)
	if len(s) > 7 {
		panic(fmt.Sprintf("organisation id %d does not fit into a path", id))
	}
	return "/" + strings.Repeat("0", 7-len(s)) + s
}
