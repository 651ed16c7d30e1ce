package certificate

import (
	"context"
	"encoding/json"
	"errors"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/page"
	"taphuan/app/store"
	"taphuan/app/template"
	"taphuan/models"
	"taphuan/models/viet"
)

// Handover is a certificate of a course and whether it has been handed over.
type Handover struct {
	ID          uint64
	Serial      string
	Name, Org   string
	State       models.CertificateState
	ReceivedBy  string // "": not handed over
	ReceivedDay models.Day
	GivenBy     string
	Scans       int
}

// Handovers reads the certificates of a course with what was recorded of handing them over, in the order of their numbers: two queries. Out
// of scope is not found.
func (s *Service) Handovers(ctx context.Context, actor access.Actor, courseID uint64) ([]Handover, error) {
	if _, err := s.course(ctx, actor, courseID); err != nil {
		return nil, err
	}
	return s.handovers(s.listed(ctx, actor, access.CertificateIssue, Filter{CourseID: courseID}))
}

func (s *Service) handovers(q *gorm.DB) ([]Handover, error) {
	var rows []struct {
		ID                  uint64
		Serial, Snapshot    string
		State               models.CertificateState
		ReceivedBy, GivenBy string
		ReceivedDay         models.Day
		Scans               int
	}
	err := q.Joins("LEFT JOIN certificate_handovers h ON h.certificate_id = certificates.id").
		Select("certificates.id, certificates.serial, certificates.snapshot, certificates.state, COALESCE(h.received_by, '') AS received_by, COALESCE(h.given_by, '') AS given_by, h.received_day, " +
			"(SELECT COUNT(*) FROM certificate_scans x WHERE x.certificate_id = certificates.id) AS scans").Order("certificates.id").Scan(&rows).Error
	out := make([]Handover, len(rows))
	for i, r := range rows {
		var snap template.Snapshot
		if err := json.Unmarshal([]byte(r.Snapshot), &snap); err != nil {
			return nil, err
		}
		out[i] = Handover{ID: r.ID, Serial: r.Serial, Name: snap.Name, Org: snap.Organisation, State: r.State, ReceivedBy: r.ReceivedBy, ReceivedDay: r.ReceivedDay, GivenBy: r.GivenBy, Scans: r.Scans}
	}
	return out, err
}

// HandoverInput says what is recorded of handing certificates over.
type HandoverInput struct {
	IDs        []uint64 // certificates
	ReceivedBy string   // "": everybody received the own one
	Day        models.Day
	GivenBy    string
}

// HandOver records that certificates were handed over on paper, all of them or none, and gives how many. It refuses none
// ("nothing_selected"), missing or long fields ("required", "too_long"), a day to come or before the issue ("handover_future",
// "handover_before_issue" on "received_day"), certificates that do not stand ("certificate_ended") or were handed over
// ("handed_over_already", with the number), and any out of scope (not_found).
func (s *Service) HandOver(ctx context.Context, actor access.Actor, in HandoverInput) (int, error) {
	in.ReceivedBy, in.GivenBy = viet.NFC(in.ReceivedBy), viet.NFC(in.GivenBy)
	var f errs.Fields
	line(&f, "received_by", in.ReceivedBy, 120, false)
	line(&f, "given_by", in.GivenBy, 120, true)
	switch today := models.DayOf(s.DB.Time()); {
	case in.Day == 0:
		f.Add("received_day", "required")
	case in.Day > today:
		f.Add("received_day", "handover_future")
	}
	if err := f.Err(); err != nil {
		return 0, err
	}
	n, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		held, err := hold(tx, actor, in.IDs)
		if err != nil {
			return 0, err
		}
		var there []models.CertificateHandover
		if err := tx.Where("certificate_id IN ?", in.IDs).Find(&there).Error; err != nil {
			return 0, err
		}
		given := map[uint64]bool{}
		for _, h := range there {
			given[h.CertificateID] = true
		}
		var rows []models.CertificateHandover
		for _, c := range held {
			switch {
			case c.State != models.CertificateValid:
				return 0, errs.Conflict("certificate_ended")
			case given[c.ID]:
				return 0, errs.Conflict("handed_over_already", errs.Params{"number": c.Serial})
			case in.Day < c.IssuedDay:
				return 0, errs.OnField("received_day", "handover_before_issue", errs.Params{"day": c.IssuedDay})
			}
			h := models.CertificateHandover{CertificateID: c.ID, ReceivedBy: in.ReceivedBy, ReceivedDay: in.Day, GivenBy: in.GivenBy, CreatedAt: tx.Now}
			if h.ReceivedBy == "" {
				var snap template.Snapshot
				if err := json.Unmarshal([]byte(c.Snapshot), &snap); err != nil {
					return 0, err
				}
				h.ReceivedBy = snap.Name
			}
			if tx.By.AccountID != 0 {
				h.AccountID = &tx.By.AccountID
			}
			rows = append(rows, h)
			if err := tx.Audit("certificate.hand_over", "certificate", c.ID, map[string]any{"received_by": h.ReceivedBy, "day": h.ReceivedDay, "given_by": h.GivenBy}); err != nil {
				return 0, err
			}
		}
		return uint64(len(rows)), tx.CreateInBatches(rows, batch).Error
	})
	return int(n), err
}

// mostHeld is how many certificates one act is about.
const mostHeld = 1000

// hold locks certificates in the actor's scope, in the order of their ids. It refuses none ("nothing_selected"), too many
// as page.Total.AtMost does, and any that is not there.
func hold(tx *store.Tx, actor access.Actor, ids []uint64) ([]models.Certificate, error) {
	if len(ids) == 0 {
		return nil, errs.Invalid("nothing_selected")
	}
	if err := (page.Total{N: int64(len(ids))}).AtMost(mostHeld); err != nil {
		return nil, err
	}
	var held []models.Certificate
	err := tx.Lock().Scopes(access.Certificates(actor, access.CertificateIssue, tx.Today)).Where("certificates.id IN ?", ids).Order("certificates.id").Find(&held).Error
	if err != nil {
		return nil, err
	}
	seen := map[uint64]bool{}
	for _, c := range held {
		seen[c.ID] = true
	}
	for _, id := range ids {
		if !seen[id] {
			return nil, errs.NotFound("certificate")
		}
	}
	return held, nil
}

// UndoHandOver takes back what was recorded by mistake. It refuses with not_found where nothing was.
func (s *Service) UndoHandOver(ctx context.Context, actor access.Actor, id uint64) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		if _, err := hold(tx, actor, []uint64{id}); err != nil {
			return 0, err
		}
		var h models.CertificateHandover
		err := tx.Where("certificate_id = ?", id).Take(&h).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return 0, errs.NotFound("handover")
		}
		if err != nil {
			return 0, err
		}
		if err := tx.Where("certificate_id = ?", id).Delete(&models.CertificateHandover{}).Error; err != nil {
			return 0, err
		}
		return id, tx.Audit("certificate.hand_over_undo", "certificate", id, map[string]any{"received_by": h.ReceivedBy, "day": h.ReceivedDay, "given_by": h.GivenBy})
	})
	return err
}

// Print draws a certificate for the printer, from what it says and its version of the template. It refuses one that does not stand
// ("certificate_ended"), one from before there were templates ("print_not_kept"), and one out of scope (not_found).
func (s *Service) Print(ctx context.Context, actor access.Actor, id uint64) (pdf []byte, name string, err error) {
	var c models.Certificate
	db := s.DB.Read(ctx)
	err = db.Scopes(access.Certificates(actor, access.CertificateIssue, models.DayOf(s.DB.Time()))).Take(&c, id).Error
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		return nil, "", errs.NotFound("certificate")
	case err != nil:
		return nil, "", err
	case c.State != models.CertificateValid:
		return nil, "", errs.Conflict("certificate_ended")
	case c.TemplateVersionID == nil:
		return nil, "", errs.Conflict("print_not_kept")
	}
	var snap template.Snapshot
	if err := json.Unmarshal([]byte(c.Snapshot), &snap); err != nil {
		return nil, "", err
	}
	look, err := s.Templates.Load(db, *c.TemplateVersionID)
	if err != nil {
		return nil, "", err
	}
	pdf, err = look.Draw(snap, template.Print)
	return pdf, "ban-in-" + number(c.Serial) + ".pdf", err
}
