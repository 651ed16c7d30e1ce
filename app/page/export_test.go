package page

import (
	"gorm.io/gorm/clause"

	"taphuan/app/store"
)

// Beyond is the condition of a page, for the test of how it is found.
func Beyond[R any](o Order[R], db *store.DB, values []any) clause.Expr {
	return o.beyond(string(db.Dialect), values, false)
}
