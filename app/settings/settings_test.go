package settings_test

import (
	"context"
	"strings"
	"testing"

	"taphuan/app/errs"
	"taphuan/app/settings"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

func TestSettingsAreKeptAndAudited(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx := context.Background()
		s := settings.Service{DB: db}
		got, err := s.Get(ctx)
		if err != nil || got != (settings.Settings{}) {
			t.Fatal(got, err)
		}
		for range 2 {
			in := settings.Settings{PublicURL: " https://TapHuan.caobang.gov.vn/ ", IssuerParent: "UBND TỈNH CAO BẰNG", IssuerName: "SỞ  TƯ PHÁP"}
			if err := s.Set(ctx, store.By{}, in); err != nil {
				t.Fatal(err)
			}
		}
		got, err = s.Get(ctx)
		if err != nil || got.PublicURL != "https://taphuan.caobang.gov.vn" || got.IssuerName != "SỞ TƯ PHÁP" || got.Internal {
			t.Fatal(got, err)
		}
		if l := got.Link("/verify/x"); l != "https://taphuan.caobang.gov.vn/verify/x" {
			t.Error(l)
		}
		var n int64
		if err := db.Read(ctx).Model(&models.AuditEntry{}).Where("action = ?", "settings.update").Count(&n).Error; err != nil || n != 2 {
			t.Error(n, err)
		}
	})
}

func TestThePublicAddressIsHTTPSUnlessSaidToBeInternal(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := settings.Service{DB: db}
		for _, x := range []struct {
			url      string
			internal bool
			want     string
		}{
			{"https://a.vn", false, ""},
			{"https://a.vn:8443/tap-huan/", false, ""},
			{"https://[::1]:8443", true, ""},
			{"https://[::1]:8443", false, "url_not_public"},
			{"https://127.0.0.1", false, "url_not_public"},
			{"https://127.1", false, "url_not_public"},
			{"https://0x7f.1.1.1", false, "url_not_public"},
			{"https://10.0.0.7", false, "url_not_public"},
			{"https://192.168.1.4:8443", false, "url_not_public"},
			{"https://172.16.9.9", false, "url_not_public"},
			{"https://100.64.0.1", false, "url_not_public"},
			{"https://169.254.1.1", false, "url_not_public"},
			{"https://[fd00::1]", false, "url_not_public"},
			{"https://[::ffff:10.0.0.1]", false, "url_not_public"},
			{"https://localhost", false, "url_not_public"},
			{"https://LOCALHOST.", false, "url_not_public"},
			{"https://maychu", false, "url_not_public"},
			{"https://taphuan.local", false, "url_not_public"},
			{"https://taphuan.internal", false, "url_not_public"},
			{"https://8.8.8.8", false, ""},
			{"http://a.vn", false, "url_not_https"},
			{"http://10.0.0.7:8080", true, ""},
			{"ftp://a.vn", true, "url_invalid"},
			{"a.vn", true, "url_invalid"},
			{"https://", false, "url_invalid"},
			{"https://u:p@a.vn", false, "url_invalid"},
			{"https://a.vn/?x=1", false, "url_invalid"},
			{"https://a.vn/#x", false, "url_invalid"},
			{"javascript:alert(1)", true, "url_invalid"},
			{"https://" + strings.Repeat("a", 200) + ".vn", false, "url_invalid"},
			{"", false, ""},
		} {
			err := s.Set(context.Background(), store.By{}, settings.Settings{PublicURL: x.url, Internal: x.internal})
			if x.want == "" && err != nil || x.want != "" && !errs.Is(err, x.want) {
				t.Errorf("%s: %v, want %q", x.url, err, x.want)
			}
		}
	})
}

func TestAnInnerAddressIsNotForPaperUnlessSaidSo(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		in   settings.Settings
		want string
	}{
		{settings.Settings{}, ""},
		{settings.Settings{PublicURL: "https://taphuan.caobang.gov.vn"}, ""},
		{settings.Settings{PublicURL: "https://10.1.2.3"}, "url_not_public"}, // kept before it was refused
		{settings.Settings{PublicURL: "http://10.1.2.3", Internal: true}, ""},
	} {
		got, err := x.in.ForPaper()
		if x.want == "" && (err != nil || got != x.in.PublicURL) || x.want != "" && !errs.Is(err, x.want) {
			t.Errorf("%+v: %q %v", x.in, got, err)
		}
	}
}
