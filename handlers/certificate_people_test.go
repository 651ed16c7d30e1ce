package handlers_test

import (
	"strings"
	"testing"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/page"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// TestAHeadSeesWhoOfTheOfficeHasACertificateAndWhoLacksOne has two people complete a course, of whom one has a certificate.
func TestAHeadSeesWhoOfTheOfficeHasACertificateAndWhoLacksOne(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		late := models.Cadre{FullName: "Đàm Văn Út", BirthYear: 1990}
		w.create(&late)
		w.create(&models.Posting{CadreID: late.ID, OrganisationID: w.other.ID, Title: "Chuyên viên", FromDay: models.MustDay("2025-07-01"), ToDay: models.Forever, Main: true},
			&models.Completion{CadreID: late.ID, CourseID: &w.closed.ID, EffectiveDay: models.MustDay("2026-11-20"), TotalMinutes: 240, AttendedMinutes: 240})
		stranger := w.as(models.RoleHead)
		if got := stranger.get("/certificates/people"); got.status != 200 || strings.Contains(got.body, "Bế Thị Ngoài") || strings.Contains(got.body, "Đàm Văn Út") {
			t.Errorf("the head of another office: %d, and sees them", got.status)
		}
		b := site.As(t, models.RoleHead, otherOffice)
		b.Go("/certificates")
		b.Click("Ai đã có giấy, ai còn thiếu")
		b.Sees("Bế Thị Ngoài", "0001/2026/GCN-QCN", "Đàm Văn Út", "Chưa có giấy")
		b.Look("certificate-people")
		b.Go("/certificates/people?state=missing")
		b.Sees("Đàm Văn Út")
		b.Lacks("Bế Thị Ngoài")
		b.Go("/certificates/people?state=has&q=ngoai")
		b.Sees("Bế Thị Ngoài")
		b.Lacks("Đàm Văn Út")
		service := &certificate.Service{DB: db, PublicURL: w.publicURL}
		w.must(service.Revoke(t.Context(), access.System(), w.ids["certificates"], "Cấp nhầm lớp"))
		for _, sort := range []string{"name", "-name", "day", "-day"} {
			l, err := service.People(t.Context(), access.System(), certificate.PersonFilter{State: "missing"}, page.Ask{Sort: sort})
			if err != nil || len(l.Rows) != 2 || l.Total.N != 2 {
				t.Errorf("by %s: %+v %v", sort, l, err)
			}
		}
	}, testseed.Base)
}
