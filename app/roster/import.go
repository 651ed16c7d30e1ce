package roster

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/job"
	"taphuan/app/plan"
	"taphuan/app/roster/sheet"
	"taphuan/app/store"
	"taphuan/models"
)

// MaxUpload is how many bytes an uploaded workbook may have; a row of the database must hold it.
const MaxUpload = 12 << 20

// Kinds of jobs.
const (
	JobReadImport  = "roster.read"
	JobWriteImport = "roster.write"
)

// Warning is something odd about an accepted row.
type Warning struct {
	Code   string `json:"code"`
	Column string `json:"column,omitempty"`
	Value  string `json:"value,omitempty"`
}

// AcceptedRow is a row as it was understood, with what the roster makes of it.
type AcceptedRow struct {
	sheet.Row
	Warnings   []Warning `json:"warnings,omitempty"`
	Matched    string    `json:"matched,omitempty"` // "", "id" or "name": which known cadre it is, and by what
	CadreID    uint64    `json:"cadre_id,omitempty"`
	Candidates []uint64  `json:"candidates,omitempty"` // several could be meant
	Posting    string    `json:"posting,omitempty"`    // "new", "changed", "unchanged"
}

// RefusedRow is a row that cannot be taken, with the place and the first reason.
type RefusedRow struct {
	Sheet   string         `json:"sheet"`
	Row     int            `json:"row"`
	Column  string         `json:"column,omitempty"`
	Heading string         `json:"heading,omitempty"`
	Name    string         `json:"name,omitempty"`
	Value   string         `json:"value,omitempty"`
	Reason  string         `json:"reason"`
	Params  map[string]any `json:"params,omitempty"`
	MayMove bool           `json:"may_move,omitempty"` // a yes would take it: the posting elsewhere gives way
}

// Preview is what a workbook would do.
type Preview struct {
	Effective models.Day           `json:"effective"`
	Accepted  []AcceptedRow        `json:"accepted"`
	Refused   []RefusedRow         `json:"refused"`
	Tables    []sheet.Table        `json:"tables"`
	Skipped   []sheet.SkippedSheet `json:"skipped"`
	Written   Written              `json:"written"`
}

// directory is what the reader of workbooks must know.
func directory(ctx context.Context, db *gorm.DB, day models.Day) (sheet.Directory, *plan.Plan, map[string]uint64, error) {
	p, err := plan.Current(ctx, db, day)
	if err != nil {
		return sheet.Directory{}, nil, nil, err
	}
	var orgs []models.Organisation
	if err := db.Order("path").Find(&orgs).Error; err != nil {
		return sheet.Directory{}, nil, nil, err
	}
	codes := make(map[uint64]string, len(orgs))
	ids := make(map[string]uint64, len(orgs))
	for _, o := range orgs {
		codes[o.ID], ids[o.Code] = o.Code, o.ID
	}
	var d sheet.Directory
	for _, o := range orgs {
		x := sheet.Organisation{Code: o.Code, Name: o.Name, Kind: string(o.Kind), Level: string(o.Level), From: o.FromDay, To: o.ToDay}
		if o.ShortName != "" {
			x.Aliases = []string{o.ShortName}
		}
		if o.ParentID != nil {
			x.Parent = codes[*o.ParentID]
		}
		d.Organisations = append(d.Organisations, x)
	}
	for _, g := range p.Groups {
		x := sheet.Group{Code: g.Code, Names: []string{g.NameVi, g.ShortVi}}
		for a := range strings.SplitSeq(g.Aliases, "\n") {
			if a != "" {
				x.Names = append(x.Names, a)
			}
		}
		for _, l := range p.Levels {
			if l.GroupID == g.ID {
				x.Levels = append(x.Levels, sheet.Level{Level: string(l.Level), From: l.FromDay, To: l.ToDay})
			}
		}
		d.Groups = append(d.Groups, x)
	}
	return d, p, ids, nil
}

// understood is a workbook that was read, with the entries of its accepted rows.
type understood struct {
	result  *sheet.Result
	entries []Entry
}

func (s *Service) understand(ctx context.Context, file []byte, effective models.Day, moves map[string]bool, progress func(done, total int)) (*understood, error) {
	if effective == 0 {
		return nil, errs.OnField("effective", "required")
	}
	dir, p, ids, err := directory(ctx, s.DB.Read(ctx), effective)
	if err != nil {
		return nil, err
	}
	res, err := sheet.Read(ctx, bytes.NewReader(file), int64(len(file)), dir, sheet.Options{Effective: effective, Today: models.DayOf(s.DB.Time()), Progress: progress})
	if err != nil {
		return nil, err
	}
	u := &understood{result: res}
	for _, r := range res.Accepted {
		e := Entry{Person: Person{Name: r.Name, Born: r.Born, NationalID: r.NationalID, Phone: r.Phone, Email: r.Email},
			OrganisationID: ids[r.Organisation], Title: r.Title, MoveSameDay: moves[rowKey(r.Sheet, r.Row)]}
		if r.Female != nil {
			e.Sex = models.SexMale
			if *r.Female {
				e.Sex = models.SexFemale
			}
		}
		for _, code := range r.Groups {
			if g := p.GroupByCode(code); g != nil {
				e.GroupIDs = append(e.GroupIDs, g.ID)
			}
		}
		u.entries = append(u.entries, e)
	}
	return u, nil
}

// rowKey names a row in forms.
func rowKey(sheet string, row int) string { return fmt.Sprintf("%s!%d", sheet, row) }

// preview joins what the reader and the roster say.
func (u *understood) preview(effective models.Day, w Written, outcomes []Outcome) *Preview {
	p := &Preview{Effective: effective, Accepted: []AcceptedRow{}, Refused: []RefusedRow{}, Tables: u.result.Tables, Skipped: u.result.Skipped, Written: w}
	for _, r := range u.result.Refused {
		p.Refused = append(p.Refused, RefusedRow{Sheet: r.Sheet, Row: r.Row, Column: r.Column, Heading: r.Heading, Name: r.Name, Value: r.Value, Reason: string(r.Reason), Params: r.Params})
	}
	for i, r := range u.result.Accepted {
		o := outcomes[i]
		if o.Refused != "" {
			p.Refused = append(p.Refused, RefusedRow{Sheet: r.Sheet, Row: r.Row, Name: r.Name, Reason: o.Refused, MayMove: o.Refused == RefusedSameDay})
			continue
		}
		a := AcceptedRow{Row: r, CadreID: o.CadreID, Candidates: o.Candidates, Posting: o.Change}
		for _, x := range r.Warnings {
			a.Warnings = append(a.Warnings, Warning(x))
		}
		switch {
		case o.New:
		case o.ByName:
			a.Matched = "name"
		default:
			a.Matched = "id"
		}
		p.Accepted = append(p.Accepted, a)
	}
	return p
}

// ImportFile reads a workbook and, unless it is a dry run, writes it as of the effective day: the command line's way. A file that
// is not understood as a whole is refused with the codes of sheet.Read and nothing is written. Rows of people who start
// elsewhere on that very day are refused with "posting_starts_elsewhere".
func (s *Service) ImportFile(ctx context.Context, by store.By, file []byte, effective models.Day, dryRun bool, progress func(done, total int)) (*Preview, error) {
	u, err := s.understand(ctx, file, effective, nil, progress)
	if err != nil {
		return nil, err
	}
	step := func(done int) {
		if progress != nil {
			progress(done, len(u.entries))
		}
	}
	run := s.Plan
	if !dryRun {
		run = func(ctx context.Context, e []Entry, d models.Day, p func(int)) (Written, []Outcome, error) {
			return s.Write(ctx, by, e, d, p)
		}
	}
	w, out, err := run(ctx, u.entries, effective, step)
	if err != nil {
		return nil, err
	}
	return u.preview(effective, w, out), nil
}

// Upload takes a workbook and has it read in the background; it gives the import's id. It refuses files over 12 MiB
// ("file_too_large") and a missing day.
func (s *Service) Upload(ctx context.Context, actor access.Actor, name string, file []byte, effective models.Day) (uint64, error) {
	switch {
	case len(file) == 0:
		return 0, errs.OnField("file", "file_missing")
	case len(file) > MaxUpload:
		return 0, errs.TooLarge("file_too_large")
	case effective == 0:
		return 0, errs.OnField("effective", "required")
	}
	sum := sha256.Sum256(file)
	sealed, err := s.Keys.Seal(purposeImport, string(file))
	if err != nil {
		return 0, err
	}
	if r := []rune(name); len(r) > 200 {
		name = string(r[len(r)-200:])
	}
	id, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		im := models.RosterImport{FileName: name, Sha256: hex.EncodeToString(sum[:]), File: sealed, EffectiveDay: effective, State: models.ImportReading, Preview: []byte{}}
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
		return im.ID, tx.Model(&im).Update("job_id", jid).Error
	})
	if err == nil {
		s.wake()
	}
	return id, err
}

const purposeImport = "roster_import"

type importJob struct {
	Import uint64   `json:"import"`
	Moves  []string `json:"moves,omitempty"` // rows whose posting elsewhere gives way
}

func (s *Service) wake() {
	if s.Jobs != nil {
		s.Jobs.Wake()
	}
}

// Kinds gives the jobs of this package to the runner.
func (s *Service) Kinds() map[string]job.Func {
	return map[string]job.Func{JobReadImport: s.readImport, JobWriteImport: s.writeImport}
}

func (s *Service) openImport(ctx context.Context, j models.Job) (importJob, models.RosterImport, []byte, error) {
	var p importJob
	var im models.RosterImport
	if err := json.Unmarshal([]byte(j.Payload), &p); err != nil {
		return p, im, nil, err
	}
	if err := s.DB.Read(ctx).Take(&im, p.Import).Error; err != nil {
		return p, im, nil, err
	}
	if len(im.File) == 0 {
		return p, im, nil, nil
	}
	file, err := s.Keys.Open(purposeImport, im.File)
	return p, im, []byte(file), err
}

// readImport is the job that reads an uploaded workbook.
func (s *Service) readImport(ctx context.Context, j models.Job, progress job.Progress) (any, error) {
	_, im, file, err := s.openImport(ctx, j)
	if err != nil || im.State != models.ImportReading {
		return nil, err
	}
	set := map[string]any{"state": models.ImportRead}
	pv, err := s.dryRun(ctx, file, im.EffectiveDay, progress)
	switch {
	case err == nil:
		b, err := pack(pv)
		if err != nil {
			return nil, err
		}
		sealed, err := s.Keys.Seal(purposeImport, string(b))
		if err != nil {
			return nil, err
		}
		set["preview"] = sealed
	case errs.As(err).Kind == errs.KindInternal:
		return nil, err
	default:
		set["state"], set["error_code"], set["file"] = models.ImportRefused, errs.As(err).Code, []byte{}
	}
	_, err = s.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		return im.ID, tx.Model(&models.RosterImport{}).Where("id = ? AND state = ?", im.ID, models.ImportReading).Updates(set).Error
	})
	return nil, err
}

func (s *Service) dryRun(ctx context.Context, file []byte, effective models.Day, progress job.Progress) (*Preview, error) {
	return s.ImportFile(ctx, store.By{}, file, effective, true, progress)
}

// Confirm has an import that was read written; moves are the rows (SHEET!ROW) for which a posting elsewhere gives way.
// It refuses an import that is not waiting for a yes with "import_not_ready".
func (s *Service) Confirm(ctx context.Context, actor access.Actor, id uint64, moves []string) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		im, err := takeImport(tx, id)
		if err != nil {
			return 0, err
		}
		if im.State != models.ImportRead {
			return 0, errs.Conflict("import_not_ready")
		}
		jid, err := job.Add(tx, JobWriteImport, importJob{Import: id, Moves: moves})
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

// Cancel drops an import that was not confirmed, with the file. It refuses others with "import_not_ready".
func (s *Service) Cancel(ctx context.Context, actor access.Actor, id uint64) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		im, err := takeImport(tx, id)
		if err != nil {
			return 0, err
		}
		if im.State != models.ImportRead && im.State != models.ImportReading {
			return 0, errs.Conflict("import_not_ready")
		}
		if err := tx.Audit("import.cancel", "import", id, nil); err != nil {
			return 0, err
		}
		return id, tx.Model(&models.RosterImport{}).Where("id = ?", id).
			Updates(map[string]any{"state": models.ImportCancelled, "file": []byte{}, "preview": []byte{}}).Error
	})
	return err
}

func takeImport(tx *store.Tx, id uint64) (models.RosterImport, error) {
	var im models.RosterImport
	err := tx.Lock().Select("id", "file_name", "sha256", "effective_day", "state").Take(&im, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return im, errs.NotFound("import")
	}
	return im, err
}

// writeImport is the job that writes a confirmed workbook. Running it again after a crash writes what is still missing: nothing.
func (s *Service) writeImport(ctx context.Context, j models.Job, progress job.Progress) (any, error) {
	p, im, file, err := s.openImport(ctx, j)
	if err != nil || im.State != models.ImportWriting {
		return nil, err
	}
	moves := map[string]bool{}
	for _, m := range p.Moves {
		moves[m] = true
	}
	u, err := s.understand(ctx, file, im.EffectiveDay, moves, nil)
	if err != nil {
		return nil, err
	}
	by := store.By{Action: "import.write", RequestID: fmt.Sprintf("import-%d", im.ID)}
	if im.AccountID != nil {
		by.AccountID = *im.AccountID
	}
	w, out, err := s.Write(ctx, by, u.entries, im.EffectiveDay, func(done int) { progress(done, 3*len(u.entries)) })
	if err != nil {
		return nil, err
	}
	progress(3*len(u.entries), 3*len(u.entries))
	pv := u.preview(im.EffectiveDay, w, out)
	summary, err := json.Marshal(Summary{Accepted: len(pv.Accepted), Refused: len(pv.Refused), Written: w})
	if err != nil {
		return nil, err
	}
	_, err = s.DB.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		// The file and the rows leave the system once they are in the roster: national ids stand in them.
		return im.ID, tx.Model(&models.RosterImport{}).Where("id = ?", im.ID).
			Updates(map[string]any{"state": models.ImportWritten, "written": string(summary), "file": []byte{}, "preview": []byte{}}).Error
	})
	return w, err
}

// Summary is what remains of an import.
type Summary struct {
	Accepted int     `json:"accepted"`
	Refused  int     `json:"refused"`
	Written  Written `json:"written"`
}

// Import is an import with what is known of it.
type Import struct {
	models.RosterImport
	Account string
	Waiting *Preview   `gorm:"-"` // while it waits for a yes
	Summary *Summary   `gorm:"-"` // once it is written
	Job     models.Job `gorm:"-"`
}

// Import reads an import. It refuses with not_found.
func (s *Service) Import(ctx context.Context, id uint64) (*Import, error) {
	out := &Import{}
	db := s.DB.Read(ctx)
	err := db.Omit("file").Take(&out.RosterImport, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errs.NotFound("import")
	}
	if err != nil {
		return nil, err
	}
	if out.State == models.ImportRead && len(out.Preview) > 0 {
		b, err := s.Keys.Open(purposeImport, out.Preview)
		if err != nil {
			return nil, err
		}
		out.Waiting = &Preview{}
		if err := unpack([]byte(b), out.Waiting); err != nil {
			return nil, err
		}
	}
	if out.Written != "" {
		out.Summary = &Summary{}
		if err := json.Unmarshal([]byte(out.Written), out.Summary); err != nil {
			return nil, err
		}
	}
	if out.JobID != nil && s.Jobs != nil {
		if out.Job, err = s.Jobs.Get(ctx, *out.JobID); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Imports lists the latest imports, newest first.
func (s *Service) Imports(ctx context.Context) ([]Import, error) {
	var rows []Import
	err := s.DB.Read(ctx).Table("roster_imports").Joins("LEFT JOIN accounts ON accounts.id = roster_imports.account_id").
		Select("roster_imports.id, file_name, effective_day, state, written, error_code, roster_imports.created_at, accounts.name AS account").
		Order("roster_imports.id DESC").Limit(100).Scan(&rows).Error
	for i := range rows {
		if rows[i].Written != "" && err == nil {
			rows[i].Summary = &Summary{}
			err = json.Unmarshal([]byte(rows[i].Written), rows[i].Summary)
		}
	}
	return rows, err
}

func pack(v any) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := json.NewEncoder(z).Encode(v); err != nil {
		return nil, err
	}
	err := z.Close()
	return b.Bytes(), err
}

// maxPreview bounds what a packed preview may grow to, in bytes.
const maxPreview = 256 << 20

func unpack(b []byte, into any) error {
	z, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return err
	}
	return json.NewDecoder(io.LimitReader(z, maxPreview)).Decode(into)
}
