package seeds

import (
	"context"
	"fmt"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/invitation"
	"taphuan/app/namecheck"
	"taphuan/models"
)

// demoReplies are how many of the invited of a course have answered.
const demoReplies = 24

// inviteAll invites everybody who has a seat in a course to come.
func (w *world) inviteAll(ctx context.Context) error {
	var ids []uint64
	err := w.db.Read(ctx).Model(&models.Course{}).Where("state = ? AND first_day > ?", models.CourseOpen, models.DayOf(w.clock)).Order("id").Pluck("id", &ids).Error
	if err != nil {
		return err
	}
	for _, id := range ids {
		err := w.invites.SaveLetter(ctx, w.actors["dieuphoi"], id, invitation.Letter{Documents: "Sổ ghi chép; điện thoại hoặc máy tính có kết nối mạng", Contact: "Phòng Quản lý thông tin, 0206 3852 111",
			SignatoryID: w.signs["SO-VHTTDL"]})
		if err != nil {
			return err
		}
		if _, err := w.invites.Invite(ctx, w.actors["dieuphoi"], id, nil); err != nil && !errs.Is(err, "invitation_nobody") {
			return fmt.Errorf("inviting to course %d: %w", id, err)
		}
	}
	return nil
}

// reply has some of the invited answer: most will come, two cannot, many are silent.
func (w *world) reply(ctx context.Context) error {
	var rows []struct{ ID, CadreID uint64 }
	err := w.db.Read(ctx).Table("invitations i").Joins("JOIN enrolments e ON e.id = i.enrolment_id").Joins("JOIN courses c ON c.id = e.course_id").
		Where("c.state = ? AND e.state = ? AND e.cadre_id <> ?", models.CourseOpen, models.EnrolmentEnrolled, w.star).
		Select("e.id, e.cadre_id").Order("c.first_day, e.id").Limit(demoReplies).Scan(&rows).Error
	if err != nil {
		return err
	}
	reasons := map[int]string{5: "Trùng lịch tiếp công dân của Ủy ban nhân dân xã", 17: "Đang điều trị tại bệnh viện"}
	for i, r := range rows {
		who := access.Actor{CadreID: r.CadreID, Lang: "vi", Grants: []access.Grant{{Role: models.RoleCadre}}}
		if why, ok := reasons[i]; ok {
			err = w.invites.Decline(ctx, who, r.ID, invitation.Decline{Reason: why})
		} else {
			err = w.invites.Confirm(ctx, who, r.ID)
		}
		if err != nil {
			return fmt.Errorf("enrolment %d replies: %w", r.ID, err)
		}
	}
	return nil
}

// askForCorrection has the cadre with an account ask for a title to be written out; the head has not decided.
func (w *world) askForCorrection(ctx context.Context) error {
	who := w.actors["canbo"]
	own, err := w.names.Own(ctx, who)
	if err != nil {
		return err
	}
	for _, p := range own {
		if p.Title != "" {
			return w.names.Propose(ctx, who, p.EnrolmentID, namecheck.Answer{Name: p.Name, Title: p.Title + " Phổ biến, giáo dục pháp luật", Note: "Quyết định bổ nhiệm ghi đủ tên phòng; giấy chứng nhận xin ghi theo quyết định."})
		}
	}
	return nil
}
