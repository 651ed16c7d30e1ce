package certificate_test

import "time"

func fixed() time.Time { return time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC) }
