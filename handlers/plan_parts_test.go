package handlers_test

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"taphuan/app/ledger"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// TestTopicsAndGroupsAreAddedToAPlanAndTakenAwayWhileNothingHangsOnThem does so by the form, with what it does said first.
func TestTopicsAndGroupsAreAddedToAPlanAndTakenAwayWhileNothingHangsOnThem(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		testdb.Ledger(t, db)
		base := current(t, db)
		kept := func(p *plan.Plan) {
			t.Helper()
			work(t, site)
			if ok, err := ledger.Kept(db.Read(t.Context()), p); err != nil || !ok {
				t.Errorf("no ledger of the plan as it is now: %v", err)
			}
		}
		b := site.As(t, models.RoleAdministrator, "")
		b.Go("/plans/" + base.Code + "/edit")
		b.Click("Thêm hoặc bỏ nhóm đối tượng")
		b.Fill("Mã nhóm mới", "bcv")
		b.Fill("Tên nhóm mới", "Báo cáo viên pháp luật")
		b.Fill("Tên ngắn", "Báo cáo viên")
		b.Click("Xem ảnh hưởng")
		b.Sees("Chỉ tiêu là số nguyên từ 1 đến 100") // what was typed stays
		look(b, "plan-parts")
		admin := as(t, site, testweb.Account{Name: "Quản trị", SignIn: "qt", Role: models.RoleAdministrator})
		post := func(want int, version int, fields ...string) answer {
			t.Helper()
			form := url.Values{"version": {strconv.Itoa(version)}}
			for i := 0; i < len(fields); i += 2 {
				form.Set(fields[i], fields[i+1])
			}
			got := admin.post("/plans/"+base.Code, form)
			if got.status != want {
				t.Fatalf("%v: %d, want %d\n%.1500s", fields, got.status, want, got.body)
			}
			return got
		}
		group := []string{"new_group_code", "bcv", "new_group_vi", "Báo cáo viên pháp luật", "new_group_short", "Báo cáo viên", "new_group_target", "80", "new_group_like", "CTXH"}
		spoiled := func(field, typed string) []string {
			out := append([]string{"yes", "true"}, group...)
			return append(out, field, typed)
		}
		for _, x := range [][]string{
			spoiled("new_group_code", "báo cáo"), spoiled("new_group_code", "QCN"), spoiled("new_group_code", ""), spoiled("new_group_code", strings.Repeat("A", 21)), spoiled("new_group_vi", " "), spoiled("new_group_vi", "can bo lam cong tac quyen con nguoi"),
			spoiled("new_group_short", base.Groups[0].ShortVi),
			spoiled("new_group_short", ""), spoiled("new_group_short", strings.Repeat("ộ", 121)), spoiled("new_group_target", "0"), spoiled("new_group_target", "x"), spoiled("new_group_like", "KHONG-CO"),
			{"yes", "true", "new_topic_en", "Only English"}, {"yes", "true", "new_topic_vi", strings.Repeat("ộ", 1001)}, {"yes", "true", "new_topic_vi", "X", "new_topic_of", "1.1"}, {"yes", "true", "new_topic_vi", "X", "new_topic_of", "cơ quan"},
			{"yes", "true", "new_topic_of", "1"}, {"yes", "true", "new_group_short", "Báo cáo viên"}, {"yes", "true", "new_group_like", "CTXH"}, // half of what is asked for
			{"yes", "true", "drop_topic", "1"}, {"yes", "true", "drop_topic", "KHONG-CO"}, {"yes", "true", "drop_group", "QCN"}, {"yes", "true", "drop_group", "nhóm"},
		} {
			post(http.StatusUnprocessableEntity, 0, x...)
		}
		both := append([]string{"new_topic_vi", "Kỹ năng số", "new_topic_of", ""}, group...)
		has(t, post(http.StatusOK, 0, both...).body, "Chưa có gì được lưu", "6. Kỹ năng số", "“Báo cáo viên pháp luật” chưa có ai", `value="Báo cáo viên pháp luật"`)
		if p := current(t, db); p.Version != 0 || len(p.Groups) != len(base.Groups) || len(p.Topics) != len(base.Topics) {
			t.Fatalf("what was refused or only looked at changed the plan: %+v", p.Plan)
		}

		post(http.StatusSeeOther, 0, append(both, "yes", "true")...)
		post(http.StatusConflict, 0, append(both, "yes", "true")...) // the other tab
		post(http.StatusSeeOther, 1, "yes", "true", "new_topic_vi", "Công ước thứ tám", "new_topic_of", "1")
		p := current(t, db)
		kept(p)
		codes := make([]string, len(p.Topics))
		for i, x := range p.Topics {
			codes[i] = x.Code
		}
		if got := strings.Join(codes, " "); got != "1 1.1 1.2 1.3 1.4 1.5 1.6 1.7 1.8 2 3 4 5 6" {
			t.Error("topics:", got)
		}
		fresh, like := p.GroupByCode("BCV"), p.GroupByCode("CTXH")
		if fresh == nil || p.Groups[len(p.Groups)-1].ID != fresh.ID || fresh.TargetPercent != 80 {
			t.Fatalf("groups: %+v", p.Groups)
		}
		day := models.DayOf(db.Time())
		for _, level := range []models.Level{models.LevelProvince, models.LevelDistrict, models.LevelCommune} {
			if p.GroupAllowed(fresh.ID, level, day) != p.GroupAllowed(like.ID, level, day) {
				t.Errorf("the new group at the level %s is not as the other", level)
			}
		}
		has(t, admin.get("/coverage").body, "Báo cáo viên")
		rows := func() (n int64) {
			t.Helper()
			if err := db.Read(t.Context()).Raw("SELECT (SELECT COUNT(*) FROM coverage_changes WHERE group_id = ?) + (SELECT COUNT(*) FROM coverage_standings WHERE group_id = ?)", fresh.ID, fresh.ID).Scan(&n).Error; err != nil {
				t.Fatal(err)
			}
			return n
		}
		if rows() == 0 {
			t.Error("the ledger has no rows of a group that organisations have to declare")
		}
		has(t, admin.get("/plans/"+base.Code+"/edit").body, `<option value="6">6. Kỹ năng số</option>`, `<option value="BCV">`)

		has(t, post(http.StatusUnprocessableEntity, 2, "yes", "true", "drop_topic", "6", "new_topic_vi", "Phần mới", "new_topic_of", "6").body, "nên không bỏ được") // a part comes to hang on it
		post(http.StatusOK, 2, "drop_topic", "6", "drop_group", "BCV")
		post(http.StatusSeeOther, 2, "drop_topic", "6", "drop_group", "BCV", "yes", "true")
		if p = current(t, db); p.GroupByCode("BCV") != nil || len(p.Groups) != len(base.Groups) || len(p.Topics) != len(base.Topics)+1 {
			t.Errorf("%d groups, %d topics", len(p.Groups), len(p.Topics))
		}
		kept(p)
		if n := rows(); n != 0 {
			t.Errorf("%d rows of the ledger are of a group that is gone", n)
		}
		if got := admin.get("/coverage/people?group=BCV"); got.status != http.StatusNotFound {
			t.Errorf("people of a group that is gone: %d", got.status)
		}
	}, province(60))
}
