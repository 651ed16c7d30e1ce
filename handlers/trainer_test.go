package handlers_test

import (
	"net/url"
	"strconv"
	"strings"
	"testing"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// rated makes a closed course with a trainer and a cadre with an account who attended it, and an open one that the trainer is free for.
func (w *world) rated(trainer uint64) (closed, open models.Course, cadre uint64) {
	w.t.Helper()
	day := models.MustDay("2026-11-20")
	closed = models.Course{PlanID: w.draft.PlanID, Code: "2026-901", Title: "Kỹ năng truyền thông", CourseTypeID: w.draft.CourseTypeID, State: models.CourseClosed, HostID: w.draft.HostID, Capacity: 50, RulePercent: 80, FirstDay: day, LastDay: day, Version: 1}
	w.create(&closed)
	open = closed
	open.ID, open.Code, open.Title, open.State, open.FirstDay, open.LastDay = 0, "2026-902", "Công ước quốc tế", models.CourseOpen, day.AddDays(20), day.AddDays(20)
	w.create(&open)
	cadre = w.cadre("Nông Thị Dự")
	minutes := 180
	w.create(&models.Session{CourseID: closed.ID, Day: day, StartMinute: 450, EndMinute: 690}, &models.Session{CourseID: open.ID, Day: open.FirstDay, StartMinute: 450, EndMinute: 690, Room: "Hội trường A"},
		&models.CourseStaff{CourseID: closed.ID, AccountID: trainer, Role: models.StaffTrainer},
		&models.Enrolment{CourseID: closed.ID, CadreID: cadre, State: models.EnrolmentEnrolled, Source: "coordinator", AttendedMinutes: &minutes, TotalMinutes: &minutes, Outcome: models.OutcomeCompleted})
	var topic models.Topic
	if err := w.site.DB.Read(w.t.Context()).Where("code = ?", "1.2").Take(&topic).Error; err != nil {
		w.t.Fatal(err)
	}
	w.create(&models.CourseTopic{CourseID: open.ID, TopicID: topic.ID})
	return closed, open, cadre
}

// windowOf gives a window in which that account has signed in.
func windowOf(t *testing.T, site *testweb.Site, name string) *testweb.Tab {
	t.Helper()
	b := testweb.Browse(t, site.URL)
	site.SignIn(b, name)
	return b
}

func TestATrainerSaysWhatTheyKnowIsChosenForItTeachesAndIsRated(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		id := site.Account(t, testweb.Account{Name: "Hoàng Thị Giảng", SignIn: "giang", Role: models.RoleTrainer})
		closed, open, cadre := w.rated(id)
		at := "/courses/" + strconv.FormatUint(open.ID, 10)

		teacher := windowOf(t, site, "giang")
		teacher.Go("/my/teaching")
		teacher.Sees("Lịch dạy của tôi", "Chưa có buổi nào sắp tới.")
		teacher.Click("Sửa thông tin giảng viên")
		teacher.Fill("Cơ quan, tổ chức", "Trường Chính trị Hoàng Đình Giong")
		teacher.Check("1.2. ")
		teacher.Fill("Giới thiệu ngắn", "Thạc sĩ luật, 10 năm giảng dạy.")
		teacher.Look("trainer-profile")
		teacher.Click("Lưu")
		teacher.Sees("Đã lưu thông tin giảng viên.", "Thạc sĩ luật")

		b := site.As(t, models.RoleCoordinator, "")
		b.Go(at)
		b.Fill("Phân công thêm", "Hoàng Thị Giảng, Trường Chính trị Hoàng Đình Giong · chuyên môn 1.2 · 1 buổi")
		b.Look("course-staff-fit")
		b.Click("Phân công")
		b.Sees("Hoàng Thị Giảng")
		b.Go("/trainers")
		b.Sees("Hoàng Thị Giảng", "1 buổi", "Sắp dạy trong năm")
		b.Look("trainer-list")
		b.Click("Hoàng Thị Giảng")
		b.Sees("Công ước quốc tế", "Hội trường A")
		b.Look("trainer-show")

		teacher.Go("/my/teaching")
		teacher.Sees("Công ước quốc tế")
		if file, kind := teacher.Download("Thêm vào lịch (.ics)"); !strings.HasPrefix(kind, "text/calendar") || !strings.Contains(string(file), "SUMMARY:Công ước quốc tế") {
			t.Errorf("%s %s", kind, file)
		}
		teacher.Look("trainer-own")

		site.Account(t, testweb.Account{Name: "Nông Thị Dự", SignIn: "du", Role: models.RoleCadre, CadreID: cadre})
		c := windowOf(t, site, "du")
		c.Go("/my/courses")
		c.Look("own-courses")
		c.Phone()
		if why := testweb.Eval[string](c, crowded); why != "" {
			t.Error(why)
		}
		c.Click("Nhận xét")
		c.Phone()
		c.ClickAt(`input[name="content"][value="5"]`)
		c.ClickAt(`input[name="organisation"][value="3"]`)
		c.ClickAt(`input[name^="trainer-"][value="4"]`)
		c.Fill("Ý kiến thêm", "Nên có thêm thực hành.")
		c.Look("feedback-form")
		c.Click("Gửi nhận xét")
		c.Sees("Đã ghi nhận xét. Cảm ơn!")
		c.Lacks("Nhận xét Kỹ năng truyền thông")
		c.Go("/my/courses/" + strconv.FormatUint(closed.ID, 10) + "/feedback")
		c.Sees("Nhận xét của anh/chị đã được ghi.")

		course := "/courses/" + strconv.FormatUint(closed.ID, 10)
		b.Go(course)
		b.Sees("1 trên 1 người dự", "Chưa đủ người trả lời để hiện.")
		b.Lacks("5,0 trên 5")
		b.Go(course + "/feedback")
		b.Lacks("Nên có thêm thực hành.")
		teacher.Go("/my/teaching")
		teacher.Sees("Chưa đủ người trả lời để hiện.")
		teacher.Lacks("Nên có thêm thực hành.")
		for i := range uint64(4) {
			w.create(&models.Feedback{ID: i + 1, CourseID: closed.ID, Content: 4, Organisation: new(3)}, &models.TrainerRating{FeedbackID: i + 1, AccountID: id, Rating: 5})
		}
		b.Go(course)
		b.Sees("4,2 trên 5", "3,0 trên 5", "5 trên 1 người dự")
		b.Look("course-feedback")
		b.Click("Xem nhận xét")
		b.Sees("4,2 trên 5", "Nên có thêm thực hành.", "Hoàng Thị Giảng", "4,8 trên 5")
		b.Lacks("Nông Thị Dự")
		b.Look("feedback-show")
		teacher.Go("/my/teaching")
		teacher.Sees("4,8 trên 5")
	}, testseed.Base)
}

func TestFormsOfTrainersAndFeedbackRefuseWhatCannotBe(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		id := site.Account(t, testweb.Account{Name: "Hoàng Thị Giảng", SignIn: "giang", Role: models.RoleTrainer})
		closed, _, cadre := w.rated(id)
		teacher := nobody(t, site)
		teacher.role = models.RoleTrainer
		teacher.signIn("giang")
		own := as(t, site, testweb.Account{Name: "Nông Thị Dự", SignIn: "du", Role: models.RoleCadre, CadreID: cadre})
		feedback := "/my/courses/" + strconv.FormatUint(closed.ID, 10) + "/feedback"
		for _, c := range []struct {
			who  *asker
			path string
			form url.Values
			code int
			says string
		}{
			{teacher, "/my/teaching/profile", url.Values{"topics": {"99"}, "bio": {"giữ lại"}}, 422, "giữ lại"},
			{teacher, "/my/teaching/profile", url.Values{"version": {"5"}, "bio": {"giữ lại"}}, 409, "giữ lại"},
			{own, feedback, url.Values{"comment": {"giữ lại"}}, 422, "giữ lại"},
			{own, feedback, url.Values{"content": {"9"}, "organisation": {"1"}}, 422, "Hãy chọn một mục"},
			{own, feedback, url.Values{"content": {"5"}, "organisation": {"1"}}, 303, ""},
			{own, feedback, url.Values{"content": {"1"}, "organisation": {"1"}}, 409, "Đã nhận xét lớp này rồi"},
			{w.as(models.RoleCadre), feedback, url.Values{"content": {"5"}, "organisation": {"1"}}, 404, ""},
			{w.as(models.RoleAdministrator), "/my/teaching/profile", url.Values{"bio": {"x"}}, 409, ""},
		} {
			if got := c.who.post(c.path, c.form); got.status != c.code || !strings.Contains(got.body, c.says) {
				t.Errorf("%s %s %v: %d, want %d with %q", c.who.role, c.path, c.form, got.status, c.code, c.says)
			}
		}
	}, testseed.Base)
}
