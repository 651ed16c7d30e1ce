package i18n

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"taphuan/models"
)

func TestCataloguesHoldTheSameKeysAndParameters(t *testing.T) {
	t.Parallel()
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Keys()) < 100 {
		t.Errorf("only %d keys were read", len(c.Keys()))
	}
}

func pair(vi, en string) fstest.MapFS {
	return fstest.MapFS{"x.vi.toml": {Data: []byte(vi)}, "x.en.toml": {Data: []byte(en)}}
}

func TestNewRefusesCataloguesThatDiffer(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ vi, en, want string }{
		"missing key":           {"[a]\nx=\"1\"\ny=\"2\"", "[a]\nx=\"1\"", "a.y is in vi but not in en"},
		"extra key":             {"[a]\nx=\"1\"", "[a]\nx=\"1\"\ny=\"2\"", "a.y is in en but not in vi"},
		"other parameters":      {"x=\"{{.a}}\"", "x=\"{{.b}}\"", "x has parameters"},
		"empty value":           {"x=\" \"", "x=\"1\"", "is empty"},
		"broken parameter":      {"x=\"{{a}}\"", "x=\"1\"", "placeholder"},
		"value that is no text": {"x=1", "x=\"1\"", "not text"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := load(pair(c.vi, c.en))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an error with %q", err, c.want)
			}
		})
	}
	two := pair("x=\"1\"", "x=\"1\"")
	two["y.vi.toml"] = &fstest.MapFile{Data: []byte("x=\"1\"")}
	if _, err := load(two); err == nil {
		t.Error("a key in two files was accepted")
	}
}

func TestTextFillsParametersAndPlurals(t *testing.T) {
	t.Parallel()
	c, err := load(pair(`
[course]
title = "Lớp"
description = "Mô tả"
seats = "{{.n}} chỗ, năm {{.year}}"
row = "Dòng {{.row}}: {{.what}}"
on = "ngày {{.day}}"`, `
[course]
title = "Course"
description = "Description"
row = "Row {{.row}}: {{.what}}"
on = "on {{.day}}"
[course.seats]
one = "one seat in {{.year}}"
other = "{{.n}} seats in {{.year}}"`))
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ got, want string }{
		{c.T(VI, "course.title"), "Lớp"},
		{c.T("fr", "course.title"), "Lớp"},
		{c.T(EN, "course.description"), "Description"},
		{c.T(VI, "course.seats", "n", 1200, "year", 2026), "1.200 chỗ, năm 2026"},
		{c.T(EN, "course.seats", "n", 1, "year", 2026), "one seat in 2026"},
		{c.T(EN, "course.seats", "n", uint64(1200), "year", 2026), "1,200 seats in 2026"},
		{c.T(VI, "course.row", "row", 1047, "what", "sai"), "Dòng 1047: sai"},
		{c.T(VI, "course.row", "row", 1047), "Dòng 1047: ?"},
		{c.Text(EN, "course.on", map[string]any{"day": models.MustDay("2026-11-23")}), "on 23/11/2026"},
		{c.T(VI, "course.nothing"), "course.nothing"},
	} {
		if x.got != x.want {
			t.Errorf("got %q, want %q", x.got, x.want)
		}
	}
	if got := strings.Join(c.Params("course.seats"), " "); got != "n year" {
		t.Errorf("parameters: %s", got)
	}
}

func TestFiguresAreWrittenAsTheLanguageWritesThem(t *testing.T) {
	t.Parallel()
	day := models.MustDay("2026-11-23")
	half := 66.6
	for _, x := range []struct{ got, want string }{
		{Num(VI, 1234.5), "1.234,5"},
		{Num(EN, 1234.5), "1,234.5"},
		{Num(VI, 1234567), "1.234.567"},
		{Num(VI, -1234), "−1.234"},
		{Num(VI, (*int)(nil)), "–"},
		{Pct(VI, 66.6), "66,6\u00a0%"},
		{Pct(EN, &half), "66.6%"},
		{Pct(VI, (*float64)(nil)), "–"},
		{Pct(VI, 100), "100\u00a0%"},
		{Day(VI, day), "23/11/2026"},
		{Day(VI, models.Forever), "–"},
		{LongDay(VI, day), "Thứ Hai, 23/11/2026"},
		{HalfDay(VI, day, 450), "buổi sáng 23/11"},
		{HalfDay(VI, day, 810), "buổi chiều 23/11"},
		{HalfDay(EN, day, 1110), "the evening of 23/11"},
		{Clock(845), "14:05"},
		{Moment(VI, time.Date(2026, 11, 23, 7, 5, 0, 0, time.UTC)), "14:05 ngày 23/11/2026"},
		{Duration(VI, 210), "3 giờ 30 phút"},
		{Duration(EN, 45), "45 min"},
		{Bytes(VI, 2516582), "2,4 MB"},
	} {
		if x.got != x.want {
			t.Errorf("got %q, want %q", x.got, x.want)
		}
	}
}

func BenchmarkPlainText(b *testing.B) {
	c, err := New()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		c.T(VI, "ui.save")
	}
}
