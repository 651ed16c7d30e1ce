package proposal

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
)

// Kept is a proposal as it is kept.
type Kept struct {
	models.Proposal
	Plan         *plan.Plan
	Organisation models.Organisation
	Author       string
	Ask          Ask
	Found        Found
	Made         *Made           // nil while no drafts were made of it
	Courses      []models.Course // that were made of it
	Cancelled    bool            // all of them were cancelled: drafts may be made of it again
	Stale        bool            // the world has moved on since, and drafts may be made
	Gone         int             // of those invited: who may not be any more, or from elsewhere
}

// Option gives the option with the aim, the first for none. It refuses with not_found.
func (k *Kept) Option(aim Aim) (*Option, error) {
	if aim == "" {
		return &k.Found.Options[0], nil
	}
	for i, o := range k.Found.Options {
		if o.Aim == aim {
			return &k.Found.Options[i], nil
		}
	}
	return nil, errs.NotFound("option")
}

// Propose works out what is asked and keeps it. It refuses what cannot be at its field: see Ask's check, read and find.
func (s *Service) Propose(ctx context.Context, actor access.Actor, a Ask) (uint64, error) {
	db := s.DB.Read(ctx)
	today := models.DayOf(s.DB.Time())
	p, err := plan.Current(ctx, db, max(a.From, today))
	if err != nil {
		return 0, err
	}
	slices.Sort(a.Groups)
	a.Groups = slices.Compact(a.Groups)
	if err := a.check(p, today); err != nil {
		return 0, err
	}
	var host models.Organisation
	if err := db.Scopes(store.Code("code", a.Host)).Take(&host).Error; errors.Is(err, gorm.ErrRecordNotFound) || err == nil && !host.ExistsOn(today) {
		return 0, errs.OnField("host", "organisation_unknown")
	} else if err != nil {
		return 0, err
	}
	w, err := s.read(plan.Choose(ctx, p.ID), actor, a)
	switch {
	case errs.Is(err, "not_found"):
		return 0, errs.OnField("organisation", "organisation_unknown")
	case errs.Is(err, "day_outside_organisation"):
		return 0, errs.OnField("from", "day_outside_organisation", errs.As(err).Params)
	case err != nil:
		return 0, err
	}
	found, err := w.find()
	if err != nil {
		return 0, err
	}
	asked, err := json.Marshal(a)
	if err != nil {
		return 0, err
	}
	answer, err := json.Marshal(found)
	if err != nil {
		return 0, err
	}
	return s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		if err := course.LockPlan(tx, w.plan.ID); err != nil {
			return 0, err
		}
		now, err := plan.OfID(ctx, tx.DB, w.plan.ID) // what was asked for may have been taken away meanwhile
		if err == nil {
			err = a.check(now, today)
		}
		if err != nil {
			return 0, err
		}
		k := models.Proposal{PlanID: w.plan.ID, OrganisationID: w.top.ID, Ask: string(asked), Found: string(answer), CreatedAt: tx.Now, UpdatedAt: tx.Now}
		if tx.By.AccountID != 0 {
			k.CreatedByID = &tx.By.AccountID
		}
		if err := tx.Create(&k).Error; err != nil {
			return 0, err
		}
		return k.ID, tx.Audit("proposal.create", "proposal", k.ID, map[string]any{"organisation": w.top.Code, "groups": a.Groups, "days": a.Days})
	})
}

// Get reads a proposal, and whether it still stands. It refuses with not_found.
func (s *Service) Get(ctx context.Context, actor access.Actor, id uint64) (*Kept, error) {
	db := s.DB.Read(ctx)
	k := &Kept{}
	if err := db.Take(&k.Proposal, id).Error; errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errs.NotFound("proposal")
	} else if err != nil {
		return nil, err
	}
	if err := k.decode(); err != nil {
		return nil, err
	}
	var err error
	if k.Plan, err = plan.OfID(ctx, db, k.PlanID); err != nil {
		return nil, err
	}
	if err := db.Take(&k.Organisation, k.OrganisationID).Error; err != nil {
		return nil, err
	}
	if !actor.ReachesPath(access.CourseWrite, k.Organisation.Path) {
		return nil, errs.NotFound("proposal")
	}
	if k.CreatedByID != nil {
		if err := db.Model(&models.Account{}).Where("id = ?", *k.CreatedByID).Pluck("name", &k.Author).Error; err != nil {
			return nil, err
		}
	}
	if k.Made != nil {
		if err := db.Where("id IN ?", k.Made.Courses).Order("id").Find(&k.Courses).Error; err != nil {
			return nil, err
		}
		if k.Cancelled = !slices.ContainsFunc(k.Courses, stands); !k.Cancelled {
			return k, nil
		}
	}
	return k, s.compare(ctx, actor, k)
}

// stands says whether a course was not cancelled.
func stands(c models.Course) bool { return c.State != models.CourseCancelled }

// decode reads what is kept as JSON.
func (k *Kept) decode() error {
	if err := json.Unmarshal([]byte(k.Proposal.Ask), &k.Ask); err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(k.Proposal.Found), &k.Found); err != nil {
		return err
	}
	if k.Proposal.Made == "" {
		return nil
	}
	k.Made = &Made{}
	return json.Unmarshal([]byte(k.Proposal.Made), k.Made)
}

// compare says whether the world is still what the proposal stands on. What cannot be asked any more has moved on.
func (s *Service) compare(ctx context.Context, actor access.Actor, k *Kept) error {
	w, err := s.read(plan.Choose(ctx, k.PlanID), actor, k.Ask)
	if e := errs.As(err); err != nil && e.Kind != errs.KindInternal {
		k.Stale = true
		return nil
	} else if err != nil {
		return err
	}
	k.Stale = w.found.Seen != k.Found.Seen
	if !k.Stale {
		return nil
	}
	now := make(map[uint64]bool, len(w.people))
	for _, x := range w.people {
		now[x.id] = true
	}
	gone := map[uint64]bool{}
	for _, o := range k.Found.Options {
		for _, c := range o.Classes {
			for _, id := range c.People {
				if !now[id] {
					gone[id] = true
				}
			}
		}
	}
	k.Gone = len(gone)
	return nil
}

// Row is a proposal in a list.
type Row struct {
	ID           uint64
	Organisation string
	Author       string
	Ask          Ask
	CreatedAt    models.Day
	Made         bool
	Cancelled    bool // all that was made of it
}

// maxList is how many proposals a list shows, the latest.
const maxList = 100

// List lists the latest proposals of the plan. Two statements, and one for every 500 courses that were made of them.
func (s *Service) List(ctx context.Context, actor access.Actor) ([]Row, error) {
	var rows []struct {
		models.Proposal
		Organisation, Author string
	}
	of, err := plan.CurrentID(ctx, s.DB.Read(ctx), models.DayOf(s.DB.Time()))
	if err != nil {
		return nil, err
	}
	sql := s.DB.Read(ctx).Table("proposals").Where("proposals.plan_id = ?", of).Joins("JOIN organisations ON organisations.id = proposals.organisation_id").Joins("LEFT JOIN accounts ON accounts.id = proposals.created_by_id").
		Scopes(access.Organisations(actor, access.CourseWrite)).Select("proposals.id, proposals.ask, proposals.made, proposals.created_at, organisations.name AS organisation, COALESCE(accounts.name, '') AS author")
	if err := sql.Order("proposals.id DESC").Limit(maxList).Scan(&rows).Error; err != nil {
		return nil, err
	}
	out, made := make([]Row, len(rows)), make([]Made, len(rows))
	for i, r := range rows {
		if r.Proposal.Made != "" {
			if err := json.Unmarshal([]byte(r.Proposal.Made), &made[i]); err != nil {
				return nil, err
			}
		}
		out[i] = Row{ID: r.ID, Organisation: r.Organisation, Author: r.Author, CreatedAt: models.DayOf(r.CreatedAt), Made: r.Proposal.Made != ""}
		if err := json.Unmarshal([]byte(r.Proposal.Ask), &out[i].Ask); err != nil {
			return nil, err
		}
	}
	return out, s.cancelled(ctx, out, made)
}

// cancelled says of which rows all that was made was cancelled.
func (s *Service) cancelled(ctx context.Context, rows []Row, made []Made) error {
	var ids []uint64
	for _, m := range made {
		ids = append(ids, m.Courses...)
	}
	standing := map[uint64]bool{}
	for part := range slices.Chunk(ids, 500) {
		var some []uint64
		if err := s.DB.Read(ctx).Model(&models.Course{}).Where("id IN ? AND state <> ?", part, models.CourseCancelled).Pluck("id", &some).Error; err != nil {
			return err
		}
		for _, id := range some {
			standing[id] = true
		}
	}
	for i := range rows {
		rows[i].Cancelled = rows[i].Made && !slices.ContainsFunc(made[i].Courses, func(id uint64) bool { return standing[id] })
	}
	return nil
}

// Person is somebody who is invited, or on leave, for lists.
type Person struct {
	CadreID                   uint64
	Name, Title, Organisation string
	BirthYear                 int
}

// People gives the names of those whom an option invites, by class in its order: those of a class by name. One statement for each 500.
func (s *Service) People(ctx context.Context, k *Kept, o *Option) ([][]Person, error) {
	classes := make([][]uint64, len(o.Classes))
	for i, c := range o.Classes {
		classes[i] = c.People
	}
	return s.named(ctx, k, classes)
}

// Resting gives the names of those who are not invited since they are on leave, by group asked for; none of a proposal of old.
func (s *Service) Resting(ctx context.Context, k *Kept) ([][]Person, error) {
	return s.named(ctx, k, k.Found.Resting)
}

// named gives the people of lists of ids, each list by name, where they are posted on the first day that was asked for.
func (s *Service) named(ctx context.Context, k *Kept, lists [][]uint64) ([][]Person, error) {
	type row struct {
		Person
		SortKey string
	}
	all := map[uint64]row{}
	for part := range slices.Chunk(slices.Concat(lists...), 500) {
		var some []row
		err := s.DB.Read(ctx).Table("cadres").Joins("LEFT JOIN postings p ON p.cadre_id = cadres.id AND p.main = ? AND p.from_day <= ? AND p.to_day > ?", true, k.Ask.From, k.Ask.From).
			Joins("LEFT JOIN organisations o ON o.id = p.organisation_id").Where("cadres.id IN ?", part).
			Select("cadres.id AS cadre_id, cadres.full_name AS name, cadres.birth_year, cadres.sort_key, COALESCE(p.title, '') AS title, COALESCE(o.name, '') AS organisation").Scan(&some).Error
		if err != nil {
			return nil, err
		}
		for _, r := range some {
			all[r.CadreID] = r
		}
	}
	out := make([][]Person, len(lists))
	for i, ids := range lists {
		ids = slices.SortedFunc(slices.Values(ids), func(a, b uint64) int {
			return cmp.Or(cmp.Compare(all[a].SortKey, all[b].SortKey), cmp.Compare(a, b))
		})
		for _, id := range ids {
			if r, ok := all[id]; ok {
				out[i] = append(out[i], r.Person)
			}
		}
	}
	return out, nil
}

// Default is what a form asks for at first: everybody, within a year, in all rooms.
func Default(p *plan.Plan, today models.Day, rooms []uint64) Ask {
	from := today.AddDays(14)
	for !Works(from) {
		from = from.AddDays(1)
	}
	a := Ask{Organisation: p.Root.Code, From: from, Until: min(from.AddDays(364), p.ToDay.AddDays(-1)), Days: 60, Each: 2, Least: 25, Most: 100, AtOnce: 1, Attendance: 90, Rooms: rooms}
	for _, g := range p.Groups {
		a.Groups = append(a.Groups, g.Code)
	}
	for _, t := range p.CourseTypes { // the first that brings all that is required
		if a.Type == "" && len(p.TypeComponents[t.ID]) == len(p.Components) {
			a.Type = t.Code
		}
	}
	return a
}
