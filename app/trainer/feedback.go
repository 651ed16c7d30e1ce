package trainer

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"
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
	OpenDays   = 30 // after the last day of the course
	LeastShown = 5  // answers before anybody sees what they say
	maxComment = 1000
)

// Rating is an average of 1 to 5 with how many it stands on.
type Rating struct {
	N       int
	Average float64
}

// Shown says whether enough have answered.
func (r Rating) Shown() bool { return r.N >= LeastShown }

// Points is the average with one decimal.
func (r Rating) Points() float64 { return math.Round(r.Average*10) / 10 }

func (r *Rating) add(n int) {
	r.Average = (r.Average*float64(r.N) + float64(n)) / float64(r.N+1)
	r.N++
}

// ratingsOf gives what was said of trainers, over all courses, where at least LeastShown said something.
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
	err := db.Model(&models.TrainerRating{}).Where("account_id IN ?", ids).Select("account_id, COUNT(*) AS n, AVG(rating) AS average").
		Group("account_id").Having("COUNT(*) >= ?", LeastShown).Scan(&rows).Error
	for _, r := range rows {
		out[r.AccountID] = Rating{r.N, r.Average}
	}
	return out, err
}

// Form is what a cadre may say of a course.
type Form struct {
	EnrolmentID uint64
	CourseID    uint64
	Code        string
	Title       string
	FirstDay    models.Day
	LastDay     models.Day
	Given       bool    // something was said already: it cannot be changed, since nobody knows any more what it was
	Trainers    []Rated `gorm:"-"`
	Over        bool    `gorm:"-"` // it is too late to say something
}

// Rated is a trainer of the course.
type Rated struct {
	AccountID uint64
	Name      string
}

// mayRate leaves the enrolments of the actor whose cadre attended at least in part, in courses whose last session has begun.
func (s *Service) mayRate(db *gorm.DB, actor access.Actor) *gorm.DB {
	now := s.DB.Time()
	today := models.DayOf(now)
	minute := int(now.Sub(today.At(0)).Minutes())
	return db.Table("enrolments").Joins("JOIN courses ON courses.id = enrolments.course_id").Scopes(access.Enrolments(actor, access.OwnRead, now)).
		Where("enrolments.state = ? AND courses.state IN ?", models.EnrolmentEnrolled, []models.CourseState{models.CourseRunning, models.CourseClosed}).
		Where("(enrolments.attended_minutes > 0 OR EXISTS (SELECT 1 FROM marks m WHERE m.enrolment_id = enrolments.id AND m.mark IN ?))", []models.MarkValue{models.MarkPresent, models.MarkLate}).
		Where("(courses.last_day < ? OR courses.last_day = ? AND (SELECT MAX(x.start_minute) FROM course_sessions x WHERE x.course_id = courses.id AND x.day = courses.last_day AND x.cancelled = ?) <= ?)",
			today, today, false, minute)
}

// ToRate lists the courses of which the cadre behind the account may say something now and has not.
func (s *Service) ToRate(ctx context.Context, actor access.Actor) (ids []uint64, err error) {
	err = s.mayRate(s.DB.Read(ctx), actor).Where("courses.last_day >= ?", models.DayOf(s.DB.Time()).AddDays(-OpenDays)).
		Where("NOT EXISTS (SELECT 1 FROM feedback_given g WHERE g.enrolment_id = enrolments.id)").Order("courses.id").Pluck("courses.id", &ids).Error
	return ids, err
}

// FormOf reads what the cadre behind the account may say of a course that they attended, at least in part, from the beginning of its
// last session on. Anything else is not found.
func (s *Service) FormOf(ctx context.Context, actor access.Actor, courseID uint64) (*Form, error) {
	return s.form(s.DB.Read(ctx), actor, courseID)
}

func (s *Service) form(db *gorm.DB, actor access.Actor, courseID uint64) (*Form, error) {
	var rows []Form
	err := s.mayRate(db, actor).Where("courses.id = ?", courseID).Joins("LEFT JOIN feedback_given g ON g.enrolment_id = enrolments.id").
		Select("enrolments.id AS enrolment_id, courses.id AS course_id, courses.code, courses.title, courses.first_day, courses.last_day, g.enrolment_id IS NOT NULL AS given").Limit(1).Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, errs.NotFound("course")
	}
	f := &rows[0]
	f.Over = models.DayOf(s.DB.Time()) > f.LastDay.AddDays(OpenDays)
	err = db.Table("course_staff").Joins("JOIN accounts ON accounts.id = course_staff.account_id").Where("course_staff.course_id = ? AND course_staff.role = ?", courseID, models.StaffTrainer).
		Select("accounts.id AS account_id, accounts.name").Order("accounts.sort_key, accounts.id").Scan(&f.Trainers).Error
	return f, err
}

// FeedbackInput is what a cadre says of a course and of its trainers (by account).
type FeedbackInput struct {
	Content      int
	Organisation int
	Comment      string
	Trainers     map[uint64]int
}

// Say records what the cadre behind the account says, once. It refuses what FormOf refuses, a second time ("feedback_given"), more than
// OpenDays after the last day ("feedback_over"), a rating that is not 1 to 5 ("choice") and a comment over 1000 characters. There is no
// word of it in the audit: a time beside a name would lead to what was said.
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
		switch {
		case f.Given:
			return 0, errs.Conflict("feedback_given")
		case f.Over:
			return 0, errs.Conflict("feedback_over", errs.Params{"n": OpenDays})
		}
		said, err := in.check(f)
		if err != nil {
			return 0, err
		}
		return courseID, write(tx, f, in, said)
	})
	return err
}

// check gives the ratings of trainers; those of others are left out.
func (in FeedbackInput) check(f *Form) (said []models.TrainerRating, err error) {
	var wrong errs.Fields
	if in.Content < 1 || in.Content > 5 {
		wrong.Add("content", "choice")
	}
	if in.Organisation < 1 || in.Organisation > 5 {
		wrong.Add("organisation", "choice")
	}
	if utf8.RuneCountInString(in.Comment) > maxComment {
		wrong.Add("comment", "too_long", errs.Params{"n": maxComment})
	}
	for _, t := range f.Trainers {
		switch n := in.Trainers[t.AccountID]; {
		case n < 0 || n > 5:
			wrong.Add("trainers", "choice")
		case n > 0:
			said = append(said, models.TrainerRating{AccountID: t.AccountID, Rating: n})
		}
	}
	return said, wrong.Err()
}

func write(tx *store.Tx, f *Form, in FeedbackInput, said []models.TrainerRating) error {
	var lot [8]byte
	if _, err := rand.Read(lot[:]); err != nil {
		return err
	}
	x := models.Feedback{ID: binary.BigEndian.Uint64(lot[:])>>11 | 1, CourseID: f.CourseID, Content: in.Content, Organisation: &in.Organisation, Comment: in.Comment}
	if err := errors.Join(tx.Create(&models.FeedbackGiven{EnrolmentID: f.EnrolmentID}).Error, tx.Create(&x).Error); err != nil {
		return err
	}
	for i := range said {
		said[i].FeedbackID = x.ID
	}
	if len(said) == 0 {
		return nil
	}
	return tx.Create(&said).Error
}

// Opinion is what those who attended say of a course: without names, and only where at least LeastShown have answered.
type Opinion struct {
	CourseID     uint64
	Code         string
	Title        string
	LastDay      models.Day
	Attended     int              // who could say something
	Answered     int              `gorm:"-"`
	Content      Rating           `gorm:"-"`
	Organisation Rating           `gorm:"-"`
	Counts       [5]Count         `gorm:"-"` // from 1 to 5
	Comments     []string         `gorm:"-"` // by the alphabet, which tells nothing of who wrote them
	Trainers     []TrainerOpinion `gorm:"-"`
}

// Count is how many gave a grade.
type Count struct{ Content, Organisation int }

// TooFewYet says that nothing may be shown yet.
func (o Opinion) TooFewYet() bool { return o.Answered < LeastShown }

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

// OfTrainer reads the opinions of the courses that an account taught in, the latest first, with what is said of this trainer only.
func (s *Service) OfTrainer(ctx context.Context, accountID uint64) ([]Opinion, error) {
	return s.opinions(s.DB.Read(ctx), accountID, "EXISTS (SELECT 1 FROM course_staff x WHERE x.course_id = courses.id AND x.account_id = ? AND x.role = ?)"+
		" AND EXISTS (SELECT 1 FROM feedback WHERE feedback.course_id = courses.id)", accountID, models.StaffTrainer)
}

const maxOpinions = 50

// opinions reads courses that match with what is said of them: three queries. Of trainers, only the one is read unless it is 0.
func (s *Service) opinions(db *gorm.DB, only uint64, where string, args ...any) ([]Opinion, error) {
	var out []Opinion
	err := db.Table("courses").Where(where, args...).
		Select("courses.id AS course_id, courses.code, courses.title, courses.last_day, (SELECT COUNT(*) FROM enrolments e WHERE e.course_id = courses.id AND e.state = 'enrolled'" +
			" AND (e.attended_minutes > 0 OR EXISTS (SELECT 1 FROM marks m WHERE m.enrolment_id = e.id AND m.mark IN ('present', 'late')))) AS attended").
		Order("courses.last_day DESC, courses.id DESC").Limit(maxOpinions).Scan(&out).Error
	if err != nil || len(out) == 0 {
		return nil, err
	}
	at, ids := map[uint64]int{}, make([]uint64, len(out))
	for i, o := range out {
		at[o.CourseID], ids[i] = i, o.CourseID
	}
	var said []models.Feedback
	if err := db.Where("course_id IN ?", ids).Find(&said).Error; err != nil {
		return nil, err
	}
	for _, x := range said {
		out[at[x.CourseID]].add(x)
	}
	if err := ofTrainers(db, only, ids, func(course uint64, t TrainerOpinion) {
		out[at[course]].Trainers = append(out[at[course]].Trainers, t)
	}); err != nil {
		return nil, err
	}
	for i := range out {
		if o := &out[i]; o.TooFewYet() {
			*o = Opinion{CourseID: o.CourseID, Code: o.Code, Title: o.Title, LastDay: o.LastDay, Attended: o.Attended, Answered: o.Answered}
		}
		slices.Sort(out[i].Comments)
	}
	return out, nil
}

func (o *Opinion) add(x models.Feedback) {
	o.Answered++
	o.Content.add(x.Content)
	o.Counts[x.Content-1].Content++
	if x.Organisation != nil {
		o.Organisation.add(*x.Organisation)
		o.Counts[*x.Organisation-1].Organisation++
	}
	if x.Comment != "" {
		o.Comments = append(o.Comments, x.Comment)
	}
}

// ofTrainers reads what is said of the trainers of courses; ratings of fewer than LeastShown are left out.
func ofTrainers(db *gorm.DB, only uint64, courses []uint64, each func(course uint64, t TrainerOpinion)) error {
	q := db.Table("course_staff").Joins("JOIN accounts ON accounts.id = course_staff.account_id").
		Joins("LEFT JOIN feedback ON feedback.course_id = course_staff.course_id").
		Joins("LEFT JOIN trainer_ratings ON trainer_ratings.feedback_id = feedback.id AND trainer_ratings.account_id = accounts.id").
		Where("course_staff.course_id IN ? AND course_staff.role = ?", courses, models.StaffTrainer)
	if only != 0 {
		q = q.Where("accounts.id = ?", only)
	}
	var rated []struct {
		CourseID, AccountID uint64
		Name                string
		N                   int
		Average             float64
	}
	err := q.Select("course_staff.course_id, accounts.id AS account_id, accounts.name, COUNT(trainer_ratings.rating) AS n, COALESCE(AVG(trainer_ratings.rating), 0) AS average").
		Group("course_staff.course_id, accounts.id, accounts.name, accounts.sort_key").Order("accounts.sort_key, accounts.id").Scan(&rated).Error
	for _, r := range rated {
		t := TrainerOpinion{r.AccountID, r.Name, Rating{r.N, r.Average}}
		if !t.Rating.Shown() {
			t.Rating = Rating{}
		}
		each(r.CourseID, t)
	}
	return err
}
