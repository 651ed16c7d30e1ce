package roster

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/ledger"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// OrganisationInput is a new organisation; organisations are named by their codes.
type OrganisationInput struct {
	Code       string
	Name       string
	ShortName  string
	Note       string
	Kind       models.Kind
	Level      models.Level
	Parent     string
	Area       string // the district in which it lies, "" for its parent's
	From       models.Day
	CountsOnly bool
}

// Kinds that a new organisation may have: the province's own root comes with the base data.
var Kinds = []models.Kind{models.KindStateAgency, models.KindPartyAgency, models.KindSocioPolitical, models.KindPressAgency, models.KindArmedForces, models.KindBlock, models.KindDistrict}

// Levels of organisations, the highest first.
var Levels = []models.Level{models.LevelProvince, models.LevelDistrict, models.LevelCommune}

var codeForm = regexp.MustCompile(`^[A-Z0-9][A-Z0-9-]{0,39}$`)

const (
	maxName      = 300
	maxShortName = 120
	maxNote      = 4000
	maxDepth     = 20 // of the tree: paths have room for no more
)

// nameFields checks what a new organisation and a renamed one have in common.
func nameFields(f *errs.Fields, name, short, note string) {
	if name == "" {
		f.Add("name", "required")
	}
	for _, x := range []struct {
		field, text string
		most        int
	}{{"name", name, maxName}, {"short_name", short, maxShortName}, {"note", note, maxNote}} {
		if len([]rune(x.text)) > x.most {
			f.Add(x.field, "too_long", errs.Params{"n": x.most})
		}
	}
}

// organisationNow locks an organisation that the actor may change, by its code. It refuses with not_found.
func organisationNow(tx *store.Tx, actor access.Actor, code string) (models.Organisation, error) {
	return organisationIn(tx.Lock(), actor, code)
}

func organisationIn(db *gorm.DB, actor access.Actor, code string) (models.Organisation, error) {
	var o models.Organisation
	err := db.Scopes(access.Organisations(actor, access.OrganisationWrite), store.Code("code", code)).Take(&o).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return o, errs.NotFound("organisation")
	}
	return o, err
}

// CreateOrganisation adds an organisation below its parent. Each at its field it refuses a code that is none ("organisation_code_form")
// or is taken ("organisation_code_taken"), missing or long texts, itself as parent ("organisation_cycle"), a parent that there is not
// ("organisation_unknown") or that does not exist on the first day ("organisation_not_active"), a tree that grows too deep
// ("organisation_too_deep"), and an area that is no district ("organisation_area"). Under a parent whose end is planned it ends with it.
func (s *Service) CreateOrganisation(ctx context.Context, actor access.Actor, in OrganisationInput) (models.Organisation, error) {
	o := models.Organisation{Code: strings.ToUpper(strings.TrimSpace(in.Code)), Name: viet.NFC(in.Name), ShortName: viet.NFC(in.ShortName), Note: viet.NFC(in.Note),
		Kind: in.Kind, Level: in.Level, FromDay: in.From, ToDay: models.Forever, CountsOnly: in.CountsOnly}
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		x := o
		var f errs.Fields
		nameFields(&f, x.Name, x.ShortName, x.Note)
		if !codeForm.MatchString(x.Code) {
			f.Add("code", "organisation_code_form")
		}
		if !slices.Contains(Kinds, x.Kind) {
			f.Add("kind", "choice")
		}
		if !slices.Contains(Levels, x.Level) {
			f.Add("level", "choice")
		}
		if x.FromDay == 0 || x.FromDay >= models.Forever {
			f.Add("from", "required")
		}
		parent, err := parentOf(tx, actor, &f, x, strings.TrimSpace(in.Parent))
		if err != nil {
			return 0, err
		}
		if parent != nil {
			x.ToDay = parent.ToDay
		}
		if x.AreaID, err = areaOf(tx, &f, in); err != nil {
			return 0, err
		}
		if err := f.Err(); err != nil {
			return 0, err
		}
		if err := AddOrganisation(tx, &x, parent); err != nil {
			return 0, err
		}
		o = x
		return x.ID, tx.Audit("organisation.create", "organisation", x.ID, map[string]any{"code": x.Code, "name": x.Name, "parent": parent.Code, "from": x.FromDay})
	})
	return o, err
}

func parentOf(tx *store.Tx, actor access.Actor, f *errs.Fields, o models.Organisation, code string) (*models.Organisation, error) {
	switch code {
	case "":
		f.Add("parent", "required")
		return nil, nil
	case o.Code:
		f.Add("parent", "organisation_cycle")
		return nil, nil
	}
	parent, err := organisationNow(tx, actor, code)
	switch {
	case errs.Is(err, "not_found"):
		f.Add("parent", "organisation_unknown")
	case err != nil:
		return nil, err
	case o.FromDay != 0 && !parent.ExistsOn(o.FromDay):
		f.Add("parent", "organisation_not_active")
	case parent.Depth >= maxDepth:
		f.Add("parent", "organisation_too_deep")
	default:
		return &parent, nil
	}
	return nil, nil
}

func areaOf(tx *store.Tx, f *errs.Fields, in OrganisationInput) (*uint64, error) {
	if in.Area == "" || in.Kind.IsTotal() {
		return nil, nil
	}
	var o models.Organisation
	err := tx.Scopes(store.Code("code", in.Area)).Where("kind = ?", models.KindDistrict).Take(&o).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		f.Add("area", "organisation_area")
		return nil, nil
	}
	return &o.ID, err
}

// OrganisationNames is what may change in an organisation while it lives; all else is an end and a successor.
type OrganisationNames struct {
	Name, ShortName, Note string
	CountsOnly            bool
	Place                 *models.Place // of an area; nil where nobody says
	Seen                  time.Time     // UpdatedAt of what the form showed
}

// RenameOrganisation changes name, short name and note, and whether names are kept. It refuses missing or long texts at their fields,
// counts alone for an organisation where people are posted, today or later ("organisation_has_names") or that is a total
// ("organisation_is_total"), a place that is none on earth ("place_degrees") or is not an area's ("place_of_area"), and with "stale" when somebody else has changed the organisation since the form was shown.
func (s *Service) RenameOrganisation(ctx context.Context, actor access.Actor, code string, in OrganisationNames) error {
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		if in.CountsOnly {
			if err := OneWriter(tx); err != nil { // an import that brings names here is done, or sees this
				return 0, err
			}
		}
		o, err := organisationNow(tx, actor, code)
		if err != nil {
			return 0, err
		}
		name, short, note := viet.NFC(in.Name), viet.NFC(in.ShortName), viet.NFC(in.Note)
		var f errs.Fields
		nameFields(&f, name, short, note)
		if in.CountsOnly && !o.CountsOnly {
			if err := noNames(tx, &f, o); err != nil {
				return 0, err
			}
		}
		placeFields(&f, o, in.Place)
		if err := f.Err(); err != nil {
			return 0, err
		}
		if !o.UpdatedAt.Equal(in.Seen) {
			return 0, errs.Conflict("stale")
		}
		if in.CountsOnly != o.CountsOnly {
			if err := ledger.Organisations(tx, o.ID); err != nil {
				return 0, err
			}
		}
		set := map[string]any{"name": name, "short_name": short, "note": note, "counts_only": in.CountsOnly, "search": viet.Fold(o.Code + " " + name), "updated_at": tx.Now, "latitude": nil, "longitude": nil}
		if in.Place != nil {
			set["latitude"], set["longitude"] = in.Place.Latitude, in.Place.Longitude
		}
		err = tx.Model(&models.Organisation{}).Where("id = ?", o.ID).Updates(set).Error
		if err != nil {
			return 0, err
		}
		if in.CountsOnly != o.CountsOnly {
			if err := tx.Audit("organisation.counts_only", "organisation", o.ID, map[string]any{"from": o.CountsOnly, "to": in.CountsOnly}); err != nil {
				return 0, err
			}
		}
		return o.ID, tx.Audit("organisation.rename", "organisation", o.ID, map[string]any{"from": o.Name, "to": name, "short_name": short, "position": in.Place})
	})
	return err
}

// placeFields refuses a place that is none, or that is not of an area: distances are those between areas.
func placeFields(f *errs.Fields, o models.Organisation, at *models.Place) {
	switch {
	case at == nil:
	case o.Kind != models.KindDistrict:
		f.Add("latitude", "place_of_area")
	case !(at.Latitude >= -90 && at.Latitude <= 90):
		f.Add("latitude", "place_degrees", errs.Params{"n": 90})
	case !(at.Longitude >= -180 && at.Longitude <= 180):
		f.Add("longitude", "place_degrees", errs.Params{"n": 180})
	}
}

// noNames refuses counts alone where people are posted today or later, or nobody can be.
func noNames(tx *store.Tx, f *errs.Fields, o models.Organisation) error {
	if o.Kind.IsTotal() {
		f.Add("counts_only", "organisation_is_total")
		return nil
	}
	var n int64
	err := tx.Model(&models.Posting{}).Where("organisation_id = ? AND to_day > ?", o.ID, tx.Today).Distinct("cadre_id").Count(&n).Error
	if n > 0 {
		f.Add("counts_only", "organisation_has_names", errs.Params{"n": n})
	}
	return err
}

// OrganisationToWrite reads an organisation that the actor may change. It refuses with not_found.
func (s *Service) OrganisationToWrite(ctx context.Context, actor access.Actor, code string) (models.Organisation, error) {
	return organisationIn(s.DB.Read(ctx), actor, code)
}

// OrganisationChoices lists all organisations that the actor may change, ended and future ones too, in tree order.
func (s *Service) OrganisationChoices(ctx context.Context, actor access.Actor) ([]models.Organisation, error) {
	var out []models.Organisation
	err := s.DB.Read(ctx).Scopes(access.Organisations(actor, access.OrganisationWrite)).Order("path").Find(&out).Error
	return out, err
}

// SuccessorCodes gives the codes of an organisation's own successors.
func (s *Service) SuccessorCodes(ctx context.Context, id uint64) ([]string, error) {
	var out []string
	err := s.DB.Read(ctx).Table("organisation_successors").Joins("JOIN organisations ON organisations.id = successor_id").Where("organisation_id = ?", id).
		Order("organisations.path").Pluck("organisations.code", &out).Error
	return out, err
}

// PeopleBelow counts the cadres whose main posting on the day is at the organisation or below.
func (s *Service) PeopleBelow(ctx context.Context, o models.Organisation, day models.Day) (int64, error) {
	sql, args := access.Subtree("organisations.path", o.Path)
	var n int64
	err := s.DB.Read(ctx).Table("postings").Joins("JOIN organisations ON organisations.id = postings.organisation_id").Where(sql, args...).
		Where("postings.main = ? AND postings.from_day <= ? AND postings.to_day > ?", true, day, day).Count(&n).Error
	return n, err
}

// StartingLater is a posting that is to start when its organisation has ended.
type StartingLater struct {
	CadreID  uint64
	FullName string
	Office   string
	FromDay  models.Day
}

// StartingLater lists the postings at the organisation or below that start on the day or later, fifty at most.
func (s *Service) StartingLater(ctx context.Context, o models.Organisation, day models.Day) ([]StartingLater, error) {
	sql, args := access.Subtree("organisations.path", o.Path)
	var out []StartingLater
	err := s.DB.Read(ctx).Table("postings").Joins("JOIN organisations ON organisations.id = postings.organisation_id").Joins("JOIN cadres ON cadres.id = postings.cadre_id").
		Where(sql, args...).Where("postings.from_day >= ?", day).
		Select("cadres.id AS cadre_id, cadres.full_name, organisations.name AS office, postings.from_day").Order("cadres.sort_key, cadres.id").Limit(50).Scan(&out).Error
	return out, err
}
