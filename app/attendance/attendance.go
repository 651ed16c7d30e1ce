// Package attendance records who was present in which session: marks as events that are only ever added, and the current mark
// that follows from them.
package attendance

import "taphuan/app/store"

// Service records attendance.
type Service struct {
	DB *store.DB
}
