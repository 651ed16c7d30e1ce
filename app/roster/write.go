package roster

import (
	"context"
	"slices"
	"sort"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"taphuan/app/roster/sheet"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/models"
)

// Entry is one accepted row of a list: a person at an organisation, with title and groups, on the list's effective day.
type Entry struct {
	Person
	OrganisationID uint64
	Title          string
	GroupIDs       []uint64
	MoveSameDay    bool // yes to: a posting elsewhere that starts on the effective day gives way
}

// Refusals that only the roster can know; the reader of workbooks knows the others. Of organisations it says sheet.OrganisationNotActive and
// sheet.OrganisationCountsOnly too: one may have ended, or been forbidden names, since the workbook was read.
const (
	RefusedAnotherPerson = "national_id_of_another_person"
	RefusedSameDay       = "posting_starts_elsewhere" // a posting elsewhere starts on the effective day: asks, refuses on the command line
)

// Tally counts what an import wrote.
type Tally struct {
	New       int `json:"new"`
	Changed   int `json:"changed"`
	Unchanged int `json:"unchanged"`
}

// Written is what an import wrote.
type Written struct {
	Cadres   Tally `json:"cadres"`
	Postings Tally `json:"postings"`
}

// Outcome says what becomes of one entry.
type Outcome struct {
	Refused    string   // code, "" when accepted
	CadreID    uint64   // 0 for a new cadre in a dry run
	New        bool     // no cadre matched
	ByName     bool     // matched without a shared national id: reported, so that somebody can look
	Candidates []uint64 // several could be meant: a new cadre was made, to be reviewed
	Change     string   // "new", "changed", "unchanged": of the posting
	Elsewhere  uint64   // organisation of the posting that starts there on the same day

	cadre *known
}

// importer writes entries.
type importer struct {
	people    *people
	orgs      map[uint64]models.Organisation
	others    others
	effective models.Day
	keys      *secret.Keys
	written   Written
	touched   []*known
	seen      map[*known]bool
}

// plan decides in memory what each entry means; nothing is written.
func (im *importer) plan(entries []Entry, progress func(int)) ([]Outcome, error) {
	out := make([]Outcome, len(entries))
	// Those with a shared id first: a row without one must not claim a cadre that another row names by id.
	order := make([]int, len(entries))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool {
		return len(entries[order[a]].NationalID) > 0 && len(entries[order[b]].NationalID) == 0
	})
	for n, i := range order {
		o, err := im.planOne(entries[i])
		if err != nil {
			return nil, err
		}
		out[i] = o
		if progress != nil {
			progress(n + 1)
		}
	}
	return out, nil
}

func (im *importer) planOne(e Entry) (Outcome, error) {
	switch o := im.orgs[e.OrganisationID]; {
	case o.CountsOnly:
		return Outcome{Refused: string(sheet.OrganisationCountsOnly)}, nil
	case !o.ExistsOn(im.effective):
		return Outcome{Refused: string(sheet.OrganisationNotActive)}, nil
	}
	v, k, candidates := im.people.find(e.Person, e.OrganisationID)
	out := Outcome{}
	switch v {
	case anotherPerson:
		return Outcome{Refused: RefusedAnotherPerson, CadreID: k.ID}, nil
	case oneKnown:
		out.CadreID = k.ID
		out.ByName = !k.claimed && !im.sharesID(k, e.Person)
		if x := elsewhereSameDay(k, e.OrganisationID, im.effective); x != nil && !e.MoveSameDay {
			return Outcome{Refused: RefusedSameDay, CadreID: k.ID, Elsewhere: x.OrganisationID}, nil
		}
	default:
		k = &known{History: &History{}, isNew: true}
		out.New = true
		for _, c := range candidates {
			out.Candidates = append(out.Candidates, c.ID)
		}
	}
	k.claimed = true
	if err := im.fill(k, e.Person); err != nil {
		return out, err
	}
	if k.isNew {
		im.people.index(k)
	}
	if !im.seen[k] {
		im.seen[k] = true
		im.touched = append(im.touched, k)
	}
	out.Change, out.cadre = im.place(k, e), k
	return out, nil
}

func (im *importer) sharesID(k *known, p Person) bool {
	switch column, hash := hashNumber(im.keys, p.NationalID); column {
	case "national_id_hash":
		return im.people.byID[hash] == k
	case "old_id_hash":
		return slices.Contains(im.people.byOldID[hash], k)
	}
	return false
}

// fill sets what the list says and the cadre lacks; a list that is not older than the cadre's latest posting also renews
// telephone and e-mail.
func (im *importer) fill(k *known, p Person) error {
	year, day := p.birth()
	set := func(changed bool) { k.changed = k.changed || changed }
	if k.isNew {
		k.FullName = p.Name
		if err := k.BeforeSave(nil); err != nil {
			return err
		}
	}
	if k.BirthDay == 0 && day != 0 {
		k.BirthDay, k.BirthYear, k.TwinsSought = day, year, false
		set(true)
	} else if k.BirthYear == 0 && year != 0 {
		k.BirthYear, k.TwinsSought = year, false
		set(true)
	}
	if k.Sex == models.SexUnknown && p.Sex != models.SexUnknown {
		k.Sex = p.Sex
		set(true)
	}
	var err error
	column, hash := hashNumber(im.keys, p.NationalID)
	if column == "national_id_hash" && k.NationalIDHash == nil && im.people.byID[hash] == nil { // else it is that of a record merged into this one
		if k.NationalIDSealed, err = im.keys.Seal(purposeNationalID, p.NationalID); err != nil {
			return err
		}
		k.NationalIDHash, k.TwinsSought = &hash, false
		im.people.byID[hash] = k
		set(true)
	}
	if column == "old_id_hash" && k.OldIDHash == nil {
		if k.OldIDSealed, err = im.keys.Seal(purposeOldID, p.NationalID); err != nil {
			return err
		}
		k.OldIDHash, k.TwinsSought = &hash, false
		im.people.byOldID[hash] = append(im.people.byOldID[hash], k)
		set(true)
	}
	latest := k.nextMain(im.effective+1) == nil
	if p.Phone != "" && p.Phone != k.Phone && (k.Phone == "" || latest) {
		k.Phone = p.Phone
		set(true)
	}
	if p.Email != "" && p.Email != k.Email && (k.Email == "" || latest) {
		k.Email = p.Email
		set(true)
	}
	return nil
}

func elsewhereSameDay(k *known, organisation uint64, day models.Day) *HistoryPosting {
	for _, x := range k.Postings {
		if x.Main && x.FromDay == day && x.OrganisationID != organisation {
			return x
		}
	}
	return nil
}

// place puts the cadre at the organisation from the effective day on. An earlier main posting ends on that day, a later one
// bounds the new one, and a posting ends at the latest when its organisation does.
func (im *importer) place(k *known, e Entry) string {
	x := k.MainOn(im.effective)
	at := Place{Organisation: im.orgs[e.OrganisationID], Title: e.Title}
	at.Groups = im.others.with(e.GroupIDs, x, at.Organisation.Level, im.effective)
	says := func(x *HistoryPosting) bool {
		return x.OrganisationID == e.OrganisationID && x.Title == at.Title && slices.Equal(x.Groups, at.Groups)
	}
	switch {
	case x == nil:
		k.Hire(at, im.effective, 0)
		return "new"
	case says(x):
		return "unchanged"
	case x.FromDay == im.effective: // here, or elsewhere with a yes
		at.LineID = x.LineID
		k.setPlace(x, at)
		return "changed"
	case x.OrganisationID != e.OrganisationID:
		x.ToDay, x.EndReason = im.effective, models.EndTransferred
		x.cutLeaves()
		k.Hire(at, im.effective, 0)
		return "new"
	}
	at.LineID = x.LineID
	rest, err := k.split(x, im.effective)
	if err != nil {
		panic("a running posting can be split: " + err.Error())
	}
	k.setPlace(rest, at)
	return "changed"
}

// count tallies what was planned.
func (im *importer) count(outcomes []Outcome) {
	for _, k := range im.touched {
		switch {
		case k.isNew:
			im.written.Cadres.New++
		case k.changed:
			im.written.Cadres.Changed++
		default:
			im.written.Cadres.Unchanged++
		}
	}
	for _, o := range outcomes {
		switch o.Change {
		case "new":
			im.written.Postings.New++
		case "changed":
			im.written.Postings.Changed++
		case "unchanged":
			im.written.Postings.Unchanged++
		}
	}
}

// write stores what was planned, in batches: the number of statements grows with the list by the thousand.
func (im *importer) write(tx *store.Tx, progress func(done int)) error {
	var fresh, renewed []*models.Cadre
	for _, k := range im.touched {
		switch {
		case k.isNew:
			fresh = append(fresh, &k.Cadre)
		case k.changed:
			renewed = append(renewed, &k.Cadre)
		}
	}
	done := 0
	step := func(n int) {
		done += n
		if progress != nil {
			progress(done)
		}
	}
	for part := range parts(fresh, chunk) {
		if err := tx.Create(part).Error; err != nil {
			return err
		}
		step(len(part))
	}
	if err := replace(tx, renewed, step); err != nil {
		return err
	}
	histories := make([]*History, len(im.touched))
	for i, k := range im.touched {
		histories[i] = k.History
	}
	return writeHistories(tx, histories, step)
}

// doubts puts those who may be one of several known cadres into the queue of likely twins, and has the twins of all new data sought.
func (im *importer) doubts(tx *store.Tx, planned []Outcome) error {
	if im.written.Cadres.New+im.written.Cadres.Changed == 0 {
		return nil
	}
	var pairs []models.TwinPair
	for _, o := range planned {
		for _, id := range o.Candidates {
			pairs = append(pairs, models.TwinPair{CadreAID: o.CadreID, CadreBID: id, Reason: models.TwinImport})
		}
	}
	if err := AddTwins(tx, pairs...); err != nil {
		return err
	}
	return SeekTwins(tx)
}

// replace writes rows that exist anew, a statement a thousand.
func replace[T any](tx *store.Tx, rows []*T, step func(int)) error {
	for part := range parts(rows, chunk) {
		if err := tx.Clauses(clause.OnConflict{UpdateAll: true}).Create(part).Error; err != nil {
			return err
		}
		step(len(part))
	}
	return nil
}

// newImporter reads what planning needs; read gives the histories of cadres.
func newImporter(db *gorm.DB, keys *secret.Keys, effective models.Day, entries []Entry, read func(ids []uint64) (map[uint64]*History, error)) (*importer, error) {
	var orgs []models.Organisation
	if err := db.Find(&orgs).Error; err != nil {
		return nil, err
	}
	var succ []models.OrganisationSuccessor
	if err := db.Find(&succ).Error; err != nil {
		return nil, err
	}
	list := make([]Person, len(entries))
	for i, e := range entries {
		list[i] = e.Person
	}
	p, err := loadPeople(db, keys, list, heirsOf(orgs, succ), read)
	if err != nil {
		return nil, err
	}
	im := &importer{people: p, orgs: map[uint64]models.Organisation{}, effective: effective, keys: keys, seen: map[*known]bool{}}
	for _, o := range orgs {
		im.orgs[o.ID] = o
	}
	im.others, err = readOthers(db, effective)
	return im, err
}

// Plan says what writing the entries would do; nothing is written.
func (s *Service) Plan(ctx context.Context, entries []Entry, effective models.Day, progress func(done int)) (Written, []Outcome, error) {
	db := s.DB.Read(ctx)
	im, err := newImporter(db, s.Keys, effective, entries, func(ids []uint64) (map[uint64]*History, error) {
		return readHistories(db, ids, func() *gorm.DB { return db })
	})
	if err != nil {
		return Written{}, nil, err
	}
	out, err := im.plan(entries, progress)
	if err != nil {
		return Written{}, nil, err
	}
	im.count(out)
	return im.written, out, nil
}

// Write writes the entries as of the effective day, in one transaction. Entries that only the roster can refuse are reported in
// their outcome and not written. The posting of somebody who is merely not in the list is never ended.
func (s *Service) Write(ctx context.Context, by store.By, entries []Entry, effective models.Day, progress func(done int)) (Written, []Outcome, error) {
	return s.write(ctx, by, entries, effective, progress, nil, nil)
}

// write is Write with what is to happen in the same transaction: may, first, says whether there is still anything to do; then
// gets what was written.
func (s *Service) write(ctx context.Context, by store.By, entries []Entry, effective models.Day, progress func(done int),
	may func(*store.Tx) (bool, error), then func(*store.Tx, Written, []Outcome) error) (Written, []Outcome, error) {
	var w Written
	var out []Outcome
	_, err := s.DB.Write(ctx, by, func(tx *store.Tx) (uint64, error) {
		w, out = Written{}, nil
		if may != nil {
			if ok, err := may(tx); err != nil || !ok {
				return 0, err
			}
		}
		if err := OneWriter(tx); err != nil {
			return 0, err
		}
		im, err := newImporter(tx.DB, s.Keys, effective, entries, func(ids []uint64) (map[uint64]*History, error) { return LockHistories(tx, ids...) })
		if err != nil {
			return 0, err
		}
		planned, err := im.plan(entries, progress)
		if err != nil {
			return 0, err
		}
		im.count(planned)
		err = im.write(tx, func(done int) {
			if progress != nil {
				progress(len(entries) + done)
			}
		})
		if err != nil {
			return 0, err
		}
		for i := range planned {
			if k := planned[i].cadre; k != nil {
				planned[i].CadreID = k.ID
			}
		}
		if err := im.doubts(tx, planned); err != nil {
			return 0, err
		}
		w, out = im.written, planned
		if then != nil {
			return 0, then(tx, w, out)
		}
		return 0, tx.Audit("roster.import", "roster", 0, map[string]any{"effective": effective, "entries": len(entries), "written": w})
	})
	return w, out, err
}

// OneWriter lets rosters be written one after the other until the end of the transaction: of two that bring the same new
// person without a national id, the second must see what the first has written.
func OneWriter(tx *store.Tx) error {
	return tx.Clauses(clause.OnConflict{DoNothing: true}).Create(&models.Setting{Name: "roster.writer", UpdatedAt: tx.Now}).Error
}
