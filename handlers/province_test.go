package handlers_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
	"taphuan/seeds"
)

// province gives databases with the base data and an invented life of so many cadres: posted where their groups should be, trained
// in waves since 2023, with declarations, silence, leave, and figures that are neither 0 nor 100.
func province(cadres int) testdb.Option {
	return testdb.With(fmt.Sprintf("province-%d", cadres), func(ctx context.Context, db *store.DB) error {
		if _, err := seeds.Base(ctx, db); err != nil {
			return err
		}
		_, err := db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) { return 0, fillProvince(ctx, tx, cadres) })
		return err
	})
}

var (
	invFamilies = []string{"Nguyễn", "Hoàng", "Nông", "Lý", "Bế", "Triệu", "Đàm", "Lục", "Phan", "Vi"}
	invMiddles  = []string{"Văn", "Thị", "Minh", "Thu", "Đức", "Ngọc", "Hải", "Quỳnh"}
	invGivens   = []string{"An", "Ánh", "Bình", "Dũng", "Đạt", "Hà", "Hiếu", "Lan", "Mai", "Nhung", "Phượng", "Quân", "Thảo", "Tuấn", "Yến"}
	invTitles   = []string{"Chuyên viên", "Phó Trưởng phòng", "Trưởng phòng", "Phó Chủ tịch", "Biên tập viên"}
)

func fillProvince(ctx context.Context, tx *store.Tx, cadres int) error {
	p, err := plan.Current(ctx, tx.DB, tx.Today)
	if err != nil {
		return err
	}
	var offices []models.Organisation
	if err := tx.Where("to_day > ? AND kind NOT IN ?", tx.Today, models.Totals).Order("path").Find(&offices).Error; err != nil {
		return err
	}
	r := rand.New(rand.NewPCG(uint64(cadres), 4))
	pick := func(from []string) string { return from[r.IntN(len(from))] }
	expected := func(o models.Organisation) (ids []uint64) {
		for _, e := range p.Expected {
			if e.Kind == o.Kind && e.Level == o.Level && e.ToDay > tx.Today {
				ids = append(ids, e.GroupID)
			}
		}
		return ids
	}
	for i := range cadres {
		o := offices[r.IntN(len(offices))]
		groups := expected(o)
		if len(groups) == 0 || i%19 == 18 && o.Level == models.LevelCommune {
			continue
		}
		c := models.Cadre{FullName: pick(invFamilies) + " " + pick(invMiddles) + " " + pick(invMiddles) + " " + pick(invGivens), BirthYear: 1968 + r.IntN(34)}
		if err := tx.Create(&c).Error; err != nil {
			return err
		}
		at := models.Posting{CadreID: c.ID, OrganisationID: o.ID, Title: pick(invTitles), FromDay: max(o.FromDay, models.MustDay("2023-01-01")).AddDays(r.IntN(120)), ToDay: models.Forever, Main: true}
		if err := tx.Create(&at).Error; err != nil {
			return err
		}
		g := groups[r.IntN(len(groups))]
		if err := tx.Create(&models.PostingGroup{PostingID: at.ID, GroupID: g}).Error; err != nil {
			return err
		}
		if i%23 == 5 {
			if err := tx.Create(&models.Leave{PostingID: at.ID, Kind: models.LeaveMaternity, FromDay: models.MustDay("2026-09-01"), ToDay: models.MustDay("2027-03-01")}).Error; err != nil {
				return err
			}
		}
		if err := invTraining(tx, r, c.ID, int(g)); err != nil {
			return err
		}
	}
	return invDeclarations(tx, r, offices, expected)
}

// invTraining trains two thirds in full and some by half, the more the later the group.
func invTraining(tx *store.Tx, r *rand.Rand, cadre uint64, group int) error {
	if r.IntN(10) < 2+group%3 {
		if r.IntN(2) == 0 {
			return nil
		}
	}
	day := models.MustDay("2023-06-20").AddDays(r.IntN(6)*200 + r.IntN(9))
	done := models.Completion{CadreID: cadre, EffectiveDay: min(day, tx.Today), Components: models.ComponentUpdate.Set(), AttendedMinutes: 480, TotalMinutes: 480}
	if r.IntN(5) > 0 {
		done.Components |= models.ComponentTraining.Set()
	}
	return tx.Create(&done).Error
}

func invDeclarations(tx *store.Tx, r *rand.Rand, offices []models.Organisation, expected func(models.Organisation) []uint64) error {
	for i, o := range offices {
		if i%5 == 4 {
			continue // says nothing
		}
		for _, g := range expected(o) {
			n := r.IntN(5)
			if err := tx.Create(&models.Headcount{OrganisationID: o.ID, GroupID: g, EffectiveDay: max(o.FromDay, models.MustDay("2024-01-01")), Declared: &n}).Error; err != nil {
				return err
			}
		}
	}
	return nil
}

// invCourse adds a course of a type, with sessions in the mornings of its days, aimed at a group.
func invCourse(t *testing.T, db *store.DB, c models.Course, kind, group string, days ...string) models.Course {
	t.Helper()
	_, err := db.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
		p, err := plan.Current(t.Context(), tx.DB, tx.Today)
		if err != nil {
			return 0, err
		}
		c.PlanID, c.HostID, c.RulePercent, c.Version = p.ID, *p.LeadID, 80, 1
		for _, k := range p.CourseTypes {
			if k.Code == kind {
				c.CourseTypeID = k.ID
			}
		}
		c.FirstDay, c.LastDay = models.MustDay(days[0]), models.MustDay(days[len(days)-1])
		if c.Capacity == 0 {
			c.Capacity = 60
		}
		if err := tx.Create(&c).Error; err != nil {
			return 0, err
		}
		if err := tx.Create(&models.CourseGroup{CourseID: c.ID, GroupID: p.GroupByCode(group).ID}).Error; err != nil {
			return 0, err
		}
		for _, d := range days {
			s := models.Session{CourseID: c.ID, Day: models.MustDay(d), StartMinute: 7*60 + 30, EndMinute: 11*60 + 30, Room: "Hội trường A"}
			if err := tx.Create(&s).Error; err != nil {
				return 0, err
			}
		}
		return 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}
