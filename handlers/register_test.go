package handlers_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// pastRegister is the home office's register of 2025 with so many numbers.
func (w *world) pastRegister(n int) models.Register {
	w.t.Helper()
	w.exec("UPDATE registers SET year = 2025, next_number = ? WHERE symbol = 'GCN-QCN'", n+1)
	w.exec("UPDATE certificates SET serial = '0001/2025/GCN-QCN', issued_day = '2025-11-24'")
	var first models.Certificate
	var r models.Register
	w.must(w.site.DB.Read(w.t.Context()).Take(&first).Error)
	w.must(w.site.DB.Read(w.t.Context()).Take(&r, first.RegisterID).Error)
	names := []string{"Nông Thị Hương", "Hoàng Văn Thụ", "Công Tằng Tôn Nữ Nguyễn Phước Huyền Trân Ngọc Bảo Phương Quế", "Lục Văn Bảo", "Triệu Thị Mùi"}
	for i := 2; i <= n; i++ {
		name := names[i%len(names)]
		c := first
		c.ID, c.CadreID, c.Number, c.Serial, c.Code = 0, w.cadre(name), i, fmt.Sprintf("%04d/2025/GCN-QCN", i), fmt.Sprintf("K7WM4PQZ9TXC%04d", i)
		c.LiveCompletionID = nil
		c.Snapshot = strings.Replace(c.Snapshot, "Bế Thị Ngoài", name, 1)
		w.create(&c)
	}
	return r
}

func TestACoordinatorSignsOffLastYearsRegisterAndSeesWhetherItWasChanged(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		w := newWorld(t, site)
		b := site.As(t, models.RoleCoordinator, "")
		b.Go("/certificates")
		b.Click("Sổ cấp giấy chứng nhận")
		b.Click("GCN-QCN")
		b.Sees("Khóa sổ được từ ngày 01/01/2027")
		b.Lacks("Tôi đã đối chiếu")
		r := w.pastRegister(12)
		b.Go("/registers")
		b.Sees("GCN-KHAC")
		both(b, "register-list")
		b.Click("GCN-QCN")
		b.Sees("Tôi đã đối chiếu 12 giấy chứng nhận trong sổ")
		both(b, "register-due")
		b.Click("Khóa sổ")
		b.Sees("Hãy đối chiếu sổ rồi đánh dấu vào ô này.")
		b.Look("register-unsure")
		b.Check("Tôi đã đối chiếu 12 giấy chứng nhận trong sổ")
		b.Click("Khóa sổ")
		b.Sees("Đã khóa sổ. Hãy in sổ")
		b.Lacks("Tôi đã đối chiếu")
		b.Click("0001/2025/GCN-QCN")
		b.Fill("Lý do", "Người được cấp khai man")
		b.Click("Thu hồi")
		b.Sees("Đã thu hồi giấy chứng nhận.")
		b.Sees("Người thực hiện")
		both(b, "certificate-ended")
		b.Go("/registers")
		b.Click("GCN-QCN")
		b.Sees("Người được cấp khai man")
		b.Sees("Sau khi khóa sổ")
		b.Click("Kiểm tra lại")
		b.Sees("sổ vẫn đúng như lúc khóa")
		both(b, "register-closed")
		b.Go(fmt.Sprintf("/registers/%d?q=mui+trieu", r.ID))
		b.Sees("Triệu Thị Mùi")
		b.Lacks("Nông Thị Hương")
		w.exec("UPDATE certificates SET snapshot = REPLACE(snapshot, 'Lục Văn Bảo', 'Lục Văn Bão') WHERE number = 3 AND serial LIKE '%/2025/GCN-QCN'")
		b.Go("/registers")
		b.Click("GCN-QCN")
		b.Click("Kiểm tra lại")
		b.Sees("Mã băm không khớp")
		b.Look("register-changed")
	}, testseed.Base)
}

func TestARegisterIsExportedAndAHeadSeesThoseOfTheOwnOfficeAlone(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, testweb.Serve(t, db))
		r := w.pastRegister(3)
		coordinator, head := w.as(models.RoleCoordinator), w.as(models.RoleHead)
		path := fmt.Sprintf("/registers/%d", r.ID)
		if got := coordinator.get(path + "/signed-off.jsonl"); got.status != http.StatusConflict {
			t.Errorf("what was signed off of an open register: %d", got.status)
		}
		if got := coordinator.post(path+"/close", url.Values{}); got.status != http.StatusUnprocessableEntity {
			t.Errorf("not sure: %d", got.status)
		}
		for _, want := range []int{http.StatusSeeOther, http.StatusConflict} { // two tabs
			if got := coordinator.post(path+"/close", url.Values{"sure": {"true"}}); got.status != want {
				t.Errorf("%d, not %d", got.status, want)
			}
		}
		w.must(db.Read(t.Context()).Take(&r, r.ID).Error)
		text := coordinator.get(path + "/signed-off.jsonl").body
		if sum := sha256.Sum256([]byte(text)); hex.EncodeToString(sum[:]) != r.ClosedSHA256 || strings.Count(text, "\n") != 4 {
			t.Errorf("%s is not that of\n%s", r.ClosedSHA256, text)
		}
		for _, a := range []*asker{coordinator, head} {
			sheet := fmt.Sprint(sheetOf(t, a, path+"/register.xlsx"))
			for _, s := range []string{"0001/2025/GCN-QCN", "Bế Thị Ngoài", r.ClosedSHA256} {
				if !strings.Contains(sheet, s) {
					t.Errorf("the workbook lacks %s: %s", s, sheet)
				}
			}
			if got := a.get(path + "/register.pdf"); got.status != http.StatusOK || !strings.HasPrefix(got.body, "%PDF-") {
				t.Errorf("the PDF: %d", got.status)
			}
			if got := a.get(path + "?q=3&check=true&sort=-name").body; !strings.Contains(got, "0003/2025/GCN-QCN") || strings.Contains(got, "0001/2025/GCN-QCN") || !strings.Contains(html.UnescapeString(got), "sổ vẫn đúng như lúc khóa") {
				t.Error(got)
			}
		}
		if all := fmt.Sprint(sheetOf(t, coordinator, "/registers.xlsx?sort=symbol")); !strings.Contains(all, "GCN-KHAC") || !strings.Contains(all, "GCN-QCN") {
			t.Error(all)
		}
		own := fmt.Sprint(sheetOf(t, head, "/registers.xlsx"))
		if page := head.get("/registers").body; strings.Contains(own+page, "GCN-KHAC") || !strings.Contains(own, "GCN-QCN") || !strings.Contains(page, "GCN-QCN") {
			t.Error("a head sees another's register, or lacks the own:", own)
		}
	}, testseed.Base)
}
