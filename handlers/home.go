package handlers

import (
	"net/http"

	"taphuan/views"
)

// home is the first page: what each of the actor's roles comes for daily.
func (s *Server) home(c *Ctx) error {
	return c.Page("home/show", nil)
}

// gallery shows every component in every state.
func (s *Server) gallery(c *Ctx) error {
	return c.render(http.StatusOK, "gallery/show", views.Gallery(c.page(nil)))
}
