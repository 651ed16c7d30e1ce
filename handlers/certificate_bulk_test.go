package handlers_test

import (
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

func TestACourseOfManyIsIssuedPrintedAndMailedWithProgress(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		const people = 60
		silent := db.Time().AddDate(0, 0, -6)
		for i := range people {
			c := models.Cadre{FullName: fmt.Sprintf("Hoàng Thị %c%c", 'A'+i/26, 'a'+i%26), BirthYear: 1985}
			if i == 0 {
				c.Email = "hoang.aa@example.vn"
			}
			w.create(&c)
			w.create(&models.Enrolment{CourseID: w.closed.ID, CadreID: c.ID, OrganisationID: &w.other.ID, State: models.EnrolmentEnrolled, Source: "coordinator", Outcome: models.OutcomeCompleted, DecidedAt: &silent},
				&models.Completion{CadreID: c.ID, CourseID: &w.closed.ID, EffectiveDay: w.closed.LastDay, TotalMinutes: 240, AttendedMinutes: 240})
		}
		page := fmt.Sprintf("/courses/%d/certificates", w.closed.ID)
		b := site.As(t, models.RoleCoordinator, "")
		b.Go(page)
		b.Fill("Người ký", "Hoàng Văn Thạch, Giám đốc")
		b.Click(fmt.Sprintf("Cấp %d giấy chứng nhận", people))
		b.Sees(fmt.Sprintf("Đã cấp %d giấy chứng nhận", people))
		b.Look("certificate-job-issued")
		b.Click("Xem giấy chứng nhận của lớp")
		b.Sees("Bản in giấy chứng nhận")
		b.Sees("60 người chưa có địa chỉ thư điện tử")
		b.Look("certificate-issue-many")
		b.Check("Chừa mép 3 mm để xén")
		b.Click("Lập bản in (PDF)")
		b.Sees("Đã lập xong 61 trang")
		b.Look("certificate-job-printed")

		c := signedIn(t, site, models.RoleCoordinator, "")
		var job models.Job
		w.must(db.Read(t.Context()).Where("kind = ?", "certificate.print").Order("id DESC").Take(&job).Error)
		pdf, head := c.get(fmt.Sprintf("/certificates/jobs/%d/file", job.ID), http.StatusOK)
		if !strings.HasPrefix(pdf, "%PDF-") || head.Get("Accept-Ranges") != "bytes" {
			t.Errorf("the document for the printer: %.20q, %v", pdf, head)
		}
		state, _ := c.get(fmt.Sprintf("/certificates/jobs/%d/state", job.ID), http.StatusOK)
		has(t, state, `"done":true`, `"value":61`, `"max":61`)
		state, _ = c.get(page+"/mails/state", http.StatusOK)
		has(t, state, `"done":true`)
	}, testseed.Base)
}
