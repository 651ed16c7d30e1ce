package models

import (
	"encoding/json"
	"testing"
	"time"
)

func TestDayCountsAndPrintsTheSameDate(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"0001-01-01", "1969-12-31", "1970-01-01", "1970-01-02", "2024-02-29", "2026-11-24", "9999-12-31"} {
		if got := MustDay(s).String(); got != s {
			t.Errorf("%s came back as %s", s, got)
		}
	}
	if MustDay("9999-12-31") != Forever || MustDay("0001-01-01") != 1 {
		t.Error("the ends of the count moved")
	}
	if MustDay("2024-02-28").AddDays(2) != MustDay("2024-03-01") || Forever.AddDays(1) != Forever {
		t.Error("AddDays is off")
	}
}

func TestDayOfUsesTheLocalZone(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 23, 17, 30, 0, 0, time.UTC) // 00:30 on the 24th in Hanoi
	if DayOf(at) != MustDay("2026-11-24") {
		t.Errorf("got %s", DayOf(at))
	}
	if !MustDay("2026-11-24").At(30).Equal(at) {
		t.Error("At is not the inverse")
	}
}

func TestDayReadsWhatFormsAndJSONSend(t *testing.T) {
	t.Parallel()
	var d Day
	for in, want := range map[string]string{"2026-11-24": "2026-11-24", "24/11/2026": "2026-11-24", "4/1/2026": "2026-01-04", "": ""} {
		if err := d.UnmarshalParam(in); err != nil || d.String() != want {
			t.Errorf("%q: %v %v", in, d, err)
		}
	}
	for _, in := range []string{"2026-02-30", "x", "31/02/2026", "2026-1-1 "} {
		if d.UnmarshalParam(in) == nil {
			t.Errorf("%q was taken", in)
		}
	}
	b, err := json.Marshal([]Day{0, Forever, MustDay("2026-01-02")})
	if err != nil || string(b) != `[null,null,"2026-01-02"]` {
		t.Errorf("%s %v", b, err)
	}
}
