package history_test

import (
	"context"
	"testing"
	"time"

	"taphuan/app/access"
	"taphuan/app/file"
	"taphuan/app/history"
	"taphuan/app/roster"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/models"
)

// world is a database with base data, some cadres of two offices and the service.
type world struct {
	t           *testing.T
	db          *store.DB
	s           *history.Service
	home, other models.Organisation
	coordinator access.Actor
	head        access.Actor // of home
	papers      int
}

func newWorld(t *testing.T, db *store.DB) *world {
	t.Helper()
	keys, err := secret.New(make([]byte, 32))
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, db: db, s: &history.Service{DB: db, Files: &file.Service{DB: db, Keys: keys}, Roster: &roster.Service{DB: db, Keys: keys}}}
	read := db.Read(t.Context())
	w.must(read.Where("code = ?", "SO-VHTTDL").Take(&w.home).Error)
	w.must(read.Where("code = ?", "SO-GDDT").Take(&w.other).Error)
	account := models.Account{Name: "Điều phối", Language: "vi"}
	w.create(&account)
	w.coordinator = access.Actor{By: store.By{AccountID: account.ID}, Grants: []access.Grant{{Role: models.RoleCoordinator}}}
	w.head = access.Actor{By: store.By{AccountID: account.ID}, Grants: []access.Grant{{Role: models.RoleHead, OrganisationID: w.home.ID, Path: w.home.Path}}}
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) create(rows ...any) {
	w.t.Helper()
	_, err := w.db.Write(w.t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
		for _, r := range rows {
			if err := tx.Create(r).Error; err != nil {
				return 0, err
			}
		}
		return 0, nil
	})
	w.must(err)
}

// group gives the id of a target group.
func (w *world) group(code string) uint64 {
	w.t.Helper()
	var g models.TargetGroup
	w.must(w.db.Read(w.t.Context()).Where("code = ?", code).Take(&g).Error)
	return g.ID
}

// cadre makes somebody of the group QCN who has worked at the office since 2024.
func (w *world) cadre(name string, at models.Organisation) uint64 {
	w.t.Helper()
	c := models.Cadre{FullName: name, BirthYear: 1985}
	w.create(&c)
	p := models.Posting{CadreID: c.ID, OrganisationID: at.ID, Title: "Chuyên viên", FromDay: max(at.FromDay, models.MustDay("2024-01-01")), ToDay: models.Forever, Main: true}
	w.create(&p)
	w.create(&models.PostingGroup{PostingID: p.ID, GroupID: w.group("QCN")})
	testdb.Ledger(w.t, w.db)
	return c.ID
}

func day(s string) models.Day { return models.MustDay(s) }

// training is right in every way.
func training() history.Training {
	return history.Training{Title: "Tập huấn công tác quyền con người năm 2025", Body: "Bộ Tư pháp", FirstDay: day("2025-05-05"), LastDay: day("2025-05-07"),
		PaperNumber: "12/GCN-BTP", Components: []models.Component{models.ComponentUpdate, models.ComponentTraining}}
}

func (w *world) propose(actor access.Actor, t history.Training, approve bool, ids ...uint64) uint64 {
	w.t.Helper()
	id, err := w.s.Propose(context.Background(), actor, ids, t, nil, approve)
	w.must(err)
	return id
}

// count counts rows of a table.
func (w *world) count(table, where string, args ...any) int {
	w.t.Helper()
	var n int64
	w.must(w.db.Read(w.t.Context()).Table(table).Where(where, args...).Count(&n).Error)
	return int(n)
}

// at sets the clock to a local day, eight in the morning.
func (w *world) at(d string) {
	now := day(d).At(8 * 60)
	w.db.Now = func() time.Time { return now }
}
