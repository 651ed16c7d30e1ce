package invitation

import (
	"context"
	"errors"
	"fmt"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/badge"
	"taphuan/app/i18n"
	"taphuan/app/mail"
	"taphuan/models"
)

// makeMail makes a mail of this package as things stand when it is sent. One to somebody who has no seat any more, a reminder of what
// has begun or was declined, and an invitation to a course that was cancelled are not needed.
func (s *Service) makeMail(ctx context.Context, m models.Mail) (mail.Message, error) {
	var e models.Enrolment
	err := s.DB.Read(ctx).Take(&e, m.EnrolmentID).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return mail.Message{}, mail.ErrNotNeeded
	}
	if err != nil {
		return mail.Message{}, err
	}
	now := s.DB.Time()
	f, err := s.factsOf(ctx, access.Courses(access.System(), access.EnrolmentWrite, now), e.CourseID, only(e.ID))
	if err != nil {
		return mail.Message{}, err
	}
	if len(f.people) == 0 || f.told.Cancelled != (m.Kind == kindCancel) {
		return mail.Message{}, mail.ErrNotNeeded
	}
	begins, ok := starts(f.sessions)
	if m.Kind == kindReminder && (!ok || !now.Before(begins)) {
		return mail.Message{}, mail.ErrNotNeeded
	}
	p := f.people[0]
	out := message(f, p, m.Kind)
	out.Files = append(out.Files, mail.File{Name: "lich.ics", ContentType: "text/calendar; method=PUBLISH; charset=UTF-8", Body: s.calendar(f, f.link(fmt.Sprintf("/my/enrolments/%d", p.ID)))})
	if m.Kind == kindReminder || f.told.Cancelled {
		return out, nil
	}
	letter, err := render(f, now)
	if err != nil {
		return out, err
	}
	out.Files = append(out.Files, mail.File{Name: "giay-moi.pdf", ContentType: "application/pdf", Body: letter})
	return out, nil
}

// message writes both bodies from the same paragraphs.
func message(f *facts, p person, kind string) mail.Message {
	pars := []string{"Kính gửi " + p.honorific() + " " + p.Name + suffix(", ", join(", ", p.Title, p.Organisation)) + ","}
	course := lowerFirst(f.typeName) + " “" + f.course.Title + "”"
	switch {
	case f.told.Cancelled:
		pars = append(pars, f.agency+" trân trọng báo tin: "+course+" không tổ chức nữa."+suffix(" Lý do: ", f.course.CancelReason), "Lịch đính kèm sẽ xóa các buổi này khỏi lịch của "+p.honorific()+".")
	case kind == kindUpdate:
		pars = append(pars, "Lịch của "+course+" đã thay đổi. Lịch hiện nay như sau:")
	case kind == kindReminder:
		pars = append(pars, f.agency+" xin nhắc lịch "+course+":")
	default:
		pars = append(pars, f.agency+" trân trọng kính mời "+p.honorific()+" đến dự "+course+".")
	}
	var list []string
	if !f.told.Cancelled {
		for _, x := range f.sessions {
			list = append(list, i18n.LongDay(i18n.VI, x.Day)+", "+hours(x.StartMinute)+" – "+hours(x.EndMinute)+suffix(", ", f.where(x.Room)))
		}
	}
	var after []string
	link := f.link(fmt.Sprintf("/my/enrolments/%d", p.ID))
	if !f.told.Cancelled {
		if f.course.Link != "" {
			after = append(after, "Vào lớp trực tuyến: "+f.course.Link)
		}
		if f.letter.Documents != "" {
			after = append(after, "Tài liệu, chuẩn bị: "+f.letter.Documents)
		}
		after = append(after, "Mã dự lớp của "+p.honorific()+": "+badge.Code(f.keys, p.ID)+" (dùng khi điểm danh tại hội trường).")
		ask := "Đề nghị " + p.honorific() + " đăng nhập hệ thống để xác nhận, hoặc báo lý do nếu không dự được"
		if link != "" {
			ask += ": " + link
		} else {
			ask += "."
		}
		after = append(after, ask)
	}
	if f.letter.Contact != "" {
		after = append(after, "Liên hệ: "+f.letter.Contact)
	}
	after = append(after, "Trân trọng,", f.agency)
	return mail.Write(pars, list, after)
}
