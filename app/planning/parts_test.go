package planning_test

import (
	"bytes"
	"context"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/ledger"
	"taphuan/app/plan"
	"taphuan/app/planning"
	"taphuan/app/roster"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

func TestOfAGroupThatIsTakenAwayAndAHeadcountOfItInTheSameInstantOneIsRefused(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		s := &planning.Service{DB: db, Coverage: &coverage.Service{DB: db}, Wake: func() {}}
		now := func() *plan.Plan {
			t.Helper()
			if _, err := ledger.Ensure(ctx, db); err != nil {
				t.Fatal(err)
			}
			p, err := plan.Current(ctx, db.Read(ctx), models.DayOf(db.Time()))
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		p := now()
		if err := s.Save(ctx, access.System(), p.Code, planning.Input{Version: p.Version, Parts: planning.Parts{
			Group: planning.NewGroup{Code: "BCV", NameVi: "Báo cáo viên", Short: "Báo cáo viên", Percent: "80", Like: "QCN"}}}); err != nil {
			t.Fatal(err)
		}
		p = now()
		drop := func(ctx context.Context) error {
			return s.Save(ctx, access.System(), p.Code, planning.Input{Version: p.Version, Parts: planning.Parts{DropGroup: "BCV"}})
		}
		loose := func(g *gorm.DB) bool { // it has been seen that nothing hangs on the group
			_, ok := g.Statement.Model.(*models.Proposal)
			return ok
		}
		n := 3
		dropped, declared := between(t, db, drop, loose, func() error {
			return (&roster.Service{DB: db}).DeclareHeadcount(ctx, access.System(), roster.HeadcountInput{Organisation: "SO-NV", Group: "BCV", Effective: models.DayOf(db.Time()), Declared: &n})
		})
		p = now()
		if kept := p.GroupByCode("BCV") != nil; db.Dialect == store.MySQL && (declared != nil || !errs.Is(dropped, "plan_part_in_use") || !kept) ||
			db.Dialect == store.SQLite && (dropped != nil || !errs.Is(declared, "unknown_target_group") || kept) {
			t.Errorf("taken away: %v, declared: %v, the group is there: %v", dropped, declared, kept)
		}
		if differences, rows, err := ledger.Check(ctx, db); err != nil || len(differences) > 0 || rows == 0 {
			t.Errorf("%d of %d rows of the ledger differ: %v", len(differences), rows, err)
		}
	}, testseed.Base)
}

func TestOfAGroupThatIsTakenAwayAndAnImportThatNamesItInTheSameInstantOneIsRefusedInWords(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		keys, err := secret.New(make([]byte, 32))
		if err != nil {
			t.Fatal(err)
		}
		s := &planning.Service{DB: db, Coverage: &coverage.Service{DB: db}, Wake: func() {}}
		p, err := plan.Current(ctx, db.Read(ctx), models.DayOf(db.Time()))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Save(ctx, access.System(), p.Code, planning.Input{Version: p.Version, Parts: planning.Parts{
			Group: planning.NewGroup{Code: "BCV", NameVi: "Báo cáo viên", Short: "Báo cáo viên", Percent: "80", Like: "QCN"}}}); err != nil {
			t.Fatal(err)
		}
		file := excelize.NewFile()
		for i, row := range [][]any{{"TT", "Họ và tên", "Năm sinh", "Chức danh", "Đơn vị", "Đối tượng"}, {1, "Lý Thị Một", "1980", "Chuyên viên", "Sở Nội vụ", "BCV"}} {
			if err := file.SetSheetRow("Sheet1", "A"+strconv.Itoa(i+1), &row); err != nil {
				t.Fatal(err)
			}
		}
		var list bytes.Buffer
		if _, err := file.WriteTo(&list); err != nil {
			t.Fatal(err)
		}
		imports := func(ctx context.Context) error {
			_, err := (&roster.Service{DB: db, Keys: keys}).ImportFile(ctx, store.By{}, list.Bytes(), models.MustDay("2026-01-01"), false, nil)
			return err
		}
		seen := func(g *gorm.DB) bool { // the import has seen, in its transaction, that the groups are there
			_, tx := g.Statement.ConnPool.(gorm.TxCommitter)
			_, orgs := g.Statement.Dest.(*[]models.Organisation)
			return tx && orgs
		}
		imported, dropped := between(t, db, imports, seen, func() error {
			return s.Save(ctx, access.System(), p.Code, planning.Input{Version: p.Version + 1, Parts: planning.Parts{DropGroup: "BCV"}})
		})
		var postings int64
		if err := db.Read(ctx).Model(&models.Posting{}).Count(&postings).Error; err != nil {
			t.Fatal(err)
		}
		if db.Dialect == store.MySQL && (dropped != nil || !errs.Is(imported, "import_group_gone") || postings != 0) ||
			db.Dialect == store.SQLite && (imported != nil || !errs.Is(dropped, "plan_part_in_use") || postings != 1) {
			t.Errorf("taken away: %v, imported: %v, %d postings", dropped, imported, postings)
		}
	}, testseed.Base)
}

// plans is a service, with the plan of the base data.
type plans struct {
	*testing.T
	*planning.Service
	code string
}

func newPlans(t *testing.T, db *store.DB) *plans {
	t.Helper()
	s := &planning.Service{DB: db, Coverage: &coverage.Service{DB: db}, Wake: func() {}}
	p, err := plan.Current(t.Context(), db.Read(t.Context()), models.DayOf(db.Time()))
	if err != nil {
		t.Fatal(err)
	}
	return &plans{t, s, p.Code}
}

// now reads the plan.
func (s *plans) now() *plan.Plan {
	s.Helper()
	var row models.Plan
	if err := s.DB.Read(s.Context()).Take(&row, "code = ?", s.code).Error; err != nil {
		s.Fatal(err)
	}
	p, err := plan.OfID(s.Context(), s.DB.Read(s.Context()), row.ID)
	if err != nil {
		s.Fatal(err)
	}
	return p
}

// save changes the plan as it is now.
func (s *plans) save(in planning.Input) error {
	s.Helper()
	in.Version = s.now().Version
	return s.Save(s.Context(), access.System(), s.code, in)
}

func TestNamesOfAGroupChangeTheWordingAloneAndTheFormerOnesStayItsAliases(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := newPlans(t, db)
		if _, err := ledger.Ensure(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		before := s.now()
		was := *before.GroupByCode("TTTT")
		name := func(of, lang string) planning.Name { return planning.Name{Of: of, Code: "TTTT", Lang: lang} }
		if err := s.save(planning.Input{Names: map[planning.Name]string{name("group", "vi"): "Cán bộ  chuyển đổi số", name("group", "en"): "Digital staff", name("short", "vi"): "Số hóa", name("short", "en"): "Digital",
			name("aliases", ""): " CĐS \r\n\r\nCĐS\nTT&TT\n"}}); err != nil {
			t.Fatal(err)
		}
		p := s.now()
		g := p.GroupByCode("TTTT")
		if g.NameVi != "Cán bộ chuyển đổi số" || g.NameEn != "Digital staff" || g.ShortVi != "Số hóa" || g.ShortEn != "Digital" {
			t.Errorf("%+v", g)
		}
		if g.Aliases != "CĐS\nTT&TT" { // the former names say what TT&TT says
			t.Errorf("aliases %q", g.Aliases)
		}
		if g.ID != was.ID || g.TargetPercent != was.TargetPercent || g.Position != was.Position || p.Version != before.Version+1 {
			t.Errorf("more than the wording changed: %+v, version %d", g, p.Version)
		}
		if kept, err := ledger.Kept(db.Read(t.Context()), p); err != nil || !kept {
			t.Errorf("the ledger was let go of: %v", err)
		}
		if err := s.save(planning.Input{Names: map[planning.Name]string{name("group", "vi"): "Cán bộ làm chính quyền số", name("short", "vi"): "Chính quyền số"}}); err != nil {
			t.Fatal(err)
		}
		if g := s.now().GroupByCode("TTTT"); g.Aliases != "CĐS\nTT&TT\nCán bộ chuyển đổi số\nSố hóa" {
			t.Errorf("former names are no aliases: %q", g.Aliases)
		}
		var detail string
		if err := db.Read(t.Context()).Model(&models.AuditEntry{}).Where("action = 'plan.change'").Order("id DESC").Limit(1).Pluck("detail", &detail).Error; err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(detail, "Số hóa → Chính quyền số") || !strings.Contains(detail, "CĐS; TT") {
			t.Errorf("the audit says %s", detail)
		}
	}, testseed.Base)
}

func TestANameByWhichAnImportCouldNotTellTwoGroupsIsRefusedAtItsField(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := newPlans(t, db)
		many := strings.Repeat("x", 301)
		var lines []string
		for i := range 51 {
			lines = append(lines, "Cách ghi "+strings.Repeat("a", i+1))
		}
		before := s.now()
		for _, x := range []struct {
			of, lang, typed, code string
		}{
			{"group", "vi", " ", "required"}, {"short", "vi", "", "required"}, {"group", "vi", many, "too_long"}, {"group", "en", many, "too_long"}, {"short", "vi", many[:121], "too_long"}, {"aliases", "", "Một\n" + many, "too_long"},
			{"aliases", "", strings.Join(lines, "\n"), "plan_aliases_many"},
			{"group", "vi", before.GroupByCode("TTDN").NameVi, "plan_group_name_taken"},
			{"short", "vi", "cb lam cong tac quyen con nguoi", "plan_group_name_taken"}, // without tones, and as offices write it
			{"group", "en", "human rights", "plan_group_name_taken"},
			{"aliases", "", "CT-XH\nNhân quyền", "plan_group_name_taken"},
			{"short", "vi", "TTĐN", "plan_group_name_taken"},  // the code of another
			{"aliases", "", "Q-C.N", "plan_group_name_taken"}, // which is read as that code, too
		} {
			n := planning.Name{Of: x.of, Code: "CTXH", Lang: x.lang}
			err := s.save(planning.Input{Names: map[planning.Name]string{n: x.typed}})
			if e := errs.As(err); e == nil || len(e.Fields) != 1 || e.Fields[0].Code != x.code || e.Fields[0].Name != n.Field() {
				t.Errorf("%s %.40q: %v, want %s", n.Field(), x.typed, err, x.code)
			}
		}
		if err := s.save(planning.Input{Names: map[planning.Name]string{{Of: "group", Code: "KHONG-CO", Lang: "vi"}: "X"}}); !errs.Is(err, "not_found") {
			t.Errorf("a group that there is not: %v", err)
		}
		if err := s.save(planning.Input{Names: map[planning.Name]string{{Of: "group", Code: "QCN", Lang: "vi"}: "Cùng tên", {Of: "group", Code: "TTDN", Lang: "vi"}: "Cùng tên"}}); errs.As(err) == nil || len(errs.As(err).Fields) != 2 {
			t.Errorf("two groups of one new name: %v", err)
		}
		if err := s.Save(t.Context(), access.System(), s.code, planning.Input{Version: before.Version + 1, Names: map[planning.Name]string{{Of: "group", Code: "QCN", Lang: "vi"}: "X"}}); !errs.Is(err, "plan_changed") {
			t.Errorf("of another version: %v", err)
		}
		if p := s.now(); p.Version != before.Version || !slices.Equal(p.Groups, before.Groups) {
			t.Errorf("something refused was written: %+v", p.Groups)
		}
	}, testseed.Base)
}

func TestAGroupThatIsLikeNoOtherSaysItsLevelsItselfSoThatAPlanGetsItsFirst(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := newPlans(t, db)
		base := s.now()
		if _, err := s.Copy(t.Context(), access.System(), planning.CopyInput{From: base.Code, Code: "MOI", NameVi: "Kế hoạch mới", Root: base.Root.Code, First: base.FromDay, Last: base.ToDay - 1}); err != nil {
			t.Fatal(err)
		}
		s.code = "MOI"
		for _, g := range base.Groups { // the last one too
			if err := s.save(planning.Input{Parts: planning.Parts{DropGroup: g.Code}}); err != nil {
				t.Fatal(g.Code, err)
			}
		}
		first := planning.NewGroup{Code: "BCV", NameVi: "Báo cáo viên", Short: "Báo cáo viên", Percent: "80"}
		with := func(change func(*planning.NewGroup)) planning.Input {
			g := first
			change(&g)
			return planning.Input{Parts: planning.Parts{Group: g}}
		}
		for field, change := range map[string]func(*planning.NewGroup){
			"new_group_levels:plan_group_levels": func(g *planning.NewGroup) { g.Expected = true },
			"new_group_levels:choice":            func(g *planning.NewGroup) { g.Levels = []string{"commune", "country"} },
			"new_group_like:choice":              func(g *planning.NewGroup) { g.Like = "QCN" },
		} {
			if err := s.save(with(change)); errs.As(err) == nil || len(errs.As(err).Fields) != 1 || errs.As(err).Fields[0].Name+":"+errs.As(err).Fields[0].Code != field {
				t.Errorf("%v, want %s", err, field)
			}
		}
		if err := s.save(with(func(g *planning.NewGroup) { g.Levels = []string{"province", "commune", "commune"}; g.Expected = true })); err != nil {
			t.Fatal(err)
		}
		p := s.now()
		day := models.DayOf(db.Time())
		for level, want := range map[models.Level]bool{models.LevelProvince: true, models.LevelDistrict: false, models.LevelCommune: true} {
			o := models.Organisation{Kind: models.KindPressAgency, Level: level}
			if g := p.Groups[0]; len(p.Groups) != 1 || p.GroupAllowed(g.ID, level, day) != want || p.GroupAllowed(g.ID, level, models.MustDay("2010-01-01")) != want || p.Expects(o, g.ID, day) != want {
				t.Errorf("at the level %s: not %v", level, want)
			}
		}
		if p.Expects(models.Organisation{Kind: models.KindDistrict, Level: models.LevelCommune}, p.Groups[0].ID, day) {
			t.Error("a node for totals is to declare")
		}
		second := with(func(g *planning.NewGroup) {
			g.Code, g.NameVi, g.Short, g.Levels = "CTV", "Cộng tác viên", "Cộng tác viên", []string{"commune"}
		})
		if err := s.save(planning.Input{Parts: planning.Parts{Group: func() planning.NewGroup { g := second.Group; g.Like = "BCV"; return g }()}}); !errs.Is(err, "plan_group_levels") {
			t.Errorf("levels beside a group that it is like: %v", err)
		}
		if err := s.save(second); err != nil {
			t.Fatal(err)
		}
		p = s.now()
		if g := p.GroupByCode("CTV"); p.GroupAllowed(g.ID, models.LevelProvince, day) || p.Expects(models.Organisation{Kind: models.KindStateAgency, Level: models.LevelCommune}, g.ID, day) {
			t.Error("what was not said holds")
		}
		if _, err := ledger.Ensure(t.Context(), db); err != nil {
			t.Fatal(err)
		}
		if differences, rows, err := ledger.Check(t.Context(), db); err != nil || len(differences) > 0 || rows == 0 {
			t.Errorf("%d of %d rows of the ledger differ: %v", len(differences), rows, err)
		}
	}, testseed.Base)
}
