package handlers_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"taphuan/app/coverage"
	"taphuan/app/ledger"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// described asks an address of the API, holds the answer to the document and reads it.
func described(t *testing.T, site *testweb.Site, a *asker, path string, into any) {
	t.Helper()
	raw, v := document(t, nobody(t, site))
	plain, _, _ := strings.Cut(path, "?")
	for _, r := range site.Server.Routes() {
		if r.Method == http.MethodGet && r.Path == plain {
			if why := conforms(t, raw, v, a, r, path); why != "" {
				t.Errorf("%s: %s", path, why)
			}
		}
	}
	got := a.get(path)
	if got.status != http.StatusOK {
		t.Fatalf("%s: %d %s", path, got.status, got.body)
	}
	if err := json.Unmarshal([]byte(got.body), into); err != nil {
		t.Fatal(err)
	}
}

func TestTheAPIGivesEachPartOfAFigure(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		staff(t, db)
		site := testweb.Serve(t, db)
		a := as(t, site, testweb.Account{Name: "Điều phối", SignIn: "dp", Role: models.RoleCoordinator})
		type answer struct {
			Row    struct{ Denominator, Covered int }
			Part   string
			Parts  map[string]int
			Found  int
			Next   string
			People []struct {
				Name, Since, Leave string
				Recognised         bool
				Lacks              []string
				Trainings          []struct{ Day, Course, Body string }
			}
			Organisations []struct {
				Organisation     string
				Declared, Listed int
			}
		}
		ask := func(query string) (x answer) {
			t.Helper()
			described(t, site, a, "/api/v1/coverage/people?org=SO-TP&group=QCN&"+query, &x)
			return x
		}
		names := func(x answer) (out []string) {
			for _, p := range x.People {
				out = append(out, p.Name)
			}
			return out
		}
		x := ask("part=covered")
		if !slices.Equal(names(x), []string{"Hoàng Thị Đủ", "Hoàng Văn Công Nhận"}) || !x.People[1].Recognised || x.People[1].Trainings[0].Body != "Học viện Chính trị" || len(x.People[1].Lacks) != 0 ||
			x.People[0].Recognised || x.People[0].Since != "2025-03-10" || x.People[0].Trainings[0].Course != "CU-25" {
			t.Errorf("covered: %+v", x)
		}
		if p := x.Parts; x.Row.Denominator != 7 || x.Row.Covered != 2 || p["covered"] != 2 || p["recognised"] != 1 || p["missing"] != 2 || p["leave"] != 2 || p["short"] != 3 || p["told"]+p["silent"] != 0 {
			t.Errorf("parts: %+v", x)
		}
		one := ask("size=1")
		if one.Part != "missing" || one.Found != 2 || len(one.People) != 1 || one.Next == "" {
			t.Fatalf("one missing: %+v", one)
		}
		if two := ask("size=1&after=" + one.Next); two.Next != "" || len(two.People) != 1 || two.People[0].Name == one.People[0].Name {
			t.Errorf("the next: %+v", two)
		}
		if x := ask("part=leave&q=cong%20nhan"); x.Found != 1 || len(x.People) != 1 || x.People[0].Leave != "study" {
			t.Errorf("on leave by name: %+v", x)
		}
		short := ask("part=short")
		if short.Found != 1 || len(short.Organisations) != 1 || short.Organisations[0].Organisation != "SO-TP" || short.Organisations[0].Declared != 7 || short.Organisations[0].Listed != 4 || len(short.People) != 0 {
			t.Errorf("declared and not listed: %+v", short)
		}
		if x := ask("part=short&page=2"); x.Found != 1 || len(x.Organisations) != 0 {
			t.Errorf("behind the last: %+v", x)
		}
		if x := ask("line=true"); x.Row.Denominator != 0 || len(x.People) != 0 {
			t.Errorf("of the line: %+v", x)
		}
		for query, want := range map[string]string{"group=QCN&part=all": `"field":"part"`, "part=short": `"field":"group"`, "group=QCN&size=501": `"field":"size"`, "group=QCN&page=-1": `"field":"page"`} {
			if got := a.get("/api/v1/coverage/people?" + query); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, want) {
				t.Errorf("%s: %d %s", query, got.status, got.body)
			}
		}
	}, province(40))
}

func TestTheAPIRanksOrganisationsPageByPage(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		a := as(t, site, testweb.Account{Name: "Điều phối", SignIn: "dp", Role: models.RoleCoordinator})
		type row struct {
			Organisation, Name, Group                 string
			Missing, Denominator, Covered, Unreported int
			Percent                                   *float64
			Change                                    *int
		}
		type answer struct {
			Before      string
			Total, Page int
			Rows        []row
		}
		want := ranking(t, db, coverage.RankQuery{Group: "TTTT", By: ledger.ByMissing, Down: true, All: true})
		var got []row
		for page := 1; ; page++ {
			var x answer
			described(t, site, a, "/api/v1/coverage/ranking?group=TTTT&all=true&size=40&page="+strconv.Itoa(page), &x)
			if x.Total != want.Total || x.Page != page || x.Before != "2025-11-24" || len(x.Rows) > 40 {
				t.Fatalf("page %d: %d of %d, before %s", x.Page, len(x.Rows), x.Total, x.Before)
			}
			if len(x.Rows) == 0 {
				break
			}
			got = append(got, x.Rows...)
		}
		if len(got) != want.Total || want.Total < 41 {
			t.Fatalf("%d rows of %d", len(got), want.Total)
		}
		for i, x := range want.Ranked {
			f, r := x.Figures[want.Group], got[i]
			n, known := x.Change(want.Group)
			if r.Organisation != x.Code || r.Name != x.Name || r.Group != "TTTT" || r.Missing != f.Missing() || r.Denominator != f.Denominator || r.Covered != f.Covered || r.Unreported != f.Unreported ||
				(r.Percent == nil) != (f.Percent() == nil) || r.Percent != nil && *r.Percent != f.Percent().Float() || (r.Change != nil) != known || known && *r.Change != n {
				t.Errorf("%d: %+v, not %s %+v", i, r, x.Code, f)
			}
		}
		var least answer
		described(t, site, a, "/api/v1/coverage/ranking?sort=missing&kind=state_agency&size=1", &least)
		first := ranking(t, db, coverage.RankQuery{By: ledger.ByMissing, Kind: models.KindStateAgency, Size: 1})
		if len(least.Rows) != 1 || least.Rows[0].Organisation != first.Ranked[0].Code || least.Rows[0].Group != "QCN" || least.Total != first.Total {
			t.Errorf("the least first: %+v", least)
		}
		for query, status := range map[string]int{"sort=name": 422, "size=501": 422, "page=-1": 422, "kind=x": 422, "level=x": 422, "group=KHONG": 404} {
			if got := a.get("/api/v1/coverage/ranking?" + query); got.status != status {
				t.Errorf("%s: %d %s", query, got.status, got.body)
			}
		}
	}, province(300))
}
