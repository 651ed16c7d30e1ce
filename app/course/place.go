package course

import (
	"errors"

	"gorm.io/gorm"

	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/app/template"
	"taphuan/models"
)

// checkTemplate refuses a template that there is not, and one that is not used any more unless it was the course's before ("choice").
func (in *Input) checkTemplate(tx *store.Tx, before *uint64, f *errs.Fields) error {
	if in.TemplateID == nil {
		return nil
	}
	may, err := template.MayChoose(tx, *in.TemplateID, before)
	if err == nil && !may {
		f.Add("template_id", "choice")
	}
	return err
}

// place takes the words of the chosen venue into what the course says, where they stay when the venue changes. It refuses a venue
// that there is not ("venue_unknown"), and one that is used no more ("venue_retired") unless it was the course's before.
func (in *Input) place(tx *store.Tx, c models.Course, f *errs.Fields) error {
	if in.VenueID == 0 {
		return nil
	}
	var v models.Venue
	err := tx.Take(&v, in.VenueID).Error
	same := c.VenueID != nil && *c.VenueID == in.VenueID
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound):
		f.Add("venue_id", "venue_unknown")
		return nil
	case err != nil:
		return err
	case v.Retired && !same:
		f.Add("venue_id", "venue_retired")
	}
	if in.Venue = v.Words(); same && c.State == models.CourseClosed {
		in.Venue = c.Venue
	}
	return nil
}

// moved takes the rooms of another venue off the course's sessions; their names stay.
func moved(tx *store.Tx, c models.Course, was *uint64) error {
	if was == nil || c.VenueID != nil && *c.VenueID == *was {
		return nil
	}
	return tx.Model(&models.Session{}).Where("course_id = ? AND room_id IS NOT NULL", c.ID).Updates(map[string]any{"room_id": nil, "updated_at": tx.Now}).Error
}

// room takes the name of the chosen room into what the session says. It refuses a room that is none of the course's venue
// ("room_of_another_venue"), and one that is used no more ("room_retired") unless it was the session's before.
func (in *SessionInput) room(tx *store.Tx, c models.Course, x models.Session, f *errs.Fields) error {
	if in.RoomID == 0 {
		return nil
	}
	var r models.Room
	err := tx.Take(&r, in.RoomID).Error
	switch {
	case errors.Is(err, gorm.ErrRecordNotFound), err == nil && (c.VenueID == nil || *c.VenueID != r.VenueID):
		f.Add("room_id", "room_of_another_venue")
		return nil
	case err != nil:
		return err
	case r.Retired && (x.RoomID == nil || *x.RoomID != r.ID):
		f.Add("room_id", "room_retired")
	}
	in.Room = r.Name
	return nil
}

// reference is an id as columns hold it: nil for none.
func reference(id uint64) *uint64 {
	if id == 0 {
		return nil
	}
	return &id
}

// small gives the seats of those sessions' rooms that hold fewer than the course may have: one query.
func small(db *gorm.DB, sessions []models.Session) (map[uint64]int, error) {
	var ids []uint64
	for _, x := range sessions {
		if x.RoomID != nil && !x.Cancelled {
			ids = append(ids, x.ID)
		}
	}
	out := map[uint64]int{}
	if len(ids) == 0 {
		return out, nil
	}
	var rows []struct {
		ID    uint64
		Seats int
	}
	err := db.Table("course_sessions").Joins("JOIN rooms ON rooms.id = course_sessions.room_id").Joins("JOIN courses ON courses.id = course_sessions.course_id").
		Where("course_sessions.id IN ? AND rooms.capacity < courses.capacity", ids).Select("course_sessions.id, rooms.capacity AS seats").Scan(&rows).Error
	for _, r := range rows {
		out[r.ID] = r.Seats
	}
	return out, err
}
