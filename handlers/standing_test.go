package handlers_test

import (
	"testing"
	"time"

	"taphuan/internal/testdb"
	"taphuan/internal/testweb"
	"taphuan/models"
)

func TestWhatFallsDueByTheClockBringsStandingsToTheNewDay(t *testing.T) {
	t.Parallel()
	testdb.EachURL(t, func(t *testing.T, url string) {
		now := models.MustDay("2026-11-24").At(8 * 60)
		db := testdb.Open(t, url, testdb.At(func() time.Time { return now }))
		site := testweb.Serve(t, db)
		testdb.Ledger(t, db)
		for range 2 {
			now = now.AddDate(0, 0, 1)
			if _, err := site.Server.Post(t.Context()); err != nil {
				t.Fatal(err)
			}
			var on models.CoverageLedger
			if err := db.Read(t.Context()).Take(&on).Error; err != nil || on.StandsOn != models.DayOf(now) {
				t.Errorf("on %s standings are of %s: %v", models.DayOf(now), on.StandsOn, err)
			}
		}
	}, province(30))
}
