package access

import (
	"strings"
	"testing"

	"github.com/alexedwards/argon2id"

	"taphuan/app/errs"
)

func TestPasswordRules(t *testing.T) {
	t.Parallel()
	for password, want := range map[string]string{
		"ngắn thôi":                   "password_short",
		"1234567890":                  "password_common",
		"9876543210":                  "password_common",
		"aaaaaaaaaaaa":                "password_common",
		"abcabcabcabc":                "password_common",
		"Matkhau@123":                 "password_common",
		"mật khẩu 2026":               "password_common",
		"Anh Yêu Em 123":              "password_common",
		"CaoBang@2026":                "password_common",
		"Vietnam2026!":                "password_common",
		"Nông Văn Hùng":               "password_is_name",
		"nongvanhung1990":             "password_is_name",
		"hung.nv2026!":                "password_is_name",
		"0912345678":                  "password_is_name",
		strings.Repeat("dài ", 60):    "password_long",
		"nắng trên đỉnh Phja Oắc":     "",
		"Suối Lê-nin":                 "",
		"9x#Kd!2p-Qz":                 "",
		"hôm nay trời đẹp quá đi mất": "",
	} {
		err := checkRules("password", password, "Nông Văn Hùng", "hung.nv", "0912345678")
		if want == "" && err != nil || want != "" && !errs.Is(err, want) {
			t.Errorf("%q: %v, want %q", password, err, want)
		}
	}
}

func TestWhoHasNoPasswordIsComparedAtTheSameCost(t *testing.T) {
	t.Parallel()
	_, cost, err := argon2id.CheckHash("suối Lê-nin", decoy(passwordCost))
	if err != nil || *cost != passwordCost {
		t.Errorf("%+v, %v; want %+v", cost, err, passwordCost)
	}
	right, _, err := new(Service).checkPassword(t.Context(), "suối Lê-nin", "")
	if err != nil || right {
		t.Error("no password is right where there is none:", right, err)
	}
}

func TestSignInNamesAreReadAsPeopleTypeThem(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"0912345678":        "mobile 0912345678",
		"+84 912 345 678":   "mobile 0912345678",
		"84912345678":       "mobile 0912345678",
		"0912.345.678":      "mobile 0912345678",
		"912345678":         "mobile 0912345678",
		"(091) 234-5678":    "mobile 0912345678",
		"An@Caobang.gov.vn": "email an@caobang.gov.vn",
		" Hùng.NV ":         "name hung.nv",
		"Đức":               "name duc",
		"Nông Văn Hùng":     "name nong.van.hung",
		"admin1":            "name admin1",
		"0212345678":        "",
		"1234":              "",
		"a@b":               "",
		"":                  "",
		".hung":             "",
		"hung..nv":          "",
		"hung'--":           "",
	} {
		name, kind, ok := SignInName(typed)
		got := ""
		if ok {
			got = kind + " " + name
		}
		if got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
	}
}

func TestGivenNamesMakeSignInNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Nông Văn Hùng": "hung.nv", "Đặng Thị Ánh Nguyệt": "nguyet.dta", "Páo": "pao", "H'Linh Niê": "nie.hl", "": "canbo",
	} {
		if got := givenName(name); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
}
