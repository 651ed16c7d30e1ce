package handlers_test

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// cadre gives the person of an enrolment an account.
func (h *hall) cadre(t *testing.T, i int, name string) {
	t.Helper()
	var e models.Enrolment
	if err := h.site.DB.Read(t.Context()).Take(&e, h.people[i]).Error; err != nil {
		t.Fatal(err)
	}
	h.site.Account(t, testweb.Account{Name: hallNames[i], SignIn: name, Role: models.RoleCadre, CadreID: e.CadreID})
}

// quizOf makes an open quiz at the end of the course with questions.
func (h *hall) quizOf(t *testing.T, questions ...models.QuizQuestion) uint64 {
	t.Helper()
	q := models.Quiz{CourseID: h.course.ID, Kind: models.QuizPost, Shows: models.ShowsPoints, FeedsScore: true, Version: 1, OpensAt: new(h.site.DB.Time())}
	_, err := h.site.DB.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) {
		if err := tx.Create(&q).Error; err != nil {
			return 0, err
		}
		for i := range questions {
			questions[i].QuizID = q.ID
			if err := tx.Create(&questions[i]).Error; err != nil {
				return 0, err
			}
		}
		return 0, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return q.ID
}

func TestATrainerWritesAQuizAndACadreTakesItOnThePhone(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		h := newHall(t, db, testweb.Serve(t, db), 6)
		b := h.staff(t, "giang")
		course := "/courses/" + strconv.FormatUint(h.course.ID, 10)
		b.Go(course)
		b.Click("Bài kiểm tra")
		b.Sees("Chưa có. Bài cuối khóa")
		b.Look("quiz-none")
		b.Click("Soạn bài Bài kiểm tra cuối khóa")
		b.Sees("Bài kiểm tra chưa có câu hỏi nào.")
		b.Click("Thêm câu hỏi")
		b.Fill("Câu hỏi", "Công ước quốc tế về các quyền dân sự và chính trị được Đại hội đồng Liên hợp quốc thông qua năm nào?")
		b.Fill("Phương án A", "1948")
		b.Fill("Phương án B", "1966")
		b.Click("Lưu")
		b.Sees("Chưa đánh dấu phương án đúng")
		b.Look("quiz-question-wrong")
		b.Check("Đúng B")
		b.Click("Lưu")
		b.Sees("Đã lưu câu hỏi.")

		// More come in as a workbook: first one with a row that is wrong.
		body, _ := b.Download("Tải mẫu Excel")
		f, err := excelize.OpenReader(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), "cau-hoi.xlsx")
		write := func(rows ...[]any) {
			for i, r := range rows {
				if err := f.SetSheetRow(f.GetSheetName(0), fmt.Sprintf("A%d", i+2), &r); err != nil {
					t.Fatal(err)
				}
			}
			if err := f.SaveAs(path); err != nil {
				t.Fatal(err)
			}
		}
		write([]any{"Những cơ quan nào báo cáo về công tác nhân quyền?", 2, "Ủy ban nhân dân xã", "Công an tỉnh", "Hộ kinh doanh", nil, nil, nil, "A, B"},
			[]any{"Kế hoạch của tỉnh kéo dài đến năm nào?", 1, "2025", "2028", nil, nil, nil, nil, "X"})
		b.Upload("Tệp câu hỏi", path)
		b.Click("Nhập câu hỏi")
		b.Sees("Có 1 dòng chưa đúng, nên chưa nhập câu nào", "Cột Đáp án đúng ghi chữ cái")
		b.Look("quiz-file-wrong")
		write([]any{"Những cơ quan nào báo cáo về công tác nhân quyền?", 2, "Ủy ban nhân dân xã", "Công an tỉnh", "Hộ kinh doanh", nil, nil, nil, "A, B"},
			[]any{"Kế hoạch của tỉnh kéo dài đến năm nào?", 1, "2025", "2028", nil, nil, nil, nil, "B"})
		b.Upload("Tệp câu hỏi", path)
		b.Click("Nhập câu hỏi")
		b.Sees("Đã nhập câu hỏi từ tệp.", "Hộ kinh doanh")
		b.Fill("Thời gian làm bài", "20")
		b.Check("Điểm ngay khi nộp; đáp án sau khi bài đóng")
		b.Check("Lấy kết quả làm điểm của lớp")
		b.Click("Lưu")
		b.Sees("Đã lưu cách làm bài.")
		b.Click("Mở ngay")
		b.Sees("Đã mở bài kiểm tra.", "Đang mở")
		b.Look("quiz-show")

		h.cadre(t, 0, "anh")
		c := windowOf(t, h.site, "anh")
		c.Phone()
		c.Go("/")
		c.Sees("Làm bài kiểm tra cuối khóa")
		c.Look("quiz-home")
		c.Go("/my/courses")
		c.Look("quiz-my-courses")
		c.Click("Làm bài kiểm tra cuối khóa")
		c.Sees("20 phút", "Mỗi người làm một lần.")
		c.Look("quiz-before")
		c.Click("Bắt đầu làm bài")
		c.Sees("0 / 3", "Câu 1.")
		c.Click("1966")
		c.Sees("Đã lưu", "1 / 3")
		c.Offline(true) // the hall loses reception
		c.Click("Công an tỉnh")
		c.Sees("Chưa lưu được, đang thử lại.")
		c.Offline(false)
		c.Sees("2 / 3")
		c.Click("Ủy ban nhân dân xã")
		c.Sees("Đã lưu")
		c.Look("quiz-take")
		c.Go("/my/courses") // the phone was put away
		c.Click("Làm tiếp bài kiểm tra")
		c.Sees("2 / 3")
		c.Click("Nộp bài")
		c.Sees("Còn 1 câu chưa trả lời.")
		c.Look("quiz-blank")
		c.Click("Nộp bài")
		c.Sees("Đã nộp bài.", "7,5 trên 10", "3 trên 4 điểm của bài")
		c.Lacks("1966")
		c.Look("quiz-result")

		b.Go(course + "/quizzes")
		b.Sees("1 trên 6", "100,0 %", "0,0 %", "7,5")
		b.Look("quiz-overview")
		if sheet, _ := b.Download("Kết quả (Excel)"); len(sheet) < 1000 {
			t.Errorf("a workbook of %d bytes", len(sheet))
		}
		b.Click("Soạn và cài đặt")
		b.Click("Đóng ngay")
		b.Sees("Đã đóng")
		c.Go(c.Path())
		c.Sees("Đáp án", "1966", "Chưa đúng")
		c.Look("quiz-answers")
		b.Go(course + "/scores")
		if v := b.Value(hallNames[0]); v != "7,5" {
			t.Errorf("the score is %q", v)
		}
	}, testseed.Base)
}

func TestAQuizIsTakenWithoutScript(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		h := newHall(t, db, testweb.Serve(t, db), 2)
		id := h.quizOf(t, models.QuizQuestion{Text: "Câu khó", Choices: []string{"phải", "trái"}, Answer: 1, Points: 1}, models.QuizQuestion{Text: "Câu dễ", Choices: []string{"trên", "dưới"}, Answer: 2, Points: 3})
		h.cadre(t, 0, "anh")
		b := testweb.Browse(t, h.site.URL)
		b.NoScript()
		h.site.SignIn(b, "anh")
		b.Phone()
		b.Go("/my/quizzes/" + strconv.FormatUint(id, 10))
		b.Click("Bắt đầu làm bài")
		b.Click("phải")
		b.Click("Lưu, chưa nộp")
		b.Sees("Đã lưu câu trả lời.", "1 / 2")
		b.Click("dưới")
		b.Click("Nộp bài")
		b.Sees("Đã nộp bài.", "10,0 trên 10")
	}, testseed.Base)
}

func TestOnlyOwnAnswersAreTakenAndAnOlderWindowTakesNothingBack(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		h := newHall(t, db, testweb.Serve(t, db), 2)
		id := h.quizOf(t, models.QuizQuestion{Text: "Một", Choices: []string{"phải", "trái"}, Answer: 1, Points: 1}, models.QuizQuestion{Text: "Hai", Choices: []string{"trên", "dưới"}, Answer: 2, Points: 3})
		var questions []models.QuizQuestion
		if err := db.Read(t.Context()).Order("id").Find(&questions).Error; err != nil {
			t.Fatal(err)
		}
		one, two := strconv.FormatUint(questions[0].ID, 10), strconv.FormatUint(questions[1].ID, 10)
		h.cadre(t, 0, "anh")
		own := nobody(t, h.site)
		own.signIn("anh")
		other := as(t, h.site, testweb.Account{Name: "Người lớp khác", SignIn: "khac", Role: models.RoleCadre, CadreID: h.stranger(t)})
		path := "/my/quizzes/" + strconv.FormatUint(id, 10)
		if got := own.post(path+"/begin", nil); got.status != http.StatusSeeOther {
			t.Fatalf("%d %.300s", got.status, got.body)
		}
		page := own.get(path).body
		for _, word := range []string{"quiz-right", "correct", "Đúng"} {
			if strings.Contains(page, word) {
				t.Errorf("%q stands in the page before it is handed in", word)
			}
		}
		for _, c := range []struct {
			who  *asker
			path string
			form url.Values
			code int
		}{
			{other, path, url.Values{"do": {"hand_in"}, "sure": {"1"}}, 404},
			{other, path + "/answers", url.Values{"q": {one}, "a" + one: {"0"}}, 404},
			{other, path + "/begin", nil, 404},
			{own, path, url.Values{"q": {"x"}}, 422},
			{own, path, url.Values{"q": {"-1"}}, 422},
			{own, path, url.Values{"q": {"99999999999999999999"}}, 422},
			{own, path, url.Values{"q": {"987654321"}}, 422},
			{own, path, url.Values{"q": {one}, "a" + one: {"7"}}, 422},
			{own, path, url.Values{"q": {one}, "a" + one: {"một"}}, 422},
			{own, path, url.Values{"q": {one}, "a" + one: {"0", "1"}}, 422},
			{own, path + "/answers", url.Values{"q": {one}, "a" + one: {"7"}}, 422},
			{own, path + "/answers", url.Values{"q": {one, two}, "a" + one: {"0"}, "a" + two: {"0"}}, 200},
			{own, path, url.Values{"do": {"save"}, "q": {one, two}, "w" + one: {""}, "w" + two: {""}}, 303}, // of a window opened before
			{own, path, url.Values{"do": {"hand_in"}}, 303},
			{own, path + "/answers", url.Values{"q": {one}, "a" + one: {"1"}}, 409},
			{own, path, url.Values{"q": {one}, "a" + one: {"1"}}, 409},
		} {
			if got := c.who.post(c.path, c.form); got.status != c.code {
				t.Errorf("%s %v: %d, want %d\n%.200s", c.path, c.form, got.status, c.code, got.body)
			}
		}
		var kept int64
		if err := db.Read(t.Context()).Model(&models.QuizAnswer{}).Where("chosen > 0").Count(&kept).Error; err != nil || kept != 2 {
			t.Errorf("%d answers are kept, %v", kept, err)
		}
	}, testseed.Base)
}

// stranger is a cadre without a place in the course.
func (h *hall) stranger(t *testing.T) uint64 {
	t.Helper()
	c := models.Cadre{FullName: "Người lớp khác", BirthYear: 1980}
	if _, err := h.site.DB.Write(t.Context(), store.By{}, func(tx *store.Tx) (uint64, error) { return 0, tx.Create(&c).Error }); err != nil {
		t.Fatal(err)
	}
	return c.ID
}
