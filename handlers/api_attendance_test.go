package handlers_test

import (
	"encoding/json"
	"fmt"
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

func TestTheAPIStoresMarksOnceAndSaysWhatHolds(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		h := newHall(t, db, site, 4)
		a := as(t, site, testweb.Account{Name: "Lý Thị Thử", SignIn: "dieuphoi", Role: models.RoleCoordinator})
		marks := "/api/v1/sessions/" + strconv.FormatUint(h.sessions[0].ID, 10) + "/marks"
		send := func(path, body string, status int) (out struct {
			Code             string
			Stored, Repeated int
			Attended, Total  int
			Marks            []struct {
				Enrolment uint64
				Mark      string
			}
		}) {
			t.Helper()
			got := a.ask("POST", path, "application/json", body)
			if got.status != status {
				t.Errorf("%.80s: %d, want %d: %.200s", body, got.status, status, got.body)
			}
			if err := json.Unmarshal([]byte(got.body), &out); err != nil {
				t.Errorf("%.80s: %v in %.200s", body, err, got.body)
			}
			return out
		}
		one := fmt.Sprintf(`{"marks":[{"uid":"01926f3e-7c00-7000-8000-000000000001","enrolment_id":%d,"mark":"late","note":"kẹt xe","marked_at":"2026-11-24T07:40:00+07:00"}]}`, h.people[0])
		for i, want := range []int{1, 0} {
			if r := send(marks, one, 200); r.Stored != want || r.Repeated != 1-want || r.Attended != 1 || r.Total != 4 || len(r.Marks) != 1 || r.Marks[0].Mark != "late" {
				t.Errorf("%d: %+v", i, r)
			}
		}
		item := fmt.Sprintf(`{"enrolment_id":%d,"mark":"present"}`, h.people[1])
		for body, code := range map[string]string{
			`{"marks":[` + strings.Repeat(item+",", 10000) + item + `]}`:                                    "marks_too_many",
			fmt.Sprintf(`{"marks":[%s,{"enrolment_id":%d,"mark":"present"}]}`, item, h.people[3]+100):       "mark_not_enrolled",
			fmt.Sprintf(`{"marks":[%s,{"enrolment_id":%d,"mark":"asleep"}]}`, item, h.people[2]):            "mark_unknown",
			fmt.Sprintf(`{"marks":[%s,{"uid":"x","enrolment_id":%d,"mark":"late"}]}`, item, h.people[2]):    "mark_uid",
			fmt.Sprintf(`{"marks":[%s,{"enrolment_id":%d,"mark":"late","who":1}]}`, item, h.people[2]):      "unreadable_input",
			fmt.Sprintf(`{"marks":[%s,{"enrolment_id":-1,"mark":"late"}]}`, item):                           "invalid_input",
			fmt.Sprintf(`{"marks":[{"enrolment_id":%d,"mark":"late","marked_at":"hôm qua"}]}`, h.people[2]): "unreadable_input",
			`[]`:   "invalid_input",
			`{"ma`: "unreadable_input",
		} {
			status := 422
			if code == "marks_too_many" {
				status = 413
			}
			if r := send(marks, body, status); r.Code != code {
				t.Errorf("%.60s: %s, want %s", body, r.Code, code)
			}
		}
		send(strings.Replace(marks, "/sessions/", "/sessions/99", 1), one, 404)
		if r := send("/api/v1/sessions/"+strconv.FormatUint(h.sessions[2].ID, 10)+"/marks", one, 409); r.Code != "session_not_yet" {
			t.Errorf("%+v", r)
		}
		// Bytes that are no UTF-8 do not reach the database.
		send(marks, fmt.Sprintf("{\"marks\":[{\"enrolment_id\":%d,\"mark\":\"late\",\"note\":\"\xff\xfeabc\"}]}", h.people[2]), 200)
		if m := h.marks(t, 0); len(m) != 2 {
			t.Errorf("%v", m)
		}
		scores := "/api/v1/courses/" + strconv.FormatUint(h.course.ID, 10) + "/scores"
		send(scores, fmt.Sprintf(`{"scores":[{"enrolment_id":%d,"score":8.5},{"enrolment_id":%d,"score":null}]}`, h.people[0], h.people[1]), 200)
		for _, score := range []string{"10.1", "-0.1", "8.55", "1e300"} {
			if r := send(scores, fmt.Sprintf(`{"scores":[{"enrolment_id":%d,"score":%s}]}`, h.people[0], score), 422); r.Code != "invalid_input" {
				t.Errorf("%s: %+v", score, r)
			}
		}
		if got := a.get("/api/v1/courses/" + strconv.FormatUint(h.course.ID, 10) + "/attendance"); got.status != 200 || !strings.Contains(got.body, `"score":8.5`) || !strings.Contains(got.body, `"percent":33.3`) {
			t.Errorf("%+v", got)
		}
	}, testseed.Base)
}

func TestAFormThatIsSentTwiceIsOneChangeAndTwoButtonsOfAPageAreTwo(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		h := newHall(t, db, site, 3)
		a := as(t, site, testweb.Account{Name: "Lý Thị Thử", SignIn: "dieuphoi", Role: models.RoleCoordinator})
		tap := func(key string, who any, mark string) answer {
			return a.post(h.path(0)+"?q=n", url.Values{"request_key": {key}, "tap": {fmt.Sprint(who, ":", mark)}})
		}
		for range 2 {
			got := tap("k1", h.people[0], "present")
			if want := fmt.Sprintf("%s?q=n#r%d", h.path(0), h.people[0]); got.status != 303 || got.location != want {
				t.Errorf("%d %s, want %s", got.status, got.location, want)
			}
		}
		tap("k1", h.people[1], "absent") // another button, before the page came back
		for range 2 {
			tap("k1", "all", "present")
		}
		var n int64
		if err := db.Read(t.Context()).Model(&models.MarkEvent{}).Count(&n).Error; err != nil || n != 3 {
			t.Errorf("%d events, %v", n, err)
		}
		for who, status := range map[any]int{"": 422, "x": 422, "-1": 422, h.people[2] + 100: 422} {
			if got := tap("k2", who, "present"); got.status != status {
				t.Errorf("%v: %d", who, got.status)
			}
		}
		if got := tap("k3", h.people[0], "asleep"); got.status != 422 {
			t.Errorf("%d", got.status)
		}
	}, testseed.Base)
}
