package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/proposal"
	"taphuan/app/store"
	"taphuan/app/venue"
	"taphuan/models"
)

// scheduleProvince proposes classes for so many who are missing in ten areas, with fifteen rooms in eight of them: reads who they are, works out
// three options, each with a bound, gives them rooms and days, and keeps them. The yardstick is what a planner does by hand: one statement a
// group for how many are missing in each area, each area to the nearest room, and so many classes as that takes; nothing of the fewest days, of
// people of several groups, of bounds, or of what is kept. What both come to goes to standard error.
func scheduleProvince(ctx context.Context, e *env, size int) (p pair, err error) {
	db, end, err := embedded(ctx)
	if err != nil {
		return p, err
	}
	p.close = end
	prov, err := newProvince(ctx, db, 3*size) // two of three are trained
	if err != nil {
		return p, err
	}
	rooms, err := scheduleRooms(ctx, db)
	if err != nil {
		return p, err
	}
	ask := proposal.Default(prov.plan, models.DayOf(now), rooms)
	ask.Host, ask.Each, ask.Days, ask.AtOnce, ask.Least = "SO-VHTTDL", 1, 400, 4, 5
	s := proposal.Service{DB: db}
	id, err := s.Propose(ctx, access.System(), ask)
	if err != nil {
		return p, err
	}
	kept, err := s.Get(ctx, access.System(), id)
	if err != nil {
		return p, err
	}
	classes, km, err := plainSchedule(ctx, db, prov, ask)
	if err != nil {
		return p, err
	}
	fmt.Fprintf(os.Stderr, "  %d missing; by hand %d classes, %d km\n", kept.Found.Missing, classes, km)
	for _, o := range kept.Found.Options {
		fmt.Fprintf(os.Stderr, "  %s: %d classes (no fewer than %d), %d people, %d km (no less than %d)\n", o.Aim, len(o.Classes), o.Fewest, o.People(), o.Km, o.Bound)
	}
	if len(kept.Found.Options) < 2 {
		return p, errors.New("there is nothing to compare")
	}
	p.ours.run = func() error { _, err := s.Propose(ctx, access.System(), ask); return err }
	p.yardstick.run = func() error { _, _, err := plainSchedule(ctx, db, prov, ask); return err }
	return p, nil
}

// scheduleRooms opens fifteen rooms in eight of the ten areas, most in the town.
func scheduleRooms(ctx context.Context, db *store.DB) (ids []uint64, err error) {
	s := venue.Service{DB: db}
	var communes []models.Organisation
	err = db.Read(ctx).Where("id IN (?)", db.Read(ctx).Model(&models.Organisation{}).Select("MIN(id)").Where("level = ? AND kind = ? AND area_id IS NOT NULL", models.LevelCommune, models.KindStateAgency).Group("area_id")).
		Order("area_id").Limit(8).Find(&communes).Error
	if err != nil {
		return nil, err
	}
	for i := range 15 {
		o := communes[min(i/2, len(communes)-1)]
		v, err := s.Create(ctx, access.System(), venue.Input{Name: fmt.Sprintf("Nhà văn hóa %d", i+1), OrganisationID: o.ID})
		if err != nil {
			return nil, err
		}
		r, err := s.AddRoom(ctx, access.System(), v, venue.RoomInput{Name: "Hội trường", Capacity: 40 + 10*(i*7%15)})
		if err != nil {
			return nil, err
		}
		ids = append(ids, r)
	}
	return ids, nil
}

const plainMissing = `SELECT o.area_id AS area, COUNT(*) AS n FROM postings p JOIN organisations o ON o.id = p.organisation_id JOIN posting_groups pg ON pg.posting_id = p.id
WHERE p.main AND pg.group_id = ? AND p.from_day <= ? AND p.to_day > ? AND o.area_id IS NOT NULL AND NOT (
  EXISTS (SELECT 1 FROM completions co WHERE co.cadre_id = p.cadre_id AND co.voided_at IS NULL AND co.effective_day BETWEEN ? AND ? AND co.components & 1 <> 0)
  AND EXISTS (SELECT 1 FROM completions co WHERE co.cadre_id = p.cadre_id AND co.voided_at IS NULL AND co.effective_day BETWEEN ? AND ? AND co.components & 2 <> 0))
GROUP BY o.area_id ORDER BY o.area_id`

// plainSchedule gives how many classes and kilometres it takes if all who are missing go to the nearest room.
func plainSchedule(ctx context.Context, db *store.DB, prov *province, a proposal.Ask) (classes, km int, err error) {
	read := db.Read(ctx)
	var sites []struct {
		Area  uint64
		Seats int
	}
	if err := read.Table("rooms").Joins("JOIN venues ON venues.id = rooms.venue_id").Select("venues.area_id AS area, MAX(rooms.capacity) AS seats").Group("venues.area_id").Order("venues.area_id").Scan(&sites).Error; err != nil {
		return 0, 0, err
	}
	areas, err := placed(read)
	if err != nil {
		return 0, 0, err
	}
	come := make([]int, len(sites))
	for _, g := range prov.plan.Groups {
		var rows []struct {
			Area uint64
			N    int
		}
		from := prov.plan.FromDay
		if err := read.Raw(plainMissing, g.ID, a.From, a.From, from, a.From, from, a.From).Scan(&rows).Error; err != nil {
			return 0, 0, err
		}
		for _, r := range rows {
			n := r.N * g.TargetPercent / 100
			ways := make([]int, len(sites))
			for i, s := range sites {
				ways[i] = 2 * proposal.Km(areas[r.Area], areas[s.Area])
			}
			near := slices.Index(ways, slices.Min(ways))
			come[near] += n
			km += n * ways[near]
		}
	}
	for i, s := range sites {
		seats := min(s.Seats, a.Most)
		classes += (come[i] + seats - 1) / seats
	}
	return classes, km, nil
}

// placed reads the areas by their ids.
func placed(read *gorm.DB) (map[uint64]models.Organisation, error) {
	var all []models.Organisation
	err := read.Where("kind = ?", models.KindDistrict).Find(&all).Error
	out := make(map[uint64]models.Organisation, len(all))
	for _, o := range all {
		out[o.ID] = o
	}
	return out, err
}
