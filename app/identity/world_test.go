package identity_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/identity"
	"taphuan/app/plan"
	"taphuan/app/roster"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

var ctx = context.Background()

// world is a database with the base data, in which a test makes cadres and courses.
type world struct {
	*identity.Service
	t    *testing.T
	orgs map[string]models.Organisation
	plan *plan.Plan
	n    int
}

func each(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		keys, err := secret.New(make([]byte, 32))
		must(t, err)
		w := &world{t: t, orgs: map[string]models.Organisation{}, Service: &identity.Service{DB: db, Keys: keys, Roster: &roster.Service{DB: db, Keys: keys}}}
		var all []models.Organisation
		must(t, db.Read(ctx).Find(&all).Error)
		for _, o := range all {
			w.orgs[o.Code] = o
		}
		w.plan, err = plan.Current(ctx, db.Read(ctx), day("2026-11-24"))
		must(t, err)
		f(t, w)
	}, testseed.Base)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func day(s string) models.Day { return models.MustDay(s) }

func (w *world) create(rows ...any) {
	w.t.Helper()
	_, err := w.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		for _, r := range rows {
			if err := tx.Create(r).Error; err != nil {
				return 0, err
			}
		}
		return 0, nil
	})
	must(w.t, err)
}

// cadre makes somebody; born is a year or a day, id a national id or "".
func (w *world) cadre(name, born, id string) uint64 {
	w.t.Helper()
	c := models.Cadre{FullName: name}
	w.create(&c)
	_, err := w.Roster.UpdateCadre(ctx, access.System(), c.ID, roster.CadreInput{Typed: roster.Typed{Name: name, Born: born, NationalID: id}, Version: roster.Version(w.read(c.ID))})
	must(w.t, err)
	return c.ID
}

func (w *world) read(id uint64) (c models.Cadre) {
	w.t.Helper()
	must(w.t, w.DB.Read(ctx).Take(&c, id).Error)
	return c
}

// post puts a cadre somewhere with the group of human rights; to "" is for good.
func (w *world) post(cadre uint64, office, from, to string, main bool) models.Posting {
	w.t.Helper()
	end := models.Forever
	if to != "" {
		end = day(to)
	}
	p := models.Posting{CadreID: cadre, OrganisationID: w.orgs[office].ID, Title: "Chuyên viên " + office, FromDay: day(from), ToDay: end, Main: main}
	w.create(&p)
	w.create(&models.PostingGroup{PostingID: p.ID, GroupID: w.plan.GroupByCode("QCN").ID})
	testdb.Ledger(w.t, w.DB)
	return p
}

func (w *world) course(state models.CourseState, capacity int) models.Course {
	w.t.Helper()
	w.n++
	var typ models.CourseType
	must(w.t, w.DB.Read(ctx).Where("plan_id = ?", w.plan.ID).Order("id").First(&typ).Error)
	d := day("2026-12-10")
	c := models.Course{PlanID: w.plan.ID, Code: fmt.Sprintf("L%d", w.n), Title: fmt.Sprintf("Lớp %d", w.n), CourseTypeID: typ.ID, State: state, HostID: w.orgs["SO-VHTTDL"].ID,
		Capacity: capacity, RulePercent: 80, FirstDay: d, LastDay: d, Version: 1}
	w.create(&c)
	return c
}

func (w *world) enrol(cadre uint64, c models.Course, state models.EnrolmentState) models.Enrolment {
	w.t.Helper()
	e := models.Enrolment{CourseID: c.ID, CadreID: cadre, State: state, Source: "coordinator"}
	if state == models.EnrolmentWaiting {
		e.WaitingSince = new(w.DB.Time())
	}
	w.create(&e)
	return e
}

// complete gives a cadre both components of a course of that day.
func (w *world) complete(e models.Enrolment, on string) models.Completion {
	w.t.Helper()
	c := models.Completion{CadreID: e.CadreID, CourseID: &e.CourseID, EnrolmentID: &e.ID, EffectiveDay: day(on)}
	for _, x := range w.plan.Components {
		c.Components |= x.Component.Set()
	}
	w.create(&c)
	testdb.Ledger(w.t, w.DB)
	return c
}

func (w *world) certificate(c models.Completion) {
	w.t.Helper()
	w.n++
	r := models.Register{IssuerID: w.orgs["SO-VHTTDL"].ID, Year: 2026, Symbol: "GCN-QCN", NextNumber: 2}
	w.create(&r)
	w.create(&models.Certificate{RegisterID: r.ID, Number: 1, Serial: "0001/2026/GCN-QCN", Code: "ma", CompletionID: c.ID, LiveCompletionID: &c.ID, CadreID: c.CadreID, CourseID: c.CourseID,
		State: models.CertificateValid, Snapshot: "{}", IssuedDay: c.EffectiveDay, IssuedAt: w.DB.Time()})
}

// pair notes two as likely twins and gives the pair's id with the choice of a record to keep.
func (w *world) pair(a, b, keep uint64) (uint64, identity.Choice) {
	w.t.Helper()
	_, err := w.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		return 0, roster.AddTwins(tx, models.TwinPair{CadreAID: a, CadreBID: b, Reason: models.TwinSameName})
	})
	must(w.t, err)
	var p models.TwinPair
	must(w.t, w.DB.Read(ctx).Where("cadre_a_id = ? AND cadre_b_id = ?", min(a, b), max(a, b)).Take(&p).Error)
	return p.ID, identity.Choice{Keep: keep, Version: w.version(p.ID)}
}

func (w *world) version(pair uint64) string {
	w.t.Helper()
	c, err := w.Compare(ctx, access.System(), pair)
	must(w.t, err)
	return c.Version
}

// state is everything that the database says of some cadres, but for when it was last changed.
func (w *world) state(cadres ...uint64) string {
	w.t.Helper()
	var out []any
	var cs []models.Cadre
	var es []models.Enrolment
	var as []models.Account
	var co []models.Completion
	var ce []models.Certificate
	db := w.DB.Read(ctx)
	hs, err := roster.ReadHistories(db, cadres...)
	must(w.t, err)
	must(w.t, db.Where("id IN ?", cadres).Order("id").Find(&cs).Error)
	for _, q := range []any{&es, &as, &co, &ce} {
		must(w.t, db.Where("cadre_id IN ?", cadres).Order("id").Find(q).Error)
	}
	for i := range cs {
		cs[i].UpdatedAt, cs[i].HistoryVersion = cs[i].CreatedAt, 0
	}
	for i := range as {
		as[i].UpdatedAt, as[i].Epoch = as[i].CreatedAt, 0
	}
	for _, id := range cadres {
		for _, p := range hs[id].Postings {
			p.UpdatedAt = p.CreatedAt
			out = append(out, fmt.Sprint(p.FromDay, " ", p.ToDay), p)
			for i := range p.Leaves {
				p.Leaves[i].UpdatedAt = p.Leaves[i].CreatedAt
				out = append(out, fmt.Sprint(p.Leaves[i].FromDay, " ", p.Leaves[i].ToDay))
			}
		}
	}
	b, err := json.MarshalIndent(append(out, cs, es, as, co, ce), "", " ")
	must(w.t, err)
	return string(b)
}

// coverage is what the province's report says on several days.
func (w *world) coverage() string {
	w.t.Helper()
	s := coverage.Service{DB: w.DB}
	var out []any
	for _, d := range []string{"2024-06-01", "2025-03-01", "2026-02-01", "2026-11-24"} {
		r, err := s.Report(ctx, access.System(), coverage.Query{Day: day(d)})
		must(w.t, err)
		out = append(out, d, r.Rows())
	}
	b, err := json.Marshal(out)
	must(w.t, err)
	return string(b)
}

// figure is the roster and the covered of the group of human rights in an office.
func (w *world) figure(office, on string) string {
	w.t.Helper()
	r, err := (&coverage.Service{DB: w.DB}).Report(ctx, access.System(), coverage.Query{Org: office, Day: day(on)})
	must(w.t, err)
	for i, g := range r.Plan.Groups {
		if g.Code == "QCN" {
			f := r.Top().Figures[i]
			return fmt.Sprintf("%d of %d", f.Covered, f.Roster)
		}
	}
	w.t.Fatal("no group")
	return ""
}
