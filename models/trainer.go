package models

import "time"

// Trainer (giảng viên, báo cáo viên) is what is known of an account that teaches. An account with the role and without a row says
// nothing of itself.
type Trainer struct {
	AccountID uint64 `gorm:"primaryKey;autoIncrement:false"`
	Body      string // the office or body, where none is known from a posting
	Bio       string
	Version   int // grows with each change: a form of an older version is refused
	CreatedAt time.Time
	UpdatedAt time.Time
}

// TrainerTopic says that a trainer knows the topic.
type TrainerTopic struct {
	AccountID uint64 `gorm:"primaryKey"`
	TopicID   uint64 `gorm:"primaryKey"`
}

// Feedback (nhận xét) is what somebody who attended says of a course. Nothing leads from it to who said it: the id is drawn by lot and
// no time is kept. FeedbackGiven says who has answered.
type Feedback struct {
	ID           uint64 `gorm:"primaryKey;autoIncrement:false"`
	CourseID     uint64
	Content      int  // 1 to 5
	Organisation *int // 1 to 5; nil: was not asked
	Comment      string
}

// TableName is singular because feedback is.
func (Feedback) TableName() string { return "feedback" }

// FeedbackGiven says that the cadre with this place in a course has said something of it, without when.
type FeedbackGiven struct {
	EnrolmentID uint64 `gorm:"primaryKey;autoIncrement:false"`
}

// TableName says it, since there is no plural.
func (FeedbackGiven) TableName() string { return "feedback_given" }

// TrainerRating is what a feedback says of a trainer of the course.
type TrainerRating struct {
	FeedbackID uint64 `gorm:"primaryKey"`
	AccountID  uint64 `gorm:"primaryKey"`
	Rating     int    // 1 to 5
}
