package roster

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/job"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// MaxUpload is how many bytes an uploaded workbook may have; a row of the database must hold it.
const MaxUpload = 12 << 20

// Kinds of jobs.
const (
	JobReadImport  = "roster.read"
	JobWriteImport = "roster.write"
)

const purposeImport = "roster_import"

type importJob struct {
	Import uint64 `json:"import"`
}

// mayImport answers imports as not found to those whose right does not reach over the whole plan: a workbook may name anybody.
func mayImport(actor access.Actor) error {
	if !actor.Whole(access.RosterImport) {
		return errs.NotFound("import")
	}
	return nil
}

// UploadInput is a workbook with what is said of it.
type UploadInput struct {
	Name      string
	File      []byte
	Effective models.Day
	Full      bool // it is the full list of its organisations: the preview offers the difference
}

// Upload takes a workbook and has it read in the background; it gives the import's id. It refuses a missing file
// ("file_missing"), one over 12 MiB ("file_too_large") and a missing day ("required"), each at its field.
func (s *Service) Upload(ctx context.Context, actor access.Actor, in UploadInput) (uint64, error) {
	name, file, effective := in.Name, in.File, in.Effective
	if err := mayImport(actor); err != nil {
		return 0, err
	}
	var f errs.Fields
	switch {
	case len(file) == 0:
		f.Add("file", "file_missing")
	case len(file) > MaxUpload:
		f.Add("file", "file_too_large")
	}
	if effective == 0 || effective == models.Forever { // 9999-12-31 is no day of a list
		f.Add("effective", "required")
	}
	if err := f.Err(); err != nil {
		return 0, err
	}
	sum := sha256.Sum256(file)
	sealed, err := s.Keys.Seal(purposeImport, string(file))
	if err != nil {
		return 0, err
	}
	if r := []rune(viet.NFC(name)); len(r) > 200 {
		name = string(r[len(r)-200:])
	} else {
		name = string(r)
	}
	id, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		im := models.RosterImport{FileName: name, Sha256: hex.EncodeToString(sum[:]), File: sealed, EffectiveDay: effective, FullList: in.Full, State: models.ImportReading, Preview: []byte{}}
		if actor.AccountID != 0 {
			im.AccountID = &actor.AccountID
		}
		if err := tx.Create(&im).Error; err != nil {
			return 0, err
		}
		jid, err := job.Add(tx, JobReadImport, importJob{Import: im.ID})
		if err != nil {
			return 0, err
		}
		if err := tx.Audit("import.upload", "import", im.ID, map[string]any{"file": name, "sha256": im.Sha256, "effective": effective, "full": in.Full}); err != nil {
			return 0, err
		}
		return im.ID, tx.Model(&im).Update("job_id", jid).Error
	})
	if err == nil {
		s.wake()
	}
	return id, err
}

func (s *Service) wake() {
	if s.Jobs != nil {
		s.Jobs.Wake()
	}
}

// Kinds gives the jobs of this package to the runner.
func (s *Service) Kinds() map[string]job.Func {
	return map[string]job.Func{JobReadImport: s.readImport, JobWriteImport: s.writeImport, JobTwins: s.seekTwins}
}

func (s *Service) openImport(ctx context.Context, j models.Job) (models.RosterImport, []byte, error) {
	var p importJob
	var im models.RosterImport
	if err := json.Unmarshal([]byte(j.Payload), &p); err != nil {
		return im, nil, err
	}
	if err := s.DB.Read(ctx).Take(&im, p.Import).Error; err != nil {
		return im, nil, err
	}
	if len(im.File) == 0 {
		return im, nil, nil
	}
	file, err := s.Keys.Open(purposeImport, im.File)
	im.File = nil
	return im, []byte(file), err
}

// readImport is the job that reads an uploaded workbook. Doing it again does no harm: what was stored is replaced.
func (s *Service) readImport(ctx context.Context, j models.Job, progress job.Progress) (any, error) {
	im, file, err := s.openImport(ctx, j)
	if err != nil || im.State != models.ImportReading {
		return nil, err
	}
	set := map[string]any{"state": models.ImportRead}
	var pages []models.RosterImportPage
	pv, err := s.ImportFile(ctx, store.By{}, file, im.EffectiveDay, true, phase(progress, 0, 9*scale/10))
	if err == nil && im.FullList {
		err = s.addDifference(ctx, pv)
	}
	switch {
	case err == nil:
		if pages, err = s.pages(im.ID, pv, models.PartAccepted, models.PartRefused, models.PartAsked, models.PartWarned, models.PartLeavers); err != nil {
			return nil, err
		}
		if set["preview"], err = s.sealJSON(headOf(pv)); err != nil {
			return nil, err
		}
	case errs.As(err).Kind == errs.KindInternal:
		return nil, err
	default:
		set["state"], set["error_code"], set["file"] = models.ImportRefused, fileRefusal(errs.As(err)), []byte{}
	}
	progress(9*scale/10, scale)
	_, err = s.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		now, err := takeImport(tx, im.ID)
		if err != nil || now.State != models.ImportReading {
			return 0, err // cancelled meanwhile, or read by another process
		}
		if err := replacePages(tx, im.ID, pages); err != nil {
			return 0, err
		}
		return im.ID, tx.Model(&models.RosterImport{}).Where("id = ?", im.ID).Updates(set).Error
	})
	return nil, err
}

// fileRefusal is the code of a refused file with what of it: "table_not_understood:no_header".
func fileRefusal(e *errs.Error) string {
	for _, param := range []string{"why", "format"} {
		if v, ok := e.Params[param].(string); ok {
			return e.Code + ":" + v
		}
	}
	return e.Code
}

// Choice is what somebody decided on a page of rows that ask: those in Move give way, the others on that page do not.
type Choice struct {
	Page int
	Move []string // SHEET!ROW

	Leavers bool // the page is one of those missing in a full list, and Left what was said of them
	Left    []Leaving
}

// Decide keeps the answers of one page of rows that ask. It refuses an import that waits for no yes with "import_not_ready".
func (s *Service) Decide(ctx context.Context, actor access.Actor, id uint64, c Choice) error {
	if err := mayImport(actor); err != nil {
		return err
	}
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		im, err := takeImport(tx, id)
		if err != nil {
			return 0, err
		}
		if im.State != models.ImportRead {
			return 0, errs.Conflict("import_not_ready")
		}
		return id, s.decide(tx, id, c)
	})
	return err
}

func (s *Service) decide(tx *store.Tx, id uint64, c Choice) error {
	var p models.RosterImportPage
	err := tx.Where("import_id = ? AND part = ? AND number = ?", id, models.PartAsked, c.Page).Take(&p).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return errs.NotFound("page")
	}
	if err != nil {
		return err
	}
	var rows []RefusedRow
	if err := s.openJSON(p.Body, &rows); err != nil {
		return err
	}
	for i := range rows {
		rows[i].Move = slices.Contains(c.Move, rows[i].Key())
	}
	body, err := s.sealJSON(rows)
	if err != nil {
		return err
	}
	return tx.Model(&models.RosterImportPage{}).Where("import_id = ? AND part = ? AND number = ?", id, models.PartAsked, c.Page).Update("body", body).Error
}

// Confirm has an import that was read written, once; choice, where there is one, is kept first. It refuses an import that is not
// waiting for a yes with "import_not_ready". One whose writing failed may be confirmed again.
func (s *Service) Confirm(ctx context.Context, actor access.Actor, id uint64, choice *Choice) error {
	if err := mayImport(actor); err != nil {
		return err
	}
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		im, err := takeImport(tx, id)
		if err != nil {
			return 0, err
		}
		if ok, err := waits(tx, im, models.ImportRead, models.ImportWriting); err != nil || !ok {
			return 0, notReady(err)
		}
		if choice != nil {
			if choice.Leavers {
				err = s.decideLeavers(tx, im, choice.Page, choice.Left)
			} else {
				err = s.decide(tx, id, *choice)
			}
			if err != nil {
				return 0, err
			}
		}
		jid, err := job.Add(tx, JobWriteImport, importJob{Import: id})
		if err != nil {
			return 0, err
		}
		if err := tx.Audit("import.confirm", "import", id, map[string]any{"file": im.FileName, "sha256": im.Sha256, "effective": im.EffectiveDay}); err != nil {
			return 0, err
		}
		return id, tx.Model(&models.RosterImport{}).Where("id = ?", id).Updates(map[string]any{"state": models.ImportWriting, "job_id": jid}).Error
	})
	if err == nil {
		s.wake()
	}
	return err
}

// waits says whether the import is in the state, or stuck in the other one because its job has failed for good.
func waits(tx *store.Tx, im models.RosterImport, state, stuck models.ImportState) (bool, error) {
	if im.State == state || im.State != stuck || im.JobID == nil {
		return im.State == state, nil
	}
	var j models.Job
	err := tx.Select("id", "state").Take(&j, *im.JobID).Error
	return j.State == models.JobFailed, err
}

func notReady(err error) error {
	if err != nil {
		return err
	}
	return errs.Conflict("import_not_ready")
}

// Cancel drops an import that was not confirmed, or whose writing failed, with the file. It refuses others with "import_not_ready".
func (s *Service) Cancel(ctx context.Context, actor access.Actor, id uint64) error {
	if err := mayImport(actor); err != nil {
		return err
	}
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		im, err := takeImport(tx, id)
		if err != nil {
			return 0, err
		}
		if im.State != models.ImportReading {
			if ok, err := waits(tx, im, models.ImportRead, models.ImportWriting); err != nil || !ok {
				return 0, notReady(err)
			}
		}
		if err := tx.Audit("import.cancel", "import", id, nil); err != nil {
			return 0, err
		}
		if err := replacePages(tx, id, nil); err != nil {
			return 0, err
		}
		return id, tx.Model(&models.RosterImport{}).Where("id = ?", id).
			Updates(map[string]any{"state": models.ImportCancelled, "file": []byte{}, "preview": []byte{}}).Error
	})
	return err
}

// takeImport locks an import without its file.
func takeImport(tx *store.Tx, id uint64) (models.RosterImport, error) {
	var im models.RosterImport
	err := tx.Lock().Select("id", "file_name", "sha256", "effective_day", "state", "job_id").Take(&im, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return im, errs.NotFound("import")
	}
	return im, err
}

// stands locks an import and says whether it still is to be written. One whose plan or groups are gone since it was read is refused as a whole
// ("import_plan_gone", "import_group_gone"): what was shown before the yes cannot be done any more.
func (s *Service) stands(tx *store.Tx, id uint64, head Head) (bool, error) {
	now, err := takeImport(tx, id)
	if err != nil || now.State != models.ImportWriting {
		return false, err
	}
	var plans int64
	if err := tx.Model(&models.Plan{}).Where("id = ?", head.Plan).Count(&plans).Error; err != nil {
		return false, err
	}
	lost, err := gone(tx.DB, head.Groups)
	set := map[string]any{"state": models.ImportRefused, "file": []byte{}}
	switch {
	case err != nil:
		return false, err
	case head.Plan != 0 && plans == 0:
		set["error_code"] = "import_plan_gone"
	case len(lost) > 0:
		set["error_code"] = "import_group_gone"
	default:
		return true, nil
	}
	if set["preview"], err = s.sealJSON(Head{Groups: lost}); err != nil {
		return false, err
	}
	if err := replacePages(tx, id, nil); err != nil {
		return false, err
	}
	return false, tx.Model(&models.RosterImport{}).Where("id = ?", id).Updates(set).Error
}

// writeImport is the job that writes a confirmed workbook: roster, import and what remains of its rows in one transaction, so that
// a process that dies leaves nothing behind and the next one starts anew, and of two at once the second finds the work done.
func (s *Service) writeImport(ctx context.Context, j models.Job, progress job.Progress) (any, error) {
	im, file, err := s.openImport(ctx, j)
	if err != nil || im.State != models.ImportWriting {
		return nil, err
	}
	var head Head
	if len(im.Preview) > 0 {
		if err := s.openJSON(im.Preview, &head); err != nil {
			return nil, err
		}
	}
	by := store.By{Action: "import.write", RequestID: fmt.Sprintf("import-%d", im.ID)}
	if im.AccountID != nil {
		by.AccountID = *im.AccountID
	}
	may := false
	if _, err := s.DB.Write(ctx, by, func(tx *store.Tx) (_ uint64, err error) {
		may, err = s.stands(tx, im.ID, head)
		return 0, err
	}); err != nil || !may {
		return nil, err
	}
	if head.Plan != 0 {
		ctx = plan.Choose(ctx, head.Plan) // whatever plan was chosen when it was confirmed
	}
	moves, err := s.moves(ctx, im.ID)
	if err != nil {
		return nil, err
	}
	u, err := s.understand(ctx, file, im.EffectiveDay, moves, phase(progress, 0, scale/4))
	if err != nil {
		return nil, err
	}
	head.Groups = append(head.Groups, u.groups...)
	step := phase(progress, scale/4, scale)
	_, _, err = s.write(ctx, by, u.entries, im.EffectiveDay, func(done int) { step(done, 3*len(u.entries)) },
		func(tx *store.Tx) (bool, error) {
			return s.stands(tx, im.ID, head)
		},
		func(tx *store.Tx, w Written, out []Outcome) error {
			pv := u.preview(im.EffectiveDay, w, out)
			sum := summaryOf(pv, w, out)
			leaving, err := s.leavers(tx.DB, im.ID)
			if err != nil {
				return err
			}
			if sum.Left, sum.Kept, err = endLeavers(tx, leaving, out); err != nil {
				return err
			}
			b, err := json.Marshal(sum)
			if err != nil {
				return err
			}
			// The file and the accepted rows leave the system once they are in the roster: national ids stand in them. What was
			// refused stays, sealed, so that somebody can mend it.
			pages, err := s.pages(im.ID, pv, models.PartRefused)
			if err != nil {
				return err
			}
			if err := replacePages(tx, im.ID, pages); err != nil {
				return err
			}
			if err := tx.Audit("roster.import", "import", im.ID, map[string]any{"effective": im.EffectiveDay, "accepted": sum.Accepted, "refused": sum.Refused, "written": w, "left": sum.Left}); err != nil {
				return err
			}
			return tx.Model(&models.RosterImport{}).Where("id = ?", im.ID).
				Updates(map[string]any{"state": models.ImportWritten, "written": string(b), "file": []byte{}, "preview": []byte{}}).Error
		})
	return nil, err
}
