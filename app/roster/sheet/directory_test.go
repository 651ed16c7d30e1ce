package sheet

import (
	"encoding/csv"
	"os"
	"testing"

	"taphuan/models"
)

// cases' province: the organisations of the base data as a fixture, and the plan's four groups.
func testDirectory(t testing.TB) Directory {
	t.Helper()
	f, err := os.Open("testdata/organisations.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var d Directory
	for _, r := range rows[1:] {
		d.Organisations = append(d.Organisations, Organisation{
			Code: r[0], Name: r[1], Kind: r[2], Level: r[3], Parent: r[4], From: models.MustDay(r[5]), To: models.MustDay(r[6]),
		})
	}
	d.Groups = []Group{
		{Code: "QCN", Names: []string{"cán bộ làm công tác quyền con người", "cán bộ nhân quyền"}},
		{Code: "TTTT", Names: []string{"cán bộ làm công tác quản lý thông tin, truyền thông", "Quản lý thông tin truyền thông"}},
		{Code: "TTDN", Names: []string{"nhân sự tham gia công tác thông tin đối ngoại của các cơ quan báo chí", "TTĐN"}},
		{Code: "CTXH", Names: []string{"cán bộ chủ chốt của các tổ chức chính trị - xã hội", "Cán bộ chủ chốt CT-XH"}, Levels: []Level{
			{Level: "province"}, {Level: "district"}, {Level: "commune", From: models.MustDay("2025-07-01")},
		}},
	}
	return d
}
