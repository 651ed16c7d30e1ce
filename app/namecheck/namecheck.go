// Package namecheck has the spelling of names and titles checked before certificates print them: by the people themselves, on the
// sign-in sheet, or by silence.
package namecheck

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/paper"
	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// Service checks names.
type Service struct{ DB *store.DB }

// silence is for how many full days nothing must be said until that is consent.
const silence = 5

// Standing is how one person's name and title stand before they are printed.
type Standing struct {
	State models.NameCheckState
	Asked models.Day // when they got the seat: from then on their pages show what will be printed
}

// Ready says whether a certificate may be printed on the day: the name was confirmed, checked on paper or decided on, or five full
// days have passed in silence. A correction that waits for a decision holds it back.
func (s Standing) Ready(day models.Day) bool {
	switch s.State {
	case models.NameCheckNone:
		return day >= s.From()
	case models.NameCheckProposed:
		return false
	}
	return true
}

// From is the first day on which silence counts as consent.
func (s Standing) From() models.Day { return s.Asked.AddDays(silence + 1) }

// Asked is the day on which somebody was asked: the first of the times that is known, of the seat or of what stands for it.
func Asked(times ...*time.Time) models.Day {
	for _, t := range times {
		if t != nil {
			return models.DayOf(*t)
		}
	}
	return 0
}

// Person is somebody of a course with the name and title that a certificate would print.
type Person struct {
	EnrolmentID  uint64
	CadreID      uint64
	CourseID     uint64
	Course       string
	CourseCode   string
	Name         string
	Title        string
	Organisation string
	BirthYear    int
	DecidedAt    *time.Time // of the seat
	CreatedAt    *time.Time
	State        models.NameCheckState
	NewName      string // as confirmed or proposed
	NewTitle     string
	Note         string
	Reason       string
	AnsweredAt   *time.Time
	Printed      bool // has a standing certificate
}

// Seen tells what was said last from what is said now, in a form that decides on it.
func (p Person) Seen() int64 {
	if p.AnsweredAt == nil {
		return 0
	}
	return p.AnsweredAt.UnixMicro()
}

// Standing says how the person's name stands.
func (p Person) Standing() Standing { return Standing{p.State, Asked(p.DecidedAt, p.CreatedAt)} }

// people reads those with a seat, with the posting of the course's last day as certificates do.
func people(db *gorm.DB) *gorm.DB {
	return db.Table("enrolments e").Joins("JOIN courses c ON c.id = e.course_id").Joins("JOIN cadres ON cadres.id = e.cadre_id").
		Joins("LEFT JOIN name_checks nc ON nc.enrolment_id = e.id").
		Joins("LEFT JOIN postings p ON p.cadre_id = cadres.id AND p.main = ? AND p.from_day <= c.last_day AND p.to_day > c.last_day", true).
		Joins("LEFT JOIN organisations o ON o.id = p.organisation_id").
		Where("e.state = ? AND c.state IN ?", models.EnrolmentEnrolled, []models.CourseState{models.CourseOpen, models.CourseRunning, models.CourseClosed}).
		Select("e.id AS enrolment_id, e.cadre_id, e.course_id, c.title AS course, c.code AS course_code, cadres.full_name AS name, COALESCE(p.title, '') AS title, COALESCE(o.name, '') AS organisation, cadres.birth_year," +
			" e.decided_at, e.created_at, COALESCE(nc.state, '') AS state, COALESCE(nc.full_name, '') AS new_name, COALESCE(nc.title, '') AS new_title, COALESCE(nc.note, '') AS note, COALESCE(nc.reason, '') AS reason," +
			" nc.answered_at, EXISTS (SELECT 1 FROM certificates ct WHERE ct.course_id = e.course_id AND ct.cadre_id = e.cadre_id AND ct.state = 'valid') AS printed")
}

// mine are the enrolments of the cadre behind the account.
func mine(actor access.Actor, now time.Time) func(*gorm.DB) *gorm.DB {
	return func(q *gorm.DB) *gorm.DB {
		return q.Where("e.id IN (?)", q.Session(&gorm.Session{NewDB: true}).Model(&models.Enrolment{}).Select("enrolments.id").Scopes(access.Enrolments(actor, access.OwnRead, now)))
	}
}

// Own gives the own names that are to be checked: of courses under way, and of those completed whose certificate is not printed yet.
func (s *Service) Own(ctx context.Context, actor access.Actor) ([]Person, error) {
	var out []Person
	err := people(s.DB.Read(ctx)).Scopes(mine(actor, s.DB.Time())).Where("(c.state <> ? OR e.outcome = ?)", models.CourseClosed, models.OutcomeCompleted).
		Where("NOT EXISTS (SELECT 1 FROM certificates ct WHERE ct.course_id = e.course_id AND ct.cadre_id = e.cadre_id AND ct.state = 'valid')").Order("c.first_day, e.id").Scan(&out).Error
	return out, err
}

// OwnOf gives the own name as one course would print it; nil where there is nothing to check (any more).
func (s *Service) OwnOf(ctx context.Context, actor access.Actor, enrolmentID uint64) (*Person, error) {
	all, err := s.Own(ctx, actor)
	for i := range all {
		if all[i].EnrolmentID == enrolmentID {
			return &all[i], err
		}
	}
	return nil, err
}

// Answer is what somebody says of the own name: as it stands (Name and Title as they were shown), or as it should be.
type Answer struct {
	Name, Title, Note string
}

// Confirm says that the name and title shown are right. It refuses another's enrolment and one without a seat (not_found), a name that is
// printed already ("name_printed"), and what is not so any more ("name_changed").
func (s *Service) Confirm(ctx context.Context, actor access.Actor, enrolmentID uint64, shown Answer) error {
	return s.answer(ctx, actor, enrolmentID, func(p Person) (models.NameCheck, error) {
		if shown.Name != p.Name || shown.Title != p.Title {
			return models.NameCheck{}, errs.Conflict("name_changed")
		}
		return models.NameCheck{State: models.NameCheckConfirmed, FullName: p.Name, Title: p.Title}, nil
	})
}

// Propose asks for a correction, which the head decides on; until then this certificate waits. What is proposed as it is counts as
// confirmed. It refuses as Confirm does, and a name that is missing, too long or no name ("required", "too_long", "name_letters").
func (s *Service) Propose(ctx context.Context, actor access.Actor, enrolmentID uint64, in Answer) error {
	in.Name, in.Title, in.Note = viet.NFC(in.Name), viet.NFC(in.Title), viet.NFC(in.Note)
	if err := in.check(); err != nil {
		return err
	}
	return s.answer(ctx, actor, enrolmentID, func(p Person) (models.NameCheck, error) {
		state := models.NameCheckProposed
		if in.Name == p.Name && in.Title == p.Title {
			state = models.NameCheckConfirmed
		}
		return models.NameCheck{State: state, FullName: in.Name, Title: in.Title, Note: in.Note}, nil
	})
}

func (a Answer) check() error {
	var f errs.Fields
	for _, x := range []struct {
		field, text string
		most        int
	}{{"name", a.Name, 200}, {"title", a.Title, 300}, {"note", a.Note, 500}} {
		if utf8.RuneCountInString(x.text) > x.most {
			f.Add(x.field, "too_long", errs.Params{"n": x.most})
		}
	}
	switch {
	case a.Name == "":
		f.Add("name", "required")
	case paper.CheckGlyphs(a.Name) != nil || strings.ContainsFunc(a.Name, func(r rune) bool { return !unicode.IsLetter(r) && !strings.ContainsRune(" '’-.", r) }):
		f.Add("name", "name_letters")
	}
	if paper.CheckGlyphs(a.Title) != nil {
		f.Add("title", "name_letters")
	}
	return f.Err()
}

func (s *Service) answer(ctx context.Context, actor access.Actor, enrolmentID uint64, make func(Person) (models.NameCheck, error)) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		p, err := lock(tx, enrolmentID, mine(actor, tx.Now))
		if err != nil {
			return 0, err
		}
		x, err := make(p)
		if err != nil {
			return 0, err
		}
		x.EnrolmentID = enrolmentID
		if err := put(tx, []models.NameCheck{x}); err != nil {
			return 0, err
		}
		return enrolmentID, tx.Audit("name."+string(x.State), "cadre", p.CadreID, map[string]any{"course": p.CourseID})
	})
	return err
}

// lock locks an enrolment that the scope reaches and reads whose name it is. It refuses with not_found and "name_printed".
func lock(tx *store.Tx, enrolmentID uint64, scope func(*gorm.DB) *gorm.DB) (Person, error) {
	var p Person
	var e models.Enrolment
	err := tx.Lock().Select("id").Take(&e, enrolmentID).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return p, errs.NotFound("enrolment")
	}
	if err != nil {
		return p, err
	}
	q := people(tx.DB).Scopes(scope).Where("e.id = ?", enrolmentID).Limit(1).Scan(&p)
	switch {
	case q.Error != nil:
		return p, q.Error
	case q.RowsAffected == 0:
		return p, errs.NotFound("enrolment")
	case p.Printed:
		return p, errs.Conflict("name_printed")
	}
	return p, nil
}

// put writes answers in the place of earlier ones.
func put(tx *store.Tx, rows []models.NameCheck) error {
	for i := range rows {
		rows[i].AnsweredAt, rows[i].CreatedAt, rows[i].UpdatedAt = tx.Now, tx.Now, tx.Now
		if tx.By.AccountID != 0 {
			rows[i].AnsweredByID = &tx.By.AccountID
		}
	}
	return tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "enrolment_id"}}, DoUpdates: clause.AssignmentColumns([]string{"state", "full_name", "title", "note", "answered_at",
		"answered_by_id", "decided_at", "decided_by_id", "reason", "updated_at"})}).CreateInBatches(&rows, batch).Error
}

const batch = 500

// OfCourse lists everybody with a seat in a course that the permission reaches, in the order of names; out of scope is not found.
func (s *Service) OfCourse(ctx context.Context, actor access.Actor, p access.Permission, courseID uint64) (models.Course, []Person, error) {
	db := s.DB.Read(ctx)
	var c models.Course
	err := db.Scopes(access.Courses(actor, p, s.DB.Time())).Take(&c, courseID).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return c, nil, errs.NotFound("course")
	}
	if err != nil {
		return c, nil, err
	}
	var out []Person
	err = people(db).Where("e.course_id = ?", courseID).Order("cadres.sort_key, e.id").Scan(&out).Error
	return c, out, err
}

// OnPaper records that those people's name and title were checked on the sign-in sheet, and gives how many were new. Who has answered, or
// whose name is printed already, stays as is. It refuses a course out of scope and enrolments of another (not_found) and
// "nobody_chosen".
func (s *Service) OnPaper(ctx context.Context, actor access.Actor, courseID uint64, enrolmentIDs []uint64) (int, error) {
	ids := slices.Clone(enrolmentIDs)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(ids) == 0 {
		return 0, errs.Invalid("nobody_chosen")
	}
	n, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		var c models.Course
		err := tx.Scopes(access.Courses(actor, access.AttendanceWrite, tx.Now)).Take(&c, courseID).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return 0, errs.NotFound("course")
		}
		if err != nil {
			return 0, err
		}
		var rows []models.NameCheck
		found := 0
		for part := range slices.Chunk(ids, batch) {
			var some []Person
			if err := tx.Lock().Model(&models.Enrolment{}).Select("id").Where("course_id = ? AND id IN ?", c.ID, part).Order("id").Find(&[]models.Enrolment{}).Error; err != nil {
				return 0, err
			}
			if err := people(tx.DB).Where("e.course_id = ? AND e.id IN ?", c.ID, part).Scan(&some).Error; err != nil {
				return 0, err
			}
			found += len(some)
			for _, p := range some {
				if p.State == models.NameCheckNone && !p.Printed {
					rows = append(rows, models.NameCheck{EnrolmentID: p.EnrolmentID, State: models.NameCheckOnPaper, FullName: p.Name, Title: p.Title})
				}
			}
		}
		if found != len(ids) {
			return 0, errs.NotFound("enrolment")
		}
		if len(rows) == 0 {
			return 0, nil
		}
		if err := put(tx, rows); err != nil {
			return 0, err
		}
		return uint64(len(rows)), tx.Audit("name.on_paper", "course", c.ID, map[string]any{"n": len(rows)})
	})
	return int(n), err
}

// Proposals are the corrections that wait for a decision, oldest first, of cadres whom the actor may change.
func (s *Service) Proposals(ctx context.Context, actor access.Actor) ([]Person, error) {
	var out []Person
	err := s.proposals(ctx, actor).Order("nc.answered_at, e.id").Limit(maxProposals).Scan(&out).Error
	return out, err
}

const maxProposals = 200

// Waiting counts them.
func (s *Service) Waiting(ctx context.Context, actor access.Actor) (int, error) {
	var n int64
	err := s.proposals(ctx, actor).Count(&n).Error
	return int(n), err
}

func (s *Service) proposals(ctx context.Context, actor access.Actor) *gorm.DB {
	return people(s.DB.Read(ctx)).Scopes(reach(actor, models.DayOf(s.DB.Time()))).Where("nc.state = ?", models.NameCheckProposed)
}

// reach limits people to the cadres whom the actor may change.
func reach(actor access.Actor, today models.Day) func(*gorm.DB) *gorm.DB {
	return func(q *gorm.DB) *gorm.DB { return q.Scopes(access.Cadres(actor, access.RosterWrite, today)) }
}

// Accept writes the proposed name and title into the roster: the name of the cadre, the title of the posting on the course's last day. It
// refuses cadres out of scope (not_found), what somebody has decided already ("name_decided"), a proposal other than the one that was seen
// ("name_changed"), a title where there is no posting ("name_no_posting"), and that of a posting elsewhere ("other_office_concerned").
func (s *Service) Accept(ctx context.Context, actor access.Actor, enrolmentID uint64, seen int64) error {
	return s.decide(ctx, actor, enrolmentID, seen, models.NameCheckCorrected, "", func(tx *store.Tx, p Person, day models.Day) error {
		title := p.NewTitle
		if title == p.Title {
			title = ""
		}
		return roster.Respell(tx, actor, p.CadreID, day, p.NewName, title)
	})
}

// Refuse leaves the roster as it is, with a reason that the cadre reads; the certificate may be printed then. It refuses as Accept does,
// and "reason_missing" and "too_long".
func (s *Service) Refuse(ctx context.Context, actor access.Actor, enrolmentID uint64, seen int64, reason string) error {
	reason = viet.NFC(reason)
	if reason == "" {
		return errs.OnField("reason", "reason_missing")
	}
	if utf8.RuneCountInString(reason) > 500 {
		return errs.OnField("reason", "too_long", errs.Params{"n": 500})
	}
	return s.decide(ctx, actor, enrolmentID, seen, models.NameCheckRefused, reason, func(*store.Tx, Person, models.Day) error { return nil })
}

func (s *Service) decide(ctx context.Context, actor access.Actor, enrolmentID uint64, seen int64, to models.NameCheckState, reason string, do func(*store.Tx, Person, models.Day) error) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		var e struct {
			CadreID uint64
			LastDay models.Day
		}
		err := tx.Table("enrolments").Joins("JOIN courses c ON c.id = enrolments.course_id").Where("enrolments.id = ?", enrolmentID).Select("enrolments.cadre_id, c.last_day").Take(&e).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return 0, errs.NotFound("name check")
		}
		if err != nil {
			return 0, err
		}
		// The cadre first, as everybody who changes the roster does.
		if _, err := roster.LockHistories(tx, e.CadreID); err != nil {
			return 0, err
		}
		p, err := lock(tx, enrolmentID, reach(actor, tx.Today))
		if err != nil {
			return 0, err
		}
		if p.State != models.NameCheckProposed {
			return 0, errs.Conflict("name_decided")
		}
		if p.Seen() != seen {
			return 0, errs.Conflict("name_changed")
		}
		if err := do(tx, p, e.LastDay); err != nil {
			return 0, err
		}
		set := map[string]any{"state": to, "reason": reason, "decided_at": tx.Now, "decided_by_id": nil, "updated_at": tx.Now}
		if tx.By.AccountID != 0 {
			set["decided_by_id"] = tx.By.AccountID
		}
		if err := tx.Model(&models.NameCheck{}).Where("enrolment_id = ?", enrolmentID).Updates(set).Error; err != nil {
			return 0, err
		}
		return enrolmentID, tx.Audit("name."+string(to), "cadre", p.CadreID, map[string]any{"was": p.Name + ", " + p.Title, "proposed": p.NewName + ", " + p.NewTitle, "reason": reason})
	})
	return err
}
