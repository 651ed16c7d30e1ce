package invitation

import (
	"context"
	"unicode/utf8"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/enrolment"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// Decline is why somebody cannot come, and who could in their place: a colleague of the roster, or a name.
type Decline struct {
	Reason         string
	SubstituteID   uint64 // cadre; 0 for none
	SubstituteName string // name and title of somebody who is not on the roster
}

// Confirm says for the cadre behind the account that they will come. Who has confirmed already stays so.
//
// It refuses another's enrolment (not_found), who has no seat ("reply_no_seat"), and a reply after the course has started, or to one
// that is not open ("reply_late").
func (s *Service) Confirm(ctx context.Context, actor access.Actor, enrolmentID uint64) error {
	return s.reply(ctx, actor, enrolmentID, nil, func(tx *store.Tx, c models.Course, e models.Enrolment) error {
		if e.State != models.EnrolmentEnrolled {
			return errs.Conflict("reply_no_seat")
		}
		return answer(tx, c, models.Invitation{EnrolmentID: e.ID, Reply: models.ReplyConfirmed})
	})
}

// Decline says for the cadre behind the account that they cannot come: the seat goes to the waiting list in the same transaction,
// and a substitute becomes a nomination for the coordinator to decide.
//
// It refuses as Confirm does (a place on the waiting list may be given up too), no reason ("reason_missing"), texts that are too long
// ("too_long") and a substitute who is no colleague or is in the course already ("substitute_unknown").
func (s *Service) Decline(ctx context.Context, actor access.Actor, enrolmentID uint64, in Decline) error {
	in.Reason, in.SubstituteName = viet.NFC(in.Reason), viet.NFC(in.SubstituteName)
	var f errs.Fields
	if in.Reason == "" {
		f.Add("reason", "reason_missing")
	} else if utf8.RuneCountInString(in.Reason) > 500 {
		f.Add("reason", "too_long", errs.Params{"n": 500})
	}
	if utf8.RuneCountInString(in.SubstituteName) > 200 {
		f.Add("substitute_name", "too_long", errs.Params{"n": 200})
	}
	if err := f.Err(); err != nil {
		return err
	}
	var nominated []uint64
	if in.SubstituteID != 0 {
		nominated = append(nominated, in.SubstituteID)
	}
	return s.reply(ctx, actor, enrolmentID, nominated, func(tx *store.Tx, c models.Course, e models.Enrolment) error {
		if e.State != models.EnrolmentEnrolled && e.State != models.EnrolmentWaiting {
			return errs.Conflict("reply_no_seat")
		}
		x := models.Invitation{EnrolmentID: e.ID, Reply: models.ReplyDeclined, ReplyReason: in.Reason, SubstituteName: in.SubstituteName}
		if in.SubstituteID != 0 {
			var there []Colleague
			err := colleagues(tx.DB, e.CadreID, c, tx.Today).Where("cadres.id = ?", in.SubstituteID).Scan(&there).Error
			if err != nil {
				return err
			}
			if len(there) == 0 {
				return errs.OnField("substitute", "substitute_unknown")
			}
			x.SubstituteCadreID, x.SubstituteName = &in.SubstituteID, ""
		}
		if _, err := enrolment.Leave(tx, c, e.ID, in.Reason); err != nil {
			return err
		}
		if x.SubstituteCadreID != nil {
			if err := enrolment.Propose(tx, c, in.SubstituteID); err != nil {
				return err
			}
		}
		return answer(tx, c, x)
	})
}

// reply locks the cadres who get a place by it, then the course, reads the cadre's own enrolment under that lock, and refuses replies that come too late.
func (s *Service) reply(ctx context.Context, actor access.Actor, enrolmentID uint64, cadres []uint64, do func(*store.Tx, models.Course, models.Enrolment) error) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		read := func() (e models.Enrolment, err error) {
			q := tx.Scopes(access.Enrolments(actor, access.OwnRead, tx.Now)).Where("enrolments.id = ?", enrolmentID).Limit(1).Find(&e)
			if q.Error == nil && q.RowsAffected == 0 {
				return e, errs.NotFound("enrolment")
			}
			return e, q.Error
		}
		e, err := read()
		if err != nil {
			return 0, err
		}
		if err := enrolment.LockCadres(tx, cadres...); err != nil {
			return 0, err
		}
		c, err := course.Lock(tx, actor, access.OwnRead, e.CourseID)
		if err != nil {
			return 0, err
		}
		if e, err = read(); err != nil {
			return 0, err
		}
		sessions, err := sessionsOf(tx.DB, c.ID)
		if err != nil {
			return 0, err
		}
		if begins, ok := starts(sessions); c.State != models.CourseOpen || ok && !tx.Now.Before(begins) {
			return 0, errs.Conflict("reply_late")
		}
		return e.ID, do(tx, c, e)
	})
	if err == nil && s.Wake != nil {
		s.Wake() // who moved up is invited
	}
	return err
}

// answer writes a reply, onto the invitation where there is one.
func answer(tx *store.Tx, c models.Course, x models.Invitation) error {
	x.RepliedAt, x.CreatedAt, x.UpdatedAt = &tx.Now, tx.Now, tx.Now
	err := tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "enrolment_id"}}, DoUpdates: clause.AssignmentColumns([]string{"reply", "replied_at", "reply_reason",
		"substitute_cadre_id", "substitute_name", "updated_at"})}).Create(&x).Error
	if err != nil {
		return err
	}
	return tx.Audit("invitation."+string(x.Reply), "course", c.ID, map[string]any{"enrolment": x.EnrolmentID, "substitute": x.SubstituteCadreID})
}

// Colleague is somebody of the own office who could come in one's place.
type Colleague struct {
	ID    uint64
	Name  string
	Title string
	Busy  models.Day `gorm:"-"` // on which they are in another course at the same time, or wait for it; 0: on none
}

// maxColleagues is how many the list offers.
const maxColleagues = 300

// colleagues are those of the cadre's own office on the course's first day who are not in the course.
func colleagues(db *gorm.DB, cadreID uint64, c models.Course, today models.Day) *gorm.DB {
	day := max(today, c.FirstDay)
	return db.Table("cadres").Joins("JOIN postings p ON p.cadre_id = cadres.id AND p.main = ? AND p.from_day <= ? AND p.to_day > ?", true, day, day).
		Where("p.organisation_id IN (?)", db.Table("postings own").Select("own.organisation_id").Where("own.cadre_id = ? AND own.main = ? AND own.from_day <= ? AND own.to_day > ?", cadreID, true, day, day)).
		Where("cadres.id <> ? AND NOT EXISTS (SELECT 1 FROM enrolments x WHERE x.course_id = ? AND x.cadre_id = cadres.id AND x.state IN ?)", cadreID, c.ID,
			[]models.EnrolmentState{models.EnrolmentNominated, models.EnrolmentEnrolled, models.EnrolmentWaiting}).
		Select("cadres.id, cadres.full_name AS name, p.title").Order("cadres.sort_key, cadres.id").Limit(maxColleagues)
}
