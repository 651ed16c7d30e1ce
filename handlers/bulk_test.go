package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

func TestSlipsAreMadeForTheTickedAndForAllThatWereFoundWhoCannotSignIn(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		first := w.post("Đàm Văn Đức", homeOffice, "2026-01-01", "")
		second := w.post("Đàm Thị Hoa", otherOffice, "2026-01-01", "")
		in := w.post("Đàm Văn Có", homeOffice, "2026-01-01", "")
		w.create(&models.Account{Name: in.FullName, CadreID: &in.ID, Language: "vi", PasswordHash: "x"})
		coordinator, head := w.as(models.RoleCoordinator), w.as(models.RoleHead)
		none := coordinator.post("/cadres/slips", url.Values{"q": {"dam"}, "back": {"/cadres?q=dam"}})
		if none.status != http.StatusUnprocessableEntity || !strings.Contains(none.body, "Hãy chọn ít nhất một dòng") || !strings.Contains(none.body, `value="dam"`) {
			t.Errorf("nobody ticked: %d", none.status)
		}
		far := head.post("/cadres/slips", url.Values{"id": {fmt.Sprint(second.ID)}})
		if far.status == http.StatusOK || strings.Contains(far.body, "Đàm Thị Hoa") {
			t.Errorf("a head makes a slip for somebody elsewhere: %d", far.status)
		}
		own := head.post("/cadres/slips", url.Values{"id": {fmt.Sprint(first.ID)}})
		if own.status != http.StatusOK || !strings.Contains(own.body, "Đàm Văn Đức") {
			t.Errorf("a head's own: %d", own.status)
		}
		all := coordinator.post("/cadres/slips", url.Values{"q": {"dam"}, "all": {"true"}})
		if all.status != http.StatusOK || !strings.Contains(all.body, "Đàm Thị Hoa") || strings.Contains(all.body, "Đàm Văn Đức") || strings.Contains(all.body, "Đàm Văn Có") {
			t.Errorf("all found are not those who lack a slip: %d", all.status)
		}
		again := coordinator.post("/cadres/slips", url.Values{"q": {"dam"}, "all": {"true"}, "back": {"/cadres?q=dam"}})
		if again.status != http.StatusConflict || !strings.Contains(again.body, "nên không lập phiếu mới") {
			t.Errorf("nobody needs one: %d", again.status)
		}
	}, testseed.Base)
}

func TestAccountsAreDisabledTogetherButNeverOnesOwn(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		administrator := w.as(models.RoleAdministrator)
		var made []string
		for _, name := range []string{"Lục Văn Ba", "Lục Thị Bốn"} {
			a := models.Account{Name: name, Language: "vi"}
			w.create(&a)
			made = append(made, fmt.Sprint(a.ID))
		}
		disabled := func() (n int64) {
			w.must(db.Read(t.Context()).Model(&models.Account{}).Where("disabled = ?", true).Count(&n).Error)
			return n
		}
		everybody := administrator.post("/accounts/disable", url.Values{"all": {"true"}, "back": {"/accounts"}})
		if everybody.status != http.StatusConflict || disabled() != 0 {
			t.Errorf("everybody: %d, %d disabled", everybody.status, disabled())
		}
		if got := administrator.post("/accounts/disable", url.Values{"id": made[:1]}); got.status != http.StatusSeeOther || disabled() != 1 {
			t.Errorf("one: %d, %d disabled", got.status, disabled())
		}
		if got := administrator.post("/accounts/disable", url.Values{"q": {"luc"}, "all": {"true"}}); got.status != http.StatusSeeOther || disabled() != 2 {
			t.Errorf("all found: %d, %d disabled", got.status, disabled())
		}
		if got := w.as(models.RoleCoordinator).post("/accounts/disable", url.Values{"id": made}); got.status != http.StatusForbidden {
			t.Errorf("a coordinator: %d", got.status)
		}
	}, testseed.Base)
}

func TestThoseOfACourseAreInvitedCheckedAndWithdrawnTickedOrAllThatWereFound(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		course := w.draft
		course.ID, course.Code, course.State, course.FirstDay, course.LastDay = 0, "2026-70", models.CourseOpen, models.MustDay("2026-12-08"), models.MustDay("2026-12-08")
		other := course
		other.Code = "2026-71"
		w.create(&course, &other)
		w.create(&models.Session{CourseID: course.ID, Day: course.FirstDay, StartMinute: 450, EndMinute: 690})
		in := map[string]models.Enrolment{}
		for _, name := range []string{"Đàm Văn Đức", "Đàm Thị Hoa", "Lò Văn Ba"} {
			e := models.Enrolment{CourseID: course.ID, CadreID: w.post(name, homeOffice, "2026-01-01", "").ID, State: models.EnrolmentEnrolled, Source: "coordinator"}
			w.create(&e)
			in[name] = e
		}
		elsewhere := models.Enrolment{CourseID: other.ID, CadreID: in["Lò Văn Ba"].CadreID, State: models.EnrolmentEnrolled, Source: "coordinator"}
		w.create(&elsewhere)
		count := func(model any, where string, args ...any) (n int64) {
			w.must(db.Read(t.Context()).Model(model).Where(where, args...).Count(&n).Error)
			return n
		}
		at := fmt.Sprintf("/courses/%d/enrolments", course.ID)
		coordinator := w.as(models.RoleCoordinator)
		id := func(e models.Enrolment) url.Values {
			return url.Values{"id": {fmt.Sprint(e.ID)}, "back": {at + "?q=dam"}}
		}
		for _, action := range []string{"", "/invite", "/on-paper"} {
			if none := coordinator.post(at+action, url.Values{"q": {"dam"}, "back": {at + "?q=dam"}}); none.status != http.StatusUnprocessableEntity || !strings.Contains(none.body, "Hãy chọn ít nhất một dòng") || !strings.Contains(none.body, `value="dam"`) {
				t.Errorf("%s: nobody ticked: %d", action, none.status)
			}
		}
		if got := coordinator.post(at+"/invite", id(in["Lò Văn Ba"])); got.status != http.StatusSeeOther || count(&models.Invitation{}, "enrolment_id = ?", in["Lò Văn Ba"].ID) != 1 || count(&models.Invitation{}, "1 = 1") != 1 {
			t.Errorf("one is invited: %d", got.status)
		}
		if got := coordinator.post(at+"/invite", url.Values{"q": {"dam"}, "all": {"true"}}); got.status != http.StatusSeeOther || count(&models.Invitation{}, "1 = 1") != 3 {
			t.Errorf("all found are invited: %d", got.status)
		}
		if got := coordinator.post(at+"/on-paper", id(elsewhere)); got.status != http.StatusNotFound && got.status != http.StatusUnprocessableEntity || count(&models.NameCheck{}, "1 = 1") != 0 {
			t.Errorf("somebody of another course is checked: %d", got.status)
		}
		if got := coordinator.post(at+"/on-paper", url.Values{"q": {"dam"}, "all": {"true"}}); got.status != http.StatusSeeOther || count(&models.NameCheck{}, "state = ?", models.NameCheckOnPaper) != 2 {
			t.Errorf("all found are checked: %d", got.status)
		}
		unsaid := coordinator.post(at, url.Values{"q": {"dam"}, "all": {"true"}, "back": {at + "?q=dam"}})
		if unsaid.status != http.StatusUnprocessableEntity || !strings.Contains(unsaid.body, "Hãy ghi lý do") || count(&models.Enrolment{}, "state = ?", models.EnrolmentWithdrawn) != 0 {
			t.Errorf("withdrawn without a reason: %d", unsaid.status)
		}
		if got := coordinator.post(at, url.Values{"q": {"dam"}, "all": {"true"}, "reason": {"Bận"}}); got.status != http.StatusSeeOther || count(&models.Enrolment{}, "state = ?", models.EnrolmentWithdrawn) != 2 {
			t.Errorf("all found are withdrawn: %d", got.status)
		}
		if rows := sheetOf(t, coordinator, at+".xlsx?id="+fmt.Sprint(in["Lò Văn Ba"].ID)); !strings.Contains(fmt.Sprint(rows), "Lò Văn Ba") {
			t.Errorf("the ticked one is not in the file: %v", rows)
		}
	}, testseed.Base)
}

func TestApprovingAllFromACoursesListLeavesOtherCoursesAlone(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		var at []string
		for i := range 2 {
			c := w.draft
			c.ID, c.Code, c.State = 0, fmt.Sprintf("2026-8%d", i), models.CourseOpen
			w.create(&c)
			w.create(&models.Enrolment{CourseID: c.ID, CadreID: w.post("Đàm Văn Đức", homeOffice, "2026-01-01", "").ID, State: models.EnrolmentNominated, Source: "nomination"})
			at = append(at, fmt.Sprint(c.ID))
		}
		coordinator := w.as(models.RoleCoordinator)
		if page := coordinator.get("/courses/" + at[0] + "/enrolments?state=nominated"); !strings.Contains(page.body, `name="course" value="`+at[0]+`"`) {
			t.Error("the list of a course does not say which course it is")
		}
		refused := coordinator.post("/nominations/refuse", url.Values{"course": {at[0]}, "all": {"true"}, "back": {"/courses/" + at[0] + "/enrolments?state=nominated"}})
		if refused.status != http.StatusUnprocessableEntity || !strings.Contains(refused.body, `name="course" value="`+at[0]+`"`) {
			t.Errorf("what was refused has lost its course: %d", refused.status)
		}
		if got := coordinator.post("/nominations/approve", url.Values{"course": {at[0]}, "all": {"true"}}); got.status != http.StatusSeeOther {
			t.Errorf("approving: %d", got.status)
		}
		var left []models.Enrolment
		w.must(db.Read(t.Context()).Where("state = ?", models.EnrolmentNominated).Find(&left).Error)
		if len(left) != 1 || fmt.Sprint(left[0].CourseID) != at[1] {
			t.Errorf("%d wait", len(left))
		}
	}, testseed.Base)
}

func TestAllRecognitionsThatWereFoundAreApprovedOrRefusedWhateverThePage(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		coordinator := w.as(models.RoleCoordinator)
		coordinator.post("/recognitions/refuse", url.Values{"all": {"true"}, "reason": {"Trùng"}}) // those of the world
		for _, name := range []string{"Đàm Văn Đức", "Đàm Thị Hoa", "Lò Văn Ba", "Lò Thị Bốn"} {
			w.recognition(w.post(name, homeOffice, "2024-01-01", "").ID)
		}
		count := func(state models.RecognitionState) (n int64) {
			w.must(db.Read(t.Context()).Model(&models.Recognition{}).Where("state = ?", state).Count(&n).Error)
			return n
		}
		refused := count(models.RecognitionRefused)
		none := coordinator.post("/recognitions/approve", url.Values{"q": {"dam"}, "back": {"/recognitions?q=dam"}})
		if none.status != http.StatusUnprocessableEntity || !strings.Contains(none.body, "Hãy chọn ít nhất một dòng") || !strings.Contains(none.body, `value="dam"`) {
			t.Errorf("nothing ticked: %d", none.status)
		}
		if got := w.as(models.RoleHead).post("/recognitions/approve", url.Values{"all": {"true"}}); got.status != http.StatusForbidden || count(models.RecognitionProposed) != 4 {
			t.Errorf("a head: %d", got.status)
		}
		approved := count(models.RecognitionApproved)
		if got := coordinator.post("/recognitions/approve", url.Values{"q": {"dam"}, "all": {"true"}}); got.status != http.StatusSeeOther || count(models.RecognitionApproved) != approved+2 || count(models.RecognitionProposed) != 2 {
			t.Errorf("all found are approved: %d", got.status)
		}
		if got := coordinator.post("/recognitions/refuse", url.Values{"state": {"proposed"}, "all": {"true"}}); got.status != http.StatusUnprocessableEntity || count(models.RecognitionProposed) != 2 {
			t.Errorf("refused without a reason: %d", got.status)
		}
		if got := coordinator.post("/recognitions/refuse", url.Values{"state": {"proposed"}, "all": {"true"}, "reason": {"Thiếu giấy"}}); got.status != http.StatusSeeOther || count(models.RecognitionRefused) != refused+2 {
			t.Errorf("all found are refused: %d", got.status)
		}
		if got := coordinator.post("/recognitions/refuse", url.Values{"all": {"true"}, "reason": {"Thiếu giấy"}}); got.status != http.StatusUnprocessableEntity {
			t.Errorf("nothing waits: %d", got.status)
		}
	}, testseed.Base)
}

func TestANationalIDIsLookedForInNoListsAddress(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		administrator := w.as(models.RoleAdministrator)
		course := fmt.Sprintf("/courses/%d", w.draft.ID)
		for _, path := range []string{course + "/enrolments", course + "/enrolments/new", "/coverage/missing?group=QCN&org=SO-TP", "/nominations", "/recognitions", "/recognitions/new", "/accounts", "/slips", "/certificates", "/trainers", "/audit"} {
			sign := map[bool]string{false: "?", true: "&"}[strings.Contains(path, "?")]
			for _, number := range []string{"004090000017", "004 090 000 017", "080123456"} {
				got := administrator.get(path + sign + url.Values{"q": {number}}.Encode())
				if to := got.location; got.status != http.StatusSeeOther || !strings.HasPrefix(to, strings.Split(path, "?")[0]) || strings.Contains(to, "q=") {
					t.Errorf("%s of %s: %d to %s", number, path, got.status, to)
				}
			}
			if page := administrator.get(path); page.status != http.StatusOK || !strings.Contains(page.body, "chỉ tìm theo tên") {
				t.Errorf("%s does not say where numbers are looked for: %d", path, page.status)
			}
			if got := administrator.get(path + sign + "q=0912345678"); got.status != http.StatusOK {
				t.Errorf("a phone number in %s: %d", path, got.status)
			}
		}
		if got := administrator.get("/api/v1" + course + "/enrolments?q=004090000017"); got.status == http.StatusOK {
			t.Errorf("the interface: %d", got.status)
		}
	}, testseed.Base)
}
