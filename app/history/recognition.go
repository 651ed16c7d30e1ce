package history

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/file"
	"taphuan/app/ledger"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// Training is what somebody says of training that another body held.
type Training struct {
	Title       string
	Body        string // who held it
	FirstDay    models.Day
	LastDay     models.Day
	PaperNumber string
	Components  []models.Component
}

func (t *Training) tidy() {
	t.Title, t.Body, t.PaperNumber = viet.NFC(t.Title), viet.NFC(t.Body), viet.NFC(t.PaperNumber)
	t.Components = unique(t.Components)
}

// check notes what cannot be, at the fields of the form: a missing title, body, paper number or day ("required", "paper_missing",
// "day"), texts that are too long, days the wrong way round ("days_reversed"), outside the plan ("day_outside_plan") or in the
// future ("training_in_future"), no component ("component_missing") or one that the plan does not know ("choice").
func (t *Training) check(f *errs.Fields, p *plan.Plan, today models.Day) {
	text := func(name, s, missing string, most int) {
		if s == "" {
			f.Add(name, missing)
		} else if utf8.RuneCountInString(s) > most {
			f.Add(name, "too_long", errs.Params{"n": most})
		}
	}
	text("title", t.Title, "required", maxText)
	text("body", t.Body, "required", maxText)
	checkDays(f, "first_day", "last_day", t.FirstDay, t.LastDay, p, today)
	text("paper_number", t.PaperNumber, "paper_missing", maxPaper)
	if len(t.Components) == 0 {
		f.Add("components", "component_missing")
	}
	for _, c := range t.Components {
		if !slices.ContainsFunc(p.Components, func(x models.PlanComponent) bool { return x.Component == c }) {
			f.Add("components", "choice")
			break
		}
	}
}

// checkDays notes what is wrong with the days of training that is over: one refusal, the first that applies.
func checkDays(f *errs.Fields, firstField, lastField string, first, last models.Day, p *plan.Plan, today models.Day) {
	outside := func(d models.Day) errs.Params {
		return errs.Params{"day": d, "from": p.FromDay, "to": p.ToDay.AddDays(-1)}
	}
	switch {
	case first == 0:
		f.Add(firstField, "day")
	case last == 0:
		f.Add(lastField, "day")
	case last < first:
		f.Add(lastField, "days_reversed", errs.Params{"from": first, "to": last})
	case !p.Covers(first):
		f.Add(firstField, "day_outside_plan", outside(first))
	case !p.Covers(last):
		f.Add(lastField, "day_outside_plan", outside(last))
	case last > today:
		f.Add(lastField, "training_in_future")
	}
}

// paperKey is a paper's number without regard to case and spaces.
func paperKey(number string) string {
	return strings.ToUpper(strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return r
	}, number))
}

// Propose puts cadres forward for recognition of one training, with a scan of the paper where there is one; approve, for those who
// may decide, recognises it at once. It gives the id of the first. All are taken or none.
//
// It refuses what Training.check and file.Check refuse, cadres out of scope (not_found), "nobody_chosen", "too_many_chosen", and a
// cadre for whom the paper has been brought already ("paper_already_used").
func (s *Service) Propose(ctx context.Context, actor access.Actor, cadreIDs []uint64, t Training, scan *file.Upload, approve bool) (uint64, error) {
	ids, err := chosen(cadreIDs)
	if err != nil {
		return 0, err
	}
	if approve && !actor.May(access.CompletionApprove) {
		return 0, errs.Forbidden("forbidden")
	}
	t.tidy()
	return s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		p, err := plan.Current(ctx, tx.DB, tx.Today)
		if err != nil {
			return 0, err
		}
		var f errs.Fields
		t.check(&f, p, tx.Today)
		if scan != nil {
			if _, err := file.Check(scan.Body); err != nil {
				f = append(f, errs.As(err).Fields...)
			}
		}
		if err := f.Err(); err != nil {
			return 0, err
		}
		people, err := lockCadres(tx, actor, access.CompletionPropose, ids)
		if err != nil {
			return 0, err
		}
		var fileID *uint64
		if scan != nil {
			id, err := s.Files.Add(tx, *scan)
			if err != nil {
				return 0, err
			}
			fileID = &id
		}
		rows := make([]models.Recognition, len(ids))
		for i, id := range ids {
			rows[i] = t.row(id, fileID)
		}
		if err := propose(tx, rows, repeat(t.Components, len(rows)), people); err != nil {
			return 0, err
		}
		if approve {
			return rows[0].ID, decide(tx, rows, models.RecognitionApproved, "")
		}
		return rows[0].ID, nil
	})
}

func repeat[T any](x T, n int) []T {
	out := make([]T, n)
	for i := range out {
		out[i] = x
	}
	return out
}

func (t *Training) row(cadreID uint64, fileID *uint64) models.Recognition {
	key := paperKey(t.PaperNumber)
	return models.Recognition{CadreID: cadreID, Title: t.Title, Body: t.Body, FirstDay: t.FirstDay, LastDay: t.LastDay, PaperNumber: t.PaperNumber,
		PaperKey: key, LivePaperKey: &key, FileID: fileID, State: models.RecognitionProposed}
}

// batch is how many rows one statement writes.
const batch = 400

// propose writes recognitions with their components. The cadres are locked.
func propose(tx *store.Tx, rows []models.Recognition, components [][]models.Component, people map[uint64]models.Cadre) error {
	used, err := papers(tx.DB, rows)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if used[paperOf{r.CadreID, r.PaperKey}] {
			return errs.OnField("paper_number", "paper_already_used", errs.Params{"name": people[r.CadreID].FullName, "paper": r.PaperNumber})
		}
	}
	for i := range rows {
		rows[i].ProposedByID = accountOf(tx)
	}
	if err := tx.CreateInBatches(rows, batch).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
		return errs.OnField("paper_number", "paper_already_used", errs.Params{"name": people[rows[0].CadreID].FullName, "paper": rows[0].PaperNumber})
	} else if err != nil {
		return err
	}
	var parts []models.RecognitionComponent
	ids := make([]uint64, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
		for _, c := range components[i] {
			parts = append(parts, models.RecognitionComponent{RecognitionID: r.ID, Component: c})
		}
	}
	if err := tx.CreateInBatches(parts, batch).Error; err != nil {
		return err
	}
	return tx.Audit("recognition.propose", "recognition", ids[0], map[string]any{"recognitions": ids})
}

// paperOf is a paper that a cadre has brought.
type paperOf struct {
	cadre uint64
	key   string
}

// papers says which papers of the recognitions are known of their cadres already.
func papers(db *gorm.DB, rows []models.Recognition) (map[paperOf]bool, error) {
	ids := make([]uint64, len(rows))
	for i, r := range rows {
		ids[i] = r.CadreID
	}
	out := map[paperOf]bool{}
	for part := range slices.Chunk(unique(ids), batch) {
		var found []models.Recognition
		if err := db.Select("cadre_id", "live_paper_key").Where("cadre_id IN ? AND live_paper_key IS NOT NULL", part).Find(&found).Error; err != nil {
			return nil, err
		}
		for _, r := range found {
			out[paperOf{r.CadreID, *r.LivePaperKey}] = true
		}
	}
	return out, nil
}

// Approve recognises what was proposed: each becomes a completion without a course, dated from the training's last day. It refuses
// what is out of scope (not_found) and what has been decided already ("recognition_decided"); all are approved or none.
func (s *Service) Approve(ctx context.Context, actor access.Actor, ids []uint64) error {
	return s.decideAll(ctx, actor, access.CompletionApprove, ids, models.RecognitionApproved, "")
}

// Refuse turns proposals down for a reason ("reason_missing"); it refuses as Approve does.
func (s *Service) Refuse(ctx context.Context, actor access.Actor, ids []uint64, reason string) error {
	reason, err := reasonOf(reason)
	if err != nil {
		return err
	}
	return s.decideAll(ctx, actor, access.CompletionApprove, ids, models.RecognitionRefused, reason)
}

// Withdraw takes proposals back before they are decided; it refuses as Approve does.
func (s *Service) Withdraw(ctx context.Context, actor access.Actor, ids []uint64) error {
	return s.decideAll(ctx, actor, access.CompletionPropose, ids, models.RecognitionWithdrawn, "")
}

func (s *Service) decideAll(ctx context.Context, actor access.Actor, p access.Permission, ids []uint64, state models.RecognitionState, reason string) error {
	ids, err := chosen(ids)
	if err != nil {
		return err
	}
	_, err = s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		var cadres []uint64
		if err := tx.Model(&models.Recognition{}).Where("id IN ?", ids).Distinct().Order("cadre_id").Pluck("cadre_id", &cadres).Error; err != nil {
			return 0, err
		}
		if _, err := lockCadres(tx, actor, p, cadres); err != nil {
			return 0, err
		}
		var rows []models.Recognition
		if err := tx.Lock().Where("id IN ? AND cadre_id IN ?", ids, cadres).Order("id").Find(&rows).Error; err != nil {
			return 0, err
		}
		if len(rows) != len(ids) {
			return 0, errs.NotFound("recognition")
		}
		for _, r := range rows {
			if r.State != models.RecognitionProposed {
				return 0, errs.Conflict("recognition_decided")
			}
		}
		return ids[0], decide(tx, rows, state, reason)
	})
	return err
}

// actions are the words of the audit for each decision.
var actions = map[models.RecognitionState]string{
	models.RecognitionApproved: "recognition.approve", models.RecognitionRefused: "recognition.refuse", models.RecognitionWithdrawn: "recognition.withdraw",
}

// decide settles proposals, which are locked.
func decide(tx *store.Tx, rows []models.Recognition, state models.RecognitionState, reason string) error {
	ids := make([]uint64, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	set := map[string]any{"state": state, "reason": reason, "decided_by_id": accountOf(tx), "decided_at": tx.Now, "updated_at": tx.Now}
	if state != models.RecognitionApproved {
		set["live_paper_key"] = nil
	}
	for part := range slices.Chunk(ids, batch) {
		if err := tx.Model(&models.Recognition{}).Where("id IN ?", part).Updates(set).Error; err != nil {
			return err
		}
	}
	if state == models.RecognitionApproved {
		if err := complete(tx, rows, ids); err != nil {
			return err
		}
	}
	return tx.Audit(actions[state], "recognition", ids[0], map[string]any{"recognitions": ids, "reason": reason})
}

// complete makes the completions of recognitions.
func complete(tx *store.Tx, rows []models.Recognition, ids []uint64) error {
	list, cadres := make([]models.Completion, len(rows)), make([]uint64, len(rows))
	at := make(map[uint64]*models.Completion, len(rows))
	for i, r := range rows {
		list[i] = models.Completion{CadreID: r.CadreID, RecognitionID: &ids[i], EffectiveDay: r.LastDay}
		cadres[i], at[ids[i]] = r.CadreID, &list[i]
	}
	for part := range slices.Chunk(ids, batch) {
		var brought []models.RecognitionComponent
		if err := tx.Where("recognition_id IN ?", part).Find(&brought).Error; err != nil {
			return err
		}
		for _, b := range brought {
			at[b.RecognitionID].Components |= b.Component.Set()
		}
	}
	if err := ledger.Completions(tx, cadres...); err != nil {
		return err
	}
	return tx.CreateInBatches(list, batch).Error
}
