package handlers_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"encoding/xml"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"taphuan/app/authority"
	"taphuan/app/i18n"
	"taphuan/app/settings"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
)

// officeTLS makes a private authority with a certificate for the hosts, and gives the folder.
func officeTLS(t *testing.T, hosts ...string) (dir string, files *authority.Files, root *x509.Certificate) {
	t.Helper()
	dir = t.TempDir()
	made, err := authority.Init(dir, hosts, false, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	files, err = authority.Open(filepath.Join(dir, authority.ServerCert), filepath.Join(dir, authority.ServerKey), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return dir, files, made.Root
}

// webClient asks as a program on this machine that knows the certificates, whatever the host; it follows no redirects.
func webClient(roots ...*x509.Certificate) *http.Client {
	pool := x509.NewCertPool()
	for _, r := range roots {
		pool.AddCert(r)
	}
	tr := http.DefaultTransport.(*http.Transport).Clone()
	tr.TLSClientConfig.RootCAs = pool
	tr.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
		_, port, err := net.SplitHostPort(addr)
		if err != nil {
			return nil, err
		}
		return new(net.Dialer).DialContext(ctx, network, "127.0.0.1:"+port)
	}
	return &http.Client{Transport: tr, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func get(t *testing.T, c *http.Client, url string, header ...string) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		if header[i] == "Host" {
			req.Host = header[i+1]
		}
		req.Header.Set(header[i], header[i+1])
	}
	res, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		t.Fatal(err)
	}
	return res, string(b)
}

// withoutRoot gives a copy of a server's certificate without that of the authority.
func withoutRoot(t *testing.T, dir string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, authority.ServerCert))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(b)
	path := filepath.Join(t.TempDir(), "fullchain.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const hallAddress = "10.20.30.40" // of nobody here; browsers and clients of tests are led to loopback

func TestThePlainAddressHelpsPhonesAndSendsEverythingElseToTLSOnThisSite(t *testing.T) {
	t.Parallel()
	_, files, root := officeTLS(t, hallAddress, "taphuan.example.vn")
	site, plain := testweb.ServeSecure(t, testdb.Only(t, store.SQLite), files, hallAddress)
	c := webClient(root)
	port := site.URL[strings.LastIndexByte(site.URL, ':'):]
	wants := func(path, location string, header ...string) {
		t.Helper()
		if res, _ := get(t, c, plain+path, header...); res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != location {
			t.Errorf("%s %v: %d to %q, not %q", path, header, res.StatusCode, res.Header.Get("Location"), location)
		}
	}
	wants("/", site.URL+"/")
	wants("/sessions/7/attendance?q=a%20b", site.URL+"/sessions/7/attendance?q=a%20b")
	wants("/sign-in", site.URL+"/sign-in")
	wants("/install/trust.js", site.URL+"/install/trust.js")
	wants("/install/../sign-in", site.URL+"/install/../sign-in")
	wants("//xau.example/x", site.URL+"/xau.example/x")
	wants("/%2f%2fxau.example", site.URL+"/xau.example")
	wants("/x", "https://taphuan.example.vn"+port+"/x", "Host", "taphuan.example.vn")
	wants("/x", site.URL+"/x", "Host", "xau.example", "X-Forwarded-Host", "xau.example")
	wants("/healthz", site.URL+"/healthz")
	wants("/v/0123456789", site.URL+"/v/0123456789")

	res, err := c.Post(plain+"/sign-in", "application/x-www-form-urlencoded", strings.NewReader("name=lan&password=mat"))
	if err != nil || res.StatusCode != http.StatusSeeOther || res.Header.Get("Location") != site.URL+"/sign-in" || len(res.Cookies()) != 0 {
		t.Error("a form without TLS", res.StatusCode, err)
	}
	if err := res.Body.Close(); err != nil {
		t.Error(err)
	}
	page, body := get(t, c, plain+"/install")
	if page.StatusCode != http.StatusOK || !strings.Contains(page.Header.Get("Content-Security-Policy"), "connect-src 'self' "+site.URL+";") || !strings.Contains(body, files.Root().Groups()[7]) {
		t.Errorf("%d %s", page.StatusCode, page.Header.Get("Content-Security-Policy"))
	}
	for _, asset := range regexp.MustCompile(`(?:href|src)="(/static/[^"]+)"`).FindAllStringSubmatch(body, -1) {
		if res, _ := get(t, c, plain+asset[1]); res.StatusCode != http.StatusOK {
			t.Errorf("%s: %d", asset[1], res.StatusCode)
		}
	}
	if crt, der := get(t, c, plain+"/install/authority.crt"); crt.Header.Get("Content-Type") != "application/x-x509-ca-cert" || !bytes.Equal([]byte(der), root.Raw) {
		t.Error("not the authority's certificate", crt.Header)
	}
	// The public address comes before all others.
	set := settings.Service{DB: site.DB}
	if err := set.Set(context.Background(), store.By{}, settings.Settings{PublicURL: "https://th.caobang.gov.vn/tap-huan"}); err != nil {
		t.Fatal(err)
	}
	wants("/x?y=1", "https://th.caobang.gov.vn/tap-huan/x?y=1", "Host", "taphuan.example.vn")
}

func TestTheProfileOfAnIPhoneHoldsTheAuthority(t *testing.T) {
	t.Parallel()
	_, files, root := officeTLS(t, hallAddress)
	site, plain := testweb.ServeSecure(t, testdb.Only(t, store.SQLite), files, hallAddress)
	res, body := get(t, webClient(root), plain+"/install/authority.mobileconfig")
	var texts []string
	for d := xml.NewDecoder(strings.NewReader(body)); ; {
		tok, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if c, ok := tok.(xml.CharData); ok && len(bytes.TrimSpace(c)) > 0 {
			texts = append(texts, string(c))
		}
	}
	all := strings.Join(texts, "\n")
	if res.Header.Get("Content-Type") != "application/x-apple-aspen-config" || !strings.Contains(all, base64.StdEncoding.EncodeToString(root.Raw)) || !strings.Contains(all, "PayloadType\ncom.apple.security.root") || !strings.Contains(all, root.Subject.CommonName) {
		t.Errorf("%v\n%s", res.Header, body)
	}
	if _, again := get(t, webClient(root), site.URL+"/install/authority.mobileconfig"); again != body {
		t.Error("installing it twice would count twice")
	}
}

func TestWithoutTLSTheSessionPageSaysWhatWillNotWorkWhateverAStrangerForwards(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		h := newHall(t, db, site, 3)
		h.account(t, "giang")
		trainer := nobody(t, site)
		trainer.signIn("giang")
		site.Server.Proxies = []netip.Prefix{netip.MustParsePrefix("10.9.0.0/24")}
		warning := site.Server.Words.T(i18n.VI, "install.insecure_page")
		for _, x := range []struct {
			from, host, proto string
			warns             bool
		}{
			{"192.0.2.1:1234", hallAddress, "", true},
			{"192.0.2.1:1234", hallAddress, "https", true},
			{"10.9.0.7:1234", hallAddress, "https", false},
			{"[::ffff:10.9.0.7]:1234", hallAddress, "https", false},
			{"10.9.1.7:1234", hallAddress, "https", true},
			{"10.9.0.7:1234", hallAddress, "http", true},
			{"127.0.0.1:1234", "taphuan.example.vn", "https", false},
			{"127.0.0.1:1234", "127.0.0.1:8080", "", false},
			{"[::1]:1234", "localhost:8080", "", false},
			{"192.0.2.1:1234", "localhost.example.vn", "", true},
		} {
			req := httptest.NewRequest(http.MethodGet, h.path(0), nil)
			req.RemoteAddr, req.Host = x.from, x.host
			req.Header.Set("X-Forwarded-Proto", x.proto)
			for name, value := range trainer.jar {
				req.AddCookie(&http.Cookie{Name: name, Value: value})
			}
			w := httptest.NewRecorder()
			site.Server.ServeHTTP(w, req)
			if warns := strings.Contains(w.Body.String(), warning); w.Code != http.StatusOK || warns != x.warns {
				t.Errorf("%+v: %d, warns: %v", x, w.Code, warns)
			}
		}
	}, testseed.Base)
}

func TestOnlyAPublicCertificateOnThePublicNamePromisesTLS(t *testing.T) {
	t.Parallel()
	dir, private, root := officeTLS(t, hallAddress, "taphuan.example.vn")
	// The same certificate in a file without its root is what a public one looks like.
	public, err := authority.Open(withoutRoot(t, dir), filepath.Join(dir, authority.ServerKey), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		files     *authority.Files
		host, set string
		promises  bool
	}{
		{public, "taphuan.example.vn", "https://taphuan.example.vn", true},
		{public, "taphuan.example.vn", "https://khac.example.vn", false},
		{public, "taphuan.example.vn", "", false},
		{public, hallAddress, "https://" + hallAddress, false},
		{private, "taphuan.example.vn", "https://taphuan.example.vn", false},
	} {
		site, _ := testweb.ServeSecure(t, testdb.Only(t, store.SQLite), x.files, x.host)
		set := settings.Service{DB: site.DB}
		if err := set.Set(context.Background(), store.By{}, settings.Settings{PublicURL: x.set, Internal: x.host == hallAddress}); err != nil {
			t.Fatal(err)
		}
		res, _ := get(t, webClient(root), site.URL+"/sign-in?lang=vi")
		if c := res.Cookies(); len(c) != 1 || !c[0].Secure {
			t.Errorf("a cookie over TLS: %+v", c)
		}
		if got := res.Header.Get("Strict-Transport-Security"); (got == "max-age=2592000") != x.promises || !x.promises && got != "" {
			t.Errorf("%s, public address %q: %q", x.host, x.set, got)
		}
	}
}

// TestAPhoneComesToTrustTheServer goes the way of a phone: the plain page says that it does not trust the server yet and shows the
// fingerprint; with the authority installed the session page opens over TLS by the server's address, as a secure context.
func TestAPhoneComesToTrustTheServer(t *testing.T) {
	t.Parallel()
	dir, files, root := officeTLS(t, hallAddress)
	db := testdb.Only(t, store.SQLite, testseed.Base)
	site, plain := testweb.ServeSecure(t, db, files, hallAddress)
	h := newHall(t, db, site, 12)
	h.account(t, "giang")

	stranger := testweb.BrowseTrusting(t, plain, site.URL, hallAddress, "")
	stranger.Phone()
	stranger.Go("/install")
	stranger.Sees("Thiết bị này chưa tin cậy máy chủ", "So mã trước khi cài", authority.RootOf(root).Groups()[15])
	if testweb.Eval[bool](stranger, "isSecureContext") {
		t.Error("a plain page is no secure context")
	}
	stranger.Look("install-plain")
	stranger.ClickAt(`button[value="en"]`)
	stranger.Sees("This device does not trust the server yet", "Compare before installing")
	stranger.Look("install-plain-en")

	phone := testweb.BrowseTrusting(t, plain, site.URL, hallAddress, filepath.Join(dir, authority.AuthorityCert))
	phone.Phone()
	phone.Go("/install")
	phone.Sees("Thiết bị này đã tin cậy máy chủ")
	phone.Click("Mở trang bảo mật")
	phone.Sees("Không cần cài chứng thư nữa")
	phone.Lacks("So mã trước khi cài")
	phone.Look("install-trusted")
	phone.Click("Xem các bước cài")
	phone.Sees("So mã trước khi cài")

	trainer := testweb.BrowseTrusting(t, site.URL, plain, hallAddress, filepath.Join(dir, authority.AuthorityCert))
	trainer.Go(h.path(0)) // asks to sign in first
	trainer.Fill("Tên đăng nhập", "giang")
	trainer.Fill("Mật khẩu", testweb.Password)
	trainer.Click("Đăng nhập")
	trainer.Sees(hallNames[0])
	trainer.Lacks("Kết nối không bảo mật")
	if got := testweb.Eval[string](trainer, `navigator.serviceWorker.register("/install/trust.js", {scope: "/install/"}).then(r => isSecureContext + " " + location.host.split(":")[0] + " " + r.scope.startsWith("https://"))`); got != "true "+hallAddress+" true" {
		t.Error(got)
	}
}

func TestASessionOpenedWithoutTLSLeadsToTheHelp(t *testing.T) {
	t.Parallel()
	db := testdb.Only(t, store.SQLite, testseed.Base)
	site := testweb.Serve(t, db)
	h := newHall(t, db, site, 5)
	h.account(t, "giang")
	b := testweb.BrowseTrusting(t, strings.Replace(site.URL, "127.0.0.1", hallAddress, 1), "", hallAddress, "")
	site.SignIn(b, "giang")
	b.Go(h.path(0))
	b.Sees("Kết nối không bảo mật")
	b.Look("session-insecure")
	b.Click("Cách khắc phục")
	b.Sees("Máy chủ này chưa có kết nối bảo mật", "taphuan tls init "+hallAddress)
	b.Look("install-none")
}
