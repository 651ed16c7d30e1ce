package course

import (
	"context"
	"slices"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/models"
	"taphuan/models/viet"
)

// Slot is a session with what clashes are seen by.
type Slot struct {
	models.Session
	Code     string
	Course   string // title
	State    models.CourseState
	Trainers []Trainer `gorm:"-"`
}

// Trainer teaches in a course.
type Trainer struct {
	AccountID uint64
	Name      string
}

// ClashKind says what two sessions both want.
type ClashKind string

// The kinds of clashes.
const (
	ClashRoom    ClashKind = "room"
	ClashTrainer ClashKind = "trainer"
)

// Clash is another course's session at the same time that wants the same room or trainer.
type Clash struct {
	Kind     ClashKind
	What     string // the room, or the trainer's name
	CourseID uint64 // of the other; 0 where the actor may not see it
	Code     string // "" where the actor may not see it
	Course   string // likewise
	Start    int
	End      int
}

// CalendarRow is a session in the calendar.
type CalendarRow struct {
	Slot
	Clashes []Clash
}

// ClashesOf finds for each session, by id, those of other courses that overlap it on the same day in the same room or with the same
// trainer. Cancelled ones are not to be among the slots.
func ClashesOf(slots []Slot) map[uint64][]Clash {
	out := map[uint64][]Clash{}
	byDay := map[models.Day][]Slot{}
	for _, x := range slots {
		byDay[x.Day] = append(byDay[x.Day], x)
	}
	for _, list := range byDay {
		slices.SortFunc(list, func(a, b Slot) int { return a.StartMinute - b.StartMinute })
		for i, a := range list {
			for _, b := range list[i+1:] {
				if b.StartMinute >= a.EndMinute {
					break
				}
				if a.CourseID != b.CourseID {
					out[a.ID] = append(out[a.ID], between(a, b)...)
					out[b.ID] = append(out[b.ID], between(b, a)...)
				}
			}
		}
	}
	return out
}

// between says what a and the overlapping b both want, as a's clashes.
func between(a, b Slot) []Clash {
	var out []Clash
	with := Clash{CourseID: b.CourseID, Code: b.Code, Course: b.Course, Start: b.StartMinute, End: b.EndMinute}
	if sameRoom(a.Session, b.Session) {
		with.Kind, with.What = ClashRoom, a.Room
		out = append(out, with)
	}
	for _, x := range a.Trainers {
		for _, y := range b.Trainers {
			if x.AccountID == y.AccountID {
				with.Kind, with.What = ClashTrainer, x.Name
				out = append(out, with)
			}
		}
	}
	return out
}

// sameRoom says whether two sessions are in one room: rooms of venues are told by what they are, others by their names.
func sameRoom(a, b models.Session) bool {
	if a.RoomID != nil && b.RoomID != nil {
		return *a.RoomID == *b.RoomID
	}
	return a.RoomKey != "" && a.RoomKey == b.RoomKey
}

// slots reads the sessions, not cancelled, of courses, not cancelled, that match, with their trainers: two queries.
func slots(db *gorm.DB, where string, args ...any) ([]Slot, error) {
	var out []Slot
	err := db.Table("course_sessions").Joins("JOIN courses ON courses.id = course_sessions.course_id").
		Where("course_sessions.cancelled = ? AND courses.state <> ?", false, models.CourseCancelled).Where(where, args...).
		Select("course_sessions.*, courses.code, courses.title AS course, courses.state").
		Order("course_sessions.day, course_sessions.start_minute, course_sessions.id").Scan(&out).Error
	if err != nil || len(out) == 0 {
		return nil, err
	}
	ids := map[uint64]bool{}
	for _, x := range out {
		ids[x.CourseID] = true
	}
	var staff []struct {
		CourseID  uint64
		AccountID uint64
		Name      string
	}
	err = db.Table("course_staff").Joins("JOIN accounts ON accounts.id = course_staff.account_id").
		Where("course_staff.role = ? AND course_staff.course_id IN ?", models.StaffTrainer, keys(ids)).
		Select("course_staff.course_id, accounts.id AS account_id, accounts.name").Order("accounts.sort_key, accounts.id").Scan(&staff).Error
	if err != nil {
		return nil, err
	}
	of := map[uint64][]Trainer{}
	for _, x := range staff {
		of[x.CourseID] = append(of[x.CourseID], Trainer{x.AccountID, x.Name})
	}
	for i := range out {
		out[i].Trainers = of[out[i].CourseID]
	}
	return out, nil
}

func keys(m map[uint64]bool) []uint64 {
	out := make([]uint64, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// visible says which of the slots' courses the actor may see.
func (s *Service) visible(db *gorm.DB, actor access.Actor, all []Slot) (map[uint64]bool, error) {
	ids := map[uint64]bool{}
	for _, x := range all {
		ids[x.CourseID] = true
	}
	out := map[uint64]bool{}
	if len(ids) == 0 {
		return out, nil
	}
	var seen []uint64
	err := db.Model(&models.Course{}).Scopes(access.Courses(actor, access.CourseRead, s.DB.Time())).Where("courses.id IN ?", keys(ids)).Pluck("courses.id", &seen).Error
	for _, id := range seen {
		out[id] = true
	}
	return out, err
}

// hide takes names out of clashes with courses that the actor may not see: that the room is taken is all they say.
func hide(list []Clash, seen map[uint64]bool) []Clash {
	for i := range list {
		if !seen[list[i].CourseID] {
			list[i].CourseID, list[i].Code, list[i].Course = 0, "", ""
		}
	}
	return list
}

// MaxCalendarDays is how many days a calendar shows at most.
const MaxCalendarDays = 92

// Calendar lists the sessions from one day to another, both included, of the courses that the actor may see, with clashes of room
// and trainer. Three queries. It refuses a range that is backwards or longer than 92 days ("calendar_range").
func (s *Service) Calendar(ctx context.Context, actor access.Actor, from, to models.Day) ([]CalendarRow, error) {
	if from == 0 || to < from || to-from >= MaxCalendarDays {
		return nil, errs.Invalid("calendar_range", errs.Params{"n": MaxCalendarDays})
	}
	db := s.DB.Read(ctx)
	all, err := slots(db, "course_sessions.day BETWEEN ? AND ?", from, to)
	if err != nil {
		return nil, err
	}
	seen, err := s.visible(db, actor, all)
	if err != nil {
		return nil, err
	}
	clashes := ClashesOf(all)
	var out []CalendarRow
	for _, x := range all {
		if seen[x.CourseID] {
			out = append(out, CalendarRow{Slot: x, Clashes: hide(clashes[x.ID], seen)})
		}
	}
	return out, nil
}

// ClashesWith says what a session of a course would clash with if it were held so; id is the session's own, 0 for a new one.
// Three queries.
func (s *Service) ClashesWith(ctx context.Context, actor access.Actor, courseID, id uint64, in SessionInput) ([]Clash, error) {
	if in.Day == 0 || in.EndMinute <= in.StartMinute {
		return nil, nil
	}
	db := s.DB.Read(ctx)
	all, err := slots(db, "course_sessions.day = ? AND course_sessions.course_id <> ?", in.Day, courseID)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	seen, err := s.visible(db, actor, all)
	if err != nil {
		return nil, err
	}
	if in.RoomID != 0 {
		var name []string
		if err := db.Model(&models.Room{}).Where("id = ?", in.RoomID).Pluck("name", &name).Error; err != nil {
			return nil, err
		}
		in.Room = strings.Join(name, "")
	}
	mine := Slot{Session: models.Session{ID: id, CourseID: courseID, Day: in.Day, StartMinute: in.StartMinute, EndMinute: in.EndMinute, Room: viet.NFC(in.Room), RoomID: reference(in.RoomID), RoomKey: viet.Fold(in.Room)}}
	err = db.Table("course_staff").Joins("JOIN accounts ON accounts.id = course_staff.account_id").Where("course_staff.course_id = ? AND course_staff.role = ?", courseID, models.StaffTrainer).
		Select("accounts.id AS account_id, accounts.name").Order("accounts.sort_key").Scan(&mine.Trainers).Error
	if err != nil {
		return nil, err
	}
	return hide(ClashesOf(append(all, mine))[id], seen), nil
}
