package handlers_test

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// call sends JSON and reads the answer into a map; it asks for the status.
func (a *asker) call(method, path, body string, status int) map[string]any {
	a.t.Helper()
	got := a.ask(method, path, "application/json", body)
	if got.status != status {
		a.t.Fatalf("%s %s %s: %d %s", method, path, body, got.status, got.body)
	}
	var out map[string]any
	if err := json.Unmarshal([]byte(got.body), &out); err != nil {
		a.t.Fatalf("%s %s: %v", method, path, err)
	}
	return out
}

// says asks that an answer holds figures.
func says(t *testing.T, got map[string]any, want map[string]any) {
	t.Helper()
	for k, v := range want {
		if fmt.Sprint(got[k]) != fmt.Sprint(v) {
			t.Errorf("%s is %v, want %v in %v", k, got[k], v, got)
		}
	}
}

func TestTheWholeOfEnrolmentGoesByJSON(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		course := invCourse(t, db, models.Course{Code: "API-1", Title: "Tập huấn", State: models.CourseOpen, Capacity: 1}, "conference", "QCN", "2026-12-08")
		one, two, three := w.cadre("Hoàng Văn Một"), w.cadre("Hoàng Văn Hai"), w.cadre("Hoàng Văn Ba")
		coordinator, head := w.as(models.RoleCoordinator), w.as(models.RoleHead)
		at := fmt.Sprintf("/api/v1/courses/%d", course.ID)

		says(t, coordinator.call("GET", at+"/candidates?q=hoang+v&lacking=true", "", http.StatusOK), map[string]any{"total": 3, "free": 1})
		says(t, coordinator.call("POST", at+"/enrolments", fmt.Sprintf(`{"cadre_ids":[%d,%d]}`, one, two), http.StatusCreated), map[string]any{"enrolled": 1, "waiting": 1, "already": 0})
		says(t, coordinator.call("POST", at+"/enrolments", fmt.Sprintf(`{"cadre_ids":[%d]}`, one), http.StatusCreated), map[string]any{"enrolled": 0, "waiting": 0, "already": 1})
		says(t, coordinator.call("POST", at+"/enrolments", `{"cadre_ids":[0]}`, http.StatusUnprocessableEntity), map[string]any{"code": "nobody_chosen"})
		says(t, coordinator.call("POST", at+"/enrolments", `{"cadre_ids":["x"]}`, http.StatusUnprocessableEntity), map[string]any{"status": 422})
		says(t, coordinator.call("POST", at+"/enrolments", `{"cadre_ids":[987654321]}`, http.StatusNotFound), map[string]any{"code": "not_found"})
		ids := "1" + strings.Repeat(",1", 5) // the same again and again is one
		says(t, coordinator.call("POST", at+"/enrolments", `{"cadre_ids":[`+ids+`]}`, http.StatusCreated), map[string]any{"waiting": 1})

		says(t, head.call("POST", at+"/nominations", fmt.Sprintf(`{"cadre_ids":[%d,%d]}`, two, three), http.StatusCreated), map[string]any{"nominated": 1, "already": 1})
		says(t, head.call("POST", at+"/nominations", fmt.Sprintf(`{"cadre_ids":[%d]}`, w.ids["cadres"]), http.StatusNotFound), map[string]any{"code": "not_found"})
		list := coordinator.call("GET", at+"/nominations", "", http.StatusOK)
		says(t, list, map[string]any{"total": 1})
		nomination := uint64(list["nominations"].([]any)[0].(map[string]any)["id"].(float64))
		says(t, head.call("GET", at+"/enrolments", "", http.StatusOK), map[string]any{"total": 3, "capacity": 1, "enrolled": 1, "waiting": 2})
		says(t, coordinator.call("POST", fmt.Sprintf("/api/v1/enrolments/%d/approve", nomination), "", http.StatusOK), map[string]any{"enrolled": 0, "waiting": 1})
		says(t, coordinator.call("POST", fmt.Sprintf("/api/v1/enrolments/%d/refuse", nomination), `{"reason":"Trùng"}`, http.StatusOK), map[string]any{"changed": false})
		says(t, head.call("POST", fmt.Sprintf("/api/v1/nominations/%d/withdraw", nomination), `{"reason":""}`, http.StatusUnprocessableEntity), map[string]any{"code": "invalid_input"})
		says(t, head.call("POST", fmt.Sprintf("/api/v1/nominations/%d/withdraw", nomination), `{"reason":"Bận"}`, http.StatusOK), map[string]any{"changed": true, "moved_up": 0})
		rows := coordinator.call("GET", at+"/enrolments?state=enrolled", "", http.StatusOK)["enrolments"].([]any)
		seat := uint64(rows[0].(map[string]any)["id"].(float64))
		says(t, coordinator.call("POST", fmt.Sprintf("/api/v1/enrolments/%d/withdraw", seat), `{"reason":"Bận"}`, http.StatusOK), map[string]any{"changed": true, "moved_up": 1})
		says(t, coordinator.call("GET", at+"/enrolments?state=withdrawn", "", http.StatusOK), map[string]any{"total": 2})
		says(t, coordinator.call("GET", at+"/enrolments?state=king", "", http.StatusUnprocessableEntity), map[string]any{"code": "invalid_input"})

		file := coordinator.get(fmt.Sprintf("/courses/%d/enrolments.csv?state=withdrawn", course.ID))
		lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.body, "\ufeff"))).ReadAll()
		if err != nil || len(lines) != 3 || lines[1][0] != "Hoàng Văn Ba" || lines[2][0] != "Hoàng Văn Một" || lines[2][4] != "Đã rút" || lines[2][7] != "Bận" {
			t.Errorf("the file: %v", lines)
		}

		site.Account(t, testweb.Account{Name: "Hoàng Văn Hai", SignIn: "hai", Role: models.RoleCadre, CadreID: two})
		own := nobody(t, site)
		own.signIn("hai")
		coming := own.call("GET", "/api/v1/my/courses", "", http.StatusOK)["coming"].([]any)
		says(t, coming[0].(map[string]any), map[string]any{"state": "enrolled", "next_room": "Hội trường A", "next_starts": "2026-12-08T07:30:00+07:00"})
	}, testseed.Base)
}
