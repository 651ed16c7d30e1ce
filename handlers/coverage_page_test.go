package handlers_test

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testweb"
	"taphuan/models"
)

func TestAHeadLandsOnTheOwnOrganisationAndSeesNothingBesides(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		c := signedIn(t, site, models.RoleHead, "SO-TP")
		page, _ := c.get("/coverage", 200)
		has(t, page, "<h1>Sở Tư pháp</h1>", "/coverage/people?org=SO-TP&amp;group=QCN")
		if strings.Contains(page, `href="/coverage?org=CB&`) {
			t.Error("the page leads upwards, out of scope")
		}
		for _, path := range []string{"/coverage?org=CB", "/coverage?org=SO-YT", "/coverage.csv?org=SO-YT", "/coverage/missing?org=SO-YT&group=QCN", "/coverage/missing.csv?org=CB&group=QCN",
			"/coverage?org=KHONG-CO", "/coverage/missing?org=SO-TP&group=XXX", "/coverage/missing?org=SO-TP&group=QCN&lacking=xxx"} {
			c.get(path, http.StatusNotFound)
		}
		trainer := signedIn(t, site, models.RoleTrainer, "")
		trainer.get("/coverage", http.StatusForbidden)
	}, province(300))
}

func TestAHeadOfSeveralOrganisationsChooses(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		c := signedIn(t, site, models.RoleHead, "SO-TP")
		var account models.Account
		var office models.Organisation
		if err := db.Read(t.Context()).Order("id DESC").Take(&account).Error; err != nil {
			t.Fatal(err)
		}
		if err := db.Read(t.Context()).Where("code = ?", "SO-YT").Take(&office).Error; err != nil {
			t.Fatal(err)
		}
		write(t, db, &models.Grant{AccountID: account.ID, Role: models.RoleHead, OrganisationID: &office.ID})
		page, _ := c.get("/coverage?org=SO-YT", 200)
		has(t, page, "Các đơn vị của tôi", `<a href="/coverage?org=SO-YT" aria-current="page">Sở Y tế</a>`, `<a href="/coverage?org=SO-TP">Sở Tư pháp</a>`)
	}, province(300))
}

func TestDaysWithoutFiguresAreRefusedInWords(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		c := signedIn(t, site, models.RoleCoordinator, "")
		for path, words := range map[string]string{
			"/coverage?on=2022-12-31":                          "Ngày 31/12/2022 nằm ngoài thời gian của kế hoạch (từ 01/01/2023 đến 31/12/2028)",
			"/coverage?on=1/1/2029":                            "Ngày 01/01/2029 nằm ngoài thời gian của kế hoạch",
			"/coverage?org=SO-TTTT&on=2025-03-01":              "Sở Thông tin và Truyền thông chưa thành lập hoặc đã kết thúc hoạt động vào ngày 01/03/2025",
			"/coverage?org=CB-XA&on=2025-06-30":                "Khối xã, phường chưa thành lập",
			"/coverage?on=2026-02-30":                          "Có điều cần sửa",
			"/coverage?on=hôm+qua":                             "Có điều cần sửa",
			"/coverage?below=xxx":                              "Có điều cần sửa",
			"/coverage?org=" + strings.Repeat("A", 41):         "Có điều cần sửa",
			"/coverage/missing?group=QCN&on=2022-12-31":        "nằm ngoài thời gian của kế hoạch",
			"/coverage/missing?group=QCN&org=SO-TTTT&on=x":     "Có điều cần sửa",
			"/coverage.csv?on=2022-12-31":                      "nằm ngoài thời gian của kế hoạch",
			"/coverage/missing.csv?on=2022-12-31&group=QCN":    "nằm ngoài thời gian của kế hoạch",
			"/coverage/missing.csv":                            "",
			"/api/v1/coverage?as_of=2022-12-31":                `"code":"day_outside_plan"`,
			"/api/v1/coverage?org=SO-TTTT&as_of=2025-03-01":    `"code":"day_outside_organisation"`,
			"/api/v1/coverage?as_of=31-12-2022":                `"code":"unreadable_input"`,
			"/api/v1/coverage/series?from=2029-01-01":          `"code":"day_outside_plan"`,
			"/api/v1/coverage/series?from=2026-1-1&to=2024-01": `"code":"unreadable_input"`,
			"/api/v1/coverage/series?step=13":                  `"field":"step"`,
			"/api/v1/coverage/missing":                         `"field":"group"`,
		} {
			page, _ := c.get(path, http.StatusUnprocessableEntity)
			has(t, page, words)
		}
		page, _ := c.get("/coverage?org=SO-TTTT", 200) // its last day
		has(t, page, "tính đến hết ngày 28/02/2025")
		c.get("/coverage?org=SO-TTTT&on=28/2/2025&sort=-QCN&gaps=on&below=all", 200)
		c.get("/coverage?sort=-nothing", 200)
	}, province(300))
}

func TestTheMatrixIsSortedByThoseMissingAndFilteredFromTheAddress(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		c := signedIn(t, site, models.RoleCoordinator, "")
		s := &coverage.Service{DB: db}
		r, err := s.Report(t.Context(), access.System(), coverage.Query{Org: "CB-XA"})
		if err != nil {
			t.Fatal(err)
		}
		nodes := r.Children()
		slices.SortStableFunc(nodes, func(a, b coverage.Node) int { return b.Figures[0].Missing() - a.Figures[0].Missing() })
		page, _ := c.get("/coverage?org=CB-XA&sort=-QCN", 200)
		first, last := strings.Index(page, ">"+nodes[0].Name+"</a>"), strings.Index(page, ">"+nodes[len(nodes)-1].Name+"</a>")
		if first < 0 || last < first {
			t.Errorf("%s with %d missing does not come before %s with %d", nodes[0].Name, nodes[0].Figures[0].Missing(), nodes[len(nodes)-1].Name, nodes[len(nodes)-1].Figures[0].Missing())
		}
		has(t, page, `aria-sort="descending"`)
		// Those of which nothing is known stand at the end, whichever way.
		rate := func(n coverage.Node) int {
			if p := n.Figures[0].Percent(); p != nil {
				return int(*p)
			}
			return 1 << 20
		}
		slices.SortStableFunc(nodes, func(a, b coverage.Node) int { return rate(a) - rate(b) })
		page, _ = c.get("/coverage?org=CB-XA&sort=QCN.percent", 200)
		for at, i := 0, 0; i < len(nodes); i++ {
			k := strings.Index(page, ">"+nodes[i].Name+"</a>")
			if k < at && rate(nodes[i]) > rate(nodes[max(i-1, 0)]) {
				t.Errorf("%s with %d tenths stands too early", nodes[i].Name, rate(nodes[i]))
			}
			at = k
		}
		for _, by := range []string{"QCN.change", "-QCN.change", "-QCN.percent", "QCN.nothing", ".percent", "-"} {
			c.get("/coverage?org=CB-XA&sort="+by, 200)
			c.get("/coverage/content?org=CB-XA&sort="+by, 200)
			c.get("/coverage/ranking?org=CB-XA&sort="+by, 200)
			c.get("/coverage/people?group=QCN&part=short&sort="+by, 200)
		}
		for _, path := range []string{"/coverage/content?sort=-training", "/coverage/ranking?sort=-QCN.percent", "/coverage/people?group=QCN&part=short&sort=-rest", "/coverage/gaps?sort=-more"} {
			sorted, _ := c.get(path, 200)
			has(t, sorted, `aria-sort="descending"`)
		}
		for sort, way := range map[string]int{"rest": 1, "-rest": -1} { // a workbook has the order of its list
			text, _ := c.get("/coverage/people.csv?group=QCN&part=short&sort="+sort, 200)
			rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
			if err != nil || len(rows) < 4 {
				t.Fatal(len(rows), err)
			}
			rest := func(row []string) int {
				n, err := strconv.Atoi(row[len(row)-1])
				if err != nil {
					t.Fatal(err)
				}
				return way * n
			}
			if !slices.IsSortedFunc(rows[1:], func(a, b []string) int { return rest(a) - rest(b) }) || rest(rows[1]) == rest(rows[len(rows)-1]) {
				t.Errorf("%s: %v", sort, rows)
			}
		}
		all, _ := c.get("/coverage?below=all", 200)
		has(t, all, "Sở Tư pháp", "Ủy ban nhân dân xã Bế Văn Đàn", `class="depth-1"`)
		gaps, _ := c.get("/coverage?below=all&gaps=on", 200)
		for _, n := range r.Children() {
			lacks := slices.ContainsFunc(n.Figures, func(f coverage.Figure) bool { return f.Missing() > 0 || f.Unreported > 0 })
			if lacks != strings.Contains(gaps, ">"+n.Name+"</a>") {
				t.Errorf("%s with gaps %v is shown wrongly", n.Name, lacks)
			}
		}
	}, province(300))
}

func TestTablesForExcelHoldTheRowsAndTheNames(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		c := signedIn(t, site, models.RoleCoordinator, "")
		write(t, db, &models.Cadre{ID: 900001, FullName: "=1+1"}, &models.Posting{ID: 900001, CadreID: 900001, OrganisationID: officeID(t, db, "SO-TP"), Title: "@SUM(A1)", FromDay: models.MustDay("2026-01-01"), ToDay: models.Forever, Main: true},
			&models.PostingGroup{PostingID: 900001, GroupID: 1})
		s := &coverage.Service{DB: db}
		r, err := s.Report(t.Context(), access.System(), coverage.Query{Day: models.MustDay("2026-11-20")})
		if err != nil {
			t.Fatal(err)
		}
		lines := readCSV(t, c, "/coverage.csv?on=2026-11-20", "bao-phu-CB-2026-11-20.csv")
		if len(lines) != 1+len(r.Rows()) || strings.Join(lines[0], "|") != "Mã đơn vị|Cơ quan, đơn vị|Mã nhóm|Nhóm đối tượng|Chỉ tiêu (%)|Có tên trong danh sách|Đã khai|Mẫu số|Đã bao phủ|Tỷ lệ (%)|Đạt chỉ tiêu|Số đơn vị chưa khai|Trong đó chỉ nhờ tập huấn được công nhận" {
			t.Fatalf("%d lines, headed %v", len(lines), lines[0])
		}
		for i, row := range r.Rows() {
			l := lines[1+i]
			pct := ""
			if row.Percent != nil {
				pct = strconv.FormatFloat(row.Percent.Float(), 'f', -1, 64) // as the numbers of every other table are written
			}
			if l[0] != row.Organisation || l[2] != row.Group || l[5] != strconv.Itoa(row.Roster) || l[7] != strconv.Itoa(row.Denominator) || l[8] != strconv.Itoa(row.Covered) || l[9] != pct || l[11] != strconv.Itoa(row.Unreported) {
				t.Fatalf("line %v is not row %+v", l, row)
			}
		}
		m, err := s.Names(t.Context(), access.System(), coverage.NamesQuery{Query: coverage.Query{Org: "SO-TP", Day: models.MustDay("2026-11-20")}, Group: "QCN"})
		if err != nil {
			t.Fatal(err)
		}
		names := readCSV(t, c, "/coverage/missing.csv?org=SO-TP&group=QCN&on=2026-11-20", "con-thieu-QCN-SO-TP-2026-11-20.csv")
		if len(names) != 1+len(m.People) {
			t.Fatalf("%d lines for %d people", len(names)-1, len(m.People))
		}
		formula := slices.ContainsFunc(names, func(l []string) bool { return l[0] == "'=1+1" && l[2] == "'@SUM(A1)" })
		if !formula {
			t.Errorf("formulas are not disarmed: %v", names)
		}
	}, province(300))
}

func officeID(t *testing.T, db *store.DB, code string) uint64 {
	t.Helper()
	var o models.Organisation
	if err := db.Read(t.Context()).Where("code = ?", code).Take(&o).Error; err != nil {
		t.Fatal(err)
	}
	return o.ID
}

func readCSV(t *testing.T, c *client, path, name string) [][]string {
	t.Helper()
	body, head := c.get(path, 200)
	if got := head.Get("Content-Disposition"); got != "attachment; filename="+name {
		t.Errorf("%s is saved as %s", path, got)
	}
	text, marked := strings.CutPrefix(body, "\ufeff")
	lines, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || !marked {
		t.Fatalf("%s: %v, marked %v", path, err, marked)
	}
	return lines
}

func TestTheAPIGivesTheRowsOfTheDefinition(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		c := signedIn(t, site, models.RoleCoordinator, "")
		s := &coverage.Service{DB: db}
		rows, err := s.Rows(t.Context(), access.System(), coverage.Query{Org: "CB-XA", Day: models.MustDay("2026-11-20")})
		if err != nil {
			t.Fatal(err)
		}
		want, err := json.Marshal(rows)
		if err != nil {
			t.Fatal(err)
		}
		got, _ := c.get("/api/v1/coverage?org=CB-XA&as_of=2026-11-20", 200)
		if strings.TrimSpace(got) != string(want) {
			t.Errorf("the rows differ:\n%.500s\n%.500s", got, want)
		}
		has(t, got, `{"organisation":"CB-XA","group":"QCN","target_percent":100,"roster":`)

		var missing struct {
			Row        coverage.Row
			Total      int
			People     []map[string]any
			Unnamed    []struct{ People int }
			Unreported []string
		}
		text, _ := c.get("/api/v1/coverage/missing?org=CB-XA&as_of=2026-11-20&group=CTXH&size=500", 200)
		if err := json.Unmarshal([]byte(text), &missing); err != nil && !strings.Contains(err.Error(), "Percent") {
			t.Fatal(err)
		}
		unnamed := 0
		for _, u := range missing.Unnamed {
			unnamed += u.People
		}
		f := figureOf(rows, "CB-XA", "CTXH")
		if f.Covered+len(missing.People)+unnamed != f.Denominator || len(missing.People) != missing.Total || len(missing.Unreported) != f.Unreported {
			t.Errorf("%d covered, %d named, %d unnamed, %d silent of %+v", f.Covered, len(missing.People), unnamed, len(missing.Unreported), f)
		}
		series, _ := c.get("/api/v1/coverage/series?org=CB-XA&group=CTXH&to=2026-11-20&step=12", 200)
		var points []struct {
			Day     string
			Group   string
			Covered int
		}
		if err := json.Unmarshal([]byte(series), &points); err != nil {
			t.Fatal(err)
		}
		if len(points) != 3 || points[0].Day != "2025-07-01" || points[2].Day != "2026-11-20" || points[2].Covered != f.Covered || points[1].Group != "CTXH" {
			t.Errorf("series: %s", series)
		}
	}, province(300))
}

func figureOf(rows []coverage.Row, organisation, group string) coverage.Row {
	for _, r := range rows {
		if r.Organisation == organisation && r.Group == group {
			return r
		}
	}
	return coverage.Row{}
}

func TestThoseMissingAreFoundByNameAndLinkedOnlyWithinScope(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		today := models.MustDay("2026-11-24")
		// One who is still there, one who has gone elsewhere since, one on leave.
		for i, name := range []string{"Đặng Thị Ở Lại", "Đặng Văn Đi Rồi", "Đặng Văn Nghỉ"} {
			id := uint64(900001 + i)
			p := models.Posting{ID: id, CadreID: id, OrganisationID: officeID(t, db, "SO-TP"), Title: "Chuyên viên", FromDay: models.MustDay("2025-01-01"), ToDay: models.Forever, Main: true}
			if i == 1 {
				p.ToDay = models.MustDay("2026-06-01")
			}
			write(t, db, &models.Cadre{ID: id, FullName: name, BirthYear: 1980}, &p, &models.PostingGroup{PostingID: id, GroupID: 1})
			if i == 1 {
				write(t, db, &models.Posting{ID: id + 100, CadreID: id, OrganisationID: officeID(t, db, "SO-YT"), Title: "Chuyên viên", FromDay: p.ToDay, ToDay: models.Forever, Main: true})
			}
			if i == 2 {
				write(t, db, &models.Leave{PostingID: id, Kind: models.LeaveStudy, FromDay: models.MustDay("2026-01-01"), ToDay: today.AddDays(30)})
			}
		}
		c := signedIn(t, site, models.RoleHead, "SO-TP")
		page, _ := c.get("/coverage/missing?group=QCN&on=2026-05-01&q=dang", 200)
		has(t, page, `<a href="/cadres/900001">Đặng Thị Ở Lại</a>`, "Đặng Văn Đi Rồi", "đang đi học", "sinh năm 1980", "Cập nhật thông tin; Tập huấn kiến thức, kỹ năng")
		if strings.Contains(page, "/cadres/900002") {
			t.Error("the page of somebody who left is linked")
		}
		now, _ := c.get("/coverage/missing?group=QCN&q=%C4%91i+r%E1%BB%93i", 200)
		has(t, now, "Không có ai khớp")
		has(t, first(c.get("/coverage/missing?group=QCN", 200)), "Hiện không có lớp nào đang nhận người")

		update := invCourse(t, db, models.Course{Code: "A1", Title: "Tọa đàm", State: models.CourseOpen}, "talk", "CTXH", "2026-12-01")
		skills := invCourse(t, db, models.Course{Code: "A2", Title: "Lớp kỹ năng", State: models.CourseOpen}, "skills", "QCN", "2026-12-05")
		draft := invCourse(t, db, models.Course{Code: "A3", Title: "Lớp còn soạn", State: models.CourseDraft}, "skills", "QCN", "2026-12-05")
		page = first(c.get("/coverage/missing?group=QCN&lacking=training", 200))
		has(t, page, "/courses/"+id(skills.ID)+"/nominate?org=SO-TP&amp;group=QCN&amp;lacking=training")
		for _, no := range []uint64{update.ID, draft.ID} {
			if strings.Contains(page, "/courses/"+id(no)+"/") {
				t.Errorf("course %d does not bring what is lacking, or is no offer", no)
			}
		}
		page = first(c.get("/coverage/missing?group=QCN", 200))
		if a, b := strings.Index(page, "Lớp kỹ năng"), strings.Index(page, "Tọa đàm"); a < 0 || b < a {
			t.Error("the course aimed at the group does not come first")
		}
		all := signedIn(t, site, models.RoleCoordinator, "")
		has(t, first(all.get("/coverage/missing?org=SO-TP&group=QCN", 200)), "/courses/"+id(skills.ID)+"/enrolments/new?org=SO-TP&amp;group=QCN&amp;lacking=1")
	}, province(300))
}

func id(n uint64) string { return strconv.FormatUint(n, 10) }

func first(page string, _ http.Header) string { return page }

func TestFirstPagesAndCoverageTakeABoundedNumberOfStatements(t *testing.T) {
	t.Parallel()
	paths := []string{"/", "/coverage", "/coverage?below=all", "/coverage?org=CB-XA", "/coverage/missing?group=CTXH&org=CB-XA", "/coverage/people?group=CTXH&org=CB-XA&part=covered", "/coverage/people.csv?group=CTXH&org=CB-XA&part=leave", "/coverage/missing.csv?group=CTXH&org=CB-XA", "/coverage.csv", "/api/v1/coverage/series"}
	count := func(t *testing.T, db *store.DB, role models.Role, org string) []int {
		c := signedIn(t, testweb.Serve(t, db), role, org)
		c.get("/coverage", 200)
		var n []int
		for _, p := range paths {
			n = append(n, testdb.CountQueries(db, func() { c.get(p, 200) }))
		}
		return n
	}
	for _, d := range []store.Dialect{store.SQLite, store.MySQL} {
		for role, org := range map[models.Role]string{models.RoleCoordinator: "", models.RoleHead: "CB"} {
			t.Run(string(d)+"-"+string(role), func(t *testing.T) {
				t.Parallel()
				few, many := count(t, testdb.Only(t, d, province(3)), role, org), count(t, testdb.Only(t, d, province(300)), role, org)
				if slices.Max(many) > 40 {
					t.Errorf("%v statements for %v", many, paths)
				}
				for i, p := range paths {
					// Where nobody is missing by name, a list of names is not asked for.
					if many[i] > few[i]+8 {
						t.Errorf("%s: %d statements for 3 cadres, %d for 300", p, few[i], many[i])
					}
				}
			})
		}
	}
}
