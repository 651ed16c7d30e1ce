package history

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/app/roster"
	"taphuan/app/roster/sheet"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

const purposeImport = "history_import"

// MaxRows is how many people a workbook of recognitions may name.
const MaxRows = 2000

// The columns of a workbook of recognitions beside the person.
const (
	columnTitle      = "title"
	columnBody       = "body"
	columnFirst      = "first_day"
	columnLast       = "last_day"
	columnComponents = "components"
	columnPaper      = "paper_number"
)

var columns = []sheet.Extra{
	{Name: columnComponents, Words: []string{"noi dung duoc tinh", "thanh phan", "phan duoc tinh", "noi dung"}},
	{Name: columnBody, Words: []string{"co quan to chuc", "don vi to chuc", "co quan mo lop", "don vi mo lop", "noi to chuc"}},
	{Name: columnFirst, Words: []string{"tu ngay", "ngay bat dau", "bat dau"}},
	{Name: columnLast, Words: []string{"den ngay", "den het ngay", "ngay ket thuc", "ket thuc"}},
	{Name: columnPaper, Words: []string{"so van ban", "van ban", "so giay", "so quyet dinh", "so cong van"}},
	{Name: columnTitle, Words: []string{"ten lop", "lop tap huan", "ten khoa", "khoa hoc", "lop"}},
}

// Taken is a row that can be proposed.
type Taken struct {
	roster.Listed
	Training
}

// Left is a row that cannot, with the first reason: a code of a roster's refusals or of an error.
type Left struct {
	Sheet, Column, Name, Value, Reason string
	Row                                int
	Params                             errs.Params
}

// Preview is what a workbook of recognitions would propose.
type Preview struct {
	models.HistoryImport
	Taken []Taken
	Left  []Left
}

// Upload keeps a workbook of the actor until it is confirmed or dropped, in the place of an earlier one. It refuses a file that is
// missing ("file_missing"), too large ("file_too_large"), or not understood as a list of people (the codes of sheet.Read).
func (s *Service) Upload(ctx context.Context, actor access.Actor, name string, file []byte) error {
	if err := sized(file); err != nil {
		return err
	}
	if _, err := s.Roster.ReadListing(ctx, s.DB.Read(ctx), file, columns); err != nil {
		return err
	}
	return s.keep(ctx, actor, models.HistoryRecognitions, name, file)
}

// sized refuses a file that is missing ("file_missing") or too large ("file_too_large").
func sized(file []byte) error {
	switch {
	case len(file) == 0:
		return errs.OnField("file", "file_missing")
	case len(file) > roster.MaxUpload:
		return errs.OnField("file", "file_too_large")
	}
	return nil
}

// keep seals a workbook of the actor, in the place of an earlier one of the kind.
func (s *Service) keep(ctx context.Context, actor access.Actor, kind models.HistoryKind, name string, file []byte) error {
	sealed, err := s.Files.Keys.Seal(purposeImport, string(file))
	if err != nil {
		return err
	}
	name = viet.NFC(name)
	if r := []rune(name); len(r) > 200 {
		name = string(r[len(r)-200:])
	}
	sum := sha256.Sum256(file)
	_, err = s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		if err := tx.Where("account_id = ? AND kind = ?", actor.AccountID, kind).Delete(&models.HistoryImport{}).Error; err != nil {
			return 0, err
		}
		im := models.HistoryImport{AccountID: actor.AccountID, Kind: kind, FileName: name, Sha256: hex.EncodeToString(sum[:]), File: sealed}
		err := tx.Create(&im).Error
		return im.ID, err
	})
	return err
}

// Pending reads the workbook that the actor has uploaded against what is known now; nil where there is none.
func (s *Service) Pending(ctx context.Context, actor access.Actor) (*Preview, error) {
	db := s.DB.Read(ctx)
	im, err := pending(db, actor, models.HistoryRecognitions)
	if err != nil || im == nil {
		return nil, err
	}
	return s.understand(ctx, db, actor, *im)
}

// pending gives the workbook of the kind that waits for the actor's yes, nil for none.
func pending(db *gorm.DB, actor access.Actor, kind models.HistoryKind) (*models.HistoryImport, error) {
	var found []models.HistoryImport
	if err := db.Where("account_id = ? AND kind = ?", actor.AccountID, kind).Limit(1).Find(&found).Error; err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// takePending locks the workbook that the page showed. It refuses one that another has taken the place of or that is gone
// ("import_replaced").
func takePending(tx *store.Tx, actor access.Actor, kind models.HistoryKind, id uint64) (models.HistoryImport, error) {
	var im models.HistoryImport
	err := tx.Lock().Where("id = ? AND account_id = ? AND kind = ?", id, actor.AccountID, kind).Take(&im).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = errs.Conflict("import_replaced")
	}
	return im, err
}

// understand reads a workbook: who each row is, what it says of the training, and why it cannot be taken.
func (s *Service) understand(ctx context.Context, db *gorm.DB, actor access.Actor, im models.HistoryImport) (*Preview, error) {
	file, err := s.Files.Keys.Open(purposeImport, im.File)
	if err != nil {
		return nil, err
	}
	im.File = nil
	out := &Preview{HistoryImport: im}
	list, err := s.Roster.ReadListing(ctx, db, []byte(file), columns)
	if err != nil {
		return nil, err
	}
	if len(list.Rows) > MaxRows {
		return nil, errs.TooLarge("too_many_rows", errs.Params{"max": MaxRows})
	}
	today := models.DayOf(s.DB.Time())
	p, err := plan.Current(ctx, db, today)
	if err != nil {
		return nil, err
	}
	for _, r := range list.Refused {
		out.Left = append(out.Left, Left{Sheet: r.Sheet, Row: r.Row, Column: r.Column, Name: r.Name, Value: r.Value, Reason: string(r.Reason), Params: r.Params})
	}
	reach, used, err := s.known(db, actor, list.Rows, today)
	if err != nil {
		return nil, err
	}
	for _, r := range list.Rows {
		t := trainingOf(r, p)
		left := Left{Sheet: r.Sheet, Row: r.Row.Row, Name: r.Name}
		switch {
		case r.Refused != "":
			left.Reason = r.Refused
		case !reach[r.CadreID]:
			left.Reason = roster.RefusedNobodyKnown // out of scope is as if it did not exist
		default:
			left.refuse(r, t, p, today)
		}
		if key := (paperOf{r.CadreID, paperKey(t.PaperNumber)}); left.Reason == "" && used[key] {
			left.at(r, columnPaper)
			left.Reason, left.Params = "paper_already_used", errs.Params{"name": r.Name, "paper": t.PaperNumber}
		} else if left.Reason == "" {
			used[key] = true
			out.Taken = append(out.Taken, Taken{r, t})
			continue
		}
		out.Left = append(out.Left, left)
	}
	slices.SortStableFunc(out.Left, func(a, b Left) int { return a.Row - b.Row })
	return out, nil
}

// known says which of the cadres the actor reaches, and which papers they have brought.
func (s *Service) known(db *gorm.DB, actor access.Actor, rows []roster.Listed, today models.Day) (map[uint64]bool, map[paperOf]bool, error) {
	ids := map[uint64]bool{}
	for _, r := range rows {
		if r.CadreID != 0 {
			ids[r.CadreID] = true
		}
	}
	reach := map[uint64]bool{}
	var of []models.Recognition
	for part := range slices.Chunk(slices.Sorted(maps.Keys(ids)), batch) {
		var found []uint64
		if err := db.Model(&models.Cadre{}).Scopes(access.Cadres(actor, access.CompletionPropose, today)).Where("cadres.id IN ?", part).Pluck("cadres.id", &found).Error; err != nil {
			return nil, nil, err
		}
		for _, id := range found {
			reach[id] = true
			of = append(of, models.Recognition{CadreID: id})
		}
	}
	used, err := papers(db, of)
	return reach, used, err
}

// refuse notes the first thing that is wrong with the training that a row tells of.
func (l *Left) refuse(r roster.Listed, t Training, p *plan.Plan, today models.Day) {
	var f errs.Fields
	t.check(&f, p, today)
	if len(f) == 0 {
		return
	}
	l.Reason, l.Params = f[0].Code, f[0].Params
	l.at(r, f[0].Name)
}

// at notes the cell at fault.
func (l *Left) at(r roster.Listed, column string) {
	for _, c := range r.Said {
		if c.Name == column {
			l.Column, l.Value = c.Column, c.Text
			return
		}
	}
}

// trainingOf reads what a row says of the training.
func trainingOf(r roster.Listed, p *plan.Plan) Training {
	var t Training
	text := map[string]string{}
	for _, c := range r.Said {
		if text[c.Name] == "" {
			text[c.Name] = c.Text
		}
	}
	t.Title, t.Body, t.PaperNumber = text[columnTitle], text[columnBody], text[columnPaper]
	for name, day := range map[string]*models.Day{columnFirst: &t.FirstDay, columnLast: &t.LastDay} {
		if day.UnmarshalText([]byte(text[name])) != nil {
			*day = 0
		}
	}
	if t.FirstDay == 0 && text[columnFirst] == "" {
		t.FirstDay = t.LastDay // of one day
	}
	said := viet.Fold(text[columnComponents])
	for _, c := range p.Components {
		if said != "" && (strings.Contains(said, viet.Fold(c.NameVi)) || strings.Contains(said, viet.Fold(c.NameEn)) || said == string(c.Component)) {
			t.Components = append(t.Components, c.Component)
		}
	}
	t.tidy()
	return t
}

// Confirm proposes what the actor's workbook holds, in one transaction, and drops the workbook; approve, for those who may decide,
// recognises it at once. Rows that cannot be taken are left out. id is the workbook that the page showed.
//
// It refuses a workbook that another has taken the place of or that is gone ("import_replaced"), and one without a row that can be
// taken ("nothing_to_propose").
func (s *Service) Confirm(ctx context.Context, actor access.Actor, id uint64, approve bool) (int, error) {
	if approve && !actor.May(access.CompletionApprove) {
		return 0, errs.Forbidden("forbidden")
	}
	n, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		im, err := takePending(tx, actor, models.HistoryRecognitions, id)
		if err != nil {
			return 0, err
		}
		v, err := s.understand(ctx, tx.DB, actor, im)
		if err != nil {
			return 0, err
		}
		if len(v.Taken) == 0 {
			return 0, errs.Conflict("nothing_to_propose")
		}
		var ids []uint64
		rows, parts := make([]models.Recognition, len(v.Taken)), make([][]models.Component, len(v.Taken))
		for i, t := range v.Taken {
			ids = append(ids, t.CadreID)
			rows[i], parts[i] = t.row(t.CadreID, nil), t.Components
		}
		people, err := lockCadres(tx, actor, access.CompletionPropose, unique(ids))
		if err != nil {
			return 0, err
		}
		if err := propose(tx, rows, parts, people); err != nil {
			return 0, err
		}
		if approve {
			if err := decide(tx, rows, models.RecognitionApproved, ""); err != nil {
				return 0, err
			}
		}
		if err := tx.Audit("recognition.import", "recognition", rows[0].ID, map[string]any{"file": im.FileName, "sha256": im.Sha256, "taken": len(rows), "left": len(v.Left), "approved": approve}); err != nil {
			return 0, err
		}
		return uint64(len(rows)), tx.Delete(&im).Error
	})
	return int(n), err
}

// Drop forgets the workbook of the kind that the actor has uploaded.
func (s *Service) Drop(ctx context.Context, actor access.Actor, kind models.HistoryKind) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		return 0, tx.Where("account_id = ? AND kind = ?", actor.AccountID, kind).Delete(&models.HistoryImport{}).Error
	})
	return err
}
