package main

import (
	"context"
	"math/rand/v2"

	"gorm.io/gorm/clause"

	"taphuan/app/ledger"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/seeds"
)

// province is an invented province of so many cadres: spread over the offices of the base data, each in one or two target
// groups, a third transferred once, two thirds trained.
type province struct {
	plan        *plan.Plan
	cadres      []models.Cadre
	postings    []models.Posting
	completions []models.Completion
}

var (
	families = []string{"Nguyễn", "Hoàng", "Nông", "Lý", "Bế", "Triệu", "Đàm", "Lục", "Phan", "Vi"}
	middles  = []string{"Văn", "Thị", "Minh", "Thu", "Đức", "Ngọc", "Hải", "Quỳnh"}
	givens   = []string{"An", "Ánh", "Bình", "Dũng", "Đạt", "Hà", "Hiếu", "Lan", "Mai", "Nhung", "Phượng", "Quân", "Thảo", "Tuấn", "Yến"}
)

func fullName(r *rand.Rand) string {
	pick := func(from []string) string { return from[r.IntN(len(from))] }
	return pick(families) + " " + pick(middles) + " " + pick(middles) + " " + pick(givens)
}

// rowsAtOnce is how many rows one INSERT of the set-up carries.
const rowsAtOnce = 1000

// newProvince fills an empty migrated database.
func newProvince(ctx context.Context, db *store.DB, cadres int) (*province, error) {
	if _, err := seeds.Base(ctx, db); err != nil {
		return nil, err
	}
	p := new(province)
	var err error
	if p.plan, err = plan.Current(ctx, db.Read(ctx), models.DayOf(now)); err != nil {
		return nil, err
	}
	var offices []models.Organisation
	if err := db.Read(ctx).Where("to_day > ? AND from_day <= ? AND kind NOT IN ?", models.DayOf(now), models.DayOf(now),
		models.Totals).Order("path").Find(&offices).Error; err != nil {
		return nil, err
	}
	r := rand.New(rand.NewPCG(uint64(cadres), 853))
	for range cadres {
		p.cadres = append(p.cadres, models.Cadre{FullName: fullName(r), BirthYear: 1965 + r.IntN(40)})
	}
	_, err = db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		if err := tx.CreateInBatches(&p.cadres, rowsAtOnce).Error; err != nil {
			return 0, err
		}
		for _, c := range p.cadres {
			from := models.MustDay("2025-07-01")
			at := models.Posting{CadreID: c.ID, OrganisationID: offices[r.IntN(len(offices))].ID, Title: "Chuyên viên", FromDay: from, ToDay: models.Forever, Main: true}
			if r.IntN(3) == 0 {
				before := at
				before.ToDay = from.AddDays(100)
				at.FromDay, at.OrganisationID = before.ToDay, offices[r.IntN(len(offices))].ID
				p.postings = append(p.postings, before)
			}
			p.postings = append(p.postings, at)
			if r.IntN(3) > 0 {
				p.completions = append(p.completions, models.Completion{CadreID: c.ID, EffectiveDay: models.MustDay("2025-08-01").AddDays(r.IntN(400)), Components: both, AttendedMinutes: 480, TotalMinutes: 480})
			}
		}
		if err := tx.CreateInBatches(&p.postings, rowsAtOnce).Error; err != nil {
			return 0, err
		}
		groups := make([]models.PostingGroup, len(p.postings))
		for i, at := range p.postings {
			groups[i] = models.PostingGroup{PostingID: at.ID, GroupID: p.plan.Groups[at.CadreID%uint64(len(p.plan.Groups))].ID}
		}
		if err := tx.CreateInBatches(&groups, rowsAtOnce).Error; err != nil {
			return 0, err
		}
		if len(p.completions) == 0 {
			return 0, nil
		}
		return 0, tx.CreateInBatches(&p.completions, rowsAtOnce).Error
	})
	if err != nil {
		return nil, err
	}
	if err := ledger.Build(ctx, db); err != nil {
		return nil, err
	}
	return p, analyse(ctx, db)
}

// analyse lets the server count its rows, as it would have done by itself in the days that a real system takes to fill.
func analyse(ctx context.Context, db *store.DB) error {
	if db.Dialect == store.SQLite {
		return db.Analyse(ctx)
	}
	tables, err := db.Read(ctx).Migrator().GetTables()
	if err != nil {
		return err
	}
	for _, t := range tables {
		if err := db.Read(ctx).Exec("ANALYZE TABLE ?", clause.Table{Name: t}).Error; err != nil {
			return err
		}
	}
	return nil
}
