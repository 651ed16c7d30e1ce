package roster

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"slices"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/ledger"
	"taphuan/app/store"
	"taphuan/models"
)

// EndInput ends an organisation.
type EndInput struct {
	LastDay    models.Day // "hoạt động đến hết ngày"
	Subtree    bool       // also everything below that still lives then
	Successors []string   // codes; may be named later too
}

// EndOrganisation ends an organisation after its last day: its postings end then at the latest, with the reason "organisation_ended",
// and so do leaves; whoever has no posting after that is unplaced until somebody decides. What was declared and counted up to the
// end stays. At the field it refuses a last day before the first ("end_before_start"), after the parent's end
// ("organisation_parent_ends") or before a posting that is to start later ("postings_start_later"), offices below that live longer, unless
// they end too ("organisation_has_children"), those below that start later ("organisation_starts_later"), and successors as
// NameSuccessors does. One that has an end already is refused with "organisation_has_end".
func (s *Service) EndOrganisation(ctx context.Context, actor access.Actor, code string, in EndInput) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		if err := OneWriter(tx); err != nil { // no roster is written meanwhile
			return 0, err
		}
		e, err := newEnding(tx, actor, code, in)
		if err != nil {
			return 0, err
		}
		return e.root.ID, e.write()
	})
	return err
}

// ending is an end while it is prepared: the organisations that it cuts short, and the people there.
type ending struct {
	tx         *store.Tx
	root       models.Organisation
	day        models.Day // first day no longer there
	orgs       map[uint64]models.Organisation
	people     map[uint64]*History
	successors []models.Organisation
}

func newEnding(tx *store.Tx, actor access.Actor, code string, in EndInput) (*ending, error) {
	if in.LastDay == 0 || in.LastDay >= models.Forever {
		return nil, errs.OnField("last_day", "required")
	}
	e := &ending{tx: tx, day: in.LastDay.AddDays(1), people: map[uint64]*History{}}
	root, err := organisationIn(tx.DB, actor, code)
	if err != nil {
		return nil, err
	}
	e.root = root
	// People before organisations, as whoever writes postings locks them; then those who came in between.
	if err := e.lockPeople(); err != nil {
		return nil, err
	}
	if e.root, err = organisationNow(tx, actor, code); err != nil {
		return nil, err
	}
	switch {
	case e.day <= e.root.FromDay:
		return nil, errs.OnField("last_day", "end_before_start")
	case e.day > e.root.ToDay:
		return nil, errs.OnField("last_day", "organisation_parent_ends", errs.Params{"day": e.root.ToDay.AddDays(-1)})
	}
	if n, err := ends(tx.DB, e.root.ID); err != nil || n > 0 || e.root.ToDay == e.day {
		return nil, cmp.Or(err, error(errs.Conflict("organisation_has_end")))
	}
	if err := e.lockOrganisations(in.Subtree); err != nil {
		return nil, err
	}
	if err := e.lockPeople(); err != nil {
		return nil, err
	}
	if n := e.startingLater(); n > 0 {
		return nil, errs.OnField("last_day", "postings_start_later", errs.Params{"n": n})
	}
	e.successors, err = successorsOf(tx, e.root, e.day, in.Successors)
	return e, err
}

// ends counts the ends that were recorded for the organisation itself.
func ends(db *gorm.DB, id uint64) (int64, error) {
	var n int64
	err := db.Model(&models.OrganisationEnd{}).Where("organisation_id = ?", id).Count(&n).Error
	return n, err
}

// lockPeople reads and locks the histories of those who are posted there longer and were not yet.
func (e *ending) lockPeople() error {
	sql, args := access.Subtree("organisations.path", e.root.Path)
	var ids []uint64
	err := e.tx.Model(&models.Posting{}).Joins("JOIN organisations ON organisations.id = postings.organisation_id").Where(sql, args...).
		Where("postings.to_day > ?", e.day).Distinct().Pluck("cadre_id", &ids).Error
	if err != nil {
		return err
	}
	ids = slices.DeleteFunc(ids, func(id uint64) bool { return e.people[id] != nil })
	some, err := LockHistories(e.tx, ids...)
	maps.Copy(e.people, some)
	return err
}

// lockOrganisations locks the organisation and those below that live longer: nobody comes to them meanwhile.
func (e *ending) lockOrganisations(subtree bool) error {
	sql, args := access.Subtree("path", e.root.Path)
	var list []models.Organisation
	if err := e.tx.Lock().Where(sql, args...).Where("to_day > ?", e.day).Order("path").Find(&list).Error; err != nil {
		return err
	}
	e.orgs = make(map[uint64]models.Organisation, len(list))
	for _, o := range list {
		switch {
		case o.ID != e.root.ID && !subtree:
			return errs.OnField("subtree", "organisation_has_children", errs.Params{"n": len(list) - 1})
		case o.FromDay >= e.day:
			return errs.OnField("last_day", "organisation_starts_later", errs.Params{"name": o.Name, "day": o.FromDay})
		}
		e.orgs[o.ID] = o
	}
	return nil
}

// cut gives the postings that the end cuts short.
func (e *ending) cut(h *History) []*HistoryPosting {
	var out []*HistoryPosting
	for _, p := range h.Postings {
		if e.orgs[p.OrganisationID].ID != 0 && p.ToDay > e.day {
			out = append(out, p)
		}
	}
	return out
}

func (e *ending) startingLater() int {
	n := 0
	for _, h := range e.people {
		for _, p := range e.cut(h) {
			if p.FromDay >= e.day {
				n++
			}
		}
	}
	return n
}

// write cuts everything short and keeps what was before, so that it can be undone.
func (e *ending) write() error {
	var was models.EndRecord
	if err := ledger.Organisations(e.tx, slices.Collect(maps.Keys(e.orgs))...); err != nil {
		return err
	}
	for _, id := range slices.Sorted(maps.Keys(e.orgs)) {
		was.Organisations = append(was.Organisations, models.DayWas{ID: id, To: e.orgs[id].ToDay})
		if err := e.tx.Model(&models.Organisation{}).Where("id = ?", id).Updates(map[string]any{"to_day": e.day, "updated_at": e.tx.Now}).Error; err != nil {
			return err
		}
	}
	var people []*History
	for _, id := range slices.Sorted(maps.Keys(e.people)) {
		h := e.people[id]
		for _, p := range e.cut(h) {
			was.Postings = append(was.Postings, models.PostingWas{ID: p.ID, CadreID: id, To: p.ToDay, Reason: p.EndReason, Leaves: slices.Clone(p.Leaves)})
			p.ToDay, p.EndReason = e.day, models.EndOrganisation
			p.cutLeaves()
		}
		people = append(people, h)
	}
	if err := SaveHistories(e.tx, people...); err != nil {
		return err
	}
	record, err := json.Marshal(was)
	if err != nil {
		return err
	}
	if err := e.tx.Create(&models.OrganisationEnd{OrganisationID: e.root.ID, EndDay: e.day, Was: string(record)}).Error; err != nil {
		return err
	}
	codes, err := setSuccessors(e.tx, e.root, e.successors)
	if err != nil {
		return err
	}
	return e.tx.Audit("organisation.end", "organisation", e.root.ID, map[string]any{"last_day": e.day.AddDays(-1), "organisations": len(e.orgs),
		"postings": len(was.Postings), "successors": codes})
}

// UndoEnd takes an end back that EndOrganisation made, with the postings and leaves as they were, while nothing followed from it. It
// refuses where there is no such end ("organisation_no_end"), where the parent ends before ("organisation_parent_ends"), and where one of
// the people was placed or decided upon since or one of the organisations changed ("end_followed").
func (s *Service) UndoEnd(ctx context.Context, actor access.Actor, code string) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		if err := OneWriter(tx); err != nil {
			return 0, err
		}
		o, err := organisationIn(tx.DB, actor, code)
		if err != nil {
			return 0, err
		}
		var end models.OrganisationEnd
		err = tx.Where("organisation_id = ?", o.ID).Take(&end).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return 0, errs.Conflict("organisation_no_end")
		}
		if err != nil {
			return 0, err
		}
		was, err := end.Record()
		if err != nil {
			return 0, err
		}
		people, err := LockHistories(tx, was.Cadres()...)
		if err != nil {
			return 0, err
		}
		if err := restoreOrganisations(tx, o, end.EndDay, was); err != nil {
			return 0, err
		}
		if err := restorePostings(tx, people, end, was); err != nil {
			return 0, err
		}
		if err := tx.Where("organisation_id = ?", o.ID).Delete(&models.OrganisationSuccessor{}).Error; err != nil {
			return 0, err
		}
		if err := tx.Delete(&end).Error; err != nil {
			return 0, err
		}
		return o.ID, tx.Audit("organisation.end_undo", "organisation", o.ID, map[string]any{"last_day": end.EndDay.AddDays(-1), "postings": len(was.Postings)})
	})
	return err
}

// restoreOrganisations gives the organisations their days back.
func restoreOrganisations(tx *store.Tx, o models.Organisation, day models.Day, was models.EndRecord) error {
	for _, x := range was.Organisations {
		if x.ID == o.ID && o.ParentID != nil {
			var parent models.Organisation
			if err := tx.Take(&parent, *o.ParentID).Error; err != nil {
				return err
			}
			if parent.ToDay < x.To {
				return errs.Conflict("organisation_parent_ends", errs.Params{"day": parent.ToDay.AddDays(-1)})
			}
		}
		if err := ledger.Organisations(tx, x.ID); err != nil {
			return err
		}
		q := tx.Model(&models.Organisation{}).Where("id = ? AND to_day = ?", x.ID, day).Updates(map[string]any{"to_day": x.To, "updated_at": tx.Now})
		if q.Error != nil {
			return q.Error
		}
		if q.RowsAffected == 0 {
			return errs.Conflict("end_followed")
		}
	}
	return nil
}

// restorePostings gives the postings and leaves their days back, if they still are as the end left them and nobody went elsewhere.
func restorePostings(tx *store.Tx, people map[uint64]*History, end models.OrganisationEnd, was models.EndRecord) error {
	for _, x := range was.Postings {
		h := people[x.CadreID]
		if h == nil {
			return errs.Conflict("end_followed")
		}
		p, err := h.Posting(x.ID)
		if err != nil || !leftAsEnded(h, p, end, x) {
			return errs.Conflict("end_followed")
		}
		p.ToDay, p.EndReason, p.Leaves = x.To, x.Reason, x.Leaves
	}
	return SaveHistories(tx, slices.Collect(maps.Values(people))...)
}

// leftAsEnded says whether a posting is as the end left it, and nothing of its kind has begun since.
func leftAsEnded(h *History, p *HistoryPosting, end models.OrganisationEnd, was models.PostingWas) bool {
	then := HistoryPosting{Posting: models.Posting{ToDay: end.EndDay}, Leaves: slices.Clone(was.Leaves)}
	then.cutLeaves()
	if p.ToDay != end.EndDay || p.EndReason != models.EndOrganisation || !sameLeaves(p.Leaves, then.Leaves) {
		return false
	}
	return !slices.ContainsFunc(h.Postings, func(x *HistoryPosting) bool {
		return x.Main == p.Main && x.FromDay >= end.EndDay && x.FromDay < was.To && !x.CreatedAt.Before(end.CreatedAt)
	})
}

// NameSuccessors says to which organisations people and duties went when one ended, in place of those named before. It refuses an
// organisation without an end ("organisation_no_end") and, at the field, successors that there are not ("organisation_unknown"), itself
// ("successor_itself"), a circle ("successor_cycle"), totals ("organisation_is_total") and those that do not exist on the day after
// the end ("organisation_not_active").
func (s *Service) NameSuccessors(ctx context.Context, actor access.Actor, code string, successors []string) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		if err := OneWriter(tx); err != nil { // of two who close a circle, the second sees what the first has written
			return 0, err
		}
		o, err := organisationNow(tx, actor, code)
		if err != nil {
			return 0, err
		}
		if o.ToDay == models.Forever {
			return 0, errs.Conflict("organisation_no_end")
		}
		list, err := successorsOf(tx, o, o.ToDay, successors)
		if err != nil {
			return 0, err
		}
		codes, err := setSuccessors(tx, o, list)
		if err != nil {
			return 0, err
		}
		return o.ID, tx.Audit("organisation.successors", "organisation", o.ID, map[string]any{"successors": codes})
	})
	return err
}

// successorsOf reads and checks the successors of one that ends on the day.
func successorsOf(tx *store.Tx, o models.Organisation, day models.Day, codes []string) ([]models.Organisation, error) {
	var out []models.Organisation
	var all []models.OrganisationSuccessor
	if err := tx.Find(&all).Error; err != nil {
		return nil, err
	}
	next := map[uint64][]uint64{}
	for _, x := range all {
		next[x.OrganisationID] = append(next[x.OrganisationID], x.SuccessorID)
	}
	for _, code := range unique(codes) {
		var x models.Organisation
		err := tx.Lock().Scopes(store.Code("code", code)).Take(&x).Error
		refuse := ""
		switch {
		case errors.Is(err, gorm.ErrRecordNotFound):
			return nil, errs.OnField("successors", "organisation_unknown")
		case err != nil:
			return nil, err
		case x.ID == o.ID:
			refuse = "successor_itself"
		case leadsTo(next, x.ID, o.ID, map[uint64]bool{}):
			refuse = "successor_cycle"
		case x.Kind.IsTotal():
			refuse = "successor_is_total"
		case !x.ExistsOn(day):
			refuse = "successor_not_active"
		}
		if refuse != "" {
			return nil, errs.OnField("successors", refuse, errs.Params{"name": x.Name})
		}
		out = append(out, x)
	}
	return out, nil
}

// leadsTo says whether the successors of one organisation, and theirs, come to another.
func leadsTo(next map[uint64][]uint64, from, to uint64, seen map[uint64]bool) bool {
	for _, x := range next[from] {
		if x == to {
			return true
		}
		if !seen[x] {
			seen[x] = true
			if leadsTo(next, x, to, seen) {
				return true
			}
		}
	}
	return false
}

// setSuccessors writes them and gives their codes. What followed a district lies in it, where it lay nowhere.
func setSuccessors(tx *store.Tx, o models.Organisation, list []models.Organisation) ([]string, error) {
	if err := tx.Where("organisation_id = ?", o.ID).Delete(&models.OrganisationSuccessor{}).Error; err != nil {
		return nil, err
	}
	codes := []string{}
	for _, x := range list {
		codes = append(codes, x.Code)
		if err := tx.Create(&models.OrganisationSuccessor{OrganisationID: o.ID, SuccessorID: x.ID}).Error; err != nil {
			return nil, err
		}
		if o.Kind == models.KindDistrict && x.AreaID == nil {
			if err := tx.Model(&models.Organisation{}).Where("id = ?", x.ID).UpdateColumn("area_id", o.ID).Error; err != nil {
				return nil, err
			}
		}
	}
	return codes, nil
}
