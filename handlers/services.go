package handlers

import (
	"context"

	"taphuan/app/access"
	"taphuan/app/attendance"
	"taphuan/app/certificate"
	"taphuan/app/course"
	"taphuan/app/coverage"
	"taphuan/app/enrolment"
	"taphuan/app/roster"
	"taphuan/app/settings"
)

// services are the capabilities that pages and API share.
type services struct {
	access   *access.Service
	settings *settings.Service
	roster   *roster.Service
	coverage *coverage.Service

	course      *course.Service
	enrolment   *enrolment.Service
	attendance  *attendance.Service
	certificate *certificate.Service
}

func newServices(d Deps) services {
	set := &settings.Service{DB: d.DB}
	return services{
		access:   &access.Service{DB: d.DB, Keys: d.Keys},
		settings: set,
		roster:   &roster.Service{DB: d.DB, Keys: d.Keys},
		coverage: &coverage.Service{DB: d.DB},

		course:     &course.Service{DB: d.DB},
		enrolment:  &enrolment.Service{DB: d.DB},
		attendance: &attendance.Service{DB: d.DB},
		certificate: &certificate.Service{DB: d.DB, PublicURL: func(ctx context.Context) (string, error) {
			x, err := set.Get(ctx)
			return x.PublicURL, err
		}},
	}
}
