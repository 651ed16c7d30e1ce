package handlers_test

import (
	"archive/zip"
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/signature"
	"taphuan/app/signing"
	"taphuan/app/store"
	"taphuan/app/template"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testsign"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// keyFile leaves a .p12 file where a browser can take it from.
func keyFile(t *testing.T, name string, k testsign.Key, password string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, k.File(t, password), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAnAdministratorAddsTheKeyOfAnIssuer(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		var host models.Organisation
		if err := db.Read(t.Context()).Where("code = ?", homeOffice).Take(&host).Error; err != nil {
			t.Fatal(err)
		}
		service := &certificate.Service{DB: db, Templates: &template.Service{DB: db}}
		if err := service.SaveIssuer(t.Context(), access.System(), models.Issuer{OrganisationID: host.ID, Name: host.Name, Place: "Cao Bằng", Symbol: "GCN-QCN"}); err != nil {
			t.Fatal(err)
		}
		key := keyFile(t, "khoa.p12", testsign.RSA("Sở Văn hóa, Thể thao và Du lịch", func(c *x509.Certificate) { c.NotAfter = testdb.Now.Add(20 * 24 * time.Hour) }), "đúng 123")
		b := site.As(t, models.RoleAdministrator, "")
		b.Go("/issuers")
		b.Click("Ký tay")
		b.Check("Hệ thống ký số bằng khóa đã nạp")
		b.Click("Lưu")
		b.Sees("chưa có khóa ký")
		b.Click("Ký số")
		b.Upload("Tệp khóa", key)
		b.Fill("Mật khẩu của tệp khóa", "sai 123")
		b.Click("Nạp khóa")
		b.Sees("Mật khẩu của tệp khóa không đúng.")
		b.Lacks("sai 123")
		b.Look("signing-refused")
		b.Upload("Tệp khóa", key)
		b.Fill("Mật khẩu của tệp khóa", "đúng 123")
		b.Click("Nạp khóa")
		b.Sees("Đã nạp khóa ký.")
		b.Sees("Khóa ký sắp hết hạn")
		b.Look("signing")
		b.Fill("Địa chỉ dịch vụ", "http://127.0.0.1:1/tsa")
		b.Click("Lưu dấu thời gian")
		b.Sees("Dịch vụ cấp dấu thời gian không trả lời")
		b.Fill("Địa chỉ dịch vụ", testsign.TimeService(t))
		b.Click("Lưu dấu thời gian")
		b.Sees("Đã lưu dịch vụ cấp dấu thời gian.")
		b.Go("/issuers")
		b.Click("Ký tay")
		b.Check("Hệ thống ký số bằng khóa đã nạp")
		b.Look("signing-way")
		b.Click("Lưu")
		b.Sees("Đã lưu cách ký.")
		b.Click("Hệ thống ký số")
		b.Sees("Áp dụng cho giấy cấp từ nay.")
	}, testseed.Base)
}

func TestACourseIsSentOutToBeSignedWithATokenAndTakenBack(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		b := site.As(t, models.RoleCoordinator, "")
		b.Go(fmt.Sprintf("/courses/%d/certificates", w.closed.ID))
		b.Click("Ký bằng token")
		b.Sees("Chờ ký")
		archive, kind := b.Download("Tải 1 tệp chờ ký (ZIP)")
		if kind != "application/zip" {
			t.Fatal(kind)
		}
		z, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
		if err != nil || len(z.File) != 1 {
			t.Fatal(err, len(z.File))
		}
		r, err := z.File[0].Open()
		if err != nil {
			t.Fatal(err)
		}
		sent, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		save := func(name string, b []byte) string {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
		k := testsign.RSA("Hoàng Văn Thạch", nil)
		signed, err := signature.Sign(t.Context(), sent, &signature.Key{Private: k.Private, Certificate: k.Certificate}, signature.Options{At: db.Time()})
		if err != nil {
			t.Fatal(err)
		}
		b.Upload("Các tệp PDF đã ký, hoặc tệp ZIP", save("chua-ky.pdf", sent), save("anh.png", []byte("\x89PNG")))
		b.Click("Nộp tệp đã ký")
		b.Sees("Đã nhận 0/2 tệp", "Tệp này chưa có chữ ký số.", "Chờ ký")
		b.Upload("Các tệp PDF đã ký, hoặc tệp ZIP", save(z.File[0].Name, signed), save("la.pdf", sent))
		b.Click("Nộp tệp đã ký")
		b.Sees("Đã nhận 1/2 tệp", "Người ký: Hoàng Văn Thạch", "Tất cả đã được ký và nộp lại.")
		b.Look("signing-back")
		b.Click("0001/2026/GCN-QCN")
		b.Sees("Ký số bởi")
		if pdf, _ := b.Download("Tải giấy chứng nhận"); !bytes.Equal(pdf, signed) {
			t.Error("what is downloaded is not what was signed")
		}
	}, testseed.Base)
}

func TestCertificatesOnPaperAreHandedOver(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
			return 0, tx.Model(&models.Certificate{}).Where("1 = 1").Update("signing", models.SigningPaper).Error
		})
		w.must(err)
		scan := filepath.Join(t.TempDir(), "so-giao-nhan-da-ky.pdf")
		w.must(os.WriteFile(scan, []byte("%PDF-1.7\n"), 0o600))
		b := site.As(t, models.RoleCoordinator, "")
		b.Go(fmt.Sprintf("/courses/%d/certificates", w.closed.ID))
		b.Click("Giao nhận giấy")
		b.Sees("Chưa trao")
		if pdf, kind := b.Download("In sổ giao nhận"); kind != "application/pdf" || !bytes.HasPrefix(pdf, []byte("%PDF")) {
			t.Error(kind)
		}
		b.Click("Ghi nhận đã trao")
		b.Sees("Hãy chọn ít nhất một dòng.")
		b.Check("Chọn 0001/2026/GCN-QCN")
		if pdf, kind := b.Download("In sổ các giấy đã đánh dấu"); kind != "application/pdf" || !bytes.HasPrefix(pdf, []byte("%PDF")) {
			t.Error(kind)
		}
		b.Look("handover-ticked")
		b.Fill("Người nhận", "Lục Thị Văn Thư")
		b.Click("Ghi nhận đã trao")
		b.Sees("Đã ghi nhận trao 1 giấy.", "Lục Thị Văn Thư nhận")
		b.Check("Chọn 0001/2026/GCN-QCN")
		b.Upload("Ảnh chụp hoặc bản quét", scan)
		b.Click("Gắn vào các giấy đã đánh dấu")
		b.Sees("Đã gắn bản quét vào 1 giấy.")
		b.Look("handover")
		b.Click("0001/2026/GCN-QCN")
		b.Sees("Lục Thị Văn Thư", "so-giao-nhan-da-ky.pdf", "Bản giấy và giao nhận")
		b.Look("certificate-paper")
		if pdf, kind := b.Download("Tải bản in"); kind != "application/pdf" || !bytes.HasPrefix(pdf, []byte("%PDF")) {
			t.Error(kind)
		}
		b.Click("Bỏ ghi nhận")
		b.Sees("Đã bỏ ghi nhận trao giấy.", "Chưa trao")
		b.Click("Ghi nhận đã trao")
		b.Sees("Đã ghi nhận trao giấy.", "Bế Thị Ngoài")
	}, testseed.Base)
}

// TestNoKeyReachesTheLogOrABackup adds a key, also with a wrong password, signs with it, and then looks for it in all that the server logged, in
// the database's file, and in what was answered.
func TestNoKeyReachesTheLogOrABackup(t *testing.T) {
	t.Parallel()
	db := testdb.Only(t, store.SQLite, testseed.Base)
	var mu sync.Mutex
	var log bytes.Buffer
	h, err := testweb.Assemble(db, slog.New(slog.NewTextHandler(lockedWriter{&mu, &log}, &slog.HandlerOptions{Level: slog.LevelDebug})))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t, &testweb.Site{DB: db, Keys: h.Keys, Server: h})
	a := w.as(models.RoleAdministrator)
	const right, wrong = "đúng mật khẩu 7321", "sai mật khẩu 1237"
	secrets := []string{right, wrong, url.QueryEscape(right), url.QueryEscape(wrong)}
	var answers strings.Builder
	for i, k := range []testsign.Key{testsign.ECDSA("Sở Văn hóa, Thể thao và Du lịch", nil), testsign.RSA("Hoàng Văn Thạch", nil)} {
		file := k.File(t, right)
		secrets = append(append(secrets, k.Traces(t)...), string(file), base64.StdEncoding.EncodeToString(file), hex.EncodeToString(file))
		fields := map[string]string{"issuer": decimal(w.home.ID)}
		if i > 0 {
			fields["key_signatory"] = decimal(w.signatory())
		}
		for password, want := range map[string]int{wrong: http.StatusUnprocessableEntity, right: http.StatusSeeOther} {
			fields["key_password"] = password
			contentType, body := multipartBody(t, fields, "khoa.p12", file)
			got := a.ask(http.MethodPost, "/signing/keys", contentType, strings.Replace(body, `name="file"`, `name="key_file"`, 1))
			if got.status != want {
				t.Fatalf("%d: %s", got.status, got.body)
			}
			answers.WriteString(got.body)
		}
		if got := a.post("/issuers/"+decimal(w.home.ID)+"/signing", url.Values{"signing": {"server"}}); got.status != http.StatusSeeOther {
			t.Fatal(got.status)
		}
		var last models.Certificate
		w.must(db.Read(t.Context()).Order("id DESC").Take(&last).Error)
		if got := a.post("/certificates/"+decimal(last.ID)+"/replace", url.Values{"reason": {"Sai chức danh"}, "signatory": {decimal(w.signatory())}}); got.status != http.StatusSeeOther {
			t.Fatalf("%d: %s", got.status, got.body)
		}
		w.must(db.Read(t.Context()).Order("id DESC").Take(&last).Error)
		for _, path := range []string{"/signing", "/certificates/" + decimal(last.ID), "/certificates/" + decimal(last.ID) + "/pdf", "/audit"} {
			got := a.get(path)
			if got.status != http.StatusOK {
				t.Errorf("%s: %d", path, got.status)
			}
			answers.WriteString(got.body)
		}
	}
	if !strings.Contains(answers.String(), "Ký số bởi") || !strings.Contains(answers.String(), "Hoàng Văn Thạch") {
		t.Error("nothing was signed")
	}
	mu.Lock()
	defer mu.Unlock()
	if !strings.Contains(log.String(), "/signing/keys") {
		t.Fatal("nothing was logged")
	}
	places := map[string]string{"the log": log.String(), "an answer": answers.String(), "a dump": string(testdb.Dump(t, db))}
	for _, file := range []string{db.Path(), db.Path() + "-wal"} {
		b, err := os.ReadFile(file)
		w.must(err)
		places[filepath.Base(file)] = string(b)
	}
	for where, text := range places {
		for i, s := range secrets {
			if strings.Contains(text, s) {
				t.Errorf("secret %d stands in %s", i, where)
			}
		}
	}
}

func TestTheDemonstrationKeySaysDEMOWhereverItSigns(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite, testseed.Base))
	w := newWorld(t, site) // with a demonstration key, as the first start makes it
	b := site.As(t, models.RoleAdministrator, "")
	b.Go("/signing")
	b.Sees("DEMO", "Thử nghiệm", "Cơ quan chưa có khóa riêng")
	b.Look("signing-demo")
	b.Go("/issuers/" + decimal(w.home.ID) + "/signing")
	b.Check("Hệ thống ký số bằng khóa đã nạp")
	b.Click("Lưu")
	b.Sees("Đã lưu cách ký.")
	service := &certificate.Service{DB: site.DB, Templates: &template.Service{DB: site.DB}, PublicURL: w.publicURL, Signing: &signing.Service{DB: site.DB, Keys: site.Keys}}
	id, err := service.Replace(t.Context(), access.System(), w.ids["certificates"], w.signatory(), "Sai ngày sinh")
	w.must(err)
	b.Go("/certificates/" + decimal(id))
	b.Sees("DEMO: ký bằng khóa thử nghiệm")
	b.Look("certificate-demo")
	b.Click("Trang tra cứu công khai")
	b.Sees("Giấy chứng nhận còn giá trị", "DEMO: ký bằng khóa thử nghiệm", "không có giá trị pháp lý", "Ký số bởi")
	b.Look("verify-demo")
	w.holderAccount()
	holder := w.holder()
	holder.Go("/my/certificates/" + decimal(id))
	holder.Sees("DEMO: ký bằng khóa thử nghiệm")
}
