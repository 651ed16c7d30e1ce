package course

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

// StaffRow is somebody who works in a course, or who could.
type StaffRow struct {
	AccountID    uint64
	Name         string
	Role         models.StaffRole
	Organisation string // of the main posting today, where a cadre stands behind the account
}

// staffRows joins accounts with the office of the cadre behind them.
func staffRows(db *gorm.DB, today models.Day) *gorm.DB {
	return db.Joins("JOIN accounts ON accounts.id = x.account_id").
		Joins("LEFT JOIN postings ON postings.cadre_id = accounts.cadre_id AND postings.main = ? AND postings.from_day <= ? AND postings.to_day > ?", true, today, today).
		Joins("LEFT JOIN organisations ON organisations.id = postings.organisation_id").
		Select("DISTINCT x.account_id, accounts.name, accounts.sort_key, x.role, COALESCE(organisations.name, '') AS organisation").
		Order("x.role DESC, accounts.sort_key, x.account_id")
}

// StaffChoices lists who may be put to work in courses: enabled accounts that hold a trainer's or a clerk's grant. One query.
func (s *Service) StaffChoices(ctx context.Context) ([]StaffRow, error) {
	var out []StaffRow
	err := staffRows(s.DB.Read(ctx).Table("grants x"), models.DayOf(s.DB.Time())).
		Where("x.role IN ? AND accounts.disabled = ?", []models.Role{models.RoleTrainer, models.RoleClerk}, false).Scan(&out).Error
	return out, err
}

// AddStaff puts an account to work in a course that has not ended ("course_ended"). It refuses an account that is disabled or does
// not hold the grant of the role ("staff_unknown"). Who works there already stays.
func (s *Service) AddStaff(ctx context.Context, actor access.Actor, courseID, accountID uint64, role models.StaffRole) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		c, err := Lock(tx, actor, access.CourseWrite, courseID)
		if err != nil {
			return 0, err
		}
		if err := changeable(c); err != nil {
			return 0, err
		}
		var n int64
		err = tx.Model(&models.Grant{}).Joins("JOIN accounts ON accounts.id = grants.account_id").
			Scopes(store.Code("grants.role", string(role))).
			Where("grants.account_id = ? AND grants.role IN ? AND accounts.disabled = ?", accountID, []models.StaffRole{models.StaffTrainer, models.StaffClerk}, false).Count(&n).Error
		if err != nil {
			return 0, err
		}
		if n == 0 {
			return 0, errs.OnField("staff", "staff_unknown")
		}
		q := tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&models.CourseStaff{CourseID: c.ID, AccountID: accountID, Role: role})
		if q.Error != nil || q.RowsAffected == 0 {
			return c.ID, q.Error
		}
		return c.ID, tx.Audit("course.staff_add", "course", c.ID, map[string]any{"account": accountID, "role": role})
	})
	return err
}

// RemoveStaff takes somebody out of a course that has not ended ("course_ended"). It refuses who is not in it with not_found.
func (s *Service) RemoveStaff(ctx context.Context, actor access.Actor, courseID, accountID uint64, role models.StaffRole) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		c, err := Lock(tx, actor, access.CourseWrite, courseID)
		if err != nil {
			return 0, err
		}
		if err := changeable(c); err != nil {
			return 0, err
		}
		q := tx.Where("course_id = ? AND account_id = ?", c.ID, accountID).Scopes(store.Code("role", string(role))).Delete(&models.CourseStaff{})
		if q.Error != nil {
			return 0, q.Error
		}
		if q.RowsAffected == 0 {
			return 0, errs.NotFound("staff")
		}
		return c.ID, tx.Audit("course.staff_remove", "course", c.ID, map[string]any{"account": accountID, "role": role})
	})
	return err
}
