package enrolment

import (
	"context"
	"errors"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// CourseGroups in Filter.Group means any of the groups at which the course is aimed.
const CourseGroups = "course"

// Filter narrows who might take part in a course; zero fields do not.
type Filter struct {
	Text         string           // beginnings of words of the name, in any order, without regard to case and accents
	Organisation string           // code: that organisation and all below
	Line         bool             // with Organisation: those whose professional line it is, wherever they are posted
	Group        string           // code of a target group, or CourseGroups; by the main or a concurrent posting
	Lacking      bool             // only who lacks a component that the course brings
	Component    models.Component // with Lacking: this one
	Near         Near             // only whose office lies so near the venue
	Cadres       []uint64         // only these; nil for whoever
	Page         int              // from 1
}

// Near narrows to those who are near a course's venue.
type Near string

// NearCommune is the venue's commune, NearArea its (former) district.
const (
	NearCommune Near = "commune"
	NearArea    Near = "area"
)

// holds says whether the nearness is within it.
func (n Near) holds(x Nearness) bool {
	return n == "" || x == SameCommune || n == NearArea && x == SameArea
}

// Candidate is somebody who might take part.
type Candidate struct {
	CadreID      uint64
	Name         string
	BirthYear    int // 0 when unknown
	Title        string
	Organisation string
	OrgCode      string
	Groups       []string              // codes of target groups, in the plan's order
	Lacks        []models.Component    // of the course's components, in the plan's order
	Leave        models.LeaveKind      // away on the roster's day; "" when not
	Was          models.EnrolmentState // refused or withdrawn from this course before; "" when not
	Reason       string                // of that
	Clashes      []Clash               // other courses at the same time

	// Why somebody stands where they stand.
	Gap      Gap // of the office in GapGroup on the course's first day; zero where nobody knows or nothing is lacking
	GapGroup string
	Before   int // how many of the same office and group stand before, each of whom narrows the gap by one
	Near     Nearness
	Benefit  Benefit
}

// Held says whether somebody is taken by name only: has a clash, or withdrew or was refused before.
func (c Candidate) Held() bool { return c.Was != "" || len(c.Clashes) > 0 }

// CandidateList is one page of those found, in the order in which they should come (Rank), and apart from them those who are on leave.
type CandidateList struct {
	Course       models.Course
	Day          models.Day             // whose roster it is
	Components   []models.PlanComponent // that the course brings
	Groups       []models.TargetGroup   // all of the plan, in its order
	Aims         []string               // codes of the groups at which the course is aimed
	Venue        string                 // name of the commune where the course is held; "" where nobody knows
	Rows         []Candidate
	Total        int
	Suggested    int         // of Total, those who are not held: whom "everybody found" takes
	Clashing     int         // of Total, those who have a clash
	OnLeave      []Candidate // who are found but away, by given name, at most PageSize
	OnLeaveTotal int
	Page         int
	Enrolled     int // seats taken
	Waiting      int
	Quotas       []Quota // for heads: those that bind their nominations
}

// Free is how many seats nobody holds.
func (l *CandidateList) Free() int { return max(l.Course.Capacity-l.Enrolled, 0) }

// Candidates lists cadres on the roster (today's, or that of the course's first day where it is still to come) who are not in the
// course, for those who enrol: those first who should come first. It refuses courses out of scope and unknown organisations, groups
// and components with not_found. A bounded number of statements whatever the length.
func (s *Service) Candidates(ctx context.Context, actor access.Actor, courseID uint64, f Filter) (*CandidateList, error) {
	return s.candidates(ctx, actor, access.EnrolmentWrite, courseID, f)
}

// OwnCandidates is Candidates for a head: own cadres only.
func (s *Service) OwnCandidates(ctx context.Context, actor access.Actor, courseID uint64, f Filter) (*CandidateList, error) {
	return s.candidates(ctx, actor, access.Nominate, courseID, f)
}

func (s *Service) candidates(ctx context.Context, actor access.Actor, p access.Permission, courseID uint64, f Filter) (*CandidateList, error) {
	find, err := s.find(ctx, actor, p, courseID, f)
	if err != nil {
		return nil, err
	}
	c := find.course
	out := &CandidateList{Course: c, Day: find.day, Components: find.components, Groups: find.plan.Groups, Aims: find.aims, Venue: find.venue.name, Page: max(f.Page, 1)}
	if out.Enrolled, out.Waiting, err = seats(find.db, c.ID); err != nil {
		return nil, err
	}
	if out.Quotas, err = s.bindingQuotas(find.db, actor, p, c); err != nil {
		return nil, err
	}
	ranked, away := find.ranked()
	out.Total, out.OnLeaveTotal = len(ranked), len(away)
	for _, x := range ranked {
		if !x.Held {
			out.Suggested++
		}
		if len(find.clashes[seatOf{c.ID, x.CadreID}]) > 0 {
			out.Clashing++
		}
	}
	out.Page = min(out.Page, max((out.Total+PageSize-1)/PageSize, 1))
	from := (out.Page - 1) * PageSize
	if out.Rows, err = find.shown(ranked[from:min(from+PageSize, len(ranked))]); err != nil {
		return nil, err
	}
	out.OnLeave, err = find.shown(away[:min(PageSize, len(away))])
	return out, err
}

// firstFound gives the first n cadres whom "everybody found" takes, all of them for 0, in the order in which they should come. It refuses
// "nobody_found" and "too_many_chosen".
func (s *Service) firstFound(ctx context.Context, actor access.Actor, p access.Permission, courseID uint64, f Filter, n int) ([]uint64, error) {
	find, err := s.find(ctx, actor, p, courseID, f)
	if err != nil {
		return nil, err
	}
	ranked, _ := find.ranked()
	var ids []uint64
	for _, x := range ranked {
		if !x.Held && (n == 0 || len(ids) < n) {
			ids = append(ids, x.CadreID)
		}
	}
	switch {
	case len(ids) == 0:
		return nil, errs.Invalid("nobody_found")
	case len(ids) > MaxPeople:
		return nil, errs.Invalid("too_many_chosen", errs.Params{"n": MaxPeople})
	}
	return ids, nil
}

// readCourse reads a course that the permission reaches.
func readCourse(db *gorm.DB, actor access.Actor, p access.Permission, id uint64, at *store.DB) (models.Course, error) {
	var c models.Course
	err := db.Scopes(access.Courses(actor, p, at.Time())).Take(&c, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return c, errs.NotFound("course")
	}
	return c, err
}

// seats counts who holds a seat and who waits.
func seats(db *gorm.DB, courseID uint64) (enrolled, waiting int, err error) {
	var rows []struct {
		State models.EnrolmentState
		N     int
	}
	err = db.Model(&models.Enrolment{}).Select("state, COUNT(*) AS n").Where("course_id = ?", courseID).Group("state").Scan(&rows).Error
	for _, r := range rows {
		switch r.State {
		case models.EnrolmentEnrolled:
			enrolled = r.N
		case models.EnrolmentWaiting:
			waiting = r.N
		}
	}
	return enrolled, waiting, err
}

// maxWords is how many words of a search are looked at; no name has more.
const maxWords = 8

// nameWords limits cadres to those who have, for each word of the text, a word of the name that begins with it.
func nameWords(text string) access.Scope {
	return func(q *gorm.DB) *gorm.DB {
		words := strings.Fields(viet.Fold(text))
		for _, w := range words[:min(len(words), maxWords)] {
			// What LIKE would read as a pattern is in no name.
			w = strings.NewReplacer("%", "", "_", "", `\`, "").Replace(w) + "%"
			q = q.Where("(cadres.search LIKE ? OR cadres.search LIKE ?)", w, "% "+w)
		}
		return q
	}
}
