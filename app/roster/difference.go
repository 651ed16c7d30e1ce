package roster

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// OrganisationDifference is what the full list of an organisation changes in its roster.
type OrganisationDifference struct {
	Organisation string `json:"organisation"` // code
	Joined       int    `json:"joined"`
	Changed      int    `json:"changed"`
	Unchanged    int    `json:"unchanged"`
	Moved        int    `json:"moved"`   // on the roster, and in the file at another organisation
	Missing      int    `json:"missing"` // on the roster, and not in the file: somebody decides
}

// Leaver is somebody who is on the roster of an organisation and not in its full list. Nobody leaves without a yes: while Left is
// empty the person stays.
type Leaver struct {
	PostingID    uint64           `json:"posting_id"`
	CadreID      uint64           `json:"cadre_id"`
	Name         string           `json:"name"`
	BirthYear    int              `json:"birth_year"`
	Title        string           `json:"title"`
	Organisation string           `json:"organisation"` // code
	FromDay      models.Day       `json:"from_day"`
	MaybeAt      string           `json:"maybe_at,omitempty"` // a row that may be this person, refused or not to be told apart: SHEET!ROW
	Left         models.EndReason `json:"left,omitempty"`
	LastDay      models.Day       `json:"last_day,omitempty"`
}

// addDifference notes in the preview of a full list what it changes, and who is missing in it: two queries.
func (s *Service) addDifference(ctx context.Context, p *Preview) error {
	at := map[string]*OrganisationDifference{}
	of := func(code string) *OrganisationDifference {
		if at[code] == nil {
			at[code] = &OrganisationDifference{Organisation: code}
		}
		return at[code]
	}
	for _, t := range p.Tables {
		if t.Organisation != "" {
			of(t.Organisation)
		}
	}
	type place struct {
		cadre        uint64
		organisation string
	}
	listed, here, maybe := map[uint64]bool{}, map[place]bool{}, map[uint64]string{}
	for _, r := range p.Accepted {
		d := of(r.Organisation)
		switch r.Posting {
		case "new":
			d.Joined++
		case "changed":
			d.Changed++
		default:
			d.Unchanged++
		}
		listed[r.CadreID], here[place{r.CadreID, r.Organisation}] = true, true
		for _, id := range r.Candidates {
			maybe[id] = rowKey(r.Sheet, r.Row.Row)
		}
	}
	refused := map[string]string{}
	for _, r := range p.Refused {
		if r.Organisation != "" {
			of(r.Organisation)
		}
		refused[viet.Key(r.Name)] = r.Key()
	}
	codes := make([]string, 0, len(at))
	for code := range at {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	there, err := onRoster(s.DB.Read(ctx), codes, p.Effective)
	if err != nil {
		return err
	}
	for _, l := range there {
		switch {
		case !listed[l.CadreID]:
			l.MaybeAt = cmp.Or(maybe[l.CadreID], refused[viet.Key(l.Name)])
			p.Leavers = append(p.Leavers, l)
			at[l.Organisation].Missing++
		case !here[place{l.CadreID, l.Organisation}]:
			at[l.Organisation].Moved++
		}
	}
	for _, code := range codes {
		p.Difference = append(p.Difference, *at[code])
	}
	return nil
}

// onRoster lists those whose main posting at one of the organisations began before the day and runs on it.
func onRoster(db *gorm.DB, codes []string, day models.Day) ([]Leaver, error) {
	var out []Leaver
	for part := range parts(codes, inChunk) {
		var some []Leaver
		err := db.Table("postings").Joins("JOIN organisations ON organisations.id = postings.organisation_id").Joins("JOIN cadres ON cadres.id = postings.cadre_id").
			Where("organisations.code IN ? AND postings.main = ? AND postings.from_day < ? AND postings.to_day > ?", part, true, day, day).
			Select("postings.id AS posting_id, cadres.id AS cadre_id, cadres.full_name AS name, cadres.birth_year, postings.title, organisations.code AS organisation, postings.from_day").
			Order("organisations.path, cadres.sort_key, cadres.id").Scan(&some).Error
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}

// Leaving is what somebody decided about one of those missing in a full list: Left empty keeps the person.
type Leaving struct {
	PostingID uint64
	Left      models.EndReason
	LastDay   models.Day // "làm việc đến hết ngày"
}

// LeavingField names a field of a person who is missing in a full list.
func LeavingField(field string, posting uint64) string {
	return field + "." + strconv.FormatUint(posting, 10)
}

// DecideLeavers keeps what was decided on one page of those missing in a full list. It refuses an import that waits for no yes with
// "import_not_ready", and at the fields "left.POSTING" and "last.POSTING" a reason that is none ("choice"), a missing day ("required") and one
// before the posting or on the list's day or later ("leaver_last_day").
func (s *Service) DecideLeavers(ctx context.Context, actor access.Actor, id uint64, page int, list []Leaving) error {
	if err := mayImport(actor); err != nil {
		return err
	}
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		im, err := takeImport(tx, id)
		if err != nil {
			return 0, err
		}
		if im.State != models.ImportRead {
			return 0, errs.Conflict("import_not_ready")
		}
		return id, s.decideLeavers(tx, im, page, list)
	})
	return err
}

func (s *Service) decideLeavers(tx *store.Tx, im models.RosterImport, page int, list []Leaving) error {
	var p models.RosterImportPage
	err := tx.Where("import_id = ? AND part = ? AND number = ?", im.ID, models.PartLeavers, page).Take(&p).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return errs.NotFound("page")
	}
	if err != nil {
		return err
	}
	var rows []Leaver
	if err := s.openJSON(p.Body, &rows); err != nil {
		return err
	}
	said := make(map[uint64]Leaving, len(list))
	for _, x := range list {
		said[x.PostingID] = x
	}
	var f errs.Fields
	for i := range rows {
		r := &rows[i]
		x, ok := said[r.PostingID]
		if !ok {
			continue
		}
		r.Left, r.LastDay = x.Left, x.LastDay
		switch {
		case x.Left == models.EndNone:
			r.LastDay = 0
		case !slices.Contains(Left, x.Left):
			f.Add(LeavingField("left", r.PostingID), "choice")
		case x.LastDay == 0:
			f.Add(LeavingField("last", r.PostingID), "required")
		case x.LastDay < r.FromDay || x.LastDay >= im.EffectiveDay:
			f.Add(LeavingField("last", r.PostingID), "leaver_last_day", errs.Params{"from": r.FromDay, "to": im.EffectiveDay.AddDays(-1)})
		}
	}
	if err := f.Err(); err != nil {
		return err
	}
	body, err := s.sealJSON(rows)
	if err != nil {
		return err
	}
	return tx.Model(&models.RosterImportPage{}).Where("import_id = ? AND part = ? AND number = ?", im.ID, models.PartLeavers, page).Update("body", body).Error
}

// leavers gives those missing in a full list of whom somebody said that they have left.
func (s *Service) leavers(db *gorm.DB, id uint64) ([]Leaver, error) {
	var pages []models.RosterImportPage
	if err := db.Where("import_id = ? AND part = ?", id, models.PartLeavers).Order("number").Find(&pages).Error; err != nil {
		return nil, err
	}
	var out []Leaver
	for _, p := range pages {
		var rows []Leaver
		if err := s.openJSON(p.Body, &rows); err != nil {
			return nil, err
		}
		out = append(out, slices.DeleteFunc(rows, func(l Leaver) bool { return l.Left == models.EndNone })...)
	}
	return out, nil
}

// endLeavers ends the postings of those of whom somebody said so, in the transaction that writes the list. Who has been found in the
// list after all, or whose posting is not as it was shown any more, stays; their names are given.
func endLeavers(tx *store.Tx, list []Leaver, outcomes []Outcome) (left int, kept []string, err error) {
	listed := map[uint64]bool{}
	for _, o := range outcomes {
		listed[o.CadreID] = o.Refused == "" || listed[o.CadreID]
	}
	ids := make([]uint64, len(list))
	for i, l := range list {
		ids[i] = l.CadreID
	}
	people, err := LockHistories(tx, ids...)
	if err != nil {
		return 0, nil, err
	}
	var changed []*History
	var ended []map[string]any
	for _, l := range list {
		h := people[l.CadreID]
		if h == nil || listed[l.CadreID] || !endLeaver(h, l) {
			kept = append(kept, l.Name)
			continue
		}
		changed = append(changed, h)
		ended = append(ended, map[string]any{"cadre": l.CadreID, "reason": l.Left, "last_day": l.LastDay})
	}
	if len(changed) == 0 {
		return 0, kept, nil
	}
	if err := SaveHistories(tx, changed...); err != nil {
		return 0, nil, err
	}
	return len(changed), kept, tx.Audit("roster.leavers", "roster", 0, ended)
}

// endLeaver ends a posting in memory, if it still is as it was shown.
func endLeaver(h *History, l Leaver) bool {
	p, err := h.Posting(l.PostingID)
	if err != nil || p.FromDay != l.FromDay || !p.CountsOn(l.LastDay) || p.ToDay <= l.LastDay.AddDays(1) {
		return false
	}
	return h.EndAt(p.ID, l.LastDay.AddDays(1), l.Left) == nil
}
