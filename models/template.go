package models

import "time"

// Template (mẫu giấy chứng nhận) is a way to lay certificates out, in versions.
type Template struct {
	ID         uint64
	Code       *string // of those that come with the system
	Name       string
	Version    int // number of the newest version
	ArchivedAt *time.Time
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// TemplateVersion is a layout as it was saved. It is never changed.
type TemplateVersion struct {
	ID         uint64
	TemplateID uint64
	Number     int
	Layout     string // JSON
	Note       string // what changed
	AccountID  *uint64
	CreatedAt  time.Time
}

// TemplatePicture is an uploaded picture that layouts may show: a seal, an emblem, a logo.
type TemplatePicture struct {
	ID          uint64
	Name        string
	SHA256      string `gorm:"column:sha256"`
	ContentType string
	Width       int // pixels
	Height      int
	Body        []byte
	AccountID   *uint64
	CreatedAt   time.Time
}

// TemplateVersionPicture says that the version shows the picture.
type TemplateVersionPicture struct {
	TemplateVersionID uint64 `gorm:"primaryKey"`
	PictureID         uint64 `gorm:"primaryKey"`
}
