package handlers

type sharedData struct {
	verifyData
	Here, Picture string // whole addresses, for the preview that chats make
	Badge         bool   // there is a digital badge to download
}

// shared is the page behind a link that a holder has switched on. Search engines are told to leave it alone.
func (s *Server) shared(c *Ctx) error {
	c.Header("X-Robots-Tag", "noindex, nofollow")
	x, err := s.certificate.Shared(c.Ctx(), c.Param("token"))
	if err != nil {
		return err
	}
	set, err := s.settings.Get(c.Ctx())
	if err != nil {
		return err
	}
	d := sharedData{Here: s.publicLink(c, set, c.Request.URL.Path)}
	d.Picture = d.Here + "/picture.jpg"
	if d.Badge, err = s.credential.On(c.Ctx()); err != nil {
		return err
	}
	if d.verifyData, err = toVerifyData(x); err != nil {
		return err
	}
	return c.Page("share/show", d)
}

// sharedPDF gives the document behind a link.
func (s *Server) sharedPDF(c *Ctx) error {
	c.Header("X-Robots-Tag", "noindex, nofollow")
	pdf, name, err := s.certificate.SharedPDF(c.Ctx(), c.Param("token"))
	if err != nil {
		return err
	}
	return c.Bytes("application/pdf", name, pdf)
}

// sharedPicture gives it as a picture: to look at, or with save=1 to keep.
func (s *Server) sharedPicture(c *Ctx) error {
	c.Header("X-Robots-Tag", "noindex, nofollow")
	jpeg, name, err := s.certificate.SharedPicture(c.Ctx(), c.Param("token"))
	if err != nil {
		return err
	}
	return c.picture(jpeg, name)
}
