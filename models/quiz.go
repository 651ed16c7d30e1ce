package models

import "time"

// QuizKind says when a quiz is taken.
type QuizKind string

// The kinds; a course has at most one of each.
const (
	QuizPre  QuizKind = "pre"  // bài kiểm tra đầu vào
	QuizPost QuizKind = "post" // bài kiểm tra cuối khóa
)

// QuizShows is what those who have handed a quiz in see of their result.
type QuizShows string

// What is shown: nothing, the points at once, or the points at once and the right answers when the quiz has closed for everybody.
const (
	ShowsNothing QuizShows = "nothing"
	ShowsPoints  QuizShows = "points"
	ShowsAnswers QuizShows = "answers"
)

// Quiz (bài kiểm tra) is a test of multiple-choice questions that the people of a course take.
type Quiz struct {
	ID         uint64
	CourseID   uint64
	Kind       QuizKind
	Minutes    *int       // that one may take; nil: any time
	OpensAt    *time.Time // nil: nobody has opened it
	ClosesAt   *time.Time // nil: when somebody closes it
	Shows      QuizShows
	FeedsScore bool // its result becomes the score in the course
	Version    int  // grows with each change of the settings
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// TableName says it, since the plural is odd.
func (Quiz) TableName() string { return "quizzes" }

// OpenAt says whether the quiz can be begun at the instant.
func (q Quiz) OpenAt(t time.Time) bool {
	return q.OpensAt != nil && !t.Before(*q.OpensAt) && !q.ClosedAt(t)
}

// ClosedAt says whether the quiz is over for everybody.
func (q Quiz) ClosedAt(t time.Time) bool { return q.ClosesAt != nil && !t.Before(*q.ClosesAt) }

// Deadline is until when one who began at the instant may answer; nil for no end yet.
func (q Quiz) Deadline(began time.Time) *time.Time {
	end := q.ClosesAt
	if q.Minutes != nil {
		if own := began.Add(time.Duration(*q.Minutes) * time.Minute); end == nil || own.Before(*end) {
			end = &own
		}
	}
	return end
}

// QuizQuestion (câu hỏi) is one question with its choices.
type QuizQuestion struct {
	ID      uint64
	QuizID  uint64
	Text    string
	Choices []string `gorm:"serializer:json"` // 2 to 6
	Answer  int      // the right ones, a bit for each choice
	Points  int
}

// Several says that more than one choice is right.
func (q QuizQuestion) Several() bool { return q.Answer&(q.Answer-1) != 0 }

// QuizTry (bài làm) is somebody's one go at a quiz.
type QuizTry struct {
	ID          uint64
	QuizID      uint64
	EnrolmentID uint64
	StartedAt   time.Time
	SubmittedAt *time.Time // nil: not handed in yet
	Points      int        // of the answers that are saved
	Tenths      int        // the same in tenths of a point out of ten
}

// TableName says it, since the plural is odd.
func (QuizTry) TableName() string { return "quiz_tries" }

// QuizAnswer is what somebody chose.
type QuizAnswer struct {
	TryID      uint64 `gorm:"primaryKey"`
	QuestionID uint64 `gorm:"primaryKey"`
	Chosen     int    // a bit for each choice, in the order in which they were written
}
