package handlers_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// staff puts four people into the office: one covered by a course, one on leave by recognised training, and two who lack everything, one
// of them on leave. The office declares seven.
func staff(t *testing.T, db *store.DB) (course models.Course) {
	t.Helper()
	office, since := officeID(t, db, "SO-TP"), models.MustDay("2025-01-01")
	course = invCourse(t, db, models.Course{Code: "CU-25", Title: "Tập huấn năm 2025", State: models.CourseClosed}, "conference", "QCN", "2025-03-10")
	for i, name := range []string{"Hoàng Thị Đủ", "Hoàng Văn Công Nhận", "Hoàng Văn Thiếu", "Hoàng Thị Nghỉ"} {
		id := uint64(900001 + i)
		write(t, db, &models.Cadre{ID: id, FullName: name, BirthYear: 1980}, &models.Posting{ID: id, CadreID: id, OrganisationID: office, Title: "Chuyên viên", FromDay: since, ToDay: models.Forever, Main: true}, &models.PostingGroup{PostingID: id, GroupID: 1})
		if i%2 == 1 {
			write(t, db, &models.Leave{PostingID: id, Kind: models.LeaveStudy, FromDay: models.MustDay("2026-01-01"), ToDay: models.Forever})
		}
		completion := models.Completion{ID: id, CadreID: id, EffectiveDay: models.MustDay("2025-03-10")}
		switch i {
		case 0:
			completion.CourseID = &course.ID
		case 1:
			r := models.Recognition{ID: id, CadreID: id, Title: "Bồi dưỡng ở Hà Nội", Body: "Học viện Chính trị", FirstDay: completion.EffectiveDay, LastDay: completion.EffectiveDay, PaperNumber: "9", PaperKey: "9", State: models.RecognitionApproved}
			r.LivePaperKey, completion.RecognitionID = &r.PaperKey, &r.ID
			write(t, db, &r)
		default:
			continue
		}
		completion.Components = models.ComponentsOf(models.ComponentUpdate, models.ComponentTraining)
		write(t, db, &completion)
	}
	n := 7
	write(t, db, &models.Headcount{OrganisationID: office, GroupID: 1, EffectiveDay: since, Declared: &n})
	return course
}

func TestAFigureOpensToWhatItIsTheSumOfAndToEachName(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		course := staff(t, db)
		site := testweb.Serve(t, db)
		b := site.As(t, models.RoleHead, "SO-TP")
		b.Go("/coverage")
		b.Click("Cán bộ làm công tác quyền con người") // the figure itself
		b.Sees("Còn thiếu: Quyền con người", "Mẫu số", "Hoàng Văn Thiếu", "Hoàng Thị Nghỉ", "đang đi học", "Đang nghỉ (thai sản, ốm, biệt phái, đi học) 2 người: 1 đã bao phủ, 1 còn thiếu.")
		look(b, "figure-missing")
		b.ClickAt(`.tabs a[href*="part=covered"]`)
		b.Sees("Đã bao phủ: Quyền con người", "Hoàng Thị Đủ", "10/03/2025", "Tập huấn năm 2025", "Bồi dưỡng ở Hà Nội", "Học viện Chính trị", "Chỉ nhờ công nhận")
		look(b, "figure-covered")
		b.Phone() // where what somebody was trained in is folded
		b.Sees("nhờ 1 lớp")
		b.Lacks("Tập huấn năm 2025")
		b.Desk()
		b.Sees("Tập huấn năm 2025")
		if !testweb.Eval[bool](b, `!!document.querySelector('a[href="/courses/`+id(course.ID)+`"]') && !!document.querySelector('a[href="/recognitions/900002"]')`) {
			t.Error("no way to the course or to the recognition")
		}
		b.ClickAt(`.tabs a[href*="part=leave"]`)
		b.Sees("Đang nghỉ: Quyền con người", "Hoàng Văn Công Nhận", "Hoàng Thị Nghỉ")
		look(b, "figure-leave")
		b.ClickAt(`.sum a[href*="part=short"]`)
		b.Sees("Đã khai, chưa có tên: Quyền con người", "Sở Tư pháp", "Bổ sung danh sách")
		look(b, "figure-short")
	}, province(40))
}

func TestTheWayToThoseMissingSaysHowManyNamesItOpensAndWhoHasNone(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		staff(t, db)
		testdb.Ledger(t, db)
		b := testweb.Serve(t, db).As(t, models.RoleCoordinator, "")
		b.Go("/coverage")
		b.Sees("người đã khai, chưa có tên", "Đề xuất mở lớp cho người còn thiếu")
		said := testweb.Eval[[]int](b, `(p => [p.firstChild, ...p.querySelectorAll("a")].slice(0, 3).map(x => Number(x.textContent.match(/\d+/)[0])))(document.querySelector('.coverage-way:has([href*="group=QCN"][href*="part=short"])'))`)
		if len(said) != 3 || said[0] != said[1]+said[2] || said[2] == 0 {
			t.Errorf("%d missing, %v", said[0], said[1:])
		}
		b.ClickAt(`.coverage-way a[href*="group=QCN"][href*="part=missing"]`)
		if n := testweb.Eval[int](b, `Number(document.querySelector('.tabs [aria-current] .tab-count').textContent)`); n != said[1] {
			t.Errorf("%d names, not %d", n, said[1])
		}
		look(b, "names-missing")
		b.Go("/coverage")
		b.Click("Đề xuất mở lớp cho người còn thiếu")
		if v := b.Value("Cơ quan, địa phương"); v != "Tỉnh Cao Bằng" {
			t.Errorf("the form is filled in with %q", v)
		}
	}, province(40))
}

func TestThePartsOfAFigureHoldWhoeverAsksToTheRulesOfCoverage(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		staff(t, db)
		site := testweb.Serve(t, db)
		head, all := signedIn(t, site, models.RoleHead, "SO-TP"), signedIn(t, site, models.RoleCoordinator, "")
		for path, status := range map[string]int{
			"/coverage/people?group=QCN&org=CB":                                    http.StatusNotFound,
			"/coverage/people?group=QCN&org=SO-YT&part=covered":                    http.StatusNotFound,
			"/coverage/people.xlsx?group=QCN&org=SO-YT&part=covered":               http.StatusNotFound,
			"/coverage/people?group=XXX":                                           http.StatusNotFound,
			"/coverage/people?group=QCN&part=everybody":                            http.StatusUnprocessableEntity,
			"/coverage/people?group=QCN&part=covered&on=2022-12-31":                http.StatusUnprocessableEntity,
			"/coverage/people?group=QCN&part=covered&on=x":                         http.StatusUnprocessableEntity,
			"/coverage/people?group=QCN&part=short&page=-1":                        http.StatusUnprocessableEntity,
			"/coverage/people?group=QCN&part=" + strings.Repeat("a", 4000):         http.StatusUnprocessableEntity,
			"/coverage/people.csv?part=covered":                                    http.StatusUnprocessableEntity,
			"/coverage/people.csv?group=QCN&part=everybody":                        http.StatusUnprocessableEntity,
			"/coverage/people?group=QCN&part=short&page=999999":                    http.StatusOK,
			"/coverage/people?group=QCN&part=covered&after=nonsense&sort=whatever": http.StatusOK,
			"/coverage/people?group=QCN&part=recognised&line=true":                 http.StatusOK,
			"/coverage/people?group=QCN&part=told":                                 http.StatusOK,
		} {
			page, _ := head.get(path, status)
			if status == http.StatusUnprocessableEntity && strings.Contains(path, "/people?") {
				has(t, page, "Con số này từ đâu")
			}
		}
		for part, name := range map[string]string{"covered": "da-bao-phu", "recognised": "duoc-cong-nhan", "missing": "con-thieu", "leave": "dang-nghi", "short": "chua-co-ten", "told": "chi-bao-so", "silent": "chua-khai"} {
			lines := readCSV(t, all, "/coverage/people.csv?group=QCN&org=SO-TP&on=2026-11-20&part="+part, name+"-QCN-SO-TP-2026-11-20.csv")
			for _, l := range lines[1:] {
				if len(l) != len(lines[0]) {
					t.Errorf("%s: %v under %v", part, l, lines[0])
				}
			}
			text := strings.Join(flat(lines), "|")
			switch part {
			case "covered":
				has(t, text, "Hoàng Thị Đủ", "2025-03-10||CU-25, Tập huấn năm 2025, 10/03/2025", "Bồi dưỡng ở Hà Nội, Học viện Chính trị, 10/03/2025|Có")
			case "short":
				has(t, text, "SO-TP|Sở Tư pháp|7|")
			}
		}
		// Who has left the office since is named in its past, and the page stays closed.
		_, err := db.Write(context.Background(), store.By{}, func(tx *store.Tx) (uint64, error) {
			return 0, tx.Model(&models.Posting{}).Where("id = ?", 900001).Update("to_day", models.MustDay("2026-06-01")).Error
		})
		if err != nil {
			t.Fatal(err)
		}
		page, _ := head.get("/coverage/people?group=QCN&part=covered&on=2026-05-01", 200)
		has(t, page, "Hoàng Thị Đủ", `<a href="/cadres/900002">`)
		if strings.Contains(page, "/cadres/900001") {
			t.Error("the page of somebody who left is linked")
		}
	}, province(3))
}

func flat(lines [][]string) (out []string) {
	for _, l := range lines {
		out = append(out, l...)
	}
	return out
}
