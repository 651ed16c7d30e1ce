// Package course keeps courses with their sessions, staff and completion rule through their life, and closes them.
package course

import (
	"errors"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

// Service keeps courses.
type Service struct {
	DB *store.DB
}

// Lock reads a course that the permission reaches and locks its row until the end of the transaction: whatever changes a course,
// its sessions or its seats takes this lock first. Out of scope is not found.
func Lock(tx *store.Tx, actor access.Actor, p access.Permission, id uint64) (models.Course, error) {
	var c models.Course
	err := tx.Lock().Scopes(access.Courses(actor, p, tx.Now)).Take(&c, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return c, errs.NotFound("course")
	}
	return c, err
}

// LockAll locks the rows of courses in the order of their ids until the end of the transaction, whoever may see them.
func LockAll(tx *store.Tx, ids []uint64) ([]models.Course, error) {
	var list []models.Course
	if len(ids) == 0 {
		return nil, nil
	}
	return list, tx.Lock().Where("id IN ?", ids).Order("id").Find(&list).Error
}
