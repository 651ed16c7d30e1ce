package handlers_test

import (
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// stamp writes a picture of a round red stamp into a file.
func stamp(t *testing.T) string {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, 200, 200))
	for y := range 200 {
		for x := range 200 {
			if d := (x-100)*(x-100) + (y-100)*(y-100); d < 9800 && (d > 8400 || d < 500) {
				img.Set(x, y, color.NRGBA{R: 0xc0, G: 0x20, B: 0x20, A: 0xd0})
			}
		}
	}
	path := filepath.Join(t.TempDir(), "dau.png")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// when waits until the page says so.
func when(b *testweb.Tab, condition string) {
	testweb.Eval[bool](b, "new Promise((done) => { const look = () => ("+condition+") ? done(true) : setTimeout(look, 20); look(); })")
}

// script does something in the page.
func script(b *testweb.Tab, steps string) {
	testweb.Eval[bool](b, "(() => { "+steps+"; return true; })()")
}

func TestAClerkMakesATemplateOfTheOffice(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		b := site.As(t, models.RoleCoordinator, "")
		b.Go("/templates/pictures")
		b.Fill("Tên ảnh", "Dấu của Sở")
		b.Upload("Tệp ảnh", stamp(t))
		b.Click("Tải lên")
		b.Sees("Đã thêm ảnh", "Dấu của Sở", "200 × 200")
		b.Look("template-pictures")
		b.Go("/templates")
		b.Sees("Mẫu chuẩn, khổ ngang", "Mẫu song ngữ")
		when(b, `document.querySelectorAll("canvas[data-drawn]").length === 3`)
		b.Look("template-list")
		b.Fill("Tên mẫu", "Mẫu của Sở Văn hóa")
		b.Click("Tạo mẫu")
		b.Sees("Đã tạo mẫu", "Sửa từ phiên bản 1")
		when(b, `document.querySelector("[data-sheet] canvas").dataset.drawn`)
		b.ClickAt(`.sheet-box[data-at="elements.2"]`)
		b.Look("template-edit")

		// What is wrong is said while one types.
		b.Fill("Nội dung", "GIẤY {luong}")
		b.Sees("Không có trường “luong”")
		b.Fill("Nội dung", "GIẤY GHI NHẬN")
		when(b, `!document.querySelector("[data-wrong]")`)
		b.Lacks("Không có trường “luong”")

		// The keyboard moves a box by half a millimetre; undo takes it back.
		script(b, `document.querySelector('.sheet-box[data-at="elements.2"]').focus()`)
		b.Press(kb.ArrowDown)
		when(b, `document.querySelector('[name="elements.2.y"]').value === "49"`)
		b.Click("Hoàn tác")
		when(b, `document.querySelector('[name="elements.2.y"]').value === "48.5"`)

		b.ClickAt(`button[value="add:image"]`)
		when(b, `document.querySelector('[data-kind="image"][open]')`)
		script(b, `for (const [k, v] of [["image", document.querySelector('[name$=".image"]').options[1].value], ["x", "200"], ["y", "158"], ["w", "32"], ["h", "32"]]) document.querySelector('[name="elements.8.' + k + '"]').value = v; document.querySelector('[name="elements.8.x"]').dispatchEvent(new Event("input", { bubbles: true }))`)
		b.ClickAt(`[name="elements.8.seal"]`)
		script(b, `const r = document.querySelector('[name="rendition"]'); r.value = "signed"; r.dispatchEvent(new Event("input", { bubbles: true }))`)
		when(b, `!document.querySelector("[data-stale]") && !document.querySelector("[data-wrong]")`)
		b.Look("template-edit-seal")
		b.Fill("Đã thay đổi gì", "Thêm dấu")
		b.Click("Lưu phiên bản mới")
		b.Sees("Đã lưu phiên bản 2", "Thêm dấu", "Khôi phục")
		when(b, `document.querySelector("canvas[data-drawn]")`)
		b.Look("template-show")
		b.Go("/templates/pictures")
		b.Lacks("Xóa")
	}, testseed.Base)
}

var control = regexp.MustCompile(`<input[^>]* name="([^"]+)"[^>]*>`)
var valueOf = regexp.MustCompile(` value="([^"]*)"`)

// formOn reads the controls of the editor as a browser without script would send them.
func formOn(page string) url.Values { return formIn(page, `class="designer"`) }

// formIn reads the controls of the form that has this in its tag.
func formIn(page, tag string) url.Values {
	out := url.Values{}
	at := strings.Index(page, tag)
	if at < 0 {
		return out
	}
	page = page[at:]
	page = page[:strings.Index(page, "</form>")]
	for _, m := range control.FindAllStringSubmatch(page, -1) {
		if strings.Contains(m[0], `type="radio"`) || strings.Contains(m[0], `type="checkbox"`) {
			if !strings.Contains(m[0], " checked") {
				continue
			}
		}
		value := ""
		if v := valueOf.FindStringSubmatch(m[0]); v != nil {
			value = v[1]
		}
		out.Set(m[1], value)
	}
	for _, m := range regexp.MustCompile(`(?s)<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>`).FindAllStringSubmatch(page, -1) {
		if v := regexp.MustCompile(`<option value="([^"]*)"[^>]* selected`).FindStringSubmatch(m[2]); v != nil {
			out.Set(m[1], v[1])
		}
	}
	return out
}

func TestTheEditorWorksWithoutScriptAndTwoTabsLoseNothing(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		a := as(t, site, testweb.Account{Name: "Lý Thị Thử", SignIn: "mau", Role: models.RoleCoordinator})
		var m models.Template
		if err := db.Read(t.Context()).Where("code = ?", "standard").Take(&m).Error; err != nil {
			t.Fatal(err)
		}
		at := templateAt(m.ID)
		page := a.get(at + "/edit")
		form := formOn(page.body)
		if page.status != http.StatusOK || form.Get("elements.3.items.2.text") != "{honorific} {name}" {
			t.Fatalf("%d, %q", page.status, form)
		}
		if got := a.post(at+"/versions", form); got.status != http.StatusConflict || !strings.Contains(got.body, "Chưa có gì thay đổi") {
			t.Errorf("saving what is there: %d", got.status)
		}

		// A button gives the form back changed and saves nothing.
		form.Set("act", "down:1")
		form.Set("elements.1.x", "26,5") // a comma is a point
		got := a.post(at+"/edit", form)
		moved := formOn(got.body)
		if got.status != http.StatusOK || moved.Get("elements.2.kind") != "heading" || moved.Get("elements.2.x") != "26,5" || moved.Get("elements.1.text") != "GIẤY CHỨNG NHẬN" {
			t.Errorf("%d, %q", got.status, moved)
		}
		for act, want := range map[string]int{"add:text": 9, "remove:4": 7, "copy:3": 9, "add:sơn": 8, "remove:99": 8, "up:-1": 8, "": 8, "up:3.x": 8} {
			form.Set("act", act)
			got := a.post(at+"/edit", form)
			if n := strings.Count(got.body, "data-element="); got.status != http.StatusOK || n != want {
				t.Errorf("%q: %d, %d elements, want %d", act, got.status, n, want)
			}
		}
		form.Set("act", "preview")
		if got := a.post(at+"/edit", form); got.status != http.StatusOK || !strings.HasPrefix(got.body, "%PDF-") {
			t.Errorf("the preview: %d", got.status)
		}
		form.Set("elements.2.text", "{luong}")
		got = a.post(at+"/edit", form)
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "Không có trường “luong”") || formOn(got.body).Get("elements.2.text") != "{luong}" {
			t.Errorf("the preview of an unknown field: %d", got.status)
		}
		got = a.post(at+"/live", form)
		var live struct {
			PDF      string
			Problems []struct{ At, Text string }
		}
		if err := json.Unmarshal([]byte(got.body), &live); err != nil || live.PDF != "" || len(live.Problems) == 0 || live.Problems[0].At != "elements.2" {
			t.Errorf("%v %+v", err, live)
		}

		// Two tabs: the second is told, keeps what was typed and may save all the same.
		form.Del("act")
		first, second := clone(form), clone(form)
		first.Set("elements.2.text", "GIẤY KHEN")
		second.Set("request_key", "00000000-0000-4000-8000-000000000002") // a page of its own
		second.Set("elements.2.text", "BẰNG KHEN")
		if got := a.post(at+"/versions", first); got.status != http.StatusSeeOther {
			t.Fatalf("the first tab: %d\n%s", got.status, got.body)
		}
		got = a.post(at+"/versions", second)
		if got.status != http.StatusConflict || !strings.Contains(got.body, "vừa lưu phiên bản 2") || formOn(got.body).Get("elements.2.text") != "BẰNG KHEN" {
			t.Errorf("the second tab: %d", got.status)
		}
		if got := a.post(at+"/versions", formOn(got.body)); got.status != http.StatusSeeOther {
			t.Errorf("the second tab again: %d", got.status)
		}
		if got := a.post(at+"/versions/1/restore", url.Values{}); got.status != http.StatusSeeOther {
			t.Errorf("restoring: %d", got.status)
		}
		if err := db.Read(t.Context()).Take(&m, m.ID).Error; err != nil || m.Version != 4 {
			t.Errorf("version %d, %v", m.Version, err)
		}
	}, testseed.Base)
}

func clone(v url.Values) url.Values {
	out := url.Values{}
	for k, x := range v {
		out[k] = append([]string{}, x...)
	}
	return out
}

func templateAt(id uint64) string { return "/templates/" + strconv.FormatUint(id, 10) }
