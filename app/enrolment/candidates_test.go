package enrolment_test

import (
	"slices"
	"strings"
	"testing"

	"taphuan/app/access"
	"taphuan/app/enrolment"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

func names(rows []enrolment.Candidate) []string {
	out := make([]string, len(rows))
	for i, r := range rows {
		out[i] = r.Name
	}
	return out
}

func (w *world) found(c models.Course, f enrolment.Filter) *enrolment.CandidateList {
	w.t.Helper()
	l, err := w.Candidates(ctx, access.System(), c.ID, f)
	must(w.t, err)
	return l
}

func (w *world) finds(c models.Course, f enrolment.Filter, want ...string) {
	w.t.Helper()
	l := w.found(c, f)
	if got := names(l.Rows); !slices.Equal(got, want) || l.Total != len(want) {
		w.t.Errorf("%+v finds %v (%d), want %v", f, got, l.Total, want)
	}
}

func TestNamesAreFoundWithoutAccentsByBeginningsInAnyOrderAndSortedByGivenName(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.course(10)
		for _, n := range []string{"Nguyễn Văn Đạt", "Đàm Thị Nguyệt", "Nguyễn Thị Ánh", "Nguyễn Văn An", "Hoàng Văn Ân", "Trần Nguyên Bảo", "Ksor H'Bia", "100% Thử_Nghiệm"} {
			w.cadre(n, "SO-TP")
		}
		w.finds(c, enrolment.Filter{Text: "nguyen"}, "Nguyễn Văn An", "Nguyễn Thị Ánh", "Trần Nguyên Bảo", "Nguyễn Văn Đạt")
		w.finds(c, enrolment.Filter{Text: "d"}, "Nguyễn Văn Đạt", "Đàm Thị Nguyệt")
		w.finds(c, enrolment.Filter{Text: "đ"}, "Nguyễn Văn Đạt", "Đàm Thị Nguyệt")
		w.finds(c, enrolment.Filter{Text: "  AN   nguy "}, "Nguyễn Văn An", "Nguyễn Thị Ánh")
		w.finds(c, enrolment.Filter{Text: "Nguyễn"}, "Nguyễn Văn An", "Nguyễn Thị Ánh", "Trần Nguyên Bảo", "Nguyễn Văn Đạt")
		w.finds(c, enrolment.Filter{Text: "h'b"}, "Ksor H'Bia")
		w.finds(c, enrolment.Filter{Text: "guyen"})
		w.finds(c, enrolment.Filter{Text: `x' OR '1'='1`})
		w.finds(c, enrolment.Filter{Text: `ngu_en`})
		w.finds(c, enrolment.Filter{Text: strings.Repeat("nguyen ", 500) + "dat"}, "Nguyễn Văn An", "Nguyễn Thị Ánh", "Trần Nguyên Bảo", "Nguyễn Văn Đạt")
	})
}

func TestTheRosterIsThatOfTheFirstDayAndWithoutThoseInTheCourse(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.course(10) // on 2026-12-01; today is 2026-11-24
		org := w.orgs["SO-TP"].ID
		w.posted(models.Cadre{FullName: "Lê Sắp Đi"}, models.Posting{OrganisationID: org, Title: "A", Main: true, ToDay: models.MustDay("2026-12-01")})
		w.posted(models.Cadre{FullName: "Lê Sắp Đến"}, models.Posting{OrganisationID: org, Title: "B", Main: true, FromDay: models.MustDay("2026-12-01")})
		w.posted(models.Cadre{FullName: "Lê Kiêm Nhiệm"}, models.Posting{OrganisationID: org, Title: "C", Main: false})
		w.cadre("Lê Ở Mục Cộng", "CB-QLNN")
		w.cadre("Lê Cơ Quan Cũ", "SO-TTTT")
		in := w.cadre("Lê Đã Vào", "SO-TP")
		out := w.cadre("Lê Đã Rút", "SO-TP")
		_, err := w.Enrol(ctx, access.System(), c.ID, []uint64{in, out})
		must(t, err)
		_, err = w.Withdraw(ctx, access.System(), w.enrolment(c, out).ID, "Bận")
		must(t, err)
		w.finds(c, enrolment.Filter{}, "Lê Sắp Đến", "Lê Đã Rút")
		l := w.found(c, enrolment.Filter{})
		if r := l.Rows[1]; r.Was != models.EnrolmentWithdrawn || r.Reason != "Bận" || l.Suggested != 1 || l.Day != c.FirstDay {
			t.Errorf("%+v, suggested %d", r, l.Suggested)
		}
		// Who has withdrawn comes back by name only, not with everybody found.
		r, err := w.EnrolFound(ctx, access.System(), c.ID, enrolment.Filter{}, 0)
		must(t, err)
		if r.Enrolled != 1 || w.enrolment(c, out).State != models.EnrolmentWithdrawn {
			t.Errorf("%+v", r)
		}
	})
}

func TestTheGapIsWhatTheCoursesTypeBringsAndTheCadreLacks(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		both := w.course(10, "QCN")
		seminar := w.course(10, "QCN")
		w.set(seminar, map[string]any{"course_type_id": w.id(&models.CourseType{}, "seminar")}) // update only
		w.cadre("Nông Chưa Gì", "SO-TP", "QCN")
		half := w.cadre("Nông Một Nửa", "SO-TP", "QCN")
		w.completed(half, "2025-01-01", models.ComponentUpdate)
		full := w.cadre("Nông Đủ", "SO-TP", "QCN")
		w.completed(full, "2025-01-01", models.ComponentUpdate, models.ComponentTraining)
		old := w.cadre("Nông Trước Kế Hoạch", "SO-TP", "QCN")
		w.completed(old, "2022-12-31", models.ComponentUpdate, models.ComponentTraining)
		later := w.cadre("Nông Về Sau", "SO-TP", "QCN")
		w.completed(later, "2026-12-02", models.ComponentUpdate, models.ComponentTraining)
		void := w.cadre("Nông Bị Hủy", "SO-TP", "QCN")
		w.completed(void, "2025-01-01", models.ComponentUpdate, models.ComponentTraining)
		w.write(func(tx *store.Tx) error {
			return tx.Model(&models.Completion{}).Where("cadre_id = ?", void).Update("voided_at", tx.Now).Error
		})
		w.cadre("Nông Nhóm Khác", "SO-TP", "TTTT")
		gap := enrolment.Filter{Group: enrolment.CourseGroups, Lacking: true}
		w.finds(both, gap, "Nông Chưa Gì", "Nông Trước Kế Hoạch", "Nông Bị Hủy", "Nông Một Nửa", "Nông Về Sau")
		w.finds(seminar, gap, "Nông Chưa Gì", "Nông Trước Kế Hoạch", "Nông Bị Hủy", "Nông Về Sau")
		gap.Component = models.ComponentUpdate
		w.finds(both, gap, "Nông Chưa Gì", "Nông Trước Kế Hoạch", "Nông Bị Hủy", "Nông Về Sau")
		gap.Component = models.ComponentTraining
		if _, err := w.Candidates(ctx, access.System(), seminar.ID, gap); err == nil {
			t.Error("a component that the course does not bring was searched for")
		}
		l := w.found(both, enrolment.Filter{Text: "nua"})
		if r := l.Rows[0]; !slices.Equal(r.Lacks, []models.Component{models.ComponentTraining}) || !slices.Equal(r.Groups, []string{"QCN"}) {
			t.Errorf("%+v", r)
		}
		w.finds(both, enrolment.Filter{Group: "TTTT"}, "Nông Nhóm Khác")
		r, err := w.EnrolFound(ctx, access.System(), both.ID, enrolment.Filter{Group: enrolment.CourseGroups, Lacking: true}, 0)
		must(t, err)
		if r.Enrolled != 5 {
			t.Errorf("%+v", r)
		}
	})
}

func TestGroupsOfConcurrentPostingsCountAndOrganisationsHoldTheirSubtree(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.course(10, "QCN")
		k := w.cadre("Hà Kiêm Nhiệm", "SO-TP", "TTTT")
		w.posted(models.Cadre{ID: k}, models.Posting{OrganisationID: w.orgs["SO-NV"].ID, Title: "Kiêm nhiệm"}, "QCN")
		w.cadre("Hà Báo Chí", "BTGDV", "QCN")
		w.finds(c, enrolment.Filter{Group: "QCN"}, "Hà Báo Chí", "Hà Kiêm Nhiệm")
		w.finds(c, enrolment.Filter{Group: "QCN", Organisation: "CB-QLNN"}, "Hà Kiêm Nhiệm")
		w.finds(c, enrolment.Filter{Organisation: "SO-NV"})
		for _, f := range []enrolment.Filter{{Organisation: "NO-SUCH"}, {Group: "NO-SUCH"}, {Lacking: true, Component: "no_such"}} {
			_, err := w.Candidates(ctx, access.System(), c.ID, f)
			refused(t, err, "not_found")
		}
	})
}

func TestWhoIsOnLeaveStandsApartAndIsEnrolledByNameOnly(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.course(10)
		away := w.cadre("Lý Đang Nghỉ", "SO-TP")
		w.cadre("Lý Đi Làm", "SO-TP")
		back := w.cadre("Lý Về Rồi", "SO-TP")
		w.write(func(tx *store.Tx) error {
			for cadre, to := range map[uint64]string{away: "2027-01-01", back: "2026-12-01"} {
				var p models.Posting
				if err := tx.Where("cadre_id = ?", cadre).Take(&p).Error; err != nil {
					return err
				}
				if err := tx.Create(&models.Leave{PostingID: p.ID, Kind: models.LeaveMaternity, FromDay: models.MustDay("2026-09-01"), ToDay: models.MustDay(to)}).Error; err != nil {
					return err
				}
			}
			return nil
		})
		for _, f := range []enrolment.Filter{{}, {Lacking: true}} {
			w.finds(c, f, "Lý Đi Làm", "Lý Về Rồi")
			l := w.found(c, f)
			if l.OnLeaveTotal != 1 || len(l.OnLeave) != 1 || l.OnLeave[0].Name != "Lý Đang Nghỉ" || l.OnLeave[0].Leave != models.LeaveMaternity {
				t.Errorf("on leave: %+v", l.OnLeave)
			}
		}
		r, err := w.EnrolFound(ctx, access.System(), c.ID, enrolment.Filter{}, 0)
		must(t, err)
		if r.Enrolled != 2 {
			t.Errorf("%+v", r)
		}
		r, err = w.Enrol(ctx, access.System(), c.ID, []uint64{away})
		must(t, err)
		if r.Enrolled != 1 {
			t.Errorf("%+v", r)
		}
	})
}

func TestListsTakeAsManyStatementsForThreeHundredAsForThree(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		small, large, empty := w.course(2, "QCN"), w.course(200, "QCN"), w.course(10, "QCN")
		head := w.head("CB")
		k := w.cadres(300, "SO-TP", "QCN")
		few := w.cadres(3, "SO-NV", "QCN")
		for c, ids := range map[*models.Course][]uint64{&small: few, &large: k} {
			_, err := w.Enrol(ctx, access.System(), c.ID, ids)
			must(t, err)
			_, err = w.Nominate(ctx, head, c.ID, append(slices.Clone(few), k...))
			must(t, err)
		}
		cadre := access.Actor{By: store.By{AccountID: head.AccountID}, CadreID: few[0], Grants: []access.Grant{{Role: models.RoleCadre}}}
		count := func(f func() error) int {
			n := testdb.CountQueries(w.DB, func() { must(t, f()) })
			if n == 0 || n > 24 {
				t.Errorf("%d statements", n)
			}
			return n
		}
		for name, ask := range map[string]func(c models.Course, code string) error{
			"candidates": func(_ models.Course, code string) error {
				_, err := w.Candidates(ctx, access.System(), empty.ID, enrolment.Filter{Organisation: code, Group: enrolment.CourseGroups, Lacking: true})
				return err
			},
			"list": func(c models.Course, _ string) error {
				_, err := w.List(ctx, access.System(), c.ID, enrolment.ListFilter{State: models.EnrolmentWaiting})
				return err
			},
			"nominations": func(c models.Course, _ string) error {
				_, err := w.Nominations(ctx, access.System(), enrolment.NominationFilter{CourseID: c.ID})
				return err
			},
			"own nominations": func(c models.Course, _ string) error {
				_, err := w.Nominations(ctx, head, enrolment.NominationFilter{CourseID: c.ID})
				return err
			},
			"own": func(models.Course, string) error {
				_, err := w.OwnCourses(ctx, cadre)
				return err
			},
		} {
			if a, b := count(func() error { return ask(small, "SO-NV") }), count(func() error { return ask(large, "SO-TP") }); a != b {
				t.Errorf("%s: %d statements for a few, %d for many", name, a, b)
			}
		}
		// Writing, too: one more statement a batch of 500 at most.
		fresh := w.course(100)
		a := testdb.CountQueries(w.DB, func() {
			_, err := w.Enrol(ctx, access.System(), fresh.ID, k[:3])
			must(t, err)
		})
		b := testdb.CountQueries(w.DB, func() {
			_, err := w.Enrol(ctx, access.System(), fresh.ID, k[3:])
			must(t, err)
		})
		if b > a+1 {
			t.Errorf("enrolling takes %d statements for 3 and %d for 297", a, b)
		}
	})
}
