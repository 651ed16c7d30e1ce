package enrolment_test

import (
	"reflect"
	"slices"
	"sync"
	"testing"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/enrolment"
	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
)

func TestWhoShouldComeStandsInOrderWithTheReasons(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.course(3, "QCN", "TTTT")
		w.set(c, map[string]any{"venue": "Hội trường Ủy ban nhân dân xã Quảng Uyên, tỉnh Cao Bằng"})
		w.cadre("Mã Xa", "X-SONLO", "QCN")           // in another district
		w.cadre("Mã Huyện", "X-PHUCHOA", "QCN")      // in the same former one
		w.cadre("Mã Tại Chỗ", "X-QUANGUYEN", "QCN")  // in the commune
		half := w.cadre("Mã Nửa", "X-DOCLAP", "QCN") // lacks what the course does not bring
		w.completed(half, "2025-01-01", models.ComponentTraining)
		w.cadre("Mã Nhiều A", "SO-TP", "QCN", "TTTT") // two are missing in QCN here, one in TTTT
		w.cadre("Mã Nhiều B", "SO-TP", "QCN")
		w.cadre("Mã Nhóm Khác", "SO-TP", "CTXH")
		out := w.cadre("Mã Đã Rút", "X-SONLO", "QCN")
		_, err := w.Enrol(ctx, access.System(), c.ID, []uint64{out})
		must(t, err)
		_, err = w.Withdraw(ctx, access.System(), w.enrolment(c, out).ID, "Bận")
		must(t, err)
		f := enrolment.Filter{Group: enrolment.CourseGroups, Lacking: true}
		// X-SONLO lacks two, as SO-TP does: its people come before those of offices that lack one.
		w.finds(c, f, "Mã Nhiều A", "Mã Xa", "Mã Tại Chỗ", "Mã Huyện", "Mã Nửa", "Mã Nhiều B", "Mã Đã Rút")
		l := w.found(c, f)
		if l.Venue != "xã Quảng Uyên" || l.Suggested != 6 {
			t.Errorf("venue %q, suggested %d", l.Venue, l.Suggested)
		}
		a, near, last := l.Rows[0], l.Rows[2], l.Rows[6]
		if a.GapGroup != "QCN" || a.Gap.Persons() != 2 || a.Benefit != enrolment.Completes || a.Near != enrolment.Elsewhere || near.Near != enrolment.SameCommune || l.Rows[3].Near != enrolment.SameArea {
			t.Errorf("%+v\n%+v", a, near)
		}
		if !last.Held() || last.Was != models.EnrolmentWithdrawn {
			t.Errorf("%+v", last)
		}
		f.Near = enrolment.NearCommune
		w.finds(c, f, "Mã Tại Chỗ")
		f.Near = enrolment.NearArea
		w.finds(c, f, "Mã Tại Chỗ", "Mã Huyện", "Mã Nửa")
		// The first three take the three seats, the one who withdrew is not among whoever is found.
		r, err := w.EnrolFound(ctx, access.System(), c.ID, enrolment.Filter{Group: enrolment.CourseGroups, Lacking: true}, l.Free())
		must(t, err)
		if r != (enrolment.Result{Enrolled: 3}) {
			t.Errorf("%+v", r)
		}
		w.finds(c, enrolment.Filter{Group: enrolment.CourseGroups, Lacking: true, Text: "ma tai"})
		// A seminar brings the update alone: who has the training becomes covered by it, the others do not.
		seminar := w.course(3, "QCN")
		w.set(seminar, map[string]any{"course_type_id": w.id(&models.CourseType{}, "seminar")})
		f = enrolment.Filter{Group: enrolment.CourseGroups, Lacking: true, Organisation: "X-DOCLAP"}
		w.cadre("Mã Không Gì", "X-DOCLAP", "QCN")
		w.finds(seminar, f, "Mã Nửa", "Mã Không Gì")
		if r := w.found(seminar, f).Rows; r[0].Benefit != enrolment.Completes || r[1].Benefit != enrolment.Helps {
			t.Errorf("%+v", r)
		}
	})
}

func TestAHeadSeesTheGapOfTheOwnOffice(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.course(3, "QCN")
		w.cadre("Mã Của Mình", "SO-TP", "QCN")
		line := w.orgs["SO-TP"].ID
		w.posted(models.Cadre{FullName: "Mã Ngành Dọc"}, models.Posting{OrganisationID: w.orgs["SO-NV"].ID, Title: "A", Main: true, LineID: &line}, "QCN")
		l, err := w.OwnCandidates(ctx, w.head("SO-TP"), c.ID, enrolment.Filter{Lacking: true})
		must(t, err)
		if got := names(l.Rows); !slices.Equal(got, []string{"Mã Của Mình", "Mã Ngành Dọc"}) || l.Rows[0].Gap.Persons() != 1 || l.Rows[1].GapGroup != "" {
			t.Errorf("%v %+v", got, l.Rows)
		}
	})
}

// session adds a session to a course.
func (w *world) session(c models.Course, day string, from, to int) models.Session {
	w.t.Helper()
	s := models.Session{CourseID: c.ID, Day: models.MustDay(day), StartMinute: from, EndMinute: to}
	w.write(func(tx *store.Tx) error { s.ID = 0; return tx.Create(&s).Error })
	return s
}

func TestAClashIsShownAndNeedsAYes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a, b := w.course(10), w.course(10)
		w.session(a, "2026-12-01", 450, 690)
		at := w.session(b, "2026-12-01", 600, 720)
		k := w.cadre("Lục Hai Nơi", "SO-TP")
		free := w.cadre("Lục Rảnh", "SO-TP")
		_, err := w.Enrol(ctx, access.System(), a.ID, []uint64{k})
		must(t, err)
		l := w.found(b, enrolment.Filter{Lacking: true})
		if l.Clashing != 1 || l.Suggested != 1 || names(l.Rows)[1] != "Lục Hai Nơi" || len(l.Rows[1].Clashes) != 1 || l.Rows[1].Clashes[0].CourseID != a.ID || l.Rows[1].Clashes[0].Start != 450 {
			t.Errorf("%+v of %v", l.Rows, l.Total)
		}
		_, err = w.Enrol(ctx, access.System(), b.ID, []uint64{free, k})
		refused(t, err, "schedule_clash")
		if len(w.states(b)) != 0 {
			t.Error("something was written")
		}
		r, err := w.EnrolFound(ctx, access.System(), b.ID, enrolment.Filter{Lacking: true}, 0)
		must(t, err)
		if r != (enrolment.Result{Enrolled: 1}) {
			t.Errorf("everybody found: %+v", r)
		}
		// Nominating is free; approving asks.
		_, err = w.Nominate(ctx, w.head("SO-TP"), b.ID, []uint64{k})
		must(t, err)
		rows, err := w.Nominations(ctx, access.System(), enrolment.NominationFilter{})
		must(t, err)
		if len(rows.Rows) != 1 || len(rows.Rows[0].Clashes) != 1 {
			t.Errorf("nominations: %+v", rows)
		}
		id := w.enrolment(b, k).ID
		_, err = w.Approve(ctx, access.System(), []uint64{id})
		refused(t, err, "schedule_clash")
		r, err = w.Approve(ctx, access.System(), []uint64{id}, enrolment.DespiteClash)
		must(t, err)
		if r != (enrolment.Result{Enrolled: 1}) {
			t.Errorf("%+v", r)
		}
		// Who has the seat already is not asked about again.
		if r, err = w.Enrol(ctx, access.System(), b.ID, []uint64{k}); err != nil || r != (enrolment.Result{Already: 1}) {
			t.Errorf("%+v %v", r, err)
		}
		// Nothing clashes with what only touches, is cancelled, over or given up, or with being nominated.
		c := w.course(10)
		w.session(c, "2026-12-01", 690, 720)
		_, err = w.Enrol(ctx, access.System(), c.ID, []uint64{k})
		refused(t, err, "schedule_clash") // with b
		w.write(func(tx *store.Tx) error {
			return tx.Model(&models.Session{}).Where("id = ?", at.ID).Update("cancelled", true).Error
		})
		_, err = w.Enrol(ctx, access.System(), c.ID, []uint64{k})
		must(t, err)
		// Who waits may get the seat any day.
		full, d := w.course(1), w.course(10)
		w.session(full, "2026-12-02", 450, 690)
		w.session(d, "2026-12-02", 450, 690)
		_, err = w.Enrol(ctx, access.System(), full.ID, []uint64{free, k})
		must(t, err)
		_, err = w.Enrol(ctx, access.System(), d.ID, []uint64{k})
		refused(t, err, "schedule_clash")
		w.set(full, map[string]any{"state": models.CourseCancelled})
		_, err = w.Enrol(ctx, access.System(), d.ID, []uint64{k})
		must(t, err)
	})
}

func TestTheVenueSaysWhoIsNearBeforeItsTextDoes(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.course(3, "QCN")
		at := w.orgs["X-PHUCHOA"]
		hall := models.Venue{Name: "Nhà văn hóa Phục Hòa", OrganisationID: &at.ID, AreaID: at.AreaID}
		w.write(func(tx *store.Tx) error { hall.ID = 0; return tx.Create(&hall).Error })
		w.set(c, map[string]any{"venue_id": hall.ID, "venue": "Hội trường xã Sơn Lộ"})
		w.cadre("Mã Một", "X-SONLO", "QCN")
		w.cadre("Mã Hai", "X-QUANGUYEN", "QCN") // in the same former district as the venue
		w.cadre("Mã Ba", "X-PHUCHOA", "QCN")
		f := enrolment.Filter{Group: enrolment.CourseGroups, Lacking: true}
		w.finds(c, f, "Mã Ba", "Mã Hai", "Mã Một")
		if l := w.found(c, f); l.Venue != "xã Phục Hòa" || l.Rows[0].Near != enrolment.SameCommune || l.Rows[1].Near != enrolment.SameArea || l.Rows[2].Near != enrolment.Elsewhere {
			t.Errorf("%q %+v", l.Venue, l.Rows)
		}
		// A venue of which nobody said where it lies leaves the text.
		w.write(func(tx *store.Tx) error {
			return tx.Model(&models.Venue{}).Where("id = ?", hall.ID).Updates(map[string]any{"organisation_id": nil, "area_id": nil}).Error
		})
		w.finds(c, f, "Mã Một", "Mã Ba", "Mã Hai")
	})
}

func TestTheGapIsWhatCoverageSays(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		c := w.course(3, "QCN")
		half := w.cadre("Mã Nửa", "SO-TP", "QCN")
		w.completed(half, "2025-01-01", models.ComponentTraining)
		full := w.cadre("Mã Đủ", "SO-TP", "QCN", "TTTT")
		w.completed(full, "2025-01-01", models.ComponentTraining)
		w.completed(full, "2025-06-01", models.ComponentUpdate)
		late := w.cadre("Mã Muộn", "SO-TP", "QCN")
		w.completed(late, "2026-12-02", models.ComponentTraining, models.ComponentUpdate) // after the course's first day
		both := w.cadre("Mã Kiêm", "SO-TP")
		w.posted(models.Cadre{ID: both}, models.Posting{OrganisationID: w.orgs["SO-NV"].ID, Title: "Kiêm nhiệm"}, "QCN")
		w.cadre("Mã Xã", "X-SONLO", "QCN")
		nine := 9
		w.write(func(tx *store.Tx) error {
			return tx.Create(&models.Headcount{OrganisationID: w.orgs["X-SONLO"].ID, GroupID: w.id(&models.TargetGroup{}, "QCN"), EffectiveDay: models.MustDay("2026-01-01"), Declared: &nine}).Error
		})
		p, err := plan.OfID(ctx, w.DB.Read(ctx), c.PlanID)
		must(t, err)
		figures, err := (&coverage.Service{DB: w.DB}).Figures(ctx, p, models.MustDay("2026-12-01"), p.Root)
		must(t, err)
		l := w.found(c, enrolment.Filter{Group: enrolment.CourseGroups, Lacking: true})
		if got := names(l.Rows); len(got) != 4 {
			t.Fatalf("found %v", got)
		}
		for _, r := range l.Rows {
			i := slices.IndexFunc(p.Groups, func(g models.TargetGroup) bool { return g.Code == r.GapGroup })
			if want := figures[w.orgs[r.OrgCode].ID][i]; !reflect.DeepEqual(r.Gap.Figure, want) {
				t.Errorf("%s: the office is %+v, coverage says %+v", r.Name, r.Gap.Figure, want)
			}
		}
		if g := l.Rows[0].Gap; g.Denominator == 0 || g.Covered > 1 {
			t.Errorf("%+v", g)
		}
	})
}

func TestTwoCoursesAtTheSameTimeNeverBothGetSomebodyUnasked(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const people = 24
		a, b := w.course(people), w.course(people)
		w.session(a, "2026-12-01", 450, 690)
		w.session(b, "2026-12-01", 600, 720)
		k := w.cadres(people, "SO-TP")
		boss := w.head("SO-TP")
		// Every third is put forward for the second course, and approved there while the first enrols.
		var nominated []uint64
		for i := 0; i < people; i += 3 {
			nominated = append(nominated, k[i])
		}
		_, err := w.Nominate(ctx, boss, b.ID, nominated)
		must(t, err)
		seats := map[uint64]uint64{}
		for _, id := range nominated {
			seats[id] = w.enrolment(b, id).ID
		}
		var wg sync.WaitGroup
		for i, id := range k {
			start := make(chan struct{})
			got := make(chan error, 2)
			wg.Go(func() { <-start; _, err := w.Enrol(ctx, access.System(), a.ID, []uint64{id}); got <- err })
			wg.Go(func() {
				<-start
				var err error
				if seats[id] != 0 {
					_, err = w.Approve(ctx, access.System(), []uint64{seats[id]})
				} else {
					_, err = w.Enrol(ctx, access.System(), b.ID, []uint64{id})
				}
				got <- err
			})
			wg.Go(func() {
				close(start)
				one, two := <-got, <-got
				if one != nil {
					one, two = two, one
				}
				if one != nil || !errs.Is(two, "schedule_clash") {
					t.Errorf("person %d: %v and %v", i, one, two)
				}
			})
		}
		wg.Wait()
		if n := w.states(a)[models.EnrolmentEnrolled] + w.states(b)[models.EnrolmentEnrolled]; n != people {
			t.Errorf("%d seats for %d people", n, people)
		}
	})
}

func TestManyForSeveralCoursesAtOnceInAnyOrderAllEnd(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		const people, rounds = 30, 8
		a, b := w.course(people), w.course(people)
		w.session(a, "2026-12-01", 450, 690)
		w.session(b, "2026-12-01", 450, 690)
		k := w.cadres(people, "SO-TP")
		back := slices.Clone(k)
		slices.Reverse(back)
		var wg sync.WaitGroup
		var mu sync.Mutex
		won := map[uint64]int{}
		for i := range rounds {
			wg.Go(func() {
				c, ids := a, k
				if i%2 == 1 {
					c, ids = b, back
				}
				switch _, err := w.Enrol(ctx, access.System(), c.ID, ids); {
				case err == nil:
					mu.Lock()
					defer mu.Unlock()
					won[c.ID]++
				case !errs.Is(err, "schedule_clash"):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(won) != 1 || w.states(a)[models.EnrolmentEnrolled]+w.states(b)[models.EnrolmentEnrolled] != people {
			t.Errorf("%v, %v and %v", won, w.states(a), w.states(b))
		}
	})
}
