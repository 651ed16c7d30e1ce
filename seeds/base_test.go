package seeds_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/plan"
	"taphuan/app/planning"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
	"taphuan/seeds"
)

func TestBaseSeedsOnceAndChangesNothingTheSecondTime(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	db, err := store.Open(ctx, "sqlite:"+filepath.Join(t.TempDir(), "t.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if err := db.Migrate(ctx); err != nil {
		t.Fatal(err)
	}
	n, err := seeds.Base(ctx, db)
	if err != nil || n < 132 {
		t.Fatal(n, err)
	}
	if n, err = seeds.Base(ctx, db); err != nil || n != 0 {
		t.Fatalf("second run added %d, %v", n, err)
	}
	p, err := plan.Current(ctx, db.Read(ctx), models.MustDay("2026-11-24"))
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Groups) != 4 || len(p.Components) != 2 || len(p.CourseTypes) != 5 || len(p.Topics) != 12 || p.Root.Code != "CB" {
		t.Errorf("%d groups, %d components, %d course types, %d topics, root %s", len(p.Groups), len(p.Components), len(p.CourseTypes), len(p.Topics), p.Root.Code)
	}
	if g := p.GroupByCode("CTXH"); g.TargetPercent != 70 || p.GroupAllowed(g.ID, models.LevelCommune, models.MustDay("2025-06-30")) || !p.GroupAllowed(g.ID, models.LevelCommune, models.MustDay("2025-07-01")) {
		t.Error("CTXH: target or levels are off")
	}
	var orgs []models.Organisation
	if err := db.Read(ctx).Order("path").Find(&orgs).Error; err != nil {
		t.Fatal(err)
	}
	if len(orgs) != 132 || orgs[0].Code != "CB" || orgs[0].Depth != 0 {
		t.Errorf("%d organisations, first %s", len(orgs), orgs[0].Code)
	}
	var succ int64
	if err := db.Read(ctx).Model(&models.OrganisationSuccessor{}).Count(&succ).Error; err != nil || succ != 64 {
		t.Errorf("%d successors, %v", succ, err)
	}
}

func TestABasePlanThatWasDeletedBesideAnotherDoesNotComeBackAtTheNextStart(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		base, err := plan.Current(ctx, db.Read(ctx), models.MustDay("2026-11-24"))
		if err != nil {
			t.Fatal(err)
		}
		s := &planning.Service{DB: db, Coverage: &coverage.Service{DB: db}, Wake: func() {}}
		if _, err := s.Copy(ctx, access.System(), planning.CopyInput{From: base.Code, Code: "MOI", NameVi: "Kế hoạch mới", Root: base.Root.Code, First: base.FromDay, Last: base.ToDay - 1}); err != nil {
			t.Fatal(err)
		}
		if err := s.Delete(ctx, access.System(), base.Code, base.Version); err != nil {
			t.Fatal(err)
		}
		if n, err := seeds.Base(ctx, db); err != nil || n != 0 {
			t.Errorf("%d records are added at the next start: %v", n, err)
		}
		if p, err := plan.Current(ctx, db.Read(ctx), models.MustDay("2026-11-24")); err != nil || p.Code != "MOI" {
			t.Errorf("the plan in force is %+v, %v", p, err)
		}
	}, testseed.Base)
}

func TestEveryOfficeOfTheBaseDataLiesInADistrict(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		var orgs []struct {
			Code, Area string
			Kind       models.Kind
		}
		err := db.Read(t.Context()).Table("organisations AS o").Joins("LEFT JOIN organisations a ON a.id = o.area_id").Select("o.code, o.kind, COALESCE(a.code, '') AS area").Scan(&orgs).Error
		if err != nil {
			t.Fatal(err)
		}
		area := map[string]string{}
		for _, o := range orgs {
			area[o.Code] = o.Area
			if o.Kind.IsTotal() == strings.HasPrefix(o.Area, "H-") {
				t.Errorf("%s, a %s, lies in %q", o.Code, o.Kind, o.Area)
			}
		}
		for code, want := range map[string]string{"X-TANGIANG": "H-CAOBANG", "X-COCPANG": "H-BAOLAC", "UBND-HALANG": "H-HALANG", "SO-YT": "H-CAOBANG", "BAO-CB": "H-CAOBANG"} {
			if area[code] != want {
				t.Errorf("%s lies in %s, want %s", code, area[code], want)
			}
		}
	}, testseed.Base)
}
