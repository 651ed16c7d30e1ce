package proposal

import (
	"math"

	"taphuan/models"
)

// Where people come from is known by area alone, so distances are those between the towns of areas.
const (
	// RoadFactor is how much longer the roads of a mountain province are than the straight line: from Cao Bằng to its district towns they are
	// 1.3 to 2.1 times as long.
	RoadFactor = 1.8
	// UnknownKm is the way from one area to another where nobody has said where one of them lies.
	UnknownKm = 60
	// earthKm is the mean radius of the earth.
	earthKm = 6371.0
)

// Km is the way from one area's town to another's in whole kilometres, there alone: none within an area.
func Km(a, b models.Organisation) int {
	if a.ID == b.ID && a.ID != 0 {
		return 0
	}
	from, ok := a.Place()
	to, known := b.Place()
	if !ok || !known {
		return UnknownKm
	}
	return int(math.Round(greatCircle(from, to) * RoadFactor))
}

// greatCircle is the shortest way over the globe, in kilometres.
func greatCircle(a, b models.Place) float64 {
	rad := func(degrees float64) float64 { return degrees * math.Pi / 180 }
	lat, lon := rad(b.Latitude-a.Latitude), rad(b.Longitude-a.Longitude)
	h := math.Pow(math.Sin(lat/2), 2) + math.Cos(rad(a.Latitude))*math.Cos(rad(b.Latitude))*math.Pow(math.Sin(lon/2), 2)
	return 2 * earthKm * math.Asin(math.Sqrt(min(h, 1)))
}
