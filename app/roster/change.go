package roster

import (
	"slices"
	"time"

	"taphuan/app/errs"
	"taphuan/models"
)

// put makes a posting of the place.
func (h *History) put(at Place, from, to models.Day, main bool) *HistoryPosting {
	p := &HistoryPosting{Posting: models.Posting{CadreID: h.ID, FromDay: from, ToDay: to, Main: main}}
	h.setPlace(p, at)
	h.Postings = append(h.Postings, p)
	h.sort()
	return p
}

// setPlace lets the posting say what the place says. A posting ends at the latest when its organisation does.
func (h *History) setPlace(p *HistoryPosting, at Place) {
	p.OrganisationID, p.Title, p.LineID, p.Groups = at.Organisation.ID, at.Title, at.LineID, sortedGroups(at.Groups)
	if h.orgs == nil {
		h.orgs = map[uint64]models.Organisation{}
	}
	h.orgs[at.Organisation.ID] = at.Organisation
	h.endWithOrganisation(p)
}

func (h *History) endWithOrganisation(p *HistoryPosting) {
	if end := h.orgs[p.OrganisationID].ToDay; p.FromDay < end && p.ToDay > end {
		p.ToDay, p.EndReason = end, models.EndOrganisation
		p.cutLeaves()
	}
}

func sortedGroups(ids []uint64) []uint64 { return slices.Compact(slices.Sorted(slices.Values(ids))) }

// cutLeaves ends leaves with the posting.
func (p *HistoryPosting) cutLeaves() {
	p.Leaves = slices.DeleteFunc(p.Leaves, func(l models.Leave) bool { return l.FromDay >= p.ToDay })
	for i := range p.Leaves {
		p.Leaves[i].ToDay = min(p.Leaves[i].ToDay, p.ToDay)
	}
}

// Hire puts the cadre on a roster: a main posting from the day on. Without an end (0) it lasts until a later main posting begins.
func (h *History) Hire(at Place, from, to models.Day) *HistoryPosting {
	open := to == 0
	if open {
		to = models.Forever
		if next := h.nextMain(from + 1); next != nil {
			to = next.FromDay
		}
	}
	return h.put(at, from, to, true)
}

// AddConcurrent adds a posting beside the main one. Without an end (0) it lasts as long as the cadre is on a roster.
func (h *History) AddConcurrent(at Place, from, to models.Day) *HistoryPosting {
	if to == 0 {
		for _, p := range h.Postings {
			if p.Main {
				to = max(to, p.ToDay)
			}
		}
		if to <= from {
			to = models.Forever
		}
	}
	return h.put(at, from, to, false)
}

// split ends the posting on the day and lets another, with the same words, go on from there; leaves are cut where the posting is.
// It refuses a day on which the posting begins ("posting_starts_that_day": correct it instead) or is not there.
func (h *History) split(p *HistoryPosting, day models.Day) (*HistoryPosting, error) {
	switch {
	case day == 0:
		return nil, errs.OnField("from", "required")
	case day == p.FromDay:
		return nil, errs.OnField("from", "posting_starts_that_day")
	case !p.CountsOn(day):
		return nil, errs.OnField("from", "day_outside_posting")
	}
	rest := &HistoryPosting{Posting: p.Posting, Groups: slices.Clone(p.Groups)}
	rest.ID, rest.CreatedAt, rest.FromDay = 0, time.Time{}, day
	for _, l := range p.Leaves {
		if l.ToDay > day {
			rest.Leaves = append(rest.Leaves, models.Leave{Kind: l.Kind, FromDay: max(l.FromDay, day), ToDay: l.ToDay})
		}
	}
	p.ToDay, p.EndReason = day, models.EndNone
	p.cutLeaves()
	h.Postings = append(h.Postings, rest)
	h.sort()
	return rest, nil
}

// ChangeFrom gives a posting another title, other groups or another professional line from the day on; the organisation stays.
func (h *History) ChangeFrom(postingID uint64, at Place, day models.Day) (*HistoryPosting, error) {
	p, err := h.Posting(postingID)
	if err != nil {
		return nil, err
	}
	rest, err := h.split(p, day)
	if err != nil {
		return nil, err
	}
	rest.Title, rest.LineID, rest.Groups = at.Title, at.LineID, sortedGroups(at.Groups)
	return rest, nil
}

// Transfer moves the cadre from where the main posting of the day is to another place. An end that was already planned for the
// cadre, a retirement say, stays. Leaves go along, but for a secondment, which was from the old place. It refuses a day without
// a main posting with no_main_posting, and the same organisation with transfer_to_same_organisation.
func (h *History) Transfer(at Place, day models.Day) (*HistoryPosting, error) {
	old := h.MainOn(day)
	switch {
	case day == 0:
		return nil, errs.OnField("from", "required")
	case old == nil:
		return nil, errs.OnField("from", "no_main_posting")
	case old.OrganisationID == at.Organisation.ID:
		return nil, errs.OnField("organisation", "transfer_to_same_organisation")
	}
	if old.EndReason == models.EndOrganisation { // that was the old one's end
		old.ToDay, old.EndReason = models.Forever, models.EndNone
		if next := h.nextMain(day); next != nil {
			old.ToDay = next.FromDay
		}
	}
	rest, err := h.split(old, day)
	if err != nil {
		return nil, err
	}
	old.EndReason = models.EndTransferred
	h.setPlace(rest, at)
	rest.Leaves = slices.DeleteFunc(rest.Leaves, func(l models.Leave) bool { return l.Kind == models.LeaveSecondment })
	return rest, nil
}

// EndAt ends a posting; day is the first no longer there, and may move an end that was planned. Who leaves the roster leaves
// concurrent postings too. It refuses with end_before_start, and with posting_follows where a posting begins after somebody has
// left the roster.
func (h *History) EndAt(postingID uint64, day models.Day, reason models.EndReason) error {
	p, err := h.Posting(postingID)
	if err != nil {
		return err
	}
	if day <= p.FromDay {
		return errs.OnField("to", "end_before_start")
	}
	p.ToDay, p.EndReason = day, reason
	p.cutLeaves()
	if !p.Main || !reason.LeavesRoster() {
		return nil
	}
	for _, x := range h.Postings {
		switch {
		case x == p || x.ToDay <= day:
		case x.FromDay >= day:
			return errs.OnField("to", "posting_follows", errs.Params{"organisation": h.orgs[x.OrganisationID].Name, "from": x.FromDay})
		case !x.Main:
			x.ToDay, x.EndReason = day, reason
			x.cutLeaves()
		}
	}
	return nil
}

// Correct says that a posting was otherwise than recorded. Where another main posting ends on the day on which it began, or begins
// on the day on which it ended, that one moves along, so that no gap opens. An open end is Forever.
func (h *History) Correct(postingID uint64, at Place, from, to models.Day, reason models.EndReason) error {
	p, err := h.Posting(postingID)
	if err != nil {
		return err
	}
	if p.Main {
		for _, x := range h.Postings {
			switch {
			case x == p || !x.Main:
			case x.ToDay == p.FromDay && from != 0:
				x.ToDay = from
			case x.FromDay == p.ToDay && to != 0 && to != models.Forever:
				x.FromDay = to
			}
		}
	}
	p.FromDay, p.ToDay, p.EndReason = from, to, reason
	p.OrganisationID, p.Title, p.LineID, p.Groups = at.Organisation.ID, at.Title, at.LineID, sortedGroups(at.Groups)
	h.orgs[at.Organisation.ID] = at.Organisation
	if to == models.Forever {
		p.EndReason = models.EndNone
		h.endWithOrganisation(p)
	}
	return nil
}

// Remove takes a posting away as if it had never been: the main posting from which the cadre came goes on in its place, leaves
// that hung on it go.
func (h *History) Remove(postingID uint64) error {
	p, err := h.Posting(postingID)
	if err != nil {
		return err
	}
	h.Postings = slices.DeleteFunc(h.Postings, func(x *HistoryPosting) bool { return x == p })
	if !p.Main {
		return nil
	}
	for _, x := range h.Postings {
		if x.Main && x.ToDay == p.FromDay && (x.EndReason == models.EndTransferred || x.EndReason == models.EndNone) {
			x.ToDay, x.EndReason = p.ToDay, p.EndReason
			h.endWithOrganisation(x)
		}
	}
	return nil
}

// AddLeave notes a spell away within a posting. Without an end (0) it lasts as long as the posting.
func (h *History) AddLeave(postingID uint64, kind models.LeaveKind, from, to models.Day) error {
	p, err := h.Posting(postingID)
	if err != nil {
		return err
	}
	if to == 0 {
		to = p.ToDay
	}
	p.Leaves = append(p.Leaves, models.Leave{PostingID: p.ID, Kind: kind, FromDay: from, ToDay: to})
	return nil
}

// CorrectLeave says that a leave was otherwise than recorded.
func (h *History) CorrectLeave(leaveID uint64, kind models.LeaveKind, from, to models.Day) error {
	p, i, err := h.leave(leaveID)
	if err != nil {
		return err
	}
	if to == 0 {
		to = p.ToDay
	}
	p.Leaves[i].Kind, p.Leaves[i].FromDay, p.Leaves[i].ToDay = kind, from, to
	return nil
}

// RemoveLeave takes a leave away as if it had never been.
func (h *History) RemoveLeave(leaveID uint64) error {
	p, i, err := h.leave(leaveID)
	if err == nil {
		p.Leaves = slices.Delete(p.Leaves, i, i+1)
	}
	return err
}

func (h *History) leave(id uint64) (*HistoryPosting, int, error) {
	for _, p := range h.Postings {
		if i := slices.IndexFunc(p.Leaves, func(l models.Leave) bool { return l.ID == id && id != 0 }); i >= 0 {
			return p, i, nil
		}
	}
	return nil, 0, errs.NotFound("leave")
}
