package roster

import (
	"context"
	"slices"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/models"
)

// Office is an organisation that ended, with the people whose postings ended with it.
type Office struct {
	models.Organisation
	Unit      models.Organisation   // whose successors count: itself or the nearest above that has some
	Heirs     []models.Organisation // of the unit, as far as they take people when the office ends
	People    int64                 // postings that ended with it
	Undecided int64                 // and of whose people nobody has said where they went
}

// Reorganisation is what became of the people of organisations that ended.
type Reorganisation struct {
	Offices   []Office // that had people, in tree order
	People    int64
	Undecided int64
}

// Decided is of how many somebody has said where they went.
func (r Reorganisation) Decided() int64 { return r.People - r.Undecided }

// Unplaced is somebody whose posting ended with the organisation and who has none since.
type Unplaced struct {
	PostingID uint64
	CadreID   uint64
	FullName  string
	BirthYear int
	Title     string
	Main      bool
	OfficeID  uint64
	Office    string
	EndDay    models.Day // first day without
	Groups    []string   `gorm:"-"` // codes
}

// decided are conditions on postings that ended with their organisation: somebody has said where the person went. A posting that
// ended for another reason was decided upon when that was said.
const undecided = "postings.end_reason IN ('', 'organisation_ended') AND NOT EXISTS (SELECT 1 FROM postings later WHERE later.cadre_id = postings.cadre_id" +
	" AND later.main = postings.main AND later.to_day > postings.to_day)"

// endedWith limits postings, joined with organisations, to those that ended with their organisation, at or below the path.
func endedWith(path string) func(*gorm.DB) *gorm.DB {
	return func(db *gorm.DB) *gorm.DB {
		sql, args := access.Subtree("organisations.path", path)
		return db.Joins("JOIN organisations ON organisations.id = postings.organisation_id").Where(sql, args...).
			Where("organisations.to_day < ? AND postings.to_day = organisations.to_day", models.Forever)
	}
}

// Reorganisation tells what became of the people of those that ended at or below the organisation: a bounded number of queries. It
// refuses what is out of scope with not_found.
func (s *Service) Reorganisation(ctx context.Context, actor access.Actor, code string) (models.Organisation, *Reorganisation, error) {
	o, err := s.OrganisationToWrite(ctx, actor, code)
	if err != nil {
		return o, nil, err
	}
	r, err := reorganisation(s.DB.Read(ctx), o.Path)
	return o, r, err
}

// Reorganisations tells it of the whole tree.
func (s *Service) Reorganisations(ctx context.Context, actor access.Actor) (*Reorganisation, error) {
	if !actor.Whole(access.OrganisationWrite) {
		return &Reorganisation{}, nil
	}
	return reorganisation(s.DB.Read(ctx), "")
}

func reorganisation(db *gorm.DB, path string) (*Reorganisation, error) {
	var counts []struct {
		ID                uint64
		People, Undecided int64
	}
	err := db.Table("postings").Scopes(endedWith(path)).Select("organisations.id, COUNT(*) AS people, SUM(CASE WHEN " + undecided + " THEN 1 ELSE 0 END) AS undecided").
		Group("organisations.id").Scan(&counts).Error
	if err != nil {
		return nil, err
	}
	t, err := readTree(db)
	if err != nil {
		return nil, err
	}
	out := &Reorganisation{}
	for _, c := range counts {
		x := Office{Organisation: t.byID[c.ID], People: c.People, Undecided: c.Undecided}
		unit := t.unit(c.ID)
		x.Unit, x.Heirs = t.byID[unit], t.heirs(c.ID)
		out.Offices = append(out.Offices, x)
		out.People += c.People
		out.Undecided += c.Undecided
	}
	slices.SortFunc(out.Offices, func(a, b Office) int {
		if a.Path < b.Path {
			return -1
		}
		return 1
	})
	return out, nil
}

// tree is all organisations with their successors.
type tree struct {
	byID map[uint64]models.Organisation
	next map[uint64][]uint64
}

func readTree(db *gorm.DB) (*tree, error) {
	var orgs []models.Organisation
	if err := db.Find(&orgs).Error; err != nil {
		return nil, err
	}
	var succ []models.OrganisationSuccessor
	if err := db.Find(&succ).Error; err != nil {
		return nil, err
	}
	t := &tree{byID: make(map[uint64]models.Organisation, len(orgs)), next: map[uint64][]uint64{}}
	for _, o := range orgs {
		t.byID[o.ID] = o
	}
	for _, x := range succ {
		t.next[x.OrganisationID] = append(t.next[x.OrganisationID], x.SuccessorID)
	}
	return t, nil
}

// unit is the organisation whose successors those of an ended one are: itself, or the nearest above that has some; itself where none has.
func (t *tree) unit(id uint64) uint64 {
	for at := id; ; {
		if len(t.next[at]) > 0 {
			return at
		}
		parent := t.byID[at].ParentID
		if parent == nil {
			return id
		}
		at = *parent
	}
}

// heirs are the successors of an ended organisation that take people on the day after its end, in tree order.
func (t *tree) heirs(id uint64) []models.Organisation {
	var out []models.Organisation
	for _, x := range t.next[t.unit(id)] {
		if o := t.byID[x]; o.ExistsOn(t.byID[id].ToDay) && !o.Kind.IsTotal() && !o.CountsOnly {
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b models.Organisation) int {
		if a.Path < b.Path {
			return -1
		}
		return 1
	})
	return out
}

// UnplacedPage lists whom nobody has placed yet, of those that ended at or below the organisation: by office and given name, a page of
// PageSize from 1, all of them where page is 0.
func (s *Service) UnplacedPage(ctx context.Context, o models.Organisation, page int) ([]Unplaced, error) {
	db := s.DB.Read(ctx)
	q := unplaced(db, o.Path)
	if page > 0 {
		q = q.Limit(PageSize).Offset((page - 1) * PageSize)
	}
	var out []Unplaced
	if err := q.Scan(&out).Error; err != nil {
		return nil, err
	}
	return out, addGroups(db, out)
}

// unplaced is the query of the people whom nobody has placed yet, by office and given name.
func unplaced(db *gorm.DB, path string) *gorm.DB {
	return db.Table("postings").Scopes(endedWith(path)).Joins("JOIN cadres ON cadres.id = postings.cadre_id").Where(undecided).
		Select("postings.id AS posting_id, cadres.id AS cadre_id, cadres.full_name, cadres.birth_year, postings.title, postings.main, postings.to_day AS end_day, organisations.id AS office_id, organisations.name AS office").
		Order("organisations.path, cadres.sort_key, cadres.id, postings.id")
}

func addGroups(db *gorm.DB, rows []Unplaced) error {
	at := make(map[uint64]int, len(rows))
	ids := make([]uint64, len(rows))
	for i, x := range rows {
		at[x.PostingID], ids[i] = i, x.PostingID
	}
	for part := range parts(ids, inChunk) {
		groups, err := groupCodes(db, part)
		if err != nil {
			return err
		}
		for id, codes := range groups {
			rows[at[id]].Groups = codes
		}
	}
	return nil
}

// UnplacedCount is how many cadres have no main posting since their last one ended with its organisation, by the day.
func UnplacedCount(db *gorm.DB, day models.Day) (int64, error) {
	var n int64
	err := db.Table("postings").Scopes(endedWith("")).Where("postings.main = ? AND postings.to_day <= ?", true, day).Where(undecided).Count(&n).Error
	return n, err
}

// EndedHere says whether the organisation's end was entered here, so that it may be undone.
func (s *Service) EndedHere(ctx context.Context, id uint64) (bool, error) {
	n, err := ends(s.DB.Read(ctx), id)
	return n > 0, err
}
