package roster_test

import (
	"context"
	"sync"
	"testing"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/app/planning"
	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

// regroup changes which groups the plan that the context means has.
func (o *office) regroup(ctx context.Context, parts planning.Parts) {
	o.t.Helper()
	s := &planning.Service{DB: o.db, Coverage: &coverage.Service{DB: o.db}, Wake: func() {}}
	p := o.plan(ctx)
	if err := s.Save(ctx, access.System(), p.Code, planning.Input{Version: p.Version, Parts: parts}); err != nil {
		o.t.Fatal(err)
	}
	o.noLedger()
}

// noLedger takes away the jobs that build ledgers: they are not those of rosters.
func (o *office) noLedger() {
	o.t.Helper()
	if _, err := o.db.Write(o.t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
		return 0, tx.Where("kind = ?", planning.JobLedger).Delete(&models.Job{}).Error
	}); err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) plan(ctx context.Context) *plan.Plan {
	o.t.Helper()
	p, err := plan.Current(ctx, o.db.Read(ctx), models.DayOf(o.db.Time()))
	if err != nil {
		o.t.Fatal(err)
	}
	return p
}

var speakers = planning.Parts{Group: planning.NewGroup{Code: "BCV", NameVi: "Báo cáo viên pháp luật", Short: "Báo cáo viên", NameEn: "Speakers on law", Percent: "80", Like: "QCN"}}

// written counts what an import may write.
func (o *office) written() int64 {
	return o.count(&models.Cadre{}) + o.count(&models.Posting{}) + o.count(&models.PostingGroup{})
}

func TestAnImportThatNamesAGroupWhichIsTakenAwayBeforeItIsWrittenIsRefusedAsAWhole(t *testing.T) {
	t.Parallel()
	for name, whileWritten := range map[string]bool{"before the yes": false, "while it is written": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			testdb.Each(t, func(t *testing.T, db *store.DB) {
				ctx := t.Context()
				o := newOffice(t, db)
				o.regroup(ctx, speakers)
				list := listOf(t, [4]string{"Lý Thị Một", "1980", "Sở Nội vụ", "Báo cáo viên pháp luật"}, [4]string{"Lò Văn Hai", "1981", "Sở Nội vụ", "QCN"})
				id := o.read(list, "2026-01-01", false)
				if h := o.is(id, models.ImportRead).Head; h.Accepted != 2 || len(h.Groups) != 2 {
					t.Fatalf("%+v", h)
				}
				drop := sync.OnceFunc(func() { o.regroup(ctx, planning.Parts{DropGroup: "BCV"}) })
				if !whileWritten {
					drop()
				}
				if err := o.s.Confirm(ctx, o.by, id, nil); err != nil {
					t.Fatal(err)
				}
				j, err := o.r.Get(ctx, *o.is(id, models.ImportWriting).JobID)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := o.s.Kinds()[roster.JobWriteImport](ctx, j, func(int, int) { drop() }); err != nil {
					t.Fatal(err)
				}
				im := o.is(id, models.ImportRefused)
				if im.ErrorCode != "import_group_gone" || im.Head == nil || roster.GroupNames("vi", im.Head.Groups) != "Báo cáo viên pháp luật" || roster.GroupNames("en", im.Head.Groups) != "Speakers on law" {
					t.Errorf("%s, %+v", im.ErrorCode, im.Head)
				}
				var kept int64
				if err := db.Read(ctx).Model(&models.RosterImport{}).Where("length(file) > 0").Count(&kept).Error; err != nil {
					t.Fatal(err)
				}
				if n := o.written(); n+kept+o.count(&models.RosterImportPage{}) != 0 {
					t.Errorf("%d rows of a refused import were written, or its file or rows are kept", n)
				}
				if err := o.s.Confirm(ctx, o.by, id, nil); !errs.Is(err, "import_not_ready") {
					t.Errorf("confirmed again: %v", err)
				}
				id = o.read(list, "2026-01-01", false) // by the groups that are there
				if h := o.is(id, models.ImportRead).Head; h.Accepted != 1 || h.Refused != 1 {
					t.Errorf("read anew: %+v", h)
				}
			}, based)
		})
	}
}

func TestAListOfTheCommandLineThatNamesAGroupWhichIsTakenAwayMeanwhileIsRefusedWithItsName(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		o := newOffice(t, db)
		o.regroup(t.Context(), speakers)
		drop := sync.OnceFunc(func() { o.regroup(t.Context(), planning.Parts{DropGroup: "BCV"}) })
		_, err := o.s.ImportFile(t.Context(), store.By{}, listOf(t, [4]string{"Lý Thị Một", "1980", "Sở Nội vụ", "BCV"}), models.MustDay("2026-01-01"), false, func(int, int) { drop() })
		if e := errs.As(err); e == nil || e.Code != "import_group_gone" || e.Kind != errs.KindConflict || e.Params["names"] != "Báo cáo viên pháp luật" {
			t.Errorf("%v", err)
		}
		if n := o.written(); n != 0 {
			t.Errorf("%d rows were written", n)
		}
	}, based)
}

func TestAnImportIsWrittenInThePlanInWhichItWasReadOrNotAtAll(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		o := newOffice(t, db)
		base := o.plan(ctx)
		s := &planning.Service{DB: db, Coverage: &coverage.Service{DB: db}, Wake: func() {}}
		second := func(code string) context.Context {
			t.Helper()
			id, err := s.Copy(ctx, access.System(), planning.CopyInput{From: base.Code, Code: code, NameVi: "Kế hoạch thứ hai", Root: base.Root.Code, First: base.FromDay, Last: base.ToDay - 1})
			if err != nil {
				t.Fatal(err)
			}
			return plan.Choose(ctx, id)
		}
		read := func(ctx context.Context, name string) uint64 {
			t.Helper()
			id, err := o.s.Upload(ctx, o.by, roster.UploadInput{Name: "danh-sach.xlsx", File: listOf(t, [4]string{name, "1980", "Sở Nội vụ", "QCN"}), Effective: models.MustDay("2026-01-01")})
			if err != nil {
				t.Fatal(err)
			}
			o.noLedger()
			o.runAll()
			o.is(id, models.ImportRead)
			return id
		}
		other := second("HAI")
		id := read(other, "Lý Thị Một")
		if err := o.s.Confirm(plan.Choose(ctx, base.ID), o.by, id, nil); err != nil { // another plan was chosen meanwhile
			t.Fatal(err)
		}
		o.runAll()
		o.is(id, models.ImportWritten)
		var groups []uint64
		if err := db.Read(ctx).Model(&models.PostingGroup{}).Pluck("group_id", &groups).Error; err != nil {
			t.Fatal(err)
		}
		if want := o.plan(other).GroupByCode("QCN").ID; len(groups) != 1 || groups[0] != want {
			t.Errorf("groups %v, want that of the plan in which it was read: %d", groups, want)
		}

		third := second("BA")
		id = read(third, "Lò Văn Hai")
		before := o.written()
		if err := s.Delete(ctx, access.System(), "BA", o.plan(third).Version); err != nil {
			t.Fatal(err)
		}
		if err := o.s.Confirm(plan.Choose(ctx, base.ID), o.by, id, nil); err != nil {
			t.Fatal(err)
		}
		o.runAll()
		if im := o.is(id, models.ImportRefused); im.ErrorCode != "import_plan_gone" || o.written() != before {
			t.Errorf("%s, %d rows were written", im.ErrorCode, o.written()-before)
		}
	}, based)
}
