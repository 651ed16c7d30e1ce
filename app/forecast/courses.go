package forecast

import (
	"context"
	"slices"

	"taphuan/app/plan"
	"taphuan/models"
)

// manyClosed is how many closed courses, the latest first, and manyAhead how many to come are looked at.
const (
	manyClosed = 60
	manyAhead  = 200
)

// courses are those of the plan that tell of the future.
type courses struct {
	closed, ahead, drafts []course
	since                 models.Day // from which day on closed ones are looked at
}

type course struct {
	Class
	groups []uint64
}

// courses reads the courses to come, the drafts of such and the latest closed ones: five statements. It asks nobody's scope: how many they are and what they should
// bring is no secret of those who see a figure of coverage.
func (s *Service) courses(ctx context.Context, p *plan.Plan, today models.Day) (out courses, err error) {
	read := func(state string, limit int, order string, args ...any) (rows []models.Course, err error) {
		err = s.DB.Read(ctx).Select("id, code, title, state, course_type_id, capacity, first_day, last_day, nomination_deadline").
			Where("plan_id = ?", p.ID).Where(state, args...).Order(order).Limit(limit).Find(&rows).Error
		return rows, err
	}
	ahead, err := read("state IN ? AND last_day > 0", manyAhead, "last_day, id", []models.CourseState{models.CourseOpen, models.CourseRunning})
	if err != nil {
		return out, err
	}
	drafts, err := read("state = ? AND last_day > ?", manyAhead, "last_day, id", models.CourseDraft, today)
	if err != nil {
		return out, err
	}
	out.since = today.AddDays(-usualDays)
	closed, err := read("state = ? AND last_day > ? AND last_day <= ?", manyClosed, "last_day DESC, id DESC", models.CourseClosed, out.since, today)
	if err != nil {
		return out, err
	}
	if len(closed) == manyClosed {
		out.since = closed[manyClosed-1].LastDay
	}
	all := slices.Concat(ahead, drafts, closed)
	if len(all) == 0 {
		return out, nil
	}
	found := make([]course, len(all))
	at := make(map[uint64]*course, len(all))
	ids := make([]uint64, len(all))
	for i, c := range all {
		found[i] = course{Class: classOf(p, c, today)}
		at[c.ID], ids[i] = &found[i], c.ID
	}
	if err := s.count(ctx, ids, at); err != nil {
		return out, err
	}
	out.ahead, out.drafts, out.closed = found[:len(ahead)], found[len(ahead):len(ahead)+len(drafts)], found[len(ahead)+len(drafts):]
	return out, nil
}

// count says of courses who is enrolled, who has completed, and at whom they are aimed.
func (s *Service) count(ctx context.Context, ids []uint64, at map[uint64]*course) error {
	db := s.DB.Read(ctx)
	var counts []struct {
		CourseID    uint64
		N, Complete int
	}
	if err := db.Model(&models.Enrolment{}).Select("course_id, COUNT(*) AS n, SUM(CASE WHEN outcome = ? THEN 1 ELSE 0 END) AS complete", models.OutcomeCompleted).
		Where("course_id IN ? AND state = ?", ids, models.EnrolmentEnrolled).Group("course_id").Scan(&counts).Error; err != nil {
		return err
	}
	for _, n := range counts {
		at[n.CourseID].Enrolled, at[n.CourseID].Completed = n.N, n.Complete
	}
	var groups []models.CourseGroup
	if err := db.Where("course_id IN ?", ids).Find(&groups).Error; err != nil {
		return err
	}
	for _, g := range groups {
		at[g.CourseID].groups = append(at[g.CourseID].groups, g.GroupID)
	}
	return nil
}

func classOf(p *plan.Plan, c models.Course, today models.Day) Class {
	brings := 0
	for _, x := range p.Components {
		if slices.Contains(p.TypeComponents[c.CourseTypeID], x.Component) {
			brings++
		}
	}
	return Class{ID: c.ID, Code: c.Code, Title: c.Title, Day: c.LastDay, Capacity: c.Capacity, Part: float64(brings) / float64(max(len(p.Components), 1)),
		Settled: c.State == models.CourseRunning || c.LastDay <= today.AddDays(settledDays) || c.NominationDeadline != 0 && c.NominationDeadline < today}
}

// classes are courses aimed at a group.
type classes struct {
	closed, ahead, drafts []Class
	aimed                 map[uint64]bool // groups at which they are aimed, too
}

// of gives those aimed at a group; a course that names no group is aimed at all.
func (c courses) of(group uint64) classes {
	aimed := map[uint64]bool{group: true}
	pick := func(all []course) (out []Class) {
		for _, x := range all {
			if len(x.groups) > 0 && !slices.Contains(x.groups, group) || x.Part == 0 {
				continue
			}
			for _, g := range x.groups {
				aimed[g] = true
			}
			out = append(out, x.Class)
		}
		return out
	}
	return classes{pick(c.closed), pick(c.ahead), pick(c.drafts), aimed}
}
