package sheet

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestRostersOfManyHabitsGiveTheirTruth draws workbooks whose habits (headings, orders of columns, places of the
// organisation, writings of dates, numbers and names, faults) are mixed by chance, and holds every row to what was meant.
func TestRostersOfManyHabitsGiveTheirTruth(t *testing.T) {
	t.Parallel()
	for seed := range uint64(250) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			o := newOffice(t, seed)
			o.workbook()
			b := o.bytes()
			res, err := Read(context.Background(), bytes.NewReader(b), int64(len(b)), o.dir, Options{Effective: o.effective, Today: today})
			if err == nil {
				err = compare(t, res, &o.truth)
			}
			if err != nil {
				if dir := os.Getenv("ROSTER_KEEP"); dir != "" {
					o.must(os.WriteFile(fmt.Sprintf("%s/%d.xlsx", dir, seed), b, 0o600))
				}
				t.Errorf("%v\n%s", err, strings.Join(o.log, "\n"))
				if res != nil {
					for _, x := range res.Tables {
						t.Logf("%+v", x)
					}
				}
			}
		})
	}
}

// compare gives the first row that differs.
func compare(t *testing.T, got, want *Result) error {
	for i := range max(len(got.Accepted), len(want.Accepted)) {
		g, w := "nothing", "nothing"
		if i < len(got.Accepted) {
			g = asJSON(t, got.Accepted[i])
		}
		if i < len(want.Accepted) {
			w = asJSON(t, want.Accepted[i])
		}
		if g != w {
			for _, r := range got.Refused {
				g += fmt.Sprintf("\n    refused %s %d %s %s %q %v", r.Sheet, r.Row, r.Reason, r.Column, r.Value, r.Params)
			}
			return fmt.Errorf("accepted %d of %d (want %d)\n got %s\nwant %s", i, len(got.Accepted), len(want.Accepted), g, w)
		}
	}
	if g, w := asJSON(t, got.Refused), asJSON(t, want.Refused); g != w && !(len(got.Refused) == 0 && len(want.Refused) == 0) {
		return fmt.Errorf("refused\n got %s\nwant %s", g, w)
	}
	return nil
}
