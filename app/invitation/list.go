package invitation

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/enrolment"
	"taphuan/app/errs"
	"taphuan/models"
)

// Row is somebody of a course with the invitation and the reply.
type Row struct {
	ID             uint64 // of the enrolment
	Name           string
	BirthYear      int
	Title          string
	Organisation   string
	HasEmail       bool
	State          models.EnrolmentState
	InvitedAt      *time.Time
	Via            models.Via
	Reply          models.Reply
	RepliedAt      *time.Time
	Reason         string
	Substitute     string
	SubstituteIn   models.EnrolmentState // what became of the substitute's nomination
	MailState      models.MailState      `gorm:"-"` // of the last mail
	MailError      string                `gorm:"-"`
	SubstituteName string                // of a substitute who was only named: nobody is nominated by it
}

// Counts are how many of a course, as far as the actor sees them, stand where.
type Counts struct {
	Seats     int // have a seat
	Uninvited int // have a seat and no invitation
	Paper     int // were invited and get no mail
	Confirmed int
	Declined  int
	Silent    int // have a seat, were invited and have not answered
	Failed    int // mails that the server refused for good
}

// Filter narrows the list: "confirmed", "declined", "silent", "uninvited", "paper", "" for everybody.
type Filter struct {
	Show string
	Page int // from 1
}

// PageSize is how many rows a page of the list shows.
const PageSize = 50

// List is one page of a course's invitations in the order of names.
type List struct {
	Course   models.Course
	Letter   models.InvitationLetter
	Sessions []models.Session // not cancelled
	Rows     []Row
	Total    int
	Page     int
	Counts   Counts
	Sends    bool // mails go out
	SignedBy string
}

var shows = map[string]string{
	"":          "(e.state = 'enrolled' OR i.reply = 'declined')",
	"confirmed": "e.state = 'enrolled' AND i.reply = 'confirmed'",
	"declined":  "e.state = 'withdrawn' AND i.reply = 'declined'",
	"silent":    "e.state = 'enrolled' AND i.invited_at IS NOT NULL AND i.reply = ''",
	"uninvited": "e.state = 'enrolled' AND i.invited_at IS NULL",
	"paper":     "e.state = 'enrolled' AND i.via = 'paper'",
}

// List lists the invitations and replies of a course, as far as the actor's scope reaches; a course out of scope is not found. A bounded
// number of statements whatever the length.
func (s *Service) List(ctx context.Context, actor access.Actor, courseID uint64, f Filter) (*List, error) {
	db, now := s.DB.Read(ctx), s.DB.Time()
	out := &List{Page: max(f.Page, 1)}
	err := db.Scopes(access.Courses(actor, access.NominationRead, now)).Take(&out.Course, courseID).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errs.NotFound("course")
	}
	if err != nil {
		return nil, err
	}
	if out.Letter, err = letterOf(db, courseID); err != nil {
		return nil, err
	}
	if out.Sessions, err = sessionsOf(db, courseID); err != nil {
		return nil, err
	}
	cfg, err := s.Mail.Config(ctx)
	if err != nil {
		return nil, err
	}
	out.Sends = cfg.Ready()
	day := max(out.Course.FirstDay, models.DayOf(now))
	if out.Course.LastDay != 0 && out.Course.LastDay < models.DayOf(now) {
		day = out.Course.LastDay
	}
	seen := func() *gorm.DB {
		return db.Table("enrolments e").Where("e.id IN (?)", db.Model(&models.Enrolment{}).Select("enrolments.id").Where("enrolments.course_id = ?", courseID).
			Scopes(access.Enrolments(actor, access.NominationRead, now))).Joins(Live)
	}
	if out.Counts, err = count(seen()); err != nil {
		return nil, err
	}
	show, ok := shows[f.Show]
	if !ok {
		show = shows[""]
	}
	q := seen().Joins("JOIN cadres ON cadres.id = e.cadre_id").Where(show)
	var n int64
	if err := q.Session(&gorm.Session{}).Count(&n).Error; err != nil {
		return nil, err
	}
	out.Total = int(n)
	out.Page = min(out.Page, max((out.Total+PageSize-1)/PageSize, 1))
	err = q.Session(&gorm.Session{}).Joins("LEFT JOIN postings p ON p.cadre_id = cadres.id AND p.main = ? AND p.from_day <= ? AND p.to_day > ?", true, day, day).
		Joins("LEFT JOIN organisations o ON o.id = p.organisation_id").
		Joins("LEFT JOIN cadres sub ON sub.id = i.substitute_cadre_id").Joins("LEFT JOIN enrolments se ON se.course_id = e.course_id AND se.cadre_id = i.substitute_cadre_id").
		Select("e.id, cadres.full_name AS name, cadres.birth_year, COALESCE(p.title, '') AS title, COALESCE(o.name, '') AS organisation, cadres.email <> '' AS has_email, e.state, i.invited_at," +
			" COALESCE(i.via, '') AS via, COALESCE(i.reply, '') AS reply, i.replied_at, COALESCE(i.reply_reason, '') AS reason, COALESCE(sub.full_name, i.substitute_name, '') AS substitute," +
			" CASE WHEN i.substitute_cadre_id IS NULL THEN COALESCE(i.substitute_name, '') ELSE '' END AS substitute_name, COALESCE(se.state, '') AS substitute_in").
		Order("cadres.sort_key, e.id").Limit(PageSize).Offset((out.Page - 1) * PageSize).Scan(&out.Rows).Error
	if err != nil {
		return nil, err
	}
	return out, addMails(db, out.Rows)
}

func count(q *gorm.DB) (c Counts, err error) {
	err = q.Select("COALESCE(SUM(CASE WHEN e.state = 'enrolled' THEN 1 ELSE 0 END), 0) AS seats," +
		" COALESCE(SUM(CASE WHEN " + shows["uninvited"] + " THEN 1 ELSE 0 END), 0) AS uninvited, COALESCE(SUM(CASE WHEN " + shows["paper"] + " THEN 1 ELSE 0 END), 0) AS paper," +
		" COALESCE(SUM(CASE WHEN " + shows["confirmed"] + " THEN 1 ELSE 0 END), 0) AS confirmed, COALESCE(SUM(CASE WHEN " + shows["declined"] + " THEN 1 ELSE 0 END), 0) AS declined," +
		" COALESCE(SUM(CASE WHEN " + shows["silent"] + " THEN 1 ELSE 0 END), 0) AS silent," +
		" COALESCE(SUM(CASE WHEN e.state = 'enrolled' AND EXISTS (SELECT 1 FROM mails m WHERE m.enrolment_id = e.id AND m.state = 'failed') THEN 1 ELSE 0 END), 0) AS failed").Scan(&c).Error
	return c, err
}

// addMails fills in where each one's last mail stands, in one statement.
func addMails(db *gorm.DB, rows []Row) error {
	at := map[uint64]*Row{}
	var ids []uint64
	for i := range rows {
		at[rows[i].ID] = &rows[i]
		ids = append(ids, rows[i].ID)
	}
	if len(ids) == 0 {
		return nil
	}
	var mails []models.Mail
	err := db.Where("id IN (?)", db.Model(&models.Mail{}).Select("MAX(id)").Where("enrolment_id IN ? AND state <> ?", ids, models.MailDropped).Group("enrolment_id")).Find(&mails).Error
	for _, m := range mails {
		r := at[*m.EnrolmentID]
		r.MailState, r.MailError = m.State, m.Error
	}
	return err
}

// Own is what somebody sees of an own enrolment: the course, the invitation, and what may be answered.
type Own struct {
	Enrolment  models.Enrolment
	Course     models.Course
	Type       models.CourseType
	Sessions   []models.Session // not cancelled
	Invitation models.Invitation
	Letter     models.InvitationLetter
	Substitute string
	Colleagues []Colleague // who could come in one's place; only while one may answer
	MayReply   bool
}

// Own reads an own enrolment; another's is not found.
func (s *Service) Own(ctx context.Context, actor access.Actor, enrolmentID uint64) (*Own, error) {
	e, err := s.own(ctx, actor, enrolmentID)
	if err != nil {
		return nil, err
	}
	db, now := s.DB.Read(ctx), s.DB.Time()
	out := &Own{Enrolment: e}
	err = db.Scopes(access.Courses(actor, access.OwnRead, now)).Take(&out.Course, e.CourseID).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errs.NotFound("enrolment") // of a draft
	}
	if err != nil {
		return nil, err
	}
	var live []models.Invitation
	for _, q := range []*gorm.DB{
		db.Take(&out.Type, out.Course.CourseTypeID),
		db.Table("enrolments e").Joins(Live).Where("e.id = ? AND i.enrolment_id IS NOT NULL", e.ID).Select("i.*").Scan(&live),
	} {
		if q.Error != nil {
			return nil, q.Error
		}
	}
	if len(live) > 0 {
		out.Invitation = live[0]
	}
	if out.Sessions, err = sessionsOf(db, e.CourseID); err != nil {
		return nil, err
	}
	if out.Letter, err = letterOf(db, e.CourseID); err != nil {
		return nil, err
	}
	begins, ok := starts(out.Sessions)
	out.MayReply = out.Course.State == models.CourseOpen && (!ok || now.Before(begins)) && (e.State == models.EnrolmentEnrolled || e.State == models.EnrolmentWaiting)
	if out.Substitute = out.Invitation.SubstituteName; out.Invitation.SubstituteCadreID != nil {
		var c models.Cadre
		if err := db.Select("full_name").Take(&c, *out.Invitation.SubstituteCadreID).Error; err != nil {
			return nil, err
		}
		out.Substitute = c.FullName
	}
	if out.MayReply {
		out.Colleagues, err = offered(db, e.CadreID, out.Course, models.DayOf(now))
	}
	return out, err
}

// offered reads whom somebody may name in their place, with who of them is busy.
func offered(db *gorm.DB, cadreID uint64, c models.Course, today models.Day) (out []Colleague, err error) {
	if err := colleagues(db, cadreID, c, today).Scan(&out).Error; err != nil {
		return nil, err
	}
	ids := make([]uint64, len(out))
	for i, x := range out {
		ids[i] = x.ID
	}
	clashes, err := enrolment.Clashes(db, c.ID, ids)
	for i, x := range out {
		if list := clashes[x.ID]; len(list) > 0 {
			out[i].Busy = list[0].Day
		}
	}
	return out, err
}
