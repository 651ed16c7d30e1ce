package handlers_test

import (
	"fmt"
	"strings"
	"testing"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// crowded names the pairs of buttons on the page that stand nearer than eight pixels, as far as they can be seen.
const crowded = `(() => {
	const rows = [...document.querySelectorAll("main .btn, main td a")].filter(e => e.checkVisibility() && !e.closest("nav, .att-list, .prefs")).map(e => [e, e.getBoundingClientRect()]).filter(([, r]) => r.width > 0);
	const bad = [];
	for (let i = 0; i < rows.length; i++) for (let j = i + 1; j < rows.length; j++) {
		const [a, x] = rows[i], [b, y] = rows[j];
		if (!a.classList.contains("btn") && !b.classList.contains("btn")) continue;
		if (a.contains(b) || b.contains(a)) continue;
		const dx = Math.max(y.left - x.right, x.left - y.right), dy = Math.max(y.top - x.bottom, x.top - y.bottom);
		if (dx < 7.5 && dy < 7.5) bad.push(a.textContent.trim() + " | " + b.textContent.trim() + " (" + Math.round(dx) + ", " + Math.round(dy) + ")");
	}
	return bad.join("; ");
})()`

// TestNoFingerMeetsTwoButtonsOnAPhone opens the pages of every role at 360 px and measures how far their buttons stand apart.
func TestNoFingerMeetsTwoButtonsOnAPhone(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite, testseed.Base))
	w := newWorld(t, site)
	for _, x := range []struct {
		role  models.Role
		paths []string
	}{
		{models.RoleAdministrator, []string{"/", "/accounts", "/accounts/new", "/slips", "/settings", "/audit", "/issuers", "/gallery"}},
		{models.RoleCoordinator, pagesOf(w)},
	} {
		b := site.As(t, x.role, "")
		b.Phone()
		for _, path := range x.paths {
			b.Go(path)
			b.Phone()
			if why := testweb.Eval[string](b, crowded); why != "" {
				t.Errorf("%s: %s", path, why)
			}
		}
	}
}

// pagesOf are the addresses of pages that a coordinator reads, with the world's ids in them.
func pagesOf(w *world) []string {
	var out []string
	for _, path := range []string{"/courses", "/courses/new", "/cadres", "/organisations", "/coverage", "/coverage/gaps", "/coverage/missing", "/certificates", "/imports", "/nominations", "/recognitions", "/twins", "/trainers", "/venues", "/reorganisation", "/calendar", "/completions"} {
		out = append(out, path)
	}
	course := fmt.Sprintf("/courses/%d", w.ids["courses"])
	for _, path := range []string{"", "/edit", "/enrolments", "/enrolments/new", "/quotas", "/invitations", "/closing", "/completions", "/certificates"} {
		out = append(out, course+path)
	}
	return append(out, strings.Replace("/cadres/ID", "ID", fmt.Sprint(w.ids["cadres"]), 1))
}
