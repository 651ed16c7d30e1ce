package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

func TestNothingThatSomebodySendsToTheEditorIsKeptUnlessItMakesACertificate(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		a := as(t, site, testweb.Account{Name: "Lý Thị Thử", SignIn: "mau", Role: models.RoleCoordinator})
		var m models.Template
		if err := db.Read(t.Context()).Where("code = ?", "standard").Take(&m).Error; err != nil {
			t.Fatal(err)
		}
		at := templateAt(m.ID)
		good := formOn(a.get(at + "/edit").body)
		const script = `<script>alert("{name}")</script>`
		for i, c := range []struct {
			name, value string
			status      int
			says        string
		}{
			{"elements.2.x", "NaN", 422, "giới hạn"},
			{"elements.2.x", "1e999", 422, "giới hạn"},
			{"elements.2.x", "-1", 422, "giới hạn"},
			{"elements.2.x", "0x10p5", 422, ""},
			{"elements.2.w", "0", 422, "giới hạn"},
			{"elements.2.x", "290", 422, "nằm ngoài trang"},
			{"elements.2.lines", "1.5", 422, "giới hạn"},
			{"elements.2.lines", strings.Repeat("9", 400), 422, "giới hạn"},
			{"elements.2.size", "9999", 422, "giới hạn"},
			{"elements.2.font", "comic", 422, ""},
			{"elements.2.text", "{luong}", 422, "luong"},
			{"elements.2.text", "{name", 422, "ngoặc"},
			{"elements.2.text", strings.Repeat("a", 401), 422, "400"},
			{"elements.2.text", strings.Repeat("{course_title}", 28), 422, "6.000"},
			{"elements.2.text", "證書", 422, "證"},
			{"elements.2.text", "a\x00b", 422, ""},
			{"elements.2.text", "\xff\xfe", 422, ""},
			{"elements.3.items.0.kind", "qr", 422, ""},
			{"elements.4.kind", "text", 422, ""},
			{"elements.4.w", "10", 422, "20"},
			{"page", "square", 422, ""},
			{"note", strings.Repeat("n", 201), 422, "200"},
			{"base", "-1", 409, "phiên bản"},
			{"base", "99", 409, "phiên bản"},
			{"base", "", 409, "phiên bản"},
		} {
			form := clone(good)
			form.Set(c.name, c.value)
			form.Set("elements.5.items.0.text", script+" {serial}")
			form.Set("request_key", fmt.Sprintf("00000000-0000-4000-8000-%012d", i+10))
			got := a.post(at+"/versions", form)
			if got.status != c.status || !strings.Contains(got.body, c.says) {
				t.Errorf("%s = %.40q: %d, want %d and %q", c.name, c.value, got.status, c.status, c.says)
			}
			if strings.Contains(got.body, script) || !strings.Contains(got.body, "&lt;script&gt;") {
				t.Errorf("%s = %.40q: what was typed is lost, or a script", c.name, c.value)
			}
			if live := a.post(at+"/live", form); live.status != http.StatusOK {
				t.Errorf("%s = %.40q: the preview answers %d", c.name, c.value, live.status)
			}
		}
		huge := clone(good)
		for i := range 300 {
			huge.Set(fmt.Sprintf("elements.%d.kind", i+8), "frame")
			huge.Set(fmt.Sprintf("elements.%d.x", i+8), "5")
		}
		deep := clone(good)
		name := "elements.8"
		for range 60 {
			deep.Set(name+".kind", "stack")
			name += ".items.0"
		}
		for name, form := range map[string]url.Values{"300 frames": huge, "stacks in stacks": deep, "nothing": {"base": {"1"}}} {
			if got := a.post(at+"/versions", form); got.status != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d", name, got.status)
			}
			if got := a.post(at+"/edit", form); got.status != http.StatusOK {
				t.Errorf("%s drawn again: %d", name, got.status)
			}
		}
		if err := db.Read(t.Context()).Take(&m, m.ID).Error; err != nil || m.Version != 1 {
			t.Errorf("version %d was kept, %v", m.Version, err)
		}
	}, testseed.Base)
}

func TestTheEditorInABrowserTakesScriptsForWordsAndUndoesByKeyboard(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		b := site.As(t, models.RoleCoordinator, "")
		var m models.Template
		if err := db.Read(t.Context()).Where("code = ?", "bilingual").Take(&m).Error; err != nil {
			t.Fatal(err)
		}
		b.Dark(true)
		b.Go("/templates")
		when(b, `document.querySelectorAll("canvas[data-drawn]").length === 3`)
		b.Look("template-list-dark")
		b.Go(templateAt(m.ID))
		when(b, `document.querySelector("canvas[data-drawn]")`)
		b.Look("template-show-dark")
		b.Go(templateAt(m.ID) + "/edit")
		when(b, `document.querySelector("[data-sheet] canvas").dataset.drawn && !document.querySelector("[data-stale]")`)
		b.ClickAt(`.sheet-box[data-at="elements.2"]`)
		b.Fill("Nội dung", `<img src=x onerror="document.title='gotcha'">`)
		when(b, `!document.querySelector("[data-stale]")`)
		when(b, `document.title !== "gotcha" && document.querySelector('.sheet-box[data-at="elements.2"]').getAttribute("aria-label").includes("<img")`)
		b.Fill("Nội dung", "GIẤY {luong}")
		b.Sees("Không có trường “luong”")
		b.Look("template-edit-dark")
		script(b, `document.querySelector('.sheet-box[data-at="elements.2"]').focus()`)
		b.Press(kb.ArrowRight)
		when(b, `document.querySelector('[name="elements.2.x"]').value === "26.5"`)
		script(b, `document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key: "z", ctrlKey: true, bubbles: true, cancelable: true }))`)
		when(b, `document.querySelector('[name="elements.2.x"]').value === "26"`)

		// Another tab saves meanwhile: what is typed here stays, and is told so.
		other := as(t, site, testweb.Account{Name: "Lý Văn Khác", SignIn: "khac", Role: models.RoleCoordinator})
		form := formOn(other.get(templateAt(m.ID) + "/edit").body)
		form.Set("elements.2.text", "GIẤY KHEN")
		if got := other.post(templateAt(m.ID)+"/versions", form); got.status != http.StatusSeeOther {
			t.Fatalf("%d", got.status)
		}
		b.Fill("Nội dung", "BẰNG KHEN")
		b.Click("Lưu phiên bản mới")
		b.Sees("Người khác vừa lưu phiên bản 2")
		when(b, `document.querySelector('[name="elements.2.text"]').value === "BẰNG KHEN"`)
		b.Click("Lưu phiên bản mới")
		b.Sees("Đã lưu phiên bản 3")
	}, testseed.Base)
}
