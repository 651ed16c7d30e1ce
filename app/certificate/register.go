package certificate

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"time"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/page"
	"taphuan/app/template"
	"taphuan/models"
)

// RegisterRow is a register with how far it is.
type RegisterRow struct {
	models.Register
	IssuerName string
	ClosedBy   string // name of who signed it off
	Revoked    int    // certificates that were revoked
	Replaced   int    // and that were replaced
}

// Used is how many numbers are taken.
func (r RegisterRow) Used() int { return r.NextNumber - 1 }

// Standing is how many certificates stand.
func (r RegisterRow) Standing() int { return r.Used() - r.Revoked - r.Replaced }

// Name is what a register is called: its symbol and its year.
func (r RegisterRow) Name() string { return r.Symbol + "/" + strconv.Itoa(r.Year) }

// Entry is a line of a register: what the certificate said when it was issued, who received it, and how it ended.
type Entry struct {
	ID          uint64
	CourseID    uint64
	Number      int
	Serial      string
	State       models.CertificateState
	Says        template.Snapshot
	SHA256      string // of the document as it was issued
	IssuedDay   models.Day
	ReceivedBy  string     // who received the paper, "" when that was not recorded
	ReceivedDay models.Day // and when
	EndedDay    models.Day
	EndReason   string
	EndedBy     string
	Late        bool   // it ended after the register was signed off
	Replaces    string // serial of the one in whose place it was issued
	ReplacedBy  string // serial of the one in its place
}

// Registers lists the registers of issuers that the actor reaches, the newest year first; one query.
func (s *Service) Registers(ctx context.Context, actor access.Actor) ([]RegisterRow, error) {
	var out []RegisterRow
	err := registers(s.DB.Read(ctx), actor, access.CertificateRead).Order("registers.year DESC, registers.symbol").Scan(&out).Error
	return out, err
}

// Register reads one register; one that is unknown or out of scope is not_found.
func (s *Service) Register(ctx context.Context, actor access.Actor, id uint64) (RegisterRow, error) {
	return register(s.DB.Read(ctx), actor, access.CertificateRead, id)
}

func register(db *gorm.DB, actor access.Actor, p access.Permission, id uint64) (RegisterRow, error) {
	var out RegisterRow
	err := registers(db, actor, p).Where("registers.id = ?", id).Take(&out).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = errs.NotFound("register")
	}
	return out, err
}

func registers(db *gorm.DB, actor access.Actor, p access.Permission) *gorm.DB {
	return db.Table("registers").Joins("JOIN organisations ON organisations.id = registers.issuer_id").Joins("LEFT JOIN issuers ON issuers.organisation_id = registers.issuer_id").
		Joins("LEFT JOIN accounts ON accounts.id = registers.closed_by_id").Scopes(access.Organisations(actor, p)).
		Select("registers.*, COALESCE(issuers.name, organisations.name) AS issuer_name, COALESCE(accounts.name, '') AS closed_by, " +
			"(SELECT COUNT(*) FROM certificates c WHERE c.register_id = registers.id AND c.state = 'revoked') AS revoked, " +
			"(SELECT COUNT(*) FROM certificates c WHERE c.register_id = registers.id AND c.state = 'replaced') AS replaced")
}

// EntryFilter narrows the lines of a register; zero fields do not.
type EntryFilter struct {
	Text  string // a number, a serial, a code, or words of the holder's name
	State models.CertificateState
}

// entryRow is a line as it is read.
type entryRow struct {
	models.Certificate
	SortKey     string
	EndedBy     string
	Replaces    string
	ReplacedBy  string
	ReceivedBy  string
	ReceivedDay models.Day
}

var entryOrders = page.List[entryRow]{Default: "number", Size: PageSize, Orders: map[string]page.Order[entryRow]{
	"number": {{Column: "certificates.number", Of: func(r entryRow) any { return r.Number }}},
	"name":   {{Column: "cadres.sort_key", Of: func(r entryRow) any { return r.SortKey }}, {Column: "certificates.id", Of: func(r entryRow) any { return r.ID }}},
}}

// Entries lists lines of a register that Register gave, in the order of numbers unless asked otherwise; two queries.
func (s *Service) Entries(ctx context.Context, r models.Register, f EntryFilter, ask page.Ask) (*page.Page[Entry], error) {
	q := entries(s.DB.Read(ctx), r.ID)
	if f.State != "" {
		q = q.Where("certificates.state = ?", f.State)
	}
	if n, err := strconv.Atoi(strings.TrimSpace(f.Text)); err == nil {
		q = q.Where("certificates.number = ?", n)
	} else if f.Text != "" {
		q = q.Scopes(saying(f.Text))
	}
	q = q.Session(&gorm.Session{})
	total, err := page.Count(q)
	if err != nil {
		return nil, err
	}
	found, err := entryOrders.Read(q.Select(entryColumns), ask, total)
	if err != nil {
		return nil, err
	}
	out := &page.Page[Entry]{Place: found.Place}
	out.Rows, err = toEntries(r, found.Rows)
	return out, err
}

// EachEntry gives all lines of a register in the order of numbers.
func (s *Service) EachEntry(ctx context.Context, r models.Register, each func([]Entry) error) error {
	return entryOrders.Each(entries(s.DB.Read(ctx), r.ID).Session(&gorm.Session{}).Select(entryColumns), "number", func(found []entryRow) error {
		rows, err := toEntries(r, found)
		if err != nil {
			return err
		}
		return each(rows)
	})
}

const entryColumns = "certificates.*, cadres.sort_key, COALESCE(accounts.name, '') AS ended_by, COALESCE(old.serial, '') AS replaces, COALESCE(fresh.serial, '') AS replaced_by, " +
	"COALESCE(certificate_handovers.received_by, '') AS received_by, certificate_handovers.received_day"

func entries(db *gorm.DB, registerID uint64) *gorm.DB {
	return db.Table("certificates").Joins("JOIN cadres ON cadres.id = certificates.cadre_id").Joins("LEFT JOIN accounts ON accounts.id = certificates.ended_by_id").
		Joins("LEFT JOIN certificates old ON old.id = certificates.replaces_id").Joins("LEFT JOIN certificates fresh ON fresh.replaces_id = certificates.id").
		Joins("LEFT JOIN certificate_handovers ON certificate_handovers.certificate_id = certificates.id").Where("certificates.register_id = ?", registerID)
}

func toEntries(r models.Register, rows []entryRow) ([]Entry, error) {
	out := make([]Entry, len(rows))
	for i, c := range rows {
		out[i] = Entry{ID: c.ID, Number: c.Number, Serial: c.Serial, State: c.State, SHA256: c.PDFSha256, IssuedDay: c.IssuedDay, ReceivedBy: c.ReceivedBy, ReceivedDay: c.ReceivedDay,
			EndReason: c.EndReason, EndedBy: c.EndedBy, Replaces: c.Replaces, ReplacedBy: c.ReplacedBy, Late: late(r, c.Certificate)}
		if err := json.Unmarshal([]byte(c.Snapshot), &out[i].Says); err != nil {
			return nil, err
		}
		if c.CourseID != nil {
			out[i].CourseID = *c.CourseID
		}
		if c.EndedAt != nil {
			out[i].EndedDay = models.DayOf(*c.EndedAt)
		}
	}
	return out, nil
}

// late says whether a certificate ended after its register was signed off.
func late(r models.Register, c models.Certificate) bool {
	return r.ClosedAt != nil && c.EndedAt != nil && c.EndedAt.After(*r.ClosedAt)
}

// endedAt is when a certificate ends that is ended now, whose register is held: after its sign-off if there was one, whatever the clocks
// of two machines say.
func endedAt(r models.Register, now time.Time) time.Time {
	if r.ClosedAt != nil && !now.After(*r.ClosedAt) {
		return r.ClosedAt.Add(time.Microsecond)
	}
	return now
}
