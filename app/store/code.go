package store

import (
	"strings"

	"gorm.io/gorm"
)

// Code narrows a query, as a scope, to the rows whose column of codes (organisations, groups, roles, kinds of things) holds the
// text. Such columns are ASCII, and MariaDB refuses to compare them with anything else: a text that can be no code finds nothing.
func Code(column, text string) func(*gorm.DB) *gorm.DB {
	return func(q *gorm.DB) *gorm.DB {
		if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
			return q.Where("1 = 0")
		}
		return q.Where(column+" = ?", text)
	}
}
