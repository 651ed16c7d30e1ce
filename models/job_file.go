package models

import "time"

// JobFile is a piece of the file that a job has made. Files are kept for a day.
type JobFile struct {
	ID        uint64
	JobID     uint64
	Part      int // from 0
	Body      []byte
	CreatedAt time.Time
}
