package store

import (
	"cmp"

	"gorm.io/gorm"
)

// Each reads the rows of a query one after the other into the same variables, and calls do for each.
func Each(q *gorm.DB, do func(), into ...any) error {
	rows, err := q.Rows()
	if err != nil {
		return err
	}
	for rows.Next() {
		if err = rows.Scan(into...); err != nil {
			break
		}
		do()
	}
	return cmp.Or(err, rows.Err(), rows.Close())
}
