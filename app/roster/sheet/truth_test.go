package sheet

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"taphuan/models"
)

type truth struct {
	Accepted []map[string]any `json:"accepted"`
	Refused  []map[string]any `json:"refused"`
}

// plainly gives a value as JSON reads it, with empty for null and without what no sheet says.
func plainly(t *testing.T, v any) truth {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var x truth
	if err := json.Unmarshal(b, &x); err != nil {
		t.Fatal(err)
	}
	for _, list := range [][]map[string]any{x.Accepted, x.Refused} {
		for _, m := range list {
			delete(m, "person")
			for k, v := range m {
				if v == nil {
					m[k] = ""
				}
			}
		}
	}
	return x
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func sameRows(t *testing.T, what string, got, want []map[string]any) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		var g, w string
		if i < len(got) {
			g = asJSON(t, got[i])
		}
		if i < len(want) {
			w = asJSON(t, want[i])
		}
		if g != w {
			t.Fatalf("%s %d of %d (want %d)\n got %s\nwant %s", what, i, len(got), len(want), g, w)
		}
	}
}

func readFile(t testing.TB, file string, opt Options) *Result {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	res, err := Read(context.Background(), bytes.NewReader(b), int64(len(b)), testDirectory(t), opt)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestSharedRostersGiveTheirTruth(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/20*.xls*") // each as .xlsx, and as LibreOffice makes an .xls of it
	if err != nil || len(files) != 14 {
		t.Fatalf("%d rosters, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			effective := models.MustDay(filepath.Base(file)[:4] + "-01-01")
			got := plainly(t, readFile(t, file, Options{Effective: effective, Today: models.MustDay("2026-11-24")}))
			b, err := os.ReadFile(strings.TrimSuffix(file, filepath.Ext(file)) + ".json")
			if err != nil {
				t.Fatal(err)
			}
			var raw any
			if err := json.Unmarshal(b, &raw); err != nil {
				t.Fatal(err)
			}
			want := plainly(t, raw)
			sameRows(t, "accepted", got.Accepted, want.Accepted)
			sameRows(t, "refused", got.Refused, want.Refused)
		})
	}
}
