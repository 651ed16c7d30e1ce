package roster

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"unicode/utf8"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// ChangeKind is what happens to somebody's postings.
type ChangeKind string

// The kinds of changes.
const (
	ChangeHire         ChangeKind = "hire"          // onto a roster, or back onto one
	ChangeTransfer     ChangeKind = "transfer"      // to another organisation from a day on
	ChangeDuty         ChangeKind = "change"        // another title, other groups or another line from a day on
	ChangeEnd          ChangeKind = "end"           // the posting ends; the cadre leaves the roster
	ChangeConcurrent   ChangeKind = "concurrent"    // a posting beside the main one
	ChangeLeave        ChangeKind = "leave"         // away within a posting
	ChangeCorrect      ChangeKind = "correct"       // the posting was otherwise than recorded
	ChangeRemove       ChangeKind = "remove"        // the posting never was
	ChangeCorrectLeave ChangeKind = "correct_leave" // the leave was otherwise than recorded
	ChangeRemoveLeave  ChangeKind = "remove_leave"  // the leave never was
)

// ChangeKinds are all kinds, in the order in which pages offer them.
var ChangeKinds = []ChangeKind{ChangeTransfer, ChangeDuty, ChangeLeave, ChangeConcurrent, ChangeEnd, ChangeHire, ChangeCorrect, ChangeRemove, ChangeCorrectLeave, ChangeRemoveLeave}

// ChangeInput is a change as somebody asks for it; which fields count depends on the kind.
type ChangeInput struct {
	Kind         ChangeKind
	Version      int        // of the history that was looked at
	PostingID    uint64     // change, end, leave, correct, remove
	LeaveID      uint64     // correct_leave, remove_leave
	Organisation string     // code: hire, transfer, concurrent, correct
	Line         string     // code of the professional line's organisation, "" for none
	Title        string     // hire, transfer, change, concurrent, correct
	Groups       []string   // codes: the same
	From         models.Day // the first day of what is new
	To           models.Day // the first day no longer there; 0 is open
	Reason       models.EndReason
	Leave        models.LeaveKind
	Note         string // in the changer's words, for the audit
}

// maxChangeNote is how long the words that go with a change may be.
const maxChangeNote = 500

func (k ChangeKind) takesPlace() bool {
	return k == ChangeHire || k == ChangeTransfer || k == ChangeConcurrent || k == ChangeCorrect
}

func (k ChangeKind) corrects() bool {
	return k == ChangeCorrect || k == ChangeRemove || k == ChangeCorrectLeave || k == ChangeRemoveLeave
}

// EndReasons are why somebody may be said to leave, in the order in which pages offer them.
var EndReasons = []models.EndReason{models.EndRetired, models.EndMovedAway, models.EndDied, models.EndOther}

// LeaveKinds are the kinds of leave, in the order in which pages offer them.
var LeaveKinds = []models.LeaveKind{models.LeaveMaternity, models.LeaveSick, models.LeaveSecondment, models.LeaveStudy}

// check refuses what does not need the history: texts that are missing or too long, and words of no list.
func (in *ChangeInput) check() error {
	in.Title, in.Note = viet.NFC(in.Title), viet.NFC(in.Note)
	var f errs.Fields
	if !slices.Contains(ChangeKinds, in.Kind) {
		f.Add("kind", "choice")
	}
	if in.Kind.takesPlace() || in.Kind == ChangeDuty {
		if in.Title == "" {
			f.Add("title", "required")
		} else if utf8.RuneCountInString(in.Title) > maxTitle {
			f.Add("title", "too_long", errs.Params{"n": maxTitle})
		}
		if in.From == 0 {
			f.Add("from", "required")
		}
	}
	if in.Kind == ChangeLeave || in.Kind == ChangeCorrectLeave {
		if in.From == 0 {
			f.Add("from", "required")
		}
		if !slices.Contains(LeaveKinds, in.Leave) {
			f.Add("leave", "choice")
		}
	}
	if in.Kind == ChangeEnd {
		if in.To == 0 || in.To == models.Forever {
			f.Add("to", "required")
		}
		if !slices.Contains(EndReasons, in.Reason) {
			f.Add("reason", "choice")
		}
	}
	if in.Kind == ChangeCorrect && in.To != 0 && in.Reason != models.EndNone && in.Reason != models.EndTransferred && in.Reason != models.EndOrganisation && !slices.Contains(EndReasons, in.Reason) {
		f.Add("reason", "choice")
	}
	if in.Kind.corrects() && in.Note == "" {
		f.Add("note", "change_note_missing")
	}
	if utf8.RuneCountInString(in.Note) > maxChangeNote {
		f.Add("note", "too_long", errs.Params{"n": maxChangeNote})
	}
	return f.Err()
}

// ChangePreview says what a change does to a cadre's postings.
type ChangePreview struct {
	Cadre         models.Cadre
	Before, After []HistoryPosting
	Organisations map[uint64]models.Organisation // those of the postings
	First         models.Day                     // the first day of which something else would be true; 0 where only leaves change
	Leaves        models.Day                     // the first day on which the cadre is on no roster any more; 0 where the change does not say so
}

// Change changes a cadre's postings: hire, transfer, other duties, an end, a concurrent posting, a leave, and corrections of these,
// from any day on, past or future. All of it happens, or nothing. Heads change what is in their scope; cadres, organisations and
// postings out of it are not found, and what would touch a posting elsewhere is refused with other_office_concerned. It refuses
// what History's methods and Save refuse, a history that has changed since Version with history_changed, and a correction without
// a word why with change_note_missing.
func (s *Service) Change(ctx context.Context, actor access.Actor, cadreID uint64, in ChangeInput) error {
	if err := in.check(); err != nil {
		return err
	}
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		if err := mayChange(tx.DB, actor, cadreID, in, tx.Today); err != nil {
			return 0, err
		}
		hs, err := LockHistories(tx, cadreID)
		if err != nil {
			return 0, err
		}
		return cadreID, changeIn(ctx, tx, actor, hs[cadreID], in)
	})
	return err
}

// changeIn changes a locked history and records it.
func changeIn(ctx context.Context, tx *store.Tx, actor access.Actor, h *History, in ChangeInput) error {
	if err := applyChange(ctx, tx.DB, actor, h, in); err != nil {
		return err
	}
	detail, err := auditOf(tx.DB, h, in)
	if err != nil {
		return err
	}
	if err := h.Save(tx); err != nil {
		return err
	}
	if len(h.Postings) == 0 {
		if err := forget(tx, h.ID); err != nil {
			return err
		}
	}
	return tx.Audit("posting."+string(in.Kind), "cadre", h.ID, detail)
}

// PreviewChange says what Change would do, and refuses what it would refuse; nothing is written.
func (s *Service) PreviewChange(ctx context.Context, actor access.Actor, cadreID uint64, in ChangeInput) (*ChangePreview, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	db := s.DB.Read(ctx)
	if err := mayChange(db, actor, cadreID, in, models.DayOf(s.DB.Time())); err != nil {
		return nil, err
	}
	hs, err := readHistories(db, []uint64{cadreID}, func() *gorm.DB { return db })
	if err != nil {
		return nil, err
	}
	return preview(ctx, db, actor, hs[cadreID], in)
}

func preview(ctx context.Context, db *gorm.DB, actor access.Actor, h *History, in ChangeInput) (*ChangePreview, error) {
	if err := applyChange(ctx, db, actor, h, in); err != nil {
		return nil, err
	}
	r, err := readRules(db, false, []*History{h})
	if err != nil {
		return nil, err
	}
	if err := r.check(h); err != nil {
		return nil, err
	}
	out := &ChangePreview{Cadre: h.Cadre, Before: h.read, Organisations: h.orgs}
	for _, p := range h.Postings {
		out.After = append(out.After, p.clone())
	}
	out.First = h.firstChange()
	if last := lastMain(out.After); last < models.Forever && last != lastMain(out.Before) {
		out.Leaves = last
	}
	return out, nil
}

// firstChange is the first day on which the postings are not what they were when they were read; 0 where they are.
func (h *History) firstChange() (first models.Day) {
	from := func(day models.Day) {
		if first == 0 || day < first {
			first = day
		}
	}
	kept := map[uint64]bool{}
	for _, p := range h.Postings {
		kept[p.ID] = true
		was := h.was(p)
		switch {
		case was == nil:
			from(p.FromDay)
		case p.FromDay != was.FromDay || p.OrganisationID != was.OrganisationID || p.Title != was.Title || !slices.Equal(p.Groups, was.Groups):
			from(min(p.FromDay, was.FromDay))
		case p.ToDay != was.ToDay:
			from(min(p.ToDay, was.ToDay))
		}
	}
	for _, was := range h.read {
		if !kept[was.ID] {
			from(was.FromDay)
		}
	}
	return first
}

// lastMain is the first day after the last main posting.
func lastMain(ps []HistoryPosting) (day models.Day) {
	for _, p := range ps {
		if p.Main {
			day = max(day, p.ToDay)
		}
	}
	return day
}

// mayChange refuses cadres out of scope with not_found. Who is to be put on a roster may be on none now: a head knows them by an
// earlier posting in scope, or at an organisation to which this one succeeded.
func mayChange(db *gorm.DB, actor access.Actor, cadreID uint64, in ChangeInput, today models.Day) error {
	if in.Kind == ChangeHire {
		today = 1
	}
	var n int64
	err := db.Model(&models.Cadre{}).Scopes(access.Cadres(actor, access.RosterWrite, today)).Where("cadres.id = ?", cadreID).Count(&n).Error
	if err != nil || n > 0 {
		return err
	}
	if in.Kind == ChangeHire {
		heirs, err := readHeirs(db)
		if err != nil {
			return err
		}
		var from []uint64
		err = db.Model(&models.Posting{}).Joins("JOIN organisations o ON o.id = postings.organisation_id AND o.to_day <= ?", in.From).
			Where("cadre_id = ?", cadreID).Pluck("organisation_id", &from).Error
		if err != nil {
			return err
		}
		var to models.Organisation
		if err := db.Scopes(store.Code("code", in.Organisation)).Limit(1).Find(&to).Error; err != nil {
			return err
		}
		if slices.ContainsFunc(from, func(id uint64) bool { return heirs[id][to.ID] }) {
			return nil
		}
	}
	return errs.NotFound("cadre")
}

// applyChange does in memory what is asked for, within the actor's reach.
func applyChange(ctx context.Context, db *gorm.DB, actor access.Actor, h *History, in ChangeInput) error {
	if h == nil || h.MergedIntoID != nil {
		return errs.NotFound("cadre")
	}
	if in.Version != h.HistoryVersion {
		return errs.Conflict("history_changed")
	}
	if in.PostingID != 0 {
		p, err := h.Posting(in.PostingID)
		if err != nil {
			return err
		}
		if !actor.ReachesPath(access.RosterWrite, h.orgs[p.OrganisationID].Path) {
			return errs.NotFound("posting")
		}
	}
	at, err := placeOf(ctx, db, actor, in)
	if err != nil {
		return err
	}
	if err := h.keepOthers(db, in, &at); err != nil {
		return err
	}
	if err := h.apply(in, at); err != nil {
		return err
	}
	return h.withinReach(actor)
}

// keepOthers lets a posting that changes, or goes on elsewhere, keep its groups of other plans.
func (h *History) keepOthers(db *gorm.DB, in ChangeInput, at *Place) error {
	var was *HistoryPosting
	organisation := at.Organisation
	switch in.Kind {
	case ChangeTransfer:
		was = h.MainOn(in.From)
	case ChangeDuty, ChangeCorrect:
		var err error
		if was, err = h.Posting(in.PostingID); err != nil {
			return err
		}
		if in.Kind == ChangeDuty {
			organisation = h.orgs[was.OrganisationID]
		}
	}
	if was == nil || len(was.Groups) == 0 {
		return nil
	}
	others, err := readOthers(db, in.From)
	if err == nil {
		at.Groups = others.with(at.Groups, was, organisation.Level, in.From)
	}
	return err
}

// apply calls the method of the kind.
func (h *History) apply(in ChangeInput, at Place) (err error) {
	switch in.Kind {
	case ChangeHire:
		h.Hire(at, in.From, in.To)
	case ChangeTransfer:
		_, err = h.Transfer(at, in.From)
	case ChangeDuty:
		_, err = h.ChangeFrom(in.PostingID, at, in.From)
	case ChangeEnd:
		err = h.EndAt(in.PostingID, in.To, in.Reason)
	case ChangeConcurrent:
		h.AddConcurrent(at, in.From, in.To)
	case ChangeLeave:
		err = h.AddLeave(in.PostingID, in.Leave, in.From, in.To)
	case ChangeCorrect:
		err = h.Correct(in.PostingID, at, in.From, cmp.Or(in.To, models.Forever), in.Reason)
	case ChangeRemove:
		err = h.Remove(in.PostingID)
	case ChangeCorrectLeave:
		err = h.CorrectLeave(in.LeaveID, in.Leave, in.From, in.To)
	case ChangeRemoveLeave:
		err = h.RemoveLeave(in.LeaveID)
	}
	return err
}

// withinReach refuses what changes a posting at an organisation out of the actor's scope.
func (h *History) withinReach(actor access.Actor) error {
	reaches := func(organisation uint64) error {
		if o := h.orgs[organisation]; !actor.ReachesPath(access.RosterWrite, o.Path) {
			return errs.Invalid("other_office_concerned", errs.Params{"organisation": o.Name})
		}
		return nil
	}
	for _, p := range h.Postings {
		was := h.was(p)
		if was != nil && p.Same(was) {
			continue
		}
		if err := reaches(p.OrganisationID); err != nil {
			return err
		}
		if was != nil {
			if err := reaches(was.OrganisationID); err != nil {
				return err
			}
		}
	}
	return nil
}

// placeOf reads the place that an input names by codes. An organisation out of scope is not found.
func placeOf(ctx context.Context, db *gorm.DB, actor access.Actor, in ChangeInput) (at Place, err error) {
	at.Title = in.Title
	if in.Kind.takesPlace() {
		err := db.Scopes(access.Organisations(actor, access.RosterWrite), store.Code("code", in.Organisation)).Take(&at.Organisation).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			if in.Organisation == "" {
				return at, errs.OnField("organisation", "required")
			}
			return at, errs.NotFound("organisation")
		}
		if err != nil {
			return at, err
		}
	}
	if in.Line != "" {
		var line models.Organisation
		err := db.Scopes(store.Code("code", in.Line)).Take(&line).Error
		switch {
		case errors.Is(err, gorm.ErrRecordNotFound):
			return at, errs.OnField("line", "choice")
		case err != nil:
			return at, err
		case line.Kind.IsTotal():
			return at, errs.OnField("line", "organisation_is_total")
		case in.From != 0 && !line.ExistsOn(in.From):
			return at, errs.OnField("line", "line_not_active")
		}
		at.LineID = &line.ID
	}
	if len(in.Groups) == 0 {
		return at, nil
	}
	p, err := plan.Current(ctx, db, in.From)
	if err != nil {
		return at, err
	}
	for _, code := range in.Groups {
		g := p.GroupByCode(code)
		if g == nil {
			return at, errs.OnField("groups", "unknown_target_group", errs.Params{"group": code})
		}
		at.Groups = append(at.Groups, g.ID)
	}
	return at, nil
}

// forget takes away a cadre whose only posting was taken away and whom nothing else speaks of; else it refuses with last_posting.
func forget(tx *store.Tx, id uint64) error {
	err := tx.Delete(&models.Cadre{}, id).Error
	if errors.Is(err, gorm.ErrForeignKeyViolated) {
		return errs.Invalid("last_posting")
	}
	return err
}

// auditPosting is a posting in the audit.
type auditPosting struct {
	ID           uint64             `json:"id,omitempty"`
	Organisation string             `json:"organisation"`
	Title        string             `json:"title"`
	Groups       []string           `json:"groups,omitempty"`
	Line         string             `json:"line,omitempty"`
	From         models.Day         `json:"from"`
	To           models.Day         `json:"to"`
	Concurrent   bool               `json:"concurrent,omitempty"`
	Reason       models.EndReason   `json:"end_reason,omitempty"`
	Leaves       []auditPostingAway `json:"leaves,omitempty"`
}

type auditPostingAway struct {
	Kind models.LeaveKind `json:"kind"`
	From models.Day       `json:"from"`
	To   models.Day       `json:"to"`
}

// auditOf says what of the history changes: the old values and the new, with the changer's words.
func auditOf(db *gorm.DB, h *History, in ChangeInput) (map[string]any, error) {
	var groups []models.TargetGroup
	var lines []models.Organisation
	for _, q := range []*gorm.DB{
		db.Find(&groups),
		db.Where("id IN (SELECT line_id FROM postings WHERE cadre_id = ?) OR code = ?", h.ID, in.Line).Find(&lines),
	} {
		if q.Error != nil {
			return nil, q.Error
		}
	}
	words := func(p *HistoryPosting) auditPosting {
		out := auditPosting{ID: p.ID, Organisation: h.orgs[p.OrganisationID].Code, Title: p.Title, From: p.FromDay, To: p.ToDay, Concurrent: !p.Main, Reason: p.EndReason}
		for _, g := range groups {
			if slices.Contains(p.Groups, g.ID) {
				out.Groups = append(out.Groups, g.Code)
			}
		}
		for _, o := range lines {
			if p.LineID != nil && *p.LineID == o.ID {
				out.Line = o.Code
			}
		}
		for _, l := range p.Leaves {
			out.Leaves = append(out.Leaves, auditPostingAway{l.Kind, l.FromDay, l.ToDay})
		}
		return out
	}
	var before, after []auditPosting
	same := map[uint64]bool{}
	for _, p := range h.Postings {
		if was := h.was(p); was != nil && p.Same(was) {
			same[p.ID] = true
			continue
		}
		after = append(after, words(p))
	}
	for i := range h.read {
		if !same[h.read[i].ID] {
			before = append(before, words(&h.read[i]))
		}
	}
	return map[string]any{"name": h.FullName, "note": in.Note, "before": before, "after": after}, nil
}
