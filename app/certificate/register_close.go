package certificate

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"time"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/app/template"
	"taphuan/models"
)

// CloseRegister signs a register off (khóa sổ): it takes no further number, and the SHA-256 of what stands in it (SignedOff) is kept.
// Its certificates can still be revoked and replaced; that is told apart and does not touch what was signed off.
//
// It refuses a register out of scope (not_found), one that is signed off ("register_closed"), one whose year has not ended
// ("register_year_runs"), and one in which a number is missing ("register_gap"), which nobody may vouch for.
func (s *Service) CloseRegister(ctx context.Context, actor access.Actor, id uint64) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		if _, err := register(tx.DB, actor, access.CertificateIssue, id); err != nil {
			return 0, err
		}
		var r models.Register
		if err := tx.Lock().Take(&r, id).Error; err != nil {
			return 0, err
		}
		switch {
		case r.ClosedAt != nil:
			return 0, errs.Conflict("register_closed", errs.Params{"symbol": r.Symbol, "year": r.Year})
		case tx.Today.Year() <= r.Year:
			return 0, errs.Conflict("register_year_runs", errs.Params{"year": r.Year})
		}
		at, err := closedAt(tx, id)
		if err != nil {
			return 0, err
		}
		r.ClosedAt = &at
		if tx.By.AccountID != 0 {
			r.ClosedByID = &tx.By.AccountID
		}
		if r.ClosedSHA256, err = signedOffHash(tx.DB, r); err != nil {
			return 0, err
		}
		if err := tx.Select("closed_at", "closed_by_id", "closed_sha256").Updates(&r).Error; err != nil {
			return 0, err
		}
		return id, tx.Audit("register.close", "register", id, map[string]any{"symbol": r.Symbol, "year": r.Year, "count": r.NextNumber - 1, "sha256": r.ClosedSHA256})
	})
	return err
}

// closedAt is the moment of a sign-off: not before the last certificate of the register ended, whatever the clocks of two machines say.
func closedAt(tx *store.Tx, registerID uint64) (time.Time, error) {
	var last models.Certificate
	err := tx.Where("register_id = ? AND ended_at > ?", registerID, tx.Now).Order("ended_at DESC").Limit(1).Find(&last).Error
	if err != nil || last.EndedAt == nil {
		return tx.Now, err
	}
	return *last.EndedAt, nil
}

// RegisterStands says whether what was signed off in a register is still what is found: whether its SHA-256, taken again, is the one that
// was kept. A certificate that was ended after the sign-off leaves that true; a line that was changed, added or taken away does not.
// It refuses a register that is not signed off ("register_open").
func (s *Service) RegisterStands(ctx context.Context, r models.Register) (bool, error) {
	if r.ClosedAt == nil {
		return false, errs.Conflict("register_open")
	}
	sum, err := signedOffHash(s.DB.Read(ctx), r)
	if refused := (*errs.Error)(nil); errors.As(err, &refused) { // a line is missing, or is not one any more
		return false, nil
	}
	return err == nil && sum == r.ClosedSHA256, err
}

func signedOffHash(db *gorm.DB, r models.Register) (string, error) {
	h := sha256.New()
	if err := writeSignedOff(h, db, r); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// SignedOff writes the text whose SHA-256 is kept when a register is signed off, for whoever wants to take it again with other means.
// It is UTF-8 with a JSON object and a line feed in each line. The first line is the register (signedOffHead); one line for each number
// follows (signedOffLine), in the order of numbers: what the register says of the certificate, the SHA-256 of the whole snapshot and of
// the document as it was issued, and how it ended, if that was before the sign-off. What came later is not in it.
// It refuses a register that is not signed off ("register_open"), and one in which a number is missing ("register_gap").
func (s *Service) SignedOff(ctx context.Context, r models.Register, w io.Writer) error {
	if r.ClosedAt == nil {
		return errs.Conflict("register_open")
	}
	return writeSignedOff(w, s.DB.Read(ctx), r)
}

type signedOffHead struct {
	Symbol     string    `json:"register"`
	Year       int       `json:"year"`
	IssuerID   uint64    `json:"issuer_id"`
	Count      int       `json:"count"`
	ClosedAt   time.Time `json:"closed_at"`
	ClosedByID *uint64   `json:"closed_by_id"`
}

type signedOffLine struct {
	Number    int           `json:"number"`
	Serial    string        `json:"serial"`
	Code      string        `json:"code"`
	Name      string        `json:"name"`
	Born      string        `json:"born"`
	Course    string        `json:"course"`
	IssuedDay models.Day    `json:"issued"`
	Snapshot  string        `json:"snapshot_sha256"`
	Document  string        `json:"document_sha256"`
	Replaces  string        `json:"replaces,omitempty"`
	Ended     *signedOffEnd `json:"ended,omitempty"`
}

type signedOffEnd struct {
	State  models.CertificateState `json:"state"`
	At     time.Time               `json:"at"`
	ByID   *uint64                 `json:"by_id"`
	Reason string                  `json:"reason"`
}

// stretch is how many lines of a register are read at once.
const stretch = 500

func writeSignedOff(w io.Writer, db *gorm.DB, r models.Register) error {
	out := bufio.NewWriter(w)
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	count := r.NextNumber - 1
	if err := e.Encode(signedOffHead{r.Symbol, r.Year, r.IssuerID, count, r.ClosedAt.UTC(), r.ClosedByID}); err != nil {
		return err
	}
	for last := 0; ; {
		var rows []struct {
			models.Certificate
			Replaces string
		}
		err := db.Table("certificates").Joins("LEFT JOIN certificates old ON old.id = certificates.replaces_id").Select("certificates.*, COALESCE(old.serial, '') AS replaces").
			Where("certificates.register_id = ? AND certificates.number > ?", r.ID, last).Order("certificates.number").Limit(stretch).Scan(&rows).Error
		if err != nil {
			return err
		}
		for _, c := range rows {
			if last++; c.Number != last {
				return errs.Conflict("register_gap", errs.Params{"number": last})
			}
			line, err := signedOff(r, c.Certificate, c.Replaces)
			if err != nil {
				return err
			}
			if err := e.Encode(line); err != nil {
				return err
			}
		}
		if len(rows) == stretch {
			continue
		}
		if last != count {
			return errs.Conflict("register_gap", errs.Params{"number": min(last, count) + 1})
		}
		return out.Flush()
	}
}

func signedOff(r models.Register, c models.Certificate, replaces string) (signedOffLine, error) {
	var says template.Snapshot
	if err := json.Unmarshal([]byte(c.Snapshot), &says); err != nil {
		return signedOffLine{}, errs.Internal("snapshot", err)
	}
	sum := sha256.Sum256([]byte(c.Snapshot))
	line := signedOffLine{Number: c.Number, Serial: c.Serial, Code: c.Code, Name: says.Name, Born: says.Born, Course: says.CourseTitle, IssuedDay: c.IssuedDay,
		Snapshot: hex.EncodeToString(sum[:]), Document: c.PDFSha256, Replaces: replaces}
	if c.State != models.CertificateValid && !late(r, c) {
		line.Ended = &signedOffEnd{State: c.State, ByID: c.EndedByID, Reason: c.EndReason}
		if c.EndedAt != nil {
			line.Ended.At = c.EndedAt.UTC()
		}
	}
	return line, nil
}
