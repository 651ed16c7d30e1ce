package handlers_test

import (
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

// TestAFormThatIsSentSignedOutIsKeptAndSentAgain lets a sign-in end between opening a form and sending it.
func TestAFormThatIsSentSignedOutIsKeptAndSentAgain(t *testing.T) {
	t.Parallel()
	site := testweb.Serve(t, testdb.Only(t, store.SQLite, testseed.Base))
	b := site.As(t, models.RoleCoordinator, "")
	site.Account(t, testweb.Account{Name: "Nông Thị Điều", SignIn: "dieu", Role: models.RoleCoordinator})
	b.Go("/issuers")
	testweb.Eval[bool](b, `fetch("/sign-out", { method: "POST" }).then(() => true)`)
	testweb.Eval[bool](b, `(() => { const s = document.querySelector("select[name=organisation]"); s.value = "SO-VHTTDL"; return true; })()`)
	b.Fill("Tên cơ quan trên giấy", "Sở Văn hóa, Thể thao và Du lịch")
	b.Fill("Nơi cấp", "Cao Bằng")
	b.Fill("Ký hiệu sổ", "GCN-QCN")
	b.Click("Lưu")
	b.Sees("Cần đăng nhập", "những gì vừa gửi chưa được ghi", "Gửi lại")
	b.Look("signed-out-form")
	// Signing in happens in another window of the same browser.
	testweb.Eval[bool](b, `fetch("/sign-in", { method: "POST", body: new URLSearchParams({ name: "dieu", password: "`+testweb.Password+`" }) }).then(() => true)`)
	b.Click("Gửi lại")
	b.Sees("Đã lưu cơ quan cấp.", "GCN-QCN")
}

// TestABodyBeyondTheLimitIsRefusedAsThat sends a form of more than a request may carry.
func TestABodyBeyondTheLimitIsRefusedAsThat(t *testing.T) {
	t.Parallel()
	w := newWorld(t, testweb.Serve(t, testdb.Only(t, store.SQLite, testseed.Base)))
	a := w.as(models.RoleCoordinator)
	for body, status := range map[string]int{"title=" + strings.Repeat("x", 3<<20): http.StatusRequestEntityTooLarge, "title=%zz": http.StatusUnprocessableEntity} {
		if got := a.ask(http.MethodPost, "/courses", "application/x-www-form-urlencoded", body); got.status != status {
			t.Errorf("%d bytes: status %d, want %d", len(body), got.status, status)
		}
	}
	if got := a.post("/courses", url.Values{"title": {"x"}}); got.status != http.StatusUnprocessableEntity {
		t.Errorf("status %d", got.status)
	}
}
