// Package identity decides who is who: it keeps the queue of cadres who may be one person, makes two records one, and undoes that.
package identity

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/roster"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/models"
)

// Service reviews likely twins.
type Service struct {
	DB     *store.DB
	Keys   *secret.Keys
	Roster *roster.Service
}

// PageSize is how many pairs a page of the queue shows.
const PageSize = 50

// Filter narrows the queue; a state is always one of those that a pair may have.
type Filter struct {
	State models.TwinState
	Page  int  // from 1
	All   bool // no pages: at most mostListed rows, for a file
}

// mostListed is how many pairs a file has at most.
const mostListed = 20_000

// Person is one of a pair as the queue shows it.
type Person struct {
	ID           uint64
	FullName     string
	BirthYear    int
	BirthDay     models.Day
	IDEnd        string // the last four digits of the national id
	Organisation string // of the latest main posting
	Title        string
}

// Pair is two cadres who may be one person.
type Pair struct {
	models.TwinPair
	A, B      Person
	DecidedBy string
}

// List is one page of the queue.
type List struct {
	Rows   []Pair
	Counts map[models.TwinState]int64
	Page   int
}

// mayReview answers the queue as not found to those whose right does not reach over the whole plan: a pair may be anywhere.
func mayReview(actor access.Actor) error {
	if !actor.Whole(access.IdentityReview) {
		return errs.NotFound("twin")
	}
	return nil
}

// current are the pairs of which neither was merged into a third.
func current(db *gorm.DB) *gorm.DB {
	return db.Table("twin_pairs t").Joins("JOIN cadres a ON a.id = t.cadre_a_id JOIN cadres b ON b.id = t.cadre_b_id").
		Where("t.state = ? OR (a.merged_into_id IS NULL AND b.merged_into_id IS NULL)", models.TwinMerged)
}

// Pairs gives a page of the queue: open pairs the oldest first, others by the latest decision. A bounded number of queries.
func (s *Service) Pairs(ctx context.Context, actor access.Actor, f Filter) (*List, error) {
	if err := mayReview(actor); err != nil {
		return nil, err
	}
	db := s.DB.Read(ctx)
	out := &List{Counts: map[models.TwinState]int64{}, Page: max(f.Page, 1)}
	var counts []struct {
		State models.TwinState
		N     int64
	}
	if err := current(db).Select("t.state, COUNT(*) AS n").Group("t.state").Scan(&counts).Error; err != nil {
		return nil, err
	}
	for _, c := range counts {
		out.Counts[c.State] = c.N
	}
	order := "t.decided_at DESC, t.id DESC"
	if f.State == models.TwinOpen {
		order = "t.id"
	}
	size := PageSize
	if f.All {
		size, out.Page = mostListed, 1
	}
	var pairs []models.TwinPair
	err := current(db).Where("t.state = ?", f.State).Select("t.*").Order(order).Limit(size).Offset((out.Page - 1) * size).Scan(&pairs).Error
	if err != nil {
		return nil, err
	}
	out.Rows, err = s.described(db, pairs)
	return out, err
}

// Of gives the open pairs of a cadre and the merges in force of which it was kept, for its page.
func (s *Service) Of(ctx context.Context, actor access.Actor, cadre uint64) ([]Pair, error) {
	if mayReview(actor) != nil {
		return nil, nil
	}
	db := s.DB.Read(ctx)
	var pairs []models.TwinPair
	err := current(db).Where("(t.cadre_a_id = ? OR t.cadre_b_id = ?) AND t.state <> ?", cadre, cadre, models.TwinDistinct).Select("t.*").Order("t.id").Limit(PageSize).Scan(&pairs).Error
	if err != nil || len(pairs) == 0 {
		return nil, err
	}
	return s.described(db, pairs)
}

// Open is how many pairs wait.
func (s *Service) Open(ctx context.Context, actor access.Actor) (n int64, err error) {
	if mayReview(actor) != nil {
		return 0, nil
	}
	err = current(s.DB.Read(ctx)).Where("t.state = ?", models.TwinOpen).Count(&n).Error
	return n, err
}

// Other is the one of the two that the cadre is not.
func (p Pair) Other(cadre uint64) Person {
	if p.A.ID == cadre {
		return p.B
	}
	return p.A
}

// described adds who the two are, and who decided.
func (s *Service) described(db *gorm.DB, pairs []models.TwinPair) ([]Pair, error) {
	var ids, accounts []uint64
	for _, p := range pairs {
		ids = append(ids, p.CadreAID, p.CadreBID)
		if p.DecidedByID != nil {
			accounts = append(accounts, *p.DecidedByID)
		}
	}
	people, err := s.people(db, ids)
	if err != nil {
		return nil, err
	}
	names := map[uint64]string{}
	var found []models.Account
	if err := db.Select("id", "name").Where("id IN ?", accounts).Find(&found).Error; err != nil {
		return nil, err
	}
	for _, a := range found {
		names[a.ID] = a.Name
	}
	out := make([]Pair, len(pairs))
	for i, p := range pairs {
		out[i] = Pair{TwinPair: p, A: people[p.CadreAID], B: people[p.CadreBID]}
		if p.DecidedByID != nil {
			out[i].DecidedBy = names[*p.DecidedByID]
		}
	}
	return out, nil
}

func (s *Service) people(db *gorm.DB, ids []uint64) (map[uint64]Person, error) {
	var cs []models.Cadre
	if err := db.Where("id IN ?", ids).Find(&cs).Error; err != nil {
		return nil, err
	}
	out := make(map[uint64]Person, len(cs))
	for _, c := range cs {
		end, err := s.Roster.IDEnd(c)
		if err != nil {
			return nil, err
		}
		out[c.ID] = Person{ID: c.ID, FullName: c.FullName, BirthYear: c.BirthYear, BirthDay: c.BirthDay, IDEnd: end}
	}
	var at []struct {
		CadreID      uint64
		Organisation string
		Title        string
	}
	err := db.Table("postings p").Joins("JOIN organisations o ON o.id = p.organisation_id").Where("p.cadre_id IN ? AND p.main = ?", ids, true).
		Select("p.cadre_id, o.name AS organisation, p.title").Order("p.from_day, p.id").Scan(&at).Error
	for _, x := range at { // the latest stays
		p := out[x.CadreID]
		p.Organisation, p.Title = x.Organisation, x.Title
		out[x.CadreID] = p
	}
	return out, err
}

// decide changes an open pair, or one that do says otherwise of, under its lock.
func (s *Service) decide(ctx context.Context, actor access.Actor, id uint64, from models.TwinState, do func(tx *store.Tx, p *models.TwinPair) error) error {
	if err := mayReview(actor); err != nil {
		return err
	}
	_, err := s.DB.Write(ctx, actor.By, func(tx *store.Tx) (uint64, error) {
		if err := roster.OneWriter(tx); err != nil {
			return 0, err
		}
		var p models.TwinPair
		err := tx.Lock().Take(&p, id).Error
		if errors.Is(err, gorm.ErrRecordNotFound) {
			return 0, errs.NotFound("twin")
		}
		if err != nil {
			return 0, err
		}
		if p.State != from {
			return 0, errs.Conflict("twin_decided")
		}
		if err := do(tx, &p); err != nil {
			return 0, err
		}
		return id, tx.Model(&p).Select("state", "decided_by_id", "decided_at").Updates(&p).Error
	})
	return err
}

// decided notes who decided what of the pair; an open one was decided by nobody.
func decided(tx *store.Tx, p *models.TwinPair, state models.TwinState) {
	p.State, p.DecidedByID, p.DecidedAt = state, nil, nil
	if state == models.TwinOpen {
		return
	}
	p.DecidedAt = new(time.Time)
	*p.DecidedAt = tx.Now
	if tx.By.AccountID != 0 {
		p.DecidedByID = &tx.By.AccountID
	}
}

// Distinct says that the two are two people: the pair leaves the queue for good, unless somebody takes that back. It refuses a pair that
// has been decided ("twin_decided").
func (s *Service) Distinct(ctx context.Context, actor access.Actor, id uint64) error {
	return s.decide(ctx, actor, id, models.TwinOpen, func(tx *store.Tx, p *models.TwinPair) error {
		decided(tx, p, models.TwinDistinct)
		return tx.Audit("twin.distinct", "twin", id, map[string]uint64{"a": p.CadreAID, "b": p.CadreBID})
	})
}

// Reopen takes back that the two are two people. It refuses other pairs with "twin_decided".
func (s *Service) Reopen(ctx context.Context, actor access.Actor, id uint64) error {
	return s.decide(ctx, actor, id, models.TwinDistinct, func(tx *store.Tx, p *models.TwinPair) error {
		decided(tx, p, models.TwinOpen)
		return tx.Audit("twin.reopen", "twin", id, map[string]uint64{"a": p.CadreAID, "b": p.CadreBID})
	})
}
