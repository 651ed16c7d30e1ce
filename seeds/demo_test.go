package seeds_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"testing"
	"time"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/enrolment"
	"taphuan/app/plan"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
	"taphuan/seeds"
)

const demoURL = "http://127.0.0.1:8080"

func demoKeys(t *testing.T) *secret.Keys {
	t.Helper()
	k, err := secret.New(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestTheDemonstrationIsAProvinceThatLives(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		loaded, err := seeds.Demo(t.Context(), db, demoKeys(t), demoURL, nil)
		if err != nil || !loaded {
			t.Fatal(loaded, err)
		}
		if got := db.Now(); !got.Equal(testdb.Now) {
			t.Errorf("the clock was left at %s", got)
		}
		demoCourses(t, db)
		demoCoverage(t, db)
		demoCertificates(t, db)
		demoPeople(t, db)
		demoQuota(t, db)
		demoHalls(t, db)
		demoPlans(t, db)
		demoStays(t, db)
	}, testseed.Base)
}

// demoPlans asks that a second plan stands beside the province's, in which something expires within a year, and that it changes what nobody asked to
// have changed.
func demoPlans(t *testing.T, db *store.DB) {
	t.Helper()
	ctx := t.Context()
	all, err := plan.All(ctx, db.Read(ctx))
	if err != nil || len(all) != 2 || all[0].Expires() || !all[1].Expires() {
		t.Fatal("plans:", len(all), err)
	}
	if now, err := plan.Current(ctx, db.Read(ctx), models.DayOf(db.Time())); err != nil || now.ID != all[0].ID {
		t.Error("the second plan is shown first:", err)
	}
	x, err := (&coverage.Service{DB: db}).Expiring(plan.Choose(ctx, all[1].ID), access.System(), coverage.ExpiringQuery{})
	if err != nil {
		t.Fatal(err)
	}
	lapse := 0
	for _, m := range x.Months {
		for _, n := range m.N {
			lapse += n
		}
	}
	between(t, "whose training expires", lapse, 20, 200)
}

// demoHalls asks that what happens in halls is there to be seen.
func demoHalls(t *testing.T, db *store.DB) {
	t.Helper()
	for state, want := range map[models.WalkInState]int{models.WalkInOpen: 2, models.WalkInMatched: 1, models.WalkInGuest: 1} {
		between(t, "walk-ins "+string(state), number(t, db, "SELECT COUNT(*) FROM walk_ins WHERE state = ?", state), want, want)
	}
	between(t, "walk-ins in another's place", number(t, db, "SELECT COUNT(*) FROM walk_ins w WHERE replaces_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM marks m WHERE m.enrolment_id = w.replaces_id AND m.mark = 'present')"), 1, 1)
	between(t, "marks that came after closing", number(t, db, "SELECT COUNT(*) FROM mark_events WHERE state = 'held'"), 3, 3)
	between(t, "badges that were scanned", number(t, db, "SELECT COUNT(*) FROM mark_events WHERE source = 'badge'"), 50, 400)
	between(t, "marks on which sources differ", number(t, db, "SELECT COUNT(*) FROM mark_disputes"), 1, 1)
	between(t, "sessions that were made up", number(t, db, "SELECT COUNT(*) FROM marks m JOIN mark_events e ON e.id = m.event_id WHERE e.source = 'make_up'"), 1, 1)
	between(t, "signed sheets", number(t, db, "SELECT COUNT(*) FROM signed_sheets"), 2, 2)
	between(t, "courses that were opened again", number(t, db, "SELECT COUNT(*) FROM courses WHERE state = 'running' AND reopen_reason <> ''"), 1, 1)
	between(t, "tests that were handed in", number(t, db, "SELECT COUNT(*) FROM quiz_tries WHERE submitted_at IS NOT NULL"), 30, 90)
	between(t, "proposals of classes", number(t, db, "SELECT COUNT(*) FROM proposals WHERE found LIKE '%\"travel\"%'"), 1, 1)
	between(t, "courses with feedback of five and more", number(t, db, "SELECT COUNT(*) FROM (SELECT course_id FROM feedback GROUP BY course_id HAVING COUNT(*) >= 5) x"), 2, 30)
}

// demoQuota asks that the head whom visitors sign in as may still nominate somebody, within a quota and a deadline to come.
func demoQuota(t *testing.T, db *store.DB) {
	t.Helper()
	var c models.Course
	if err := db.Read(t.Context()).Where("nomination_deadline >= ? AND state = ?", models.DayOf(db.Time()), models.CourseOpen).Take(&c).Error; err != nil {
		t.Fatal(err)
	}
	var office models.Organisation
	if err := db.Read(t.Context()).Where("code = ?", "SO-TP").Take(&office).Error; err != nil {
		t.Fatal(err)
	}
	head := access.Actor{By: store.By{AccountID: 1}, Grants: []access.Grant{{Role: models.RoleHead, OrganisationID: office.ID, Path: office.Path}}}
	l, err := (&enrolment.Service{DB: db}).OwnCandidates(t.Context(), head, c.ID, enrolment.Filter{})
	if err != nil {
		t.Fatal(err)
	}
	if l.Suggested == 0 || len(l.Quotas) != 1 || l.Quotas[0].Left() == 0 {
		t.Errorf("a head finds %d to nominate, within %+v", l.Suggested, l.Quotas)
	}
}

// number reads one figure.
func number(t *testing.T, db *store.DB, sql string, args ...any) int {
	t.Helper()
	var n int
	if err := db.Read(t.Context()).Raw(sql, args...).Scan(&n).Error; err != nil {
		t.Fatal(err)
	}
	return n
}

func between(t *testing.T, what string, got, least, most int) {
	t.Helper()
	if got < least || got > most {
		t.Errorf("%s: %d, expected %d to %d", what, got, least, most)
	}
}

func demoCourses(t *testing.T, db *store.DB) {
	t.Helper()
	for state, want := range map[models.CourseState][2]int{models.CourseClosed: {25, 40}, models.CourseRunning: {2, 4}, models.CourseOpen: {3, 6}, models.CourseDraft: {1, 1}, models.CourseCancelled: {1, 1}} {
		between(t, string(state)+" courses", number(t, db, "SELECT COUNT(*) FROM courses WHERE state = ?", state), want[0], want[1])
	}
	between(t, "types of closed courses", number(t, db, "SELECT COUNT(DISTINCT course_type_id) FROM courses WHERE state = 'closed'"), 5, 5)
	for _, year := range []int{2024, 2025, 2026} {
		from, to := models.NewDay(year, 1, 1), models.NewDay(year+1, 1, 1)
		between(t, fmt.Sprint("closed courses of ", year), number(t, db, "SELECT COUNT(*) FROM courses WHERE state = 'closed' AND first_day >= ? AND last_day < ?", from, to), 6, 25)
	}
	between(t, "courses closed before they were over", number(t, db, "SELECT COUNT(*) FROM courses WHERE closed_at < last_day"), 0, 0)
	const small = "SELECT COUNT(*) FROM courses c WHERE state = 'closed' AND (SELECT COUNT(*) FROM enrolments e WHERE e.course_id = c.id AND e.state = 'enrolled') NOT BETWEEN 20 AND 120"
	between(t, "closed courses of less than 20 or more than 120 people", number(t, db, small), 0, 0)
	attended := 1000 * number(t, db, "SELECT COUNT(*) FROM marks WHERE mark IN ('present', 'late')") / number(t, db, "SELECT COUNT(*) FROM marks")
	between(t, "attended of a thousand marks", attended, 900, 970)
	between(t, "without completion", number(t, db, "SELECT COUNT(*) FROM enrolments WHERE outcome = 'not_completed'"), 40, 300)
	between(t, "on waiting lists", number(t, db, "SELECT COUNT(*) FROM enrolments e JOIN courses c ON c.id = e.course_id WHERE e.state = 'waiting' AND c.state = 'open'"), 1, 30)
	between(t, "nominations waiting", number(t, db, "SELECT COUNT(*) FROM enrolments WHERE state = 'nominated'"), 10, 60)
	between(t, "courses whose certificates wait", number(t, db, "SELECT COUNT(*) FROM courses c JOIN course_components k ON k.course_id = c.id AND k.component = 'training' WHERE c.state = 'closed' AND NOT EXISTS (SELECT 1 FROM certificates x WHERE x.course_id = c.id)"), 1, 1)
	between(t, "invitations that were answered", number(t, db, "SELECT COUNT(*) FROM invitations WHERE reply = 'confirmed'"), 10, 40)
	between(t, "invitations that were declined", number(t, db, "SELECT COUNT(*) FROM invitations WHERE reply = 'declined'"), 1, 3)
	between(t, "invitations without an answer", number(t, db, "SELECT COUNT(*) FROM invitations WHERE reply = ''"), 20, 400)
	between(t, "corrections that wait", number(t, db, "SELECT COUNT(*) FROM name_checks WHERE state = 'proposed'"), 1, 1)
	for state, want := range map[models.RecognitionState][2]int{models.RecognitionApproved: {2, 5}, models.RecognitionProposed: {1, 5}, models.RecognitionRefused: {1, 1}} {
		between(t, "recognitions "+string(state), number(t, db, "SELECT COUNT(*) FROM recognitions WHERE state = ?", state), want[0], want[1])
	}
	between(t, "imports that wait for a yes", number(t, db, "SELECT COUNT(*) FROM roster_imports WHERE state = ?", models.ImportRead), 1, 1)
	between(t, "sessions of the trainer today", sessionsToday(t, db), 1, 3)
}

func sessionsToday(t *testing.T, db *store.DB) int {
	t.Helper()
	return number(t, db, "SELECT COUNT(*) FROM course_sessions s JOIN courses c ON c.id = s.course_id JOIN course_staff cs ON cs.course_id = c.id AND cs.role = 'trainer'"+
		" JOIN sign_in_names n ON n.account_id = cs.account_id WHERE n.name = 'giangvien' AND s.day = ? AND NOT s.cancelled AND c.state IN ('open', 'running')", models.DayOf(db.Time()))
}

func demoCoverage(t *testing.T, db *store.DB) {
	t.Helper()
	s := coverage.Service{DB: db}
	rows, err := s.Rows(t.Context(), access.System(), coverage.Query{Org: "CB", Day: models.DayOf(db.Time())})
	if err != nil {
		t.Fatal(err)
	}
	figures := map[string]bool{}
	some, whole, all := 0, 0, 0
	silent := 0
	for _, r := range rows {
		if r.Organisation == "CB" {
			silent += r.Unreported
			if r.Percent == nil || r.Percent.Float() < 40 || r.Percent.Float() > 80 {
				t.Errorf("the province's %s is at %s", r.Group, r.Percent)
			}
		}
		if r.Percent == nil {
			continue
		}
		figures[r.Percent.String()] = true
		all++
		switch {
		case r.Percent.Float() > 0 && r.Percent.Float() < 100:
			some++
		case r.Percent.Float() == 100:
			whole++
		}
	}
	if some*2 < all || whole == 0 || some+whole == all {
		t.Errorf("of %d figures, %d lie between 0 and 100 and %d are 100", all, some, whole)
	}
	between(t, "different percentages", len(figures), 30, 1000)
	between(t, "pairs of likely twins", number(t, db, "SELECT COUNT(*) FROM twin_pairs WHERE state = 'open'"), 1, 30)
	between(t, "pairs that differ in the id alone", number(t, db, "SELECT COUNT(*) FROM twin_pairs t JOIN cadres a ON a.id = t.cadre_a_id JOIN cadres b ON b.id = t.cadre_b_id"+
		" WHERE t.state = 'open' AND a.name_key = b.name_key AND a.birth_day = b.birth_day AND a.national_id_hash <> b.national_id_hash"), 1, 3)
	between(t, "groups that somebody has not declared", silent, 1, 30)
}

func demoCertificates(t *testing.T, db *store.DB) {
	t.Helper()
	between(t, "registers", number(t, db, "SELECT COUNT(*) FROM registers"), 3, 3)
	between(t, "registers with gaps", number(t, db, "SELECT COUNT(*) FROM registers r WHERE next_number - 1 <> (SELECT COUNT(DISTINCT c.number) FROM certificates c WHERE c.register_id = r.id AND c.number BETWEEN 1 AND r.next_number - 1)"), 0, 0)
	between(t, "registers signed off", number(t, db, "SELECT COUNT(*) FROM registers WHERE closed_at IS NOT NULL"), 2, 4)
	between(t, "open registers of years that have ended", number(t, db, "SELECT COUNT(*) FROM registers WHERE closed_at IS NULL AND year < (SELECT MAX(year) FROM registers)"), 0, 0)
	between(t, "certificates", number(t, db, "SELECT COUNT(*) FROM certificates"), 600, 1200)
	between(t, "certificates with a seal", number(t, db, "SELECT COUNT(*) FROM certificates c JOIN template_versions v ON v.id = c.template_version_id JOIN issuers i ON i.template_id = v.template_id JOIN template_version_pictures p ON p.template_version_id = v.id WHERE c.signing = 'server'"), 50, 600)
	between(t, "links to certificates", number(t, db, "SELECT COUNT(*) FROM certificate_shares WHERE ended_at IS NULL"), 1, 1)
	between(t, "revoked", number(t, db, "SELECT COUNT(*) FROM certificates WHERE state = 'revoked'"), 1, 1)
	between(t, "replaced", number(t, db, "SELECT COUNT(*) FROM certificates WHERE state = 'replaced'"), 1, 1)
	between(t, "issued in another year than the register's", number(t, db, "SELECT COUNT(*) FROM certificates c JOIN registers r ON r.id = c.register_id WHERE c.issued_day < ? AND r.year <> 2024", models.MustDay("2025-01-01")), 0, 0)
}

func demoPeople(t *testing.T, db *store.DB) {
	t.Helper()
	s := access.Service{DB: db, Keys: demoKeys(t)}
	roles := map[models.Role]bool{}
	for _, a := range seeds.DemoAccounts {
		got, err := s.SignIn(t.Context(), a.SignIn, seeds.DemoPassword)
		if err != nil {
			t.Errorf("%s does not sign in: %v", a.SignIn, err)
			continue
		}
		who, err := s.Load(t.Context(), got.ID, got.Epoch)
		if err != nil || !who.Has(a.Role) || who.MustChange {
			t.Errorf("%s signed in as %+v, %v", a.SignIn, who, err)
		}
		roles[a.Role] = true
		if a.Role == models.RoleCadre {
			between(t, "certificates of "+a.SignIn, number(t, db, "SELECT COUNT(*) FROM certificates WHERE cadre_id = ? AND state = 'valid'", who.CadreID), 2, 5)
			between(t, "coming courses of "+a.SignIn, number(t, db, "SELECT COUNT(*) FROM enrolments e JOIN courses c ON c.id = e.course_id WHERE e.cadre_id = ? AND e.state = 'enrolled' AND c.state = 'open'", who.CadreID), 1, 3)
		}
	}
	for _, r := range models.Roles {
		if !roles[r] {
			t.Errorf("nobody to sign in as %s", r)
		}
	}
}

// demoStays holds that loading again changes nothing, and that only a day without a session for the trainer gets one.
func demoStays(t *testing.T, db *store.DB) {
	t.Helper()
	ctx, keys := t.Context(), demoKeys(t)
	before := rowCounts(t, db)
	if loaded, err := seeds.Demo(ctx, db, keys, "http://127.0.0.1:9", nil); err != nil || loaded {
		t.Error("loaded again:", loaded, err)
	}
	if added, err := seeds.DemoToday(ctx, db, keys, demoURL); err != nil || added {
		t.Error("a second session for today:", added, err)
	}
	if after := rowCounts(t, db); before != after {
		t.Errorf("a second start changed\n%s to\n%s", before, after)
	}
	now := db.Now
	defer func() { db.Now = now }()
	later := now().AddDate(0, 0, 40)
	db.Now = func() time.Time { return later }
	for i, want := range []bool{true, false} {
		if added, err := seeds.DemoToday(ctx, db, keys, demoURL); err != nil || added != want {
			t.Errorf("call %d, forty days later: %v %v", i+1, added, err)
		}
	}
	between(t, "sessions of the trainer forty days later", sessionsToday(t, db), 1, 3)
}

func rowCounts(t *testing.T, db *store.DB) string {
	t.Helper()
	var b bytes.Buffer
	for _, table := range []string{"accounts", "grants", "slips", "cadres", "postings", "posting_groups", "headcounts", "courses", "course_sessions", "course_staff", "enrolments",
		"mark_events", "marks", "completions", "certificates", "certificate_documents", "registers", "issuers", "signatories", "settings", "jobs", "roster_imports", "audit_entries"} {
		fmt.Fprintf(&b, "%s %d ", table, number(t, db, "SELECT COUNT(*) FROM "+table))
	}
	return b.String()
}

func TestAHalfLoadedDemonstrationSaysSo(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() {
			_, err := seeds.Demo(ctx, db, demoKeys(t), demoURL, nil)
			ended <- err
		}()
		for number(t, db, "SELECT COUNT(*) FROM accounts") == 0 && len(ended) == 0 {
			runtime.Gosched()
		}
		stop()
		if err := <-ended; err == nil {
			t.Fatal("it was not stopped")
		}
		if _, err := seeds.Demo(t.Context(), db, demoKeys(t), demoURL, nil); !errors.Is(err, seeds.ErrDemoHalf) {
			t.Error(err)
		}
	}, testseed.Base)
}

func TestTheDemonstrationLeavesOtherPeoplesDataAlone(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		keys := demoKeys(t)
		s := access.Service{DB: db, Keys: keys}
		if _, err := s.Create(t.Context(), access.System(), access.NewAccount{Name: "Nông Văn Hùng", Role: models.RoleAdministrator}); err != nil {
			t.Fatal(err)
		}
		before := rowCounts(t, db)
		if _, err := seeds.Demo(t.Context(), db, keys, demoURL, nil); !errors.Is(err, seeds.ErrDemoElsewhere) {
			t.Error(err)
		}
		if added, err := seeds.DemoToday(t.Context(), db, keys, demoURL); err != nil || added {
			t.Error(added, err)
		}
		if after := rowCounts(t, db); before != after {
			t.Errorf("changed\n%s to\n%s", before, after)
		}
	}, testseed.Base)
}
