package identity

import (
	"context"
	"errors"
	"time"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/roster"
	"taphuan/models"
)

// Comparison is a pair side by side, with what making them one would do.
type Comparison struct {
	Pair
	Sides   [2]Side  // A and B
	Cuts    [2][]Cut // of the postings of the record that is given up, where A is kept and where B is
	Offices map[uint64]string
	Both    []BothIn // courses in which both are
	Later   int      // which side has the later main posting: the one to keep, most often
	Version string   // for Choice
	Merged  *Merged  // the merge in force
}

// Side is one of the two with what hangs on it.
type Side struct {
	*roster.CadreDetail
	OldIDKnown   bool
	Certificates []CertificateRow
	Courses      int64 // places in courses
}

// CertificateRow is a certificate of one of the two.
type CertificateRow struct {
	ID        uint64
	Serial    string
	State     models.CertificateState
	IssuedDay models.Day
}

// BothIn is a course in which both are. Neither place may go where both have marks or results.
type BothIn struct {
	CourseID uint64
	Title    string
	Blocked  bool
}

// Merged is a merge in force.
type Merged struct {
	KeptID, GoneID uint64
	At             time.Time
	By             string
}

// Compare reads a pair for its page. Out of scope is not found.
func (s *Service) Compare(ctx context.Context, actor access.Actor, id uint64) (*Comparison, error) {
	if err := mayReview(actor); err != nil {
		return nil, err
	}
	db := s.DB.Read(ctx)
	var p models.TwinPair
	err := db.Take(&p, id).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return nil, errs.NotFound("twin")
	}
	if err != nil {
		return nil, err
	}
	rows, err := s.described(db, []models.TwinPair{p})
	if err != nil {
		return nil, err
	}
	c := &Comparison{Pair: rows[0], Offices: map[uint64]string{}}
	if p.State == models.TwinMerged {
		c.Merged = &Merged{}
		return c, db.Table("cadre_merges m").Joins("LEFT JOIN accounts a ON a.id = m.merged_by_id").Where("m.twin_pair_id = ? AND m.undone_at IS NULL", id).
			Select("m.kept_id, m.gone_id, m.merged_at AS at, COALESCE(a.name, '') AS `by`").Order("m.id DESC").Limit(1).Scan(c.Merged).Error
	}
	hs, err := roster.ReadHistories(db, p.CadreAID, p.CadreBID)
	if err != nil {
		return nil, err
	}
	a, b := hs[p.CadreAID], hs[p.CadreBID]
	c.Version = version(a, b)
	c.Cuts = [2][]Cut{cuts(a, b), cuts(b, a)}
	if latest(b) > latest(a) {
		c.Later = 1
	}
	for i, cadre := range []uint64{p.CadreAID, p.CadreBID} {
		if err := s.side(ctx, actor, &c.Sides[i], cadre); err != nil {
			return nil, err
		}
		for _, x := range c.Sides[i].Postings {
			c.Offices[x.OrganisationID] = x.Organisation
		}
	}
	c.Both, err = bothIn(db, p)
	return c, err
}

// latest is the day on which the last main posting begins.
func latest(h *roster.History) models.Day {
	last := models.Day(0)
	for _, p := range h.Postings {
		if p.Main {
			last = max(last, p.FromDay)
		}
	}
	return last
}

func (s *Service) side(ctx context.Context, actor access.Actor, side *Side, id uint64) (err error) {
	if side.CadreDetail, err = s.Roster.Cadre(ctx, actor, access.IdentityReview, id); err != nil {
		return err
	}
	db := s.DB.Read(ctx)
	if err := db.Model(&models.Certificate{}).Where("cadre_id = ?", id).Order("id").Scan(&side.Certificates).Error; err != nil {
		return err
	}
	return db.Model(&models.Enrolment{}).Where("cadre_id = ?", id).Count(&side.Courses).Error
}

func bothIn(db *gorm.DB, p models.TwinPair) ([]BothIn, error) {
	var rows []struct {
		BothIn
		A, B uint64
	}
	err := db.Table("enrolments a").Joins("JOIN enrolments b ON b.course_id = a.course_id AND b.cadre_id = ?", p.CadreBID).Joins("JOIN courses c ON c.id = a.course_id").
		Where("a.cadre_id = ?", p.CadreAID).Select("c.id AS course_id, c.title, a.id AS a, b.id AS b").Order("c.first_day, c.id").Scan(&rows).Error
	if err != nil {
		return nil, err
	}
	out := make([]BothIn, len(rows))
	for i, r := range rows {
		var es []models.Enrolment
		if err := db.Where("id IN ?", []uint64{r.A, r.B}).Order("id").Find(&es).Error; err != nil {
			return nil, err
		}
		empty := 0
		for _, e := range es {
			ok, err := isEmpty(db, e)
			if err != nil {
				return nil, err
			}
			if ok {
				empty++
			}
		}
		out[i] = r.BothIn
		out[i].Blocked = empty == 0
	}
	return out, nil
}
