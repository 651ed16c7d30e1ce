package enrolment

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"taphuan/models"
)

// venue is where a course is held.
type venue struct {
	name string // of the commune, as "xã Quảng Uyên"; "" where nobody knows
	path string // of the commune's organisation
	area uint64 // the (former) district
}

// venueOf finds the commune that the course's venue names. Organisations are those of all time.
func venueOf(c models.Course, all []models.Organisation, day models.Day) venue {
	text := strings.ToLower(c.Venue)
	for _, o := range all {
		if o.Level != models.LevelCommune || !o.ExistsOn(day) {
			continue
		}
		if name := o.Commune(); name != "" && names(text, strings.ToLower(name)) {
			return venueIn(o)
		}
	}
	return venue{}
}

// venueIn is a venue in that commune.
func venueIn(o models.Organisation) venue {
	v := venue{name: o.Commune(), path: o.Path}
	if o.AreaID != nil {
		v.area = *o.AreaID
	}
	return v
}

// names says whether a text holds a name that no letter follows: "xã Hà" is not named by "xã Hà Quảng" alone, but then its own commune is
// found by the longer name or not at all.
func names(text, name string) bool {
	_, after, ok := strings.Cut(text, name)
	next, _ := utf8.DecodeRuneInString(after)
	return ok && !unicode.IsLetter(next)
}

// near says how near an office lies.
func (v venue) near(o models.Organisation) Nearness {
	switch {
	case v.path != "" && strings.HasPrefix(o.Path, v.path):
		return SameCommune
	case v.area != 0 && o.AreaID != nil && *o.AreaID == v.area:
		return SameArea
	}
	return Elsewhere
}
