package course_test

import (
	"testing"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/internal/testdb"
	"taphuan/internal/testdb/testseed"
	"taphuan/models"
)

// house makes a venue with rooms of so many seats, named after them.
func (w *world) house(name string, seats ...int) (models.Venue, []models.Room) {
	w.t.Helper()
	v := models.Venue{Name: name, Address: "phường Thục Phán", Version: 1}
	rooms := make([]models.Room, len(seats))
	for i, n := range seats {
		rooms[i] = models.Room{Name: "Hội trường " + string(rune('A'+i)), Capacity: n, Version: 1}
	}
	w.write(func(tx *store.Tx) error {
		v.ID = 0
		if err := tx.Create(&v).Error; err != nil {
			return err
		}
		for i := range rooms {
			rooms[i].ID, rooms[i].VenueID = 0, v.ID
		}
		return tx.Create(&rooms).Error
	})
	return v, rooms
}

func fieldCode(err error) string {
	if err == nil {
		return ""
	}
	e := errs.As(err)
	if len(e.Fields) > 0 {
		return e.Fields[0].Name + " " + e.Fields[0].Code
	}
	return e.Code
}

func TestACourseTakesTheWordsOfItsVenueAndASessionThoseOfItsRoom(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		who, ctx := access.System(), t.Context()
		center, rooms := w.house("Trung tâm Hội nghị", 300, 8)
		school, others := w.house("Trường Chính trị", 50)
		id := w.course("Lớp A", func(in *course.Input) { in.VenueID, in.Venue = center.ID, "không phải đây" })
		if d := w.get(id); d.Venue != "Trung tâm Hội nghị, phường Thục Phán" || d.VenueID == nil || *d.VenueID != center.ID {
			t.Errorf("%q, %v", d.Venue, d.VenueID)
		}
		in := course.SessionInput{Day: models.MustDay("2026-12-01"), StartMinute: 450, EndMinute: 690, RoomID: rooms[1].ID}
		x, err := w.s.AddSession(ctx, who, id, in)
		w.must(err)
		d := w.get(id)
		if d.Sessions[0].Room != "Hội trường B" || d.Sessions[0].Seats != 8 {
			t.Errorf("a room of 8 for a course of 10: %q, %d", d.Sessions[0].Room, d.Sessions[0].Seats)
		}
		in.RoomID = others[0].ID
		if err := w.s.UpdateSession(ctx, who, x, in); fieldCode(err) != "room_id room_of_another_venue" {
			t.Error(err)
		}
		in.RoomID = 987654321
		if err := w.s.UpdateSession(ctx, who, x, in); fieldCode(err) != "room_id room_of_another_venue" {
			t.Error(err)
		}
		retired := func(of any, yes bool, ids ...uint64) {
			w.write(func(tx *store.Tx) error { return tx.Model(of).Where("id IN ?", ids).UpdateColumn("retired", yes).Error })
		}
		retired(&models.Room{}, true, rooms[0].ID, rooms[1].ID)
		in.RoomID = rooms[0].ID
		if err := w.s.UpdateSession(ctx, who, x, in); fieldCode(err) != "room_id room_retired" {
			t.Error(err)
		}
		in.RoomID = rooms[1].ID
		if err := w.s.UpdateSession(ctx, who, x, in); err != nil {
			t.Errorf("a room that was retired since stays the session's: %v", err)
		}

		retired(&models.Venue{}, true, center.ID, school.ID)
		change := w.input("Lớp A")
		change.Version, change.VenueID = w.get(id).Version, center.ID
		w.must(w.s.Update(ctx, who, id, change))
		change.Version, change.VenueID = change.Version+1, school.ID
		if err := w.s.Update(ctx, who, id, change); fieldCode(err) != "venue_id venue_retired" {
			t.Error(err)
		}
		change.VenueID = 987654321
		if err := w.s.Update(ctx, who, id, change); fieldCode(err) != "venue_id venue_unknown" {
			t.Error(err)
		}
		retired(&models.Venue{}, false, school.ID)
		change.VenueID = school.ID
		w.must(w.s.Update(ctx, who, id, change))
		if s := w.get(id).Sessions[0]; s.RoomID != nil || s.Room != "Hội trường B" {
			t.Errorf("the course moved to another venue, its session keeps the room: %v %q", s.RoomID, s.Room)
		}
		if _, err := w.s.AddSession(ctx, who, w.course("Nơi khác"), course.SessionInput{Day: in.Day, StartMinute: 450, EndMinute: 690, RoomID: others[0].ID}); fieldCode(err) != "room_id room_of_another_venue" {
			t.Errorf("a room for a course without a venue: %v", err)
		}
	}, testseed.Base)
}

func TestRoomsOfVenuesClashByWhatTheyAreAndNotByTheirNames(t *testing.T) {
	t.Parallel()
	testdb.Each(t, func(t *testing.T, db *store.DB) {
		w := newWorld(t, db)
		center, rooms := w.house("Trung tâm Hội nghị", 300)
		school, others := w.house("Trường Chính trị", 50)
		add := func(title string, venue uint64, room uint64, words string) uint64 {
			id := w.course(title, func(in *course.Input) { in.VenueID = venue })
			_, err := w.s.AddSession(t.Context(), access.System(), id, course.SessionInput{Day: models.MustDay("2026-12-01"), StartMinute: 450, EndMinute: 690, RoomID: room, Room: words})
			w.must(err)
			return id
		}
		a := add("A", center.ID, rooms[0].ID, "")
		b := add("B", school.ID, others[0].ID, "")
		if n := len(w.get(a).Sessions[0].Clashes); n != 0 {
			t.Errorf("two rooms of one name in two venues: %d clashes", n)
		}
		add("C", center.ID, rooms[0].ID, "")
		if n := len(w.get(a).Sessions[0].Clashes); n != 1 {
			t.Errorf("one room twice: %d clashes", n)
		}
		add("D", 0, 0, "hội trường a")
		if n := len(w.get(b).Sessions[0].Clashes); n != 1 {
			t.Errorf("a room in words of that name: %d clashes", n)
		}
	}, testseed.Base)
}
