package forecast

import (
	"cmp"
	"slices"

	"taphuan/models"
)

// Class is a course as a group's forecast sees it.
type Class struct {
	ID        uint64
	Code      string
	Title     string
	Day       models.Day // its last
	Capacity  int
	Enrolled  int
	Completed int     // of a closed one
	Settled   bool    // who comes is known: it has begun, or nobody is put into it any more
	Part      float64 // of the components that the plan requires, how many it brings: who needs both is covered by half a course
	Gain      float64 // of one to come: how many of the group it should cover
}

// People is Gain in whole people.
func (c Class) People() int { return int(c.Gain + 0.5) }

// Usual is what courses of the past, aimed at the group, tell of those to come.
type Usual struct {
	Classes                       int // closed, within the time that is looked at
	Capacity, Enrolled, Completed int
	Gained                        int     // of the group, meanwhile
	Filling                       float64 // part of the seats that are given away
	Attendance                    float64 // part of the enrolled who complete
	New                           float64 // of those who complete a whole course, the part whom it makes newly covered people of the group in the organisation
}

// What is assumed as long as few courses are closed, and how many people that counts as.
const (
	priorFilling    = 0.9
	priorAttendance = 0.85
	priorPeople     = 60.0
	settledDays     = 7 // before the last day of a course nobody is added any more
)

// usual learns from closed courses. Who lacks it among the people at whom they are aimed is what they should cover as long as few are closed.
func usual(closed []Class, gained int, lacking float64) Usual {
	u := Usual{Classes: len(closed), Gained: gained}
	whole := 0.0
	for _, c := range closed {
		u.Capacity += c.Capacity
		u.Enrolled += c.Enrolled
		u.Completed += c.Completed
		whole += c.Part * float64(c.Completed)
	}
	u.Filling = min((float64(u.Enrolled)+priorFilling*priorPeople)/(float64(u.Capacity)+priorPeople), 1)
	u.Attendance = min((float64(u.Completed)+priorAttendance*priorPeople)/(float64(u.Enrolled)+priorPeople), 1)
	u.New = min((float64(gained)+lacking*priorPeople)/(whole+priorPeople), 1)
	return u
}

// places is how many should come into a course.
func (u Usual) places(c Class) float64 {
	if c.Settled {
		return float64(c.Enrolled)
	}
	return max(float64(c.Enrolled), u.Filling*float64(c.Capacity))
}

// gain is how many of the group a course to come should cover.
func (u Usual) gain(c Class) float64 { return u.places(c) * u.Attendance * c.Part * u.New }

// planned says of courses to come, in the order of their days, what they should bring. Who ended a course that is not closed yet is covered
// from its last day on: as soon as it is closed, which is taken for tomorrow.
func (u Usual) planned(ahead []Class, today models.Day) []Planned {
	out := make([]Planned, len(ahead))
	for i := range ahead {
		ahead[i].Gain = u.gain(ahead[i])
		out[i] = Planned{max(ahead[i].Day, today+1), ahead[i].Gain}
	}
	return out
}

// merged is two lists of planned courses as one, in the order of their days.
func merged(a, b []Planned) []Planned {
	all := slices.Concat(a, b)
	slices.SortStableFunc(all, func(a, b Planned) int { return cmp.Compare(a.Day, b.Day) })
	return all
}

// usualDays is how far back courses are looked at for what is usual: two years.
const usualDays = 730
