package seeds

import (
	"context"
	"fmt"

	"taphuan/app/job"
	"taphuan/app/roster"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/models"
)

// demoTrainer is the trainer who always has a session today.
const demoTrainer = "giangvien"

// DemoToday gives the demonstration's trainer a session to mark today, where there is none any more because the province was
// loaded some days ago: a new class of one day, filled like the others. It says whether it added one; a database without the
// demonstration is left alone.
func DemoToday(ctx context.Context, db *store.DB, keys *secret.Keys, publicURL string) (added bool, err error) {
	if state, err := demoState(ctx, db); err != nil || state != demoLoaded {
		return false, err
	}
	today := models.DayOf(db.Time())
	var n int64
	err = db.Read(ctx).Table("course_sessions s").Joins("JOIN courses c ON c.id = s.course_id").
		Joins("JOIN course_staff cs ON cs.course_id = c.id AND cs.role = ?", models.StaffTrainer).
		Joins("JOIN sign_in_names sn ON sn.account_id = cs.account_id AND sn.name = ?", demoTrainer).
		Where("s.day = ? AND s.cancelled = ? AND c.state IN ?", today, false, []models.CourseState{models.CourseOpen, models.CourseRunning}).Count(&n).Error
	if err != nil || n > 0 {
		return false, err
	}
	w, err := newWorld(ctx, db, keys, publicURL)
	if err != nil {
		return false, err
	}
	if err := w.meetAgain(ctx); err != nil {
		return false, err
	}
	c := &demoCourse{Type: "seminar", Title: "Trao đổi nghiệp vụ truyền thông về quyền con người, ngày " + w.today.At(0).Format("02/01/2006"), Host: "SO-VHTTDL",
		Venue: "Trung tâm Hội nghị tỉnh, phường Thục Phán", Day: "+0", Sessions: "SC", Groups: []string{"QCN", "TTTT"},
		From: []string{"CB-QLNN", "CB-DANG", "CB-LLVT"}, Topics: []string{"2", "3"}, Trainers: []string{demoTrainer}, Clerk: "thuky", Seats: 60, Take: 0.5, End: models.CourseRunning}
	if err := c.place(w.today); err != nil {
		return false, err
	}
	for _, step := range []func(context.Context, *demoCourse) error{w.draft, w.open, w.fill} {
		if err := step(ctx, c); err != nil {
			return false, fmt.Errorf("a class for today: %w", err)
		}
	}
	return true, nil
}

// meetAgain finds the accounts of a province that was loaded before.
func (w *world) meetAgain(ctx context.Context) error {
	for _, list := range [][]DemoAccount{DemoAccounts, extras} {
		for _, a := range list {
			var name models.SignInName
			q := w.db.Read(ctx).Where("name = ?", a.SignIn).Limit(1).Find(&name)
			if q.Error != nil {
				return q.Error
			}
			if q.RowsAffected == 0 {
				continue
			}
			var account models.Account
			if err := w.db.Read(ctx).Take(&account, name.AccountID).Error; err != nil {
				return err
			}
			if account.Disabled {
				continue
			}
			who, err := w.access.Load(ctx, account.ID, account.Epoch)
			if err != nil {
				return err
			}
			w.actors[a.SignIn] = who.Actor
		}
	}
	return nil
}

// sendRoster uploads a workbook that waits for the coordinator's yes, with the slips of the pen that offices make.
func (w *world) sendRoster(ctx context.Context) error {
	const file = "bo-sung-so-y-te.xlsx"
	b, err := demoFiles.ReadFile("demo/" + file)
	if err != nil {
		return err
	}
	y, m, _ := w.today.Date()
	if _, err := w.roster.Upload(ctx, w.actors["dieuphoi"], roster.UploadInput{Name: file, File: b, Effective: models.NewDay(y, m+1, 1)}); err != nil {
		return err
	}
	jobs := &job.Runner{DB: w.db, Kinds: w.roster.Kinds()}
	for more := true; more && err == nil; { // likely twins are sought before it is read
		more, err = jobs.RunOne(ctx)
	}
	return err
}

// printSlips has a head print one-time codes for those of the office who have no account yet.
func (w *world) printSlips(ctx context.Context) error {
	org := w.orgs["SO-TP"].ID
	var ids []uint64
	err := w.db.Read(ctx).Model(&models.Posting{}).Where("organisation_id = ? AND main = ? AND from_day <= ? AND to_day > ? AND cadre_id <> ?", org, true, w.today, w.today, w.star).
		Order("id").Limit(5).Pluck("cadre_id", &ids).Error
	if err != nil {
		return err
	}
	_, err = w.access.MakeSlips(ctx, w.actors["thutruong"], org, ids)
	return err
}
