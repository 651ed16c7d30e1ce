package handlers_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os/exec"
	"strings"
	"testing"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// holder signs the holder of the world's certificate in, in a browser of a small phone that runs no scripts.
func (w *world) holder() *testweb.Tab {
	w.t.Helper()
	b := testweb.Browse(w.t, w.site.URL)
	b.NoScript()
	b.Phone()
	w.site.SignIn(b, "be")
	return b
}

func (w *world) holderAccount() {
	w.t.Helper()
	w.site.Account(w.t, testweb.Account{Name: "Bế Thị Ngoài", SignIn: "be", Role: models.RoleCadre, CadreID: w.ids["cadres"]})
}

// answered asks as nobody and gives the whole answer.
func (w *world) answered(path string, headers ...string) *httptest.ResponseRecorder {
	w.t.Helper()
	req := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.site.Server.ServeHTTP(rec, req)
	return rec
}

// TestACadreWithAnOldPhoneKeepsAndSharesACertificate goes through a cadre's own pages without scripts, at the width of a small phone.
func TestACadreWithAnOldPhoneKeepsAndSharesACertificate(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		w.holderAccount()
		own := "/my/certificates/" + decimal(w.ids["certificates"])
		b := w.holder()
		b.Go("/my")
		b.Sees("0001/2026/GCN-QCN", "Còn giá trị")
		b.Click("Xem giấy")
		if !testweb.Eval[bool](b, "document.querySelector('.certificate-picture img').naturalWidth > 1000") {
			t.Error("the picture is not there")
		}
		pdf, kind := b.Download("Tải PDF")
		if kind != "application/pdf" || !bytes.HasPrefix(pdf, []byte("%PDF-")) {
			t.Errorf("the document is %s", kind)
		}
		jpeg, kind := b.Download("Tải ảnh")
		if cmd := exec.Command("zbarimg", "-q", "--raw", "jpeg:-"); kind != "image/jpeg" {
			t.Errorf("the picture is %s", kind)
		} else {
			cmd.Stdin = bytes.NewReader(jpeg)
			if out, err := cmd.Output(); err != nil || !strings.HasPrefix(string(out), "https://taphuan.example.vn/v/"+w.code) {
				t.Errorf("its code reads %q: %v", out, err)
			}
		}
		b.Click("Bật liên kết")
		b.Sees("Đã bật liên kết")
		link := b.Value("Liên kết")
		path, ours := strings.CutPrefix(link, "https://taphuan.example.vn")
		if !ours || len(path) < len("/s/")+26 {
			t.Fatalf("the link is %q", link)
		}

		// Whoever has the link sees the certificate; search engines are told to keep out.
		page := w.answered(path)
		for _, want := range []string{"Bế Thị Ngoài", "Giấy chứng nhận còn giá trị", `property="og:image" content="` + link + `/picture.jpg"`, `property="og:title" content="Giấy chứng nhận của Bế Thị Ngoài"`} {
			if page.Code != http.StatusOK || !strings.Contains(page.Body.String(), want) {
				t.Errorf("%d, the page of the link lacks %s", page.Code, want)
			}
		}
		for _, rest := range []string{"", "/certificate.pdf", "/picture.jpg"} {
			if got := w.answered(path + rest); got.Code != http.StatusOK || !strings.HasPrefix(got.Header().Get("X-Robots-Tag"), "noindex") {
				t.Errorf("%s: %d, %q", rest, got.Code, got.Header().Get("X-Robots-Tag"))
			}
		}
		if got := w.answered(path + "/certificate.pdf"); !bytes.Equal(got.Body.Bytes(), pdf) {
			t.Error("the link gives another document than its holder has")
		}
		first := w.answered(path + "/picture.jpg")
		if !bytes.Equal(first.Body.Bytes(), jpeg) || w.answered(path+"/picture.jpg", "If-None-Match", first.Header().Get("ETag")).Code != http.StatusNotModified {
			t.Error("the picture is another, or is sent again to who has it")
		}

		// A second tab still shows the link when the first switches it off.
		second := w.holder()
		second.Go(own)
		b.Click("Tắt liên kết")
		b.Sees("Đã tắt liên kết")
		for _, rest := range []string{"", "/certificate.pdf", "/picture.jpg"} {
			if got := w.answered(path+rest, "If-None-Match", first.Header().Get("ETag")); got.Code != http.StatusNotFound {
				t.Errorf("after it was switched off, %s answers %d", rest, got.Code)
			}
		}
		second.Click("Tắt liên kết")
		second.Sees("Đã tắt liên kết")
		second.Click("Bật liên kết")
		b.Click("Bật liên kết")
		fresh := b.Value("Liên kết")
		second.Go(own)
		if fresh == link || second.Value("Liên kết") != fresh {
			t.Errorf("first %s, then %s in one tab and %s in the other", link, fresh, second.Value("Liên kết"))
		}

		// A certificate that was revoked says so there, and is not passed on any more.
		service := &certificate.Service{DB: db, PublicURL: w.publicURL}
		w.must(service.Revoke(t.Context(), access.System(), w.ids["certificates"], "Cấp nhầm lớp"))
		path = strings.TrimPrefix(fresh, "https://taphuan.example.vn")
		if got := w.answered(path); got.Code != http.StatusOK || !strings.Contains(got.Body.String(), "Cấp nhầm lớp") || strings.Contains(got.Body.String(), "picture.jpg") {
			t.Errorf("%d: the page does not say that it was revoked, or shows it all the same", got.Code)
		}
		if pdf, picture := w.answered(path+"/certificate.pdf").Code, w.answered(path+"/picture.jpg").Code; pdf != http.StatusNotFound || picture != http.StatusNotFound {
			t.Errorf("a revoked certificate is passed on: %d, %d", pdf, picture)
		}
		b.Go("/my")
		b.Sees("Đã thu hồi", "Cấp nhầm lớp")
		b.Go(own)
		b.Click("Tắt liên kết")
		b.Lacks("Bật liên kết")
	}, testseed.Base)
}

func TestOnlyItsHolderSwitchesTheLinkOfACertificate(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		own := "/my/certificates/" + decimal(w.ids["certificates"])
		other := w.as(models.RoleCadre)
		for _, path := range []string{own + "/share", own + "/unshare"} {
			if got := other.post(path, url.Values{}); got.status != http.StatusNotFound {
				t.Errorf("another cadre at %s: %d", path, got.status)
			}
		}
		for _, path := range []string{own, own + "/pdf", own + "/picture.jpg"} {
			if got := other.get(path); got.status != http.StatusNotFound {
				t.Errorf("another cadre at %s: %d", path, got.status)
			}
		}
		var n int64
		if err := db.Read(t.Context()).Model(&models.CertificateShare{}).Count(&n).Error; err != nil || n != 0 {
			t.Errorf("%d links: %v", n, err)
		}
		for _, token := range []string{"x", strings.Repeat("A", 26), "%C3%A9", strings.Repeat("A", 4000)} {
			if got := w.answered("/s/" + token); got.Code != http.StatusNotFound {
				t.Errorf("%.30s: %d", token, got.Code)
			}
		}
	}, testseed.Base)
}

// TestTheOwnPagesAndTheSharedOneLookRight takes their pictures, and says inside Zalo what to do there.
func TestTheOwnPagesAndTheSharedOneLookRight(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite, testseed.Base))
	w := newWorld(t, site)
	w.holderAccount()
	b := testweb.Browse(t, site.URL)
	site.SignIn(b, "be")
	own := "/my/certificates/" + decimal(w.ids["certificates"])
	b.Go(own)
	both(b, "my-certificate")
	b.Click("Bật liên kết")
	both(b, "my-certificate-shared")
	b.Go(own + "?lang=en")
	b.Look("my-certificate-en")
	b.Click("Open it as others see it")
	b.Look("shared-en")
	b.Go(b.Path() + "?lang=vi")
	both(b, "shared")
	// An old phone, inside Zalo.
	zalo := testweb.Browse(t, site.URL)
	zalo.Phone()
	zalo.Agent("Mozilla/5.0 (Linux; Android 8.1.0; SM-J250F) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/81.0.4044.138 Mobile Safari/537.36 Zalo android/481 ZaloTheme/light ZaloLanguage/vi")
	site.SignIn(zalo, "be")
	zalo.Go("/my")
	zalo.Click("Xem giấy")
	zalo.Sees("Chạm giữ vào ảnh", "Thêm vào LinkedIn", "Ai có liên kết này")
	zalo.Look("my-certificate-zalo")
	to, err := url.Parse(testweb.Eval[string](zalo, "[...document.querySelectorAll('a')].find((a) => a.host === 'www.linkedin.com').href"))
	w.must(err)
	q := to.Query()
	if q.Get("name") != "Lớp đã đóng" || q.Get("certId") != "0001/2026/GCN-QCN" || q.Get("certUrl") != "https://taphuan.example.vn/v/"+w.code || q.Get("issueYear") != "2026" || q.Get("issueMonth") != "11" {
		t.Errorf("LinkedIn is told %v", q)
	}
	service := &certificate.Service{DB: site.DB, PublicURL: w.publicURL}
	w.must(service.Revoke(t.Context(), access.System(), w.ids["certificates"], "Cấp nhầm lớp"))
	b.Go(b.Path())
	b.Look("shared-revoked")
	b.Go("/my")
	b.Look("my-revoked")
}
