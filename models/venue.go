package models

import (
	"strings"
	"time"

	"gorm.io/gorm"

	"taphuan/models/viet"
)

// Venue (địa điểm) is a house in which courses are held. One that is used no more is retired and stays.
type Venue struct {
	ID             uint64
	Name           string
	NameKey        string // viet.Key of the name: no two venues have the same
	Address        string
	OrganisationID *uint64 // the commune in which it lies
	AreaID         *uint64 // that commune's area
	Note           string
	Search         string
	Retired        bool
	Version        int // grows with each change: a form of an older version is refused
	CreatedAt      time.Time
	UpdatedAt      time.Time
}

// BeforeSave derives what is found by.
func (v *Venue) BeforeSave(*gorm.DB) error {
	v.NameKey, v.Search = viet.Key(v.Name), viet.Fold(v.Name+" "+v.Address)
	return nil
}

// Words is the venue as a course says it.
func (v Venue) Words() string {
	return strings.TrimSuffix(v.Name+", "+v.Address, ", ")
}

// Room (phòng) is a room of a venue.
type Room struct {
	ID        uint64
	VenueID   uint64
	Name      string
	NameKey   string // viet.Key of the name: no two rooms of a venue have the same
	Capacity  int    // how many it seats
	Retired   bool
	Version   int
	CreatedAt time.Time
	UpdatedAt time.Time
}

// BeforeSave derives what is found by.
func (r *Room) BeforeSave(*gorm.DB) error {
	r.NameKey = viet.Key(r.Name)
	return nil
}
