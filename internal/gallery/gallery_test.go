package main

import (
	"net/http/httptest"
	"testing"

	"taphuan/internal/testweb"
)

func TestMain(m *testing.M) { testweb.Main(m) }

func open(t *testing.T, path string) *testweb.Tab {
	t.Helper()
	h, err := site()
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	b := testweb.Browse(t, srv.URL)
	b.Go(path)
	return b
}

func TestGalleryFitsPhoneAndDeskInEveryLanguageAndTheme(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/gallery", "/gallery?lang=en&theme=dark"} {
		b := open(t, path)
		b.Look("gallery")
	}
	open(t, "/error").Look("error")
}

func TestRefusedFormTakesTheFocusAndLeadsToTheField(t *testing.T) {
	t.Parallel()
	b := open(t, "/gallery")
	if got := testweb.Eval[string](b, `document.activeElement.className`); got != "error-summary" {
		t.Errorf("the focus is on %q", got)
	}
	b.Click("Số CCCD có 11 chữ số, cần 12. Sửa rồi gửi lại.")
	if got := testweb.Eval[string](b, `document.activeElement.name`); got != "wrong" {
		t.Errorf("the link leads to %q", got)
	}
}

func TestOfficesAreFoundWithoutTones(t *testing.T) {
	t.Parallel()
	b := open(t, "/gallery")
	value := `document.querySelector("select[name=org]").value`
	b.Fill("Cơ quan, đơn vị", "phu nu")
	b.Sees("Hội Liên hiệp Phụ nữ tỉnh")
	b.Click("Hội Liên hiệp Phụ nữ tỉnh")
	if got := testweb.Eval[string](b, value); got != "4" {
		t.Errorf("chosen by a press: %q", got)
	}
	b.Fill("Cơ quan, đơn vị", "Phường Thục Phán")
	b.Fill("Số căn cước công dân", "1")
	if got := testweb.Eval[string](b, value); got != "7" {
		t.Errorf("chosen by its whole name: %q", got)
	}
	b.Fill("Cơ quan, đơn vị", "không có nơi này")
	b.Fill("Số căn cước công dân", "2")
	if got := testweb.Eval[string](b, value); got != "7" {
		t.Errorf("a name that does not exist chose %q", got)
	}
	b.Fill("Cơ quan, đơn vị", "")
	b.Fill("Số căn cước công dân", "3")
	if got := testweb.Eval[string](b, value); got != "" {
		t.Errorf("an emptied field holds %q", got)
	}
}

func TestDaysAreWrittenAsPeopleWriteThemAndSentAsTheMachineReadsThem(t *testing.T) {
	t.Parallel()
	b := open(t, "/gallery")
	sent := `new FormData(document.querySelector("form.form")).get("day")`
	if got := b.Value("Ngày"); got != "23/11/2026" {
		t.Errorf("shown as %q", got)
	}
	for typed, want := range map[string]string{"5/3/2026": "2026-03-05", "05032026": "2026-03-05", "2026-12-31": "2026-12-31", "31/02/2026": "31/02/2026"} {
		b.Fill("Ngày", typed)
		if got := testweb.Eval[string](b, sent); got != want {
			t.Errorf("%s is sent as %q, want %q", typed, got, want)
		}
	}
}

func TestBoxInTheHeadTicksEveryRow(t *testing.T) {
	t.Parallel()
	b := open(t, "/gallery")
	b.ClickAt("[data-select-all]")
	if got := testweb.Eval[int](b, `document.querySelectorAll("[data-select]:checked").length`); got != 6 {
		t.Errorf("%d rows are ticked", got)
	}
	if got := testweb.Eval[string](b, `document.querySelector("[data-selected]").textContent`); got != "6" {
		t.Errorf("the page says %q", got)
	}
}

func TestThemeChangesAtOnce(t *testing.T) {
	t.Parallel()
	b := open(t, "/gallery")
	b.Desk()
	b.ClickAt(".rail button[value=dark]")
	if got := testweb.Eval[string](b, `document.documentElement.dataset.theme + getComputedStyle(document.body).backgroundColor`); got != "darkrgb(18, 21, 30)" {
		t.Errorf("theme: %q", got)
	}
}

func TestEveryTargetOfAFingerIsLargeEnough(t *testing.T) {
	t.Parallel()
	b := open(t, "/gallery")
	b.Phone()
	small := testweb.Eval[string](b, `[...document.querySelectorAll(".btn:not(.btn-small), .control, .nav a, .menu-button, .att-main, .att-more > summary, .att-marks button, .pagination a")]
		.filter((e) => e.getClientRects().length && Math.min(e.getBoundingClientRect().height, 999) < (e.className.startsWith("att") ? 48 : 44))
		.map((e) => e.className + " " + e.innerText + " " + e.getBoundingClientRect().height).join("; ")`)
	if small != "" {
		t.Errorf("too small: %s", small)
	}
}
