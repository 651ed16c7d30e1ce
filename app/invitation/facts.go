package invitation

import (
	"context"
	"errors"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/secret"
	"taphuan/models"
)

// facts are what letters, calendar and mails of a course are made from.
type facts struct {
	course    models.Course
	typeName  string
	sessions  []models.Session // not cancelled, in the order of time
	letter    models.InvitationLetter
	told      told // what is so now, with the sessions that are gone
	sequence  int
	superior  string
	agency    string
	place     string
	host      string
	signatory models.Signatory
	publicURL string
	keys      *secret.Keys // make badges
	today     models.Day
	people    []person
}

// person is somebody with a seat, as a letter names them.
type person struct {
	ID           uint64 // of the enrolment
	Name         string
	Sex          models.Sex
	BirthYear    int
	Title        string
	Organisation string
	Via          models.Via
}

func (p person) honorific() string {
	switch p.Sex {
	case models.SexMale:
		return "Ông"
	case models.SexFemale:
		return "Bà"
	}
	return "Ông/Bà"
}

// factsOf reads everything about a course, and about those people of it whom which leaves. A bounded number of statements.
func (s *Service) factsOf(ctx context.Context, courses access.Scope, courseID uint64, which func(*gorm.DB) *gorm.DB) (*facts, error) {
	db := s.DB.Read(ctx)
	f := &facts{today: models.DayOf(s.DB.Time()), keys: s.Keys}
	err := db.Scopes(courses).Take(&f.course, courseID).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errs.NotFound("course")
	}
	if err != nil {
		return nil, err
	}
	var all []models.Session
	var typ models.CourseType
	var host models.Organisation
	for _, q := range []*gorm.DB{
		db.Take(&typ, f.course.CourseTypeID), db.Take(&host, f.course.HostID),
		db.Where("course_id = ?", courseID).Order("day, start_minute, id").Find(&all),
	} {
		if q.Error != nil {
			return nil, q.Error
		}
	}
	f.typeName, f.host = typ.NameVi, host.Name
	for _, x := range all {
		if !x.Cancelled {
			f.sessions = append(f.sessions, x)
		}
	}
	if f.letter, err = letterOf(db, courseID); err != nil {
		return nil, err
	}
	before, err := readTold(f.letter)
	if err != nil {
		return nil, err
	}
	f.told, f.sequence = tell(f.course, all, before), f.letter.Sequence
	if f.letter.Told != "" && !f.told.same(before) {
		f.sequence++ // the invited will be told of it under this number
	}
	if err := s.heading(ctx, db, f, host); err != nil {
		return nil, err
	}
	if which != nil {
		f.people, err = peopleOf(db, f, which)
	}
	return f, err
}

// heading finds who invites: the issuer's details of the host, else what administrators set, else the host's name.
func (s *Service) heading(ctx context.Context, db *gorm.DB, f *facts, host models.Organisation) error {
	set, err := s.Settings.Get(ctx)
	if err != nil {
		return err
	}
	f.publicURL = set.PublicURL
	var issuer []models.Issuer
	if err := db.Where("organisation_id = ?", host.ID).Limit(1).Find(&issuer).Error; err != nil {
		return err
	}
	switch {
	case len(issuer) == 1:
		f.superior, f.agency, f.place = issuer[0].Superior, issuer[0].Name, issuer[0].Place
	case set.IssuerName != "":
		f.superior, f.agency = set.IssuerParent, set.IssuerName
	default:
		f.agency = host.Name
	}
	q := db.Where("from_day <= ? AND to_day > ?", f.today, f.today)
	if f.letter.SignatoryID != nil {
		q = db.Where("id = ?", *f.letter.SignatoryID)
	} else {
		q = q.Where("organisation_id = ?", host.ID)
	}
	var signs []models.Signatory
	if err := q.Order("id").Limit(1).Find(&signs).Error; err != nil {
		return err
	}
	if len(signs) == 1 {
		f.signatory = signs[0]
	}
	return nil
}

// peopleOf reads those with a seat whom which leaves, with title and office on the course's first day, in the order of names.
func peopleOf(db *gorm.DB, f *facts, which func(*gorm.DB) *gorm.DB) ([]person, error) {
	day := max(f.course.FirstDay, f.today)
	if f.course.LastDay != 0 && f.course.LastDay < f.today {
		day = f.course.LastDay
	}
	var out []person
	err := db.Table("enrolments e").Joins("JOIN cadres ON cadres.id = e.cadre_id").Joins(Live).
		Joins("LEFT JOIN postings p ON p.cadre_id = cadres.id AND p.main = ? AND p.from_day <= ? AND p.to_day > ?", true, day, day).
		Joins("LEFT JOIN organisations o ON o.id = p.organisation_id").
		Where("e.course_id = ? AND e.state = ?", f.course.ID, models.EnrolmentEnrolled).Scopes(which).
		Select("e.id, cadres.full_name AS name, cadres.sex, cadres.birth_year, COALESCE(p.title, '') AS title, COALESCE(o.name, '') AS organisation, COALESCE(i.via, '') AS via").
		Order("cadres.sort_key, e.id").Scan(&out).Error
	return out, err
}

// link gives the public address of a local path, "" while there is none.
func (f *facts) link(path string) string {
	if f.publicURL == "" {
		return ""
	}
	return strings.TrimSuffix(f.publicURL, "/") + path
}

// where says where a session takes place.
func (f *facts) where(room string) string {
	switch {
	case room != "" && f.course.Venue != "":
		return room + ", " + f.course.Venue
	case room != "":
		return room
	case f.course.Venue != "":
		return f.course.Venue
	case f.course.Link != "":
		return "Trực tuyến: " + f.course.Link
	}
	return ""
}

// Everybody, and those of the print-out.
func everybody(q *gorm.DB) *gorm.DB { return q }
func onPaper(q *gorm.DB) *gorm.DB   { return q.Where("i.via = ?", models.ViaPaper) }
func only(id uint64) func(*gorm.DB) *gorm.DB {
	return func(q *gorm.DB) *gorm.DB { return q.Where("e.id = ?", id) }
}
