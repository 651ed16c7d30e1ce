package attendance

import (
	"context"
	"crypto/hmac"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/badge"
	"taphuan/app/errs"
	"taphuan/models"
)

// TicketLasts is how long somebody who scanned the screen's code in time may take to sign in or type the personal code.
const TicketLasts = 10 * time.Minute

const ticketPurpose = "check_in_ticket"

// Ticket is what the code of a hall's screen is exchanged for when it arrives: the right to check in at one session, from one browser.
type Ticket struct {
	ID          string    // of this ticket: what is sent twice with it counts once
	SessionID   uint64    // where
	Device      string    // the browser's own id
	Until       time.Time // when it ends
	EnrolmentID uint64    // who has checked in with it, to be shown; 0: nobody yet
}

// Arrive takes the code of a hall's screen and gives a ticket for the browser that brought it.
//
// It refuses what is no code of the session or one of another key ("check_in_code"), one that is too old or too far ahead
// ("check_in_stale"), and what doors and refusal say.
func (s *Service) Arrive(ctx context.Context, code, device string) (Ticket, error) {
	now := s.DB.Time()
	id, step, ok := readCode(code)
	if !ok || !isUID(device) {
		return Ticket{}, errs.Invalid("check_in_code")
	}
	c, x, err := s.hall(ctx, id)
	if errs.Is(err, "not_found") {
		return Ticket{}, errs.Invalid("check_in_code")
	}
	if err != nil {
		return Ticket{}, err
	}
	if !hmac.Equal([]byte(code), []byte(codeOf(screenKey(s.Keys, x), x.ID, step))) {
		return Ticket{}, errs.Invalid("check_in_code")
	}
	if !timely(step, now) {
		return Ticket{}, errs.Conflict("check_in_stale")
	}
	if err := doors(c, x, now); err != nil {
		return Ticket{}, err
	}
	return Ticket{ID: newUID(), SessionID: x.ID, Device: strings.ToLower(device), Until: now.Add(TicketLasts)}, nil
}

// hall reads a session and its course, whoever asks.
func (s *Service) hall(ctx context.Context, sessionID uint64) (c models.Course, x models.Session, err error) {
	db := s.DB.Read(ctx)
	if err = db.Take(&x, sessionID).Error; err == nil {
		err = db.Take(&c, x.CourseID).Error
	}
	if errors.Is(err, gorm.ErrRecordNotFound) {
		err = errs.NotFound("session")
	}
	return c, x, err
}

// SealTicket writes a ticket so that nobody can read or change it.
func (s *Service) SealTicket(t Ticket) (string, error) {
	b, err := json.Marshal(t)
	if err != nil {
		return "", errs.Internal("ticket", err)
	}
	sealed, err := s.Keys.Seal(ticketPurpose, string(b))
	if err != nil {
		return "", errs.Internal("ticket", err)
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// OpenTicket reads what SealTicket wrote. It refuses with "check_in_ticket" what is none, has ended or was another browser's.
func (s *Service) OpenTicket(sealed, device string) (Ticket, error) {
	var t Ticket
	b, err := base64.RawURLEncoding.DecodeString(sealed)
	if err != nil {
		return t, errs.Conflict("check_in_ticket")
	}
	text, err := s.Keys.Open(ticketPurpose, b)
	if err != nil || json.Unmarshal([]byte(text), &t) != nil || !s.DB.Time().Before(t.Until) || !strings.EqualFold(t.Device, device) {
		return Ticket{}, errs.Conflict("check_in_ticket")
	}
	return t, nil
}

// Guest is a person of a session as the person's own phone shows it.
type Guest struct {
	EnrolmentID uint64
	Name        string
	Office      string
	Mark        models.MarkValue // that holds; MarkNone: none
}

// CheckIn is what the holder of a ticket sees.
type CheckIn struct {
	Course  models.Course
	Session models.Session
	Own     *Guest      // the cadre behind the account, where enrolled
	Done    *Guest      // who has checked in with the ticket
	Refusal *errs.Error // why nobody can check in any more; nil: they can
}

// CheckInOf gives what the holder of a ticket sees: three statements.
func (s *Service) CheckInOf(ctx context.Context, actor access.Actor, t Ticket) (*CheckIn, error) {
	c, x, err := s.hall(ctx, t.SessionID)
	if err != nil {
		return nil, err
	}
	out := &CheckIn{Course: c, Session: x, Refusal: errs.As(refusal(c, x, models.DayOf(s.DB.Time())))}
	if t.EnrolmentID != 0 {
		if out.Done, err = s.guest(ctx, x, "e.id = ?", t.EnrolmentID); err != nil {
			return nil, err
		}
	}
	if actor.CadreID != 0 {
		out.Own, err = s.guest(ctx, x, "e.cadre_id = ?", actor.CadreID)
	}
	return out, err
}

// guest finds an enrolled person of a session; nil: there is none.
func (s *Service) guest(ctx context.Context, x models.Session, which string, id uint64) (*Guest, error) {
	var g []Guest
	err := s.DB.Read(ctx).Table("enrolments e").Joins("JOIN cadres c ON c.id = e.cadre_id").Joins("LEFT JOIN organisations o ON o.id = e.organisation_id").
		Joins("LEFT JOIN marks m ON m.enrolment_id = e.id AND m.session_id = ?", x.ID).
		Where("e.course_id = ? AND e.state = ?", x.CourseID, models.EnrolmentEnrolled).Where(which, id).
		Select("e.id AS enrolment_id, c.full_name AS name, COALESCE(NULLIF(o.short_name, ''), o.name, '') AS office, COALESCE(m.mark, '') AS mark").Limit(1).Scan(&g).Error
	if err != nil || len(g) == 0 {
		return nil, err
	}
	return &g[0], nil
}

// Limits on wrong personal codes: a device is one person's or two's, an address may be a whole hall's. Whoever guesses can have another
// device and another address, but only the one person whose code it is to be.
const (
	freeOfDevice  = 9
	freeOfPerson  = 20
	freeOfAddress = 300
)

// CheckIn marks the holder of a ticket present: the cadre behind the account, or with a code the person whose personal code it is. The
// event stands in the log like any other, whatever was marked before; where another source said otherwise, the trainer sees both. It
// gives the ticket as it is from then on.
//
// It refuses a wrong code ("check_in_personal", and after too many "code_wait"), whoever is not enrolled in the course
// ("check_in_not_enrolled"), and what refusal says.
func (s *Service) CheckIn(ctx context.Context, actor access.Actor, t Ticket, code, address string) (Ticket, error) {
	who, err := s.whoChecksIn(ctx, actor, t, code, address)
	if err != nil {
		return t, err
	}
	now := s.DB.Time()
	mark := MarkInput{UID: uuid.NewSHA1(uuid.NameSpaceURL, fmt.Appendf(nil, "%s.%d", t.ID, who)).String(), SessionID: t.SessionID, EnrolmentID: who, Mark: models.MarkPresent,
		MarkedAt: now, Source: SourceScreen}
	out, err := s.send(ctx, &sending{actor: actor, own: true, batch: Batch{DeviceID: t.Device, Marks: []MarkInput{mark}}})
	if err != nil {
		return t, err
	}
	if why := out.Marks[0].Refusal; why != nil {
		if errs.Is(why, "mark_not_enrolled") {
			return t, errs.Conflict("check_in_not_enrolled")
		}
		return t, why
	}
	t.EnrolmentID = who
	return t, nil
}

func (s *Service) whoChecksIn(ctx context.Context, actor access.Actor, t Ticket, code, address string) (enrolment uint64, err error) {
	if strings.TrimSpace(code) != "" {
		of, right := badge.OfCode(s.Keys, code)
		limit := func(what string, which any, free int) access.GuessLimit {
			return access.GuessLimit{Key: fmt.Sprintf("check_in.%d.%s.%v", t.SessionID, what, which), Free: free}
		}
		limits := []access.GuessLimit{limit("device", t.Device, freeOfDevice), limit("address", address, freeOfAddress), limit("person", of, freeOfPerson)}
		return of, s.Access.Guess(ctx, limits, errs.As(errs.OnField("code", "check_in_personal")), func() bool { return right })
	}
	_, x, err := s.hall(ctx, t.SessionID)
	if err != nil {
		return 0, err
	}
	if actor.CadreID == 0 {
		return 0, errs.OnField("code", "check_in_personal_missing")
	}
	g, err := s.guest(ctx, x, "e.cadre_id = ?", actor.CadreID)
	if err == nil && g == nil {
		err = errs.Conflict("check_in_not_enrolled")
	}
	if err != nil {
		return 0, err
	}
	return g.EnrolmentID, nil
}
