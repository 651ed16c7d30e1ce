package seeds

import (
	"context"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"taphuan/app/access"
	"taphuan/app/quiz"
	"taphuan/models"
)

// demoQuestions are asked before and after a course; the first choice is right.
var demoQuestions = []struct {
	text    string
	choices []string
}{
	{"Công ước quốc tế về các quyền dân sự và chính trị được Đại hội đồng Liên hợp quốc thông qua năm nào?", []string{"1966", "1948", "1979", "1989"}},
	{"Việt Nam gia nhập Công ước quốc tế về các quyền dân sự và chính trị năm nào?", []string{"1982", "1977", "1990", "2007"}},
	{"Hiến pháp năm 2013 quy định quyền con người, quyền công dân chỉ có thể bị hạn chế theo quy định của văn bản nào?", []string{"Luật", "Nghị định", "Thông tư", "Chỉ thị"}},
	{"Cơ chế rà soát định kỳ phổ quát (UPR) do cơ quan nào của Liên hợp quốc thực hiện?", []string{"Hội đồng Nhân quyền", "Hội đồng Bảo an", "Tòa án Công lý quốc tế"}},
	{"Trước khi đăng tin về một vụ việc liên quan đến trẻ em, cần làm gì?", []string{"Bảo vệ bí mật đời sống riêng tư của trẻ em", "Đăng ảnh rõ mặt để tăng độ tin cậy", "Ghi đầy đủ tên, trường, lớp"}},
}

// quizzed lets the people of a course take one of its quizzes; where it stays open, the cadre with an account has still to
// take it.
func (w *world) quizzed(ctx context.Context, c *demoCourse, kind models.QuizKind, stays bool) error {
	boss, s := w.actors["dieuphoi"], &quiz.Service{DB: w.db, Roster: w.roster}
	id, err := s.Create(ctx, boss, c.id, kind)
	if err != nil {
		return err
	}
	var list []quiz.Question
	for _, q := range demoQuestions {
		x := quiz.Question{Text: q.text, Points: 2}
		for i, text := range q.choices {
			x.Choices = append(x.Choices, quiz.Choice{Text: text, Right: i == 0})
		}
		list = append(list, x)
	}
	if err := s.Add(ctx, boss, id, list...); err != nil {
		return err
	}
	minutes := 20
	in := quiz.Settings{Minutes: &minutes, Shows: models.ShowsAnswers, FeedsScore: kind == models.QuizPost, Version: 1}
	if err := s.Save(ctx, boss, id, in); err != nil {
		return err
	}
	if err := s.Open(ctx, boss, id); err != nil {
		return err
	}
	var cadres []uint64
	q := w.db.Read(ctx).Model(&models.Enrolment{}).Where("course_id = ? AND state = ?", c.id, models.EnrolmentEnrolled)
	if stays {
		q = q.Where("cadre_id <> ?", w.star)
	}
	if err := q.Clauses(clause.OrderBy{Expression: gorm.Expr("CASE WHEN cadre_id = ? THEN 0 ELSE 1 END, id", w.star)}).Limit(10).Pluck("cadre_id", &cadres).Error; err != nil {
		return err
	}
	knows := map[models.QuizKind]float64{models.QuizPre: 0.4, models.QuizPost: 0.8}[kind]
	r := chance("kiểm tra", c.Title, string(kind))
	for _, cadre := range cadres {
		who := access.Actor{CadreID: cadre, Grants: []access.Grant{{Role: models.RoleCadre}}}
		if err := s.Begin(ctx, who, id); err != nil {
			return err
		}
		p, err := s.Paper(ctx, who, id)
		if err != nil {
			return err
		}
		answers := quiz.Answers{}
		for _, x := range p.Questions {
			right := r.Float64() < knows
			for i, choice := range x.Choices {
				if isRight(choice.Text) == right {
					answers[x.ID] = []int{i}
				}
			}
		}
		if err := s.Answer(ctx, who, id, answers, quiz.HandIn); err != nil {
			return err
		}
	}
	if stays {
		return nil
	}
	return s.Close(ctx, boss, id)
}

func isRight(text string) bool {
	for _, q := range demoQuestions {
		if q.choices[0] == text {
			return true
		}
	}
	return false
}
