package handlers_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/ledger"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testweb"
	"taphuan/models"
)

func TestTheRankingLeadsFromTheLargestGapToItsNames(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		most := ranking(t, db, coverage.RankQuery{Group: "QCN", By: ledger.ByMissing, Down: true, Size: 1}).Ranked[0]
		b := site.As(t, models.RoleCoordinator, "")
		b.Go("/coverage/ranking")
		b.Sees("Đơn vị còn thiếu nhiều người nhất", "Tỉnh Cao Bằng", "So với cùng ngày năm trước: 24/11/2025", "chưa khai")
		look(b, "ranking-all")
		b.Go("/coverage/ranking?group=QCN")
		b.Sees(most.Name, "So với năm trước", "Mẫu số")
		look(b, "ranking-one")
		b.ClickAt(`tbody tr:first-child td a`)
		b.Sees("Còn thiếu: Quyền con người", most.Name)
	}, province(300))
}

func ranking(t *testing.T, db *store.DB, q coverage.RankQuery) *coverage.Ranking {
	t.Helper()
	r, err := (&coverage.Service{DB: db}).Ranking(t.Context(), access.System(), q)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestARankingIsSortedFilteredAndGivenAsATable(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		c := signedIn(t, testweb.Serve(t, db), models.RoleCoordinator, "")
		all := ranking(t, db, coverage.RankQuery{Group: "TTTT", By: ledger.ByMissing, Down: true, All: true})
		lines := readCSV(t, c, "/coverage/ranking.csv?group=TTTT&show=all&on=2026-11-24&page=7", "con-thieu-CB-2026-11-24.csv")
		if len(lines) != 1+len(all.Ranked) || len(all.Ranked) < 51 {
			t.Fatalf("%d lines of %d organisations", len(lines), len(all.Ranked))
		}
		for i, x := range all.Ranked {
			l, f := lines[1+i], x.Figures[all.Group]
			change := ""
			if n, known := x.Change(all.Group); known {
				change = strconv.Itoa(n)
			}
			if l[0] != x.Code || l[6] != strconv.Itoa(f.Missing()) || l[7] != strconv.Itoa(f.Denominator) || l[11] != change || (l[12] != "") != (f.Unreported > 0) {
				t.Fatalf("line %v is not %s %+v", l, x.Code, f)
			}
		}
		if side := readCSV(t, c, "/coverage/ranking.csv?on=2026-11-24", "con-thieu-CB-2026-11-24.csv"); (len(side)-1)%len(all.Plan.Groups) != 0 {
			t.Errorf("side by side there are %d lines", len(side))
		}
		second, _ := c.get("/coverage/ranking?group=TTTT&show=all&page=2", 200)
		has(t, second, "51.", ">"+all.Ranked[50].Name+"</a>")
		tree, _ := c.get("/coverage/ranking?group=TTTT&sort=tree", 200)
		has(t, tree, `aria-sort="ascending"`)
		for _, path := range []string{"?sort=-XXX", "?sort=-CTXH", "?group=QCN&sort=-CTXH", "?group=QCN&sort=--", "?group=QCN&page=99999", "?show=all&kind=press_agency", "?org=SO-TP&on=2023-05-01&group=QCN&sort=change"} {
			c.get("/coverage/ranking"+path, 200)
		}
	}, province(300))
}

func TestARankingRefusesBadQuestionsInWords(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		c := signedIn(t, site, models.RoleCoordinator, "")
		for path, words := range map[string]string{
			"?on=2022-12-31":                  "nằm ngoài thời gian của kế hoạch",
			"?on=x":                           "Có điều cần sửa",
			"?org=SO-TTTT&on=2025-03-01":      "chưa thành lập hoặc đã kết thúc",
			"?show=xxx":                       "Có điều cần sửa",
			"?kind=sở":                        "Có điều cần sửa",
			"?level=x":                        "Có điều cần sửa",
			"?page=-1":                        "Có điều cần sửa",
			"?org=" + strings.Repeat("A", 41): "Có điều cần sửa",
		} {
			page, _ := c.get("/coverage/ranking"+path, http.StatusUnprocessableEntity)
			has(t, page, words)
			c.get("/coverage/ranking.csv"+path, http.StatusUnprocessableEntity)
		}
		head := signedIn(t, site, models.RoleHead, "SO-TP")
		for _, path := range []string{"?org=CB", "?org=SO-YT", "?org=KHÔNG", "?group=XXX", "?group=%00"} {
			head.get("/coverage/ranking"+path, http.StatusNotFound)
			head.get("/coverage/ranking.xlsx"+path, http.StatusNotFound)
		}
		page, _ := head.get("/coverage/ranking", 200)
		has(t, page, "Sở Tư pháp")
	}, province(300))
}
