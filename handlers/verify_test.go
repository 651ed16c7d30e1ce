package handlers_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/proof"
	"taphuan/app/store"
	"taphuan/app/template"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// issued is the certificate of the world, what it says, and its document.
func (w *world) issued() (c models.Certificate, s template.Snapshot, pdf []byte) {
	w.t.Helper()
	db := w.site.DB.Read(w.t.Context())
	w.must(db.Where("code = ?", w.code).Take(&c).Error)
	w.must(json.Unmarshal([]byte(c.Snapshot), &s))
	var d models.CertificateDocument
	w.must(db.Where("certificate_id = ?", c.ID).Take(&d).Error)
	return c, s, d.Body
}

func (w *world) exec(sql string, values ...any) {
	w.t.Helper()
	_, err := w.site.DB.Write(w.t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) { return 0, tx.Exec(sql, values...).Error })
	w.must(err)
}

func TestAPhoneChecksAQRCodeWithoutNetworkAndSeesThroughAForgedOne(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		_, snap, _ := w.issued()
		wire := site.Wire(t)
		b := testweb.NewPhone(t).Browse(wire.URL)
		b.Phone()
		b.Go("/v/" + w.code + "#" + snap.Proof)
		b.Sees("Giấy chứng nhận còn giá trị", "Chữ ký trên mã QR đúng và khớp với giấy này")
		b.Go("/v/")
		b.Sees("Máy này đã sẵn sàng kiểm tra mã QR khi không có mạng")
		b.Look("verify-form")

		wire.Cut(true)
		b.Go("/v/" + w.code + "?1#" + snap.Proof)
		b.Sees("Chữ ký trên mã QR đúng", snap.Name, snap.Serial, snap.CourseTitle, "chưa biết giấy có bị thu hồi hay thay thế")
		b.Lacks("còn giá trị")
		b.Look("verify-offline")
		last := snap.Proof[len(snap.Proof)-1]
		b.Go("/v/" + w.code + "?2#" + snap.Proof[:len(snap.Proof)-1] + string('0'+(last-'0'+1)%10))
		b.Sees("Mã QR không do hệ thống này cấp")
		b.Lacks(snap.Name)
		b.Look("verify-forged")
	}, testseed.Base)
}

// TestAStatementUnderTheCodeOfAnotherCertificateIsSeenThrough holds a QR code that somebody put together: the address of a certificate that
// stands, and behind it the statement of another, which is as genuine.
func TestAStatementUnderTheCodeOfAnotherCertificateIsSeenThrough(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite, testseed.Base))
	w := newWorld(t, site)
	old, snap, _ := w.issued()
	service := &certificate.Service{DB: site.DB, Templates: &template.Service{DB: site.DB}, PublicURL: w.publicURL, Proofs: &proof.Service{DB: site.DB, Keys: site.Keys}}
	id, err := service.Replace(t.Context(), access.System(), old.ID, w.signatory(), "Sai ngày sinh")
	w.must(err)
	var fresh models.Certificate
	w.must(site.DB.Read(t.Context()).Take(&fresh, id).Error)
	b := testweb.Browse(t, site.URL)
	b.Go("/v/" + fresh.Code + "#" + snap.Proof)
	b.Sees("Giấy chứng nhận còn giá trị", "Mã QR là của giấy khác", fresh.Serial, old.Serial)
	b.Look("verify-other")
	b.Go("/v/" + old.Code + "#" + snap.Proof)
	b.Sees("Giấy chứng nhận đã được thay bằng giấy khác", "Số của giấy thay thế:", fresh.Serial, "Chữ ký trên mã QR đúng và khớp với giấy này")
	b.Look("verify-replaced")
}

func TestAFileIsByteForByteWhatWasIssuedOrNot(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		c, snap, pdf := w.issued()
		real, changed := filepath.Join(t.TempDir(), "that.pdf"), filepath.Join(t.TempDir(), "gia.pdf")
		w.must(os.WriteFile(real, pdf, 0o600))
		w.must(os.WriteFile(changed, append(bytes.Clone(pdf), '\n'), 0o600))
		b := testweb.Browse(t, site.URL)
		b.Go("/v/")
		b.Upload("Tệp PDF của giấy chứng nhận", real)
		b.Click("Kiểm tra tệp")
		b.Sees("Đúng tệp đã cấp, giấy chứng nhận còn giá trị", snap.Serial, snap.Name)
		b.Look("verify-file")
		b.Upload("Tệp PDF của giấy chứng nhận", changed)
		b.Click("Kiểm tra tệp")
		b.Sees("Tệp không trùng với tệp nào đã cấp")
		b.Lacks(snap.Name)
		w.exec("UPDATE certificates SET state = 'revoked', live_completion_id = NULL, ended_at = ?, end_reason = 'Cấp nhầm' WHERE id = ?", db.Time(), c.ID)
		b.Upload("Tệp PDF của giấy chứng nhận", real)
		b.Click("Kiểm tra tệp")
		b.Sees("Đúng tệp đã cấp, nhưng giấy chứng nhận đã bị thu hồi", "Cấp nhầm")

		sum := sha256.Sum256(pdf)
		for body, want := range map[string]int{
			fmt.Sprintf(`{"sha256":%q}`, hex.EncodeToString(sum[:])):                  http.StatusOK,
			fmt.Sprintf(`{"sha256":%q}`, strings.ToUpper(hex.EncodeToString(sum[:]))): http.StatusOK,
			fmt.Sprintf(`{"sha256":%q}`, strings.Repeat("0", 64)):                     http.StatusNotFound,
			`{"sha256":"x"}`: http.StatusUnprocessableEntity, `{}`: http.StatusUnprocessableEntity, `[`: http.StatusUnprocessableEntity,
		} {
			req := httptest.NewRequest(http.MethodPost, "/api/v1/verify", strings.NewReader(body))
			req.Header.Set("Content-Type", "application/json")
			rec := httptest.NewRecorder()
			site.Server.ServeHTTP(rec, req)
			if rec.Code != want || want == http.StatusOK && !strings.Contains(rec.Body.String(), `"state":"revoked"`) {
				t.Errorf("%s: %d %s", body, rec.Code, rec.Body)
			}
		}
		for want, file := range map[int][]byte{http.StatusOK: pdf, http.StatusNotFound: pdf[1:], http.StatusUnprocessableEntity: make([]byte, certificate.MaxVerified+1)} {
			contentType, body := multipartBody(t, nil, "giay.pdf", file)
			if got := nobody(t, site).ask(http.MethodPost, "/api/v1/verify", contentType, body); got.status != want || want == http.StatusOK && !strings.Contains(got.body, `"state":"revoked"`) {
				t.Errorf("a file of %d bytes: %d %s", len(file), got.status, got.body)
			}
		}
	}, testseed.Base)
}

func TestWhatIsUploadedToBeCheckedIsBoundedAndOfThisSite(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite, testseed.Base))
	post := func(size int, field, from string) int {
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		part, err := m.CreateFormFile(field, "x.pdf")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := part.Write(make([]byte, size)); err != nil || m.Close() != nil {
			t.Fatal(err)
		}
		req := httptest.NewRequest(http.MethodPost, "/v/", &b)
		req.Header.Set("Content-Type", m.FormDataContentType())
		req.Header.Set("Sec-Fetch-Site", from)
		rec := httptest.NewRecorder()
		site.Server.ServeHTTP(rec, req)
		return rec.Code
	}
	for _, x := range []struct {
		size        int
		field, from string
		want        int
	}{
		{10, "file", "same-origin", http.StatusOK},
		{0, "file", "same-origin", http.StatusOK},
		{10, "tep", "same-origin", http.StatusUnprocessableEntity},
		{certificate.MaxVerified, "file", "same-origin", http.StatusOK},
		{certificate.MaxVerified + 1, "file", "same-origin", http.StatusUnprocessableEntity},
		{certificate.MaxVerified + 1<<20, "file", "same-origin", http.StatusUnprocessableEntity},
		{10, "file", "cross-site", http.StatusForbidden},
	} {
		if got := post(x.size, x.field, x.from); got != x.want {
			t.Errorf("%d bytes as %s, %s: %d, want %d", x.size, x.field, x.from, got, x.want)
		}
	}
}

func TestGuessingCodesIsSlowedDownByAddressAndUnknownAndImpossibleOnesCostTheSame(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		ask := func(code, from string) *httptest.ResponseRecorder {
			req := httptest.NewRequest(http.MethodGet, "/api/v1/verify/"+code, nil)
			req.RemoteAddr = from + ":4711"
			rec := httptest.NewRecorder()
			site.Server.ServeHTTP(rec, req)
			return rec
		}
		ask("0000000000000000", "203.0.113.9") // the address is known from here on
		unknown := testdb.Queries(db, func() { ask("0000000000000001", "203.0.113.9") })
		for _, code := range []string{"khong-phai-ma", "UUUUUUUUUUUUUUUU", "%C3%A9%00", strings.Repeat("A", 3000)} {
			impossible := testdb.Queries(db, func() { ask(code, "203.0.113.9") })
			if len(unknown) == 0 || !slices.Equal(unknown, impossible) {
				t.Errorf("an unknown code asks\n%s\nand %.20s asks\n%s", strings.Join(unknown, "\n"), code, strings.Join(impossible, "\n"))
			}
		}
		w.exec("UPDATE sign_in_failures SET count = 199")
		if got := ask("0000000000000002", "203.0.113.9"); got.Code != http.StatusNotFound {
			t.Errorf("the last one that is free: %d", got.Code)
		}
		for _, code := range []string{"0000000000000003", w.code} {
			if got := ask(code, "203.0.113.9"); got.Code != http.StatusTooManyRequests || !strings.Contains(got.Body.String(), "Hãy chờ") {
				t.Errorf("%s: %d %s", code, got.Code, got.Body)
			}
		}
		if got := ask(w.code, "203.0.113.10"); got.Code != http.StatusOK {
			t.Errorf("somebody else: %d", got.Code)
		}
	}, testseed.Base)
}

func TestGuessingFromManyAddressesOfOneNetworkIsGuessingFromOne(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite, testseed.Base))
	w := newWorld(t, site)
	ask := func(code, from string) int {
		req := httptest.NewRequest(http.MethodGet, "/v/"+code, nil)
		req.RemoteAddr = "[" + from + "]:4711"
		rec := httptest.NewRecorder()
		site.Server.ServeHTTP(rec, req)
		return rec.Code
	}
	ask("0000000000000001", "2001:db8:1:2::9")
	w.exec("UPDATE sign_in_failures SET count = 200")
	ask("0000000000000002", "2001:db8:1:2:ffff::a")
	if got := ask("0000000000000003", "2001:db8:1:2::b"); got != http.StatusTooManyRequests {
		t.Errorf("the address beside it: %d", got)
	}
	if got := ask(w.code, "2001:db8:1:3::9"); got != http.StatusOK {
		t.Errorf("another network: %d", got)
	}
}
