package models_test

import (
	"testing"

	"taphuan/models"
)

func TestAnOrganisationOfACommuneTellsTheCommune(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"Ủy ban nhân dân xã Quảng Uyên":                               "xã Quảng Uyên",
		"Ủy ban nhân dân phường Thục Phán":                            "phường Thục Phán",
		"Mặt trận Tổ quốc và các tổ chức chính trị - xã hội xã Cô Ba": "xã Cô Ba",
		"Đặc khu Phú Quốc":                                            "Đặc khu Phú Quốc",
		"Trạm Y tế":                                                   "",
	} {
		if got := (models.Organisation{Name: name, Level: models.LevelCommune}).Commune(); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := (models.Organisation{Name: "Các tổ chức chính trị - xã hội tỉnh", Level: models.LevelProvince}).Commune(); got != "" {
		t.Errorf("a provincial office is in %q", got)
	}
}
