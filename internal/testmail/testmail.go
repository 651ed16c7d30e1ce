// Package testmail starts a real mail server for tests (aiosmtpd, a Debian package) and reads what it delivered.
package testmail

import (
	"bufio"
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	_ "embed" // the server's script
	"encoding/base64"
	"encoding/pem"
	"io"
	"math/big"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

//go:embed server.py
var script string

// Server is a mail server on loopback.
type Server struct {
	Port int
	TLS  *tls.Config // trusts the server's certificate

	t   testing.TB
	dir string
	cmd *exec.Cmd
}

// Options say how the server is to be spoken to.
type Options struct {
	Security       string // "none" (default), "starttls", "tls"
	User, Password string
}

// Start starts a server that ends with the test.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	s := &Server{t: t, dir: t.TempDir()}
	cert := ""
	if o.Security == "starttls" || o.Security == "tls" {
		cert = s.certificate()
	}
	path := filepath.Join(t.TempDir(), "server.py")
	if err := os.WriteFile(path, []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	// Debian's own Python: what apt installed is there and nowhere else.
	s.cmd = exec.Command("/usr/bin/python3", path, s.dir, o.Security, cert, o.User, o.Password)
	var said bytes.Buffer
	s.cmd.Stderr = &said
	in, err := s.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close() // it reads the end and goes
		_ = s.cmd.Process.Kill()
		_ = s.cmd.Wait()
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err == nil {
		s.Port, err = strconv.Atoi(strings.TrimSpace(line))
	}
	if err != nil {
		t.Fatalf("the mail server did not start: %v %q %s", err, line, said.String())
	}
	return s
}

// Stop ends the server at once, as a failing machine does.
func (s *Server) Stop() {
	_ = s.cmd.Process.Kill()
	_ = s.cmd.Wait()
}

func (s *Server) certificate() string {
	s.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		s.t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		s.t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		s.t.Fatal(err)
	}
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(cert)
	s.TLS = &tls.Config{RootCAs: pool}
	path := filepath.Join(s.t.TempDir(), "server.pem")
	if err := os.WriteFile(path, append(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), cert...), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// Delivered is a mail as it arrived.
type Delivered struct {
	Header     mail.Header
	Raw        []byte
	Subject    string
	To         []*mail.Address
	Text, HTML string
	Files      map[string][]byte // by name
	Types      map[string]string // content types of the files
}

// Mails reads everything that was delivered, in its order.
func (s *Server) Mails() []Delivered {
	s.t.Helper()
	names, err := filepath.Glob(filepath.Join(s.dir, "*.eml"))
	if err != nil {
		s.t.Fatal(err)
	}
	var out []Delivered
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			s.t.Fatal(err)
		}
		out = append(out, s.parse(b))
	}
	return out
}

func (s *Server) parse(raw []byte) Delivered {
	s.t.Helper()
	m, err := mail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		s.t.Fatal(err)
	}
	d := Delivered{Header: m.Header, Raw: raw, Files: map[string][]byte{}, Types: map[string]string{}}
	if d.Subject, err = new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject")); err != nil {
		s.t.Fatal(err)
	}
	if d.To, err = m.Header.AddressList("To"); err != nil {
		s.t.Fatal(err)
	}
	s.part(&d, m.Header.Get("Content-Type"), m.Header.Get("Content-Transfer-Encoding"), "", m.Body)
	return d
}

func (s *Server) part(d *Delivered, contentType, encoding, name string, body io.Reader) {
	s.t.Helper()
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		s.t.Fatal(err)
	}
	if strings.HasPrefix(kind, "multipart/") {
		for r := multipart.NewReader(body, params["boundary"]); ; {
			p, err := r.NextRawPart()
			if err == io.EOF {
				return
			}
			if err != nil {
				s.t.Fatal(err)
			}
			s.part(d, p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p.FileName(), p)
		}
	}
	switch strings.ToLower(encoding) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	b, err := io.ReadAll(body)
	if err != nil {
		s.t.Fatal(err)
	}
	switch {
	case name != "":
		d.Files[name], d.Types[name] = b, kind
	case kind == "text/html":
		d.HTML = string(b)
	default:
		d.Text = string(b)
	}
}
