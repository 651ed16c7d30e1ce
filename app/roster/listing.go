package roster

import (
	"bytes"
	"context"

	"gorm.io/gorm"

	"taphuan/app/roster/sheet"
	"taphuan/models"
)

// Refusals of rows that name people who must be on the roster already.
const (
	RefusedNobodyKnown  = "nobody_known"
	RefusedSeveralKnown = "several_known"
)

// Listed is a row of a list about people on the roster, with who it is or why nobody can tell.
type Listed struct {
	sheet.Row
	CadreID uint64
	Refused string // code, "" where the cadre is known
}

// Listing is a list about people on the roster as it was read.
type Listing struct {
	Rows    []Listed
	Refused []sheet.Refusal
}

// ReadListing reads a list of people who are on the roster already, with columns of its own beside the person, as rosters are read; who
// is who follows the roster's rules, and nobody is made. A file that is not understood is refused with the codes of sheet.Read.
func (s *Service) ReadListing(ctx context.Context, db *gorm.DB, file []byte, columns []sheet.Extra) (*Listing, error) {
	today := models.DayOf(s.DB.Time())
	dir, _, ids, err := directory(ctx, db, today)
	if err != nil {
		return nil, err
	}
	res, err := sheet.Read(ctx, bytes.NewReader(file), int64(len(file)), dir, sheet.Options{Effective: today, Today: today, Training: &sheet.Training{Columns: columns}})
	if err != nil {
		return nil, err
	}
	out := &Listing{Refused: res.Refused}
	entries := make([]Entry, len(res.Accepted))
	for i, r := range res.Accepted {
		entries[i] = Entry{Person: Person{Name: r.Name, Born: r.Born, NationalID: r.NationalID}, OrganisationID: ids[r.Organisation]}
	}
	im, err := newImporter(db, s.Keys, today, entries, func(ids []uint64) (map[uint64]*History, error) {
		return readHistories(db, ids, func() *gorm.DB { return db })
	})
	if err != nil {
		return nil, err
	}
	for i, r := range res.Accepted {
		x := Listed{Row: r}
		switch v, k, _ := im.people.find(entries[i].Person, entries[i].OrganisationID); v {
		case oneKnown:
			x.CadreID = k.ID
		case severalKnown:
			x.Refused = RefusedSeveralKnown
		case anotherPerson:
			x.Refused = RefusedAnotherPerson
		default:
			x.Refused = RefusedNobodyKnown
		}
		out.Rows = append(out.Rows, x)
	}
	return out, nil
}

// ReadRecords reads the tables of a workbook that tell of something else than people; see sheet.ReadRecords. ids gives organisations
// by the codes that its cells name.
func (s *Service) ReadRecords(ctx context.Context, db *gorm.DB, file []byte, columns []sheet.Extra) (records []sheet.Record, ids map[string]uint64, err error) {
	today := models.DayOf(s.DB.Time())
	dir, _, ids, err := directory(ctx, db, today)
	if err != nil {
		return nil, nil, err
	}
	records, err = sheet.ReadRecords(ctx, bytes.NewReader(file), int64(len(file)), dir, sheet.Options{Effective: today, Today: today}, columns)
	return records, ids, err
}
