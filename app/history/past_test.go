package history_test

import (
	"bytes"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/xuri/excelize/v2"

	"taphuan/app/attendance"
	"taphuan/app/course"
	"taphuan/app/enrolment"
	"taphuan/app/errs"
	"taphuan/app/history"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

// The columns of the template by place.
const (
	cTitle = iota
	cCode
	cType
	cHost
	cVenue
	cSeats
	cTopics
	cGroups
	cRule
	cScore
	cDay
	cStart
	cEnd
)

// held is the template for courses of the past, filled in.
func (w *world) held(courses, people [][]string) []byte {
	w.t.Helper()
	p, err := plan.Current(w.t.Context(), w.db.Read(w.t.Context()), day("2026-11-24"))
	w.must(err)
	b, err := history.CourseTemplate(p)
	w.must(err)
	f, err := excelize.OpenReader(bytes.NewReader(b))
	w.must(err)
	for name, rows := range map[string][][]string{"Lớp đã tổ chức": courses, "Danh sách dự lớp": people} {
		for i, r := range rows {
			for j, text := range r {
				if text == "" {
					continue
				}
				cell, err := excelize.CoordinatesToCellName(j+1, i+2)
				w.must(err)
				w.must(f.SetCellStr(name, cell, text))
			}
		}
	}
	var out bytes.Buffer
	_, err = f.WriteTo(&out)
	w.must(err)
	w.must(f.Close())
	return out.Bytes()
}

// one is the row that begins a course which is right in every way, with changes by column.
func (w *world) one(title string, change map[int]string) []string {
	r := []string{title, "", "Hội nghị tập huấn", w.home.Name, "Hội trường tỉnh", "40", "1; 2", "QCN", "80", "", "05/05/2025", "07:30", "11:30"}
	for i, text := range change {
		r[i] = text
	}
	return r
}

// next is a further session of the course above.
func next(d, from, to string) []string {
	r := make([]string, 13)
	r[cDay], r[cStart], r[cEnd] = d, from, to
	return r
}

// was is a row of the attendance list.
func was(name, office, course string, marks ...string) []string {
	return append([]string{"1", name, "1985", "", office, course}, marks...)
}

func (w *world) preview(courses, people [][]string) *history.CoursePreview {
	w.t.Helper()
	w.must(w.s.UploadCourses(w.t.Context(), w.coordinator, "lop.xlsx", w.held(courses, people)))
	v, err := w.s.PendingCourses(w.t.Context(), w.coordinator)
	w.must(err)
	return v
}

func reasons(left []history.Left) []string {
	var out []string
	for _, l := range left {
		out = append(out, fmt.Sprint(l.Row, l.Column, " ", l.Reason))
	}
	return out
}

func TestAWorkbookWithTwoCoursesMakesThemClosedWithEverybodysMarksAndCompletions(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for _, name := range []string{"Nông Văn An", "Bế Thị Bình", "Hoàng Thị Cúc", "Lý Văn Dũng"} {
			w.cadre(name, w.home)
		}
		here := w.home.Name
		v := w.preview([][]string{
			w.one("Tập huấn năm 2025", nil), next("05/05/2025", "13h30", "17h30"), next("06/05/2025", "7:30", "11:30"),
			w.one("Bồi dưỡng kỹ năng", map[int]string{cCode: "2024-007", cType: "Lớp bồi dưỡng kỹ năng", cSeats: "", cRule: "50%", cScore: "5", cDay: "10/06/2024"}),
		}, [][]string{
			was("Nông Văn An", here, "Tập huấn năm 2025", "x", "có mặt", "muộn"),
			was("Bế Thị Bình", here, "Tập huấn năm 2025", "x", "vắng", "có phép"),
			was("Hoàng Thị Cúc", here, "Tập huấn năm 2025", "", "", "", "", "", "600"),
			was("Lý Văn Dũng", here, "Tập huấn năm 2025", "", "", "", "", "", "720"),
			was("Nông Văn An", here, "2024-007", "", "", "", "", "có mặt", "", "8,5"),
			was("Bế Thị Bình", here, "2024-007", "", "", "", "", "có mặt", "", "4"),
			was("Hoàng Thị Cúc", here, "Bồi dưỡng kỹ năng", "", "", "", "", "vắng"),
		})
		if len(v.Left) != 0 || len(v.Courses) != 2 || v.People() != 7 || v.Courses[0].Completed() != 3 || v.Courses[1].Completed() != 1 {
			t.Fatalf("%d courses, %d people, left %v", len(v.Courses), v.People(), reasons(v.Left))
		}
		if n := w.count("courses", "1 = 1"); n != 0 {
			t.Fatalf("%d courses before the yes", n)
		}
		n, err := w.s.ConfirmCourses(t.Context(), w.coordinator, v.ID)
		w.must(err)
		if n != 2 {
			t.Errorf("%d courses", n)
		}
		var courses []models.Course
		w.must(db.Read(t.Context()).Order("code").Find(&courses).Error)
		if len(courses) != 2 || courses[0].Code != "2024-007" || courses[1].Code != "2025-001" || courses[0].State != models.CourseClosed || courses[1].State != models.CourseClosed {
			t.Fatalf("courses %+v", courses)
		}
		if c := courses[1]; c.FirstDay != day("2025-05-05") || c.LastDay != day("2025-05-06") || c.Capacity != 40 || c.HostID != w.home.ID || c.ClosedAt == nil {
			t.Errorf("the course is %+v", c)
		}
		for what, want := range map[[2]string]int{
			{"course_sessions", "1 = 1"}: 4, {"enrolments", "source = 'import' AND state = 'enrolled'"}: 7, {"mark_events", "source = 'import'"}: 12, {"marks", "1 = 1"}: 12,
			{"completions", "effective_day = '2025-05-06'"}: 3, {"completions", "effective_day = '2024-06-10'"}: 1, {"completions", "components = 3"}: 3, {"completions", "components = 2"}: 1, {"certificates", "1 = 1"}: 0,
			{"enrolments", "outcome = 'not_completed' AND outcome_reason = 'attendance_short'"}: 2, {"enrolments", "outcome_reason = 'score_short'"}: 1, {"enrolments", "attended_minutes = 600 AND total_minutes = 720"}: 1,
			{"history_imports", "1 = 1"}: 0, {"course_topics", "1 = 1"}: 4, {"course_groups", "1 = 1"}: 2, {"audit_entries", "action = 'course.import'"}: 2,
		} {
			if got := w.count(what[0], what[1]); got != want {
				t.Errorf("%s with %s: %d, not %d", what[0], what[1], got, want)
			}
		}
		if a, b := w.covered("2025-05-05"), w.covered("2025-05-06"); a != 0 || b != 3 {
			t.Errorf("%d covered the day before, %d on the day", a, b)
		}
	}, testseed.Base)
}

func TestEveryRowThatCannotBeTakenSaysWhereAndWhy(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for _, name := range []string{"Nông Văn An", "Bế Thị Bình", "Hoàng Thị Cúc", "Hoàng Thị Cúc"} {
			w.cadre(name, w.home)
		}
		here := w.home.Name
		faulty := func(n int, change map[int]string) []string { return w.one(fmt.Sprint("Lớp ", n), change) }
		v := w.preview([][]string{
			w.one("Lớp đúng", nil), // row 2
			faulty(3, map[int]string{cType: "giao lưu"}),
			faulty(4, map[int]string{cHost: "Công ty Mặt Trăng"}),
			faulty(5, map[int]string{cTopics: "1; 99"}),
			faulty(6, map[int]string{cGroups: "QCN; ABC"}),
			faulty(7, map[int]string{cStart: "11:30", cEnd: "07:30"}),
			faulty(8, map[int]string{cDay: "05/05/2022"}),
			faulty(9, map[int]string{cDay: "24/11/2026"}), // today
			faulty(10, map[int]string{cDay: "hôm qua"}),
			faulty(11, map[int]string{cEnd: "trưa"}),
			faulty(12, map[int]string{cSeats: "0"}),
			faulty(13, map[int]string{cRule: "120"}),
			faulty(14, map[int]string{cCode: "2024-001"}), // held in 2025
			faulty(15, map[int]string{cScore: "11"}),
			w.one("Lớp đúng", nil),                                                        // 16: once more
			w.one("Lớp có hai buổi trùng giờ", nil), next("05/05/2025", "10:00", "12:00"), // 17, 18
			w.one("Lớp không có ai", nil), // 19
			w.one("Lớp ở nơi chưa có", map[int]string{cHost: "X-THUCPHAN", cDay: "05/05/2024"}), // 20
		}, [][]string{
			was("Nông Văn An", here, "Lớp đúng", "x"),               // 2 is right
			was("Nông Văn An", here, "Lớp 3", "x"),                  // a course that is refused
			was("Nông Văn An", here, "Lớp lạ", "x"),                 // no such course
			was("Nông Văn An", here, "", "x"),                       // which of them
			was("Đàm Văn Lạ", here, "Lớp 4", "x"),                   // nobody
			was("Hoàng Thị Cúc", here, "Lớp 4", "x"),                // two of that name
			was("Bế Thị Bình", "Công ty Mặt Trăng", "Lớp 4", "x"),   // of no office
			was("Bế Thị Bình", here, "Lớp không có ai", "hình như"), // no mark
		})
		want := []string{"3C course_type_unknown", "4D host_unknown", "5G topic_unknown", "6H group_unknown", "7M session_end", "8K day_outside_plan", "9K course_day_not_past", "10K day", "11M session_clock",
			"12F number_least", "13I number_most", "14B course_code_year", "15J score_range", "16A course_already_there", "18L session_overlap", "19A course_without_people", "20D host_not_active"}
		var ofCourses, ofPeople []history.Left
		for _, l := range v.Left {
			if l.Sheet == "Lớp đã tổ chức" {
				ofCourses = append(ofCourses, l)
			} else {
				ofPeople = append(ofPeople, l)
			}
		}
		if got := reasons(ofCourses); !slices.Equal(got, want) {
			t.Errorf("courses left %v\nwant %v", got, want)
		}
		want = []string{"3F course_left_out", "4F course_unknown", "5F course_missing", "6 nobody_known", "7 several_known", "8E unknown_organisation", "9G mark_not_understood"}
		if got := reasons(ofPeople); !slices.Equal(got, want) {
			t.Errorf("people left %v\nwant %v", got, want)
		}
	}, testseed.Base)
}

func TestACourseOfThePastIsMadeOnce(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		w.cadre("Nông Văn An", w.home)
		courses, people := [][]string{w.one("Tập huấn năm 2025", nil)}, [][]string{was("Nông Văn An", w.home.Name, "", "x"), was("Nông Văn An", w.home.Name, "", "x"), was("Nông Văn An", w.home.Name, "", "", "x"), was("Nông Văn An", w.home.Name, "")}
		first := w.preview(courses, people)
		if got, want := reasons(first.Left), []string{"3 person_twice", "4 person_twice", "5 person_twice"}; !slices.Equal(got, want) {
			t.Errorf("left %v", got)
		}
		second := w.preview(courses, people[:1]) // in another tab
		if _, err := w.s.ConfirmCourses(t.Context(), w.coordinator, first.ID); !errs.Is(err, "import_replaced") {
			t.Errorf("the workbook of the first tab: %v", err)
		}
		other := models.Account{Name: "Điều phối khác", Language: "vi"}
		w.create(&other)
		colleague := w.coordinator
		colleague.AccountID = other.ID
		w.must(w.s.UploadCourses(t.Context(), colleague, "lop.xlsx", w.held(courses, people[:1])))
		v, err := w.s.PendingCourses(t.Context(), colleague)
		w.must(err)
		if _, err := w.s.ConfirmCourses(t.Context(), w.coordinator, v.ID); !errs.Is(err, "import_replaced") {
			t.Errorf("the workbook of a colleague: %v", err)
		}
		var wg sync.WaitGroup
		var results [2]error
		wg.Go(func() { _, results[0] = w.s.ConfirmCourses(t.Context(), w.coordinator, second.ID) })
		wg.Go(func() { _, results[1] = w.s.ConfirmCourses(t.Context(), colleague, v.ID) })
		wg.Wait()
		if (results[0] == nil) == (results[1] == nil) {
			t.Errorf("two at once: %v", results)
		}
		for _, err := range results {
			if err != nil && !errs.Is(err, "nothing_to_import") {
				t.Error(err)
			}
		}
		again := w.preview(courses, people[:1])
		if got, want := reasons(again.Left), []string{"2A course_already_there", "2F course_left_out"}; !slices.Equal(got, want) {
			t.Errorf("left %v", got)
		}
		if _, err := w.s.ConfirmCourses(t.Context(), w.coordinator, again.ID); !errs.Is(err, "nothing_to_import") {
			t.Errorf("the same file again: %v", err)
		}
		if c, n := w.count("courses", "1 = 1"), w.count("completions", "1 = 1"); c != 1 || n != 1 {
			t.Errorf("%d courses, %d completions", c, n)
		}
		for code, file := range map[string][]byte{"file_missing": nil, "not_a_spreadsheet": []byte("%PDF-1.7"), "courses_not_found": w.filled(line("Nông Văn An", w.home.Name, nil)), "table_not_understood": w.held(courses, nil)} {
			if err := w.s.UploadCourses(t.Context(), w.coordinator, "x.xlsx", file); !errs.Is(err, code) {
				t.Errorf("%s: %v", code, err)
			}
		}
		w.must(w.s.Upload(t.Context(), w.coordinator, "cong-nhan.xlsx", w.filled(line("Nông Văn An", w.home.Name, nil))))
		if v, err := w.s.PendingCourses(t.Context(), w.coordinator); err != nil || v == nil || v.ID != again.ID {
			t.Errorf("a workbook of recognitions took the place of one of courses: %v", err)
		}
	}, testseed.Base)
}

func TestAnImportedCourseAndTheSameHeldByHandCoverAlike(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		for _, name := range []string{"Nông Văn An", "Bế Thị Bình", "Hoàng Thị Cúc"} {
			w.cadre(name, w.home)
		}
		mine := []uint64{w.cadre("Nông Văn An", w.other), w.cadre("Bế Thị Bình", w.other), w.cadre("Hoàng Thị Cúc", w.other)}
		v := w.preview([][]string{w.one("Tập huấn", nil), next("06/05/2025", "07:30", "11:30")}, [][]string{
			was("Nông Văn An", w.home.Name, "", "x", "muộn"), was("Bế Thị Bình", w.home.Name, "", "x", "vắng"), was("Hoàng Thị Cúc", w.home.Name, "", "x", "x"),
		})
		_, err := w.s.ConfirmCourses(t.Context(), w.coordinator, v.ID)
		w.must(err)

		courses := &course.Service{DB: db}
		in := v.Courses[0].Input
		in.HostID = w.other.ID
		id, err := courses.Create(t.Context(), w.coordinator, in)
		w.must(err)
		var sessions []uint64
		for _, d := range []string{"2025-05-05", "2025-05-06"} {
			s, err := courses.AddSession(t.Context(), w.coordinator, id, course.SessionInput{Day: day(d), StartMinute: 450, EndMinute: 690})
			w.must(err)
			sessions = append(sessions, s)
		}
		w.must(courses.Open(t.Context(), w.coordinator, id))
		_, err = (&enrolment.Service{DB: db}).Enrol(t.Context(), w.coordinator, id, mine)
		w.must(err)
		var places []models.Enrolment
		w.must(db.Read(t.Context()).Where("course_id = ?", id).Order("cadre_id").Find(&places).Error)
		for i, marks := range [][]models.MarkValue{{"present", "present", "present"}, {"late", "absent", "present"}} {
			var list []attendance.MarkInput
			for k, m := range marks {
				list = append(list, attendance.MarkInput{EnrolmentID: places[k].ID, Mark: m})
			}
			_, err := (&attendance.Service{DB: db}).Save(t.Context(), w.coordinator, sessions[i], list)
			w.must(err)
		}
		w.must(courses.Close(t.Context(), w.coordinator, id))
		hand := *w
		hand.home = w.other
		for _, d := range []string{"2025-05-05", "2025-05-06", "2026-11-24"} {
			if a, b := w.covered(d), hand.covered(d); a != b {
				t.Errorf("on %s the import covers %d, the course by hand %d", d, a, b)
			}
		}
		var rows []struct {
			CourseID                      uint64
			Name, Outcome, Reason         string
			Attended, Total, Parts, Marks int
		}
		w.must(db.Read(t.Context()).Table("enrolments e").Joins("JOIN cadres c ON c.id = e.cadre_id").Select("e.course_id, c.full_name AS name, e.outcome, e.outcome_reason AS reason, e.attended_minutes AS attended, e.total_minutes AS total," +
			" COALESCE((SELECT k.components FROM completions k WHERE k.enrolment_id = e.id), 0) AS parts, (SELECT COUNT(*) FROM marks m WHERE m.enrolment_id = e.id) AS marks").
			Order("e.course_id, c.id").Scan(&rows).Error)
		if len(rows) != 6 || rows[0].Parts != 3 || rows[1].Parts != 0 {
			t.Fatalf("%+v", rows)
		}
		for i := range 3 {
			a, b := rows[i], rows[i+3]
			if b.CourseID = a.CourseID; a != b {
				t.Errorf("by import %+v, by hand %+v", a, b)
			}
		}
	}, testseed.Base)
}
