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

// Feedback (nhận xét) is what a cadre who attended says of a course. Who says it is shown to nobody.
type Feedback struct {
	ID          uint64
	EnrolmentID uint64
	CourseID    uint64
	Rating      int // 1 to 5
	Comment     string
	CreatedAt   time.Time // it may be changed for some days from then on
	UpdatedAt   time.Time
}

// TableName is singular because feedback is.
func (Feedback) TableName() string { return "feedback" }

// TrainerRating is what the same cadre says of a trainer of the course.
type TrainerRating struct {
	FeedbackID uint64 `gorm:"primaryKey"`
	AccountID  uint64 `gorm:"primaryKey"`
	Rating     int    // 1 to 5
}
