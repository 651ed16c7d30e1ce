package roster

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/roster/sheet"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/models/viet"
)

// HireInput is somebody who is not on the roster yet, as typed into a form, with the first posting: organisation, line, title,
// groups, the first day and perhaps the first no longer there.
type HireInput struct {
	Typed
	Sex models.Sex
	ChangeInput
	New bool // yes to: none of those who are known
}

// KnownPerson is a cadre who may be the one that is to be hired.
type KnownPerson struct {
	models.Cadre
	ByID         bool // the national id is the same
	Organisation string
	Title        string
	Here         bool       // has a main posting on the first day: taking the cadre is a transfer
	Until        models.Day // the first day after the last main posting, where that is over by then
}

// hiring is a HireInput that was read.
type hiring struct {
	in     HireInput
	person Person
	at     Place
}

func (s *Service) readHire(ctx context.Context, db *gorm.DB, actor access.Actor, in HireInput) (*hiring, error) {
	in.Kind = ChangeHire
	typed, bad := in.Typed.Read(models.DayOf(s.DB.Time()))
	if in.Sex != models.SexUnknown && in.Sex != models.SexMale && in.Sex != models.SexFemale {
		bad.Add("sex", "choice")
	}
	if err := in.ChangeInput.check(); err != nil {
		bad = append(bad, errs.As(err).Fields...)
	}
	at, err := placeOf(ctx, db, actor, in.ChangeInput)
	if e := errs.As(err); e != nil {
		if len(e.Fields) == 0 {
			return nil, err
		}
		bad = append(bad, e.Fields...)
	}
	if err := bad.Err(); err != nil {
		return nil, err
	}
	return &hiring{in, Person{Name: typed.Name, Born: typed.Born, Sex: in.Sex, NationalID: typed.NationalID, Phone: typed.Phone, Email: typed.Email}, at}, nil
}

// known gives those who may be meant, by the rules of "who is who", and besides those of the same name and birth anywhere. It
// refuses a national id that somebody else has with national_id_of_another_person, and one of somebody whom the actor may not
// see with national_id_elsewhere.
func (s *Service) known(db *gorm.DB, actor access.Actor, x *hiring) ([]KnownPerson, error) {
	heirs, err := readHeirs(db)
	if err != nil {
		return nil, err
	}
	p, err := loadPeople(db, s.Keys, []Person{x.person}, heirs, func(ids []uint64) (map[uint64]*History, error) {
		return readHistories(db, ids, func() *gorm.DB { return db })
	})
	if err != nil {
		return nil, err
	}
	verdict, one, several := p.find(x.person, x.at.Organisation.ID)
	if verdict == anotherPerson {
		return nil, errs.OnField("national_id", RefusedAnotherPerson)
	}
	if one != nil {
		several = []*known{one}
	}
	year, day := x.person.birth()
	otherID := func(k *known) bool {
		return len(x.person.NationalID) == 12 && k.NationalIDHash != nil && *k.NationalIDHash != s.Keys.Hash(purposeNationalID, x.person.NationalID)
	}
	for _, k := range p.byName[viet.Key(x.person.Name)] {
		if year != 0 && k.BirthYear != 0 && birthsAgree(year, day, k.BirthYear, k.BirthDay) && !otherID(k) && !slices.Contains(several, k) {
			several = append(several, k)
		}
	}
	var out []KnownPerson
	for _, k := range several {
		byID := x.person.NationalID != "" && (p.byID[s.Keys.Hash(purposeNationalID, x.person.NationalID)] == k || slices.Contains(p.byOldID[s.Keys.Hash(purposeOldID, x.person.NationalID)], k))
		if !k.within(actor, x, p) {
			if byID {
				return nil, errs.OnField("national_id", "national_id_elsewhere")
			}
			continue
		}
		out = append(out, k.shown(x.in.From, byID))
	}
	slices.SortFunc(out, func(a, b KnownPerson) int {
		if a.ByID != b.ByID {
			if a.ByID {
				return -1
			}
			return 1
		}
		return cmp.Compare(a.ID, b.ID)
	})
	return out, nil
}

// within says whether the actor may take the cadre: whoever has or had a posting in scope, or comes from a predecessor, and is
// not at an organisation elsewhere on the first day.
func (k *known) within(actor access.Actor, x *hiring, p *people) bool {
	if actor.Whole(access.RosterWrite) {
		return true
	}
	reaches := func(h *HistoryPosting) bool {
		return actor.ReachesPath(access.RosterWrite, k.orgs[h.OrganisationID].Path)
	}
	if now := k.MainOn(x.in.From); now != nil {
		return reaches(now)
	}
	return p.mayHaveCome(k, x.at.Organisation.ID) || slices.ContainsFunc(k.Postings, reaches)
}

func (k *known) shown(from models.Day, byID bool) KnownPerson {
	out := KnownPerson{Cadre: k.Cadre, ByID: byID}
	at := k.MainOn(from)
	out.Here = at != nil
	if at == nil {
		for _, p := range k.Postings {
			if p.Main {
				at = p
				out.Until = p.ToDay
			}
		}
	}
	if at != nil {
		out.Organisation, out.Title = k.orgs[at.OrganisationID].Name, at.Title
	}
	return out
}

// PreviewHire says what Hire would do and, unless in.New says that it is none of them, who of those known may be meant: then
// nothing else is said. It refuses what Hire refuses; nothing is written.
func (s *Service) PreviewHire(ctx context.Context, actor access.Actor, in HireInput) (*ChangePreview, []KnownPerson, error) {
	db := s.DB.Read(ctx)
	x, err := s.readHire(ctx, db, actor, in)
	if err != nil {
		return nil, nil, err
	}
	people, err := s.known(db, actor, x)
	if err != nil || len(people) > 0 && !in.New {
		return nil, people, err
	}
	if slices.ContainsFunc(people, func(k KnownPerson) bool { return k.ByID }) {
		return nil, people, nil
	}
	h := &History{Cadre: models.Cadre{FullName: x.person.Name}}
	h.Hire(x.at, x.in.From, x.in.To)
	r, err := readRules(db, false, []*History{h})
	if err != nil {
		return nil, nil, err
	}
	if err := r.check(h); err != nil {
		return nil, nil, err
	}
	return &ChangePreview{Cadre: h.Cadre, After: []HistoryPosting{h.Postings[0].clone()}, Organisations: h.orgs, First: x.in.From}, nil, nil
}

// Hire makes a cadre with a first posting, and gives what is odd about the data, by the codes of the import's warnings. An
// organisation out of scope is not found. It refuses what sheet.Typed and Change refuse, and where somebody known may be meant,
// unless in.New says otherwise, with known_person; whoever has the same national id is that person and is never made anew.
func (s *Service) Hire(ctx context.Context, actor access.Actor, in HireInput) (id uint64, odd []string, err error) {
	id, err = s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		x, err := s.readHire(ctx, tx.DB, actor, in)
		if err != nil {
			return 0, err
		}
		if err := OneWriter(tx); err != nil {
			return 0, err
		}
		people, err := s.known(tx.DB, actor, x)
		if err != nil {
			return 0, err
		}
		for _, k := range people {
			if k.ByID || !in.New {
				return 0, errs.Conflict("known_person", errs.Params{"name": k.FullName})
			}
		}
		year, day := x.person.birth()
		c := models.Cadre{FullName: x.person.Name, Sex: in.Sex, BirthYear: year, BirthDay: day, Phone: x.person.Phone, Email: x.person.Email}
		if err := s.setID(tx, &c, x.person.NationalID, false); err != nil {
			return 0, err
		}
		if err := tx.Create(&c).Error; errors.Is(err, gorm.ErrDuplicatedKey) {
			return 0, errs.OnField("national_id", RefusedAnotherPerson)
		} else if err != nil {
			return 0, err
		}
		h := &History{Cadre: c}
		h.Hire(x.at, x.in.From, x.in.To)
		detail, err := auditOf(tx.DB, h, x.in.ChangeInput)
		if err != nil {
			return 0, err
		}
		if err := h.Save(tx); err != nil {
			return 0, err
		}
		odd = sheet.Odd(x.person.NationalID, c.Sex, c.BirthYear)
		if err := SeekTwins(tx); err != nil {
			return 0, err
		}
		tx.After(s.wake)
		return c.ID, tx.Audit("posting.hire", "cadre", c.ID, detail)
	})
	return id, odd, err
}
