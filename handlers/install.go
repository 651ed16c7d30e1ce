package handlers

import (
	"bytes"
	"encoding/base64"
	"html/template"
	"net/http"
	"strings"
	texts "text/template"

	"github.com/google/uuid"

	"taphuan/app/authority"
	"taphuan/app/errs"
)

// installData is what helps a phone trust this server and keep it at hand.
type installData struct {
	Root     *authority.Root // to be installed; nil: a public certificate, or no TLS
	Groups   []string        // its fingerprint
	Only     string          // what it can vouch for
	Safe     bool            // this browser came over TLS
	Site     string          // the site over TLS, "" where there is none
	Secure   string          // this page there
	Host     string          // by which the browser reached us, for the administrator's command
	Platform string          // "android", "ios" or "": what the browser says it runs on
	Address  string          // this page, for other phones
	QR       template.URL
}

// install is the page that helps a phone; it works before signing in and without TLS.
func (s *Server) install(c *Ctx) error {
	d := installData{Safe: s.overTLS(c.Request), Host: hostOf(c.Request), Platform: platformOf(c.GetHeader("User-Agent"))}
	base, err := s.secureAddress(c.Ctx(), d.Host)
	if err != nil {
		return err
	}
	if base != "" {
		d.Site, d.Secure = base+"/", base+"/install"
		if !d.Safe { // its script asks over TLS whether this phone trusts us
			c.Header("Content-Security-Policy", strings.Replace(contentPolicy, "connect-src 'self'", "connect-src 'self' "+base, 1))
		}
	}
	if s.TLS != nil {
		if d.Root = s.TLS.Root(); d.Root != nil {
			d.Groups, d.Only = d.Root.Groups(), strings.Join(d.Root.Only, ", ")
		}
	}
	d.Address = s.installAddress(c, base)
	if d.QR, err = qrImage(d.Address); err != nil {
		return err
	}
	return c.Page("install/show", d)
}

// installAddress is where other phones find the page: without TLS where they have to install the authority first and there is such
// an address, else where the site is.
func (s *Server) installAddress(c *Ctx, base string) string {
	switch {
	case s.TLS != nil && s.TLS.Root() != nil && s.Ports.HTTP != "" && s.coveredHost(hostOf(c.Request)) != "":
		base = address("http", s.coveredHost(hostOf(c.Request)), s.Ports.HTTP)
	case base == "":
		base = "http://" + c.Request.Host
	}
	return base + "/install"
}

func platformOf(agent string) string {
	switch {
	case strings.Contains(agent, "Android"):
		return "android"
	case strings.Contains(agent, "iPhone"), strings.Contains(agent, "iPad"):
		return "ios"
	}
	return ""
}

// privateRoot is the authority that is to be installed; where there is none, the page says so.
func (s *Server) privateRoot(c *Ctx) *authority.Root {
	if s.TLS == nil || s.TLS.Root() == nil {
		c.Redirect(http.StatusSeeOther, "/install")
		return nil
	}
	return s.TLS.Root()
}

// installAuthority gives the authority's certificate, as Android and computers take it.
func (s *Server) installAuthority(c *Ctx) error {
	root := s.privateRoot(c)
	if root == nil {
		return nil
	}
	return c.Bytes("application/x-x509-ca-cert", "taphuan.crt", root.DER)
}

// profile is a configuration profile with one root certificate; iPhones read such property lists.
var profile = texts.Must(texts.New("profile").Parse(`<?xml version="1.0" encoding="UTF-8"?>
<plist version="1.0"><dict>
<key>PayloadType</key><string>Configuration</string>
<key>PayloadVersion</key><integer>1</integer>
<key>PayloadIdentifier</key><string>taphuan.{{.ID}}</string>
<key>PayloadUUID</key><string>{{.ID}}</string>
<key>PayloadDisplayName</key><string>{{html .Root.Name}}</string>
<key>PayloadDescription</key><string>{{html .Words}}</string>
<key>PayloadContent</key><array><dict>
<key>PayloadType</key><string>com.apple.security.root</string>
<key>PayloadVersion</key><integer>1</integer>
<key>PayloadIdentifier</key><string>taphuan.{{.ID}}.root</string>
<key>PayloadUUID</key><string>{{.RootID}}</string>
<key>PayloadDisplayName</key><string>{{html .Root.Name}}</string>
<key>PayloadCertificateFileName</key><string>taphuan.crt</string>
<key>PayloadContent</key><data>{{.Data}}</data>
</dict></array>
</dict></plist>
`))

// installProfile gives the authority's certificate as iPhones take it. Installing it twice counts once: its ids follow from the certificate.
func (s *Server) installProfile(c *Ctx) error {
	root := s.privateRoot(c)
	if root == nil {
		return nil
	}
	var b bytes.Buffer
	err := profile.Execute(&b, map[string]any{"Root": root, "Words": c.T("install.profile"), "Data": base64.StdEncoding.EncodeToString(root.DER),
		"ID": uuid.NewSHA1(uuid.Nil, root.DER), "RootID": uuid.NewSHA1(uuid.Nil, []byte(root.Fingerprint))})
	if err != nil {
		return errs.Internal("profile", err)
	}
	return c.Bytes("application/x-apple-aspen-config", "taphuan.mobileconfig", b.Bytes())
}

// installWorker is a service worker that does nothing: browsers register one only from a server that they trust without being talked
// into it, and so its registration is the check.
func (s *Server) installWorker(c *Ctx) error {
	b, err := s.Assets.Bytes("trust.js")
	if err != nil {
		return errs.Internal("trust.js", err)
	}
	return c.Bytes("text/javascript; charset=utf-8", "", b)
}
