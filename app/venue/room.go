package venue

import (
	"context"
	"errors"
	"unicode/utf8"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// RoomInput is what a coordinator says of a room.
type RoomInput struct {
	Name     string
	Capacity int
	Version  int // of the room that the form showed
}

// Room reads a room with its venue. It refuses with not_found.
func (s *Service) Room(ctx context.Context, id uint64) (models.Room, models.Venue, error) {
	var r models.Room
	var v models.Venue
	db := s.DB.Read(ctx)
	err := db.Take(&r, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return r, v, errs.NotFound("room")
	}
	if err == nil {
		err = db.Take(&v, r.VenueID).Error
	}
	return r, v, err
}

// Rooms lists the rooms of a venue that sessions may choose: those in use, and the one that is chosen.
func (s *Service) Rooms(ctx context.Context, venueID, chosen uint64) ([]models.Room, error) {
	var out []models.Room
	err := s.DB.Read(ctx).Where("venue_id = ? AND (retired = ? OR id = ?)", venueID, false, chosen).Order("capacity DESC, name_key").Find(&out).Error
	return out, err
}

func (in *RoomInput) check(tx *store.Tx, r *models.Room) error {
	in.Name = viet.NFC(in.Name)
	var f errs.Fields
	if in.Name == "" {
		f.Add("name", "required")
	} else if utf8.RuneCountInString(in.Name) > maxName {
		f.Add("name", "too_long", errs.Params{"n": maxName})
	}
	if in.Capacity < 1 {
		f.Add("capacity", "number_least", errs.Params{"n": 1})
	} else if in.Capacity > MaxSeats {
		f.Add("capacity", "number_most", errs.Params{"n": MaxSeats})
	}
	if err := f.Err(); err != nil {
		return err
	}
	r.Name, r.Capacity = in.Name, in.Capacity
	return taken(tx.Model(&models.Room{}).Where("venue_id = ? AND name_key = ? AND id <> ?", r.VenueID, viet.Key(r.Name), r.ID), "room_name_taken")
}

// AddRoom adds a room to a venue. It refuses a missing name, one that another room of the venue has ("room_name_taken"), fewer
// seats than one or more than 5000, and more than 200 rooms ("venue_rooms").
func (s *Service) AddRoom(ctx context.Context, actor access.Actor, venueID uint64, in RoomInput) (uint64, error) {
	return s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		v, err := lock(tx, venueID)
		if err != nil {
			return 0, err
		}
		var n int64
		if err := tx.Model(&models.Room{}).Where("venue_id = ?", v.ID).Count(&n).Error; err != nil {
			return 0, err
		}
		if n >= maxRooms {
			return 0, errs.Conflict("venue_rooms", errs.Params{"n": maxRooms})
		}
		r := models.Room{VenueID: v.ID, Version: 1}
		if err := in.check(tx, &r); err != nil {
			return 0, err
		}
		if err := tx.Create(&r).Error; err != nil {
			return 0, err
		}
		return r.ID, tx.Audit("room.create", "venue", v.ID, roomDetail(r))
	})
}

func roomDetail(r models.Room) map[string]any {
	return map[string]any{"room": r.ID, "name": r.Name, "capacity": r.Capacity, "retired": r.Retired}
}

// UpdateRoom changes a room; sessions keep the name that they have. It refuses what AddRoom refuses, and a form of an older
// version ("room_changed").
func (s *Service) UpdateRoom(ctx context.Context, actor access.Actor, id uint64, in RoomInput) error {
	return s.changeRoom(ctx, actor, id, "room.update", func(tx *store.Tx, r *models.Room) error {
		if in.Version != r.Version {
			return errs.Conflict("room_changed")
		}
		return in.check(tx, r)
	})
}

// RetireRoom says that a room is used no more, or is again.
func (s *Service) RetireRoom(ctx context.Context, actor access.Actor, id uint64, retired bool) error {
	return s.changeRoom(ctx, actor, id, retirement("room", retired), func(_ *store.Tx, r *models.Room) error {
		r.Retired = retired
		return nil
	})
}

func (s *Service) changeRoom(ctx context.Context, actor access.Actor, id uint64, action string, do func(*store.Tx, *models.Room) error) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		var r models.Room
		find := func() error {
			err := tx.Take(&r, id).Error
			if errors.Is(err, gorm.ErrRecordNotFound) {
				return errs.NotFound("room")
			}
			return err
		}
		if err := find(); err != nil {
			return 0, err
		}
		if _, err := lock(tx, r.VenueID); err != nil {
			return 0, err
		}
		r = models.Room{}
		if err := find(); err != nil { // again, under the venue's lock
			return 0, err
		}
		if err := do(tx, &r); err != nil {
			return 0, err
		}
		r.Version++
		if err := tx.Save(&r).Error; err != nil {
			return 0, err
		}
		return id, tx.Audit(action, "venue", r.VenueID, roomDetail(r))
	})
	return err
}
