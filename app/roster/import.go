package roster

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/app/roster/sheet"
	"taphuan/app/store"
	"taphuan/models"
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
	Move    bool           `json:"move,omitempty"`     // somebody said yes
	// Of a row that asks: who it is, where to, and where the posting of that day is.
	CadreID      uint64 `json:"cadre_id,omitempty"`
	Organisation string `json:"organisation,omitempty"`
	Elsewhere    string `json:"elsewhere,omitempty"`
}

// Key names the row in forms.
func (r RefusedRow) Key() string { return rowKey(r.Sheet, r.Row) }

// Preview is what a workbook would do.
type Preview struct {
	Effective models.Day           `json:"effective"`
	Accepted  []AcceptedRow        `json:"accepted"`
	Refused   []RefusedRow         `json:"refused"`
	Tables    []sheet.Table        `json:"tables"`
	Skipped   []sheet.SkippedSheet `json:"skipped"`
	Converted []sheet.Converted    `json:"converted"`
	Written   Written              `json:"written"`

	// Of a full list only.
	Difference []OrganisationDifference `json:"-"`
	Leavers    []Leaver                 `json:"-"`

	plan   uint64
	groups []models.TargetGroup // that accepted rows name
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
		x := sheet.Organisation{Code: o.Code, Name: o.Name, Kind: string(o.Kind), Level: string(o.Level), From: o.FromDay, To: o.ToDay, CountsOnly: o.CountsOnly}
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
	codes   map[uint64]string // of organisations
	plan    uint64
	groups  []models.TargetGroup // that the entries name
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
	u := &understood{result: res, codes: make(map[uint64]string, len(ids)), plan: p.ID}
	named := map[string]bool{}
	for code, id := range ids {
		u.codes[id] = code
	}
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
				e.GroupIDs, named[code] = append(e.GroupIDs, g.ID), true
			}
		}
		u.entries = append(u.entries, e)
	}
	for _, g := range p.Groups {
		if named[g.Code] {
			u.groups = append(u.groups, g)
		}
	}
	return u, nil
}

// gone gives those of the groups that have been taken away from their plan.
func gone(db *gorm.DB, groups []models.TargetGroup) (out []models.TargetGroup, err error) {
	ids := make([]uint64, len(groups))
	for i, g := range groups {
		ids[i] = g.ID
	}
	var there []uint64
	err = db.Model(&models.TargetGroup{}).Where("id IN ?", ids).Pluck("id", &there).Error
	for _, g := range groups {
		if !slices.Contains(there, g.ID) {
			out, there = append(out, g), append(there, g.ID) // once
		}
	}
	return out, err
}

// GroupNames lists names of groups in a language.
func GroupNames(lang string, groups []models.TargetGroup) string {
	names := make([]string, len(groups))
	for i, g := range groups {
		names[i] = g.Name(lang)
	}
	return strings.Join(names, "; ")
}

// rowKey names a row in forms.
func rowKey(sheet string, row int) string { return fmt.Sprintf("%s!%d", sheet, row) }

// column gives the letter and the heading of the column that holds a field of the row.
func (u *understood) column(r sheet.Row, field string) (letter, heading string) {
	for _, t := range u.result.Tables {
		if t.Sheet != r.Sheet || t.HeaderRow >= r.Row {
			continue
		}
		for _, c := range t.Columns {
			if c.Field == field {
				letter, heading = c.Letter, c.Heading
			}
		}
	}
	return letter, heading
}

// preview joins what the reader and the roster say.
func (u *understood) preview(effective models.Day, w Written, outcomes []Outcome) *Preview {
	p := &Preview{Effective: effective, Accepted: []AcceptedRow{}, Refused: []RefusedRow{}, Tables: u.result.Tables, Skipped: u.result.Skipped, Converted: u.result.Converted, Written: w,
		plan: u.plan, groups: u.groups}
	for _, r := range u.result.Refused {
		x := RefusedRow{Sheet: r.Sheet, Row: r.Row, Column: r.Column, Heading: r.Heading, Name: r.Name, Value: r.Value, Reason: string(r.Reason), Params: r.Params}
		if r.Reason == sheet.OrganisationCountsOnly {
			x.Name = "" // refused rows are kept, and this name may not be
		}
		p.Refused = append(p.Refused, x)
	}
	for i, r := range u.result.Accepted {
		o := outcomes[i]
		if o.Refused != "" {
			x := RefusedRow{Sheet: r.Sheet, Row: r.Row, Name: r.Name, Reason: o.Refused, MayMove: o.Refused == RefusedSameDay,
				CadreID: o.CadreID, Organisation: r.Organisation, Elsewhere: u.codes[o.Elsewhere]}
			switch o.Refused {
			case RefusedAnotherPerson:
				x.Column, x.Heading = u.column(r, "national_id")
				x.Value = r.NationalID
			case string(sheet.OrganisationCountsOnly):
				x.Name = ""
			}
			p.Refused = append(p.Refused, x)
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

// scale is the length of a progress bar.
const scale = 1000

// phase is the part of the bar that one step of the work takes, from and to in thousandths.
func phase(progress func(done, total int), from, to int) func(done, total int) {
	return func(done, total int) {
		if progress != nil {
			progress(from+(to-from)*min(done, total)/max(total, 1), scale)
		}
	}
}

// ImportFile reads a workbook and, unless it is a dry run, writes it as of the effective day: the command line's way. A file that
// is not understood as a whole is refused with the codes of sheet.Read and nothing is written, as is one that names a group that is taken away
// meanwhile ("import_group_gone"). Rows of people who start elsewhere on that very day are refused with "posting_starts_elsewhere".
func (s *Service) ImportFile(ctx context.Context, by store.By, file []byte, effective models.Day, dryRun bool, progress func(done, total int)) (*Preview, error) {
	u, err := s.understand(ctx, file, effective, nil, phase(progress, 0, scale/2))
	if err != nil {
		return nil, err
	}
	n := len(u.entries)
	if dryRun {
		step := phase(progress, scale/2, scale)
		w, out, err := s.Plan(ctx, u.entries, effective, func(done int) { step(done, n) })
		if err != nil {
			return nil, err
		}
		return u.preview(effective, w, out), nil
	}
	step := phase(progress, scale/2, scale)
	w, out, err := s.write(ctx, by, u.entries, effective, func(done int) { step(done, 3*n) }, func(tx *store.Tx) (bool, error) {
		lost, err := gone(tx.DB, u.groups)
		if err == nil && len(lost) > 0 {
			err = errs.Conflict("import_group_gone", errs.Params{"names": GroupNames("vi", lost)})
		}
		return true, err
	}, nil)
	if err != nil {
		return nil, err
	}
	return u.preview(effective, w, out), nil
}
