// Package sheet reads rosters of cadres from the workbooks that offices send: it finds the table in each sheet, learns
// from headings and contents what the columns mean, tells people from titles, sections, totals and signatures, and gives
// every person either as an accepted row or as a refused one with the first reason that applies. It knows no database:
// what exists is handed in as a Directory. What it cannot tell for certain it refuses; it never guesses.
package sheet

import (
	"context"
	"errors"
	"io"

	"taphuan/app/errs"
	"taphuan/app/roster/sheet/xls"
	"taphuan/app/roster/sheet/xlsx"
	"taphuan/models"
)

// MaxRows is how many people one workbook may hold.
const MaxRows = 100_000

// Directory is what the reader must know of the province: organisations and target groups.
type Directory struct {
	Organisations []Organisation
	Groups        []Group
}

// Organisation is a node of the tree. No From means since ever; no To, or Forever, means still there.
type Organisation struct {
	Code    string
	Name    string
	Aliases []string // other names in use
	Kind    string   // province, block and district are for totals only
	Level   string   // province, district, commune
	Parent  string
	From    models.Day
	To      models.Day

	CountsOnly bool // names may not be kept
}

// Group is a target group. Names are all the names in use, short ones included; its code needs no mention.
type Group struct {
	Code   string
	Names  []string
	Levels []Level // where the group may be posted; none means everywhere
}

// Level allows a level of organisation from a day on (no From: since ever) until before another (no To: for good).
type Level struct {
	Level string
	From  models.Day
	To    models.Day
}

// Options say for when the roster is.
type Options struct {
	Effective models.Day            // organisations and groups are judged on this day
	Today     models.Day            // a birth after this day lies in the future
	Progress  func(done, total int) // called now and then with rows done and rows in all; may be nil
	Training  *Training             // nil: the list is a roster
	Limits    *xlsx.Limits          // nil means xlsx.DefaultLimits
}

// Result is what a workbook says.
type Result struct {
	Accepted []Row          `json:"accepted"`
	Refused  []Refusal      `json:"refused"`
	Tables   []Table        `json:"-"` // how each table was understood, for the preview
	Skipped  []SkippedSheet `json:"-"` // sheets that were not read
	// Columns in old encodings that were read in Unicode.
	Converted []Converted `json:"-"`
}

// Row is a person as understood. What the sheet does not say is empty; an unknown sex is nil.
type Row struct {
	Sheet        string    `json:"sheet"`
	Row          int       `json:"row"`
	Name         string    `json:"name"`
	Born         string    `json:"born"` // YYYY-MM-DD, or YYYY where only the year is said
	Female       *bool     `json:"female"`
	NationalID   string    `json:"national_id"` // 12 digits, or 9 of an old card
	Title        string    `json:"title"`
	Organisation string    `json:"organisation"` // code
	Groups       []string  `json:"groups"`       // codes, in the order of the sheet
	Phone        string    `json:"phone"`
	Email        string    `json:"email"`
	Warnings     []Warning `json:"-"`
	Said         []Said    `json:"-"` // columns of training, see Options.Training
}

// Warning is something odd about an accepted row; the catalogue key of its sentence is "import.warning." and the code.
type Warning struct {
	Code   string
	Column string // letter, "" if none
	Value  string // what the cell says
}

// The codes of warnings.
const (
	WarnSexDisagrees   = "sex_disagrees_with_id"        // the id says the other sex
	WarnYearDisagrees  = "birth_year_disagrees_with_id" // the id says another year of birth
	WarnSexUnknown     = "sex_not_understood"
	WarnNoGroup        = "no_target_group"
	WarnSeveralPhones  = "several_phones" // the first was taken
	WarnSeveralEmails  = "several_emails" // the first was taken
	WarnHiddenRow      = "hidden_row"     // the row is hidden in the workbook and was read all the same
	WarnDayOfBirthLost = "only_month_of_birth"
)

// Reason is why a row was refused.
type Reason string

// The reasons, in the order in which they are looked for.
const (
	TextEncoding           Reason = "text_encoding"
	MissingName            Reason = "missing_name"
	InvalidBirthDate       Reason = "invalid_birth_date"
	BirthDateInFuture      Reason = "birth_date_in_future"
	InvalidNationalID      Reason = "invalid_national_id"
	UnknownOrganisation    Reason = "unknown_organisation"
	OrganisationNotActive  Reason = "organisation_not_active"
	OrganisationIsTotal    Reason = "organisation_is_total"
	OrganisationCountsOnly Reason = "organisation_counts_only"
	UnknownTargetGroup     Reason = "unknown_target_group"
	GroupNotAtLevel        Reason = "group_not_at_level"
	InvalidEmail           Reason = "invalid_email"
	InvalidPhone           Reason = "invalid_phone"
	DuplicateInFile        Reason = "duplicate_in_file"
	IDOfAnotherPerson      Reason = "national_id_of_another_person"
)

// Refusal is a person whose row cannot be taken, with the first reason that applies. The catalogue key of its sentence
// is "import.reason." and the reason, with Params for its placeholders.
type Refusal struct {
	Sheet   string      `json:"sheet"`
	Row     int         `json:"row"`
	Reason  Reason      `json:"reason"`
	Name    string      `json:"-"` // the person as far as understood
	Column  string      `json:"-"` // letter of the column at fault, "" if none
	Heading string      `json:"-"` // heading of that column
	Value   string      `json:"-"` // what the cell says
	Params  errs.Params `json:"-"` // organisation, group, other_sheet, other_row, as the reason needs
}

// Key is the catalogue key of the refusal's sentence.
func (r Refusal) Key() string { return "import.reason." + string(r.Reason) }

// Key is the catalogue key of the warning's sentence.
func (w Warning) Key() string { return "import.warning." + w.Code }

// Table says how one table was understood.
type Table struct {
	Sheet        string
	HeaderRow    int    // the last row of the heading
	Organisation string // code of the organisation that letterhead, title or sheet name give to the whole table, "" if none
	Groups       []string
	Columns      []Column
	People       int
}

// Column says how one column was understood; the catalogue key of its meaning is "import.field." and the field.
type Column struct {
	Letter  string
	Heading string
	Field   string // "" if it is not used
	Group   string // code, where the column marks one target group
}

// SkippedSheet is a sheet that was not read: hidden, or without a table of people.
type SkippedSheet struct {
	Name string
	Why  string // "hidden", "empty" or "no_table"
}

// Read reads a workbook of size bytes. A row that cannot be taken is in Refused; a file that cannot be taken as a whole is
// an error of kind Invalid or TooLarge with one of the codes not_a_spreadsheet (also with the parameter format = "old" for
// .xlsb, .ods, web pages and what Excel 4 wrote), encrypted_file, file_too_large, too_many_rows (parameter max),
// text_encoding (typed in an old encoding that cannot be told) and table_not_understood
// (parameter why: no_sheet, no_header, no_people or too_many_tables). It ends early with ctx.
func Read(ctx context.Context, r io.ReaderAt, size int64, dir Directory, opt Options) (*Result, error) {
	book, err := open(ctx, r, size, opt)
	if err != nil {
		return nil, err
	}
	in := newInterpreter(ctx, dir, opt, book)
	if err := in.book(book); err != nil {
		return nil, err
	}
	return in.result, nil
}

// open reads a workbook of the new or the old format.
func open(ctx context.Context, r io.ReaderAt, size int64, opt Options) (*xlsx.Book, error) {
	lim := xlsx.DefaultLimits
	if opt.Limits != nil {
		lim = *opt.Limits
	}
	book, err := xlsx.Read(ctx, r, size, lim)
	if errors.Is(err, xlsx.ErrXLS) {
		book, err = xls.Read(ctx, r, size, lim)
	}
	if err != nil {
		return nil, FileError(err)
	}
	return book, nil
}

// FileError gives the refusal of a file that xlsx.Read could not read; its codes are those of Read.
func FileError(err error) error {
	tooMany := errs.TooLarge("too_many_rows", errs.Params{"max": MaxRows})
	for _, m := range []struct {
		inside error
		refuse *errs.Error
	}{
		{xlsx.ErrTooManyRows, tooMany},
		{xlsx.ErrTooLarge, errs.TooLarge("file_too_large")},
		{xlsx.ErrEncrypted, errs.Invalid("encrypted_file")},
		{xlsx.ErrOldFormat, errs.Invalid("not_a_spreadsheet", errs.Params{"format": "old"})},
		{xlsx.ErrNotSpreadsheet, errs.Invalid("not_a_spreadsheet")},
	} {
		if errors.Is(err, m.inside) {
			m.refuse.Err = err
			return m.refuse
		}
	}
	return err
}
