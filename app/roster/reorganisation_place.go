package roster

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/plan"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// Placement says where somebody went whose posting ended with the organisation.
type Placement struct {
	PostingID uint64
	To        string // code of an organisation, or a models.EndReason of those who left
	Title     string
	Groups    []string   // codes
	From      models.Day // 0: the day after the end
}

// Left are the reasons for which somebody is not placed any more.
var Left = []models.EndReason{models.EndRetired, models.EndMovedAway, models.EndDied, models.EndOther}

func (p Placement) left() bool { return slices.Contains(Left, models.EndReason(p.To)) }

// Refusal is why a placement cannot be: the field of the row, and the code.
type Refusal struct {
	Field  string // "to", "title", "groups" or "from"
	Code   string
	Params errs.Params
}

// Checked is a placement as it was understood.
type Checked struct {
	Placement
	Unplaced
	Organisation models.Organisation // of To; none for those who left
	Refusal      *Refusal
}

// MaxPlacements is how many people one form or file places.
const MaxPlacements = 5000

const maxTitle = 300

// placing is a number of placements while they are checked.
type placing struct {
	db     *gorm.DB
	plan   *plan.Plan
	others others
	orgs   map[string]models.Organisation // by code
	people map[uint64]*History
	rows   []Checked
}

// newPlacing reads what the placements need and changes the histories in memory; what cannot be is noted at its row. Within a
// transaction (tx not nil) the people are locked first.
func newPlacing(ctx context.Context, db *gorm.DB, tx *store.Tx, root models.Organisation, today models.Day, list []Placement) (*placing, error) {
	p := &placing{db: db, orgs: map[string]models.Organisation{}, rows: make([]Checked, len(list))}
	var err error
	if p.plan, err = plan.Current(ctx, db, today); err != nil {
		return nil, err
	}
	if p.others, err = readOthers(db, today); err != nil {
		return nil, err
	}
	var orgs []models.Organisation
	if err := db.Find(&orgs).Error; err != nil {
		return nil, err
	}
	for _, o := range orgs {
		p.orgs[o.Code] = o
	}
	ids := make([]uint64, len(list))
	for i, x := range list {
		p.rows[i].Placement, ids[i] = x, x.PostingID
	}
	if err := p.lock(tx, ids); err != nil {
		return nil, err
	}
	waiting, err := unplacedByID(db, root.Path, ids)
	if err != nil {
		return nil, err
	}
	leaves, err := leavesCut(db, root.Path)
	if err != nil {
		return nil, err
	}
	seen := map[uint64]bool{}
	for i := range p.rows {
		x := &p.rows[i]
		u, ok := waiting[x.Placement.PostingID]
		if !ok || seen[x.Placement.PostingID] {
			x.Refusal = &Refusal{Field: "to", Code: "already_decided"}
			continue
		}
		seen[x.Placement.PostingID] = true
		x.Unplaced = u
		x.Refusal = p.place(x, leaves[u.PostingID])
	}
	return p, p.check(tx != nil)
}

func (p *placing) lock(tx *store.Tx, postings []uint64) error {
	var cadres []uint64
	for part := range parts(postings, inChunk) {
		var some []uint64
		if err := p.db.Model(&models.Posting{}).Where("id IN ?", part).Distinct().Pluck("cadre_id", &some).Error; err != nil {
			return err
		}
		cadres = append(cadres, some...)
	}
	var err error
	if tx != nil {
		p.people, err = LockHistories(tx, cadres...)
	} else {
		p.people, err = readHistories(p.db, cadres, func() *gorm.DB { return p.db })
	}
	return err
}

func unplacedByID(db *gorm.DB, path string, ids []uint64) (map[uint64]Unplaced, error) {
	out := map[uint64]Unplaced{}
	for part := range parts(ids, inChunk) {
		var some []Unplaced
		if err := unplaced(db, path).Where("postings.id IN ?", part).Scan(&some).Error; err != nil {
			return nil, err
		}
		for _, u := range some {
			out[u.PostingID] = u
		}
	}
	return out, nil
}

// leavesCut gives, by posting, the leaves that the ends entered at, above or below the path have cut short: they go along to
// the successor.
func leavesCut(db *gorm.DB, path string) (map[uint64][]models.Leave, error) {
	sql, args := access.Subtree("organisations.path", path)
	above := []string{path}
	for n := models.PathSegment; n < len(path); n += models.PathSegment {
		above = append(above, path[:n])
	}
	var ends []models.OrganisationEnd
	err := db.Joins("JOIN organisations ON organisations.id = organisation_ends.organisation_id").
		Where("("+sql+") OR organisations.path IN ?", append(args, above)...).Find(&ends).Error
	out := map[uint64][]models.Leave{}
	for _, e := range ends {
		was, err := e.Record()
		if err != nil {
			return nil, err
		}
		for _, x := range was.Postings {
			for _, l := range x.Leaves {
				if l.ToDay > e.EndDay {
					out[x.ID] = append(out[x.ID], l)
				}
			}
		}
	}
	return out, err
}

// place changes the history as the row says.
func (p *placing) place(x *Checked, leaves []models.Leave) *Refusal {
	h := p.people[x.CadreID]
	old, err := h.Posting(x.Unplaced.PostingID)
	if err != nil {
		return &Refusal{Field: "to", Code: "already_decided"}
	}
	if x.left() {
		if err := h.EndAt(old.ID, old.ToDay, models.EndReason(x.To)); err != nil {
			return &Refusal{Field: "to", Code: "already_decided"}
		}
		return nil
	}
	o, ok := p.orgs[x.To]
	if !ok {
		return &Refusal{Field: "to", Code: "organisation_unknown"}
	}
	x.Organisation = o
	title := viet.NFC(x.Placement.Title)
	if len([]rune(title)) > maxTitle {
		return &Refusal{Field: "title", Code: "too_long", Params: errs.Params{"n": maxTitle}}
	}
	at := Place{Organisation: o, Title: title, LineID: old.LineID}
	for _, code := range x.Placement.Groups {
		g := p.plan.GroupByCode(code)
		if g == nil {
			return &Refusal{Field: "groups", Code: "unknown_target_group", Params: errs.Params{"group": code}}
		}
		at.Groups = append(at.Groups, g.ID)
	}
	from := x.From
	if from == 0 {
		from = old.ToDay
	}
	if from < old.ToDay {
		return &Refusal{Field: "from", Code: "placement_before_end", Params: errs.Params{"day": old.ToDay}}
	}
	at.Groups = p.others.with(at.Groups, old, o.Level, from)
	old.EndReason = models.EndOrganisation
	var fresh *HistoryPosting
	if old.Main {
		fresh = h.Hire(at, from, 0)
	} else {
		fresh = h.AddConcurrent(at, from, 0)
	}
	for _, l := range leaves {
		if l.ToDay > from {
			fresh.Leaves = append(fresh.Leaves, models.Leave{Kind: l.Kind, FromDay: max(l.FromDay, from), ToDay: min(l.ToDay, fresh.ToDay)})
		}
	}
	return nil
}

// check holds the changed histories to the rules of postings; what they refuse is noted at the person's row.
func (p *placing) check(hold bool) error {
	r, err := readRules(p.db, hold, slices.Collect(maps.Values(p.people)))
	if err != nil {
		return err
	}
	for i := range p.rows {
		x := &p.rows[i]
		if x.Refusal != nil || x.left() {
			continue
		}
		if err := r.check(p.people[x.CadreID]); err != nil {
			x.Refusal = refusalOf(errs.As(err))
		}
	}
	return nil
}

// refusalOf puts a refusal of the rules of postings at a field of the row.
func refusalOf(e *errs.Error) *Refusal {
	out := &Refusal{Field: "to", Code: e.Code, Params: e.Params}
	for _, f := range e.Fields {
		out.Code, out.Params = f.Code, f.Params
		switch f.Name {
		case "groups", "from":
			out.Field = f.Name
		}
	}
	return out
}

// CheckPlacements says what would become of placements of people of those that ended at or below the organisation; nothing is
// written. It refuses what is out of scope with not_found and more than MaxPlacements with "too_many_placements".
func (s *Service) CheckPlacements(ctx context.Context, actor access.Actor, code string, list []Placement) ([]Checked, error) {
	root, err := s.OrganisationToWrite(ctx, actor, code)
	if err != nil {
		return nil, err
	}
	if len(list) > MaxPlacements {
		return nil, errs.Invalid("too_many_placements", errs.Params{"n": MaxPlacements})
	}
	p, err := newPlacing(ctx, s.DB.Read(ctx), nil, root, models.DayOf(s.DB.Time()), list)
	if err != nil {
		return nil, err
	}
	return p.rows, nil
}

// Place writes placements, all or none: a posting at the new organisation from the day after the end on, or that the person has left.
// It refuses at the fields "to.POSTING", "title.POSTING", "groups.POSTING" and "from.POSTING": whom somebody else has decided upon
// ("already_decided"), an unknown organisation ("organisation_unknown"), a day before the end ("placement_before_end"), an unknown group
// ("unknown_target_group"), and what the rules of postings refuse. An empty list is refused with "nothing_chosen". A request that repeats
// an earlier one answers as that did, whoever is left by now.
func (s *Service) Place(ctx context.Context, actor access.Actor, code string, list []Placement) (int, error) {
	n, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		if len(list) == 0 {
			return 0, errs.Invalid("nothing_chosen")
		}
		if len(list) > MaxPlacements {
			return 0, errs.Invalid("too_many_placements", errs.Params{"n": MaxPlacements})
		}
		root, err := organisationIn(tx.DB, actor, code)
		if err != nil {
			return 0, err
		}
		p, err := newPlacing(ctx, tx.DB, tx, root, tx.Today, list)
		if err != nil {
			return 0, err
		}
		var f errs.Fields
		for _, x := range p.rows {
			if x.Refusal != nil {
				f.Add(PlacementField(x.Refusal.Field, x.Placement.PostingID), x.Refusal.Code, x.Refusal.Params)
			}
		}
		if err := f.Err(); err != nil {
			return 0, err
		}
		return uint64(len(list)), p.write(tx, root)
	})
	return int(n), err
}

func (p *placing) write(tx *store.Tx, root models.Organisation) error {
	if err := SaveHistories(tx, slices.Collect(maps.Values(p.people))...); err != nil {
		return err
	}
	to := map[string][]uint64{} // cadres by where they went
	for _, x := range p.rows {
		to[x.To] = append(to[x.To], x.CadreID)
	}
	return tx.Audit("organisation.place", "organisation", root.ID, map[string]any{"people": len(p.rows), "to": to})
}

// Continuing is where everybody of the offices with one successor would go on, with title and groups as they are; those who cannot
// carry the reason.
func (s *Service) Continuing(ctx context.Context, actor access.Actor, code string) ([]Checked, error) {
	root, err := s.OrganisationToWrite(ctx, actor, code)
	if err != nil {
		return nil, err
	}
	db := s.DB.Read(ctx)
	list, err := continuing(db, root)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	p, err := newPlacing(ctx, db, nil, root, models.DayOf(s.DB.Time()), list)
	if err != nil {
		return nil, err
	}
	return p.rows, nil
}

func continuing(db *gorm.DB, root models.Organisation) ([]Placement, error) {
	t, err := readTree(db)
	if err != nil {
		return nil, err
	}
	var rows []Unplaced
	if err := unplaced(db, root.Path).Scan(&rows).Error; err != nil {
		return nil, err
	}
	if err := addGroups(db, rows); err != nil {
		return nil, err
	}
	var out []Placement
	for _, u := range rows {
		if heirs := t.heirs(u.OfficeID); len(heirs) == 1 {
			out = append(out, Placement{PostingID: u.PostingID, To: heirs[0].Code, Title: u.Title, Groups: u.Groups})
		}
	}
	return out, nil
}

// Continue lets everybody of the offices at or below the organisation that have one successor go on there, with title and groups as
// they are. Those who cannot stay unplaced; Continuing says why. It refuses with "nothing_chosen" where there is nobody.
func (s *Service) Continue(ctx context.Context, actor access.Actor, code string) (int, error) {
	rows, err := s.Continuing(ctx, actor, code)
	if err != nil {
		return 0, err
	}
	var list []Placement
	for _, x := range rows {
		if x.Refusal == nil {
			list = append(list, x.Placement)
		}
	}
	return s.Place(ctx, actor, code, list)
}

// PlacementField names the field of a person's row in forms.
func PlacementField(field string, posting uint64) string {
	return field + "." + strconv.FormatUint(posting, 10)
}
