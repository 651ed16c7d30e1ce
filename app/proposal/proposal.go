// Package proposal proposes courses: given who is missing, where they are, which rooms there are and how many days, where and when to hold
// classes for whom, so that the targets are met with the fewest days or the least travel. Proposals are compared, kept, and turned into
// drafts with nominations. Subpackage siting is the method; docs/decisions/schedule.md says what is taken for granted.
package proposal

import (
	"taphuan/app/coverage"
	"taphuan/app/enrolment"
	"taphuan/app/store"
	"taphuan/models"
)

// Service proposes.
type Service struct {
	DB *store.DB
}

// Ask is what somebody wants to know. Things are named by their codes, rooms by their ids.
type Ask struct {
	Organisation string     `json:"organisation"` // whose people, with everything below; "" is the whole plan
	Groups       []string   `json:"groups"`
	Type         string     `json:"course_type"`
	Host         string     `json:"host"`
	From         models.Day `json:"from"` // the first day on which a class may be held: also the day whose roster counts
	Until        models.Day `json:"until"`
	Days         int        `json:"days"`       // training days at most, of all classes together
	Each         int        `json:"each"`       // days of a class
	Least        int        `json:"least"`      // people without whom a class is not held
	Most         int        `json:"most"`       // people of a class at most, whatever the room holds
	AtOnce       int        `json:"at_once"`    // classes on the same day at most
	Attendance   int        `json:"attendance"` // of a hundred who are invited, how many come as a rule
	Rooms        []uint64   `json:"rooms"`
}

// Found is the answer to what was asked, as things stood then.
type Found struct {
	Goals    []Goal   `json:"goals"` // of each group asked for
	Missing  int      `json:"missing"`
	Away     int      `json:"away"`     // of the missing: on leave, not invited
	Provided int      `json:"provided"` // of the missing: in courses to come already
	Useless  int      `json:"useless"`  // of the missing: lack something that the course type does not bring
	Share    int      `json:"share"`    // per mille of what was wanted that the days and rooms are enough for
	Enough   int      `json:"enough"`   // how many days would be enough, where they are not; 0 where nobody knows
	Unplaced []string `json:"unplaced"` // names of areas of which nobody has said where they lie
	Options  []Option `json:"options"`
	Seen     string   `json:"seen"` // what it stands on, as one number

	Resting [][]uint64 `json:"resting"` // of each group asked for: who those away are; not kept in proposals of old
}

// Goal is how far a group is from its target before any class is held.
type Goal struct {
	Group       string `json:"group"`
	Target      int    `json:"target"` // percent
	Denominator int    `json:"denominator"`
	Covered     int    `json:"covered"`
	Missing     int    `json:"missing"`  // by name
	Provided    int    `json:"provided"` // of them: in courses to come
	Away        int    `json:"away"`     // of them: on leave
	Useless     int    `json:"useless"`  // of them: lack something that the course type does not bring
	Free        int    `json:"free"`     // of them: the others, who may be invited
	Wanted      int    `json:"wanted"`   // who have to be invited so that enough come
	Asked       int    `json:"asked"`    // of Wanted: whom there are to invite, and days for
}

// Unnamed is how many count as missing and are on no list, so that nobody knows whom to invite.
func (g Goal) Unnamed() int { return max(g.Denominator-g.Covered-g.Missing, 0) }

// expected is how many of those provided for come as a rule.
func (a Ask) expected(n int) int { return n * a.Attendance / 100 }

// After is the figure of the group when so many who were invited have come, beside those who are provided for, if all do or as many as do as
// a rule.
func (g Goal) After(a Ask, invited int, all bool) coverage.Figure {
	n := a.expected(invited) + a.expected(g.Provided)
	if all {
		n = invited + g.Provided
	}
	return coverage.Figure{Denominator: g.Denominator, Covered: min(g.Covered+n, g.Denominator)}
}

// Rest is where those of a group are who are not covered after an option's classes, as many coming as do as a rule. Its parts add up to what is
// missing then.
type Rest struct {
	Unnamed  int // on no list
	Away     int
	Useless  int
	Unseated int // may be invited, and there are not days, rooms or people enough for their class
	Undated  int // in classes of the option that have no days
	Absent   int // invited or provided for, and not coming
}

// Outcome is what a group comes to by an option. People in classes without days do not count.
type Outcome struct {
	Invited    int
	Usual, All coverage.Figure // if as many come as do as a rule, and if all do
	Rest       Rest
	Explained  bool // the rest is known: it was not kept of groups in proposals of old
}

// Outcome says what the i-th of the groups asked for comes to by an option.
func (f Found) Outcome(a Ask, i int, o Option) Outcome {
	g, undated := f.Goals[i], 0
	for _, c := range o.Classes {
		for _, x := range c.Groups {
			if len(c.Days) == 0 && x.Group == g.Group {
				undated += x.N
			}
		}
	}
	dated := o.Invited[i] - undated
	return Outcome{Invited: o.Invited[i], Usual: g.After(a, dated, false), All: g.After(a, dated, true), Explained: g.Provided+g.Away+g.Useless+g.Free == g.Missing,
		Rest: Rest{Unnamed: g.Unnamed(), Away: g.Away, Useless: g.Useless, Unseated: g.Free - o.Invited[i], Undated: undated, Absent: dated + g.Provided - a.expected(dated) - a.expected(g.Provided)}}
}

// Aim is what an option is best in.
type Aim string

// The aims.
const (
	FewestDays  Aim = "days"
	Between     Aim = "between"
	LeastTravel Aim = "travel"
)

// Option is one way to hold the classes.
type Option struct {
	Aim     Aim     `json:"aim"`
	Classes []Class `json:"classes"`
	Invited []int   `json:"invited"` // by group asked for
	Km      int     `json:"km"`      // there and back, of all together
	Bound   int     `json:"bound"`   // with as many classes nobody can do with less
	Far     int     `json:"far"`     // the longest way, there alone
	Fewest  int     `json:"fewest"`  // classes without which it cannot be done
}

// Days is how many days of training the classes are together.
func (o Option) Days() (n int) {
	for _, c := range o.Classes {
		n += max(len(c.Days), 1)
	}
	return n
}

// People is how many are invited.
func (o Option) People() (n int) {
	for _, c := range o.Classes {
		n += len(c.People)
	}
	return n
}

// Seats is how many the rooms hold.
func (o Option) Seats() (n int) {
	for _, c := range o.Classes {
		n += c.Seats
	}
	return n
}

// Undated is how many classes have no days, since the rooms are taken or the period is too short.
func (o Option) Undated() (n int) {
	for _, c := range o.Classes {
		if len(c.Days) == 0 {
			n++
		}
	}
	return n
}

// Last is the last day of all classes.
func (o Option) Last() (day models.Day) {
	for _, c := range o.Classes {
		if n := len(c.Days); n > 0 {
			day = max(day, c.Days[n-1])
		}
	}
	return day
}

// First is the first day of all classes.
func (o Option) First() (day models.Day) {
	for _, c := range o.Classes {
		if len(c.Days) > 0 && (day == 0 || c.Days[0] < day) {
			day = c.Days[0]
		}
	}
	return day
}

// Class is a course that might be held.
type Class struct {
	Area   string       `json:"area"` // its name, or the commune's where the area does not exist on the first day any more
	Venue  uint64       `json:"venue"`
	Place  string       `json:"place"` // the venue in words
	Room   uint64       `json:"room"`
	Name   string       `json:"name"`  // of the room
	Seats  int          `json:"seats"` // of the room
	Days   []models.Day `json:"days"`  // none where no room is free
	People []uint64     `json:"people"`
	Groups []Count      `json:"groups"` // codes of groups; who has several counts in each
	From   []Origin     `json:"from"`   // the nearest first
}

// Count is how many people of a group there are.
type Count struct {
	Group string `json:"group"`
	N     int    `json:"n"`
}

// Origin is how many people come from an area, and how far it is. An area that does not exist on the first day any more, as a former
// district, is told by the places of its people.
type Origin struct {
	Area     string   `json:"area"`
	Communes []string `json:"communes,omitempty"` // those with the most people first
	Offices  int      `json:"offices,omitempty"`  // of the people, how many are at offices that are no commune's
	N        int      `json:"n"`
	Km       int      `json:"km"` // there alone
}

// Made is what was made of a proposal.
type Made struct {
	Aim     Aim                 `json:"aim"`
	Courses []uint64            `json:"courses"`
	Refused []enrolment.Refused `json:"refused,omitempty"` // who could not be put forward any more, and why
}
