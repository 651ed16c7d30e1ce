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
		const marks = "/api/v1/marks"
		type reply struct {
			Code  string
			Marks []struct{ UID, Status, Code, Message string }

			Sessions []struct {
				Attended, Total int
				Marks           []struct {
					Enrolment uint64 `json:"enrolment_id"`
					Mark      string
				}
			}
		}
		send := func(path, body string, status int) (out reply) {
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
		one := fmt.Sprintf(`{"marks":[{"uid":"01926f3e-7c00-7000-8000-000000000001","session_id":%d,"enrolment_id":%d,"mark":"late","note":"kẹt xe","marked_at":"2026-11-24T07:40:00+07:00"}]}`, h.sessions[0].ID, h.people[0])
		for _, want := range []string{"stored", "repeated"} {
			r := send(marks, one, 200)
			if r.Marks[0].Status != want || r.Sessions[0].Attended != 1 || r.Sessions[0].Total != 4 || len(r.Sessions[0].Marks) != 1 || r.Sessions[0].Marks[0].Mark != "late" {
				t.Errorf("%s: %+v", want, r)
			}
		}
		// What is wrong in one mark is its own refusal, in the reader's language, and the others are kept.
		item := func(rest string) string { return fmt.Sprintf(`{"session_id":%d,%s}`, h.sessions[0].ID, rest) }
		good := item(fmt.Sprintf(`"enrolment_id":%d,"mark":"present"`, h.people[1]))
		for body, code := range map[string]string{
			item(fmt.Sprintf(`"enrolment_id":%d,"mark":"present"`, h.people[3]+100)):                                "mark_not_enrolled",
			item(fmt.Sprintf(`"enrolment_id":%d,"mark":"asleep"`, h.people[2])):                                     "mark_unknown",
			item(fmt.Sprintf(`"uid":"x","enrolment_id":%d,"mark":"late"`, h.people[2])):                             "mark_uid",
			item(fmt.Sprintf(`"enrolment_id":%d,"mark":"late","who":1`, h.people[2])):                               "mark_unreadable",
			item(`"enrolment_id":-1,"mark":"late"`):                                                                 "mark_unreadable",
			item(fmt.Sprintf(`"enrolment_id":%d,"mark":"late","marked_at":"hôm qua"`, h.people[2])):                 "mark_unreadable",
			item(fmt.Sprintf("\"enrolment_id\":%d,\"mark\":\"late\",\"note\":\"\xff\xfeabc\"", h.people[2])):        "mark_utf8",
			item(fmt.Sprintf(`"enrolment_id":%d,"mark":"late","source":"screen"`, h.people[2])):                     "mark_source",
			item(fmt.Sprintf(`"enrolment_id":%d,"mark":"late","note":"%s"`, h.people[2], strings.Repeat("ộ", 301))): "mark_note",
			fmt.Sprintf(`{"session_id":%d,"enrolment_id":%d,"mark":"late"}`, h.sessions[2].ID, h.people[2]):         "session_not_yet",
			fmt.Sprintf(`{"session_id":99999,"enrolment_id":%d,"mark":"late"}`, h.people[2]):                        "not_found",
			`17`: "mark_unreadable",
		} {
			r := send(marks, `{"marks":[`+good+`,`+body+`]}`, 200)
			if len(r.Marks) != 2 || r.Marks[0].Status != "stored" || r.Marks[1].Status != "refused" || r.Marks[1].Code != code || r.Marks[1].Message == "" || r.Marks[1].Message == code {
				t.Errorf("%.80s: %+v, want %s", body, r.Marks, code)
			}
		}
		r := send(marks, `{"marks":[`+strings.Repeat(good+",", 9999)+good+`]}`, 200)
		if len(r.Marks) != 10000 || r.Marks[999].Status != "stored" || r.Marks[1000].Code != "marks_too_many" {
			t.Errorf("%+v", r.Marks[998:1001])
		}
		for body, code := range map[string]string{`[]`: "invalid_input", `{"ma`: "unreadable_input", `{"marks":[` + strings.Repeat(good+",", 200000) + good + `]}`: "too_large"} {
			status := map[string]int{"too_large": 413}[code]
			if r := send(marks, body, max(status, 422*(1-status/413))); r.Code != code {
				t.Errorf("%.60s: %s, want %s", body, r.Code, code)
			}
		}
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
