package handlers

import (
	"encoding/base64"
	"net/http"

	"taphuan/app/proof"
)

// proofKey is a public key as the page that checks QR codes reads it (RFC 8037).
type proofKey struct {
	Kty string `json:"kty"`
	Crv string `json:"crv"`
	X   string `json:"x"`
	Kid string `json:"kid"`
}

// proofKeys gives what is needed to check the statements of QR codes without asking again: all keys that ever signed any, and the texts
// with which statements of version 1 are made large.
func (s *Server) proofKeys(c *Ctx) error {
	all, err := s.proofs.Public(c.Ctx())
	if err != nil {
		return err
	}
	out := struct {
		Keys  []proofKey `json:"keys"`
		Words string     `json:"words"`
	}{[]proofKey{}, proof.Words}
	for _, k := range all {
		out.Keys = append(out.Keys, proofKey{"OKP", "Ed25519", base64.RawURLEncoding.EncodeToString(k.Public), k.Kid})
	}
	c.Header("Cache-Control", "no-cache")
	c.Context.JSON(http.StatusOK, out)
	return nil
}
