package proposal

import (
	"maps"
	"slices"
	"time"

	"taphuan/models"
)

// lunar are, by year, the first day of the year of the moon and the anniversary of the Hùng kings (10 of the third month), as far as they are
// known here.
var lunar = map[int][2]models.Day{
	2023: days("2023-01-22", "2023-04-29"), 2024: days("2024-02-10", "2024-04-18"), 2025: days("2025-01-29", "2025-04-07"), 2026: days("2026-02-17", "2026-04-26"),
	2027: days("2027-02-06", "2027-04-16"), 2028: days("2028-01-26", "2028-04-04"), 2029: days("2029-02-13", "2029-04-23"), 2030: days("2030-02-02", "2030-04-12"),
}

func days(newYear, kings string) [2]models.Day {
	return [2]models.Day{models.MustDay(newYear), models.MustDay(kings)}
}

// Works says whether classes are held on the day: not on Saturdays and Sundays, not on the public holidays of article 112 of the Labour Code,
// and not on the days that are off in place of a holiday at a weekend. Which of the days around the lunar new year and around 2 September
// are off is said year by year: two days before the new year to three after it, and 1 to 3 September, are kept free.
func Works(day models.Day) bool {
	off, owed := false, 0
	for d := day.AddDays(-14); d <= day; d = d.AddDays(1) {
		switch off = true; {
		case weekend(d):
			if holiday(d) {
				owed++
			}
		case holiday(d):
		case owed > 0:
			owed--
		default:
			off = false
		}
	}
	return !off
}

func weekend(day models.Day) bool {
	return day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
}

func holiday(day models.Day) bool {
	y, m, d := day.Date()
	if moon, ok := lunar[y]; ok && (moon[0].AddDays(-2) <= day && day <= moon[0].AddDays(3) || day == moon[1]) {
		return true
	}
	return m == time.January && d == 1 || m == time.April && d == 30 || m == time.May && d == 1 || m == time.September && d <= 3
}

// run gives the next n days, one after the other, on which a class that begins on the day would be held: up to five days without a break,
// longer classes with weekends and holidays between. ok is false where it cannot begin then.
func run(from models.Day, n int) (days []models.Day, ok bool) {
	for day := from; len(days) < n; day = day.AddDays(1) {
		if Works(day) {
			days = append(days, day)
		} else if n <= 5 || day == from {
			return nil, false
		}
		if day > from.AddDays(60) {
			return nil, false
		}
	}
	return days, true
}

// firstDay is when the class begins; those without days stand last.
func firstDay(c Class) models.Day {
	if len(c.Days) == 0 {
		return models.Forever
	}
	return c.Days[0]
}

// clone copies what rooms are taken, so that options do not take them from each other.
func clone(taken map[uint64]map[models.Day]bool) map[uint64]map[models.Day]bool {
	out := make(map[uint64]map[models.Day]bool, len(taken))
	for room, days := range taken {
		out[room] = maps.Clone(days)
	}
	return out
}

// calendar says which rooms are taken on which days, and how many classes are held.
type calendar struct {
	ask     Ask
	taken   map[uint64]map[models.Day]bool // by room
	classes map[models.Day]int
}

// place finds the first days on which one of the rooms is free, and takes it: the first of the rooms, which stand from the smallest up.
func (c *calendar) place(rooms []room) (room, []models.Day, bool) {
	for day := c.ask.From; day <= c.ask.Until; day = day.AddDays(1) {
		days, ok := run(day, c.ask.Each)
		if !ok || days[len(days)-1] > c.ask.Until || slices.ContainsFunc(days, func(d models.Day) bool { return c.classes[d] >= c.ask.AtOnce }) {
			continue
		}
		for _, r := range rooms {
			if slices.ContainsFunc(days, func(d models.Day) bool { return c.taken[r.ID][d] }) {
				continue
			}
			if c.taken[r.ID] == nil {
				c.taken[r.ID] = map[models.Day]bool{}
			}
			for _, d := range days {
				c.taken[r.ID][d] = true
				c.classes[d]++
			}
			return r, days, true
		}
	}
	return room{}, nil, false
}

// runs is how many classes one after the other the period has room for.
func (a Ask) runs() (n int) {
	for day := a.From; day <= a.Until; {
		days, ok := run(day, a.Each)
		if !ok {
			day = day.AddDays(1)
			continue
		}
		if day = days[len(days)-1].AddDays(1); day > a.Until.AddDays(1) {
			break
		}
		n++
	}
	return n
}
