// Package venue keeps the houses and rooms in which courses are held.
package venue

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// Bounds of what a venue may say. Its words fit into a course's.
const (
	maxName    = 150
	maxAddress = 140
	maxNote    = 1000
	maxRooms   = 200 // of one venue
)

// MaxSeats is more than any hall of the province holds.
const MaxSeats = 5000

// Service keeps venues.
type Service struct {
	DB *store.DB
}

// Input is what a coordinator says of a venue.
type Input struct {
	Name, Address, Note string
	OrganisationID      uint64 // the commune it lies in; 0: not said
	Version             int    // of the venue that the form showed
}

// Row is a venue in a list.
type Row struct {
	models.Venue
	Commune string // name of the organisation
	Code    string // its code
	Area    string
	Rooms   []models.Room `gorm:"-"` // in use, the largest first
	Courses int           // to come or running
}

// Place gives "xã Quảng Uyên" of the venue's commune; "" where nobody has said.
func (r Row) Place() string {
	return models.Organisation{Name: r.Commune, Level: models.LevelCommune}.Commune()
}

// Filter narrows the list.
type Filter struct {
	Text    string // words of name or address, without regard to tones
	Retired bool   // those that are used no more
}

func rows(db *gorm.DB) *gorm.DB {
	return db.Table("venues").Joins("LEFT JOIN organisations c ON c.id = venues.organisation_id").Joins("LEFT JOIN organisations a ON a.id = venues.area_id").
		Select("venues.*, COALESCE(c.name, '') AS commune, COALESCE(c.code, '') AS code, COALESCE(a.name, '') AS area, "+
			"(SELECT COUNT(*) FROM courses WHERE courses.venue_id = venues.id AND courses.state IN ?) AS courses",
			[]models.CourseState{models.CourseDraft, models.CourseOpen, models.CourseRunning})
}

// List lists venues by name, with their rooms. Two queries.
func (s *Service) List(ctx context.Context, f Filter) ([]Row, error) {
	db := s.DB.Read(ctx)
	q := rows(db).Where("venues.retired = ?", f.Retired)
	for w := range strings.FieldsSeq(viet.Fold(f.Text)) {
		q = q.Where("venues.search LIKE ? ESCAPE '!'", "%"+strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(w)+"%")
	}
	var out []Row
	if err := q.Order("venues.search, venues.id").Scan(&out).Error; err != nil || len(out) == 0 {
		return out, err
	}
	at := map[uint64]int{}
	ids := make([]uint64, len(out))
	for i, v := range out {
		at[v.ID], ids[i] = i, v.ID
	}
	var rooms []models.Room
	if err := db.Where("venue_id IN ? AND retired = ?", ids, false).Order("capacity DESC, name_key").Find(&rooms).Error; err != nil {
		return nil, err
	}
	for _, r := range rooms {
		v := &out[at[r.VenueID]]
		v.Rooms = append(v.Rooms, r)
	}
	return out, nil
}

// Get reads a venue with all its rooms, those in use first. It refuses with not_found.
func (s *Service) Get(ctx context.Context, id uint64) (*Row, error) {
	db := s.DB.Read(ctx)
	var out Row
	if err := rows(db).Where("venues.id = ?", id).Take(&out).Error; errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errs.NotFound("venue")
	} else if err != nil {
		return nil, err
	}
	return &out, db.Where("venue_id = ?", id).Order("retired, capacity DESC, name_key").Find(&out.Rooms).Error
}

// check refuses what cannot be and finds the area.
func (in *Input) check(tx *store.Tx, v *models.Venue) error {
	in.Name, in.Address, in.Note = viet.NFC(in.Name), viet.NFC(in.Address), strings.TrimSpace(in.Note)
	var f errs.Fields
	if in.Name == "" {
		f.Add("name", "required")
	}
	for _, x := range []struct {
		field, text string
		most        int
	}{{"name", in.Name, maxName}, {"address", in.Address, maxAddress}, {"note", in.Note, maxNote}} {
		if utf8.RuneCountInString(x.text) > x.most {
			f.Add(x.field, "too_long", errs.Params{"n": x.most})
		}
	}
	v.Name, v.Address, v.Note = in.Name, in.Address, in.Note
	if in.OrganisationID == 0 {
		v.OrganisationID, v.AreaID = nil, nil
	} else {
		var o models.Organisation
		switch err := tx.Take(&o, in.OrganisationID).Error; {
		case errors.Is(err, gorm.ErrRecordNotFound), err == nil && o.Level != models.LevelCommune:
			f.Add("organisation", "choice")
		case err != nil:
			return err
		default:
			v.OrganisationID, v.AreaID = &o.ID, o.AreaID
		}
	}
	if err := f.Err(); err != nil {
		return err
	}
	return taken(tx.Model(&models.Venue{}).Where("name_key = ? AND id <> ?", viet.Key(v.Name), v.ID), "venue_name_taken")
}

// taken refuses a name that the query finds.
func taken(q *gorm.DB, code string) error {
	var n int64
	if err := q.Count(&n).Error; err != nil || n == 0 {
		return err
	}
	return errs.OnField("name", code)
}

// Create adds a venue. It refuses a missing name, too long texts, a commune that is none ("choice") and a name that another venue
// has ("venue_name_taken").
func (s *Service) Create(ctx context.Context, actor access.Actor, in Input) (uint64, error) {
	return s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		v := models.Venue{Version: 1}
		if err := in.check(tx, &v); err != nil {
			return 0, err
		}
		if err := tx.Create(&v).Error; err != nil {
			return 0, name(err, "venue_name_taken")
		}
		return v.ID, tx.Audit("venue.create", "venue", v.ID, detail(v))
	})
}

// name gives the refusal of a name that somebody else took at the same moment.
func name(err error, code string) error {
	if errors.Is(err, gorm.ErrDuplicatedKey) {
		return errs.OnField("name", code)
	}
	return err
}

func detail(v models.Venue) map[string]any {
	return map[string]any{"name": v.Name, "address": v.Address, "organisation": v.OrganisationID, "retired": v.Retired}
}

// lock reads a venue and locks its row; rooms change under it too.
func lock(tx *store.Tx, id uint64) (models.Venue, error) {
	var v models.Venue
	err := tx.Lock().Take(&v, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return v, errs.NotFound("venue")
	}
	return v, err
}

// Update changes a venue; courses keep the words that they have. It refuses what Create refuses, and a form of an older version
// ("venue_changed").
func (s *Service) Update(ctx context.Context, actor access.Actor, id uint64, in Input) error {
	return s.change(ctx, actor, id, "venue.update", func(tx *store.Tx, v *models.Venue) error {
		if in.Version != v.Version {
			return errs.Conflict("venue_changed")
		}
		return in.check(tx, v)
	})
}

// Retire says that a venue is used no more, or is again: courses keep it, new ones cannot choose it.
func (s *Service) Retire(ctx context.Context, actor access.Actor, id uint64, retired bool) error {
	return s.change(ctx, actor, id, retirement("venue", retired), func(_ *store.Tx, v *models.Venue) error {
		v.Retired = retired
		return nil
	})
}

func retirement(noun string, retired bool) string {
	if retired {
		return noun + ".retire"
	}
	return noun + ".restore"
}

func (s *Service) change(ctx context.Context, actor access.Actor, id uint64, action string, do func(*store.Tx, *models.Venue) error) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		v, err := lock(tx, id)
		if err != nil {
			return 0, err
		}
		if err := do(tx, &v); err != nil {
			return 0, err
		}
		v.Version++
		if err := tx.Save(&v).Error; err != nil {
			return 0, name(err, "venue_name_taken")
		}
		return id, tx.Audit(action, "venue", id, detail(v))
	})
	return err
}
