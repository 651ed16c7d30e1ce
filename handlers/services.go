package handlers

import "taphuan/app/access"

// services are the capabilities that pages and API share.
type services struct {
	access *access.Service
}

func newServices(d Deps) services {
	return services{
		access: &access.Service{DB: d.DB, Keys: d.Keys},
	}
}
