package invitation

import (
	"context"
	"errors"
	"fmt"
	"time"

	ics "github.com/arran4/golang-ical"
	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/models"
)

// Calendar gives the calendar file (RFC 5545) of a course that the permission reaches, and the name under which it is saved; out of
// scope is not found. Times are UTC, so that no program has to know a time zone.
func (s *Service) Calendar(ctx context.Context, actor access.Actor, p access.Permission, courseID uint64) (file []byte, name string, err error) {
	f, err := s.factsOf(ctx, access.Courses(actor, p, s.DB.Time()), courseID, nil)
	if err != nil {
		return nil, "", err
	}
	return s.calendar(f, f.link("/courses/"+fmt.Sprint(courseID))), "lich-" + f.course.Code + ".ics", nil
}

// OwnCalendar gives a cadre the calendar file of a course in which they have or had a seat.
func (s *Service) OwnCalendar(ctx context.Context, actor access.Actor, enrolmentID uint64) (file []byte, name string, err error) {
	e, err := s.own(ctx, actor, enrolmentID)
	if err != nil {
		return nil, "", err
	}
	f, err := s.factsOf(ctx, access.Courses(actor, access.OwnRead, s.DB.Time()), e.CourseID, nil)
	if err != nil {
		return nil, "", err
	}
	return s.calendar(f, f.link("/my/enrolments/"+fmt.Sprint(enrolmentID))), "lich-" + f.course.Code + ".ics", nil
}

// own reads an enrolment of the cadre behind the account; another's is not found.
func (s *Service) own(ctx context.Context, actor access.Actor, enrolmentID uint64) (models.Enrolment, error) {
	var e models.Enrolment
	err := s.DB.Read(ctx).Scopes(access.Enrolments(actor, access.OwnRead, s.DB.Time())).Take(&e, enrolmentID).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return e, errs.NotFound("enrolment")
	}
	return e, err
}

// calendar writes an event for each session. An event keeps its UID for ever; SEQUENCE grows with each change that the invited are
// told of; a session that is cancelled or gone, or whose course is cancelled, is a cancelled event.
func (s *Service) calendar(f *facts, page string) []byte {
	cal := ics.NewCalendarFor("taphuan")
	cal.SetMethod(ics.MethodPublish)
	cal.SetXWRCalName(f.course.Title)
	cal.SetXWRTimezone("Asia/Ho_Chi_Minh")
	system := s.Keys.Hash("calendar", "uid")[:16]
	for _, x := range f.told.Sessions {
		day, err := models.ParseDay(x.Day)
		if err != nil {
			continue // written by us: a day is a day
		}
		e := cal.AddEvent(fmt.Sprintf("session-%d-%s@taphuan", x.ID, system))
		e.SetDtStampTime(f.course.UpdatedAt.Truncate(time.Second))
		e.SetLastModifiedAt(f.course.UpdatedAt.Truncate(time.Second))
		e.SetSequence(f.sequence)
		e.SetStartAt(day.At(x.Start))
		e.SetEndAt(day.At(x.End))
		e.SetSummary(f.course.Title)
		if where := f.where(x.Room); where != "" {
			e.SetLocation(where)
		}
		e.SetDescription(description(f, x, page))
		if page != "" {
			e.SetURL(page)
		}
		status := ics.ObjectStatusConfirmed
		if x.Cancelled || f.told.Cancelled {
			status = ics.ObjectStatusCancelled
		}
		e.SetStatus(status)
	}
	return []byte(cal.Serialize(ics.WithNewLineWindows))
}

func description(f *facts, x toldSession, page string) string {
	text := f.typeName + " · " + f.course.Code
	if x.Title != "" {
		text += "\n" + x.Title
	}
	text += "\n" + f.agency
	if f.course.Link != "" {
		text += "\n" + f.course.Link
	}
	if f.letter.Contact != "" {
		text += "\nLiên hệ: " + f.letter.Contact
	}
	if page != "" {
		text += "\n" + page
	}
	return text
}
