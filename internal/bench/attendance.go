package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"os"
	"strings"

	"github.com/google/uuid"

	"taphuan/app/store"
	"taphuan/models"
)

// hall is a course of four sessions today with so many enrolled.
type hall struct {
	course    models.Course
	sessions  []models.Session
	enrolled  []uint64
	db        *store.DB
	sql       *sql.DB
	site      *site
	account   uint64
	closeBoth func() error
}

// newHall makes one, serves the application on it and signs a coordinator in.
func newHall(ctx context.Context, e *env, size int) (_ *hall, err error) {
	db, end, err := e.database(ctx)
	if err != nil {
		return nil, err
	}
	h := &hall{db: db, closeBoth: end}
	defer func() {
		if err != nil {
			err = errors.Join(err, h.closeBoth())
		}
	}()
	p, err := newProvince(ctx, db, size)
	if err != nil {
		return nil, err
	}
	office := map[uint64]uint64{}
	for _, x := range p.postings {
		office[x.CadreID] = x.OrganisationID
	}
	var typ models.CourseType
	if err := db.Read(ctx).Order("id").First(&typ).Error; err != nil {
		return nil, err
	}
	today := models.DayOf(now)
	_, err = db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		h.course = models.Course{PlanID: typ.PlanID, Code: "L1", Title: "Tập huấn truyền thông về quyền con người", CourseTypeID: typ.ID, State: models.CourseRunning, HostID: p.postings[0].OrganisationID,
			Capacity: size, RulePercent: 80, FirstDay: today, LastDay: today}
		if err := tx.Create(&h.course).Error; err != nil {
			return 0, err
		}
		h.sessions = make([]models.Session, 4)
		for i := range h.sessions {
			h.sessions[i] = models.Session{CourseID: h.course.ID, Day: today, StartMinute: 420 + 120*i, EndMinute: 530 + 120*i, Room: "Hội trường"}
		}
		if err := tx.Create(&h.sessions).Error; err != nil {
			return 0, err
		}
		list := make([]models.Enrolment, size)
		for i, c := range p.cadres {
			o := office[c.ID]
			list[i] = models.Enrolment{CourseID: h.course.ID, CadreID: c.ID, OrganisationID: &o, State: models.EnrolmentEnrolled, Source: "coordinator"}
		}
		if err := tx.CreateInBatches(&list, rowsAtOnce).Error; err != nil {
			return 0, err
		}
		h.enrolled = nil
		for _, x := range list {
			h.enrolled = append(h.enrolled, x.ID)
		}
		return 0, nil
	})
	if err != nil {
		return nil, err
	}
	if h.sql, err = db.Pools()[0].DB(); err != nil {
		return nil, err
	}
	if h.site, err = application(db); err != nil {
		return nil, err
	}
	h.closeBoth = func() error { return errors.Join(h.site.close(), end()) }
	h.account, err = h.site.signIn(ctx, db, models.RoleCoordinator, 0)
	return h, err
}

func (h *hall) path(session int, rest string) string {
	return fmt.Sprintf("/sessions/%d/%s", h.sessions[session].ID, rest)
}

var mixed = []models.MarkValue{models.MarkPresent, models.MarkLate, models.MarkExcused, models.MarkAbsent}

// bodies are the requests that mark everybody of a session, with new ids, as the page's script makes them.
func (h *hall) bodies(session int) ([]string, error) {
	type change struct {
		UID       string           `json:"uid"`
		Session   uint64           `json:"session_id"`
		Enrolment uint64           `json:"enrolment_id"`
		Mark      models.MarkValue `json:"mark"`
		MarkedAt  any              `json:"marked_at"`
	}
	var out []string
	var part []change
	for i, id := range h.enrolled {
		part = append(part, change{uuid.Must(uuid.NewV7()).String(), h.sessions[session].ID, id, mixed[i%len(mixed)], now})
		if len(part) == 1000 || i == len(h.enrolled)-1 {
			b, err := json.Marshal(map[string]any{"marks": part})
			if err != nil {
				return nil, err
			}
			out, part = append(out, string(b)), nil
		}
	}
	return out, nil
}

func (h *hall) save(ctx context.Context, session int) error {
	bodies, err := h.bodies(session)
	if err != nil {
		return err
	}
	for _, b := range bodies {
		if _, err := h.site.json(ctx, "/marks", b); err != nil {
			return err
		}
	}
	return nil
}

const plainRows = `SELECT e.id, c.full_name, o.name, COALESCE(m.mark, '') FROM enrolments e JOIN cadres c ON c.id = e.cadre_id
LEFT JOIN organisations o ON o.id = e.organisation_id LEFT JOIN marks m ON m.enrolment_id = e.id AND m.session_id = ?
WHERE e.course_id = ? AND e.state = 'enrolled' ORDER BY c.sort_key, e.id`

// plainForm is the page of the yardstick: a row a person with a button for each mark, without a layout, words in place.
var plainForm = template.Must(template.New("").Parse(`<!doctype html><title>Điểm danh</title><form method="post">{{range .}}
<p>{{.Name}} <small>{{.Office}}</small> {{.Mark}} <button name="tap" value="{{.ID}}:present">Có mặt</button> <button name="tap" value="{{.ID}}:late">Đi muộn</button> <button name="tap" value="{{.ID}}:excused">Vắng có phép</button> <button name="tap" value="{{.ID}}:absent">Vắng không phép</button>{{end}}</form>`))

// servePlain answers each request with the rows of the first session, selected by one query of database/sql and written by
// plainForm.
func (h *hall) servePlain(w http.ResponseWriter, r *http.Request) {
	type row struct {
		ID                 uint64
		Name, Office, Mark string
	}
	fail := func(err error) { http.Error(w, err.Error(), http.StatusInternalServerError) }
	rows, err := h.sql.QueryContext(r.Context(), plainRows, h.sessions[0].ID, h.course.ID)
	if err != nil {
		fail(err)
		return
	}
	var list []row
	for rows.Next() {
		var x row
		if err := rows.Scan(&x.ID, &x.Name, &x.Office, &x.Mark); err != nil {
			fail(errors.Join(err, rows.Close()))
			return
		}
		list = append(list, x)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		fail(err)
		return
	}
	var b bytes.Buffer
	if err := plainForm.Execute(&b, list); err != nil {
		fail(err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if _, err := w.Write(b.Bytes()); err != nil {
		return // the client went away
	}
}

// reading compares a page of the application with the plain form of the same people, both over HTTP. The page is signed in,
// has its layout, and comes compressed; the form is and does none of that.
func reading(path func(h *hall) string) func(context.Context, *env, int) (pair, error) {
	return func(ctx context.Context, e *env, size int) (pair, error) {
		h, err := newHall(ctx, e, size)
		if err != nil {
			return pair{}, err
		}
		plain, err := serve(http.HandlerFunc(h.servePlain))
		if err != nil {
			return pair{close: h.closeBoth}, err
		}
		p := pair{close: func() error { return errors.Join(plain.close(), h.closeBoth()) }}
		for session := range h.sessions {
			if err := h.save(ctx, session); err != nil {
				return p, err
			}
		}
		text, err := h.site.text(ctx, path(h))
		if err != nil {
			return p, err
		}
		if n := strings.Count(text, "<li class=\"att-row\"") + strings.Count(text, "<th scope=\"row\">"); n < size {
			return p, fmt.Errorf("the page shows %d of %d people", n, size)
		}
		sent, err := h.site.get(ctx, path(h))
		if err != nil {
			return p, err
		}
		fmt.Fprintf(os.Stderr, "  %d people: %d bytes, %d compressed\n", size, len(text), sent)
		p.ours.run = func() error { _, err := h.site.get(ctx, path(h)); return err }
		p.yardstick.run = func() error { _, err := plain.get(ctx, "/"); return err }
		return p, nil
	}
}

// openForm opens the list of a session. Growth: proportional to the people of the course.
var openForm = reading(func(h *hall) string { return h.path(0, "attendance") })

// openReport opens the table of a course of four sessions beside the plain form of one. Growth: people times sessions.
var openReport = reading(func(h *hall) string { return fmt.Sprintf("/courses/%d/attendance", h.course.ID) })

// saveMarks marks everybody of a session, mixed, over HTTP in as few requests as the interface takes, from a state without
// marks. The yardstick is one plain upsert a person through database/sql, prepared, each in its own commit, into a table of
// the current mark alone: no HTTP, no check, no history. Growth: proportional to the marks.
func saveMarks(ctx context.Context, e *env, size int) (pair, error) {
	h, err := newHall(ctx, e, size)
	if err != nil {
		return pair{}, err
	}
	p := pair{close: h.closeBoth}
	upsert, err := h.plainMarks(ctx)
	if err != nil {
		return p, err
	}
	p.close = func() error { return errors.Join(upsert.Close(), h.closeBoth()) }
	p.ours = side{before: h.empty(ctx, "mark_disputes", "marks", "mark_events"), run: func() error { return h.save(ctx, 0) }}
	p.yardstick = side{before: h.empty(ctx, "plain_marks"), run: func() error {
		for i, id := range h.enrolled {
			if _, err := upsert.ExecContext(ctx, h.sessions[0].ID, id, mixed[i%len(mixed)], now, h.account); err != nil {
				return err
			}
		}
		return nil
	}}
	return p, nil
}

// plainMarks makes the table of the yardstick and the statement that writes it.
func (h *hall) plainMarks(ctx context.Context) (*sql.Stmt, error) {
	_, err := h.sql.ExecContext(ctx, "CREATE TABLE plain_marks (session_id BIGINT UNSIGNED NOT NULL, enrolment_id BIGINT UNSIGNED NOT NULL, mark VARCHAR(10) NOT NULL, "+
		"marked_at DATETIME(6) NOT NULL, account_id BIGINT UNSIGNED NOT NULL, PRIMARY KEY (session_id, enrolment_id))")
	if err != nil {
		return nil, err
	}
	return h.sql.PrepareContext(ctx, "INSERT INTO plain_marks VALUES (?, ?, ?, ?, ?) ON DUPLICATE KEY UPDATE mark = VALUES(mark), marked_at = VALUES(marked_at), account_id = VALUES(account_id)")
}

// empty gives what empties tables.
func (h *hall) empty(ctx context.Context, tables ...string) func() error {
	return func() error {
		for _, t := range tables {
			if _, err := h.sql.ExecContext(ctx, "DELETE FROM "+t); err != nil {
				return err
			}
		}
		return nil
	}
}
