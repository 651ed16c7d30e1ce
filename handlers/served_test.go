package handlers_test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"taphuan/app/authority"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

func TestTheSettingsSayUntilWhenTheCertificateHoldsAndWarnAMonthBefore(t *testing.T) {
	t.Parallel()
	day := 24 * time.Hour
	for _, x := range []struct {
		age        time.Duration // of the authority and its certificate
		has, lacks []string
	}{
		{0, []string{"Kết nối bảo mật (HTTPS)", hallAddress, "Chứng thư gốc có giá trị đến"}, []string{"ba mươi ngày"}},
		{380 * day, []string{"Chứng thư sẽ hết hạn trong vòng ba mươi ngày", "không phải cài lại"}, []string{"mọi điện thoại phải cài lại"}},
		{3640 * day, []string{"Chứng thư gốc sẽ hết hạn trong vòng ba mươi ngày", "mọi điện thoại phải cài lại"}, []string{"không phải cài lại"}},
	} {
		dir, begun := t.TempDir(), testdb.Now.Add(-x.age)
		if _, err := authority.Init(dir, []string{hallAddress}, false, begun); err != nil {
			t.Fatal(err)
		}
		if x.age > 397*day { // the server's was renewed meanwhile
			if _, err := authority.Init(dir, nil, false, testdb.Now); err != nil {
				t.Fatal(err)
			}
		}
		files, err := authority.Open(filepath.Join(dir, authority.ServerCert), filepath.Join(dir, authority.ServerKey), func() time.Time { return testdb.Now })
		if err != nil {
			t.Fatal(err)
		}
		site, _ := testweb.ServeSecure(t, testdb.Only(t, store.SQLite, testseed.Base), files, hallAddress)
		near := httptest.NewServer(site.Server)
		t.Cleanup(near.Close)
		site.URL = near.URL
		page, _ := signedIn(t, site, models.RoleAdministrator, "").get("/settings", http.StatusOK)
		has(t, page, x.has...)
		for _, no := range x.lacks {
			if strings.Contains(page, no) {
				t.Errorf("an authority of %s: the settings say %q", x.age, no)
			}
		}
	}
	site := testweb.Serve(t, testdb.Only(t, store.SQLite, testseed.Base))
	page, _ := signedIn(t, site, models.RoleAdministrator, "").get("/settings", http.StatusOK)
	if strings.Contains(page, "Kết nối bảo mật (HTTPS)") {
		t.Error("a certificate is shown where there is none")
	}
}

func TestHeadIsAnsweredAsGetWithoutABody(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite, testseed.Base))
	c := signedIn(t, site, models.RoleCoordinator, "")
	for path, status := range map[string]int{"/": 200, "/courses": 200, "/courses/999": 404, "/nowhere": 404, "/sign-out": 405, "/healthz": 200, "/api/v1/courses": 200, "/settings": 403} {
		res, err := c.http.Head(site.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		if err := res.Body.Close(); err != nil || res.StatusCode != status {
			t.Errorf("HEAD %s: %d, not %d, %v", path, res.StatusCode, status, err)
		}
		asked, err := c.http.Get(site.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		if err := asked.Body.Close(); err != nil || asked.StatusCode != status || asked.Header.Get("Content-Type") != res.Header.Get("Content-Type") {
			t.Errorf("GET %s: %d and %s, HEAD %s, %v", path, asked.StatusCode, asked.Header.Get("Content-Type"), res.Header.Get("Content-Type"), err)
		}
	}
}
