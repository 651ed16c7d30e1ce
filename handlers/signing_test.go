package handlers_test

import (
	"crypto/x509"
	"os"
	"path/filepath"
	"testing"
	"time"

	"taphuan/app/access"
	"taphuan/app/certificate"
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
