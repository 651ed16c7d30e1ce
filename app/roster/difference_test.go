package roster_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/xuri/excelize/v2"

	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

// listOf makes a workbook of people: name, year of birth, office, group.
func listOf(t *testing.T, people ...[4]string) []byte {
	t.Helper()
	f := excelize.NewFile()
	rows := [][]any{{"TT", "Họ và tên", "Năm sinh", "Chức danh", "Đơn vị", "Đối tượng"}}
	for i, p := range people {
		rows = append(rows, []any{i + 1, p[0], p[1], "Chuyên viên", p[2], p[3]})
	}
	for i, r := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &r); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if _, err := f.WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// read uploads a list and has it read.
func (o *office) read(file []byte, day string, full bool) uint64 {
	o.t.Helper()
	id, err := o.s.Upload(o.t.Context(), o.by, roster.UploadInput{Name: "danh-sach.xlsx", File: file, Effective: models.MustDay(day), Full: full})
	if err != nil {
		o.t.Fatal(err)
	}
	o.runAll()
	return id
}

func (o *office) runAll() {
	o.t.Helper()
	for {
		did, err := o.r.RunOne(o.t.Context())
		if err != nil {
			o.t.Fatal(err)
		}
		if !did {
			return
		}
	}
}

func (o *office) confirm(id uint64, c *roster.Choice) {
	o.t.Helper()
	if err := o.s.Confirm(o.t.Context(), o.by, id, c); err != nil {
		o.t.Fatal(err)
	}
	o.runAll()
	o.is(id, models.ImportWritten)
}

func (o *office) leavers(id uint64) map[string]roster.Leaver {
	o.t.Helper()
	rows, err := o.s.LeaversPage(o.t.Context(), o.by, id, 1)
	if err != nil {
		o.t.Fatal(err)
	}
	out := map[string]roster.Leaver{}
	for _, l := range rows {
		out[l.Name] = l
	}
	return out
}

func TestAFullListOffersTheDifferenceAndNobodyLeavesWithoutAYes(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		home, justice := "Sở Nội vụ", "Sở Tư pháp"
		o.confirm(o.read(listOf(t, [4]string{"Nông Văn Hùng", "1980", home, "QCN"}, [4]string{"Bế Thị Lan", "1981", home, "QCN"}, [4]string{"Hoàng Văn Páo", "1982", home, "QCN"},
			[4]string{"Lương Thị Mai", "1983", home, "QCN"}, [4]string{"Đàm Văn Sơn", "1984", home, "QCN"}, [4]string{"Mã Thị Kim", "1985", justice, "QCN"}), "2024-01-01", false), nil)

		later := listOf(t, [4]string{"Nông Văn Hùng", "1980", home, "QCN"}, [4]string{"Bế Thị Lan", "1981", home, "TTTT"}, [4]string{"Lý Thị Mới", "1990", home, "QCN"},
			[4]string{"Đàm Văn Sơn", "1984", home, "XYZ"})
		plain := o.read(later, "2026-01-01", false)
		if n := len(o.leavers(plain)); n != 0 {
			t.Errorf("%d people are asked about by a list that is not said to be full", n)
		}
		if err := o.s.Cancel(t.Context(), o.by, plain); err != nil {
			t.Fatal(err)
		}

		id := o.read(later, "2026-01-01", true)
		head := o.is(id, models.ImportRead).Head
		want := roster.OrganisationDifference{Organisation: "SO-NV", Joined: 1, Changed: 1, Unchanged: 1, Missing: 3}
		if len(head.Difference) != 1 || head.Difference[0] != want || head.Leavers != 3 {
			t.Errorf("%+v, %d leavers", head.Difference, head.Leavers)
		}
		ls := o.leavers(id)
		if len(ls) != 3 || ls["Đàm Văn Sơn"].MaybeAt != "Sheet1!5" || ls["Hoàng Văn Páo"].MaybeAt != "" {
			t.Errorf("missing: %+v", ls)
		}
		pao, mai := ls["Hoàng Văn Páo"], ls["Lương Thị Mai"]
		last := models.MustDay("2025-12-15")
		for _, x := range []struct {
			said roster.Leaving
			code string
		}{
			{roster.Leaving{PostingID: pao.PostingID, Left: "fired", LastDay: last}, "choice"},
			{roster.Leaving{PostingID: pao.PostingID, Left: models.EndOrganisation, LastDay: last}, "choice"},
			{roster.Leaving{PostingID: pao.PostingID, Left: models.EndRetired}, "required"},
			{roster.Leaving{PostingID: pao.PostingID, Left: models.EndRetired, LastDay: models.MustDay("2023-12-31")}, "leaver_last_day"},
			{roster.Leaving{PostingID: pao.PostingID, Left: models.EndRetired, LastDay: models.MustDay("2026-01-01")}, "leaver_last_day"},
		} {
			refused(t, string(x.said.Left), o.s.DecideLeavers(t.Context(), o.by, id, 1, []roster.Leaving{x.said}), x.code)
		}
		refused(t, "a page that is not there", o.s.DecideLeavers(t.Context(), o.by, id, 2, nil), "not_found")
		if err := o.s.DecideLeavers(t.Context(), o.by, id, 1, []roster.Leaving{{PostingID: pao.PostingID, Left: models.EndRetired, LastDay: last}}); err != nil {
			t.Fatal(err)
		}
		o.confirm(id, &roster.Choice{Page: 1, Leavers: true, Left: []roster.Leaving{{PostingID: mai.PostingID, Left: models.EndDied, LastDay: models.MustDay("2025-12-31")}}})
		refused(t, "after writing", o.s.DecideLeavers(t.Context(), o.by, id, 1, nil), "import_not_ready")
		if s := o.is(id, models.ImportWritten).Summary; s.Left != 2 || len(s.Kept) != 0 {
			t.Errorf("%+v", s)
		}
		for name, want := range map[string]models.Posting{
			"Hoàng Văn Páo": {ToDay: models.MustDay("2025-12-16"), EndReason: models.EndRetired},
			"Lương Thị Mai": {ToDay: models.MustDay("2026-01-01"), EndReason: models.EndDied},
			"Đàm Văn Sơn":   {ToDay: models.Forever},
			"Mã Thị Kim":    {ToDay: models.Forever},
			"Nông Văn Hùng": {ToDay: models.Forever},
		} {
			var p models.Posting
			err := db.Read(t.Context()).Joins("JOIN cadres ON cadres.id = postings.cadre_id").Where("cadres.full_name = ?", name).Order("from_day DESC").First(&p).Error
			if err != nil || p.ToDay != want.ToDay || p.EndReason != want.EndReason {
				t.Errorf("%s: to %s for %q, %v", name, p.ToDay, p.EndReason, err)
			}
		}
	}, based)
}

func TestWhoWasToLeaveStaysWhenThePostingChangedMeanwhile(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		o.confirm(o.read(listOf(t, [4]string{"Nông Văn Hùng", "1980", "Sở Nội vụ", "QCN"}, [4]string{"Bế Thị Lan", "1981", "Sở Nội vụ", "QCN"}), "2024-01-01", false), nil)
		id := o.read(listOf(t, [4]string{"Nông Văn Hùng", "1980", "Sở Nội vụ", "QCN"}), "2026-01-01", true)
		lan := o.leavers(id)["Bế Thị Lan"]
		if err := o.s.DecideLeavers(t.Context(), o.by, id, 1, []roster.Leaving{{PostingID: lan.PostingID, Left: models.EndRetired, LastDay: models.MustDay("2025-12-31")}}); err != nil {
			t.Fatal(err)
		}
		_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) { // somebody else has let her go elsewhere
			return 0, tx.Model(&models.Posting{}).Where("id = ?", lan.PostingID).Updates(map[string]any{"to_day": models.MustDay("2025-06-01"), "end_reason": models.EndTransferred}).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		o.confirm(id, nil)
		if s := o.is(id, models.ImportWritten).Summary; s.Left != 0 || len(s.Kept) != 1 || s.Kept[0] != "Bế Thị Lan" {
			t.Errorf("%+v", s)
		}
	}, based)
}
