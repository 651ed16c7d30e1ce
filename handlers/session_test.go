package handlers

import "testing"

func TestAClockTimeIsReadAsPeopleWriteIt(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]int{"07:30": 450, "7:30": 450, " 7h30 ": 450, "7.30": 450, "7g30": 450, "7h": 420, "0730": 450, "730": 450, "24:00": 1440, "07:30:00": 450, "14": 840,
		"": -1, "7:3": -1, "25:00": -1, "24:01": -1, "7:60": -1, "-7:30": -1, "sáng": -1, "07:30 AM": -1, "٠٧:٣٠": -1} {
		if got := minutes(typed); got != want {
			t.Errorf("%q: %d, not %d", typed, got, want)
		}
	}
}
