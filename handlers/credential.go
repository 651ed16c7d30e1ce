package handlers

import (
	"encoding/json"
	"net/http"
	"strconv"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/credential"
	"taphuan/app/errs"
)

// Media types of what is published (RFC 7517, W3C's VC-JOSE-COSE, JSON-LD 1.1).
const (
	typeKey  = "application/jwk+json"
	typeKeys = "application/jwk-set+json"
	typeLD   = "application/ld+json"
	typeVC   = "application/vc+jwt"
)

// published answers with a document for anyone: pages of other sites may read it, and whoever passes it on may keep it for five minutes.
func (c *Ctx) published(contentType string, b []byte) error {
	c.Header("Access-Control-Allow-Origin", "*")
	c.Header("Cache-Control", "public, max-age=300")
	c.Data(http.StatusOK, contentType, b)
	return nil
}

func (c *Ctx) publishedJSON(contentType string, v any, err error) error {
	if err != nil {
		return err
	}
	b, err := json.Marshal(v)
	if err != nil {
		return errs.Internal("published", err)
	}
	return c.published(contentType, b)
}

// credentialIssuer gives the profile of an organisation that issues.
func (s *Server) credentialIssuer(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	p, err := s.credential.Issuer(c.Ctx(), id)
	return c.publishedJSON(typeLD, p, err)
}

// credentialAchievement gives what a course's certificates certify.
func (s *Server) credentialAchievement(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	a, err := s.credential.Achievement(c.Ctx(), id)
	return c.publishedJSON(typeLD, a, err)
}

// credentialKeys gives all keys that ever signed a credential.
func (s *Server) credentialKeys(c *Ctx) error {
	keys, err := s.credential.Keys(c.Ctx())
	return c.publishedJSON(typeKeys, keys, err)
}

// credentialKey gives one of them.
func (s *Server) credentialKey(c *Ctx) error {
	key, err := s.credential.Key(c.Ctx(), c.Param("kid"))
	return c.publishedJSON(typeKey, key, err)
}

// credentialStatus gives a list of which credentials still hold.
func (s *Server) credentialStatus(c *Ctx) error {
	issuer, err := c.ID("id")
	if err != nil {
		return err
	}
	list, err := strconv.ParseUint(c.Param("list"), 10, 63)
	if err != nil {
		return errs.NotFound("status_list")
	}
	token, err := s.credential.StatusList(c.Ctx(), issuer, list)
	if err != nil {
		return err
	}
	return c.published(typeVC, []byte(token))
}

// credentialImage is the picture of all badges.
func (s *Server) credentialImage(c *Ctx) error {
	if _, err := s.credential.Published(c.Ctx()); err != nil {
		return err
	}
	b, err := s.Assets.Bytes("icon-512.png")
	if err != nil {
		return errs.Internal("badge picture", err)
	}
	return c.published("image/png", b)
}

// credentialPage is where the id of a credential leads: the page that says whether its certificate stands.
func (s *Server) credentialPage(c *Ctx) error {
	if _, err := s.credential.Published(c.Ctx()); err != nil {
		return err
	}
	code := certificate.NormalCode(c.Param("code"))
	if code == "" {
		return errs.NotFound("certificate")
	}
	c.Redirect(http.StatusSeeOther, "/v/"+code)
	return nil
}

// credentialFile answers with a credential to keep. Open Badges 3.0 wants text/plain and the ending .jwt.
func (c *Ctx) credentialFile(f credential.File, err error) error {
	if err != nil {
		return err
	}
	return c.Bytes("text/plain", f.Name, []byte(f.Token))
}

func (s *Server) credentialOf(c *Ctx, p access.Permission) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	return c.credentialFile(s.credential.Of(c.Ctx(), c.Actor, p, id))
}

// certificateCredential gives the credential of a certificate in scope.
func (s *Server) certificateCredential(c *Ctx) error {
	return s.credentialOf(c, access.CertificateRead)
}

// ownCredential gives a cadre the own one.
func (s *Server) ownCredential(c *Ctx) error { return s.credentialOf(c, access.OwnRead) }

// sharedCredential gives the one behind a link.
func (s *Server) sharedCredential(c *Ctx) error {
	c.Header("X-Robots-Tag", "noindex, nofollow")
	return c.credentialFile(s.credential.Shared(c.Ctx(), c.Param("token")))
}
