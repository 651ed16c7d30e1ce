package planning

import (
	"context"

	"taphuan/app/access"
	"taphuan/app/store"
	"taphuan/models"
)

// Mark is what an administrator may say of a plan where several stand side by side.
type Mark string

// The marks. They count while the plan is in force.
const (
	MarkFirst Mark = "first" // everybody sees it first of the plans of its root
	MarkOpen  Mark = "open"  // its figures are the open ones
)

func (m Mark) column() string { return "shown_" + string(m) }

// of says whether a plan has the mark.
func (m Mark) of(p models.Plan) bool {
	if m == MarkOpen {
		return p.ShownOpen != nil
	}
	return p.ShownFirst != nil
}

// Mark gives a plan a mark, which another plan may have had until now, or takes it away. Where nothing is to be changed it does nothing. It
// refuses a version that is not the plan's any more ("plan_changed") and an unknown plan with not_found.
func (s *Service) Mark(ctx context.Context, actor access.Actor, code string, version int, mark Mark, on bool) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		all, p, err := lockPlans(tx, code, version)
		if err != nil {
			return 0, err
		}
		if mark.of(p) == on {
			return p.ID, nil
		}
		instead := ""
		set := func(p models.Plan, to *bool) error {
			return tx.Model(&models.Plan{}).Where("id = ?", p.ID).Updates(map[string]any{mark.column(): to, "version": p.Version + 1, "updated_at": tx.Now}).Error
		}
		for _, other := range all {
			if on && mark.of(other) && (mark == MarkOpen || other.RootID == p.RootID) {
				instead = other.Code
				if err := set(other, nil); err != nil {
					return 0, err
				}
			}
		}
		var to *bool
		if on {
			to = new(true)
		}
		if err := set(p, to); err != nil {
			return 0, err
		}
		return p.ID, tx.Audit(mark.action(on), "plan", p.ID, map[string]any{"plan": p.Code, "instead_of": instead})
	})
	return err
}

// action is how the audit calls the giving of a mark, or the taking away.
func (m Mark) action(on bool) (action string) {
	switch {
	case m == MarkFirst && on:
		action = "plan.first"
	case m == MarkFirst:
		action = "plan.not_first"
	case on:
		action = "plan.open"
	default:
		action = "plan.not_open"
	}
	return action
}
