package identity

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"gorm.io/gorm"

	"taphuan/app/access"
	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/ledger"
	"taphuan/app/roster"
	"taphuan/app/store"
	"taphuan/models"
)

// Choice is how two records become one: which is kept, and of which record each value is; 0 is the kept one's, or the other's where the
// kept one says nothing.
type Choice struct {
	Keep    uint64
	Name    uint64
	Born    uint64
	Sex     uint64
	ID      uint64 // the national id
	OldID   uint64
	Phone   uint64
	Email   uint64
	Account uint64 // of two accounts, whose stays in use; the other is disabled
	Version string // of what the page showed
}

// References are the columns that lead to a cadre and go along as they are, by table. Postings, enrolments and accounts go along by
// rules of their own.
var References = map[string][]string{
	"completions":  {"cadre_id"},
	"certificates": {"cadre_id"},
	"recognitions": {"cadre_id"},
	"invitations":  {"substitute_cadre_id"},
}

// keyOf is the column that names a row of the table.
func keyOf(table string) string {
	if table == "invitations" {
		return "enrolment_id"
	}
	return "id"
}

// contents are the tables whose rows say that a place in a course is not empty.
var contents = []string{"marks", "mark_events", "walk_ins", "feedback_given", "quiz_tries", "completions"}

// version tells apart states of the two records.
func version(a, b *roster.History) string {
	if a.ID > b.ID {
		a, b = b, a
	}
	return fmt.Sprintf("%s.%d-%s.%d", roster.Version(a.Cadre), a.HistoryVersion, roster.Version(b.Cadre), b.HistoryVersion)
}

// Merge makes the two of an open pair one: postings, leaves, enrolments, completions, certificates and the account go along to the
// record that is kept; the other stays as a mark that leads there, on no roster, list or figure. What certificates say stays.
// It refuses a pair that has been decided ("twin_decided"), records that changed since they were shown ("stale"), two people with marks or
// results in one course ("merge_both_in_course"), an account to be disabled that has other roles ("merge_account_has_roles"), and
// what roster.History refuses of the postings.
func (s *Service) Merge(ctx context.Context, actor access.Actor, id uint64, in Choice) error {
	return s.decide(ctx, actor, id, models.TwinOpen, func(tx *store.Tx, p *models.TwinPair) error {
		hs, err := roster.LockHistories(tx, p.CadreAID, p.CadreBID)
		if err != nil {
			return err
		}
		if err := ledger.Cadres(tx, p.CadreAID, p.CadreBID); err != nil {
			return err
		}
		m := &merge{Service: s, tx: tx, actor: actor, in: in, kept: hs[p.CadreAID], gone: hs[p.CadreBID]}
		switch in.Keep {
		case p.CadreAID:
		case p.CadreBID:
			m.kept, m.gone = m.gone, m.kept
		default:
			return errs.OnField("keep", "choice")
		}
		switch {
		case m.kept.MergedIntoID != nil || m.gone.MergedIntoID != nil:
			return errs.Conflict("twin_decided")
		case in.Version != version(m.kept, m.gone):
			return errs.Conflict("stale")
		}
		m.rec = record{Kept: m.kept.Cadre, Gone: m.gone.Cadre, Moved: map[string][]uint64{}}
		for _, step := range []func() error{m.enrolments, m.accounts, m.references, m.postings, m.data} {
			if err := step(); err != nil {
				return err
			}
		}
		decided(tx, p, models.TwinMerged)
		sealed, err := s.seal(&m.rec)
		if err != nil {
			return err
		}
		row := models.CadreMerge{TwinPairID: id, KeptID: m.kept.ID, GoneID: m.gone.ID, Record: sealed, MergedAt: tx.Now, MergedByID: p.DecidedByID}
		if err := tx.Create(&row).Error; err != nil {
			return err
		}
		return tx.Audit("cadre.merge", "cadre", m.kept.ID, map[string]any{"gone": m.gone.ID, "twin": id, "gone_name": m.rec.Gone.FullName, "kept_name": m.rec.Kept.FullName})
	})
}

// merge is one merge on its way.
type merge struct {
	*Service
	tx         *store.Tx
	actor      access.Actor
	in         Choice
	kept, gone *roster.History
	rec        record
}

// enrolments moves places in courses. Where both are in one course an empty place gives way to the other: it stays with the record that
// is given up, withdrawn, and a seat that it held goes to the waiting list.
func (m *merge) enrolments() error {
	var all []models.Enrolment
	if err := m.tx.Where("cadre_id IN ?", []uint64{m.kept.ID, m.gone.ID}).Order("course_id, id").Find(&all).Error; err != nil {
		return err
	}
	kept, gone := map[uint64]models.Enrolment{}, map[uint64]models.Enrolment{} // by course
	for _, e := range all {
		if e.CadreID == m.kept.ID {
			kept[e.CourseID] = e
		} else {
			gone[e.CourseID] = e
		}
	}
	var moved []uint64
	for _, id := range slices.Sorted(maps.Keys(gone)) {
		c, err := course.Lock(m.tx, m.actor, access.EnrolmentWrite, id)
		if err != nil {
			return err
		}
		mine, both := kept[id]
		if !both {
			moved = append(moved, gone[id].ID)
			continue
		}
		if err := m.give(c, mine, gone[id]); err != nil {
			return err
		}
	}
	m.rec.Moved["enrolments.cadre_id"] = moved
	return m.tx.Model(&models.Enrolment{}).Where("id IN ?", moved).UpdateColumn("cadre_id", m.kept.ID).Error
}

// give lets one of two places in a course give way.
func (m *merge) give(c models.Course, mine, theirs models.Enrolment) error {
	way, err := emptier(m.tx, mine, theirs)
	if err != nil {
		return err
	}
	if way == nil {
		return errs.Conflict("merge_both_in_course", errs.Params{"course": c.Title})
	}
	other := theirs.ID
	if way.ID == theirs.ID {
		other = mine.ID
	} else if err := swapPlaces(m.tx, mine, theirs); err != nil {
		return err
	}
	m.rec.Gave = append(m.rec.Gave, savedPlace{Way: *way, Other: other, CourseState: c.State})
	if way.State == models.EnrolmentRefused || way.State == models.EnrolmentWithdrawn {
		return nil
	}
	set := map[string]any{"state": models.EnrolmentWithdrawn, "waiting_since": nil}
	if err := m.tx.Model(&models.Enrolment{}).Where("id = ?", way.ID).UpdateColumns(set).Error; err != nil {
		return err
	}
	if way.State == models.EnrolmentEnrolled && (c.State == models.CourseOpen || c.State == models.CourseRunning) {
		_, err = course.FillSeats(m.tx, c)
	}
	return err
}

// swapPlaces lets two cadres change places in a course. A cadre has one place in a course at every moment, so one place stands aside with
// a cadre made for that.
func swapPlaces(tx *store.Tx, a, b models.Enrolment) error {
	aside := models.Cadre{FullName: "?"}
	if err := tx.Create(&aside).Error; err != nil {
		return err
	}
	for _, x := range []struct{ place, cadre uint64 }{{a.ID, aside.ID}, {b.ID, a.CadreID}, {a.ID, b.CadreID}} {
		if err := tx.Model(&models.Enrolment{}).Where("id = ?", x.place).UpdateColumn("cadre_id", x.cadre).Error; err != nil {
			return err
		}
	}
	return tx.Delete(&aside).Error
}

// rank orders places by what they are worth.
var rank = map[models.EnrolmentState]int{models.EnrolmentEnrolled: 4, models.EnrolmentWaiting: 3, models.EnrolmentNominated: 2, models.EnrolmentWithdrawn: 1}

// emptier gives the place of two that has neither marks nor results; of two such the lesser one; nil where neither is empty.
func emptier(tx *store.Tx, a, b models.Enrolment) (*models.Enrolment, error) {
	emptyA, err := isEmpty(tx.DB, a)
	if err != nil {
		return nil, err
	}
	emptyB, err := isEmpty(tx.DB, b)
	switch {
	case err != nil, !emptyA && !emptyB:
		return nil, err
	case !emptyA || emptyB && rank[b.State] <= rank[a.State]:
		return &b, nil
	}
	return &a, nil
}

func isEmpty(db *gorm.DB, e models.Enrolment) (bool, error) {
	if e.Outcome != models.OutcomeNone || e.ScoreTenths != nil {
		return false, nil
	}
	for _, table := range contents {
		var n int64
		if err := db.Table(table).Where("enrolment_id = ?", e.ID).Count(&n).Error; err != nil || n > 0 {
			return false, err
		}
	}
	return true, nil
}

// accounts gives the kept cadre the account; of two, one stays and the other is disabled.
func (m *merge) accounts() error {
	var all []models.Account
	if err := m.tx.Lock().Where("cadre_id IN ?", []uint64{m.kept.ID, m.gone.ID}).Order("id").Find(&all).Error; err != nil {
		return err
	}
	stays := m.in.Account
	if stays != m.gone.ID {
		stays = m.kept.ID
	}
	for _, a := range all {
		m.rec.Accounts = append(m.rec.Accounts, savedAccount{a.ID, *a.CadreID, a.Disabled})
		if len(all) > 1 && *a.CadreID != stays {
			var n int64
			if err := m.tx.Model(&models.Grant{}).Where("account_id = ? AND role <> ?", a.ID, models.RoleCadre).Count(&n).Error; err != nil {
				return err
			}
			if n > 0 {
				return errs.OnField("account", "merge_account_has_roles", errs.Params{"name": a.Name})
			}
		}
	}
	if err := m.tx.Model(&models.Account{}).Where("cadre_id IN ?", []uint64{m.kept.ID, m.gone.ID}).UpdateColumn("cadre_id", nil).Error; err != nil {
		return err
	}
	for i, a := range all {
		set := map[string]any{"cadre_id": m.kept.ID}
		if len(all) > 1 && m.rec.Accounts[i].CadreID != stays {
			set = map[string]any{"cadre_id": m.gone.ID, "disabled": true, "epoch": a.Epoch + 1}
		}
		if err := m.tx.Model(&models.Account{}).Where("id = ?", a.ID).UpdateColumns(set).Error; err != nil {
			return err
		}
	}
	return nil
}

// references moves what leads to the cadre and needs no rule.
func (m *merge) references() error {
	// Each may have brought the same paper. Both stay, told apart by the second's id: who reviews completions may void one of them.
	err := m.tx.Exec("UPDATE recognitions SET live_paper_key = CONCAT(paper_key, '#', id) WHERE cadre_id = ? AND live_paper_key IN"+
		" (SELECT k FROM (SELECT live_paper_key AS k FROM recognitions WHERE cadre_id = ?) held)", m.gone.ID, m.kept.ID).Error
	if err != nil {
		return err
	}
	for table, columns := range References {
		for _, column := range columns {
			var ids []uint64
			if err := m.tx.Table(table).Where(column+" = ?", m.gone.ID).Order(keyOf(table)).Pluck(keyOf(table), &ids).Error; err != nil {
				return err
			}
			m.rec.Moved[table+"."+column] = ids
			if err := m.tx.Table(table).Where(column+" = ?", m.gone.ID).UpdateColumn(column, m.kept.ID).Error; err != nil {
				return err
			}
		}
	}
	return nil
}

func (m *merge) postings() error {
	m.rec.KeptPostings, m.rec.GonePostings = savePostings(m.kept.Postings), savePostings(m.gone.Postings)
	for _, c := range cuts(m.kept, m.gone) {
		m.kept.Postings = append(m.kept.Postings, c.pieces()...)
	}
	m.gone.Postings = nil
	if err := roster.SaveHistories(m.tx, m.gone, m.kept); err != nil {
		return err
	}
	m.rec.After = savePostings(m.kept.Postings)
	return nil
}

// data gives the kept record the values that were chosen. The ids of the other stay with it, so that lists in which they stand lead to
// the kept one.
func (m *merge) data() error {
	was := m.rec.Kept
	k, g := was, m.rec.Gone
	theirs := func(chosen uint64, empty bool) bool { return chosen == g.ID || chosen == 0 && empty }
	if theirs(m.in.Name, false) {
		k.FullName = g.FullName
	}
	if theirs(m.in.Born, k.BirthYear == 0) {
		k.BirthYear, k.BirthDay = g.BirthYear, g.BirthDay
	}
	if theirs(m.in.Sex, k.Sex == models.SexUnknown) {
		k.Sex = g.Sex
	}
	if theirs(m.in.ID, k.NationalIDHash == nil) {
		k.NationalIDHash, k.NationalIDSealed = g.NationalIDHash, g.NationalIDSealed
		g.NationalIDHash, g.NationalIDSealed = was.NationalIDHash, was.NationalIDSealed
	}
	if theirs(m.in.OldID, k.OldIDHash == nil) {
		k.OldIDHash, k.OldIDSealed = g.OldIDHash, g.OldIDSealed
		g.OldIDHash, g.OldIDSealed = was.OldIDHash, was.OldIDSealed
	}
	if theirs(m.in.Phone, k.Phone == "") {
		k.Phone = g.Phone
	}
	if theirs(m.in.Email, k.Email == "") {
		k.Email = g.Email
	}
	k.TwinsSought, g.MergedIntoID = false, &k.ID
	if err := writeCadres(m.tx, &k, &g); err != nil {
		return err
	}
	m.rec.KeptVersion, m.rec.GoneVersion = roster.Version(k), roster.Version(g)
	return roster.SeekTwins(m.tx)
}

// writeCadres writes the own data of cadres whose ids may change places.
func writeCadres(tx *store.Tx, cs ...*models.Cadre) error {
	for _, c := range cs {
		if err := tx.Model(&models.Cadre{}).Where("id = ?", c.ID).UpdateColumn("national_id_hash", nil).Error; err != nil {
			return err
		}
	}
	for _, c := range cs {
		err := tx.Model(c).Select("*").Omit("id", "created_at", "history_version").Updates(c).Error
		if errors.Is(err, gorm.ErrDuplicatedKey) {
			return errs.Conflict("merge_data_changed") // a third record has taken the id
		}
		if err != nil {
			return err
		}
	}
	return nil
}
