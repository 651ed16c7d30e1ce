package roster

import (
	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

// Respell corrects how a cadre's name is written, and the title of the main posting of a day where one is given, in the caller's
// transaction; the caller says who decided it. The account of the cadre follows the name, and likely twins are sought anew. It refuses
// with not_found, and a title for a day without a main posting with "name_no_posting".
func Respell(tx *store.Tx, actor access.Actor, cadreID uint64, day models.Day, name, title string) error {
	hs, err := LockHistories(tx, cadreID)
	if err != nil {
		return err
	}
	h := hs[cadreID]
	if h == nil {
		return errs.NotFound("cadre")
	}
	if title != "" {
		p := h.MainOn(day)
		if p == nil {
			return errs.Conflict("name_no_posting")
		}
		p.Title = title
		if err := h.withinReach(actor); err != nil {
			return err
		}
		if err := h.Save(tx); err != nil {
			return err
		}
	}
	old := h.FullName
	if name == "" || name == old {
		return nil
	}
	c := h.Cadre
	c.FullName = name
	if err := c.BeforeSave(nil); err != nil {
		return err
	}
	if c.NameKey != h.NameKey {
		c.TwinsSought = false
		if err := SeekTwins(tx); err != nil {
			return err
		}
	}
	if err := tx.Model(&c).Select("full_name", "name_key", "sort_key", "search", "twins_sought", "updated_at").Updates(&c).Error; err != nil {
		return err
	}
	var accounts []models.Account
	if err := tx.Where("cadre_id = ? AND name = ?", cadreID, old).Find(&accounts).Error; err != nil {
		return err
	}
	for _, a := range accounts {
		a.Name = name
		if err := tx.Model(&a).Select("name", "sort_key", "search", "updated_at").Updates(&a).Error; err != nil {
			return err
		}
	}
	return nil
}
