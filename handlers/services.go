package handlers

import (
	"context"

	"taphuan/app/access"
	"taphuan/app/attendance"
	"taphuan/app/certificate"
	"taphuan/app/course"
	"taphuan/app/coverage"
	"taphuan/app/enrolment"
	"taphuan/app/home"
	"taphuan/app/job"
	"taphuan/app/roster"
	"taphuan/app/settings"
)

// services are the capabilities that pages and API share.
type services struct {
	access   *access.Service
	settings *settings.Service
	roster   *roster.Service
	jobs     *job.Runner
	coverage *coverage.Service
	homes    *home.Service

	course      *course.Service
	enrolment   *enrolment.Service
	attendance  *attendance.Service
	certificate *certificate.Service
}

func newServices(d Deps) services {
	set := &settings.Service{DB: d.DB}
	ros := &roster.Service{DB: d.DB, Keys: d.Keys}
	ros.Jobs = &job.Runner{DB: d.DB, Log: d.Log, Kinds: ros.Kinds(), Poll: d.Poll}
	return services{
		access:   &access.Service{DB: d.DB, Keys: d.Keys},
		settings: set,
		roster:   ros,
		jobs:     ros.Jobs,
		coverage: &coverage.Service{DB: d.DB},
		homes:    &home.Service{DB: d.DB},

		course:     &course.Service{DB: d.DB},
		enrolment:  &enrolment.Service{DB: d.DB},
		attendance: &attendance.Service{DB: d.DB},
		certificate: &certificate.Service{DB: d.DB, PublicURL: func(ctx context.Context) (string, error) {
			x, err := set.Get(ctx)
			return x.PublicURL, err
		}},
	}
}
