package home

import (
	"testing"

	"taphuan/models"
)

func TestSessionsOfACourseStandTogetherByDay(t *testing.T) {
	t.Parallel()
	d := models.NewDay(2026, 11, 25)
	got := ByCourse([]Session{
		{CourseID: 1, Course: "A", Day: d, Venue: "Hội trường", People: 9},
		{CourseID: 2, Course: "B", Day: d, Venue: "Phòng 1"},
		{CourseID: 1, Course: "A", Day: d, Venue: "Hội trường", People: 9, Now: true},
		{CourseID: 2, Course: "B", Day: d.AddDays(1), Venue: "Phòng 2"},
	})
	if len(got) != 2 || got[0].CourseID != 1 || got[1].CourseID != 2 {
		t.Fatalf("courses: %+v", got)
	}
	if a := got[0]; len(a.Days) != 1 || len(a.Days[0].Sessions) != 2 || a.Place != "Hội trường" || a.People != 9 || !a.Now {
		t.Errorf("two sessions of one day: %+v", a)
	}
	if b := got[1]; len(b.Days) != 2 || b.Place != "" || b.Now {
		t.Errorf("two days in different rooms: %+v", b)
	}
}
