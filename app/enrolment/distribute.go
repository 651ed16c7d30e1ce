package enrolment

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"taphuan/app/access"
	"taphuan/models"
)

// Distribute shares seats out by how many are missing at each place, and nobody gets more than are missing. Fractions go to the largest,
// of equals to the first.
func Distribute(seats int, missing []int) []int {
	out := make([]int, len(missing))
	sum := 0
	for _, n := range missing {
		sum += n
	}
	if seats = min(seats, sum); seats <= 0 {
		return out
	}
	order := make([]int, len(missing))
	left := seats
	for i, n := range missing {
		out[i], order[i] = seats*n/sum, i
		left -= out[i]
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(seats*missing[b]%sum, seats*missing[a]%sum) })
	for _, i := range order[:left] {
		out[i]++
	}
	return out
}

// QuotaRow is an organisation on the page of a course's quotas.
type QuotaRow struct {
	Code, Name string
	Depth      int
	Missing    int // who should come, here and below
	Used       int // nominated, here and below
	Seats      *int
	Share      *int // what sharing out by gap proposes, on top of who has been nominated; nil for totals
}

// QuotaPlan is what a coordinator sees of nominating for a course.
type QuotaPlan struct {
	Course  models.Course
	Rows    []QuotaRow // in tree order: where somebody is missing, was nominated, or a quota is set
	Missing int        // who should come, in all
	Free    int        // seats that neither somebody has nor somebody was nominated for
}

// Quotas gives the quotas of a course with who is missing where, and how its free seats would be shared out by that. It refuses courses
// out of scope with not_found.
func (s *Service) Quotas(ctx context.Context, actor access.Actor, courseID uint64) (*QuotaPlan, error) {
	x, err := s.find(ctx, actor, access.EnrolmentWrite, courseID, Filter{Group: CourseGroups, Lacking: true})
	if err != nil {
		return nil, err
	}
	q, err := readQuotas(x.db, x.course)
	if err != nil {
		return nil, err
	}
	used, err := nominatedAt(x.db, courseID)
	if err != nil {
		return nil, err
	}
	q.used = used[courseID]
	q.offices = x.organisations
	out := &QuotaPlan{Course: x.course}
	enrolled, _, err := seats(x.db, courseID)
	if err != nil {
		return nil, err
	}
	var nominated int64
	err = x.db.Model(&models.Enrolment{}).Where("course_id = ? AND state = ?", courseID, models.EnrolmentNominated).Count(&nominated).Error
	if err != nil {
		return nil, err
	}
	out.Free = max(x.course.Capacity-enrolled-int(nominated), 0)
	here, _ := x.ranked()
	missing := map[uint64]int{}
	for _, p := range here {
		missing[p.Office]++
	}
	out.Missing = len(here)
	out.Rows = x.quotaRows(q, missing, out.Free)
	return out, nil
}

func (x *find) quotaRows(q *quotas, missing map[uint64]int, free int) (rows []QuotaRow) {
	all := make([]models.Organisation, 0, len(x.organisations))
	for _, o := range x.organisations {
		all = append(all, o)
	}
	slices.SortFunc(all, func(a, b models.Organisation) int { return strings.Compare(a.Path, b.Path) })
	own := make([]int, len(all))
	for i, o := range all {
		own[i] = missing[o.ID]
	}
	shares := Distribute(free, own)
	for i, o := range all {
		r := QuotaRow{Code: o.Code, Name: o.Name, Depth: o.Depth, Used: q.usedBelow(o.Path)}
		for j := i; j < len(all) && strings.HasPrefix(all[j].Path, o.Path); j++ {
			r.Missing += own[j]
		}
		for _, k := range q.set {
			if k.Code == o.Code {
				r.Seats = &k.Seats
			}
		}
		if share := shares[i] + q.used[o.ID]; !o.Kind.IsTotal() && share > 0 {
			r.Share = &share
		}
		if r.Missing > 0 || r.Used > 0 || r.Seats != nil {
			rows = append(rows, r)
		}
	}
	return rows
}
