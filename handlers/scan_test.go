package handlers_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"taphuan/app/badge"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/internal/testweb"
	"taphuan/models"
)

func TestATrainerScansBadgesOneAfterTheOther(t *testing.T) {
	t.Parallel()
	db := testdb.Only(t, store.MySQL, testseed.Base)
	site := testweb.Serve(t, db)
	h := newHall(t, db, site, 12)
	var film []string
	for _, person := range []int{4, 9, 11} {
		film = append(film, site.URL+"/b/"+badge.Token(site.Server.Keys, h.people[person]))
	}
	film = append(film, site.URL+"/b/"+badge.Token(site.Server.Keys, 99999))
	h.account(t, "giang")
	b := testweb.BrowseWatching(t, site.URL, film...)
	site.SignIn(b, "giang")
	b.Go(h.path(0))
	b.Click("Quét thẻ")
	b.Sees("3 / 12 có mặt")
	b.Sees("Không nhận ra", "không thuộc danh sách của lớp")
	b.Look("scan")
	h.reach(t, map[string]string{"Lý A Páo": "present", "Lương Thế Vinh": "present", "Vi Văn Sơn": "present"})
	var sources []string
	if err := db.Read(t.Context()).Model(&models.MarkEvent{}).Distinct().Pluck("source", &sources).Error; err != nil || strings.Join(sources, " ") != "badge" {
		t.Errorf("%v %v", sources, err)
	}
	// Without a network it goes on, and what waits is sent when there is one again.
	b.Offline(true)
	b.Fill("Nhập mã khi không quét được", badge.Code(site.Server.Keys, h.people[0]))
	b.Click("Ghi có mặt")
	b.Sees("4 / 12 có mặt")
	b.Offline(false)
	h.reach(t, map[string]string{"Lý A Páo": "present", "Lương Thế Vinh": "present", "Vi Văn Sơn": "present", "Nông Thị Ánh": "present"})
	page := askerFor(t, site, "giang").get(h.session("scan")).body
	for _, x := range h.people {
		if token := badge.Token(site.Server.Keys, x); strings.Contains(page, token) || strings.Contains(page, strings.SplitN(token, ".", 2)[1]) || strings.Contains(page, badge.Code(site.Server.Keys, x)) {
			t.Error("the page holds a badge")
		}
	}
}

// reach waits until the first session's marks are so.
func (h *hall) reach(t *testing.T, want map[string]string) {
	t.Helper()
	until(t, fmt.Sprint(want), func() bool { return maps.Equal(h.marks(t, 0), want) })
}
