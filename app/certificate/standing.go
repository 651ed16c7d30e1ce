package certificate

import (
	"context"

	"taphuan/app/access"
	"taphuan/models"
)

// Left is somebody who completed a course and whose certificate has to wait.
type Left struct {
	Name         string
	Organisation string
	Pending      bool       // a correction of the name waits for a decision
	From         models.Day // else: from when on silence counts as consent
}

// Standing says how far a course's certificates are.
type Standing struct {
	Course    models.Course
	Completed int64  // completions that are not voided
	Issued    int64  // of which have a standing certificate
	Ready     int    // of the others, whose name has been checked
	Left      []Left // the rest, in the order of names
}

// Standing reads how far a course's certificates are; out of scope is not found. Four queries.
func (s *Service) Standing(ctx context.Context, actor access.Actor, courseID uint64) (*Standing, error) {
	db := s.DB.Read(ctx)
	out := &Standing{}
	var err error
	if out.Course, err = s.course(ctx, actor, courseID); err != nil {
		return nil, err
	}
	if err := db.Model(&models.Completion{}).Where("course_id = ? AND voided_at IS NULL", courseID).Count(&out.Completed).Error; err != nil {
		return nil, err
	}
	if err := db.Model(&models.Certificate{}).Where("course_id = ? AND state = ?", courseID, models.CertificateValid).Count(&out.Issued).Error; err != nil {
		return nil, err
	}
	all, err := sources(db, without(courseID))
	today := models.DayOf(s.DB.Time())
	for _, x := range all {
		if at := x.standing(); at.Ready(today) {
			out.Ready++
		} else {
			out.Left = append(out.Left, Left{Name: x.FullName, Organisation: x.OrgName, Pending: at.State == models.NameCheckProposed, From: at.From()})
		}
	}
	return out, err
}
