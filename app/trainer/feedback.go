package trainer

import (
	"context"
	"errors"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// Bounds of feedback.
const (
	Changeable = 14 * 24 * time.Hour // after it was first given
	LeastShown = 5                   // answers before a trainer sees any of them
	maxComment = 1000
)

// Rating is an average of 1 to 5 with how many it stands on.
type Rating struct {
	N       int
	Average float64
}

// ratingsOf gives what was said of trainers, over all courses.
func ratingsOf(db *gorm.DB, ids []uint64) (map[uint64]Rating, error) {
	out := map[uint64]Rating{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []struct {
		AccountID uint64
		N         int
		Average   float64
	}
	err := db.Model(&models.TrainerRating{}).Where("account_id IN ?", ids).Select("account_id, COUNT(*) AS n, AVG(rating) AS average").Group("account_id").Scan(&rows).Error
	for _, r := range rows {
		out[r.AccountID] = Rating{r.N, r.Average}
	}
	return out, err
}

// Form is what a cadre may say of a course, with what was said before.
type Form struct {
	EnrolmentID uint64
	CourseID    uint64
	Code        string
	Title       string
	FirstDay    models.Day
	LastDay     models.Day
	Trainers    []Rated   `gorm:"-"`
	Rating      int       `gorm:"-"` // 0: nothing said yet
	Comment     string    `gorm:"-"`
	Until       time.Time `gorm:"-"` // it may be changed until then; zero where nothing was said yet
	Open        bool      `gorm:"-"` // it may be said or changed now
}

// Rated is a trainer of the course with what the cadre says.
type Rated struct {
	AccountID uint64
	Name      string
	Rating    int // 0: nothing
}

// FormOf reads what the cadre behind the account may say of a course: of a closed one that they attended, at least in part.
// Anything else is not found.
func (s *Service) FormOf(ctx context.Context, actor access.Actor, courseID uint64) (*Form, error) {
	return s.form(s.DB.Read(ctx), actor, courseID)
}

func (s *Service) form(db *gorm.DB, actor access.Actor, courseID uint64) (*Form, error) {
	now := s.DB.Time()
	var rows []Form
	err := db.Table("enrolments").Joins("JOIN courses ON courses.id = enrolments.course_id").Scopes(access.Enrolments(actor, access.OwnRead, now)).
		Where("enrolments.course_id = ? AND enrolments.state = ? AND enrolments.attended_minutes > 0 AND courses.state = ?", courseID, models.EnrolmentEnrolled, models.CourseClosed).
		Select("enrolments.id AS enrolment_id, courses.id AS course_id, courses.code, courses.title, courses.first_day, courses.last_day").Limit(1).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, errs.NotFound("course")
	}
	f := &rows[0]
	err = db.Table("course_staff").Joins("JOIN accounts ON accounts.id = course_staff.account_id").
		Joins("LEFT JOIN feedback ON feedback.enrolment_id = ?", f.EnrolmentID).
		Joins("LEFT JOIN trainer_ratings ON trainer_ratings.feedback_id = feedback.id AND trainer_ratings.account_id = accounts.id").
		Where("course_staff.course_id = ? AND course_staff.role = ?", courseID, models.StaffTrainer).
		Select("accounts.id AS account_id, accounts.name, COALESCE(trainer_ratings.rating, 0) AS rating").Order("accounts.sort_key, accounts.id").Scan(&f.Trainers).Error
	if err != nil {
		return nil, err
	}
	var before models.Feedback
	err = db.Where("enrolment_id = ?", f.EnrolmentID).Take(&before).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		f.Open = true
		return f, nil
	}
	f.Rating, f.Comment, f.Until = before.Rating, before.Comment, before.CreatedAt.Add(Changeable)
	f.Open = now.Before(f.Until)
	return f, err
}

// FeedbackInput is what a cadre says of a course and of its trainers (by account).
type FeedbackInput struct {
	Rating   int
	Comment  string
	Trainers map[uint64]int
}

// Say records what the cadre behind the account says, or changes it. It refuses what FormOf refuses, a rating that is not 1 to 5
// ("choice"), a comment over 1000 characters, and a change later than 14 days after it was first said ("feedback_closed").
// The audit says that something was said, not what.
func (s *Service) Say(ctx context.Context, actor access.Actor, courseID uint64, in FeedbackInput) error {
	in.Comment = strings.TrimSpace(viet.NFC(in.Comment))
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		f, err := s.form(tx.DB, actor, courseID)
		if err != nil {
			return 0, err
		}
		var e models.Enrolment // its lock keeps a double click apart
		if err := tx.Lock().Select("id").Take(&e, f.EnrolmentID).Error; err != nil {
			return 0, err
		}
		if f, err = s.form(tx.DB, actor, courseID); err != nil {
			return 0, err
		}
		if !f.Open {
			return 0, errs.Conflict("feedback_closed")
		}
		var wrong errs.Fields
		if in.Rating < 1 || in.Rating > 5 {
			wrong.Add("rating", "choice")
		}
		if utf8.RuneCountInString(in.Comment) > maxComment {
			wrong.Add("comment", "too_long", errs.Params{"n": maxComment})
		}
		var said []models.TrainerRating
		for _, t := range f.Trainers {
			switch n := in.Trainers[t.AccountID]; {
			case n < 0 || n > 5:
				wrong.Add("trainers", "choice")
			case n > 0:
				said = append(said, models.TrainerRating{AccountID: t.AccountID, Rating: n})
			}
		}
		if err := wrong.Err(); err != nil {
			return 0, err
		}
		return courseID, write(tx, f, in, said)
	})
	return err
}

func write(tx *store.Tx, f *Form, in FeedbackInput, said []models.TrainerRating) error {
	x := models.Feedback{EnrolmentID: f.EnrolmentID}
	err := tx.Where("enrolment_id = ?", f.EnrolmentID).Take(&x).Error
	if err != nil && !errors.Is(err, gorm.ErrRecordNotFound) {
		return err
	}
	x.CourseID, x.Rating, x.Comment = f.CourseID, in.Rating, in.Comment
	if err := tx.Save(&x).Error; err != nil {
		return err
	}
	if err := tx.Where("feedback_id = ?", x.ID).Delete(&models.TrainerRating{}).Error; err != nil {
		return err
	}
	for i := range said {
		said[i].FeedbackID = x.ID
	}
	if len(said) > 0 {
		if err := tx.Create(&said).Error; err != nil {
			return err
		}
	}
	return tx.Audit("feedback.give", "course", f.CourseID, map[string]any{})
}

// Opinion is what those who attended say of a course: without names, and comments in an order that gives nobody away.
type Opinion struct {
	CourseID  uint64
	Code      string
	Title     string
	LastDay   models.Day
	Attended  int              // who could say something
	Rating    Rating           `gorm:"-"`
	Counts    [5]int           `gorm:"-"` // answers of 1 to 5
	Comments  []string         `gorm:"-"`
	Trainers  []TrainerOpinion `gorm:"-"`
	TooFewYet bool             `gorm:"-"` // for a trainer: fewer than LeastShown have answered, nothing is shown
}

// TrainerOpinion is what they say of one of its trainers.
type TrainerOpinion struct {
	AccountID uint64
	Name      string
	Rating    Rating
}

// OfCourse reads the opinion of a course for those who keep courses. It refuses a course that there is not with not_found.
func (s *Service) OfCourse(ctx context.Context, courseID uint64) (*Opinion, error) {
	all, err := s.opinions(s.DB.Read(ctx), 0, "courses.id = ?", courseID)
	if err == nil && len(all) == 0 {
		return nil, errs.NotFound("course")
	}
	if err != nil {
		return nil, err
	}
	return &all[0], nil
}

// OfTrainer reads the opinions of the closed courses that an account taught in, the latest first: averages, and the account's own
// only. Where fewer than five have answered, nothing is shown to the trainer.
func (s *Service) OfTrainer(ctx context.Context, accountID uint64, hidden bool) ([]Opinion, error) {
	all, err := s.opinions(s.DB.Read(ctx), accountID, "courses.state = ? AND EXISTS (SELECT 1 FROM course_staff x WHERE x.course_id = courses.id AND x.account_id = ? AND x.role = ?)"+
		" AND EXISTS (SELECT 1 FROM feedback WHERE feedback.course_id = courses.id)", models.CourseClosed, accountID, models.StaffTrainer)
	for i := range all {
		if hidden && all[i].Rating.N < LeastShown {
			o := all[i]
			all[i] = Opinion{CourseID: o.CourseID, Code: o.Code, Title: o.Title, LastDay: o.LastDay, Attended: o.Attended, TooFewYet: true}
		}
	}
	return all, err
}

const maxOpinions = 50

// opinions reads courses that match with what is said of them: four queries. Of trainers, only the one is read unless it is 0.
func (s *Service) opinions(db *gorm.DB, only uint64, where string, args ...any) ([]Opinion, error) {
	var out []Opinion
	err := db.Table("courses").Where(where, args...).
		Select("courses.id AS course_id, courses.code, courses.title, courses.last_day, (SELECT COUNT(*) FROM enrolments e WHERE e.course_id = courses.id AND e.state = 'enrolled' AND e.attended_minutes > 0) AS attended").
		Order("courses.last_day DESC, courses.id DESC").Limit(maxOpinions).Scan(&out).Error
	if err != nil || len(out) == 0 {
		return nil, err
	}
	at, ids := map[uint64]int{}, make([]uint64, len(out))
	for i, o := range out {
		at[o.CourseID], ids[i] = i, o.CourseID
	}
	var said []models.Feedback
	if err := db.Where("course_id IN ?", ids).Order("rating, comment").Find(&said).Error; err != nil {
		return nil, err
	}
	for _, x := range said {
		o := &out[at[x.CourseID]]
		o.Rating.Average = (o.Rating.Average*float64(o.Rating.N) + float64(x.Rating)) / float64(o.Rating.N+1)
		o.Rating.N++
		o.Counts[x.Rating-1]++
		if x.Comment != "" {
			o.Comments = append(o.Comments, x.Comment)
		}
	}
	var rated []struct {
		CourseID, AccountID uint64
		Name                string
		N                   int
		Average             float64
	}
	q := db.Table("course_staff").Joins("JOIN accounts ON accounts.id = course_staff.account_id").
		Joins("LEFT JOIN feedback ON feedback.course_id = course_staff.course_id").
		Joins("LEFT JOIN trainer_ratings ON trainer_ratings.feedback_id = feedback.id AND trainer_ratings.account_id = accounts.id").
		Where("course_staff.course_id IN ? AND course_staff.role = ?", ids, models.StaffTrainer)
	if only != 0 {
		q = q.Where("accounts.id = ?", only)
	}
	err = q.Select("course_staff.course_id, accounts.id AS account_id, accounts.name, COUNT(trainer_ratings.rating) AS n, COALESCE(AVG(trainer_ratings.rating), 0) AS average").
		Group("course_staff.course_id, accounts.id, accounts.name, accounts.sort_key").Order("accounts.sort_key, accounts.id").Scan(&rated).Error
	for _, r := range rated {
		o := &out[at[r.CourseID]]
		o.Trainers = append(o.Trainers, TrainerOpinion{r.AccountID, r.Name, Rating{r.N, r.Average}})
	}
	return out, err
}

// Points is the average with one decimal.
func (r Rating) Points() float64 { return math.Round(r.Average*10) / 10 }
