package handlers_test

import (
	"strconv"
	"testing"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testweb"
	"taphuan/models"
)

func TestWhatPeopleWereTrainedInIsToldByComponentAndTopic(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		c := signedIn(t, site, models.RoleCoordinator, "")
		want, err := (&coverage.Service{DB: db}).Content(t.Context(), access.System(), coverage.ContentQuery{Group: "TTTT"})
		if err != nil {
			t.Fatal(err)
		}
		lines := readCSV(t, c, "/coverage/content.csv?group=TTTT&on=2026-11-24", "noi-dung-TTTT-CB-2026-11-24.csv")
		if len(lines) != 1+2*len(want.Nodes)+len(want.Topics) || len(want.Topics) < 12 {
			t.Fatalf("%d lines of %d organisations and %d topics", len(lines), len(want.Nodes), len(want.Topics))
		}
		for i, x := range want.Parts {
			for k, n := range x.Each {
				if l := lines[1+2*i+k]; l[0] != want.Nodes[i].Code || l[5] != strconv.Itoa(n) || l[6] != strconv.Itoa(x.Denominator) || n < x.Covered {
					t.Errorf("line %v is not %s %+v", l, want.Nodes[i].Code, x)
				}
			}
		}
		c.get("/coverage/content?group=KHONG", 404)
		b := site.As(t, models.RoleCoordinator, "")
		b.Go("/coverage/content?group=TTTT")
		b.Sees("Theo hợp phần", "Đủ các hợp phần", "Theo nội dung", "Lượt người")
		look(b, "content")
		b.ClickAt(`tfoot td a`)
		b.Sees("Còn thiếu: Thông tin")
	}, province(300))
}
