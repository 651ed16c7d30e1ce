package handlers

import (
	"taphuan/app/access"
	"taphuan/app/roster"
	"taphuan/app/settings"
)

// services are the capabilities that pages and API share.
type services struct {
	access   *access.Service
	settings *settings.Service
	roster   *roster.Service
}

func newServices(d Deps) services {
	return services{
		access:   &access.Service{DB: d.DB, Keys: d.Keys},
		settings: &settings.Service{DB: d.DB},
		roster:   &roster.Service{DB: d.DB, Keys: d.Keys},
	}
}
