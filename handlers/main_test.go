package handlers_test

import (
	"testing"
	"time"

	"taphuan/internal/testweb"
)

func TestMain(m *testing.M) { testweb.Main(m) }

// until waits until it is so. The minutes are long enough for anything that happens by itself, however busy the processors are; they are over only
// when the test fails.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	for end := time.Now().Add(3 * time.Minute); !so(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("not within minutes: ", what)
		}
	}
}
