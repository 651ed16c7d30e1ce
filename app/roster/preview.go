package roster

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/roster/sheet"
	"taphuan/app/store"
	"taphuan/models"
)

// Head is a preview without its rows: how the workbook was understood, and counts.
type Head struct {
	Accepted  int                  `json:"accepted"`
	Refused   int                  `json:"refused"` // to be mended in the file
	Asked     int                  `json:"asked"`   // taken once somebody says yes
	Warned    int                  `json:"warned"`  // of the accepted
	New       int                  `json:"new"`     // accepted: nobody known
	ByID      int                  `json:"by_id"`
	ByName    int                  `json:"by_name"`
	Tables    []sheet.Table        `json:"tables"`
	Skipped   []sheet.SkippedSheet `json:"skipped"`
	Converted []sheet.Converted    `json:"converted"`
	Written   Written              `json:"written"` // what confirming would write

	Difference []OrganisationDifference `json:"difference,omitempty"` // of a full list
	Leavers    int                      `json:"leavers,omitempty"`

	Plan   uint64               `json:"plan,omitempty"`   // in which the file was read
	Groups []models.TargetGroup `json:"groups,omitempty"` // that its rows name; of an import that was refused when it was to be written: those that are gone
}

// odd says whether somebody should look at an accepted row.
func (r AcceptedRow) odd() bool { return len(r.Warnings) > 0 || len(r.Candidates) > 0 }

func headOf(p *Preview) Head {
	h := Head{Accepted: len(p.Accepted), Tables: p.Tables, Skipped: p.Skipped, Converted: p.Converted, Written: p.Written, Difference: p.Difference, Leavers: len(p.Leavers), Plan: p.plan, Groups: p.groups}
	for _, r := range p.Accepted {
		if r.odd() {
			h.Warned++
		}
		switch r.Matched {
		case "id":
			h.ByID++
		case "name":
			h.ByName++
		default:
			h.New++
		}
	}
	for _, r := range p.Refused {
		if r.MayMove {
			h.Asked++
		} else {
			h.Refused++
		}
	}
	return h
}

// Summary is what remains of an import.
type Summary struct {
	Accepted int     `json:"accepted"`
	Refused  int     `json:"refused"`
	Written  Written `json:"written"`
	Doubts   int     `json:"doubts,omitempty"` // new cadres who may be one of several known ones: they stand in the queue of likely twins

	Left int      `json:"left,omitempty"` // of those missing in a full list
	Kept []string `json:"kept,omitempty"` // who was to leave and stays, since something changed meanwhile
}

func summaryOf(p *Preview, w Written, out []Outcome) Summary {
	s := Summary{Accepted: len(p.Accepted), Refused: len(p.Refused), Written: w}
	for _, o := range out {
		if len(o.Candidates) > 0 {
			s.Doubts++
		}
	}
	return s
}

// pages cuts the rows of some parts into sealed pages.
func (s *Service) pages(id uint64, p *Preview, wanted ...models.ImportPart) ([]models.RosterImportPage, error) {
	var refused, asked []RefusedRow
	for _, r := range p.Refused {
		if r.MayMove && len(wanted) > 1 {
			asked = append(asked, r)
		} else {
			refused = append(refused, r) // once written, what nobody said yes to is refused
		}
	}
	var warned []AcceptedRow
	for _, r := range p.Accepted {
		if r.odd() {
			warned = append(warned, r)
		}
	}
	var out []models.RosterImportPage
	var err error
	for _, part := range wanted {
		switch part {
		case models.PartAccepted:
			out, err = cut(s, out, id, part, p.Accepted)
		case models.PartWarned:
			out, err = cut(s, out, id, part, warned)
		case models.PartAsked:
			out, err = cut(s, out, id, part, asked)
		case models.PartLeavers:
			out, err = cut(s, out, id, part, p.Leavers)
		case models.PartRefused:
			out, err = cut(s, out, id, part, refused)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func cut[T any](s *Service, out []models.RosterImportPage, id uint64, part models.ImportPart, rows []T) ([]models.RosterImportPage, error) {
	n := 0
	for some := range parts(rows, PageSize) {
		body, err := s.sealJSON(some)
		if err != nil {
			return nil, err
		}
		n++
		out = append(out, models.RosterImportPage{ImportID: id, Part: part, Number: n, Body: body})
	}
	return out, nil
}

// replacePages puts these pages in the place of all that the import has.
func replacePages(tx *store.Tx, id uint64, pages []models.RosterImportPage) error {
	if err := tx.Where("import_id = ?", id).Delete(&models.RosterImportPage{}).Error; err != nil {
		return err
	}
	for some := range parts(pages, 100) {
		if err := tx.Create(some).Error; err != nil {
			return err
		}
	}
	return nil
}

// moves gives the rows for which somebody said yes.
func (s *Service) moves(ctx context.Context, id uint64) (map[string]bool, error) {
	var pages []models.RosterImportPage
	if err := s.DB.Read(ctx).Where("import_id = ? AND part = ?", id, models.PartAsked).Find(&pages).Error; err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for _, p := range pages {
		var rows []RefusedRow
		if err := s.openJSON(p.Body, &rows); err != nil {
			return nil, err
		}
		for _, r := range rows {
			if r.Move {
				out[r.Key()] = true
			}
		}
	}
	return out, nil
}

// Import is an import with what is known of it.
type Import struct {
	models.RosterImport
	Account string
	Head    *Head      `gorm:"-"` // while it waits for a yes
	Summary *Summary   `gorm:"-"` // once it is written
	Job     models.Job `gorm:"-"`
}

// Busy says whether the import is being read or written.
func (i *Import) Busy() bool {
	return (i.State == models.ImportReading || i.State == models.ImportWriting) && !i.Failed()
}

// Failed says whether reading or writing broke down; nothing was written then.
func (i *Import) Failed() bool {
	return (i.State == models.ImportReading || i.State == models.ImportWriting) && i.Job.State == models.JobFailed
}

// Percent says how far the present job is.
func (i *Import) Percent() int {
	if i.Job.Total <= 0 {
		return 0
	}
	return min(100, 100*i.Job.Done/i.Job.Total)
}

// Refusal gives the code for which the file as a whole was refused, and what of it.
func (i *Import) Refusal() (code, what string) {
	code, what, _ = strings.Cut(i.ErrorCode, ":")
	return code, what
}

// Import reads an import without its rows: three queries. It refuses with not_found.
func (s *Service) Import(ctx context.Context, actor access.Actor, id uint64) (*Import, error) {
	if err := mayImport(actor); err != nil {
		return nil, err
	}
	out := &Import{}
	db := s.DB.Read(ctx)
	q := db.Table("roster_imports").Joins("LEFT JOIN accounts ON accounts.id = roster_imports.account_id").Where("roster_imports.id = ?", id).
		Select("roster_imports.id, file_name, sha256, effective_day, full_list, state, preview, written, error_code, job_id, account_id, roster_imports.created_at, roster_imports.updated_at, accounts.name AS account").
		Limit(1).Scan(out)
	if q.Error != nil {
		return nil, q.Error
	}
	if q.RowsAffected == 0 {
		return nil, errs.NotFound("import")
	}
	if len(out.Preview) > 0 {
		out.Head = &Head{}
		if err := s.openJSON(out.Preview, out.Head); err != nil {
			return nil, err
		}
		out.Preview = nil
	}
	if out.Written != "" {
		out.Summary = &Summary{}
		if err := json.Unmarshal([]byte(out.Written), out.Summary); err != nil {
			return nil, err
		}
	}
	if out.JobID == nil {
		return out, nil
	}
	var err error
	if s.Jobs != nil {
		out.Job, err = s.Jobs.Get(ctx, *out.JobID)
	} else {
		err = db.Take(&out.Job, *out.JobID).Error
	}
	return out, err
}

// Imports lists the latest hundred imports, newest first, in one query.
func (s *Service) Imports(ctx context.Context, actor access.Actor) ([]Import, error) {
	if err := mayImport(actor); err != nil {
		return nil, err
	}
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

// AcceptedPage gives one page, from 1, of the accepted or of the odd rows; no rows where there is no such page.
func (s *Service) AcceptedPage(ctx context.Context, actor access.Actor, id uint64, part models.ImportPart, number int) ([]AcceptedRow, error) {
	return readPage[AcceptedRow](ctx, s, actor, id, part, number)
}

// RefusedPage gives one page, from 1, of the refused rows or of those that ask; no rows where there is no such page.
func (s *Service) RefusedPage(ctx context.Context, actor access.Actor, id uint64, part models.ImportPart, number int) ([]RefusedRow, error) {
	return readPage[RefusedRow](ctx, s, actor, id, part, number)
}

// LeaversPage gives one page, from 1, of those missing in a full list; no rows where there is no such page.
func (s *Service) LeaversPage(ctx context.Context, actor access.Actor, id uint64, number int) ([]Leaver, error) {
	return readPage[Leaver](ctx, s, actor, id, models.PartLeavers, number)
}

func readPage[T any](ctx context.Context, s *Service, actor access.Actor, id uint64, part models.ImportPart, number int) ([]T, error) {
	if err := mayImport(actor); err != nil {
		return nil, err
	}
	var p models.RosterImportPage
	err := s.DB.Read(ctx).Where("import_id = ? AND part = ? AND number = ?", id, part, number).Take(&p).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var rows []T
	return rows, s.openJSON(p.Body, &rows)
}

// Names gives the names of organisations by their codes, in one query.
func (s *Service) Names(ctx context.Context, codes []string) (map[string]string, error) {
	out := map[string]string{}
	if len(codes) == 0 {
		return out, nil
	}
	var rows []models.Organisation
	err := s.DB.Read(ctx).Select("code", "name").Where("code IN ?", unique(codes)).Find(&rows).Error
	for _, o := range rows {
		out[o.Code] = o.Name
	}
	return out, err
}

// sealJSON packs and seals what holds names and national ids.
func (s *Service) sealJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if err := json.NewEncoder(z).Encode(v); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return s.Keys.Seal(purposeImport, b.String())
}

// maxUnpacked bounds what sealed JSON may grow to, in bytes.
const maxUnpacked = 64 << 20

func (s *Service) openJSON(sealed []byte, into any) error {
	b, err := s.Keys.Open(purposeImport, sealed)
	if err != nil {
		return err
	}
	z, err := gzip.NewReader(strings.NewReader(b))
	if err != nil {
		return err
	}
	return json.NewDecoder(io.LimitReader(z, maxUnpacked)).Decode(into)
}
