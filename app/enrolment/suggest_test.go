package enrolment_test

import (
	"slices"
	"testing"

	"taphuan/app/access"
	"taphuan/app/enrolment"
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
