// Package planning makes and changes plans: how long components last, which percentage is the target, new plans from old ones. What coverage
// stands on changes here only, so that its ledger is built anew and everybody sees beforehand what a change does.
package planning

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/errs"
	"taphuan/app/job"
	"taphuan/app/ledger"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
)

// JobLedger is the kind of job that builds the ledgers of coverage that are not kept.
const JobLedger = "ledger.build"

// Service makes and changes plans.
type Service struct {
	DB       *store.DB
	Coverage *coverage.Service
	Wake     func() // makes the runner of jobs look for work
}

// Kinds are the jobs of this package.
func (s *Service) Kinds() map[string]job.Func {
	return map[string]job.Func{JobLedger: func(ctx context.Context, _ models.Job, _ job.Progress) (any, error) {
		built, err := ledger.Ensure(ctx, s.DB)
		return map[string]bool{"built": built}, err
	}}
}

// rebuild has the ledger of a plan built anew after the transaction. Until that is done figures are counted from their sources.
func (s *Service) rebuild(tx *store.Tx, planID uint64) error {
	if err := ledger.Forget(tx, planID); err != nil {
		return err
	}
	if _, err := job.Add(tx, JobLedger, struct{}{}); err != nil {
		return err
	}
	tx.After(s.Wake)
	return nil
}

// MaxMonths is the longest that a component may last.
const MaxMonths = 600

// Input is what may be changed of a plan that stands.
type Input struct {
	Version int                       // of the plan that was looked at
	Expires map[models.Component]*int // months after which a component expires; nil: never
	Targets map[string]int            // percentages by group code
	Names   map[Name]string           // what the plan and its parts are called
	Lead    *string                   // code of the lead department, "" for none; nil: as it is
	First   *models.Day               // of the period; nil: as it is
	Last    *models.Day               // of the period, included; nil: as it is
	Parts                             // what is added, and taken away
}

// Rules is what an input changes.
type Rules struct {
	Plan       *plan.Plan // as it is
	After      *plan.Plan // as it would be
	Components []models.PlanComponent
	Groups     []models.TargetGroup
	Said       []Said // names, lead and period, and what is added and taken away: its name after or before alone
	NewTopic   *models.Topic
	NewGroup   *models.TargetGroup
	Like       *models.TargetGroup // the group that the new one is like; nil: it says Levels itself
	Levels     []models.TargetGroupLevel
	Expected   []models.ExpectedGroup
	DropTopic  *models.Topic
	DropGroup  *models.TargetGroup
	Moved      bool // the period is another
	Outside    Outside
	Effect     []coverage.Change // of the whole plan: today, at each year's end and on the plan's last day
	Counted    bool              // the effect was worked out: not for a plan of very many people
	Met        []Met             // of the groups
}

// Met is where the whole plan stands today in a group whose target changes.
type Met struct {
	Group  models.TargetGroup // with the new percentage
	Before int                // percent
	Figure coverage.Figure
}

// Nothing says whether the input changes nothing.
func (r *Rules) Nothing() bool {
	return len(r.Components) == 0 && len(r.Groups) == 0 && len(r.Said) == 0
}

// Counts says whether figures change: how long components last, or the period.
func (r *Rules) Counts() bool { return len(r.Components) > 0 || r.Moved }

// Regrouped says whether a group is added or taken away: the figures of the others stay.
func (r *Rules) Regrouped() bool { return r.NewGroup != nil || r.DropGroup != nil }

// countable is for how many people the effect of a change is worked out while somebody waits.
const countable = 60_000

// Preview says what Save would change and what that does to the figures. It refuses as Save does.
func (s *Service) Preview(ctx context.Context, code string, in Input) (*Rules, error) {
	db := s.DB.Read(ctx)
	r, err := rules(ctx, db, code, in)
	if err != nil {
		return nil, err
	}
	today := models.DayOf(s.DB.Time())
	var people int64
	if err := db.Model(&models.Cadre{}).Count(&people).Error; err != nil {
		return nil, err
	}
	if r.Moved {
		if r.Outside, err = outside(db, r.Plan, r.After); err != nil {
			return nil, err
		}
	}
	if r.Counted = people <= countable; r.Counted && r.Counts() {
		if r.Effect, err = s.Coverage.RulesEffect(ctx, r.Plan, r.After); err != nil {
			return nil, err
		}
	}
	if len(r.Groups) == 0 {
		return r, nil
	}
	figures, _, err := s.Coverage.Whole(ctx, r.Plan, today)
	if err != nil {
		return nil, err
	}
	for i, g := range r.After.Groups {
		if was := r.Plan.Groups[i].TargetPercent; was != g.TargetPercent {
			r.Met = append(r.Met, Met{Group: g, Before: was, Figure: figures[i]})
		}
	}
	return r, nil
}

// Save changes how long components last, which percentages are the targets, the period, the lead and what things are called. What was recorded
// stays. It refuses months that are none ("expiry_months") and percentages that are none ("target_percent"), names that are missing or too long
// ("required", "too_long"), names of groups that an import could not tell from another's ("plan_group_name_taken"), more other names of one than 50 ("plan_aliases_many"), topics and
// groups that cannot be ("choice", "plan_group_code", "plan_group_taken", "plan_group_levels") or cannot be taken away
// ("plan_part_in_use"), periods as Copy does, a lead that is none ("organisation_unknown") or not in the plan's tree in its period
// ("plan_lead"), a version that is not the plan's any more ("plan_changed"), and unknown codes with not_found.
func (s *Service) Save(ctx context.Context, actor access.Actor, code string, in Input) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		var row models.Plan
		err := tx.Lock().Scopes(store.Code("code", code)).Take(&row).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return 0, errs.NotFound("plan")
		}
		if err != nil {
			return 0, err
		}
		r, err := rules(ctx, tx.DB, code, in)
		if err != nil || r.Nothing() {
			return row.ID, err
		}
		var expiry, targets []string
		for _, c := range r.Components {
			was := r.Plan.Component(c.Component)
			if err := tx.Model(&models.PlanComponent{}).Where("plan_id = ? AND component = ?", row.ID, c.Component).Update("expires_months", c.ExpiresMonths).Error; err != nil {
				return 0, err
			}
			expiry = append(expiry, string(c.Component)+": "+months(was.ExpiresMonths)+" → "+months(c.ExpiresMonths))
		}
		for _, g := range r.Groups {
			if err := tx.Model(&models.TargetGroup{}).Where("id = ?", g.ID).Update("target_percent", g.TargetPercent).Error; err != nil {
				return 0, err
			}
			targets = append(targets, fmt.Sprintf("%s: %d → %d", g.Code, r.Plan.Group(g.ID).TargetPercent, g.TargetPercent))
		}
		said, err := saveSaid(tx, r)
		if err != nil {
			return 0, err
		}
		p := r.After.Plan
		if err := tx.Model(&row).Updates(map[string]any{"version": row.Version + 1, "updated_at": tx.Now, "name_vi": p.NameVi, "name_en": p.NameEn, "decision": p.Decision,
			"lead_id": p.LeadID, "from_day": p.FromDay, "to_day": p.ToDay}).Error; err != nil {
			return 0, err
		}
		if r.Counts() || r.Regrouped() {
			if err := s.rebuild(tx, row.ID); err != nil {
				return 0, err
			}
		}
		if err := saveParts(tx, r); err != nil {
			return 0, err
		}
		return row.ID, tx.Audit("plan.change", "plan", row.ID, map[string]any{"plan": code, "expiry": expiry, "targets": targets, "changed": said})
	})
	return err
}

// lockPlans locks all plans, in the order of their ids, and finds one. It refuses a version that is not the plan's any more ("plan_changed") and an
// unknown plan with not_found.
func lockPlans(tx *store.Tx, code string, version int) (all []models.Plan, p models.Plan, err error) {
	if err := tx.Lock().Order("id").Find(&all).Error; err != nil {
		return nil, p, err
	}
	i := slices.IndexFunc(all, func(p models.Plan) bool { return p.Code == code })
	if i < 0 {
		return nil, p, errs.NotFound("plan")
	}
	if all[i].Version != version {
		return nil, p, errs.Conflict("plan_changed")
	}
	return all, all[i], nil
}

// months writes a number of months, "–" for never.
func months(n *int) string {
	if n == nil {
		return "–"
	}
	return strconv.Itoa(*n)
}

func same(a, b *int) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }
