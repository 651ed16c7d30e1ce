package roster_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

func service(t *testing.T, db *store.DB) *roster.Service {
	t.Helper()
	return &roster.Service{DB: db, Keys: testKeys(t)}
}

// addOffice adds an organisation below the block of state agencies.
func addOffice(t *testing.T, s *roster.Service, code, from string) {
	t.Helper()
	_, err := s.CreateOrganisation(t.Context(), access.System(), roster.OrganisationInput{Code: code, Name: "Cơ quan " + code, Kind: models.KindStateAgency,
		Level: models.LevelProvince, Parent: "CB-QLNN", From: models.MustDay(from)})
	if err != nil {
		t.Fatal(err)
	}
}

func byCode(t *testing.T, db *store.DB, code string) models.Organisation {
	t.Helper()
	var o models.Organisation
	if err := db.Read(t.Context()).Where("code = ?", code).Take(&o).Error; err != nil {
		t.Fatal(err)
	}
	return o
}

func refused(t *testing.T, what string, err error, code string) {
	t.Helper()
	if !errs.Is(err, code) {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}

func TestNewOrganisationsAreRefusedForWhatIsWrongWithThem(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := service(t, db)
		good := roster.OrganisationInput{Code: "SO-MOI", Name: "Sở Mới", Kind: models.KindStateAgency, Level: models.LevelProvince, Parent: "CB-QLNN", From: models.MustDay("2026-01-01")}
		for _, x := range []struct {
			code   string
			change func(*roster.OrganisationInput)
		}{
			{"organisation_code_taken", func(in *roster.OrganisationInput) { in.Code = "so-yt" }},
			{"organisation_code_form", func(in *roster.OrganisationInput) { in.Code = "SỞ" }},
			{"required", func(in *roster.OrganisationInput) { in.Name = "  " }},
			{"choice", func(in *roster.OrganisationInput) { in.Kind = models.KindProvince }},
			{"choice", func(in *roster.OrganisationInput) { in.Level = "planet" }},
			{"required", func(in *roster.OrganisationInput) { in.Parent = "" }},
			{"organisation_unknown", func(in *roster.OrganisationInput) { in.Parent = "KHONG-CO" }},
			{"organisation_cycle", func(in *roster.OrganisationInput) { in.Parent = in.Code }},
			{"organisation_not_active", func(in *roster.OrganisationInput) { in.Parent = "CB-HUYEN" }},
			{"organisation_area", func(in *roster.OrganisationInput) { in.Area = "SO-YT" }},
			{"required", func(in *roster.OrganisationInput) { in.From = 0 }},
		} {
			in := good
			x.change(&in)
			_, err := s.CreateOrganisation(t.Context(), access.System(), in)
			refused(t, x.code, err, x.code)
		}
		head := access.Actor{Grants: []access.Grant{{Role: models.RoleHead, Path: byCode(t, db, "CB-QLNN").Path}}}
		_, err := s.CreateOrganisation(t.Context(), head, good)
		refused(t, "a head", err, "organisation_unknown")
		o, err := s.CreateOrganisation(t.Context(), access.System(), good)
		if err != nil || o.ToDay != models.Forever || o.AreaID == nil && byCode(t, db, "CB-QLNN").AreaID != nil {
			t.Errorf("%+v, %v", o, err)
		}
		seen := byCode(t, db, "SO-MOI").UpdatedAt
		if err := s.RenameOrganisation(t.Context(), access.System(), "SO-MOI", roster.OrganisationNames{Name: "Sở Mới tinh", Seen: seen}); err != nil {
			t.Error(err)
		}
		if o := byCode(t, db, "SO-MOI"); o.Name != "Sở Mới tinh" || o.Search != "so moi so moi tinh" && o.Search != "so-moi so moi tinh" {
			t.Errorf("renamed to %q, found as %q", o.Name, o.Search)
		}
		err = s.RenameOrganisation(t.Context(), access.System(), "SO-MOI", roster.OrganisationNames{Name: "Sở Cũ", Seen: seen.Add(-1e9)})
		refused(t, "a form that is old", err, "stale")
	}, based)
}

func TestAnOrganisationKeepsNoNamesOnlyOnceNobodyIsPostedThere(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := service(t, db)
		ok := func(err error) {
			t.Helper()
			if err != nil {
				t.Error(err)
			}
		}
		set := func(code string, counts bool) error {
			o := byCode(t, db, code)
			return s.RenameOrganisation(t.Context(), access.System(), code, roster.OrganisationNames{Name: o.Name, CountsOnly: counts, Seen: o.UpdatedAt})
		}
		for i, x := range []struct {
			from, to models.Day
			refused  bool
		}{{day("2024-01-01"), day("2025-01-01"), false}, {day("2026-01-01"), 0, true}, {day("2027-01-01"), 0, true}} {
			code := fmt.Sprint("SO-", i)
			addOffice(t, s, code, "2024-01-01")
			cadre := newCadre(t, db, "Nông Thị Mai")
			ok(change(db, cadre, func(h *roster.History) error { h.Hire(placeAt(t, db, code), x.from, x.to); return nil }))
			err := set(code, true)
			if e := errs.As(err); x.refused && (!errs.Is(err, "organisation_has_names") || fmt.Sprint(e.Fields[0].Params["n"]) != "1") || !x.refused && err != nil {
				t.Errorf("from %s: %v", x.from, err)
			}
			if byCode(t, db, code).CountsOnly == x.refused {
				t.Errorf("from %s: counts only is %v", x.from, !x.refused)
			}
		}
		refused(t, "a total", set("CB-QLNN", true), "organisation_is_total")
		ok(set("SO-0", true))
		cadre := newCadre(t, db, "Nông Thị Mơ")
		hire := func() error {
			return change(db, cadre, func(h *roster.History) error { h.Hire(placeAt(t, db, "SO-0"), day("2026-01-01"), 0); return nil })
		}
		refused(t, "a name where none is kept", hire(), "organisation_counts_only")
		ok(set("SO-0", false))
		ok(hire())
		var n int64
		ok(db.Read(t.Context()).Model(&models.AuditEntry{}).Where("action = ? AND noun_id = ?", "organisation.counts_only", byCode(t, db, "SO-0").ID).Count(&n).Error)
		if n != 2 {
			t.Errorf("%d entries in the audit", n)
		}
	}, based)
}

func TestEndsAreRefusedForWhatIsWrongWithThem(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := service(t, db)
		addOffice(t, s, "SO-A", "2024-01-01")
		addOffice(t, s, "SO-B", "2024-01-01")
		addOffice(t, s, "SO-MUON", "2026-03-01")
		later := models.MustDay("2026-06-01")
		load(t, db, entries(t, db, []truth{{Name: "Nông Thị Mai", Born: "1980-01-01", Organisation: "SO-B", Groups: []string{"QCN"}}}, later), later)
		for _, x := range []struct {
			code, org string
			in        roster.EndInput
		}{
			{"required", "SO-A", roster.EndInput{}},
			{"end_before_start", "SO-A", roster.EndInput{LastDay: models.MustDay("2023-12-31")}},
			{"organisation_has_children", "CB-QLNN", roster.EndInput{LastDay: models.MustDay("2026-12-31")}},
			{"organisation_starts_later", "CB-QLNN", roster.EndInput{LastDay: models.MustDay("2025-12-31"), Subtree: true}},
			{"postings_start_later", "SO-B", roster.EndInput{LastDay: models.MustDay("2025-12-31")}},
			{"organisation_has_end", "SO-TTTT", roster.EndInput{LastDay: models.MustDay("2025-02-28")}},
			{"organisation_parent_ends", "SO-TTTT", roster.EndInput{LastDay: models.MustDay("2026-02-28")}},
			{"organisation_unknown", "SO-A", roster.EndInput{LastDay: models.MustDay("2025-12-31"), Successors: []string{"KHONG-CO"}}},
			{"successor_itself", "SO-A", roster.EndInput{LastDay: models.MustDay("2025-12-31"), Successors: []string{"SO-A"}}},
			{"successor_is_total", "SO-A", roster.EndInput{LastDay: models.MustDay("2025-12-31"), Successors: []string{"CB-DANG"}}},
			{"successor_not_active", "SO-A", roster.EndInput{LastDay: models.MustDay("2025-12-31"), Successors: []string{"SO-MUON"}}},
			{"not_found", "KHONG-CO", roster.EndInput{LastDay: models.MustDay("2025-12-31")}},
		} {
			refused(t, x.org+" "+x.code, s.EndOrganisation(t.Context(), access.System(), x.org, x.in), x.code)
		}
		if err := s.EndOrganisation(t.Context(), access.System(), "SO-A", roster.EndInput{LastDay: models.MustDay("2025-12-31"), Successors: []string{"SO-B"}}); err != nil {
			t.Fatal(err)
		}
		err := s.EndOrganisation(t.Context(), access.System(), "SO-B", roster.EndInput{LastDay: models.MustDay("2026-12-31"), Successors: []string{"SO-A"}})
		refused(t, "a circle of successors", err, "successor_cycle")
		refused(t, "an end of the base data", s.UndoEnd(t.Context(), access.System(), "SO-TTTT"), "organisation_no_end")
		refused(t, "no end", s.NameSuccessors(t.Context(), access.System(), "SO-B", []string{"SO-YT"}), "organisation_no_end")
		var n int64
		if err := db.Read(t.Context()).Model(&models.OrganisationEnd{}).Count(&n).Error; err != nil || n != 1 {
			t.Errorf("%d ends were recorded, %v", n, err)
		}
	}, based)
}

// state is all that ending an organisation may touch.
func state(t *testing.T, db *store.DB) (out struct {
	Orgs     []models.Organisation
	Postings []models.Posting
	Leaves   []models.Leave
}) {
	t.Helper()
	r := db.Read(t.Context())
	for _, err := range []error{
		r.Select("id, code, from_day, to_day").Order("id").Find(&out.Orgs).Error,
		r.Select("id, cadre_id, organisation_id, from_day, to_day, main, end_reason").Order("id").Find(&out.Postings).Error,
		r.Select("id, posting_id, kind, from_day, to_day").Order("id").Find(&out.Leaves).Error,
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func TestAnEndCutsPostingsAndLeavesAndIsUndoneToTheLetterWhileNothingFollowed(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := service(t, db)
		addOffice(t, s, "SO-A", "2024-01-01")
		addOffice(t, s, "SO-B", "2024-01-01")
		_, err := s.CreateOrganisation(t.Context(), access.System(), roster.OrganisationInput{Code: "TT-A", Name: "Trung tâm", Kind: models.KindPressAgency, Level: models.LevelProvince,
			Parent: "SO-A", From: models.MustDay("2024-01-01")})
		if err != nil {
			t.Fatal(err)
		}
		day := models.MustDay("2024-01-01")
		load(t, db, entries(t, db, []truth{
			{Name: "Nông Thị Mai", Born: "1980-01-01", Title: "Chuyên viên", Organisation: "SO-A", Groups: []string{"QCN"}},
			{Name: "Bế Văn Đàn", Born: "1981-01-01", Title: "Phóng viên", Organisation: "TT-A", Groups: []string{"TTTT"}},
		}, day), day)
		mai := byName(t, db, "Nông Thị Mai")
		_, err = db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
			hs, err := roster.LockHistories(tx, mai)
			if err != nil {
				return 0, err
			}
			h := hs[mai]
			h.Postings[0].Leaves = []models.Leave{
				{PostingID: h.Postings[0].ID, Kind: models.LeaveMaternity, FromDay: models.MustDay("2026-03-01"), ToDay: models.MustDay("2026-09-01")},
				{PostingID: h.Postings[0].ID, Kind: models.LeaveStudy, FromDay: models.MustDay("2026-10-01"), ToDay: models.MustDay("2026-11-01")},
			}
			return 0, h.Save(tx)
		})
		if err != nil {
			t.Fatal(err)
		}
		before := state(t, db)
		end := func() {
			t.Helper()
			if err := s.EndOrganisation(t.Context(), access.System(), "SO-A", roster.EndInput{LastDay: models.MustDay("2026-06-30"), Subtree: true, Successors: []string{"SO-B"}}); err != nil {
				t.Fatal(err)
			}
		}
		end()
		after := state(t, db)
		cut := models.MustDay("2026-07-01")
		for _, p := range after.Postings {
			if p.ToDay != cut || p.EndReason != models.EndOrganisation {
				t.Errorf("posting %+v", p)
			}
		}
		if len(after.Leaves) != 1 || after.Leaves[0].ToDay != cut {
			t.Errorf("leaves %+v", after.Leaves)
		}
		refused(t, "a second end", s.EndOrganisation(t.Context(), access.System(), "SO-A", roster.EndInput{LastDay: models.MustDay("2026-06-29")}), "organisation_has_end")
		if err := s.UndoEnd(t.Context(), access.System(), "SO-A"); err != nil {
			t.Fatal(err)
		}
		if got := state(t, db); !sameState(before, got) {
			t.Errorf("undone: %+v, before %+v", got, before)
		}
		end()
		n, err := s.Continue(t.Context(), access.System(), "SO-A")
		if err != nil || n != 2 {
			t.Fatalf("%d went on, %v", n, err)
		}
		got := state(t, db)
		if len(got.Postings) != 4 || got.Postings[2].OrganisationID != byCode(t, db, "SO-B").ID || got.Postings[2].FromDay != cut {
			t.Errorf("continued: %+v", got.Postings)
		}
		if len(got.Leaves) != 3 { // the one that was cut goes on, and the one that was still to come
			t.Errorf("leaves continued: %+v", got.Leaves)
		}
		refused(t, "after people went on", s.UndoEnd(t.Context(), access.System(), "SO-A"), "end_followed")
	}, based)
}

func sameState(a, b any) bool { return asJSON(a) == asJSON(b) }

func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func byName(t *testing.T, db *store.DB, name string) uint64 {
	t.Helper()
	var c models.Cadre
	if err := db.Read(t.Context()).Where("full_name = ?", name).Take(&c).Error; err != nil {
		t.Fatal(err)
	}
	return c.ID
}
