package seeds

import (
	"context"
	"fmt"

	"taphuan/app/roster"
	"taphuan/models"
)

// turns are what happened to some people since the rosters of 2026 came in.
func (w *world) turns() []turn {
	day := models.MustDay
	retire := models.NewDay(w.today.Year()+1, 1, 1)
	return []turn{
		{"2026-02-26", "SO-NV", 2, roster.ChangeInput{Kind: roster.ChangeTransfer, Organisation: "SO-TP", Title: "Phó Trưởng phòng", Groups: []string{"QCN"}, From: day("2026-03-01"), Note: "Quyết định 214/QĐ-SNV"}},
		{"2026-03-12", "SO-YT", 2, roster.ChangeInput{Kind: roster.ChangeTransfer, Organisation: "SO-GDDT", Title: "Chuyên viên", Groups: []string{"QCN"}, From: day("2026-03-16")}},
		{"2026-04-02", "SO-TP", 3, roster.ChangeInput{Kind: roster.ChangeDuty, Title: "Trưởng phòng", Groups: []string{"QCN"}, From: day("2026-04-01"), Note: "Bổ nhiệm"}},
		{"2026-05-04", "SO-TP", 4, roster.ChangeInput{Kind: roster.ChangeConcurrent, Organisation: "BCD-NQ", Title: "Ủy viên Ban Chỉ đạo", Groups: []string{"QCN"}, From: day("2026-05-01")}},
		{"2026-05-20", "SO-VHTTDL", 3, roster.ChangeInput{Kind: roster.ChangeLeave, Leave: models.LeaveMaternity, From: day("2026-06-01"), To: day("2026-12-01")}},
		{"2026-06-15", "SO-TP", 5, roster.ChangeInput{Kind: roster.ChangeLeave, Leave: models.LeaveStudy, From: day("2026-06-15"), To: day("2027-06-15"), Note: "Cao cấp lý luận chính trị"}},
		{"2026-07-01", "X-DAMTHUY", 2, roster.ChangeInput{Kind: roster.ChangeEnd, Reason: models.EndMovedAway, To: day("2026-07-01")}},
		{w.today.AddDays(-20).String(), "SO-TP", 6, roster.ChangeInput{Kind: roster.ChangeEnd, Reason: models.EndRetired, To: retire, Note: "Nghỉ hưu theo chế độ"}},
	}
}

// turn is one change of one cadre: the nth of an office's list, by name, on the day on which it was recorded.
type turn struct {
	came, office string
	nth          int
	change       roster.ChangeInput
}

// take makes the change. A maternity leave is a woman's.
func (w *world) take(ctx context.Context, x turn) error {
	day := models.MustDay(x.came)
	var p models.Posting
	q := w.db.Read(ctx).Joins("JOIN cadres ON cadres.id = postings.cadre_id").
		Where("organisation_id = ? AND main = ? AND from_day <= ? AND to_day > ? AND cadre_id <> ?", w.orgs[x.office].ID, true, day, day, w.star).Order("cadres.sort_key, cadres.id")
	if x.change.Leave == models.LeaveMaternity {
		q = q.Where("cadres.sex = ?", models.SexFemale)
	}
	if err := q.Offset(x.nth).Limit(1).Find(&p).Error; err != nil || p.ID == 0 {
		return err // a small office
	}
	var c models.Cadre
	if err := w.db.Read(ctx).Take(&c, p.CadreID).Error; err != nil {
		return err
	}
	x.change.Version = c.HistoryVersion
	switch x.change.Kind {
	case roster.ChangeDuty, roster.ChangeEnd, roster.ChangeLeave:
		x.change.PostingID = p.ID
	}
	if err := w.roster.Change(ctx, w.actors["dieuphoi"], c.ID, x.change); err != nil {
		return fmt.Errorf("%s of %s: %w", x.change.Kind, c.FullName, err)
	}
	return nil
}

// hireAgain puts somebody on a roster once more, with two digits of the national id turned round: a pair for who reviews twins.
func (w *world) hireAgain(ctx context.Context) error {
	var c models.Cadre
	err := w.db.Read(ctx).Joins("JOIN postings ON postings.cadre_id = cadres.id").
		Where("postings.organisation_id = ? AND postings.main = ? AND postings.to_day > ? AND birth_day IS NOT NULL AND national_id_sealed IS NOT NULL", w.orgs["SO-GDDT"].ID, true, w.today).
		Order("cadres.sort_key, cadres.id").Limit(1).Find(&c).Error
	if err != nil || c.ID == 0 {
		return err
	}
	number, err := w.keys.Open("national_id", c.NationalIDSealed)
	if err != nil {
		return err
	}
	turned := []byte(number)
	for i := len(turned) - 1; i > 6; i-- {
		if turned[i] != turned[i-1] {
			turned[i], turned[i-1] = turned[i-1], turned[i]
			break
		}
	}
	y, m, _ := w.today.Date()
	_, _, err = w.roster.Hire(ctx, w.actors["dieuphoi"], roster.HireInput{Typed: roster.Typed{Name: c.FullName, Born: c.BirthDay.String(), NationalID: string(turned)}, Sex: c.Sex, New: true,
		ChangeInput: roster.ChangeInput{Organisation: "SO-NV", Title: "Chuyên viên", Groups: []string{"QCN"}, From: models.NewDay(y, m, 1)}})
	return err
}
