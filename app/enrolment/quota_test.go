package enrolment_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"taphuan/app/access"
	"taphuan/app/enrolment"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

func (w *world) quotas(c models.Course, in enrolment.QuotaInput) error {
	w.t.Helper()
	var now models.Course
	must(w.t, w.DB.Read(ctx).Take(&now, c.ID).Error)
	in.Version = now.Version
	return w.SetQuotas(ctx, access.System(), c.ID, in)
}

func TestHeadsNominateWithinTheDeadline(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.course(10) // on 2026-12-01; today is 2026-11-24
		k := w.cadres(2, "SO-TP")
		head := w.head("SO-TP")
		must(t, w.quotas(c, enrolment.QuotaInput{Deadline: models.MustDay("2026-11-24")}))
		_, err := w.Nominate(ctx, head, c.ID, k[:1])
		must(t, err) // the day itself still counts
		must(t, w.quotas(c, enrolment.QuotaInput{Deadline: models.MustDay("2026-11-23")}))
		_, err = w.Nominate(ctx, head, c.ID, k[1:])
		refused(t, err, "nomination_deadline_passed")
		_, err = w.NominateFound(ctx, head, c.ID, enrolment.Filter{}, 0)
		refused(t, err, "nomination_deadline_passed")
		// What was nominated can still be taken back, and coordinators enrol as ever.
		_, err = w.Withdraw(ctx, head, w.enrolment(c, k[0]).ID, "Bận")
		must(t, err)
		_, err = w.Enrol(ctx, access.System(), c.ID, k)
		must(t, err)
		refused(t, w.quotas(c, enrolment.QuotaInput{Deadline: c.FirstDay}), "nomination_deadline_late")
	})
}

func TestHeadsNominateWithinQuotas(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.course(20)
		tp, nv, party := w.cadres(5, "SO-TP"), w.cadres(3, "SO-NV"), w.cadres(3, "BTGDV")
		// The block has three in all, one department of it two; whoever is in no quota has one an office.
		one := 1
		must(t, w.quotas(c, enrolment.QuotaInput{Each: &one, Seats: map[string]int{"CB-QLNN": 3, "SO-TP": 2}}))
		justice, home, block := w.head("SO-TP"), w.head("SO-NV"), w.head("CB-QLNN")
		_, err := w.Nominate(ctx, justice, c.ID, tp[:3])
		refused(t, err, "nomination_quota_full")
		if p := errs.As(err).Params; p["seats"] != 2 || p["used"] != 0 || p["n"] != 3 || p["organisation"] != "Sở Tư pháp" {
			t.Errorf("%v", p)
		}
		if len(w.states(c)) != 0 {
			t.Error("something was written")
		}
		_, err = w.Nominate(ctx, justice, c.ID, tp[:2])
		must(t, err)
		if r, err := w.Nominate(ctx, justice, c.ID, tp[:2]); err != nil || r.Already != 2 { // nobody new
			t.Errorf("%+v %v", r, err)
		}
		_, err = w.Nominate(ctx, home, c.ID, nv[:2])
		refused(t, err, "nomination_quota_full") // the block has one left
		_, err = w.Nominate(ctx, home, c.ID, nv[:1])
		must(t, err)
		l, err := w.OwnCandidates(ctx, justice, c.ID, enrolment.Filter{})
		must(t, err)
		if q := l.Quotas; len(q) != 2 || q[0].Code != "CB-QLNN" || q[0].Left() != 0 || q[1].Code != "SO-TP" || q[1].Used != 2 {
			t.Errorf("justice sees %+v", q)
		}
		l, err = w.OwnCandidates(ctx, block, c.ID, enrolment.Filter{})
		must(t, err)
		if len(l.Quotas) != 2 {
			t.Errorf("the block sees %+v", l.Quotas)
		}
		// Who was refused, or taken back, gives the quota back; who was enrolled by a coordinator takes none.
		_, err = w.Refuse(ctx, access.System(), []uint64{w.enrolment(c, tp[0]).ID}, "Trùng")
		must(t, err)
		_, err = w.Enrol(ctx, access.System(), c.ID, tp[4:])
		must(t, err)
		_, err = w.Nominate(ctx, justice, c.ID, tp[2:3])
		must(t, err)
		_, err = w.Nominate(ctx, w.head("BTGDV"), c.ID, party[:2])
		refused(t, err, "nomination_quota_full")
		_, err = w.Nominate(ctx, w.head("BTGDV"), c.ID, party[:1])
		must(t, err)
		// A smaller quota lets stand what was nominated.
		must(t, w.quotas(c, enrolment.QuotaInput{Seats: map[string]int{"SO-TP": 0}}))
		if n := w.states(c)[models.EnrolmentNominated]; n != 4 {
			t.Errorf("%d nominated", n)
		}
		_, err = w.Nominate(ctx, justice, c.ID, tp[3:4])
		refused(t, err, "nomination_quota_full")
	})
}

func TestTwoHeadsAtOnceNeverExceedTheQuota(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.course(50)
		k := w.cadres(16, "SO-TP")
		must(t, w.quotas(c, enrolment.QuotaInput{Seats: map[string]int{"SO-TP": 5}}))
		heads := []access.Actor{w.head("SO-TP"), w.head("CB-QLNN")}
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				if _, err := w.Nominate(ctx, heads[i%2], c.ID, k[2*i:2*i+2]); err != nil && !errs.Is(err, "nomination_quota_full") {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := w.states(c)[models.EnrolmentNominated]; n != 4 { // twice two, and the fifth is no two
			t.Errorf("%d nominated", n)
		}
	})
}

func TestQuotasRefuseWhatTheyCannotBe(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.course(20)
		less := -1
		for _, x := range []struct {
			in    enrolment.QuotaInput
			field string
			code  string
		}{
			{enrolment.QuotaInput{Seats: map[string]int{"SO-TP": -1}}, "q_SO-TP", "number_least"},
			{enrolment.QuotaInput{Seats: map[string]int{"SO-TP": 2001}}, "q_SO-TP", "number_most"},
			{enrolment.QuotaInput{Seats: map[string]int{"NO-SUCH": 1}}, "q_NO-SUCH", "organisation_unknown"},
			{enrolment.QuotaInput{Each: &less}, "each", "number_least"},
		} {
			err := w.quotas(c, x.in)
			refused(t, err, x.code)
			if f := errs.As(err).Fields; len(f) != 1 || f[0].Name != x.field {
				t.Errorf("%+v: %v", x.in, f)
			}
		}
		refused(t, w.SetQuotas(ctx, access.System(), c.ID, enrolment.QuotaInput{Version: 77}), "course_changed")
		refused(t, w.SetQuotas(ctx, w.head("SO-TP"), c.ID, enrolment.QuotaInput{}), "not_found")
		w.set(c, map[string]any{"state": models.CourseRunning})
		refused(t, w.quotas(c, enrolment.QuotaInput{}), "nomination_closed")
		w.set(c, map[string]any{"state": models.CourseClosed})
		refused(t, w.quotas(c, enrolment.QuotaInput{}), "enrolment_closed")
	})
}

func TestSeatsAreSharedOutByWhoIsMissing(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		seats         int
		missing, want []int
	}{
		{10, []int{5, 3, 2}, []int{5, 3, 2}},
		{99, []int{5, 0, 2}, []int{5, 0, 2}}, // nobody gets more than are missing
		{5, []int{5, 3, 2}, []int{3, 1, 1}},  // 2.5, 1.5, 1: of equal fractions the first
		{3, []int{1, 1, 1, 1}, []int{1, 1, 1, 0}},
		{7, []int{100, 1}, []int{7, 0}},
		{0, []int{3}, []int{0}}, {-2, []int{3}, []int{0}}, {5, []int{0, 0}, []int{0, 0}}, {5, nil, []int{}},
	} {
		if got := enrolment.Distribute(x.seats, x.missing); !slices.Equal(got, x.want) {
			t.Errorf("%d over %v: %v, want %v", x.seats, x.missing, got, x.want)
		}
	}
}

func TestThePageOfQuotasShowsWhoIsMissingWhere(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.course(5, "QCN")
		tp := w.cadres(4, "SO-TP", "QCN")
		w.cadres(2, "SO-NV", "QCN")
		w.cadres(3, "SO-YT", "CTXH") // not aimed at
		_, err := w.Nominate(ctx, w.head("SO-TP"), c.ID, tp[:1])
		must(t, err)
		must(t, w.quotas(c, enrolment.QuotaInput{Seats: map[string]int{"SO-YT": 0}}))
		q, err := w.Quotas(ctx, access.System(), c.ID)
		must(t, err)
		var got []string
		for _, r := range q.Rows {
			share := "-"
			if r.Share != nil {
				share = strconv.Itoa(*r.Share)
			}
			got = append(got, fmt.Sprintf("%s %d %d %s", r.Code, r.Missing, r.Used, share))
		}
		// Four seats are free: of three missing in one and two in the other, 2.4 and 1.6.
		want := []string{"CB 5 1 -", "CB-QLNN 5 1 -", "SO-TP 3 1 3", "SO-NV 2 0 2", "SO-YT 0 0 -"}
		if !slices.Equal(got, want) || q.Free != 4 || q.Missing != 5 {
			t.Errorf("%v, free %d, missing %d", got, q.Free, q.Missing)
		}
		_, err = w.Quotas(ctx, w.head("SO-TP"), c.ID)
		refused(t, err, "not_found")
	})
}

func TestHeadsNominateOnlyWhomTheirQuotaCounts(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.course(20) // on 2026-12-01; today is 2026-11-24
		must(t, w.quotas(c, enrolment.QuotaInput{Seats: map[string]int{"SO-TP": 2, "SO-NV": 1}}))
		first := c.FirstDay
		tp, nv := w.orgs["SO-TP"].ID, w.orgs["SO-NV"].ID
		at := func(name string, ps ...models.Posting) uint64 {
			k := w.posted(models.Cadre{FullName: name}, ps[0])
			for _, p := range ps[1:] {
				w.posted(models.Cadre{ID: k}, p)
			}
			return k
		}
		leaver := at("Bế Thôi Việc", models.Posting{OrganisationID: tp, Main: true, ToDay: first})
		mover := at("Bế Chuyển Đi", models.Posting{OrganisationID: tp, Main: true, ToDay: first}, models.Posting{OrganisationID: nv, Main: true, FromDay: first})
		beside := at("Bế Kiêm Nhiệm", models.Posting{OrganisationID: nv, Main: true}, models.Posting{OrganisationID: tp})
		joiner := at("Bế Sắp Đến", models.Posting{OrganisationID: tp, Main: true, FromDay: first})
		stays := w.cadre("Bế Ở Lại", "SO-TP")
		justice, home := w.head("SO-TP"), w.head("SO-NV")
		for _, k := range []uint64{leaver, mover, beside} {
			_, err := w.Nominate(ctx, justice, c.ID, []uint64{stays, k})
			refused(t, err, "nomination_elsewhere")
			if p := errs.As(err).Params; p["n"] != 1 || p["day"] != first || p["name"] == "" {
				t.Errorf("%v", p)
			}
		}
		if len(w.states(c)) != 0 {
			t.Error("something was written")
		}
		l, err := w.OwnCandidates(ctx, justice, c.ID, enrolment.Filter{})
		must(t, err)
		if got := names(l.Rows); len(got) != 2 || !slices.Contains(got, "Bế Ở Lại") || !slices.Contains(got, "Bế Sắp Đến") {
			t.Errorf("the page offers %v", got)
		}
		_, err = w.Nominate(ctx, justice, c.ID, []uint64{stays, joiner})
		must(t, err)
		_, err = w.Nominate(ctx, home, c.ID, []uint64{mover, beside})
		refused(t, err, "nomination_quota_full")
		_, err = w.Nominate(ctx, home, c.ID, []uint64{mover})
		must(t, err)
		// Who was nominated before they left is no reason to refuse the others, and can be decided upon.
		w.write(func(tx *store.Tx) error {
			return tx.Model(&models.Posting{}).Where("cadre_id = ?", stays).Update("to_day", first).Error
		})
		if r, err := w.Nominate(ctx, justice, c.ID, []uint64{stays, joiner}); err != nil || r != (enrolment.Result{Already: 2}) {
			t.Errorf("%+v %v", r, err)
		}
		if r, err := w.Approve(ctx, access.System(), []uint64{w.enrolment(c, stays).ID}); err != nil || r.Enrolled != 1 {
			t.Errorf("%+v %v", r, err)
		}
	})
}

func TestAtOnceNobodyIsNominatedBesideTheQuota(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.course(50)
		must(t, w.quotas(c, enrolment.QuotaInput{Seats: map[string]int{"SO-TP": 3}}))
		own := w.cadres(8, "SO-TP")
		var leaving []uint64
		for range 4 {
			leaving = append(leaving, w.posted(models.Cadre{FullName: "Bế Thôi Việc"}, models.Posting{OrganisationID: w.orgs["SO-TP"].ID, Main: true, ToDay: c.FirstDay}))
		}
		head := w.head("SO-TP")
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				list := own[i : i+1]
				if i%2 == 1 {
					list = []uint64{own[i], leaving[i/2]}
				}
				_, err := w.Nominate(ctx, head, c.ID, list)
				if i%2 == 1 {
					refused(t, err, "nomination_elsewhere")
				} else if err != nil && !errs.Is(err, "nomination_quota_full") {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := w.states(c)[models.EnrolmentNominated]; n != 3 {
			t.Errorf("%d nominated", n)
		}
	})
}

func TestNoConditionNamesMoreThanFiveHundred(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const n = 1201
		c, k := w.course(n/2), w.cadres(n, "SO-TP")
		head := w.head("SO-TP")
		small := func(what string, f func()) {
			t.Helper()
			for _, sql := range testdb.Queries(w.DB, f) {
				for _, list := range strings.Split(sql, " IN (")[1:] {
					list, _, _ = strings.Cut(list, ")")
					if m := strings.Count(list, ",") + 1; m > 500 {
						t.Errorf("%s names %d in %.80s", what, m, sql)
					}
				}
			}
		}
		small("nominating", func() {
			_, err := w.Nominate(ctx, head, c.ID, k)
			must(t, err)
		})
		ids := make([]uint64, n)
		for i, id := range k {
			ids[i] = w.enrolment(c, id).ID
		}
		small("approving", func() {
			r, err := w.Approve(ctx, access.System(), ids)
			if want := (enrolment.Result{Enrolled: n / 2, Waiting: n - n/2}); err != nil || r != want {
				t.Errorf("%+v %v", r, err)
			}
		})
		w.set(c, map[string]any{"capacity": n})
		small("moving up", func() {
			r, err := w.Withdraw(ctx, access.System(), ids[0], "Bận")
			if err != nil || r.Enrolled != n-n/2 {
				t.Errorf("%+v %v", r, err)
			}
		})
		small("withdrawing", func() {
			r, err := w.WithdrawAll(ctx, access.System(), ids, "Hoãn")
			if want := (enrolment.Result{Changed: n - 1, Already: 1}); err != nil || r != want {
				t.Errorf("%+v %v", r, err)
			}
		})
	})
}

func TestARepeatedApprovalOfEverybodyAnswersAsTheFirst(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c, k := w.course(2), w.cadres(3, "SO-TP")
		_, err := w.Nominate(ctx, w.head("SO-TP"), c.ID, k)
		must(t, err)
		boss := w.account(models.RoleCoordinator)
		boss.Key = "approve-all"
		for range 2 {
			r, err := w.ApproveFound(ctx, boss, enrolment.NominationFilter{CourseID: c.ID})
			if want := (enrolment.Result{Enrolled: 2, Waiting: 1}); err != nil || r != want {
				t.Errorf("%+v %v", r, err)
			}
		}
		boss.Key = "approve-all-again"
		_, err = w.ApproveFound(ctx, boss, enrolment.NominationFilter{CourseID: c.ID})
		refused(t, err, "nobody_found")
		_, err = w.Nominate(ctx, w.head("SO-NV"), c.ID, w.cadres(2, "SO-NV"))
		must(t, err)
		boss.Key = "refuse-all"
		for range 2 {
			if r, err := w.RefuseFound(ctx, boss, enrolment.NominationFilter{CourseID: c.ID}, "Đủ người"); err != nil || r != (enrolment.Result{Changed: 2}) {
				t.Errorf("%+v %v", r, err)
			}
		}
	})
}

func TestAHeadIsShownTheCoursesThatAreOpenWithWhatTheQuotasLeave(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		later, soon, past, begun, draft := w.course(20), w.course(20), w.course(20), w.course(20), w.course(20)
		must(t, w.quotas(soon, enrolment.QuotaInput{Deadline: models.MustDay("2026-11-24"), Seats: map[string]int{"CB-QLNN": 9, "SO-TP": 2, "SO-NV": 1}}))
		must(t, w.quotas(past, enrolment.QuotaInput{Deadline: models.MustDay("2026-11-23")}))
		w.set(begun, map[string]any{"first_day": models.MustDay("2026-11-24")})
		w.set(draft, map[string]any{"state": models.CourseDraft})
		k := w.cadres(2, "SO-TP")
		head := w.head("SO-TP")
		_, err := w.Nominate(ctx, head, soon.ID, k[:1])
		must(t, err)
		_, err = w.Nominate(ctx, w.head("SO-NV"), soon.ID, w.cadres(1, "SO-NV"))
		must(t, err)
		_, err = w.Enrol(ctx, access.System(), later.ID, k)
		must(t, err)
		var open []enrolment.OpenCourse
		n := testdb.CountQueries(w.DB, func() { open, err = w.OpenCourses(ctx, head) })
		must(t, err)
		if len(open) != 2 || open[0].ID != soon.ID || open[1].ID != later.ID || n > 6 {
			t.Fatalf("%d statements, %+v", n, open)
		}
		q := open[0].Quota()
		if q == nil || q.Code != "SO-TP" || q.Left() != 1 || open[0].Nominated != 1 || open[0].Free() != 20 {
			t.Errorf("%+v %+v", q, open[0])
		}
		if open[1].Quota() != nil || open[1].Nominated != 0 || open[1].Free() != 18 {
			t.Errorf("%+v", open[1])
		}
	})
}
