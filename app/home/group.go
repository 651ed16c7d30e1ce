package home

import "taphuan/models"

// CourseSessions are the sessions of one course, so that a list of days says the name of a course once.
type CourseSessions struct {
	CourseID uint64
	Course   string
	Place    string // where all of them are held; "" when they are held in different places
	People   int    // enrolled
	Now      bool   // one of them begins within the hour or is going on
	Days     []DaySessions
}

// DaySessions are the sessions of one course on one day.
type DaySessions struct {
	Day      models.Day
	Sessions []Session
}

// ByCourse puts sessions, given in the order of time, together by course and day. Courses stand in the order of their first session.
func ByCourse(sessions []Session) []CourseSessions {
	var out []CourseSessions
	at := map[uint64]int{}
	for _, s := range sessions {
		i, ok := at[s.CourseID]
		if !ok {
			i = len(out)
			at[s.CourseID] = i
			out = append(out, CourseSessions{CourseID: s.CourseID, Course: s.Course, Place: s.Place(), People: s.People})
		}
		c := &out[i]
		c.Now = c.Now || s.Now
		if c.Place != s.Place() {
			c.Place = ""
		}
		if n := len(c.Days); n == 0 || c.Days[n-1].Day != s.Day {
			c.Days = append(c.Days, DaySessions{Day: s.Day})
		}
		d := &c.Days[len(c.Days)-1]
		d.Sessions = append(d.Sessions, s)
	}
	return out
}

// OthersByCourse gives the sessions after the next, put together by course.
func (t *Teaching) OthersByCourse() []CourseSessions { return ByCourse(t.Others) }

// WeekByCourse gives the sessions of the week, put together by course.
func (d *Desk) WeekByCourse() []CourseSessions { return ByCourse(d.Week) }
