package planning_test

import (
	"context"
	"fmt"
	"testing"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/ledger"
	"taphuan/app/plan"
	"taphuan/app/planning"
	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
	"taphuan/seeds"
)

// offices is how many organisations the test's country has in each other province.
const offices = 60

// country is the base province in a country of 34, with a plan of the whole country beside its own, and thousands of offices.
var country = testdb.With("country", func(ctx context.Context, db *store.DB) error {
	if _, err := seeds.Base(ctx, db); err != nil {
		return err
	}
	if added, err := seeds.Country(ctx, db); err != nil || added != 34 {
		return fmt.Errorf("%d organisations were added: %w", added, err)
	}
	if added, err := seeds.Country(ctx, db); err != nil || added != 0 {
		return fmt.Errorf("the second time %d organisations were added: %w", added, err)
	}
	home, err := plan.Current(ctx, db.Read(ctx), models.DayOf(db.Time()))
	if err != nil {
		return err
	}
	s := &planning.Service{DB: db, Coverage: &coverage.Service{DB: db}, Wake: func() {}}
	id, err := s.Copy(ctx, access.System(), planning.CopyInput{From: home.Code, Code: "VN-2023-2028", NameVi: "Kế hoạch cả nước", Root: "VN", First: home.FromDay, Last: home.ToDay - 1})
	if err != nil {
		return err
	}
	p, err := plan.OfID(ctx, db.Read(ctx), id)
	if err != nil {
		return err
	}
	_, err = db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) { return 0, settle(tx, p) })
	return err
})

// settle fills the other provinces: offices, two people in each, of whom one is covered.
func settle(tx *store.Tx, p *plan.Plan) error {
	var tops []models.Organisation
	if err := tx.Where("kind = ? AND code <> 'CB'", models.KindProvince).Order("path").Find(&tops).Error; err != nil {
		return err
	}
	var last uint64
	if err := tx.Model(&models.Organisation{}).Select("MAX(id)").Scan(&last).Error; err != nil {
		return err
	}
	var orgs []models.Organisation
	for _, top := range tops {
		for i := range offices {
			last++
			orgs = append(orgs, models.Organisation{ID: last, Code: fmt.Sprintf("%s-%02d", top.Code, i), Name: fmt.Sprintf("Sở %d, %s", i, top.Name), Kind: models.KindStateAgency, Level: models.LevelProvince, ParentID: &top.ID,
				Path: top.Path + models.PathPart(last), Depth: top.Depth + 1, FromDay: top.FromDay, ToDay: models.Forever})
		}
	}
	if err := tx.CreateInBatches(orgs, 500).Error; err != nil {
		return err
	}
	var people []models.Cadre
	for range 2 * len(orgs) {
		people = append(people, models.Cadre{FullName: "Lý Thị Nước", BirthYear: 1980})
	}
	if err := tx.CreateInBatches(people, 500).Error; err != nil {
		return err
	}
	var postings []models.Posting
	var completions []models.Completion
	for i, k := range people {
		postings = append(postings, models.Posting{CadreID: k.ID, OrganisationID: orgs[i/2].ID, Title: "Chuyên viên", FromDay: models.MustDay("2025-07-01"), ToDay: models.Forever, Main: true})
		if i%2 == 0 {
			completions = append(completions, models.Completion{CadreID: k.ID, EffectiveDay: models.MustDay("2026-03-01"), AttendedMinutes: 480, TotalMinutes: 480})
		}
	}
	if err := tx.CreateInBatches(postings, 500).Error; err != nil {
		return err
	}
	var groups []models.PostingGroup
	for _, x := range postings {
		groups = append(groups, models.PostingGroup{PostingID: x.ID, GroupID: p.Groups[0].ID})
	}
	for i := range completions {
		for _, c := range p.Components {
			completions[i].Components |= c.Component.Set()
		}
	}
	if err := tx.CreateInBatches(completions, 500).Error; err != nil {
		return err
	}
	return tx.CreateInBatches(groups, 500).Error
}

func TestTheWholeCountryIsOneTreeAndAProvincesOwnPlanStandsBesideIt(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		testdb.Ledger(t, db)
		ctx, read := t.Context(), db.Read(t.Context())
		s := &coverage.Service{DB: db}
		plans, err := plan.All(ctx, read)
		if err != nil || len(plans) != 2 {
			t.Fatal(len(plans), err)
		}
		home, whole := plans[0], plans[1]
		ofHome, ofWhole := plan.Choose(ctx, home.ID), plan.Choose(ctx, whole.ID)
		for _, p := range plans {
			if kept, err := ledger.Kept(read, p); err != nil || !kept {
				t.Fatalf("no ledger of %s: %v", p.Code, err)
			}
		}
		top, err := s.Overview(ofWhole, access.System(), coverage.Query{})
		if err != nil {
			t.Fatal(err)
		}
		rows := top.Children()
		if top.Top().Code != "VN" || len(rows) != 34 {
			t.Fatalf("%s with %d rows, want 34 provinces", top.Top().Code, len(rows))
		}
		sum := 0
		for _, n := range rows {
			if n.Kind != models.KindProvince || n.Code != "CB" && (n.Figures[0].Denominator != 2*offices || n.Figures[0].Covered != offices) {
				t.Errorf("%s: %+v", n.Code, n.Figures[0])
			}
			sum += n.Figures[0].Denominator
		}
		if f := top.Top().Figures[0]; f.Denominator != sum || sum != 33*2*offices || f.Covered != 33*offices {
			t.Errorf("the country: %+v, its provinces %d", f, sum)
		}
		below, err := s.Overview(ofWhole, access.System(), coverage.Query{Org: "T79"})
		if err != nil || len(below.Children()) != offices || len(below.Trail) != 1 {
			t.Fatal("one level down:", err)
		}
		own, err := s.Overview(ofHome, access.System(), coverage.Query{})
		if err != nil || own.Top().Code != "CB" || len(own.Children()) < 3 {
			t.Fatal("the province's own plan:", err)
		}
		if _, err := s.Overview(ofHome, access.System(), coverage.Query{Org: "T79"}); !errs.Is(err, "not_found") {
			t.Error("another province in the province's plan:", err)
		}
		heads(t, s, ofWhole)
		declares(t, db, ofWhole, ofHome)
	}, country)
}

// heads asks as the head of one province.
func heads(t *testing.T, s *coverage.Service, ctx context.Context) {
	t.Helper()
	var o models.Organisation
	if err := s.DB.Read(ctx).Where("code = 'T46'").Take(&o).Error; err != nil {
		t.Fatal(err)
	}
	head := access.Actor{By: store.By{AccountID: 1}, Grants: []access.Grant{{Role: models.RoleHead, OrganisationID: o.ID, Path: o.Path}}}
	own, err := s.Overview(ctx, head, coverage.Query{})
	if err != nil || own.Top().Code != "T46" || len(own.Children()) != offices || len(own.Trail) != 0 {
		t.Fatal("a head of one province:", err)
	}
	for _, code := range []string{"VN", "CB", "T79", "T79-01"} {
		if _, err := s.Overview(ctx, head, coverage.Query{Org: code}); !errs.Is(err, "not_found") {
			t.Errorf("a head of T46 asks for %s: %v", code, err)
		}
	}
}

// declares writes in both plans; the end of the test holds both ledgers to their sources.
func declares(t *testing.T, db *store.DB, ofWhole, ofHome context.Context) {
	t.Helper()
	s, ros := &coverage.Service{DB: db}, &roster.Service{DB: db}
	of := func(ctx context.Context, code string) int {
		t.Helper()
		r, err := s.Overview(ctx, access.System(), coverage.Query{Org: code})
		if err != nil {
			t.Fatal(err)
		}
		return r.Top().Figures[0].Denominator
	}
	country, province := of(ofWhole, ""), of(ofHome, "")
	say := func(ctx context.Context, code string, n int) {
		t.Helper()
		if err := ros.DeclareHeadcount(ctx, access.System(), roster.HeadcountInput{Organisation: code, Group: "QCN", Effective: models.MustDay("2026-01-01"), Declared: &n}); err != nil {
			t.Fatal(err)
		}
	}
	say(ofWhole, "T79-01", 12) // ten more than are listed
	say(ofHome, "SO-GDDT", 7)
	say(ofWhole, "SO-GDDT", 5)
	if got := of(ofWhole, ""); got != country+15 {
		t.Errorf("the country counts %d, want %d", got, country+15)
	}
	if got := of(ofHome, ""); got != province+7 {
		t.Errorf("the province counts %d, want %d", got, province+7)
	}
}
