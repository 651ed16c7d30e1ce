package seeds

import (
	"context"
	"slices"

	"taphuan/app/access"
	"taphuan/app/trainer"
	"taphuan/models"
)

// demoTrainers are what those who teach say of themselves.
var demoTrainers = map[string]struct {
	body, bio string
	topics    []string
}{
	"giangvien": {"Trường Chính trị Hoàng Đình Giong", "Thạc sĩ luật; mười hai năm dạy pháp luật về quyền con người.", []string{"1", "2"}},
	"khanh.nq":  {"Học viện Chính trị khu vực I", "Tiến sĩ chính trị học, báo cáo viên trung ương.", []string{"1.2", "1.5", "3"}},
	"lien.ht":   {"Sở Tư pháp", "Phổ biến, giáo dục pháp luật; công ước về phụ nữ và trẻ em.", []string{"1.5", "4"}},
	"tung.lx":   {"Báo và Phát thanh, Truyền hình Cao Bằng", "Nhà báo, hướng dẫn viết tin và làm video ngắn.", []string{"5"}},
}

// demoComments are what people say of courses, by the grade they give.
var demoComments = map[int][]string{
	5: {"Giảng viên nói dễ hiểu, nhiều ví dụ ở cơ sở.", "Rất bổ ích, mong có tài liệu gửi trước.", ""},
	4: {"Nên thêm thời gian thực hành.", "", ""},
	3: {"Hội trường hơi nóng, ngồi xa khó nghe.", ""},
}

func (w *world) introduceTrainers(ctx context.Context) error {
	s := &trainer.Service{DB: w.db}
	for _, name := range []string{"giangvien", "khanh.nq", "lien.ht", "tung.lx"} {
		d := demoTrainers[name]
		in := trainer.Input{Body: d.body, Bio: d.bio}
		for _, t := range w.plan.Topics {
			if slices.Contains(d.topics, t.Code) {
				in.TopicIDs = append(in.TopicIDs, t.ID)
			}
		}
		if err := s.Save(ctx, w.actors["dieuphoi"], w.actors[name].AccountID, in); err != nil {
			return err
		}
	}
	return nil
}

// commented lets some who attended a course say what they think of it.
func (w *world) commented(ctx context.Context, c *demoCourse) error {
	var cadres []uint64
	err := w.db.Read(ctx).Model(&models.Enrolment{}).Where("course_id = ? AND state = ? AND attended_minutes > 0", c.id, models.EnrolmentEnrolled).Order("id").Limit(9).Pluck("cadre_id", &cadres).Error
	if err != nil {
		return err
	}
	s, r := &trainer.Service{DB: w.db}, chance("nhận xét", c.Title)
	for _, id := range cadres {
		in := trainer.FeedbackInput{Content: 3 + r.IntN(3), Organisation: 3 + r.IntN(3), Trainers: map[uint64]int{}}
		says := demoComments[in.Content]
		in.Comment = says[r.IntN(len(says))]
		for _, name := range c.Trainers {
			in.Trainers[w.actors[name].AccountID] = 4 + r.IntN(2)
		}
		cadre := access.Actor{CadreID: id, Grants: []access.Grant{{Role: models.RoleCadre}}}
		if err := s.Say(ctx, cadre, c.id, in); err != nil {
			return err
		}
	}
	return nil
}
