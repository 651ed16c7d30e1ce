package handlers_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/store"
	"taphuan/app/template"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// shelf makes templates, of which the first has been put away.
func (w *world) shelf(names ...string) []uint64 {
	w.t.Helper()
	s := &template.Service{DB: w.site.DB}
	var standard models.Template
	w.must(w.site.DB.Read(w.t.Context()).Where("code = ?", template.Standard).Take(&standard).Error)
	var out []uint64
	for _, name := range names {
		id, err := s.Copy(w.t.Context(), access.System(), standard.ID, name)
		w.must(err)
		out = append(out, id)
	}
	w.must(s.Archive(w.t.Context(), access.System(), out[0], true))
	return out
}

// offered are the values that a select of the page offers, and the one that is chosen.
func offered(page, name string) (all, chosen string) {
	m := regexp.MustCompile(`(?s)<select[^>]* name="` + name + `"[^>]*>(.*?)</select>`).FindStringSubmatch(page)
	if m == nil {
		return "none", ""
	}
	for _, o := range regexp.MustCompile(`<option value="([^"]*)"([^>]*)>`).FindAllStringSubmatch(m[1], -1) {
		all += "," + o[1] + ","
		if strings.Contains(o[2], "selected") {
			chosen = o[1]
		}
	}
	return all, chosen
}

func TestCoursesAndIssuersChooseAmongTemplatesInUseAndKeepWhatTheyHave(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, testweb.Serve(t, db))
		ids := w.shelf("Mẫu đã bỏ", "Mẫu của Sở")
		away, ours := ids[0], ids[1]
		a := w.as(models.RoleCoordinator)
		text := func(id uint64) string { return fmt.Sprint(id) }

		course := fmt.Sprintf("/courses/%d", w.draft.ID)
		// save sends the form of a course as a page of its own shows it, with that template.
		save := func(choice string) answer {
			page := a.get(course + "/edit")
			form := formIn(page.body, `action="`+course+`"`)
			form.Set("template_id", choice)
			return a.post(course, form)
		}
		chosenByCourse := func() uint64 {
			var c models.Course
			w.must(db.Read(t.Context()).Take(&c, w.draft.ID).Error)
			if c.TemplateID == nil {
				return 0
			}
			return *c.TemplateID
		}
		if all, chosen := offered(a.get(course+"/edit").body, "template_id"); strings.Contains(all, ","+text(away)+",") || !strings.Contains(all, ","+text(ours)+",") || chosen != "" {
			t.Errorf("a course is offered %s, %q", all, chosen)
		}
		for _, sent := range []string{text(away), "987654321", "-1", "x"} {
			if got := save(sent); got.status != http.StatusUnprocessableEntity || chosenByCourse() != 0 {
				t.Errorf("template %q of a course: %d, and it has %d", sent, got.status, chosenByCourse())
			}
		}
		if got := save(text(ours)); got.status != http.StatusSeeOther || chosenByCourse() != ours {
			t.Fatalf("choosing: %d, %d\n%s", got.status, chosenByCourse(), got.body)
		}
		w.must((&template.Service{DB: db}).Archive(t.Context(), access.System(), ours, true))
		if all, chosen := offered(a.get(course+"/edit").body, "template_id"); chosen != text(ours) || strings.Contains(all, ","+text(away)+",") {
			t.Errorf("a course whose template was put away is offered %s, %q", all, chosen)
		}
		if got := save(text(ours)); got.status != http.StatusSeeOther || chosenByCourse() != ours {
			t.Errorf("it keeps it: %d, %d", got.status, chosenByCourse())
		}
		if got := save(""); got.status != http.StatusSeeOther || chosenByCourse() != 0 {
			t.Errorf("it leaves it: %d, %d", got.status, chosenByCourse())
		}
		if got := save(text(ours)); got.status != http.StatusUnprocessableEntity {
			t.Errorf("and does not get it back: %d", got.status)
		}
		w.must((&template.Service{DB: db}).Archive(t.Context(), access.System(), ours, false))

		issuer := "/issuers?organisation=" + homeOffice
		saveIssuer := func(choice string) answer {
			form := formIn(a.get(issuer).body, `action="`+issuer+`"`)
			if form.Get("organisation") == "" || form.Get("symbol") == "" {
				t.Fatalf("the form of an issuer does not say what it has: %q", form)
			}
			form.Set("template_id", choice)
			return a.post(issuer, form)
		}
		chosenByIssuer := func() uint64 {
			var i models.Issuer
			w.must(db.Read(t.Context()).Where("organisation_id = ?", w.home.ID).Take(&i).Error)
			if i.TemplateID == nil {
				return 0
			}
			return *i.TemplateID
		}
		for _, sent := range []string{text(away), "987654321", "x"} {
			if got := saveIssuer(sent); got.status != http.StatusUnprocessableEntity || chosenByIssuer() != 0 {
				t.Errorf("template %q of an issuer: %d, and it has %d", sent, got.status, chosenByIssuer())
			}
		}
		if got := saveIssuer(text(ours)); got.status != http.StatusSeeOther || chosenByIssuer() != ours {
			t.Fatalf("choosing: %d, %d\n%s", got.status, chosenByIssuer(), got.body)
		}
		w.must((&template.Service{DB: db}).Archive(t.Context(), access.System(), ours, true))
		if _, chosen := offered(a.get(issuer).body, "template_id"); chosen != text(ours) {
			t.Errorf("an issuer whose template was put away has %q", chosen)
		}
		if got := saveIssuer(text(ours)); got.status != http.StatusSeeOther || chosenByIssuer() != ours {
			t.Errorf("it keeps it: %d, %d", got.status, chosenByIssuer())
		}

		// Where certificates are issued it is said with what; and what is issued is that.
		var signs models.Signatory
		w.must(db.Read(t.Context()).Where("organisation_id = ?", w.home.ID).First(&signs).Error)
		service := &certificate.Service{DB: db, Templates: &template.Service{DB: db}, PublicURL: w.publicURL}
		w.must(service.Revoke(t.Context(), access.System(), w.ids["certificates"], "Sai tên"))
		page := a.get(fmt.Sprintf("/courses/%d/certificates", w.closed.ID)).body
		if !strings.Contains(page, "Mẫu của Sở") || !strings.Contains(page, fmt.Sprintf("/templates/%d/versions/1/preview.pdf", ours)) {
			t.Errorf("the page does not say with which template it issues: %s", page)
		}
		if _, err := service.Issue(t.Context(), access.System(), certificate.IssueInput{CourseID: w.closed.ID, IssuerID: w.home.ID, SignatoryID: signs.ID}); err != nil {
			t.Fatal(err)
		}
		var used uint64
		w.must(db.Read(t.Context()).Raw("SELECT v.template_id FROM certificates c JOIN template_versions v ON v.id = c.template_version_id WHERE c.course_id = ? AND c.state = 'valid'", w.closed.ID).Scan(&used).Error)
		if used != ours {
			t.Errorf("it was issued with template %d, not %d", used, ours)
		}
	}, testseed.Base)
}
