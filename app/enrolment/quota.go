package enrolment

import (
	"context"
	"maps"
	"slices"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

// Quota is how many an organisation and all below may nominate for a course, and how many of them have been.
type Quota struct {
	Organisation string // name
	Code         string
	Seats        int
	Used         int
	Each         bool // it is what each office has that nobody gave a quota of its own

	path string
}

// Left is how many may still be nominated.
func (q Quota) Left() int { return max(q.Seats-q.Used, 0) }

// quotas are the quotas of a course with who has been nominated, at each office.
type quotas struct {
	set     []Quota // in tree order
	each    *int
	offices map[uint64]models.Organisation
	used    map[uint64]int // by office: nominated, waiting or with a seat, not refused or withdrawn
}

// readQuotas reads a course's quotas: at most three statements.
func readQuotas(db *gorm.DB, c models.Course) (*quotas, error) {
	all, err := quotasOf(db, []models.Course{c})
	return all[c.ID], err
}

// quotasOf reads the quotas of courses by their ids: at most three statements, however many.
func quotasOf(db *gorm.DB, courses []models.Course) (map[uint64]*quotas, error) {
	out := make(map[uint64]*quotas, len(courses))
	ids := make([]uint64, len(courses))
	bound := false
	for i, c := range courses {
		ids[i] = c.ID
		out[c.ID] = &quotas{each: c.NominationQuota, offices: map[uint64]models.Organisation{}, used: map[uint64]int{}}
		bound = bound || c.NominationQuota != nil
	}
	var rows []models.CourseQuota
	if err := db.Where("course_id IN ?", ids).Find(&rows).Error; err != nil {
		return nil, err
	}
	if len(rows) == 0 && !bound {
		return out, nil
	}
	var all []models.Organisation
	if err := db.Select("id", "code", "name", "path").Order("path").Find(&all).Error; err != nil {
		return nil, err
	}
	used, err := nominatedAt(db, ids...)
	if err != nil {
		return nil, err
	}
	type place struct{ course, office uint64 }
	seats := map[place]int{}
	for _, r := range rows {
		seats[place{r.CourseID, r.OrganisationID}] = r.Seats
	}
	offices := make(map[uint64]models.Organisation, len(all))
	for _, o := range all {
		offices[o.ID] = o
	}
	for id, q := range out {
		q.offices = offices
		if used[id] != nil {
			q.used = used[id]
		}
		for _, o := range all {
			if n, ok := seats[place{id, o.ID}]; ok {
				q.set = append(q.set, Quota{Organisation: o.Name, Code: o.Code, Seats: n, Used: q.usedBelow(o.Path), path: o.Path})
			}
		}
	}
	return out, nil
}

// nominatedAt counts who has been nominated for courses and not been refused or withdrawn, by course and office.
func nominatedAt(db *gorm.DB, courseIDs ...uint64) (map[uint64]map[uint64]int, error) {
	var rows []struct {
		CourseID       uint64
		OrganisationID uint64
		N              int
	}
	err := db.Model(&models.Enrolment{}).Select("course_id, organisation_id, COUNT(*) AS n").
		Where("course_id IN ? AND source <> ? AND state IN ? AND organisation_id IS NOT NULL", courseIDs, SourceCoordinator, inCourse).Group("course_id, organisation_id").Scan(&rows).Error
	out := map[uint64]map[uint64]int{}
	for _, r := range rows {
		if out[r.CourseID] == nil {
			out[r.CourseID] = map[uint64]int{}
		}
		out[r.CourseID][r.OrganisationID] = r.N
	}
	return out, err
}

func (q *quotas) usedBelow(path string) (n int) {
	for office, used := range q.used {
		if strings.HasPrefix(q.offices[office].Path, path) {
			n += used
		}
	}
	return n
}

// of gives the quotas that bind an office: each at it or above it, else what each office has.
func (q *quotas) of(office models.Organisation) (out []Quota) {
	for _, x := range q.set {
		if strings.HasPrefix(office.Path, x.path) {
			out = append(out, x)
		}
	}
	if len(out) == 0 && q.each != nil {
		out = append(out, Quota{Organisation: office.Name, Code: office.Code, Seats: *q.each, Used: q.used[office.ID], Each: true, path: office.Path})
	}
	return out
}

// withinQuotas refuses more nominations than a quota has left with "nomination_quota_full". The course's row is locked.
func withinQuotas(tx *store.Tx, c models.Course, rows []models.Enrolment) error {
	q, err := readQuotas(tx.DB, c)
	if err != nil {
		return err
	}
	asked := map[string]int{} // by the organisation of the quota
	for _, r := range rows {
		if r.OrganisationID == nil {
			continue
		}
		for _, x := range q.of(q.offices[*r.OrganisationID]) {
			if asked[x.Code]++; x.Used+asked[x.Code] > x.Seats {
				n := 0 // that were asked for in all
				for _, y := range rows {
					if y.OrganisationID != nil && slices.ContainsFunc(q.of(q.offices[*y.OrganisationID]), func(z Quota) bool { return z.Code == x.Code }) {
						n++
					}
				}
				return errs.Conflict("nomination_quota_full", errs.Params{"organisation": x.Organisation, "seats": x.Seats, "used": x.Used, "left": x.Left(), "n": n})
			}
		}
	}
	return nil
}

// bindingQuotas gives a head the quotas that bind: at, above or below the organisations headed. Others have none to see.
func (s *Service) bindingQuotas(db *gorm.DB, actor access.Actor, p access.Permission, c models.Course) ([]Quota, error) {
	if p != access.Nominate || actor.Whole(p) {
		return nil, nil
	}
	q, err := readQuotas(db, c)
	if err != nil {
		return nil, err
	}
	return q.binding(actor.HomeOrganisations()), nil
}

// binding gives the quotas that bind those who head the organisations: at, above or below them.
func (q *quotas) binding(homes []uint64) (out []Quota) {
	for _, id := range homes {
		home := q.offices[id]
		if home.ID == 0 {
			continue
		}
		out = append(out, q.of(home)...)
		for _, x := range q.set {
			if x.path != home.Path && strings.HasPrefix(x.path, home.Path) {
				out = append(out, x)
			}
		}
	}
	return out
}

// Narrowest gives the quota that leaves the fewest; ok is false where none binds.
func Narrowest(quotas []Quota) (least Quota, ok bool) {
	for i, q := range quotas {
		if i == 0 || q.Left() < least.Left() {
			least = q
		}
	}
	return least, len(quotas) > 0
}

// QuotaInput is what a coordinator says of nominating for a course.
type QuotaInput struct {
	Deadline models.Day     // the last day; 0: until the course begins
	Each     *int           // for each office without a quota at or above it; nil: any number
	Seats    map[string]int // by code of the organisation
	Version  int            // of the course that the form showed
}

// SetQuotas says until when and how many cadres heads may nominate. What was nominated before stands, whatever the quota.
//
// It refuses courses out of scope (not_found), a form of an older version ("course_changed"), courses for which nobody nominates any more
// ("enrolment_closed", "enrolment_cancelled", "nomination_closed"), and at their fields: a deadline not before the course's first day
// ("nomination_deadline_late"), less than nobody or more than a course holds ("number_least", "number_most"), and organisations that there
// are not ("organisation_unknown"). Fields are "deadline", "each" and QuotaField of an organisation.
func (s *Service) SetQuotas(ctx context.Context, actor access.Actor, courseID uint64, in QuotaInput) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		c, err := course.Lock(tx, actor, access.EnrolmentWrite, courseID)
		if err != nil {
			return 0, err
		}
		if c.Version != in.Version {
			return 0, errs.Conflict("course_changed")
		}
		if c.State != models.CourseDraft {
			if err := nominates(c, tx.Today); err != nil {
				return 0, err
			}
		}
		rows, err := in.rows(tx, c)
		if err != nil {
			return 0, err
		}
		if err := tx.Where("course_id = ?", c.ID).Delete(&models.CourseQuota{}).Error; err != nil {
			return 0, err
		}
		if len(rows) > 0 {
			if err := tx.CreateInBatches(rows, batch).Error; err != nil {
				return 0, err
			}
		}
		c.NominationDeadline, c.NominationQuota = in.Deadline, in.Each
		c.Version++
		if err := tx.Save(&c).Error; err != nil {
			return 0, err
		}
		return c.ID, tx.Audit("course.quotas", "course", c.ID, map[string]any{"deadline": in.Deadline, "each": in.Each, "seats": in.Seats})
	})
	return err
}

// QuotaField is the name of the form's field for an organisation.
func QuotaField(code string) string { return "q_" + code }

// rows checks the input and gives the quotas in the order of the organisations' ids.
func (in QuotaInput) rows(tx *store.Tx, c models.Course) ([]models.CourseQuota, error) {
	var f errs.Fields
	number := func(field string, n int) {
		if n < 0 {
			f.Add(field, "number_least", errs.Params{"n": 0})
		} else if n > course.MaxCapacity {
			f.Add(field, "number_most", errs.Params{"n": course.MaxCapacity})
		}
	}
	if in.Deadline != 0 && c.FirstDay != 0 && in.Deadline >= c.FirstDay {
		f.Add("deadline", "nomination_deadline_late", errs.Params{"day": c.FirstDay})
	}
	if in.Each != nil {
		number("each", *in.Each)
	}
	var all []models.Organisation
	if err := tx.Select("id", "code").Find(&all).Error; err != nil {
		return nil, err
	}
	ids := make(map[string]uint64, len(all))
	for _, o := range all {
		ids[o.Code] = o.ID
	}
	var rows []models.CourseQuota
	for _, code := range slices.Sorted(maps.Keys(in.Seats)) {
		n := in.Seats[code]
		number(QuotaField(code), n)
		id, ok := ids[code]
		if !ok {
			f.Add(QuotaField(code), "organisation_unknown")
		}
		rows = append(rows, models.CourseQuota{CourseID: c.ID, OrganisationID: id, Seats: n})
	}
	slices.SortFunc(rows, func(a, b models.CourseQuota) int { return int(a.OrganisationID) - int(b.OrganisationID) })
	return rows, f.Err()
}
