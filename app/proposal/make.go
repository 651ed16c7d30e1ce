package proposal

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/enrolment"
	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
)

// Half days of a class, in minutes after midnight.
const (
	morning, noon, afternoon, evening = 7*60 + 30, 11*60 + 30, 13*60 + 30, 16*60 + 30
)

// rulePercent is how much of a class has to be attended, as of every course unless a coordinator says otherwise.
const rulePercent = 80

// Make turns an option into drafts with nominations, all or none. Who cannot be put forward any more is left out and told. A request happens
// once; a proposal of which drafts were made already, and not all cancelled since, is refused with "proposal_made". It refuses proposals that there are not (not_found),
// an option that has classes without days ("proposal_undated"), first days that have passed ("proposal_late"), a room that has been taken
// meanwhile ("proposal_room_taken"), and what course.Draft refuses.
func (s *Service) Make(ctx context.Context, actor access.Actor, id uint64, aim Aim) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		k, o, err := lockOption(tx, actor, id, aim)
		if err != nil {
			return 0, err
		}
		var people []uint64
		for _, c := range o.Classes {
			people = append(people, c.People...)
		}
		if err := enrolment.LockCadres(tx, people...); err != nil {
			return 0, err
		}
		if err := course.LockPlan(tx, k.PlanID); err != nil { // nobody else makes courses meanwhile
			return 0, err
		}
		if err := free(tx, k.Ask, o); err != nil {
			return 0, err
		}
		made, err := s.make(ctx, tx, actor, k, o)
		if err != nil {
			return 0, err
		}
		b, err := json.Marshal(made)
		if err != nil {
			return 0, err
		}
		if err := tx.Model(&models.Proposal{}).Where("id = ?", id).Updates(map[string]any{"made": string(b), "made_at": tx.Now, "updated_at": tx.Now}).Error; err != nil {
			return 0, err
		}
		return id, tx.Audit("proposal.make", "proposal", id, map[string]any{"aim": o.Aim, "courses": made.Courses, "refused": len(made.Refused)})
	})
	return err
}

// lockOption locks the proposal and finds the option.
func lockOption(tx *store.Tx, actor access.Actor, id uint64, aim Aim) (*Kept, *Option, error) {
	k := &Kept{}
	if err := tx.Lock().Take(&k.Proposal, id).Error; errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, nil, errs.NotFound("proposal")
	} else if err != nil {
		return nil, nil, err
	}
	if err := tx.Take(&k.Organisation, k.OrganisationID).Error; err != nil {
		return nil, nil, err
	}
	if !actor.ReachesPath(access.CourseWrite, k.Organisation.Path) {
		return nil, nil, errs.NotFound("proposal")
	}
	if err := k.decode(); err != nil {
		return nil, nil, err
	}
	if k.Made != nil {
		if err := tx.Where("id IN ?", k.Made.Courses).Find(&k.Courses).Error; err != nil {
			return nil, nil, err
		}
		if slices.ContainsFunc(k.Courses, stands) {
			return nil, nil, errs.Conflict("proposal_made")
		}
	}
	o, err := k.Option(aim)
	switch {
	case err != nil:
		return nil, nil, err
	case o.Undated() > 0:
		return nil, nil, errs.Conflict("proposal_undated", errs.Params{"n": o.Undated()})
	case o.First() <= tx.Today:
		return nil, nil, errs.Conflict("proposal_late", errs.Params{"day": o.First()})
	}
	return k, o, nil
}

// free refuses with the first room that has been taken since.
func free(tx *store.Tx, a Ask, o *Option) error {
	taken, err := bookings(tx.DB, a.Rooms, a.From, a.Until)
	if err != nil {
		return err
	}
	for _, c := range o.Classes {
		for _, day := range c.Days {
			if taken[c.Room][day] {
				return errs.Conflict("proposal_room_taken", errs.Params{"room": c.Name + ", " + c.Place, "day": day})
			}
		}
	}
	return nil
}

func (s *Service) make(ctx context.Context, tx *store.Tx, actor access.Actor, k *Kept, o *Option) (*Made, error) {
	p, err := plan.OfID(ctx, tx.DB, k.PlanID)
	if err != nil {
		return nil, err
	}
	var host models.Organisation
	if err := tx.Scopes(store.Code("code", k.Ask.Host)).Take(&host).Error; err != nil {
		return nil, err
	}
	made := &Made{Aim: o.Aim}
	for i, c := range o.Classes {
		in := course.Input{Title: title(p, k.Ask, o, i), CourseTypeID: courseType(p, k.Ask.Type).ID, HostID: host.ID, VenueID: c.Venue, Capacity: min(c.Seats, k.Ask.Most), RulePercent: rulePercent}
		for _, g := range c.Groups {
			in.GroupIDs = append(in.GroupIDs, p.GroupByCode(g.Group).ID)
		}
		draft, err := course.Draft(plan.Choose(ctx, k.PlanID), tx, in)
		if err != nil {
			return nil, err
		}
		for _, day := range c.Days {
			for _, half := range [][2]int{{morning, noon}, {afternoon, evening}} {
				if _, err := course.Schedule(tx, draft, course.SessionInput{Day: day, StartMinute: half[0], EndMinute: half[1], RoomID: c.Room}); err != nil {
					return nil, err
				}
			}
		}
		refused, err := enrolment.PutForward(tx, actor, draft.ID, c.People)
		if err != nil {
			return nil, err
		}
		made.Courses, made.Refused = append(made.Courses, draft.ID), append(made.Refused, refused...)
	}
	return made, nil
}

// title is what a class is called: what it is, for whom, where, and which of several there.
func title(p *plan.Plan, a Ask, o *Option, i int) string {
	c := o.Classes[i]
	var groups []string
	for _, g := range c.Groups {
		groups = append(groups, p.GroupByCode(g.Group).ShortVi)
	}
	text := fmt.Sprintf("%s: %s, %s", upper(courseType(p, a.Type).NameVi), strings.Join(groups, "; "), cmp.Or(c.Area, c.Place))
	n, all := 0, 0
	for j, x := range o.Classes {
		if x.Area == c.Area {
			if all++; j <= i {
				n++
			}
		}
	}
	if all > 1 {
		text += fmt.Sprintf(" (lớp %d)", n)
	}
	return text
}

// upper begins with a capital.
func upper(s string) string {
	r := []rune(s)
	return strings.ToUpper(string(r[:min(len(r), 1)])) + string(r[min(len(r), 1):])
}

// Names gives the names of cadres by id.
func (s *Service) Names(ctx context.Context, ids []uint64) (map[uint64]string, error) {
	out := make(map[uint64]string, len(ids))
	for part := range slices.Chunk(ids, 500) {
		var rows []models.Cadre
		if err := s.DB.Read(ctx).Select("id", "full_name").Where("id IN ?", part).Find(&rows).Error; err != nil {
			return nil, err
		}
		for _, r := range rows {
			out[r.ID] = r.FullName
		}
	}
	return out, nil
}
