package planning

import (
	"cmp"
	"context"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/ledger"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
)

// Hanging is what hangs on a plan and keeps it from being deleted.
type Hanging struct {
	Only       bool  // there is no other plan
	Courses    int64 // with all that hangs on them: enrolments, completions, certificates
	Proposals  int64
	Trainers   int64 // who are said to know a topic of it
	Headcounts int64 // declared in it, that no other plan has of its group of the same code
	People     int64 // in a group, by postings that no other plan has in its group of the same code
	Jobs       int64 // that wait or run in it
}

// Any says whether anything does.
func (h Hanging) Any() bool { return h != Hanging{} }

// Hanging says what keeps a plan from being deleted. It refuses an unknown plan with not_found.
func (s *Service) Hanging(ctx context.Context, code string) (h Hanging, err error) {
	db := s.DB.Read(ctx)
	var p models.Plan
	if err := db.Scopes(store.Code("code", code)).Limit(1).Find(&p).Error; err != nil {
		return h, err
	}
	if p.ID == 0 {
		return h, errs.NotFound("plan")
	}
	return hanging(db, p)
}

func hanging(db *gorm.DB, p models.Plan) (h Hanging, err error) {
	topics := db.Model(&models.Topic{}).Select("id").Where("plan_id = ?", p.ID)
	var plans int64
	for _, x := range []struct {
		q *gorm.DB
		n *int64
	}{
		{db.Model(&models.Plan{}), &plans},
		{db.Model(&models.Course{}).Where("plan_id = ?", p.ID), &h.Courses},
		{db.Model(&models.Proposal{}).Where("plan_id = ?", p.ID), &h.Proposals},
		{db.Model(&models.TrainerTopic{}).Where("topic_id IN (?)", topics).Distinct("account_id"), &h.Trainers},
		{db.Table("headcounts x").Joins("JOIN target_groups g ON g.id = x.group_id AND g.plan_id = ?", p.ID).
			Where("NOT EXISTS (SELECT 1 FROM headcounts y JOIN target_groups o ON o.id = y.group_id WHERE y.organisation_id = x.organisation_id AND y.effective_day = x.effective_day" +
				" AND y.created_at = x.created_at AND o.code = g.code AND o.plan_id <> g.plan_id)"), &h.Headcounts},
		{db.Table("posting_groups x").Joins("JOIN target_groups g ON g.id = x.group_id AND g.plan_id = ?", p.ID).
			Where("NOT EXISTS (SELECT 1 FROM posting_groups y JOIN target_groups o ON o.id = y.group_id WHERE y.posting_id = x.posting_id AND o.code = g.code AND o.plan_id <> g.plan_id)"), &h.People},
		{db.Model(&models.Job{}).Where("plan_id = ? AND kind <> ? AND state IN ?", p.ID, JobLedger, []models.JobState{models.JobWaiting, models.JobRunning}), &h.Jobs},
	} {
		err = cmp.Or(err, x.q.Count(x.n).Error)
	}
	h.Only = plans == 1
	return h, err
}

// Delete takes a plan away on which nothing hangs, such as a copy that was made by mistake. Who is in which group, and headcounts, go along as far
// as they were carried over from another plan. It refuses a plan on which something hangs ("plan_in_use"), a version that is not the plan's any
// more ("plan_changed") and an unknown plan with not_found.
func (s *Service) Delete(ctx context.Context, actor access.Actor, code string, version int) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		_, row, err := lockPlans(tx, code, version)
		if err != nil {
			return 0, err
		}
		if err := ledger.Forget(tx, row.ID); err != nil { // who writes what counts in the plan waits
			return 0, err
		}
		if h, err := hanging(tx.DB, row); err != nil {
			return 0, err
		} else if h.Any() {
			return 0, errs.Conflict("plan_in_use")
		}
		p, err := plan.OfID(ctx, tx.DB, row.ID)
		if err != nil {
			return 0, err
		}
		if err := ledger.Drop(tx, p); err != nil {
			return 0, err
		}
		for _, sql := range []string{
			"DELETE FROM posting_groups WHERE group_id IN (SELECT id FROM target_groups WHERE plan_id = ?)",
			"DELETE FROM headcounts WHERE group_id IN (SELECT id FROM target_groups WHERE plan_id = ?)",
			"DELETE FROM expected_groups WHERE group_id IN (SELECT id FROM target_groups WHERE plan_id = ?)",
			"DELETE FROM target_group_levels WHERE group_id IN (SELECT id FROM target_groups WHERE plan_id = ?)",
			"DELETE FROM target_groups WHERE plan_id = ?",
			"DELETE FROM course_type_components WHERE course_type_id IN (SELECT id FROM course_types WHERE plan_id = ?)",
			"DELETE FROM course_types WHERE plan_id = ?",
			"DELETE FROM topics WHERE plan_id = ? AND parent_id IS NOT NULL", // an area has parts, a part has none
			"DELETE FROM topics WHERE plan_id = ?",
			"DELETE FROM plan_components WHERE plan_id = ?",
			"UPDATE jobs SET plan_id = NULL WHERE plan_id = ?",
			"DELETE FROM plans WHERE id = ?",
		} {
			if err := tx.Exec(sql, row.ID).Error; err != nil {
				return 0, err
			}
		}
		return row.ID, tx.Audit("plan.delete", "plan", row.ID, map[string]any{"plan": row.Code, "first": row.FromDay, "last": row.ToDay - 1})
	})
	return err
}
