// Package enrolment gives cadres their places in courses: enrolling, nomination and approval, capacity, the waiting list.
package enrolment

import "taphuan/app/store"

// Service enrols.
type Service struct {
	DB *store.DB
}
