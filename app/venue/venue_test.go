package venue_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/app/venue"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

// refused says how an error refuses: FIELD CODE, or CODE.
func refused(err error) string {
	var e *errs.Error
	switch {
	case err == nil:
		return ""
	case !errors.As(err, &e):
		return err.Error()
	case len(e.Fields) > 0:
		return e.Fields[0].Name + " " + e.Fields[0].Code
	}
	return e.Code
}

func organisation(t *testing.T, db *store.DB, code string) models.Organisation {
	t.Helper()
	var o models.Organisation
	if err := db.Read(t.Context()).Where("code = ?", code).Take(&o).Error; err != nil {
		t.Fatal(err)
	}
	return o
}

func TestAVenueLiesWhereItsCommuneDoes(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s, who := &venue.Service{DB: db}, access.System()
		id, err := s.Create(t.Context(), who, venue.Input{Name: "  Nhà  văn hóa ", Address: "Tổ 4", OrganisationID: organisation(t, db, "X-BAOLAC").ID})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range []venue.RoomInput{{Name: "Phòng 2", Capacity: 40}, {Name: "Hội trường", Capacity: 300}} {
			if _, err := s.AddRoom(t.Context(), who, id, r); err != nil {
				t.Fatal(err)
			}
		}
		v, err := s.Get(t.Context(), id)
		if err != nil || v.Name != "Nhà văn hóa" || v.Words() != "Nhà văn hóa, Tổ 4" || v.Area != "Huyện Bảo Lạc" || v.Code != "X-BAOLAC" {
			t.Errorf("%+v, %v", v, err)
		}
		list, err := s.List(t.Context(), venue.Filter{Text: "van hoa"})
		if err != nil || len(list) != 1 || len(list[0].Rooms) != 2 || list[0].Rooms[0].Name != "Hội trường" {
			t.Errorf("%+v, %v", list, err)
		}
	}, testseed.Base)
}

func TestWhatNoVenueOrRoomCanBeIsRefused(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s, who, ctx := &venue.Service{DB: db}, access.System(), t.Context()
		one, err := s.Create(ctx, who, venue.Input{Name: "Trung tâm Hội nghị"})
		if err != nil {
			t.Fatal(err)
		}
		two, _ := s.Create(ctx, who, venue.Input{Name: "Trường Chính trị"})
		for _, c := range []struct {
			in   venue.Input
			want string
		}{
			{venue.Input{Name: " "}, "name required"},
			{venue.Input{Name: strings.Repeat("a", 151)}, "name too_long"},
			{venue.Input{Name: "A", Address: strings.Repeat("a", 141)}, "address too_long"},
			{venue.Input{Name: "A", OrganisationID: 987654321}, "organisation choice"},
			{venue.Input{Name: "A", OrganisationID: organisation(t, db, "SO-YT").ID}, "organisation choice"},
			{venue.Input{Name: "TRUNG TÂM hội nghị"}, "name venue_name_taken"},
		} {
			if _, err := s.Create(ctx, who, c.in); refused(err) != c.want {
				t.Errorf("%+v: %v, want %s", c.in, refused(err), c.want)
			}
		}
		if err := s.Update(ctx, who, two, venue.Input{Name: "Trung tâm hội nghị", Version: 1}); refused(err) != "name venue_name_taken" {
			t.Error(refused(err))
		}
		if err := s.Update(ctx, who, two, venue.Input{Name: "Trường Chính trị tỉnh", Version: 1}); err != nil {
			t.Error(err)
		}
		if err := s.Update(ctx, who, two, venue.Input{Name: "Khác", Version: 1}); refused(err) != "venue_changed" {
			t.Errorf("a form of an older version: %v", refused(err))
		}
		if err := s.Update(ctx, who, 987654321, venue.Input{Name: "Khác"}); refused(err) != "not_found" {
			t.Error(refused(err))
		}
		room, err := s.AddRoom(ctx, who, one, venue.RoomInput{Name: "Phòng A", Capacity: 50})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			venue uint64
			in    venue.RoomInput
			want  string
		}{
			{one, venue.RoomInput{Name: "", Capacity: 5}, "name required"},
			{one, venue.RoomInput{Name: "B", Capacity: -1}, "capacity number_least"},
			{one, venue.RoomInput{Name: "B", Capacity: 0}, "capacity number_least"},
			{one, venue.RoomInput{Name: "B", Capacity: 5001}, "capacity number_most"},
			{one, venue.RoomInput{Name: "phòng  a", Capacity: 5}, "name room_name_taken"},
			{two, venue.RoomInput{Name: "Phòng A", Capacity: 5}, ""},
			{987654321, venue.RoomInput{Name: "B", Capacity: 5}, "not_found"},
		} {
			if _, err := s.AddRoom(ctx, who, c.venue, c.in); refused(err) != c.want {
				t.Errorf("%+v: %v, want %s", c.in, refused(err), c.want)
			}
		}
		if err := s.UpdateRoom(ctx, who, room, venue.RoomInput{Name: "Phòng A", Capacity: 60, Version: 7}); refused(err) != "room_changed" {
			t.Error(refused(err))
		}
		if err := s.RetireRoom(ctx, who, 987654321, true); refused(err) != "not_found" {
			t.Error(refused(err))
		}
	}, testseed.Base)
}

func TestOfTwoWhoAddOneNameAtOnceOneIsRefused(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		s := &venue.Service{DB: db}
		var wg sync.WaitGroup
		got := make([]string, 4)
		for i := range got {
			wg.Go(func() {
				_, err := s.Create(t.Context(), access.System(), venue.Input{Name: "Hội trường"})
				got[i] = refused(err)
			})
		}
		wg.Wait()
		made := 0
		for _, g := range got {
			if g == "" {
				made++
			} else if g != "name venue_name_taken" {
				t.Error(g)
			}
		}
		if made != 1 {
			t.Errorf("%d venues of one name", made)
		}
	}, testseed.Base)
}
