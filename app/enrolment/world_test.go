package enrolment_test

import (
	"context"
	"fmt"
	"testing"

	"taphuan/app/access"
	"taphuan/app/enrolment"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

var ctx = context.Background()

// world is a database with the base data, in which a test makes courses and cadres.
type world struct {
	*enrolment.Service
	t    *testing.T
	orgs map[string]models.Organisation
	n    int
}

func each(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) { f(t, newWorld(t, db)) }, testseed.Base)
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	w := &world{Service: &enrolment.Service{DB: db}, t: t, orgs: map[string]models.Organisation{}}
	var all []models.Organisation
	must(t, db.Read(ctx).Find(&all).Error)
	for _, o := range all {
		w.orgs[o.Code] = o
	}
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refused(t *testing.T, err error, code string) {
	t.Helper()
	if !errs.Is(err, code) {
		t.Errorf("got %v, want %s", err, code)
	}
}

func (w *world) write(f func(tx *store.Tx) error) {
	w.t.Helper()
	_, err := w.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) { return 0, f(tx) })
	must(w.t, err)
}

// id reads the id of a row of the base data by its code.
func (w *world) id(model any, code string) uint64 {
	w.t.Helper()
	var id uint64
	must(w.t, w.DB.Read(ctx).Model(model).Where("code = ?", code).Select("id").Scan(&id).Error)
	if id == 0 {
		w.t.Fatalf("no %T %s", model, code)
	}
	return id
}

// course makes an open course of 2026-12-01 that brings both components and is aimed at the groups.
func (w *world) course(capacity int, groups ...string) models.Course {
	w.t.Helper()
	w.n++
	day := models.MustDay("2026-12-01")
	c := models.Course{PlanID: w.id(&models.Plan{}, "CB-QCN-2023-2028"), Code: fmt.Sprintf("L%d", w.n), Title: "Tập huấn", CourseTypeID: w.id(&models.CourseType{}, "conference"),
		State: models.CourseOpen, HostID: w.orgs["SO-VHTTDL"].ID, Capacity: capacity, RulePercent: 80, FirstDay: day, LastDay: day}
	var g []models.CourseGroup
	for _, code := range groups {
		g = append(g, models.CourseGroup{GroupID: w.id(&models.TargetGroup{}, code)})
	}
	w.write(func(tx *store.Tx) error {
		c.ID = 0
		if err := tx.Create(&c).Error; err != nil {
			return err
		}
		for i := range g {
			g[i].CourseID = c.ID
		}
		if len(g) == 0 {
			return nil
		}
		return tx.Create(&g).Error
	})
	return c
}

// cadre makes a cadre with a main posting since 2024.
func (w *world) cadre(name, org string, groups ...string) uint64 {
	w.t.Helper()
	return w.posted(models.Cadre{FullName: name, BirthYear: 1980}, models.Posting{OrganisationID: w.orgs[org].ID, Title: "Chuyên viên", Main: true}, groups...)
}

// posted makes the cadre, where new, and the posting.
func (w *world) posted(k models.Cadre, p models.Posting, groups ...string) uint64 {
	w.t.Helper()
	if p.FromDay == 0 {
		p.FromDay = models.MustDay("2024-01-01")
	}
	if p.ToDay == 0 {
		p.ToDay = models.Forever
	}
	var ids []uint64
	for _, g := range groups {
		ids = append(ids, w.id(&models.TargetGroup{}, g))
	}
	fresh := k.ID == 0
	w.write(func(tx *store.Tx) error {
		if fresh {
			k.ID = 0
			if err := tx.Create(&k).Error; err != nil {
				return err
			}
		}
		p.ID, p.CadreID = 0, k.ID
		if err := tx.Create(&p).Error; err != nil {
			return err
		}
		for _, g := range ids {
			if err := tx.Create(&models.PostingGroup{PostingID: p.ID, GroupID: g}).Error; err != nil {
				return err
			}
		}
		return nil
	})
	return k.ID
}

// cadres makes n cadres of one office at once.
func (w *world) cadres(n int, org string, groups ...string) []uint64 {
	w.t.Helper()
	ks := make([]models.Cadre, n)
	w.n++
	for i := range ks {
		ks[i] = models.Cadre{FullName: fmt.Sprintf("Nông Văn %c%c%c", 'A'+w.n%26, 'A'+i/26%26, 'a'+i%26), BirthYear: 1980}
	}
	var gs []uint64
	for _, g := range groups {
		gs = append(gs, w.id(&models.TargetGroup{}, g))
	}
	ids := make([]uint64, n)
	w.write(func(tx *store.Tx) error {
		for i := range ks {
			ks[i].ID = 0
		}
		if err := tx.CreateInBatches(&ks, 500).Error; err != nil {
			return err
		}
		ps := make([]models.Posting, n)
		for i := range ks {
			ids[i] = ks[i].ID
			ps[i] = models.Posting{CadreID: ks[i].ID, OrganisationID: w.orgs[org].ID, Title: "Chuyên viên", FromDay: models.MustDay("2024-01-01"), ToDay: models.Forever, Main: true}
		}
		if err := tx.CreateInBatches(&ps, 500).Error; err != nil {
			return err
		}
		var pg []models.PostingGroup
		for i := range ps {
			for _, g := range gs {
				pg = append(pg, models.PostingGroup{PostingID: ps[i].ID, GroupID: g})
			}
		}
		if len(pg) == 0 {
			return nil
		}
		return tx.CreateInBatches(&pg, 500).Error
	})
	return ids
}

// completed says that a cadre completed something with the components on a day.
func (w *world) completed(cadre uint64, day string, components ...models.Component) {
	w.t.Helper()
	w.write(func(tx *store.Tx) error {
		return tx.Create(&models.Completion{CadreID: cadre, EffectiveDay: models.MustDay(day), Components: models.ComponentsOf(components...)}).Error
	})
}

// set changes columns of a course.
func (w *world) set(c models.Course, columns map[string]any) {
	w.t.Helper()
	w.write(func(tx *store.Tx) error {
		return tx.Model(&models.Course{}).Where("id = ?", c.ID).Updates(columns).Error
	})
}

// head is an actor who heads an organisation; the account exists.
func (w *world) head(org string) access.Actor {
	w.t.Helper()
	a := w.account(models.RoleHead)
	a.Grants[0].OrganisationID, a.Grants[0].Path = w.orgs[org].ID, w.orgs[org].Path
	return a
}

// account is an actor with a role over the whole plan; the account exists.
func (w *world) account(role models.Role) access.Actor {
	w.t.Helper()
	acc := models.Account{Name: "Lý Thị Thử", Language: "vi"}
	w.write(func(tx *store.Tx) error {
		acc.ID = 0
		return tx.Create(&acc).Error
	})
	return access.Actor{By: store.By{AccountID: acc.ID, Action: "test"}, Name: acc.Name, Grants: []access.Grant{{Role: role}}}
}

// states counts the enrolments of a course by state.
func (w *world) states(c models.Course) map[models.EnrolmentState]int {
	w.t.Helper()
	var rows []struct {
		State models.EnrolmentState
		N     int
	}
	must(w.t, w.DB.Read(ctx).Model(&models.Enrolment{}).Select("state, COUNT(*) AS n").Where("course_id = ?", c.ID).Group("state").Scan(&rows).Error)
	out := map[models.EnrolmentState]int{}
	for _, r := range rows {
		out[r.State] = r.N
	}
	return out
}

// enrolment reads the enrolment of a cadre in a course.
func (w *world) enrolment(c models.Course, cadre uint64) models.Enrolment {
	w.t.Helper()
	var e models.Enrolment
	must(w.t, w.DB.Read(ctx).Where("course_id = ? AND cadre_id = ?", c.ID, cadre).Take(&e).Error)
	return e
}

// queue gives the cadres on the waiting list in order.
func (w *world) queue(c models.Course) []uint64 {
	w.t.Helper()
	var ids []uint64
	must(w.t, w.DB.Read(ctx).Model(&models.Enrolment{}).Where("course_id = ? AND state = ?", c.ID, models.EnrolmentWaiting).Order("waiting_since, id").Pluck("cadre_id", &ids).Error)
	return ids
}
