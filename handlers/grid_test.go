package handlers_test

import (
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/xuri/excelize/v2"

	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

// A trainer types marks of many sessions with the keyboard, then fills in the workbook.
func TestATrainerTypesTheTableAndFillsItInExcel(t *testing.T) {
	t.Parallel()
	db := testdb.Only(t, store.SQLite, testseed.Base)
	site := testweb.Serve(t, db)
	h := newHall(t, db, site, 12)
	b := h.staff(t, "giang")
	at := "/courses/" + strconv.FormatUint(h.course.ID, 10)
	b.Go(at + "/attendance")
	b.Click("Bảng ghi nhanh")
	b.ClickAt("tbody tr:first-child td input")
	b.Press("xm1pk") // down the first column
	b.Sees("Đã lưu")
	b.Look("grid")
	var column []string
	db.Read(t.Context()).Table("marks").Joins("JOIN enrolments e ON e.id = marks.enrolment_id").Joins("JOIN cadres c ON c.id = e.cadre_id").Order("c.sort_key, e.id").Pluck("marks.mark", &column)
	if strings.Join(column, " ") != "present late present excused absent" {
		t.Errorf("the column holds %v", column)
	}
	var sources []string
	db.Read(t.Context()).Model(&models.MarkEvent{}).Distinct().Pluck("source", &sources)
	if strings.Join(sources, ",") != "grid" {
		t.Errorf("sources: %v", sources)
	}
	book, _ := b.Download("Tải bảng Excel")
	f, err := excelize.OpenReader(strings.NewReader(string(book)))
	if err != nil {
		t.Fatal(err)
	}
	name := f.GetSheetName(0)
	for cell, text := range map[string]string{"F4": "x", "F5": "sai", "H4": "8.5"} {
		if err := f.SetCellValue(name, cell, text); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "diem-danh.xlsx")
	if err := f.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	b.Upload("Bảng đã ghi", path)
	b.Click("Xem thay đổi")
	b.Sees("Thay đổi từ bảng Excel", "Chỉ ghi x (có mặt)", "8,5", "Lưu 2 thay đổi")
	b.Look("grid-sheet")
	b.Click("Lưu 2 thay đổi")
	b.Sees("Đã lưu, 2 ô có thay đổi.")
	b.Look("grid-saved")
	if got := h.marks(t, 1); len(got) != 1 {
		t.Errorf("the afternoon holds %v", got)
	}
}

// The keyboard alone moves, takes back, finds, fills, pastes and undoes.
func TestTheTableIsWrittenByKeyboardAlone(t *testing.T) {
	t.Parallel()
	db := testdb.Only(t, store.SQLite, testseed.Base)
	site := testweb.Serve(t, db)
	h := newHall(t, db, site, 6)
	b := h.staff(t, "giang")
	b.Go("/courses/" + strconv.FormatUint(h.course.ID, 10) + "/grid")
	shows := func(after string, want ...string) { // rows of two sessions and the score, "." where nothing is
		t.Helper()
		got := testweb.Eval[[]string](b, `[...document.querySelectorAll(".att-grid tbody tr")].map(r => [...r.querySelectorAll("td input")].map(i => i.value || ".").join(""))`)
		if !slices.Equal(got, want) {
			t.Errorf("%s: %v, not %v", after, got, want)
		}
	}
	control := func(key string) {
		testweb.Eval[bool](b, `document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "`+key+`", ctrlKey: true, bubbles: true, cancelable: true}))`)
	}
	paste := func(text string) {
		testweb.Eval[bool](b, `(() => { const d = new DataTransfer(); d.setData("text/plain", `+strconv.Quote(text)+`); return document.activeElement.dispatchEvent(new ClipboardEvent("paste", {clipboardData: d, bubbles: true, cancelable: true})) })()`)
	}
	b.ClickAt("tbody tr:first-child td input")
	b.Press("xm" + kb.ArrowUp + kb.ArrowRight + "k" + kb.ArrowLeft + kb.Enter + "p" + kb.Tab)
	shows("moving about", "x..", "MK.", "...", "P..", "...", "...")
	b.Press("x" + kb.ArrowUp + kb.Delete + kb.ArrowUp + kb.ArrowUp + kb.ArrowUp + kb.ArrowUp + kb.ArrowLeft + kb.Backspace)
	shows("taking back", "...", "MK.", "...", "P..", "...", "...")
	b.Press("x" + kb.ArrowUp)
	control("d")
	shows("filling the blanks below", "x..", "MK.", "x..", "P..", "x..", "x..")
	control("z")
	shows("undone", "x..", "MK.", "...", "P..", "...", "...")
	b.Press(kb.ArrowRight + "/" + "hoang" + kb.Enter + "m")
	shows("finding by name", "xM.", "MK.", "...", "P..", "...", "...")
	for block, cell := range map[string]string{"x\t\t8,5\r\n\t\t7\r\nsai\t\t9\r\n": ": sai)", "x\tx": ": x)", "x\t\t10,5": ": 10,5)", "\n\n\n\n\nx": "(–: x)"} { // a wrong word, tomorrow, a wrong score, below the table
		paste(block)
		b.Sees("Chưa dán ô nào", cell)
		shows("a block that does not fit", "xM.", "MK.", "...", "P..", "...", "...")
	}
	paste("\t\t8,5\r\nx\t\t7\r\nK\t–\t9\r\n")
	b.Lacks("Chưa dán ô nào")
	shows("a block", "xM.", "MK8,5", ".x7", "PK9", "...", "...")
	b.Sees("Đã lưu")
	rows := testweb.Eval[[]string](b, `[...document.querySelectorAll(".att-grid tbody tr")].map(r => r.dataset.e)`)
	var kept []string
	db.Read(t.Context()).Model(&models.Mark{}).Where("session_id = ? AND enrolment_id IN ?", h.sessions[1].ID, rows[2:4]).Order("mark DESC").Pluck("mark", &kept)
	if !slices.Equal(kept, []string{"present", "absent"}) {
		t.Errorf("the pasted marks: %v", kept)
	}
}

var gridInput = regexp.MustCompile(`<input name="([ms]_[^"]+)" value="([^"]*)"`)

// Without scripts the table is a form: what was typed is saved, and nothing where a cell is wrong or was marked meanwhile.
func TestTheTableIsAFormThatSavesAllOrNothing(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		site := testweb.Serve(t, db)
		h := newHall(t, db, site, 5)
		h.account(t, "giang")
		a := nobody(t, site)
		a.signIn("giang")
		at := "/courses/" + strconv.FormatUint(h.course.ID, 10) + "/grid"
		fields := func() url.Values {
			form := url.Values{}
			for _, m := range gridInput.FindAllStringSubmatch(a.get(at).body, -1) {
				form.Set(m[1], m[2])
			}
			return form
		}
		place := func(person, session int) string {
			return "m_" + strconv.FormatUint(h.people[person], 10) + "_" + strconv.FormatUint(h.sessions[session].ID, 10) + "_"
		}
		old := fields()
		if len(old) != 5*2+5 { // tomorrow's session takes no marks yet
			t.Fatalf("%d fields: %v", len(old), old)
		}
		form := fields()
		form.Set(place(0, 0), "X")
		form.Set(place(1, 0), "4")
		form.Set("s_"+strconv.FormatUint(h.people[0], 10)+"_", "8,5")
		if got := a.post(at, form); got.status != http.StatusSeeOther {
			t.Fatalf("%d %.500s", got.status, got.body)
		}
		if got := h.marks(t, 0); len(got) != 2 || got["Nông Thị Ánh"] != "present" || got["Hoàng Văn An"] != "absent" {
			t.Errorf("%v", got)
		}
		old.Set(place(1, 0), "x") // typed in a tab that does not know of the mark
		old.Set(place(2, 0), "x")
		if got := a.post(at, old); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, "vừa được ghi khác") {
			t.Errorf("an old tab: %d", got.status)
		}
		form = fields()
		form.Set(place(2, 0), "có")
		form.Set(place(3, 0), "x")
		if got := a.post(at, form); got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, `value="có"`) {
			t.Errorf("an unknown word: %d", got.status)
		}
		if got := a.post(at, url.Values{place(0, 2): {"x"}}); got.status == http.StatusSeeOther {
			t.Error("tomorrow's session was marked")
		}
		for _, name := range []string{"m_x_1_", "m_1_1_q", "s_x_", "m_99999999999999999999_1_", "m_1_987654321_"} {
			if got := a.post(at, url.Values{name: {"x"}}); got.status != http.StatusUnprocessableEntity && got.status != http.StatusNotFound {
				t.Errorf("%s: %d", name, got.status)
			}
		}
		if got := h.marks(t, 0); len(got) != 2 {
			t.Errorf("refused forms left marks: %v", got)
		}
	}, testseed.Base)
}
