package attendance

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

// MostTenths is the highest score, in tenths of a point.
const MostTenths = 100

// ScoreRow is one person with the score.
type ScoreRow struct {
	Row
	Tenths *int // nil: none yet
}

// Scores is a course with the scores of everybody enrolled.
type Scores struct {
	Course  models.Course
	Rows    []ScoreRow  // by given name, in the Vietnamese order
	Refusal *errs.Error // why scores cannot be changed now; nil: they can
}

func byID(id uint64) func(*gorm.DB) *gorm.DB {
	return func(q *gorm.DB) *gorm.DB { return q.Where("courses.id = ?", id) }
}

// scoreRefusal says why scores of the course cannot be changed: "attendance_course_draft", "…_closed", "…_cancelled". Any other course
// may have some; whether they count for completion is its least score's to say.
func scoreRefusal(c models.Course) error { return refusal(c, models.Session{}, 0) }

// Scores reads the scores of a course: two queries. Out of scope is not found.
func (s *Service) Scores(ctx context.Context, actor access.Actor, courseID uint64) (*Scores, error) {
	c, err := s.readCourse(ctx, actor, byID(courseID))
	if err != nil {
		return nil, err
	}
	people, err := s.people(ctx, courseID)
	if err != nil {
		return nil, err
	}
	out := &Scores{Course: c, Refusal: errs.As(scoreRefusal(c))}
	for _, p := range people {
		out.Rows = append(out.Rows, ScoreRow{Row: p.Row, Tenths: p.Score})
	}
	return out, nil
}

// ScoreField is the name of a person's score in forms and in refusals.
func ScoreField(enrolmentID uint64) string { return fmt.Sprintf("score_%d", enrolmentID) }

// SaveScores sets scores, in tenths of a point, by enrolment; nil takes one away, and persons who are not named keep theirs. It
// gives how many changed. A statement writes them all.
//
// It refuses: more than MaxMarks ("marks_too_many"), a score below 0 or above MostTenths ("score_range", on ScoreField), a course
// out of scope (not_found), one that is not held ("attendance_course_draft", "…_closed", "…_cancelled"), a person who is not
// enrolled in it ("mark_not_enrolled").
func (s *Service) SaveScores(ctx context.Context, actor access.Actor, courseID uint64, scores map[uint64]*int) (int, error) {
	if err := checkScores(scores); err != nil {
		return 0, err
	}
	changed := 0
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		c, err := course.Lock(tx, actor, access.AttendanceWrite, courseID)
		if err != nil {
			return 0, err
		}
		changed, err = writeScores(tx, c, scores)
		return courseID, err
	})
	return changed, err
}

func checkScores(scores map[uint64]*int) error {
	if len(scores) > MaxMarks {
		return errs.TooLarge("marks_too_many", errs.Params{"n": MaxMarks})
	}
	var wrong errs.Fields
	for _, id := range slices.Sorted(maps.Keys(scores)) {
		if v := scores[id]; v != nil && (*v < 0 || *v > MostTenths) {
			wrong.Add(ScoreField(id), "score_range")
		}
	}
	return wrong.Err()
}

// writeScores sets scores that were checked, in a course that is locked, and gives how many changed.
func writeScores(tx *store.Tx, c models.Course, scores map[uint64]*int) (int, error) {
	if err := scoreRefusal(c); err != nil {
		return 0, err
	}
	var there []models.Enrolment
	for part := range slices.Chunk(slices.Sorted(maps.Keys(scores)), chunk) {
		var some []models.Enrolment
		err := tx.Select("id", "score_tenths").Where("course_id = ? AND state = ? AND id IN ?", c.ID, models.EnrolmentEnrolled, part).Order("id").Find(&some).Error
		if err != nil {
			return 0, err
		}
		there = append(there, some...)
	}
	if len(there) != len(scores) {
		return 0, errs.Invalid("mark_not_enrolled")
	}
	type change struct {
		Enrolment uint64 `json:"enrolment"`
		From      *int   `json:"from"`
		To        *int   `json:"to"`
	}
	var changes []change
	for _, e := range there {
		if v := scores[e.ID]; !same(v, e.ScoreTenths) {
			changes = append(changes, change{e.ID, e.ScoreTenths, v})
		}
	}
	if len(changes) == 0 {
		return 0, nil
	}
	for part := range slices.Chunk(changes, chunk) {
		var when strings.Builder
		var args []any
		touched := make([]uint64, len(part))
		for i, x := range part {
			when.WriteString(" WHEN ? THEN ?")
			args, touched[i] = append(args, x.Enrolment, x.To), x.Enrolment
		}
		args = append(args, tx.Now, touched)
		err := tx.Exec("UPDATE enrolments SET score_tenths = CASE id"+when.String()+" END, updated_at = ? WHERE id IN ?", args...).Error
		if err != nil {
			return 0, err
		}
	}
	return len(changes), tx.Audit("score.save", "course", c.ID, changes)
}

func same(a, b *int) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}
