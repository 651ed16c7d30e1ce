package enrolment_test

import (
	"slices"
	"sync"
	"testing"

	"taphuan/app/access"
	"taphuan/app/enrolment"
	"taphuan/app/page"
	"taphuan/app/store"
	"taphuan/models"
)

func TestHeadsNominateAndSeeOwnCadresOnly(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.course(10)
		own := w.cadre("Bế Của Mình", "SO-TP")
		other := w.cadre("Bế Nơi Khác", "SO-NV")
		head := w.head("SO-TP")
		_, err := w.Nominate(ctx, head, c.ID, []uint64{own, other})
		refused(t, err, "not_found")
		if len(w.states(c)) != 0 {
			t.Error("something was written")
		}
		r, err := w.Nominate(ctx, head, c.ID, []uint64{own})
		must(t, err)
		if r != (enrolment.Result{Changed: 1}) {
			t.Errorf("%+v", r)
		}
		e := w.enrolment(c, own)
		if e.State != models.EnrolmentNominated || e.Source != enrolment.SourceNomination || e.NominatedByID == nil || *e.NominatedByID != head.AccountID {
			t.Errorf("%+v", e)
		}
		if r, err = w.Nominate(ctx, head, c.ID, []uint64{own}); err != nil || r != (enrolment.Result{Already: 1}) {
			t.Errorf("again: %+v %v", r, err)
		}
		_, err = w.Nominate(ctx, w.head("SO-NV"), c.ID, []uint64{other})
		must(t, err)
		l, err := w.Nominations(ctx, head, enrolment.NominationFilter{})
		must(t, err)
		if l.Total.N != 1 || l.Rows[0].CadreID != own || l.Rows[0].NominatedBy != "Lý Thị Thử" || l.Decides {
			t.Errorf("a head sees %+v", l)
		}
		list, err := w.List(ctx, head, c.ID, enrolment.ListFilter{})
		must(t, err)
		if list.Total.N != 1 || list.Rows[0].CadreID != own || list.Counts[models.EnrolmentNominated] != 1 {
			t.Errorf("a head sees in the course %+v", list)
		}
		cl, err := w.OwnCandidates(ctx, head, w.course(10).ID, enrolment.Filter{})
		must(t, err)
		if got := names(cl.Rows); !slices.Equal(got, []string{"Bế Của Mình"}) {
			t.Errorf("a head finds %v", got)
		}
		// Nothing of another's can be changed, nor may a head decide.
		foreign := w.enrolment(c, other).ID
		for _, id := range []uint64{foreign, 999999} {
			_, err = w.Withdraw(ctx, head, id, "Bận")
			refused(t, err, "not_found")
			_, err = w.WithdrawAll(ctx, head, []uint64{e.ID, id}, "Bận")
			refused(t, err, "not_found")
			_, err = w.Approve(ctx, head, []uint64{e.ID})
			refused(t, err, "not_found")
			_, err = w.Refuse(ctx, head, []uint64{e.ID}, "Trùng")
			refused(t, err, "not_found")
		}
		w.set(c, map[string]any{"state": models.CourseDraft})
		_, err = w.Nominate(ctx, head, c.ID, []uint64{own})
		refused(t, err, "not_found") // heads do not see drafts
		_, err = w.OwnCandidates(ctx, head, c.ID, enrolment.Filter{})
		refused(t, err, "not_found")
	})
}

func TestAProfessionalLinesHeadNominatesItsCadresWhereverTheyArePosted(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.course(10)
		line := w.orgs["HLHPN"].ID
		k := w.posted(models.Cadre{FullName: "Hội Phụ Nữ Xã"}, models.Posting{OrganisationID: w.orgs["SO-TP"].ID, Title: "Chủ tịch Hội", Main: true, LineID: &line})
		head := w.head("HLHPN")
		_, err := w.Nominate(ctx, head, c.ID, []uint64{k})
		must(t, err)
		l, err := w.Nominations(ctx, head, enrolment.NominationFilter{})
		must(t, err)
		if l.Total.N != 1 {
			t.Errorf("the head does not see what was nominated: %+v", l)
		}
		if _, err := w.Withdraw(ctx, head, w.enrolment(c, k).ID, "Bận"); err != nil {
			t.Error(err)
		}
	})
}

func TestApprovalTakesASeatOrWaitsAndDecisionsStand(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a, b := w.course(1), w.course(5)
		head := w.head("SO-TP")
		k := w.cadres(3, "SO-TP")
		for _, c := range []models.Course{a, b} {
			_, err := w.Nominate(ctx, head, c.ID, k)
			must(t, err)
		}
		l, err := w.Nominations(ctx, w.account(models.RoleCoordinator), enrolment.NominationFilter{})
		must(t, err)
		if l.Total.N != 6 || !l.Decides || l.Rows[0].Free+l.Rows[5].Free != 6 {
			t.Errorf("%+v", l)
		}
		var ids []uint64
		for _, r := range l.Rows {
			ids = append(ids, r.ID)
		}
		refuse := w.enrolment(b, k[0]).ID
		r, err := w.Refuse(ctx, access.System(), []uint64{refuse}, "Đã dự lớp tương đương")
		must(t, err)
		if r != (enrolment.Result{Changed: 1}) {
			t.Errorf("%+v", r)
		}
		// From another tab, all six are approved: the refused one stays refused.
		r, err = w.Approve(ctx, access.System(), ids)
		must(t, err)
		if r != (enrolment.Result{Enrolled: 3, Waiting: 2, Already: 1}) {
			t.Errorf("%+v", r)
		}
		if got := w.queue(a); !slices.Equal(got, k[1:]) {
			t.Errorf("waiting %v", got)
		}
		e := w.enrolment(a, k[0])
		if e.State != models.EnrolmentEnrolled || e.Source != enrolment.SourceNomination || e.NominatedByID == nil {
			t.Errorf("%+v", e)
		}
		if r, err = w.Approve(ctx, access.System(), ids); err != nil || r != (enrolment.Result{Already: 6}) {
			t.Errorf("again %+v %v", r, err)
		}
		if r, err = w.Refuse(ctx, access.System(), ids, "Muộn"); err != nil || r != (enrolment.Result{Already: 6}) {
			t.Errorf("refusing what was approved: %+v %v", r, err)
		}
		// The head sees what became of them, and puts the refused one forward again.
		own, err := w.Nominations(ctx, head, enrolment.NominationFilter{State: models.EnrolmentRefused})
		must(t, err)
		if own.Total.N != 1 || own.Rows[0].Reason != "Đã dự lớp tương đương" {
			t.Errorf("%+v", own)
		}
		if r, err = w.Nominate(ctx, head, b.ID, k); err != nil || r != (enrolment.Result{Changed: 1, Already: 2}) {
			t.Errorf("%+v %v", r, err)
		}
		// Before the course begins the head takes one back; who waits moves up.
		if r, err = w.Withdraw(ctx, head, e.ID, "Chuyển công tác"); err != nil || r != (enrolment.Result{Changed: 1, Enrolled: 1}) {
			t.Errorf("%+v %v", r, err)
		}
		w.set(a, map[string]any{"first_day": models.MustDay("2026-11-24")})
		_, err = w.Withdraw(ctx, head, w.enrolment(a, k[1]).ID, "Bận")
		refused(t, err, "nomination_closed")
		_, err = w.Nominate(ctx, head, a.ID, k)
		refused(t, err, "nomination_closed")
	})
}

func TestApprovingAndRefusingTheSameAtOnceDecidesEachOnce(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const n = 12
		courses := []models.Course{w.course(5), w.course(5), w.course(5)}
		k := w.cadres(n, "SO-TP")
		var ids []uint64
		for _, c := range courses {
			_, err := w.Nominate(ctx, w.head("SO-TP"), c.ID, k)
			must(t, err)
			for _, id := range k {
				ids = append(ids, w.enrolment(c, id).ID)
			}
		}
		var wg sync.WaitGroup
		var mu sync.Mutex
		var sum enrolment.Result
		for i := range 8 {
			mine := slices.Clone(ids)
			if i%3 == 0 {
				slices.Reverse(mine)
			}
			wg.Go(func() {
				var r enrolment.Result
				var err error
				if i%2 == 0 {
					r, err = w.Approve(ctx, access.System(), mine)
				} else {
					r, err = w.Refuse(ctx, access.System(), mine, "Trùng")
				}
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				sum.Enrolled, sum.Waiting, sum.Changed, sum.Already = sum.Enrolled+r.Enrolled, sum.Waiting+r.Waiting, sum.Changed+r.Changed, sum.Already+r.Already
			})
		}
		wg.Wait()
		if sum.Enrolled+sum.Waiting+sum.Changed != len(ids) || sum.Already != 7*len(ids) {
			t.Errorf("%+v", sum)
		}
		for _, c := range courses {
			got := w.states(c)
			if got[models.EnrolmentNominated] != 0 || got[models.EnrolmentEnrolled] > 5 || got[models.EnrolmentWaiting] > 0 && got[models.EnrolmentEnrolled] < 5 {
				t.Errorf("%v", got)
			}
		}
	})
}

func TestACadreSeesOwnCoursesNextClassFirst(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		k := w.cadre("Triệu Thị Học", "SO-TP")
		other := w.cadre("Triệu Người Khác", "SO-TP")
		later, soon, past, gone := w.course(10), w.course(10), w.course(10), w.course(10)
		for i, c := range []models.Course{later, soon, past, gone} {
			_, err := w.Enrol(ctx, access.System(), c.ID, []uint64{k, other})
			must(t, err)
			day := []string{"2026-12-20", "2026-11-24", "2026-11-02", "2026-12-24"}[i]
			w.write(func(tx *store.Tx) error {
				return tx.Create(&[]models.Session{
					{CourseID: c.ID, Day: models.MustDay(day), StartMinute: 450, EndMinute: 690, Room: "Hội trường"},
					{CourseID: c.ID, Day: models.MustDay(day), StartMinute: 780, EndMinute: 900, Cancelled: true},
				}).Error
			})
			w.set(c, map[string]any{"first_day": models.MustDay(day), "last_day": models.MustDay(day)})
		}
		_, err := w.Withdraw(ctx, access.System(), w.enrolment(gone, k).ID, "Bận")
		must(t, err)
		w.set(past, map[string]any{"state": models.CourseClosed})
		w.write(func(tx *store.Tx) error {
			return tx.Model(&models.Enrolment{}).Where("course_id = ?", past.ID).Updates(map[string]any{"outcome": models.OutcomeCompleted, "attended_minutes": 240, "total_minutes": 240}).Error
		})
		me := access.Actor{By: store.By{AccountID: 1}, CadreID: k, Grants: []access.Grant{{Role: models.RoleCadre}}}
		own, err := w.OwnCourses(ctx, me)
		must(t, err)
		if len(own.Coming) != 2 || own.Coming[0].CourseID != soon.ID || own.Coming[1].CourseID != later.ID || len(own.Past) != 2 {
			t.Fatalf("%+v", own)
		}
		if n := own.Coming[0].Next; n == nil || n.Room != "Hội trường" || len(own.Coming[0].Sessions) != 1 {
			t.Errorf("next %+v", own.Coming[0])
		}
		if p := own.Past[1]; p.Outcome != models.OutcomeCompleted || p.Attended == nil || *p.Attended != 240 {
			t.Errorf("past %+v", own.Past)
		}
		for name, a := range map[string]access.Actor{"without a cadre": {By: store.By{AccountID: 1}, Grants: me.Grants}, "administrator": access.System()} {
			if own, err := w.OwnCourses(ctx, a); err != nil || len(own.Coming)+len(own.Past) != 0 {
				t.Errorf("%s: %+v %v", name, own, err)
			}
		}
	})
}

func TestTheListIsByNameWithinTheFilter(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.course(2)
		ids := []uint64{w.cadre("Vi Văn Yên", "SO-TP"), w.cadre("Vi Thị Ánh", "SO-NV"), w.cadre("Vi Văn Ân", "SO-TP"), w.cadre("Vi Văn An", "SO-TP")}
		_, err := w.Enrol(ctx, access.System(), c.ID, ids)
		must(t, err)
		list := func(f enrolment.ListFilter) (out []string) {
			l, err := w.List(ctx, access.System(), c.ID, f)
			must(t, err)
			for _, r := range l.Rows {
				out = append(out, r.Name)
			}
			if l.Enrolled != 2 || l.Waiting != 2 || l.Counts[models.EnrolmentWaiting] != 2 || l.Total.N != int64(len(out)) {
				t.Errorf("%+v", l)
			}
			return out
		}
		for _, x := range []struct {
			f    enrolment.ListFilter
			want []string
		}{
			{enrolment.ListFilter{}, []string{"Vi Văn An", "Vi Thị Ánh", "Vi Văn Ân", "Vi Văn Yên"}},
			{enrolment.ListFilter{Ask: page.Ask{After: "nonsense"}}, []string{"Vi Văn An", "Vi Thị Ánh", "Vi Văn Ân", "Vi Văn Yên"}},
			{enrolment.ListFilter{State: models.EnrolmentEnrolled}, []string{"Vi Thị Ánh", "Vi Văn Yên"}},
			{enrolment.ListFilter{State: models.EnrolmentWaiting}, []string{"Vi Văn Ân", "Vi Văn An"}},
			{enrolment.ListFilter{Text: "an"}, []string{"Vi Văn An", "Vi Thị Ánh", "Vi Văn Ân"}},
			{enrolment.ListFilter{Organisation: "SO-NV"}, []string{"Vi Thị Ánh"}},
		} {
			if got := list(x.f); !slices.Equal(got, x.want) {
				t.Errorf("%+v: %v, want %v", x.f, got, x.want)
			}
		}
		many := w.course(1)
		_, err = w.Enrol(ctx, access.System(), many.ID, w.cadres(3*enrolment.PageSize, "SO-TP"))
		must(t, err)
		l, err := w.List(ctx, access.System(), many.ID, enrolment.ListFilter{State: models.EnrolmentWaiting, Everybody: true})
		must(t, err)
		for i, r := range l.Rows {
			if r.Position != i+1 {
				t.Errorf("place %d of the whole list is %d", i+1, r.Position)
			}
		}
		if len(l.Rows) != 3*enrolment.PageSize-1 {
			t.Errorf("the whole list has %d", len(l.Rows))
		}
		_, err = w.List(ctx, access.System(), c.ID, enrolment.ListFilter{Organisation: "NO-SUCH"})
		refused(t, err, "not_found")
		trainer := w.account(models.RoleTrainer)
		_, err = w.List(ctx, trainer, c.ID, enrolment.ListFilter{})
		refused(t, err, "not_found")
		w.write(func(tx *store.Tx) error {
			return tx.Create(&models.CourseStaff{CourseID: c.ID, AccountID: trainer.AccountID, Role: models.StaffTrainer}).Error
		})
		if l, err := w.List(ctx, trainer, c.ID, enrolment.ListFilter{}); err != nil || l.Total.N != 4 {
			t.Errorf("the course's trainer sees %+v %v", l, err)
		}
	})
}
