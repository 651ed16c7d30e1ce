package invitation

import (
	"encoding/json"
	"slices"

	"taphuan/app/store"
	"taphuan/models"
)

// told is what the invited know of a course.
type told struct {
	Title, Venue, Link string
	Cancelled          bool
	Sessions           []toldSession // by id
}

type toldSession struct {
	ID         uint64
	Day        string
	Start, End int
	Room       string
	Title      string
	Cancelled  bool
}

// tell gives what there is to know of a course now. Sessions of before that are not there any more stay, as cancelled: calendars have
// them.
func tell(c models.Course, sessions []models.Session, before told) told {
	t := told{Title: c.Title, Venue: c.Venue, Link: c.Link, Cancelled: c.State == models.CourseCancelled}
	for _, x := range sessions {
		t.Sessions = append(t.Sessions, toldSession{ID: x.ID, Day: x.Day.String(), Start: x.StartMinute, End: x.EndMinute, Room: x.Room, Title: x.Title, Cancelled: x.Cancelled})
	}
	for _, x := range before.Sessions {
		if !slices.ContainsFunc(t.Sessions, func(y toldSession) bool { return y.ID == x.ID }) {
			x.Cancelled = true
			t.Sessions = append(t.Sessions, x)
		}
	}
	slices.SortFunc(t.Sessions, func(a, b toldSession) int { return int(a.ID) - int(b.ID) })
	return t
}

func (t told) same(other told) bool {
	return t.Title == other.Title && t.Venue == other.Venue && t.Link == other.Link && t.Cancelled == other.Cancelled && slices.Equal(t.Sessions, other.Sessions)
}

func readTold(l models.InvitationLetter) (t told, err error) {
	if l.Told != "" {
		err = json.Unmarshal([]byte(l.Told), &t)
	}
	return t, err
}

// noteTold remembers what the first who are invited are told. Those invited later are told what holds then; the others are told of
// the difference by the next sweep.
func noteTold(tx *store.Tx, c models.Course, running []models.Session) error {
	l, err := letterOf(tx.DB, c.ID)
	if err != nil || l.Told != "" {
		return err
	}
	return saveTold(tx, c, l, tell(c, running, told{}))
}

func saveTold(tx *store.Tx, c models.Course, l models.InvitationLetter, t told) error {
	b, err := json.Marshal(t)
	if err != nil {
		return err
	}
	l.Told, l.ToldAt = string(b), &c.UpdatedAt
	if l.Version == 0 {
		l.Version = 1
	}
	return tx.Save(&l).Error
}
