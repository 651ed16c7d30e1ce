package pictures

import (
	"fmt"
	"testing"

	"taphuan/app/i18n"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
	"taphuan/seeds"
)

func TestMain(m *testing.M) { testweb.Main(m) }

// tour is the demonstration province, served, with people in it.
type tour struct {
	site   *testweb.Site
	folder string // for pictures
}

func begin(t *testing.T) *tour {
	t.Helper()
	db := testdb.Only(t, store.SQLite, testseed.Base)
	site := testweb.Serve(t, db)
	if _, err := seeds.Demo(t.Context(), db, site.Keys, "http://127.0.0.1:8080", nil); err != nil {
		t.Fatal(err)
	}
	return &tour{site: site}
}

// as signs in under a name of the demonstration.
func (x *tour) as(t *testing.T, name string) *testweb.Tab {
	t.Helper()
	words := x.site.Server.Words
	b := testweb.Browse(t, x.site.URL)
	b.Go("/sign-in")
	b.Fill(words.T(i18n.VI, "signin.name"), name)
	b.Fill(words.T(i18n.VI, "signin.password"), seeds.DemoPassword)
	b.Click(words.T(i18n.VI, "ui.sign_in"))
	return b
}

// id reads one number.
func (x *tour) id(t *testing.T, sql string, args ...any) uint64 {
	t.Helper()
	var id uint64
	if err := x.site.DB.Read(t.Context()).Raw(sql, args...).Scan(&id).Error; err != nil || id == 0 {
		t.Fatal(sql, err)
	}
	return id
}

// session is the trainer's first of today.
func (x *tour) session(t *testing.T) uint64 {
	t.Helper()
	return x.id(t, "SELECT s.id FROM course_sessions s JOIN courses c ON c.id = s.course_id WHERE s.day = ? AND c.state = 'running' ORDER BY s.start_minute LIMIT 1", models.DayOf(x.site.DB.Time()))
}

// TestPagesFitBothWidthsWithAProvinceInThem opens the pages of each role with as much in them as a province has.
func TestPagesFitBothWidthsWithAProvinceInThem(t *testing.T) {
	t.Parallel()
	x := begin(t)
	closed := x.id(t, "SELECT MAX(id) FROM courses WHERE state = 'closed'")
	running := x.id(t, "SELECT MIN(id) FROM courses WHERE state = 'running'")
	open := x.id(t, "SELECT MIN(id) FROM courses WHERE state = 'open'")
	cadre := x.id(t, "SELECT cadre_id FROM accounts WHERE cadre_id IS NOT NULL ORDER BY id LIMIT 1")
	revoked := x.id(t, "SELECT MIN(id) FROM certificates WHERE state = 'revoked'")
	for name, pages := range map[string][]string{
		"dieuphoi": {"/", "/coverage", "/coverage/missing?group=TTTT", "/coverage/series?group=CTXH", "/coverage/ranking", "/coverage/content?group=TTTT", "/coverage/forecast", "/coverage/gaps", "/coverage/people?group=TTTT&part=covered", "/coverage/expiring?plan=QLNN-2026-2028", "/proposals/1", "/plans", "/courses", fmt.Sprintf("/courses/%d", closed), fmt.Sprintf("/courses/%d/certificates", closed),
			fmt.Sprintf("/courses/%d/closing", running), fmt.Sprintf("/courses/%d/enrolments", running), fmt.Sprintf("/courses/%d/enrolments/new", open), fmt.Sprintf("/courses/%d/attendance", running),
			"/calendar", "/nominations", "/cadres", fmt.Sprintf("/cadres/%d", cadre), "/organisations", "/organisations/X-DAMTHUY", "/imports", "/certificates",
			fmt.Sprintf("/certificates/%d", revoked), "/issuers"},
		"quantri":   {"/", "/accounts", "/settings", "/audit", "/slips"},
		"thutruong": {"/", "/coverage", "/coverage/forecast", "/nominations", "/cadres", "/slips"},
		"canbo":     {"/", "/my", "/my/courses"},
		"giangvien": {"/", "/courses", fmt.Sprintf("/sessions/%d/attendance", x.session(t))},
	} {
		b := x.as(t, name)
		for i, p := range pages {
			b.Go(p)
			b.Look(fmt.Sprintf("%s-%02d", name, i))
		}
	}
}
