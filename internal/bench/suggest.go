package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"taphuan/app/access"
	"taphuan/app/enrolment"
	"taphuan/app/store"
	"taphuan/models"
)

// suggestPeople asks who should come to a course aimed at all groups, of so many cadres in the province: the first page in order, with the
// reasons. The yardstick goes from office to office, as somebody would write it first: two statements an office, for its figure and for
// who lacks something there, and the whole sorted by the office's gap; nothing of venues, clashes, leave, or of seats evened out.
func suggestPeople(ctx context.Context, e *env, size int) (p pair, err error) {
	db, end, err := e.database(ctx)
	if err != nil {
		return p, err
	}
	p.close = end
	prov, err := newProvince(ctx, db, size)
	if err != nil {
		return p, err
	}
	c, err := suggestCourse(ctx, db, prov)
	if err != nil {
		return p, err
	}
	s := enrolment.Service{DB: db}
	ours := func() (*enrolment.CandidateList, error) {
		return s.Candidates(ctx, access.System(), c.ID, enrolment.Filter{Group: enrolment.CourseGroups, Lacking: true})
	}
	yardstick := func() ([]plainPerson, error) { return plainSuggest(ctx, db, prov, c) }
	l, err := ours()
	if err != nil {
		return p, err
	}
	all, err := yardstick()
	if err != nil {
		return p, err
	}
	if l.Total != len(all) || l.Total == 0 || l.Rows[0].Gap.Persons() != all[0].gap {
		return p, fmt.Errorf("one side suggests %d people, the other %d", l.Total, len(all))
	}
	p.ours.run = func() error { _, err := ours(); return err }
	p.yardstick.run = func() error { _, err := yardstick(); return err }
	return p, nil
}

// suggestCourse makes an open course a month from now.
func suggestCourse(ctx context.Context, db *store.DB, prov *province) (models.Course, error) {
	day := models.DayOf(now).AddDays(30)
	c := models.Course{PlanID: prov.plan.ID, Code: "2026-001", Title: "Tập huấn", CourseTypeID: prov.plan.CourseTypes[0].ID, State: models.CourseOpen, HostID: *prov.plan.LeadID,
		Venue: "Hội trường Ủy ban nhân dân xã Quảng Uyên", Capacity: 60, RulePercent: 80, FirstDay: day, LastDay: day, Version: 1}
	_, err := db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		if err := tx.Create(&c).Error; err != nil {
			return 0, err
		}
		var groups []models.CourseGroup
		for _, g := range prov.plan.Groups {
			groups = append(groups, models.CourseGroup{CourseID: c.ID, GroupID: g.ID})
		}
		return 0, errors.Join(tx.Create(&groups).Error, tx.Create(&models.Session{CourseID: c.ID, Day: day, StartMinute: 450, EndMinute: 690}).Error)
	})
	return c, err
}

// plainPerson is somebody whom the yardstick suggests.
type plainPerson struct {
	ID    uint64
	Name  string
	Group uint64
	gap   int
}

const plainCovered = "(EXISTS (SELECT 1 FROM completions co WHERE co.cadre_id = c.id AND co.voided_at IS NULL AND co.effective_day BETWEEN ? AND ? AND co.components & 1 <> 0)" +
	" AND EXISTS (SELECT 1 FROM completions co WHERE co.cadre_id = c.id AND co.voided_at IS NULL AND co.effective_day BETWEEN ? AND ? AND co.components & 2 <> 0))"

func plainSuggest(ctx context.Context, db *store.DB, prov *province, c models.Course) ([]plainPerson, error) {
	var offices []models.Organisation
	if err := db.Read(ctx).Where("from_day <= ? AND to_day > ?", c.FirstDay, c.FirstDay).Order("path").Find(&offices).Error; err != nil {
		return nil, err
	}
	from, day := prov.plan.FromDay, c.FirstDay
	const at = " FROM postings p JOIN cadres c ON c.id = p.cadre_id JOIN posting_groups pg ON pg.posting_id = p.id WHERE p.main AND p.organisation_id = ? AND p.from_day <= ? AND p.to_day > ?"
	var out []plainPerson
	for _, o := range offices {
		var figures []struct {
			GroupID         uint64
			Listed, Covered int
		}
		err := db.Read(ctx).Raw("SELECT pg.group_id, COUNT(*) AS listed, SUM("+plainCovered+") AS covered"+at+" GROUP BY pg.group_id", from, day, from, day, o.ID, day, day).Scan(&figures).Error
		if err != nil {
			return nil, err
		}
		gaps := map[uint64]int{}
		for _, f := range figures {
			gaps[f.GroupID] = max((prov.plan.Group(f.GroupID).TargetPercent*f.Listed+99)/100-f.Covered, 0)
		}
		var people []plainPerson
		err = db.Read(ctx).Raw("SELECT c.id, c.full_name AS name, pg.group_id AS `group`"+at+" AND NOT "+plainCovered+
			" AND NOT EXISTS (SELECT 1 FROM enrolments e WHERE e.course_id = ? AND e.cadre_id = c.id) ORDER BY c.sort_key", o.ID, day, day, from, day, from, day, c.ID).Scan(&people).Error
		if err != nil {
			return nil, err
		}
		for _, k := range people {
			k.gap = gaps[k.Group]
			out = append(out, k)
		}
	}
	slices.SortStableFunc(out, func(a, b plainPerson) int { return cmp.Compare(b.gap, a.gap) })
	return out, nil
}
