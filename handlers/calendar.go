package handlers

import (
	"fmt"
	"time"

	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/models"
)

type calendarDay struct {
	Day    models.Day
	Out    bool // of another month
	Today  bool
	Events []course.CalendarRow
}

type calendarData struct {
	First          models.Day // of the month
	Month          int
	Previous, Next string // addresses
	ThisMonth      bool
	Weeks          [][]calendarDay
	Sessions       int
	Clashes        int // sessions of this month that clash
}

// calendar shows a month of sessions in the actor's scope, with clashes marked.
func (s *Server) calendar(c *Ctx) error {
	today := c.Today()
	year, month, _ := today.Date()
	if text := c.Query("month"); text != "" {
		t, err := time.Parse("2006-01", text)
		if err != nil || t.Year() < 2000 || t.Year() > 2100 {
			return errs.OnField("month", "invalid")
		}
		year, month = t.Year(), t.Month()
	}
	first := models.NewDay(year, month, 1)
	last := models.NewDay(year, month+1, 1) - 1
	from := first.AddDays(-int(first.Weekday()+6) % 7) // Mondays begin the week
	to := last.AddDays(6 - int(last.Weekday()+6)%7)
	rows, err := s.course.Calendar(c.Ctx(), c.Actor, from, to)
	if err != nil {
		return err
	}
	d := calendarData{First: first, Month: int(month), Previous: monthAddress(first - 1), Next: monthAddress(last + 1), ThisMonth: first <= today && today <= last}
	for day := from; day <= to; day++ {
		if day == from || day.Weekday() == time.Monday {
			d.Weeks = append(d.Weeks, nil)
		}
		x := calendarDay{Day: day, Out: day < first || day > last, Today: day == today}
		for len(rows) > 0 && rows[0].Day == day {
			x.Events = append(x.Events, rows[0])
			if !x.Out {
				d.Sessions++
				if len(rows[0].Clashes) > 0 {
					d.Clashes++
				}
			}
			rows = rows[1:]
		}
		w := &d.Weeks[len(d.Weeks)-1]
		*w = append(*w, x)
	}
	return c.Page("calendar/show", d)
}

func monthAddress(d models.Day) string {
	y, m, _ := d.Date()
	return fmt.Sprintf("/calendar?month=%d-%02d", y, m)
}
