package roster_test

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/xuri/excelize/v2"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
	"taphuan/models/viet"
)

// merged is an office that ended for two successors, with three people: one with an id, one who is on leave, one on a group that only
// the province has.
func merged(t *testing.T, db *store.DB) *roster.Service {
	t.Helper()
	s := service(t, db)
	for _, code := range []string{"SO-A", "SO-B", "SO-C"} {
		addOffice(t, s, code, "2024-01-01")
	}
	_, err := s.CreateOrganisation(t.Context(), access.System(), roster.OrganisationInput{Code: "KIN", Name: "Đơn vị kín", Kind: models.KindArmedForces, Level: models.LevelProvince,
		Parent: "CB-LLVT", From: models.MustDay("2024-01-01"), CountsOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	day := models.MustDay("2024-01-01")
	load(t, db, entries(t, db, []truth{
		{Name: "Nông Thị Mai", Born: "1980-01-01", NationalID: "004180000001", Title: "Chuyên viên", Organisation: "SO-A", Groups: []string{"QCN"}},
		{Name: "Bế Văn Đàn", Born: "1981-01-01", Title: "=Phóng viên", Organisation: "SO-A", Groups: []string{"TTTT"}},
		{Name: "Lý Thị Sen", Born: "1982-01-01", Title: "Phó phòng", Organisation: "SO-A", Groups: []string{"CTXH"}},
	}, day), day)
	if err := s.EndOrganisation(t.Context(), access.System(), "SO-A", roster.EndInput{LastDay: models.MustDay("2026-06-30"), Successors: []string{"SO-B", "SO-C"}}); err != nil {
		t.Fatal(err)
	}
	return s
}

// ended gives the posting of somebody that ended with SO-A.
func ended(t *testing.T, db *store.DB, name string) uint64 {
	t.Helper()
	var p models.Posting
	err := db.Read(t.Context()).Where("cadre_id = ? AND organisation_id = ?", byName(t, db, name), byCode(t, db, "SO-A").ID).Take(&p).Error
	if err != nil {
		t.Fatal(err)
	}
	return p.ID
}

func TestPlacementsAreRefusedForWhatIsWrongWithThemAllOrNone(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := merged(t, db)
		mai, dan := ended(t, db, "Nông Thị Mai"), ended(t, db, "Bế Văn Đàn")
		before := state(t, db)
		good := roster.Placement{PostingID: mai, To: "SO-B", Title: "Chuyên viên", Groups: []string{"QCN"}}
		for _, x := range []struct {
			code   string
			change func(*roster.Placement)
		}{
			{"already_decided", func(p *roster.Placement) { p.PostingID = 987654321 }},
			{"organisation_unknown", func(p *roster.Placement) { p.To = "KHONG-CO" }},
			{"organisation_unknown", func(p *roster.Placement) { p.To = "organisation_ended" }},
			{"organisation_is_total", func(p *roster.Placement) { p.To = "CB-DANG" }},
			{"organisation_counts_only", func(p *roster.Placement) { p.To = "KIN" }},
			{"organisation_not_active", func(p *roster.Placement) { p.To = "SO-TTTT" }},
			{"placement_before_end", func(p *roster.Placement) { p.From = models.MustDay("2026-06-30") }},
			{"unknown_target_group", func(p *roster.Placement) { p.Groups = []string{"XYZ"} }},
			{"too_long", func(p *roster.Placement) { p.Title = strings.Repeat("a", 301) }},
		} {
			bad := good
			x.change(&bad)
			_, err := s.Place(t.Context(), access.System(), "SO-A", []roster.Placement{{PostingID: dan, To: "retired"}, bad})
			refused(t, x.code, err, x.code)
			rows, err := s.CheckPlacements(t.Context(), access.System(), "SO-A", []roster.Placement{bad})
			if err != nil || rows[0].Refusal == nil || rows[0].Refusal.Code != x.code {
				t.Errorf("checked: %+v, %v, want %s", rows, err, x.code)
			}
		}
		_, err := s.Place(t.Context(), access.System(), "SO-A", nil)
		refused(t, "nobody", err, "nothing_chosen")
		_, err = s.Place(t.Context(), access.System(), "SO-A", []roster.Placement{good, good})
		refused(t, "twice the same", err, "already_decided")
		_, err = s.Place(t.Context(), access.System(), "SO-B", []roster.Placement{good})
		refused(t, "on another organisation's page", err, "already_decided")
		head := access.Actor{Grants: []access.Grant{{Role: models.RoleHead, Path: byCode(t, db, "SO-A").Path}}}
		_, err = s.Place(t.Context(), head, "SO-A", []roster.Placement{good})
		refused(t, "a head", err, "not_found")
		if after := state(t, db); !sameState(before, after) {
			t.Error("a refusal left something behind")
		}
		if n, err := s.Place(t.Context(), access.System(), "SO-A", []roster.Placement{good, {PostingID: dan, To: "retired"}}); err != nil || n != 2 {
			t.Fatal(n, err)
		}
		_, err = s.Place(t.Context(), access.System(), "SO-A", []roster.Placement{good})
		refused(t, "placed already", err, "already_decided")
		_, err = s.Place(t.Context(), access.System(), "SO-A", []roster.Placement{{PostingID: dan, To: "SO-B"}})
		refused(t, "retired already", err, "already_decided")
		if n, err := roster.UnplacedCount(db.Read(t.Context()), models.MustDay("2026-07-01")); err != nil || n != 1 {
			t.Errorf("%d are unplaced, %v", n, err)
		}
	}, based)
}

func TestOfTwoWhoPlaceTheSamePersonAtOnceOneIsRefused(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := merged(t, db)
		mai := ended(t, db, "Nông Thị Mai")
		var wg sync.WaitGroup
		said := make([]error, 4)
		for i := range said {
			wg.Go(func() {
				_, said[i] = s.Place(t.Context(), access.System(), "SO-A", []roster.Placement{{PostingID: mai, To: []string{"SO-B", "SO-C"}[i%2]}})
			})
		}
		wg.Wait()
		done := 0
		for _, err := range said {
			if err == nil {
				done++
			} else if !errs.Is(err, "already_decided") {
				t.Error(err)
			}
		}
		var n int64
		if err := db.Read(t.Context()).Model(&models.Posting{}).Where("cadre_id = ?", byName(t, db, "Nông Thị Mai")).Count(&n).Error; err != nil || done != 1 || n != 2 {
			t.Errorf("%d placed her, she has %d postings, %v", done, n, err)
		}
	}, based)
}

func TestABulkMoveThatIsRepeatedAnswersAsTheFirst(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := merged(t, db)
		if err := s.EndOrganisation(t.Context(), access.System(), "SO-B", roster.EndInput{LastDay: models.MustDay("2026-07-31"), Successors: []string{"SO-C"}}); err != nil {
			t.Fatal(err)
		}
		account := models.Account{Name: "Điều phối", Language: "vi"}
		_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) { return 0, tx.Create(&account).Error })
		if err != nil {
			t.Fatal(err)
		}
		boss := access.System()
		boss.By = store.By{AccountID: account.ID, Key: "place", Action: "test"}
		list := []roster.Placement{{PostingID: ended(t, db, "Nông Thị Mai"), To: "SO-C"}, {PostingID: ended(t, db, "Bế Văn Đàn"), To: "retired"}}
		for range 2 {
			if n, err := s.Place(t.Context(), boss, "SO-A", list); err != nil || n != 2 {
				t.Errorf("placed %d, %v", n, err)
			}
		}
		// Everybody who has one successor goes on; then nobody is left, and the same request still says how many it moved.
		_, err = s.CreateOrganisation(t.Context(), access.System(), roster.OrganisationInput{Code: "SO-D", Name: "Sở D", Kind: models.KindStateAgency, Level: models.LevelProvince, Parent: "CB-QLNN", From: models.MustDay("2024-01-01")})
		if err != nil {
			t.Fatal(err)
		}
		day := models.MustDay("2024-01-01")
		load(t, db, entries(t, db, []truth{{Name: "Hoàng Thị Mơ", Born: "1984-01-01", Title: "Chuyên viên", Organisation: "SO-D", Groups: []string{"QCN"}},
			{Name: "Hoàng Văn Lê", Born: "1985-01-01", Title: "Chuyên viên", Organisation: "SO-D", Groups: []string{"QCN"}}}, day), day)
		if err := s.EndOrganisation(t.Context(), access.System(), "SO-D", roster.EndInput{LastDay: models.MustDay("2026-08-31"), Successors: []string{"SO-C"}}); err != nil {
			t.Fatal(err)
		}
		boss.Key = "continue"
		var wg sync.WaitGroup
		for range 4 { // a double click, and two more
			wg.Go(func() {
				if n, err := s.Continue(t.Context(), boss, "SO-D"); err != nil || n != 2 {
					t.Errorf("moved %d, %v", n, err)
				}
			})
		}
		wg.Wait()
		boss.Key = "another"
		_, err = s.Continue(t.Context(), boss, "SO-D")
		refused(t, "nobody left", err, "nothing_chosen")
	}, based)
}

func TestWhoCannotGoOnAsTheyAreIsNamedWithTheReason(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := merged(t, db)
		if rows, err := s.Continuing(t.Context(), access.System(), "SO-A"); err != nil || len(rows) != 0 {
			t.Errorf("with two successors %d go on by themselves, %v", len(rows), err)
		}
		_, err := s.CreateOrganisation(t.Context(), access.System(), roster.OrganisationInput{Code: "X-MOI", Name: "Xã Mới", Kind: models.KindStateAgency, Level: models.LevelCommune,
			Parent: "CB-XA", From: models.MustDay("2025-07-01")})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.NameSuccessors(t.Context(), access.System(), "SO-A", []string{"X-MOI"}); err != nil {
			t.Fatal(err)
		}
		_, err = db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) { // the group is for the province alone
			return 0, tx.Exec("DELETE FROM target_group_levels WHERE level = 'commune' AND group_id = (SELECT id FROM target_groups WHERE code = 'CTXH')").Error
		})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := s.Continuing(t.Context(), access.System(), "SO-A")
		if err != nil || len(rows) != 3 {
			t.Fatal(rows, err)
		}
		for _, r := range rows {
			if (r.FullName == "Lý Thị Sen") != (r.Refusal != nil) || r.Refusal != nil && r.Refusal.Code != "group_not_at_level" {
				t.Errorf("%s: %+v", r.FullName, r.Refusal)
			}
		}
		if n, err := s.Continue(t.Context(), access.System(), "SO-A"); err != nil || n != 2 {
			t.Errorf("%d went on, %v", n, err)
		}
		_, err = s.Continue(t.Context(), access.System(), "SO-A")
		refused(t, "nobody is left who can", err, "nothing_chosen")
	}, based)
}

var words = roster.WorksheetWords{Name: "Bố trí lại", List: "Danh mục", Heads: [10]string{"Mã dòng", "Họ và tên"}, Choose: "Chọn", ChooseText: "Chọn trong danh sách", Left: []string{"Nghỉ hưu", "Chuyển đi", "Qua đời", "Lý do khác"}}

var leftWords = map[string]models.EndReason{viet.Key("Nghỉ hưu"): models.EndRetired, viet.Key("Lý do khác"): models.EndOther}

// worksheet makes a worksheet and lets somebody fill it.
func worksheet(t *testing.T, s *roster.Service, code string, fill func(f *excelize.File, sheet string, row map[string]int)) []byte {
	t.Helper()
	b, err := s.Worksheet(t.Context(), access.System(), code, words)
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := f.GetRows(words.Name)
	if err != nil {
		t.Fatal(err)
	}
	at := map[string]int{}
	for i, r := range rows {
		at[r[1]] = i + 1
	}
	fill(f, words.Name, at)
	var out bytes.Buffer
	if _, err := f.WriteTo(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestAWorksheetHoldsNoIDsAndOffersTheSuccessors(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := merged(t, db)
		worksheet(t, s, "SO-A", func(f *excelize.File, sheet string, row map[string]int) {
			for _, name := range f.GetSheetList() {
				rows, err := f.GetRows(name)
				if err != nil {
					t.Fatal(err)
				}
				if text := fmt.Sprint(rows); strings.Contains(text, "004180000001") {
					t.Errorf("a national id stands in %s", name)
				}
				if visible, err := f.GetSheetVisible(name); err != nil || visible != (name == sheet) {
					t.Errorf("%s is shown: %v, %v", name, visible, err)
				}
			}
			title := fmt.Sprintf("E%d", row["Bế Văn Đàn"])
			if kind, err := f.GetCellType(sheet, title); err != nil || kind != excelize.CellTypeSharedString && kind != excelize.CellTypeInlineString {
				t.Errorf("a title that begins with = is a %v, %v", kind, err)
			}
			vs, err := f.GetDataValidations(sheet)
			if err != nil || len(vs) != 1 || vs[0].Sqref != "G2:G4" || vs[0].Formula1 != "'Danh mục'!$A$1:$A$6" {
				t.Errorf("validations %+v, %v", vs, err)
			}
		})
	}, based)
}

func TestAWorksheetThatComesBackIsCheckedRowByRow(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := merged(t, db)
		try := func(what string, want string, fill func(f *excelize.File, sheet string, row map[string]int)) *roster.SheetRead {
			t.Helper()
			read, err := s.ReadWorksheet(t.Context(), access.System(), "SO-A", worksheet(t, s, "SO-A", fill), leftWords)
			if err != nil {
				t.Fatal(what, err)
			}
			var codes []string
			for _, r := range read.Rows {
				if r.Refusal != nil {
					codes = append(codes, r.Refusal.Code)
				}
			}
			if got := strings.Join(codes, " "); got != want {
				t.Errorf("%s: refused %q, want %q", what, got, want)
			}
			return read
		}
		set := func(f *excelize.File, sheet, column string, row int, text any) {
			t.Helper()
			if err := f.SetCellValue(sheet, fmt.Sprint(column, row), text); err != nil {
				t.Fatal(err)
			}
		}
		for name, x := range map[string]struct {
			column string
			value  any
			code   string
		}{
			"an unknown choice":    {"G", "Sở Không Có", "choice_unknown"},
			"an unknown key":       {"A", "R987654321", "row_unknown"},
			"no key":               {"A", "", "row_unknown"},
			"a key that is none":   {"A", "=1+1", "row_unknown"},
			"somebody else's name": {"B", "Bế Văn Đàn", "row_of_another"},
			"an unknown group":     {"I", "QCN; XYZ", "unknown_target_group"},
			"no day":               {"J", "ngày mai", "day"},
		} {
			try(name, x.code, func(f *excelize.File, sheet string, row map[string]int) {
				set(f, sheet, "G", row["Nông Thị Mai"], "Cơ quan SO-B")
				set(f, sheet, x.column, row["Nông Thị Mai"], x.value)
			})
		}
		try("a row twice", "row_twice", func(f *excelize.File, sheet string, row map[string]int) {
			set(f, sheet, "G", row["Nông Thị Mai"], "SO-B")
			key, _ := f.GetCellValue(sheet, fmt.Sprint("A", row["Nông Thị Mai"]))
			for column, text := range map[string]string{"A": key, "B": "Nông Thị Mai", "G": "SO-C"} {
				set(f, sheet, column, 9, text)
			}
		})
		read := try("a good one", "", func(f *excelize.File, sheet string, row map[string]int) {
			set(f, sheet, "G", row["Nông Thị Mai"], "CƠ QUAN SO-B")
			set(f, sheet, "I", row["Nông Thị Mai"], "qcn; Cán bộ làm công tác quản lý thông tin, truyền thông")
			set(f, sheet, "J", row["Nông Thị Mai"], "01/08/2026")
			set(f, sheet, "G", row["Lý Thị Sen"], "nghỉ hưu")
		})
		if read.Empty != 1 || len(read.Rows) != 2 {
			t.Fatalf("%+v", read)
		}
	}, based)
}

func TestWorkbooksFromElsewhereAreRefusedWithASentence(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := merged(t, db)
		fill := func(*excelize.File, string, map[string]int) {}
		ours := worksheet(t, s, "SO-A", fill)
		forged := worksheet(t, s, "SO-A", func(f *excelize.File, _ string, _ map[string]int) {
			if err := f.SetCellStr("taphuan", "A2", "SO-B"); err != nil {
				t.Fatal(err)
			}
		})
		for _, x := range []struct {
			what, org string
			file      []byte
			code      string
		}{
			{"nothing", "SO-A", nil, "file_missing"},
			{"text", "SO-A", []byte("Mã dòng,Họ và tên\n"), "not_a_spreadsheet"},
			{"half of it", "SO-A", ours[:len(ours)/2], "not_a_spreadsheet"},
			{"another workbook", "SO-A", listOf(t, [4]string{"Nông Thị Mai", "1980", "Sở Nội vụ", "QCN"}), "worksheet_foreign"},
			{"a forged one", "SO-B", forged, "worksheet_foreign"},
			{"another's", "SO-B", ours, "worksheet_of_another"},
		} {
			_, err := s.ReadWorksheet(t.Context(), access.System(), x.org, x.file, leftWords)
			refused(t, x.what, err, x.code)
		}
	}, based)
}
